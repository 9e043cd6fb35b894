from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bothbanks.analysis.risk.curves import schwierz_storm_curve
from bothbanks.analysis.risk.hazards import Climate, StormInputs, StormModel
from bothbanks.analysis.risk.losses import event_losses
from bothbanks.words.errors import RangeError, ShapeError

DRAW = {"storm.gust_location": 24.0, "storm.gust_scale": 3.2, "storm.value_per_head": 90_000.0}


def _inputs() -> StormInputs:
    rng = np.random.default_rng(7)
    cells = {
        "cell": [f"c{i}" for i in range(30)] + ["c0", "far"],
        "municipality": ["p"] * 15 + ["q"] * 15 + ["q", "q"],
        "member": ["alm"] * 15 + ["brink"] * 15 + ["brink", "brink"],
        "population": [*rng.integers(10, 900, 30).astype(float), 60.0, 500.0],
    }
    gusts = {
        "cell": [f"c{i}" for i in range(30)] * 2,
        "storm": ["lothar"] * 30 + ["xynthia"] * 30,
        "gust": np.concatenate((rng.uniform(24, 33, 30), rng.uniform(19, 24, 30))),
    }
    return StormInputs.from_tables(cells, gusts, members=["alm", "brink"])


def test_a_real_footprint_costs_what_the_curve_says() -> None:
    i = _inputs()
    got = StormModel(i).footprint_damage(DRAW)
    curve = schwierz_storm_curve()
    for s in range(2):
        gust = i.gust[s, i.record_cell]
        value = np.where(np.isfinite(gust), 90_000.0 * i.record_population * curve(np.nan_to_num(gust)), 0.0)
        assert got[s] == pytest.approx(np.bincount(i.record_member, value, 2))


def test_people_outside_the_footprint_are_counted_not_spared() -> None:
    i = _inputs()
    assert i.people_not_modelled() == pytest.approx([0.0, 500.0])
    people = np.where(i.covered, i.record_population, 0.0)
    assert np.nan_to_num(i.pattern[:, i.record_cell]) @ people / people.sum() == pytest.approx([1.0, 1.0])


def test_the_regional_gust_is_gumbel() -> None:
    model = StormModel(_inputs())
    got = model.gust(DRAW, [2.0, 50.0])
    assert got == pytest.approx([24 - 3.2 * np.log(np.log(2)), 24 - 3.2 * np.log(-np.log(0.98))])
    assert model.gust(DRAW, 50.0, Climate(gust_factor=1.1)) == pytest.approx(1.1 * got[1])


def test_annual_damage_is_the_mean_over_years_and_footprints() -> None:
    model = StormModel(_inputs())
    u = (np.arange(20_000) + 0.5) / 20_000
    v = model.gust(DRAW, 1 / (1 - u))
    want = np.mean([model.damage_at(DRAW, v, s).mean(axis=0) for s in range(2)], axis=0)
    assert model.annual_damage(DRAW)[0] == pytest.approx(want, rel=0.01)


def test_the_catalogue_gives_the_same_annual_damage() -> None:
    model = StormModel(_inputs())
    events = model.event_set(DRAW, 20_000, np.random.default_rng(2))
    got = event_losses(events.events, events.exposure, events.curves, by=["member"]).expected_annual("member")
    assert [got["alm"], got["brink"]] == pytest.approx(model.annual_damage(DRAW)[0], rel=0.03)
    assert np.sort(events.gust_m_s) == pytest.approx(
        model.gust(DRAW, 20_000 / (np.arange(20_000)[::-1] + 0.5))
    )
    again = model.event_set(DRAW, 20_000, np.random.default_rng(2))
    assert again.events.intensity.tobytes() == events.events.intensity.tobytes()


def test_roof_anchoring_leaves_its_share() -> None:
    model = StormModel(_inputs())
    got = model.annual_damage(DRAW, np.array([[1.0, 1.0], [0.8, 1.0]]))
    assert got[1] == pytest.approx(got[0] * [0.8, 1.0])
    events = model.event_set(DRAW, 100, np.random.default_rng(2), np.array([[0.8, 1.0]]))
    plain = model.event_set(DRAW, 100, np.random.default_rng(2))
    assert events.exposure.values.sum() < plain.exposure.values.sum()


def test_vulnerability_works_on_both_parts_of_the_curve() -> None:
    model = StormModel(_inputs())
    gust = [25.0, 40.0]  # far from the gusts at which everything is hit
    one, more, welker = (
        model.damage_at({**DRAW, "storm.vulnerability_factor": f}, gust, 0) for f in (1.0, 1.5, 1.332518)
    )
    assert more == pytest.approx(2.25 * one)
    assert welker == pytest.approx(1.332518**2 * one)
    assert model.damage_at(DRAW, gust, 0) == pytest.approx(welker)


def test_what_cannot_be_is_refused() -> None:
    i = _inputs()
    model = StormModel(i)
    with pytest.raises(RangeError, match="gust_scale"):
        model.annual_damage({**DRAW, "storm.gust_scale": 0.0})
    with pytest.raises(ShapeError, match="damage_factor"):
        model.annual_damage(DRAW, np.ones(2))
    with pytest.raises(RangeError, match="no people"):
        replace(i, gust=np.full_like(i.gust, np.nan))
    with pytest.raises(RangeError, match="0 or more"):
        model.annual_damage({**DRAW, "storm.vulnerability_factor": -1.0})
    with pytest.raises(RangeError, match="doesn't have: x"):
        StormInputs.from_tables(
            {"cell": ["a"], "municipality": ["p"], "member": ["x"], "population": [1.0]},
            {"cell": ["a"], "storm": ["s"], "gust": [30.0]},
            members=["alm"],
        )
