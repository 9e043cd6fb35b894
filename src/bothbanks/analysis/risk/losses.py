"""Losses by event and group, and expected annual damage by anything, in one pass over an event set.

``loss[e, g] = sum over assets a in g of value[a] * curve_a(intensity[e, place_a])``. Values are summed per
place, curve and group first; losses of separate events add, and damage is repaired before the next event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.risk.curves import Curve, CurveTables
from bothbanks.analysis.risk.eventset import EventChunk, EventSet, EventSource, EventTable
from bothbanks.analysis.risk.exposure import Collapsed, Exposure, collapse, used_curves
from bothbanks.analysis.risk.kernels import (
    BLOCK_HITS,
    BLOCKS,
    EventColumns,
    Method,
    add_chunk_numba,
    add_chunk_numpy,
    choose_method,
)
from bothbanks.words.errors import RangeError, UnitError

FloatArray = NDArray[np.float64]

DEFAULT_MEMORY_BYTES = 1 << 30
CHUNK_HIT_BYTES = 64
"""Memory a hit of a chunk may take while it is read and reduced (file buffers, columns, index copies)."""
BLOCK_HIT_BYTES = 128
"""Memory a hit of the numpy way's block takes in temporaries."""
_MIN_HITS = 1 << 12
SMALL_HITS = 1 << 21
"""Below this many hits ``auto`` takes numpy: starting the compiled kernel would take longer than the work."""
CHUNK_FLOOR_BYTES = _MIN_HITS * CHUNK_HIT_BYTES + BLOCK_HITS * BLOCK_HIT_BYTES
_MAX_HITS = 1 << 22


@dataclass(frozen=True, eq=False)
class LossTable:
    """Loss of each event in each group of one column: ``loss`` (event, key), in the unit of the values."""

    by: str
    keys: tuple[str, ...]
    loss: FloatArray

    def of(self, key: str) -> FloatArray:
        """(event,) losses of one key. Raises RangeError for a key that isn't there."""
        if key not in self.keys:
            raise RangeError("risk.key", f"no {self.by} {key!r}; there are {', '.join(self.keys)}.")
        return np.asarray(self.loss[:, self.keys.index(key)])


@dataclass(frozen=True, eq=False)
class EventLosses:
    """The result of a loss run.

    ``tables`` holds an event x key table for each requested column. ``asset_annual`` (scenario, asset) is the
    expected annual damage of each asset in each scenario of the event set; ``expected_annual`` groups it.
    """

    events: EventTable
    exposure: Exposure
    tables: Mapping[str, LossTable]
    asset_annual: FloatArray
    place_count: int

    def table(self, by: str) -> LossTable:
        """The event x key table of a column. Raises RangeError if it was not asked for."""
        if by not in self.tables:
            raise RangeError("risk.table", f"no table by {by!r}; the run made {', '.join(self.tables)}.")
        return self.tables[by]

    def total(self) -> FloatArray:
        """(event,) loss of each event."""
        return np.asarray(next(iter(self.tables.values())).loss.sum(axis=1))

    def expected_annual(self, by: str = "total", scenario: str | None = None) -> dict[str, float]:
        """Expected annual damage by any column of the exposure, by ``place`` or in ``total``.

        Places without an asset are left out. With several scenarios in the set, ``scenario`` must be named.
        """
        column = self.exposure.column(by, self.place_count)
        annual = self.asset_annual[self._scenario(scenario)]
        total = np.bincount(column.codes, weights=annual, minlength=len(column.labels))
        present = np.bincount(column.codes, minlength=len(column.labels)) > 0
        return {k: float(v) for k, v, here in zip(column.labels, total, present, strict=True) if here}

    def _scenario(self, scenario: str | None) -> int:
        names = self.events.scenarios
        if scenario is None and len(names) <= 1:
            return 0
        if scenario not in names:
            raise RangeError("risk.scenario", f"scenario {scenario!r}; name one of {', '.join(names)}.")
        return names.index(scenario)


@dataclass(frozen=True, eq=False)
class LossPlan:
    """All that a reduction needs beside the hits; can be sent to another process.

    Raises RangeError when the tables alone exceed the memory limit.
    """

    cells: Collapsed
    curves: CurveTables
    columns: EventColumns
    method: str
    event_count: int

    @property
    def copies(self) -> int:
        """How many sets of annual sums the method keeps, so that threads don't share one."""
        return BLOCKS if self.method == "numba" else 1

    @property
    def fixed_bytes(self) -> int:
        """Memory that does not depend on the number of hits."""
        annual = self.columns.scenario_count * self.cells.unit_count * 8
        tables = self.event_count * self.cells.group_count * 8 * 2
        return annual * self.copies + tables + self.cells.nbytes

    def hits_per_chunk(self, memory_limit_bytes: int) -> int:
        """Largest chunk that keeps the run under the limit."""
        room = memory_limit_bytes - self.fixed_bytes - BLOCK_HITS * BLOCK_HIT_BYTES
        hits = room // CHUNK_HIT_BYTES
        if hits < _MIN_HITS:
            raise RangeError(
                "risk.memory",
                f"the tables of {self.event_count} events x {self.cells.group_count} groups and "
                f"{self.cells.unit_count} place-curve pairs need {self.fixed_bytes / 2**20:.1f} MiB, and a "
                f"smallest chunk {CHUNK_FLOOR_BYTES / 2**20:.1f} MiB more; the limit is "
                f"{memory_limit_bytes / 2**20:.1f} MiB. Raise memory_limit_bytes, or ask for fewer columns.",
            )
        return int(min(hits, _MAX_HITS))

    def empty(self, event_count: int) -> tuple[FloatArray, FloatArray]:
        """Zeroed ``loss`` (event, joint group) and ``annual`` (copy, scenario, unit) to add chunks to."""
        return (
            np.zeros((event_count, self.cells.group_count)),
            np.zeros((self.copies, self.columns.scenario_count, self.cells.unit_count)),
        )

    def add(self, chunk: EventChunk, loss: FloatArray, annual: FloatArray) -> None:
        """Add one chunk. ``loss`` rows are the events of the whole set."""
        add = add_chunk_numba if self.method == "numba" else add_chunk_numpy
        add(chunk, self.columns, self.cells, self.curves, loss, annual)


def loss_plan(
    events: EventTable,
    place_count: int,
    exposure: Exposure,
    curves: Sequence[Curve],
    by: Sequence[str] = ("member",),
    method: Method = "auto",
) -> LossPlan:
    """Check that everything fits and sum the values, before any hit is read.

    Raises UnitError when a curve's unit differs from the unit of the hazard it is used for.
    """
    check_units(events, exposure, curves)
    cells = collapse(exposure, events.hazards, place_count, len(curves), by)
    scenarios = max(1, len(events.scenarios))
    columns = EventColumns(events.hazard_index, events.scenario_index, events.rate, scenarios)
    return LossPlan(cells, CurveTables.of(curves), columns, choose_method(method), len(events))


def event_losses(
    source: EventSource | EventSet,
    exposure: Exposure,
    curves: Sequence[Curve],
    by: Sequence[str] = ("member",),
    method: Method = "auto",
    memory_limit_bytes: int = DEFAULT_MEMORY_BYTES,
) -> EventLosses:
    """Losses of every event by the columns ``by``, and expected annual damage by any column.

    Parameters
    ----------
    source : an EventSet, or anything that gives its hits in chunks (an event folder on disk)
    exposure, curves : the assets, and the curves they name by index
    by : columns for which an event x key table is wanted; no column gives the total only
    method : ``numpy``, ``numba`` (compiled, optional extra) or ``auto``, which compiles for large work if it
        can; they agree to 1e-12 relative
    memory_limit_bytes : bounds the tables and the chunk in work; the exposure itself and, for an EventSet,
        its hits are the caller's and not counted

    Raises
    ------
    RangeError, UnitError
        A place, curve, column or unit that doesn't fit, or a memory limit too small for the tables.

    Examples
    --------
    >>> events = EventTable(["q10", "q100"], [0.09, 0.01], ["flood"] * 2, ["Geul"] * 2, ["today"] * 2,
    ...                     {"flood": "m"})
    >>> hits = EventSet.from_dense(events, [[0.0, 1.0], [1.0, 2.0]])
    >>> curve = Curve("house", [0.0, 2.0], [0.0, 1.0], "m", "assumed")
    >>> houses = Exposure.from_labels([100.0, 10.0, 30.0], [0, 1, 1], {"flood": [0, 0, 0]},
    ...                               member=["a", "b", "a"])
    >>> result = event_losses(hits, houses, [curve], by=("member",))
    >>> result.table("member").loss
    array([[15.,  5.],
           [80., 10.]])
    >>> {k: round(v, 2) for k, v in result.expected_annual("place").items()}
    {'0': 0.5, '1': 2.2}
    """
    if method == "auto" and isinstance(source, EventSet) and source.hit_count < SMALL_HITS:
        method = "numpy"
    plan = loss_plan(source.events, source.place_count, exposure, curves, by, method)
    loss, annual = plan.empty(len(source.events))
    for chunk in source.chunks(plan.hits_per_chunk(memory_limit_bytes)):
        plan.add(chunk, loss, annual)
    return finish(plan, source.events, exposure, by, loss, annual.sum(axis=0))


def finish(
    plan: LossPlan,
    events: EventTable,
    exposure: Exposure,
    by: Sequence[str],
    loss: FloatArray,
    annual: FloatArray,
) -> EventLosses:
    """Tables by column from the joint ``loss``, and each asset's annual damage from ``annual``."""
    tables = tables_by_column(by, plan.cells.group_codes, plan.cells.group_labels, loss)
    asset = np.zeros((annual.shape[0], len(exposure)))
    for unit in plan.cells.unit_of_asset:
        touched = unit >= 0
        whole = bool(touched.all())
        for scenario in range(annual.shape[0]):
            if whole:
                asset[scenario] += annual[scenario][unit]
            elif annual.shape[1]:
                asset[scenario] += np.where(touched, annual[scenario][unit], 0.0)
    asset *= exposure.values
    return EventLosses(events, exposure, tables, asset, plan.cells.place_count)


def tables_by_column(
    by: Sequence[str],
    group_codes: Sequence[NDArray[np.int32]],
    group_labels: Sequence[tuple[str, ...]],
    loss: FloatArray,
) -> dict[str, LossTable]:
    """One table for each column of ``by`` (or the total) from losses by joint group (event, group)."""
    names = tuple(by) or ("total",)
    parts = zip(names, group_codes, group_labels, strict=True)
    return {
        name: LossTable(name, labels, _by_code(loss, codes, len(labels))) for name, codes, labels in parts
    }


def _by_code(loss: FloatArray, codes: NDArray[np.int32], count: int) -> FloatArray:
    """Sum the columns of ``loss`` (event, joint group) that carry the same code."""
    if codes.size == count and np.array_equal(codes, np.arange(count)):
        return loss.copy()
    out = np.zeros((loss.shape[0], count))
    if not codes.size:
        return out
    order = np.argsort(codes, kind="stable")
    present, begin = np.unique(codes[order], return_index=True)
    out[:, present] = np.add.reduceat(loss[:, order], begin, axis=1)
    return out


def check_units(events: EventTable, exposure: Exposure, curves: Sequence[Curve]) -> None:
    """UnitError where a curve's unit differs from the unit of the hazard it is used for."""
    for hazard in events.hazards:
        for number in used_curves(exposure.curve_column(hazard, len(curves)), len(curves)):
            curve = curves[int(number)]
            if curve.unit != events.units[hazard]:
                raise UnitError(
                    "risk.curve-unit",
                    f"intensity of {hazard!r} is in {events.units[hazard]}, but curve {curve.id!r} is for "
                    f"{curve.unit}. Convert the intensities, or choose a curve in {events.units[hazard]}.",
                )
