"""Loss exceedance curves and who is hurt by which river, from the joint event catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.findings import Column, Curve, Table, Text
from bothbanks.analysis.measures.blocks import subset_index, subset_variants, touching_measures
from bothbanks.analysis.measures.equilibrium import Equilibrium, PartitionGame
from bothbanks.analysis.risk.eventset import EventSet
from bothbanks.analysis.risk.hazards.variants import BasinVariants
from bothbanks.analysis.risk.losses import EventLosses, event_losses
from bothbanks.analysis.risk.metrics import occurrence_curve
from bothbanks.app.cases import FloodRun, StormRun
from bothbanks.app.workers import Help, each

FloatArray = NDArray[np.float64]
Draw = Mapping[str, float]

PERIODS = np.array([2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0])
READING: Literal["annual-maxima"] = "annual-maxima"
YEARS = 10_000
DRAWN_YEARS = 2_000
WORTH_SHOWING = 0.002
"""Share of the whole below which rows of who is hurt by what are summed up in one."""
REST = {"en": "all others together", "de": "alle übrigen", "fr": "tous les autres", "nl": "alle overige"}


@dataclass(frozen=True, eq=False)
class Catalogue:
    """One catalogue of events and what each costs every member under one set of measures."""

    events: EventSet
    losses: EventLosses


def own_factors(game: PartitionGame, found: Equilibrium) -> FloatArray:
    """(member, basin) what the members' own options and warning leave of their loss in an outcome."""
    t = game.tables
    profile = np.array([found.profile], dtype=np.int64)
    names = [o.id for o in game.losses.options]
    warning = game.losses.warning_factors(found.partition, found.warning)
    out = np.ones((len(t.members), len(t.basins)))
    for b, table in enumerate(t.basins):
        plain = table.by_class[subset_index(table, profile)[0]]
        for i, own in enumerate(found.own):
            factor = np.asarray(game.losses.options[names.index(own)].loss_factor)[i, b]
            left = float((plain[i] * factor).sum())
            total = float(plain[i].sum())
            out[i, b] = (left / total if total > 0 else 1.0) * warning[i, b]
    return out


def outcome_variants(
    run: FloodRun, game: PartitionGame, found: Equilibrium, draw: Draw
) -> dict[str, BasinVariants]:
    """One variant of each basin: the shared measures of an outcome, with own options and warning on
    the damage.
    """
    factors = own_factors(game, found)
    shared = run.game.shared
    out = {}
    for b, basin in enumerate(run.game.basins):
        touching = touching_measures(basin, shared)
        every = subset_variants(basin, shared, touching, run.game.members, draw)
        row = sum((found.profile >> j & 1) << bit for bit, j in enumerate(touching))
        out[basin] = BasinVariants(
            every.discharge_factor[row : row + 1],
            every.stage_shift_m[row : row + 1],
            every.protection_years[row : row + 1],
            every.damage_factor[row : row + 1] * factors[None, :, b],
        )
    return out


def flood_losses(
    run: FloodRun, draw: Draw, variants: Mapping[str, BasinVariants], years: int, seed: int
) -> Catalogue:
    """Catalogue of ``years`` years under given measures, and what it costs every member."""
    rng = np.random.default_rng([seed, 1])
    events = run.hazard.model.event_set(draw, years, rng, variants, run.hazard.climate)
    losses = event_losses(events.events, events.exposure, events.curves, by=("member",))
    return Catalogue(events.events, losses)


def curve_of(case: str, variant: str, losses: FloatArray, rate: FloatArray, totals: FloatArray) -> Curve:
    """Occurrence exceedance of each member and of the region's own events, one yearly maximum an event.

    Parameters
    ----------
    losses : (event, member)
    totals : (draw, period) of the region over the draws, for its range; empty = no range
    """
    by_member = [
        occurrence_curve(losses[:, i], rate, READING).loss_at(PERIODS) for i in range(losses.shape[1])
    ]
    total = occurrence_curve(losses.sum(axis=1), rate, READING).loss_at(PERIODS)
    nothing = np.full(PERIODS.size, np.nan)
    low, high = np.percentile(totals, [5, 95], axis=0) if totals.size else (nothing, nothing)
    return Curve(case, variant, PERIODS, np.stack(by_member, axis=1), total, low, high)


@dataclass(frozen=True, eq=False)
class _DrawTotals:
    """Region totals by return period in one draw, alone and together."""

    run: FloodRun
    seed: int

    def __call__(self, draws: Sequence[Draw]) -> list[FloatArray]:
        return [self.one(d) for d in draws]

    def one(self, draw: Draw) -> FloatArray:
        game = PartitionGame(self.run.game.tables(draw))
        out = []
        for found in (game.alone(), game.together()):
            made = flood_losses(
                self.run, draw, outcome_variants(self.run, game, found, draw), DRAWN_YEARS, self.seed
            )
            loss = made.losses.table("member").loss.sum(axis=1)
            out.append(occurrence_curve(loss, made.losses.events.rate, READING).loss_at(PERIODS))
        return np.stack(out)


def flood_curves(
    run: FloodRun,
    game: PartitionGame,
    base: Draw,
    draws: Sequence[Draw],
    seed: int,
    workers: Help = None,
) -> tuple[tuple[Curve, ...], dict[str, Catalogue]]:
    """Curves alone and together with the range over some draws, and the catalogue of each."""
    ranges = np.array(
        [row for part in each(_DrawTotals(run, seed), [[d] for d in draws], None, workers) for row in part]
    )
    curves, made = [], {}
    for k, (variant, found) in enumerate((("alone", game.alone()), ("together", game.together()))):
        result = flood_losses(run, base, outcome_variants(run, game, found, base), YEARS, seed)
        loss = result.losses.table("member").loss
        totals = ranges[:, k] if ranges.size else np.empty((0, PERIODS.size))
        curves.append(curve_of(run.settings.id, variant, loss, result.losses.events.rate, totals))
        made[variant] = result
    return tuple(curves), made


def storm_curves(
    run: StormRun, game: PartitionGame, base: Draw, seed: int
) -> tuple[tuple[Curve, ...], dict[str, Catalogue]]:
    """Curves of the storm catalogue, and the catalogue of each.

    Alone and together are the same unless a member changes its own measures.
    """
    curves, catalogues = [], {}
    for variant, found in (("alone", game.alone()), ("together", game.together())):
        factor = own_factors(game, found)[:, 0][None]
        made = run.hazard.event_set(base, YEARS, np.random.default_rng([seed, 2]), factor)
        losses = event_losses(made.events, made.exposure, made.curves, by=("member",))
        rate = losses.events.rate
        empty = np.empty((0, PERIODS.size))
        curves.append(curve_of(run.settings.id, variant, losses.table("member").loss, rate, empty))
        catalogues[variant] = Catalogue(made.events, losses)
    return tuple(curves), catalogues


def hurt_by_origin(made: Catalogue, members: Sequence[str], names: Mapping[str, Text], unit: str) -> Table:
    """Expected annual damage by the river it comes from and the member it falls on, greatest first."""
    exposure = made.losses.exposure
    member, basin = exposure.columns["member"], exposure.columns["basin"]
    annual = made.losses.asset_annual[0]
    key = basin.codes.astype(np.int64) * len(member.labels) + member.codes
    total = np.bincount(key, annual, len(basin.labels) * len(member.labels)).reshape(len(basin.labels), -1)
    least = WORTH_SHOWING * total.sum()
    found = [
        (b, m, float(total[i, member.labels.index(m)]))
        for i, b in enumerate(basin.labels)
        for m in members
        if m in member.labels and total[i, member.labels.index(m)] > least
    ]
    found.sort(key=lambda r: (-r[2], r[0], r[1]))
    rows: list[tuple[object, ...]] = [(dict(names.get(b) or {"": b}), m, loss) for b, m, loss in found]
    rest = float(total.sum()) - sum(loss for _, _, loss in found)
    if rest > 0.0:
        rows.append((REST, "", rest))
    columns = (Column("basin"), Column("member", "member"), Column("annual_loss", "money", f"{unit}/year"))
    return Table("hurt-by-origin", columns, tuple(rows))
