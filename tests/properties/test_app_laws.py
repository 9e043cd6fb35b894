"""Laws of the use cases: remembering, batches, draws, conservation, whatever the numbers."""

from __future__ import annotations

from functools import cache

import numpy as np
from appraisals import TWO_BANKS
from hypothesis import given, settings
from hypothesis import strategies as st

from bothbanks.app.cases import FloodRun, flood_run, population_of
from bothbanks.app.draws import draw_set
from bothbanks.app.measures import deals_of
from bothbanks.app.money_findings import Played, benefit, case_finding
from bothbanks.app.play import play_draws
from bothbanks.app.remembered import remembering
from bothbanks.app.workers import batches, each
from bothbanks.region import harmonise, read_region
from bothbanks.region.folder import RegionModel

VARIED = 19


@cache
def model() -> RegionModel:
    return harmonise(read_region(TWO_BANKS))


@cache
def run() -> FloodRun:
    return flood_run(model(), model().cases["flood"])


REMEMBERED = cache(lambda: remembering(run().game))

places = st.dictionaries(st.integers(0, VARIED - 1), st.sampled_from([0.0, 0.25, 0.5, 1.0]), max_size=4)


def draw_at(moved: dict[int, float]) -> dict[str, float]:
    """The base with some assumptions moved to a place in their range."""
    varied = [p for p in model().parameters if p.varies]
    assert len(varied) == VARIED
    out = {p.id: p.value for p in model().parameters}
    for k, place in moved.items():
        out[varied[k].id] = varied[k].low + place * (varied[k].high - varied[k].low)
    return out


@given(places)
@settings(max_examples=60)
def test_one_memory_through_all_examples_gives_the_plain_figures(moved: dict[int, float]) -> None:
    draw = draw_at(moved)
    one, two = REMEMBERED().tables(draw), run().game.tables(draw)
    for a, b in zip(one.basins, two.basins, strict=True):
        np.testing.assert_array_equal(a.by_class, b.by_class)
        np.testing.assert_array_equal(a.people, b.people)


@given(places)
@settings(max_examples=25)
def test_together_is_never_dearer_than_alone_and_the_gain_is_divided_whole(moved: dict[int, float]) -> None:
    """At any numbers: the joint best is best, shares add up, payments cancel, low <= high."""
    draw = draw_at(moved)
    countries = tuple(m.country for m in model().members)
    results = play_draws(run().game, [draw, draw_at({})], countries, deals_of(run().settings), None, 1)
    played = Played(run().settings, run().game.game(draw), results, countries, population_of(model()))
    case = case_finding(played, {})
    gain = case.alone.sum() - case.together.sum()
    assert case.game is not None
    assert gain >= -1e-6
    assert (case.alone_low <= case.alone_high).all()
    for rule in case.game.rules:
        np.testing.assert_allclose(rule.shares.sum(), gain, rtol=1e-9, atol=1e-3)
        np.testing.assert_allclose(rule.payments.sum(), 0.0, atol=1e-3)
        assert (rule.share_low <= rule.share_high).all()
    np.testing.assert_allclose(results.alone[0], case.alone, rtol=1e-12)


@given(st.lists(st.integers(), max_size=30), st.integers(1, 9))
def test_batches_keep_every_piece_and_its_order(pieces: list[int], size: int) -> None:
    made = batches(pieces, size)
    assert [x for batch in made for x in batch] == pieces
    assert all(1 <= len(batch) <= size for batch in made)
    assert each(lambda x: -x, pieces, None, 1) == [-x for x in pieces]


@given(st.integers(1, 40), st.integers(0, 2**31))
def test_draws_stay_in_their_ranges_and_repeat(n: int, seed: int) -> None:
    parameters = model().parameters
    one, two = draw_set(parameters, n, seed), draw_set(parameters, n, seed)
    np.testing.assert_array_equal(one.values, two.values)
    assert one.draws == two.draws
    assert len(one.draws) == n
    for draw in one.draws:
        assert draw.keys() == one.base.keys()
        assert all(p.low <= draw[p.id] <= p.high for p in parameters)
        assert all(draw[p.id] == p.value for p in parameters if not p.varies)


@given(st.lists(st.tuples(st.floats(0, 1e9), st.floats(0, 1e9)), min_size=1, max_size=8))
def test_benefit_never_asks_those_who_gain_nothing(pairs: list[tuple[float, float]]) -> None:
    alone, together = (np.array(side) for side in zip(*pairs, strict=True))
    found = benefit(alone, together)
    assert (found >= 0).all()
    assert found.sum() > 0  # there is always something to be proportional to
    if (alone > together).any():
        assert (found[alone <= together] == 0).all()
