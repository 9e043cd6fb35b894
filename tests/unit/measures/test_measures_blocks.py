"""Tables by basin and subset from a hazard model, and the flood case on them."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from bothbanks.analysis.cooperation.case import Case
from bothbanks.analysis.cooperation.partition import alone_partition, together_partition
from bothbanks.analysis.cooperation.views import three_views
from bothbanks.analysis.measures.blocks import basin_table, damage_factors, subset_variants
from bothbanks.analysis.measures.flood_case import FloodCase, FloodSettings, WarningSpec
from bothbanks.analysis.measures.measure import Effect, Measure
from bothbanks.analysis.risk.hazards.variants import BasinDamage, BasinVariants
from bothbanks.words.errors import InputError, RangeError, ShapeError

MEMBERS = ("host", "town")
CLASSES = ("homes", "works")


class LinearModel:
    """Damage proportional to discharge and water level, cut by protection; people a tenth of it."""

    def annual_damage(self, draw: object, basin: str, variants: BasinVariants, /) -> BasinDamage:
        base = {"geul": np.array([[2.0, 0.0], [6.0, 4.0]]), "meuse": np.array([[0.0, 0.0], [5.0, 5.0]])}[
            basin
        ]
        held = np.where(
            np.isnan(variants.protection_years), 1.0, 50.0 / np.fmax(variants.protection_years, 50.0)
        )
        factor = variants.discharge_factor * (1 + variants.stage_shift_m) * held
        money = factor[:, :, None] * base * variants.damage_factor[:, :, None]
        return BasinDamage(money, money.sum(axis=2) / 10)


def measure(
    id: str, kind: str, holders: tuple[str, ...], effects: tuple[Effect, ...], **more: object
) -> Measure:
    base = {"lifetime_years": 10, "years": (0,), "year_shares": (1.0,)} | more
    return Measure(
        id, "flood", kind, {"en": id}, holders, holders, f"{id}.cost", f"{id}.upkeep", effects=effects, **base
    )  # type: ignore[arg-type]


BUFFERS = measure("buffers", "retention", ("host",), (Effect("geul", ("*",), "discharge", "buffers.size"),))
LEVEE = measure(
    "levee",
    "levee",
    ("town",),
    (
        Effect("geul", ("town",), "protection", "levee.years"),
        Effect("geul", ("host",), "stage", "levee.rise"),
        Effect("meuse", ("town",), "damage", "levee.left", ("homes",)),
    ),
    years=(0, 1),
    year_shares=(0.5, 0.5),
)
PROOFING = measure(
    "proofing", "proofing", ("*",), (Effect("*", ("*",), "damage", "proofing.left", ("homes",)),)
)
DRAW = {
    "region.discount_rate": 0.0,
    "buffers.size": 0.5,
    "buffers.cost": 12.0,
    "buffers.upkeep": 0.0,
    "levee.years": 100.0,
    "levee.rise": 0.25,
    "levee.left": 0.8,
    "levee.cost": 1000.0,
    "levee.upkeep": 0.0,
    "proofing.left": 0.5,
    "proofing.cost": 1.0,
    "proofing.upkeep": 0.0,
    "warning.alone": 0.9,
    "warning.joint": 0.5,
    "warning.cost_alone": 1e6,
    "warning.cost_joint": 3.0,
    "warning.upkeep": 0.0,
}


def flood(measures: tuple[Measure, ...] = (BUFFERS, LEVEE), **settings: object) -> FloodCase:
    chosen = FloodSettings(10, CLASSES, **settings)  # type: ignore[arg-type]
    return FloodCase("flood", MEMBERS, ("geul", "meuse"), measures, LinearModel(), chosen)


def test_variants_of_all_subsets() -> None:
    v = subset_variants("geul", (BUFFERS, LEVEE), (0, 1), MEMBERS, DRAW)
    assert v.discharge_factor.tolist() == [[1, 1], [0.5, 0.5], [1, 1], [0.5, 0.5]]
    assert v.stage_shift_m.tolist() == [[0, 0], [0, 0], [0.25, 0], [0.25, 0]]
    np.testing.assert_array_equal(v.protection_years[:, 1], [np.nan, np.nan, 100, 100])
    assert np.isnan(v.protection_years[:, 0]).all()


def test_damage_factor_reaches_only_its_classes_members_and_basins() -> None:
    f = damage_factors("meuse", (BUFFERS, LEVEE), (1,), MEMBERS, CLASSES, DRAW)
    assert f.tolist() == [[[1, 1], [1, 1]], [[1, 1], [0.8, 1]]]
    assert (damage_factors("geul", (BUFFERS, LEVEE), (0, 1), MEMBERS, CLASSES, DRAW) == 1).all()


def test_losses_count_from_the_year_each_measure_works() -> None:
    t = basin_table(LinearModel(), "geul", (BUFFERS, LEVEE), MEMBERS, DRAW, 10, 0.0, CLASSES)
    # town: 10 a year; buffers halve it from year 1, the levee (built in years 0 and 1) halves it from year 2.
    assert t.loss[:, 1].tolist() == [100, 10 + 9 * 5, 20 + 8 * 5, 10 + 5 + 8 * 2.5]
    # host: 2 a year; with the levee 2.5 from year 2.
    assert t.loss[:, 0].tolist() == [20, 2 + 9 * 1, 4 + 8 * 2.5, 2 + 1 + 8 * 1.25]
    np.testing.assert_allclose(t.by_class.sum(axis=2), t.loss)
    assert t.people[:, 1].tolist() == [1, 0.5, 0.5, 0.25]


def test_flood_case_is_a_case_and_answers_by_member() -> None:
    case = flood()
    assert isinstance(case, Case)
    alone = case.outcomes(alone_partition(2), DRAW)
    together = case.outcomes(together_partition(2), DRAW)
    # Buffers cost 12, are renewed in year 11 (beyond the horizon), one tenth of their life is left.
    assert alone.cost.tolist() == [20, 200]
    np.testing.assert_allclose(together.cost, [11 + 12 - 1.2, 155])
    np.testing.assert_allclose(together.physical["people_affected"], [0.1, 1.5])
    assert together.equilibria == 1


def test_own_option_acts_on_its_classes_only_and_scales_with_the_member() -> None:
    case = flood((BUFFERS, PROOFING), scales={"proofing": lambda draw: np.array([100.0, 10.0])})
    alone = case.game(DRAW).alone()
    # town: homes 6 + 5 a year; the factor works in nine of ten years: 1 - 0.9 x 0.5 = 0.55. Cost 10 - 1 left.
    assert alone.own == ("", "proofing")
    assert alone.loss[1] == pytest.approx(10 * (11 * 0.55 + 9))
    assert alone.cost[1] == pytest.approx(10 * (11 * 0.55 + 9) + 9.0)


def test_relocation_takes_people_out_of_the_water_and_proofing_does_not() -> None:
    moved = measure("proofing", "relocation", ("town",), (Effect("*", ("*",), "damage", "proofing.left"),))
    base = flood((BUFFERS,)).game(DRAW).alone()
    assert flood((BUFFERS, moved)).game(DRAW).alone().people[1] == pytest.approx(base.people[1] * 0.55)
    assert flood((BUFFERS, PROOFING)).game(DRAW).alone().people[1] == pytest.approx(base.people[1])


def test_joint_warning_from_parameters() -> None:
    system = measure("warning", "warning", MEMBERS, ())
    helps = np.zeros((2, 2, 2), dtype=bool)
    helps[0, 1, 0] = True  # the host lies upstream of the town in the geul
    spec = WarningSpec(
        system, "warning.alone", "warning.joint", "warning.cost_alone", "warning.cost_joint", helps
    )
    case = flood((BUFFERS, system), warning=spec)
    together = case.game(DRAW).together()
    # town is helped by host in the geul (55 with the buffers, halved) and by nobody in the meuse (100 x 0.9).
    assert together.warning == ("joint", "joint")
    assert together.loss[1] == pytest.approx(55 * 0.5 + 100 * 0.9)
    assert case.game(DRAW).alone().warning == ("", "")
    with pytest.raises(InputError, match="WarningSpec"):
        flood((BUFFERS, system))
    with pytest.raises(RangeError, match=r"warning\.joint"):
        case.tables({**DRAW, "warning.joint": 1.5})


def test_three_views_read_the_case_directly() -> None:
    views = three_views(flood().costs(DRAW), MEMBERS, ("BE", "NL"))
    assert views.total_gain == pytest.approx(220 - (21.8 + 155))
    assert views.cross_border_gain == pytest.approx(views.total_gain)


def test_refusals() -> None:
    many = tuple(
        measure(f"m{k}", "room", ("host",), (Effect("geul", ("*",), "discharge", "buffers.size"),))
        for k in range(11)
    )
    with pytest.raises(RangeError, match="11 measures touch basin 'geul'"):
        basin_table(LinearModel(), "geul", many, MEMBERS, DRAW, 10, 0.0, CLASSES)
    with pytest.raises(ShapeError, match="2 classes"):
        basin_table(LinearModel(), "geul", (), MEMBERS, DRAW, 10, 0.0, ("homes",))
    nobody = measure("ghost", "retention", (), (Effect("geul", ("*",), "discharge", "buffers.size"),))
    with pytest.raises(InputError, match="nobody has the competence"):
        flood((nobody,))


def test_the_game_of_a_draw_is_built_once_and_again_when_the_draw_differs() -> None:
    case = flood()
    first = case.game(DRAW)
    assert case.game(dict(DRAW)) is first
    assert case.game({**DRAW, "buffers.cost": 1e9}) is not first
    assert case.game({**DRAW, "buffers.cost": 1e9}).together().profile == 0


def test_a_case_that_has_played_can_be_sent_to_another_process() -> None:
    case = flood()
    first = case.outcomes(together_partition(2), DRAW)
    sent = pickle.loads(pickle.dumps(case))
    np.testing.assert_array_equal(sent.outcomes(together_partition(2), DRAW).cost, first.cost)
