"""How often something may be asked, in a fixed amount of memory.

Each limit is a generic cell rate algorithm: one number for a key, the moment at which it would be back at
rest. Keys share a table of fixed size by a secret hash. Nothing is ever thrown out to make room, so a flood
of keys can't wash away a count; two keys that meet in a slot share it, which makes the limit stricter for
both and never laxer. One process counts for itself, and a restart forgets.
"""

from __future__ import annotations

import hashlib
import math
import secrets
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from threading import Lock

SLOTS = 1 << 16


@dataclass
class Limit:
    """At most ``burst`` at once, and one more every ``every`` seconds.

    Examples
    --------
    >>> now = 100.0
    >>> limit = Limit(burst=2, every=30.0, now=lambda: now)
    >>> [limit.wait("ann") for _ in range(3)], limit.wait("bob")
    ([0, 0, 30], 0)
    """

    burst: int
    every: float
    now: Callable[[], float] = time.monotonic
    slots: int = SLOTS
    _rest: array[float] = field(init=False, repr=False)
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def __post_init__(self) -> None:
        self._rest = array("d", bytes(8 * self.slots))

    def wait(self, key: str) -> int:
        """Count one use and say 0; or, past the limit, the whole seconds to wait, and don't count it."""
        slot, now = self._slot(key), self.now()
        with self._lock:
            rest = max(self._rest[slot], now)
            early = rest + self.every - (now + self.burst * self.every)
            if early > 1e-9:
                return max(1, math.ceil(min(early, self.burst * self.every) - 1e-9))
            self._rest[slot] = rest + self.every
            return 0

    def _slot(self, key: str) -> int:
        digest = hashlib.blake2b(key.encode(), key=self._key, digest_size=8).digest()
        return int.from_bytes(digest) % self.slots


def neighbourhood(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 of an IPv6 one, since a line gets a whole one.

    >>> neighbourhood("192.0.2.7"), neighbourhood("2001:db8:1:2:3::4"), neighbourhood("::ffff:192.0.2.7")
    ('192.0.2.7', '2001:db8:1:2::', '192.0.2.7')
    """
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Address(int(found) >> 64 << 64))
