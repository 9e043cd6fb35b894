"""Each member's part of the pool's capital, and whether some coalition would rather hold its own.

Euler allocation of TVaR: member i carries ``E[X_i | S >= VaR(S)] - E[X_i]``, its own mean in the years that
are bad for all. Sources: D. Tasche, Risk contributions and performance measurement (1999), and Capital
allocation to business units and sub-portfolios: the Euler principle (2007), arXiv:0708.2542; A. J. McNeil,
R. Frey and P. Embrechts, Quantitative Risk Management (2015), chapter 8.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bothbanks.analysis.reserve.capital import tail_weights
from bothbanks.words.errors import ShapeError

FloatArray = NDArray[np.float64]
TOLERANCE = 1e-9
"""Of the whole: below it a coalition is said to gain nothing."""


def euler_allocation(loss: FloatArray, level: float, total: FloatArray | None = None) -> FloatArray:
    """(member,) parts of the pool's capital, which sum to it exactly (to rounding of floats).

    Years tied at the value at risk count in part, each alike: the parts sum to the capital for any data, and
    do not depend on the order of the years.

    Parameters
    ----------
    loss : (year, member), what the fund pays for each
    total : (year,) the sum, where it is at hand

    Examples
    --------
    Left's bad years are the pool's; right has none of its own:

    >>> euler_allocation(np.array([[0.0, 1.0], [0.0, 1.0], [0.0, 1.0], [8.0, 1.0]]), 0.75)
    array([6., 0.])
    """
    if loss.ndim != 2:
        raise ShapeError("reserve.loss", f"losses have shape {loss.shape}; expected (year, member).")
    weight = tail_weights(loss.sum(axis=1) if total is None else total, level)
    used = weight > 0.0
    return np.asarray(weight[used] @ loss[used] - loss.mean(axis=0))


def proportional_allocation(capital: float, by: ArrayLike) -> FloatArray:
    """(member,) parts of the capital in proportion to non-negative numbers; all alike where all are 0.

    >>> proportional_allocation(9.0, [1.0, 2.0])
    array([3., 6.])
    """
    weight = np.asarray(by, dtype=np.float64)
    whole = weight.sum()
    part = weight / whole if whole > 0 else np.full(weight.size, 1.0 / max(weight.size, 1))
    return np.asarray(capital * part)


@dataclass(frozen=True)
class CoreTest:
    """Every coalition asked whether it pays more in the pool than by itself.

    ``worst`` is the mask of the proper coalition with the least to gain by staying, ``slack`` what it gains
    (negative: it would rather leave).
    """

    tested: int
    failing: tuple[int, ...]
    worst: int
    slack: float

    @property
    def holds(self) -> bool:
        """No coalition would rather leave."""
        return not self.failing


def core_test(cost_of_mask: ArrayLike, paid: ArrayLike) -> CoreTest:
    """Compare what each proper coalition pays in the pool with what it would cost by itself.

    Parameters
    ----------
    cost_of_mask : (2**n,) in mask order; the last is the pool's
    paid : (n,) adding up to the last

    Raises
    ------
    ShapeError
        Sizes that don't fit, or parts that don't add up to the pool's cost.

    Examples
    --------
    >>> core_test([0.0, 10.0, 10.0, 15.0], [4.0, 11.0])
    CoreTest(tested=2, failing=(2,), worst=2, slack=-1.0)
    """
    cost, part = np.asarray(cost_of_mask, dtype=np.float64), np.asarray(paid, dtype=np.float64)
    n = part.size
    if cost.shape != (1 << n,):
        raise ShapeError("reserve.core", f"{n} members need {1 << n} costs, got {cost.shape}.")
    scale = max(float(np.abs(cost).max()), float(np.abs(part).max(initial=0.0)), 1e-300)
    if abs(part.sum() - cost[-1]) > 1e-6 * scale:
        raise ShapeError(
            "reserve.core", f"the parts add up to {part.sum():.10g}, the pool costs {cost[-1]:.10g}."
        )
    inside = (np.arange(1 << n)[:, None] >> np.arange(n) & 1).astype(np.float64)
    slack = (cost - inside @ part)[1:-1]
    if not slack.size:
        return CoreTest(0, (), (1 << n) - 1, 0.0)
    slack[np.abs(slack) <= TOLERANCE * scale] = 0.0
    worst = int(slack.argmin())
    return CoreTest(
        slack.size, tuple(int(m) + 1 for m in np.flatnonzero(slack < 0)), worst + 1, float(slack[worst])
    )
