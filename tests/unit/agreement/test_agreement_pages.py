"""The pages, the documents and the calendar of the agreement, in the languages of the small region."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from icalendar import Calendar
from lxml import html
from partnerships import Live, make_partnership, people

from bothbanks.app.partnership.desk import Done
from bothbanks.civic.compact.roles import COUNCIL, SECRETARIAT
from bothbanks.site.app import create_site
from bothbanks.site.security import Security
from bothbanks.standards.akoma_ntoso import faults

PAGES = (
    "/agreement",
    "/agreement?version=1",
    "/agreement?day=2020-01-01",
    "/agreement/articles/art-votes",
    "/agreement/versions",
    "/agreement/compare",
    "/agreement/languages",
    "/agreement/checklist",
    "/agreement/documents",
    "/calendar",
    "/calendar?member=uferau",
)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Live:
    return make_partnership(tmp_path_factory.mktemp("agreement") / "data")


@pytest.fixture(scope="module")
def client(live: Live) -> TestClient:
    return TestClient(create_site(live), headers={"accept": "text/html"})


@pytest.mark.parametrize("language", ["de", "fr"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_with_one_heading(client: TestClient, language: str, path: str) -> None:
    answer = client.get(f"/{language}{path}")
    assert answer.status_code == 200, answer.text[:400]
    root = html.fromstring(answer.text)
    assert len(root.findall(".//h1")) == 1
    assert root.get("lang") == language
    ids = [e.get("id") for e in root.iter() if isinstance(e.tag, str) and e.get("id")]
    assert len(ids) == len(set(ids))
    assert "<form" not in answer.text.split("<main")[1].split("</main>")[0] or "csrf" not in answer.text


def test_every_article_stands_on_the_page_under_its_own_anchor(client: TestClient) -> None:
    root = html.fromstring(client.get("/fr/agreement").text)
    articles = root.xpath("//section[@class='art']/@id")
    assert len(articles) == 41
    for link in root.xpath("//nav[@class='contents']//a/@href"):
        assert link.removeprefix("#") in articles


@pytest.mark.parametrize(
    "path",
    ["/agreement?version=9", "/agreement/articles/art-none", "/calendar?member=x", "/calendar.ics?member=x"],
)
def test_what_is_not_there_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(f"/de{path}").status_code == 404


def test_documents_are_what_they_say(client: TestClient) -> None:
    document = client.get("/de/agreement/text.akn")
    assert document.headers["content-type"].startswith("application/akn+xml")
    assert faults(document.content) == ()
    feed = client.get("/fr/calendar.ics")
    assert feed.headers["content-type"].startswith("text/calendar")
    assert str(Calendar.from_ical(feed.content)["NAME"])
    data = client.get("/api/agreement").json()
    assert (data["status"], len(data["articles"])) == ("draft", 41)
    assert set(data["articles"][0]["text"]) == {"de", "fr"}


def test_forms_are_shown_to_those_who_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live = make_partnership(tmp_path / "data")
    who = [people(live, SECRETARIAT)]
    monkeypatch.setattr(Security, "who", lambda self, request: who[0])
    client = TestClient(create_site(live), headers={"accept": "text/html"})
    page = client.get("/de/agreement/articles/art-votes?version=1").text
    for name in ("word-article", "set-term", "comment"):
        assert f"/de/do/agreement.{name}" in page
    done = live.act("agreement.set-term", {"version": 1, "term": "notice", "value": "28"}, who[0])
    assert isinstance(done, Done)
    compared = html.fromstring(client.get("/fr/agreement/compare").text)
    assert [e.text for e in compared.iter("del")] == ["21", "21"]
    assert [e.text for e in compared.iter("ins")] == ["28", "28"]
    who[0] = people(live, COUNCIL, "uferau")
    text = client.get("/fr/agreement?version=2").text
    assert "/fr/do/agreement.put-to-vote" in text
    assert "/fr/do/agreement.adopt" not in text
