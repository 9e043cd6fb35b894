"""Cell-key noise: whole-number noise on counts that is the same whenever the same records are counted.

Each record has a key, a secret number that looks drawn at random. The key of a cell is the sum of the keys of
its records, modulo 2^32; noise is looked up by count and cell key. So asking again, or reaching the same
group by another way, averages nothing out (Fraser and Wooton 2005; Thompson, Broadfoot and Elazar 2013,
UNECE work session on statistical data confidentiality).

The distributions are those of greatest entropy among all with mean 0, the stated variance, at most the stated
reach, no result below 0, and no result from 1 to the smallest count shown less 1 (Marley and Leaver 2011;
Giessing 2016, doi 10.1007/978-3-319-45381-1_18). Their form is p(d) ~ exp(a d + b d^2). A count of 0 stays 0.
Where a small count allows no such variance the nearest that it allows is taken, and the table says which.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.words.errors import RangeError, ShapeError

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
KeyArray = NDArray[np.uint64]

KEYS = 1 << 32
SLACK = 1e-3
"""How far inside the possible variances that of a small count stays: on the edge there is no such form."""


@dataclass(frozen=True)
class NoiseTable:
    """What is added to a count, and how likely: row n for a count of n, the last row for all larger ones."""

    reach: int
    least: int
    probability: FloatArray  # (count, step), steps from -reach to reach
    variance: FloatArray  # (count,), reached

    @property
    def steps(self) -> IntArray:
        """What can be added."""
        return np.arange(-self.reach, self.reach + 1)

    @property
    def thresholds(self) -> KeyArray:
        """Keys below the threshold get this step or a smaller one; rounded to whole keys."""
        cumulated = np.cumsum(self.probability, axis=1)
        cumulated /= cumulated[:, -1:]
        return np.round(cumulated * KEYS).astype(np.uint64)

    def row(self, counts: IntArray) -> IntArray:
        """The row of each count."""
        return np.minimum(counts, len(self.probability) - 1)

    def added(self, counts: IntArray, cell_keys: KeyArray) -> IntArray:
        """The noise of each cell.

        Raises
        ------
        ShapeError
            Not one key for each count.
        """
        if counts.shape != cell_keys.shape:
            raise ShapeError("disclosure.keys", f"{counts.size} counts, but {cell_keys.size} keys")
        passed = self.thresholds[self.row(counts)] <= cell_keys[..., None]
        return np.asarray(passed.sum(axis=-1) - self.reach, dtype=np.int64)

    def noisy(self, counts: IntArray, cell_keys: KeyArray) -> IntArray:
        """The counts with their noise: never below 0, and 0 stays 0."""
        return counts + self.added(counts, cell_keys)


def noise_table(variance: float, reach: int, least: int = 1) -> NoiseTable:
    """The noise of greatest entropy with mean 0.

    Parameters
    ----------
    variance : of the noise, count squared
    reach : most that is added or taken away
    least : smallest result above 0 (1: any)

    Raises
    ------
    RangeError
        The variance isn't between a thousandth of the reach squared and the reach squared, or the smallest
        result is beyond the reach.

    Examples
    --------
    >>> table = noise_table(variance=1.0, reach=2)
    >>> np.round(table.probability[-1], 4).tolist()
    [0.0638, 0.2447, 0.383, 0.2447, 0.0638]
    """
    if not SLACK * reach**2 <= variance <= (1 - SLACK) * reach**2 or not 1 <= least <= reach + 1:
        raise RangeError(
            "disclosure.noise",
            f"noise of variance {variance} and reach {reach} with results from {least} up: "
            f"the variance must lie between {SLACK} and {1 - SLACK} of the reach squared, "
            "the smallest result within the reach",
        )
    rows = reach + least
    steps = np.arange(-reach, reach + 1)
    table = np.zeros((rows + 1, len(steps)))
    reached = np.zeros(rows + 1)
    table[0, reach] = 1.0
    for count in range(1, rows + 1):
        result = count + steps
        allowed = (result == 0) | (result >= least)
        table[count, allowed], reached[count] = _most_even(steps[allowed].astype(float), variance)
    return NoiseTable(reach, least, table, reached)


def record_keys(names: Iterable[str], secret: bytes) -> KeyArray:
    """A key for each record from its name and a secret (HMAC-SHA-256, first 32 bits)."""
    digests = (hmac.digest(secret, name.encode(), hashlib.sha256)[:4] for name in names)
    return np.array([int.from_bytes(d) for d in digests], dtype=np.uint64)


def cell_keys(keys: KeyArray, cell: IntArray, cells: int) -> tuple[IntArray, KeyArray]:
    """Count and key of each cell, from each record's key and cell."""
    if keys.shape != cell.shape:
        raise ShapeError("disclosure.keys", f"{keys.size} keys, but {cell.size} records")
    summed = np.zeros(cells, dtype=np.uint64)
    np.add.at(summed, cell, keys)
    return np.bincount(cell, minlength=cells).astype(np.int64), summed % np.uint64(KEYS)


def _most_even(steps: FloatArray, variance: float) -> tuple[FloatArray, float]:
    """Greatest entropy with mean 0 and this variance, or the nearest one that the steps allow."""
    from scipy.optimize import linprog, minimize

    squares = steps**2
    ends = []
    for sign in (1.0, -1.0):
        done = linprog(
            sign * squares,
            A_eq=np.vstack([steps, np.ones_like(steps)]),
            b_eq=[0.0, 1.0],
            bounds=(0.0, 1.0),
            method="highs",
        )
        ends.append((sign * done.fun, done.x))
    (smallest, narrow), (largest, _) = ends
    inner = SLACK * (largest - smallest)
    if largest - smallest < 1e-9:
        return narrow, smallest
    wanted = float(np.clip(variance, smallest + inner, largest - inner))
    scaled, scaled_squares = steps / np.abs(steps).max(), squares / squares.max()

    def dual(multipliers: FloatArray) -> tuple[float, FloatArray]:
        power = multipliers[0] * scaled + multipliers[1] * (scaled_squares - wanted / squares.max())
        top = power.max()
        weight = np.exp(power - top)
        p = weight / weight.sum()
        slope = np.array([p @ scaled, p @ (scaled_squares - wanted / squares.max())])
        return float(top + np.log(weight.sum())), slope

    best = minimize(dual, np.zeros(2), jac=True, method="BFGS", options={"gtol": 1e-12, "maxiter": 1000}).x
    for _ in range(50):  # Newton's steps on a convex function: to the last digits
        power = best[0] * scaled + best[1] * scaled_squares
        weight = np.exp(power - power.max())
        p = weight / weight.sum()
        terms = np.vstack([scaled, scaled_squares])
        slope = terms @ p - np.array([0.0, wanted / squares.max()])
        spread = (terms * p) @ terms.T - np.outer(terms @ p, terms @ p)
        if np.abs(slope).max() < 1e-15:
            break
        best = best - np.linalg.solve(spread, slope)
    return p, wanted
