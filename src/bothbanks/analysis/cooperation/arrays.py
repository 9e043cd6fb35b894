"""Shapley values, excesses and core membership of many games at once, as array operations.

One row is one game (one draw of the uncertain parameters); columns are coalitions in mask order.
"""

from __future__ import annotations

from math import factorial

import numpy as np
import numpy.typing as npt

from bothbanks.analysis.cooperation.game import FloatArray, check_size
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

TOLERANCE = 1e-9
"""Default tolerance, relative to the scale of the game (see :func:`game_tolerance`)."""

_ROUNDING = 64 * float(np.finfo(np.float64).eps)


def membership(n: int) -> FloatArray:
    """(2**n, n) matrix, 1 where the column's member is in the row's coalition.

    >>> membership(2).astype(int).tolist()
    [[0, 0], [1, 0], [0, 1], [1, 1]]
    """
    check_size(n)
    masks = np.arange(1 << n)[:, None]
    return ((masks >> np.arange(n)[None, :]) & 1).astype(np.float64)


def _checked_worths(worths: npt.ArrayLike) -> tuple[FloatArray, int]:
    array = np.asarray(worths, dtype=np.float64)
    n = array.shape[-1].bit_length() - 1 if array.ndim == 2 else 0
    if array.ndim != 2 or n < 1 or array.shape[1] != 1 << n:
        raise ShapeError(
            "cooperation.worths-shape", f"worths must be (draw, 2**n) with n >= 1, got shape {array.shape}."
        )
    check_size(n)
    if np.isnan(array).any():
        raise MissingValueError("cooperation.worth-missing", "a worth is NaN; give every coalition a number.")
    if np.isinf(array).any():
        raise RangeError("cooperation.worth-infinite", "a worth is infinite.")
    if (array[:, 0] != 0.0).any():
        raise RangeError(
            "cooperation.empty-worth", "column 0 is the empty coalition and must be worth 0 in each draw."
        )
    return array, n


def _checked_shares(shares: npt.ArrayLike, draws: int, n: int) -> FloatArray:
    array = np.asarray(shares, dtype=np.float64)
    if array.shape != (draws, n):
        raise ShapeError(
            "cooperation.shares-shape", f"shares must be ({draws}, {n}) to fit worths, got {array.shape}."
        )
    if not np.isfinite(array).all():
        raise MissingValueError("cooperation.share-missing", "a share is NaN or infinite.")
    return array


def shapley_array(worths: npt.ArrayLike) -> FloatArray:
    """Shapley value of each draw's game.

    Member i gets the mean of its marginal contribution over all orders of joining:
    sum over S without i of |S|! (n - |S| - 1)! / n! (v(S + i) - v(S)).

    Parameters
    ----------
    worths : (draw, 2**n), any one unit

    Returns
    -------
    (draw, n), same unit; each row sums to the worth of all together.

    Raises
    ------
    ShapeError, MissingValueError, RangeError
        Columns are not 2**n; a worth is NaN; infinite, or the empty coalition is not worth 0.

    Source: L. S. Shapley, A value for n-person games (1953), Contributions to the Theory of Games
    II, equation 13.

    >>> shapley_array([[0.0, 0.0, 0.0, 10.0], [0.0, 4.0, 0.0, 10.0]])
    array([[5., 5.],
           [7., 3.]])
    """
    array, n = _checked_worths(worths)
    masks = np.arange(1 << n)
    size = np.bitwise_count(masks)
    weight = np.array([factorial(s) * factorial(n - s - 1) / factorial(n) for s in range(n)])
    value = np.empty((array.shape[0], n))
    for i in range(n):
        without = masks[(masks >> i & 1) == 0]
        value[:, i] = (array[:, without | (1 << i)] - array[:, without]) @ weight[size[without]]
    return value


def excess_array(worths: npt.ArrayLike, shares: npt.ArrayLike) -> FloatArray:
    """What each coalition would gain by leaving: its worth less the sum of its members' shares.

    Parameters
    ----------
    worths : (draw, 2**n), any one unit
    shares : (draw, n), same unit

    Returns
    -------
    (draw, 2**n), same unit; positive where the coalition does better by itself.

    Raises
    ------
    ShapeError, MissingValueError, RangeError
        The shapes don't fit; NaN; infinite.

    >>> excess_array([[0.0, 4.0, 0.0, 10.0]], [[3.0, 7.0]])
    array([[ 0.,  1., -7.,  0.]])
    """
    array, n = _checked_worths(worths)
    return array - _checked_shares(shares, array.shape[0], n) @ membership(n).T


def zero_normalised(worths: FloatArray) -> FloatArray:
    """(draw, 2**n) worths less what the coalition's members are worth one by one."""
    n = worths.shape[1].bit_length() - 1
    return worths - worths[:, [1 << i for i in range(n)]] @ membership(n).T


def game_tolerance(worths: npt.ArrayLike, tolerance: float = TOLERANCE) -> FloatArray:
    """(draw,) absolute tolerance: ``tolerance`` times the scale of each game, plus rounding.

    The scale is the largest gain of any coalition over its members alone. Coalitions worth far less
    than their members alone never decide anything, so they don't widen it.
    """
    if not 0.0 <= tolerance < 1.0:
        raise RangeError(
            "cooperation.tolerance", f"tolerance is relative and lies in [0, 1), got {tolerance}."
        )
    array, n = _checked_worths(worths)
    gains = zero_normalised(array)
    scale = np.maximum(gains.max(axis=1), np.abs(gains[:, -1]))
    size = np.abs(array[:, [1 << i for i in range(n)]]).sum(axis=1) + np.abs(array[:, -1])
    return np.asarray(tolerance * scale + _ROUNDING * (size + scale), dtype=np.float64)


def in_core_array(
    worths: npt.ArrayLike, shares: npt.ArrayLike, tolerance: float = TOLERANCE
) -> npt.NDArray[np.bool_]:
    """Whether each draw's shares lie in the core of its game.

    In the core, the shares sum to the worth of all together and no coalition gains by leaving.

    Parameters
    ----------
    worths : (draw, 2**n), any one unit
    shares : (draw, n), same unit
    tolerance : relative to the scale of the game

    Returns
    -------
    (draw,) of bool

    Raises
    ------
    ShapeError, MissingValueError, RangeError
        The shapes don't fit; NaN; infinite.

    Source: D. B. Gillies, Solutions to general non-zero-sum games (1959), Contributions to the
    Theory of Games IV.

    >>> in_core_array([[0.0, 4.0, 0.0, 10.0]] * 2, [[3.0, 7.0], [4.0, 6.0]])
    array([False,  True])
    """
    array, n = _checked_worths(worths)
    given = _checked_shares(shares, array.shape[0], n)
    slack = game_tolerance(array, tolerance)
    excess = excess_array(array, given)
    worst = excess[:, 1:].max(axis=1)
    efficient = np.abs(array[:, -1] - given.sum(axis=1)) <= slack
    return np.asarray((worst <= slack) & efficient)
