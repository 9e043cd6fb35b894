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
TILE_PLACES = 4096
TILE_HITS = 64
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
    """Add a chunk's hits to ``loss`` (event, group) and ``annual`` (1, scenario, unit)."""
    one_hazard, one_scenario = len(cells.hazards) == 1, columns.scenario_count == 1
    evaluate = CurveReader(curves)
    for begin in range(0, len(chunk), BLOCK_HITS):
        stop = min(begin + BLOCK_HITS, len(chunk))
        event = hit_events(chunk, begin, stop)
        row = chunk.place[begin:stop].astype(np.int64)
        if not one_hazard:
            row += columns.hazard[event] * cells.place_count
        scenario = None if one_scenario else columns.scenario[event] * cells.unit_count
        block = _Block(event, row, chunk.intensity[begin:stop], columns.rate[event], scenario)
        if not cells.is_dense:
            _add_sparse_block(block, cells, curves, loss, annual)
        elif one_hazard:
            _add_dense_block(block, cells, cells.dense_curve[0], evaluate, loss, annual)
        else:
            hazard = columns.hazard[event]
            for number in np.unique(hazard):
                part = block.where(hazard == number)
                _add_dense_block(part, cells, cells.dense_curve[number], evaluate, loss, annual)


@dataclass(frozen=True, eq=False)
class _Block:
    """Hits in work: (hit,) each. ``scenario`` is the offset into ``annual``, None where there is but one."""

    event: IntArray
    row: IntArray
    intensity: NDArray[np.float32]
    rate: FloatArray
    scenario: IntArray | None

    def where(self, mask: NDArray[np.bool_]) -> _Block:
        scenario = None if self.scenario is None else self.scenario[mask]
        return _Block(self.event[mask], self.row[mask], self.intensity[mask], self.rate[mask], scenario)


def _add_dense_block(
    block: _Block,
    cells: Collapsed,
    curve_of: NDArray[np.int32],
    evaluate: CurveReader,
    loss: FloatArray,
    annual: FloatArray,
) -> None:
    width = curve_of.size
    for k, curve in enumerate(curve_of):
        unit = block.row if width == 1 else block.row * width + k
        fraction = evaluate(int(curve), block.intensity)
        at = unit if block.scenario is None else unit + block.scenario
        np.add.at(annual.reshape(-1), at, fraction * block.rate)
        fraction *= cells.cell_value.take(unit)
        _add_losses(loss, block.event, cells, unit, fraction)


def _add_sparse_block(
    block: _Block, cells: Collapsed, curves: CurveTables, loss: FloatArray, annual: FloatArray
) -> None:
    hit, unit = expand(block.row, cells.unit_start)
    if not unit.size:
        return
    event = block.event[hit]
    fraction = fractions(curves, cells.unit_curve[unit], block.intensity[hit])
    at = unit if block.scenario is None else unit + block.scenario[hit]
    np.add.at(annual.reshape(-1), at, fraction * block.rate[hit])
    which, cell = expand(unit, cells.cell_start)
    _add_losses(loss, event[which], cells, cell, fraction[which] * cells.cell_value[cell])


class CurveReader:
    """Reads one curve at a time on blocks of at most ``BLOCK_HITS`` hits, in buffers made once."""

    def __init__(self, tables: CurveTables) -> None:
        self._tables = tables
        self._x, self._bucket, self._got = (np.empty(BLOCK_HITS) for _ in range(3))
        self._at = np.empty(BLOCK_HITS, dtype=np.intp)
        self._by_bucket = [t[tables.segment] for t in (tables.left, tables.slope, tables.y)]

    def __call__(self, curve: int, intensity: NDArray[np.float32]) -> FloatArray:
        """Loss fraction (hit,); the array is a buffer, good until the next call."""
        tables, size = self._tables, intensity.size
        if tables.steps:
            return fractions(tables, curve, intensity)
        x, bucket, got, at = (b[:size] for b in (self._x, self._bucket, self._got, self._at))
        x[:] = intensity
        np.multiply(x, tables.scale[curve], out=bucket)
        np.floor(bucket, out=bucket)
        bucket -= tables.first[curve]
        np.maximum(bucket, 0.0, out=bucket)
        np.minimum(bucket, tables.last[curve], out=bucket)
        at[:] = bucket
        at += tables.offset[curve]
        left, slope, y = self._by_bucket
        # mode="clip" spares a copy of the output; no index is out of range
        x -= np.take(left, at, out=got, mode="clip")
        x *= np.take(slope, at, out=got, mode="clip")
        x += np.take(y, at, out=got, mode="clip")
        return np.asarray(x, dtype=np.float64)


def _add_losses(
    loss: FloatArray, event: IntArray, cells: Collapsed, cell: IntArray, money: FloatArray
) -> None:
    """Add (hit,) money to the (event, group) table. Events rise from hit to hit."""
    if not event.size:
        return
    first, groups = int(event[0]), loss.shape[1]
    span = int(event[-1]) - first + 1
    if groups == 1:
        begins = np.flatnonzero(np.diff(event, prepend=first - 1))
        loss[event[begins], 0] += np.add.reduceat(money, begins)
        return
    index = (event - first) * groups
    index += cells.cell_group.take(cell)
    if span * groups <= _WIDE * money.size:
        part = np.bincount(index, weights=money, minlength=span * groups)
        loss[first : first + span] += part.reshape(span, groups)
    else:
        np.add.at(loss[first : first + span].reshape(-1), index, money)


def hit_events(chunk: EventChunk, begin: int, stop: int) -> IntArray:
    """(hit,) event number of the hits ``begin`` to ``stop`` of a chunk."""
    low = int(np.searchsorted(chunk.start, begin, "right")) - 1
    high = int(np.searchsorted(chunk.start, stop, "left"))
    edges: IntArray = np.clip(chunk.start[low : high + 1], begin, stop)
    counts = edges[1:] - edges[:-1]
    return np.repeat(np.arange(chunk.first_event + low, chunk.first_event + high), counts)


def expand(index: IntArray, start: NDArray[Any]) -> tuple[IntArray, IntArray]:
    """Items ``start[i]:start[i + 1]`` of each index: (position in ``index``, item)."""
    begin = start[index].astype(np.int64)
    count = start[index + 1].astype(np.int64) - begin
    position: IntArray = np.repeat(np.arange(index.size), count)
    offset = np.repeat(begin - (np.cumsum(count) - count), count)
    item: IntArray = np.arange(position.size) + offset
    return position, item


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
    """As ``add_chunk_numpy``, compiled; event blocks run on threads, block b adds to ``annual[b]``.

    ``annual`` is (BLOCKS, scenario, unit), to be summed over the blocks at the end.
    """
    from concurrent.futures import ThreadPoolExecutor

    if not len(chunk):
        return
    tile = _tile(chunk, cells.place_count)
    table = (curves.scale, curves.first, curves.last, curves.offset, curves.segment)
    table += (curves.left, curves.y, curves.slope, curves.is_last, curves.steps)  # type: ignore[assignment]
    layout: tuple[Any, ...]
    if cells.is_dense:
        kernel = _compiled().add_dense
        layout = (cells.place_count, tile, cells.dense_curve, cells.cell_value, cells.cell_group)
    else:
        kernel = _compiled().add_sparse
        layout = (cells.place_count, tile, cells.unit_start, cells.unit_curve, cells.cell_start)
        layout += (cells.cell_value, cells.cell_group)
    hits = (chunk.start, chunk.place, chunk.intensity)
    events = (columns.hazard, columns.scenario, columns.rate)
    cuts = _cuts(chunk)

    def run(block: int) -> None:
        span = (cuts[block], cuts[block + 1], chunk.first_event)
        kernel(span, hits, events, layout, table, loss, annual[block])

    with ThreadPoolExecutor(_threads()) as pool:
        list(pool.map(run, range(len(cuts) - 1)))


def _cuts(chunk: EventChunk) -> list[int]:
    """Event numbers inside the chunk that cut it into blocks of about equal hits."""
    goals = np.arange(1, BLOCKS) * (len(chunk) / BLOCKS)
    inner = np.searchsorted(chunk.start, goals)
    return sorted({0, *(int(i) for i in inner), chunk.event_count})


def _tile(chunk: EventChunk, place_count: int) -> int:
    """Places a tile: what the second-level cache holds, or more where events are so sparse that a tile of
    that size would hold only a few hits of each.
    """
    hits_an_event = max(1.0, len(chunk) / max(1, chunk.event_count))
    return int(min(max(TILE_PLACES, TILE_HITS * place_count / hits_an_event), max(1, place_count)))


def _threads() -> int:
    import os

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(BLOCKS, cores))
