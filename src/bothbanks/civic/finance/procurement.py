"""A public purchase from plan to last payment: (state, command) -> (new state, entries), or a refusal.

Several buyers pay shares of one contract; one of them leads, or a joint entity buys for all. One national
law is named before anything starts (``applicable_law``); the joint estimated value decides what that law asks
for (``thresholds``). Nothing here reads a clock: every command carries its moment.

    plan -> tender (amend ...) -> award -> contract (change, pay, milestone ...) -> complete or terminated
            `-> cancelled, at any time before the contract
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bothbanks.civic.changes import Refusal
from bothbanks.civic.finance.applicable_law import applicable_law
from bothbanks.civic.finance.procurement_steps import (
    AWARDED,
    CANCELLED,
    CLOSED,
    COMPLETE,
    CONTRACTED,
    METHODS,
    PLANNED,
    TENDERING,
    TERMINATED,
    Amendment,
    AmendTender,
    Award,
    CancelTender,
    ChangeContract,
    Command,
    Contract,
    Entry,
    Finish,
    MakeAward,
    MeetMilestone,
    OpenTender,
    Pay,
    Payment,
    Plan,
    Purchase,
    SignContract,
    Tender,
    divide,
)
from bothbanks.civic.finance.threshold_tables import KINDS, UNION
from bothbanks.civic.finance.thresholds import UNKNOWN, Ruling, ruling
from bothbanks.words.errors import InputError

Outcome = tuple[Purchase, tuple[Entry, ...]] | Refusal


def start(plan: Plan) -> Outcome:
    """Plan a purchase. Refused: no buyer, shares that aren't the whole, no law named, no positive estimate.

    Examples
    --------
    >>> from datetime import timezone
    >>> from fractions import Fraction
    >>> from bothbanks.civic.finance.applicable_law import Buyer, LawRule
    >>> words = {"en": "Pumps"}, {"en": "Floods"}
    >>> plan = Plan(datetime(2026, 1, 5, tzinfo=timezone.utc), "ocds-xxxxxx-1", *words, "goods",
    ...     (Buyer("a", "A", "BE", "BE"), Buyer("b", "B", "NL", "NL")), "a",
    ...     {"a": Fraction(3, 5), "b": Fraction(2, 5)}, LawRule("article 7"), "EUR", 30_000_000, ())
    >>> purchase, entries = start(plan)
    >>> purchase.law.law, entries[0].release, purchase.part_of(101)
    ('BE', 'ocds-xxxxxx-1-01-planning', {'a': 61, 'b': 40})
    """
    if plan.when.tzinfo is None:
        return _no_zone(plan.when)
    ids = [b.id for b in plan.buyers]
    if not ids or len(set(ids)) != len(ids):
        return Refusal("procurement.buyers", f"buyers {ids or 'none'} can't buy; name each buyer once.")
    if plan.lead not in ids:
        return Refusal("procurement.lead", f"'{plan.lead}' leads but is no buyer ({', '.join(ids)}).")
    if set(plan.shares) != set(ids) or min(plan.shares.values()) <= 0 or sum(plan.shares.values()) != 1:
        told = ", ".join(f"{b} {share}" for b, share in plan.shares.items())
        return Refusal("procurement.shares", f"shares {told} are not positive parts of 1, one a buyer.")
    if plan.estimate <= 0:
        return Refusal("procurement.estimate", f"an estimate of {plan.estimate} cents is not above nothing.")
    if plan.currency != "EUR":
        return Refusal(
            "procurement.currency",
            f"the thresholds on file are in EUR, and this purchase is in {plan.currency}; state its values "
            "in EUR at a dated rate.",
        )
    if plan.kind not in KINDS:
        return Refusal("procurement.kind", f"'{plan.kind}' is none of {', '.join(KINDS)}.")
    law = applicable_law(plan.rule, plan.buyers, plan.lead, plan.shares)
    if isinstance(law, Refusal):
        return law
    shares = {b: plan.shares[b] for b in ids}
    first = f"{plan.ocid}-01-planning"
    purchase = Purchase(
        plan.ocid, plan.title, plan.rationale, plan.kind, plan.buyers, plan.lead, shares, law,
        plan.rule.entity if plan.rule else None, plan.currency, plan.estimate, plan.items, plan.decision,
        plan.language, PLANNED, plan.when, (first,),
    )  # fmt: skip
    return purchase, (Entry(first, "planning", plan.when, purchase, ("planning", "tender")),)


def decide(purchase: Purchase, command: Command) -> Outcome:
    """Take the next step, or say why it can't be taken; the purchase given is never changed."""
    if isinstance(command, Plan):
        return Refusal("procurement.stage", f"{purchase.ocid} is planned already; give the next step.")
    if purchase.stage in CLOSED:
        return Refusal(
            "procurement.closed",
            f"{purchase.ocid} is {purchase.stage}; nothing can follow but a new purchase.",
        )
    if command.when.tzinfo is None:
        return _no_zone(command.when)
    if command.when < purchase.last:
        return Refusal(
            "procurement.before",
            f"a step of {_day(command.when)} can't follow one of {_day(purchase.last)}; steps go forward "
            "in time.",
        )
    try:
        return _STEPS[type(command)](purchase, command)
    except InputError as error:  # no threshold on file for that day
        return Refusal(error.code, error.message)


def run(plan: Plan, commands: Iterable[Command]) -> Outcome:
    """A whole history; the first refusal ends it."""
    outcome = start(plan)
    for command in commands:
        if isinstance(outcome, Refusal):
            return outcome
        purchase, entries = outcome
        step = decide(purchase, command)
        outcome = step if isinstance(step, Refusal) else (step[0], entries + step[1])
    return outcome


def asked(purchase: Purchase, estimate: int, when: datetime) -> Ruling:
    """What the law named asks for the joint value, on the day the tender opens."""
    return ruling(purchase.law.law, purchase.kind, estimate / 100, when.date())


def _open(purchase: Purchase, command: OpenTender) -> Outcome:
    if purchase.stage != PLANNED:
        return _wrong(purchase, "a tender opens once, after the plan")
    if command.closes <= command.when:
        return Refusal("procurement.closes", "a tender closes after it opens.")
    if command.estimate <= 0:
        return Refusal(
            "procurement.estimate", f"an estimate of {command.estimate} cents is not above nothing."
        )
    needs = asked(purchase, command.estimate, command.when)
    enough = METHODS.get(needs.step.procedure, tuple(METHODS["direct"]))
    if command.method not in METHODS["direct"]:
        return Refusal("procurement.method", f"'{command.method}' is none of {', '.join(METHODS['direct'])}.")
    if command.method not in enough and not command.reason.strip():
        return Refusal(
            "procurement.method",
            f"a joint value of {needs.value:,.0f} EUR under the law of {purchase.law.law} asks for "
            f"'{needs.step.procedure}', and '{command.method}' is freer; give the reason, or use "
            f"{' or '.join(enough)}.",
        )
    tender = Tender(
        command.when, command.closes, command.method, command.estimate, command.criteria,
        needs.step.procedure, command.reason, command.electronic, command.works_from, command.works_to,
    )  # fmt: skip
    return _next(purchase, command.when, "tender", ("tender",), tender=tender, stage=TENDERING)


def _amend(purchase: Purchase, command: AmendTender) -> Outcome:
    tender = purchase.tender
    if tender is None or purchase.stage != TENDERING:
        return _wrong(purchase, "only an open tender can be amended")
    if command.when >= tender.closes:
        return Refusal("procurement.closed-tender", f"the tender closed on {_day(tender.closes)}.")
    if not command.reason.strip():
        return Refusal("procurement.reason", "an amendment needs its reason.")
    closes = command.closes or tender.closes
    if closes <= command.when:
        return Refusal("procurement.closes", "a tender can't be amended to close in the past.")
    estimate = tender.estimate if command.estimate is None else command.estimate
    needs = asked(purchase, estimate, tender.opens).step.procedure
    if estimate <= 0 or (needs not in (tender.procedure, UNKNOWN) and tender.method not in METHODS[needs]):
        return Refusal(
            "procurement.estimate",
            f"with an estimate of {estimate / 100:,.2f} {purchase.currency} the law asks for '{needs}', and "
            f"the tender is '{tender.method}'; cancel it and open a new one.",
        )
    changed = replace(
        tender,
        closes=closes,
        estimate=estimate,
        amendments=(
            *tender.amendments,
            _amendment(purchase, command.when, command.reason, "tenderAmendment"),
        ),
    )
    return _next(purchase, command.when, "tenderAmendment", ("tender",), tender=changed)


def _cancel(purchase: Purchase, command: CancelTender) -> Outcome:
    if purchase.stage == CONTRACTED:
        return _wrong(purchase, "a signed contract is terminated, not cancelled")
    if not command.reason.strip():
        return Refusal("procurement.reason", "a cancellation needs its reason.")
    tender = None if purchase.tender is None else replace(purchase.tender, status="cancelled")
    return _next(
        purchase, command.when, "tenderCancellation", ("tender",), tender=tender, stage=CANCELLED,
        cancelled_because=command.reason,
    )  # fmt: skip


def _award(purchase: Purchase, command: MakeAward) -> Outcome:
    if purchase.stage != TENDERING or purchase.tender is None:
        return _wrong(purchase, "an award follows an open tender")
    if command.when < purchase.tender.closes:
        return Refusal(
            "procurement.still-open",
            f"the tender is open until {_day(purchase.tender.closes)}; an award of {_day(command.when)} is "
            "too early.",
        )
    firms = {s.id: s for s in command.tenderers}
    if len(firms) != len(command.tenderers) or command.winner not in firms:
        return Refusal(
            "procurement.winner",
            f"'{command.winner}' must be one of those who tendered, each named once "
            f"({', '.join(s.id for s in command.tenderers) or 'nobody'}).",
        )
    if command.value <= 0:
        return Refusal("procurement.value", f"an award of {command.value} cents is not above nothing.")
    award = Award(command.when, command.tenderers, firms[command.winner], command.value)
    closed = replace(purchase.tender, status="complete")
    return _next(
        purchase, command.when, "award", ("tender", "awards"), tender=closed, award=award, stage=AWARDED
    )


def _sign(purchase: Purchase, command: SignContract) -> Outcome:
    if purchase.stage != AWARDED or purchase.award is None or purchase.tender is None:
        return _wrong(purchase, "a contract follows an award")
    if command.value <= 0 or command.ends < command.starts:
        return Refusal(
            "procurement.contract", "a contract has a value above nothing and ends after it starts."
        )
    days = asked(purchase, purchase.tender.estimate, purchase.tender.opens).step.standstill_days
    earliest = purchase.award.when + timedelta(days=days or 0)
    if purchase.tender.procedure == UNION and len(purchase.award.tenderers) > 1 and command.when < earliest:
        return Refusal(
            "procurement.standstill",
            f"{len(purchase.award.tenderers)} tendered, so {days} days pass between the award of "
            f"{_day(purchase.award.when)} and the signature; sign from {_day(earliest)} on.",
        )
    contract = Contract(
        command.when, command.value, command.value, command.starts, command.ends, command.milestones
    )
    return _next(purchase, command.when, "contract", ("contracts",), contract=contract, stage=CONTRACTED)


def _change(purchase: Purchase, command: ChangeContract) -> Outcome:
    contract = purchase.contract
    if contract is None:
        return _wrong(purchase, "only a signed contract can be changed")
    if not command.reason.strip():
        return Refusal("procurement.reason", "a change of contract needs its reason.")
    value = contract.value if command.value is None else command.value
    if value < purchase.paid or value <= 0:
        return Refusal(
            "procurement.paid",
            f"{purchase.paid / 100:,.2f} {purchase.currency} are paid; the contract can't be cut to "
            f"{value / 100:,.2f}.",
        )
    changed = replace(
        contract,
        value=value,
        ends=command.ends or contract.ends,
        amendments=(
            *contract.amendments,
            _amendment(purchase, command.when, command.reason, "contractAmendment"),
        ),
    )
    if changed.ends < changed.starts:
        return Refusal("procurement.contract", "a contract ends after it starts.")
    return _next(purchase, command.when, "contractAmendment", ("contracts",), contract=changed)


def _pay(purchase: Purchase, command: Pay) -> Outcome:
    contract = purchase.contract
    if contract is None:
        return _wrong(purchase, "payments follow a signed contract")
    if command.amount <= 0:
        return Refusal("procurement.payment", f"a payment of {command.amount} cents is not above nothing.")
    if purchase.paid + command.amount > contract.value:
        return Refusal(
            "procurement.overpaid",
            f"with {command.amount / 100:,.2f} more, {(purchase.paid + command.amount) / 100:,.2f} "
            f"{purchase.currency} would be paid on a contract of {contract.value / 100:,.2f}; change the "
            "contract first.",
        )
    before = {b.id: purchase.paid_by(b.id) for b in purchase.buyers}
    parts = divide(command.amount, purchase.shares, before)
    payment = Payment(len(purchase.payments) + 1, command.when, command.amount, parts, command.decision)
    return _next(
        purchase, command.when, "implementation", ("contracts",), payments=(*purchase.payments, payment)
    )


def _meet(purchase: Purchase, command: MeetMilestone) -> Outcome:
    contract = purchase.contract
    if contract is None:
        return _wrong(purchase, "milestones are met under a signed contract")
    open_ones = {m.id: m for m in contract.milestones if m.met is None}
    if command.milestone not in open_ones:
        return Refusal(
            "procurement.milestone",
            f"'{command.milestone}' is no open milestone ({', '.join(open_ones) or 'none is open'}).",
        )
    met = tuple(
        replace(m, met=command.when.date()) if m.id == command.milestone else m for m in contract.milestones
    )
    changed = replace(contract, milestones=met)
    return _next(purchase, command.when, "implementation", ("contracts",), contract=changed)


def _finish(purchase: Purchase, command: Finish) -> Outcome:
    contract = purchase.contract
    if contract is None:
        return _wrong(purchase, "only a signed contract can end")
    late = [m.title for m in contract.milestones if m.met is None]
    if command.done and late:
        return Refusal("procurement.open-milestones", f"not yet met: {', '.join(late)}.")
    if not command.done and not command.reason.strip():
        return Refusal("procurement.reason", "a contract broken off needs the reason.")
    changed = replace(contract, status="terminated", ended_because=command.reason)
    return _next(
        purchase, command.when, "contractTermination", ("contracts",), contract=changed,
        stage=COMPLETE if command.done else TERMINATED,
    )  # fmt: skip


_STEPS: dict[type, Callable[[Purchase, Any], Outcome]] = {
    OpenTender: _open,
    AmendTender: _amend,
    CancelTender: _cancel,
    MakeAward: _award,
    SignContract: _sign,
    ChangeContract: _change,
    Pay: _pay,
    MeetMilestone: _meet,
    Finish: _finish,
}


def _next(
    purchase: Purchase, when: datetime, tag: str, touched: tuple[str, ...], **changes: Any
) -> tuple[Purchase, tuple[Entry, ...]]:
    release = _release(purchase, tag)
    after = replace(purchase, last=when, releases=(*purchase.releases, release), **changes)
    return after, (Entry(release, tag, when, after, touched),)


def _release(purchase: Purchase, tag: str) -> str:
    return f"{purchase.ocid}-{len(purchase.releases) + 1:02d}-{tag}"


def _amendment(purchase: Purchase, when: datetime, reason: str, tag: str) -> Amendment:
    number = sum("Amendment" in release for release in purchase.releases) + 1
    return Amendment(f"amendment-{number}", when, reason, purchase.releases[-1], _release(purchase, tag))


def _no_zone(when: datetime) -> Refusal:
    return Refusal("procurement.zone", f"{when.isoformat()} has no time zone; give one, such as Z.")


def _wrong(purchase: Purchase, expected: str) -> Refusal:
    return Refusal("procurement.stage", f"{purchase.ocid} is {purchase.stage}; {expected}.")


def _day(when: datetime) -> str:
    return when.isoformat(timespec="minutes")
