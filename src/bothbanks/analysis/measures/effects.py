"""What each measure does to each member: added first, added to 'alone', taken from 'together'.

The *burden* of a member is its loss with its own options and warning at their best, without what
it pays for shared measures. An effect is burden without the measure less burden with it: positive
is damage avoided, negative is harm, for instance across a border. The other shared measures
stand still; own options reply.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.blocks import full_cost
from bothbanks.analysis.measures.choice import buildable
from bothbanks.analysis.measures.equilibrium import PartitionGame, check_partition

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class MeasureEffects:
    """Present value of damage avoided, (measure, member); negative = harm."""

    first_in: FloatArray  # added to nothing, members alone
    added_to_alone: FloatArray  # added to what the members build alone (or taken from it)
    last_in: FloatArray  # taken from what all build together


def burden(game: PartitionGame, partition: Sequence[int], profile: int) -> FloatArray:
    """(member,) cost at a profile without what is paid for shared measures."""
    paid = full_cost(game.tables, np.array([profile], dtype=np.int64))[0]
    return np.asarray(game.settle(partition, profile).cost - paid)


def measure_effects(game: PartitionGame) -> MeasureEffects:
    """Effects of every measure on every member."""
    n, m = len(game.members), len(game.tables.measures)
    alone = tuple(1 << i for i in range(n))
    everybody = ((1 << n) - 1,)
    a, t, fixed = game.alone().profile, game.together().profile, game.tables.fixed

    def effect(partition: tuple[int, ...], around: int, j: int) -> FloatArray:
        without, with_it = around & ~(1 << j), around | 1 << j
        return burden(game, partition, without) - burden(game, partition, with_it)

    return MeasureEffects(
        first_in=np.array([effect(alone, fixed, j) for j in range(m)]).reshape(m, n),
        added_to_alone=np.array([effect(alone, a, j) for j in range(m)]).reshape(m, n),
        last_in=np.array([effect(everybody, t, j) for j in range(m)]).reshape(m, n),
    )


def hurt_by_decision(game: PartitionGame, partition: Sequence[int] | None = None) -> FloatArray:
    """Harm that the shared measures each block builds do to each member.

    For each block, the burden of every member as things stand less its burden if that block built
    none of its measures and the others kept theirs.

    Parameters
    ----------
    partition : who acts with whom; by default every member alone.

    Returns
    -------
    (block, member), present value. Positive = harm, negative = damage avoided.
    """
    n = len(game.members)
    blocks = check_partition(partition or tuple(1 << i for i in range(n)), n)
    now = game.solve(blocks).profile
    as_it_is = burden(game, blocks, now)
    rows = []
    for block in blocks:
        own = sum(1 << j for j in buildable(game.tables, block))
        rows.append(as_it_is - burden(game, blocks, now & ~own))
    return np.array(rows)
