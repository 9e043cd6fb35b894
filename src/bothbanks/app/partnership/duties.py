"""Duties at work: taken up, shown done, read, extended, waived or ended; and what their clock does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeVar

from bothbanks.app.partnership.bounds import Day, Months
from bothbanks.app.partnership.commands import Command
from bothbanks.app.partnership.desk import Desk, Done, Reader
from bothbanks.app.partnership.opening import Opening
from bothbanks.app.partnership.references import no_article, no_decision, no_entry
from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact import duties as civic
from bothbanks.civic.compact.agreement_state import Agreement
from bothbanks.civic.compact.duties_calendar import After, Every, Once
from bothbanks.civic.compact.duties_decisions import EarlierDecision
from bothbanks.civic.compact.duties_late import Standing, late, open_ones
from bothbanks.civic.compact.duties_state import RECORD, WAITING, Duty, Evidence
from bothbanks.civic.compact.roles import AUDITOR, COUNCIL, ENGINEER, MONITOR, SECRETARIAT, Right
from bothbanks.record.entries import Entry
from bothbanks.store.interface import Kept

T = TypeVar("T")

GIVE_RIGHT = Right(frozenset({COUNCIL, SECRETARIAT, ENGINEER}), own_member=True)
READ_RIGHT = Right(frozenset({SECRETARIAT, COUNCIL, AUDITOR, MONITOR, ENGINEER}))
DECIDE_RIGHT = Right(frozenset({SECRETARIAT, COUNCIL}))
ADOPTION = "adoption"
TICK = timedelta(microseconds=1)
"""The store's 'before' leaves out the instant itself."""


@dataclass(frozen=True)
class AddDuty:
    """Take up a duty of a member, by a decision; the ladder is that of another duty."""

    member: str
    article: str
    decision: str
    title: str
    asks: str
    due: Day
    like: str
    months: Months = 0  # 0: once; else due again every so many calendar months
    accepted_by: Literal["secretariat", "council", "engineer", "auditor", "monitor"] = "secretariat"


@dataclass(frozen=True)
class GiveEvidence:
    """Show that a duty was done, by a document's SHA-256 or an entry of the record."""

    duty: str
    member: str
    number: int
    reference: str
    words: str
    kind: Literal["document", "record"] = "document"
    version: int | None = None


@dataclass(frozen=True)
class AcceptEvidence:
    """Accept the evidence: the duty is done."""

    duty: str
    number: int
    version: int | None = None


@dataclass(frozen=True)
class SendBack:
    """Send the evidence back with the reason: the clock goes on."""

    duty: str
    number: int
    reason: str
    version: int | None = None


@dataclass(frozen=True)
class Extend:
    """Set a later last day, by a decision."""

    duty: str
    number: int
    due: Day
    decision: str
    reason: str
    version: int | None = None


@dataclass(frozen=True)
class Waive:
    """Let one occurrence of a duty go, by a decision."""

    duty: str
    number: int
    decision: str
    reason: str
    version: int | None = None


@dataclass(frozen=True)
class EndDuty:
    """End a duty for good, by a decision."""

    duty: str
    decision: str
    reason: str
    version: int | None = None


@dataclass(frozen=True)
class EventHappened:
    """Say that an event has happened: what waits for it falls due."""

    event: str
    day: Day
    source: str


def loaded(desk: Desk, kind: type[T], id: str, version: int | None) -> Kept[T] | Refusal:
    """The object; a conflict where it is not the version that the step was decided on."""
    kept = desk.load(kind, id)
    if version is not None and version != kept.version:
        return Refusal(
            "store.conflict",
            "someone else changed this first. Look at it as it now stands, and decide again.",
            cause="conflict",
        )
    return kept


def kept_or_refused(
    desk: Desk, kept: Kept[T] | Refusal, name: str, step: Callable[[T], Change[T] | Refusal]
) -> Done | Refusal:
    """Take a step on a loaded object and keep what comes of it."""
    if isinstance(kept, Refusal):
        return kept
    change = step(kept.state)
    if isinstance(change, Refusal):
        return change
    version = desk.keep(kept.id, change, kept)
    return Done(f"{name}/{kept.id}", {"version": version})


def add(desk: Desk, form: AddDuty) -> Done | Refusal:
    """Take up a duty."""
    about = (f"article/{form.article}", f"member/{form.member}")
    fault = no_article(desk, form.article) or no_decision(desk, form.decision, *about)
    if fault is not None:
        return fault
    if not form.decision.strip():
        return Refusal("duties.decision", "name the decision this rests on.")
    like = desk.load(Duty, form.like).state
    languages = desk.region.languages
    facts = desk.region.members[form.member]
    rule = Every(form.due, form.months) if form.months > 0 else Once(form.due)
    duty = Duty(
        desk.new_id(),
        form.member,
        form.article,
        dict.fromkeys(languages, form.title),
        dict.fromkeys(languages, form.asks),
        rule,
        like.ladder,
        form.accepted_by,
        type(like.calendar)(facts.zone, like.calendar.last_day, like.calendar.holidays),
        desk.at,
    )
    desk.keep(duty.id, civic.add(duty), None)
    return Done(f"duty/{duty.id}")


def give_evidence(desk: Desk, form: GiveEvidence) -> Done | Refusal:
    """Show that it was done."""
    if form.kind == RECORD:
        fault = no_entry(desk, form.reference)
        if fault is not None:
            return fault
    evidence = Evidence(form.kind, form.reference.strip().lower(), form.words, form.member, desk.at)
    kept = loaded(desk, Duty, form.duty, form.version)
    return kept_or_refused(desk, kept, "duty", lambda d: civic.submit(d, form.number, evidence))


def accept(desk: Desk, form: AcceptEvidence) -> Done | Refusal:
    """The evidence shows it."""
    kept = loaded(desk, Duty, form.duty, form.version)
    return kept_or_refused(desk, kept, "duty", lambda d: civic.accept(d, form.number, desk.at, desk.actor))


def send_back(desk: Desk, form: SendBack) -> Done | Refusal:
    """The evidence does not show it."""
    kept = loaded(desk, Duty, form.duty, form.version)
    return kept_or_refused(
        desk, kept, "duty", lambda d: civic.send_back(d, form.number, desk.at, desk.actor, form.reason)
    )


def extend(desk: Desk, form: Extend) -> Done | Refusal:
    """A later last day."""
    fault = no_decision(desk, form.decision, f"duty/{form.duty}")
    if fault is not None:
        return fault
    kept = loaded(desk, Duty, form.duty, form.version)
    return kept_or_refused(
        desk,
        kept,
        "duty",
        lambda d: civic.extend(d, form.number, desk.at, form.due, form.decision, form.reason),
    )


def waive(desk: Desk, form: Waive) -> Done | Refusal:
    """Let it go."""
    fault = no_decision(desk, form.decision, f"duty/{form.duty}")
    if fault is not None:
        return fault
    kept = loaded(desk, Duty, form.duty, form.version)
    return kept_or_refused(
        desk, kept, "duty", lambda d: civic.waive(d, form.number, desk.at, form.decision, form.reason)
    )


def end(desk: Desk, form: EndDuty) -> Done | Refusal:
    """End it."""
    fault = no_decision(desk, form.decision, f"duty/{form.duty}")
    if fault is not None:
        return fault
    kept = loaded(desk, Duty, form.duty, form.version)
    return kept_or_refused(desk, kept, "duty", lambda d: civic.end(d, desk.at, form.decision, form.reason))


def event(desk: Desk, form: EventHappened) -> Done | Refusal:
    """What waits for the event falls due."""
    opened = event_happened(desk, form.event, form.day, form.source)
    if not opened:
        return Refusal("duties.no-wait", "no duty waits for '{event}'.", {"event": form.event}, "missing")
    return Done(f"event/{form.event}", {"duties": list(opened)})


def event_happened(desk: Desk, name: str, day: date, source: str) -> tuple[str, ...]:
    """Ids of the duties that fall due because of an event; other areas call this (adoption, a vote)."""
    opened = []
    for kept in desk.all(Duty, status=WAITING):
        change = civic.happened(kept.state, desk.at, name, day, source)
        if isinstance(change, Change):
            desk.keep(kept.id, change, kept)
            opened.append(kept.id)
    return tuple(opened)


def begin_with_agreement(desk: Desk) -> int:
    """Once the agreement is in force, what waits for its adoption begins, counted from that day."""
    if not any(_waits_for(k.state, ADOPTION) for k in desk.all(Duty, status=WAITING)):
        return 0
    for kept in desk.all(Agreement):
        version = kept.state.binding
        day = version.in_force if version is not None else None
        if version is not None and day is not None and day <= desk.at.date():
            return len(event_happened(desk, ADOPTION, day, f"agreement/{kept.id}@{version.number}"))
    return 0


def _waits_for(duty: Duty, event: str) -> bool:
    return duty.begins == event or (isinstance(duty.rule, After) and duty.rule.event == event)


def climb_ladders(desk: Desk) -> int:
    """Take every rung whose instant has come, over all duties in the order of the instants."""
    entries: list[Entry] = []
    for kept in desk.all(Duty, due_before=desk.at + TICK):
        change = civic.catch_up(kept.state, desk.at)
        if change.entries:
            desk.keep(kept.id, Change(change.state, ()), kept)
            entries += change.entries
    return record_in_order(desk, entries)


def record_in_order(desk: Desk, entries: Iterable[Entry]) -> int:
    """Append entries by the instants they tell of; how many."""
    ordered = sorted(entries, key=lambda e: (str(e.body["at"]), e.subject))
    desk.record(*ordered)
    return len(ordered)


def all_duties(reader: Reader) -> tuple[Duty, ...]:
    """Every duty, the oldest first."""
    return tuple(k.state for k in reader.all(Duty))


def home_facts(reader: Reader) -> HomeFacts:
    """What the first page shows: what is late, who presides, what comes next."""
    from bothbanks.app.partnership.plans import presiding

    duties = all_duties(reader)
    standing = open_ones(duties, reader.at)
    coming = sorted((s for s in standing if not s.late and not s.reading), key=lambda s: s.due)
    term = presiding(reader)
    return HomeFacts(
        late(duties, reader.at),
        tuple(coming[:5]),
        term.member if term else "",
        term.language if term else "",
        term.ends if term else None,
    )


@dataclass(frozen=True)
class HomeFacts:
    """Late duties (the longest first), the next five deadlines, and the presidency of the day ('': none)."""

    late: tuple[Standing, ...]
    coming: tuple[Standing, ...]
    presides: str
    language: str
    until: date | None


COMMANDS = (
    Command("duties.add", AddDuty, add, Right(frozenset({SECRETARIAT}))),
    Command("duties.give-evidence", GiveEvidence, give_evidence, GIVE_RIGHT),
    Command("duties.accept", AcceptEvidence, accept, READ_RIGHT),
    Command("duties.send-back", SendBack, send_back, READ_RIGHT),
    Command("duties.extend", Extend, extend, DECIDE_RIGHT),
    Command("duties.waive", Waive, waive, DECIDE_RIGHT),
    Command("duties.end", EndDuty, end, DECIDE_RIGHT, two_people=True),
    Command("duties.event", EventHappened, event, Right(frozenset({SECRETARIAT}))),
)
TICKS = (begin_with_agreement, climb_ladders)


def opening(desk: Desk, opened: Opening) -> None:
    """Duties and earlier decisions of the folder."""
    from bothbanks.region.compact.agreement import AgreementSettings
    from bothbanks.region.compact.duties import DutiesSettings
    from bothbanks.region.compact.duties_terms import durations

    settings = opened.region.compact.get("duties")
    if not isinstance(settings, DutiesSettings):
        return
    for d in settings.decisions:
        decision = EarlierDecision(d.id, d.day, d.by, dict(d.words), d.article)
        body = {"day": d.day.isoformat(), "by": d.by, "words": dict(d.words), "article": d.article}
        told = Entry("decisions.taken-over", f"earlier-decision/{d.id}", body)
        desk.keep(d.id, Change(decision, (told,)), None)
    members = {m.id: (m.zone, m.country) for m in desk.region.members.values()}
    agreement = opened.region.compact.get("agreement")
    draft = not isinstance(agreement, AgreementSettings) or agreement.status == "draft"
    for duty in settings.each(members, desk.at, draft, durations(agreement)):
        desk.keep(duty.id, civic.add(duty), None)
