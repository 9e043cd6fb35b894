"""Partitions of the members into acting blocks, and the worth of coalitions with spill-overs.

When what one coalition does helps or harms the others, its worth depends on how the others act. Two
conventions fix that: under *gamma* everyone else falls apart and replies alone; under *delta* everyone
else carries on together.

Sources: P. Chander and H. Tulkens, The core of an economy with multilateral environmental
externalities (1997), Int. J. Game Theory 26:379-401 (gamma); S. Hart and M. Kurz, Endogenous formation
of coalitions (1983), Econometrica 51:1047-1064 (models gamma and delta); R. M. Thrall and W. F. Lucas,
N-person games in partition function form (1963), Naval Res. Logist. Q. 10:281-298.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from bothbanks.analysis.cooperation.game import FloatArray, check_size
from bothbanks.words.errors import InputError, MissingValueError, RangeError, ShapeError

Partition: TypeAlias = tuple[int, ...]
"""Bit masks of the blocks, which share no member and cover all, sorted by their lowest bit."""

Convention: TypeAlias = Literal["gamma", "delta"]
CONVENTIONS: tuple[Convention, ...] = get_args(Convention)

CostOfPartition: TypeAlias = Callable[[Partition], npt.ArrayLike]


def sorted_blocks(masks: Iterable[int]) -> Partition:
    """Blocks sorted by their lowest bit, empty ones left out.

    >>> sorted_blocks((0b100, 0b011, 0))
    (3, 4)
    """
    return tuple(sorted((m for m in masks if m), key=lambda m: m & -m))


def check_partition(partition: Partition, n: int) -> None:
    """Refuse blocks that are empty, overlap, leave a member out, or are out of order.

    Raises
    ------
    InputError
    """
    seen = 0
    for mask in partition:
        if mask <= 0 or mask >> n or seen & mask:
            raise InputError(
                "cooperation.partition",
                f"block {mask:#b} of {partition} is empty, overlaps or lies beyond {n} members.",
            )
        seen |= mask
    if seen != (1 << n) - 1 or partition != sorted_blocks(partition):
        raise InputError(
            "cooperation.partition",
            f"{partition} must cover all {n} members, blocks sorted by lowest bit; use sorted_blocks().",
        )


def _check_mask(mask: int, n: int) -> None:
    if n < 1 or not 0 <= mask < 1 << n:
        raise RangeError("cooperation.mask", f"mask {mask} is no coalition of {n} members.")


def alone_partition(n: int) -> Partition:
    """Every member acts by itself.

    >>> alone_partition(3)
    (1, 2, 4)
    """
    _check_mask(0, n)
    return tuple(1 << i for i in range(n))


def together_partition(n: int) -> Partition:
    """All members act as one.

    >>> together_partition(3)
    (7,)
    """
    _check_mask(0, n)
    return ((1 << n) - 1,)


def gamma_partition(mask: int, n: int) -> Partition:
    """The coalition acts as one and everyone else alone. Source: Chander and Tulkens (1997), section 5.

    >>> gamma_partition(0b0110, 4)
    (1, 6, 8)
    """
    _check_mask(mask, n)
    return sorted_blocks((mask, *(1 << i for i in range(n) if not mask >> i & 1)))


def delta_partition(mask: int, n: int) -> Partition:
    """The coalition acts as one and so does everyone else. Source: Hart and Kurz (1983), section 3.

    >>> delta_partition(0b0110, 4)
    (9, 6)
    """
    _check_mask(mask, n)
    return sorted_blocks((mask, ((1 << n) - 1) & ~mask))


def convention_partition(mask: int, n: int, convention: Convention) -> Partition:
    """:func:`gamma_partition` or :func:`delta_partition`, by name. Raises InputError for another name."""
    if convention not in CONVENTIONS:
        raise InputError(
            "cooperation.convention",
            f"unknown convention '{convention}'; expected one of {', '.join(CONVENTIONS)}.",
        )
    return gamma_partition(mask, n) if convention == "gamma" else delta_partition(mask, n)


def country_masks(country_of_member: Sequence[Hashable] | Mapping[str, Hashable]) -> dict[Hashable, int]:
    """Mask of each country's members, countries in order of first appearance.

    ``country_of_member`` lists a country for each member in region order (a mapping is read in its order).

    >>> country_masks(["BE", "BE", "NL"])
    {'BE': 3, 'NL': 4}
    """
    countries = country_of_member.values() if isinstance(country_of_member, Mapping) else country_of_member
    masks: dict[Hashable, int] = {}
    for i, country in enumerate(countries):
        masks[country] = masks.get(country, 0) | 1 << i
    if not masks:
        raise InputError("cooperation.countries", "no member has a country.")
    return masks


def bloc_partition(country_of_member: Sequence[Hashable] | Mapping[str, Hashable]) -> Partition:
    """Each country's members act as one bloc; see :func:`country_masks`.

    >>> bloc_partition(["BE", "NL", "BE", "DE"])
    (5, 2, 8)
    """
    return sorted_blocks(country_masks(country_of_member).values())


def remembered(cost_of_partition: CostOfPartition, n: int) -> Callable[[Partition], FloatArray]:
    """The same function, asked once for each partition and checked: (n,) finite numbers.

    Raises (when asked)
    -------------------
    ShapeError, MissingValueError
        Not n numbers; NaN or infinite.
    """
    known: dict[Partition, FloatArray] = {}

    def cost(partition: Partition) -> FloatArray:
        if partition not in known:
            array = np.array(cost_of_partition(partition), dtype=np.float64)
            if array.shape != (n,):
                raise ShapeError(
                    "cooperation.outcome-shape",
                    f"partition {partition} must give {n} numbers, got shape {array.shape}.",
                )
            if not np.isfinite(array).all():
                raise MissingValueError(
                    "cooperation.outcome-missing",
                    f"partition {partition} gives NaN or an infinite number: {array}.",
                )
            array.setflags(write=False)
            known[partition] = array
        return known[partition]

    return cost


def worths_from_costs(cost_of_partition: CostOfPartition, n: int, convention: Convention) -> FloatArray:
    """What each coalition saves against everyone acting alone, under one convention.

    v(S) = sum over i in S of (cost_i(all alone) - cost_i(partition of S)); v(nobody) = 0. Under delta a
    single member may be worth more than 0: the rest, still together, may do it good.

    Parameters
    ----------
    cost_of_partition : function from a partition to (n,) net cost by member, before any transfer
        Asked once for each partition.
    n : number of members
    convention : "gamma" or "delta"

    Returns
    -------
    (2**n,) worths in mask order, in the unit of the costs.

    Raises
    ------
    InputError, RangeError, ShapeError, MissingValueError
        Unknown convention; too many members; a cost of the wrong shape; NaN.

    Source: module docstring.

    Together two members spend 3 + 3 instead of 5 + 4:

    >>> worths_from_costs(lambda p: [3.0, 3.0] if len(p) == 1 else [5.0, 4.0], 2, "gamma")
    array([0., 0., 0., 3.])
    """
    check_size(n)
    cost = remembered(cost_of_partition, n)
    alone = cost(alone_partition(n))
    worths = np.zeros(1 << n)
    for mask in range(1, 1 << n):
        inside = [i for i in range(n) if mask >> i & 1]
        saving = alone - cost(convention_partition(mask, n, convention))
        worths[mask] = saving[inside].sum()
    return worths
