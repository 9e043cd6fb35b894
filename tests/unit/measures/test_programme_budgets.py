"""Programmes under budgets by hand: two councils, two walls, money for one a year, years from April."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from bothbanks.analysis.measures.measure import Effect, Measure
from bothbanks.analysis.measures.programme import (
    Dependency,
    Effort,
    Exclusion,
    KeptLosses,
    MinimumService,
    ProgrammeGame,
    ProgrammeTables,
    ProgrammeTerms,
    best_programme,
    breaches,
    budget_price,
    fiscal_years,
    keep_losses,
    nothing_done,
    open_terms,
    over_budget,
    programme_tables,
    worst_off,
)
from bothbanks.analysis.risk.hazards.variants import BasinDamage, BasinVariants
from bothbanks.words.errors import InputError, RangeError

MEMBERS = ("left", "right")
BOTH_WAYS = (Effort(), Effort(enumerate_up_to=0))
DRAW = {"size": 0.5, "cost": 12.0, "upkeep": 0.0}


class TwoStreams:
    """Each council loses on its own stream: 10 and 8 a year, nothing once the peak is halved."""

    def annual_damage(self, draw: object, basin: str, variants: BasinVariants, /) -> BasinDamage:
        base = np.array([10.0, 0.0]) if basin == "west" else np.array([0.0, 8.0])
        money = (2.0 * variants.discharge_factor - 1.0) * base
        return BasinDamage(money[:, :, None], money / 2.0)


def wall(name: str, holder: str, basin: str, **more: object) -> Measure:
    """A wall built in one year that lasts three."""
    effect = Effect(basin, ("*",), "discharge", "size")
    return Measure(
        name, "flood", "walls", {}, (holder,), (holder,), "cost", "upkeep", 3, effects=(effect,), **more
    )  # type: ignore[arg-type]


WALLS = (wall("wall-left", "left", "west"), wall("wall-right", "right", "east"))


def kept(measures: tuple[Measure, ...] = WALLS) -> KeptLosses:
    return keep_losses(TwoStreams(), MEMBERS, measures, ("west", "east"), DRAW)


def tables(**changed: float) -> ProgrammeTables:
    return programme_tables(kept(), WALLS, (), DRAW | changed, 4, 0.0, (0, 1))


def terms(pooled: bool = True) -> ProgrammeTerms:
    """Money for one wall a year: 3 up to March 2026, then 12 in each fiscal year for both together."""
    budget = np.array([[1.5, 6.0, 6.0, 6.0, 6.0]] * 2)
    years = fiscal_years(["04-01", "04-01"], 2026, 4)
    return ProgrammeTerms(MEMBERS, 4, (0, 1), years, budget, np.full((2, 5), np.inf), pooled)


@pytest.mark.parametrize("effort", BOTH_WAYS)
def test_the_wall_that_saves_more_is_built_first_and_the_other_a_year_later(effort: Effort) -> None:
    """By hand: left at once 12 + 10; right later 12 - 4 of residual value + 8 + 8 of loss: 46 in all."""
    game = ProgrammeGame(tables(), terms(), effort)
    found = game.together()
    assert dict(found.schedule) == {"wall-left": 0, "wall-right": 1}
    assert found.cost.tolist() == pytest.approx([22.0, 24.0])
    assert found.loss.tolist() == pytest.approx([10.0, 16.0])
    assert found.annual_loss.tolist() == [[10, 0, 0, 0], [8, 8, 0, 0]]
    assert found.people.tolist() == pytest.approx([10 / 2 / 4, 16 / 2 / 4])
    spent = game.terms.fiscal.spread(found.capital)
    assert spent.tolist() == [[3, 9, 0, 0, 0], [0, 3, 9, 0, 0]]
    assert (found.status, found.gap, found.method) == (
        "settled",
        0.0,
        "enumeration" if effort.enumerate_up_to else "highs",
    )
    free = game.unlimited().together()
    assert dict(free.schedule) == {"wall-left": 0, "wall-right": 0}
    assert free.cost.tolist() == pytest.approx([22.0, 20.0])
    assert budget_price(found, free).tolist() == pytest.approx([0.0, 4.0])


@pytest.mark.parametrize("effort", BOTH_WAYS)
def test_alone_and_where_each_pays_its_own_nobody_can_build(effort: Effort) -> None:
    game = ProgrammeGame(tables(), terms(), effort)
    assert set(game.alone().schedule.values()) == {-1}
    assert game.alone().cost.tolist() == [40.0, 32.0]
    assert game.worths("gamma").tolist() == pytest.approx([0.0, 0.0, 0.0, 26.0])
    assert ProgrammeGame(tables(), terms(pooled=False), effort).together().value == 72.0


@pytest.mark.parametrize("effort", BOTH_WAYS)
def test_dependencies_and_exclusions(effort: Effort) -> None:
    free = open_terms(MEMBERS, 4, (0, 1))
    needs = replace(free, dependencies=(Dependency("wall-left", ("wall-right",)),))
    late = replace(terms(), dependencies=(Dependency("wall-left", ("wall-right",)),))
    one = replace(free, exclusions=(Exclusion(("wall-left", "wall-right")),))
    assert ProgrammeGame(tables(), needs, effort).together().value == pytest.approx(42.0)
    # left waits for right: 12 + 8 and 8 + 10 + 10
    assert dict(ProgrammeGame(tables(), late, effort).together().schedule) == {
        "wall-left": 1,
        "wall-right": 0,
    }
    assert ProgrammeGame(tables(), late, effort).together().value == pytest.approx(48.0)
    assert ProgrammeGame(tables(), one, effort).together().built == ("wall-left",)
    # Alone, left sees that right builds, and that its own wall works no earlier.
    assert ProgrammeGame(tables(), needs, effort).alone().built == ("wall-left", "wall-right")


@pytest.mark.parametrize("effort", BOTH_WAYS)
@pytest.mark.parametrize("on", ["loss", "people"])
def test_a_minimum_service_is_reached_or_said_to_be_out_of_reach(effort: Effort, on: str) -> None:
    safe = MinimumService("safe-right", ("right",), 1, on, 0.5)
    game = ProgrammeGame(tables(), replace(terms(), services=(safe,)), effort)
    found = game.together()
    assert dict(found.schedule) == {"wall-left": 1, "wall-right": 0}
    assert found.unmet == ()
    alone = game.alone()
    assert alone.unmet == ("safe-right",)
    assert [r.status for r in alone.replies] == ["optimal", "infeasible"]
    assert game.proof((0b01, 0b10)).proven
    both = (safe, replace(safe, id="safe-left", members=("left",)))
    told = ProgrammeGame(tables(), replace(terms(), services=both), effort).together()
    assert (told.unmet, told.schedule["wall-right"]) == (("safe-left",), 0)


def test_dropping_a_member_shows_what_falls_away() -> None:
    left, right = ProgrammeGame(tables(), terms()).drop_one()
    assert (left.member, left.gone, right.gone) == (
        "left",
        ("wall-left", "wall-right"),
        ("wall-left", "wall-right"),
    )
    assert left.lost.tolist() == pytest.approx([18.0, 8.0])


def test_losses_kept_serve_other_costs_rates_and_delays_but_not_other_water() -> None:
    losses = kept()
    dear = programme_tables(losses, WALLS, (), DRAW | {"cost": 60.0}, 4, 0.0, (0, 1))
    assert ProgrammeGame(dear, open_terms(MEMBERS, 4, (0, 1))).together().built == ()
    later = programme_tables(losses, WALLS, (), DRAW, 4, 0.25, (0, 1, 2))
    assert later.span_weights.tolist() == pytest.approx([1.0, 0.8, 0.64, 0.512])
    assert losses.fits(WALLS, DRAW | {"cost": 1.0})
    assert not losses.fits(WALLS, DRAW | {"size": 0.75})
    with pytest.raises(InputError, match=r"programme\.kept.*ask the hazard model anew"):
        programme_tables(losses, WALLS, (), DRAW | {"size": 0.75}, 4, 0.0)


def test_a_delay_past_the_horizon_is_left_out_and_a_measure_that_never_works_refused() -> None:
    late = programme_tables(kept(), WALLS, (), DRAW, 4, 0.0, (0, 3))
    assert late.possible(0) == (0,)
    assert ProgrammeGame(late, open_terms(MEMBERS, 4, (0, 3))).together().schedule["wall-left"] == 0
    with pytest.raises(RangeError, match="would not work"):
        programme_tables(kept(), WALLS, (), DRAW, 4, 0.0, (3,))


def test_what_a_plan_breaks_is_told_in_words() -> None:
    t = tables()
    plan = replace(nothing_done(t), starts=(0, 0))
    asked = replace(
        terms(),
        dependencies=(Dependency("wall-left", ("wall-right",)),),
        exclusions=(Exclusion(("wall-left", "wall-right")),),
    )
    assert breaches(t, asked, 0b11, plan) == (
        "capital budgets are exceeded in 2025, 2026",
        "measures wall-left, wall-right exclude each other",
    )
    assert breaches(t, asked, 0b11, replace(plan, starts=(0, 1)))[0].startswith(
        "measure 'wall-left' works before"
    )
    game = ProgrammeGame(t, terms())
    over = over_budget(game.terms, 0b11, game.settle((0b11,), plan).capital, np.zeros((2, 4)))
    assert over[0, 0].tolist() == [True, True, False, False, False]
    assert not over[1].any()


def test_who_is_worst_off_counts_heads() -> None:
    assert worst_off(tables(), np.array([1000.0, 1000.0])) == "left"
    assert worst_off(tables(), np.array([1000.0, 10.0])) == "right"
    assert worst_off(tables(), np.array([1000.0, 0.0])) == "left"
    with pytest.raises(InputError, match="inhabitants"):
        worst_off(tables(), np.zeros(2))


def test_a_game_travels_to_another_process_and_outcomes_come_back() -> None:
    game = ProgrammeGame(tables(), terms())
    there = pickle.loads(pickle.dumps(game))
    solved = [there.solve(p) for p in there.partitions("gamma")]
    game.adopt(pickle.loads(pickle.dumps(solved)))
    assert len(game.solved()) == len(solved) == 2
    told: list[tuple[int, int]] = []
    assert game.worths("delta", lambda done, of: told.append((done, of)))[-1] == pytest.approx(26.0)
    assert told == [(1, 2), (2, 2)]


def test_a_node_limit_leaves_a_gap_that_bounds_the_best() -> None:
    """Without one node the solver may stop early; what it says must still hold."""
    t = tables()
    reply = best_programme(t, terms(), 0b11, nothing_done(t), Effort(0, node_limit=0))
    assert reply.bound - 1e-6 <= 46.0 <= reply.value + 1e-6
    assert reply.gap == pytest.approx(reply.value - reply.bound) or reply.status == "optimal"


def test_a_time_guard_that_fires_is_said_to_make_the_answer_not_reproducible() -> None:
    t = tables()
    reply = best_programme(t, terms(), 0b11, nothing_done(t), Effort(0, time_guard_s=0.0))
    assert (reply.status, reply.reproducible) == ("gap", False)
    assert reply.gap == pytest.approx(reply.value - reply.bound)
    assert reply.bound - 1e-6 <= 46.0 <= reply.value
    assert breaches(t, terms(), 0b11, reply.plan) == ()
