"""Contingency plans: what sets one off, who does what within how long, whom to call, the last drill.

Contacts are offices, never people. A plan is activated by its trigger (an indicator at or beyond a level) or
by a decision, and stood down; both are on the record, and so is every drill and review.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Literal

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact.duties import told
from bothbanks.civic.compact.duties_calendar import add_months
from bothbanks.record.entries import Entry
from bothbanks.words.errors import RangeError

READY, ACTIVE = "ready", "active"


@dataclass(frozen=True)
class Level:
    """An indicator at or beyond a level, in its unit: 'at-least' for a flood, 'at-most' for a drought."""

    indicator: str
    value: Fraction
    unit: str
    side: Literal["at-least", "at-most"] = "at-least"
    kind: Literal["level"] = "level"

    def met(self, seen: Fraction) -> bool:
        """Whether an observed value reaches it.

        >>> Level("stage", Fraction(2), "m").met(Fraction(2))
        True
        """
        return seen >= self.value if self.side == "at-least" else seen <= self.value


@dataclass(frozen=True)
class ByDecision:
    """Only a decision sets the plan off; ``who`` takes it."""

    who: str
    kind: Literal["decision"] = "decision"


Trigger = Level | ByDecision


@dataclass(frozen=True)
class PlanStep:
    """What is done, by which member, within how many minutes of the activation."""

    id: str
    owner: str
    words: Mapping[str, str]
    within_minutes: int


@dataclass(frozen=True)
class Contact:
    """An office and how it is reached; no person is named."""

    member: str
    office: str
    reach: str


@dataclass(frozen=True)
class Activation:
    """One time that the plan ran: when, why, which steps were done when, and when it was stood down."""

    at: datetime
    because: str
    done: Mapping[str, datetime]
    ended: datetime | None = None
    why_ended: str = ""


@dataclass(frozen=True)
class Plan:
    """A contingency plan.

    Raises
    ------
    RangeError
        A step twice, less than a minute for one, no review.
    """

    id: str
    article: str
    title: Mapping[str, str]
    trigger: Trigger
    steps: tuple[PlanStep, ...]
    contacts: tuple[Contact, ...]
    reviewed: date
    review_months: int
    drilled: date | None = None
    activations: tuple[Activation, ...] = ()
    last: datetime | None = None

    def __post_init__(self) -> None:
        ids = [s.id for s in self.steps]
        if not ids or len(set(ids)) < len(ids) or min(s.within_minutes for s in self.steps) < 1:
            raise RangeError(
                "plans.steps", f"steps {', '.join(ids) or 'none'} of plan '{self.id}'; expected some, each "
                "named once, with a minute or more."
            )  # fmt: skip
        if self.review_months < 1:
            raise RangeError("plans.review", f"plan '{self.id}' is never reviewed; give a month or more.")

    @property
    def running(self) -> Activation | None:
        """The activation that has not been stood down."""
        return next((a for a in self.activations if a.ended is None), None)

    @property
    def status(self) -> str:
        """'active' or 'ready'."""
        return READY if self.running is None else ACTIVE

    @property
    def review_due(self) -> date:
        """Last day of the next review."""
        return add_months(self.reviewed, self.review_months)


Outcome = Change[Plan] | Refusal


def activate(
    plan: Plan, at: datetime, because: str, seen: Fraction | None = None, decision: str = ""
) -> Outcome:
    """Set the plan off: by an observed value that reaches the level, or by a decision."""
    if plan.running is not None:
        return Refusal("plans.active", "this plan is active already; stand it down first.", cause="conflict")
    if not because.strip():
        return Refusal("duties.reason", "give the reason; both banks must be able to read why.")
    trigger = plan.trigger
    if not decision.strip():
        if isinstance(trigger, ByDecision):
            return Refusal("plans.decision", "this plan is set off by a decision of {who}; name it.",
                           {"who": trigger.who})  # fmt: skip
        if seen is None or not trigger.met(seen):
            return Refusal(
                "plans.trigger", "{indicator} is to be {side} {level} {unit}; what was seen is not.",
                {"indicator": trigger.indicator, "side": trigger.side, "level": float(trigger.value),
                 "unit": trigger.unit},
            )  # fmt: skip
    body: dict[str, Any] = {"because": because, "decision": decision}
    if seen is not None:
        body["seen"] = str(seen)
    begun = (*plan.activations, Activation(at, because, {}))
    return _done(plan, "activated", at, body, activations=begun)


def do_step(plan: Plan, at: datetime, step: str, by: str) -> Outcome:
    """A step of the running plan was done, by the member that owns it."""
    running = plan.running
    if running is None:
        return Refusal("plans.ready", "this plan is not active.")
    found = next((s for s in plan.steps if s.id == step), None)
    if found is None or found.owner != by or step in running.done:
        return Refusal(
            "plans.step", "there is no open step '{step}' of {member} in this plan.",
            {"step": step, "member": by},
        )  # fmt: skip
    changed = replace(running, done={**running.done, step: at})
    return _done(plan, "step-done", at, {"step": step, "owner": by}, activations=_with(plan, changed))


def stand_down(plan: Plan, at: datetime, why: str) -> Outcome:
    """End the activation, and say why."""
    running = plan.running
    if running is None:
        return Refusal("plans.ready", "this plan is not active.")
    if not why.strip():
        return Refusal("duties.reason", "give the reason; both banks must be able to read why.")
    changed = replace(running, ended=at, why_ended=why)
    left = [s.id for s in plan.steps if s.id not in running.done]
    return _done(plan, "stood-down", at, {"why": why, "not_done": left}, activations=_with(plan, changed))


def drill(plan: Plan, at: datetime, day: date, words: str) -> Outcome:
    """The plan was tested on a day, and what came of it."""
    if not words.strip():
        return Refusal("duties.reason", "give the reason; both banks must be able to read why.")
    return _done(plan, "drilled", at, {"day": day.isoformat(), "words": words}, drilled=day)


def review(plan: Plan, at: datetime, day: date, decision: str) -> Outcome:
    """The plan was reviewed, by a decision."""
    if not decision.strip():
        return Refusal("duties.decision", "name the decision this rests on.")
    return _done(plan, "reviewed", at, {"day": day.isoformat(), "decision": decision}, reviewed=day)


def to_review(plans: Iterable[Plan], day: date) -> tuple[Plan, ...]:
    """Plans whose review is overdue on a day, the longest first."""
    return tuple(sorted((p for p in plans if p.review_due < day), key=lambda p: p.review_due))


def _with(plan: Plan, changed: Activation) -> tuple[Activation, ...]:
    return tuple(changed if a.at == changed.at else a for a in plan.activations)


def _done(plan: Plan, what: str, at: datetime, body: Mapping[str, Any], **changes: Any) -> Outcome:
    if plan.last is not None and at < plan.last:
        return Refusal(
            "duties.order", "the step before it was taken at {moment}; steps go forward in time.",
            {"moment": told(plan.last)}, "conflict",
        )  # fmt: skip
    entry = Entry(f"plans.{what}", f"plan/{plan.id}", {"article": plan.article, "at": told(at), **body})
    return Change(replace(plan, last=at, **changes), (entry,))
