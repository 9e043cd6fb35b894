"""Style sheets, scripts and pictures, from the installed package and never from elsewhere."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import Response

from bothbanks.pages.templating import HERE, LEAFLET
from bothbanks.site.problems import not_found

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".png": "image/png"}


@cache
def assets() -> dict[str, bytes]:
    """Name -> content. ``site.css`` is the report's style sheet, then the site's and every area's."""
    own = HERE / "assets"
    sheets = [own / "report.css", own / "site.css", *sorted((own / "site").glob("*.css"))]
    out = {"site.css": b"\n".join(path.read_bytes() for path in sheets)}
    for path in (*sorted(own.glob("*.js")), *sorted((own / "site").glob("*.js"))):
        out[path.name] = path.read_bytes()
    base = Path(str(files("js_lib_leaflet") / "static" / "js_lib_leaflet"))
    out |= {f"leaflet/{name}": (base / name).read_bytes() for name in LEAFLET}
    return out


@cache
def asset_version() -> str:
    """Changes with any asset, so that they can be kept for ever by a browser."""
    digest = hashlib.sha256()
    for name, content in sorted(assets().items()):
        digest.update(name.encode() + b"\0" + content)
    return digest.hexdigest()[:12]


def asset_routes() -> APIRouter:
    """GET /assets/<version>/<name>."""
    router = APIRouter()

    @router.get("/assets/{version}/{name:path}", include_in_schema=False)
    def asset(version: str, name: str) -> Response:
        content = assets().get(name)
        if content is None:
            raise not_found()
        keep = "public, max-age=31536000, immutable" if version == asset_version() else "no-cache"
        kind = TYPES.get(Path(name).suffix, "application/octet-stream")
        return Response(content, media_type=kind, headers={"Cache-Control": keep})

    return router


def asset_link(name: str) -> str:
    """The address of an asset."""
    return f"/assets/{asset_version()}/{name}"
