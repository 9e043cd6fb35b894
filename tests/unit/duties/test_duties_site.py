"""Pages and API of duties, disputes, obstacle files and money, as everybody and as somebody with a role."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from duties_fixture import live, two_banks
from fastapi.testclient import TestClient
from partnerships import Live, people

from bothbanks.app.partnership.desk import Done
from bothbanks.civic.compact.roles import Actor, Mandate
from bothbanks.site.app import create_site

__all__ = ["live", "two_banks"]

PAGE = {"accept": "text/html"}
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
EVERYTHING = Actor(
    "somebody",
    tuple(
        Mandate(role, member, SINCE)
        for role, member in (
            ("secretariat", ""), ("council", "steinach"), ("council", "uferau"), ("duty-officer", "steinach"),
        )
    ),
)  # fmt: skip


def client(live: Live, actor: Actor | None = None) -> TestClient:
    site = create_site(live)
    if actor is not None:
        object.__setattr__(site.state.rooms.security, "who", lambda request: actor)
    return TestClient(site)


def act(live: Live, name: str, actor: Actor, **payload: Any) -> str:
    outcome = live.act(name, payload, actor)
    assert isinstance(outcome, Done), str(outcome)
    return outcome.subject.split("/")[1]


@pytest.fixture
def story(live: Live) -> tuple[Live, dict[str, str]]:
    office, left, right = (
        people(live, "secretariat"), people(live, "council", "steinach"), people(live, "council", "uferau"),
    )  # fmt: skip
    live.clock.set(datetime(2027, 5, 20, 9, tzinfo=UTC))
    live.tick()
    dispute = act(
        live, "disputes.open", left, member="steinach", respondents=["uferau"], about="duty",
        subject="report-uferau", words="no report came",
    )  # fmt: skip
    act(
        live,
        "disputes.add-paper",
        right,
        dispute=dispute,
        member="uferau",
        sha256="cd" * 32,
        words="SECRET WORDS",
    )
    obstacle = act(
        live, "obstacles.submit", office, title="Blue lights", words="not allowed", initiator="secretariat",
        country="DE", authority="a ministry",
    )  # fmt: skip
    statement = act(
        live, "money.register-statement", office, about="trigger", terms="bridge", sha256="ab" * 32,
        stated_on="2027-05-01", due=["steinach 100.00", "uferau 50.00"], currency="CHF",
    )  # fmt: skip
    claim = act(
        live,
        "money.file-claim",
        right,
        statement=statement,
        member="uferau",
        amount="10.50",
        reason="a gauge",
    )
    return live, {"dispute": dispute, "obstacle": obstacle, "claim": claim}


def test_every_page_is_whole_for_whoever_may_do_everything(story: tuple[Live, dict[str, str]]) -> None:
    live, ids = story
    open_ = client(live, EVERYTHING)
    for path in (
        "/duties", "/duties/presidency", "/duties/plans", "/duties/plans/high-water", "/duties/report-uferau",
        "/duties/review", "/disputes", f"/disputes/{ids['dispute']}", "/obstacles",
        f"/obstacles/{ids['obstacle']}", "/money", f"/money/claims/{ids['claim']}",
    ):  # fmt: skip
        for language in ("de", "fr"):
            answer = open_.get(f"/{language}{path}", headers=PAGE)
            assert answer.status_code == 200, path
            assert answer.text.count("<h1") == 1, path
            assert "style=" not in answer.text, path


def test_what_is_late_stands_first_and_its_ladder_is_drawn(story: tuple[Live, dict[str, str]]) -> None:
    live, _ = story
    text = client(live).get("/de/duties", headers=PAGE).text
    assert "2 Pflichten sind verspätet" in text
    assert "140" in text  # days from 31 December 2026 to 20 May 2027
    page = client(live).get("/fr/duties/report-uferau", headers=PAGE).text
    assert page.count('<li class="taken"') == 6
    assert "<form" not in page.split("<main")[1].split("</main>")[0]
    late = client(live).get("/api/duties/late").json()
    assert [(d["owner"], d["late_days"]) for d in late] == [("steinach", 140), ("uferau", 140)]


def test_closed_papers_and_names_stay_with_the_parties(story: tuple[Live, dict[str, str]]) -> None:
    live, ids = story
    party = client(live, Actor("p", (Mandate("council", "uferau", SINCE),)))
    assert "SECRET WORDS" in party.get(f"/de/disputes/{ids['dispute']}", headers=PAGE).text
    outside = Actor("q", (Mandate("engineer", "steinach", SINCE),))
    for actor in (None, outside):
        for path in (f"/api/disputes/{ids['dispute']}", "/api/disputes", f"/de/disputes/{ids['dispute']}"):
            assert "SECRET WORDS" not in client(live, actor).get(path).text
    assert client(live).get("/de/duties/none", headers=PAGE).status_code == 404


def test_the_api_answers_in_its_documented_form(story: tuple[Live, dict[str, str]]) -> None:
    live, ids = story
    open_ = client(live, EVERYTHING)
    schema = open_.get("/openapi.json").json()["paths"]
    for path in (
        "/api/duties", "/api/duties/late", "/api/duties/suspended", "/api/presidency", "/api/plans",
        "/api/disputes", "/api/obstacles", "/api/money/balances", "/api/money/entries",
        "/api/money/statements", "/api/money/claims", "/api/money/purchases",
    ):  # fmt: skip
        assert path in schema
        assert isinstance(open_.get(path).json(), list), path
    claim = open_.get(f"/api/money/claims/{ids['claim']}").json()
    assert (claim["amount_minor"], claim["deadlines"]["evidence"]) == (1050, "2027-06-19")
    report = open_.get("/api/obstacles/report/2027").json()
    assert report == {"year": 2027, "counts": {"submitted": 1, "closed-without-outcome": 0, "changed": 0,
                                               "legislation": 0, "not-resolved": 0}}  # fmt: skip
