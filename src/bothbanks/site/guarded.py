"""Every answer carries the guards' headers, and says who may keep it, whoever made it."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_KNOWN = (b"cookie", b"authorization")


def guard(sent: MutableHeaders, own: Mapping[str, str], known: bool) -> None:
    """Add what an answer doesn't say itself. ``known``: whoever asked may be signed in."""
    for name, value in own.items():
        sent.setdefault(name, value)
    if "cache-control" not in sent:
        sent["Cache-Control"] = "private, no-store" if known else "no-cache"
        if "cookie" not in sent.get("vary", "").lower():
            sent.add_vary_header("Cookie")


class GuardedHeaders:
    """Adds headers that the answer doesn't set itself.

    What was made for somebody who may be signed in is kept nowhere; what everybody sees may be kept, and is
    asked for again each time.
    """

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self.app = app
        self.headers = dict(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to what comes back."""
        known = any(name in _KNOWN for name, _ in scope.get("headers", ()))

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                guard(MutableHeaders(scope=message), self.headers, known)
            await send(message)

        await self.app(scope, receive, guarded if scope["type"] == "http" else send)
