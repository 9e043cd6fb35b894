"""Small cells: what is hidden, what is hidden with it, and what an attacker can still reckon."""

from __future__ import annotations

import numpy as np
import pytest

from bothbanks.analysis.disclosure import grouped, intervals, protect, with_totals
from bothbanks.words.errors import RangeError, ShapeError, SolverError


def test_totals_are_appended_in_each_direction() -> None:
    table = with_totals(np.arange(24).reshape(2, 3, 4))
    laid = table.laid_out(table.counts)
    assert laid.shape == (3, 4, 5)
    assert laid[-1, -1, -1] == np.arange(24).sum()
    assert laid[0, 1, -1] == 4 + 5 + 6 + 7
    assert np.allclose(table.sums @ table.counts, 0)


def test_a_lone_small_cell_takes_a_rectangle_with_it() -> None:
    # 2 is small. Hidden alone, its row's total gives it away; three more cells close the way.
    found = protect(with_totals(np.array([[2, 30, 40], [50, 60, 70], [80, 90, 99]])), least=5, width=5)
    assert found.small.sum() == 1
    assert found.hidden.sum() == 4
    laid = found.table.laid_out(found.hidden)
    assert not laid[:, -1].any()
    assert not laid[-1].any()
    assert (found.high - found.low)[found.small].min() >= 5


def test_two_small_cells_in_a_row_still_need_companions_below() -> None:
    found = protect(with_totals(np.array([[2, 3, 40], [50, 60, 70]])), least=5, width=5)
    assert found.hidden.sum() >= 4
    assert (found.high - found.low)[found.small].min() >= 5


def test_a_group_with_one_cell_hides_its_total_too() -> None:
    found = protect(grouped(np.array([3, 20, 30]), np.array([0, 1, 1])), least=5, width=5)
    assert found.hidden.tolist() == [True, False, False, True, False]
    assert np.isinf(found.high[0])  # no grand total is shown: nothing bounds it


def test_zeros_are_shown_and_never_used_as_companions() -> None:
    found = protect(with_totals(np.array([[2, 0, 40], [0, 60, 0], [80, 0, 99]])), least=5, width=5)
    assert not found.hidden[found.table.counts == 0].any()
    assert (found.low[found.hidden] >= 1).all()


def test_nothing_small_hides_nothing() -> None:
    found = protect(with_totals(np.array([[10, 20], [30, 40]])), least=5, width=5)
    assert not found.hidden.any()
    assert found.shown.tolist() == [[10, 20, 30], [30, 40, 70], [40, 60, 100]]


def test_intervals_are_those_of_every_table_that_fits() -> None:
    """Against enumeration: all 3 x 3 tables of whole numbers that agree with what is shown."""
    found = protect(with_totals(np.array([[1, 4, 6], [3, 2, 5], [7, 3, 2]])), least=4, width=3)
    shown, hidden = found.shown, found.table.laid_out(found.hidden)
    at = np.argwhere(hidden[:3, :3])
    assert 0 < len(at) < 9
    top = int(found.table.counts[-1])
    lowest, highest = np.full(len(at), top), np.zeros(len(at), int)
    table = np.where(hidden[:3, :3], 0, shown[:3, :3]).astype(int)
    rows, columns = shown[:3, 3], shown[3, :3]
    free = [np.arange(1, 17)] * len(at)
    for values in _fitting(table, at, rows, columns, free):
        lowest, highest = np.minimum(lowest, values), np.maximum(highest, values)
    flat = np.ravel_multi_index((at[:, 0], at[:, 1]), (4, 4))
    assert lowest.tolist() == found.low[flat].tolist()
    assert highest.tolist() == found.high[flat].tolist()


def _fitting(table, at, rows, columns, free):  # type: ignore[no-untyped-def]
    """All ways to fill the hidden cells, line by line, pruned by the totals that are shown."""

    def fill(k, filled):  # type: ignore[no-untyped-def]
        if k == len(at):
            whole = filled.copy()
            fits_rows = np.isnan(rows) | (whole.sum(axis=1) == rows)
            fits_columns = np.isnan(columns) | (whole.sum(axis=0) == columns)
            if fits_rows.all() and fits_columns.all():
                yield [whole[i, j] for i, j in at]
            return
        i, j = at[k]
        for value in free[k]:
            filled[i, j] = value
            if not np.isnan(rows[i]) and filled[i].sum() > rows[i]:
                break
            if not np.isnan(columns[j]) and filled[:, j].sum() > columns[j]:
                break
            yield from fill(k + 1, filled)
        filled[i, j] = 0

    yield from fill(0, table.copy())


def test_three_directions_are_protected_for_whole_number_attackers() -> None:
    """All whole tables that agree with what is shown: the moves that keep each total are one checkerboard."""
    counts = np.array([[[1, 6], [7, 3]], [[5, 2], [4, 8]]])
    found = protect(with_totals(counts), least=3, width=2)
    assert found.small.sum() == 2
    board = np.where(np.indices((2, 2, 2)).sum(axis=0) % 2, -1, 1)
    fitting = []
    for move in range(-9, 10):
        other = counts + move * board
        if (other >= 1).all():
            full = with_totals(other).counts
            fitting.append(full[found.hidden])
            assert (full == found.table.counts)[~found.hidden].all()
    spread = np.ptp(np.array(fitting), axis=0)
    assert spread.tolist() == (found.high - found.low)[found.hidden].tolist()
    assert spread.min() >= 2


def test_bad_input_is_refused() -> None:
    with pytest.raises(RangeError, match=r"disclosure\.negative"):
        with_totals(np.array([1, -1]))
    with pytest.raises(RangeError, match=r"disclosure\.least"):
        protect(with_totals(np.array([1, 2])), least=1, width=1)
    with pytest.raises(ShapeError, match=r"disclosure\.group"):
        grouped(np.array([1, 2]), np.array([1]))
    with pytest.raises(SolverError, match=r"disclosure\.companions"):
        protect(with_totals(np.array([2])), least=5, width=10**20)  # beyond any whole number HiGHS holds


def test_a_published_total_of_one_hidden_cell_gives_it_away() -> None:
    """The audit finds what a careless table would leak: primary suppression alone."""
    table = with_totals(np.array([[2, 30], [50, 60]]))
    low, high = intervals(table, (table.counts > 0) & (table.counts < 5), np.array([0]))
    assert (low[0], high[0]) == (2.0, 2.0)
