"""Make the site of a partnership: one ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException

from bothbanks import __version__
from bothbanks.app.partnership.live import Partnership
from bothbanks.civic.changes import Refusal
from bothbanks.pages.templating import environment
from bothbanks.site.areas import areas
from bothbanks.site.assets import asset_link, asset_routes
from bothbanks.site.guarded import GuardedHeaders
from bothbanks.site.methods import HeadAsGet, methods_at
from bothbanks.site.problems import (
    TITLES,
    ProblemDocument,
    RefusedError,
    problem,
    problem_responses,
    wants_page,
)
from bothbanks.site.rooms import Rooms
from bothbanks.site.security import Security
from bothbanks.site.sent import ReadableAddress
from bothbanks.site.steps import form_schemas, step_routes
from bothbanks.store.interface import FullError, UnavailableError

ABOUT = (
    "The partnership's own service: its agreement, votes, duties, money, layers, record. Reading passes the "
    "sharing rules; a step is taken by POST /api/do/<command>, by whoever is signed in."
)

RETRY_SECONDS = 10
STORE_MAY_BE_AWAY = {500, 503}
"""After these no page asks the store who reads it."""


def create_site(partnership: Partnership, https: bool = False, background: Any = None) -> FastAPI:
    """The site of a partnership.

    Parameters
    ----------
    https : the outside reaches it by https, so that cookies are bound to that
    background : an async context manager that runs beside the site (clock and jobs)
    """
    site = FastAPI(
        title="Bothbanks",
        version=__version__,
        description=ABOUT,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(background),
    )
    site.state.rooms = Rooms(partnership, Security(partnership, https))
    site.add_middleware(ReadableAddress)
    site.add_middleware(HeadAsGet)
    site.add_middleware(GuardedHeaders, headers=site.state.rooms.security.headers())
    for router in (*(a.fixed for a in areas()), *(a.data for a in areas()), step_routes(), asset_routes()):
        site.include_router(router)
    for area in areas():
        site.include_router(area.pages)
    _root(site)
    site.add_exception_handler(RefusedError, _refused)
    site.add_exception_handler(RequestValidationError, _invalid)
    site.add_exception_handler(HTTPException, _http)
    site.add_exception_handler(FullError, _full)
    site.add_exception_handler(UnavailableError, _unavailable)
    site.add_exception_handler(Exception, _fault)
    return site


def _lifespan(background: Any) -> Any:
    if background is None:
        return None

    @asynccontextmanager
    async def runs(_: FastAPI) -> AsyncIterator[None]:
        async with background():
            yield

    return runs


def _root(site: FastAPI) -> None:
    """Addresses that belong to no area."""

    @site.get("/healthz", tags=["service"], responses=problem_responses(503))
    def healthz() -> dict[str, str]:
        """Whether the service can read its store."""
        with site.state.rooms.partnership.reading() as reader:
            reader.store.record_size()
        return {"status": "ok"}

    @site.get("/openapi.json", include_in_schema=False)
    def description() -> Response:
        return JSONResponse(openapi(site))


def openapi(site: FastAPI) -> dict[str, Any]:
    """The API's description, OpenAPI 3.1."""
    made = site.openapi()
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {"ProblemDocument": ProblemDocument.model_json_schema(), **form_schemas()}
    for path in made["paths"].values():
        for operation in path.values():
            said = operation.get("responses", {})
            if said.get("422", {}).get("content", {}).get("application/json"):
                said.pop("422")
    return made


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)
    return _say(request, error.status, error.refusal, error.headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
    return _say(request, 400, Refusal("site.request", "Please correct: {faults}", {"faults": faults}))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        refusal = Refusal("site.not-found", "There is nothing at this address, or not for you.")
    elif error.status_code == 405:
        refusal = Refusal("site.method", "This address does not take that method.")
    else:
        refusal = Refusal("site.request", "Please correct: {faults}", {"faults": str(error.detail)})
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = methods_at(request.app, request)
    return _say(request, error.status_code, refusal, headers)


async def _full(request: Request, error: Exception) -> Response:
    words = Refusal(
        "store.full",
        "The disk of the service is full. Nothing was changed; what was kept before is safe. "
        "Tell the secretariat.",
    )
    return _say(request, 507, words)


async def _unavailable(request: Request, error: Exception) -> Response:
    words = Refusal(
        "store.unavailable",
        "The service's database does not answer. Wait a little and try again; if you were changing "
        "something, look first whether it was kept.",
    )
    return _say(request, 503, words, {"Retry-After": str(RETRY_SECONDS)})


async def _fault(request: Request, error: Exception) -> Response:
    words = Refusal(
        "site.fault", "An error of the program. Nothing was changed. Please tell the secretariat."
    )
    return _say(request, 500, words)


def _say(request: Request, status: int, refusal: Refusal, headers: dict[str, str] | None = None) -> Response:
    rooms: Rooms = request.app.state.rooms
    if not wants_page(request):
        return problem(status, refusal.code, refusal.words, headers)
    parts = request.url.path.split("/")
    code = parts[1] if len(parts) > 1 and parts[1] in rooms.languages else rooms.preferred(request)
    language = rooms.language(code)
    text = (
        environment()
        .get_template("site/refused.html")
        .render(
            t=language.say,
            asset=asset_link,
            rehearsal=rooms.partnership.rehearsal,
            lang=code,
            status=status,
            title=TITLES.get(status, ""),
            reason=language.say(refusal.reason, **refusal.values),
            signed_in=bool(rooms.security.who(request).person) if status not in STORE_MAY_BE_AWAY else False,
            next=request.url.path if request.method == "GET" else "",
            step=request.method == "POST",
            region=language.pick(rooms.partnership.region.name),
            region_plain=language.plain(rooms.partnership.region.name),
            languages=[(c, language.own_name(c), f"/{c}") for c in rooms.languages],
        )
    )
    return HTMLResponse(text, status, headers)
