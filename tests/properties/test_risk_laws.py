"""Laws of the loss engine, whatever the input."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bothbanks.analysis.risk import (
    Curve,
    EventSet,
    EventTable,
    Exposure,
    Terms,
    aggregate_distribution,
    event_losses,
    event_losses_exact,
    expected_annual_damage,
    occurrence_curve,
    return_period_rates,
    tail_value_at_risk,
    value_at_risk,
)
from bothbanks.analysis.risk.curves import CurveTables
from bothbanks.analysis.risk.kernels import fractions

HAS_NUMBA = importlib.util.find_spec("numba") is not None
whole = st.integers(0, 2**32 - 1)


@st.composite
def curves(draw: Any) -> Curve:
    knots = draw(st.integers(1, 12))
    gaps = draw(st.lists(st.floats(1e-3, 50), min_size=knots, max_size=knots))
    rises = draw(st.lists(st.floats(0, 0.5), min_size=knots, max_size=knots))
    begin = draw(st.floats(-20, 20))
    how = draw(st.sampled_from(["clamp", "linear"]))
    return Curve("c", begin + np.cumsum(gaps), np.cumsum(rises), "m", "assumed", how)


@st.composite
def cases(draw: Any) -> tuple[EventSet, Exposure, list[Curve]]:
    rng = np.random.default_rng(draw(whole))
    events, places, assets = draw(st.integers(1, 8)), draw(st.integers(1, 30)), draw(st.integers(1, 120))
    found = [draw(curves()) for _ in range(draw(st.integers(1, 3)))]
    table = EventTable(
        [str(i) for i in range(events)], rng.random(events) / events, ["flood"] * events, ["x"] * events,
        ["today"] * events, {"flood": "m"},
    )  # fmt: skip
    dense = rng.normal(2, 5, (events, places)) * (rng.random((events, places)) < 0.5)
    exposure = Exposure.from_labels(
        rng.random(assets) * 100, rng.integers(0, places, assets),
        {"flood": rng.integers(-1, len(found), assets)}, member=rng.integers(0, 3, assets).astype(str),
    )  # fmt: skip
    return EventSet.from_dense(table, dense), exposure, found


@given(curves(), st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=50))
def test_curve_tables_equal_interpolation(curve: Curve, at: list[float]) -> None:
    x = np.array(at, dtype=np.float32)
    np.testing.assert_array_equal(fractions(CurveTables.of([curve]), 0, x), curve(x))


@given(cases())
def test_methods_and_paths_agree(case: tuple[EventSet, Exposure, list[Curve]]) -> None:
    source, exposure, found = case
    a = event_losses(source, exposure, found, method="numpy")
    b = event_losses(source, exposure, found, method="numba" if HAS_NUMBA else "numpy")
    c = event_losses_exact(source, exposure, found, Terms.none(len(exposure)))
    for other in (b, c):
        np.testing.assert_allclose(other.table("member").loss, a.table("member").loss, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(other.asset_annual, a.asset_annual, rtol=1e-12, atol=1e-12)


@given(cases())
def test_annual_damage_is_the_rate_weighted_sum_of_event_losses(
    case: tuple[EventSet, Exposure, list[Curve]],
) -> None:
    source, exposure, found = case
    result = event_losses(source, exposure, found, method="numpy")
    by_event = expected_annual_damage(result.table("member").loss, source.events.rate)
    annual = result.expected_annual("member")
    for key, value in zip(result.table("member").keys, by_event, strict=True):
        assert np.isclose(annual[key], value, rtol=1e-9, atol=1e-12)
    assert np.isclose(sum(annual.values()), result.expected_annual()["total"], rtol=1e-9, atol=1e-12)


@given(cases(), st.floats(0, 3))
def test_loss_never_falls_when_the_hazard_rises(
    case: tuple[EventSet, Exposure, list[Curve]], rise: float
) -> None:
    source, exposure, found = case
    low = event_losses(source, exposure, found, method="numpy").total()
    higher = EventSet(source.events, source.place_count, source.start, source.place, source.intensity + rise)
    high = event_losses(higher, exposure, found, method="numpy").total()
    assert (high >= low * (1 - 1e-12)).all()


@given(cases(), whole)
def test_terms_never_raise_a_loss(case: tuple[EventSet, Exposure, list[Curve]], seed: int) -> None:
    source, exposure, found = case
    rng = np.random.default_rng(seed)
    terms = Terms(*(rng.random(len(exposure)) * s for s in (30, 60, 1)))
    full = event_losses(source, exposure, found, method="numpy").total()
    paid = event_losses_exact(source, exposure, found, terms).total()
    assert (paid <= full * (1 + 1e-12) + 1e-12).all()


losses = st.lists(st.tuples(st.floats(0, 1e6), st.floats(1e-5, 0.02)), min_size=1, max_size=30)


@given(losses)
def test_poisson_never_exceeds_annual_maxima_and_by_half_the_square_at_most(
    rows: list[tuple[float, float]],
) -> None:
    loss, rate = np.array(rows).T
    poisson, maxima = (occurrence_curve(loss, rate, r) for r in ("poisson", "annual-maxima"))
    gap = maxima.probability - poisson.probability
    assert (gap >= -1e-12).all()
    assert (gap <= maxima.probability**2 / 2 + 1e-12).all()
    assert (np.diff(poisson.loss) < 0).all()
    assert (np.diff(poisson.probability) > 0).all()


@given(losses)
def test_the_aggregate_keeps_the_mean_and_its_tail_lies_above_its_quantile(
    rows: list[tuple[float, float]],
) -> None:
    loss, rate = np.array(rows).T
    dist = aggregate_distribution(loss, rate, points=1 << 12)
    assert np.isclose(dist.mean, rate @ loss, rtol=1e-6, atol=1e-9)
    assert dist.tail_value_at_risk(0.95) >= dist.value_at_risk(0.95)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60), st.floats(0, 0.99))
def test_tail_value_at_risk_lies_between_quantile_and_maximum(years: list[float], level: float) -> None:
    tail = tail_value_at_risk(years, level)
    slack = 1e-9 * max(years) + 1e-12
    assert value_at_risk(years, level) - slack <= tail <= max(years) + slack


@given(st.lists(st.floats(0.5, 400), min_size=1, max_size=8, unique=True), st.floats(0.1, 1))
def test_return_period_rates_bound_each_other(gaps: list[float], share: float) -> None:
    period = 1.0 + np.cumsum(gaps)
    rates = return_period_rates(period.tolist(), share * period[0])
    damage = np.arange(1.0, period.size + 1)
    low, middle, high = (r @ damage for r in (rates.lower, rates.central, rates.upper))
    assert low <= middle * (1 + 1e-12)
    assert middle <= high * (1 + 1e-12)
    assert np.isclose(rates.lower.sum(), 1 / period[0])
    assert np.isclose(rates.upper.sum(), 1 / (share * period[0]))
