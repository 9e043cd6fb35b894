"""The site behind its fronts: what is kept is for all, holds nothing of a reader, and moves on in time."""

from __future__ import annotations

import asyncio
import gzip
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from partnerships import START, Live

from bothbanks.site.app import create_site
from bothbanks.site.cache import Present, PublicCache
from bothbanks.site.serving import fronted

BROWSER = {"accept": "text/html,application/xhtml+xml", "accept-encoding": "gzip, br"}
TOKEN = re.compile(r'name="csrf" value="([^"]*)"')


@pytest.fixture
def front(partnership: Live) -> PublicCache:
    return fronted(partnership, create_site(partnership))


def bodies(front: PublicCache) -> list[str]:
    """Everything that is kept, as text."""
    packed = [(dict(k.headers).get(b"content-encoding") == b"gzip", k.body) for k in front.found.values()]
    return [(gzip.decompress(b) if zipped else b).decode() for zipped, b in packed]


def test_what_is_kept_of_the_public_pages_holds_no_token_and_no_cookie(front: PublicCache) -> None:
    client = TestClient(front)
    links = sorted(set(re.findall(r'href="(/de/[^"#?]*)"', client.get("/de", headers=BROWSER).text)))
    for link in links:
        TestClient(front).get(link, headers=BROWSER)
    assert len(front.found) > 3
    for kept in front.found.values():
        assert not any(name.lower() == b"set-cookie" for name, _ in kept.headers)
    assert [t for body in bodies(front) for t in TOKEN.findall(body) if t] == []


def test_two_visitors_of_the_sign_in_form_share_neither_token_nor_cookie(front: PublicCache) -> None:
    one, other = TestClient(front), TestClient(front)
    found = [visitor.get("/de/sign-in", headers=BROWSER) for visitor in (one, other)]
    tokens = [TOKEN.findall(answer.text)[0] for answer in found]
    assert len(set(tokens)) == 2
    assert all(tokens)
    assert len({answer.headers["set-cookie"] for answer in found}) == 2
    assert not any("sign-in" in key[2].decode() for key in front.found)


def test_a_form_has_a_token_for_a_reader_with_a_cookie_only(partnership: Live) -> None:
    from fastapi import Request

    security = create_site(partnership).state.rooms.security
    asked = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "state": {}}
    assert security.form_token(Request({**asked, "headers": []})) == ""
    visiting = [(b"cookie", f"{security.visit_cookie}=secret".encode())]
    assert security.form_token(Request({**asked, "headers": visiting, "state": {}})) != ""


def test_whoever_brings_a_cookie_is_answered_by_the_site_and_nothing_of_it_is_kept(
    front: PublicCache,
) -> None:
    answer = TestClient(front, cookies={"bothbanks": "x"}).get("/de", headers=BROWSER)
    assert answer.headers["cache-control"] == "private, no-store"
    assert front.found == {}
    public = TestClient(front).get("/de", headers=BROWSER)
    assert public.headers["cache-control"] == "no-cache"
    assert {"cookie", "accept-encoding"} <= {v.strip().lower() for v in public.headers["vary"].split(",")}


def test_what_is_kept_is_forgotten_when_the_minute_is_over(front: PublicCache, partnership: Live) -> None:
    moment = [0.0]
    front.present.clock = lambda: moment[0]
    client = TestClient(front)
    client.get("/de", headers=BROWSER)
    (first,) = front.found.values()
    client.get("/de", headers=BROWSER)
    assert list(front.found.values()) == [first]
    midnight = (START + timedelta(days=1)).replace(hour=0, minute=0)
    for at in (midnight - timedelta(seconds=1), midnight):
        moment[0] += 1.0
        partnership.clock.set(at)
        client.get("/de", headers=BROWSER)
        (again,) = front.found.values()
        assert again is not first
        first = again


def test_the_fronts_answer_for_one_state(front: PublicCache) -> None:
    assert front.app.present is front.present  # type: ignore[attr-defined]


def test_a_look_that_began_before_a_change_is_not_taken_for_the_news_after_it() -> None:
    state, reading, go_on = [1], threading.Event(), threading.Event()

    def slow() -> int:
        found = state[0]
        reading.set()
        go_on.wait(5)
        return found

    present = Present(slow)

    async def story() -> list[Any]:
        early = asyncio.ensure_future(present.now())
        while not reading.is_set():
            await asyncio.sleep(0.001)
        state[0] = 2
        present.moved()
        late = asyncio.ensure_future(present.now())
        await asyncio.sleep(0.01)
        go_on.set()
        await early
        return [await late, await present.now()]

    with ThreadPoolExecutor(1) as thread:  # a browser of other tests keeps a loop in this one
        assert thread.submit(asyncio.run, story()).result() == [2, 2]
