from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bothbanks.analysis.risk.hazards import Climate, HeatInputs, HeatModel, HeatVariants
from bothbanks.analysis.risk.losses import event_losses
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

DRAW = {
    "heat.threshold_c": 23.0,
    "heat.slope_per_c": 0.02,
    "heat.death_rate": 0.01,
    "heat.share_65plus": 0.2,
    "heat.deaths_65plus": 0.8,
    "heat.cooling_effect": 0.5,
    "heat.first_year": 2001.0,
    "heat.last_year": 2002.0,
}


def _inputs() -> HeatInputs:
    days = np.arange(np.datetime64("2001-05-01"), np.datetime64("2003-12-01"))
    tmax = np.full(days.size, 20.0)
    tmax[days == np.datetime64("2001-07-10")] = 33.0
    tmax[days == np.datetime64("2002-08-01")] = 25.0
    tmax[days == np.datetime64("2002-05-20")] = 40.0  # not June to August
    tmax[days == np.datetime64("2003-07-01")] = 40.0  # outside the years asked for
    return HeatInputs.from_tables(
        {
            "member": ["alm", "alm", "brink"],
            "population": [1000.0, 3000.0, 3650.0],
            "share_65plus": [0.1, 0.3, np.nan],
        },
        {"station": ["x"] * days.size, "date": days, "tmax": tmax},
        members=["alm", "brink"],
    )


def test_deaths_by_hand() -> None:
    # brink: 3,650 people x 0.01 / 365 = 0.1 deaths a day, 0.08 of them over 65
    model = HeatModel(_inputs())
    base = model.baseline(DRAW)
    assert base[1] == pytest.approx([0.02, 0.08])
    excess = (1.02**10 - 1 + 1.02**2 - 1) / 2
    got = model.annual_deaths(DRAW)
    assert got[0, 1] == pytest.approx([0.02 * excess, 0.08 * excess])
    years, deaths = model.deaths_by_year(DRAW)
    assert years.tolist() == [2001, 2002]
    assert deaths[:, 1].sum(axis=1) == pytest.approx([0.1 * (1.02**10 - 1), 0.1 * (1.02**2 - 1)])


def test_older_members_have_more_deaths() -> None:
    # alm: shares 0.1 and 0.3 over 1,000 and 3,000 people = 0.25, against 0.2 in the death rate
    base = HeatModel(_inputs()).baseline(DRAW)[0]
    daily = 4000 * 0.01 / 365
    assert base == pytest.approx([daily * 0.2 * 0.75 / 0.8, daily * 0.8 * 0.25 / 0.2])


def test_a_cool_place_helps_those_who_reach_it() -> None:
    model = HeatModel(_inputs())
    base = model.annual_deaths(DRAW)[0]
    share = np.zeros((1, 2, 2))
    share[0, 0, 1] = 0.6
    got = model.annual_deaths(DRAW, HeatVariants(share, np.zeros((1, 2)), np.ones((1, 2))))[0]
    assert got[0] == pytest.approx(base[0] * [1.0, 1 - 0.6 * 0.5])
    assert got[1] == pytest.approx(base[1])


def test_trees_take_degrees_off_and_warming_adds_them() -> None:
    model = HeatModel(_inputs())
    cooler = HeatVariants(np.zeros((1, 2, 2)), np.array([[1.0, 0.0]]), np.ones((1, 2)))
    got = model.annual_deaths(DRAW, cooler)[0].sum(axis=1) / model.baseline(DRAW).sum(axis=1)
    assert got == pytest.approx([(1.02**9 - 1 + 1.02 - 1) / 2, (1.02**10 - 1 + 1.02**2 - 1) / 2])
    warmer = model.annual_deaths(DRAW, climate=Climate(temperature_shift_c=2.0))[0, 1].sum() / 0.1
    assert warmer == pytest.approx((1.02**12 - 1 + 1.02**4 - 1) / 2)


def test_hot_days_are_events_with_the_same_mean() -> None:
    model = HeatModel(_inputs())
    got = model.event_set(DRAW)
    assert got.events.events.reading == "poisson"
    losses = event_losses(got.events, got.exposure, got.curves, by=["member", "group"])
    deaths = model.annual_deaths(DRAW)[0]
    assert losses.expected_annual("member")["alm"] == pytest.approx(deaths[0].sum(), rel=1e-3)
    assert losses.expected_annual("group")["65plus"] == pytest.approx(deaths[:, 1].sum(), rel=1e-3)


def test_short_summers_are_left_out_and_short_gaps_scaled() -> None:
    i = _inputs()
    year, tmax = i.year[0], i.tmax_c[0]
    keep = ~((year == 2002) & (np.cumsum(year == 2002) > 40))
    model = HeatModel(replace(i, year=(year[keep],), tmax_c=(tmax[keep],)))
    assert model.excess_days(DRAW, 0.0, 0)[0].tolist() == [2001]
    keep = ~((year == 2001) & (np.cumsum(year == 2001) > 90))
    model = HeatModel(replace(i, year=(year[keep],), tmax_c=(tmax[keep],)))
    assert model.excess_days(DRAW, 0.0, 0)[1][0, 0] == pytest.approx((1.02**10 - 1) * 92 / 90)
    with pytest.raises(RangeError, match="no full summer from 1950 to 1960"):
        HeatModel(i, (1950, 1960)).annual_deaths(DRAW)


def test_each_member_has_its_station() -> None:
    i = _inputs()
    table = {"member": ["alm"], "population": [1.0], "share_65plus": [np.nan]}
    days = {
        "station": ["x", "y"],
        "date": np.array(["2001-07-01"] * 2, dtype="datetime64[D]"),
        "tmax": [30.0, 31.0],
    }
    with pytest.raises(RangeError, match=r"alm \(none\)"):
        HeatInputs.from_tables(table, days, members=["alm"])
    got = HeatInputs.from_tables(table, days, members=["alm"], station_of_member={"alm": "y"})
    assert got.stations[got.station[0]] == "y"
    two = replace(
        i,
        station=np.array([0, 1]),
        stations=("x", "y"),
        year=i.year * 2,
        tmax_c=(i.tmax_c[0], i.tmax_c[0] + 1.0),
    )
    deaths = HeatModel(two).annual_deaths(DRAW)[0, 1].sum() / 0.1
    assert deaths == pytest.approx((1.02**11 - 1 + 1.02**3 - 1) / 2)


def test_what_cannot_be_is_refused() -> None:
    i = _inputs()
    with pytest.raises(MissingValueError, match="leave days"):
        replace(i, tmax_c=(i.tmax_c[0] * np.nan,))
    with pytest.raises(RangeError, match="cooling_effect"):
        HeatModel(i).annual_deaths({**DRAW, "heat.cooling_effect": 1.5})
    with pytest.raises(RangeError, match="slope"):
        HeatModel(i).annual_deaths({**DRAW, "heat.slope_per_c": -2.0})
    with pytest.raises(RangeError, match="share_65plus"):
        HeatModel(i).annual_deaths({**DRAW, "heat.share_65plus": 0.0})
    with pytest.raises(RangeError, match="covered shares"):
        HeatVariants(np.full((1, 2, 2), 1.2), np.zeros((1, 2)), np.ones((1, 2)))
    with pytest.raises(ShapeError, match="covered_share"):
        HeatVariants(np.zeros((1, 2)), np.zeros((1, 2)), np.ones((1, 2)))
    with pytest.raises(ShapeError, match="3 members"):
        HeatModel(i).annual_deaths(DRAW, HeatVariants.base(3))
