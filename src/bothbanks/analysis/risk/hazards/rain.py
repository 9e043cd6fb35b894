"""Rain extremes: yearly maxima, generalised extreme value (GEV) fits by L-moments, and their intervals.

Sign of the shape: ``shape`` is xi, positive for a heavy upper tail (Coles 2001, *An Introduction to
Statistical Modeling of Extreme Values*, section 3.1). Hosking's k is -xi. Fits use L-moments (Hosking, J. R.
M. 1990, *L-moments*, J. R. Stat. Soc. B 52, 105-124): with a century of years they are steadier than maximum
likelihood, and the location and scale that belong to a *given* shape have a closed form, which a draw over
the shape needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gamma

from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MIN_DAYS_OBSERVED = 330
"""A year with fewer observed days may have missed its maximum and is left out."""
MIN_YEARS = 20
_SHAPE_LIMIT = 0.95  # the mean of a GEV is infinite from xi = 1 on
_K = np.linspace(-_SHAPE_LIMIT, _SHAPE_LIMIT, 20002)  # an even number of points: 0 is not among them
_T3 = 2.0 * (1.0 - 3.0**-_K) / (1.0 - 2.0**-_K) - 3.0  # L-skewness of a GEV; falls with k


def block_maxima(
    day: ArrayLike, year: ArrayLike, depth: ArrayLike, duration_days: int
) -> tuple[IntArray, FloatArray, IntArray]:
    """Largest sum over ``duration_days`` days in a row, for each year.

    A window is used only if all its days are there and follow each other, so a gap in the record never joins
    two winters. It belongs to the year of its last day.

    Parameters
    ----------
    day : (row,) day numbers, rising, such as ordinals; missing days may be absent
    year : (row,) calendar year of each day
    depth : (row,) mm; NaN where not observed

    Returns
    -------
    year (block,), depth (block,) mm, days_observed (block,)
        Years without one full window are left out.

    Raises
    ------
    ShapeError, RangeError
        Columns of different length; days that don't rise; a negative depth.

    Examples
    --------
    >>> block_maxima([1, 2, 3, 5], [1990] * 4, [1.0, 2.0, 4.0, 9.0], 2)
    (array([1990]), array([6.]), array([4]))
    """
    d, y = np.asarray(day, dtype=np.int64), np.asarray(year, dtype=np.int64)
    p = np.asarray(depth, dtype=np.float64)
    if not d.shape == y.shape == p.shape or d.ndim != 1:
        raise ShapeError(
            "rain.columns", f"day {d.shape}, year {y.shape}, depth {p.shape} must be equal columns."
        )
    if (np.diff(d) <= 0).any():
        raise RangeError(
            "rain.days", "day numbers must rise; sort the record by date and drop repeated days."
        )
    if (p < 0).any():
        raise RangeError(
            "rain.depth", f"depth of day {d[int((p < 0).argmax())]} is negative; mark missing as NaN."
        )
    if duration_days < 1:
        raise RangeError("rain.duration", f"duration is {duration_days} days; expected 1 or more.")
    seen = np.isfinite(p)
    total = np.full(d.size, np.nan)
    if d.size >= duration_days:
        n = duration_days
        sums = np.lib.stride_tricks.sliding_window_view(p, n).sum(axis=1)
        whole = d[n - 1 :] - d[: d.size - n + 1] == n - 1
        total[n - 1 :] = np.where(whole, sums, np.nan)
    years = np.unique(y)
    best = np.full(years.size, -np.inf)
    at = np.searchsorted(years, y)
    ok = np.isfinite(total)
    np.maximum.at(best, at[ok], total[ok])
    count = np.bincount(at[seen], minlength=years.size)
    keep = np.isfinite(best)
    return years[keep], best[keep], count[keep].astype(np.int64)


def sample_l_moments(values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """First two L-moments and the L-skewness of each row (Hosking 1990, unbiased estimators).

    Parameters
    ----------
    values : (..., n)

    Returns
    -------
    l1, l2, t3 : (...)
    """
    x = np.sort(values, axis=-1)
    n = x.shape[-1]
    j = np.arange(n, dtype=np.float64)
    b0 = np.asarray(x.mean(axis=-1))
    b1 = np.asarray((x * (j / (n - 1))).mean(axis=-1))
    b2 = np.asarray((x * (j * (j - 1) / ((n - 1) * (n - 2)))).mean(axis=-1))
    l2 = 2 * b1 - b0
    l3 = 6 * b2 - 6 * b1 + b0
    t3 = np.divide(l3, l2, out=np.zeros_like(l2), where=l2 > 0)  # all values equal: no skewness
    return b0, l2, t3


def gev_from_l_moments(l1: ArrayLike, l2: ArrayLike, shape: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Location and scale of the GEV that has L-moments ``l1``, ``l2`` and the given shape xi (Hosking
    1990).
    """
    xi = np.asarray(shape, dtype=np.float64)
    k = -np.where(np.abs(xi) < 1e-6, 1e-6, xi)  # the Gumbel limit, to about 1e-6
    g = gamma(1.0 + k)
    scale = np.asarray(l2) * k / (g * (1.0 - 2.0**-k))
    return np.asarray(l1 - scale * (1.0 - g) / k, dtype=np.float64), np.asarray(scale, dtype=np.float64)


def gev_quantile(
    location: ArrayLike, scale: ArrayLike, shape: ArrayLike, return_period: ArrayLike
) -> FloatArray:
    """Level exceeded once in ``return_period`` years on average by the yearly maximum (broadcasts)."""
    reduced = -np.log(-np.log1p(-1.0 / np.asarray(return_period, dtype=np.float64)))
    xi = np.asarray(shape, dtype=np.float64)
    small = np.abs(xi) < 1e-9
    safe = np.where(small, 1.0, xi)
    growth = np.where(small, reduced, np.expm1(safe * reduced) / safe)
    return np.asarray(np.asarray(location) + np.asarray(scale) * growth, dtype=np.float64)


def gev_return_period(location: float, scale: float, shape: float, level: ArrayLike) -> FloatArray:
    """Return period in years of a level: 1 where never reached, infinite above an upper bound."""
    z = (np.asarray(level, dtype=np.float64) - location) / scale
    if abs(shape) < 1e-9:
        minus_log_cdf = np.exp(-z)
    else:
        inside = 1.0 + shape * z
        edge = np.inf if shape > 0 else 0.0  # below the lower, or above the upper end
        with np.errstate(divide="ignore", over="ignore"):
            minus_log_cdf = np.where(inside > 0, np.maximum(inside, 1e-300) ** (-1.0 / shape), edge)
    exceed = -np.expm1(-minus_log_cdf)
    with np.errstate(divide="ignore"):
        return np.asarray(1.0 / exceed, dtype=np.float64)


@dataclass(frozen=True)
class GevFit:
    """A fitted GEV of yearly maximum rain over ``duration_days`` days, in mm.

    ``shape`` is xi, positive for a heavy tail. ``l1`` and ``l2`` are the sample's L-moments, kept so that the
    same record can be read with another shape.

    Examples
    --------
    >>> round(float(GevFit(2, 40.5, 9.4, 0.0, 104, 46.0, 6.5).quantile(100)), 1)
    83.7
    """

    duration_days: int
    location: float
    scale: float
    shape: float
    years: int
    l1: float
    l2: float

    def quantile(self, return_period: ArrayLike) -> FloatArray:
        """Depth in mm at return periods in years (same shape)."""
        return gev_quantile(self.location, self.scale, self.shape, return_period)

    def return_period(self, depth_mm: ArrayLike) -> FloatArray:
        """Return period in years of depths in mm (same shape)."""
        return gev_return_period(self.location, self.scale, self.shape, depth_mm)

    def with_shape(self, shape: float) -> GevFit:
        """The fit with its shape set to ``shape`` and the same mean and L-scale; NaN keeps the fit."""
        if np.isnan(shape) or shape == self.shape:
            return self
        if not abs(shape) <= _SHAPE_LIMIT:
            raise RangeError("rain.shape", f"shape {shape:g} is outside -{_SHAPE_LIMIT} to {_SHAPE_LIMIT}.")
        location, scale = gev_from_l_moments(self.l1, self.l2, shape)
        return GevFit(self.duration_days, float(location), float(scale), shape, self.years, self.l1, self.l2)


def fit_gev(maxima: ArrayLike, duration_days: int) -> GevFit:
    """GEV of yearly maxima by L-moments.

    Raises
    ------
    MissingValueError, RangeError
        A NaN; fewer than 20 years; all values equal.
    """
    x = np.asarray(maxima, dtype=np.float64)
    if np.isnan(x).any():
        raise MissingValueError(
            "rain.maxima", f"{int(np.isnan(x).sum())} yearly maxima are NaN; leave the years out."
        )
    if x.ndim != 1 or x.size < MIN_YEARS:
        raise RangeError(
            "rain.years",
            f"{x.size} years of {duration_days}-day maxima; at least {MIN_YEARS} are needed to fit three "
            f"numbers. "
            "Give a longer record, or a published return-level table.",
        )
    l1, l2, t3 = sample_l_moments(x)
    if not l2 > 0:
        raise RangeError("rain.maxima", f"all {x.size} yearly maxima equal {x[0]:g} mm; check the record.")
    shape = _shape(t3)
    location, scale = gev_from_l_moments(l1, l2, shape)
    return GevFit(duration_days, float(location), float(scale), float(shape), x.size, float(l1), float(l2))


def _shape(t3: ArrayLike) -> FloatArray:
    """xi whose GEV has L-skewness ``t3`` (clipped to the shapes that can be fitted)."""
    return np.asarray(-np.interp(np.asarray(t3, dtype=np.float64), _T3[::-1], _K[::-1]), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class ReturnLevels:
    """Return levels with their bootstrap interval: all arrays (return period,), mm."""

    duration_days: int
    return_period: FloatArray
    depth: FloatArray
    low: FloatArray
    high: FloatArray
    confidence: float


def return_levels(
    maxima: ArrayLike,
    duration_days: int,
    return_periods: ArrayLike,
    rng: np.random.Generator,
    resamples: int = 2000,
    confidence: float = 0.90,
) -> ReturnLevels:
    """Return levels of the fit, with percentile intervals from resampling years with replacement."""
    fit = fit_gev(maxima, duration_days)
    t = np.atleast_1d(np.asarray(return_periods, dtype=np.float64))
    x = np.asarray(maxima, dtype=np.float64)
    l1, l2, t3 = sample_l_moments(x[rng.integers(0, x.size, (resamples, x.size))])
    shape = _shape(t3)
    location, scale = gev_from_l_moments(l1, l2, shape)
    levels = gev_quantile(location[:, None], scale[:, None], shape[:, None], t)
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(levels, [tail, 1.0 - tail], axis=0)
    return ReturnLevels(duration_days, t, fit.quantile(t), low, high, confidence)


@dataclass(frozen=True)
class RainFits:
    """GEV fits of one region's rain, by duration in days."""

    by_duration: Mapping[int, GevFit]

    def fit(self, duration_days: float, shape: float = float("nan")) -> GevFit:
        """The fit for a duration; with ``shape`` given, at that shape.

        Raises
        ------
        RangeError
            No maxima were given for that duration.
        """
        at = round(duration_days)
        if at != duration_days or at not in self.by_duration:
            raise RangeError(
                "rain.duration",
                f"no rain maxima over {duration_days:g} days; given: {sorted(self.by_duration)}. "
                "Add them to the rain_maxima table, or choose one of these.",
            )
        return self.by_duration[at].with_shape(shape)

    @classmethod
    def from_maxima(
        cls,
        duration_days: ArrayLike,
        depth: ArrayLike,
        days_observed: ArrayLike,
        min_days: int = MIN_DAYS_OBSERVED,
    ) -> RainFits:
        """From the rows of a table of yearly maxima; years with fewer than ``min_days`` days are left out."""
        n, p = np.asarray(duration_days, dtype=np.int64), np.asarray(depth, dtype=np.float64)
        ok = np.asarray(days_observed, dtype=np.float64) >= min_days
        if not n.shape == p.shape == ok.shape:
            raise ShapeError(
                "rain.columns", f"duration {n.shape}, depth {p.shape}, days {ok.shape} must fit."
            )
        return cls({int(d): fit_gev(p[ok & (n == d)], int(d)) for d in np.unique(n)})

    @classmethod
    def from_table(cls, rain_maxima: Mapping[str, Any], station: str = "") -> RainFits:
        """From a harmonised ``rain_maxima`` table. With more than one station, ``station`` must name one.

        Stations are not pooled: their yearly maxima come from the same storms.
        """
        name = np.asarray(rain_maxima["station"]).astype(str)
        stations = sorted(set(name.tolist()))
        if station not in stations and (station or len(stations) != 1):
            raise RangeError(
                "rain.station",
                f"station {station!r} among {', '.join(stations) or 'none'}; name one of them.",
            )
        use = name == (station or stations[0])
        columns = [
            np.asarray(rain_maxima[c], dtype=np.float64)[use]
            for c in ("duration_days", "depth", "days_observed")
        ]
        return cls.from_maxima(*columns)
