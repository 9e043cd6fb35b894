"""How far each member's witness vouches for the record."""

from __future__ import annotations

from bothbanks.record.standing import Cosigned
from bothbanks.store.interface import Keys, Kind

KINDS = (Kind("cosigned", Cosigned, keys=lambda c: Keys(owner=c.member), personal=False),)
