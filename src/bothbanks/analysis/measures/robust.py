"""Choosing when nobody knows which climate comes: expected cost, least regret, least worst cost.

Rows are candidate programmes, columns are scenarios. Three rules choose a row:

expected
    The least expected cost, under stated weights of the scenarios.
minimax-regret
    The least worst regret, where the regret of a candidate in a scenario is its cost above the best
    that could have been done in that scenario (Savage 1951, doi 10.1080/01621459.1951.10500768).
minimax-cost
    The least worst cost (Wald 1950, Statistical Decision Functions).

*The price of robustness* is the expected cost that a rule's choice gives up against the expected
choice (after Bertsimas and Sim 2004, doi 10.1287/opre.1030.0065, who state it for protection against
uncertain data); what it buys, the worst regret it saves, stands beside it.

Ties are broken the same way in every run: by the rule's second criterion (the worst regret for the
expected choice, the expected cost for the two others), then by the first row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

EXPECTED, MINIMAX_REGRET, MINIMAX_COST = "expected", "minimax-regret", "minimax-cost"
RULES = (EXPECTED, MINIMAX_REGRET, MINIMAX_COST)
MOST_PROFILES = 1 << 14
TIE = 1e-9
"""Share of the largest figure below which two are taken as equal."""


@dataclass(frozen=True)
class RobustChoice:
    """What one rule chooses, and what the choice comes to; money as in the table of costs."""

    rule: str  # one of RULES
    candidate: int  # row of the table of costs
    cost: FloatArray  # (scenario,) of all members
    regret: FloatArray  # (scenario,) >= 0
    expected_cost: float
    worst_cost: float
    worst_regret: float
    worst_scenario: int  # where the regret is greatest; the first of several
    price: float  # of robustness: expected cost above the expected choice's, >= 0
    regret_saved: float  # worst regret of the expected choice less this one's
    by_member: FloatArray | None = None  # (scenario, member) cost, where members were given


@dataclass(frozen=True)
class RobustChoices:
    """The choices of the three rules on one table of costs."""

    weights: FloatArray  # (scenario,) sum 1
    best: FloatArray  # (scenario,) the least cost that could be had
    regret: FloatArray  # (candidate, scenario)
    expected: RobustChoice
    minimax_regret: RobustChoice
    minimax_cost: RobustChoice

    @property
    def all(self) -> tuple[RobustChoice, ...]:
        """The three choices in the order of ``RULES``."""
        return self.expected, self.minimax_regret, self.minimax_cost

    @property
    def agree(self) -> bool:
        """True when all three rules choose the same row: the climate then decides nothing."""
        return len({c.candidate for c in self.all}) == 1


def scenario_weights(weights: Sequence[float] | FloatArray | None, scenarios: int) -> FloatArray:
    """Weights of the scenarios that sum to 1; equal ones where none are stated.

    Raises
    ------
    ShapeError, RangeError
        Not one weight a scenario; a weight below 0, not a number, or none above 0.

    >>> scenario_weights([1.0, 3.0], 2).tolist(), scenario_weights(None, 2).tolist()
    ([0.25, 0.75], [0.5, 0.5])
    """
    if weights is None:
        return np.full(scenarios, 1.0 / scenarios)
    w = np.asarray(weights, dtype=np.float64)
    if w.shape != (scenarios,):
        raise ShapeError(
            "measures.robust", f"{w.shape} weights for {scenarios} scenarios; give one a scenario"
        )
    if not np.isfinite(w).all() or (w < 0).any() or w.sum() <= 0:
        raise RangeError(
            "measures.robust",
            f"weights of the scenarios are {w.tolist()}; each must be 0 or more and one above 0",
        )
    return np.asarray(w / w.sum())


def regret_table(cost: FloatArray, best: FloatArray | None = None) -> FloatArray:
    """Cost above the best of each scenario (Savage 1951).

    Parameters
    ----------
    cost : (candidate, scenario), money
    best : (scenario,) the least cost that could be had, such as the exact optimum over all programmes;
        by default the least of the candidates, which understates regret if the optimum is not among
        them. A ``best`` above the cost of a candidate is refused: it is not the best.

    Returns
    -------
    (candidate, scenario) >= 0

    Raises
    ------
    ShapeError, MissingValueError, RangeError
        The arrays don't fit; a cost is not a finite number; ``best`` is not the best.

    Examples
    --------
    >>> regret_table(np.array([[10.0, 30.0], [14.0, 20.0]])).tolist()
    [[0.0, 10.0], [4.0, 0.0]]
    """
    c = _checked(cost)
    if c.ndim != 2:
        raise ShapeError("measures.robust", f"costs of shape {c.shape}; needed are (candidate, scenario)")
    least = c.min(axis=0)
    if best is None:
        return np.asarray(c - least)
    b = np.asarray(best, dtype=np.float64)
    if b.shape != least.shape:
        raise ShapeError("measures.robust", f"best of shape {b.shape} for {least.size} scenarios")
    off = b > least + TIE * np.maximum(1.0, np.abs(least))
    if off.any():
        s = int(off.argmax())
        raise RangeError(
            "measures.robust-best",
            f"in scenario {s} the stated best is {b[s]:,.2f}, but a candidate costs {least[s]:,.2f}; the "
            "best must not be above any candidate. Solve that scenario again, or leave 'best' out",
        )
    return np.maximum(c - b, 0.0)


def robust_choices(
    cost: FloatArray,
    weights: Sequence[float] | FloatArray | None = None,
    best: FloatArray | None = None,
) -> RobustChoices:
    """The choices of the three rules among candidate programmes.

    Parameters
    ----------
    cost : (candidate, scenario) or (candidate, scenario, member), money, less is better. With members
        the rules choose by the sum, and each choice says what each member faces.
    weights : (scenario,), need not sum to 1; equal by default.
    best : see ``regret_table``.

    Raises
    ------
    ShapeError, MissingValueError, RangeError
        As ``regret_table`` and ``scenario_weights``.

    Examples
    --------
    Nothing, a wall, a high wall, in a mild and in a wet climate. The wall is cheapest in expectation and is
    regretted least; whoever fears the worst cost alone takes the high wall, for 3 more in expectation:

    >>> found = robust_choices(np.array([[10.0, 90.0], [20.0, 50.0], [38.0, 38.0]]))
    >>> [(c.rule, c.candidate, c.worst_regret, c.price) for c in found.all]
    [('expected', 1, 12.0, 0.0), ('minimax-regret', 1, 12.0, 0.0), ('minimax-cost', 2, 28.0, 3.0)]
    """
    table = _checked(cost)
    if table.ndim not in (2, 3):
        raise ShapeError(
            "measures.robust",
            f"costs of shape {table.shape}; needed are (candidate, scenario) or with a third axis of members",
        )
    total = table if table.ndim == 2 else table.sum(axis=2)
    w = scenario_weights(weights, total.shape[1])
    regret = regret_table(total, best)
    expected, worst, sorry = total @ w, total.max(axis=1), regret.max(axis=1)
    rows = {
        EXPECTED: _least(expected, sorry),
        MINIMAX_REGRET: _least(sorry, expected),
        MINIMAX_COST: _least(worst, expected),
    }
    first = rows[EXPECTED]
    choices = [
        RobustChoice(
            rule=rule,
            candidate=row,
            cost=total[row],
            regret=regret[row],
            expected_cost=float(expected[row]),
            worst_cost=float(worst[row]),
            worst_regret=float(sorry[row]),
            worst_scenario=int(regret[row].argmax()),
            price=max(float(expected[row] - expected[first]), 0.0),
            regret_saved=float(sorry[first] - sorry[row]),
            by_member=table[row] if table.ndim == 3 else None,
        )
        for rule, row in rows.items()
    ]
    found = total.min(axis=0) if best is None else np.asarray(best, dtype=np.float64)
    return RobustChoices(w, found, regret, *choices)


def candidate_rows(cost: FloatArray, weights: Sequence[float] | FloatArray | None = None) -> IntArray:
    """Rows worth showing as candidates: the optimum of every scenario, and of the weighted mean.

    Minimax regret over all rows may choose a row that is no scenario's optimum; ``robust_profiles``
    looks at all.

    Parameters
    ----------
    cost : (profile, scenario), money

    Returns
    -------
    Rows in rising order, each once; the first of equal rows.

    >>> candidate_rows(np.array([[10.0, 90.0], [20.0, 50.0], [38.0, 38.0]])).tolist()
    [0, 1, 2]
    """
    c = _checked(cost)
    w = scenario_weights(weights, c.shape[1])
    optima = [_least(c[:, s], c @ w) for s in range(c.shape[1])]
    mean = _least(c @ w, regret_table(c).max(axis=1))
    return np.unique(np.array([*optima, mean], dtype=np.int64))


@dataclass(frozen=True)
class RobustProfiles:
    """Exact choices over all subsets of measures, and among the candidates alone."""

    profiles: IntArray  # (profile,) bit masks that were allowed; row of a choice -> mask
    over_all: RobustChoices
    candidates: IntArray  # (candidate,) bit masks: the optimum of each scenario and of the mean
    among_candidates: RobustChoices  # rows follow ``candidates``

    def mask(self, choice: RobustChoice) -> int:
        """Measures of a choice of ``over_all``."""
        return int(self.profiles[choice.candidate])


def robust_profiles(
    cost: FloatArray,
    profiles: IntArray | None = None,
    allowed: BoolArray | None = None,
    weights: Sequence[float] | FloatArray | None = None,
) -> RobustProfiles:
    """Exact expected, minimax regret and minimax cost choice over every subset of measures.

    The best of each scenario is taken over the allowed subsets, so the regret is exact.

    Parameters
    ----------
    cost : (profile, scenario) or (profile, scenario, member), money; at most 2**14 profiles.
    profiles : (profile,) bit mask of each row; by default the row's number.
    allowed : (profile,) False for subsets that break a budget or a rule.

    Raises
    ------
    ShapeError, MissingValueError, RangeError
        Arrays that don't fit, costs of allowed rows that are not finite, more than 2**14 rows, or none
        allowed.

    Examples
    --------
    >>> found = robust_profiles(np.array([[10.0, 90.0], [30.0, 60.0], [45.0, 45.0], [60.0, 55.0]]))
    >>> [found.mask(c) for c in found.over_all.all]
    [1, 1, 2]
    >>> found.candidates.tolist()
    [0, 1, 2]
    """
    table = np.asarray(cost, dtype=np.float64)
    k = table.shape[0]
    if k > MOST_PROFILES:
        raise RangeError(
            "measures.robust-size",
            f"{k} subsets; at most {MOST_PROFILES} are enumerated. Give the exact optimum of each scenario "
            "as candidates to robust_choices instead",
        )
    masks = np.arange(k, dtype=np.int64) if profiles is None else np.asarray(profiles, dtype=np.int64)
    keep = np.ones(k, dtype=bool) if allowed is None else np.asarray(allowed, dtype=bool)
    if masks.shape != (k,) or keep.shape != (k,):
        raise ShapeError(
            "measures.robust", f"{masks.shape} masks and {keep.shape} permissions for {k} rows of cost"
        )
    if not keep.any():
        raise RangeError("measures.robust-none", "no subset is allowed; loosen a budget or a rule")
    masks, table = masks[keep], table[keep]
    over_all = robust_choices(table, weights)
    total = table if table.ndim == 2 else table.sum(axis=2)
    rows = candidate_rows(total, weights)
    return RobustProfiles(
        masks, over_all, masks[rows], robust_choices(table[rows], weights, best=over_all.best)
    )


def _least(values: FloatArray, then: FloatArray) -> int:
    """Row of the least value; near-equal ones by ``then``, and then the first."""
    near = _near(values)
    return int(near[_near(then[near])[0]])


def _near(values: FloatArray) -> IntArray:
    least = float(values.min())
    return np.flatnonzero(values <= least + TIE * max(1.0, abs(least))).astype(np.int64)


def _checked(cost: FloatArray) -> FloatArray:
    c = np.asarray(cost, dtype=np.float64)
    if c.ndim < 2 or 0 in c.shape:
        raise ShapeError(
            "measures.robust", f"costs of shape {c.shape}; needed are candidates and scenarios, one at least"
        )
    if not np.isfinite(c).all():
        at = tuple(int(x) for x in np.argwhere(~np.isfinite(c))[0])
        raise MissingValueError(
            "measures.robust",
            f"the cost of candidate {at[0]} in scenario {at[1]} is {c[at]}; leave out candidates that are "
            "not feasible",
        )
    return c
