"""Flood catalogues from depth maps, and one catalogue out of two.

A drawn year takes one of the maps around its return period, the rarer one with the chance that makes the mean
linear in the yearly probability; so the catalogue's mean is the central reading of ``flood_maps``. A place
is a cell and a map, because the wet share differs from map to map.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.risk.eventset import EventSet
from bothbanks.analysis.risk.exposure import Column, Exposure
from bothbanks.analysis.risk.hazards.flood import chance_of_failure
from bothbanks.analysis.risk.hazards.flood_events import (
    HAZARD,
    WET,
    FloodEvents,
    FloodYears,
    HitBlock,
    assemble,
    year_table,
)
from bothbanks.analysis.risk.hazards.flood_maps import MapFloodModel
from bothbanks.analysis.risk.hazards.inputs import class_values
from bothbanks.analysis.risk.hazards.parameters import TODAY, Climate, Draw, required
from bothbanks.analysis.risk.hazards.variants import BasinVariants
from bothbanks.words.errors import ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def map_event_set(
    model: MapFloodModel,
    draw: Draw,
    drawn: FloodYears,
    variants: Mapping[str, BasinVariants] | None = None,
    climate: Climate = TODAY,
    scenario: str = "today",
) -> FloodEvents:
    """Equally likely years from maps; see ``flood_events.event_set``. Without rain, ``q`` is NaN."""
    i = model.inputs
    period = 1.0 / (1.0 - drawn.u)
    base = BasinVariants.base(len(i.members))
    q = np.full_like(period, np.nan)
    blocks: list[HitBlock] = []
    parts: list[tuple[IntArray, float]] = []
    for b, basin in enumerate(model.basins):
        if model.rain is not None:
            growth = model.growth(draw, basin)
            q[:, b] = growth.q(period[:, b], climate.rain_factor, climate.discharge_factor)
        chosen = (variants or {}).get(basin, base)
        chosen.check(len(i.members))
        for m in range(len(i.members)):
            mine = (i.record_basin == b) & (i.record_member == m) & i.covered & (i.record_population > 0)
            records = np.flatnonzero(mine & (i.wet_share > 0).any(axis=0))
            if not records.size:
                continue
            factor, shift, years = chosen.one(m)
            altered = model.altered(draw, basin, period[:, b], factor, climate)
            failed = np.ones(altered.size)
            if years > 0.0:
                failed = chance_of_failure(altered, years, required(draw, "flood.breach_spread"))
            number = _map_of_year(model, draw, altered, failed, drawn.luck[:, b])
            blocks.append(_hits(i.depth_m[:, records] + shift, i.wet_share[:, records], number))
            parts.append((records, float(chosen.damage_factor[0, m])))
    events = assemble(year_table(model.basins, period, scenario), blocks)
    money, people = _exposures(model, draw, parts)
    return FloodEvents(events, money, people, (*(c.curve for c in i.classes), WET), model.basins, q, period)


def _map_of_year(
    model: MapFloodModel, draw: Draw, periods: FloatArray, failed: FloatArray, luck: FloatArray
) -> IntArray:
    """(event,) number of the map that stands for the year, -1 for a dry one."""
    edge = np.concatenate(([model.damage_starts(draw)], model.inputs.return_periods))
    p, at = 1.0 / edge, np.searchsorted(edge, periods, side="right") - 1
    low = np.clip(at, 0, edge.size - 2)
    rarer = np.clip((p[low] - 1.0 / periods) / np.maximum(p[low] - p[low + 1], 1e-300), 0.0, 1.0)
    within = np.divide(luck, failed, out=np.ones_like(luck), where=failed > 0)
    number = np.where(within < rarer, low, low - 1)
    return np.where((luck < failed) & (at >= 0), number, -1).astype(np.int64)


def _hits(depth: FloatArray, share: FloatArray, number: IntArray) -> HitBlock:
    """Hits of the years on places (map, record)."""
    wet = (depth > 0) & (share > 0)
    count = np.append(wet.sum(axis=1), 0)[number]
    map_of, record = np.nonzero(wet)
    begins = np.append(np.searchsorted(map_of, np.arange(depth.shape[0])), 0)
    event = np.repeat(np.arange(number.size), count)
    within = np.arange(event.size) - np.repeat(np.cumsum(count) - count, count)
    spot = within + np.repeat(begins[number], count)
    place = map_of[spot] * depth.shape[1] + record[spot]
    return HitBlock(event, place, depth[map_of[spot], record[spot]].astype(np.float32), depth.size)


def _exposures(
    model: MapFloodModel, draw: Draw, parts: list[tuple[IntArray, float]]
) -> tuple[Exposure, Exposure]:
    i = model.inputs
    worth = class_values(draw, i.members, i.member_country, i.classes)
    classes, maps = len(i.classes), i.return_periods.size
    none = np.zeros(0, dtype=np.int64)
    record = np.concatenate([np.tile(r, maps) for r, _ in parts]) if parts else none
    which = np.concatenate([np.repeat(np.arange(maps), r.size) for r, _ in parts]) if parts else none
    factor = np.concatenate([np.full(r.size * maps, f) for r, f in parts]) if parts else np.zeros(0)
    people = i.record_population[record] * i.wet_share[which, record]
    place = np.arange(record.size)
    columns = {
        "member": Column(i.record_member[record].astype(np.int32), i.members),
        "municipality": Column(i.record_municipality[record].astype(np.int32), i.municipalities),
        "basin": Column(i.record_basin[record].astype(np.int32), tuple(b.id for b in i.basins)),
    }
    persons = Exposure(people, place, {HAZARD: np.full(place.size, classes)}, columns)
    repeated = {n: Column(np.repeat(c.codes, classes), c.labels) for n, c in columns.items()}
    code = np.tile(np.arange(classes, dtype=np.int32), place.size)
    repeated["class"] = Column(code, tuple(c.id for c in i.classes))
    value = (people * factor)[:, None] * worth[i.record_member[record]]
    return Exposure(value.reshape(-1), np.repeat(place, classes), {HAZARD: code}, repeated), persons


def merge_events(first: FloodEvents, second: FloodEvents) -> FloodEvents:
    """One catalogue from two that share the same drawn years and basins (some members by maps, some without).

    Raises
    ------
    ShapeError
        The two were not made from the same years, basins and classes.
    """
    same = first.events.events.id == second.events.events.id and first.basins == second.basins
    if not (same and np.array_equal(first.return_period, second.return_period)):
        raise ShapeError("flood.merge", "the two catalogues differ in years or basins; draw the years once.")
    if [c.id for c in first.curves] != [c.id for c in second.curves]:
        raise ShapeError("flood.merge", "the two catalogues differ in their classes or curves.")
    shift = first.events.place_count
    events = assemble(first.events.events, [_as_block(first.events), _as_block(second.events)])
    money = _concatenate(first.exposure, second.exposure, shift)
    people = _concatenate(first.people, second.people, shift)
    return FloodEvents(events, money, people, first.curves, first.basins, first.q, first.return_period)


def _as_block(events: EventSet) -> HitBlock:
    event = np.repeat(np.arange(len(events.events)), np.diff(events.start))
    return HitBlock(event, events.place.astype(np.int64), events.intensity, events.place_count)


def _concatenate(first: Exposure, second: Exposure, shift: int) -> Exposure:
    columns = {}
    for name, column in first.columns.items():
        other = second.columns[name]
        labels = tuple(dict.fromkeys((*column.labels, *other.labels)))
        code = np.array([labels.index(v) for v in other.labels], dtype=np.int32)
        columns[name] = Column(np.concatenate((column.codes, code[other.codes])), labels)
    curve = np.concatenate((np.asarray(first.curve[HAZARD]), np.asarray(second.curve[HAZARD])))
    place = np.concatenate((first.places, second.places + shift))
    return Exposure(np.concatenate((first.values, second.values)), place, {HAZARD: curve}, columns)
