"""Costs by year of what may start now or later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.measure import Measure, cost_flow
from bothbanks.analysis.measures.presentvalue import discount_factors

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Flows:
    """Costs by year of many things at once; the leading axes say of what."""

    capital: FloatArray  # (..., year) money, renewals included
    upkeep: FloatArray  # (..., year) money
    residual: FloatArray  # (...) money of the year after the horizon, counted against the cost

    def present(self, rate: float) -> FloatArray:
        """Present value of capital and upkeep less the residual value: (...)."""
        years = self.capital.shape[-1]
        left = self.residual * (1.0 + rate) ** -years
        return np.asarray((self.capital + self.upkeep) @ discount_factors(rate, years) - left)

    def times(self, factor: FloatArray) -> Flows:
        """The same things for each of several payers: a last axis (payer,) before the years."""
        f = np.asarray(factor, dtype=np.float64)
        return Flows(
            self.capital[..., None, :] * f[:, None],
            self.upkeep[..., None, :] * f[:, None],
            self.residual[..., None] * f,
        )


def delayed(measure: Measure, delay: int) -> Measure:
    """The measure with its building years put off.

    >>> delayed(Measure("m", "flood", "walls", {}, ("a",), ("a",), "c", "u", 20, years=(0, 1)), 5).years
    (5, 6)
    """
    return replace(measure, years=tuple(y + delay for y in measure.years))


def works_from(measure: Measure, delays: Sequence[int], horizon_years: int) -> IntArray:
    """(delay,) first year in which the measure works; the horizon's length where it never would."""
    first = np.array([measure.works_from + d for d in delays], dtype=np.int64)
    return np.minimum(first, horizon_years)


def delayed_flows(
    measure: Measure, capital: float, upkeep_share: float, delays: Sequence[int], horizon_years: int
) -> Flows:
    """Costs by year for each delay: arrays (delay, year). Zero for a delay after which it never works.

    Raises
    ------
    RangeError
        A negative or missing cost or share; no delay lets the measure work within the horizon.
    """
    spent, upkeep = np.zeros((2, len(delays), horizon_years))
    residual = np.zeros(len(delays))
    for d, delay in enumerate(delays):
        late = delayed(measure, delay)
        if d and late.works_from >= horizon_years:
            continue
        flow = cost_flow(late, capital, upkeep_share, horizon_years)
        spent[d], upkeep[d], residual[d] = flow.capital, flow.upkeep, flow.residual
    return Flows(spent, upkeep, residual)
