"""Part 4 of OGC API Features: features of members' layers are added, replaced and removed over HTTP.

Each is a step like any other (``layers.put``, ``layers.drop``), with its right, its guards and its entry in
the record; ``ETag`` and ``If-Match`` carry the version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from bothbanks.app.partnership.desk import Done
from bothbanks.app.partnership.layers import Shown, shown_layer
from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.roles import Actor
from bothbanks.site.areas.layers import AREA as _LAYERS
from bothbanks.site.areas.layers import base_of, found_layer
from bothbanks.site.problems import RefusedError, not_found, problem_responses
from bothbanks.site.rooms import Rooms
from bothbanks.site.sent import read_json
from bothbanks.site.visit import Visit
from bothbanks.standards.features import QueryError
from bothbanks.standards.features import crs as systems
from bothbanks.standards.features import documents as write

LARGEST = 8 << 20
"""Most bytes of a feature that is sent."""
_WRITE = problem_responses(400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429, 507)
_ITEMS = "/collections/{collection}/items"
_ITEM = _ITEMS + "/{feature}"
# No door: it would keep a view of the store open while the step changes it. Each handler looks first,
# through the same gate as every reading route, and closes that view before it writes.
_route = _LAYERS.fixed.api_route


@dataclass(frozen=True)
class _Asked:
    """Who asks to change which layer."""

    request: Request
    rooms: Rooms
    actor: Actor
    shown: Shown

    @property
    def own(self) -> dict[str, Any]:
        """What every step on the layer names."""
        return {"member": self.shown.layer.owner, "layer": self.shown.layer.id}


@_route(_ITEMS, methods=["POST"], status_code=201, response_class=Response, responses=_WRITE,
        tags=["layers"], summary="Add a feature")  # fmt: skip
async def create(request: Request, collection: str) -> Response:
    """Add a feature to a layer that your member keeps."""
    asked = await run_in_threadpool(_kept, request, collection)
    payload = await _sent(asked)
    done = await run_in_threadpool(_step, asked, "layers.put", payload)
    where = f"{base_of(request)}/collections/{quote(collection, safe='')}/items/{done.answer['feature']}"
    return Response(status_code=201, headers={"Location": where, "ETag": f'"v{done.answer["version"]}"'})


@_route(_ITEM, methods=["PUT"], status_code=204, response_class=Response, responses=_WRITE,
        tags=["layers"], summary="Replace a feature")  # fmt: skip
async def replace(request: Request, collection: str, feature: str) -> Response:
    """Put a feature in the place of another."""
    asked = await run_in_threadpool(_kept, request, collection, feature)
    payload = {**await _sent(asked), "feature": feature, "version": _expected(request)}
    done = await run_in_threadpool(_step, asked, "layers.put", payload)
    return Response(status_code=204, headers={"ETag": f'"v{done.answer["version"]}"'})


@_route(_ITEM, methods=["DELETE"], status_code=204, response_class=Response, responses=_WRITE,
        tags=["layers"], summary="Take a feature out")  # fmt: skip
def remove(request: Request, collection: str, feature: str) -> Response:
    """Take a feature out of a layer."""
    asked = _kept(request, collection, feature)
    _step(asked, "layers.drop", {**asked.own, "feature": feature, "version": _expected(request)})
    return Response(status_code=204)


@_LAYERS.at(_ITEMS, methods=["OPTIONS"], include_in_schema=False)
def options(visit: Visit, collection: str) -> Response:
    """What may be done with a layer (Part 4, 6.5)."""
    opened = found_layer(visit, collection).layer.open is not None
    return Response(status_code=204, headers={"Allow": "GET, POST, OPTIONS" if opened else "GET, OPTIONS"})


@_LAYERS.at(_ITEM, methods=["OPTIONS"], include_in_schema=False)
def item_options(visit: Visit, collection: str, feature: str) -> Response:
    """What may be done with a feature."""
    shown = found_layer(visit, collection)
    if shown.table.row(feature) is None:
        raise not_found()
    able = "GET, PUT, DELETE, OPTIONS" if shown.layer.open else "GET, OPTIONS"
    return Response(status_code=204, headers={"Allow": able})


def _kept(request: Request, collection: str, feature: str | None = None) -> _Asked:
    """A layer that a member keeps, with that feature; the appraisal's are refused as not to be changed."""
    rooms: Rooms = request.app.state.rooms
    actor = rooms.security.who(request)
    with rooms.partnership.reading() as reader:
        shown = shown_layer(reader, actor, rooms.partnership.data, collection)
    if shown is None or (feature is not None and shown.table.row(feature) is None):
        raise not_found()
    if shown.layer.open is None:
        raise RefusedError(
            Refusal("layers.fixed", "This layer comes from the appraisal; nobody changes it here."), 405,
            {"Allow": "GET, OPTIONS"},
        )  # fmt: skip
    return _Asked(request, rooms, actor, shown)


def _expected(request: Request) -> int | None:
    """The version that If-Match asks for; None where any will do (Part 4, 8)."""
    tag = request.headers.get("if-match", "*").strip()
    if tag == "*":
        return None
    number = tag.removeprefix('"v').removesuffix('"')
    if not (tag == f'"v{number}"' and number.isdigit()):
        raise RefusedError(Refusal("layers.version", "If-Match holds no version of this feature."), 412)
    return int(number)


async def _sent(asked: _Asked) -> dict[str, Any]:
    """The feature that was sent, as the command wants it."""
    request, shown = asked.request, asked.shown
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in (write.GEOJSON, write.JSON):
        raise RefusedError(Refusal("layers.media", "Send the feature as application/geo+json."), 415)
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > LARGEST:
            raise RefusedError(Refusal("layers.too-large", "The feature that was sent is too large."), 413)
    return _as_form(raw, shown, request.headers.get("content-crs", ""))


def _as_form(raw: bytes | bytearray, shown: Shown, crs: str) -> dict[str, Any]:
    bad = RefusedError(Refusal("layers.geojson", "What was sent is no GeoJSON feature."), 400)
    try:
        sent = read_json(raw)
        properties = dict(sent.get("properties") or {}) if sent.get("type") == "Feature" else None
    except (ValueError, AttributeError, TypeError):
        raise bad from None
    if properties is None:
        raise bad
    times = {k: properties.pop(k, None) or None for k in ("valid_from", "valid_to")}
    try:
        geometry = _lonlat(sent.get("geometry"), shown, crs)
        return {
            "member": shown.layer.owner,
            "layer": shown.layer.id,
            "geometry": json.dumps(geometry, allow_nan=False),
            "properties": json.dumps(properties, allow_nan=False),
            **times,
        }
    except ValueError:
        raise bad from None


def _lonlat(geometry: Any, shown: Shown, crs: str) -> Any:
    """The geometry in longitude and latitude, whatever system ``Content-Crs`` says (Part 4, 9.4)."""
    if not crs or geometry is None:
        return geometry
    import numpy as np
    import shapely

    try:
        uri = systems.chosen(crs.strip().strip("<>"), shown.offered, "Content-Crs")
        read = np.array([shapely.from_geojson(json.dumps(geometry))], dtype=object)
    except (QueryError, shapely.errors.GEOSException):
        raise ValueError(crs) from None
    moved = systems.project(systems.turned(read, uri), uri, systems.CRS84)
    return json.loads(shapely.to_geojson(moved[0]))


def _step(asked: _Asked, name: str, payload: Mapping[str, Any]) -> Done:
    """Take the step in the reader's name, with the guards that every step has."""
    security, request = asked.rooms.security, asked.request
    for refusal in (security.check_csrf(request, None), security.limit(request, name)):
        if refusal is not None:
            raise RefusedError(refusal, 429 if refusal.code.endswith(".limit") else 403)
    done = asked.rooms.partnership.act(name, payload, asked.actor)
    if isinstance(done, Refusal):
        signed_out = done.cause == "forbidden" and not asked.actor.person
        stale = done.cause == "conflict" and "if-match" in request.headers
        raise RefusedError(done, 401 if signed_out else 412 if stale else 0)
    return done
