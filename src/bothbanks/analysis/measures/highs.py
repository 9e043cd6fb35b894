"""The best subset of a block as a 0/1 programme for HiGHS, for more measures than are enumerated.

One-hot formulation, exact without big numbers. For each basin b and each subset s of the block's
measures that touch it, y[b, s] = 1 if exactly s is built there: sum_s y = 1, and
sum of y[b, s] over s holding j = x[j]. Given 0/1 x, y is forced, so only x is integer. An own
choice o of member i (own options, warning) is z[i, o]; the product of y and z is carried by
u[i, b, s, o] with both as its margins, so it is forced too. A joint choice needs the block's
joint system W. The same objective is evaluated afterwards on the rounded answer, which is what
is reported.

One thread, seed 0 and a node limit, so that the same inputs give the same answer; the time limit
is only a guard, and its firing marks the answer 'not reproducible'.
Solver: HiGHS (Huangfu and Hall 2018, doi 10.1007/s12532-017-0130-5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.blocks import subset_index
from bothbanks.analysis.measures.choice import Choice, spread
from bothbanks.analysis.measures.folding import FoldedLosses
from bothbanks.words.errors import SolverError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

NODE_LIMIT = 200_000
TIME_GUARD_S = 600.0


@dataclass
class _Programme:
    """Columns and equality or upper-bound rows, filled step by step."""

    cost: list[float] = field(default_factory=list)
    integer: list[bool] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)

    def column(self, cost: float, integer: bool = False) -> int:
        """A variable in [0, 1]; its index."""
        self.cost.append(cost)
        self.integer.append(integer)
        return len(self.cost) - 1

    def row(self, terms: Sequence[tuple[int, float]], lower: float, upper: float) -> None:
        """lower <= sum of coefficient x variable <= upper."""
        for column, value in terms:
            self.rows.append(len(self.lower))
            self.columns.append(column)
            self.values.append(value)
        self.lower.append(lower)
        self.upper.append(upper)


def best_reply_highs(
    losses: FoldedLosses,
    block: int,
    rest: int,
    own: Sequence[int],
    node_limit: int = NODE_LIMIT,
    time_guard_s: float = TIME_GUARD_S,
) -> Choice:
    """The block's best subset of ``own`` while ``rest`` stands, by HiGHS.

    Raises
    ------
    SolverError [measures.highs]
        No optimum within the node limit.
    """
    programme, x = _build(losses, block, rest, tuple(own))
    solution, timed_out = _solve(programme, node_limit, time_guard_s)
    profile = rest | sum(1 << j for j in own if solution[x[j]] > 0.5)
    value = float(losses.objective_at(block, np.array([profile], dtype=np.int64))[0])
    return Choice(profile, value, reproducible=not timed_out, method="highs")


def _build(
    losses: FoldedLosses, block: int, rest: int, own: tuple[int, ...]
) -> tuple[_Programme, dict[int, int]]:
    tables, who = losses.tables, losses.members_of(block)
    p = _Programme()
    x = {j: p.column(float(tables.cost[j, who].sum()), integer=True) for j in own}
    basins: list[tuple[list[int], IntArray]] = []
    for t in tables.basins:
        mine = [j for j in t.touching if j in x]
        rows = subset_index(t, spread(mine) | rest)
        y = [p.column(0.0) for _ in rows]
        p.row([(c, 1.0) for c in y], 1.0, 1.0)
        for k, j in enumerate(mine):
            p.row([*((c, 1.0) for s, c in enumerate(y) if s >> k & 1), (x[j], -1.0)], 0.0, 0.0)
        basins.append((y, rows))
    system = _joint_system(losses, p, len(who))
    for i in who:
        _member(losses, p, i, basins, block, system)
    return p, x


def _joint_system(losses: FoldedLosses, p: _Programme, members: int) -> int | None:
    w = losses.tables.warning
    return p.column(w.joint_fixed, integer=True) if w is not None and members > 1 else None


def _member(
    losses: FoldedLosses,
    p: _Programme,
    i: int,
    basins: list[tuple[list[int], IntArray]],
    block: int,
    system: int | None,
) -> None:
    """Loss of one member: on y if it has one choice, else on the products u."""
    tables, cost, joint = losses.choices(i, block if system is not None else 0)
    if len(cost) == 1:
        for table, (y, rows) in zip(tables, basins, strict=True):
            for column, value in zip(y, table[0, rows], strict=True):
                p.cost[column] += float(value)
        return
    z = [p.column(float(c), integer=True) for c in cost]
    p.row([(c, 1.0) for c in z], 1.0, 1.0)
    if system is not None:
        for column, is_joint in zip(z, joint, strict=True):
            if is_joint:
                p.row([(column, 1.0), (system, -1.0)], -np.inf, 0.0)
    for table, (y, rows) in zip(tables, basins, strict=True):
        loss = table[:, rows]
        if len(y) == 1:
            for o, column in enumerate(z):
                p.cost[column] += float(loss[o, 0])
            continue
        u = [[p.column(float(value)) for value in loss[:, s]] for s in range(len(y))]
        for s, column in enumerate(y):
            p.row([*((c, 1.0) for c in u[s]), (column, -1.0)], 0.0, 0.0)
        for o, column in enumerate(z):
            p.row([*((u[s][o], 1.0) for s in range(len(y))), (column, -1.0)], 0.0, 0.0)


def _quiet_solver() -> Any:
    """A solver that prints nothing: the banner comes when callbacks are enabled, so hush it before."""
    import highspy

    solver: Any = highspy.Highs

    class Quiet(solver):  # type: ignore[misc]
        def enableCallbacks(self) -> None:
            self.setOptionValue("output_flag", False)
            super().enableCallbacks()

    return Quiet()


def _solve(p: _Programme, node_limit: int, time_guard_s: float) -> tuple[FloatArray, bool]:
    """Solution by column, and whether the time guard fired."""
    import highspy

    columns, rows = len(p.cost), len(p.lower)
    order = np.lexsort((p.rows, p.columns))
    cost = np.array(p.cost)
    scale = float(np.abs(cost).max()) or 1.0
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = columns, rows
    lp.col_cost_ = cost / scale
    lp.col_lower_, lp.col_upper_ = np.zeros(columns), np.ones(columns)
    lp.row_lower_, lp.row_upper_ = np.array(p.lower), np.array(p.upper)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(p.columns, minlength=columns))]).astype(
        np.int32
    )
    lp.a_matrix_.index_ = np.array(p.rows, dtype=np.int32)[order]
    lp.a_matrix_.value_ = np.array(p.values)[order]
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[flag] for flag in p.integer]
    solver = _quiet_solver()
    for name, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", 0),
        ("mip_max_nodes", node_limit),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", 1e-12),
        ("time_limit", time_guard_s),
    ):
        solver.setOptionValue(name, value)
    solver.passModel(lp)
    solver.run()
    status = solver.getModelStatus()
    timed_out = status == highspy.HighsModelStatus.kTimeLimit
    found = np.array(solver.getSolution().col_value, dtype=np.float64)
    if (status != highspy.HighsModelStatus.kOptimal and not timed_out) or found.shape != (columns,):
        raise SolverError(
            "measures.highs",
            f"HiGHS ended with '{solver.modelStatusToString(status)}' on {columns} variables and a limit of "
            f"{node_limit} nodes; raise the node limit, or join measures that are always built together",
        )
    return found, timed_out
