"""A purchase from plan to last payment: what each step does, what is refused and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import pytest
from procurement_cases import AWARD, BUYERS, CONTRACT, FIRMS, LIFE, TENDER, after, at, plan, refused

from bothbanks.civic.changes import Refusal
from bothbanks.civic.finance.applicable_law import Entity, LawRule
from bothbanks.civic.finance.procurement import decide, run, start
from bothbanks.civic.finance.procurement_steps import (
    AmendTender,
    CancelTender,
    ChangeContract,
    Command,
    Finish,
    MakeAward,
    MeetMilestone,
    OpenTender,
    Pay,
    Plan,
    SignContract,
    divide,
)
from bothbanks.words.errors import RangeError


def test_a_whole_life_leaves_one_entry_a_step() -> None:
    purchase, entries = after(LIFE)
    assert [e.tag for e in entries] == [
        "planning", "tender", "tenderAmendment", "award", "contract", "contractAmendment", "implementation",
        "implementation", "implementation", "contractTermination",
    ]  # fmt: skip
    assert [e.release for e in entries] == list(purchase.releases)
    assert entries[3].release == "ocds-xxxxxx-test-1-04-award"
    assert purchase.stage == "complete"
    assert purchase.law.law == "BE"
    assert purchase.paid == 46_999_999
    assert purchase.contract is not None
    assert (purchase.contract.first_value, purchase.contract.value) == (43_000_000, 47_000_000)


def test_payments_are_divided_to_the_cent_and_even_out() -> None:
    purchase, _ = after(LIFE)
    assert [sum(p.parts.values()) for p in purchase.payments] == [p.amount for p in purchase.payments]
    paid = [purchase.paid_by(b.id) for b in BUYERS]
    assert sum(paid) == purchase.paid
    assert max(paid) - min(paid) <= 1, "thirds of an amount differ by a cent at most"


def test_small_payments_never_make_a_negative_part() -> None:
    shares = {"a": Fraction(9, 10), "b": Fraction(1, 10)}
    assert divide(1, shares, {"a": 0, "b": 1}) == {"a": 1, "b": 0}
    assert divide(1, shares, {"a": 10, "b": 0}) == {"a": 0, "b": 1}


@pytest.mark.parametrize("paid", [None, {"a": 0, "b": 0}, {"a": 7, "b": 3}])
def test_nothing_divided_is_nothing_for_each(paid: dict[str, int] | None) -> None:
    assert divide(0, {"a": Fraction(2, 3), "b": Fraction(1, 3)}, paid) == {"a": 0, "b": 0}


def test_a_negative_amount_is_not_divided() -> None:
    with pytest.raises(RangeError, match="-5 minor units"):
        divide(-5, {"a": Fraction(1)})


def test_the_state_given_is_never_changed() -> None:
    purchase, _ = after([TENDER])
    before = repr(purchase)
    decide(purchase, AWARD)
    decide(purchase, AmendTender(at(2, 10), "x", closes=at(3, 9)))
    assert repr(purchase) == before


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"buyers": ()}, "procurement.buyers"),
        ({"buyers": (BUYERS[0], BUYERS[0])}, "procurement.buyers"),
        ({"lead": "z"}, "procurement.lead"),
        ({"shares": {"a": Fraction(1, 2), "b": Fraction(1, 4)}}, "procurement.shares"),
        (
            {"shares": {"a": Fraction(1, 2), "b": Fraction(1, 4), "c": Fraction(1, 8)}},
            "procurement.shares",
        ),
        (
            {"shares": {"a": Fraction(3, 2), "b": Fraction(-1, 4), "c": Fraction(-1, 4)}},
            "procurement.shares",
        ),
        ({"estimate": 0}, "procurement.estimate"),
        ({"currency": "CHF"}, "procurement.currency"),
        ({"kind": "cheese"}, "procurement.kind"),
        ({"rule": None}, "procurement.no-law"),
        ({"when": datetime(2026, 1, 5)}, "procurement.zone"),
    ],
)
def test_a_plan_that_can_not_start(changes: dict[str, Any], code: str) -> None:
    assert refused((), **changes).code == code


DIRECT = OpenTender(at(2, 1), "direct", at(3, 6), 42_000_000, "priceOnly")
NEXT_DAY = SignContract(at(3, 11), 43_000_000, date(2026, 4, 1), date(2026, 5, 1))


@pytest.mark.parametrize(
    ("commands", "code", "words"),
    [
        ([DIRECT], "procurement.method", "asks for 'union-open'"),
        ([OpenTender(at(2, 1), "open", at(2, 1), 1, "priceOnly")], "procurement.closes", "after it opens"),
        ([OpenTender(at(1, 1), "open", at(3, 6), 1, "priceOnly")], "procurement.before", "forward in time"),
        ([OpenTender(datetime(2026, 2, 1), "open", at(3, 6), 1, "priceOnly")], "procurement.zone", "zone"),
        ([TENDER, TENDER], "procurement.stage", "tendering"),
        ([plan()], "procurement.stage", "planned already"),
        ([AWARD], "procurement.stage", "follows an open tender"),
        ([TENDER, MakeAward(at(3, 1), FIRMS, "s1", 1)], "procurement.still-open", "open until"),
        ([TENDER, MakeAward(at(3, 10), FIRMS, "s9", 1)], "procurement.winner", "s1, s2"),
        ([TENDER, MakeAward(at(3, 10), (), "s1", 1)], "procurement.winner", "nobody"),
        ([TENDER, MakeAward(at(3, 10), FIRMS, "s1", 0)], "procurement.value", "not above nothing"),
        ([TENDER, AmendTender(at(2, 2), " ", closes=at(3, 9))], "procurement.reason", "reason"),
        ([TENDER, AmendTender(at(3, 7), "late", closes=at(3, 9))], "procurement.closed-tender", "closed on"),
        ([TENDER, AWARD, NEXT_DAY], "procurement.standstill", "10 days"),
        ([CONTRACT], "procurement.stage", "follows an award"),
        ([TENDER, AWARD, CONTRACT, CancelTender(at(4, 1), "no")], "procurement.stage", "terminated, not"),
        ([TENDER, AWARD, CONTRACT, Pay(at(4, 2), 43_000_001)], "procurement.overpaid", "change the contract"),
        ([TENDER, AWARD, CONTRACT, Pay(at(4, 2), -1)], "procurement.payment", "not above nothing"),
        ([TENDER, AWARD, CONTRACT, MeetMilestone(at(4, 2), "x")], "procurement.milestone", "(m)"),
        ([TENDER, AWARD, CONTRACT, Finish(at(4, 2), True)], "procurement.open-milestones", "delivered"),
        ([TENDER, AWARD, CONTRACT, Finish(at(4, 2), False)], "procurement.reason", "broken off"),
        ([TENDER, AWARD, CONTRACT, ChangeContract(at(4, 2), "")], "procurement.reason", "reason"),
        (
            [TENDER, AWARD, CONTRACT, Pay(at(4, 2), 5_000), ChangeContract(at(4, 3), "less", 4_999)],
            "procurement.paid", "can't be cut",
        ),
        ([*LIFE, Pay(at(10, 1), 1)], "procurement.closed", "complete"),
        ([CancelTender(at(2, 1), "no money"), TENDER], "procurement.closed", "cancelled"),
    ],
)  # fmt: skip
def test_steps_that_can_not_be_taken(commands: Sequence[Command], code: str, words: str) -> None:
    refusal = refused(commands)
    assert refusal.code == code
    assert words in refusal.reason


def test_a_freer_method_needs_its_reason_and_keeps_it() -> None:
    purchase, _ = after([OpenTender(at(2, 1), "direct", at(3, 6), 42_000_000, "priceOnly", "flood tonight")])
    assert purchase.tender is not None
    assert purchase.tender.reason == "flood tonight"


def test_below_the_threshold_the_named_law_decides() -> None:
    """180,000 euros: free under the regime of one lead, not under that of another."""
    small = OpenTender(at(2, 1), "direct", at(3, 6), 18_000_000, "priceOnly")
    assert refused([small], lead="a").code == "procurement.method"
    assert after([small], lead="c")[0].stage == "tendering"


def test_an_estimate_amended_over_the_threshold_asks_for_another_method() -> None:
    small = OpenTender(at(2, 1), "limited", at(3, 6), 10_000_000, "priceOnly")
    refusal = refused([small, AmendTender(at(2, 2), "more pumps", estimate=30_000_000)])
    assert refusal.code == "procurement.estimate"
    assert "union-open" in refusal.reason


def test_a_sole_tenderer_waits_for_nobody() -> None:
    alone = MakeAward(at(3, 10), FIRMS[:1], "s1", 43_000_000)
    assert after([TENDER, alone, NEXT_DAY])[0].stage == "contracted"


def test_a_year_without_thresholds_is_a_refusal_and_no_crash() -> None:
    late = OpenTender(
        datetime(2031, 1, 1, tzinfo=at(1, 1).tzinfo), "open", datetime(2031, 3, 1, tzinfo=at(1, 1).tzinfo),
        42_000_000, "priceOnly",
    )  # fmt: skip
    assert refused([late]).code == "procurement.threshold-day"


def test_a_joint_body_runs_the_purchase_under_its_own_law() -> None:
    body = Entity("body", "Joint body", "NL", ("NL",))
    purchase, _ = after([TENDER], rule=LawRule("art. 3", "39(5)", "seat", entity=body))
    assert (purchase.law.law, purchase.entity) == ("NL", body)


def test_run_stops_at_the_first_refusal() -> None:
    outcome = run(plan(), [TENDER, AWARD, NEXT_DAY, CONTRACT])
    assert isinstance(outcome, Refusal)
    assert outcome.code == "procurement.standstill"
    assert isinstance(start(plan(rule=None)), Refusal)
    assert isinstance(run(plan(rule=None), [TENDER]), Refusal)


def test_a_plan_is_frozen() -> None:
    with pytest.raises(AttributeError):
        plan().estimate = 1  # type: ignore[misc]
    assert isinstance(plan(), Plan)
