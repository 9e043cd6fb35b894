"""Columns and rows of a 0/1 programme, and HiGHS on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.highs import _quiet_solver
from bothbanks.words.errors import SolverError

FloatArray = NDArray[np.float64]

TOLERANCE = 1e-9


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

    Raises
    ------
    SolverError [programme.highs]
        HiGHS ended in a state that is neither an answer, nor a limit, nor 'infeasible'.
    """
    import highspy

    cost = np.array(p.cost)
    scale = float(np.abs(cost).max(initial=0.0)) or 1.0
    solver = _quiet_solver()
    for name, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", 0),
        ("mip_max_nodes", node_limit),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", 1e-12),
        ("mip_feasibility_tolerance", TOLERANCE),
        ("primal_feasibility_tolerance", TOLERANCE),
        ("dual_feasibility_tolerance", TOLERANCE),
        ("time_limit", time_guard_s),
    ):
        solver.setOptionValue(name, value)
    solver.passModel(_model(p, cost / scale))
    solver.run()
    status, info = solver.getModelStatus(), solver.getInfo()
    states = highspy.HighsModelStatus
    if status in (states.kInfeasible, states.kUnboundedOrInfeasible):
        return Solved(np.zeros(0), np.inf, int(info.mip_node_count), False, True, False)
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
        nodes=int(info.mip_node_count),
        optimal=status == states.kOptimal,
        infeasible=False,
        timed_out=status == states.kTimeLimit,
    )


def _model(p: Columns, cost: FloatArray) -> object:
    """The programme as HiGHS takes it, by column."""
    import highspy

    row = np.array([r for r, (terms, _, _) in enumerate(p.rows) for _ in terms], dtype=np.int64)
    column = np.array([c for terms, _, _ in p.rows for c in terms], dtype=np.int64)
    value = np.array([v for terms, _, _ in p.rows for v in terms.values()], dtype=np.float64)
    order = np.lexsort((row, column))
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(cost), len(p.rows)
    lp.col_cost_ = cost
    lp.col_lower_, lp.col_upper_ = np.zeros(len(cost)), np.array(p.upper)
    lp.row_lower_ = np.array([low for _, low, _ in p.rows])
    lp.row_upper_ = np.array([high for _, _, high in p.rows])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    counts = np.bincount(column, minlength=len(cost))
    lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    lp.a_matrix_.index_ = row[order].astype(np.int32)
    lp.a_matrix_.value_ = value[order]
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[whole] for whole in p.integer]
    return lp
