"""Finished public answers, kept as bytes while nothing changes: an ASGI layer around the whole site.

Kept are only answers to GET that carry no cookie or authorisation, so only what everybody may see. An
answer is good for one state of the partnership (:class:`Present`, :func:`public_state`) and is forgotten when
that moves on, for sharing rules, texts and layers all change by entries. The key holds everything that an
answer may depend on: host, path, query, ``Accept``, ``Accept-Language``, ``Origin``.

Each kept answer has an ETag by its content; a client that shows it gets 304. Text is kept packed (gzip) for
clients that take it.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from bothbanks.app.partnership.live import Partnership
from bothbanks.words.errors import BothbanksError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Key = tuple[bytes, ...]

MOST_BYTES = 32_000_000
LARGEST_ANSWER = 1_000_000
LONGEST_KEY = 4_000
STATE_SECONDS = 0.25
"""How long a state is taken for the present one: within this, an answer may lag behind a change."""
SMALLEST_PACKED = 1_000
UNKEPT = (b"/healthz",)
"""Asked for how things stand at this moment."""
_TEXT = (b"text/", b"json", b"svg", b"xml", b"javascript")
_VARY = (b"host", b"accept", b"accept-language", b"origin", b"x-forwarded-host", b"x-forwarded-proto")
_OF_A_BODY = (b"content-length", b"content-type", b"content-encoding")
_PRIVATE = (b"cookie", b"authorization", b"range", b"if-match")


@dataclass(frozen=True)
class Kept:
    """One finished answer."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    etag: bytes

    @property
    def size(self) -> int:
        """Bytes it takes, about."""
        return len(self.body) + sum(len(k) + len(v) for k, v in self.headers) + 200


@dataclass
class Present:
    """The state that public answers are made for now, as all fronts of the site take it.

    It is looked up at most every STATE_SECONDS, once for all who ask meanwhile. Fronts share one, for an
    answer made in an older state than the one it is kept for would outlive what it says.

    Parameters
    ----------
    state : any value that changes with every change; quick, and called in a thread
    """

    state: Callable[[], Hashable]
    clock: Callable[[], float] = time.monotonic
    value: Hashable = None
    _looked: float = float("-inf")
    _changes: int = 0
    _looking: asyncio.Future[int] | None = None

    async def now(self) -> Hashable:
        """The state. Raises what ``state`` raises."""
        wanted = self._changes
        if self.clock() - self._looked >= STATE_SECONDS:
            # A look that began before a change may miss it: whoever made the change waits for the next.
            while await asyncio.shield(self._look_once()) < wanted:
                pass
        return self.value

    def moved(self) -> None:
        """Something may have changed: whoever asks from now on is answered from a new look."""
        self._changes += 1
        self._looked = float("-inf")

    def _look_once(self) -> asyncio.Future[int]:
        if self._looking is None:
            self._looking = asyncio.ensure_future(self._look())
        return self._looking

    async def _look(self) -> int:
        from starlette.concurrency import run_in_threadpool

        try:
            at, seen = self.clock(), self._changes
            self.value = await run_in_threadpool(self.state)
            if seen == self._changes:
                self._looked = at
            return seen
        finally:
            self._looking = None


@dataclass
class PublicCache:
    """Wraps an ASGI application.

    Parameters
    ----------
    app : the site
    present : in which state the partnership is
    most_bytes : beyond this the answers used longest ago are dropped

    Answers of 200 and 404 are kept, never one that sets a cookie or says ``no-store`` or ``private``.
    """

    app: App
    present: Present
    most_bytes: int = MOST_BYTES
    found: OrderedDict[Key, Kept] = field(default_factory=OrderedDict)
    bytes_kept: int = 0
    _making: dict[Key, asyncio.Event] = field(default_factory=dict)
    _of: Hashable = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from what is kept, or let the site answer and keep that."""
        key = key_of(scope)
        if key is None:
            await passed_on(self.app, self.present, scope, receive, send)
            return
        try:
            now = await self.present.now()
        except BothbanksError:  # the store can't be read now: the site itself says so
            await self.app(scope, receive, send)
            return
        if now != self._of:
            self.found.clear()
            self.bytes_kept, self._of = 0, now
        kept = self._get(key)
        if kept is None and (others := self._making.get(key)) is not None:
            # A thousand who ask for a page at once wait for one answer, instead of making a thousand.
            await others.wait()
            kept = self._get(key)
        if kept is None:
            await self._make(key, now, scope, receive, send)
        else:
            await _answer(kept, scope, send)

    async def _make(self, key: Key, now: Hashable, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the site answer, keep that where it may be kept, and pass it on."""
        ready = self._making.setdefault(key, asyncio.Event())
        recorder = _Recorder(send, key[0] == b"gzip")
        try:
            await self.app(scope, receive, recorder)
            made = recorder.kept()
            if made is not None and now == self._of == self.present.value:
                self._put(key, made)
        finally:
            ready.set()
            if self._making.get(key) is ready:
                del self._making[key]
        if made is not None:
            await _answer(made, scope, send)

    def _get(self, key: Key) -> Kept | None:
        kept = self.found.get(key)
        if kept is not None:
            self.found.move_to_end(key)
        return kept

    def _put(self, key: Key, made: Kept) -> None:
        was = self.found.pop(key, None)
        self.bytes_kept += made.size - (was.size if was else 0)
        self.found[key] = made
        while self.bytes_kept > self.most_bytes and self.found:
            _, old = self.found.popitem(last=False)
            self.bytes_kept -= old.size


async def passed_on(app: App, present: Present, scope: Scope, receive: Receive, send: Send) -> None:
    """Let the site answer; after a request that may change something, the next answers know of it."""
    try:
        await app(scope, receive, send)
    finally:
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            present.moved()


def public_state(partnership: Partnership) -> Callable[[], Hashable]:
    """What public answers depend on: the size of the record, and the minute (deadlines pass, rules begin)."""

    def state() -> Hashable:
        with partnership.store.reading() as reading:
            return reading.record_size(), partnership.clock().strftime("%Y%m%d%H%M")

    return state


def key_of(scope: Scope) -> Key | None:
    """What an answer depends on; None where it must not be kept."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    said: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in _PRIVATE:
            return None
        if name in _VARY:
            if name in said:
                return None
            said[name] = value
    path = scope.get("raw_path") or scope["path"].encode()
    if path in UNKEPT:
        return None
    packed = next(
        (b"gzip" for name, value in scope["headers"] if name == b"accept-encoding" and _takes(value)), b""
    )
    asked = (said.get(name, b"") for name in _VARY)
    key = (packed, scope["scheme"].encode(), path, scope["query_string"], *asked)
    return key if sum(map(len, key)) <= LONGEST_KEY else None


def _takes(accepted: bytes) -> bool:
    """Whether a client takes gzip (RFC 9110, 12.5.3).

    >>> _takes(b"br, gzip;q=0.5"), _takes(b"gzip;q=0, br")
    (True, False)
    """
    for part in accepted.lower().split(b","):
        name, _, weight = part.partition(b";")
        if name.strip() == b"gzip":
            return weight.replace(b" ", b"") not in (b"q=0", b"q=0.0", b"q=0.00", b"q=0.000")
    return False


class _Recorder:
    """Holds an answer back as long as it may be kept; passes any other on."""

    def __init__(self, send: Send, packed: bool) -> None:
        self.send = send
        self.packed = packed
        self.start: Message | None = None
        self.body = bytearray()
        self.whole = False
        self.fit = True

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
            self.fit = message["status"] in (200, 404) and _public(message["headers"])
            if self.fit:
                return
        elif message["type"] == "http.response.body" and self.fit and self.start is not None:
            self.body += message.get("body", b"")
            more = message.get("more_body", False)
            self.whole = not more
            self.fit = len(self.body) <= LARGEST_ANSWER
            if self.fit:
                return
            await self.send(self.start)
            message = {"type": "http.response.body", "body": bytes(self.body), "more_body": more}
        await self.send(message)

    def kept(self) -> Kept | None:
        """The whole answer with its tag, packed where the client takes it; None where it went through."""
        if self.start is None or not self.fit or not self.whole:
            return None
        headers = [(bytes(k), bytes(v)) for k, v in self.start["headers"]]
        body = bytes(self.body)
        kind = next((v for k, v in headers if k.lower() == b"content-type"), b"")
        plain = not any(k.lower() == b"content-encoding" for k, _ in headers)
        if plain and len(body) >= SMALLEST_PACKED and any(t in kind for t in _TEXT):
            headers.append((b"vary", b"Accept-Encoding"))
            if self.packed:
                body = gzip.compress(body, 6, mtime=0)
                # Another form of the answer is another entity: a tag of the site's own must not name both.
                headers = [(k, v) for k, v in headers if k.lower() not in (b"content-length", b"etag")]
                headers += [
                    (b"content-length", str(len(body)).encode()),
                    (b"content-encoding", b"gzip"),
                ]
        tag = next((v for k, v in headers if k.lower() == b"etag"), None)
        if tag is None:
            tag = b'"' + hashlib.sha256(body).hexdigest()[:24].encode() + b'"'
            headers.append((b"etag", tag))
        return Kept(self.start["status"], tuple(headers), body, tag)


def _public(headers: list[tuple[bytes, bytes]]) -> bool:
    for name, value in headers:
        lower = name.lower()
        if lower == b"set-cookie" or (
            lower == b"cache-control" and (b"no-store" in value or b"private" in value)
        ):
            return False
    return True


async def _answer(kept: Kept, scope: Scope, send: Send) -> None:
    asked = b",".join(v for k, v in scope["headers"] if k == b"if-none-match")
    if kept.status == 200 and asked and _named(kept.etag, asked):
        some = [(k, v) for k, v in kept.headers if k.lower() not in _OF_A_BODY]
        await send({"type": "http.response.start", "status": 304, "headers": some})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": kept.status, "headers": list(kept.headers)})
    await send({"type": "http.response.body", "body": kept.body})


def _named(tag: bytes, asked: bytes) -> bool:
    """Whether If-None-Match names a tag, compared weakly (RFC 9110, 13.1.2): a proxy may mark it so."""
    strong = tag.removeprefix(b"W/")
    return any(one.strip().removeprefix(b"W/") in (strong, b"*") for one in asked.split(b","))
