"""The fund over several years: what comes in, what is paid out, and how often it can't pay.

Years of a path are drawn from the simulated years, each independent of the last. A year goes: members pay
in, claims are paid from what is there, what is left earns interest, and what then lies above a ceiling goes
back to the members. A path in which a claim could not be paid whole counts as ruined from then on; it pays
what it has and goes on with what comes in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bothbanks.analysis.cooperation.evidence import FailureBound, failure_bound
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ReservePath:
    """The fund by year, over all paths, in the unit of the losses.

    ``mean``, ``low``, ``high`` (year,) of what the fund holds at the end of each year (5 and 95 % points);
    ``paid``, ``unpaid``, ``earned``, ``returned`` (year,) means of claims paid, claims left unpaid,
    interest and what went back to the members;
    ``ruined`` (year,) how many paths have been unable to pay by then.
    """

    paths: int
    start: float
    contribution: float
    mean: FloatArray
    low: FloatArray
    high: FloatArray
    paid: FloatArray
    unpaid: FloatArray
    earned: FloatArray
    returned: FloatArray
    ruined: NDArray[np.int64]

    @property
    def ruin(self) -> FailureBound:
        """How often the fund can't pay within the horizon, with its interval at 95 %."""
        return failure_bound(int(self.ruined[-1]), self.paths)


def draw_paths(total: ArrayLike, paths: int, years: int, rng: np.random.Generator) -> FloatArray:
    """(year, path) yearly claims, each drawn from the simulated years ``total`` (year,).

    Raises
    ------
    ShapeError, MissingValueError, RangeError
        No simulated year; NaN; no path or no year asked for.
    """
    claims = np.asarray(total, dtype=np.float64)
    if claims.ndim != 1 or not claims.size:
        raise ShapeError("reserve.path", f"claims have shape {claims.shape}; expected (year,).")
    if np.isnan(claims).any():
        raise MissingValueError("reserve.path", "the claim of a year is NaN.")
    if paths < 1 or years < 1:
        raise RangeError("reserve.path", f"{paths} paths of {years} years; expected 1 or more of each.")
    return claims[rng.integers(0, claims.size, (years, paths))]


def reserve_path(
    claims: FloatArray, start: float, contribution: float, interest: float = 0.0, ceiling: float = np.inf
) -> ReservePath:
    """Follow the fund along every path.

    Parameters
    ----------
    claims : (year, path), as :func:`draw_paths` gives
    start : what the fund holds at first, 0 or more
    contribution : paid in at the beginning of every year, less what running it costs
    interest : yearly, on what is left after claims; above -1
    ceiling : what the fund holds at the end of a year at most; the rest goes back

    Examples
    --------
    Ten in hand and two a year; the third year's claim of 15 is one too many:

    >>> path = reserve_path(np.array([[0.0], [0.0], [17.0]]), 10.0, 2.0)
    >>> path.mean, path.unpaid, path.ruined
    (array([12., 14.,  0.]), array([0., 0., 1.]), array([0, 0, 1]))
    """
    _check(claims, interest)
    if not start >= 0.0:
        raise RangeError("reserve.path", f"the fund starts with {start:g}; expected 0 or more.")
    years, paths = claims.shape
    held = np.full(paths, float(start))
    ruined = np.zeros(paths, dtype=bool)
    out = {name: np.zeros(years) for name in ("mean", "low", "high", "paid", "unpaid", "earned", "returned")}
    count = np.zeros(years, dtype=np.int64)
    for y in range(years):
        held += contribution
        paid = np.minimum(claims[y], np.maximum(held, 0.0))
        short = claims[y] - paid
        ruined |= short > 0.0
        held -= paid
        earned = held * interest
        held += earned
        returned = np.maximum(held - ceiling, 0.0)
        held -= returned
        out["mean"][y], out["paid"][y] = held.mean(), paid.mean()
        out["unpaid"][y], out["earned"][y] = short.mean(), earned.mean()
        out["returned"][y] = returned.mean()
        out["low"][y], out["high"][y] = np.percentile(held, [5, 95])
        count[y] = ruined.sum()
    return ReservePath(paths, float(start), float(contribution), ruined=count, **out)


def start_needed(claims: FloatArray, contribution: float, interest: float = 0.0) -> FloatArray:
    """(path,) least that the fund must start with so that it pays every claim of the path.

    With g = 1 + interest, the fund stands before year t's interest at
    ``g**t R + sum over s <= t of g**(t - s) (contribution - claim_s)``; R is the largest of what makes it 0.

    >>> start_needed(np.array([[0.0], [0.0], [17.0]]), 2.0)
    array([11.])
    """
    _check(claims, interest)
    growth = (1.0 + interest) ** np.arange(claims.shape[0], dtype=np.float64)
    deficit = np.cumsum((claims - contribution) / growth[:, None], axis=0)
    return np.asarray(np.maximum(deficit.max(axis=0), 0.0))


def start_for_ruin(
    claims: FloatArray, contribution: float, target: float, interest: float = 0.0, refilled: bool = False
) -> float:
    """Least start with which at most a share ``target`` of the paths is ruined within their years.

    ``refilled``: the fund gives back what lies above its start, as :func:`reserve_path` with the start as its
    ceiling. Ruin then falls with the start too, and the answer is found by halving to a millionth.

    Raises RangeError for a target outside 0 to 1, or too few paths to tell (fewer than ten ruined allowed).
    """
    if not 0.0 < target < 1.0:
        raise RangeError("reserve.target", f"a ruin probability of {target:g}; expected between 0 and 1.")
    need = start_needed(claims, contribution, interest)
    allowed = int(np.floor(target * need.size + 1e-9))
    if allowed < 10:
        raise RangeError(
            "reserve.target",
            f"{need.size} paths allow {allowed} ruins at {target:g}; expected 10 or more, so at least "
            f"{int(np.ceil(10 / target))} paths. Draw more paths, or accept a higher target.",
        )
    low = float(np.partition(need, need.size - allowed - 1)[need.size - allowed - 1])
    if not refilled:
        return low
    high = max(low, float(claims.sum(axis=0).max()))
    while high - low > 1e-6 * high:
        middle = (low + high) / 2.0
        if _ruined(claims, middle, contribution, interest) > allowed:
            low = middle
        else:
            high = middle
    return high


def _ruined(claims: FloatArray, start: float, contribution: float, interest: float) -> int:
    """How many paths of a fund that is refilled to its start are ruined."""
    held = np.full(claims.shape[1], start)
    ruined = np.zeros(held.size, dtype=bool)
    for claim in claims:
        held += contribution - claim
        ruined |= held < 0.0
        held = np.minimum(np.maximum(held, 0.0) * (1.0 + interest), start)
    return int(ruined.sum())


def _check(claims: FloatArray, interest: float) -> None:
    if claims.ndim != 2 or not claims.size:
        raise ShapeError("reserve.path", f"claims have shape {claims.shape}; expected (year, path).")
    if not -1.0 < interest < np.inf:
        raise RangeError("reserve.path", f"interest of {interest:g} a year; expected above -1.")
