"""What must hold of every hazard, whatever the numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hazard_cases import flood_draw, rain_fits, two_bank_model, valley
from hypothesis import given
from hypothesis import strategies as st

from bothbanks.analysis.risk.hazards import (
    BasinVariants,
    Climate,
    FloodModel,
    GevFit,
    HeatInputs,
    HeatModel,
    HeatVariants,
    StormInputs,
    StormModel,
)
from bothbanks.analysis.risk.hazards.discharge import GrowthCurve
from bothbanks.analysis.risk.hazards.flood import chance_of_failure
from bothbanks.analysis.risk.hazards.floodplain import Links, floodplain
from bothbanks.analysis.risk.hazards.rain import gev_from_l_moments

factor = st.floats(0.6, 1.2)
shift = st.floats(-0.4, 0.4)
protection = st.floats(2.0, 2000.0)


def _variant(q: float, stage: float, years: float, damage: float = 1.0) -> BasinVariants:
    return BasinVariants(*(np.full((1, 2), v) for v in (q, stage, years, damage)))


def _damage(variant: BasinVariants, basin: str = "beck") -> np.ndarray:
    model, draw = two_bank_model()
    got = model.annual_damage(draw, basin, variant)
    return np.append(got.money[0].ravel(), got.people[0])


def _leq(less: np.ndarray, more: np.ndarray) -> bool:
    return bool((less <= more * (1 + 2e-3) + 1e-6).all())


@given(factor, factor, shift, protection)
def test_more_water_never_costs_less(one: float, two: float, stage: float, years: float) -> None:
    low, high = sorted((one, two))
    assert _leq(_damage(_variant(low, stage, years)), _damage(_variant(high, stage, years)))


@given(factor, shift, protection, protection)
def test_more_protection_never_costs_more(q: float, stage: float, one: float, two: float) -> None:
    low, high = sorted((one, two))
    assert _leq(_damage(_variant(q, stage, high), "stroom"), _damage(_variant(q, stage, low), "stroom"))


@given(factor, shift, shift, protection)
def test_a_higher_level_never_costs_less(q: float, one: float, two: float, years: float) -> None:
    low, high = sorted((one, two))
    assert _leq(_damage(_variant(q, low, years)), _damage(_variant(q, high, years)))


@given(st.lists(st.floats(0.1, 12.0), min_size=2, max_size=8).map(sorted), shift)
def test_damage_never_falls_when_the_river_rises(q: list[float], stage: float) -> None:
    model, draw = two_bank_model()
    for basin in model.basins:
        money, people = model.damage_at(model.state(draw, basin), np.array(q), _variant(1.0, stage, np.nan))
        assert (np.diff(money, axis=0) >= -1e-6).all()
        assert (np.diff(people, axis=0) >= -1e-9).all()
        assert (people.sum(axis=1) <= model.inputs.people().sum()).all()


@given(
    st.lists(st.floats(20.0, 25_000.0), min_size=1, max_size=6),
    st.floats(0.0, 0.3),
    st.floats(4.0, 30.0),
    st.floats(0.005, 0.2),
)
def test_people_are_kept_and_cells_never_overfilled(
    areas: list[float], slope: float, width: float, clustering: float
) -> None:
    n = len(areas)
    inputs = valley(areas=areas, members=[0] * n, basins=[0] * n, people=[10.0] * n, slopes=[slope] * n)
    draw = flood_draw() | {"flood.floor_width_coefficient": width, "flood.clustering_slope": clustering}
    plain = floodplain(inputs, Links.of(inputs), draw)
    assert (plain.floor_m2 <= 1e6 * (1 + 1e-12)).all()
    people = plain.floor_m2 * plain.floor_density + (1e6 - plain.floor_m2) * plain.side_density
    assert people == pytest.approx(np.ones(n))


@given(st.floats(0.2, 5.0), st.floats(5.0, 80.0))
def test_twice_the_people_twice_the_damage(times: float, years: float) -> None:
    base = valley(areas=[80.0, 500.0], members=[0, 1], basins=[0, 0], people=[300.0, 900.0])
    more = valley(areas=[80.0, 500.0], members=[0, 1], basins=[0, 0], people=[300.0 * times, 900.0 * times])
    draw = flood_draw(beck={"protection_years": years}, stroom={})
    one, two = (FloodModel(i, rain_fits()).annual_damage(draw, "beck") for i in (base, more))
    assert two.money == pytest.approx(one.money * times, rel=1e-9)
    assert two.people == pytest.approx(one.people * times, rel=1e-9)


@given(
    st.floats(-0.3, 0.4),
    st.floats(20.0, 80.0),
    st.floats(2.0, 12.0),
    st.lists(st.floats(1.01, 1e5), min_size=2, max_size=6).map(sorted),
)
def test_rarer_rain_is_never_less_and_comes_back(xi: float, l1: float, l2: float, t: list[float]) -> None:
    location, scale = gev_from_l_moments(l1, l2, xi)
    fit = GevFit(2, float(location), float(scale), xi, 50, l1, l2)
    depth = fit.quantile(t)
    assert (np.diff(depth) >= -1e-9).all()
    assert fit.return_period(depth) == pytest.approx(t, rel=1e-3)


@given(
    st.floats(78.0, 98.0),
    st.floats(0.05, 0.25),
    st.floats(0.5, 1.0),
    st.lists(st.floats(1.1, 1e4), min_size=1),
)
def test_growth_goes_there_and_back(number: float, loss: float, power: float, t: list[float]) -> None:
    storage = 25400 / number - 254
    rain = GevFit(2, 40.5, 9.4, 0.03, 104, 46.3, 6.8)
    curve = GrowthCurve(rain, "tributary", storage, loss * storage, 1.0, power)
    assert curve.return_period(curve.q(t)) == pytest.approx(t, rel=1e-4)


@given(st.floats(1.0, 1e4), st.floats(1.0, 1e4), st.floats(2.0, 500.0), st.floats(1.2, 8.0))
def test_protection_fails_more_at_rarer_floods(one: float, two: float, years: float, spread: float) -> None:
    low, high = chance_of_failure(np.sort([one, two]), years, spread)
    assert 0.0 <= low <= high <= 1.0


HEAT = {
    "heat.threshold_c": 23.3,
    "heat.slope_per_c": 0.0184,
    "heat.death_rate": 0.01,
    "heat.share_65plus": 0.2,
    "heat.deaths_65plus": 0.85,
    "heat.cooling_effect": 0.4,
}


def _heat() -> HeatModel:
    year = np.repeat(np.arange(2001, 2004), 92)
    tmax = 24.0 + 6.0 * np.sin(np.arange(year.size) / 5.0)
    inputs = HeatInputs(
        ("alm", "brink"),
        np.array([1e5, 2e5]),
        np.array([0.25, np.nan]),
        np.array([0, 0]),
        ("x",),
        (year,),
        (tmax,),
    )
    return HeatModel(inputs, (2001, 2003))


@given(st.floats(-3.0, 5.0), st.floats(-3.0, 5.0))
def test_warmer_summers_never_kill_fewer(one: float, two: float) -> None:
    low, high = (
        _heat().annual_deaths(HEAT, climate=Climate(temperature_shift_c=v)) for v in sorted((one, two))
    )
    assert (low <= high + 1e-12).all()


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 3.0))
def test_more_cooling_never_kills_more(one: float, two: float, trees: float) -> None:
    def deaths(share: float, cooling: float) -> np.ndarray:
        v = HeatVariants(np.full((1, 2, 2), share), np.full((1, 2), cooling), np.ones((1, 2)))
        return _heat().annual_deaths(HEAT, v)

    low, high = sorted((one, two))
    assert (deaths(high, 0.0) <= deaths(low, 0.0) + 1e-12).all()
    assert (deaths(low, trees) <= deaths(low, 0.0) + 1e-12).all()


@given(st.floats(0.8, 1.3), st.floats(0.8, 1.3))
def test_stronger_gusts_never_cost_less(one: float, two: float) -> None:
    inputs = StormInputs(
        ("alm",), ("p",), ("a", "b"), np.array([[28.0, 31.0], [22.0, 21.0]]), np.array([0, 1]),
        np.array([0, 0]), np.array([0, 0]), np.array([500.0, 900.0]),
    )  # fmt: skip
    draw = {"storm.gust_location": 24.0, "storm.gust_scale": 3.2, "storm.value_per_head": 9e4}
    low, high = (
        StormModel(inputs).annual_damage(draw, climate=Climate(gust_factor=f)) for f in sorted((one, two))
    )
    assert (low <= high + 1e-9).all()
