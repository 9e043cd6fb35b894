from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hazard_cases import classes, flood_draw, rain_fits, two_bank_model

from bothbanks.analysis.risk.hazards import (
    AssetClass,
    Basin,
    BasinVariants,
    JoinedFloodModel,
    MapFloodInputs,
    MapFloodModel,
)
from bothbanks.analysis.risk.hazards.flood_joined import basin_of_cells
from bothbanks.analysis.risk.hazards.flood_map_events import merge_events
from bothbanks.analysis.risk.losses import event_losses
from bothbanks.words.errors import RangeError, ShapeError

CELLS = {
    "cell": ["a", "b", "c"],
    "municipality": ["p", "p", "q"],
    "member": ["alm", "alm", "brink"],
    "population": [100.0, 50.0, 200.0],
}
DEPTHS = {
    "member": ["alm", "alm", "alm", "brink", "brink"],
    "cell": ["a", "a", "b", "c", "c"],
    "return_period": [10.0, 100.0, 100.0, 10.0, 100.0],
    "depth": [0.5, 1.0, 2.0, 0.5, 0.5],
    "wet_share": [0.2, 0.5, 0.1, 0.1, 0.4],
}
WORTH = 24 * 800 * 1.2  # member alm, homes only


def _model(rain: bool = False) -> MapFloodModel:
    inputs = MapFloodInputs.from_tables(
        CELLS, DEPTHS, members=["alm", "brink"], member_country=["AA", "BB"],
        basins=[Basin("beck", "tributary")], classes=classes()[:1],
    )  # fmt: skip
    return MapFloodModel(inputs, rain_fits() if rain else None)


def test_bounds_by_hand() -> None:
    # alm: 10 y: 100 x 0.2 x 0.25 = 5; 100 y: 100 x 0.5 x 0.40 + 50 x 0.1 x 0.60 = 23, in heads' worth
    got = _model().bounds(flood_draw(beck={}), "beck")
    assert got.lower[0, 0] == pytest.approx(WORTH * ((0.1 - 0.01) * 5 + 0.01 * 23))
    # damage starts at 5 years: the ten-year damage from there, the hundred-year damage from ten years on
    assert got.upper[0, 0] == pytest.approx(WORTH * ((0.2 - 0.1) * 5 + 0.1 * 23))
    central = (0.2 - 0.1) / 2 * 5 + (0.1 - 0.01) / 2 * (5 + 23) + 0.01 * 23
    assert got.central[0, 0] == pytest.approx(WORTH * central)
    annual = _model().annual_damage(flood_draw(beck={}), "beck")
    assert annual.money[0, :, 0] == pytest.approx(got.central[:, 0])
    assert annual.people[0, 0] == pytest.approx(0.1 / 2 * 20 + 0.09 / 2 * (20 + 55) + 0.01 * 55)


def test_where_damage_starts_can_be_said() -> None:
    draw = flood_draw(beck={}) | {"flood.map_damage_starts_years": 10.0}
    got = _model().bounds(draw, "beck")
    assert got.central[0, 0] == pytest.approx(WORTH * (0.09 / 2 * (5 + 23) + 0.01 * 23))
    with pytest.raises(RangeError, match="map_damage_starts_years"):
        _model().bounds(draw | {"flood.map_damage_starts_years": 30.0}, "beck")


def test_between_maps_damage_is_linear_in_the_probability() -> None:
    got = _model().return_period_damage(flood_draw(beck={}), [4.0, 10.0, 100.0, 1 / 0.055, 5000.0])
    assert got.money[:, 0, 0, 0] / WORTH == pytest.approx([0.0, 5.0, 23.0, 14.0, 23.0])


def test_measures_on_maps() -> None:
    model, draw = _model(rain=True), flood_draw(beck={})
    base = model.annual_damage(draw, "beck").by_member[0]
    ones, nan = np.ones((1, 2)), np.full((1, 2), np.nan)
    for changed in (
        BasinVariants(0.9 * ones, 0 * ones, nan, ones),
        BasinVariants(ones, -0.2 * ones, nan, ones),
        BasinVariants(ones, 0 * ones, 60 * ones, ones),
        BasinVariants(ones, 0 * ones, nan, 0.7 * ones),
    ):
        assert (model.annual_damage(draw, "beck", changed).by_member[0] < base).all()
    higher = BasinVariants(ones, 0.2 * ones, nan, ones)
    assert (model.annual_damage(draw, "beck", higher).by_member[0] > base).all()
    nearly = BasinVariants((1 - 1e-9) * ones, 0 * ones, nan, ones)
    assert model.annual_damage(draw, "beck", nearly).by_member[0] == pytest.approx(base, rel=2e-3)
    with pytest.raises(RangeError, match="growth curve"):
        _model().annual_damage(draw, "beck", BasinVariants(0.9 * ones, 0 * ones, nan, ones))


def test_a_named_flood_finds_its_place_between_the_maps() -> None:
    model, draw = _model(rain=True), flood_draw(beck={})
    q = float(model.growth(draw, "beck").q(100.0))
    got = model.scenario(draw, {"beck": q})
    assert got.return_period == pytest.approx([100.0])
    assert got.money[0, 0, 0] == pytest.approx(23 * WORTH)


def test_the_catalogue_of_maps_has_the_central_mean() -> None:
    model, draw = _model(), flood_draw(beck={})
    got = model.event_set(draw, 4000, np.random.default_rng(4))
    losses = event_losses(got.events, got.exposure, got.curves, by=["member"]).expected_annual("member")
    want = model.annual_damage(draw, "beck").by_member[0]
    assert [losses["alm"], losses["brink"]] == pytest.approx(want, rel=0.01)
    people = event_losses(got.events, got.people, got.curves, by=["member"]).expected_annual("member")
    assert people["alm"] == pytest.approx(model.annual_damage(draw, "beck").people[0, 0], rel=0.01)
    levee = BasinVariants(np.ones((1, 2)), np.zeros((1, 2)), np.full((1, 2), 40.0), np.full((1, 2), 0.5))
    got = model.event_set(draw, 4000, np.random.default_rng(4), {"beck": levee})
    losses = event_losses(got.events, got.exposure, got.curves, by=["member"]).expected_annual("member")
    want = model.annual_damage(draw, "beck", levee).by_member[0]
    assert [losses["alm"], losses["brink"]] == pytest.approx(want, rel=0.03)


def test_the_maps_themselves_come_back() -> None:
    got = _model().depth_map(100.0)
    assert got.depth_m == pytest.approx([1.0, 2.0, 0.5])
    assert got.wet_share == pytest.approx([0.5, 0.1, 0.4])
    with pytest.raises(RangeError, match=r"given: \[10\.0, 100\.0\]"):
        _model().depth_map(50.0)


def test_maps_that_contradict_themselves_are_refused() -> None:
    twice = {k: [*v, v[0]] for k, v in DEPTHS.items()}
    with pytest.raises(RangeError, match="twice"):
        MapFloodInputs.from_tables(
            CELLS, twice, members=["alm", "brink"], member_country=["AA", "BB"],
            basins=[Basin("beck", "tributary")], classes=classes()[:1],
        )  # fmt: skip
    with pytest.raises(RangeError, match="basin_of_cell"):
        MapFloodInputs.from_tables(
            CELLS, DEPTHS, members=["alm", "brink"], member_country=["AA", "BB"],
            basins=[Basin("beck", "tributary"), Basin("x", "main")], classes=classes()[:1],
        )  # fmt: skip
    good = _model().inputs
    with pytest.raises(RangeError, match="wet shares"):
        replace(good, wet_share=good.wet_share * 3)
    with pytest.raises(RangeError, match="rise"):
        replace(good, return_periods=np.array([100.0, 10.0]))
    with pytest.raises(ShapeError, match="depth_m"):
        replace(good, depth_m=good.depth_m[:1])


def test_two_members_may_map_the_cell_that_the_border_cuts() -> None:
    cells = {k: [*v, v[0]] for k, v in CELLS.items()} | {"member": ["alm", "alm", "brink", "brink"]}
    depths = {
        "member": ["alm", "brink"], "cell": ["a", "a"], "return_period": [100.0, 100.0], "depth": [1.0, 3.0],
        "wet_share": [0.5, 0.5],
    }  # fmt: skip
    got = MapFloodInputs.from_tables(
        cells, depths, members=["alm", "brink"], member_country=["AA", "BB"],
        basins=[Basin("beck", "tributary")],
        classes=classes()[:1],
    )  # fmt: skip
    assert got.depth_m[0].tolist() == [1.0, 0.0, 0.0, 3.0]


def test_one_member_by_maps_and_the_other_by_the_method() -> None:
    regional, draw = two_bank_model()
    i = regional.inputs
    cells = {
        "cell": [i.cell_id[c] for c in i.record_cell],
        "municipality": [i.municipalities[m] for m in i.record_municipality],
        "member": [i.members[m] for m in i.record_member],
        "population": i.record_population,
    }
    wet = [c for c, m in zip(i.record_cell, i.record_member, strict=True) if m == 1]
    depths = {
        "member": ["brink"] * 2 * len(wet),
        "cell": [i.cell_id[c] for c in wet] * 2,
        "return_period": [20.0] * len(wet) + [200.0] * len(wet),
        "depth": [0.4] * len(wet) + [1.1] * len(wet),
        "wet_share": [0.1] * len(wet) + [0.3] * len(wet),
    }
    joined = JoinedFloodModel.join(regional, cells, depths, ["brink"])
    assert basin_of_cells(i)[i.cell_id[3]] == "stroom"
    alone = {b: regional.annual_damage(draw, b) for b in regional.basins}
    for b in joined.basins:
        got = joined.annual_damage(draw, b)
        assert got.money[0, 0] == pytest.approx(alone[b].money[0, 0])
        maps = joined.maps.annual_damage(draw, b)
        assert got.money[0, 1] == pytest.approx(maps.money[0, 1])
        assert maps.money[0, 0].sum() == 0.0
    events = joined.event_set(draw, 3000, np.random.default_rng(6))
    losses = event_losses(events.events, events.exposure, events.curves, by=["member"]).expected_annual(
        "member"
    )
    want = sum(joined.annual_damage(draw, b).by_member[0] for b in joined.basins)
    assert [losses["alm"], losses["brink"]] == pytest.approx(want, rel=0.03)
    got = joined.return_period_damage(draw, [200.0])
    parts = [m.return_period_damage(draw, [200.0]).money for m in (joined.regional, joined.maps)]
    assert got.money == pytest.approx(parts[0] + parts[1])
    flood = joined.scenario(draw, {"beck": 5.0})
    assert flood.money[0, 1] == pytest.approx(joined.maps.scenario(draw, {"beck": 5.0}).money[0, 1])
    assert joined.people_not_modelled() == pytest.approx([0.0, 0.0])


def test_only_catalogues_of_the_same_years_are_joined() -> None:
    model, draw = two_bank_model()
    a, b = (model.event_set(draw, n, np.random.default_rng(1)) for n in (40, 50))
    with pytest.raises(ShapeError, match="years or basins"):
        merge_events(a, b)
    other = AssetClass("other", classes()[0].curve)
    small = replace(model, inputs=replace(model.inputs, classes=(other,)))
    extra = {
        "flood.footprint_other_m2_per_head": 1.0,
        "flood.value_other_AA": 1.0,
        "flood.value_other_BB": 1.0,
    }
    c = small.event_set({**draw, **extra}, 40, np.random.default_rng(1))
    with pytest.raises(ShapeError, match="classes or curves"):
        merge_events(a, c)
    with pytest.raises(ShapeError, match="differ in members"):
        JoinedFloodModel(model, _model())
