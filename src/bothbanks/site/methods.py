"""HEAD for all that GET answers, and the methods that an address takes (RFC 9110, 9.3.2 and 10.2.1)."""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bothbanks.site.security.table import routes


class HeadAsGet:
    """Answers HEAD as GET, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def head_only(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app({**scope, "method": "GET"}, receive, head_only)


def methods_at(site: FastAPI, request: Request) -> str:
    """The methods that this address takes, for the header Allow; '' where there is no such address."""
    found: set[str] = set()
    for route in routes(site):
        match, _ = route.matches(request.scope)
        if match is not Match.NONE:
            found |= set(route.methods)
    if "GET" in found:
        found.add("HEAD")
    return ", ".join(sorted(found))
