"""A step of a purchase as it is written down: one flat record, in a folder's file and in the store alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bothbanks.civic.finance import procurement_steps as steps
from bothbanks.civic.finance.procurement_steps import Milestone, Purchase, Supplier

StepName = Literal[
    "tender", "amend-tender", "cancel", "award", "contract", "change", "pay", "milestone", "complete",
    "terminate",
]  # fmt: skip


@dataclass(frozen=True)
class Taken:
    """What was decided or done, when, and what it said; amounts in whole minor units."""

    step: StepName
    when: datetime
    amount: int | None = None
    method: str = ""
    closes: datetime | None = None
    criteria: str = ""
    reason: str = ""
    electronic: bool = True
    tenderers: tuple[Supplier, ...] = ()
    winner: str = ""
    starts: date | None = None
    ends: date | None = None
    milestones: tuple[Milestone, ...] = ()
    milestone: str = ""
    decision: str = ""


@dataclass(frozen=True)
class KeptPurchase:
    """A purchase as the store keeps it: by its short id, with its estimate and every step that was taken."""

    id: str
    purchase: Purchase
    estimate: int
    steps: tuple[Taken, ...]


def command_of(taken: Taken, estimate: int) -> steps.Command:
    """The command of ``civic.finance.procurement``; ``estimate`` is the plan's, where a tender states none.

    Examples
    --------
    >>> from datetime import timezone
    >>> command_of(Taken("pay", datetime(2026, 7, 1, tzinfo=timezone.utc), 500, decision="vote-1"), 0).amount
    500
    """
    t = taken
    if t.step == "tender":
        return steps.OpenTender(
            t.when, t.method, t.closes or t.when, t.amount or estimate, t.criteria, t.reason, t.electronic,
            t.starts, t.ends,
        )  # fmt: skip
    if t.step == "amend-tender":
        return steps.AmendTender(t.when, t.reason, t.closes, t.amount)
    if t.step == "cancel":
        return steps.CancelTender(t.when, t.reason)
    if t.step == "award":
        return steps.MakeAward(t.when, t.tenderers, t.winner, t.amount or 0)
    if t.step == "contract":
        first = t.starts or t.when.date()
        return steps.SignContract(t.when, t.amount or 0, first, t.ends or first, t.milestones)
    if t.step == "change":
        return steps.ChangeContract(t.when, t.reason, t.amount, t.ends)
    if t.step == "pay":
        return steps.Pay(t.when, t.amount or 0, t.decision)
    if t.step == "milestone":
        return steps.MeetMilestone(t.when, t.milestone)
    return steps.Finish(t.when, t.step == "complete", t.reason)
