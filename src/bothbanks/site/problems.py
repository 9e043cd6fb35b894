"""Refusals and faults as the outside sees them: problem documents (RFC 9457), or a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from bothbanks.civic.changes import Refusal

STATUS = {"rule": 422, "conflict": 409, "forbidden": 403, "missing": 404}
TITLES = {
    400: "Bad request",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Changed by someone else",
    412: "Changed by someone else",
    413: "Too large",
    415: "Unsupported media type",
    422: "Refused",
    428: "Version wanted",
    429: "Too many requests",
    500: "An error of the program",
    503: "Not available at the moment",
    507: "The disk is full",
}
MEDIA = "application/problem+json"


class ProblemDocument(BaseModel):
    """A problem as RFC 9457 writes it; ``code`` is stable, the words may be improved."""

    type: str = Field(default="about:blank", description="what kind of problem")
    title: str = Field(description="in a few words")
    status: int = Field(description="the HTTP status")
    detail: str = Field(default="", description="what happened and what to do next")
    code: str = Field(default="", description="stable identifier of the reason")


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How the API's description names those problems."""
    content = {MEDIA: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
    return {status: {"description": TITLES[status], "content": content} for status in statuses}


PROBLEMS = problem_responses(400, 401, 403, 404, 422, 429, 503)
"""What any reading route may answer."""


class RefusedError(Exception):
    """A request is refused; becomes a problem document or a page."""

    def __init__(self, refusal: Refusal, status: int = 0, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal
        self.status = status or STATUS[refusal.cause]
        self.headers = dict(headers or {})


def not_found() -> RefusedError:
    """The one answer to what is not there and to what may not be seen."""
    return RefusedError(
        Refusal("site.not-found", "There is nothing at this address, or not for you.", cause="missing")
    )


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks, so that a page answers and not a document."""
    if request.url.path.startswith(("/api/", "/collections", "/record/", "/openapi", "/conformance")):
        return False
    return "text/html" in request.headers.get("accept", "")


def problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """A problem document."""
    body = ProblemDocument(title=TITLES.get(status, "Problem"), status=status, detail=detail, code=code)
    return JSONResponse(body.model_dump(), status, dict(headers or {}), MEDIA)
