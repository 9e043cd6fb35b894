"""One block's choice, written down once for both ways of making it (enumeration, 0/1 programme)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.choice import spread
from bothbanks.analysis.measures.programme.choices import Choices, member_choices, not_dominated
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
    """What one basin costs the block's members, by span, own subset and own choice."""

    basin: int  # its place in the tables
    mine: tuple[int, ...]  # places in ``own`` of the block's measures that touch the basin
    bare: tuple[FloatArray, ...]  # by member: (span, subset, class) present value before own choices
    faced: tuple[FloatArray, ...]  # by member: (span, subset) persons a year before own choices
    loss: tuple[FloatArray, ...]  # by member of the block: (choice, span, subset), present value
    people: tuple[FloatArray, ...]  # by member: (choice, span, subset), persons a year


@dataclass(frozen=True, eq=False)
class Limits:
    """Budgets that can bind: rows of cash that must not exceed ``most``."""

    most: FloatArray  # (row,)
    shared: FloatArray  # (own measure, delay, row)
    own: tuple[FloatArray, ...]  # by member of the block: (choice, row)
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
    choices: tuple[Choices, ...]  # by member
    cost: FloatArray  # (own measure, delay) present value
    fixed_cost: FloatArray  # (delay,) of a joint warning
    basins: tuple[BasinPart, ...]
    limits: Limits

    def plan(self, starts: Sequence[int], choice: Sequence[int]) -> Plan:
        """The whole plan: ``starts`` are delay indices of the own measures, ``choice`` own choices."""
        whole, own = list(self.rest.starts), list(self.rest.own)
        for j, d in zip(self.own, starts, strict=True):
            whole[j] = NOT_BUILT if d < 0 else self.tables.delays[d]
        for i, c, k in zip(self.who, self.choices, choice, strict=True):
            own[i] = c.plans[k]
        return Plan(tuple(whole), tuple(own))

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

    def yearly(self, service: MinimumService, b: int, m: int) -> FloatArray:
        """(choice, span, subset) a year in one basin for one member: loss, or people affected."""
        part = self.basins[b]
        if service.on == LOSS:
            return np.asarray(part.loss[m] / self.tables.span_weights[None, :, None])
        return part.people[m]

    def yearly_bare(self, service: MinimumService, m: int) -> tuple[list[FloatArray], FloatArray]:
        """By basin (span, subset, class) a year before own choices, and the choices' factors on it."""
        c = self.choices[m]
        if service.on == LOSS:
            weight = self.tables.span_weights[:, None, None]
            return [part.bare[m] / weight for part in self.basins], c.factor
        return [part.faced[m][:, :, None] for part in self.basins], c.people[:, :, :, None]


@dataclass
class ChoiceCache:
    """Own choices that differ only by who is in the block, kept by what that changes."""

    tables: ProgrammeTables
    known: dict[tuple[int, tuple[bool, ...]], Choices] = field(default_factory=dict)

    def of(self, i: int, block: int) -> Choices:
        """Choices of one member of a block."""
        key = (i, self._helped(i, block))
        if key not in self.known:
            self.known[key] = member_choices(self.tables, i, block)
        return self.known[key]

    def _helped(self, i: int, block: int) -> tuple[bool, ...]:
        w, n = self.tables.warning, len(self.tables.members)
        if w is None or block & (block - 1) == 0:
            return ()
        others = np.array([block >> j & 1 and j != i for j in range(n)], dtype=bool)
        return tuple(bool(x) for x in (w.helps[:, i, :] & others).any(axis=1))


def block_problem(
    tables: ProgrammeTables, terms: ProgrammeTerms, block: int, rest: Plan, cache: ChoiceCache | None = None
) -> BlockProblem:
    """Write down what a block can decide while the others' part of ``rest`` stands."""
    who = tuple(i for i in range(len(tables.members)) if block >> i & 1)
    own = tuple(j for j in range(len(tables.measures)) if decided_by(tables, j, block))
    cache = cache or ChoiceCache(tables)
    rest = without(rest, block, tables)
    all_choices = tuple(cache.of(i, block) for i in who)
    limits = _limits(tables, terms, who, own, all_choices)
    basins = _basins(tables, who, own, rest, all_choices)
    served = {i for s in terms.services for i in bound_members(tables, s, block)}
    kept = [
        not_dominated(
            c, [b.loss[m] for b in basins], limits.own[m], bound=i in served, merge_joint=not limits.split
        )
        for m, (i, c) in enumerate(zip(who, all_choices, strict=True))
    ]
    w = tables.warning
    return BlockProblem(
        tables=tables,
        terms=terms,
        block=block,
        rest=rest,
        own=own,
        delays=tuple(tables.possible(j) for j in own),
        who=who,
        choices=tuple(c.take(k) for c, k in zip(all_choices, kept, strict=True)),
        cost=tables.present[list(own)].sum(axis=2),
        fixed_cost=np.zeros(len(tables.delays)) if w is None else w.fixed.present(tables.rate),
        basins=tuple(
            replace(
                b,
                loss=tuple(x[k] for x, k in zip(b.loss, kept, strict=True)),
                people=tuple(x[k] for x, k in zip(b.people, kept, strict=True)),
            )
            for b in basins
        ),
        limits=replace(limits, own=tuple(x[k] for x, k in zip(limits.own, kept, strict=True))),
    )


def _basins(
    tables: ProgrammeTables,
    who: tuple[int, ...],
    own: tuple[int, ...],
    rest: Plan,
    choices: tuple[Choices, ...],
) -> tuple[BasinPart, ...]:
    """Losses of the block's members in the basins where they have any."""
    ready = tables.ready(rest.starts)
    weight = tables.span_weights
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
        bare = tuple(basin.loss[rows, i] * weight[:, None, None] for i in who)
        faced = tuple(basin.people[rows, i] for i in who)
        loss = tuple(
            np.einsum("smc,ksc->ksm", x, c.factor[:, :, b]) for x, c in zip(bare, choices, strict=True)
        )
        people = tuple(x * c.people[:, :, b, None] for x, c in zip(faced, choices, strict=True))
        mine = tuple(own.index(basin.touching[bit]) for bit in bits)
        out.append(BasinPart(b, mine, bare, faced, loss, people))
    return tuple(out)


def _limits(
    tables: ProgrammeTables,
    terms: ProgrammeTerms,
    who: tuple[int, ...],
    own: tuple[int, ...],
    choices: tuple[Choices, ...],
) -> Limits:
    """Rows of cash for each fiscal year whose budget everything together could exceed."""
    overlap, w = terms.fiscal.overlap, tables.warning
    n, groups = len(who), [tuple(range(len(who)))] if terms.pooled else [(m,) for m in range(len(who))]
    most, shared, mine, fixed = [], [], [[] for _ in who], []  # type: ignore[var-annotated]
    for kind, budget in (("capital", terms.capital_budget), ("running", terms.running_budget)):
        flow = tables.flows.capital if kind == "capital" else tables.flows.upkeep
        joint = None if w is None else (w.fixed.capital if kind == "capital" else w.fixed.upkeep)
        for group in groups:
            members = [who[m] for m in group]
            most.append(budget[members].sum(axis=0))
            shared.append(np.einsum("jdmt,mft->jdf", flow[list(own)][:, :, members], overlap[members]))
            for m, i in enumerate(who):
                cash = choices[m].capital if kind == "capital" else choices[m].running
                own_part = cash @ overlap[i].T if m in group else np.zeros((len(cash), overlap.shape[1]))
                mine[m].append(own_part)
            part = np.zeros((n, len(tables.delays), overlap.shape[1]))
            if joint is not None:
                for m in group:
                    part[m] = joint @ overlap[who[m]].T
            fixed.append(part)
    limit = np.concatenate(most)
    cash = np.concatenate(shared, axis=2)
    each = [np.concatenate(parts, axis=1) for parts in mine]
    fix = np.concatenate(fixed, axis=2)
    highest = cash.max(axis=1, initial=0.0).sum(axis=0) + fix.max(axis=(0, 1), initial=0.0)
    highest = highest + sum(x.max(axis=0) for x in each)
    binding = highest > limit
    same = all(np.array_equal(overlap[i], overlap[who[0]]) for i in who)
    return Limits(
        most=limit[binding],
        shared=cash[:, :, binding],
        own=tuple(x[:, binding] for x in each),
        fixed=fix[:, :, binding],
        split=not (terms.pooled and same),
    )
