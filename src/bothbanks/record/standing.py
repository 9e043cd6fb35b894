"""How far the record stands: how much of it is signed, how much is final, who is late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bothbanks.record.quorum import Quorum, final_size, quorum
from bothbanks.record.registry import Registry

LATE = timedelta(days=1)
"""A witness that leaves an entry without its word for longer is called late."""


@dataclass(frozen=True)
class Cosigned:
    """The largest head that a member's witness has co-signed, and the line with which it did."""

    member: str
    size: int
    at: datetime
    line: str


@dataclass(frozen=True)
class Witness:
    """One member's witness: whether there is one, how far it vouches, and since when it keeps us waiting."""

    member: str
    registered: bool
    size: int = 0
    at: datetime | None = None
    waiting_since: datetime | None = None  # instant of the first entry it hasn't vouched for

    def late(self, now: datetime) -> bool:
        """Whether it has kept an entry waiting for more than a day."""
        return self.waiting_since is not None and now - self.waiting_since > LATE


@dataclass(frozen=True)
class Standing:
    """What a page or an answer says about the whole record."""

    size: int
    signed: int
    """How many entries are under a signed head."""
    final: int
    """How many a quorum of witnesses vouches for; the rest is pending."""
    witnesses: tuple[Witness, ...]
    quorum: Quorum
    """Who vouches for all that is signed."""

    @property
    def state(self) -> str:
        """'final' or 'pending', of the last signed head."""
        return "final" if 0 < self.signed <= self.final else "pending"


def standing(
    keys: Registry,
    size: int,
    signed: int,
    cosigned: Mapping[str, Cosigned],
    entry_at: Mapping[int, datetime],
) -> Standing:
    """Put together how far the record stands.

    Parameters
    ----------
    cosigned : by member; one whose key did not count for that size is left out
    entry_at : instants of the entries that follow each witness's head (and of entry 0)
    """
    counted = {
        member: found
        for member, found in cosigned.items()
        if member in keys.members and keys.witness_key(member, found.size) is not None
    }
    witnesses = []
    for member in keys.members:
        found = counted.get(member)
        upto = found.size if found else 0
        witnesses.append(
            Witness(
                member,
                keys.witness_key(member, size) is not None,
                upto,
                found.at if found else None,
                entry_at.get(upto) if upto < size else None,
            )
        )
    sizes = {member: found.size for member, found in counted.items()}
    vouching = frozenset(member for member, n in sizes.items() if n >= signed)
    return Standing(
        size, signed, final_size(keys.members, sizes), tuple(witnesses), quorum(keys.members, vouching)
    )
