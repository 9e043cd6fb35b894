"""Losses tabulated once: by basin, subset of the measures that touch it, and member.

Expected annual damage needs only each place's own marginal, so a measure matters in the basins
that it touches and nowhere else. With t measures touching a basin the hazard model is asked for
2**t variants of that basin; the loss of a member under any of the 2**m subsets of all m measures
is then a gather from these small tables and a sum over basins.

Building takes time: the horizon is split into the spans in which the same measures are ready,
and each span uses the loss of the measures ready in it, so the present value is exact.

Own options
    An own option multiplies the member's own loss by a factor in each basin, for a cost. Folding
    it is exact: the option enters no other member's loss, hence only one term of its block's
    objective, and min over (shared, own) of a sum = min over shared of the sum of the minima.
    Which option is behind each minimum is kept (``options`` index), so that it can be reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.measure import (
    EVERY,
    Draw,
    Measure,
    cost_by_year,
    cost_table,
    phase_weights,
)
from bothbanks.analysis.measures.presentvalue import annuity_factor
from bothbanks.analysis.risk.hazards.variants import BasinVariants
from bothbanks.words.coalitions import mask_of
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

MAX_TOUCHING = 10


class Damage(Protocol):
    """What a hazard model answers for k variants of one basin."""

    @property
    def money(self) -> FloatArray:
        """(k, member, class), money a year."""

    @property
    def people(self) -> FloatArray:
        """(k, member), persons a year."""


class DamageModel(Protocol):
    """A hazard model that can be asked for the expected annual damage in one basin."""

    def annual_damage(self, draw: Draw, basin: str, variants: BasinVariants, /) -> Damage:
        """Expected annual damage of each variant."""


@dataclass(frozen=True)
class BasinTable:
    """Losses in one basin under every subset of the measures that touch it, without own options."""

    basin: str
    touching: tuple[int, ...]  # measure index of each bit of a subset
    loss: FloatArray  # (subset, member), present value
    people: FloatArray  # (subset, member), persons a year once all is built
    by_class: FloatArray  # (subset, member, class), present value; sums to loss


@dataclass(frozen=True)
class OwnOption:
    """One thing a member may do for itself: a cost, and a factor on its own loss by basin."""

    id: str
    cost: FloatArray  # (member,), present value
    loss_factor: FloatArray  # (member, basin) or (member, basin, class), 1
    people_factor: FloatArray  # (member, basin), 1
    available: BoolArray  # (member,)


@dataclass(frozen=True)
class JointWarning:
    """Early warning as a joint technology of a block.

    Alone, a member may run its own system for ``alone_cost`` and multiply its losses by
    ``alone_factor``. A block may run a joint one for ``joint_fixed``, shared equally by the
    members that use it, and ``joint_cost`` for each of them; a user's losses are multiplied by
    ``joint_factor`` in the basins where another member of its block ``helps`` (lies upstream, or
    shares the basin: the case says which), and by ``alone_factor`` elsewhere.
    """

    alone_factor: float
    joint_factor: float
    alone_cost: FloatArray  # (member,), present value
    joint_cost: FloatArray  # (member,), present value
    joint_fixed: float  # present value, once a block
    helps: BoolArray  # (basin, member, other member)


@dataclass(frozen=True)
class GameTables:
    """All that the game of one draw needs; arrays follow ``members`` and ``measures``."""

    members: tuple[str, ...]
    measures: tuple[str, ...]
    holders: tuple[int, ...]  # mask of the members who must agree; -1 = no member may decide
    cost: FloatArray  # (measure, member), present value
    basins: tuple[BasinTable, ...]
    options: tuple[OwnOption, ...] = ()
    warning: JointWarning | None = None
    fixed: int = 0  # measures that are there in every outcome, by somebody else's plan
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n, m, b = len(self.members), len(self.measures), len(self.basins)
        if len(self.holders) != m or self.cost.shape != (m, n):
            raise ShapeError(
                "measures.tables",
                f"{m} measures and {n} members, but holders for {len(self.holders)} measures and costs of "
                f"shape {self.cost.shape}; holders need one mask a measure, costs need (measure, member)",
            )
        for t in self.basins:
            if t.loss.shape != (1 << len(t.touching), n):
                raise ShapeError(
                    "measures.tables",
                    f"basin '{t.basin}': losses of shape {t.loss.shape}; {len(t.touching)} touching measures "
                    f"and {n} members need {(1 << len(t.touching), n)}",
                )
            if not np.isfinite(t.loss).all():
                raise MissingValueError(
                    "measures.loss",
                    f"basin '{t.basin}': a loss is missing or infinite; leave out what is not modelled",
                )
            if t.by_class.shape[:2] != t.loss.shape or not np.allclose(
                t.by_class.sum(axis=2), t.loss, rtol=1e-9
            ):
                raise ShapeError(
                    "measures.tables",
                    f"basin '{t.basin}': losses by class {t.by_class.shape} don't add up to "
                    f"the losses {t.loss.shape}",
                )
        for o in self.options:
            if o.cost.shape != (n,) or o.loss_factor.shape[:2] != (n, b):
                raise ShapeError(
                    "measures.tables",
                    f"own option '{o.id}': cost {o.cost.shape} and factors {o.loss_factor.shape}; "
                    f"needed are {(n,)} and {(n, b)} (or a third axis of classes)",
                )
        if self.warning is not None and self.warning.helps.shape != (b, n, n):
            raise ShapeError(
                "measures.tables",
                f"warning: 'helps' has shape {self.warning.helps.shape}; needed is {(b, n, n)}",
            )


def subset_variants(
    basin: str, measures: Sequence[Measure], touching: Sequence[int], members: Sequence[str], draw: Draw
) -> BasinVariants:
    """The variants of one basin for every subset of the measures that touch it.

    Factors multiply, metres add, of several protected return periods the highest holds. Effects on
    damage are left out here: see ``damage_factors``.

    Returns
    -------
    BasinVariants with k = 2**len(touching) rows in mask order.
    """
    k, n = 1 << len(touching), len(members)
    discharge, stage = np.ones((k, n)), np.zeros((k, n))
    protection = np.full((k, n), np.nan)
    rows = np.arange(k)
    for bit, j in enumerate(touching):
        has = (rows >> bit & 1).astype(bool)
        for effect in measures[j].effects:
            if not effect.acts_in(basin):
                continue
            size = draw[effect.size]
            at = np.ix_(has, np.array([effect.touches(m) for m in members]))
            if effect.on == "discharge":
                discharge[at] *= size
            elif effect.on == "stage":
                stage[at] += size
            elif effect.on == "protection":
                protection[at] = np.fmax(protection[at], size)
            elif effect.on != "damage":
                raise RangeError(
                    "measures.effect", f"measure '{measures[j].id}': unknown effect on '{effect.on}'"
                )
    return BasinVariants(discharge, stage, protection, np.ones((k, n)))


def damage_factors(
    basin: str,
    measures: Sequence[Measure],
    touching: Sequence[int],
    members: Sequence[str],
    classes: Sequence[str],
    draw: Draw,
) -> FloatArray:
    """Factor on the loss for every subset of the touching measures: (subset, member, class)."""
    rows = np.arange(1 << len(touching))
    out = np.ones((rows.size, len(members), len(classes)))
    for bit, j in enumerate(touching):
        has = (rows >> bit & 1).astype(bool)
        for e in measures[j].effects:
            if e.on == "damage" and e.acts_in(basin):
                who, what = [e.touches(m) for m in members], [e.covers(c) for c in classes]
                out[np.ix_(has, np.array(who), np.array(what))] *= draw[e.size]
    return out


def touching_measures(basin: str, measures: Sequence[Measure]) -> tuple[int, ...]:
    """Indices of the shared measures with an effect in that basin."""
    return tuple(j for j, m in enumerate(measures) if not m.own and any(e.acts_in(basin) for e in m.effects))


def basin_table(
    model: DamageModel,
    basin: str,
    measures: Sequence[Measure],
    members: Sequence[str],
    draw: Draw,
    horizon_years: int,
    rate: float,
    classes: Sequence[str] = (),
) -> BasinTable:
    """Present value of the losses in one basin for each subset of the measures touching it.

    Raises
    ------
    RangeError
        More than 10 measures touch the basin (1,024 variants of the hazard model).
    """
    touching = touching_measures(basin, measures)
    if len(touching) > MAX_TOUCHING:
        raise RangeError(
            "measures.basin-size",
            f"{len(touching)} measures touch basin '{basin}'; at most {MAX_TOUCHING} are tabulated. "
            "Split the basin into reaches, or join measures that are always built together",
        )
    damage = model.annual_damage(draw, basin, subset_variants(basin, measures, touching, members, draw))
    annual = np.asarray(damage.money, dtype=np.float64)
    names = tuple(classes) or tuple(str(c) for c in range(annual.shape[2]))
    if len(names) != annual.shape[2]:
        raise ShapeError(
            "measures.classes",
            f"basin '{basin}': damage for {annual.shape[2]} classes, but {len(names)} are named",
        )
    annual = annual * damage_factors(basin, measures, touching, members, names, draw)
    rows = np.arange(1 << len(touching))
    by_class = np.zeros_like(annual)
    for ready, weight in phase_weights([measures[j] for j in touching], horizon_years, rate):
        by_class += weight * annual[rows & ready]
    return BasinTable(
        basin, touching, by_class.sum(axis=2), np.asarray(damage.people, dtype=np.float64), by_class
    )


def flood_tables(
    model: DamageModel,
    members: Sequence[str],
    measures: Sequence[Measure],
    basins: Sequence[str],
    draw: Draw,
    horizon_years: int,
    rate: float,
    options: Sequence[OwnOption] = (),
    warning: JointWarning | None = None,
    classes: Sequence[str] = (),
) -> GameTables:
    """Tables of the game for one draw. ``measures`` are the shared ones only."""
    tables = tuple(
        basin_table(model, b, measures, members, draw, horizon_years, rate, classes) for b in basins
    )
    return GameTables(
        members=tuple(members),
        measures=tuple(m.id for m in measures),
        holders=tuple(-1 if m.fixed else mask_of(m.holders, members) for m in measures),
        cost=cost_table(measures, members, draw, horizon_years, rate),
        basins=tables,
        options=tuple(options),
        warning=warning,
        fixed=sum(1 << j for j, m in enumerate(measures) if m.fixed and m.planned),
        classes=tuple(classes),
    )


def subset_index(table: BasinTable, profiles: IntArray) -> IntArray:
    """Row of a basin's table for each profile (bit mask over all measures)."""
    out = np.zeros(profiles.shape, dtype=np.int64)
    for bit, j in enumerate(table.touching):
        out |= (profiles >> j & 1) << bit
    return out


def full_loss(tables: GameTables, profiles: IntArray | None = None) -> FloatArray:
    """Loss of each member under each profile of the shared measures, without own options.

    Parameters
    ----------
    profiles : (profile,) bit masks; by default all 2**m in mask order.

    Returns
    -------
    (profile, member), present value
    """
    if profiles is None:
        profiles = np.arange(1 << len(tables.measures), dtype=np.int64)
    out = np.zeros((profiles.shape[0], len(tables.members)))
    for t in tables.basins:
        out += t.loss[subset_index(t, profiles)]
    return out


def full_cost(tables: GameTables, profiles: IntArray) -> FloatArray:
    """Present cost of the shared measures by the member that pays: (profile, member)."""
    m = len(tables.measures)
    bits = (profiles[:, None] >> np.arange(m)[None, :] & 1).astype(np.float64)
    return np.asarray(bits @ tables.cost, dtype=np.float64)


def option_set(tables: GameTables) -> tuple[OwnOption, ...]:
    """Every combination of the own options, doing nothing first. Factors multiply, costs add."""
    n, b = len(tables.members), len(tables.basins)
    c = tables.basins[0].by_class.shape[2] if tables.basins else 1
    out = []
    for mask in range(1 << len(tables.options)):
        cost, loss, people = np.zeros(n), np.ones((n, b, c)), np.ones((n, b))
        available, names = np.ones(n, dtype=bool), []
        for k, o in enumerate(tables.options):
            if mask >> k & 1:
                cost, loss, people = cost + o.cost, loss * _by_class(o.loss_factor), people * o.people_factor
                available = available & o.available
                names.append(o.id)
        out.append(OwnOption("+".join(names), cost, loss, people, available))
    return tuple(out)


def _by_class(factor: FloatArray) -> FloatArray:
    """Factors with a class axis."""
    return factor if factor.ndim == 3 else factor[:, :, None]


def own_option(
    measure: Measure,
    members: Sequence[str],
    basins: Sequence[str],
    draw: Draw,
    horizon_years: int,
    rate: float,
    scale: FloatArray | None = None,
    classes: Sequence[str] = ("all",),
) -> OwnOption:
    """An own measure as an option of each member that may take it.

    The capital parameter is a unit cost, multiplied by ``scale`` (for instance people on the
    floodplain, or the value there). The option works from the year after it is built; its factor
    is weighted by the part of the discounted horizon in which it works, which is exact while the
    yearly loss does not change over the horizon.

    Parameters
    ----------
    scale : (member,), quantity the unit cost is multiplied by; default 1 each.
    classes : names of the classes of damage, in the order of the hazard model.
    """
    n, nb = len(members), len(basins)
    unit = cost_by_year(measure, draw, horizon_years).present(rate)
    cost = unit * (np.ones(n) if scale is None else np.asarray(scale, dtype=np.float64))
    works = annuity_factor(rate, horizon_years, measure.works_from) / annuity_factor(rate, horizon_years)
    factor = np.ones((n, nb, len(classes)))
    for e in measure.effects:
        size = 1.0 - works * (1.0 - draw[e.size])
        who = np.array([e.touches(m) for m in members])
        where = np.array([e.acts_in(basin) for basin in basins])
        factor[np.ix_(who, where, np.array([e.covers(c) for c in classes]))] *= size
    hosts = measure.hosts or measure.holders or (EVERY,)
    may = np.array([EVERY in hosts or m in hosts for m in members])
    # People who moved away are not flooded; a proofed house still stands in water.
    people = factor.max(axis=2) if measure.kind == "relocation" else np.ones((n, nb))
    return OwnOption(measure.id, cost, factor, people, may)
