"""Disputes at work: opened, papers added, a panel seated, settled, withdrawn or decided; their clock."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from bothbanks.app.partnership.bounds import share_of
from bothbanks.app.partnership.commands import Command
from bothbanks.app.partnership.desk import Desk, Done
from bothbanks.app.partnership.duties import TICK, kept_or_refused, loaded, record_in_order
from bothbanks.app.partnership.opening import Opening
from bothbanks.app.partnership.plans import presidency, presiding
from bothbanks.app.partnership.references import no_article
from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact import disputes as civic
from bothbanks.civic.compact.disputes_state import (
    OPEN,
    PANEL,
    Access,
    Dispute,
    Finding,
    Judgement,
    Paper,
    Procedure,
    Seat,
    SubjectKind,
)
from bothbanks.civic.compact.duties_calendar import WorkCalendar
from bothbanks.civic.compact.duties_state import ARBITRATE, MEDIATE, Duty
from bothbanks.civic.compact.duties_state import OPEN as DUTY_OPEN
from bothbanks.civic.compact.roles import AUDITOR, COUNCIL, SECRETARIAT, Right
from bothbanks.civic.finance.ledger import Entry as LedgerEntry
from bothbanks.record.entries import Entry
from bothbanks.store.interface import MissingError

PROCEDURE = "disputes"  # the one object of its kind
PARTY_RIGHT = Right(frozenset({COUNCIL, SECRETARIAT}), own_member=True)
OFFICE_RIGHT = Right(frozenset({SECRETARIAT, AUDITOR}))


@dataclass(frozen=True)
class OpenDispute:
    """Open a dispute with one member or more."""

    member: str
    respondents: tuple[str, ...]
    about: SubjectKind
    subject: str
    words: str


@dataclass(frozen=True)
class AddPaper:
    """Add a document to a dispute, by its SHA-256."""

    dispute: str
    member: str
    sha256: str
    words: str
    access: Access = "parties"


@dataclass(frozen=True)
class AddPanelPaper:
    """The panel adds a document, by its SHA-256."""

    dispute: str
    sha256: str
    words: str
    access: Access = "parties"


@dataclass(frozen=True)
class SeatPanel:
    """Seat the panel. One line a seat: 'seat; named by; tied to (members, with commas); name'."""

    dispute: str
    seats: tuple[str, ...]
    version: int | None = None


@dataclass(frozen=True)
class Challenge:
    """Say that somebody on the panel has an interest."""

    dispute: str
    member: str
    seat: str
    reason: str


@dataclass(frozen=True)
class ReplaceSeat:
    """Somebody else takes a challenged seat; the same line as for seating the panel."""

    dispute: str
    seat: str


@dataclass(frozen=True)
class AgreeSettlement:
    """Agree to a settlement, by the SHA-256 of its text."""

    dispute: str
    member: str
    settlement: str


@dataclass(frozen=True)
class WithdrawDispute:
    """Withdraw one's dispute."""

    dispute: str
    member: str


@dataclass(frozen=True)
class DecideDispute:
    """Record what the panel or the arbitrator decided. One line a party that bears costs: 'member share'."""

    dispute: str
    finding: Finding
    votes_for: int
    votes_against: int
    reasons: str
    costs: tuple[str, ...]
    remedy: str = ""
    version: int | None = None


def open_dispute(desk: Desk, form: OpenDispute) -> Done | Refusal:
    """Open it, once what it is about is there."""
    unknown = [m for m in form.respondents if m not in desk.region.members]
    if unknown:
        return Refusal("command.member", "there is no member '{member}'.", {"member": unknown[0]}, "missing")
    try:
        procedure = desk.load(Procedure, PROCEDURE).state
    except MissingError:
        return Refusal("disputes.none", "the agreement has no article on disputes yet.", cause="missing")
    fault = _no_subject(desk, form)
    if fault is not None:
        return fault
    zone = desk.region.members[form.member].zone
    change = civic.begin(
        desk.new_id(), procedure, WorkCalendar(zone), form.member, form.respondents,
        (form.about, form.subject), form.words, desk.at,
    )  # fmt: skip
    if isinstance(change, Refusal):
        return change
    desk.keep(change.state.id, change, None)
    return Done(f"dispute/{change.state.id}")


def _no_subject(desk: Desk, form: OpenDispute) -> Refusal | None:
    """What can be looked up must be there; a measurement is named in words."""
    if form.about == "article":
        return no_article(desk, form.subject)
    if form.about == "duty":
        desk.load(Duty, form.subject)
    elif form.about == "payment":
        desk.load(LedgerEntry, form.subject)
    return None


def add_paper(desk: Desk, form: AddPaper) -> Done | Refusal:
    """A party's document."""
    return _paper(desk, form.dispute, form.member, form)


def add_panel_paper(desk: Desk, form: AddPanelPaper) -> Done | Refusal:
    """The panel's document."""
    return _paper(desk, form.dispute, PANEL, form)


def _paper(desk: Desk, dispute: str, by: str, form: AddPaper | AddPanelPaper) -> Done | Refusal:
    paper = Paper(form.sha256.strip().lower(), form.words, by, form.access, desk.at)
    kept = loaded(desk, Dispute, dispute, None)
    return kept_or_refused(desk, kept, "dispute", lambda d: civic.add_paper(d, paper))


def seat_panel(desk: Desk, form: SeatPanel) -> Done | Refusal:
    """Seat the panel."""
    seats = [_seat(line) for line in form.seats]
    for found in seats:
        if isinstance(found, Refusal):
            return found
    term = presiding(desk)
    named = tuple(s for s in seats if isinstance(s, Seat))
    kept = loaded(desk, Dispute, form.dispute, form.version)
    return kept_or_refused(
        desk, kept, "dispute", lambda d: civic.seat(d, named, desk.at, term.member if term else "")
    )


def _seat(line: str) -> Seat | Refusal:
    parts = [part.strip() for part in line.split(";")]
    if len(parts) != 4 or not parts[0] or not parts[1] or not parts[3]:
        return Refusal("disputes.line", "a seat is 'seat; named by; tied to; name', with three semicolons.")
    ties = tuple(t.strip() for t in parts[2].split(",") if t.strip())
    return Seat(parts[0], parts[1], ties, parts[3])


def challenge(desk: Desk, form: Challenge) -> Done | Refusal:
    """Somebody has an interest."""
    kept = loaded(desk, Dispute, form.dispute, None)
    return kept_or_refused(
        desk, kept, "dispute", lambda d: civic.challenge(d, form.seat, form.member, form.reason, desk.at)
    )


def replace_seat(desk: Desk, form: ReplaceSeat) -> Done | Refusal:
    """Somebody else takes the seat."""
    held = _seat(form.seat)
    if isinstance(held, Refusal):
        return held
    kept = loaded(desk, Dispute, form.dispute, None)
    return kept_or_refused(desk, kept, "dispute", lambda d: civic.replace_seat(d, held, desk.at))


def agree(desk: Desk, form: AgreeSettlement) -> Done | Refusal:
    """A party agrees."""
    text = form.settlement.strip().lower()
    kept = loaded(desk, Dispute, form.dispute, None)
    return kept_or_refused(desk, kept, "dispute", lambda d: civic.agree(d, form.member, text, desk.at))


def withdraw(desk: Desk, form: WithdrawDispute) -> Done | Refusal:
    """The claimant gives up."""
    kept = loaded(desk, Dispute, form.dispute, None)
    return kept_or_refused(desk, kept, "dispute", lambda d: civic.withdraw(d, form.member, desk.at))


def decide(desk: Desk, form: DecideDispute) -> Done | Refusal:
    """What was decided."""
    costs: dict[str, Fraction] = {}
    for line in form.costs:
        member, _, share = line.strip().rpartition(" ")
        found = share_of(share)
        if found is None:
            return Refusal("disputes.cost-line", "'{line}' is no share; write 'member 1/2'.", {"line": line})
        costs[member.strip()] = found
    judgement = Judgement(
        form.finding, form.votes_for, form.votes_against, form.reasons, form.remedy, costs, desk.at
    )
    kept = loaded(desk, Dispute, form.dispute, form.version)
    return kept_or_refused(desk, kept, "dispute", lambda d: civic.decide(d, judgement))


def run_clocks(desk: Desk) -> int:
    """Stages that have run out pass on; what is overdue is named."""
    entries: list[Entry] = []
    for kept in desk.all(Dispute, due_before=desk.at + TICK):
        change = civic.catch_up(kept.state, desk.at)
        if change.entries:
            desk.keep(kept.id, Change(change.state, ()), kept)
            entries += change.entries
    return record_in_order(desk, entries)


def open_about_duties(desk: Desk) -> int:
    """Open a dispute about each duty that its ladder passed on to mediation or arbitration; how many.

    A dispute about that duty that is open, or was opened since, is the one: nothing is opened twice. The
    presiding member brings it in the name of all; the next in turn does where the duty is its own.
    """
    try:
        procedure = desk.load(Procedure, PROCEDURE).state
    except MissingError:
        return 0
    opened = 0
    for kept in desk.all(Duty, status=DUTY_OPEN):
        passed_on = [
            (t.at, o.number) for o in kept.state.open for t in o.taken if t.action in (MEDIATE, ARBITRATE)
        ]
        if not passed_on:
            continue
        since, number = min(passed_on)
        known = [k.state for k in desk.all(Dispute, parent=kept.id) if k.state.about == "duty"]
        claimant = _claimant(desk, kept.state.owner)
        if claimant is None or any(d.state == OPEN or d.opened >= since for d in known):
            continue
        calendar = WorkCalendar(desk.region.members[claimant].zone)
        change = civic.begin(
            desk.new_id(), procedure, calendar, claimant, (kept.state.owner,), ("duty", kept.id),
            _missed(desk, kept.state, number), desk.at,
        )  # fmt: skip
        if isinstance(change, Change):
            desk.keep(change.state.id, change, None)
            opened += 1
    return opened


def _claimant(desk: Desk, owner: str) -> str | None:
    """The member that presides, else the next in turn that does not owe the duty."""
    turn, term = presidency(desk), presiding(desk)
    order = turn.order if turn is not None else tuple(desk.region.members)
    first = order.index(term.member) if term is not None and term.member in order else 0
    return next((m for m in (*order[first:], *order[:first]) if m != owner), None)


def _missed(desk: Desk, duty: Duty, number: int) -> str:
    """What was missed, in the working language of the presidency: the duty's own title and its day."""
    term = presiding(desk)
    languages = (term.language if term else "", *desk.region.languages, *duty.title)
    title = next((duty.title[code] for code in languages if duty.title.get(code)), duty.id)
    due = next(o.due for o in duty.occurrences if o.number == number)
    return f"{title} ({due.isoformat()}, {duty.article})"


COMMANDS = (
    Command("disputes.open", OpenDispute, open_dispute, PARTY_RIGHT),
    Command("disputes.add-paper", AddPaper, add_paper, PARTY_RIGHT),
    Command("disputes.add-panel-paper", AddPanelPaper, add_panel_paper, OFFICE_RIGHT),
    Command("disputes.seat", SeatPanel, seat_panel, OFFICE_RIGHT),
    Command("disputes.challenge", Challenge, challenge, PARTY_RIGHT),
    Command("disputes.replace-seat", ReplaceSeat, replace_seat, OFFICE_RIGHT),
    Command("disputes.agree", AgreeSettlement, agree, PARTY_RIGHT),
    Command("disputes.withdraw", WithdrawDispute, withdraw, PARTY_RIGHT),
    Command("disputes.decide", DecideDispute, decide, OFFICE_RIGHT, two_people=True),
)
TICKS = (open_about_duties, run_clocks)


def opening(desk: Desk, opened: Opening) -> None:
    """The procedure of the folder."""
    from bothbanks.region.compact.duties import DutiesSettings
    from bothbanks.region.compact.duties_terms import durations

    settings = opened.region.compact.get("duties")
    if isinstance(settings, DutiesSettings) and settings.disputes is not None:
        procedure = settings.disputes.procedure(durations(opened.region.compact.get("agreement")))
        body = {
            "article": procedure.article,
            "stages": [{"name": s.name, "days": s.days, "months": s.months} for s in procedure.stages],
            "seat_days": procedure.seat_days,
            "chair": procedure.chair,
        }
        told = Entry("disputes.procedure", f"dispute-procedure/{PROCEDURE}", body)
        desk.keep(PROCEDURE, Change(procedure, (told,)), None)
