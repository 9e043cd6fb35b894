"""Finished public answers, kept as bytes while nothing changes: an ASGI layer around the whole site.

Kept are only answers to GET that carry no cookie or authorisation, so only what everybody may see. An
answer is good for one state of the partnership (``state()``, see :func:`public_state`) and is forgotten when
that moves on, for sharing rules, texts and layers all change by entries. The key holds everything that an
answer may depend on: host, path, query, ``Accept``, ``Accept-Language``, ``Origin``.

Each kept answer has an ETag by its content; a client that shows it gets 304. Text is kept packed (gzip) for
clients that take it.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import threading
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
class PublicCache:
    """Wraps an ASGI application. ``state`` says in which state the partnership is; it must be quick.

    Parameters
    ----------
    app : the site
    state : any value that changes with every change; raises nothing
    most_bytes : beyond this the answers used longest ago are dropped

    Answers of 200 and 404 are kept, never one that sets a cookie or says ``no-store`` or ``private``.
    """

    app: App
    state: Callable[[], Hashable]
    most_bytes: int = MOST_BYTES
    clock: Callable[[], float] = time.monotonic
    found: OrderedDict[Key, Kept] = field(default_factory=OrderedDict)
    bytes_kept: int = 0
    _making: dict[Key, asyncio.Event] = field(default_factory=dict)
    _looking: asyncio.Future[None] | None = None
    _of: Hashable = None
    _looked: float = float("-inf")
    _lock: Any = field(default_factory=threading.Lock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from what is kept, or let the site answer and keep that."""
        key = key_of(scope)
        if key is None:
            if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD", "OPTIONS"):
                await self._changing(scope, receive, send)
            else:
                await self.app(scope, receive, send)
            return
        try:
            now = await self._present()
        except BothbanksError:  # the store can't be read now: the site itself says so
            await self.app(scope, receive, send)
            return
        kept = self._get(key)
        if kept is not None:
            await _answer(kept, scope, send)
            return
        if (others := self._making.get(key)) is not None:
            # A thousand who ask for a page at once wait for one answer, instead of making a thousand.
            await others.wait()
            if (kept := self._get(key)) is not None:
                await _answer(kept, scope, send)
                return
        await self._make(key, now, scope, receive, send)

    async def _make(self, key: Key, now: Hashable, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the site answer, pass that on, and keep it where it may be kept."""
        ready = self._making.setdefault(key, asyncio.Event())
        recorder = _Recorder(send, key[0] == b"gzip")
        try:
            await self.app(scope, receive, recorder)
            made = recorder.kept()
            if made is not None and now == self._of:
                self._put(key, made)
        finally:
            ready.set()
            if self._making.get(key) is ready:
                del self._making[key]

    async def _changing(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A request that may change something: whoever sent it must see that in the next answer."""
        await self.app(scope, receive, send)
        self._looked = float("-inf")

    async def _present(self) -> Hashable:
        """The state, looked up at most every STATE_SECONDS, once for all who ask meanwhile."""
        if self.clock() - self._looked >= STATE_SECONDS:
            if self._looking is None:
                self._looking = asyncio.ensure_future(self._look())
            await asyncio.shield(self._looking)
        return self._of

    async def _look(self) -> None:
        """Look the state up; what is kept of an older one is dropped."""
        from starlette.concurrency import run_in_threadpool

        try:
            at = self.clock()
            now = await run_in_threadpool(self.state)
            with self._lock:
                if now != self._of:
                    self.found.clear()
                    self.bytes_kept, self._of = 0, now
            self._looked = at
        finally:
            self._looking = None

    def _get(self, key: Key) -> Kept | None:
        with self._lock:
            kept = self.found.get(key)
            if kept is not None:
                self.found.move_to_end(key)
            return kept

    def _put(self, key: Key, made: Kept) -> None:
        with self._lock:
            was = self.found.pop(key, None)
            self.bytes_kept += made.size - (was.size if was else 0)
            self.found[key] = made
            while self.bytes_kept > self.most_bytes and self.found:
                _, old = self.found.popitem(last=False)
                self.bytes_kept -= old.size


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
    """Passes an answer on and remembers it, as long as it may be kept."""

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
                # The tag goes out with the first answer, too; it is known only when the body is.
                return
        elif message["type"] == "http.response.body" and self.fit and self.start is not None:
            self.body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(self.body) <= LARGEST_ANSWER and more:
                return
            self.whole = not more
            self.fit = self.whole and len(self.body) <= LARGEST_ANSWER
            await self.send(self._tagged() if self.fit else self.start)
            await self.send({"type": "http.response.body", "body": bytes(self.body), "more_body": more})
            return
        await self.send(message)

    def _tagged(self) -> Message:
        assert self.start is not None
        headers = list(self.start["headers"])
        kind = next((v for k, v in headers if k.lower() == b"content-type"), b"")
        plain = not any(k.lower() == b"content-encoding" for k, _ in headers)
        if self.packed and plain and len(self.body) >= SMALLEST_PACKED and any(t in kind for t in _TEXT):
            self.body = bytearray(gzip.compress(self.body, 6, mtime=0))
            # Another form of the answer is another entity: a tag of the site's own must not name both.
            headers = [(k, v) for k, v in headers if k.lower() not in (b"content-length", b"etag")]
            headers += [(b"content-length", str(len(self.body)).encode()), (b"content-encoding", b"gzip")]
            headers.append((b"vary", b"Accept-Encoding"))
        if not any(name.lower() == b"etag" for name, _ in headers):
            headers.append((b"etag", b'"' + hashlib.sha256(self.body).hexdigest()[:24].encode() + b'"'))
        self.start = {**self.start, "headers": headers}
        return self.start

    def kept(self) -> Kept | None:
        if self.start is None or not self.fit or not self.whole:
            return None
        headers = tuple((bytes(k), bytes(v)) for k, v in self.start["headers"])
        tag = next(v for k, v in headers if k.lower() == b"etag")
        return Kept(self.start["status"], headers, bytes(self.body), tag)


def _public(headers: list[tuple[bytes, bytes]]) -> bool:
    for name, value in headers:
        lower = name.lower()
        if lower == b"set-cookie" or (
            lower == b"cache-control" and (b"no-store" in value or b"private" in value)
        ):
            return False
    return True


async def _answer(kept: Kept, scope: Scope, send: Send) -> None:
    asked = next((v for k, v in scope["headers"] if k == b"if-none-match"), b"")
    if (
        kept.status == 200
        and asked
        and (asked == b"*" or kept.etag in [t.strip() for t in asked.split(b",")])
    ):
        some = [(k, v) for k, v in kept.headers if k.lower() not in (b"content-length", b"content-type")]
        await send({"type": "http.response.start", "status": 304, "headers": some})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": kept.status, "headers": list(kept.headers)})
    await send({"type": "http.response.body", "body": kept.body})
