"""A small linear programme with 0/1 parts, solved by HiGHS with one thread and a fixed seed.

Rows are all of the form 'sum of value x column <= upper'. Money is scaled to millions on its way
to the solver, so that its tolerances mean fractions of a cent.
Solver: HiGHS (Huangfu and Hall 2018, doi 10.1007/s12532-017-0130-5).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.words.errors import SolverError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

NODE_LIMIT = 200_000
FEASIBLE_TO = 1e-9
MILLION = 1e6


@dataclass(frozen=True, eq=False)
class Row:
    """sum of ``values`` x ``columns`` <= ``upper``."""

    columns: IntArray
    values: FloatArray
    upper: float


@dataclass
class Programme:
    """Columns with cost and bounds, and rows; minimised."""

    cost: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    integer: list[bool] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def column(self, cost: float, upper: float = np.inf, integer: bool = False, lower: float = 0.0) -> int:
        """A new variable; its index."""
        self.cost.append(cost)
        self.lower.append(lower)
        self.upper.append(upper)
        self.integer.append(integer)
        return len(self.cost) - 1

    def row(
        self, columns: IntArray | list[int], values: FloatArray | list[float] | float, upper: float
    ) -> None:
        """A new row."""
        at = np.asarray(columns, dtype=np.int64)
        weights = np.broadcast_to(np.asarray(values, dtype=np.float64), at.shape)
        self.rows.append(Row(at, weights, upper))


def solve(programme: Programme, node_limit: int = NODE_LIMIT) -> FloatArray | None:
    """The best values of all columns; None where no values keep all rows.

    Raises
    ------
    SolverError [finance.highs]
        Neither an optimum nor a proof that there is none, within the node limit.

    Examples
    --------
    >>> p = Programme()
    >>> x, y = p.column(-2.0, 3.0), p.column(-1.0, 3.0)
    >>> p.row([x, y], 1.0, 4.0)
    >>> solve(p).tolist()
    [3.0, 1.0]
    >>> p.row([x], -1.0, -5.0)
    >>> solve(p) is None
    True
    """
    import highspy

    if not programme.cost:
        return np.zeros(0) if all(r.upper >= 0 for r in programme.rows) else None
    solver = _quiet()
    for name, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", 0),
        ("mip_max_nodes", node_limit),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", 1e-9),
        ("primal_feasibility_tolerance", FEASIBLE_TO),
        ("dual_feasibility_tolerance", FEASIBLE_TO),
        ("mip_feasibility_tolerance", FEASIBLE_TO),
    ):
        solver.setOptionValue(name, value)
    solver.passModel(_model(programme))
    solver.run()
    status = solver.getModelStatus()
    kinds = highspy.HighsModelStatus
    if status in (kinds.kInfeasible, kinds.kUnboundedOrInfeasible):
        return None
    found = np.array(solver.getSolution().col_value, dtype=np.float64)
    if status != kinds.kOptimal or found.size != len(programme.cost):
        raise SolverError(
            "finance.highs",
            f"HiGHS ended with '{solver.modelStatusToString(status)}' on {len(programme.cost)} variables; "
            "use fewer sources with smallest shares or exclusions",
        )
    return found


def _model(p: Programme) -> Any:
    import highspy

    lp = highspy.HighsLp()
    n = len(p.cost)
    lp.num_col_, lp.num_row_ = n, len(p.rows)
    lp.col_cost_ = np.array(p.cost)
    lp.col_lower_, lp.col_upper_ = np.array(p.lower), np.array(p.upper)
    lp.row_lower_ = np.full(len(p.rows), -np.inf)
    lp.row_upper_ = np.array([r.upper for r in p.rows])
    sizes = [r.columns.size for r in p.rows]
    empty = np.zeros(0)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    lp.a_matrix_.index_ = np.concatenate([empty, *(r.columns for r in p.rows)]).astype(np.int32)
    lp.a_matrix_.value_ = np.concatenate([empty, *(r.values for r in p.rows)])
    if any(p.integer):
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[flag] for flag in p.integer]
    return lp


def _quiet() -> Any:
    """A solver that prints nothing: the banner comes when callbacks are enabled, so hush it before."""
    import highspy

    solver: Any = highspy.Highs

    class Quiet(solver):  # type: ignore[misc]
        def enableCallbacks(self) -> None:
            self.setOptionValue("output_flag", False)
            super().enableCallbacks()

    return Quiet()
