"""The members as the agreement knows them: names, countries, languages, clocks, people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class MemberFacts:
    """One member. ``zone`` is an IANA time zone; ``population`` is in persons, by the folder's own count."""

    id: str
    name: Mapping[str, str]  # language -> name
    country: str  # ISO 3166-1 alpha-2
    currency: str  # ISO 4217
    languages: tuple[str, ...]
    zone: str
    population: int
    fiscal_year_start: str = "01-01"


@dataclass(frozen=True)
class RegionFacts:
    """The partnership's region: what every part of the agreement may ask about the members."""

    id: str
    name: Mapping[str, str]
    about: Mapping[str, str]
    languages: tuple[str, ...]
    currency: str
    price_year: int
    members: Mapping[str, MemberFacts]  # in the region's order

    @property
    def countries(self) -> tuple[str, ...]:
        """Countries in order of first appearance."""
        return tuple(dict.fromkeys(m.country for m in self.members.values()))
