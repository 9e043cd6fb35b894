"""The first page: what the partners found, and what waits."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup

from bothbanks.app.partnership.appraisals import first_page, latest
from bothbanks.app.partnership.duties import home_facts
from bothbanks.civic.compact.appraised import Appraised
from bothbanks.civic.compact.votes import Vote
from bothbanks.site.area import Area
from bothbanks.site.areas.layers import landing_document
from bothbanks.site.door import SERVICE
from bothbanks.site.visit import Visit

AREA = Area("home", SERVICE)


@AREA.at("/", include_in_schema=False)
def root(visit: Visit) -> Response:
    """To the first page in the reader's language; a program gets the landing page of the layers' API."""
    if "text/html" not in visit.request.headers.get("accept", ""):
        return landing_document(visit)
    return RedirectResponse(f"/{visit.language.code}", 307, {"Vary": "Accept, Accept-Language"})


@AREA.page("")
def home(visit: Visit) -> Response:
    """The appraisal's own first page where the reader may see it; the region's name and words otherwise."""
    facts = home_facts(visit.reader) if visit.sees("duties") else None
    votes = visit.reader.all(Vote, status="open") if visit.sees("votes") else []
    return visit.show("home.html", found=_found(visit), facts=facts, votes=votes)


def _found(visit: Visit) -> Markup | None:
    taken = latest(visit.reader) if visit.sees("appraisal") else None
    if taken is None:
        return None
    said = _first_page(visit.partnership.data, taken, visit.language.code)
    return None if said is None else Markup(said)


@lru_cache(maxsize=32)
def _first_page(data: Path, taken: Appraised, language: str) -> str | None:
    return first_page(data, taken, language)
