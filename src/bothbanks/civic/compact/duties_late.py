"""What is late and whose; what comes next; which rights rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from bothbanks.civic.compact.duties_state import Duty, Occurrence, Step


@dataclass(frozen=True)
class Standing:
    """One open occurrence as it stands at an instant.

    ``late_days`` counts whole days since the last day was over, 0 while it is not; ``reading``: evidence
    lies before whoever accepts it, and the clock stands still. ``next_step`` is None at the ladder's top.
    """

    duty: Duty
    occurrence: Occurrence
    due: date
    late: bool
    late_days: int
    reading: bool
    next_step: Step | None
    next_at: datetime | None


@dataclass(frozen=True)
class Suspension:
    """A right that rests: whose, which, since when, by which duty and article."""

    member: str
    right: str
    since: datetime
    duty: str
    article: str


def standing(duty: Duty, occurrence: Occurrence, at: datetime) -> Standing:
    """How one open occurrence stands."""
    over = duty.last_instant(occurrence)
    reading = occurrence.waits_since is not None
    due = duty.calendar.moved(occurrence.due)
    late = over <= at and not reading
    following = duty.next_step(occurrence)
    return Standing(
        duty,
        occurrence,
        due,
        late,
        (duty.calendar.day_of(at) - due).days if late else 0,
        reading,
        None if following is None else duty.ladder[following[0]],
        None if following is None else following[1],
    )


def open_ones(duties: Iterable[Duty], at: datetime) -> tuple[Standing, ...]:
    """Everything open, what is late first, the longest first; then by day."""
    found = [standing(d, o, at) for d in duties if not d.ended for o in d.open]
    return tuple(sorted(found, key=lambda s: (not s.late, s.due, s.duty.owner, s.duty.id)))


def late(duties: Iterable[Duty], at: datetime, owner: str = "") -> tuple[Standing, ...]:
    """What is late and whose, the longest first.

    Examples
    --------
    >>> late((), datetime(2026, 1, 1))
    ()
    """
    return tuple(s for s in open_ones(duties, at) if s.late and owner in ("", s.duty.owner))


def suspensions(duties: Iterable[Duty], at: datetime) -> tuple[Suspension, ...]:
    """Rights that rest at an instant, each with the article that says so."""
    return tuple(
        Suspension(d.owner, d.ladder[t.place].suspends, t.at, d.id, d.article)
        for d in duties
        if not d.ended
        for o in d.open
        for t in o.taken
        if t.action == "suspend" and t.at <= at
    )


def rests(duties: Iterable[Duty], member: str, right: str, at: datetime) -> Suspension | None:
    """The suspension of one right of one member, None where it may be used."""
    return next((s for s in suspensions(duties, at) if s.member == member and s.right == right), None)
