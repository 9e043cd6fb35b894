"""One game seen three ways: the members, the countries as blocs, and the countries as players.

Only the step from country blocs to all together crosses a border; the rest each country can reach at home.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bothbanks.analysis.cooperation.game import CoalitionGame, FloatArray, by_member
from bothbanks.analysis.cooperation.partition import (
    Convention,
    CostOfPartition,
    Partition,
    alone_partition,
    bloc_partition,
    country_masks,
    remembered,
    sorted_blocks,
    together_partition,
    worths_from_costs,
)
from bothbanks.words.errors import ShapeError


@dataclass(frozen=True)
class ThreeViews:
    """The gain from acting together, and how much of it crosses a border (all in the unit of the costs).

    ``total_gain`` = sum of ``domestic_gain`` + ``cross_border_gain``. ``no_transfer_gain`` is what each
    member gains when all act together and nobody pays anybody; ``country_no_transfer_gain`` the same
    for each country, measured against the bloc equilibrium.
    """

    members_gamma: CoalitionGame
    members_delta: CoalitionGame
    countries_gamma: CoalitionGame
    countries_delta: CoalitionGame
    total_gain: float
    domestic_gain: dict[str, float]
    cross_border_gain: float
    no_transfer_gain: dict[str, float]
    country_no_transfer_gain: dict[str, float]


def three_views(
    cost_of_partition: CostOfPartition,
    members: Sequence[str],
    country_of_member: Sequence[Hashable] | Mapping[str, Hashable],
) -> ThreeViews:
    """The members' games, the gain at home and across the border, and the countries' games.

    Parameters
    ----------
    cost_of_partition : function from a partition to (n,) net cost by member, before any transfer
    members : n names, in bit order
    country_of_member : a country for each member, in the same order

    Returns
    -------
    ThreeViews
        Members' worths are savings against everyone alone; countries' worths are savings against each
        country as one bloc, so all countries together are worth the cross-border gain.

    Raises
    ------
    ShapeError, InputError, MissingValueError, RangeError
        Countries don't fit members; members named twice; a cost is NaN; too many members.

    Source: conventions as in :mod:`bothbanks.analysis.cooperation.partition`.
    """
    n = len(members)
    named = _countries(members, country_of_member)
    masks = {str(country): mask for country, mask in country_masks(named).items()}
    cost = remembered(cost_of_partition, n)
    alone, together = cost(alone_partition(n)), cost(together_partition(n))
    blocs = cost(bloc_partition(named))
    return ThreeViews(
        members_gamma=CoalitionGame.from_worths(members, worths_from_costs(cost, n, "gamma")),
        members_delta=CoalitionGame.from_worths(members, worths_from_costs(cost, n, "delta")),
        countries_gamma=_country_game(cost, masks, "gamma"),
        countries_delta=_country_game(cost, masks, "delta"),
        total_gain=float(alone.sum() - together.sum()),
        domestic_gain={country: _inside(alone - blocs, mask) for country, mask in masks.items()},
        cross_border_gain=float(blocs.sum() - together.sum()),
        no_transfer_gain=by_member(members, alone - together),
        country_no_transfer_gain={
            country: _inside(blocs - together, mask) for country, mask in masks.items()
        },
    )


def _countries(
    members: Sequence[str], country_of_member: Sequence[Hashable] | Mapping[str, Hashable]
) -> list[Hashable]:
    """The country of each member, in the members' order."""
    named = (
        [country_of_member[m] for m in members if m in country_of_member]
        if isinstance(country_of_member, Mapping)
        else list(country_of_member)
    )
    if len(named) != len(members):
        raise ShapeError(
            "cooperation.countries", f"{len(members)} members but {len(named)} of them with a country."
        )
    written = {str(country) for country in named}
    if len(written) != len(set(named)):
        raise ShapeError(
            "cooperation.countries", f"two countries have the same name when written: {sorted(written)}."
        )
    return named


def _country_game(
    cost: Callable[[Partition], FloatArray], masks: Mapping[str, int], convention: Convention
) -> CoalitionGame:
    """The game whose players are whole countries: each plays with all members in its mask."""

    def of_countries(partition: Partition) -> FloatArray:
        joined = sorted_blocks(_union(block, list(masks.values())) for block in partition)
        return np.array([_inside(cost(joined), mask) for mask in masks.values()])

    return CoalitionGame.from_worths(tuple(masks), worths_from_costs(of_countries, len(masks), convention))


def _union(block: int, masks: Sequence[int]) -> int:
    joined = 0
    for i, mask in enumerate(masks):
        if block >> i & 1:
            joined |= mask
    return joined


def _inside(by_member_cost: FloatArray, mask: int) -> float:
    return float(sum(x for i, x in enumerate(by_member_cost.tolist()) if mask >> i & 1))
