"""All that a programme needs: yearly losses by subset, costs by year and delay, own choices.

Loss over time is exact for shared measures: the horizon splits into spans between the years in
which some measure can begin to work; in a span the loss is that of the measures ready in it, a
year, times the discounted years of the span.

Own timing
    'even' counts an own option as the game without budgets does (``blocks.own_option``): its factor
    is weighted by the part of the discounted horizon in which it works and taken for every year,
    and a warning system counts from year 0 if it is not put off. Costs with and without budgets can
    then be compared to the last digit. 'by-year' lets each work from its own year on, which is
    exact; where shared measures change the loss over the horizon the two differ a little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.blocks import damage_factors
from bothbanks.analysis.measures.flood_case import FloodCase, WarningSpec
from bothbanks.analysis.measures.measure import EVERY, Draw, Measure
from bothbanks.analysis.measures.presentvalue import annuity_factor, discount_factors
from bothbanks.analysis.measures.programme.flows import Flows, delayed_flows, works_from
from bothbanks.analysis.measures.programme.kept import KeptLosses, keep_case_losses
from bothbanks.words.coalitions import mask_of
from bothbanks.words.errors import InputError, RangeError, ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

EVEN, BY_YEAR = "even", "by-year"


@dataclass(frozen=True, eq=False)
class AnnualBasin:
    """Yearly losses in one basin under every subset of the measures that touch it."""

    basin: str
    touching: tuple[int, ...]  # measure index of each bit of a subset
    loss: FloatArray  # (subset, member, class), money a year
    people: FloatArray  # (subset, member), persons a year


@dataclass(frozen=True, eq=False)
class OwnFlow:
    """One thing members may do for themselves, for each delay of its start."""

    id: str
    factor: FloatArray  # (delay, member, basin, class) on the own loss, from the year it counts
    people: FloatArray  # (delay, member, basin) on people affected
    counts_from: IntArray  # (delay,) year; the horizon's length = a delay that is not possible
    flows: Flows  # (delay, member, year)
    available: BoolArray  # (member,)


@dataclass(frozen=True, eq=False)
class WarningFlow:
    """Early warning alone or jointly, for each delay of its start; see ``blocks.JointWarning``."""

    alone_factor: FloatArray  # (delay,)
    joint_factor: FloatArray  # (delay,)
    counts_from: IntArray  # (delay,)
    alone: Flows  # (delay, member, year)
    user: Flows  # (delay, member, year) of each user of a joint system
    fixed: Flows  # (delay, year) of a joint system, once a block
    helps: BoolArray  # (basin, member, other member)


@dataclass(frozen=True, eq=False)
class ProgrammeTables:
    """All that the programmes of one draw need; arrays follow ``members`` and ``measures``."""

    members: tuple[str, ...]
    measures: tuple[str, ...]
    holders: tuple[int, ...]  # mask of the members who must agree; -1 = no member may decide
    fixed: int  # measures that are there in every outcome, by somebody else's plan
    horizon_years: int
    rate: float  # 1/year, real
    delays: tuple[int, ...]
    classes: tuple[str, ...]
    basins: tuple[AnnualBasin, ...]
    works: IntArray  # (measure,) first year it works if not put off
    flows: Flows  # (measure, delay, member, year)
    options: tuple[OwnFlow, ...] = ()
    warning: WarningFlow | None = None

    def __post_init__(self) -> None:
        n, m, d = len(self.members), len(self.measures), len(self.delays)
        if self.flows.capital.shape != (m, d, n, self.horizon_years) or len(self.holders) != m:
            raise ShapeError(
                "programme.tables",
                f"costs of shape {self.flows.capital.shape} and holders of {len(self.holders)} measures; "
                f"needed is (measure, delay, member, year) = {(m, d, n, self.horizon_years)}",
            )
        for b in self.basins:
            if b.loss.shape != (1 << len(b.touching), n, len(self.classes)):
                raise ShapeError(
                    "programme.tables",
                    f"basin '{b.basin}': losses of shape {b.loss.shape} for {len(b.touching)} measures, "
                    f"{n} members and {len(self.classes)} classes",
                )

    @cached_property
    def span_starts(self) -> IntArray:
        """(span,) first year of each span in which the same things can be ready."""
        years = {0, *(int(y) for j in range(len(self.measures)) for y in self.ready_choices(j))}
        for counts in (*(o.counts_from for o in self.options), *self._warning_counts()):
            years |= {int(y) for y in counts}
        years |= {int(self.works[j]) for j in range(len(self.measures)) if self.fixed >> j & 1}
        return np.array(sorted(y for y in years if y < self.horizon_years), dtype=np.int64)

    def _warning_counts(self) -> tuple[IntArray, ...]:
        return () if self.warning is None else (self.warning.counts_from,)

    @cached_property
    def span_weights(self) -> FloatArray:
        """(span,) present value of 1 a year in each span."""
        factors = discount_factors(self.rate, self.horizon_years)
        return np.add.reduceat(factors, self.span_starts)

    @cached_property
    def span_of_year(self) -> IntArray:
        """(year,) index of the span of each year."""
        years = np.arange(self.horizon_years)
        return np.asarray(np.searchsorted(self.span_starts, years, side="right") - 1, dtype=np.int64)

    @cached_property
    def present(self) -> FloatArray:
        """(measure, delay, member) present cost of each shared measure."""
        return self.flows.present(self.rate)

    def ready_choices(self, j: int) -> IntArray:
        """Years from which measure j can work, one for each delay that is possible."""
        ready = self.works[j] + np.array(self.delays, dtype=np.int64)
        return np.asarray(ready[ready < self.horizon_years])

    def possible(self, j: int) -> tuple[int, ...]:
        """Indices of the delays after which measure j still works within the horizon."""
        return tuple(d for d, y in enumerate(self.delays) if self.works[j] + y < self.horizon_years)

    def ready(self, starts: Sequence[int] | IntArray) -> IntArray:
        """First year in which each measure works: (..., measure) from starts (..., measure)."""
        at = np.asarray(starts, dtype=np.int64)
        return np.where(at < 0, self.horizon_years, np.minimum(self.works + at, self.horizon_years))

    def nothing(self) -> tuple[int, ...]:
        """Starts with nothing built but what is fixed."""
        return tuple(0 if self.fixed >> j & 1 else -1 for j in range(len(self.measures)))

    def delay_index(self, start: int) -> int:
        """Index of a delay in years. Raises RangeError where it is not allowed."""
        if start not in self.delays:
            raise RangeError(
                "programme.delay", f"a start put off by {start} years; allowed are {list(self.delays)}"
            )
        return self.delays.index(start)


def programme_tables(
    kept: KeptLosses,
    measures: Sequence[Measure],
    own: Sequence[Measure],
    draw: Draw,
    horizon_years: int,
    rate: float,
    delays: Sequence[int] = (0,),
    scales: dict[str, FloatArray] | None = None,
    warning: WarningSpec | None = None,
    own_timing: str = EVEN,
) -> ProgrammeTables:
    """Tables from the losses kept: nothing is asked of the hazard model.

    Parameters
    ----------
    measures : shared ones, in the order they were asked for.
    own : measures that members take for themselves.
    draw : any draw that does to the water what the losses were kept for.
    scales : (member,) quantity an own measure's unit cost is multiplied by; default 1.
    own_timing : 'even' or 'by-year', see the module.

    Raises
    ------
    InputError [programme.kept]
        The draw changes what a measure does to the water: ask the hazard anew.
    RangeError
        A cost that is not possible, or a measure that works within the horizon after no delay.
    """
    if own_timing not in (EVEN, BY_YEAR):
        raise InputError(
            "programme.own-timing", f"own timing '{own_timing}' is unknown; use '{EVEN}' or '{BY_YEAR}'"
        )
    if not kept.fits(measures, draw):
        raise InputError(
            "programme.kept",
            "these losses were kept for other effects on the water than the draw gives; "
            "ask the hazard model anew with keep_losses",
        )
    members, delays = kept.members, tuple(delays)
    maker = _Maker(kept, draw, horizon_years, rate, delays, own_timing == EVEN)
    return ProgrammeTables(
        members=members,
        measures=tuple(m.id for m in measures),
        holders=tuple(-1 if m.fixed else mask_of(m.holders, members) for m in measures),
        fixed=sum(1 << j for j, m in enumerate(measures) if m.fixed and m.planned),
        horizon_years=horizon_years,
        rate=rate,
        delays=delays,
        classes=kept.classes,
        basins=tuple(maker.basin(b, measures) for b in range(len(kept.basins))),
        works=np.array([m.works_from for m in measures], dtype=np.int64),
        flows=maker.shared(measures),
        options=tuple(maker.option(m, (scales or {}).get(m.id)) for m in own),
        warning=None if warning is None else maker.warning(warning),
    )


def case_tables(
    case: FloodCase,
    draw: Draw,
    delays: Sequence[int] = (0,),
    kept: KeptLosses | None = None,
    own_timing: str = EVEN,
) -> ProgrammeTables:
    """Tables of a flood case; ``kept`` are its losses where they are known already."""
    s = case.settings
    return programme_tables(
        keep_case_losses(case, draw) if kept is None else kept,
        case.shared,
        case.own,
        draw,
        s.horizon_years,
        case.rate(draw),
        delays,
        {name: np.asarray(scale(draw), dtype=np.float64) for name, scale in s.scales.items()},
        s.warning,
        own_timing,
    )


@dataclass(frozen=True)
class _Maker:
    """Makes the parts of the tables under one draw."""

    kept: KeptLosses
    draw: Draw
    horizon: int
    rate: float
    delays: tuple[int, ...]
    even: bool

    def basin(self, b: int, measures: Sequence[Measure]) -> AnnualBasin:
        k = self.kept.basins[b]
        factors = damage_factors(
            k.basin, measures, k.touching, self.kept.members, self.kept.classes, self.draw
        )
        return AnnualBasin(k.basin, k.touching, k.money * factors, k.people)

    def flow(self, m: Measure, capital: str) -> Flows:
        """Costs (delay, year); nothing for a capital parameter that is not named."""
        share = self.draw[m.upkeep] if m.upkeep else 0.0
        return delayed_flows(m, self.draw[capital] if capital else 0.0, share, self.delays, self.horizon)

    def shared(self, measures: Sequence[Measure]) -> Flows:
        """Costs (measure, delay, member, year)."""
        members = self.kept.members
        shape = (len(measures), len(self.delays), len(members))
        out = Flows(np.zeros((*shape, self.horizon)), np.zeros((*shape, self.horizon)), np.zeros(shape))
        for j, m in enumerate(measures):
            if m.fixed:
                continue
            part = np.array([(x in m.payers) / len(m.payers) for x in members])
            each = self.flow(m, m.cost).times(part)
            out.capital[j], out.upkeep[j], out.residual[j] = each.capital, each.upkeep, each.residual
        return out

    def timing(self, first: IntArray) -> tuple[FloatArray, IntArray]:
        """Weight of the factor for each delay, and the year from which it counts."""
        if not self.even:
            return np.ones(first.size), first
        whole = annuity_factor(self.rate, self.horizon)
        weight = np.array([annuity_factor(self.rate, self.horizon, int(y)) / whole for y in first])
        return weight, np.where(first < self.horizon, 0, self.horizon)

    def option(self, m: Measure, scale: FloatArray | None) -> OwnFlow:
        members, basins = self.kept.members, [k.basin for k in self.kept.basins]
        n = len(members)
        weight, counts = self.timing(works_from(m, self.delays, self.horizon))
        factor = np.ones((weight.size, n, len(basins), len(self.kept.classes)))
        for e in m.effects:
            size = 1.0 - weight * (1.0 - self.draw[e.size])
            who = np.array([e.touches(x) for x in members])
            where = np.array([e.acts_in(b) for b in basins])
            what = np.array([e.covers(c) for c in self.kept.classes])
            touched = who[:, None, None] & where[:, None] & what
            factor *= np.where(touched, size[:, None, None, None], 1.0)
        # People who moved away are not flooded; a proofed house still stands in water.
        people = factor.max(axis=3) if m.kind == "relocation" else np.ones(factor.shape[:3])
        hosts = m.hosts or m.holders or (EVERY,)
        return OwnFlow(
            id=m.id,
            factor=factor,
            people=people,
            counts_from=counts,
            flows=self.flow(m, m.cost).times(np.ones(n) if scale is None else scale),
            available=np.array([EVERY in hosts or x in hosts for x in members]),
        )

    def warning(self, w: WarningSpec) -> WarningFlow:
        n = len(self.kept.members)
        for name in (w.alone_factor, w.joint_factor):
            if not 0.0 <= self.draw[name] <= 1.0:
                raise RangeError(
                    "measures.warning", f"'{name}' is {self.draw[name]}; a warning leaves 0 to 1 of the loss"
                )
        first = works_from(w.measure, self.delays, self.horizon)
        weight, counts = self.timing(first)
        if self.even:  # a system that is not put off counts from year 0, as in the game without budgets
            put_off = np.array([annuity_factor(self.rate, self.horizon, d) for d in self.delays])
            weight = put_off / annuity_factor(self.rate, self.horizon)
        return WarningFlow(
            alone_factor=1.0 - weight * (1.0 - self.draw[w.alone_factor]),
            joint_factor=1.0 - weight * (1.0 - self.draw[w.joint_factor]),
            counts_from=counts,
            alone=self.flow(w.measure, w.alone_cost).times(np.ones(n)),
            user=self.flow(w.measure, w.joint_user_cost).times(np.ones(n)),
            fixed=self.flow(w.measure, w.joint_cost),
            helps=w.helps,
        )
