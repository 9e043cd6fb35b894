"""The nucleolus, by a short series of linear programmes.

Each programme makes the largest remaining excess as small as it can be. Coalitions whose dual is not
zero have that excess at every optimum, so they are fixed there; so is every coalition whose members'
sum follows from those already fixed. The series ends when the fixed coalitions determine all shares,
after at most n - 1 programmes.

Sources: D. Schmeidler, The nucleolus of a characteristic function game (1969), SIAM J. Appl. Math.
17:1163-1170; M. Maschler, B. Peleg and L. S. Shapley, Geometric properties of the kernel, nucleolus,
and related solution concepts (1979), Math. Oper. Res. 4:303-338 (lexicographic centre).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bothbanks.analysis.cooperation.arrays import game_tolerance, membership, zero_normalised
from bothbanks.analysis.cooperation.game import CoalitionGame, FloatArray, by_member
from bothbanks.words.errors import SolverError

IntArray = npt.NDArray[np.int64]

_FEASIBLE = 1e-10
_DUAL = 1e-7
_SPAN = 1e-8
_ADDED = 64


def nucleolus(game: CoalitionGame) -> dict[str, float]:
    """The division whose sorted list of coalitions' complaints is smallest, the loudest first.

    Every member gets at least what it is worth alone. Where all together are worth less than the
    members one by one no such division exists, and the pre-nucleolus is given (without that floor).
    It is unique, and lies in the core whenever the core is not empty.

    Returns
    -------
    Mapping from member to share, in the unit of the worths; sums to the worth of all together.

    Raises
    ------
    RangeError
        Too many members for all their coalitions to be looked at.
    SolverError
        A linear programme failed.

    Source: module docstring.

    >>> nucleolus(CoalitionGame(("left", "right"), lambda s: {0: 0, 1: 2, 2: 10}[len(s)]))
    {'left': 5.0, 'right': 5.0}
    """
    return by_member(game.members, nucleolus_vector(game.worths))


def nucleolus_vector(worths: FloatArray) -> FloatArray:
    """(n,) nucleolus of one game given as (2**n,) worths; see :func:`nucleolus`."""
    floor, gains, scale = _normalised(worths)
    surplus = gains[-1]
    if scale == 0.0 or surplus == 0.0:
        return floor
    if surplus < 0.0:
        return _restored(worths, floor, scale, _lexicographic(gains, False).point)
    # A coalition worth less than its members one by one never decides: with every share at its floor or
    # above, each of those members complains more than the coalition does, and they fix its sum.
    gains = np.where(gains < 0.0, -np.inf, gains)
    return _restored(worths, floor, scale, _lexicographic(gains, True).point)


def least_core_vector(worths: FloatArray) -> tuple[float, FloatArray]:
    """Smallest largest excess over proper coalitions, and the (n,) pre-nucleolus that reaches it."""
    floor, gains, scale = _normalised(worths)
    if scale == 0.0 or floor.size == 1:
        return 0.0, floor if floor.size > 1 else np.array([worths[-1]])
    found = _lexicographic(gains, False)
    return found.levels[0] * scale, _restored(worths, floor, scale, found.point)


def least_excess(worths: FloatArray) -> float:
    """Smallest largest excess over proper coalitions: positive when the core is empty."""
    floor, gains, scale = _normalised(worths)
    if scale == 0.0 or floor.size == 1:
        return 0.0
    return _lexicographic(gains, False, only_first=True).levels[0] * scale


def _normalised(worths: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Members' own worths, scaled gains over them, and the scale (0 for an additive game)."""
    n = worths.size.bit_length() - 1
    floor = worths[[1 << i for i in range(n)]].copy()
    gains = zero_normalised(worths[None, :])[0]
    rounding = float(game_tolerance(worths[None, :], 0.0)[0])
    gains[np.abs(gains) <= rounding] = 0.0
    scale = float(max(gains.max(), abs(gains[-1])))
    if scale == 0.0:
        return floor + (worths[-1] - floor.sum()) / n, gains, 0.0
    return floor, gains / scale, scale


def _restored(worths: FloatArray, floor: FloatArray, scale: float, point: FloatArray) -> FloatArray:
    shares = floor + scale * point
    return np.asarray(shares + (worths[-1] - shares.sum()) / shares.size)


@dataclass
class _Fixed:
    """Independent coalitions whose sum is known, and the directions still free."""

    rows: FloatArray
    sums: FloatArray
    free: FloatArray

    def add(self, row: FloatArray, total: float) -> bool:
        """Fix one more sum unless it follows from the others."""
        if np.abs(row @ self.free).max(initial=0.0) <= _SPAN:
            return False
        self.rows = np.vstack([self.rows, row])
        self.sums = np.append(self.sums, total)
        _, _, right = np.linalg.svd(self.rows)
        self.free = right[self.rows.shape[0] :].T
        return True


@dataclass(frozen=True)
class _Centre:
    levels: list[float]
    point: FloatArray


def _lexicographic(gains: FloatArray, individual: bool, only_first: bool = False) -> _Centre:
    n = gains.size.bit_length() - 1
    member = membership(n)
    if not individual:
        # Members' complaints stay within 2 scales of 0 here, so far poorer coalitions never decide.
        gains = np.where(gains < -(4.0 * n + 2.0), -np.inf, gains)
    fixed = _Fixed(np.empty((0, n)), np.empty(0), np.eye(n))
    fixed.add(np.ones(n), float(gains[-1]))
    open_masks = np.flatnonzero(np.isfinite(gains[1:-1])).astype(np.int64) + 1
    levels: list[float] = []
    point: FloatArray = np.zeros(n)
    while fixed.rows.shape[0] < n:
        free = np.abs(member[open_masks] @ fixed.free).max(axis=1) > _SPAN
        open_masks = open_masks[free]
        level, point, duals, at_floor = _one_level(gains, member, open_masks, fixed, individual)
        levels.append(level)
        if only_first:
            break
        order = np.argsort(-duals, kind="stable")
        bar = min(_DUAL, 0.5 * float(duals.max()))
        for k in order[duals[order] > bar]:
            mask = open_masks[k]
            fixed.add(member[mask], float(gains[mask]) - level)
        for i in at_floor:
            fixed.add(np.eye(n)[i], 0.0)
    else:
        point = np.asarray(np.linalg.solve(fixed.rows, fixed.sums), dtype=np.float64)
    return _Centre(levels, point)


def _one_level(
    gains: FloatArray, member: FloatArray, open_masks: IntArray, fixed: _Fixed, individual: bool
) -> tuple[float, FloatArray, FloatArray, IntArray]:
    """Least largest excess over the open coalitions.

    Rows are brought in only when the point found breaks them, so most of the 2**n never reach the
    solver; at the end the duals of the rows left out are 0. Returns the level, a point, the duals of
    ``open_masks`` (>= 0), and the members held at their floor at every optimum.
    """
    rows, worth = member[open_masks], gains[open_masks]
    size = rows.sum(axis=1)
    n = rows.shape[1]
    active = np.ones(worth.size, dtype=bool)
    if worth.size > 6 * _ADDED:
        active = (size == 1) | (size == n - 1)
        active[np.argsort(-(worth / size), kind="stable")[:_ADDED]] = True
    while True:
        chosen = np.flatnonzero(active)
        level, point, dual, at_floor = _programme(rows[chosen], worth[chosen], fixed, individual)
        excess = worth - rows @ point
        broken = np.flatnonzero((excess > level + _FEASIBLE) & ~active)
        if not broken.size:
            duals = np.zeros(worth.size)
            duals[chosen] = dual
            return level, point, duals, at_floor
        active[broken[np.argsort(-excess[broken], kind="stable")[:_ADDED]]] = True


def _programme(
    rows: FloatArray, worth: FloatArray, fixed: _Fixed, individual: bool
) -> tuple[float, FloatArray, FloatArray, IntArray]:
    from scipy.optimize import linprog

    n = rows.shape[1]
    bounds = [(0.0 if individual else None, None)] * n + [(None, None)]
    answer = linprog(
        np.append(np.zeros(n), 1.0),
        A_ub=np.hstack([-rows, -np.ones((rows.shape[0], 1))]),
        b_ub=-worth,
        A_eq=np.hstack([fixed.rows, np.zeros((fixed.rows.shape[0], 1))]),
        b_eq=fixed.sums,
        bounds=bounds,
        method="highs",
        options={"primal_feasibility_tolerance": _FEASIBLE, "dual_feasibility_tolerance": _FEASIBLE},
    )
    if answer.status != 0:
        raise SolverError(
            "cooperation.nucleolus",
            f"a linear programme with {n} members and {rows.shape[0]} coalitions failed: {answer.message} "
            "Check that the worths are of one unit and not extreme.",
        )
    at_floor = (
        np.flatnonzero(np.abs(answer.lower.marginals[:n]) > _DUAL)
        if individual
        else np.empty(0, dtype=np.int64)
    )
    return (
        float(answer.fun),
        np.asarray(answer.x[:n]),
        np.abs(answer.ineqlin.marginals),
        at_floor.astype(np.int64),
    )
