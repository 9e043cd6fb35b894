"""One block's choice, written down once for both ways of making it (enumeration, 0/1 programme)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.choice import spread
from bothbanks.analysis.measures.programme.choices import (
    Choices,
    Part,
    PartCache,
    combined,
    merged,
    not_dominated,
)
from bothbanks.analysis.measures.programme.heeding import (
    bound_members,
    decided_by,
    service_base,
    without,
)
from bothbanks.analysis.measures.programme.plan import NOT_BUILT, Plan
from bothbanks.analysis.measures.programme.tables import ProgrammeTables
from bothbanks.analysis.measures.programme.terms import LOSS, MinimumService, ProgrammeTerms

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class BasinPart:
    """What one basin costs the block's members before own choices, by span and own subset."""

    basin: int  # its place in the tables
    mine: tuple[int, ...]  # places in ``own`` of the block's measures that touch the basin
    loss: tuple[FloatArray, ...]  # by member of the block: (span, subset, class), present value
    people: tuple[FloatArray, ...]  # by member: (span, subset), persons a year


@dataclass(frozen=True, eq=False)
class Limits:
    """Budgets that can bind: rows of cash that must not exceed ``most``."""

    most: FloatArray  # (row,)
    shared: FloatArray  # (own measure, delay, row)
    own: tuple[tuple[FloatArray, ...], ...]  # by member of the block and part: (alternative, row)
    fixed: FloatArray  # (member of the block, delay, row) a joint warning, if the member paid all of it
    split: bool  # the fixed cost falls on other rows with other users


@dataclass(frozen=True, eq=False)
class BlockProblem:
    """A block, what it can decide, and the others' schedule that stands."""

    tables: ProgrammeTables
    terms: ProgrammeTerms
    block: int
    rest: Plan  # the block's part taken out
    own: tuple[int, ...]  # measures it decides about
    delays: tuple[tuple[int, ...], ...]  # by own measure: indices of the delays that are possible
    who: tuple[int, ...]  # its members
    parts: tuple[tuple[Part, ...], ...]  # by member: what it may do for itself
    cost: FloatArray  # (own measure, delay) present value
    fixed_cost: FloatArray  # (delay,) of a joint warning
    basins: tuple[BasinPart, ...]
    limits: Limits

    def plan(self, starts: Sequence[int], taken: Sequence[Sequence[int]]) -> Plan:
        """The whole plan: delay indices of the own measures, and by member the alternative of each part."""
        whole, own = list(self.rest.starts), list(self.rest.own)
        for j, d in zip(self.own, starts, strict=True):
            whole[j] = NOT_BUILT if d < 0 else self.tables.delays[d]
        for i, parts, picks in zip(self.who, self.parts, taken, strict=True):
            own[i] = merged([p.plans[k] for p, k in zip(parts, picks, strict=True)])
        return Plan(tuple(whole), tuple(own))

    @cached_property
    def choices(self) -> tuple[Choices, ...]:
        """By member: every combination of its parts. Only for blocks whose programmes are all tried."""
        t = self.tables
        size = (t.span_starts.size, len(t.basins), len(t.classes))
        return tuple(combined(parts, *size) for parts in self.parts)

    def own_cash(self, m: int) -> FloatArray:
        """(choice, row) what the choices of one member ask of the budgets that can bind."""
        out = np.zeros((len(self.choices[m].present), self.limits.most.size))
        for k, cash in enumerate(self.limits.own[m]):
            out += cash[self.choices[m].index[:, k]]
        return out

    def service_limits(self, service: MinimumService) -> tuple[list[int], IntArray, FloatArray]:
        """Places of the members bound, spans in which it must hold, and the most allowed in each."""
        t = self.tables
        who = [self.who.index(i) for i in bound_members(t, service, self.block)]
        ends = np.append(t.span_starts[1:], t.horizon_years)
        spans = np.flatnonzero(ends > service.by_year)
        if not who:
            return [], spans[:0], np.zeros(0)
        base = service_base(t, service, self.block)[t.span_starts]
        return who, spans, service.share * base[spans]

    def yearly(self, service: MinimumService, m: int) -> list[FloatArray]:
        """By basin (span, subset, class) a year before own choices: loss, or people (one class)."""
        if service.on == LOSS:
            weight = self.tables.span_weights[:, None, None]
            return [part.loss[m] / weight for part in self.basins]
        return [part.people[m][:, :, None] for part in self.basins]


def block_problem(
    tables: ProgrammeTables, terms: ProgrammeTerms, block: int, rest: Plan, cache: PartCache | None = None
) -> BlockProblem:
    """Write down what a block can decide while the others' part of ``rest`` stands."""
    who = tuple(i for i in range(len(tables.members)) if block >> i & 1)
    own = tuple(j for j in range(len(tables.measures)) if decided_by(tables, j, block))
    cache = cache or PartCache(tables)
    rest = without(rest, block, tables)
    basins = _basins(tables, who, own, rest)
    parts = tuple(cache.of(i, block) for i in who)
    # What alternatives can be left out depends on which budgets can bind, and the other way round.
    parts = _worthwhile(tables, terms, block, who, basins, parts, _limits(tables, terms, who, own, parts))
    w = tables.warning
    return BlockProblem(
        tables=tables,
        terms=terms,
        block=block,
        rest=rest,
        own=own,
        delays=tuple(tables.possible(j) for j in own),
        who=who,
        parts=parts,
        cost=tables.present[list(own)].sum(axis=2),
        fixed_cost=np.zeros(len(tables.delays)) if w is None else w.fixed.present(tables.rate),
        basins=basins,
        limits=_limits(tables, terms, who, own, parts),
    )


def _worthwhile(
    tables: ProgrammeTables,
    terms: ProgrammeTerms,
    block: int,
    who: tuple[int, ...],
    basins: tuple[BasinPart, ...],
    parts: tuple[tuple[Part, ...], ...],
    limits: Limits,
) -> tuple[tuple[Part, ...], ...]:
    """The parts without alternatives that can't be best."""
    served = {i for s in terms.services for i in bound_members(tables, s, block)}
    out = []
    for m, i in enumerate(who):
        peak = np.zeros((tables.span_starts.size, len(tables.basins), len(tables.classes)))
        for b in basins:
            peak[:, b.basin] = b.loss[m].max(axis=1)
        # Where an own option makes a loss greater, the others may save more than without it.
        highest = [max(1.0, float(p.factor.max(initial=1.0))) for p in parts[m]]
        kept = []
        for k, (part, cash) in enumerate(zip(parts[m], limits.own[m], strict=True)):
            others = float(np.prod([h for j, h in enumerate(highest) if j != k]))
            kept.append(part.take(not_dominated(part, peak * others, cash, i in served, not limits.split)))
        out.append(tuple(kept))
    return tuple(out)


def _basins(
    tables: ProgrammeTables, who: tuple[int, ...], own: tuple[int, ...], rest: Plan
) -> tuple[BasinPart, ...]:
    """Losses of the block's members in the basins where they have any."""
    ready = tables.ready(rest.starts)
    weight = tables.span_weights[:, None, None]
    out = []
    for b, basin in enumerate(tables.basins):
        if not basin.loss[:, list(who)].any() and not basin.people[:, list(who)].any():
            continue
        bits = [bit for bit, j in enumerate(basin.touching) if j in own]
        held = np.zeros(weight.size, dtype=np.int64)
        for bit, j in enumerate(basin.touching):
            if j not in own:
                held |= (ready[j] <= tables.span_starts).astype(np.int64) << bit
        rows = held[:, None] | spread(bits)[None, :]  # (span, subset)
        out.append(
            BasinPart(
                basin=b,
                mine=tuple(own.index(basin.touching[bit]) for bit in bits),
                loss=tuple(basin.loss[rows, i] * weight for i in who),
                people=tuple(basin.people[rows, i] for i in who),
            )
        )
    return tuple(out)


def _limits(
    tables: ProgrammeTables,
    terms: ProgrammeTerms,
    who: tuple[int, ...],
    own: tuple[int, ...],
    parts: tuple[tuple[Part, ...], ...],
) -> Limits:
    """Rows of cash for each fiscal year whose budget everything together could exceed."""
    overlap, w = terms.fiscal.overlap, tables.warning
    fiscal, groups = (
        overlap.shape[1],
        [list(range(len(who)))] if terms.pooled else [[m] for m in range(len(who))],
    )
    most, shared, fixed = [], [], []
    mine: list[list[list[FloatArray]]] = [[[] for _ in p] for p in parts]
    for capital, budget in ((True, terms.capital_budget), (False, terms.running_budget)):
        flow = tables.flows.capital if capital else tables.flows.upkeep
        joint = None if w is None else (w.fixed.capital if capital else w.fixed.upkeep)
        for group in groups:
            members = [who[m] for m in group]
            most.append(budget[members].sum(axis=0))
            shared.append(np.einsum("jdmt,mft->jdf", flow[list(own)][:, :, members], overlap[members]))
            part_of_joint = np.zeros((len(who), len(tables.delays), fiscal))
            for m, i in enumerate(who):
                for k, part in enumerate(parts[m]):
                    cash = part.capital if capital else part.running
                    mine[m][k].append(cash @ overlap[i].T if m in group else np.zeros((len(cash), fiscal)))
                if joint is not None and m in group:
                    part_of_joint[m] = joint @ overlap[i].T
            fixed.append(part_of_joint)
    limit, cash, fix = np.concatenate(most), np.concatenate(shared, axis=2), np.concatenate(fixed, axis=2)
    each = [[np.concatenate(x, axis=1) for x in member] for member in mine]
    highest = cash.max(axis=1, initial=0.0).sum(axis=0) + fix.max(axis=(0, 1), initial=0.0)
    highest = highest + sum(x.max(axis=0) for member in each for x in member)
    binding = highest > limit
    same = all(np.array_equal(overlap[i], overlap[who[0]]) for i in who)
    return Limits(
        most=limit[binding],
        shared=cash[:, :, binding],
        own=tuple(tuple(x[:, binding] for x in member) for member in each),
        fixed=fix[:, :, binding],
        split=not (terms.pooled and same),
    )
