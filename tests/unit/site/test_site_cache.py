"""The cache of public answers: what it keeps, what it never keeps, when it forgets."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bothbanks.site.cache import Present, PublicCache


class Site:
    """Answers with a count of how often it was asked."""

    def __init__(
        self, status: int = 200, headers: list[tuple[bytes, bytes]] | None = None, pieces: int = 1
    ) -> None:
        self.asked = 0
        self.status, self.headers, self.pieces = status, headers or [], pieces

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        text = f"{scope['path']} {self.asked}".encode()
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        for piece in range(self.pieces):
            last = piece == self.pieces - 1
            await send({"type": "http.response.body", "body": text, "more_body": not last})


def in_a_loop(work: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end in a thread of its own: a browser of other tests keeps a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def scope(path: str = "/a", method: str = "GET", query: str = "", **headers: str) -> dict[str, Any]:
    given = [(k.replace("_", "-").encode(), v.encode()) for k, v in {"host": "x", **headers}.items()]
    return {"type": "http", "scheme": "http", "method": method, "path": path, "raw_path": path.encode(),
            "query_string": query.encode(), "headers": given}  # fmt: skip


def ask(app: Any, **asked: Any) -> tuple[int, bytes, dict[bytes, bytes]]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    in_a_loop(app(scope(**asked), None, send))
    body = b"".join(m.get("body", b"") for m in sent[1:])
    return sent[0]["status"], body, dict(sent[0]["headers"])


class Times:
    """A clock and a state that are moved by hand."""

    now, state = 0.0, 1


@pytest.fixture
def times() -> Times:
    return Times()


def cached(site: Site, times: Times, most: int = 1_000_000) -> PublicCache:
    return PublicCache(site, Present(lambda: times.state, lambda: times.now), most)


def test_a_public_answer_is_made_once_for_a_state(times: Times) -> None:
    site = Site()
    app = cached(site, times)
    first, second = ask(app), ask(app)
    assert first == second
    assert first[1] == b"/a 1"
    times.state, times.now = 2, 10.0
    assert ask(app)[1] == b"/a 2"


@pytest.mark.parametrize(
    "asked",
    [{"cookie": "bothbanks=1"}, {"authorization": "Bearer x"}, {"method": "POST"}, {"range": "bytes=0-3"}],
)
def test_a_signed_in_reader_never_meets_the_cache(asked: dict[str, str], times: Times) -> None:
    site = Site()
    app = cached(site, times)
    ask(app)
    assert ask(app, **asked)[1] == b"/a 2"
    assert ask(app, **asked)[1] == b"/a 3"
    assert ask(app)[1] in (b"/a 1",)


@pytest.mark.parametrize(
    "other",
    [{"query": "x=1"}, {"accept": "text/html"}, {"accept_language": "fr"}, {"host": "elsewhere"}, {"origin": "http://y"}],
)  # fmt: skip
def test_whatever_an_answer_may_depend_on_is_in_the_key(other: dict[str, str], times: Times) -> None:
    app = cached(Site(), times)
    assert ask(app)[1] != ask(app, **other)[1]


@pytest.mark.parametrize(
    "site",
    [
        Site(headers=[(b"set-cookie", b"a=b")]),
        Site(headers=[(b"cache-control", b"no-store")]),
        Site(headers=[(b"Cache-Control", b"private, max-age=3")]),
        Site(status=500),
        Site(status=303),
    ],
)
def test_what_is_not_for_everybody_is_not_kept(site: Site, times: Times) -> None:
    app = cached(site, times)
    ask(app)
    assert ask(app)[1].endswith(b" 2")
    assert app.bytes_kept == 0


def test_an_answer_in_pieces_is_kept_whole_and_a_large_one_passes_through(times: Times) -> None:
    app = cached(Site(pieces=3), times)
    assert ask(app)[1] == ask(app)[1] == b"/a 1/a 1/a 1"
    large = Site(pieces=300_000)
    big = cached(large, times)
    assert len(ask(big)[1]) == 300_000 * len(b"/a 1")
    assert big.bytes_kept == 0


def test_a_shown_tag_gets_304_without_a_body(times: Times) -> None:
    app = cached(Site(headers=[(b"content-type", b"text/html")]), times)
    tag = ask(app)[2][b"etag"].decode()
    status, body, headers = ask(app, if_none_match=f'W/"x", {tag}')
    assert (status, body) == (304, b"")
    assert b"content-type" not in headers
    assert ask(app, if_none_match='"other"')[0] == 200
    assert ask(app, if_none_match=f"W/{tag}")[0] == 304, "a proxy that packs marks a tag as weak"


def test_a_shown_tag_gets_304_also_when_the_answer_is_made_anew(times: Times) -> None:
    async def steady(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"the same"})

    app = cached(steady, times)  # type: ignore[arg-type]
    tag = ask(app)[2][b"etag"].decode()
    times.state, times.now = 2, 10.0
    assert ask(app, if_none_match=tag)[0] == 304


def test_text_is_packed_for_clients_that_take_it(times: Times) -> None:
    site = Site(headers=[(b"content-type", b"text/html"), (b"etag", b'"own"')], pieces=400)
    app = cached(site, times)
    plain, packed = ask(app), ask(app, accept_encoding="br, gzip")
    assert packed[2][b"content-encoding"] == b"gzip"
    assert gzip.decompress(packed[1]) == plain[1].replace(b"/a 1", b"/a 2")
    assert int(packed[2][b"content-length"]) == len(packed[1]) < len(plain[1]) / 10
    assert packed[2][b"etag"] != plain[2][b"etag"] == b'"own"'
    assert ask(app, accept_encoding="gzip;q=0") == plain


def test_those_who_ask_at_once_wait_for_one_answer(times: Times) -> None:
    site = Site()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0.02)
        await site(scope, receive, send)

    app = cached(slow, times)  # type: ignore[arg-type]

    async def crowd() -> list[bytes]:
        bodies: list[bytes] = []

        async def send(message: Any) -> None:
            if message["type"] == "http.response.body":
                bodies.append(message["body"])

        await asyncio.gather(*(app(scope(), None, send) for _ in range(50)))  # type: ignore[arg-type]
        return bodies

    assert in_a_loop(crowd()) == [b"/a 1"] * 50
    assert site.asked == 1


def test_how_things_stand_is_never_kept(times: Times) -> None:
    app = cached(Site(), times)
    ask(app, path="/healthz")
    assert ask(app, path="/healthz")[1] == b"/healthz 2"


def test_bytes_are_bounded_by_dropping_what_was_used_longest_ago(times: Times) -> None:
    site = Site()
    app = cached(site, times, most=900)
    for path in ("/a", "/b", "/c"):
        ask(app, path=path)
    ask(app, path="/a")
    for path in ("/d", "/e"):
        ask(app, path=path)
    assert app.bytes_kept <= 900
    assert ask(app, path="/e")[1] == b"/e 5" or ask(app, path="/e")[1] == b"/e 6"


def test_who_changes_something_sees_it_at_once(times: Times) -> None:
    app = cached(Site(), times)
    ask(app)
    times.state = 2  # changed by the step below, within the time that a state is trusted
    ask(app, method="POST")
    assert ask(app)[1] == b"/a 3"


def test_an_answer_begun_in_an_older_state_is_not_kept(times: Times) -> None:
    site = Site()
    app = cached(site, times)

    class Moving:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await site(scope, receive, send)
            times.state, times.now = times.state + 1, times.now + 1
            if scope["path"] == "/a":
                await app({**scope, "path": "/b", "raw_path": b"/b"}, receive, _nowhere)

    app.app = Moving()
    ask(app)
    app.app = site
    assert ask(app)[1] != b"/a 1"


async def _nowhere(message: Any) -> None:
    return None
