"""What every civic step comes to: a change of state with its record entries, or a refusal with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from bothbanks.record.entries import Entry

State = TypeVar("State", covariant=True)
Cause = Literal["rule", "conflict", "forbidden", "missing"]


@dataclass(frozen=True)
class Refusal:
    """Why a step can't be taken: a stable code, the reason, and what would put it right.

    ``reason`` is an English sentence with ``{places}`` for ``values``: it is also the message id under which
    the other languages are found. ``cause`` tells a rule of the agreement from someone else having been
    first (conflict), from a right that is wanting (forbidden), and from a thing that is not there (missing).

    Examples
    --------
    >>> print(Refusal("votes.closed", "the vote ended on {day}.", {"day": "2026-11-01"}))
    [votes.closed] the vote ended on 2026-11-01.
    """

    code: str
    reason: str
    values: Mapping[str, object] = field(default_factory=dict)
    cause: Cause = "rule"

    @property
    def words(self) -> str:
        """The reason in English, its values filled in."""
        return self.reason.format(**self.values) if self.values else self.reason

    def __str__(self) -> str:
        return f"[{self.code}] {self.words}"


@dataclass(frozen=True)
class Change(Generic[State]):
    """The state after a step, and what the record keeps of it."""

    state: State
    entries: tuple[Entry, ...]
