"""Capital, its Euler parts and the core test, on numbers that can be checked by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from bothbanks.analysis.reserve.allocation import core_test, euler_allocation, proportional_allocation
from bothbanks.analysis.reserve.capital import (
    Claims,
    capital,
    coalition_capital,
    diversification,
    tail_value_at_risk,
    tail_weights,
    tail_years,
)
from bothbanks.analysis.risk.metrics import tail_value_at_risk as tail_by_sorting
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError


def independent_floods(chance: float, loss: float) -> np.ndarray:
    """Two members, each hit with the same chance, independently: all outcomes in their right proportion."""
    per_side = round(1 / chance)
    hit = [loss] + [0.0] * (per_side - 1)
    return np.array(list(itertools.product(hit, hit)))


def test_tail_value_by_selection_is_tail_value_by_sorting() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        loss = np.maximum(rng.normal(size=rng.integers(5, 60)), 0).round(1)
        level = float(rng.uniform(0.05, 0.9))
        if (1 - level) * loss.size >= 1:
            assert tail_value_at_risk(loss, level) == pytest.approx(tail_by_sorting(loss, level))
            assert tail_weights(loss, level) @ loss == pytest.approx(tail_by_sorting(loss, level))


def test_years_without_a_payout_may_be_left_out() -> None:
    rng = np.random.default_rng(2)
    paid = rng.lognormal(0, 1, (400, 3)) * (rng.random((400, 3)) < 0.05)
    claims = Claims.of(paid)
    assert claims.paid.shape[0] < 100
    assert claims.years == 400
    for level in (0.5, 0.9, 0.995):
        found = coalition_capital(claims, level)
        for mask in range(1, 8):
            inside = [i for i in range(3) if mask >> i & 1]
            assert found[mask] == pytest.approx(capital(paid[:, inside].sum(axis=1), level))
        total = claims.total(7)
        parts = claims.tail(total, level) @ claims.paid - claims.mean
        assert parts == pytest.approx(euler_allocation(paid, level))


def test_two_independent_members_gain_what_enumeration_says() -> None:
    # each loses 100 with chance 1/10; level 0.9: alone the tail is the hit, TVaR 100, mean 10, capital 90
    loss = independent_floods(0.1, 100.0)
    found = coalition_capital(loss, 0.9)
    assert found[1] == found[2] == pytest.approx(90.0)
    # together: 200 with chance 0.01, 100 with 0.18; worst tenth: (0.01 x 200 + 0.09 x 100) / 0.1 = 110
    assert found[3] == pytest.approx(110.0 - 20.0)
    assert diversification(found).whole == pytest.approx(0.5)
    assert euler_allocation(loss, 0.9) == pytest.approx([45.0, 45.0])


def test_comonotone_members_gain_nothing() -> None:
    rng = np.random.default_rng(3)
    driver = np.sort(rng.lognormal(0, 1, 1000))
    loss = np.stack([driver, np.maximum(driver - 1, 0), driver**2], axis=1)
    found = coalition_capital(loss, 0.97)
    assert diversification(found).whole == pytest.approx(0.0, abs=1e-12)
    assert euler_allocation(loss, 0.97) == pytest.approx(found[[1, 2, 4]])


def test_independent_normal_members_gain_one_less_root_half() -> None:
    # capital of a normal sum is in proportion to its standard deviation: sqrt(2) for two, not 2
    rng = np.random.default_rng(4)
    loss = rng.normal(100.0, 10.0, (400_000, 2))
    found = [capital(x, 0.99) for x in (loss[:, 0], loss[:, 1], loss.sum(axis=1))]
    assert 1 - found[2] / (found[0] + found[1]) == pytest.approx(1 - 1 / np.sqrt(2), abs=0.01)
    # TVaR of a standard normal: density at the quantile over the tail (McNeil, Frey, Embrechts, ex. 2.14)
    assert found[0] == pytest.approx(10 * 2.665, rel=0.01)


def test_ties_are_shared_whatever_the_order() -> None:
    loss = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 0.0], [20.0, 20.0]])
    first = euler_allocation(loss, 0.5)
    assert first.sum() == pytest.approx(capital(loss.sum(axis=1), 0.5))
    for order in itertools.permutations(range(5)):
        assert euler_allocation(loss[list(order)], 0.5) == pytest.approx(first)


def test_a_member_without_losses_is_allowed() -> None:
    loss = np.array([[0.0, 0.0], [10.0, 0.0], [30.0, 0.0], [0.0, 0.0]])
    found = coalition_capital(loss, 0.5)
    assert found[2] == 0.0
    assert found[3] == found[1] == pytest.approx(10.0)
    assert euler_allocation(loss, 0.5) == pytest.approx([10.0, 0.0])
    spared = diversification(found)
    assert spared.whole == 0.0
    assert spared.pair[0, 1] == 0.0
    nobody = coalition_capital(np.zeros((10, 2)), 0.5)
    assert not nobody.any()
    assert np.isnan(diversification(nobody).pair).all()


def test_a_coalition_that_would_leave_is_named() -> None:
    cost = [0.0, 10.0, 10.0, 14.0, 10.0, 18.0, 19.0, 24.0]
    kept = core_test(cost, [7.0, 7.0, 10.0])
    assert kept.holds
    assert kept.worst == 3
    assert kept.slack == 0.0
    assert kept.tested == 6
    broken = core_test(cost, [8.0, 8.0, 8.0])
    assert not broken.holds
    assert broken.failing == (3,)
    assert broken.slack == pytest.approx(-2.0)
    with pytest.raises(ShapeError, match="add up"):
        core_test(cost, [8.0, 8.0, 9.0])
    with pytest.raises(ShapeError, match="need 4"):
        core_test(cost, [12.0, 12.0])
    assert core_test([0.0, 5.0], [5.0]).holds


def test_capital_in_proportion() -> None:
    assert proportional_allocation(9.0, [0.0, 0.0]).tolist() == [4.5, 4.5]


@pytest.mark.parametrize("level", [0.0, 1.0, -0.5, 1.2, float("nan")])
def test_a_level_outside_nought_and_one(level: float) -> None:
    with pytest.raises(RangeError, match=r"reserve\.level"):
        capital([1.0, 2.0], level)


def test_too_few_years_for_the_level() -> None:
    with pytest.raises(RangeError, match=r"at least 1000 years"):
        capital(np.arange(10.0), 0.999)
    with pytest.raises(RangeError, match=r"at least 10000 years"):
        tail_years(1000, 0.99, least=100)


def test_losses_that_cannot_be() -> None:
    with pytest.raises(MissingValueError):
        capital([1.0, np.nan], 0.5)
    with pytest.raises(ShapeError):
        capital(np.zeros((2, 2)), 0.5)
    with pytest.raises(ShapeError):
        coalition_capital(np.zeros(3), 0.5)
    with pytest.raises(ShapeError):
        euler_allocation(np.zeros(3), 0.5)
    with pytest.raises(MissingValueError):
        Claims.of(np.array([[np.nan]]))
    with pytest.raises(RangeError, match="0 or more"):
        Claims.of(np.array([[-1.0]]))
