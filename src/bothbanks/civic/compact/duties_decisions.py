"""Decisions taken before the service kept the votes: what older payments and purchases rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class EarlierDecision:
    """A decision by its id, its day, the organ or council that took it, and what it says by language."""

    id: str
    day: date
    by: str
    words: Mapping[str, str]
    article: str = ""
