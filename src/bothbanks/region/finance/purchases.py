"""The purchases of ``finance/procurement.toml`` as the commands of ``civic.finance.procurement``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from bothbanks.civic.changes import Refusal
from bothbanks.civic.finance import procurement_steps as steps
from bothbanks.civic.finance.applicable_law import Buyer, Entity, LawRule
from bothbanks.civic.finance.procurement import Outcome, decide, start
from bothbanks.civic.finance.procurement_taken import Taken, command_of
from bothbanks.civic.finance.red_flags import Limits
from bothbanks.region.finance.procurement import (
    LawSettings,
    ProcurementSettings,
    PurchaseSettings,
    StepSettings,
)
from bothbanks.region.schema import MemberSettings


def history(
    settings: ProcurementSettings, purchase: PurchaseSettings, region: str, members: Sequence[MemberSettings]
) -> Outcome:
    """The purchase with all its entries, or the first refusal."""
    return _walk(settings, purchase, region, members)[1]


def first_refusal(
    settings: ProcurementSettings, purchase: PurchaseSettings, region: str, members: Sequence[MemberSettings]
) -> tuple[int, Outcome]:
    """(number of the last step taken, counted from 1; 0 for the plan, and what came of it)."""
    return _walk(settings, purchase, region, members)


def _walk(
    settings: ProcurementSettings, purchase: PurchaseSettings, region: str, members: Sequence[MemberSettings]
) -> tuple[int, Outcome]:
    outcome = start(plan_of(settings, purchase, region, members))
    for number, command in enumerate(_commands(purchase), 1):
        if isinstance(outcome, Refusal):
            return number - 1, outcome
        state, entries = outcome
        step = decide(state, command)
        outcome = step if isinstance(step, Refusal) else (step[0], entries + step[1])
    return len(purchase.steps), outcome


def plan_of(
    settings: ProcurementSettings, purchase: PurchaseSettings, region: str, members: Sequence[MemberSettings]
) -> steps.Plan:
    """The plan that starts the purchase."""
    by_id = {m.id: m for m in members}
    law = purchase.law or settings.law
    return steps.Plan(
        when=purchase.planned,
        ocid=f"{settings.ocid_prefix}-{region}-{purchase.id}",
        title=purchase.title,
        rationale=purchase.rationale,
        kind=purchase.kind,
        buyers=tuple(buyer_of(settings, by_id[m]) for m in purchase.shares),
        lead=purchase.lead,
        shares={m: Fraction(share) for m, share in purchase.shares.items()},
        rule=None if law is None else rule_of(law, settings.language),
        currency=purchase.currency,
        estimate=cents(purchase.estimate),
        items=tuple(
            steps.Item(i.id, i.description, i.scheme, i.code, i.quantity, i.unit) for i in purchase.items
        ),
        decision=purchase.decision,
        language=settings.language,
    )


def buyer_of(settings: ProcurementSettings, member: MemberSettings) -> Buyer:
    """A member as a buyer: by its name in its own first language, under its own regime."""
    name = member.name.get(member.languages[0]) or next(iter(member.name.values()), member.id)
    return Buyer(member.id, name, member.country, settings.regimes.get(member.id, member.country))


def rule_of(law: LawSettings, language: str) -> LawRule:
    """The agreement's rule, the agreement named in the language of the releases."""
    agreement = law.agreement.get(language) or next(iter(law.agreement.values()), "")
    entity = None
    if law.entity is not None:
        entity = Entity(law.entity.id, law.entity.name, law.entity.seat, law.entity.activity)
    return LawRule(agreement, law.basis, law.rule, law.law, entity)


def limits_of(values: dict[str, float]) -> Limits:
    """Limits of the flags: ours, with those that the folder states in their place.

    >>> limits_of({"split_days": 90.0}).split_days
    90
    """
    whole = {"split_days", "split_digits", "same_winner"}
    return Limits(**{n: int(v) if n in whole else v for n, v in values.items()})  # type: ignore[arg-type]


def cents(amount: float) -> int:
    """An amount to the cent, in cents."""
    return round(amount * 100)


def steps_of(purchase: PurchaseSettings) -> tuple[Taken, ...]:
    """The steps of the file as they are kept."""
    return tuple(_taken(s) for s in purchase.steps)


def _commands(purchase: PurchaseSettings) -> Iterator[steps.Command]:
    estimate = cents(purchase.estimate)
    for taken in steps_of(purchase):
        yield command_of(taken, estimate)


def _taken(s: StepSettings) -> Taken:
    return Taken(
        step=s.step,
        when=s.when,
        amount=None if s.amount is None else cents(s.amount),
        method=s.method or "",
        closes=s.closes,
        criteria=s.criteria or "",
        reason=s.reason,
        electronic=s.electronic,
        tenderers=tuple(steps.Supplier(t.id, t.name) for t in s.tenderers),
        winner=s.winner,
        starts=s.starts,
        ends=s.ends,
        milestones=tuple(steps.Milestone(m.id, m.title, m.due) for m in s.milestones),
        milestone=s.milestone,
        decision=s.decision,
    )
