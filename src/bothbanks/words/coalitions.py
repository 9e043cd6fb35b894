"""Coalitions of members: frozensets for people, bit masks for arrays.

Bit i of a mask is member i in the region's order, so mask 0 is the empty coalition and
``2**n - 1`` the grand coalition.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Coalition = frozenset[str]


def mask_of(coalition: Iterable[str], members: Sequence[str]) -> int:
    """Bit mask of a coalition. Raises KeyError for a name that is no member."""
    place = {m: i for i, m in enumerate(members)}
    return sum(1 << place[m] for m in set(coalition))


def coalition_of(mask: int, members: Sequence[str]) -> Coalition:
    """Members of a bit mask."""
    return frozenset(m for i, m in enumerate(members) if mask >> i & 1)
