"""Event sets: which places an event reaches, how hard, and how often the event comes.

An event is one joint, region-wide episode with one annual rate. Its hits (place, intensity) are kept
sparse, in compressed rows: the hits of event ``e`` are ``start[e]:start[e + 1]``, sorted by place.
A place without a hit has no loss, whatever a curve says at intensity zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

FloatArray = NDArray[np.float64]
Float32Array = NDArray[np.float32]
IntArray = NDArray[np.int64]
PlaceArray = NDArray[np.uint32]
Reading = Literal["poisson", "annual-maxima"]
READINGS: tuple[Reading, ...] = ("poisson", "annual-maxima")

_RATE_SLACK = 1e-9


@dataclass(frozen=True, eq=False)
class EventTable:
    """One row an event, without its hits.

    Parameters
    ----------
    id : (event,) names, each used once
    rate_per_year : (event,), 1/year
        Mean occurrences a year: neither a return period nor a probability.
    hazard : (event,) such as ``flood``, ``storm``, ``heat``
    origin : (event,) where the event starts or who causes it: a basin, a member, ``weather``
    scenario : (event,) climate or planning scenario; rates of two scenarios are never added
    units : hazard -> unit of its intensity, such as ``{"flood": "m"}``
    reading : ``poisson`` (events come independently, several a year) or ``annual-maxima``
        (each event is the worst of one possible year; the rates of a hazard in a scenario sum to 1 at most)

    Raises
    ------
    ShapeError, MissingValueError, RangeError
        Columns of different length; a rate that is NaN; a negative rate, a name used twice, a hazard with
        no unit, or annual maxima whose rates sum to more than one a year.
    """

    id: Sequence[str]
    rate_per_year: ArrayLike
    hazard: Sequence[str]
    origin: Sequence[str]
    scenario: Sequence[str]
    units: Mapping[str, str]
    reading: Reading = "poisson"
    _hazards: tuple[str, ...] = field(init=False, repr=False, default=())
    _scenarios: tuple[str, ...] = field(init=False, repr=False, default=())

    def __post_init__(self) -> None:
        rate = np.ascontiguousarray(self.rate_per_year, dtype=np.float64)
        rate.setflags(write=False)
        put = object.__setattr__
        put(self, "rate_per_year", rate)
        put(self, "units", dict(self.units))
        for name in ("id", "hazard", "origin", "scenario"):
            put(self, name, tuple(str(v) for v in getattr(self, name)))
            if rate.ndim != 1 or len(getattr(self, name)) != rate.size:
                raise ShapeError(
                    "risk.events",
                    f"column '{name}' has {len(getattr(self, name))} rows and rate_per_year has shape "
                    f"{rate.shape}; each event needs one of both.",
                )
        put(self, "_hazards", tuple(sorted(set(self.hazard))))
        put(self, "_scenarios", tuple(sorted(set(self.scenario))))
        self._check()

    def _check(self) -> None:
        rate = self.rate
        if len(set(self.id)) != rate.size:
            twice = next(i for i, n in Counter(self.id).items() if n > 1)
            raise RangeError("risk.event-id", f"event id {twice!r} is used twice; each event needs its own.")
        if np.isnan(rate).any():
            raise MissingValueError(
                "risk.event-rate", f"rate_per_year of event {self.id[int(np.isnan(rate).argmax())]!r} is NaN."
            )
        wrong = ~(np.isfinite(rate) & (rate >= 0))
        if wrong.any():
            at = int(wrong.argmax())
            raise RangeError(
                "risk.event-rate",
                f"rate_per_year of event {self.id[at]!r} is {rate[at]:g}; expected a number, 0 or more.",
            )
        missing = [h for h in self._hazards if not str(self.units.get(h, "")).strip()]
        if missing:
            raise RangeError(
                "risk.event-unit",
                f"no unit of intensity for hazard {', '.join(missing)}; give units such as {{'flood': 'm'}}.",
            )
        if self.reading not in READINGS:
            raise RangeError("risk.event-reading", f"reading {self.reading!r}; expected one of {READINGS}.")
        if self.reading == "annual-maxima":
            self._check_annual_maxima()

    def _check_annual_maxima(self) -> None:
        group = self.hazard_index * len(self._scenarios) + self.scenario_index
        total = np.bincount(group, weights=self.rate)
        if total.size and total.max() > 1 + _RATE_SLACK:
            at = int(total.argmax())
            hazard, scenario = divmod(at, len(self._scenarios))
            raise RangeError(
                "risk.event-rate-sum",
                f"the rates of hazard {self._hazards[hazard]!r} in scenario {self._scenarios[scenario]!r} "
                f"sum to {total[at]:g} a year, but annual maxima can sum to 1 at most. Declare the set "
                "'poisson', or divide the rates.",
            )

    def __len__(self) -> int:
        return len(self.id)

    @property
    def rate(self) -> FloatArray:
        """(event,) rates, 1/year."""
        return np.asarray(self.rate_per_year, dtype=np.float64)

    @property
    def hazards(self) -> tuple[str, ...]:
        """The hazards present, sorted."""
        return self._hazards

    @property
    def scenarios(self) -> tuple[str, ...]:
        """The scenarios present, sorted."""
        return self._scenarios

    @property
    def hazard_index(self) -> IntArray:
        """(event,) place of each event's hazard in ``hazards``."""
        return _index(self.hazard, self._hazards)

    @property
    def scenario_index(self) -> IntArray:
        """(event,) place of each event's scenario in ``scenarios``."""
        return _index(self.scenario, self._scenarios)

    def select(self, scenario: str) -> NDArray[np.bool_]:
        """(event,) mask of the events of one scenario. Raises RangeError for a name not present."""
        if scenario not in self._scenarios:
            raise RangeError(
                "risk.scenario", f"no event of scenario {scenario!r}; there are {self._scenarios}"
            )
        return np.asarray(self.scenario_index == self._scenarios.index(scenario))


def _index(values: Sequence[str], names: Sequence[str]) -> IntArray:
    at = {n: i for i, n in enumerate(names)}
    return np.fromiter((at[v] for v in values), dtype=np.int64, count=len(values))


@dataclass(frozen=True, eq=False)
class EventChunk:
    """Hits of consecutive events, or of a part of one.

    ``start`` (events in the chunk + 1,) counts from 0 inside the chunk. The first and the last event may go
    on in the neighbouring chunks, so a reduction must add to what is there and never overwrite.
    """

    first_event: int
    start: IntArray
    place: PlaceArray
    intensity: Float32Array

    def __len__(self) -> int:
        return int(self.place.size)

    @property
    def event_count(self) -> int:
        """Number of events of which the chunk has hits (or that have none)."""
        return int(self.start.size - 1)


@runtime_checkable
class EventSource(Protocol):
    """What the loss engine reads: an event table, and the hits in chunks of bounded size."""

    @property
    def events(self) -> EventTable:
        """The event table."""
        ...

    @property
    def place_count(self) -> int:
        """Number of places; hits name places from 0 to place_count - 1."""
        ...

    def chunks(self, max_hits: int) -> Iterator[EventChunk]:
        """All hits in event order, at most ``max_hits`` at a time."""
        ...


@dataclass(frozen=True, eq=False)
class EventSet:
    """An event set in memory.

    Parameters
    ----------
    events : EventTable
    place_count : number of places
    start : (event + 1,) int64, where each event's hits begin
    place : (hit,) uint32, rising within an event, each place once
    intensity : (hit,) float32, in the unit of the event's hazard

    Raises
    ------
    ShapeError, MissingValueError, RangeError
        Arrays that don't fit; NaN intensity; infinite intensity, a place outside, a place twice in an event.

    Examples
    --------
    >>> events = EventTable(["small", "big"], [0.1, 0.01], ["flood"] * 2, ["Geul"] * 2, ["today"] * 2,
    ...                     {"flood": "m"})
    >>> EventSet.from_dense(events, [[0.2, 0.0], [1.5, 0.7]]).place
    array([0, 0, 1], dtype=uint32)
    """

    events: EventTable
    place_count: int
    start: IntArray
    place: PlaceArray
    intensity: Float32Array

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "start", np.ascontiguousarray(self.start, dtype=np.int64))
        raw = np.asarray(self.place)
        if raw.size and raw.dtype != np.uint32 and (raw.min() < 0 or raw.max() >= self.place_count):
            raise RangeError("risk.hit-place", f"places {raw.min()} to {raw.max()} of {self.place_count}.")
        put(self, "place", np.ascontiguousarray(raw, dtype=np.uint32))
        put(self, "intensity", np.ascontiguousarray(self.intensity, dtype=np.float32))
        check_hits(self.start, self.place, self.intensity, len(self.events), self.place_count, self.events.id)
        for name in ("start", "place", "intensity"):
            getattr(self, name).setflags(write=False)

    @property
    def hit_count(self) -> int:
        """Number of hits in all events."""
        return int(self.place.size)

    def chunks(self, max_hits: int) -> Iterator[EventChunk]:
        """Views of the hits, whole events and at most ``max_hits`` at a time; a larger event is split."""
        if max_hits < 1:
            raise RangeError("risk.chunk", f"max_hits is {max_hits}; expected 1 or more.")
        total, at, event = self.hit_count, 0, 0
        while True:
            stop = min(at + max_hits, total)
            whole = int(self.start[int(np.searchsorted(self.start, stop, "right")) - 1])
            stop = whole if whole > at else stop
            # the events that begin before ``stop``; at the very end also those without hits
            last = len(self.events) if stop == total else int(np.searchsorted(self.start[:-1], stop, "left"))
            start = np.clip(self.start[event : last + 1], at, stop) - at
            yield EventChunk(event, start, self.place[at:stop], self.intensity[at:stop])
            if stop == total:
                return
            at = stop
            event = int(np.searchsorted(self.start, at, "right")) - 1

    @classmethod
    def from_dense(cls, events: EventTable, intensity: ArrayLike) -> EventSet:
        """From an (event, place) array; zeros are left out, NaN is refused."""
        dense = np.asarray(intensity, dtype=np.float32)
        if dense.ndim != 2 or dense.shape[0] != len(events):
            raise ShapeError(
                "risk.hits", f"intensity has shape {dense.shape}; expected ({len(events)}, number of places)."
            )
        event, place = np.nonzero(dense)
        start = np.searchsorted(event, np.arange(len(events) + 1))
        return cls(events, dense.shape[1], start, place.astype(np.uint32), dense[event, place])

    @classmethod
    def from_coo(
        cls, events: EventTable, event: ArrayLike, place: ArrayLike, intensity: ArrayLike, place_count: int
    ) -> EventSet:
        """From (hit,) arrays of event number, place number and intensity, in any order."""
        e, p = np.asarray(event), np.asarray(place)
        value = np.asarray(intensity, dtype=np.float32)
        if not e.shape == p.shape == value.shape or e.ndim != 1:
            raise ShapeError(
                "risk.hits",
                f"event, place and intensity have shapes {e.shape}, {p.shape}, {value.shape}; expected three "
                "equal one-dimensional arrays.",
            )
        if e.size and (e.min() < 0 or e.max() >= len(events)):
            raise RangeError("risk.hit-event", f"events {e.min()} to {e.max()} of {len(events)}.")
        if p.size and (p.min() < 0 or p.max() >= place_count):
            raise RangeError("risk.hit-place", f"places {p.min()} to {p.max()} of {place_count}.")
        order = np.lexsort((p, e))
        start = np.zeros(len(events) + 1, dtype=np.int64)
        np.cumsum(np.bincount(e.astype(np.int64), minlength=len(events)), out=start[1:])
        return cls(events, place_count, start, p[order].astype(np.uint32), value[order])


def check_hits(
    start: IntArray,
    place: PlaceArray,
    intensity: Float32Array,
    event_count: int,
    place_count: int,
    names: Sequence[str],
) -> None:
    """Refuse hits that don't fit: shapes, order, places outside, NaN or infinite intensities."""
    if start.shape != (event_count + 1,) or place.ndim != 1 or place.shape != intensity.shape:
        raise ShapeError(
            "risk.hits",
            f"start {start.shape}, place {place.shape}, intensity {intensity.shape}; expected "
            f"({event_count + 1},) and two equal one-dimensional arrays.",
        )
    if start[0] != 0 or start[-1] != place.size or (np.diff(start) < 0).any():
        raise ShapeError("risk.hits", f"start must rise from 0 to the number of hits ({place.size}).")
    if not place.size:
        return

    def event_of(hit: int) -> str:
        return names[int(np.searchsorted(start, hit, "right")) - 1]

    if int(place.max()) >= place_count:
        at = int(place.argmax())
        raise RangeError(
            "risk.hit-place",
            f"event {event_of(at)!r} hits place {place[at]}; there are {place_count} places, counted from 0.",
        )
    # one pass: the minimum is NaN or -inf, the maximum NaN or inf, if any value is
    if not (np.isfinite(intensity.min()) and np.isfinite(intensity.max())):
        at = int((~np.isfinite(intensity)).argmax())
        kind = MissingValueError if np.isnan(intensity[at]) else RangeError
        raise kind(
            "risk.hit-intensity",
            f"intensity of event {event_of(at)!r} at place {place[at]} is {intensity[at]}; leave the hit out "
            "if the place is not reached.",
        )
    falls = place[1:] <= place[:-1]
    begins = start[1:-1]
    falls[begins[(begins > 0) & (begins < place.size)] - 1] = False
    if falls.any():
        at = int(falls.argmax()) + 1
        raise RangeError(
            "risk.hit-order",
            f"event {event_of(at)!r}: place {place[at]} follows {place[at - 1]}; places must rise and come "
            "once. EventSet.from_coo sorts.",
        )
