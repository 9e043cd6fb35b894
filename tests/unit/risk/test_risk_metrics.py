"""Loss metrics on hand-computed cases and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bothbanks.analysis.risk import (
    EventTable,
    LossTable,
    aggregate_distribution,
    expected_annual_damage,
    occurrence_curve,
    origin_matrix,
    reading_gap,
    return_period_rates,
    return_period_table,
    simulate_years,
    tail_value_at_risk,
    value_at_risk,
)
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

LOSS = np.array([0.0, 10.0, 100.0, 10.0, 500.0])
RATE = np.array([0.5, 0.1, 0.02, 0.1, 0.01])


def test_occurrence_curve_by_hand() -> None:
    maxima = occurrence_curve(LOSS, RATE, "annual-maxima")
    assert maxima.loss.tolist() == [500.0, 100.0, 10.0]
    np.testing.assert_allclose(maxima.probability, [0.01, 0.03, 0.23])
    poisson = occurrence_curve(LOSS, RATE, "poisson")
    np.testing.assert_allclose(poisson.probability, 1 - np.exp([-0.01, -0.03, -0.23]))


def test_annual_maxima_of_two_hazards_are_independent() -> None:
    curve = occurrence_curve([100.0, 100.0, 5.0], [0.1, 0.2, 0.5], "annual-maxima", [0, 1, 1])
    np.testing.assert_allclose(curve.probability, [1 - 0.9 * 0.8, 1 - 0.9 * 0.3])


def test_loss_at_a_return_period_is_a_step_and_invents_no_tail() -> None:
    curve = occurrence_curve(LOSS, RATE, "annual-maxima")
    np.testing.assert_array_equal(curve.loss_at([1, 4, 5, 33, 100, 1e6]), [0, 0, 10, 10, 500, 500])
    assert curve.loss_at(1 / 0.03) == 100.0
    with pytest.raises(RangeError, match="1 year or more"):
        curve.loss_at(0.5)


def test_the_two_readings_differ_by_rate_squared_over_two() -> None:
    gap = reading_gap(LOSS, RATE, [5, 100])
    assert gap.largest_probability_gap == pytest.approx(0.23 - (1 - math.exp(-0.23)))
    assert gap.largest_probability_gap <= 0.23**2 / 2
    # at 100 years: P(>=500) is 0.01 as annual maximum, a trifle less as Poisson event
    np.testing.assert_array_equal(gap.annual_maxima, [10, 500])
    np.testing.assert_array_equal(gap.poisson, [10, 100])
    np.testing.assert_allclose(gap.relative, [0, 4])
    with pytest.raises(RangeError, match="sum to 1 at most"):
        reading_gap([1.0, 2.0], [0.9, 0.9], [10])


def test_return_period_table_has_a_column_for_each_key() -> None:
    loss = np.stack([LOSS, LOSS[::-1]], axis=1)
    table = return_period_table(loss, RATE, [10, 100], "annual-maxima")
    np.testing.assert_array_equal(table[:, 0], [10, 500])
    np.testing.assert_array_equal(table[:, 1], [500, 500])


def test_aggregate_of_one_loss_size_is_a_poisson_count() -> None:
    dist = aggregate_distribution([10.0], [0.7])
    near = [dist.probability[np.abs(dist.loss - 10 * k) < 1.0].sum() for k in range(6)]
    exact = [math.exp(-0.7) * 0.7**k / math.factorial(k) for k in range(6)]
    np.testing.assert_allclose(near, exact, atol=1e-9)
    assert dist.mean == pytest.approx(7.0, rel=1e-9)


def test_aggregate_of_annual_maxima_is_the_mixture() -> None:
    dist = aggregate_distribution([10.0, 30.0], [0.2, 0.1], "annual-maxima")
    near = [dist.probability[np.abs(dist.loss - x) < 1.0].sum() for x in (0, 10, 30)]
    np.testing.assert_allclose(near, [0.7, 0.2, 0.1], atol=1e-9)
    both = aggregate_distribution([10.0, 30.0], [0.2, 0.1], "annual-maxima", [0, 1])
    near = [both.probability[np.abs(both.loss - x) < 1.0].sum() for x in (0, 10, 30, 40)]
    np.testing.assert_allclose(near, [0.72, 0.18, 0.08, 0.02], atol=1e-9)


@pytest.mark.parametrize("reading", ["poisson", "annual-maxima"])
def test_simulated_years_agree_with_the_transform(reading: str) -> None:
    rng = np.random.default_rng(11)
    loss, rate = rng.lognormal(3, 1, 200), np.full(200, 0.004)
    dist = aggregate_distribution(loss, rate, reading)  # type: ignore[arg-type]
    years = simulate_years(loss, rate, 400_000, rng, reading)  # type: ignore[arg-type]
    assert dist.mean == pytest.approx(float(rate @ loss), rel=1e-9)
    assert years.mean() == pytest.approx(dist.mean, rel=0.02)
    assert value_at_risk(years, 0.99) == pytest.approx(dist.value_at_risk(0.99), rel=0.02)
    assert tail_value_at_risk(years, 0.99) == pytest.approx(dist.tail_value_at_risk(0.99), rel=0.02)


def test_simulated_years_keep_keys_together() -> None:
    years = simulate_years([[1.0, 2.0], [10.0, 20.0]], [0.5, 0.1], 1000, np.random.default_rng(0))
    np.testing.assert_allclose(years[:, 1], 2 * years[:, 0])


def test_value_at_risk_and_tail_by_hand() -> None:
    # ten equally likely years 1..10: VaR 80 % is the 8th, TVaR the mean of 9 and 10
    years = np.arange(1.0, 11.0)
    assert value_at_risk(years, 0.8) == 8.0
    assert tail_value_at_risk(years, 0.8) == pytest.approx(9.5)
    # an atom cut in two: worst 15 % of {0: 0.9, 100: 0.1} is 100 for 10 points and 0 for 5
    assert tail_value_at_risk([0.0, 100.0], 0.85, [0.9, 0.1]) == pytest.approx(100 * 0.1 / 0.15)
    with pytest.raises(RangeError, match="level 1 must lie"):
        value_at_risk(years, 1.0)
    with pytest.raises(MissingValueError, match="NaN"):
        value_at_risk([1.0, np.nan], 0.5)
    with pytest.raises(ShapeError, match="must fit"):
        value_at_risk([1.0, 2.0], 0.5, [1.0])


def test_return_period_maps_bound_the_annual_damage() -> None:
    rates = return_period_rates([10, 50, 200], no_damage_period_years=5)
    damage = np.array([2.0, 10.0, 40.0])
    lower, central, upper = (
        expected_annual_damage(damage, r) for r in (rates.lower, rates.central, rates.upper)
    )
    assert lower == pytest.approx(2 * 0.08 + 10 * 0.015 + 40 * 0.005)
    assert upper == pytest.approx(2 * 0.1 + 10 * 0.08 + 40 * 0.015 + 40 * 0.005)
    # the trapezoidal rule by numpy, zero damage at 5 years and the tail held
    trapezoid = np.trapezoid([40.0, 10.0, 2.0, 0.0], [0.005, 0.02, 0.1, 0.2]) + 40 * 0.005
    # the band from 5 to 10 years lies between no damage and the first map's
    assert central == pytest.approx(trapezoid)
    assert lower < central < upper
    with pytest.raises(RangeError, match="must rise"):
        return_period_rates([50, 10])
    with pytest.raises(RangeError, match="at most that of the first map, 10"):
        return_period_rates([10, 50], 20)


def test_who_is_hurt_by_whom() -> None:
    events = EventTable(
        ["a", "b", "c"], [0.1, 0.01, 0.5], ["flood"] * 3, ["Geul", "Meuse", "Geul"],
        ["today", "today", "2050"], {"flood": "m"},
    )  # fmt: skip
    table = LossTable("member", ("x", "y"), np.array([[10.0, 0.0], [100.0, 300.0], [7.0, 7.0]]))
    matrix = origin_matrix(events, table, "today")
    assert matrix.origins == ("Geul", "Meuse")
    np.testing.assert_allclose(matrix.annual, [[1.0, 0.0], [1.0, 3.0]])
    with pytest.raises(RangeError, match="name one of the scenarios"):
        origin_matrix(events, table)


def test_losses_that_cannot_be_are_refused() -> None:
    with pytest.raises(ShapeError, match="events must agree"):
        expected_annual_damage([1.0], [0.1, 0.2])
    with pytest.raises(MissingValueError, match="loss of event 1 is NaN"):
        expected_annual_damage([1.0, np.nan], [0.1, 0.2])
    with pytest.raises(RangeError, match="0 or more"):
        expected_annual_damage([-1.0], [0.1])
    with pytest.raises(ShapeError, match="one column"):
        occurrence_curve([[1.0, 2.0]], [0.1])
    with pytest.raises(RangeError, match="expected one of"):
        occurrence_curve([1.0], [0.1], "monthly")  # type: ignore[arg-type]


def test_no_loss_at_all_is_a_distribution_too() -> None:
    dist = aggregate_distribution([0.0], [0.1])
    assert (dist.mean, dist.value_at_risk(0.99)) == (0.0, 0.0)
    assert dist.exceedance().loss.size == 0
    assert not simulate_years([1.0], [0.0], 5, np.random.default_rng(0)).any()


def test_a_loss_too_small_for_a_step_counts_as_nought() -> None:
    dist = aggregate_distribution([5e-324], [1 / 64], points=1 << 12)
    assert dist.mean == pytest.approx(0.0, abs=1e-300)
    assert dist.probability.sum() == pytest.approx(1.0)
