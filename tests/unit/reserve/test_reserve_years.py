"""Years drawn event by event: exact on given counts, right on average, the same whatever the memory."""

from __future__ import annotations

import numpy as np
import pytest

from bothbanks.analysis.reserve.years import Peril, annual_losses, from_counts, occurrences
from bothbanks.analysis.risk.metrics import aggregate_distribution, simulate_years
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

LOSS = np.array([[300.0, 100.0], [1000.0, 0.0], [0.0, 7000.0], [20000.0, 9000.0]])
RATE = np.array([0.5, 0.2, 0.05, 0.01])


def test_given_counts_are_multiplied_exactly() -> None:
    counts = np.random.default_rng(1).poisson(RATE, (500, 4))
    assert (from_counts(counts, LOSS) == counts @ LOSS).all()


def test_columns_are_of_the_same_years() -> None:
    both = annual_losses([Peril("flood", np.hstack([LOSS, 2 * LOSS]), RATE)], 2000, np.random.default_rng(2))
    assert (2 * both[:, :2] == both[:, 2:]).all()


def test_the_memory_limit_changes_nothing() -> None:
    peril = Peril("flood", LOSS, RATE)
    whole = annual_losses([peril], 3000, np.random.default_rng(3))
    for limit in (1, 400, 40_000):
        assert (annual_losses([peril], 3000, np.random.default_rng(3), limit) == whole).all()
    parts = list(occurrences(peril, 3000, np.random.default_rng(3), 400))
    assert len(parts) > 100
    assert sum(p.years for p in parts) == 3000
    assert max(p.event.size for p in parts) <= 12  # 400 bytes hold ten events; one year may have more


def test_mean_and_tail_agree_with_the_exact_distribution() -> None:
    years = 200_000
    total = annual_losses([Peril("flood", LOSS, RATE)], years, np.random.default_rng(4)).sum(axis=1)
    exact = aggregate_distribution(LOSS.sum(axis=1), RATE)
    assert total.mean() == pytest.approx(exact.mean, abs=4 * total.std() / np.sqrt(years))
    exceeded = (total > 15_000).mean()
    assert exceeded == pytest.approx(1 - np.exp(-0.01) * 0.9985, abs=0.0015)
    tail = np.sort(total)[-2000:].mean()
    assert tail == pytest.approx(exact.tail_value_at_risk(0.99), rel=0.02)


def test_annual_maxima_have_one_event_a_year_at_most() -> None:
    peril = Peril("flood", LOSS, RATE, "annual-maxima")
    lost = annual_losses([peril], 20_000, np.random.default_rng(5))
    assert {tuple(row) for row in lost} <= {(0.0, 0.0), *map(tuple, LOSS)}
    other = simulate_years(LOSS, RATE, 20_000, np.random.default_rng(6), "annual-maxima")
    assert (lost[:, 0] > 0).mean() == pytest.approx((other[:, 0] > 0).mean(), abs=0.02)


def test_perils_are_independent_of_each_other() -> None:
    rare = Peril("flood", np.array([[1.0]]), np.array([0.5]))
    rare_too = Peril("storm", np.array([[1000.0]]), np.array([0.5]))
    lost = annual_losses([rare, rare_too], 50_000, np.random.default_rng(7))[:, 0]
    flood, storm = lost % 1000, lost // 1000
    assert abs(np.corrcoef(flood, storm)[0, 1]) < 0.02


def test_a_catalogue_without_events_or_rates_costs_nothing() -> None:
    none = Peril("flood", np.zeros((0, 2)), np.zeros(0))
    never = Peril("storm", LOSS, np.zeros(4))
    assert not annual_losses([none, never], 50, np.random.default_rng(8)).any()


@pytest.mark.parametrize(
    ("loss", "rate", "reading", "error"),
    [
        ([[1.0]], [0.1, 0.2], "poisson", ShapeError),
        ([1.0], [0.1], "poisson", ShapeError),
        ([[np.nan]], [0.1], "poisson", MissingValueError),
        ([[1.0]], [np.nan], "poisson", MissingValueError),
        ([[-1.0]], [0.1], "poisson", RangeError),
        ([[1.0]], [-0.1], "poisson", RangeError),
        ([[1.0]], [np.inf], "poisson", RangeError),
        ([[1.0], [2.0]], [0.9, 0.2], "annual-maxima", RangeError),
        ([[1.0]], [0.1], "daily", RangeError),
    ],
)
def test_a_catalogue_that_cannot_be(loss: list, rate: list, reading: str, error: type) -> None:
    with pytest.raises(error, match=r"reserve\."):
        Peril("flood", np.array(loss), np.array(rate), reading)


def test_years_columns_and_counts_that_cannot_be() -> None:
    peril, rng = Peril("flood", LOSS, RATE), np.random.default_rng(0)
    with pytest.raises(RangeError, match="0 years"):
        annual_losses([peril], 0, rng)
    with pytest.raises(RangeError, match="events a year"):
        annual_losses([Peril("rain", LOSS, RATE * 1e9)], 100, rng)
    with pytest.raises(ShapeError, match="columns"):
        annual_losses([peril, Peril("storm", LOSS[:, :1], RATE)], 10, rng)
    with pytest.raises(ShapeError, match="columns"):
        annual_losses([], 10, rng)
    with pytest.raises(ShapeError, match="agree"):
        from_counts([[1]], LOSS)
    with pytest.raises(RangeError, match="whole"):
        from_counts([[0.5, 0, 0, 0]], LOSS)
