"""Adaptation pathways: until when a programme is enough, and what comes next.

A programme reaches its *tipping point* where an indicator (annual loss, people affected, protected
return period) crosses a stated threshold while a scenario's parameter grows (Haasnoot et al. 2013,
doi 10.1016/j.gloenvcha.2012.12.006). The indicator is computed at some values of the parameter and
read between them by straight lines; a scenario says in which year the parameter has which value.
At the tipping point the cheapest addition that brings the indicator back is made, and so on.

Only additions are considered: what is built stays. Nothing is read beyond the values computed or
beyond the scenario's last year; a programme that has not tipped by then is said to last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

ABOVE, BELOW = "above", "below"
LASTS, ADDS, ENDS = "lasts", "adds", "ends"
NEAR = 1e-9


@dataclass(frozen=True)
class Trajectory:
    """How a scenario's parameter grows: on a straight line between two years.

    >>> wet = Trajectory("wet", start_year=2020, end_year=2070, end_value=1.2)
    >>> wet.year_at(1.1), wet.year_at(1.3), round(wet.value_at(2030), 3)
    (2045.0, inf, 1.04)
    """

    id: str
    start_year: float
    end_year: float
    end_value: float
    start_value: float = 1.0

    def __post_init__(self) -> None:
        if not self.end_year > self.start_year:
            raise RangeError(
                "measures.pathway-years",
                f"scenario '{self.id}' runs from {self.start_year:g} to {self.end_year:g}; it must end later",
            )
        if not (np.isfinite([self.start_value, self.end_value]).all() and self.end_value >= self.start_value):
            raise RangeError(
                "measures.pathway-value",
                f"scenario '{self.id}' goes from {self.start_value:g} to {self.end_value:g}; pathways need a "
                "parameter that doesn't fall. Turn its sign if it does",
            )

    def year_at(self, value: float) -> float:
        """The year in which the parameter reaches a value; inf = not by the last year."""
        if value <= self.start_value:
            return float(self.start_year)
        if value > self.end_value:
            return inf
        share = (value - self.start_value) / (self.end_value - self.start_value)
        return float(self.start_year + share * (self.end_year - self.start_year))

    def value_at(self, year: float) -> float:
        """The parameter's value in a year from the first to the last."""
        share = (year - self.start_year) / (self.end_year - self.start_year)
        return float(self.start_value + min(max(share, 0.0), 1.0) * (self.end_value - self.start_value))


@dataclass(frozen=True)
class IndicatorTable:
    """An indicator of every programme at some values of the parameter, and when it is too bad.

    Parameters
    ----------
    programmes : (programme,) bit masks of measures, each once.
    cost : (programme,) money; an addition costs the difference.
    grid : (value,) rising values of the parameter at which the indicator was computed.
    indicator : (programme, value)
    threshold : the last value that is good enough.
    bad : 'above' for losses or people, 'below' for a protected return period.
    """

    programmes: IntArray
    cost: FloatArray
    grid: FloatArray
    indicator: FloatArray
    threshold: float
    bad: str = ABOVE
    name: str = ""
    unit: str = ""

    def __post_init__(self) -> None:
        k, g = len(self.programmes), len(self.grid)
        if np.shape(self.cost) != (k,) or np.shape(self.indicator) != (k, g) or not k:
            raise ShapeError(
                "measures.pathway",
                f"{k} programmes and {g} values, but costs {np.shape(self.cost)} and indicators "
                f"{np.shape(self.indicator)}; needed are {(k,)} and {(k, g)}",
            )
        if not (np.isfinite(self.cost).all() and np.isfinite(self.indicator).all()):
            raise MissingValueError("measures.pathway", "a cost or an indicator is not a finite number")
        if g < 2 or not (np.diff(self.grid) > 0).all():
            raise RangeError("measures.pathway-grid", "give two or more values of the parameter, rising")
        if not np.isfinite(self.threshold) or self.bad not in (ABOVE, BELOW):
            raise RangeError(
                "measures.pathway-threshold",
                f"threshold {self.threshold} with bad='{self.bad}'; give a number and '{ABOVE}' or '{BELOW}'",
            )
        if len(np.unique(self.programmes)) != k:
            raise RangeError("measures.pathway", "a programme is listed twice; list each once")

    def row(self, programme: int) -> int:
        """Row of a programme. Raises RangeError where it is not in the table."""
        found = np.flatnonzero(self.programmes == programme)
        if not found.size:
            raise RangeError("measures.pathway", f"programme {programme:#b} is not among those computed")
        return int(found[0])

    def excess(self) -> FloatArray:
        """(programme, value) how far the indicator is on the bad side; 0 or less is good enough."""
        return (self.indicator - self.threshold) * (1.0 if self.bad == ABOVE else -1.0)


def tipping_values(table: IndicatorTable, after: float | None = None) -> FloatArray:
    """The parameter's value at which each programme's indicator first crosses the threshold.

    Parameters
    ----------
    after : look from this value on; by default from the first value computed.

    Returns
    -------
    (programme,): ``after`` where the indicator is too bad already, inf where it never gets so within
    the values computed.

    Examples
    --------
    Loss grows from 1 to 3 a year while rain grows by a fifth; 2 is the most that is borne:

    >>> table = IndicatorTable(np.array([0, 1]), np.array([0.0, 5.0]), np.array([1.0, 1.2]),
    ...                        np.array([[1.0, 3.0], [0.5, 1.5]]), threshold=2.0)
    >>> tipping_values(table).tolist()
    [1.1, inf]
    """
    grid, excess = np.asarray(table.grid, dtype=np.float64), table.excess()
    if after is not None:
        if not grid[0] <= after <= grid[-1]:
            raise RangeError(
                "measures.pathway-grid",
                f"the indicator was computed from {grid[0]:g} to {grid[-1]:g}, but {after:g} is asked for; "
                "compute it there too",
            )
        here = int(np.searchsorted(grid, after, side="right"))
        left = max(here - 1, 0)
        right = min(here, grid.size - 1)
        share = 0.0 if right == left else (after - grid[left]) / (grid[right] - grid[left])
        now = excess[:, left] + share * (excess[:, right] - excess[:, left])
        grid = np.concatenate([[after], grid[here:]])
        excess = np.concatenate([now[:, None], excess[:, here:]], axis=1)
    slack = NEAR * max(1.0, abs(table.threshold))
    over = excess > slack
    first = over.argmax(axis=1)
    before = np.maximum(first - 1, 0)
    rows = np.arange(excess.shape[0])
    a, b = np.minimum(excess[rows, before], 0.0), excess[rows, first]
    rise = np.where(b > a, b - a, 1.0)
    crossed = grid[before] + (grid[first] - grid[before]) * (-a / rise)
    return np.asarray(np.where(over.any(axis=1), np.where(first == 0, grid[0], crossed), inf))


@dataclass(frozen=True)
class Addition:
    """Measures that bring the indicator back at a tipping point."""

    programme: int  # mask with the addition in it
    added: int  # mask of what is new
    cost: float  # money, of what is new
    until_year: float  # when the larger programme tips; inf = it lasts


@dataclass(frozen=True)
class PathwayStep:
    """One row of a pathway: from when a programme stands, until when it is enough, and what comes next."""

    from_year: float
    programme: int  # mask
    status: str  # 'lasts' to the scenario's end, 'adds' the next, or 'ends': nothing brings it back
    tipping_value: float  # of the parameter; inf = lasts
    tipping_year: float  # inf = lasts
    next: Addition | None  # the cheapest that brings the indicator back
    decide_by: float  # tipping year less the building years of what comes next; inf = nothing to decide
    alternatives: tuple[Addition, ...] = ()  # the cheapest, none of which contains another; next is the first


def pathway(
    table: IndicatorTable,
    trajectory: Trajectory,
    start: int,
    lasts_years: float = 0.0,
    lead_years: Mapping[int, float] | None = None,
    alternatives: int = 4,
) -> tuple[PathwayStep, ...]:
    """The path on which the cheapest sufficient addition is made at every tipping point.

    Of equally cheap additions the one that lasts longer is taken, then the one with fewer measures,
    then the lower mask.

    Parameters
    ----------
    start : mask of the programme at the trajectory's first year.
    lasts_years : an addition must be enough for that long, or to the scenario's last year.
    lead_years : measure -> years it takes to build; 0 where not given.

    Raises
    ------
    RangeError
        The scenario goes beyond the values computed; the programme is not in the table.

    Examples
    --------
    Two measures; each halves or quarters what is left of a loss that grows with the rain:

    >>> rain, left = np.array([1.0, 1.1, 1.2]), np.array([1.0, 0.5, 0.25, 0.125])
    >>> table = IndicatorTable(np.arange(4), np.array([0.0, 5.0, 20.0, 25.0]), rain,
    ...                        left[:, None] * np.array([10.0, 20.0, 60.0]), threshold=15.0)
    >>> wet = Trajectory("wet", 2020, 2070, 1.2)
    >>> [(s.from_year, s.programme, s.status, s.tipping_year) for s in pathway(table, wet, 0)]
    [(2020.0, 0, 'adds', 2032.5), (2032.5, 1, 'adds', 2051.25), (2051.25, 3, 'lasts', inf)]
    """
    _check_reach(table, trajectory)
    steps: list[PathwayStep] = []
    programme, value = start, trajectory.start_value
    while True:
        step = _step(table, trajectory, programme, value, lasts_years, lead_years or {}, alternatives)
        steps.append(step)
        if step.next is None:
            return tuple(steps)
        programme, value = step.next.programme, step.tipping_value


@dataclass(frozen=True)
class TreeStep:
    """A step of the tree of pathways and the row of the tree that it follows; -1 = the start."""

    follows: int
    step: PathwayStep


def pathway_tree(
    table: IndicatorTable,
    trajectory: Trajectory,
    start: int,
    lasts_years: float = 0.0,
    lead_years: Mapping[int, float] | None = None,
    branches: int = 3,
    most_steps: int = 200,
) -> tuple[TreeStep, ...]:
    """All paths that take one of the ``branches`` cheapest additions at each tipping point.

    Returns
    -------
    Rows breadth first, each with the row it follows; the first is the start. Beyond ``most_steps``
    rows RangeError says so: ask for fewer branches.
    """
    _check_reach(table, trajectory)
    if branches < 1:
        raise RangeError("measures.pathway", f"{branches} branches; give 1 or more")
    rows: list[TreeStep] = []
    waiting: list[tuple[int, int, float]] = [(-1, start, trajectory.start_value)]
    while waiting:
        if len(rows) >= most_steps:
            raise RangeError(
                "measures.pathway-size", f"the tree has more than {most_steps} steps; ask for fewer branches"
            )
        follows, programme, value = waiting.pop(0)
        step = _step(table, trajectory, programme, value, lasts_years, lead_years or {}, branches)
        rows.append(TreeStep(follows, step))
        waiting += [(len(rows) - 1, a.programme, step.tipping_value) for a in step.alternatives]
    return tuple(rows)


@dataclass(frozen=True)
class TippingYears:
    """When each programme tips under each scenario; inf = not by the scenario's last year."""

    scenarios: tuple[str, ...]
    years: FloatArray  # (scenario, programme)

    @property
    def earliest(self) -> FloatArray:
        """(programme,) over the scenarios."""
        return np.asarray(self.years.min(axis=0))

    @property
    def latest(self) -> FloatArray:
        """(programme,) over the scenarios; inf where one of them never gets there."""
        return np.asarray(self.years.max(axis=0))

    @property
    def lasting(self) -> IntArray:
        """(programme,) number of scenarios in which it lasts."""
        return np.asarray(np.isinf(self.years).sum(axis=0))


def tipping_years(table: IndicatorTable, trajectories: Sequence[Trajectory]) -> TippingYears:
    """Tipping year of every programme under every scenario, if nothing is added.

    Raises
    ------
    RangeError
        No scenario is given, or one goes beyond the values computed.
    """
    if not trajectories:
        raise RangeError("measures.pathway", "no scenario was given; a pathway needs one that has a year")
    out = np.empty((len(trajectories), len(table.programmes)))
    for s, trajectory in enumerate(trajectories):
        _check_reach(table, trajectory)
        out[s] = _years(trajectory, tipping_values(table, trajectory.start_value))
    return TippingYears(tuple(t.id for t in trajectories), out)


def _years(trajectory: Trajectory, values: FloatArray) -> FloatArray:
    return np.array([trajectory.year_at(float(v)) for v in values])


def _check_reach(table: IndicatorTable, trajectory: Trajectory) -> None:
    low, high = float(table.grid[0]), float(table.grid[-1])
    if trajectory.start_value < low - NEAR or trajectory.end_value > high + NEAR:
        raise RangeError(
            "measures.pathway-grid",
            f"scenario '{trajectory.id}' goes from {trajectory.start_value:g} to {trajectory.end_value:g}, "
            f"but the indicator was computed from {low:g} to {high:g}; compute it for the whole way",
        )


def _step(
    table: IndicatorTable,
    trajectory: Trajectory,
    programme: int,
    value: float,
    lasts_years: float,
    lead_years: Mapping[int, float],
    most: int,
) -> PathwayStep:
    from_year = trajectory.year_at(value)
    tips = float(tipping_values(table, value)[table.row(programme)])
    year = trajectory.year_at(tips)
    if np.isinf(year):
        return PathwayStep(from_year, programme, LASTS, inf, inf, None, inf)
    options = _additions(table, trajectory, programme, tips, year + lasts_years, max(most, 1))
    first = options[0] if options else None
    lead = 0.0
    if first is not None:
        lead = max((y for j, y in lead_years.items() if first.added >> j & 1), default=0.0)
    status = ENDS if first is None else ADDS
    return PathwayStep(from_year, programme, status, tips, year, first, year - lead, options)


def _additions(
    table: IndicatorTable,
    trajectory: Trajectory,
    programme: int,
    value: float,
    until: float,
    most: int,
) -> tuple[Addition, ...]:
    """The cheapest sufficient additions at a value, none of which contains another."""
    masks = table.programmes
    more = (masks & programme == programme) & (masks != programme)
    rows = np.flatnonzero(more)
    tips = tipping_values(table, value)[rows]
    years = _years(trajectory, tips)
    good = (tips > value + NEAR) & (years >= min(until, trajectory.end_year))
    rows, years = rows[good], years[good]
    cost = table.cost[rows] - table.cost[table.row(programme)]
    fine = np.round(cost / max(1.0, float(np.abs(table.cost).max())), 9)
    count = np.bitwise_count(masks[rows].astype(np.uint64)) if rows.size else np.zeros(0)
    order = np.lexsort((masks[rows], count, -years, fine))
    out: list[Addition] = []
    while order.size and len(out) < most:
        k = int(order[0])
        mask = int(masks[rows[k]])
        out.append(Addition(mask, mask & ~programme, float(cost[k]), float(years[k])))
        order = order[masks[rows[order]] & mask != mask]
    return tuple(out)
