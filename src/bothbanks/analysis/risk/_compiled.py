"""The compiled kernel. Importing this module needs numba; ``kernels`` imports it when it is first used."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

TILE_PLACES = 4096
"""Places worked through for all events of a block before the next ones: their cells stay in cache."""


def _add_hits(
    event_from: int,
    event_to: int,
    first_event: int,
    start: Any,
    place: Any,
    intensity: Any,
    hazard: Any,
    scenario: Any,
    rate: Any,
    place_count: int,
    unit_start: Any,
    unit_curve: Any,
    cell_start: Any,
    cell_value: Any,
    cell_group: Any,
    scale: Any,
    first: Any,
    last: Any,
    offset: Any,
    segment: Any,
    left: Any,
    y: Any,
    slope: Any,
    is_last: Any,
    steps: int,
    loss: Any,
    annual: Any,
) -> None:
    """Add the hits of events ``event_from`` to ``event_to`` of a chunk to ``loss`` and ``annual``."""
    count = event_to - event_from
    at = np.empty(count, np.int64)
    for e in range(count):
        at[e] = start[event_from + e]
    for tile_end in range(TILE_PLACES, place_count + TILE_PLACES, TILE_PLACES):
        for e in range(count):
            hit = at[e]
            stop = start[event_from + e + 1]
            event = first_event + event_from + e
            base = hazard[event] * place_count
            which = scenario[event]
            yearly = rate[event]
            while hit < stop and place[hit] < tile_end:
                row = base + np.int64(place[hit])
                x = np.float64(intensity[hit])
                for unit in range(unit_start[row], unit_start[row + 1]):
                    curve = unit_curve[unit]
                    bucket = np.floor(x * scale[curve]) - first[curve]
                    bucket = min(max(bucket, 0.0), last[curve])
                    s = segment[offset[curve] + np.int64(bucket)]
                    if steps > 0:
                        while not is_last[s] and x >= left[s + 1]:
                            s += 1
                    fraction = slope[s] * (x - left[s]) + y[s]
                    annual[which, unit] += yearly * fraction
                    for cell in range(cell_start[unit], cell_start[unit + 1]):
                        loss[event, cell_group[cell]] += fraction * cell_value[cell]
                hit += 1
            at[e] = hit


add_hits = numba.njit(cache=True, nogil=True)(_add_hits)
