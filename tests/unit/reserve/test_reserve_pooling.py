"""A fund of two checked by hand, premiums to the cent, the game of pooling, and what lies outside."""

from __future__ import annotations

import numpy as np
import pytest

from bothbanks.analysis.cooperation.core import in_core
from bothbanks.analysis.cooperation.game import CoalitionGame
from bothbanks.analysis.reserve.allocation import core_test, proportional_allocation
from bothbanks.analysis.reserve.outside import ceded_layer, far_pool
from bothbanks.analysis.reserve.pooling import (
    Cession,
    FundTerms,
    PooledCosts,
    pool_costs,
    pool_premiums,
    saving_worths,
)
from bothbanks.analysis.reserve.premium import bill
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

# Ten years: left is hit in one, right in another, both in a third. Level 0.8: the worst two years count.
YEARS = np.zeros((10, 2))
YEARS[0, 0], YEARS[1, 1], YEARS[2] = 100.0, 60.0, (50.0, 40.0)
TERMS = FundTerms(level=0.8, load=0.1, running_alone=3.0, running_fixed=2.0, running_member=1.0)


def test_the_fund_of_two_by_hand() -> None:
    costs = pool_costs(YEARS, TERMS)
    # left alone: mean 15, tail (100 + 50) / 2 = 75, capital 60; right: mean 10, tail 50, capital 40
    # both: totals 100, 60, 90: mean 25, tail (100 + 90) / 2 = 95, capital 70
    assert costs.expected.tolist() == [0.0, 15.0, 10.0, 25.0]
    assert costs.capital == pytest.approx([0.0, 60.0, 40.0, 70.0])
    assert costs.cost == pytest.approx([0.0, 15 + 6 + 3, 10 + 4 + 3, 25 + 7 + 4])
    # saved: 0.1 x (100 - 70) of capital, and 6 - 4 of running cost
    assert costs.saving() == pytest.approx([0.0, 0.0, 0.0, 5.0])
    premiums = pool_premiums(YEARS, 3, TERMS)
    # in the two bad years left has 100 and 50, right 0 and 40: tail means 75 and 20
    assert premiums.capital == pytest.approx([60.0, 10.0])
    assert premiums.premium == pytest.approx([15 + 6 + 2, 10 + 1 + 2])
    assert premiums.premium.sum() == pytest.approx(costs.cost[3])


def test_a_fall_in_capital_is_no_gain_by_itself() -> None:
    free = pool_costs(YEARS, FundTerms(0.8, 0.0))
    assert free.capital[3] < free.capital[1] + free.capital[2]
    assert free.saving() == pytest.approx([0.0, 0.0, 0.0, 0.0])
    dear = pool_costs(YEARS, FundTerms(0.8, 0.1, 0.0, 100.0, 0.0))
    assert dear.saving()[3] == pytest.approx(3.0 - 100.0)
    assert saving_worths(dear).tolist() == [0.0, 0.0, 0.0, 0.0]
    alone = PooledCosts(YEARS, dear)
    assert alone((3,)) == pytest.approx(alone((1, 2)))  # a block that would lose by pooling holds apart


def test_premiums_to_the_cent() -> None:
    members = ["a", "b", "c"]
    rng = np.random.default_rng(1)
    paid = rng.lognormal(3, 1, (999, 3))
    made = pool_premiums(paid, 7, FundTerms(0.95, 0.07, 1.0, 10 / 3, 1 / 7))
    found = bill(made, members, "EUR", 2023)
    assert sum(found.premium(m).minor for m in members) == found.total.minor
    assert found.total.amount == pytest.approx(made.premium.sum(), abs=0.02)
    for i, m in enumerate(members):
        assert found.premium(m).amount == pytest.approx(made.premium[i], abs=0.04)
    for part in found.parts.values():
        assert all(isinstance(v, int) for v in part.values())
    with pytest.raises(ShapeError, match="2 members"):
        bill(made, ["a", "b"], "EUR", 2023)


def test_the_game_of_pooling_holds_with_euler_premiums() -> None:
    rng = np.random.default_rng(2)
    shared = rng.lognormal(0, 1, (2000, 1)) * (rng.random((2000, 1)) < 0.1)
    paid = shared * rng.lognormal(0, 1, (2000, 5))
    terms = FundTerms(0.95, 0.08, 0.02, 0.03, 0.01)
    costs = pool_costs(paid, terms)
    premiums = pool_premiums(paid, 31, terms).premium
    assert core_test(costs.cost, premiums).holds
    members = tuple("abcde")
    game = CoalitionGame.from_worths(members, saving_worths(costs))
    shares = dict(zip(members, (costs.alone - premiums).tolist(), strict=True))
    assert game.total > 0
    assert in_core(game, shares)


def test_capital_shared_as_payouts_can_drive_a_member_out() -> None:
    # left pays often and little, right seldom and much: by payouts left would carry half of right's capital
    paid = np.zeros((100, 2))
    paid[:50, 0], paid[0, 1] = 1.0, 50.0
    terms = FundTerms(0.98, 0.1)
    costs = pool_costs(paid, terms)
    parts = pool_premiums(paid, 3, terms)
    assert core_test(costs.cost, parts.premium).holds
    unfair = parts.expected + 0.1 * proportional_allocation(float(costs.capital[3]), parts.expected)
    assert core_test(costs.cost, unfair).failing == (1,)


def test_a_layer_ceded_by_each_pool_may_leave_the_core_empty_handed() -> None:
    rng = np.random.default_rng(3)
    failing = 0
    for _ in range(30):
        paid = np.rint(rng.lognormal(4, 1.5, (200, 3)) * (rng.random((200, 3)) < 0.15))
        terms, cession = FundTerms(0.9, 0.1), Cession(5.0, 20.0, 0.9, 0.05)
        costs = pool_costs(paid, terms, cession)
        premiums = pool_premiums(paid, 7, terms, cession).premium
        assert premiums.sum() == pytest.approx(costs.cost[7])
        failing += not core_test(costs.cost, premiums).holds
    assert failing > 0  # so it has to be tested, and is


def test_a_far_copy_and_a_perfect_copy() -> None:
    rare = np.zeros(10_000)
    rare[:100] = 100.0
    terms = FundTerms(0.99, 0.06)
    found = far_pool(rare, terms, np.random.default_rng(4))
    # worst 1 % of two independent regions: about one year both (1e-4), so TVaR is near 101 in place of 200
    assert found.capital_alone == pytest.approx(99.0)
    assert found.capital_with == pytest.approx((101 - 2) / 2, abs=1.5)
    assert found.saving == pytest.approx(0.06 * (found.capital_alone - found.capital_with))
    assert 0.48 < found.diversification < 0.51
    assert far_pool(np.zeros(100), terms, np.random.default_rng(4)).diversification == 0.0


def test_a_ceded_layer_by_hand() -> None:
    total = np.zeros(100)
    total[:4] = (400.0, 300.0, 200.0, 100.0)
    terms, cession = FundTerms(0.98, 0.1), Cession(25.0, 50.0, 0.5, 0.2)
    # once in 50 years: 300; once in 25: 100. The layer pays half of what lies between: 100, 100, 50 and 0
    found = ceded_layer(total, terms, cession)
    assert (found.attachment, found.exhaustion) == (100.0, 300.0)
    assert found.price == pytest.approx(0.2 * 100)
    assert found.expected == pytest.approx(2.5)
    assert found.capital_before == pytest.approx(350 - 10)
    assert found.capital_after == pytest.approx(250 - 7.5)
    assert found.net == pytest.approx(2.5 + 0.1 * 97.5 - 20)
    assert found.price_that_breaks_even == pytest.approx((2.5 + 9.75) / 100)


@pytest.mark.parametrize(
    "wrong",
    [
        {"level": 1.0},
        {"load": -0.1},
        {"running_alone": -1.0},
        {"running_fixed": float("inf")},
    ],
)
def test_terms_of_a_fund_that_cannot_be(wrong: dict[str, float]) -> None:
    with pytest.raises(RangeError, match=r"reserve\."):
        FundTerms(**{"level": 0.99, "load": 0.06, **wrong})


def test_other_terms_that_cannot_be() -> None:
    with pytest.raises(MissingValueError):
        FundTerms(0.99, float("nan"))
    with pytest.raises(RangeError, match="attaches once in 50"):
        Cession(50.0, 20.0, 0.5, 0.04)
    with pytest.raises(RangeError, match="ceding share"):
        Cession(20.0, 50.0, 1.5, 0.04)
    with pytest.raises(RangeError, match="rate on line"):
        Cession(20.0, 50.0, 0.5, -0.04)
    with pytest.raises(ShapeError):
        pool_costs(np.zeros(3), TERMS)
