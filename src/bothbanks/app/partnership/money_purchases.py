"""Joint purchases at work: planned under one named law, then step by step; a payment takes two people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from bothbanks.app.partnership.bounds import (
    Amount,
    Day,
    Moment,
    is_identifier,
    minor_or_refused,
)
from bothbanks.app.partnership.commands import Command
from bothbanks.app.partnership.desk import Desk, Done
from bothbanks.app.partnership.duties import kept_or_refused, loaded
from bothbanks.app.partnership.money import as_told, pairs
from bothbanks.app.partnership.money_opening import RULES, law_fault, purchase_entries
from bothbanks.app.partnership.references import no_decision
from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact.roles import COUNCIL, SECRETARIAT, Right
from bothbanks.civic.finance import procurement
from bothbanks.civic.finance.applicable_law import Buyer
from bothbanks.civic.finance.booked import BuyingRules
from bothbanks.civic.finance.procurement_steps import Milestone, Plan, Supplier
from bothbanks.civic.finance.procurement_taken import KeptPurchase, Taken, command_of
from bothbanks.store.interface import MissingError

BUY_RIGHT = Right(frozenset({SECRETARIAT, COUNCIL}), own_member=True)


@dataclass(frozen=True)
class PlanPurchase:
    """Plan a joint purchase; the member leads it. One line a buyer: 'member share'."""

    member: str
    title: str
    rationale: str
    kind: Literal["goods", "services", "works", "social"]
    shares: tuple[str, ...]
    estimate: Amount
    decision: str
    currency: str = "EUR"


@dataclass(frozen=True)
class TakePurchaseStep:
    """Take a step of a purchase; which fields it needs depends on the step.

    One line a firm: 'id; name'. One line a milestone: 'id; title; day'.
    """

    purchase: str
    member: str
    step: Literal[
        "tender",
        "amend-tender",
        "cancel",
        "award",
        "contract",
        "change",
        "milestone",
        "complete",
        "terminate",
    ]
    amount: Amount | None = None
    method: str = ""
    closes: Moment | None = None
    criteria: str = "ratedCriteria"
    reason: str = ""
    tenderers: tuple[str, ...] = ()
    winner: str = ""
    starts: Day | None = None
    ends: Day | None = None
    milestones: tuple[str, ...] = ()
    milestone: str = ""
    version: int | None = None


@dataclass(frozen=True)
class PaySupplier:
    """Pay the supplier of a purchase, each buyer its share."""

    purchase: str
    member: str
    amount: Amount
    decision: str
    version: int | None = None


def plan_purchase(desk: Desk, form: PlanPurchase) -> Done | Refusal:
    """Plan a joint purchase: the agreement names its law before anything starts."""
    fault = no_decision(desk, form.decision, f"purchase/{form.title}")
    if fault is not None:
        return fault
    try:
        rules = desk.load(BuyingRules, RULES).state
    except MissingError:
        return Refusal(
            "money.no-rules", "the agreement has no rules on joint purchases yet.", cause="missing"
        )
    try:
        shares = {
            m.strip(): Fraction(s) for m, _, s in (line.strip().rpartition(" ") for line in form.shares)
        }
    except (ValueError, ZeroDivisionError):
        return Refusal("money.shares", "a share is 'member 1/3', and all of them add up to 1.")
    unknown = [m for m in shares if m not in desk.region.members]
    if unknown:
        return Refusal("command.member", "there is no member '{member}'.", {"member": unknown[0]}, "missing")
    minor = minor_or_refused(form.estimate, form.currency)
    if isinstance(minor, Refusal):
        return minor
    id = desk.new_id()
    languages = desk.region.languages
    plan = Plan(
        desk.at, f"{rules.ocid_prefix}-{id}", dict.fromkeys(languages, form.title),
        dict.fromkeys(languages, form.rationale), form.kind, tuple(_buyer(desk, m, rules) for m in shares),
        form.member, shares, rules.rule, form.currency, minor, (), form.decision, rules.language,
    )  # fmt: skip
    outcome = procurement.start(plan)
    if isinstance(outcome, Refusal):
        return as_told(outcome)
    no_law = law_fault(desk, outcome[0])
    if no_law is not None:
        return no_law
    kept = KeptPurchase(id, outcome[0], minor, ())
    desk.keep(id, Change(kept, purchase_entries(id, outcome[1])), None)
    return Done(f"purchase/{id}")


def _buyer(desk: Desk, member: str, rules: BuyingRules) -> Buyer:
    facts = desk.region.members[member]
    name = facts.name.get(facts.languages[0], member)
    return Buyer(member, name, facts.country, rules.regimes.get(member, facts.country))


def take_purchase_step(desk: Desk, form: TakePurchaseStep) -> Done | Refusal:
    """Take a step of a purchase; its lead runs it."""
    try:
        firms = tuple(Supplier(i, name) for i, name in pairs(form.tenderers).items())
        due = tuple(
            Milestone(i.strip(), title.strip(), date.fromisoformat(day.strip()))
            for i, title, day in (line.split(";") for line in form.milestones)
        )
    except ValueError:
        return _no_milestone()
    names = [*(f.id for f in firms), *(m.id for m in due)]
    if not all(is_identifier(n) for n in names):
        return _no_milestone()
    kept = loaded(desk, KeptPurchase, form.purchase, form.version)
    if isinstance(kept, Refusal):
        return kept
    minor = minor_or_refused(form.amount, kept.state.purchase.currency) if form.amount is not None else None
    if isinstance(minor, Refusal):
        return minor
    if form.step == "tender" and (form.closes is None):
        return Refusal("money.closes", "say until when tenders are taken, with the time zone.")
    criteria = form.criteria if form.step == "tender" else ""
    taken = Taken(
        form.step, desk.at, minor, form.method, form.closes, criteria, form.reason, True, firms,
        form.winner, form.starts, form.ends, due, form.milestone,
    )  # fmt: skip
    return kept_or_refused(desk, kept, "purchase", lambda k: _purchase_step(k, form.member, taken))


def pay_supplier(desk: Desk, form: PaySupplier) -> Done | Refusal:
    """Pay the supplier."""
    kept = loaded(desk, KeptPurchase, form.purchase, form.version)
    if isinstance(kept, Refusal):
        return kept
    # The decision that the purchase was planned by also pays for it.
    planned = form.decision == kept.state.purchase.decision
    fault = no_decision(desk, form.decision, *(() if planned else (f"purchase/{kept.id}",)))
    if fault is not None:
        return fault
    minor = minor_or_refused(form.amount, kept.state.purchase.currency)
    if isinstance(minor, Refusal):
        return minor
    taken = Taken("pay", desk.at, minor, decision=form.decision)
    return kept_or_refused(desk, kept, "purchase", lambda k: _purchase_step(k, form.member, taken))


def _purchase_step(kept: KeptPurchase, member: str, taken: Taken) -> Change[KeptPurchase] | Refusal:
    if member != kept.purchase.lead:
        return Refusal(
            "money.lead", "{lead} leads this purchase and takes its steps.", {"lead": kept.purchase.lead},
            "forbidden",
        )  # fmt: skip
    outcome = procurement.decide(kept.purchase, command_of(taken, kept.estimate))
    if isinstance(outcome, Refusal):
        return as_told(outcome)
    state = KeptPurchase(kept.id, outcome[0], kept.estimate, (*kept.steps, taken))
    return Change(state, purchase_entries(kept.id, outcome[1]))


def _no_milestone() -> Refusal:
    return Refusal("money.milestones", "a milestone is 'id; title; 2027-01-31', a firm is 'id; name'.")


COMMANDS: tuple[Command[Any], ...] = (
    Command("money.plan-purchase", PlanPurchase, plan_purchase, BUY_RIGHT),
    Command("money.purchase-step", TakePurchaseStep, take_purchase_step, BUY_RIGHT),
    Command("money.purchase-pay", PaySupplier, pay_supplier, BUY_RIGHT, two_people=True),
)
