"""The exact best subset of its own measures for one block, given what the others build.

Up to 2**14 subsets are enumerated; beyond that the same programme goes to HiGHS (``highs``).
Ties go to the subset with the lowest mask in the enumeration, where bit k is the k-th measure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.blocks import GameTables
from bothbanks.analysis.measures.folding import FoldedLosses

IntArray = NDArray[np.int64]

ENUMERATED_MEASURES = 14


@dataclass(frozen=True)
class Choice:
    """A block's best subset, as a profile with the others' measures in it."""

    profile: int
    value: float  # the block's objective
    reproducible: bool = True  # False when a time limit cut the search short
    method: str = "enumeration"


def buildable(tables: GameTables, block: int) -> tuple[int, ...]:
    """Measures that a block can build: those all of whose holders are in it."""
    return tuple(
        j
        for j, holders in enumerate(tables.holders)
        if holders > 0 and holders & ~block == 0 and not tables.fixed >> j & 1
    )


def spread(own: Sequence[int]) -> IntArray:
    """Profiles of every subset of some measures: (2**len(own),), bit k of a row is ``own[k]``.

    >>> spread([0, 2]).tolist()
    [0, 1, 4, 5]
    """
    return _spread(tuple(own))


@lru_cache(maxsize=4096)
def _spread(own: tuple[int, ...]) -> IntArray:
    rows = np.arange(1 << len(own), dtype=np.int64)
    out = np.zeros_like(rows)
    for k, j in enumerate(own):
        out |= (rows >> k & 1) << j
    out.setflags(write=False)
    return out


def best_reply(
    losses: FoldedLosses,
    block: int,
    rest: int,
    own: Sequence[int] | None = None,
    enumerate_up_to: int = ENUMERATED_MEASURES,
) -> Choice:
    """The block's best subset of its own measures while the measures in ``rest`` stand.

    Parameters
    ----------
    rest : bit mask of the measures built by others or fixed; own measures in it are ignored.
    own : measures the block decides about; by default all it can build.

    Raises
    ------
    SolverError
        HiGHS found no optimum within its node limit (only beyond ``enumerate_up_to`` measures).
    """
    mine = tuple(buildable(losses.tables, block) if own is None else own)
    held = rest & ~sum(1 << j for j in mine)
    if len(mine) > enumerate_up_to:
        from bothbanks.analysis.measures.highs import best_reply_highs

        return best_reply_highs(losses, block, held, mine)
    profiles = spread(mine) | held
    values = losses.objective_at(block, profiles)
    at = int(values.argmin())
    return Choice(int(profiles[at]), float(values[at]))
