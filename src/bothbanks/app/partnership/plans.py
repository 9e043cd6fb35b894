"""Contingency plans and the presidency at work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from bothbanks.app.partnership.bounds import Amount, Day, TermNumber
from bothbanks.app.partnership.commands import Command
from bothbanks.app.partnership.desk import Desk, Done, Reader
from bothbanks.app.partnership.duties import kept_or_refused, loaded
from bothbanks.app.partnership.opening import Opening
from bothbanks.app.partnership.references import no_decision
from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact import plans as civic
from bothbanks.civic.compact import presidency as turns
from bothbanks.civic.compact.duties_calendar import WorkCalendar
from bothbanks.civic.compact.plans import Plan
from bothbanks.civic.compact.presidency import Presidency, Term, term
from bothbanks.civic.compact.roles import COUNCIL, DUTY_OFFICER, ENGINEER, SECRETARIAT, Right
from bothbanks.record.entries import Entry
from bothbanks.store.interface import MissingError

PRESIDENCY = "presidency"  # the one object of its kind
RUN_RIGHT = Right(frozenset({DUTY_OFFICER, SECRETARIAT}))
STEP_RIGHT = Right(frozenset({DUTY_OFFICER, SECRETARIAT, ENGINEER}), own_member=True)
KEEP_RIGHT = Right(frozenset({SECRETARIAT, COUNCIL}))


@dataclass(frozen=True)
class Activate:
    """Set a contingency plan off: by a value that was observed, or by a decision."""

    plan: str
    because: str
    seen: Amount | None = None
    decision: str = ""
    version: int | None = None


@dataclass(frozen=True)
class DoStep:
    """Say that a step of a running plan was done."""

    plan: str
    member: str
    step: str


@dataclass(frozen=True)
class StandDown:
    """End a running plan, with the reason."""

    plan: str
    why: str
    version: int | None = None


@dataclass(frozen=True)
class Drill:
    """Say that a plan was tested, on which day, and what came of it."""

    plan: str
    day: Day
    words: str


@dataclass(frozen=True)
class Review:
    """Say that a plan was reviewed, by which decision."""

    plan: str
    day: Day
    decision: str


@dataclass(frozen=True)
class SwapTerms:
    """Two terms of the presidency trade their members, by a decision."""

    first: TermNumber
    second: TermNumber
    decision: str
    version: int | None = None


def activate(desk: Desk, form: Activate) -> Done | Refusal:
    """Set it off."""
    fault = no_decision(desk, form.decision, f"plan/{form.plan}")
    if fault is not None:
        return fault
    seen = None if form.seen is None else Fraction(form.seen)
    kept = loaded(desk, Plan, form.plan, form.version)
    return kept_or_refused(
        desk, kept, "plan", lambda p: civic.activate(p, desk.at, form.because, seen, form.decision)
    )


def do_step(desk: Desk, form: DoStep) -> Done | Refusal:
    """A step was done."""
    kept = loaded(desk, Plan, form.plan, None)
    return kept_or_refused(desk, kept, "plan", lambda p: civic.do_step(p, desk.at, form.step, form.member))


def stand_down(desk: Desk, form: StandDown) -> Done | Refusal:
    """End it."""
    kept = loaded(desk, Plan, form.plan, form.version)
    return kept_or_refused(desk, kept, "plan", lambda p: civic.stand_down(p, desk.at, form.why))


def drill(desk: Desk, form: Drill) -> Done | Refusal:
    """It was tested."""
    if form.day > _today(desk):
        return _not_yet(form.day)
    kept = loaded(desk, Plan, form.plan, None)
    return kept_or_refused(desk, kept, "plan", lambda p: civic.drill(p, desk.at, form.day, form.words))


def review(desk: Desk, form: Review) -> Done | Refusal:
    """It was reviewed."""
    if form.day > _today(desk):
        return _not_yet(form.day)
    fault = no_decision(desk, form.decision, f"plan/{form.plan}")
    if fault is not None:
        return fault
    kept = loaded(desk, Plan, form.plan, None)
    return kept_or_refused(desk, kept, "plan", lambda p: civic.review(p, desk.at, form.day, form.decision))


def swap(desk: Desk, form: SwapTerms) -> Done | Refusal:
    """Two terms trade."""
    fault = no_decision(desk, form.decision, f"presidency/{PRESIDENCY}")
    if fault is not None:
        return fault
    kept = loaded(desk, Presidency, PRESIDENCY, form.version)
    today = _today(desk)
    return kept_or_refused(
        desk,
        kept,
        "presidency",
        lambda p: turns.swap(p, form.first, form.second, form.decision, today, desk.at),
    )


def presidency(reader: Reader) -> Presidency | None:
    """The rotation; None where the agreement has none."""
    try:
        return reader.load(Presidency, PRESIDENCY).state
    except MissingError:
        return None


def presiding(reader: Reader, day: date | None = None) -> Term | None:
    """Who presides on a day (today, by the first member's clock); None before the first term."""
    turn = presidency(reader)
    day = day or _today(reader)
    return None if turn is None or day < turn.first else term(turn, day)


def _today(reader: Reader) -> date:
    zone = next(iter(reader.region.members.values())).zone
    return WorkCalendar(zone).day_of(reader.at)


def _not_yet(day: date) -> Refusal:
    return Refusal("plans.future", "{day} is still to come.", {"day": day.isoformat()})


COMMANDS = (
    Command("plans.activate", Activate, activate, RUN_RIGHT),
    Command("plans.step", DoStep, do_step, STEP_RIGHT),
    Command("plans.stand-down", StandDown, stand_down, RUN_RIGHT),
    Command("plans.drill", Drill, drill, RUN_RIGHT),
    Command("plans.review", Review, review, KEEP_RIGHT),
    Command("presidency.swap", SwapTerms, swap, KEEP_RIGHT),
)


def opening(desk: Desk, opened: Opening) -> None:
    """Plans and the presidency of the folder."""
    from bothbanks.region.compact.duties import DutiesSettings

    settings = opened.region.compact.get("duties")
    if not isinstance(settings, DutiesSettings):
        return
    for listed in settings.plans:
        plan = listed.plan()
        body = {
            "article": plan.article,
            "title": dict(plan.title),
            "steps": [{"id": s.id, "owner": s.owner, "within_minutes": s.within_minutes} for s in plan.steps],
            "reviewed": plan.reviewed.isoformat(),
        }
        desk.keep(plan.id, Change(plan, (Entry("plans.added", f"plan/{plan.id}", body),)), None)
    if settings.presidency is not None:
        turn = settings.presidency.presidency()
        told = {
            "article": turn.article,
            "order": list(turn.order),
            "first": turn.first.isoformat(),
            "months": turn.months,
            "languages": dict(turn.languages),
        }
        begun = Entry("presidency.begun", f"presidency/{PRESIDENCY}", told)
        desk.keep(PRESIDENCY, Change(turn, (begun,)), None)
