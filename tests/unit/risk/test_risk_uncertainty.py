"""Draws, intervals, sensitivity and undecided rankings."""

from __future__ import annotations

import numpy as np
import pytest

from bothbanks.analysis.risk import draws, interval, sensitivity, undecided
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError
from bothbanks.words.parameters import Parameter

PARAMETERS = [
    *(Parameter(f"p{i}", 1.0, 0.0, 2.0, "1", "assumed") for i in range(10)),
    Parameter("fixed", 3.0, 3.0, 3.0, "m", "assumed"),
]


def test_draws_cover_each_range_evenly_and_keep_what_is_fixed() -> None:
    drawn = draws(PARAMETERS, 64, seed=4)
    assert drawn.balanced
    assert drawn.values.shape == (64, 11)
    assert (drawn.of("fixed") == 3.0).all()
    # a scrambled Sobol set has exactly one point in each 64th of each range
    cells = np.sort(np.floor(drawn.values[:, :10] / 2.0 * 64).astype(int), axis=0)
    np.testing.assert_array_equal(cells, np.tile(np.arange(64)[:, None], (1, 10)))
    assert drawn.row(0)["fixed"] == 3.0


def test_draws_are_repeated_by_their_seed_only() -> None:
    a, b, c = (draws(PARAMETERS, 16, seed).values for seed in (1, 1, 2))
    np.testing.assert_array_equal(a, b)
    assert (a != c).any()


def test_draws_that_are_no_power_of_two_are_marked() -> None:
    drawn = draws(PARAMETERS, 60, seed=4)
    assert not drawn.balanced
    assert len(drawn) == 60
    np.testing.assert_array_equal(drawn.values, draws(PARAMETERS, 64, seed=4).values[:60])


def test_draws_refuse_parameters_that_cannot_be() -> None:
    wrong = [Parameter("a", 5.0, 0.0, 2.0, "1", "assumed"), Parameter("a", 1.0, 0.0, 2.0, "1", "assumed")]
    with pytest.raises(RangeError, match="used twice: a; value outside its range: a"):
        draws(wrong, 8, 0)
    with pytest.raises(RangeError, match="n is 0"):
        draws(PARAMETERS, 0, 0)
    with pytest.raises(RangeError, match="no parameter 'q'"):
        draws(PARAMETERS, 4, 0).of("q")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sensitivity_names_what_moves_the_output(seed: int) -> None:
    drawn = draws(PARAMETERS, 64, seed)
    output = 5 * drawn.of("p3") + 3 * drawn.of("p7")
    found = sensitivity(drawn.values, output, drawn.ids, seed)
    assert len(found) == 10  # the fixed one is left out
    assert [s.id for s in found[:2]] == ["p3", "p7"]
    # first-order shares of an additive function: 25/34 and 9/34
    assert found[0].index == pytest.approx(25 / 34, abs=0.15)
    assert found[0].heard
    assert not any(s.heard for s in found[2:])


def test_sensitivity_finds_a_hump() -> None:
    drawn = draws(PARAMETERS, 64, 5)
    output = (drawn.of("p2") - 1.0) ** 2
    assert sensitivity(drawn.values, output, drawn.ids)[0].id == "p2"


def test_pure_chance_is_seldom_heard() -> None:
    rng = np.random.default_rng(8)
    heard = 0
    for seed in range(20):
        drawn = draws(PARAMETERS, 64, seed)
        heard += any(s.heard for s in sensitivity(drawn.values, rng.random(64), drawn.ids, seed))
    assert heard <= 5  # one in twenty is expected


def test_an_output_that_never_moves_has_no_sensitivity() -> None:
    drawn = draws(PARAMETERS, 64, 5)
    assert not any(s.heard for s in sensitivity(drawn.values, np.ones(64), drawn.ids))


def test_sensitivity_refuses_what_does_not_fit() -> None:
    drawn = draws(PARAMETERS, 64, 5)
    with pytest.raises(ShapeError, match="must fit"):
        sensitivity(drawn.values, np.ones(63), drawn.ids)
    with pytest.raises(MissingValueError, match="NaN"):
        sensitivity(drawn.values, np.full(64, np.nan), drawn.ids)
    with pytest.raises(RangeError, match="32 or more"):
        sensitivity(drawn.values[:16], np.arange(16.0), drawn.ids)


def test_interval_is_taken_over_the_draws() -> None:
    values = np.stack([np.arange(101.0), 2 * np.arange(101.0)], axis=1)
    np.testing.assert_allclose(interval(values), [[5, 10], [95, 190]])
    with pytest.raises(MissingValueError, match="counted, not averaged"):
        interval([1.0, np.nan])
    with pytest.raises(RangeError, match="rising"):
        interval([1.0], 95, 5)
    with pytest.raises(ShapeError, match="draws on the first axis"):
        interval([])


def test_a_ranking_that_flips_is_undecided() -> None:
    rng = np.random.default_rng(0)
    common = rng.normal(0, 10, 64)
    always = undecided(common + 1.0, common)
    assert not always.undecided
    assert always.share == 1.0
    flips = undecided(rng.normal(0, 1, 64), rng.normal(0.1, 1, 64))
    assert flips.undecided
    assert undecided([1.0, 1.0], [1.0, 1.0]).undecided
    with pytest.raises(ShapeError, match="same draws"):
        undecided([1.0], [1.0, 2.0])
