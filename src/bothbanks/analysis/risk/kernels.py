"""The innermost loop: add the losses of a chunk of hits to the tables.

Two ways, the same answers to 1e-12: numpy in blocks that stay in the processor's cache, and a compiled kernel
(numba, the optional extra ``kernel``). Both work through the hits once, whatever the number of assets.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.risk.curves import CurveTables
from bothbanks.analysis.risk.eventset import EventChunk
from bothbanks.analysis.risk.exposure import Collapsed
from bothbanks.words.errors import RangeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Method = Literal["auto", "numpy", "numba"]

BLOCK_HITS = 1 << 16
"""Hits a block of the numpy way: its temporaries fit the second-level cache."""
BLOCKS = 4
"""Event blocks a chunk is cut into for threads. Fixed, so that sums do not depend on the number of cores."""
_WIDE = 8


@dataclass(frozen=True, eq=False)
class EventColumns:
    """What the kernels need of the event table: (event,) each."""

    hazard: IntArray
    scenario: IntArray
    rate: FloatArray
    scenario_count: int


def choose_method(method: Method) -> Literal["numpy", "numba"]:
    """``auto`` takes the compiled kernel where numba is installed; 'numba' without it is a RangeError."""
    if method not in ("auto", "numpy", "numba"):
        raise RangeError("risk.method", f"method is {method!r}; expected auto, numpy or numba.")
    if method == "numpy":
        return "numpy"
    if importlib.util.find_spec("numba") is not None:
        return "numba"
    if method == "numba":
        raise RangeError("risk.method", "numba is not installed; install bothbanks[kernel], or use numpy.")
    return "numpy"


def fractions(tables: CurveTables, curve: NDArray[Any] | int, intensity: NDArray[Any]) -> FloatArray:
    """Loss fraction (hit,) at ``intensity`` (hit,) on each hit's own curve, or on one curve for all."""
    x = intensity.astype(np.float64)
    bucket = x * tables.scale[curve]
    np.floor(bucket, out=bucket)
    bucket -= tables.first[curve]
    np.maximum(bucket, 0.0, out=bucket)
    np.minimum(bucket, tables.last[curve], out=bucket)
    at = bucket.astype(np.int64)
    at += tables.offset[curve]
    segment = tables.segment[at]
    for _ in range(tables.steps):
        following = np.minimum(segment + 1, tables.left.size - 1)
        # segment + 1 belongs to the next curve only where the last segment is already reached
        segment = np.where((x >= tables.left[following]) & ~tables.is_last[segment], following, segment)
    x -= tables.left[segment]
    x *= tables.slope[segment]
    x += tables.y[segment]
    return x


def add_chunk_numpy(
    chunk: EventChunk,
    columns: EventColumns,
    cells: Collapsed,
    curves: CurveTables,
    loss: FloatArray,
    annual: FloatArray,
) -> None:
    """Add a chunk's hits to ``loss`` (event, group) and ``annual`` (scenario, unit)."""
    events = _hit_events(chunk)
    one_hazard = len(cells.hazards) == 1
    simple = _one_unit_a_row(cells)
    same_cells = cells.cell_value.size == cells.unit_count
    one_curve = curves.scale.size == 1
    for begin in range(0, len(chunk), BLOCK_HITS):
        stop = min(begin + BLOCK_HITS, len(chunk))
        event = events[begin:stop]
        row = chunk.place[begin:stop].astype(np.int64)
        if not one_hazard:
            row += columns.hazard[event] * cells.place_count
        hit, unit = _expand(row, cells.unit_start, simple)
        intensity = chunk.intensity[begin:stop]
        if hit is not None:
            event, intensity = event[hit], intensity[hit]
        if not unit.size:
            continue
        curve = 0 if one_curve else cells.unit_curve[unit]
        fraction = fractions(curves, curve, intensity)
        at = unit if columns.scenario_count == 1 else unit + columns.scenario[event] * cells.unit_count
        np.add.at(annual.reshape(-1), at, fraction * columns.rate[event])
        if same_cells:
            cell = unit
        else:
            which, cell = _expand(unit, cells.cell_start, False)
            event, fraction = event[which], fraction[which]
        fraction *= cells.cell_value[cell]
        _add_losses(loss, event, cells, cell, fraction)


def _add_losses(
    loss: FloatArray, event: IntArray, cells: Collapsed, cell: IntArray, money: FloatArray
) -> None:
    """Add (hit,) money to the (event, group) table."""
    first, groups = int(event[0]), loss.shape[1]
    span = int(event[-1]) - first + 1
    index = event - first
    if groups > 1:
        index *= groups
        index += cells.cell_group[cell]
    if span * groups <= _WIDE * money.size:
        part = np.bincount(index, weights=money, minlength=span * groups)
        loss[first : first + span] += part.reshape(span, groups)
    else:
        np.add.at(loss[first : first + span].reshape(-1), index, money)


def _hit_events(chunk: EventChunk) -> IntArray:
    """(hit,) event number of each hit of a chunk."""
    events = np.arange(chunk.first_event, chunk.first_event + chunk.event_count)
    return np.repeat(events, np.diff(chunk.start))


def _one_unit_a_row(cells: Collapsed) -> bool:
    """True when every row has exactly one unit, so that a row is its unit."""
    return cells.unit_count == cells.unit_start.size - 1 and bool((np.diff(cells.unit_start) == 1).all())


def _expand(index: IntArray, start: NDArray[Any], simple: bool) -> tuple[IntArray | None, IntArray]:
    """Items ``start[i]:start[i + 1]`` of each index: (position in ``index``, item); no position if 1 to 1."""
    if simple:
        return None, index
    begin = start[index].astype(np.int64)
    count = start[index + 1] - begin
    if count.size and int(count.min()) == 1 == int(count.max()):
        return np.arange(index.size), begin
    position = np.repeat(np.arange(index.size), count)
    offset = np.repeat(begin - (np.cumsum(count) - count), count)
    return position, np.arange(position.size) + offset


@lru_cache(maxsize=1)
def _compiled() -> Any:
    from bothbanks.analysis.risk import _compiled as module

    return module


def add_chunk_numba(
    chunk: EventChunk,
    columns: EventColumns,
    cells: Collapsed,
    curves: CurveTables,
    loss: FloatArray,
    annual: FloatArray,
) -> None:
    """As ``add_chunk_numpy``, compiled; event blocks run on threads and are added up in order."""
    from concurrent.futures import ThreadPoolExecutor

    if not len(chunk):
        return
    kernel = _compiled().add_hits
    cuts = _cuts(chunk)
    parts = [annual] + [np.zeros_like(annual) for _ in range(len(cuts) - 2)]

    def run(block: int) -> None:
        kernel(
            cuts[block],
            cuts[block + 1],
            chunk.first_event,
            chunk.start,
            chunk.place,
            chunk.intensity,
            columns.hazard,
            columns.scenario,
            columns.rate,
            cells.place_count,
            cells.unit_start,
            cells.unit_curve,
            cells.cell_start,
            cells.cell_value,
            cells.cell_group,
            curves.scale,
            curves.first,
            curves.last,
            curves.offset,
            curves.segment,
            curves.left,
            curves.y,
            curves.slope,
            curves.is_last,
            curves.steps,
            loss,
            parts[block],
        )

    with ThreadPoolExecutor(_threads()) as pool:
        list(pool.map(run, range(len(cuts) - 1)))
    for part in parts[1:]:
        annual += part


def _cuts(chunk: EventChunk) -> list[int]:
    """Event numbers inside the chunk that cut it into blocks of about equal hits."""
    goals = np.arange(1, BLOCKS) * (len(chunk) / BLOCKS)
    inner = np.searchsorted(chunk.start, goals)
    return sorted({0, *(int(i) for i in inner), chunk.event_count})


def _threads() -> int:
    import os

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(BLOCKS, cores))
