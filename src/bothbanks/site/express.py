"""The short way for public questions about layers: no thread, no transaction, the same answers.

For the public, what the gate leaves of a layer stays the same while the partnership's state does
(:func:`bothbanks.site.cache.public_state`). So the layer is looked up through the gate once a state, its
words once a state and language, and answers are then written in the event loop. Anything else (a signed-in
reader, a page, a layer that is hidden or not there, another method) goes on to the site.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import parse_qsl, unquote

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from bothbanks.app.partnership.layers import Shown, shown_layer
from bothbanks.civic.compact.roles import ANYONE
from bothbanks.site.areas.layer_words import words_of
from bothbanks.site.areas.layers import collection_answer, item_answer, items_answer
from bothbanks.site.cache import Present, Receive, Scope, Send, key_of, passed_on
from bothbanks.site.door import SERVICE, Door
from bothbanks.site.guarded import guard
from bothbanks.site.problems import problem
from bothbanks.site.rooms import Rooms
from bothbanks.standards.features import LayerWords, QueryError
from bothbanks.words.errors import BothbanksError, InputError

PATH = re.compile(rb"/collections/([^/]+)(?:/(items)(?:/([^/]+))?)?")
IN_THE_LOOP = 20_000
"""Layers of more features are filtered in a thread, so that others are answered meanwhile."""
MOST_NAMES = 200
_Key = TypeVar("_Key", bound=Hashable)
_Found = TypeVar("_Found")


@dataclass
class PublicLayers:
    """Wraps the site. ``present`` is shared with the other fronts."""

    app: FastAPI
    present: Present
    _shown: dict[str, Shown | None] = field(default_factory=dict)
    _words: dict[tuple[str, str], LayerWords] = field(default_factory=dict)
    _of: Hashable = None

    @property
    def rooms(self) -> Rooms:
        """The shared part of the site."""
        return self.app.state.rooms  # type: ignore[no-any-return]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a public question about layers; pass everything else on."""
        try:
            answer = await self._answer(scope)
        except BothbanksError:  # the store can't be read now: the site itself says so
            answer = None
        if answer is None:
            await passed_on(self.app, self.present, scope, receive, send)
            return
        guard(answer.headers, self.rooms.security.headers(), known=False)
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
        name = unquote(path[1].decode("latin-1"))
        shown = await self._layer(name)
        if shown is None:
            return None
        base = f"{scope['scheme']}://{said.get(b'host', b'').decode('latin-1')}"
        try:
            if path[2] is None:
                return await self._collection(shown, asked, base, scope)
            if path[3] is None:
                return await self._items(shown, asked, base)
            return self._item(shown, unquote(path[3].decode("latin-1")), asked, base, said)
        except QueryError as error:
            return problem(400, error.code, error.message)

    async def _collection(
        self, shown: Shown, asked: list[tuple[str, str]], base: str, scope: Scope
    ) -> Response | None:
        if any(name not in ("f", "lang") for name, _ in asked):
            return None
        request = Request({**scope, "app": self.app, "path_params": {}, "state": {}})
        key = (shown.layer.id, self.rooms.preferred(request))
        words = await self._once(self._words, key, lambda: self._say(shown, request))
        return collection_answer(shown, words, base)

    def _say(self, shown: Shown, request: Request) -> LayerWords:
        with Door(SERVICE).open(request) as visit:
            return words_of(visit, shown)

    async def _items(self, shown: Shown, asked: list[tuple[str, str]], base: str) -> Response:
        at = self.rooms.partnership.clock()
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
        now = await self.present.now()
        if now != self._of:
            self._shown, self._words, self._of = {}, {}, now
        return await self._once(self._shown, name, lambda: self._look(name))

    async def _once(self, known: dict[_Key, _Found], key: _Key, make: Callable[[], _Found]) -> _Found:
        """What is known in this state, made in a thread where it isn't; a later state has other books."""
        if key not in known:
            made = await run_in_threadpool(make)
            if len(known) >= MOST_NAMES:
                return made
            known[key] = made
        return known[key]

    def _look(self, name: str) -> Shown | None:
        partnership = self.rooms.partnership
        try:
            with partnership.reading() as reader:
                return shown_layer(reader, ANYONE, partnership.data, name)
        except InputError:
            return None
