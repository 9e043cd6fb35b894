"""From calendar years to a member's own fiscal years, in whole minor units.

Which part of a calendar year falls into which fiscal year is what the programme under budgets says
(``analysis.measures.programme.terms``): money of a year is taken to flow evenly over its months, and a
fiscal year is named by the calendar year in which it begins.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.programme.terms import fiscal_years

IntArray = NDArray[np.int64]


def by_fiscal_year(minor: IntArray, begins: str, first_year: int) -> tuple[int, IntArray]:
    """Money of calendar years, counted again by fiscal years.

    Parameters
    ----------
    minor : (..., calendar year) whole minor units (cents).
    begins : 'MM-DD', the day on which the fiscal year begins.
    first_year : calendar year of the first entry.

    Returns
    -------
    The first fiscal year and (..., fiscal year) whole minor units, one year more unless the year begins on
    1 January. Sums over years stay the same to the cent: each year is split by largest remainder.

    Raises
    ------
    InputError [programme.fiscal-year]
        ``begins`` is no day of a year.

    Examples
    --------
    >>> first, amounts = by_fiscal_year(np.array([1200, 0]), "04-01", 2026)
    >>> first, amounts.tolist()
    (2025, [300, 900, 0])
    """
    minor = np.asarray(minor, dtype=np.int64)
    years = minor.shape[-1]
    part = float(fiscal_years([begins], first_year, 1).overlap[0, 0, 0])
    if part == 0.0:
        return first_year, minor.copy()
    exact_early, exact_late = minor * part, minor * (1.0 - part)
    early, late = np.floor(exact_early).astype(np.int64), np.floor(exact_late).astype(np.int64)
    left = minor - early - late  # 0 or 1
    to_late = exact_late - late >= exact_early - early
    out = np.zeros((*minor.shape[:-1], years + 1), dtype=np.int64)
    out[..., :-1] += early + np.where(to_late, 0, left)
    out[..., 1:] += late + np.where(to_late, left, 0)
    return first_year - 1, out
