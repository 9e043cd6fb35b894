"""Years of losses by member, drawn event by event from one or several catalogues.

All members see the same events, so their losses of a year go together as the events make them go; hazards
(floods, windstorm) are independent of each other. Read as *Poisson*, each event of rate r happens a Poisson
number of times with mean r in a year, independently of all others; read as *annual maxima*, a hazard has one
event a year or none. Columns of a loss table may be members, or members times layers: a column is summed
like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bothbanks.analysis.risk.eventset import READINGS, Reading
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MEMORY_BYTES = 1 << 28
"""Most memory that the events in work take, beside the yearly sums themselves."""
_EVENT_BYTES = 40
"""An event drawn: its random number, its index in two widths, its count and a spare."""
MOST_EVENTS = 1 << 31


@dataclass(frozen=True, eq=False)
class Peril:
    """One hazard's catalogue: ``loss`` (event, column) in money, ``rate`` (event,) in 1/year.

    Raises
    ------
    ShapeError, MissingValueError, RangeError
        Events of the two disagree; NaN; a negative or infinite number; rates of annual maxima above 1.
    """

    name: str
    loss: FloatArray
    rate: FloatArray
    reading: Reading = "poisson"

    def __post_init__(self) -> None:
        loss, rate = np.asarray(self.loss, dtype=np.float64), np.asarray(self.rate, dtype=np.float64)
        if loss.ndim != 2 or rate.shape != loss.shape[:1]:
            raise ShapeError(
                "reserve.peril",
                f"{self.name}: loss has shape {loss.shape}, rate {rate.shape}; expected (event, column) and "
                "(event,) of the same events.",
            )
        for what, array in (("loss", loss), ("rate", rate)):
            if np.isnan(array).any():
                raise MissingValueError("reserve.peril", f"{self.name}: a {what} is NaN; give 0 for none.")
            if array.size and (array.min() < 0 or np.isinf(array).any()):
                raise RangeError(
                    "reserve.peril",
                    f"{self.name}: {what} of {array.min():g} to {array.max():g}; expected finite, 0 or more.",
                )
        if self.reading not in READINGS:
            raise RangeError(
                "reserve.reading", f"{self.name}: reading {self.reading!r}; expected one of {READINGS}."
            )
        if self.reading == "annual-maxima" and rate.sum() > 1 + 1e-9:
            raise RangeError(
                "reserve.reading",
                f"{self.name}: rates of annual maxima sum to {rate.sum():g}; 1 a year at most. Read them as "
                "Poisson events instead.",
            )
        object.__setattr__(self, "loss", loss)
        object.__setattr__(self, "rate", rate)

    @property
    def expected(self) -> FloatArray:
        """(column,) expected loss of a year: sum of rate times loss, whatever the reading."""
        return np.asarray(self.rate @ self.loss)


@dataclass(frozen=True, eq=False)
class Occurrences:
    """What happened in each year: events ``event[start[y]:start[y + 1]]`` in year y."""

    start: IntArray  # (year + 1,)
    event: IntArray  # (occurrence,)

    @property
    def years(self) -> int:
        """How many years."""
        return self.start.size - 1

    def sums(self, loss: FloatArray) -> FloatArray:
        """(year, column) sums of ``loss`` (event, column) over what happened."""
        from scipy.sparse import csr_array

        ones = np.ones(self.event.size)
        happened = csr_array((ones, self.event, self.start), shape=(self.years, loss.shape[0]))
        return np.asarray(happened @ loss)


def occurrences(
    peril: Peril, years: int, rng: np.random.Generator, memory_bytes: int = MEMORY_BYTES
) -> Iterator[Occurrences]:
    """What happens in ``years`` years, in runs of years that keep to the memory limit.

    The total of independent Poisson counts is Poisson, and given the total each occurrence is one of the
    events with chance rate over sum of rates (J. F. C. Kingman, Poisson Processes, 1993): so one count a year
    is drawn, then an event for each. What is drawn does not depend on the limit.

    Raises
    ------
    RangeError
        No year, or more events than can be counted.
    """
    if years < 1:
        raise RangeError("reserve.years", f"{years} years asked for; expected 1 or more.")
    cumulated = np.cumsum(peril.rate)
    total = float(cumulated[-1]) if cumulated.size else 0.0
    if peril.reading == "annual-maxima":
        count = (rng.random(years) < total).astype(np.int64)
    else:
        if total * years > MOST_EVENTS:
            raise RangeError(
                "reserve.events",
                f"{peril.name}: {total:g} events a year in {years} years; at most {MOST_EVENTS:g} in all. "
                "Draw fewer years, or leave out events of every day.",
            )
        count = rng.poisson(total, years)
    ends = np.cumsum(count)
    room = max(1, memory_bytes // _EVENT_BYTES)
    first = done = 0
    while first < years:
        last = max(first + 1, int(np.searchsorted(ends, done + room, side="right")))
        chosen = rng.random(int(ends[last - 1]) - done) * total
        event = np.minimum(np.searchsorted(cumulated, chosen, side="right"), max(peril.rate.size - 1, 0))
        start = np.concatenate([[0], ends[first:last] - done])
        yield Occurrences(start, event)
        first, done = last, int(ends[last - 1])


def annual_losses(
    perils: Sequence[Peril], years: int, rng: np.random.Generator, memory_bytes: int = MEMORY_BYTES
) -> FloatArray:
    """(year, column) losses of simulated years, all columns from the same events, perils independent.

    Parameters
    ----------
    perils : catalogues with the same columns
    years : how many years to draw
    rng : a seeded generator; the answer does not depend on the memory limit
    memory_bytes : most that the drawn events take at a time; the result takes 8 bytes a number besides

    Raises
    ------
    ShapeError, RangeError
        No peril, columns that differ; no year.

    Examples
    --------
    One flood every other year on average, that costs left 3 and right 1:

    >>> flood = Peril("flood", np.array([[3.0, 1.0]]), np.array([0.5]))
    >>> lost = annual_losses([flood], 1000, np.random.default_rng(1))
    >>> lost.shape, bool((lost[:, 0] == 3 * lost[:, 1]).all())
    ((1000, 2), True)
    """
    widths = {p.loss.shape[1] for p in perils}
    if len(widths) != 1:
        raise ShapeError(
            "reserve.perils",
            f"{len(perils)} catalogues with {sorted(widths)} columns; expected at least one, all the same.",
        )
    out = np.zeros((years, widths.pop()))
    for peril, own in zip(perils, rng.spawn(len(perils)), strict=True):
        at = 0
        for part in occurrences(peril, years, own, memory_bytes):
            out[at : at + part.years] += part.sums(peril.loss)
            at += part.years
    return out


def from_counts(counts: ArrayLike, loss: ArrayLike) -> FloatArray:
    """(year, column) losses when event e happens ``counts[y, e]`` times in year y.

    >>> from_counts([[1, 0], [2, 1]], [[3.0, 1.0], [10.0, 0.0]])
    array([[ 3.,  1.],
           [16.,  2.]])
    """
    number, losses = np.asarray(counts), np.asarray(loss, dtype=np.float64)
    if number.ndim != 2 or losses.ndim != 2 or number.shape[1] != losses.shape[0]:
        raise ShapeError(
            "reserve.counts", f"counts {number.shape} and loss {losses.shape} must agree on the events."
        )
    if number.dtype.kind not in "iu" or (number < 0).any():
        raise RangeError("reserve.counts", "counts must be whole numbers of 0 or more.")
    year, event = np.nonzero(number)
    times = number[year, event]
    start = np.concatenate([[0], np.cumsum(np.bincount(year, times, number.shape[0]))]).astype(np.int64)
    return Occurrences(start, np.repeat(event, times)).sums(losses)
