"""Readers of the site by post: whoever a request's header names, so that a test sees what each post sees."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from partnerships import Live, people
from starlette.requests import Request
from starlette.testclient import TestClient

from bothbanks.civic.compact.roles import ANYONE, Actor
from bothbanks.site.app import create_site
from bothbanks.site.security import Security

HEADER = "x-post"
PAGE = {"accept": "text/html"}


def who(live: Live, post: str) -> Actor:
    """'duty-officer@steinach' as somebody; '' is the public."""
    if not post:
        return ANYONE
    role, _, member = post.partition("@")
    return people(live, role, member, f"person-{role}-{member or 'all'}")


@pytest.fixture
def site(partnership: Live, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The site, its readers named by a header; nothing else of it is changed."""
    monkeypatch.setattr(Security, "who", lambda _, request: who(partnership, _post(request)), raising=True)
    with TestClient(create_site(partnership), follow_redirects=False) as client:
        yield client


def _post(request: Request) -> str:
    return request.headers.get(HEADER, "")


def as_(post: str, **more: str) -> dict[str, str]:
    """Headers that name a reader."""
    return {HEADER: post, **more} if post else dict(more)
