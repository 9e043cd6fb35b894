"""Small cells of a table of counts: which to hide, what else to hide with them, and a check of what is left.

A table with its totals is a list of numbers and of sums that hold between them. Whoever knows the sums can
bound a hidden cell: the least and the most it can be are two linear programmes. A small cell counts as
protected when the two are at least a stated width apart.

Companions are found one small cell at a time: the least costly change of the table that keeps all sums,
changes no published number, and moves the small cell up by the stated width. Every cell that moves is
hidden. The true table and the moved one then both fit everything that is published, which proves the width
(the linear-programming heuristic for complementary suppression: Kelly, Golden and Assad 1992, doi
10.1002/net.3230220407; method and audit are described in Hundepool et al., Statistical Disclosure Control,
2012, chapter 4). The set hidden is not claimed to be the smallest.

Zeros are shown, so an attacker knows that a hidden cell is 1 or more; the audit grants that knowledge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bothbanks.words.errors import RangeError, ShapeError, SolverError

if TYPE_CHECKING:  # scipy is loaded when a table is protected: whoever only rounds does without
    from scipy.sparse import csr_array

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

TOTAL_COST = 100.0
"""How much dearer hiding a total is than hiding a cell inside: totals are what readers come for."""
TIME_GUARD_S = 60.0


@dataclass(frozen=True)
class SummedTable:
    """Counts with their totals, flat, and the sums that hold: ``sums @ counts == 0`` for each row."""

    counts: IntArray
    sums: csr_array
    total: BoolArray
    shape: tuple[int, ...]

    def laid_out(self, values: NDArray[np.generic]) -> NDArray[np.generic]:
        """Flat values in the table's shape, totals last in each direction."""
        return values.reshape(self.shape)


@dataclass(frozen=True)
class Protected:
    """A table fit to be shown: what is hidden, which of it is small, and how far each hidden cell is open."""

    table: SummedTable
    small: BoolArray
    hidden: BoolArray
    low: FloatArray
    high: FloatArray

    @property
    def shown(self) -> NDArray[np.float64]:
        """Counts in the table's shape; NaN where hidden."""
        values = np.where(self.hidden, np.nan, self.table.counts.astype(np.float64))
        return values.reshape(self.table.shape)


def with_totals(counts: IntArray) -> SummedTable:
    """A table of any number of directions with a total for each line in each direction.

    Parameters
    ----------
    counts : whole numbers, 0 or more

    Raises
    ------
    RangeError
        A count is negative.

    Examples
    --------
    >>> t = with_totals(np.array([[1, 2], [3, 4]]))
    >>> t.laid_out(t.counts).tolist(), t.sums.shape
    ([[1, 2, 3], [3, 4, 7], [4, 6, 10]], (6, 9))
    """
    from scipy.sparse import csr_array, lil_array

    if np.any(counts < 0):
        raise RangeError("disclosure.negative", f"a count is {int(counts.min())}; counts are 0 or more")
    full = np.asarray(counts, dtype=np.int64)
    for axis in range(full.ndim):
        full = np.concatenate([full, full.sum(axis=axis, keepdims=True)], axis=axis)
    place = np.arange(full.size).reshape(full.shape)
    total = np.zeros(full.shape, dtype=bool)
    parts: list[tuple[IntArray, IntArray]] = []
    for axis in range(full.ndim):
        lines = np.moveaxis(place, axis, -1).reshape(-1, full.shape[axis])
        np.moveaxis(total, axis, -1)[..., -1] = True
        parts.extend((line[:-1], line[-1:]) for line in lines)
    sums = lil_array((len(parts), full.size))
    for row, (inside, whole) in enumerate(parts):
        sums[row, inside] = 1.0
        sums[row, whole] = -1.0
    return SummedTable(full.ravel(), csr_array(sums), total.ravel(), full.shape)


def grouped(counts: IntArray, group: IntArray) -> SummedTable:
    """One list of counts with a published total for each group ('cells of each municipality').

    Examples
    --------
    >>> grouped(np.array([4, 5, 6]), np.array([0, 0, 1])).counts.tolist()
    [4, 5, 6, 9, 6]
    """
    from scipy.sparse import csr_array

    if counts.shape != group.shape:
        raise ShapeError("disclosure.group", f"{counts.size} counts, but {group.size} groups")
    groups, index = np.unique(group, return_inverse=True)
    wholes = np.bincount(index, weights=counts, minlength=len(groups)).astype(np.int64)
    n, rows = counts.size, len(groups)
    sums = csr_array(
        (
            np.concatenate([np.ones(n), -np.ones(rows)]),
            (np.concatenate([index, np.arange(rows)]), np.arange(n + rows)),
        ),
        shape=(rows, n + rows),
    )
    total = np.arange(n + rows) >= n
    return SummedTable(np.concatenate([counts.astype(np.int64), wholes]), sums, total, (n + rows,))


def intervals(table: SummedTable, hidden: BoolArray, which: IntArray) -> tuple[FloatArray, FloatArray]:
    """The least and the most each of the cells ``which`` can be, to somebody who knows all that is shown.

    Linear programmes (HiGHS). Where the sums run in one or two directions the ends are whole numbers and
    attained; with more, whole-number knowledge could narrow them, and ``protect`` doesn't rely on them.

    Raises
    ------
    SolverError
        A programme ended without an answer: the counts don't fit the sums.
    """
    from scipy.optimize import linprog

    counts = table.counts.astype(np.float64)
    at = np.flatnonzero(hidden)
    a_eq = table.sums[:, at]
    b_eq = -(table.sums @ np.where(hidden, 0.0, counts))
    rows = np.unique(a_eq.nonzero()[0])
    low, high = np.empty(len(which)), np.empty(len(which))
    place = {int(cell): k for k, cell in enumerate(at)}
    for k, cell in enumerate(which):
        for sign, out in ((1.0, low), (-1.0, high)):
            cost = np.zeros(len(at))
            cost[place[int(cell)]] = sign
            done = linprog(cost, A_eq=a_eq[rows], b_eq=b_eq[rows], bounds=(1.0, None), method="highs")
            if done.status == 3:  # nothing shown bounds it from above
                out[k] = np.inf
            elif done.status == 0:
                out[k] = sign * done.fun
            else:
                raise SolverError("disclosure.interval", f"the range of cell {int(cell)}: {done.message}")
    return low, high


def protect(table: SummedTable, least: int, width: int) -> Protected:
    """Hide the counts from 1 to ``least`` - 1 and what gives them away.

    Parameters
    ----------
    least : count
        The smallest count above 0 that is shown.
    width : count
        How far apart the ends of what a hidden small cell can be must at least lie.

    Raises
    ------
    RangeError
        ``least`` is under 2 or ``width`` under 1: nothing would be hidden.
    SolverError
        HiGHS found no answer within its limit.

    Examples
    --------
    One small cell, and the three that keep it from being recomputed:

    >>> shown = protect(with_totals(np.array([[2, 30, 40], [50, 60, 70], [80, 90, 99]])), 5, 5).shown
    >>> int(np.isnan(shown).sum())
    4
    """
    if least < 2 or width < 1:
        raise RangeError("disclosure.least", f"smallest count {least} and width {width}: nothing is hidden")
    counts = table.counts
    small = (counts > 0) & (counts < least)
    hidden = small.copy()
    cost = np.log2(counts + 1.0) + np.where(table.total, TOTAL_COST, 0.0)
    moved = np.zeros(len(counts))
    for cell in np.flatnonzero(small):
        if _already(table, hidden, int(cell), width):
            continue
        moved = _moved(table, hidden, int(cell), width, cost)
        hidden |= np.abs(moved) > 0.5
    at = np.flatnonzero(hidden)
    low, high = np.full(len(counts), np.nan), np.full(len(counts), np.nan)
    low[at], high[at] = intervals(table, hidden, at)
    return Protected(table, small, hidden, low, high)


def _already(table: SummedTable, hidden: BoolArray, cell: int, width: int) -> bool:
    """Whether a whole-number table that fits all that is shown has this cell higher by the width."""
    return _programme(table, hidden, cell, width, np.zeros(len(hidden)), only_hidden=True) is not None


def _moved(table: SummedTable, hidden: BoolArray, cell: int, width: int, cost: FloatArray) -> FloatArray:
    found = _programme(table, hidden, cell, width, np.where(hidden, 0.0, cost), only_hidden=False)
    if found is None:
        raise SolverError("disclosure.companions", f"nothing can be hidden beside cell {cell} to protect it")
    return found


def _programme(
    table: SummedTable, hidden: BoolArray, cell: int, width: int, cost: FloatArray, *, only_hidden: bool
) -> FloatArray | None:
    """The change of least cost that moves ``cell`` up by ``width`` and keeps all sums; None if there is none.

    A cell's change is up minus down, both whole and 0 or more. Zeros stay (they are shown), and no hidden
    cell falls under 1. The cost is by size of change; it stands for the number of cells hidden.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    counts = table.counts
    free = (counts > 0) & (hidden if only_hidden else True)
    at = np.flatnonzero(free)
    n = len(at)
    most = np.full(n, np.inf)
    up_low = np.where(at == cell, float(width), 0.0)
    up_high = np.where(at == cell, float(width), most)
    down_high = np.where(at == cell, 0.0, np.maximum(counts[at] - 1, 0).astype(np.float64))
    inside = table.sums[:, at]
    rows = np.unique(inside.nonzero()[0])
    inside = inside[rows]
    both = csr_array(np.hstack([inside.toarray(), -inside.toarray()]))
    done = milp(
        np.concatenate([cost[at], cost[at]]),
        constraints=LinearConstraint(both, 0.0, 0.0),
        bounds=Bounds(np.concatenate([up_low, np.zeros(n)]), np.concatenate([up_high, down_high])),
        integrality=np.ones(2 * n),
        options={"time_limit": TIME_GUARD_S, "mip_rel_gap": 0.0},
    )
    if done.status == 2:
        return None
    if done.x is None:
        raise SolverError("disclosure.companions", f"the companions of cell {cell}: {done.message}")
    out = np.zeros(len(counts))
    out[at] = np.round(done.x[:n] - done.x[n:])
    return out
