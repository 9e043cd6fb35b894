"""Open data: every data set that the reader may see, its picture, licence, sources and forms."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi.responses import RedirectResponse, Response

from bothbanks.app.partnership.catalogue import catalogue
from bothbanks.app.partnership.counts import all_counts
from bothbanks.app.partnership.layers import Shown, shown_layers
from bothbanks.civic.compact.layers import OpenLayer
from bothbanks.pages.svg.layer import picture
from bothbanks.site.area import Area
from bothbanks.site.areas.layer_words import (
    attribution_of,
    coloured_by,
    licence_of,
    note_of,
    preview_of,
    ramp_of,
    sources_of,
    title_of,
)
from bothbanks.site.areas.layers import base_of, found_layer
from bothbanks.site.door import SERVICE
from bothbanks.site.problems import PROBLEMS, RefusedError, not_found
from bothbanks.site.visit import Visit
from bothbanks.standards import dcat_ap
from bothbanks.standards.features import DOWNLOADS, QueryError, matching, page, read_query
from bothbanks.standards.features.query import ItemsQuery

AREA = Area("data", "data", "Maps and open data")
ROWS_A_PAGE = 50
MOST_CELLS = 12
"""Fields shown in the table of features; the files hold all."""


@AREA.page("/data")
def index(visit: Visit) -> Response:
    """All data sets."""
    shown = shown_layers(visit.reader, visit.actor, visit.partnership.data)
    rows = [
        {
            "id": one.layer.id,
            "title": title_of(visit, one),
            "count": len(one.table),
            "licence": licence_of(visit, one),
            "owner": visit.member(one.layer.owner) if one.layer.owner else "",
            "note": note_of(visit, one),
            "table": bool(one.layer.table),
        }
        for one in shown
    ]
    return visit.show(
        "data/index.html",
        maps=[r for r in rows if not r["table"]],
        tables=[r for r in rows if r["table"]],
        counted=all_counts(visit.reader, visit.actor, visit.partnership.data),
        formats=DOWNLOADS,
        base=base_of(visit.request),
        catalogues=dcat_ap.FORMATS,
    )


@AREA.page("/data/{collection}")
def dataset(visit: Visit, collection: str) -> Response:
    """One data set."""
    shown = found_layer(visit, collection)
    geometry, values = preview_of(shown)
    title = title_of(visit, shown)
    return visit.show(
        "data/dataset.html",
        shown=shown,
        title=title,
        licence=licence_of(visit, shown),
        attribution=attribution_of(visit, shown),
        note=note_of(visit, shown),
        sources=() if shown.layer.open else sources_of(visit),
        drawn=picture(geometry, values, title.striptags(), ramp_of(shown.table)),
        coloured=coloured_by(shown.table),
        fields=list(shown.table.columns.values()),
        formats=DOWNLOADS,
        base=base_of(visit.request),
        address=f"/collections/{quote(collection, safe='')}",
        keepers=visit.may("layers.put", shown.layer.owner) if shown.layer.open else False,
    )


@AREA.page("/data/{collection}/features")
def features(visit: Visit, collection: str) -> Response:
    """Features as a table, a page of them."""
    shown = found_layer(visit, collection)
    try:
        query, rows = _asked(visit, shown)
    except QueryError as error:
        from bothbanks.civic.changes import Refusal

        raise RefusedError(
            Refusal(error.code, "Please correct: {faults}", {"faults": error.message}), 400
        ) from None
    part, following = page(shown.table, query, rows)
    onward = [(k, v) for k, v in query.texts if k not in ("after", "offset", "limit")]
    columns = list(shown.table.columns.values())[:MOST_CELLS]
    return visit.show(
        "data/features.html",
        shown=shown,
        title=title_of(visit, shown),
        columns=columns,
        rows=[(shown.table.ids[int(r)], [c.plain(int(r)) for c in columns]) for r in part],
        matched=len(rows),
        left_out=len(shown.table.columns) - len(columns),
        following="&".join(f"{quote(k)}={quote(v)}" for k, v in (*onward, ("after", following)))
        if following
        else "",
        asked=visit.request.query_params.get("filter", ""),
    )


def _asked(visit: Visit, shown: Shown) -> tuple[ItemsQuery, Any]:
    given = [
        (k, v) for k, v in visit.request.query_params.multi_items() if not (k == "filter" and not v.strip())
    ]
    if not any(k == "limit" for k, _ in given):
        given.append(("limit", str(ROWS_A_PAGE)))
    query = read_query(given, shown.table, shown.offered)
    return query, matching(shown.table, query)


@AREA.page("/data/{collection}/features/{feature}")
def feature(visit: Visit, collection: str, feature: str) -> Response:
    """One feature."""
    shown = found_layer(visit, collection)
    row = shown.table.row(feature)
    if row is None:
        raise not_found()
    return visit.show(
        "data/feature.html",
        shown=shown,
        title=title_of(visit, shown),
        feature=feature,
        values=[(c.name, c.plain(row), c.unit) for c in shown.table.columns.values()],
        address=f"/collections/{quote(collection, safe='')}/items/{quote(feature, safe='')}",
    )


# --- the catalogue ------------------------------------------------------------------------------------
_CONTENT: dict[str, dict[str, str]] = {kind: {} for kind, _ in dcat_ap.FORMATS.values()}


@AREA.at(
    "/catalogue",
    dataset=SERVICE,
    responses={**PROBLEMS, 200: {"description": "DCAT-AP 3", "content": _CONTENT}},
)
def negotiated(visit: Visit) -> Response:
    """The catalogue in the form that the client accepts; Turtle where it doesn't say, a page for browsers."""
    accepted = visit.request.headers.get("accept", "")
    found = [(accepted.find(kind), form) for form, (kind, _) in dcat_ap.FORMATS.items() if kind in accepted]
    if not found and "text/html" in accepted:
        return RedirectResponse(visit.link("/data"), 303, {"Vary": "Accept, Accept-Language, Cookie"})
    return _written(visit, min(found)[1] if found else "ttl")


@AREA.at(
    "/catalogue.{form}",
    dataset=SERVICE,
    responses={**PROBLEMS, 200: {"description": "DCAT-AP 3", "content": _CONTENT}},
)
def fixed(visit: Visit, form: str) -> Response:
    """The catalogue as .ttl, .rdf or .jsonld."""
    if form not in dcat_ap.FORMATS:
        raise not_found()
    return _written(visit, form)


def _written(visit: Visit, form: str) -> Response:
    shown = shown_layers(visit.reader, visit.actor, visit.partnership.data)
    inLanguages = {code: _speaking(visit, code) for code in visit.rooms.languages}

    def words(one: Shown, what: str) -> dict[str, str]:
        opened: OpenLayer | None = one.layer.open
        if what == "title" and opened is not None:
            return dict(opened.title)
        return {code: _said(v, one, what) for code, v in inLanguages.items()}

    said = {
        "title": {
            c: f"{v.t('Open data')}: {v.language.plain(v.region.name)}" for c, v in inLanguages.items()
        },
        "description": {
            c: str(v.t("All data sets that this partnership shares.")) for c, v in inLanguages.items()
        },
    }
    found = catalogue(
        visit.reader, shown, words, lambda one: licence_of(visit, one), said, base_of(visit.request)
    )
    kind = dcat_ap.FORMATS[form][0]
    return Response(dcat_ap.write(found, form), media_type=kind, headers={"Vary": "Accept, Cookie"})


def _speaking(visit: Visit, code: str) -> Visit:
    from dataclasses import replace

    return replace(visit, language=visit.rooms.language(code))


def _said(visit: Visit, one: Shown, what: str) -> str:
    title = title_of(visit, one).striptags()
    if what == "title":
        return title
    if what == "provenance":
        if one.layer.open is not None:
            return str(visit.t("Kept by its member; each change is in the record."))
        return str(visit.t("From the appraisal with SHA-256 {hash}.", hash=one.layer.source))
    return " ".join(p for p in (f"{title}.", str(note_of(visit, one))) if p)
