"""A duty as it stands: who owes what by which article, the ladder that follows a missed day, its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from bothbanks.civic.compact.duties_calendar import After, When, WorkCalendar
from bothbanks.civic.compact.roles import ROLES
from bothbanks.words.errors import RangeError

REMIND, ESCALATE, MEDIATE = "remind", "escalate", "mediate"
ARBITRATE, SUSPEND = "arbitrate", "suspend"
ACTIONS = (REMIND, ESCALATE, MEDIATE, ARBITRATE, SUSPEND)
Action = Literal["remind", "escalate", "mediate", "arbitrate", "suspend"]

NEVER_SUSPENDED = ("emergency-sharing", "warnings", "mutual-aid")
"""Rights that no missed duty takes away: in an emergency everybody is told and helped."""

SUSPENDABLE = ("vote", "propose", "ask-data")
"""Rights that a ladder may suspend: to vote, to propose a vote or a text, to ask others for their data."""

DONE, WAIVED, ENDED = "done", "waived", "ended"
WAITING, OPEN, CLOSED = "waiting", "open", "closed"
DOCUMENT, RECORD = "document", "record"


@dataclass(frozen=True)
class Step:
    """One rung: what follows, how many calendar days after the last day, to whom it goes.

    A step of a negative number of days comes before the last day, and can only remind. ``suspends`` names
    the one right that the article lets rest until the duty is met, for the step 'suspend' only.

    Raises
    ------
    RangeError
        An early step other than a reminder; a suspension of no right, of one that is never suspended, or
        of one that no step asks for.
    """

    action: Action
    days: int
    to: str = ""
    suspends: str = ""

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise RangeError("duties.step", f"'{self.action}' is none of {', '.join(ACTIONS)}.")
        if self.days < 0 and self.action != REMIND:
            raise RangeError(
                "duties.step-days",
                f"'{self.action}' {-self.days} days before the last day; only a reminder can come early.",
            )
        if (self.action == SUSPEND) != bool(self.suspends):
            raise RangeError(
                "duties.suspension",
                f"a step '{self.action}' that suspends '{self.suspends}'; name the right in a step "
                "'suspend', and in no other.",
            )
        if self.suspends in NEVER_SUSPENDED:
            raise RangeError(
                "duties.never-suspended",
                f"'{self.suspends}' is never suspended: {', '.join(NEVER_SUSPENDED)} go on whatever is owed.",
            )
        if self.suspends and self.suspends not in SUSPENDABLE:
            raise RangeError(
                "duties.unknown-right",
                f"'{self.suspends}' is no right that can rest; name one of {', '.join(SUSPENDABLE)}.",
            )


@dataclass(frozen=True)
class Evidence:
    """What shows that the duty was done: a document by its SHA-256, or an entry of the record."""

    kind: Literal["document", "record"]
    reference: str
    words: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Taken:
    """A rung that was taken: its place on the ladder, what it was, and its instant."""

    place: int
    action: Action
    at: datetime


@dataclass(frozen=True)
class Occurrence:
    """One time that the duty falls due.

    ``begin`` is the first rung that counts: early reminders whose day was over when it fell due are left
    out. ``stood_days`` are the days by which the ladder runs later: while evidence was read, and where the
    last day was over before the duty was taken up.
    """

    number: int
    due: date
    begin: int = 0
    taken: tuple[Taken, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    waits_since: datetime | None = None  # evidence lies before whoever accepts it
    stood_days: int = 0
    extended: tuple[str, ...] = ()  # decisions
    closed: datetime | None = None
    closed_as: str = ""
    decision: str = ""

    @property
    def suspended(self) -> bool:
        """A right rests because of it."""
        return self.closed is None and any(t.action == SUSPEND for t in self.taken)


@dataclass(frozen=True)
class Duty:
    """What a member owes by an article of the agreement.

    ``title`` and ``asks`` (what evidence closes it) are words by language; ``accepted_by`` is the role that
    reads the evidence, never of the owner itself. ``about`` points to what it belongs to ('measure/levee').
    ``begins`` names the event with which it comes into being ('adoption'); '' at once.

    Raises
    ------
    RangeError
        No owner or article, a ladder that goes back in days, or a role that does not exist.
    """

    id: str
    owner: str
    article: str
    title: Mapping[str, str]
    asks: Mapping[str, str]
    rule: When
    ladder: tuple[Step, ...]
    accepted_by: str
    calendar: WorkCalendar
    since: datetime
    about: str = ""
    begins: str = ""
    occurrences: tuple[Occurrence, ...] = ()
    last: datetime | None = None
    ended: str = ""  # the decision that ended it

    def __post_init__(self) -> None:
        if not self.owner or not self.article:
            raise RangeError(
                "duties.owner",
                f"duty '{self.id}' has no owner or no article; a duty is somebody's, by a text.",
            )
        if self.accepted_by not in ROLES:
            raise RangeError("duties.role", f"'{self.accepted_by}' is none of {', '.join(ROLES)}.")
        days = [s.days for s in self.ladder]
        if days != sorted(days):
            raise RangeError(
                "duties.ladder", f"the steps of duty '{self.id}' come after {days} days; put them in order."
            )

    @property
    def status(self) -> str:
        """'closed' where it has ended or nothing of it is open or to come, else 'open' or 'waiting'."""
        if self.ended:
            return CLOSED
        if any(o.closed is None for o in self.occurrences):
            return OPEN
        return WAITING if (self.begins or isinstance(self.rule, After)) and not self.occurrences else CLOSED

    @property
    def open(self) -> tuple[Occurrence, ...]:
        """Occurrences that nothing has closed yet, the earliest first."""
        return tuple(o for o in self.occurrences if o.closed is None)

    @property
    def due(self) -> date | None:
        """The earliest day that is still open, as it counts (moved where the agreement says so)."""
        return min((self.calendar.moved(o.due) for o in self.open), default=None)

    def last_instant(self, occurrence: Occurrence) -> datetime:
        """When the last day is over where the owner is."""
        return self.calendar.end_of(self.calendar.moved(occurrence.due))

    def instant_of(self, occurrence: Occurrence, place: int) -> datetime:
        """When a rung of the ladder is due, the days that evidence was being read left out."""
        days = self.ladder[place].days + occurrence.stood_days
        return self.calendar.end_of(self.calendar.moved(occurrence.due) + timedelta(days=days))

    def next_step(self, occurrence: Occurrence) -> tuple[int, datetime] | None:
        """(place of the next rung, its instant); None where nothing follows, or evidence is being read."""
        if occurrence.closed is not None or occurrence.waits_since is not None:
            return None
        place = max((t.place + 1 for t in occurrence.taken), default=occurrence.begin)
        return (place, self.instant_of(occurrence, place)) if place < len(self.ladder) else None

    def fallen_due(self, number: int, due: date, at: datetime) -> Occurrence:
        """A new occurrence as it begins at an instant: no reminder before it, no ladder from before it."""
        day = self.calendar.moved(due)
        stood = (self.calendar.day_of(at) - day).days if self.calendar.end_of(day) <= at else 0
        new = Occurrence(number, due, stood_days=stood)
        early = [k for k, s in enumerate(self.ladder) if s.days < 0 and self.instant_of(new, k) <= at]
        return Occurrence(number, due, begin=len(early), stood_days=stood)
