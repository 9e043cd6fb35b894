"""Present values: one real discount rate, years counted from the decision.

Year 0 is the year of the decision. Money of year t (capital, upkeep, loss, payment) is
multiplied by (1 + r)**-t, so money of year 0 counts in full and a horizon of H years covers
years 0 to H - 1. The rate is real (money has one price year), and one and the same for every
member inside the game; a member's national rate belongs beside it, in its own brief.
Source: European Commission, Guide to Cost-Benefit Analysis of Investment Projects (2014),
section 2.8 (discounting of constant-price flows).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bothbanks.words.errors import RangeError

FloatArray = NDArray[np.float64]


def discount_factors(rate: float, years: int) -> FloatArray:
    """What one unit of money of each year is worth in year 0.

    Parameters
    ----------
    rate : 1/year, real. Above -1.
    years : number of years in the horizon, at least 0.

    Returns
    -------
    (years,), 1

    Raises
    ------
    RangeError
        The rate is not a finite number above -1, or the horizon is negative.

    Examples
    --------
    >>> discount_factors(0.25, 3)
    array([1.  , 0.8 , 0.64])
    """
    if not (np.isfinite(rate) and rate > -1.0):
        raise RangeError(
            "measures.discount-rate", f"the discount rate is {rate}; it must be a number above -1"
        )
    if years < 0:
        raise RangeError("measures.horizon", f"the horizon is {years} years; it must be 0 or more")
    return np.asarray((1.0 + rate) ** -np.arange(years, dtype=np.float64), dtype=np.float64)


def annuity_factor(rate: float, years: int, start: int = 0) -> float:
    """Present value of 1 a year from year ``start`` to year ``years`` - 1.

    Examples
    --------
    >>> annuity_factor(0.25, 3)
    2.44
    >>> annuity_factor(0.0, 50)
    50.0
    """
    return float(discount_factors(rate, years)[max(start, 0) :].sum())


def present_value(flow: FloatArray, rate: float) -> float:
    """Present value of a flow by year, year 0 first.

    >>> present_value(np.array([10.0, 10.0]), 0.25)
    18.0
    """
    flow = np.asarray(flow, dtype=np.float64)
    return float(flow @ discount_factors(rate, flow.shape[0]))


def level_payment(value: float, rate: float, years: int) -> float:
    """The equal yearly payment over years 0 to ``years`` - 1 that is worth ``value`` in year 0.

    Raises RangeError when there is no year to pay in.

    >>> round(level_payment(2.44, 0.25, 3), 12)
    1.0
    """
    factor = annuity_factor(rate, years)
    if factor <= 0.0:
        raise RangeError("measures.payment-years", f"a payment needs at least one year, got {years}")
    return value / factor
