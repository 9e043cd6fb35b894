"""A dispute as it stands: parties, what it is about, the stages with their clocks, papers, panel, outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Literal

from bothbanks.civic.compact.duties_calendar import WorkCalendar, add_months
from bothbanks.words.errors import RangeError

TALKS, MEDIATION, PANEL, ARBITRATION = "talks", "mediation", "panel", "arbitration"
STAGES = (TALKS, MEDIATION, PANEL, ARBITRATION)
StageName = Literal["talks", "mediation", "panel", "arbitration"]

OPEN, SETTLED, WITHDRAWN, DECIDED = "open", "settled", "withdrawn", "decided"
SUBJECTS = ("duty", "payment", "measurement", "article")
SubjectKind = Literal["duty", "payment", "measurement", "article"]
ACCESS = ("public", "parties", "panel")
Access = Literal["public", "parties", "panel"]
FINDINGS = ("upheld", "partly", "dismissed")
Finding = Literal["upheld", "partly", "dismissed"]

CHAIR = "chair"
BY_SEATS, BY_PRESIDENCY = "agreed", "presidency"
ChairRule = Literal["agreed", "presidency"]


@dataclass(frozen=True)
class Stage:
    """One stage, and the months and days after which it has run out. In a panel they run from its seating."""

    name: StageName
    days: int
    months: int = 0

    def last_day(self, begun: date) -> date:
        """Its last day, where it begins on a day."""
        return add_months(begun, self.months) + timedelta(days=self.days)


@dataclass(frozen=True)
class Procedure:
    """What the article says about disputes.

    ``each_names`` people are named by each side, and a chair is found by ``chair``: 'agreed' by those named,
    or 'presidency': by the member that presides, which must be no party. ``seat_days`` run from the
    beginning of the panel's stage.

    Raises
    ------
    RangeError
        No stages, stages out of their order, less than a day, or nobody named.
    """

    article: str
    stages: tuple[Stage, ...]
    each_names: int = 1
    seat_days: int = 30
    chair: ChairRule = "agreed"

    def __post_init__(self) -> None:
        names = [s.name for s in self.stages]
        if not names or names != [s for s in STAGES if s in names]:
            raise RangeError(
                "disputes.stages",
                f"stages {', '.join(names) or 'none'}; expected some of {', '.join(STAGES)}, in this order.",
            )
        if min(s.days + s.months for s in self.stages) < 1 or self.seat_days < 1 or self.each_names < 1:
            raise RangeError("disputes.days", "a stage of no day or a panel of nobody; give 1 or more.")


@dataclass(frozen=True)
class Paper:
    """A document by its SHA-256, what it shows, by whom, and who may read it."""

    sha256: str
    words: str
    by: str
    access: Access
    at: datetime


@dataclass(frozen=True)
class Seat:
    """One seat of the panel: who named it, and to which members its holder is tied (by its declaration).

    ``name`` is personal data: it is kept in the state, never in an entry's body.
    """

    seat: str
    named_by: str
    ties: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True)
class Judgement:
    """What was found: how many votes for and against, why, what is to be done, who bears which cost."""

    finding: Finding
    votes_for: int
    votes_against: int
    reasons: str
    remedy: str
    costs: Mapping[str, Fraction]
    at: datetime


@dataclass(frozen=True)
class Dispute:
    """A dispute between members, by the procedure of an article.

    ``overdue`` holds what the clock has named as overdue. ``agreed`` holds the parties that agreed to the
    ``settlement`` (the SHA-256 of its text).
    """

    id: str
    procedure: Procedure
    claimant: str
    respondents: tuple[str, ...]
    about: SubjectKind
    subject: str
    words: str
    calendar: WorkCalendar
    opened: datetime
    stage: int
    stage_since: datetime
    state: str = OPEN
    papers: tuple[Paper, ...] = ()
    panel: tuple[Seat, ...] = ()
    seated: datetime | None = None
    challenged: tuple[str, ...] = ()
    overdue: tuple[str, ...] = ()
    settlement: str = ""
    agreed: tuple[str, ...] = ()
    judgement: Judgement | None = None
    last: datetime | None = None

    @property
    def parties(self) -> tuple[str, ...]:
        """The claimant, then the respondents."""
        return (self.claimant, *self.respondents)

    @property
    def at_stage(self) -> Stage:
        """The stage it is in."""
        return self.procedure.stages[self.stage]

    @property
    def last_stage(self) -> bool:
        """Nothing follows but a decision."""
        return self.stage == len(self.procedure.stages) - 1

    @property
    def stage_ends(self) -> datetime:
        """When the stage has run out; a panel's days run from its seating, or the last day to seat it."""
        begun = self.calendar.day_of(self.stage_since)
        if self.at_stage.name == PANEL:
            begun += timedelta(days=self.procedure.seat_days)
            if self.seated is not None:
                begun = self.calendar.day_of(self.seated)
        return self.calendar.end_of(self.calendar.moved(self.at_stage.last_day(begun)))

    @property
    def seat_by(self) -> datetime | None:
        """When the panel must be seated; None where none is to be."""
        if self.at_stage.name != PANEL or self.seated is not None:
            return None
        day = self.calendar.day_of(self.stage_since) + timedelta(days=self.procedure.seat_days)
        return self.calendar.end_of(self.calendar.moved(day))

    @property
    def next_deadline(self) -> datetime | None:
        """The next instant at which the clock does something."""
        found = clock_of(self)
        return None if found is None else found[0]


def clock_of(dispute: Dispute) -> tuple[datetime, str] | None:
    """(instant, what): 'seat' overdue, 'moved-on' to the next stage, or 'decision' overdue; None: nothing."""
    if dispute.state != OPEN:
        return None
    found: list[tuple[datetime, str]] = []
    if dispute.seat_by is not None and "seat" not in dispute.overdue:
        found.append((dispute.seat_by, "seat"))
    if not dispute.last_stage:
        found.append((dispute.stage_ends, "moved-on"))
    elif "decision" not in dispute.overdue:
        found.append((dispute.stage_ends, "decision"))
    return min(found, default=None)
