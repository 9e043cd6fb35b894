"""Storm and heat on the example region against a first pass over its data and published figures."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest
from hazard_cases import EXAMPLE, example_draw, example_tables

from bothbanks.analysis.risk.hazards import Climate, HeatInputs, HeatModel, StormInputs, StormModel
from bothbanks.analysis.risk.losses import event_losses

pytestmark = pytest.mark.skipif(not EXAMPLE.is_dir(), reason="example: no examples/meuse-rhine")


@pytest.fixture(scope="module")
def members() -> list[str]:
    found = tomllib.loads((EXAMPLE / "region.toml").read_text(encoding="utf-8"))["members"]
    return [str(m) for m in found]


@pytest.fixture(scope="module")
def storm(members: list[str]) -> StormModel:
    tables = example_tables()
    return StormModel(StormInputs.from_tables(tables["cells"], tables["storm_gusts"], members=members))


@pytest.fixture(scope="module")
def heat(members: list[str]) -> HeatInputs:
    tables = example_tables()
    return HeatInputs.from_tables(tables["municipalities"], tables["daily_tmax"], members=members)


def test_lothar_and_xynthia(storm: StormModel) -> None:
    damage = dict(
        zip(storm.inputs.storms, storm.footprint_damage(example_draw("storm")).sum(axis=1), strict=True)
    )
    assert damage["lothar"] / 1e6 == pytest.approx(2.3, rel=0.1)
    assert damage["xynthia"] / 1e6 == pytest.approx(0.1, rel=0.25)
    gust = dict(zip(storm.inputs.storms, storm.inputs.mean_gust, strict=True))
    assert gust["lothar"] == pytest.approx(27.3, abs=0.1)


def test_storm_by_year_and_return_period(storm: StormModel) -> None:
    draw = example_draw("storm")
    annual = storm.annual_damage(draw)[0]
    assert annual.sum() / 1e6 == pytest.approx(15, rel=0.2)
    assert storm.return_period_damage(draw, [50, 200]).sum(axis=1) / 1e6 == pytest.approx([133, 518], rel=0.1)
    events = storm.event_set(draw, 10_000, np.random.default_rng(20261124))
    losses = event_losses(events.events, events.exposure, events.curves, by=["member"])
    assert losses.expected_annual()["total"] == pytest.approx(annual.sum(), rel=0.01)
    for m, name in enumerate(storm.inputs.members):
        assert losses.expected_annual("member")[name] == pytest.approx(annual[m], rel=0.03)


def _pooled(heat: HeatInputs) -> HeatInputs:
    """Without the age shares, as in the first pass."""
    return HeatInputs(
        heat.members, heat.population, np.full(len(heat.members), np.nan), heat.station, heat.stations,
        heat.year, heat.tmax_c,
    )  # fmt: skip


def test_heat_deaths_of_two_climates_and_two_summers(heat: HeatInputs) -> None:
    draw = example_draw("heat")
    old = HeatModel(_pooled(heat), (1931, 1960)).annual_deaths(draw).sum()
    new = HeatModel(_pooled(heat), (1981, 2010))
    assert old == pytest.approx(158, rel=0.03)
    assert new.annual_deaths(draw).sum() == pytest.approx(195, rel=0.03)
    years, deaths = HeatModel(_pooled(heat), (1930, 2010)).deaths_by_year(draw)
    total = dict(zip(years.tolist(), deaths.sum(axis=(1, 2)), strict=True))
    assert total[2003] == pytest.approx(400, rel=0.05)
    assert total[1947] == pytest.approx(496, rel=0.05) == max(total.values())


def test_the_published_interval_is_as_wide_as_it_is(heat: HeatInputs) -> None:
    # Baccini et al. 2008, north-continental cities: 1.84 % a degree, 95 % credible 0.06 to 3.64
    draw, model = example_draw("heat"), HeatModel(_pooled(heat), (1981, 2010))
    low, high = (model.annual_deaths({**draw, "heat.slope_per_c": s}).sum() for s in (0.0006, 0.0364))
    assert (low, high) == pytest.approx((6, 404), rel=0.05)
    assert model.annual_deaths({**draw, "heat.threshold_c": 27.0}).sum() == pytest.approx(58, rel=0.05)


def test_summer_2003_is_within_what_the_neighbouring_state_found(heat: HeatInputs) -> None:
    # North Rhine-Westphalia: 2,100 deaths in 2003, 600 to 3,600 (Klimaatlas NRW after an der Heiden 2020);
    # read over some 18 million residents, a round number
    draw = example_draw("heat")
    years, deaths = HeatModel(heat, (2003, 2003)).deaths_by_year(draw)
    rate = deaths.sum() / heat.population.sum() * 1e6
    assert 600 / 18 < rate < 3600 / 18
    assert years.tolist() == [2003]


def test_ages_matter_little_in_all_and_hot_days_add_up(heat: HeatInputs) -> None:
    draw = example_draw("heat")
    model = HeatModel(heat)
    deaths = model.annual_deaths(draw)[0]
    assert deaths.sum() == pytest.approx(195, rel=0.1)
    events = model.event_set(draw)
    losses = event_losses(events.events, events.exposure, events.curves, by=["member"])
    assert losses.expected_annual()["total"] == pytest.approx(deaths.sum(), rel=1e-3)
    hotter = model.annual_deaths(draw, climate=Climate(temperature_shift_c=2.5)).sum()
    assert hotter > 1.5 * deaths.sum()
