"""With one start and no budget, programmes are the game without budgets: same plans, same costs."""

from __future__ import annotations

import numpy as np
import pytest
from region_folders import TWO_BANKS

from bothbanks.analysis.measures.equilibrium import PartitionGame
from bothbanks.analysis.measures.flood_case import FloodCase, FloodSettings, WarningSpec
from bothbanks.analysis.measures.measure import Draw, Effect, Measure
from bothbanks.analysis.measures.programme import (
    Effort,
    ProgrammeGame,
    account,
    case_tables,
    keep_case_losses,
    open_terms,
)
from bothbanks.analysis.risk.hazards.variants import BasinDamage, BasinVariants
from bothbanks.app.cases import flood_run
from bothbanks.region.folder import harmonise, read_region

MEMBERS = ("a", "b", "c")
BASINS = ("brook", "river")
BOTH_WAYS = (Effort(), Effort(enumerate_up_to=0))


class RandomModel:
    """Losses that rise with the peak and fall with protection."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.base = {b: rng.uniform(0, 9, (3, 2)) for b in BASINS}

    def annual_damage(self, draw: object, basin: str, variants: BasinVariants, /) -> BasinDamage:
        held = np.where(np.isnan(variants.protection_years), 1.0, 0.4)
        factor = variants.discharge_factor**1.5 * (1 + variants.stage_shift_m) * held
        money = factor[:, :, None] * self.base[basin]
        return BasinDamage(money, money.sum(axis=2) / 3)


def measure(id: str, kind: str, holders: tuple[str, ...], *effects: Effect, **more: object) -> Measure:
    base = {"lifetime_years": 10, "years": (0,), "year_shares": (1.0,)} | more
    cost, upkeep = f"{id}.cost", f"{id}.upkeep"
    return Measure(id, "flood", kind, {}, holders, holders, cost, upkeep, effects=effects, **base)  # type: ignore[arg-type]


def case_and_draw(seed: int) -> tuple[FloodCase, Draw]:
    """Shared measures that help and harm, two own options, joint warning, building over several years."""
    later = {"years": (0, 1, 2), "year_shares": (0.5, 0.25, 0.25)}
    measures = (
        measure("basin", "retention", ("a", "b"), Effect("*", ("*",), "discharge", "basin.size"), **later),
        measure(
            "dyke",
            "levee",
            ("c",),
            Effect("river", ("c",), "protection", "dyke.size"),
            Effect("river", ("b",), "stage", "dyke.rise"),
        ),
        measure("pond", "retention", ("a",), Effect("brook", ("*",), "discharge", "pond.size"), years=(2,)),
        measure(
            "shutters",
            "proofing",
            ("*",),
            Effect("*", ("*",), "damage", "shutters.size", ("homes",)),
            **later,
        ),
        measure("move", "relocation", ("b",), Effect("river", ("b",), "damage", "move.size")),
        measure(
            "warning",
            "warning",
            MEMBERS,
            Effect("*", ("*",), "damage", "warning.joint"),
            years=(0, 1),
            year_shares=(0.5, 0.5),
        ),
    )
    rng = np.random.default_rng(seed)
    draw = {"region.discount_rate": 0.03, "dyke.rise": 0.1, "warning.joint": 0.8, "warning.alone": 0.9}
    draw |= {f"{m.id}.cost": float(rng.uniform(5, 60)) for m in measures}
    draw |= {f"{m.id}.upkeep": 0.01 for m in measures}
    draw |= {f"{x}.size": float(rng.uniform(0.5, 0.95)) for x in ("basin", "pond", "shutters", "move")}
    draw |= {"dyke.size": 200.0, "warning.cost_alone": 8.0, "warning.cost_joint": 12.0, "warning.user": 1.0}
    helps = rng.uniform(size=(2, 3, 3)) < 0.6
    warning = WarningSpec(
        measures[-1],
        "warning.alone",
        "warning.joint",
        "warning.cost_alone",
        "warning.cost_joint",
        helps,
        "warning.user",
    )
    scales = {"shutters": lambda d: np.array([0.5, 1.0, 0.2])}
    settings = FloodSettings(25, ("homes", "works"), warning=warning, scales=scales)
    return FloodCase("flood", MEMBERS, BASINS, measures, RandomModel(seed), settings), draw


@pytest.mark.parametrize("effort", BOTH_WAYS)
@pytest.mark.parametrize("seed", range(6))
def test_costs_plans_and_people_are_those_of_the_game_without_budgets(seed: int, effort: Effort) -> None:
    case, draw = case_and_draw(seed)
    game = PartitionGame(case.tables(draw))
    programmes = ProgrammeGame(case_tables(case, draw), open_terms(MEMBERS, 25), effort)
    for partition in ((1, 2, 4), (3, 4), (5, 2), (7,)):
        wanted, found = game.solve(partition), programmes.solve(partition)
        assert sum(1 << j for j, s in enumerate(found.plan.starts) if s == 0) == wanted.profile
        np.testing.assert_allclose(found.cost, wanted.cost, rtol=1e-9)
        np.testing.assert_allclose(found.loss, wanted.loss, rtol=1e-9)
        np.testing.assert_allclose(found.people_by_year[:, -1], wanted.people, rtol=1e-9)
        assert tuple("+".join(o for o, _ in p.options) for p in found.own) == wanted.own
        assert tuple(p.warning for p in found.own) == wanted.warning


def test_a_real_flood_game_comes_out_the_same() -> None:
    model = harmonise(read_region(TWO_BANKS))
    case = flood_run(model, model.cases["flood"]).game
    draw = {p.id: p.value for p in model.parameters}
    wanted = PartitionGame(case.tables(draw))
    found = ProgrammeGame(case_tables(case, draw), open_terms(case.members, case.settings.horizon_years))
    np.testing.assert_allclose(found.alone().cost, wanted.alone().cost, rtol=1e-9)
    np.testing.assert_allclose(found.together().cost, wanted.together().cost, rtol=1e-9)
    built = {m for j, m in enumerate(found.tables.measures) if wanted.together().profile >> j & 1}
    assert set(found.together().built) == built


@pytest.mark.parametrize("own_timing", ["even", "by-year"])
def test_losses_by_year_add_up_to_the_present_loss(own_timing: str) -> None:
    case, draw = case_and_draw(3)
    tables = case_tables(case, draw, (0, 3), keep_case_losses(case, draw), own_timing)
    found = ProgrammeGame(tables, open_terms(MEMBERS, 25, (0, 3))).together()
    factors = 1.03 ** -np.arange(25.0)
    np.testing.assert_allclose(found.annual_loss @ factors, found.loss)
    paid = (found.capital + found.running) @ factors
    assert (paid >= found.cost - found.loss - 1e-9).all()  # cost counts what is left at the end
    assert account(tables, (7,), found.plan).cost.sum() == pytest.approx(found.value)


def test_by_year_an_own_option_counts_from_the_year_it_works() -> None:
    case, draw = case_and_draw(1)
    tables = case_tables(case, draw, own_timing="by-year")
    shutters = tables.options[0]
    assert shutters.counts_from.tolist() == [3]
    assert shutters.factor[0, 0, 0].tolist() == [draw["shutters.size"], 1.0]
    even = case_tables(case, draw).options[0]
    weight = 1.03 ** -np.arange(3.0, 25.0)
    whole = 1.03 ** -np.arange(25.0)
    assert even.counts_from.tolist() == [0]
    assert even.factor[0, 0, 0, 0] == pytest.approx(
        1 - weight.sum() / whole.sum() * (1 - draw["shutters.size"])
    )
