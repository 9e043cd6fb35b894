"""Basis risk: how well what a trigger pays follows what is lost, event by event of a catalogue.

A trigger pays by an index and not by the loss, so it may pay where nothing was needed and pay nothing where
much was. 'Needed' is stated: a loss above what the member bears itself (its retention); what is wanted then
is the part of the loss above it, up to the member's limit. All arrays follow the events of one catalogue;
columns are members. Nothing here says whether a trigger is worth its price.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bothbanks.analysis.reserve.triggers import check_payouts
from bothbanks.analysis.risk.eventset import Reading
from bothbanks.analysis.risk.metrics import occurrence_curve
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BasisRisk:
    """How payouts and needs meet, for each member (an array of one value a column of the input).

    Probabilities are of a year, money is a mean a year in the money of the input.
    """

    paid: FloatArray  # chance of a year in which something is paid
    needed: FloatArray  # chance of a year with a need
    paid_not_needed: FloatArray
    needed_not_paid: FloatArray
    mean_paid: FloatArray
    mean_needed: FloatArray
    excess: FloatArray  # paid beyond the need
    shortfall: FloatArray  # need beyond what was paid
    correlation: FloatArray  # of payout with loss over years; NaN where one of them never changes


def basis_risk(
    payout: ArrayLike,
    loss: ArrayLike,
    rate_per_year: ArrayLike,
    *,
    retention: ArrayLike,
    limit: ArrayLike,
    reading: Reading = "annual-maxima",
) -> BasisRisk:
    """Compare payouts with needs over a catalogue of events.

    Parameters
    ----------
    payout, loss : (event, member), money: what the trigger pays each member, and what each loses
    rate_per_year : (event,), 1/year
    retention, limit : (member,) or one number, money: a need is the loss above the retention, up to the limit
    reading : how rates become chances of a year; the correlation counts a year without event as nothing
        paid and nothing lost

    Raises
    ------
    ShapeError, MissingValueError, RangeError
        Arrays that don't fit; NaN; a negative payout, loss, rate, retention or limit.

    Examples
    --------
    Two equally likely years; the trigger pays 10 in the first, the member loses 30 in the second:

    >>> found = basis_risk([[10.0], [0.0]], [[0.0], [30.0]], [0.5, 0.5], retention=5.0, limit=20.0)
    >>> found.paid_not_needed, found.needed_not_paid, found.shortfall, found.correlation
    (array([0.5]), array([0.5]), array([10.]), array([-1.]))
    """
    paid = check_payouts(payout)
    lost, rate = _numbers(loss, "loss"), _numbers(rate_per_year, "rate_per_year")
    if paid.ndim != 2 or paid.shape != lost.shape or rate.shape != paid.shape[:1]:
        raise ShapeError(
            "reserve.basis-risk",
            f"payouts {paid.shape}, losses {lost.shape} and rates {rate.shape}; expected (event, member), "
            "the same, and (event,).",
        )
    kept, most = _numbers(retention, "retention"), _numbers(limit, "limit", infinite=True)
    want = np.minimum(np.maximum(lost - kept, 0.0), most)
    pays, needs = paid > 0, want > 0

    def chance(happens: NDArray[np.bool_]) -> FloatArray:
        total = rate @ happens
        return np.asarray(-np.expm1(-total) if reading == "poisson" else np.minimum(total, 1.0))

    return BasisRisk(
        paid=chance(pays),
        needed=chance(needs),
        paid_not_needed=chance(pays & ~needs),
        needed_not_paid=chance(needs & ~pays),
        mean_paid=np.asarray(rate @ paid),
        mean_needed=np.asarray(rate @ want),
        excess=np.asarray(rate @ np.maximum(paid - want, 0.0)),
        shortfall=np.asarray(rate @ np.maximum(want - paid, 0.0)),
        correlation=correlation(paid, lost, rate, reading),
    )


def correlation(
    payout: ArrayLike, loss: ArrayLike, rate_per_year: ArrayLike, reading: Reading = "annual-maxima"
) -> FloatArray:
    """(member,) correlation of yearly payout with yearly loss (Pearson), in closed form.

    Annual maxima: a year has one event or none, so an event weighs as much as its rate and the rest of the
    probability has no loss and no payout. Poisson: sums of a year's events; their covariance is the sum of
    ``rate x payout x loss`` (compound Poisson, Campbell's theorem). NaN where payout or loss never changes.

    >>> correlation([[1.0], [0.0]], [[4.0], [0.0]], [0.1, 0.1]).round(12)
    array([1.])
    """
    p, x, rate = _numbers(payout, "payout"), _numbers(loss, "loss"), _numbers(rate_per_year, "rate_per_year")
    cross, own_p, own_x = rate @ (p * x), rate @ (p * p), rate @ (x * x)
    if reading == "annual-maxima":
        mean_p, mean_x = rate @ p, rate @ x
        cross, own_p, own_x = cross - mean_p * mean_x, own_p - mean_p**2, own_x - mean_x**2
    changes = (own_p > 1e-12 * (rate @ (p * p))) & (own_x > 1e-12 * (rate @ (x * x)))
    below = np.sqrt(np.where(changes, own_p * own_x, 1.0))
    return np.asarray(np.where(changes, np.clip(cross / below, -1.0, 1.0), np.nan))


def value_at(
    index: ArrayLike,
    rate_per_year: ArrayLike,
    return_period_years: Sequence[float],
    *,
    low_is_severe: bool = False,
    reading: Reading = "annual-maxima",
) -> FloatArray:
    """(period,) index that the yearly extreme reaches once in so many years: where to attach a trigger.

    An order statistic of the catalogue: no value is made up between events. ``low_is_severe`` for an index
    such as pressure, where less is worse.

    Raises
    ------
    RangeError
        A return period beyond what the catalogue can show.

    Examples
    --------
    >>> value_at([1.0, 2.0, 3.0, 4.0], [0.25] * 4, [2.0, 4.0]).tolist()
    [3.0, 4.0]
    """
    x, rate = np.asarray(index, dtype=np.float64), _numbers(rate_per_year, "rate_per_year")
    if np.isnan(x).any():
        raise MissingValueError("reserve.index", f"index of event {int(np.isnan(x).argmax())} is NaN.")
    rarest = 1.0 / rate[rate > 0].min() if (rate > 0).any() else 0.0
    if max(return_period_years) > rarest * (1 + 1e-9):
        raise RangeError(
            "reserve.return-period",
            f"a catalogue whose rarest event comes once in {rarest:g} years can't show a return period of "
            f"{max(return_period_years):g} years; draw more years, or ask for less.",
        )
    sign = -1.0 if low_is_severe else 1.0
    shift = 1.0 - float((sign * x).min())  # the curve knows losses above 0 only
    curve = occurrence_curve(sign * x + shift, rate, reading)
    return np.asarray(sign * (curve.loss_at(np.asarray(return_period_years)) - shift))


def _numbers(values: ArrayLike, what: str, infinite: bool = False) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if np.isnan(array).any():
        raise MissingValueError("reserve.basis-risk", f"a {what} is NaN; give a number.")
    if (array < 0).any() or (np.isinf(array).any() and not infinite):
        raise RangeError(
            "reserve.basis-risk", f"a {what} of {array.min():g} to {array.max():g}; expected 0 or more."
        )
    return array
