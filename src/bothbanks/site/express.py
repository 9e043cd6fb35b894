"""The short way for public questions about layers: no thread, no transaction, the same answers.

For the public, what the gate leaves of a layer stays the same while the partnership's state does
(:func:`bothbanks.site.cache.public_state`). So the layer is looked up through the gate once a state and the
features are then written in the event loop. Anything else (a signed-in reader, a page, a layer that is hidden
or not there, another method) goes on to the site.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from bothbanks.app.partnership.layers import Shown, shown_layer
from bothbanks.app.partnership.live import Partnership
from bothbanks.civic.compact.roles import ANYONE
from bothbanks.site.areas.layers import item_answer, items_answer
from bothbanks.site.cache import STATE_SECONDS, App, Receive, Scope, Send, key_of
from bothbanks.site.problems import problem
from bothbanks.standards.features import QueryError
from bothbanks.words.errors import InputError

PATH = re.compile(rb"/collections/([^/]+)/items(?:/([^/]+))?")
IN_THE_LOOP = 20_000
"""Layers of more features are filtered in a thread, so that others are answered meanwhile."""
MOST_NAMES = 200


@dataclass
class PublicLayers:
    """Wraps the site. ``headers`` are those that every answer carries."""

    app: App
    partnership: Partnership
    state: Callable[[], Hashable]
    headers: Callable[[], dict[str, str]]
    clock: Callable[[], float]
    _shown: dict[str, Shown | None] = field(default_factory=dict)
    _of: Hashable = None
    _looked: float = float("-inf")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a public question about features; pass everything else on."""
        answer = await self._answer(scope)
        if answer is None:
            if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD", "OPTIONS"):
                await self.app(scope, receive, send)
                self._looked = float("-inf")
                return
            await self.app(scope, receive, send)
            return
        for name, value in self.headers().items():
            answer.headers.setdefault(name, value)
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response | None:
        if key_of(scope) is None:
            return None
        path = PATH.fullmatch(scope.get("raw_path") or scope["path"].encode())
        if path is None:
            return None
        said = dict(scope["headers"])
        asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        form = [v for k, v in asked if k == "f"]
        if form not in ([], ["json"], ["geojson"]) or (not form and b"html" in said.get(b"accept", b"")):
            return None
        shown = await self._layer(unquote(path[1].decode("latin-1")))
        if shown is None:
            return None
        base = f"{scope['scheme']}://{said.get(b'host', b'').decode('latin-1')}"
        try:
            if path[2] is None:
                return await self._items(shown, asked, base)
            return self._item(shown, unquote(path[2].decode("latin-1")), asked, base, said)
        except QueryError as error:
            return problem(400, error.code, error.message)

    async def _items(self, shown: Shown, asked: list[tuple[str, str]], base: str) -> Response:
        at = self.partnership.clock()
        if len(shown.table) > IN_THE_LOOP:
            return await run_in_threadpool(items_answer, shown, asked, base, at)
        return items_answer(shown, asked, base, at)

    def _item(
        self, shown: Shown, feature: str, asked: list[tuple[str, str]], base: str, said: dict[bytes, bytes]
    ) -> Response | None:
        row = shown.table.row(feature)
        if row is None or any(name not in ("f", "crs") for name, _ in asked):
            return None
        known = said.get(b"if-none-match", b"").decode("latin-1")
        return item_answer(shown, row, dict(asked).get("crs"), base, known)

    async def _layer(self, name: str) -> Shown | None:
        """The layer as the public may see it in the present state; None also for one that can't be read."""
        at = self.clock()
        if at - self._looked >= STATE_SECONDS:
            self._looked = at
            now = await run_in_threadpool(self.state)
            if now != self._of:
                self._shown, self._of = {}, now
        if name not in self._shown:
            of = self._of
            found = await run_in_threadpool(self._look, name)
            if of != self._of or len(self._shown) >= MOST_NAMES:
                return found
            self._shown[name] = found
        return self._shown[name]

    def _look(self, name: str) -> Shown | None:
        try:
            with self.partnership.reading() as reader:
                return shown_layer(reader, ANYONE, self.partnership.data, name)
        except InputError:
            return None
