"""A block's best programme as a 0/1 programme for HiGHS, for more programmes than are enumerated.

Columns
    x[j, d] = 1 if measure j starts after delay d; at most one d each. For each basin that two or more
    of the block's measures touch, each span and each subset s that can be ready in it, y[b, t, s] = 1
    if exactly s is ready: sum_s y = 1, and the y of subsets holding j sum to the x that have j ready.
    Given 0/1 x, y is forced. In a basin that one measure touches the loss is linear in x itself.
    z[i, a] = 1 if member i takes alternative a of an own option or of the warning; one of each.
    W[d] = 1 if the block runs a joint warning.
Own choices and schedule together
    The loss L before an own option lies between a least and a most that are known. Its part above
    the least is split over the alternatives, w[a] <= (most - least) z[a], sum_a w[a] = L - least, so
    at any 0/1 point all of it is on the alternative taken; what the option leaves is the sum of the
    factors times w[a] + least z[a]. That loss goes on to the next option, and last to the warning.
Budgets, dependencies, exclusions and minimum services are rows; each is scaled to its largest number.
The plan found is valued afresh from the account of the plan, and held against the terms.

One thread, seed 0 and a node limit, so that the same inputs give the same answer; the time limit is
only a guard, and its firing marks the answer as not reproducible.
Solver: HiGHS (Huangfu and Hall 2018, doi 10.1007/s12532-017-0130-5). The split is the convex hull of
a disjunction: E. Balas, Disjunctive programming: properties of the convex hull of feasible points
(1998), Discrete Applied Mathematics 89:3-44.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.programme.choose import plan_value
from bothbanks.analysis.measures.programme.heeding import SLACK, breaches
from bothbanks.analysis.measures.programme.highs_solve import Columns, Expression, Solved, solve
from bothbanks.analysis.measures.programme.plan import GAP, HIGHS, NOT_BUILT, OPTIMAL, Plan, Reply
from bothbanks.analysis.measures.programme.problem import BlockProblem
from bothbanks.analysis.measures.programme.terms import LOSS, MinimumService
from bothbanks.words.errors import SolverError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

PROVEN = 1e-8  # of the value: what the bound may lie below it and still count as proof
MAX_CUTS = 20


def solve_programme(
    problem: BlockProblem, services: Sequence[MinimumService], node_limit: int, time_guard_s: float
) -> Reply | None:
    """The block's best programme that reaches the services; None if there is none.

    Raises
    ------
    SolverError [programme.highs]
        HiGHS ended without an answer, or with answers that break the terms by more than rounding.
    """
    model = _Model(problem)
    model.build(services)
    for _ in range(MAX_CUTS):
        found = solve(model.p, node_limit, time_guard_s)
        if found.infeasible:
            return None
        reply = _reply(problem, model, found)
        if not breaches(problem.tables, problem.terms, problem.block, reply.plan, services):
            return reply
        model.forbid(found.x)
    raise SolverError(
        "programme.highs",
        f"HiGHS gave {MAX_CUTS} programmes that break the terms by its rounding; budgets may be too close "
        "to sums of costs: round budgets or costs to whole units of money",
    )


def _reply(problem: BlockProblem, model: _Model, found: Solved) -> Reply:
    """The plan of a solution, valued afresh; nothing built where none was found in time."""
    plan = model.plan(found.x) if found.x.size else problem.plan(*model.nothing())
    value = plan_value(problem.tables, problem.block, plan)
    proven = found.optimal and value - found.bound <= PROVEN * max(1.0, abs(value))
    return Reply(
        block=problem.block,
        plan=plan,
        value=value,
        bound=value if proven else min(value, found.bound),
        status=OPTIMAL if proven else GAP,
        method=HIGHS,
        nodes=found.nodes,
        reproducible=not found.timed_out,
    )


@dataclass
class _Model:
    """Columns of one block's choice, and how to read them."""

    problem: BlockProblem
    p: Columns = field(default_factory=Columns)
    x: list[dict[int, int]] = field(default_factory=list)  # by own measure: delay -> column
    z: list[list[list[int]]] = field(default_factory=list)  # by member and part: column of each alternative
    y: list[list[dict[int, int]]] = field(default_factory=list)  # by basin and span: subset -> column
    system: dict[int, int] = field(default_factory=dict)  # delay -> column of the joint warning
    payers: dict[tuple[int, int, int], int] = field(default_factory=dict)  # (member, delay, users)

    def build(self, services: Sequence[MinimumService]) -> None:
        """Fill in everything."""
        problem = self.problem
        for k, delays in enumerate(problem.delays):
            columns = {d: self.p.column(float(problem.cost[k, d]), integer=True) for d in delays}
            self.x.append(columns)
            self.p.row(dict.fromkeys(columns.values(), 1.0), -np.inf, 1.0)
        self._links()
        for b in range(len(problem.basins)):
            self.y.append(self._subsets(b))
        self._joint_system()
        for m in range(len(problem.who)):
            self._member(m)
        self._users()
        self._budgets()
        for s in services:
            self._service(s)

    def _ready(self, k: int, d: int) -> int:
        t = self.problem.tables
        return int(t.works[self.problem.own[k]]) + t.delays[d]

    def _subsets(self, b: int) -> list[dict[int, int]]:
        """y of a basin: by span, the column of each subset that can be ready; {} where none is needed."""
        mine = self.problem.basins[b].mine
        spans = self.problem.tables.span_starts
        if len(mine) < 2:
            return [{} for _ in spans]
        out: list[dict[int, int]] = []
        seen: tuple[tuple[int, ...], ...] = ()
        for start in spans:
            ready = tuple(tuple(c for d, c in self.x[k].items() if self._ready(k, d) <= start) for k in mine)
            if out and ready == seen:
                out.append(out[-1])
                continue
            seen = ready
            can = sum(1 << bit for bit, columns in enumerate(ready) if columns)
            if not can:
                out.append({})
                continue
            columns = {s: self.p.column(0.0) for s in range(1 << len(mine)) if s & ~can == 0}
            self.p.row(dict.fromkeys(columns.values(), 1.0), 1.0, 1.0)
            for bit, starts in enumerate(ready):
                if starts:
                    terms = {c: 1.0 for s, c in columns.items() if s >> bit & 1}
                    self.p.row({**terms, **dict.fromkeys(starts, -1.0)}, 0.0, 0.0)
            out.append(columns)
        return out

    def _of(self, b: int, table: FloatArray) -> Expression:
        """What a (span, subset) table of a basin comes to, as a linear expression with its range."""
        mine, spans = self.problem.basins[b].mine, self.problem.tables.span_starts
        if not mine:
            return Expression(float(table.sum()))
        if len(mine) == 1:
            more = table[:, 1] - table[:, 0]
            terms = {
                c: float(more[spans >= self._ready(mine[0], d)].sum()) for d, c in self.x[mine[0]].items()
            }
            values = [0.0, *terms.values()]
            return Expression(float(table[:, 0].sum()), terms, min(values), max(values))
        out = Expression(0.0)
        groups: dict[int, tuple[dict[int, int], FloatArray]] = {}
        for t, columns in enumerate(self.y[b]):
            if not columns:
                out.constant += float(table[t, 0])
            else:
                known = groups.get(id(columns))
                groups[id(columns)] = (columns, table[t] if known is None else known[1] + table[t])
        for columns, values_of in groups.values():
            terms = {c: float(values_of[s]) for s, c in columns.items()}
            out.add(Expression(0.0, terms, min(terms.values()), max(terms.values())))
        return out

    def _sum(self, tables: Sequence[FloatArray]) -> Expression:
        """The same summed over the basins."""
        out = Expression(0.0)
        for b, table in enumerate(tables):
            if table.any():
                out.add(self._of(b, table))
        return out

    def _member(self, m: int) -> None:
        """Loss of one member, and its own choices."""
        problem, parts = self.problem, self.problem.parts[m]
        self.z.append([])
        for part in parts:
            columns = [self.p.column(float(c), integer=True) for c in part.present]
            self.p.row(dict.fromkeys(columns, 1.0), 1.0, 1.0)
            self.z[m].append(columns)
            by_delay: dict[int, list[int]] = {}
            for column, d in zip(columns, part.joint, strict=True):
                if d >= 0:
                    by_delay.setdefault(int(d), []).append(column)
            for d, users in by_delay.items():
                self.p.row({**dict.fromkeys(users, 1.0), self.system[d]: -1.0}, -np.inf, 0.0)
        tables = [part.loss[m] for part in problem.basins]
        self.p.charge(self._left(m, tables, [part.factor for part in parts]))

    def _left(self, m: int, tables: Sequence[FloatArray], factors: Sequence[FloatArray]) -> Expression:
        """What own choices leave of a member's loss, given by basin as (span, subset, class).

        Cells (span, basin, class) that the alternatives multiply by the same factors are taken together.

        Parameters
        ----------
        factors : by part (alternative, span, basin, class)
        """
        cells: dict[bytes, tuple[list[FloatArray], list[FloatArray]]] = {}
        for b, (part, table) in enumerate(zip(self.problem.basins, tables, strict=True)):
            for c in np.flatnonzero(table.any(axis=(0, 1))):
                here = [f[:, :, part.basin, c] for f in factors]
                for spans in _alike(here, table.shape[0]):
                    by_part = [np.ascontiguousarray(f[:, spans[0]]) for f in here]
                    key = b"".join(x.tobytes() for x in by_part)
                    if key not in cells:
                        cells[key] = by_part, [np.zeros(x.shape[:2]) for x in tables]
                    cells[key][1][b][spans] += table[spans, :, c]
        out = Expression(0.0)
        for by_part, sums in cells.values():
            left = self._sum(sums)
            for columns, values in zip(self.z[m], by_part, strict=True):
                left = self._taken(columns, values, left)
            out.add(left)
        return out

    def _taken(self, columns: list[int], factors: FloatArray, loss: Expression) -> Expression:
        """The loss times the factor of the alternative that is taken."""
        values, which = np.unique(factors, return_inverse=True)
        if values.size == 1:
            return loss.times(float(values[0]))
        least, most = loss.constant + loss.low, loss.constant + loss.high
        width = most - least
        terms = {z: least * float(f) for z, f in zip(columns, factors, strict=True)}
        ends = [float(f) * end for f in values for end in (least, most)]
        if width <= 1e-12 * max(1.0, abs(least), abs(most)):
            return Expression(0.0, terms, min(ends), max(ends))
        parts = [self.p.column(0.0) for _ in values]
        for q, (column, value) in enumerate(zip(parts, values, strict=True)):
            takers = {z: -1.0 for z, k in zip(columns, which, strict=True) if k == q}
            self.p.row({column: 1.0, **takers}, -np.inf, 0.0)
            terms[column] = width * float(value)
        whole = {c: -value / width for c, value in loss.terms.items()}
        self.p.row({**dict.fromkeys(parts, 1.0), **whole}, -loss.low / width, -loss.low / width)
        return Expression(0.0, terms, min(ends), max(ends))

    def _joint_system(self) -> None:
        used = (int(d) for parts in self.problem.parts for p in parts for d in p.joint)
        delays = sorted({d for d in used if d >= 0})
        self.system = {d: self.p.column(float(self.problem.fixed_cost[d]), integer=True) for d in delays}
        if len(delays) > 1:
            self.p.row(dict.fromkeys(self.system.values(), 1.0), -np.inf, 1.0)

    def _users(self) -> None:
        """Who pays how much of a joint warning, where that falls on different budgets."""
        limits, n = self.problem.limits, len(self.problem.who)
        if not limits.split or not self.system or not limits.most.size:
            return
        for d, system in self.system.items():
            number = {c: self.p.column(0.0, integer=True) for c in range(1, n + 1)}
            # A system with nobody in it is never cheaper, but it may not be counted as free either.
            self.p.row({**dict.fromkeys(number.values(), 1.0), system: -1.0}, 0.0, 0.0)
            for count, chosen in number.items():
                pays = {m: self.p.column(0.0) for m in range(n)}
                self.payers.update({(m, d, count): c for m, c in pays.items()})
                self.p.row({**dict.fromkeys(pays.values(), 1.0), chosen: -float(count)}, 0.0, 0.0)
                for c in pays.values():
                    self.p.row({c: 1.0, chosen: -1.0}, -np.inf, 0.0)
            for m, parts in enumerate(self.problem.parts):
                uses = [
                    c
                    for part, columns in zip(parts, self.z[m], strict=True)
                    for c, joint in zip(columns, part.joint, strict=True)
                    if joint == d
                ]
                paid = {self.payers[m, d, count]: 1.0 for count in number}
                self.p.row({**paid, **dict.fromkeys(uses, -1.0)}, 0.0, 0.0)

    def _budgets(self) -> None:
        limits = self.problem.limits
        for r, most in enumerate(limits.most):
            terms: dict[int, float] = {}
            for k, columns in enumerate(self.x):
                terms.update({c: float(limits.shared[k, d, r]) for d, c in columns.items()})
            for cash, columns_of in zip(limits.own, self.z, strict=True):
                for asked, alternatives in zip(cash, columns_of, strict=True):
                    terms.update({c: float(asked[k, r]) for k, c in enumerate(alternatives)})
            if self.payers:
                for (m, d, count), c in self.payers.items():
                    terms[c] = float(limits.fixed[m, d, r]) / count
            else:
                terms.update({c: float(limits.fixed[0, d, r]) for d, c in self.system.items()})
            self._scaled_row(terms, float(most))

    def _scaled_row(self, terms: dict[int, float], most: float) -> None:
        used = {c: v for c, v in terms.items() if v != 0.0}
        if used:
            scale = max(abs(most), *(abs(v) for v in used.values()))
            self.p.row({c: v / scale for c, v in used.items()}, -np.inf, most / scale)
        elif most < -SLACK:
            self.p.row({}, -np.inf, -1.0)  # nothing the block does changes it: out of reach

    def _service(self, s: MinimumService) -> None:
        """In each span from its year, the loss (or people) of the members bound is at most its limit."""
        who, spans, most = self.problem.service_limits(s)
        for t, limit in zip(spans, most, strict=True):
            total = Expression(0.0)
            for m in who:
                parts = self.problem.parts[m]
                factors = [p.factor if s.on == LOSS else p.people[:, :, :, None] for p in parts]
                tables = [self._only(x, t) for x in self.problem.yearly(s, m)]
                total.add(self._left(m, tables, factors))
            self._scaled_row(total.terms, float(limit) - total.constant)

    @staticmethod
    def _only(table: FloatArray, t: int) -> FloatArray:
        out = np.zeros_like(table)
        out[t] = table[t]
        return out

    def _links(self) -> None:
        """Dependencies and exclusions."""
        t, problem = self.problem.tables, self.problem
        place = {m: j for j, m in enumerate(t.measures)}
        ready = t.ready(problem.rest.starts)
        for dependency in problem.terms.dependencies:
            j = place[dependency.measure]
            if j in problem.own:
                for other in dependency.needs:
                    self._needs(problem.own.index(j), place[other], int(ready[place[other]]))
        for e in problem.terms.exclusions:
            group = [place[m] for m in e.measures]
            mine = [c for j in group if j in problem.own for c in self.x[problem.own.index(j)].values()]
            stands = any(j not in problem.own and problem.rest.starts[j] >= 0 for j in group)
            if mine:
                self.p.row(dict.fromkeys(mine, 1.0), -np.inf, 0.0 if stands else 1.0)

    def _needs(self, k: int, other: int, ready_of_others: int) -> None:
        """Measure k of the block works no earlier than the other measure."""
        own = self.problem.own
        earlier: dict[int, float] = {}
        for d, column in self.x[k].items():
            earlier[column] = 1.0
            at = self._ready(k, d)
            if other in own:
                o = own.index(other)
                there = {c: -1.0 for d2, c in self.x[o].items() if self._ready(o, d2) <= at}
                if o != k:
                    self.p.row({**earlier, **there}, -np.inf, 0.0)
            elif ready_of_others > at:
                self.p.upper[column] = 0.0

    def forbid(self, x: FloatArray) -> None:
        """Leave out one 0/1 point that broke the terms by rounding."""
        columns = [c for c, whole in enumerate(self.p.integer) if whole]
        ones = [c for c in columns if x[c] > 0.5]
        signs = {c: 1.0 if x[c] > 0.5 else -1.0 for c in columns}
        self.p.row(signs, -np.inf, len(ones) - 1.0)

    def plan(self, x: FloatArray) -> Plan:
        """The plan behind a solution."""
        starts = [next((d for d, c in columns.items() if x[c] > 0.5), NOT_BUILT) for columns in self.x]
        taken = [[int(np.argmax(x[columns])) for columns in parts] for parts in self.z]
        return self.problem.plan(starts, taken)

    def nothing(self) -> tuple[list[int], list[list[int]]]:
        """Nothing built, nothing done."""
        return [NOT_BUILT] * len(self.problem.own), [[0] * len(p) for p in self.problem.parts]


def _alike(factors: Sequence[FloatArray], spans: int) -> list[IntArray]:
    """Spans in groups that every alternative multiplies alike, from (alternative, span) factors by part."""
    if not factors:
        return [np.arange(spans)]
    whole = np.concatenate(factors)
    if (whole == whole[:, :1]).all():
        return [np.arange(spans)]
    _, group = np.unique(whole, axis=1, return_inverse=True)
    return [np.flatnonzero(group.ravel() == g) for g in range(int(group.max()) + 1)]
