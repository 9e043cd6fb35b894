"""A claim against a computed payment: (state, command) -> (new state, entries), or a refusal with its reason.

Two routes share it. A *basis-risk claim* says that a trigger paid too little for what was lost; a *dispute of
an outcome grant* says that the measured value or the formula was wrong. Nothing here reads a clock: every
command carries its day, and days are calendar days. Clocks that remind and escalate come from the agreement;
here a step after its last day is refused where the claimant is late, and marked late where the panel is.

    filed -> evidence (more ...) -> panel -> awarded -> paid
      |         |                     `----> refused
      `---------`-> withdrawn, by the claimant, until a panel is seated
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from bothbanks.civic.changes import Refusal
from bothbanks.words.errors import RangeError

FILED, EVIDENCE, PANEL = "filed", "evidence", "panel"
AWARDED, REFUSED, PAID, WITHDRAWN = "awarded", "refused", "paid", "withdrawn"
CLOSED = (REFUSED, PAID, WITHDRAWN)
STATES = (FILED, EVIDENCE, PANEL, AWARDED, *CLOSED)


@dataclass(frozen=True)
class Route:
    """What the agreement says about such claims: days, the panel, and the most that can be awarded.

    ``file_days`` run from the day of the statement, ``evidence_days`` and ``panel_days`` from filing,
    ``decide_days`` from the seating of the panel. ``cap_minor`` is in whole minor units.

    Raises
    ------
    RangeError
        A negative number of days or cap, or a panel of an even number (it could not decide).
    """

    kind: str  # basis-risk, outcome-grant
    article: str
    file_days: int
    evidence_days: int
    panel_days: int
    decide_days: int
    panel_size: int
    cap_minor: int
    currency: str

    def __post_init__(self) -> None:
        days = (self.file_days, self.evidence_days, self.panel_days, self.decide_days)
        if min(days) < 0 or self.cap_minor < 0:
            raise RangeError(
                "claim.route", f"a route with days {days} and a cap of {self.cap_minor}; expected 0 or more."
            )
        if self.panel_size < 1 or self.panel_size % 2 == 0:
            raise RangeError(
                "claim.panel-size", f"a panel of {self.panel_size} can't decide; give an odd number."
            )
        if self.evidence_days > self.panel_days:
            raise RangeError(
                "claim.route",
                f"evidence may be added for {self.evidence_days} days, but the panel is seated by day "
                f"{self.panel_days}; let the panel come later.",
            )


@dataclass(frozen=True)
class Subject:
    """What is claimed against: the statement by its hash, its day, and who has a part in it."""

    statement_sha256: str
    stated_on: date
    members: tuple[str, ...]


@dataclass(frozen=True)
class FileClaim:
    """A member asks for more, in whole minor units."""

    when: date
    claimant: str
    amount_minor: int
    reason: str


@dataclass(frozen=True)
class AddEvidence:
    """A document by its hash, and what it shows."""

    when: date
    by: str
    sha256: str
    shows: str


@dataclass(frozen=True)
class SeatPanel:
    """The people of the panel, each with the member (or body) that named them."""

    when: date
    people: Mapping[str, str]


@dataclass(frozen=True)
class Decide:
    """Each panellist's vote, what a majority awards (0 to refuse), and why."""

    when: date
    votes: Mapping[str, bool]
    award_minor: int
    reasons: str


@dataclass(frozen=True)
class PayAward:
    """The award was paid: the identifier of the payment and its amount."""

    when: date
    payment: str
    amount_minor: int


@dataclass(frozen=True)
class Withdraw:
    """The claimant gives up."""

    when: date
    by: str


Command = AddEvidence | SeatPanel | Decide | PayAward | Withdraw


@dataclass(frozen=True)
class Claim:
    """A claim as it stands."""

    route: Route
    subject: Subject
    claimant: str
    amount_minor: int
    reason: str
    state: str
    filed: date
    evidence: tuple[AddEvidence, ...] = ()
    panel: Mapping[str, str] | None = None
    seated: date | None = None
    award_minor: int = 0
    last: date | None = None  # day of the last step

    @property
    def deadlines(self) -> dict[str, date]:
        """Last day of each step that has one by now."""
        days = {
            "evidence": self.filed + timedelta(days=self.route.evidence_days),
            "panel": self.filed + timedelta(days=self.route.panel_days),
        }
        if self.seated is not None:
            days["decision"] = self.seated + timedelta(days=self.route.decide_days)
        return days


@dataclass(frozen=True)
class Entry:
    """What the record keeps of a step."""

    what: str
    when: date
    by: str
    detail: Mapping[str, Any]
    late: bool = False


Outcome = tuple[Claim, tuple[Entry, ...]] | Refusal


def file_claim(route: Route, subject: Subject, command: FileClaim) -> Outcome:
    """Begin a claim. Refused: not a member, too early, too late, no amount, above the cap, no reason.

    Examples
    --------
    >>> route = Route("basis-risk", "article 12", 60, 30, 45, 90, 3, 50_000_000, "EUR")
    >>> subject = Subject("ab" * 32, date(2026, 7, 20), ("aac", "ver"))
    >>> claim, entries = file_claim(route, subject,
    ...     FileClaim(date(2026, 8, 1), "ver", 12_000_000, "the gauge stood above the flood"))
    >>> claim.state, claim.deadlines["evidence"].isoformat(), entries[0].what
    ('filed', '2026-08-31', 'filed')
    >>> print(file_claim(route, subject, FileClaim(date(2026, 10, 1), "ver", 1, "late")))
    [claim.late] the last day to file was 2026-09-18, 60 days after the statement; this is 2026-10-01.
    """
    if command.claimant not in subject.members:
        return Refusal(
            "claim.claimant",
            f"'{command.claimant}' has no part in the statement; {', '.join(subject.members)} can claim.",
        )
    if command.when < subject.stated_on:
        return Refusal(
            "claim.early", f"the statement is of {subject.stated_on}; a claim of {command.when} precedes it."
        )
    last = subject.stated_on + timedelta(days=route.file_days)
    if command.when > last:
        return Refusal(
            "claim.late",
            f"the last day to file was {last}, {route.file_days} days after the statement; this is "
            f"{command.when}.",
        )
    if command.amount_minor <= 0:
        return Refusal(
            "claim.amount", f"a claim of {command.amount_minor} minor units; a claim asks for more than 0."
        )
    if command.amount_minor > route.cap_minor:
        return Refusal(
            "claim.cap",
            f"a claim of {command.amount_minor} minor units {route.currency} is above the cap of "
            f"{route.cap_minor}; ask for no more than the cap.",
        )
    if not command.reason.strip():
        return Refusal("claim.reason", "a claim without a reason; say why the payment was wrong.")
    claim = Claim(
        route,
        subject,
        command.claimant,
        command.amount_minor,
        command.reason,
        FILED,
        command.when,
        last=command.when,
    )
    detail = {"amount_minor": command.amount_minor, "reason": command.reason}
    return claim, (Entry(FILED, command.when, command.claimant, detail),)


def act(claim: Claim, command: Command) -> Outcome:
    """Take a step. Refused with its reason where the state, the day or the content does not allow it.

    Examples
    --------
    >>> route = Route("basis-risk", "article 12", 60, 30, 45, 90, 3, 50_000_000, "EUR")
    >>> subject = Subject("ab" * 32, date(2026, 7, 20), ("aac", "ver"))
    >>> claim, _ = file_claim(route, subject, FileClaim(date(2026, 8, 1), "ver", 500, "too little"))
    >>> print(act(claim, SeatPanel(date(2026, 8, 2), {"A": "aac", "B": "aac", "C": "court"})))
    [claim.state] a panel is seated once there is evidence; this claim is filed.
    """
    if claim.state in CLOSED:
        return Refusal("claim.closed", f"the claim was closed as {claim.state}; file a new one in its time.")
    if claim.last is not None and command.when < claim.last:
        return Refusal(
            "claim.order", f"a step of {command.when} can't follow one of {claim.last}; put the days right."
        )
    step: Callable[[Claim, Any], Outcome] = _STEPS[type(command)]
    return step(claim, command)


def _evidence(claim: Claim, command: AddEvidence) -> Outcome:
    if claim.state not in (FILED, EVIDENCE):
        return Refusal("claim.state", f"evidence is added before a panel is seated; this is {claim.state}.")
    last = claim.deadlines["evidence"]
    if command.when > last:
        return Refusal(
            "claim.late", f"the last day for evidence was {last}; this is {command.when}. The panel may ask."
        )
    if len(command.sha256) != 64 or set(command.sha256) - set("0123456789abcdef"):
        return Refusal(
            "claim.evidence", f"'{command.sha256}' is no SHA-256; give 64 hexadecimal digits of the document."
        )
    if command.sha256 in {e.sha256 for e in claim.evidence}:
        return Refusal("claim.evidence", "this document was given before; a second copy shows nothing more.")
    made = replace(claim, state=EVIDENCE, evidence=(*claim.evidence, command), last=command.when)
    detail = {"sha256": command.sha256, "shows": command.shows}
    return made, (Entry(EVIDENCE, command.when, command.by, detail),)


def _seat(claim: Claim, command: SeatPanel) -> Outcome:
    if claim.state != EVIDENCE:
        return Refusal(
            "claim.state", f"a panel is seated once there is evidence; this claim is {claim.state}."
        )
    if len(command.people) != claim.route.panel_size:
        return Refusal(
            "claim.panel",
            f"a panel of {len(command.people)}; the agreement asks for {claim.route.panel_size}.",
        )
    own = sorted(p for p, named_by in command.people.items() if named_by == claim.claimant)
    if own:
        return Refusal(
            "claim.panel", f"{', '.join(own)} would judge the claim of '{claim.claimant}' that named them."
        )
    late = command.when > claim.deadlines["panel"]
    made = replace(claim, state=PANEL, panel=dict(command.people), seated=command.when, last=command.when)
    return made, (Entry(PANEL, command.when, "", {"people": dict(command.people)}, late),)


def _decide(claim: Claim, command: Decide) -> Outcome:
    if claim.state != PANEL or claim.panel is None:
        return Refusal("claim.state", f"a seated panel decides; this claim is {claim.state}.")
    if set(command.votes) != set(claim.panel):
        return Refusal(
            "claim.votes",
            f"votes of {', '.join(sorted(command.votes)) or 'nobody'}; the panel is "
            f"{', '.join(sorted(claim.panel))}, and each votes.",
        )
    most = min(claim.amount_minor, claim.route.cap_minor)
    if not 0 <= command.award_minor <= most:
        return Refusal(
            "claim.award",
            f"an award of {command.award_minor} minor units; expected 0 to {most}, what was asked.",
        )
    granted = sum(command.votes.values()) * 2 > len(claim.panel)
    if granted != (command.award_minor > 0):
        return Refusal(
            "claim.award",
            f"{sum(command.votes.values())} of {len(claim.panel)} voted for an award, but the award is "
            f"{command.award_minor}; a majority awards more than 0, a minority 0.",
        )
    if not command.reasons.strip():
        return Refusal("claim.reason", "a decision without reasons; both banks must be able to read why.")
    state = AWARDED if granted else REFUSED
    late = command.when > claim.deadlines["decision"]
    made = replace(claim, state=state, award_minor=command.award_minor, last=command.when)
    detail = {
        "votes": dict(command.votes),
        "award_minor": command.award_minor,
        "reasons": command.reasons,
    }
    return made, (Entry(state, command.when, "panel", detail, late),)


def _pay(claim: Claim, command: PayAward) -> Outcome:
    if claim.state != AWARDED:
        return Refusal("claim.state", f"an award is paid once it was made; this claim is {claim.state}.")
    if command.amount_minor != claim.award_minor:
        return Refusal(
            "claim.payment",
            f"a payment of {command.amount_minor} minor units; the award is {claim.award_minor}, paid whole.",
        )
    detail = {"payment": command.payment, "amount_minor": command.amount_minor}
    return replace(claim, state=PAID, last=command.when), (Entry(PAID, command.when, "fund", detail),)


def _withdraw(claim: Claim, command: Withdraw) -> Outcome:
    if command.by != claim.claimant:
        return Refusal("claim.claimant", f"'{command.by}' can't withdraw the claim of '{claim.claimant}'.")
    if claim.state not in (FILED, EVIDENCE):
        return Refusal(
            "claim.state", f"a claim is withdrawn before a panel is seated; this is {claim.state}."
        )
    return replace(claim, state=WITHDRAWN, last=command.when), (
        Entry(WITHDRAWN, command.when, command.by, {}),
    )


_STEPS: Mapping[type, Callable[[Claim, Any], Outcome]] = {
    AddEvidence: _evidence,
    SeatPanel: _seat,
    Decide: _decide,
    PayAward: _pay,
    Withdraw: _withdraw,
}
