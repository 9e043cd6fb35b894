"""From calendar years to a member's own fiscal years, in whole minor units.

A fiscal year is named by the calendar year in which it starts, so that a year from April 2026 to
March 2027 is 2026. Money of a calendar year is taken to flow evenly over its twelve months: with a
year that starts in April, nine twelfths of 2026 fall into fiscal 2026 and three into fiscal 2025.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bothbanks.words.errors import RangeError

IntArray = NDArray[np.int64]
MONTHS = 12


def start_month(fiscal_year_start: str) -> int:
    """The month of a start such as '04-01'; money is kept by whole months.

    Raises
    ------
    RangeError [finance.fiscal-start]
        The year does not start on the first of a month.

    >>> start_month("10-01")
    10
    """
    month, _, day = fiscal_year_start.partition("-")
    if not (month.isdigit() and 1 <= int(month) <= MONTHS and day == "01"):
        raise RangeError(
            "finance.fiscal-start",
            f"fiscal year start '{fiscal_year_start}'; give the first of a month as MM-DD, such as 04-01",
        )
    return int(month)


def first_fiscal_year(first_year: int, month: int) -> int:
    """Name of the fiscal year in which 1 January of ``first_year`` falls.

    >>> first_fiscal_year(2026, 1), first_fiscal_year(2026, 4)
    (2026, 2025)
    """
    return first_year - (month != 1)


def by_fiscal_year(minor: IntArray, month: int) -> IntArray:
    """Money of calendar years, counted again by fiscal years that start in ``month``.

    Parameters
    ----------
    minor : (..., calendar year) whole minor units (cents).
    month : 1 to 12, the month in which the fiscal year starts.

    Returns
    -------
    (..., fiscal year) whole minor units, one year more unless the year starts in January; the first is
    ``first_fiscal_year``. Sums over years stay the same to the cent: each year is split by largest remainder.

    Examples
    --------
    >>> by_fiscal_year(np.array([1200, 0]), 4).tolist()
    [300, 900, 0]
    """
    if not 1 <= month <= MONTHS:
        raise RangeError("finance.fiscal-start", f"a fiscal year starts in month {month}; give 1 to 12")
    minor = np.asarray(minor, dtype=np.int64)
    if month == 1:
        return minor.copy()
    before = month - 1  # months that belong to the fiscal year begun the year before
    early, lost_early = np.divmod(minor * before, MONTHS)
    late, lost_late = np.divmod(minor * (MONTHS - before), MONTHS)
    left = minor - early - late  # 0 or 1
    to_late = lost_late >= lost_early
    late = late + left * to_late
    early = early + left * ~to_late
    out = np.zeros((*minor.shape[:-1], minor.shape[-1] + 1), dtype=np.int64)
    out[..., :-1] += early
    out[..., 1:] += late
    return out
