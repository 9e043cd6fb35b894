"""A database that doesn't answer: pages and programs are told so in words, and when to come back."""

from __future__ import annotations

from contextlib import AbstractContextManager

import pytest
from fastapi.testclient import TestClient
from partnerships import Live

from bothbanks.site.app import create_site
from bothbanks.store.errors import UnavailableError


@pytest.fixture
def client(partnership: Live, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    client = TestClient(create_site(partnership), cookies={"bothbanks": "x" * 43})

    def away() -> AbstractContextManager[object]:
        raise UnavailableError("postgresql://city@db.inside/meuse doesn't answer")

    monkeypatch.setattr(partnership.store, "reading", away)
    monkeypatch.setattr(partnership.store, "writing", away)
    return client


@pytest.mark.parametrize("path", ["/healthz", "/api/members", "/collections"])
def test_a_program_gets_a_problem_and_when_to_come_back(client: TestClient, path: str) -> None:
    said = client.get(path)
    assert (said.status_code, said.json()["code"]) == (503, "store.unavailable")
    assert int(said.headers["retry-after"]) > 0
    assert said.headers["content-type"] == "application/problem+json"
    assert "db.inside" not in said.text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", "Die Datenbank des Dienstes antwortet nicht"),
        ("fr", "La base de données du service ne répond pas"),
    ],
)
def test_a_reader_gets_a_page_in_the_language_of_the_address(
    client: TestClient, language: str, words: str
) -> None:
    said = client.get(f"/{language}", headers={"accept": "text/html"})
    assert (said.status_code, int(said.headers["retry-after"]) > 0) == (503, True)
    assert words in said.text
    assert "db.inside" not in said.text
