"""The members: who they are, in their own words and numbers."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi.responses import Response

from bothbanks.site.area import Area
from bothbanks.site.visit import Visit

AREA = Area("members", "members", "Members")


@dataclass(frozen=True)
class MemberOut:
    """A member: population in persons, country by ISO 3166-1, currency by ISO 4217, an IANA time zone."""

    id: str
    name: dict[str, str]
    country: str
    currency: str
    languages: list[str]
    zone: str
    population: int


@AREA.page("/members")
def index(visit: Visit) -> Response:
    """All members, by country."""
    members = visit.region.members.values()
    by_country = {c: [m for m in members if m.country == c] for c in visit.region.countries}
    return visit.show("members/index.html", by_country=by_country)


@AREA.api("/members", answer=list[MemberOut])
def members(visit: Visit) -> list[MemberOut]:
    """Every member, in the region's order."""
    return [
        MemberOut(m.id, dict(m.name), m.country, m.currency, list(m.languages), m.zone, m.population)
        for m in visit.region.members.values()
    ]
