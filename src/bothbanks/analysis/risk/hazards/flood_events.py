"""A catalogue of flood years: one annual maximum a basin, joined by a t copula.

The ground of each cell and reach is cut into a few strips, each a *place* of the event set with its own
height, so that the loss engine sees depths and not shares. Strip heights and widths are Gauss-Legendre nodes
and weights: six strips of the floor and four of the sides bring the sum over events within about 1 % of the
exact integral (``FloodModel.annual_damage``), which a test checks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.risk.curves import Curve
from bothbanks.analysis.risk.eventset import EventSet, EventTable
from bothbanks.analysis.risk.exposure import Column, Exposure
from bothbanks.analysis.risk.hazards.copula import correlation, even_draws, t_copula_ranks
from bothbanks.analysis.risk.hazards.flood import BasinState, FloodModel, failure
from bothbanks.analysis.risk.hazards.inputs import Basin, FloodInputs
from bothbanks.analysis.risk.hazards.parameters import TODAY, Climate, Draw, required
from bothbanks.analysis.risk.hazards.variants import BasinVariants

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FLOOR_STRIPS = 6
SIDE_STRIPS = 4
HAZARD = "flood"
WET = Curve("wet", [0.0], [1.0], "m", "definition: a person whose place is under water counts as one")
_EVENT_CHUNK = 2_000


@dataclass(frozen=True, eq=False)
class FloodEvents:
    """A flood catalogue with what it can hit.

    ``exposure`` is money (columns member, municipality, class, basin), ``people`` counts persons (member,
    municipality, basin); both use ``curves``, of which the last is the step 'wet'. ``q`` and
    ``return_period`` are (event, basin): relative discharge of the river as it would be without measures,
    and how rare it is.
    """

    events: EventSet
    exposure: Exposure
    people: Exposure
    curves: tuple[Curve, ...]
    basins: tuple[str, ...]
    q: FloatArray
    return_period: FloatArray


@dataclass(frozen=True, eq=False)
class FloodYears:
    """Drawn years: ``u`` (event, basin) place in each basin's own frequency, ``luck`` whether protection
    holds.
    """

    u: FloatArray
    luck: FloatArray


@dataclass(frozen=True, eq=False)
class HitBlock:
    """Hits on consecutive places: (hit,) event, place inside the block, depth in m; hits in event order."""

    event: IntArray
    place: IntArray
    depth_m: NDArray[np.float32]
    place_count: int


@dataclass(frozen=True, eq=False)
class _Strips:
    """Ground of one basin and member: heights over the bank and people per person of the cell, (row,
    strip).
    """

    basin: int
    member: int
    rows: IntArray
    height_m: FloatArray
    people_share: FloatArray


def draw_years(basins: Sequence[Basin], draw: Draw, years: int, rng: np.random.Generator) -> FloodYears:
    """Years drawn from the t copula over the basins; the same years may be used for several variants."""
    rho = correlation(
        [b.kind for b in basins],
        required(draw, "flood.copula_rho_tributaries"),
        required(draw, "flood.copula_rho_main"),
    )
    u = t_copula_ranks(rho, required(draw, "flood.copula_nu"), years, rng)
    return FloodYears(u, even_draws(u, rng))


def year_table(basins: Sequence[str], period: FloatArray, scenario: str) -> EventTable:
    """Event table of drawn years; an event starts in the basin where its flood is rarest."""
    years = period.shape[0]
    rare = period.argmax(axis=1)
    digits = len(str(years))
    return EventTable(
        [f"flood-{i + 1:0{digits}d}" for i in range(years)], np.full(years, 1.0 / years), [HAZARD] * years,
        [basins[r] for r in rare], [scenario] * years, {HAZARD: "m"}, "annual-maxima",
    )  # fmt: skip


def event_set(
    model: FloodModel,
    draw: Draw,
    drawn: FloodYears,
    variants: Mapping[str, BasinVariants] | None = None,
    climate: Climate = TODAY,
    scenario: str = "today",
) -> FloodEvents:
    """Equally likely years, each with the highest flood of every basin.

    Whether protection fails is drawn once a year and basin; its chance depends on the flood as altered by the
    measures. ``variants`` names one variant for each basin that has measures (the first is used).
    """
    inputs = model.inputs
    period = 1.0 / (1.0 - drawn.u)
    plain = model.floodplain(draw)
    base = BasinVariants.base(len(inputs.members))
    q = np.empty_like(period)
    blocks: list[HitBlock] = []
    strips: list[_Strips] = []
    states: list[BasinState] = []
    for b, basin in enumerate(model.basins):
        state = model.state(draw, basin, plain)
        states.append(state)
        q[:, b] = state.growth.q(period[:, b], climate.rain_factor, climate.discharge_factor)
        chosen = (variants or {}).get(basin, base)
        chosen.check(len(inputs.members))
        for m in np.flatnonzero(state.people.sum(axis=1) > 0):
            ground, hits = _block(state, b, int(m), q[:, b], drawn.luck[:, b], chosen)
            strips.append(ground)
            blocks.append(hits)
    events = assemble(year_table(model.basins, period, scenario), blocks)
    exposure, people = _exposures(inputs, states, strips, variants or {})
    curves = (*(c.curve for c in inputs.classes), WET)
    return FloodEvents(events, exposure, people, curves, model.basins, q, period)


def _block(
    state: BasinState, basin: int, m: int, q: FloatArray, luck: FloatArray, variants: BasinVariants
) -> tuple[_Strips, HitBlock]:
    """Strips and hits of one basin and member."""
    factor, shift, protection = variants.one(m)
    altered = q * factor
    failed = failure(state, m, altered[None], np.array([[shift]]), np.array([[protection]]))[0]
    happens = np.flatnonzero(luck < failed)
    rows = state.rows[state.people[m] > 0]
    depth = state.plain.bankfull_m[rows]
    rise = state.law.rise(altered[happens])
    highest = depth * (rise.max(initial=0.0)) + max(shift, 0.0)
    height, share = _strips(state, rows, highest)
    hits: list[tuple[IntArray, IntArray, NDArray[np.float32]]] = []
    flat = height.reshape(-1)
    for at in range(0, happens.size, _EVENT_CHUNK):
        part = happens[at : at + _EVENT_CHUNK]
        stage = np.repeat(depth * rise[at : at + _EVENT_CHUNK, None] + shift, height.shape[1], axis=1)
        water = (stage - flat).astype(np.float32)
        event, place = np.nonzero((water > 0) & (share.reshape(-1) > 0))
        hits.append((part[event], place, water[event, place]))
    joined = [np.concatenate([h[k] for h in hits]) if hits else np.zeros(0) for k in range(3)]
    ground = _Strips(basin, m, rows, height, share)
    return ground, HitBlock(
        joined[0].astype(np.int64), joined[1].astype(np.int64), joined[2].astype(np.float32), height.size
    )


def _strips(state: BasinState, rows: IntArray, highest_m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Heights over the bank, and people per person of the cell, of the strips of each row: (row, strip)."""
    plain = state.plain
    node, weight = np.polynomial.legendre.leggauss(FLOOR_STRIPS)
    u, w = (node + 1.0) / 2.0, weight / 2.0
    floor_height = plain.floor_height_m[rows, None] * u**plain.profile_exponent
    floor_share = (plain.floor_m2 * plain.floor_density)[rows, None] * w
    node, weight = np.polynomial.legendre.leggauss(SIDE_STRIPS)
    v, w = (node + 1.0) / 2.0, weight / 2.0
    top = np.clip(highest_m - plain.floor_height_m[rows], 0.0, plain.side_height_m[rows])[:, None]
    side_height = plain.floor_height_m[rows, None] + top * v
    side_share = (plain.side_m2_per_m * plain.side_density)[rows, None] * top * w
    return np.hstack((floor_height, side_height)), np.hstack((floor_share, side_share))


def assemble(table: EventTable, blocks: Sequence[HitBlock]) -> EventSet:
    """Hits of all blocks in event order; the places of a block follow those of the blocks before."""
    years = len(table)
    counts = (
        np.stack([np.bincount(b.event, minlength=years) for b in blocks]) if blocks else np.zeros((0, years))
    )
    start = np.zeros(years + 1, dtype=np.int64)
    np.cumsum(counts.sum(axis=0), out=start[1:])
    before = np.cumsum(counts, axis=0) - counts
    place = np.empty(int(start[-1]), dtype=np.uint32)
    depth = np.empty(int(start[-1]), dtype=np.float32)
    first = 0
    for b, block in enumerate(blocks):
        own = np.cumsum(counts[b]) - counts[b]
        target = (start[:-1] + before[b] - own)[block.event].astype(np.int64) + np.arange(block.event.size)
        place[target] = block.place + first
        depth[target] = block.depth_m
        first += block.place_count
    return EventSet(table, first, start, place, depth)


def _exposures(
    inputs: FloodInputs,
    states: list[BasinState],
    strips: list[_Strips],
    variants: Mapping[str, BasinVariants],
) -> tuple[Exposure, Exposure]:
    """Money by strip, municipality and class, and people by strip and municipality."""
    order = np.argsort(inputs.record_cell, kind="stable")
    begins = np.searchsorted(inputs.record_cell[order], np.arange(inputs.cell_count + 1))
    people, place, record, basin, worth = [], [], [], [], []
    first = 0
    for block in strips:
        state = states[block.basin]
        spots = np.arange(block.height_m.size).reshape(block.height_m.shape) + first
        first += block.height_m.size
        cells = inputs.row_cell[block.rows]
        count = begins[cells + 1] - begins[cells]
        row = np.repeat(np.arange(cells.size), count)
        within = np.arange(row.size) - np.repeat(np.cumsum(count) - count, count)
        chosen = order[begins[cells][row] + within]
        mine = inputs.record_member[chosen] == block.member
        row, chosen = row[mine], chosen[mine]
        persons = inputs.record_population[chosen][:, None] * block.people_share[row] * state.calibration
        basin_id = inputs.basins[block.basin].id
        factor = variants[basin_id].damage_factor[0, block.member] if basin_id in variants else 1.0
        people.append(persons.reshape(-1))
        place.append(spots[row].reshape(-1))
        record.append(np.repeat(chosen, block.height_m.shape[1]))
        basin.append(np.full(persons.size, block.basin))
        worth.append(
            np.broadcast_to(state.value[block.member] * factor, (persons.size, state.value.shape[1]))
        )
    if not people:
        return _tables(inputs, np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0), worth)
    joined = [np.concatenate(a) for a in (people, place, record, basin)]
    return _tables(inputs, joined[0], joined[1], joined[2], joined[3], worth)


def _tables(
    inputs: FloodInputs, people: FloatArray, place: FloatArray, record: FloatArray, basin: FloatArray,
    worth: list[FloatArray],
) -> tuple[Exposure, Exposure]:  # fmt: skip
    classes = len(inputs.classes)
    record, basin = record.astype(np.int64), basin.astype(np.int64)
    keep = people > 0
    people, place, record, basin = people[keep], place[keep], record[keep], basin[keep]
    each = np.concatenate(worth)[keep] if worth else np.zeros((0, classes))
    columns = {
        "member": Column(inputs.record_member[record].astype(np.int32), inputs.members),
        "municipality": Column(inputs.record_municipality[record].astype(np.int32), inputs.municipalities),
        "basin": Column(basin.astype(np.int32), tuple(b.id for b in inputs.basins)),
    }
    persons = Exposure(people, place, {HAZARD: np.full(people.size, classes)}, columns)
    repeated = {n: Column(np.repeat(c.codes, classes), c.labels) for n, c in columns.items()}
    code = np.tile(np.arange(classes, dtype=np.int32), people.size)
    repeated["class"] = Column(code, tuple(c.id for c in inputs.classes))
    money = Exposure(
        (people[:, None] * each).reshape(-1), np.repeat(place, classes), {HAZARD: code}, repeated
    )
    return money, persons
