"""OGC API Features over HTTP: addresses that the standard fixes, each answer made from what the gate leaves.

A browser that asks for HTML is sent to the page of the data set. A layer that the reader may not see is
answered as one that is not there, by the same code.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from bothbanks.app.partnership.downloads import About, csv_rows, write_geopackage, write_geoparquet
from bothbanks.app.partnership.layers import Shown, shown_layer, shown_layers
from bothbanks.civic.changes import Refusal
from bothbanks.pages.svg.layer import picture
from bothbanks.site.area import Area
from bothbanks.site.areas.layer_words import about, preview_of, ramp_of, words_of
from bothbanks.site.door import SERVICE
from bothbanks.site.problems import PROBLEMS, RefusedError, not_found, problem, problem_responses
from bothbanks.site.visit import Visit
from bothbanks.standards.features import (
    DOWNLOADS,
    FeatureTable,
    LayerWords,
    QueryError,
    dumps,
    matching,
    page,
    read_query,
)
from bothbanks.standards.features import crs as systems
from bothbanks.standards.features import documents as write
from bothbanks.words.errors import InputError

AREA = Area("layers", SERVICE)
_PIECE = 1 << 16
_KINDS = {"json": False, "geojson": False, "html": True}


def _answers(kind: str, *more: int) -> dict[int | str, dict[str, Any]]:
    return {**PROBLEMS, **problem_responses(503, *more), 200: {"description": "Found", "content": {kind: {}}}}


def base_of(request: Request) -> str:
    """The address of this service as the reader reached it, no slash at the end."""
    return f"{request.url.scheme}://{request.url.netloc}"


def _page_wanted(visit: Visit) -> bool:
    """Whether a page answers: ``f`` decides, else what the client accepts (Part 1, 7.1.3)."""
    form = visit.request.query_params.get("f")
    if form is not None:
        if form not in _KINDS:
            raise QueryError("features.form", f"f: found {form[:20]!r}; expected json or html", "f")
        return _KINDS[form]
    accepted = visit.request.headers.get("accept", "")
    return "text/html" in accepted and "json" not in accepted


def found_layer(visit: Visit, collection: str) -> Shown:
    """The layer as the reader may see it; raises the one answer for none and for hidden."""
    try:
        shown = shown_layer(visit.reader, visit.actor, visit.partnership.data, collection)
    except InputError as error:
        words = Refusal(
            "layers.file", "The file of this layer can't be used: {fault}", {"fault": error.message}
        )
        raise RefusedError(words, 503) from None
    if shown is None:
        raise not_found()
    return shown


def _to_page(visit: Visit, path: str) -> Response:
    asked = [(k, v) for k, v in visit.request.query_params.multi_items() if k != "f"]
    query = "&".join(f"{quote(k)}={quote(v)}" for k, v in asked)
    where = visit.link(f"/data{path}") + (f"?{query}" if query else "")
    return RedirectResponse(where, 303, {"Vary": "Accept, Accept-Language, Cookie"})


def _json(document: Mapping[str, Any], kind: str = write.JSON, **headers: str) -> Response:
    return Response(dumps(document), media_type=kind, headers={"Vary": "Accept, Cookie", **headers})


def _only(visit: Visit, *known: str) -> None:
    """Refuse parameters that this address doesn't know (Part 1, requirement query-param-unknown)."""
    for name in visit.request.query_params:
        if name not in ("f", "lang", *known):
            raise QueryError(
                "features.parameter", f"there is no parameter {name[:40]!r} at this address", name
            )


def _refuse(error: QueryError) -> Response:
    return problem(400, error.code, error.message)


# --- reading ------------------------------------------------------------------------------------------
@AREA.at("/api", responses=_answers(write.JSON), summary="Landing page")
def landing(visit: Visit) -> Response:
    """The landing page as a document."""
    try:
        _only(visit)
        if _page_wanted(visit):
            return _to_page(visit, "")
    except QueryError as error:
        return _refuse(error)
    return landing_document(visit)


def landing_document(visit: Visit) -> Response:
    """What a program gets at the front door."""
    region = visit.region
    title = visit.language.plain(region.name, region.id)
    base = base_of(visit.request)
    about = visit.language.plain(region.about, "")
    return _json(write.landing(base, base + visit.link("/data"), title, about))


@AREA.at("/conformance", responses=_answers(write.JSON), summary="Conformance classes")
def conformance(visit: Visit) -> Response:
    """The parts of the standards that are kept."""
    try:
        _only(visit)
    except QueryError as error:
        return _refuse(error)
    return _json(write.conformance())


@AREA.at("/collections", responses=_answers(write.JSON), summary="All layers")
def collections(visit: Visit) -> Response:
    """The layers that the reader may see."""
    try:
        _only(visit)
        if _page_wanted(visit):
            return _to_page(visit, "")
    except QueryError as error:
        return _refuse(error)
    base = base_of(visit.request)
    found = shown_layers(visit.reader, visit.actor, visit.partnership.data)
    described = [write.collection(base, words_of(visit, one), one.table, one.offered) for one in found]
    return _json(write.collections(base, described))


@AREA.at("/collections/{collection}", responses=_answers(write.JSON), summary="One layer")
def collection(visit: Visit, collection: str) -> Response:
    """One layer."""
    shown = found_layer(visit, collection)
    try:
        _only(visit)
        if _page_wanted(visit):
            return _to_page(visit, f"/{quote(collection, safe='')}")
    except QueryError as error:
        return _refuse(error)
    return collection_answer(shown, words_of(visit, shown), base_of(visit.request))


def collection_answer(shown: Shown, words: LayerWords, base: str) -> Response:
    """What there is to know of a layer, as JSON."""
    return _json(write.collection(base, words, shown.table, shown.offered))


@AREA.at(
    "/collections/{collection}/queryables", responses=_answers(write.SCHEMA), summary="What to filter on"
)
def queryables(visit: Visit, collection: str) -> Response:
    """What can be filtered on."""
    shown = found_layer(visit, collection)
    try:
        _only(visit)
    except QueryError as error:
        return _refuse(error)
    document = write.queryables(base_of(visit.request), words_of(visit, shown), shown.table)
    return _json(document, write.SCHEMA)


@AREA.at("/collections/{collection}/schema", responses=_answers(write.SCHEMA), summary="Form of the features")
def schema(visit: Visit, collection: str) -> Response:
    """The form of the features."""
    shown = found_layer(visit, collection)
    try:
        _only(visit)
    except QueryError as error:
        return _refuse(error)
    return _json(write.schema(base_of(visit.request), words_of(visit, shown), shown.table), write.SCHEMA)


_PARAMETERS = {
    "limit": "most features on a page, 1 to 10,000",
    "after": "the page after this feature",
    "offset": "features passed over",
    "bbox": "4 or 6 numbers",
    "bbox-crs": "coordinate system of bbox",
    "datetime": "instant or interval",
    "crs": "coordinate system of the answer",
    "filter": "CQL2",
    "filter-lang": "cql2-text or cql2-json",
    "filter-crs": "coordinate system of filter",
    "f": "json or html",
}


@AREA.at(
    "/collections/{collection}/items",
    responses=_answers(write.GEOJSON),
    summary="Features",
    openapi_extra={
        "parameters": [
            {"name": k, "in": "query", "required": False, "schema": {"type": "string"}, "description": v}
            for k, v in _PARAMETERS.items()
        ]
    },
)
def items(visit: Visit, collection: str) -> Response:
    """Features that fit, a page of them."""
    shown = found_layer(visit, collection)
    try:
        if _page_wanted(visit):
            return _to_page(visit, f"/{quote(collection, safe='')}/features")
        asked = visit.request.query_params.multi_items()
        return items_answer(shown, asked, base_of(visit.request), visit.reader.at)
    except QueryError as error:
        return _refuse(error)


def items_answer(shown: Shown, asked: list[tuple[str, str]], base: str, at: datetime) -> Response:
    """A page of features as GeoJSON. Raises QueryError."""
    query = read_query(asked, shown.table, shown.offered)
    rows = matching(shown.table, query)
    part, following = page(shown.table, query, rows)
    words = LayerWords(shown.layer.id, "")
    moment = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    head = write.items_head(base, words, query, following, len(rows), len(part), moment)
    body = shown.encoder.collection(part, query.crs, head)
    links = ", ".join(f'<{one["href"]}>; rel="{one["rel"]}"' for one in head["links"] if one["rel"] == "next")
    headers = {"Content-Crs": f"<{query.crs}>", "Vary": "Accept, Cookie"}
    return Response(body, media_type=write.GEOJSON, headers={**headers, **({"Link": links} if links else {})})


@AREA.at(
    "/collections/{collection}/items/{feature}", responses=_answers(write.GEOJSON), summary="One feature"
)
def item(visit: Visit, collection: str, feature: str) -> Response:
    """One feature."""
    shown = found_layer(visit, collection)
    row = shown.table.row(feature)
    if row is None:
        raise not_found()
    try:
        _only(visit, "crs")
        if _page_wanted(visit):
            return _to_page(visit, f"/{quote(collection, safe='')}/features/{quote(feature, safe='')}")
        tag = visit.request.headers.get("if-none-match", "")
        return item_answer(shown, row, visit.request.query_params.get("crs"), base_of(visit.request), tag)
    except QueryError as error:
        return _refuse(error)


def item_answer(shown: Shown, row: int, crs: str | None, base: str, known: str) -> Response:
    """One feature as GeoJSON, or 304 where the client knows it. Raises QueryError."""
    uri = systems.CRS84 if crs is None else systems.chosen(crs, shown.offered, "crs")
    headers = {"Content-Crs": f"<{uri}>", "ETag": _tag(shown, row), "Vary": "Accept, Cookie"}
    if known == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    links = write.feature_links(base, LayerWords(shown.layer.id, ""), shown.table.ids[row])
    return Response(shown.encoder.feature(row, uri, links), media_type=write.GEOJSON, headers=headers)


def _tag(shown: Shown, row: int) -> str:
    """A member's feature by its version; the appraisal's by its hash."""
    return f'"v{shown.table.versions[row]}"' if shown.table.versions else f'"{shown.layer.source[:16]}"'


@AREA.at("/collections/{collection}/preview.svg", include_in_schema=False)
def preview(visit: Visit, collection: str) -> Response:
    """A picture of the layer."""
    shown = found_layer(visit, collection)
    geometry, values = preview_of(shown)
    drawn = picture(geometry, values, str(words_of(visit, shown).title), ramp_of(shown.table))
    if drawn is None:
        raise not_found()
    return Response(drawn.svg, media_type="image/svg+xml", headers={"Vary": "Cookie"})


@AREA.at("/collections/{collection}/download.{ending}", responses=_answers("application/octet-stream"),
         summary="A layer as a file")  # fmt: skip
def download(visit: Visit, collection: str, ending: str) -> Response:
    """A layer as GeoPackage, GeoParquet or CSV; filtered as items are."""
    shown = found_layer(visit, collection)
    if ending not in DOWNLOADS:
        raise not_found()
    try:
        query = read_query(visit.request.query_params.multi_items(), shown.table, shown.offered)
        table = shown.table if query.everything else shown.table.rows(matching(shown.table, query))
    except QueryError as error:
        return _refuse(error)
    said = about(visit, shown, base_of(visit.request))
    headers = {
        "Content-Disposition": f'attachment; filename="{collection}.{ending}"',
        "Vary": "Cookie",
        "Link": f'<{said.source}>; rel="describedby"',
    }
    content = csv_rows(table) if ending == "csv" else _file(table, collection, said, ending)
    return StreamingResponse(content, media_type=DOWNLOADS[ending][0], headers=headers)


def _file(table: FeatureTable, name: str, said: About, ending: str) -> Iterator[bytes]:
    """A file written aside, sent piece by piece, and gone."""
    with tempfile.TemporaryDirectory(prefix="bothbanks-") as folder:
        path = Path(folder) / f"layer.{ending}"
        if ending == "gpkg":
            write_geopackage(table, name, said, path)
        else:
            write_geoparquet(table, said, path)
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece
