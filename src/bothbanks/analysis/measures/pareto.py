"""Trade-offs of a game: the sets of measures that no other set beats on money, people and the worst-off
member. The front itself is found in ``fronts``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.choice import spread
from bothbanks.analysis.measures.equilibrium import PartitionGame
from bothbanks.analysis.measures.fronts import non_dominated, rounded_aims
from bothbanks.words.errors import RangeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
__all__ = ["ParetoFront", "non_dominated", "pareto_front"]


@dataclass(frozen=True)
class ParetoFront:
    """The front, cheapest first, and what each member gives up on it."""

    profiles: IntArray  # (option,) masks of measures
    money: FloatArray  # (option,) net cost of all members, present value
    people: FloatArray  # (option,) people affected a year, all members
    worst_off: FloatArray  # (option,) greatest rise in cost against alone, by `per` (may be negative)
    worst_member: IntArray  # (option,) who that is
    gives_up: FloatArray  # (option, member) cost less the member's least cost on the front, >= 0


def pareto_front(game: PartitionGame, per: FloatArray | None = None) -> ParetoFront:
    """Non-dominated sets of measures when all act together and nobody pays anybody.

    The three aims, less is better: net money of all members; people affected a year; the change
    against alone of the member that fares worst.

    Parameters
    ----------
    per : (member,) what the change is divided by before members are compared, such as people;
        by default 1, plain money.

    Raises
    ------
    RangeError
        More than 14 measures, or a ``per`` that is not above 0.
    """
    t, n = game.tables, len(game.members)
    if not game.losses.complete:
        raise RangeError("measures.pareto", f"{len(t.measures)} measures; the front lists at most 14")
    weight = np.ones(n) if per is None else np.asarray(per, dtype=np.float64)
    if not (np.isfinite(weight).all() and (weight > 0).all()):
        raise RangeError("measures.pareto", "the numbers to divide by must be above 0")
    free = [j for j, holders in enumerate(t.holders) if holders > 0 and not t.fixed >> j & 1]
    profiles = spread(free) | t.fixed
    everybody = ((1 << n) - 1,)
    settled = game.losses.settle_many(everybody, profiles)
    cost, people = settled.cost, settled.people
    rise = (cost - game.alone().cost) / weight
    aims = np.stack([cost.sum(axis=1), people.sum(axis=1), rise.max(axis=1)], axis=1)
    on_front = np.flatnonzero(non_dominated(rounded_aims(aims)))
    order = on_front[np.lexsort((profiles[on_front], aims[on_front, 0]))]
    kept = cost[order]
    return ParetoFront(
        profiles[order],
        aims[order, 0],
        aims[order, 1],
        aims[order, 2],
        rise[order].argmax(axis=1),
        kept - kept.min(axis=0),
    )
