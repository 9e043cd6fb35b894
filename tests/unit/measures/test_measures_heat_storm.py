"""Heat (deaths, centres across the border) and storm (no joint gain) worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from bothbanks.analysis.cooperation.case import Case
from bothbanks.analysis.measures.heat_case import Coverage, HeatCase, HeatSettings
from bothbanks.analysis.measures.measure import Effect, Measure
from bothbanks.analysis.measures.storm_case import StormCase
from bothbanks.words.errors import InputError, RangeError, ShapeError

MEMBERS = ("a", "b")
ALONE, TOGETHER = (1, 2), (3,)
DRAW = {
    "region.discount_rate": 0.0,
    "cool.cost": 20.0,
    "cool.upkeep": 0.1,
    "cool.left": 0.5,
    "trees.cost": 100.0,
    "trees.upkeep": 0.0,
    "trees.left": 0.9,
    "plan.cost": 40.0,
    "plan.upkeep": 0.0,
    "plan.left": 0.8,
    "roof.cost": 10.0,
    "roof.upkeep": 0.0,
    "roof.left": 0.5,
    "ceiling": 1.0,
    "open": 0.25,
}
GROUPS = ("under-65", "65plus")


def measure(id: str, kind: str, holders: tuple[str, ...], life: int = 20) -> Measure:
    effects = (Effect("", ("*",), "damage", f"{id}.left"),)
    return Measure(id, "heat", kind, {}, holders, (), f"{id}.cost", f"{id}.upkeep", life, effects=effects)


COOL = measure("cool", "cooling", ("*",))
TREES = measure("trees", "trees", ("b",))
PLAN = measure("plan", "warning", MEMBERS)
COVER = Coverage(np.array([1, 2, 3]), np.array([[0.4, 0.1], [0.2, 0.5], [0.0, 0.1]]))


def heat(*measures: Measure, **settings: object) -> HeatCase:
    def deaths(draw: object) -> np.ndarray:
        return np.array([[2.0, 10.0], [4.0, 20.0]])

    chosen = HeatSettings(20, GROUPS, ("65plus",), **settings)  # type: ignore[arg-type]
    return HeatCase("heat", MEMBERS, measures, deaths, COVER, chosen)


def test_centres_serve_across_the_border_only_together() -> None:
    case = heat(COOL)
    assert isinstance(case, Case)
    np.testing.assert_allclose(case.reach(ALONE, DRAW), [0.4, 0.6])
    np.testing.assert_allclose(case.reach(TOGETHER, DRAW), [0.6, 0.7])
    alone, together = case.outcomes(ALONE, DRAW), case.outcomes(TOGETHER, DRAW)
    np.testing.assert_allclose(alone.physical["deaths"], [2 + 10 * 0.8, 4 + 20 * 0.7])
    np.testing.assert_allclose(together.physical["deaths"], [2 + 10 * 0.7, 4 + 20 * 0.65])
    # 20 capital + 19 years of upkeep at 2 - one twentieth left = 57 over 20 years
    np.testing.assert_allclose(alone.cost, [57 / 20, 57 / 20])


def test_effect_of_centres_may_be_a_parameter_of_the_case() -> None:
    case = heat(COOL, centre_effect="effect")
    alone = case.outcomes(ALONE, {**DRAW, "effect": 0.25})
    np.testing.assert_allclose(alone.physical["deaths"], [2 + 10 * 0.9, 4 + 20 * 0.85])


def test_opening_to_neighbours_costs_only_in_a_block_of_two_or_more() -> None:
    case = heat(COOL, open_to_neighbours="open")
    np.testing.assert_allclose(case.outcomes(ALONE, DRAW).cost, [2.85, 2.85])
    np.testing.assert_allclose(case.outcomes(TOGETHER, DRAW).cost, [3.1, 3.1])


def test_trees_help_their_own_member_and_a_joint_plan_needs_all_its_holders() -> None:
    case = heat(TREES, PLAN)
    np.testing.assert_allclose(case.outcomes(ALONE, DRAW).physical["deaths"], [12, 24 * 0.9])
    together = case.outcomes(TOGETHER, DRAW)
    np.testing.assert_allclose(together.physical["deaths"], [12 * 0.8, 24 * 0.9 * 0.8])
    np.testing.assert_allclose(together.cost, [20 / 20 * 0.95, 95 / 20 + 20 / 20 * 0.95])
    assert case.running(TOGETHER, DRAW) == {"trees": ("b",), "plan": ("a", "b")}
    assert case.running(ALONE, DRAW) == {"trees": ("b",), "plan": ()}


def test_a_ceiling_leaves_out_what_costs_more_than_it_avoids() -> None:
    case = heat(COOL, TREES, PLAN, ceiling="ceiling")
    # alone, a: centres cost 2.85 and avoid 2 deaths: not at 1 a death. b: they avoid 6: run.
    # Trees cost b 4.75 and avoid 1.8: not planted.
    assert case.running(ALONE, DRAW) == {"cool": ("b",), "trees": (), "plan": ()}
    rich = case.running(ALONE, {**DRAW, "ceiling": 100.0})
    assert rich == {"cool": ("a", "b"), "trees": ("b",), "plan": ()}
    assert case.running(TOGETHER, DRAW)["plan"] == ("a", "b")


def test_reach_by_pairs_is_scaled_down_to_everybody() -> None:
    c = Coverage.from_pairs(np.array([[0.8, 0.4], [0.0, 0.5]]))
    np.testing.assert_allclose(c.reach(3, 3), [1.0, 0.5])
    np.testing.assert_allclose(c.reach(3, 1), [0.8, 0.0])


def test_heat_refusals() -> None:
    with pytest.raises(RangeError, match="more than 1"):
        Coverage(np.array([1]), np.array([[1.2, 0.0]]))
    with pytest.raises(RangeError, match="negative"):
        Coverage(np.array([1]), np.array([[-0.2, 0.0]]))
    with pytest.raises(ShapeError, match="pattern"):
        Coverage(np.array([1, 2]), np.array([[0.2, 0.0]]))
    with pytest.raises(InputError, match="one 'cooling'"):
        heat(COOL, measure("trees", "cooling", ("*",)))
    stage = Measure(
        "x", "heat", "levee", {}, ("a",), (), "c", "", 5, effects=(Effect("", ("*",), "stage", "s"),)
    )
    with pytest.raises(InputError, match="effects on stage"):
        heat(stage)


def test_without_coverage_centres_serve_all_of_their_own_people_only() -> None:
    def deaths(draw: object) -> np.ndarray:
        return np.array([[2.0, 10.0], [4.0, 20.0]])

    case = HeatCase("heat", MEMBERS, (COOL,), deaths, None, HeatSettings(20, GROUPS, ("65plus",)))
    assert case.reach(TOGETHER, DRAW).tolist() == [1.0, 1.0]
    np.testing.assert_allclose(case.outcomes(TOGETHER, DRAW).physical["deaths"], [7, 14])


def test_storm_has_no_joint_gain_and_each_member_decides_for_itself() -> None:
    roof = measure("roof", "roof", ("*",))
    case = StormCase(
        "storm",
        MEMBERS,
        (roof,),
        lambda draw: np.array([3.0, 0.5]),
        ("buildings",),
        20,
        scales={"roof": lambda draw: np.array([1.0, 2.0])},
    )
    assert isinstance(case, Case)
    alone, together = case.outcomes(ALONE, DRAW), case.outcomes(TOGETHER, DRAW)
    # a: 60 without; 60 x (1 - 0.5 x 19/20) + 9.5 with. b: 10 without; 5.25 + 19 with.
    np.testing.assert_allclose(alone.cost, [60 * (1 - 0.5 * 0.95) + 9.5, 10])
    np.testing.assert_allclose(together.cost, alone.cost)
    assert case.game(DRAW).alone().own == ("roof", "")
    assert dict(together.physical) == {}
    with pytest.raises(InputError, match="shared"):
        StormCase("storm", MEMBERS, (PLAN,), lambda draw: np.zeros(2), ("buildings",), 20)
    with pytest.raises(ShapeError, match="damage of shape"):
        StormCase("storm", MEMBERS, (), lambda draw: np.zeros(3), ("buildings",), 20).tables(DRAW)
