"""A programme as it is decided, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

NOT_BUILT = -1
OPTIMAL, GAP, INFEASIBLE = "optimal", "gap", "infeasible"
ENUMERATION, HIGHS = "enumeration", "highs"
SETTLED, UNSETTLED = "settled", "unsettled"


@dataclass(frozen=True)
class OwnPlan:
    """What one member does for itself: own options and a warning system, each with the year it starts."""

    options: tuple[tuple[str, int], ...] = ()  # (id, delay in years), in the order of the case
    warning: str = ""  # '', 'alone' or 'joint'
    warning_delay: int = NOT_BUILT


@dataclass(frozen=True)
class Plan:
    """Every decision of all members: when each shared measure starts, and what each does for itself."""

    starts: tuple[int, ...]  # by measure: delay in years, -1 = not built
    own: tuple[OwnPlan, ...]  # by member


@dataclass(frozen=True)
class Reply:
    """The best programme of one block while the others' schedule stands."""

    block: int  # mask of its members
    plan: Plan  # the whole plan, the others' part as it was given
    value: float  # present cost of the block's members: losses and all they pay
    bound: float  # no programme of the block within its terms costs less
    status: str  # 'optimal', 'gap' or 'infeasible'
    method: str  # 'enumeration' or 'highs'
    nodes: int = 0  # branch-and-bound nodes, or schedules enumerated
    reproducible: bool = True  # False when the time guard cut the search short
    unmet: tuple[str, ...] = ()  # ids of minimum services that the block can't reach

    @property
    def gap(self) -> float:
        """Money by which the value may lie above the best; 0 when it is proven."""
        return max(0.0, self.value - self.bound) if self.status == GAP else 0.0


@dataclass(frozen=True, eq=False)
class Programme:
    """What a partition of the members builds, when, and what it costs and leaves each of them.

    Arrays over members follow the tables. Present values are money of year 0 at the tables' rate;
    ``cost`` = loss + what is paid, less residual values, before any transfer, as in the game without
    budgets. Cash is by horizon (calendar) year; ``terms.fiscal.spread`` brings it to fiscal years.
    """

    partition: tuple[int, ...]
    plan: Plan
    schedule: Mapping[str, int]  # measure -> delay of its start in years, -1 = not built
    own: tuple[OwnPlan, ...]  # by member
    cost: FloatArray  # (member,) present value
    loss: FloatArray  # (member,) present value
    capital: FloatArray  # (member, year) money, renewals included, own options and warning too
    running: FloatArray  # (member, year) money
    annual_loss: FloatArray  # (member, year) money a year
    people_by_year: FloatArray  # (member, year) persons a year
    replies: tuple[Reply, ...]  # the last reply of each block
    status: str = SETTLED  # 'unsettled': replies went in a circle; cost is the mean over it
    cycle: tuple[Plan, ...] = ()  # the plans of the circle

    @property
    def value(self) -> float:
        """Present cost of all members."""
        return float(self.cost.sum())

    @property
    def gap(self) -> float:
        """Money by which the blocks' programmes together may lie above their best replies."""
        return float(sum(r.gap for r in self.replies))

    @property
    def bound(self) -> float:
        """``value`` less ``gap``."""
        return self.value - self.gap

    @property
    def method(self) -> str:
        """'enumeration' where every block's programme was found by it, else 'highs'."""
        return HIGHS if any(r.method == HIGHS for r in self.replies) else ENUMERATION

    @property
    def reproducible(self) -> bool:
        """False when a time guard cut a search short."""
        return all(r.reproducible for r in self.replies)

    @property
    def unmet(self) -> tuple[str, ...]:
        """Ids of minimum services that a block which they bind does not reach."""
        return tuple(sorted({s for r in self.replies for s in r.unmet}))

    @property
    def people(self) -> FloatArray:
        """(member,) people affected a year, mean over the horizon."""
        return np.asarray(self.people_by_year.mean(axis=1))

    @property
    def built(self) -> tuple[str, ...]:
        """Ids of the measures built."""
        return tuple(m for m, start in self.schedule.items() if start != NOT_BUILT)


def budget_price(limited: Programme, unlimited: Programme) -> FloatArray:
    """What budgets cost each member: cost with budgets less cost without, (member,) present value.

    A member may gain from a budget, when another's budget stops what harms it.
    """
    return np.asarray(limited.cost - unlimited.cost)
