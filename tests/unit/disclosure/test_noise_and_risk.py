"""Cell keys, the noise table, coarse places and times, and the risk that is left."""

from __future__ import annotations

import numpy as np
import pytest

from bothbanks.analysis.disclosure import (
    attacked,
    cell_keys,
    coarse_dates,
    difference_risk,
    noise_table,
    old_enough,
    one_answer_risk,
    record_keys,
    rounded,
    squares,
    worst_difference_risk,
)
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError


def test_the_table_for_reach_two_and_variance_one_is_the_published_one() -> None:
    """ptable 1.0.0, vignette 'Introduction', create_cnt_ptable(D = 2, V = 1): counts of 2 and more.

    Printed there: chance of -2 0.0638, of staying 0.383, variance 1. Its row for a count of 1 obeys a
    further (monotony) rule that ours has not, and is not compared.
    """
    row = noise_table(variance=1.0, reach=2).probability[2]
    assert row[0] == pytest.approx(0.0638, abs=5e-5)
    assert row[2] == pytest.approx(0.383, abs=5e-4)


@pytest.mark.parametrize(("variance", "reach", "least"), [(1.0, 2, 1), (2.0, 5, 3), (4.0, 8, 5), (0.5, 3, 1)])
def test_noise_has_mean_zero_stays_in_reach_and_goes_below_nothing(
    variance: float, reach: int, least: int
) -> None:
    table = noise_table(variance, reach, least)
    for count, row in enumerate(table.probability):
        assert row.sum() == pytest.approx(1.0, abs=1e-12)
        assert row @ table.steps == pytest.approx(0.0, abs=1e-12)
        assert row @ table.steps**2 == pytest.approx(table.variance[count], abs=1e-9)
        results = (count + table.steps)[row > 0]
        assert results.min() >= 0
        assert not ((results > 0) & (results < least)).any()
    assert table.variance[-1] == pytest.approx(variance)
    assert table.probability[0, reach] == 1.0
    # rounding the chances to whole keys moves the mean by less than a millionth of a person
    steps = np.diff(np.concatenate([np.zeros((len(table.variance), 1)), table.thresholds], axis=1), axis=1)
    assert np.abs(steps / 2**32 @ table.steps).max() < 1e-6


def test_the_same_records_always_get_the_same_noise() -> None:
    names = [f"person-{k}" for k in range(300)]
    keys = record_keys(names, b"a secret")
    assert (keys == record_keys(names, b"a secret")).all()
    assert (keys != record_keys(names, b"another")).any()
    table = noise_table(2.0, 5, 3)
    cell = np.arange(300) % 7
    counts, found = cell_keys(keys, cell, 7)
    shuffled = np.random.default_rng(3).permutation(300)
    again = cell_keys(keys[shuffled], cell[shuffled], 7)
    assert (table.noisy(counts, found) == table.noisy(*again)).all()
    alone, key = cell_keys(keys[cell == 4], np.zeros((cell == 4).sum(), int), 1)  # reached by a filter
    assert table.noisy(alone, key)[0] == table.noisy(counts, found)[4]


def test_noise_over_many_cells_has_the_stated_moments() -> None:
    table = noise_table(2.0, 5, 3)
    keys = np.random.default_rng(11).integers(0, 2**32, 200_000, dtype=np.uint64)
    added = table.added(np.full(200_000, 40), keys)
    assert added.mean() == pytest.approx(0.0, abs=4 * np.sqrt(2.0 / 200_000))
    assert added.var() == pytest.approx(2.0, rel=0.03)
    assert np.abs(added).max() <= 5


@pytest.mark.parametrize(("others", "step"), [(1, 1), (3, 5), (20, 1), (22, 5), (24, 10)])
def test_the_stated_risk_is_the_one_met_by_trying(others: int, step: int) -> None:
    table = noise_table(2.0, 5, 3)
    said = difference_risk(table, others, step)
    met = attacked(table, others, step, 100_000, np.random.default_rng(5))
    assert met.right == pytest.approx(said.right, abs=0.006)  # four standard errors
    assert met.certain == pytest.approx(said.certain, abs=0.006)
    assert said.right <= worst_difference_risk(table, step).right


def test_cell_keys_alone_leave_a_differencing_pair_a_high_risk_and_one_answer_a_low_one() -> None:
    table = noise_table(2.0, 5, 3)
    assert difference_risk(table, 20).right == pytest.approx(0.912, abs=0.001)
    assert one_answer_risk(table, 20).right == pytest.approx(0.641, abs=0.001)
    assert worst_difference_risk(table, 5).right < worst_difference_risk(table, 1).right


def test_with_hardly_any_noise_the_attacker_is_hardly_ever_wrong() -> None:
    nearly_still = noise_table(0.025, 5)
    assert difference_risk(nearly_still, 20).right > 0.98
    assert one_answer_risk(nearly_still, 20).right > 0.98


def test_places_move_to_the_middle_of_their_square() -> None:
    found = squares(np.array([10.0, 990.0, -1.0]), np.array([5.0, 5.0, 1500.0]), 1000)
    x, y = found.centres
    assert list(zip(x[found.of_place], y[found.of_place], strict=True)) == [
        (500.0, 500.0), (500.0, 500.0), (-500.0, 1500.0),
    ]  # fmt: skip
    assert found.summed(np.array([1.0, 2.0, np.nan])).tolist() == [3.0, 0.0]
    averaged = found.averaged(np.array([1.0, 3.0, np.nan]))
    assert averaged[0] == 2.0
    assert np.isnan(averaged[1])


def test_times_are_coarse_and_late() -> None:
    moments = np.array(["2026-11-24T21:00", "2026-11-23T20:59", "NaT"], dtype="datetime64[s]")
    now = np.datetime64("2026-11-24T21:00")
    assert old_enough(moments, now, 24).tolist() == [False, True, False]
    assert coarse_dates(moments[:2], "year").astype(str).tolist() == ["2026-01-01"] * 2
    assert coarse_dates(moments[:2], "")[0] == moments[0]
    assert rounded(np.array([7.0, np.nan]), 1)[0] == 7.0


def test_bad_input_is_refused() -> None:
    with pytest.raises(RangeError, match=r"disclosure\.noise"):
        noise_table(9.0, 3)
    with pytest.raises(RangeError, match=r"disclosure\.noise"):
        noise_table(1.0, 3, 5)
    with pytest.raises(RangeError, match=r"disclosure\.noise"):
        noise_table(1e-9, 5)
    with pytest.raises(RangeError, match=r"disclosure\.grid"):
        squares(np.zeros(1), np.zeros(1), 0)
    with pytest.raises(ShapeError):
        squares(np.zeros(1), np.zeros(2), 10)
    with pytest.raises(MissingValueError):
        squares(np.array([np.nan]), np.zeros(1), 10)
    with pytest.raises(ShapeError):
        noise_table(1.0, 2).added(np.array([1, 2]), np.array([1], dtype=np.uint64))
    with pytest.raises(ShapeError):
        cell_keys(np.array([1], dtype=np.uint64), np.array([0, 1]), 2)
