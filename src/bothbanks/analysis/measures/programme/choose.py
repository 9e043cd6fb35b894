"""The exact best programme of one block, given the others' schedule.

Up to 2**14 programmes (schedules of the block's measures times own choices) are all tried; beyond
that the same choice is a 0/1 programme for HiGHS (``highs_programme``).

Ties go to the first in the order of trying: own measures in table order, the last one varying
fastest, each not built before started early before started late; then own choices in their order.

A minimum service that can't be reached is told (``status`` 'infeasible', ``unmet``); the plan is then
the best one that reaches the other services, which are taken up in the order of the terms.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.programme.account import account
from bothbanks.analysis.measures.programme.choices import PartCache
from bothbanks.analysis.measures.programme.heeding import SLACK, bound_members
from bothbanks.analysis.measures.programme.plan import (
    ENUMERATION,
    INFEASIBLE,
    NOT_BUILT,
    OPTIMAL,
    Plan,
    Reply,
)
from bothbanks.analysis.measures.programme.problem import BlockProblem, block_problem
from bothbanks.analysis.measures.programme.tables import ProgrammeTables
from bothbanks.analysis.measures.programme.terms import LOSS, MinimumService, ProgrammeTerms
from bothbanks.words.errors import SolverError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

ENUMERATED_PROGRAMMES = 1 << 14
NODE_LIMIT = 5_000
TIME_GUARD_S = 600.0


@dataclass(frozen=True)
class Effort:
    """How far a search goes before it stops with a gap."""

    enumerate_up_to: int = ENUMERATED_PROGRAMMES
    node_limit: int = NODE_LIMIT
    time_guard_s: float = TIME_GUARD_S


def best_programme(
    tables: ProgrammeTables,
    terms: ProgrammeTerms,
    block: int,
    rest: Plan,
    effort: Effort = Effort(),
    cache: PartCache | None = None,
) -> Reply:
    """The block's best programme within its terms while the others' part of ``rest`` stands.

    Parameters
    ----------
    block : mask of the members that act as one.
    rest : a whole plan; the block's own part of it is ignored.
    cache : own choices known already, for many blocks on the same tables.

    Raises
    ------
    SolverError
        HiGHS ended without any answer.
    """
    problem = block_problem(tables, terms, block, rest, cache)
    services = [s for s in terms.services if bound_members(tables, s, block)]
    reply = _search(problem, services, effort)
    if reply is not None:
        return reply
    reached: list[MinimumService] = []
    best = None
    for s in services:
        found = _search(problem, [*reached, s], effort)
        if found is not None:
            reached.append(s)
            best = found
    if best is None:
        best = _search(problem, [], effort)
    if best is None:
        raise SolverError(
            "programme.nothing", "not even building nothing keeps to the budgets; budgets must be 0 or more"
        )
    unmet = tuple(s.id for s in services if s not in reached)
    return replace(best, status=INFEASIBLE, unmet=unmet)


def programmes_of(problem: BlockProblem) -> int:
    """How many programmes a block can choose from, impossible ones included."""
    schedules = prod(1 + len(d) for d in problem.delays)
    return schedules * prod(p.present.size for parts in problem.parts for p in parts)


def _search(problem: BlockProblem, services: Sequence[MinimumService], effort: Effort) -> Reply | None:
    """Best programme that reaches the services; None if there is none."""
    if programmes_of(problem) <= effort.enumerate_up_to:
        return enumerate_programmes(problem, services)
    from bothbanks.analysis.measures.programme.highs_programme import solve_programme

    return solve_programme(problem, services, effort.node_limit, effort.time_guard_s)


def enumerate_programmes(problem: BlockProblem, services: Sequence[MinimumService]) -> Reply | None:
    """Try every programme of the block; None if none reaches the services."""
    starts = _schedules(problem)
    picks = _picks(problem)
    value = _values(problem, starts, picks)
    allowed = _linked(problem, starts)[:, None] & _payable(problem, starts, picks)
    for s in services:
        allowed &= _served(problem, s, starts, picks)
    if not allowed.any():
        return None
    tried = np.where(allowed, value, np.inf)
    row, pick = divmod(int(tried.argmin()), len(picks))
    taken = [[int(k) for k in c.index[picks[pick, m]]] for m, c in enumerate(problem.choices)]
    plan = problem.plan([int(d) for d in starts[row]], taken)
    cost = plan_value(problem.tables, problem.block, plan)
    return Reply(problem.block, plan, cost, cost, OPTIMAL, ENUMERATION, nodes=value.size)


def plan_value(tables: ProgrammeTables, block: int, plan: Plan) -> float:
    """Present cost of a block's members under a plan."""
    who = [i for i in range(len(tables.members)) if block >> i & 1]
    return float(account(tables, (block,), plan).cost[who].sum())


def _schedules(problem: BlockProblem) -> IntArray:
    """(schedule, own measure) index of the delay; -1 = not built."""
    axes = [(NOT_BUILT, *d) for d in problem.delays]
    rows = list(itertools.product(*axes))
    return np.array(rows, dtype=np.int64).reshape(len(rows), len(axes))


def _picks(problem: BlockProblem) -> IntArray:
    """(pick, member of the block) own choices; a block has one joint warning or none."""
    rows = np.array(
        list(itertools.product(*(range(c.present.size) for c in problem.choices))), dtype=np.int64
    )
    joint = _joint(problem, rows)
    used = np.where(joint >= 0, joint, joint.max(axis=1, keepdims=True))
    return np.asarray(rows[(used == used[:, :1]).all(axis=1)])


def _joint(problem: BlockProblem, picks: IntArray) -> IntArray:
    """(pick, member) index of the delay of the joint warning used, -1 = none."""
    return np.stack([c.joint[picks[:, m]] for m, c in enumerate(problem.choices)], axis=1)


def _own_ready(problem: BlockProblem, starts: IntArray) -> IntArray:
    """(schedule, own measure) first year in which each works."""
    delays = np.array(problem.tables.delays, dtype=np.int64)
    works = problem.tables.works[list(problem.own)]
    ready = works + delays[starts]
    return np.where(starts < 0, problem.tables.horizon_years, ready)


def _by_schedule(
    problem: BlockProblem, starts: IntArray, tables: Sequence[FloatArray], factor: FloatArray
) -> FloatArray:
    """(choice, schedule, span) what own choices leave of tables given by basin as (span, subset, class).

    ``factor`` is (choice, span, basin, class).
    """
    ready = _own_ready(problem, starts)
    spans = problem.tables.span_starts
    out = np.zeros((len(factor), len(starts), spans.size))
    for part, table in zip(problem.basins, tables, strict=True):
        if not table.any():
            continue
        rows = np.zeros((len(starts), spans.size), dtype=np.int64)
        for bit, k in enumerate(part.mine):
            rows |= (ready[:, k, None] <= spans).astype(np.int64) << bit
        left = np.einsum("smc,ksc->ksm", table, factor[:, :, part.basin])
        out += left[:, np.arange(spans.size), rows]
    return out


def _values(problem: BlockProblem, starts: IntArray, picks: IntArray) -> FloatArray:
    """(schedule, pick) present cost of the block."""
    built = starts >= 0
    paid = np.where(built, np.take_along_axis(problem.cost, np.maximum(starts, 0).T, axis=1).T, 0.0)
    value = np.repeat(paid.sum(axis=1)[:, None], len(picks), axis=1)
    for m, c in enumerate(problem.choices):
        tables = [part.loss[m] for part in problem.basins]
        loss = _by_schedule(problem, starts, tables, c.factor).sum(axis=2)
        value += (loss + c.present[:, None])[picks[:, m]].T
    used = _joint(problem, picks).max(axis=1)
    value += np.where(used >= 0, problem.fixed_cost[np.maximum(used, 0)], 0.0)
    return value


def _payable(problem: BlockProblem, starts: IntArray, picks: IntArray) -> BoolArray:
    """(schedule, pick) True where no budget is exceeded."""
    limits = problem.limits
    cash = np.zeros((len(starts), limits.most.size))
    for k in range(starts.shape[1]):
        built = starts[:, k] >= 0
        cash[built] += limits.shared[k, starts[built, k]]
    own = np.zeros((len(picks), limits.most.size))
    for m in range(picks.shape[1]):
        own += problem.own_cash(m)[picks[:, m]]
    joint = _joint(problem, picks)
    users = (joint >= 0).sum(axis=1)
    for m in range(picks.shape[1]):
        uses = joint[:, m] >= 0
        own[uses] += limits.fixed[m, joint[uses, m]] / users[uses, None]
    most = limits.most + SLACK * np.maximum(limits.most, 1.0)
    out = np.ones((len(starts), len(picks)), dtype=bool)
    for r in range(most.size):
        out &= cash[:, r, None] + own[None, :, r] <= most[r]
    return out


def _linked(problem: BlockProblem, starts: IntArray) -> BoolArray:
    """(schedule,) True where dependencies and exclusions hold."""
    t = problem.tables
    place = {m: j for j, m in enumerate(t.measures)}
    ready = np.repeat(t.ready(problem.rest.starts)[None, :], len(starts), axis=0)
    ready[:, list(problem.own)] = _own_ready(problem, starts)
    built = ready < t.horizon_years
    out = np.ones(len(starts), dtype=bool)
    for d in problem.terms.dependencies:
        j = place[d.measure]
        if j in problem.own:
            for other in d.needs:
                out &= ~built[:, j] | (ready[:, place[other]] <= ready[:, j])
    for e in problem.terms.exclusions:
        group = [place[m] for m in e.measures]
        mine = [j for j in group if j in problem.own]
        out &= ~built[:, mine].any(axis=1) | (built[:, group].sum(axis=1) <= 1)
    return out


def _served(problem: BlockProblem, s: MinimumService, starts: IntArray, picks: IntArray) -> BoolArray:
    """(schedule, pick) True where a service is reached."""
    who, spans, most = problem.service_limits(s)
    out = np.ones((len(starts), len(picks)), dtype=bool)
    if not who:
        return out
    total = np.zeros((len(starts), len(picks), spans.size))
    for m in who:
        c = problem.choices[m]
        factor = c.factor if s.on == LOSS else c.people[:, :, :, None]
        yearly = _by_schedule(problem, starts, problem.yearly(s, m), factor)[:, :, spans]
        total += yearly[picks[:, m]].transpose(1, 0, 2)
    return np.asarray((total <= most + SLACK * np.maximum(most, 1.0)).all(axis=2))
