from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hazard_cases import classes, flood_draw, rain_fits, two_bank_model, valley

from bothbanks.analysis.risk.hazards import BasinVariants, Climate, FloodInputs, FloodModel
from bothbanks.analysis.risk.hazards.flood import StageLaw, chance_of_failure, frequency_nodes
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError


def _variants(
    factor: float = 1.0, shift: float = 0.0, years: float = np.nan, damage: float = 1.0
) -> BasinVariants:
    return BasinVariants(*(np.full((1, 2), v) for v in (factor, shift, years, damage)))


def test_the_years_add_up_to_one() -> None:
    periods, chance = frequency_nodes()
    assert chance.sum() == pytest.approx(1.0)
    assert (chance > 0).all()
    assert periods[0] < 1.05


def test_value_per_head_by_hand() -> None:
    inputs = valley(areas=[50.0], members=[0], basins=[0], people=[1.0])
    value = inputs.value_per_head(flood_draw())
    homes, shops = 24 * 800 * 1.2, 6 * 1100 * 1.2
    assert value[0] == pytest.approx([homes, shops, 0.4 * (homes + shops)])


def test_annual_damage_equals_a_plain_sum_over_years_and_strips() -> None:
    inputs = valley(areas=[120.0], members=[1], basins=[0], people=[800.0], slopes=[0.04])
    draw = flood_draw(beck={"calibration": 1.5}, stroom={})
    model = FloodModel(inputs, rain_fits())
    got = model.annual_damage(draw, "beck")
    growth, plain = model.growth(draw, "beck"), model.floodplain(draw)
    p = (np.arange(40_000) + 0.5) / 40_000
    q = growth.q(1 / p)
    stage = plain.bankfull_m[0] * ((q / 0.87) ** 0.4 - 1)
    lost = np.clip(np.log(1 / p / 10.0) / np.log(4.0), 0, 1)
    u = (np.arange(400) + 0.5) / 400
    height, top = plain.floor_height_m[0], 6.0
    want, people = np.zeros(3), 0.0
    for ground, area, density in (
        (height * u**1.4, plain.floor_m2[0], plain.floor_density[0]),
        (height + top * u, plain.side_m2_per_m[0] * top, plain.side_density[0]),
    ):
        depth = np.maximum(stage[:, None] - ground, 0.0)
        persons = 800.0 * area * density * 1.5
        people += persons * ((depth > 0).mean(axis=1) * lost).mean()
        value = inputs.value_per_head(draw)[1]
        want += [
            persons * value[c] * (a.curve(depth).mean(axis=1) * lost).mean() for c, a in enumerate(classes())
        ]
    assert got.money[0, 1] == pytest.approx(want, rel=2e-3)
    assert got.people[0, 1] == pytest.approx(people, rel=2e-3)
    assert got.money[0, 0].sum() == 0.0


def test_many_variants_are_the_variants_one_by_one() -> None:
    model, draw = two_bank_model()
    parts = [
        _variants(),
        _variants(0.9),
        _variants(1.0, 0.05),
        _variants(1.0, -0.3, 300.0, 0.8),
        _variants(0.9),
    ]
    names = ("discharge_factor", "stage_shift_m", "protection_years", "damage_factor")
    joined = BasinVariants(*(np.concatenate([getattr(v, n) for v in parts]) for n in names))
    for basin in model.basins:
        got = model.annual_damage(draw, basin, joined)
        for k, v in enumerate(parts):
            alone = model.annual_damage(draw, basin, v)
            assert got.money[k] == pytest.approx(alone.money[0], rel=1e-3)
            assert got.people[k] == pytest.approx(alone.people[0], rel=1e-3)
        assert got.money[1] == pytest.approx(got.money[4])


def test_retention_upstream_also_keeps_the_protection_standing() -> None:
    # the trap: with the return period of the unaltered flood, protection would fail as often as before
    model, draw = two_bank_model()
    base, less = (model.annual_damage(draw, "beck", _variants(f)).by_member[0] for f in (1.0, 0.9))
    growth = model.growth(draw, "beck")
    t = np.array([15.0])
    altered = growth.return_period(growth.q(t) * 0.9)
    assert chance_of_failure(altered, 20.0, 4.0) < chance_of_failure(t, 20.0, 4.0)
    state = model.state(draw, "beck")
    q = np.array([growth.q(15.0)])
    depth_only = model.damage_at(state, q * 0.9, _variants(), protected=False)[0].sum(axis=2)
    before = model.damage_at(state, q, _variants(), protected=False)[0].sum(axis=2)
    with_protection = model.damage_at(state, q, _variants(0.9))[0].sum(axis=2)
    protected_before = model.damage_at(state, q, _variants())[0].sum(axis=2)
    assert (with_protection / protected_before < depth_only / before).all()
    assert (less < base).all()


def test_a_protection_below_the_base_changes_nothing() -> None:
    model, draw = two_bank_model()
    base = model.annual_damage(draw, "beck").money
    assert model.annual_damage(draw, "beck", _variants(years=5.0)).money == pytest.approx(base)
    assert (model.annual_damage(draw, "beck", _variants(years=80.0)).money <= base).all()


def test_a_member_can_have_its_own_protection() -> None:
    model, draw = two_bank_model()
    base = model.annual_damage(draw, "stroom").by_member[0]
    own = model.annual_damage(
        {**draw, "flood.basin.stroom.protection_years_brink": 500.0}, "stroom"
    ).by_member[0]
    assert own[0] == pytest.approx(base[0])
    assert own[1] < 0.5 * base[1]


def test_flood_proofing_saves_money_and_wets_as_many() -> None:
    model, draw = two_bank_model()
    base, proofed = (model.annual_damage(draw, "beck", _variants(damage=d)) for d in (1.0, 0.8))
    assert proofed.money == pytest.approx(0.8 * base.money)
    assert proofed.people == pytest.approx(base.people)


def test_more_rain_costs_more_while_the_dykes_stay_as_they_are() -> None:
    model, draw = two_bank_model()
    for basin in model.basins:
        today, wetter = (model.annual_damage(draw, basin, climate=Climate(rain_factor=f)) for f in (1.0, 1.1))
        assert (wetter.by_member > 1.2 * today.by_member).all()


def test_no_water_reaches_people_behind_certain_protection() -> None:
    model, draw = two_bank_model()
    safe = model.annual_damage(draw, "beck", _variants(years=1e9))
    assert safe.money.sum() == 0.0


def test_a_named_flood_counts_only_the_basins_named() -> None:
    model, draw = two_bank_model()
    flood = model.scenario(draw, {"beck": 6.0})
    assert flood.basins == ("beck",)
    assert flood.return_period[0] > 1000
    state = model.state(draw, "beck")
    free = model.damage_at(state, np.array([6.0]), _variants(), protected=False)
    assert flood.money[0] == pytest.approx(free[0][0])
    assert model.scenario(draw, {}).money.shape == (0, 2, 3)


def test_damage_by_return_period_rises_and_starts_at_half_the_protection() -> None:
    model, draw = two_bank_model()
    got = model.return_period_damage(draw, [5.0, 9.9, 12.0, 40.0, 500.0])
    assert got.money.shape == (5, 2, 2, 3)
    beck = got.money[:, 0].sum(axis=(1, 2))
    assert beck[:2] == pytest.approx([0.0, 0.0])
    assert (np.diff(beck[1:]) > 0).all()


def test_depth_map_by_hand_and_nan_where_nothing_is_known() -> None:
    inputs = valley(areas=[100.0], members=[0], basins=[0], people=[10.0], slopes=[0.05])
    dark = replace(
        inputs,
        cell_x=np.array([500.0, 5500.0]), cell_y=np.array([500.0, 500.0]),
        cell_slope=np.array([0.05, np.nan]), cell_id=("a", "b"), record_cell=np.array([0, 1]),
        record_member=np.array([0, 1]),
        record_municipality=np.array([0, 1]), record_population=np.array([10.0, 7.0]),
    )  # fmt: skip
    model = FloodModel(dark, rain_fits())
    draw = flood_draw(beck={}, stroom={})
    got = model.depth_map(draw, 100.0)
    stage = model.floodplain(draw).bankfull_m[0] * StageLaw(0.87, 0.4).rise(
        model.growth(draw, "beck").q(100.0)
    )
    plain = model.floodplain(draw)
    over = stage - plain.floor_height_m[0]
    wet = 108_000.0 + 36_000.0 * over
    volume = 108_000.0 * (stage - plain.floor_height_m[0] / 2.4) + 18_000.0 * over**2
    assert got.wet_share[0] == pytest.approx(wet / 1e6)
    assert got.depth_m[0] == pytest.approx(volume / wet)
    assert np.isnan(got.depth_m[1])
    assert dark.people_not_modelled() == pytest.approx([0.0, 7.0])


def test_stage_and_discharge_are_one_law() -> None:
    law = StageLaw(0.87, 0.4)
    assert law.rise(0.87) == pytest.approx(0.0)
    assert law.discharge(law.rise([0.5, 1.0, 4.0])) == pytest.approx([0.5, 1.0, 4.0])


def _tables() -> dict[str, dict[str, list[object]]]:
    return {
        "cells": {
            "cell": ["c1", "c1", "c2", "c9"], "x": [500.0, 500.0, 1500.0, 9500.0], "y": [500.0] * 4,
            "municipality": ["p", "q", "q", "q"], "member": ["alm", "brink", "brink", "brink"],
            "population": [100.0, 50.0, 30.0, 20.0],
        },
        "terrain": {"cell": ["c1", "c2"], "x": [500.0, 1500.0], "y": [500.0, 500.0], "slope": [0.02, 0.03]},
        "floodplain": {
            "cell": ["c1", "c1", "c2"], "reach": ["r1", "r1", "r1"], "upstream_area": [50.0, 50.0, 51.0],
            "stream_length": [400.0, 700.0, 0.0], "height_over_reach": [0.0, 0.0, 3.0],
        },
        "reaches": {"reach": ["r1"], "basin": ["beck"]},
    }  # fmt: skip


def _from(tables: dict[str, dict[str, list[object]]]) -> FloodInputs:
    base = valley(areas=[50.0], members=[0], basins=[0], people=[1.0])
    return FloodInputs.from_tables(
        tables["cells"], tables["terrain"], tables["floodplain"], tables["reaches"], members=base.members,
        member_country=base.member_country, basins=base.basins, classes=base.classes, cell_size_m=1000.0,
    )  # fmt: skip


def test_tables_become_arrays_and_a_border_cell_counts_once() -> None:
    got = _from(_tables())
    assert got.row_cell.size == 2
    assert got.stream_length_m.tolist() == [700.0, 0.0]
    assert got.people() == pytest.approx([100.0, 100.0])
    assert got.people_not_modelled() == pytest.approx([0.0, 20.0])  # c9 has no terrain
    assert got.without(["brink"]).people() == pytest.approx([100.0, 0.0])


def test_tables_that_do_not_fit_are_refused_with_all_problems() -> None:
    tables = _tables()
    tables["floodplain"]["reach"] = ["r1", "r1", "r7"]
    tables["cells"]["member"] = ["alm", "x", "brink", "brink"]
    tables["reaches"]["basin"] = ["amazon"]
    with pytest.raises(RangeError) as caught:
        _from(tables)
    for word in ("r7", "amazon", "member of a cell: x"):
        assert word in str(caught.value)


def test_parameters_and_variants_that_make_no_sense_are_refused() -> None:
    model, draw = two_bank_model()
    with pytest.raises(MissingValueError, match=r"flood\.stage_exponent"):
        model.annual_damage({k: v for k, v in draw.items() if k != "flood.stage_exponent"}, "beck")
    with pytest.raises(RangeError, match="there are beck, stroom"):
        model.annual_damage(draw, "rhine")
    with pytest.raises(ShapeError, match="3 members"):
        model.annual_damage(draw, "beck", BasinVariants.base(3))
    with pytest.raises(MissingValueError, match="stage_shift_m"):
        _variants(shift=float("nan"))
    with pytest.raises(RangeError, match="discharge factors"):
        _variants(factor=0.0)
    with pytest.raises(RangeError, match="breach_spread"):
        model.annual_damage({**draw, "flood.breach_spread": 1.0}, "beck")
    with pytest.raises(RangeError, match="rain_factor"):
        Climate(rain_factor=0.0)
    with pytest.raises(RangeError, match="negative"):
        replace(model.inputs, record_population=-model.inputs.record_population)
