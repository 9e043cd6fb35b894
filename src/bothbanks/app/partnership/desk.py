"""What a use case has in its hands during one transaction, and what a view reads from."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from bothbanks.civic.changes import Change
from bothbanks.civic.compact.members import RegionFacts
from bothbanks.civic.compact.roles import CLOCK, Actor
from bothbanks.record.entries import Entry
from bothbanks.store.interface import Kept, Logged, Reading, Writing

T = TypeVar("T")
NewId = Callable[[datetime], str]


def uuid7(at: datetime) -> str:
    """A UUID version 7 (RFC 9562, section 5.7): milliseconds since 1970, then 74 random bits.

    >>> from datetime import UTC
    >>> uuid7(datetime(2026, 11, 24, tzinfo=UTC))[:15]
    '01a20ada-2c00-7'
    """
    milliseconds = int(at.timestamp() * 1000)
    bits = milliseconds << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)
    return str(UUID(int=bits))


@dataclass(frozen=True)
class Done:
    """A step was taken: what it was about, and what the one who took it is told."""

    subject: str  # '<kind>/<id>'
    answer: Mapping[str, object] = field(default_factory=dict)
    waits: bool = False  # kept back until a second person confirms


def signs_as(actor: Actor, member: str | None = None) -> str:
    """How the record names who acted: the role and the member, never the person.

    >>> signs_as(CLOCK)
    'clock'
    """
    if actor == CLOCK:
        return "clock"
    held = [m for m in actor.mandates if member is None or m.member in ("", member)] or list(actor.mandates)
    if not held:
        return "public" if not actor.person else "signed-in"
    return f"{held[0].role}@{held[0].member}" if held[0].member else held[0].role


@dataclass(frozen=True)
class Reader:
    """A consistent view of the partnership's state at one moment."""

    store: Reading
    region: RegionFacts
    at: datetime

    def load(self, kind: type[T], id: str) -> Kept[T]:
        """The object of that kind and id. Raises MissingError."""
        return self.store.load(kind, id)

    def all(
        self,
        kind: type[T],
        *,
        parent: str | None = None,
        status: str | None = None,
        owner: str | None = None,
        due_before: datetime | None = None,
    ) -> list[Kept[T]]:
        """Every object of the kind that fits, oldest first."""
        return self.store.all(kind, parent=parent, status=status, owner=owner, due_before=due_before)

    def entries_about(self, subject: str) -> list[Logged]:
        """What the record holds about a subject ('vote/<id>'), in order."""
        return self.store.entries_about(subject)


@dataclass(frozen=True)
class Desk(Reader):
    """A reader that may also change things, all in one transaction, in one person's (or the clock's) name."""

    store: Writing
    actor: Actor
    member: str | None = None  # the member the step speaks for, where it names one
    make_id: NewId = uuid7

    def new_id(self) -> str:
        """A new identifier, later than those before it."""
        return self.make_id(self.at)

    def keep(self, id: str, change: Change[T], was: Kept[T] | None) -> int:
        """Save the new state and append its entries; the new version.

        Raises ConflictError where someone else changed (or made) the object first.
        """
        version = self.store.save(type(change.state), id, change.state, was.version if was else None)
        self.record(*change.entries)
        return version

    def record(self, *entries: Entry) -> Sequence[int]:
        """Append entries; their places in the record."""
        by = signs_as(self.actor, self.member)
        return [self.store.append(entry, self.at, by, self.actor.person) for entry in entries]

    def forget(self, kind: type[T], id: str) -> None:
        """Delete an object; its entries in the record stay."""
        self.store.forget(kind, id)
