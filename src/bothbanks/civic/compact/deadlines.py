"""A date that somebody has to keep, as the calendar shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True)
class Deadline:
    """When, whose, and where to read more.

    ``message`` is an English sentence with {places}, the id of its translations; ``values`` fill them:
    plain text, or words by language. ``when`` is a day, or an aware instant in UTC.
    """

    id: str
    when: date | datetime
    message: str
    path: str  # its page, without the language
    member: str = ""  # '' is the whole partnership
    article: str = ""
    values: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)

    @property
    def day(self) -> date:
        """The day it falls on (UTC, for an instant)."""
        return self.when.date() if isinstance(self.when, datetime) else self.when
