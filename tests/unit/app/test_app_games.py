"""The parts of an appraisal by themselves: workers, remembering, break-even values, sums that must hold."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from appraisals import MEUSE_RHINE, TWO_BANKS, new_folder

from bothbanks.analysis.measures.blocks import GameTables
from bothbanks.app.appraise import Appraisal, appraise
from bothbanks.app.cases import FloodRun, flood_run, population_of
from bothbanks.app.draws import draw_set
from bothbanks.app.measures import deals_of
from bothbanks.app.play import Ends, play_draws, play_ends
from bothbanks.app.remembered import remembering
from bothbanks.app.workers import batches, cores, each
from bothbanks.region import harmonise, read_region
from bothbanks.region.folder import RegionModel
from bothbanks.words.errors import RegionError
from bothbanks.words.parameters import Parameter


@cache
def model_of(path: Path) -> RegionModel:
    return harmonise(read_region(path))


@cache
def run_at(path: Path) -> FloodRun:
    model = model_of(path)
    return flood_run(model, model.cases["flood"])


@cache
def appraised(path: Path) -> Appraisal:
    return appraise(path, draws=8, workers=1)


def base_of(path: Path) -> dict[str, float]:
    return {p.id: p.value for p in model_of(path).parameters}


def same(a: GameTables, b: GameTables) -> None:
    """Every number of two games is the same, to the bit."""
    for x, y in zip(a.basins, b.basins, strict=True):
        assert (x.basin, x.touching) == (y.basin, y.touching)
        for name in ("loss", "people", "by_class"):
            np.testing.assert_array_equal(getattr(x, name), getattr(y, name))
    np.testing.assert_array_equal(a.cost, b.cost)
    np.testing.assert_array_equal(a.fixed, b.fixed)
    for p, q in zip(a.options, b.options, strict=True):
        np.testing.assert_array_equal(p.loss_factor, q.loss_factor)


# --- workers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_pieces(workers: int) -> None:
    told: list[tuple[int, int]] = []
    pieces = [20_000, 1, 9_000, 3]  # the first takes longest
    got = each(math.factorial, pieces, lambda done, all_: told.append((done, all_)), workers)
    assert got == [math.factorial(n) for n in pieces]
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_a_piece_is_the_error_of_all(workers: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="math domain"):
        each(math.sqrt, [4.0, -1.0, 9.0], None, workers)
    with pytest.raises(RegionError) as error:
        each(read_region, [TWO_BANKS, tmp_path / "nowhere"], None, workers)
    assert error.value.code == "region.check"
    assert [p.code for p in error.value.problems] == ["region.missing-file"]


def test_batches_hold_every_piece_once() -> None:
    assert batches(list(range(7)), 3) == [[0, 1, 2], [3, 4, 5], [6]]
    assert batches([], 3) == []
    assert each(math.sqrt, []) == []
    assert cores() >= 1


def test_draws_in_two_processes_are_those_of_one() -> None:
    model, run = model_of(TWO_BANKS), run_at(TWO_BANKS)
    drawn = draw_set(model.parameters, 6, 3)
    countries = tuple(m.country for m in model.members)
    one, two = (
        play_draws(run.game, drawn.draws, countries, deals_of(run.settings), None, workers)
        for workers in (1, 2)
    )
    for name in one.__dataclass_fields__:
        a, b = getattr(one, name), getattr(two, name)
        if isinstance(a, np.ndarray):
            np.testing.assert_array_equal(a, b)
            assert len(a) == 6
    assert [e.deals for e in one.also] == [e.deals for e in two.also]
    assert len({e.deals for e in one.also}) > 1


# --- remembering -----------------------------------------------------------------------------------------


def test_remembering_changes_no_figure_of_any_assumption() -> None:
    """One memory through all assumptions of a small region, each moved to both ends."""
    run, base = run_at(TWO_BANKS), base_of(TWO_BANKS)
    remembered = remembering(run.game)
    moved = [p for p in model_of(TWO_BANKS).parameters if p.varies]
    assert len(moved) >= 15
    for p in moved:
        for end in (p.low, p.high):
            draw = {**base, p.id: end}
            same(remembered.tables(draw), run.game.tables(draw))
    same(remembered.tables(base), run.game.tables(base))


def some_of_each_kind(parameters: tuple[Parameter, ...]) -> list[Parameter]:
    """Every number of the whole case, and two of each kind that basins and measures have."""
    out: dict[str, list[Parameter]] = {}
    for p in parameters:
        parts = p.id.split(".")
        if p.varies and parts[0] in {"flood", "region"} and parts[1] != "event":
            out.setdefault(".".join([*parts[:2], *parts[3:]] if len(parts) > 2 else parts), []).append(p)
    return [p for group in out.values() for p in group[:2]]


def test_remembering_changes_no_figure_where_rivers_join() -> None:
    """The same with twelve rivers, where most are taken from memory when one moves."""
    run, base = run_at(MEUSE_RHINE), base_of(MEUSE_RHINE)
    remembered = remembering(run.game)
    moved = some_of_each_kind(model_of(MEUSE_RHINE).parameters)
    assert len(moved) >= 35
    for p in moved:
        draw = {**base, p.id: p.high if p.high != p.value else p.low}
        same(remembered.tables(draw), run.game.tables(draw))


# --- break-even ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ends() -> Ends:
    model, run = model_of(TWO_BANKS), run_at(TWO_BANKS)
    return play_ends(run.game, model.parameters, base_of(TWO_BANKS), deals_of(run.settings), None, 1)


def surplus(draw: dict[str, float]) -> float:
    """What a deal leaves over, straight from the game."""
    from bothbanks.analysis.measures.deals import deal_terms

    run = run_at(TWO_BANKS)
    terms = deal_terms(run.game.game(draw), deals_of(run.settings)[0])
    return terms.most_paid - terms.least_accepted


def test_a_deal_dies_where_a_dense_scan_says(ends: Ends) -> None:
    """The first of 400 steps from base to each dead end at which nothing is left; no other ends are dead."""
    base = base_of(TWO_BANKS)
    dead = {}
    for p in model_of(TWO_BANKS).parameters:
        if not p.varies:
            continue
        for end in (p.low, p.high):
            if surplus({**base, p.id: end}) < 0.0:
                dead[p.id] = end
    told = {p: value for (_, p), value in ends.kills.items() if value is not None}
    assert told.keys() == dead.keys()
    assert len(dead) >= 2
    for p, end in dead.items():
        steps = np.linspace(base[p], end, 401)
        first = next(i for i, x in enumerate(steps) if surplus({**base, p: float(x)}) < 0.0)
        low, high = sorted((steps[first - 1], steps[first]))
        step = abs(end - base[p]) / 400
        assert low - step <= told[p] <= high + step


def test_the_ends_are_the_games_at_the_ends(ends: Ends) -> None:
    run, base = run_at(TWO_BANKS), base_of(TWO_BANKS)
    for p in ends.low:
        parameter = model_of(TWO_BANKS).parameter(p)
        for found, value in ((ends.low[p], parameter.low), (ends.high[p], parameter.high)):
            assert (found.parameter, found.value) == (p, value)
        game = run.game.game({**base, p: parameter.high})
        gain = float(game.alone().cost.sum() - game.together().cost.sum())
        assert ends.high[p].gain == pytest.approx(gain, rel=1e-12, abs=1e-6)
        assert ends.swing(p) == abs(ends.high[p].gain - ends.low[p].gain)


# --- what must add up ------------------------------------------------------------------------------------


@pytest.fixture(params=["fresh", "two-banks"])
def small(request: pytest.FixtureRequest) -> Appraisal:
    return appraised(new_folder() if request.param == "fresh" else TWO_BANKS)


def test_shares_add_up_to_the_gain_and_payments_to_nothing(small: Appraisal) -> None:
    add_up(small)


def add_up(appraisal: Appraisal) -> None:
    """Sums of every money case of an appraisal."""
    for case in appraisal.findings.cases:
        assert case.total_alone.value == pytest.approx(case.alone.sum(), rel=1e-12)
        assert case.total_together.value == pytest.approx(case.together.sum(), rel=1e-12)
        if case.game is None:
            continue
        gain = case.alone.sum() - case.together.sum()
        cent = {"abs": 0.005, "rel": 0}
        assert case.game.worth_gamma[-1] == pytest.approx(gain, **cent)
        assert case.game.worth_delta[-1] == pytest.approx(gain, **cent)
        assert case.game.no_transfer_gain.sum() == pytest.approx(gain, **cent)
        assert case.game.views.total_gain.value == pytest.approx(gain, **cent)
        assert len(case.game.rules) >= 5
        for rule in case.game.rules:
            assert rule.shares.sum() == pytest.approx(gain, **cent), rule.rule
            assert rule.payments.sum() == pytest.approx(0.0, **cent), rule.rule
            np.testing.assert_allclose(case.game.no_transfer_gain + rule.payments, rule.shares, atol=0.005)


def test_the_matrix_file_holds_the_sums(small: Appraisal, tmp_path: Path) -> None:
    import pandas as pd

    from bothbanks.standards.tables import write_tables

    write_tables(small.findings, tmp_path)
    matrix = pd.read_parquet(tmp_path / "matrix.parquet")
    shares = pd.read_parquet(tmp_path / "shares.parquet")
    (case,) = small.findings.cases
    alone, together = (float(matrix[name].sum()) for name in ("alone", "together"))
    assert alone == pytest.approx(case.total_alone.value, abs=0.02)
    assert together == pytest.approx(case.total_together.value, abs=0.02)
    by_rule = shares.groupby("rule")["share"].sum()
    np.testing.assert_allclose(by_rule, alone - together, atol=0.03)


def test_people_modelled_and_not_modelled_are_the_population() -> None:
    """In the Meuse-Rhine, where one member is half outside the terrain."""
    model, run = model_of(MEUSE_RHINE), run_at(MEUSE_RHINE)
    inputs = run.hazard.regional.inputs  # type: ignore[union-attr]
    covered = np.asarray(inputs.covered)[inputs.record_cell]
    modelled = np.bincount(
        inputs.record_member[covered], inputs.record_population[covered], len(model.members)
    )
    people = population_of(model)
    np.testing.assert_allclose(modelled + run.hazard.people_not_modelled(), people, rtol=1e-3)
    cells = model.table("cells")
    by_cell = cells.groupby("member")["population"].sum()
    np.testing.assert_allclose([by_cell[m.id] for m in model.members], people, rtol=1e-3)


def test_losses_of_the_catalogue_are_those_of_its_rivers_and_members(small: Appraisal) -> None:
    """Who is hurt by which river adds up to the expected annual damage of the event x member table."""
    made = small.catalogues["flood", "alone"]
    annual = made.losses.events.rate @ made.losses.table("member").loss
    rows: Any = small.findings.tables["hurt-by-origin"].rows
    by_member = {m.id: sum(r[2] for r in rows if r[1] == m.id) for m in small.findings.members}
    np.testing.assert_allclose([by_member[m] for m in made.losses.table("member").keys], annual, rtol=1e-9)
    assert annual.sum() > 0
