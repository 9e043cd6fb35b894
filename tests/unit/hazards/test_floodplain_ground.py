from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hazard_cases import flood_draw, ramp, valley

from bothbanks.analysis.risk.curves import Curve, jrc_flood_curves
from bothbanks.analysis.risk.hazards import AssetClass
from bothbanks.analysis.risk.hazards.floodplain import Hinges, Links, floodplain, ground_integrals, wet_ground
from bothbanks.words.errors import RangeError

DRAW = flood_draw(beck={}, stroom={})


def _one_cell(slope: float = 0.05, area: float = 100.0):  # type: ignore[no-untyped-def]
    inputs = valley(areas=[area], members=[0], basins=[0], people=[1000.0], slopes=[slope])
    return inputs, floodplain(inputs, Links.of(inputs), DRAW)


def test_a_valley_by_hand() -> None:
    # 100 km2: floor 12 x 10 = 120 m wide, 900 m long; bankfull depth 0.45 x 100^0.26 m, the edge 0.30 of it
    _, plain = _one_cell()
    depth = 0.45 * 100.0**0.26
    assert plain.bankfull_m[0] == pytest.approx(depth)
    assert plain.floor_height_m[0] == pytest.approx(0.30 * depth)
    assert plain.floor_m2[0] == pytest.approx(120.0 * 900.0)
    assert plain.side_m2[0] == pytest.approx(1e6 - 108_000.0)
    assert plain.side_m2_per_m[0] == pytest.approx(2 * 900.0 / 0.05)
    assert plain.side_height_m[0] == pytest.approx(892_000.0 / 36_000.0)
    thin = np.exp(-0.05 / 0.035)
    assert plain.floor_density[0] * 1e6 == pytest.approx(1 / (0.108 + 0.892 * thin))
    assert plain.side_density[0] / plain.floor_density[0] == pytest.approx(thin)


@pytest.mark.parametrize("slope", [0.0, 0.01, 0.05, 0.3])
def test_clustering_moves_people_and_loses_none(slope: float) -> None:
    _, plain = _one_cell(slope)
    people = plain.floor_m2 * plain.floor_density + (1e6 - plain.floor_m2) * plain.side_density
    assert people == pytest.approx([1.0])


@pytest.mark.parametrize("stage", [0.2, 0.447, 1.0, 3.0, 30.0])
@pytest.mark.parametrize("name", ["residential", "commercial", "infrastructure"])
def test_exact_integrals_equal_a_sum_over_many_strips(stage: float, name: str) -> None:
    _, plain = _one_cell()
    curve = jrc_flood_curves()[name]
    u = (np.arange(400_000) + 0.5) / 400_000
    height, top = plain.floor_height_m[0], plain.side_height_m[0]
    floor = (
        curve(np.maximum(stage - height * u**1.4, 0.0)).mean() * plain.floor_m2[0] * plain.floor_density[0]
    )
    z = u * top
    side = (
        curve(np.maximum(stage - height - z, 0.0)).mean()
        * top
        * plain.side_m2_per_m[0]
        * plain.side_density[0]
    )
    hinges = Hinges.of((AssetClass(name, curve),))
    ground = ground_integrals(plain, np.array([0]), np.array([[stage]]), hinges.knot)[:, 0, 0]
    assert ground @ hinges.weight[:, 0] == pytest.approx(floor + side, rel=2e-5)
    wet_floor = (height * u**1.4 < stage).mean() * plain.floor_m2[0] * plain.floor_density[0]
    wet_side = (z < stage - height).mean() * top * plain.side_m2_per_m[0] * plain.side_density[0]
    assert ground[0] == pytest.approx(wet_floor + wet_side, rel=1e-4)


def test_curves_that_start_with_a_step_or_go_on_rising_are_kept_whole() -> None:
    curves = (
        Curve("step", [0.0, 1.0], [0.2, 0.6], "m", "made up"),
        Curve("open", [0.0, 1.0], [0.0, 0.5], "m", "made up", "linear"),
        Curve("late", [0.5, 1.5], [0.0, 1.0], "m", "made up"),
    )
    hinges = Hinges.of(tuple(AssetClass(c.id, c) for c in curves))
    depth = np.array([0.01, 0.3, 0.7, 1.2, 4.0])
    basis = np.vstack((np.ones_like(depth), np.maximum(depth - hinges.knot[:, None], 0.0)))
    for c, curve in enumerate(curves):
        assert hinges.weight[:, c] @ basis == pytest.approx(curve(depth))


def test_a_curve_over_another_unit_is_refused() -> None:
    with pytest.raises(RangeError, match="depth is in m"):
        Hinges.of((AssetClass("x", Curve("x", [0.0, 50.0], [0.0, 1.0], "cm", "made up")),))


def test_a_floor_wider_than_its_cell_goes_on_next_door_lowest_first() -> None:
    # 10,000 km2: 1,200 m wide; 900 m long = 1.08 km2, so 0.08 km2 don't fit into the cell
    inputs = valley(areas=[1e4, 1e4, 1e4], members=[0, 0, 1], basins=[1, 1, 1], people=[10.0] * 3)
    inputs = replace(
        inputs,
        row_reach=np.zeros(3, dtype=np.int64),
        cell_x=np.array([1500.0, 500.0, 2500.0]),
        stream_length_m=np.array([900.0, 0.0, 0.0]),
        height_over_reach_m=np.array([0.0, 2.0, 6.0]),
    )
    plain = floodplain(inputs, Links.of(inputs), DRAW)
    assert plain.floor_m2 == pytest.approx(
        [1e6, 80_000.0 * 0.75, 80_000.0 * 0.25]
    )  # weights 1 - 2/8, 1 - 6/8
    assert plain.lost_floor_m2 == pytest.approx(0.0, abs=1e-6)
    high = replace(inputs, height_over_reach_m=np.array([0.0, 9.0, 9.0]))
    plain = floodplain(high, Links.of(high), DRAW)
    assert plain.floor_m2 == pytest.approx([1e6, 0.0, 0.0])
    assert plain.lost_floor_m2 == pytest.approx(80_000.0)
    far = replace(inputs, cell_x=np.array([1500.0, 9500.0, 8500.0]))
    assert Links.of(far).giver.size == 0


def test_two_streams_in_one_cell_share_it() -> None:
    inputs = valley(areas=[8000.0, 2000.0], members=[0, 0], basins=[1, 0], people=[10.0, 10.0])
    both = replace(inputs, row_cell=np.array([0, 0]))
    plain = floodplain(both, Links.of(both), DRAW)
    assert plain.floor_m2.sum() == pytest.approx(1e6)
    assert plain.floor_m2[0] / plain.floor_m2[1] == pytest.approx(2.0)
    assert plain.side_m2 == pytest.approx([0.0, 0.0])


def test_wet_ground_by_hand() -> None:
    _, plain = _one_cell()
    wet, volume = wet_ground(plain, np.array([plain.floor_height_m[0] + 0.5]))
    assert wet == pytest.approx([108_000.0 + 36_000.0 * 0.5])
    mean_rise = 1 / 2.4  # of u^1.4 over the floor
    height = plain.floor_height_m[0]
    assert volume == pytest.approx([108_000.0 * (0.5 + height * (1 - mean_rise)) + 36_000.0 * 0.125])


def test_no_sides_when_switched_off() -> None:
    inputs = valley(areas=[100.0], members=[0], basins=[0], people=[1000.0])
    plain = floodplain(inputs, Links.of(inputs), {**DRAW, "flood.valley_side": 0.0})
    hinges = Hinges.of((AssetClass("r", ramp()),))
    stage = np.array([[5.0, 50.0]])
    ground = ground_integrals(plain, np.array([0]), stage, hinges.knot)
    assert ground[0, 0] == pytest.approx([plain.floor_m2[0] * plain.floor_density[0]] * 2)
    assert np.isfinite(ground).all()
