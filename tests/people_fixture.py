"""What tests of people and of the guarded site share: hashing that costs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from httpx2 import Response
from starlette.testclient import TestClient

from bothbanks.app.partnership import sign_in
from bothbanks.app.partnership.live import Partnership
from bothbanks.civic.compact.roles import Actor


@pytest.fixture
def fast_hashing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Argon2id with the least settings there are; the real ones take a tenth of a second each."""
    monkeypatch.setattr(sign_in, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    sign_in._nobody.cache_clear()
    yield
    sign_in._nobody.cache_clear()


SENTENCE = "a bridge with two ends"


def person_id(live: Partnership, login: str) -> str:
    """The id of the made-up person with that sign-in name."""
    with live.reading() as reader:
        found = sign_in.person_by_login(reader, login)
    assert found is not None
    return found.id


def with_password(live: Partnership, login: str, password: str = SENTENCE) -> str:
    """Give that person a password; the person's id."""
    person = person_id(live, login)
    with live.desk(Actor(person)) as desk:
        token = sign_in.invite(desk, person)
    assert sign_in.accept(live, token, password) == person
    return person


def browser(site: object, origin: str = "http://localhost") -> TestClient:
    """Something like a browser on this machine: cookies, pages, no redirect followed."""
    kind = "text/html,application/xhtml+xml"
    return TestClient(
        site,  # type: ignore[arg-type]
        base_url=origin,
        headers={"accept": kind, "origin": origin, "sec-fetch-site": "same-origin"},
        follow_redirects=False,
    )


def form_token(page: str) -> str:
    """The token of the first form on a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None, page
    return found[1]


def enter(client: TestClient, login: str, password: str = SENTENCE, **more: str) -> Response:
    """Fill in the sign-in form and send it."""
    token = form_token(client.get("/de/sign-in").text)
    return client.post("/de/sign-in", data={"login": login, "password": password, "csrf": token, **more})
