"""Outcomes that can't be paid over (lives, minutes): who would object when nobody can be compensated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bothbanks.analysis.cooperation.arrays import TOLERANCE
from bothbanks.analysis.cooperation.game import by_member, check_size
from bothbanks.analysis.cooperation.partition import (
    Convention,
    CostOfPartition,
    convention_partition,
    remembered,
    together_partition,
)
from bothbanks.words.coalitions import Coalition, coalition_of
from bothbanks.words.errors import ShapeError


@dataclass(frozen=True)
class ComponentwiseObjection:
    """A coalition each of whose members does better by itself, and by how much each."""

    coalition: Coalition
    improvement: dict[str, float]


def componentwise_objections(
    outcome_of_partition: CostOfPartition,
    members: Sequence[str],
    convention: Convention,
    deal: npt.ArrayLike | None = None,
    tolerance: float = TOLERANCE,
) -> tuple[ComponentwiseObjection, ...]:
    """Coalitions that object to the deal although nobody can be paid.

    A coalition objects only if *each* of its members does better by leaving together; a better sum is
    not enough, since a life saved in one town does not make up for one lost in another.

    Parameters
    ----------
    outcome_of_partition : function from a partition to (n,) outcome by member, less is better
    members : n names, in bit order
    convention : how the others act when a coalition leaves, "gamma" or "delta"
    deal : (n,) outcome under the deal; by default that of all members acting together
    tolerance : relative to the largest outcome; smaller improvements don't count

    Returns
    -------
    Objections in mask order; empty when the deal is stable.

    Raises
    ------
    ShapeError, MissingValueError, InputError, RangeError
        An outcome has the wrong shape; NaN; unknown convention; too many members.

    Source: the core without transferable utility, R. J. Aumann, The core of a cooperative game without
    side payments (1961), Trans. Am. Math. Soc. 98:539-552.

    Together both wait longer in "a", so "a" alone objects:

    >>> minutes = lambda partition: [9, 5] if len(partition) == 1 else [8, 7]
    >>> [sorted(o.coalition) for o in componentwise_objections(minutes, ("a", "b"), "gamma")]
    [['a']]
    """
    n = len(members)
    check_size(n)
    outcome = remembered(outcome_of_partition, n)
    agreed = outcome(together_partition(n)) if deal is None else np.asarray(deal, dtype=np.float64)
    if agreed.shape != (n,):
        raise ShapeError(
            "cooperation.deal-shape", f"the deal must give {n} outcomes, got shape {agreed.shape}."
        )
    found = []
    for mask in range(1, 1 << n):
        inside = [i for i in range(n) if mask >> i & 1]
        left = outcome(convention_partition(mask, n, convention))
        improvement = (agreed - left)[inside]
        slack = tolerance * max(float(np.abs(agreed).max()), float(np.abs(left).max()))
        if (improvement > slack).all():
            names = [members[i] for i in inside]
            found.append(ComponentwiseObjection(coalition_of(mask, members), by_member(names, improvement)))
    return tuple(found)
