"""Search."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from fastapi.responses import Response
from markupsafe import Markup, escape

from bothbanks.site.area import Area
from bothbanks.site.door import SERVICE
from bothbanks.site.visit import Visit

AREA = Area("search", SERVICE)
Asked = Annotated[str, Query(max_length=200)]


@AREA.page("/search")
def search(visit: Visit, q: Asked = "") -> Response:
    """What fits the words asked for."""
    found = visit.rooms.search.find(visit.reader, visit.actor, visit.language.code, q)
    hits = [(visit.link(hit.path), hit.title, _marked(hit.excerpt)) for hit in found]
    return visit.show("search.html", asked=q, hits=hits)


def _marked(excerpt: str) -> Markup:
    return Markup(str(escape(excerpt)).replace("\x01", "<mark>").replace("\x02", "</mark>"))
