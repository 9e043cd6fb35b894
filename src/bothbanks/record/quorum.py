"""When a head of the record is final: more than half of the members' witnesses, and each country among them.

A witness that co-signed a head has checked that it continues every head it co-signed before. So it vouches
for all entries before it too, and counts for every smaller head of the same log: two witnesses that look in
at different moments need not meet on one and the same size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Quorum:
    """Who has co-signed, who is missing, and what is still wanted."""

    signed: tuple[str, ...]
    missing: tuple[str, ...]
    countries_missing: tuple[str, ...]
    needed: int
    """Least number of witnesses."""

    @property
    def final(self) -> bool:
        """Whether that is enough."""
        return len(self.signed) >= self.needed and not self.countries_missing


def quorum(members: Mapping[str, str], signed: Mapping[str, object] | frozenset[str]) -> Quorum:
    """Judge who co-signed, of the members (id -> country).

    More than half of all members, whether or not they have a witness yet, and one of each country; of two
    members, both.

    Examples
    --------
    >>> three = {"aac": "DE", "dur": "DE", "mhl": "NL"}
    >>> quorum(three, frozenset({"aac", "dur"})).countries_missing
    ('NL',)
    >>> quorum(three, frozenset({"aac", "mhl"})).final
    True
    """
    have = tuple(m for m in members if m in signed)
    countries = {members[m] for m in have}
    wanting = tuple(dict.fromkeys(c for c in members.values() if c not in countries))
    return Quorum(have, tuple(m for m in members if m not in signed), wanting, len(members) // 2 + 1)


def final_size(members: Mapping[str, str], cosigned: Mapping[str, int]) -> int:
    """How many entries are final, given the largest head that each member's witness co-signed.

    Examples
    --------
    >>> final_size({"aac": "DE", "dur": "DE", "mhl": "NL"}, {"aac": 9, "dur": 7, "mhl": 5})
    5
    >>> final_size({"aac": "DE", "mhl": "NL"}, {"aac": 9})
    0
    """
    for size in sorted({n for m, n in cosigned.items() if m in members}, reverse=True):
        if quorum(members, frozenset(m for m, n in cosigned.items() if n >= size)).final:
            return size
    return 0
