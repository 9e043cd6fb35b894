"""Columns and rows of a 0/1 programme, and HiGHS on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.highs import _quiet_solver
from bothbanks.words.errors import SolverError

FloatArray = NDArray[np.float64]

TOLERANCE = 1e-9
KERNEL = 120  # 0/1 columns that are searched at first


@dataclass
class Expression:
    """A constant and coefficients on columns; ``low`` and ``high`` bound the part that is not constant."""

    constant: float
    terms: dict[int, float] = field(default_factory=dict)
    low: float = 0.0
    high: float = 0.0

    def add(self, other: Expression) -> None:
        """Add another expression to this one."""
        self.constant += other.constant
        self.low += other.low
        self.high += other.high
        for column, value in other.terms.items():
            self.terms[column] = self.terms.get(column, 0.0) + value

    def times(self, factor: float) -> Expression:
        """The expression times a number of 0 or more."""
        terms = {column: value * factor for column, value in self.terms.items()}
        return Expression(self.constant * factor, terms, self.low * factor, self.high * factor)


@dataclass
class Columns:
    """Variables in [0, 1] and rows between bounds, filled step by step."""

    constant: float = 0.0
    cost: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    integer: list[bool] = field(default_factory=list)
    rows: list[tuple[Mapping[int, float], float, float]] = field(default_factory=list)

    def column(self, cost: float, integer: bool = False) -> int:
        """A variable in [0, 1]; its index."""
        self.cost.append(cost)
        self.upper.append(1.0)
        self.integer.append(integer)
        return len(self.cost) - 1

    def row(self, terms: Mapping[int, float], lower: float, upper: float) -> None:
        """lower <= sum of coefficient x variable <= upper."""
        self.rows.append((terms, lower, upper))

    def charge(self, expression: Expression) -> None:
        """Add an expression to the objective."""
        self.constant += expression.constant
        for column, value in expression.terms.items():
            self.cost[column] += value


@dataclass(frozen=True, eq=False)
class Solved:
    """What HiGHS answered, in the units of the objective."""

    x: FloatArray  # (column,); empty if no solution was found
    bound: float
    nodes: int
    optimal: bool
    infeasible: bool
    timed_out: bool


def solve(p: Columns, node_limit: int, time_guard_s: float) -> Solved:
    """Least objective of a 0/1 programme: one thread, seed 0, node limit; the time limit is a guard.

    With many 0/1 columns the relaxation is solved first. A column whose reduced cost is above some
    margin can't be in a solution that costs less than the relaxation plus that margin, so the search
    goes over the others only; it is proof once what it finds lies within the margin, and is made
    again with a wider one until it does.

    Raises
    ------
    SolverError [programme.highs]
        HiGHS ended in a state that is neither an answer, nor a limit, nor 'infeasible'.
    """
    whole = np.array(p.integer, dtype=bool)
    if int(whole.sum()) <= KERNEL:
        return _search(p, np.array(p.upper), node_limit, time_guard_s)
    relaxed = _relaxation(p, time_guard_s)
    if relaxed is None:
        return _search(p, np.array(p.upper), node_limit, time_guard_s)
    least, reduced = relaxed
    margin = float(np.sort(reduced[whole])[KERNEL - 1])
    nodes, known = 0, None
    while True:
        out = whole & (reduced > margin)
        upper = np.where(out, 0.0, np.array(p.upper))
        found = _search(p, upper, node_limit - nodes, time_guard_s, known)
        nodes, known = nodes + found.nodes, found.x
        found = replace(found, nodes=nodes)
        if not out.any():
            return found
        room = np.inf if found.infeasible or not found.x.size else _objective(p, found.x) - least
        if room <= margin:
            # What was left out costs at least the relaxation plus the margin: no less than what was found.
            return found
        if found.timed_out or nodes >= node_limit:
            return replace(found, bound=min(found.bound, least + margin), optimal=False, infeasible=False)
        margin = (
            max(2.0 * margin, room * (1.0 + 1e-6)) if np.isfinite(room) else _wider(reduced[whole], margin)
        )


def _wider(reduced: FloatArray, margin: float) -> float:
    """A margin that lets at least twice as many columns in."""
    ordered = np.sort(reduced)
    inside = int((ordered <= margin).sum())
    return float(ordered[min(2 * inside, ordered.size - 1)])


def _objective(p: Columns, x: FloatArray) -> float:
    return float(np.array(p.cost) @ x) + p.constant


def _relaxation(p: Columns, time_guard_s: float) -> tuple[float, FloatArray] | None:
    """Value of the relaxation and reduced costs (0 where a column is not at zero); None without one."""
    import highspy

    solver, scale = _prepared(p, np.array(p.upper), False, 0, time_guard_s)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    solution = solver.getSolution()
    x, reduced = np.array(solution.col_value), np.array(solution.col_dual)
    least = float(np.array(p.cost) @ x) + p.constant
    at_zero = (x <= TOLERANCE) & (np.array(p.upper) > 0.0)
    # Duals are right to the solver's tolerance; take off more than that.
    return least, np.where(at_zero, np.maximum(reduced - 1e-7, 0.0), 0.0) * scale


def _prepared(
    p: Columns, upper: FloatArray, whole: bool, node_limit: int, time_guard_s: float
) -> tuple[Any, float]:
    """A solver with the programme in it, and what its objective was divided by."""
    cost = np.array(p.cost)
    scale = float(np.abs(cost).max(initial=0.0)) or 1.0
    solver = _quiet_solver()
    for name, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", 0),
        ("mip_max_nodes", max(node_limit, 0)),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", 1e-12),
        ("mip_feasibility_tolerance", TOLERANCE),
        ("primal_feasibility_tolerance", TOLERANCE),
        ("dual_feasibility_tolerance", TOLERANCE),
        ("time_limit", time_guard_s),
    ):
        solver.setOptionValue(name, value)
    solver.passModel(_model(p, cost / scale, upper, whole))
    return solver, scale


def _search(
    p: Columns, upper: FloatArray, node_limit: int, time_guard_s: float, known: FloatArray | None = None
) -> Solved:
    """Branch and bound over the columns that may be above zero, from a solution that is known."""
    import highspy

    solver, scale = _prepared(p, upper, True, node_limit, time_guard_s)
    if known is not None and known.size:
        start = highspy.HighsSolution()
        start.col_value = known.tolist()
        solver.setSolution(start)
    solver.run()
    status, info = solver.getModelStatus(), solver.getInfo()
    states = highspy.HighsModelStatus
    if status in (states.kInfeasible, states.kUnboundedOrInfeasible):
        return Solved(np.zeros(0), np.inf, max(0, int(info.mip_node_count)), False, True, False)
    limits = (states.kTimeLimit, states.kSolutionLimit, states.kIterationLimit, states.kInterrupt)
    if status != states.kOptimal and status not in limits:
        raise SolverError(
            "programme.highs",
            f"HiGHS ended with '{solver.modelStatusToString(status)}' on {len(p.cost)} variables and "
            f"{len(p.rows)} rows; report it with the region folder, and raise the node limit meanwhile",
        )
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    x = np.array(solver.getSolution().col_value, dtype=np.float64) if found else np.zeros(0)
    return Solved(
        x=x,
        bound=float(info.mip_dual_bound) * scale + p.constant,
        nodes=max(0, int(info.mip_node_count)),
        optimal=status == states.kOptimal,
        infeasible=False,
        timed_out=status == states.kTimeLimit,
    )


def _model(p: Columns, cost: FloatArray, upper: FloatArray, whole: bool) -> object:
    """The programme as HiGHS takes it, by column."""
    import highspy

    row = np.array([r for r, (terms, _, _) in enumerate(p.rows) for _ in terms], dtype=np.int64)
    column = np.array([c for terms, _, _ in p.rows for c in terms], dtype=np.int64)
    value = np.array([v for terms, _, _ in p.rows for v in terms.values()], dtype=np.float64)
    order = np.lexsort((row, column))
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(cost), len(p.rows)
    lp.col_cost_ = cost
    lp.col_lower_, lp.col_upper_ = np.zeros(len(cost)), upper
    lp.row_lower_ = np.array([low for _, low, _ in p.rows])
    lp.row_upper_ = np.array([high for _, _, high in p.rows])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    counts = np.bincount(column, minlength=len(cost))
    lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    lp.a_matrix_.index_ = row[order].astype(np.int32)
    lp.a_matrix_.value_ = value[order]
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    if whole:
        lp.integrality_ = [kinds[flag] for flag in p.integer]
    return lp
