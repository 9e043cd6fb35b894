"""Where the time comes from: the machine, or a hand that a test moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def machine_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


@dataclass
class SetClock:
    """A clock that stands still until it is moved: for tests, drills and rehearsals."""

    now: datetime

    def __call__(self) -> datetime:
        """The moment it was set to."""
        return self.now

    def set(self, now: datetime) -> None:
        """Move to that moment."""
        self.now = now

    def advance(self, **step: float) -> None:
        """Move on by days=, hours=, minutes= ..."""
        self.now += timedelta(**step)
