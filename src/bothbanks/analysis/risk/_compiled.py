"""The compiled kernels. Importing this module needs numba; ``kernels`` imports it when it is first used.

Both work through the places in tiles: all events of a block pass over one tile before the next begins, so the
values and sums of a tile stay in the second-level cache whatever the number of places.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

# Unsigned indices spare numba the test for negative ones.
_U = np.uint64


def _end_of_tile(place: Any, hit: int, stop: int, tile_end: int) -> int:
    """First hit from ``hit`` on whose place is not below ``tile_end``."""
    low, high = hit, stop
    while low < high:
        middle = (low + high) >> 1
        if place[_U(middle)] < tile_end:
            low = middle + 1
        else:
            high = middle
    return low


def _compile(function: Any) -> Any:
    """Compile on first call; keep the machine code on disk where there is a place for it."""
    try:
        return numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # no folder to cache in: a read-only installation without a home
        return numba.njit(nogil=True)(function)


_end_of_tile = _compile(_end_of_tile)


def _add_dense(
    block: tuple[int, int, int],
    hits: Any,
    events: Any,
    cells: Any,
    curves: Any,
    loss: Any,
    annual: Any,
) -> None:
    """Every row has the same number of units, and every unit one cell: unit = row * width + k.

    ``block`` is (event from, event to, first event of the chunk), ``hits`` (start, place, intensity),
    ``events`` (hazard, scenario, rate), ``cells`` (places, tile, curve (hazard, k), value, group), ``curves``
    the tables.
    """
    event_from, event_to, first_event = block
    start, place, intensity = hits
    hazard, scenario, rate = events
    place_count, tile, curve_of, value, group = cells
    scale, first, last, offset, segment, left, y, slope, is_last, steps = curves
    width = curve_of.shape[1]
    at = start[event_from:event_to].copy()
    for tile_end in range(tile, place_count + tile, tile):
        for e in range(event_to - event_from):
            begin = at[e]
            end = _end_of_tile(place, begin, start[event_from + e + 1], tile_end)
            at[e] = end
            if end == begin:
                continue
            event = first_event + event_from + e
            base = hazard[event] * place_count
            yearly = rate[event]
            sums = annual[scenario[event]]
            row_loss = loss[event]
            for k in range(width):
                curve = curve_of[hazard[event], k]
                per, low, high, shift = scale[curve], first[curve], last[curve], offset[curve]
                current = np.int64(group[_U((base + np.int64(place[begin])) * width + k)])
                total = 0.0
                for hit in range(begin, end):
                    unit = _U((base + np.int64(place[_U(hit)])) * width + k)
                    x = np.float64(intensity[_U(hit)])
                    bucket = np.floor(x * per) - low
                    bucket = bucket if bucket > 0.0 else 0.0
                    bucket = bucket if bucket < high else high
                    s = _U(segment[_U(shift + np.int64(bucket))])
                    if steps > 0:
                        while not is_last[s] and x >= left[s + _U(1)]:
                            s += _U(1)
                    fraction = slope[s] * (x - left[s]) + y[s]
                    sums[unit] += yearly * fraction
                    if group[unit] != current:
                        row_loss[_U(current)] += total
                        current = np.int64(group[unit])
                        total = 0.0
                    total += fraction * value[unit]
                row_loss[_U(current)] += total


def _add_sparse(
    block: tuple[int, int, int],
    hits: Any,
    events: Any,
    cells: Any,
    curves: Any,
    loss: Any,
    annual: Any,
) -> None:
    """Any number of units a row and of cells a unit; ``cells`` is (places, tile, unit_start, unit_curve,
    cell_start, value, group), the rest as in ``_add_dense``.
    """
    event_from, event_to, first_event = block
    start, place, intensity = hits
    hazard, scenario, rate = events
    place_count, tile, unit_start, unit_curve, cell_start, value, group = cells
    scale, first, last, offset, segment, left, y, slope, is_last, steps = curves
    at = start[event_from:event_to].copy()
    for tile_end in range(tile, place_count + tile, tile):
        for e in range(event_to - event_from):
            begin = at[e]
            end = _end_of_tile(place, begin, start[event_from + e + 1], tile_end)
            at[e] = end
            event = first_event + event_from + e
            base = hazard[event] * place_count
            yearly = rate[event]
            sums = annual[scenario[event]]
            row_loss = loss[event]
            for hit in range(begin, end):
                row = _U(base + np.int64(place[_U(hit)]))
                x = np.float64(intensity[_U(hit)])
                for u in range(unit_start[row], unit_start[row + _U(1)]):
                    unit = _U(u)
                    curve = _U(unit_curve[unit])
                    bucket = np.floor(x * scale[curve]) - first[curve]
                    bucket = bucket if bucket > 0.0 else 0.0
                    bucket = bucket if bucket < last[curve] else last[curve]
                    s = _U(segment[_U(offset[curve] + np.int64(bucket))])
                    if steps > 0:
                        while not is_last[s] and x >= left[s + _U(1)]:
                            s += _U(1)
                    fraction = slope[s] * (x - left[s]) + y[s]
                    sums[unit] += yearly * fraction
                    for c in range(cell_start[unit], cell_start[unit + _U(1)]):
                        row_loss[_U(group[_U(c)])] += fraction * value[_U(c)]


add_dense = _compile(_add_dense)
add_sparse = _compile(_add_sparse)
