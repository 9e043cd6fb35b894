"""What event losses say: annual damage, loss exceedance, value at risk, return periods, who is hurt by whom.

A rate (1/year), a probability (of a year) and a return period are three things. With *Poisson* events the
yearly maximum exceeds x with probability ``1 - exp(-rate(x))``; with *annual maxima* an event is one year's
worst, so the probability is ``rate(x)`` itself, and hazards are independent. Their gap grows as rate squared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bothbanks.analysis.risk.eventset import READINGS, EventTable, Reading
from bothbanks.analysis.risk.losses import LossTable
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def expected_annual_damage(loss: ArrayLike, rate_per_year: ArrayLike) -> FloatArray:
    """Expected annual damage: sum of rate times loss.

    ``loss`` is (event,) or (event, key) in money, ``rate_per_year`` (event,); the result has the shape of one
    event's loss, in money a year. Raises ShapeError, MissingValueError or RangeError.

    >>> expected_annual_damage([[1e3, 0.0], [5e4, 2e4]], [0.1, 0.01])
    array([600., 200.])
    """
    losses, rate = _checked(loss, rate_per_year)
    return np.asarray(np.tensordot(rate, losses, axes=1))


@dataclass(frozen=True, eq=False)
class ExceedanceCurve:
    """Chance of a year in which a loss is reached: ``loss`` (point,) falls, ``probability`` rises."""

    loss: FloatArray
    probability: FloatArray

    def loss_at(self, return_period_years: ArrayLike) -> FloatArray:
        """Largest loss reached with probability 1/T or more in a year; 0 where none is.

        The curve is a step: no loss is invented between events or beyond the largest.
        """
        period = np.asarray(return_period_years, dtype=np.float64)
        if not (period >= 1).all():
            raise RangeError("risk.return-period", f"return periods {period}; expected 1 year or more.")
        # rounding of 1/T must not push a curve point of the very same probability out of reach
        at = np.searchsorted(self.probability, 1.0 / period * (1 - 1e-12), side="left")
        padded = np.append(self.loss, 0.0)
        found = padded[np.minimum(at, self.loss.size)]
        return np.asarray(found, dtype=np.float64)


def occurrence_curve(
    loss: ArrayLike, rate_per_year: ArrayLike, reading: Reading = "poisson", hazard: ArrayLike | None = None
) -> ExceedanceCurve:
    """Exceedance curve of the largest event of a year.

    ``loss`` and ``rate_per_year`` are (event,). ``hazard`` (event,) numbers the hazards; under annual maxima
    each hazard has its own yearly worst and hazards are independent (by default all are one hazard).
    """
    losses, rate = _checked(loss, rate_per_year)
    _one_column(losses)
    _check_reading(reading)
    group = np.zeros(rate.size, dtype=np.int64) if hazard is None else np.asarray(hazard, dtype=np.int64)
    order = np.argsort(-losses, kind="stable")
    falling, rate, group = losses[order], rate[order], group[order]
    by_hazard = np.zeros((rate.size, int(group.max(initial=0)) + 1))
    by_hazard[np.arange(rate.size), group] = rate
    cumulated = np.cumsum(by_hazard, axis=0)
    last = np.append(np.diff(falling) != 0, True)[: falling.size]
    none = np.exp(-cumulated) if reading == "poisson" else 1.0 - np.minimum(cumulated, 1.0)
    keep = last & (falling > 0)
    return ExceedanceCurve(falling[keep], 1.0 - none.prod(axis=1)[keep])


@dataclass(frozen=True, eq=False)
class ReadingGap:
    """The same events read both ways: losses (period,) at each return period, and the largest gap."""

    return_period_years: FloatArray
    poisson: FloatArray
    annual_maxima: FloatArray
    largest_probability_gap: float
    """Largest difference of the two exceedance probabilities over the whole curve."""

    @property
    def relative(self) -> FloatArray:
        """(period,) annual-maxima loss over Poisson loss, less 1; 0 where both are 0."""
        base = np.where(self.poisson > 0, self.poisson, 1.0)
        return np.asarray(np.where(self.poisson > 0, self.annual_maxima / base - 1.0, 0.0))


def reading_gap(
    loss: ArrayLike, rate_per_year: ArrayLike, return_period_years: Sequence[float]
) -> ReadingGap:
    """How far the reading of the rates (Poisson or annual maxima) moves the exceedance curve.

    The gap at a point of rate r is ``r - (1 - exp(-r))``, at most r squared / 2: nothing for rare events, and
    large for those of every few years. RangeError when the rates sum to more than 1: annual maxima can't.
    """
    losses, rate = _checked(loss, rate_per_year)
    if rate.sum() > 1 + 1e-9:
        raise RangeError(
            "risk.event-rate-sum", f"rates sum to {rate.sum():g} a year; annual maxima can sum to 1 at most."
        )
    poisson, maxima = (occurrence_curve(losses, rate, reading) for reading in READINGS)
    period = np.asarray(return_period_years, dtype=np.float64)
    gap = float(np.abs(maxima.probability - poisson.probability).max(initial=0.0))
    return ReadingGap(period, poisson.loss_at(period), maxima.loss_at(period), gap)


def return_period_table(
    loss: ArrayLike,
    rate_per_year: ArrayLike,
    return_period_years: Sequence[float],
    reading: Reading = "poisson",
) -> FloatArray:
    """(period, key) loss of the yearly worst at each return period, each key on its own curve.

    Keys do not add up: the 100-year loss of two members is not the sum of each one's.
    """
    losses, rate = _checked(loss, rate_per_year)
    columns = losses.reshape(losses.shape[0], -1).T
    curves = [occurrence_curve(column, rate, reading) for column in columns]
    return np.stack([c.loss_at(return_period_years) for c in curves], axis=1)


@dataclass(frozen=True, eq=False)
class AnnualDistribution:
    """Distribution of the sum of a year's losses: ``probability`` (point,) at rising ``loss`` (point,)."""

    loss: FloatArray
    probability: FloatArray
    step: float
    """Width of the grid; quantiles are good to about one step."""

    @property
    def mean(self) -> float:
        """Expected annual damage."""
        return float(self.loss @ self.probability)

    def exceedance(self) -> ExceedanceCurve:
        """Aggregate exceedance curve, down to a probability of 1e-9."""
        chance = np.cumsum(self.probability[::-1])
        keep = (self.loss[::-1] > 0) & (chance > 1e-9)
        return ExceedanceCurve(self.loss[::-1][keep], chance[keep])

    def value_at_risk(self, level: float) -> float:
        """Smallest loss not exceeded with probability ``level``."""
        return value_at_risk(self.loss, level, self.probability)

    def tail_value_at_risk(self, level: float) -> float:
        """Mean loss of the worst ``1 - level`` of years."""
        return tail_value_at_risk(self.loss, level, self.probability)


def aggregate_distribution(
    loss: ArrayLike,
    rate_per_year: ArrayLike,
    reading: Reading = "poisson",
    hazard: ArrayLike | None = None,
    points: int = 1 << 15,
) -> AnnualDistribution:
    """Distribution of the year's total loss, by fast Fourier transform of the generating function.

    Poisson: ``exp(rate (phi - 1))``; annual maxima: the product over hazards of ``1 - rate + rate phi``, with
    phi the transform of one event's loss (the compound distribution by FFT). Losses are set on a grid of
    ``points`` steps, split between neighbours so that the mean is kept; the grid reaches 12 standard
    deviations and three largest losses above the mean, and twice that before it wraps.
    """
    losses, rate = _checked(loss, rate_per_year)
    _one_column(losses)
    _check_reading(reading)
    group = np.zeros(rate.size, dtype=np.int64) if hazard is None else np.asarray(hazard, dtype=np.int64)
    largest = float(losses.max(initial=0.0))
    if largest == 0.0 or rate.sum() == 0.0:
        return AnnualDistribution(np.zeros(1), np.ones(1), 0.0)
    reach = float(rate @ losses) + 12 * float(np.sqrt(rate @ losses**2)) + 3 * largest
    # A loss of a few denormal units would otherwise give a step of nought.
    step = max(reach / (points - 1), float(np.finfo(np.float64).tiny))
    low = np.floor(losses / step).astype(np.int64)
    upper = losses / step - low
    count = int(group.max(initial=0)) + 1
    transform = np.ones(points + 1, dtype=np.complex128)
    for number in range(count):
        part = group == number
        weight = np.concatenate([rate[part] * (1 - upper[part]), rate[part] * upper[part]])
        mass = np.bincount(np.concatenate([low[part], low[part] + 1]), weights=weight, minlength=2 * points)
        spectrum = np.fft.rfft(mass, 2 * points)
        total = rate[part].sum()
        transform *= np.exp(spectrum - total) if reading == "poisson" else 1.0 - total + spectrum
    chance = np.maximum(np.fft.irfft(transform, 2 * points), 0.0)
    chance /= chance.sum()
    end = int(np.flatnonzero(chance > 1e-15).max()) + 1
    grid: FloatArray = np.arange(end, dtype=np.float64) * step
    return AnnualDistribution(grid, chance[:end].astype(np.float64), step)


def simulate_years(
    loss: ArrayLike,
    rate_per_year: ArrayLike,
    years: int,
    rng: np.random.Generator,
    reading: Reading = "poisson",
    hazard: ArrayLike | None = None,
) -> FloatArray:
    """(year,) or (year, key) total losses of simulated years, keys jointly: for what a formula can't give.

    Poisson: independent events, any number a year. Annual maxima: for each hazard one event a year or none.
    """
    losses, rate = _checked(loss, rate_per_year)
    _check_reading(reading)
    total = np.zeros((years, *losses.shape[1:]))
    if not rate.size or rate.sum() == 0:
        return total
    if reading == "poisson":
        count = int(rng.poisson(rate.sum() * years))
        cumulated = np.cumsum(rate)
        event = np.searchsorted(cumulated, rng.random(count) * cumulated[-1], side="right")
        np.add.at(total, rng.integers(0, years, count), losses[np.minimum(event, rate.size - 1)])
        return total
    group = np.zeros(rate.size, dtype=np.int64) if hazard is None else np.asarray(hazard, dtype=np.int64)
    for number in np.unique(group):
        members = np.flatnonzero(group == number)
        at = np.searchsorted(np.cumsum(rate[members]), rng.random(years), side="right")
        happened = at < members.size
        total[happened] += losses[members[at[happened]]]
    return total


def value_at_risk(loss: ArrayLike, level: float, probability: ArrayLike | None = None) -> float:
    """Smallest loss x with P(X <= x) >= level; ``loss`` are equally likely years, or have a probability."""
    value, chance = _distribution(loss, level, probability)
    at = int(np.searchsorted(np.cumsum(chance), level * (1 - 1e-12), side="left"))
    return float(value[min(at, value.size - 1)])


def tail_value_at_risk(loss: ArrayLike, level: float, probability: ArrayLike | None = None) -> float:
    """Mean of the worst ``1 - level`` of the distribution, an atom at the quantile counted in part.

    (Acerbi and Tasche 2002, doi:10.1016/S0378-4266(02)00283-2, definition 2.6.)

    >>> tail_value_at_risk([0.0, 0.0, 10.0, 20.0], 0.5)
    15.0
    """
    value, chance = _distribution(loss, level, probability)
    above = np.clip(np.cumsum(chance) - level, 0.0, chance)
    if above.sum() <= 0:
        return float(value[-1])
    return float(value @ above / above.sum())


@dataclass(frozen=True, eq=False)
class BandRates:
    """Annual rates (map,) that turn return-period maps into an event set; three readings of the bands."""

    lower: FloatArray
    central: FloatArray
    upper: FloatArray


def return_period_rates(
    return_period_years: Sequence[float], no_damage_period_years: float = 1.0
) -> BandRates:
    """Rates of return-period maps from the differences of their exceedance rates 1/T.

    Between two maps the true loss lies between theirs: ``lower`` gives the band to the smaller map, ``upper``
    to the larger, ``central`` halves it (the trapezoidal rule). Events more frequent than
    ``no_damage_period_years`` do no damage. Beyond the rarest map the loss is held at that map in all three:
    the maps do not bound the tail.

    >>> rates = return_period_rates([10, 100], no_damage_period_years=5)
    >>> rates.lower, rates.upper
    (array([0.09, 0.01]), array([0.1, 0.1]))
    """
    period = np.asarray(return_period_years, dtype=np.float64)
    if period.ndim != 1 or not period.size or (np.diff(period) <= 0).any() or not (period > 0).all():
        raise RangeError(
            "risk.return-period", f"return periods {return_period_years}; they must rise from above 0."
        )
    if not 0 < no_damage_period_years <= period[0]:
        raise RangeError(
            "risk.return-period",
            f"no_damage_period_years is {no_damage_period_years:g}; expected above 0 and at most that of the "
            f"first map, {period[0]:g}.",
        )
    rate = 1.0 / period
    lower = rate - np.append(rate[1:], 0.0)
    upper = np.append(1.0 / no_damage_period_years, rate[:-1]) - rate
    upper[-1] += rate[-1]
    return BandRates(lower, (lower + upper) / 2, upper)


@dataclass(frozen=True, eq=False)
class OriginMatrix:
    """Who is hurt by whom: ``annual`` (origin, key), expected annual damage in key from events of origin."""

    origins: tuple[str, ...]
    by: str
    keys: tuple[str, ...]
    annual: FloatArray


def origin_matrix(events: EventTable, table: LossTable, scenario: str | None = None) -> OriginMatrix:
    """Expected annual damage by event origin and key of the loss table, in one scenario.

    Raises RangeError where the set has several scenarios and none is named.
    """
    if scenario is None and len(events.scenarios) > 1:
        raise RangeError("risk.scenario", f"name one of the scenarios {', '.join(events.scenarios)}.")
    chosen = np.ones(len(events), dtype=bool) if scenario is None else events.select(scenario)
    origins = tuple(sorted(set(events.origin)))
    number = {name: i for i, name in enumerate(origins)}
    rates = np.zeros((len(origins), len(events)))
    rates[[number[o] for o in events.origin], np.arange(len(events))] = np.where(chosen, events.rate, 0.0)
    return OriginMatrix(origins, table.by, table.keys, rates @ table.loss)


def _checked(loss: ArrayLike, rate_per_year: ArrayLike) -> tuple[FloatArray, FloatArray]:
    losses, rate = np.asarray(loss, dtype=np.float64), np.asarray(rate_per_year, dtype=np.float64)
    if losses.ndim < 1 or rate.ndim != 1 or losses.shape[0] != rate.size:
        raise ShapeError(
            "risk.loss", f"loss has shape {losses.shape}, rates {rate.shape}; events must agree."
        )
    for name, array in (("loss", losses), ("rate_per_year", rate)):
        if np.isnan(array).any():
            raise MissingValueError(
                "risk.loss", f"{name} of event {int(np.argwhere(np.isnan(array))[0][0])} is NaN."
            )
        if (array < 0).any() or np.isinf(array).any():
            raise RangeError("risk.loss", f"{name} must be finite and 0 or more; found {array.min():g}.")
    return losses, rate


def _one_column(losses: FloatArray) -> None:
    if losses.ndim != 1:
        raise ShapeError("risk.loss", f"loss has shape {losses.shape}; an exceedance curve takes one column.")


def _check_reading(reading: str) -> None:
    if reading not in READINGS:
        raise RangeError("risk.event-reading", f"reading is {reading!r}; expected one of {READINGS}.")


def _distribution(
    loss: ArrayLike, level: float, probability: ArrayLike | None
) -> tuple[FloatArray, FloatArray]:
    value = np.asarray(loss, dtype=np.float64)
    chance = np.full(value.size, 1.0 / max(1, value.size)) if probability is None else np.asarray(probability)
    if value.ndim != 1 or not value.size or value.shape != chance.shape:
        raise ShapeError("risk.distribution", f"loss {value.shape} and probability {chance.shape} must fit.")
    if np.isnan(value).any() or np.isnan(chance).any():
        raise MissingValueError("risk.distribution", "a loss or probability is NaN.")
    if not 0 <= level < 1 or (chance < 0).any() or abs(chance.sum() - 1) > 1e-6:
        raise RangeError(
            "risk.distribution",
            f"level {level:g} must lie in [0, 1), probabilities sum to 1 ({chance.sum():g}).",
        )
    order = np.argsort(value, kind="stable")
    return value[order], np.asarray(chance[order], dtype=np.float64)
