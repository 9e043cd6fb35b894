"""The report of the appraisal, as it lies on disk, behind the gate."""

from __future__ import annotations

import mimetypes

from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup

from bothbanks.app.partnership.appraisals import ADDRESS, latest, report_file
from bothbanks.site.area import Area
from bothbanks.site.problems import not_found
from bothbanks.site.visit import Visit

AREA = Area("appraisal", "appraisal", "Alone or together")


@AREA.page("/appraisal")
def start(visit: Visit) -> Response:
    """To the report's first page in the reader's language; without a report, how one comes here."""
    if latest(visit.reader) is None:
        return visit.show("no_appraisal.html")
    return RedirectResponse(f"{ADDRESS}/{visit.language.code}/index.html", 307)


@AREA.at(ADDRESS + "/{path:path}", include_in_schema=False)
def report(visit: Visit, path: str) -> Response:
    """A file of the report; its pages get a way back to the site."""
    taken = latest(visit.reader)
    found = None if taken is None else report_file(visit.partnership.data, taken, path)
    if found is None or taken is None:
        raise not_found()
    kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
    headers = {"Cache-Control": "no-cache", "ETag": f'"{taken.value_sha256[:24]}"'}
    if visit.request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    content = found.read_bytes()
    if kind == "text/html":
        language = (
            visit.rooms.language(path.split("/")[0]) if path[:2] in visit.rooms.languages else visit.language
        )
        back = Markup('<p class="back"><a href="/{}">← {}</a></p>').format(
            language.code, language.say("Back to the partnership’s site")
        )
        content = content.replace(b'<header class="top">', b'<header class="top">' + back.encode(), 1)
    return Response(content, media_type=kind, headers=headers)
