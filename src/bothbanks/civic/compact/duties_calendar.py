"""Days and deadlines: when a day ends in a member's zone, what a month later is, which days count.

A deadline is a *day*; it has passed when that day is over where its owner is. Months are calendar months: the
same date some months on, or the last day of that month where it has no such date (Regulation (EEC, Euratom)
No 1182/71, Article 3(2)(c); its text was not read again here: assumed). ``dateutil.relativedelta`` counts
them. Whether a last day that is a Saturday, Sunday or holiday moves to the next working day (Article 3(4) of
the same regulation, as quoted in the recitals of Regulation (EEC) No 343/85) is a choice of the agreement,
stated in its ``WorkCalendar``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.relativedelta import relativedelta  # type: ignore[import-untyped]

from bothbanks.words.errors import RangeError

AS_IT_FALLS, NEXT_WORKING_DAY = "as-it-falls", "next-working-day"
LastDay = Literal["as-it-falls", "next-working-day"]


def add_months(day: date, months: int) -> date:
    """The same date some months on; the last day of that month where it has no such date.

    >>> add_months(date(2026, 12, 31), 2).isoformat(), add_months(date(2026, 1, 15), 6).isoformat()
    ('2027-02-28', '2026-07-15')
    """
    moved: date = day + relativedelta(months=months)
    return moved


@dataclass(frozen=True)
class WorkCalendar:
    """How days are counted for one owner: its IANA zone, and what a last day off does.

    ``holidays`` are 'MM-DD' (each year) or 'YYYY-MM-DD' (that year only); they matter for the rule
    'next-working-day' alone.

    Raises
    ------
    RangeError
        An unknown zone, or a holiday that is no day.

    Examples
    --------
    The clocks go forward on 29 March 2026, so that day has 23 hours:

    >>> brussels = WorkCalendar("Europe/Brussels")
    >>> brussels.end_of(date(2026, 3, 28)).isoformat(), brussels.end_of(date(2026, 3, 29)).isoformat()
    ('2026-03-28T23:00:00+00:00', '2026-03-29T22:00:00+00:00')
    """

    zone: str
    last_day: LastDay = "as-it-falls"
    holidays: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise RangeError(
                "duties.zone", f"'{self.zone}' is no zone; give an IANA name, such as Europe/Brussels."
            ) from error
        for day in self.holidays:
            try:
                date.fromisoformat(day if len(day) == 10 else f"2000-{day}")
            except ValueError as error:
                raise RangeError(
                    "duties.holiday", f"'{day}' is no day; give MM-DD for every year, or YYYY-MM-DD."
                ) from error

    def works(self, day: date) -> bool:
        """Neither Saturday, Sunday nor a stated holiday."""
        off = {day.isoformat(), day.isoformat()[5:]} & self.holidays
        return day.weekday() < 5 and not off

    def moved(self, day: date) -> date:
        """The last day as it counts: itself, or the next working day where the agreement says so.

        >>> WorkCalendar("Europe/Berlin", "next-working-day", frozenset({"10-03"})).moved(date(2026, 10, 3))
        datetime.date(2026, 10, 5)
        """
        while self.last_day == NEXT_WORKING_DAY and not self.works(day):
            day += timedelta(days=1)
        return day

    def end_of(self, day: date) -> datetime:
        """The first instant after the day, in UTC."""
        midnight = datetime.combine(day + timedelta(days=1), time.min, tzinfo=ZoneInfo(self.zone))
        return midnight.astimezone(UTC)

    def day_of(self, at: datetime) -> date:
        """The day it is there at an instant."""
        return at.astimezone(ZoneInfo(self.zone)).date()


@dataclass(frozen=True)
class Once:
    """Due on one day."""

    day: date
    kind: Literal["once"] = "once"


@dataclass(frozen=True)
class Every:
    """Due on a date and every so many calendar months after it, always counted from the first.

    ``until`` is the last day on which it can be due; None: for ever.

    Raises
    ------
    RangeError
        Less than a month, or an end before the first day.
    """

    first: date
    months: int
    until: date | None = None
    kind: Literal["every"] = "every"

    def __post_init__(self) -> None:
        if self.months < 1 or (self.until is not None and self.until < self.first):
            raise RangeError(
                "duties.rule",
                f"due every {self.months} months from {self.first} until {self.until}; expected a month or "
                "more, and an end on or after the first day.",
            )

    def days(self) -> Iterator[tuple[int, date]]:
        """(number from 1, day), one after the other.

        >>> from itertools import islice
        >>> [day.isoformat() for _, day in islice(Every(date(2026, 8, 31), 6).days(), 3)]
        ['2026-08-31', '2027-02-28', '2027-08-31']
        """
        for k in count():
            day = add_months(self.first, k * self.months)
            if self.until is not None and day > self.until:
                return
            yield k + 1, day

    def after(self, number: int) -> tuple[int, date] | None:
        """The one that follows a number; None after the last."""
        day = add_months(self.first, number * self.months)
        return None if self.until is not None and day > self.until else (number + 1, day)


@dataclass(frozen=True)
class After:
    """Due so many months and days after an event, whose own day does not count (Article 3(1)).

    The event is named ('adoption', 'flood-warning'); the duty waits until it is said to have happened.

    Raises
    ------
    RangeError
        A negative number of months or days.
    """

    event: str
    days: int = 0
    months: int = 0
    kind: Literal["after"] = "after"

    def __post_init__(self) -> None:
        if self.days < 0 or self.months < 0:
            raise RangeError(
                "duties.rule", f"due {self.months} months and {self.days} days after; expected 0 or more."
            )

    def day(self, happened: date) -> date:
        """The last day, counted from the day of the event."""
        return add_months(happened, self.months) + timedelta(days=self.days)


When = Once | Every | After
