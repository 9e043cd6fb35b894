"""The pages and the API of votes: every state, in the reader's language, forms only for those who may."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from partnerships import START, Live, make_partnership, people

from bothbanks.app.partnership.desk import Done
from bothbanks.civic.compact.accounts import CONFIRMATION_LASTS
from bothbanks.civic.compact.roles import ANYONE, COUNCIL, SECRETARIAT, Actor, Mandate
from bothbanks.site.app import create_site
from bothbanks.site.security import Security

PAGE = {"accept": "text/html"}
END = START + timedelta(days=30)


def councillor(member: str) -> Actor:
    return Actor(f"c-{member}", (Mandate(COUNCIL, member, datetime(2026, 1, 1, tzinfo=UTC), organ="rat"),))


@pytest.fixture
def live(tmp_path: Path) -> Live:
    made = make_partnership(tmp_path / "data")
    return made


@pytest.fixture
def client(live: Live) -> TestClient:
    return TestClient(create_site(live))


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> list[Actor]:
    """Whoever is put first here is the one who reads."""
    who = [ANYONE]
    monkeypatch.setattr(Security, "who", lambda self, request: who[0])
    return who


def act(live: Live, name: str, actor: Actor, **payload: object) -> Done:
    found = live.act(name, payload, actor)
    assert isinstance(found, Done), str(found)
    return found


def vote_on(live: Live, rule: str) -> str:
    made = act(live, "votes.propose", councillor("steinach"), member="steinach", rule=rule, subject="duty/x",
               title={"de": "Ein Deich", "fr": "Une digue"})  # fmt: skip
    vote = str(made.answer["vote"])
    act(live, "votes.open", people(live, SECRETARIAT), vote=vote, closes=END.isoformat())
    return vote


def text(client: TestClient, path: str) -> str:
    answer = client.get(path, headers=PAGE)
    assert answer.status_code == 200, (path, answer.status_code)
    assert answer.text.count("<h1") == 1
    return answer.text


def test_the_list_says_what_is_open_and_what_closes_soon(live: Live, client: TestClient) -> None:
    assert "Jedes Jahr eine gemeinsame Übung" in text(client, "/de/votes")
    assert "late" not in text(client, "/de/votes").split("<main")[1]
    live.clock.set(START + timedelta(days=12))
    assert "late" in text(client, "/de/votes").split("<main")[1]


def test_a_result_is_explained_in_the_reader_s_words(live: Live, client: TestClient) -> None:
    vote = vote_on(live, "ordinary")
    act(live, "votes.cast", councillor("steinach"), vote=vote, member="steinach", choice="yes")
    act(live, "votes.cast", councillor("uferau"), vote=vote, member="uferau", choice="abstain")
    live.clock.set(END)
    live.tick()
    assert "Non adopté : membres pour : 1 sur 2, requis : 2" in text(client, f"/fr/votes/{vote}").replace(
        "\xa0", " "
    )
    german = text(client, f"/de/votes/{vote}")
    assert "Nicht angenommen: 1 von 2 Mitgliedern dafür, nötig: 2" in german
    answer = client.get(f"/api/votes/{vote}").json()
    assert answer["result"]["outcome"] == "rejected"
    assert answer["result"]["condition"]["parts"][0]["value"] == "1"


def test_a_secret_vote_shows_who_and_never_how(live: Live, client: TestClient, reader: list[Actor]) -> None:
    vote = vote_on(live, "election")
    done = act(live, "votes.cast", councillor("steinach"), vote=vote, member="steinach", choice="no")
    receipt = done.answer["receipt"]
    assert isinstance(receipt, dict)
    for who in (ANYONE, councillor("uferau"), councillor("steinach"), people(live, SECRETARIAT)):
        reader[0] = who
        page = text(client, f"/de/votes/{vote}")
        assert receipt["commitment"] in page
        assert receipt["salt"] not in page
        ballot = client.get(f"/api/votes/{vote}").json()["ballots"][0]
        assert ballot["choice"] == ""
        assert receipt["salt"] not in client.get("/api/votes").text
        for address in ("/record/entries", f"/de/record/entries?about=vote/{vote}"):
            assert receipt["salt"] not in client.get(address).text


def test_forms_are_only_for_those_who_may(live: Live, client: TestClient, reader: list[Actor]) -> None:
    vote = vote_on(live, "election")
    assert "do/votes.cast" not in text(client, f"/de/votes/{vote}")
    reader[0] = councillor("steinach")
    mine = text(client, f"/de/votes/{vote}")
    assert mine.count("do/votes.cast") == 1
    assert 'name="member" value="steinach"' in mine
    assert "do/votes.withdraw" in mine
    reader[0] = people(live, SECRETARIAT)
    assert "do/votes.propose" in text(client, "/de/votes/propose")
    live.clock.set(END)
    assert "do/votes.close" in text(client, f"/de/votes/{vote}")
    reader[0] = ANYONE
    assert "do/votes.propose" not in text(client, "/de/votes/propose")


def test_a_proposal_can_be_opened_by_the_secretariat(
    live: Live, client: TestClient, reader: list[Actor]
) -> None:
    for rule, command in (("ordinary", "votes.open"), ("amendment", "votes.open-irreversible")):
        made = act(live, "votes.propose", councillor("steinach"), member="steinach", rule=rule,
                   subject="duty/x", title="Ein Deich")  # fmt: skip
        reader[0] = people(live, SECRETARIAT)
        page = text(client, f"/fr/votes/{made.answer['vote']}")
        assert f'do/{command}"' in page
        least, proposed = re.findall(r'name="closes" min="([^"]+)" value="([^"]+)"', page)[0]
        confirming = datetime.fromisoformat(proposed) - datetime.fromisoformat(least)
        assert confirming > CONFIRMATION_LASTS, "a second person has time to confirm the opening"


def test_trying_a_vote_out(client: TestClient) -> None:
    page = text(client, "/de/votes/rules/ordinary?try=1&m-steinach=yes&m-uferau=no")
    assert "Nicht angenommen" in page
    assert "<svg" in page
    assert "Angenommen" in text(client, "/de/votes/rules/ordinary?try=1&m-steinach=yes&m-uferau=yes")
    assert 'id="outcome"' not in text(client, "/de/votes/rules/ordinary")
    found = client.get("/api/vote-rules/ordinary/what-if?yes=steinach&no=uferau").json()
    assert found["outcome"] == "rejected"
    assert client.get("/api/vote-rules/ordinary/what-if?yes=nobody").status_code == 404


def test_power_under_each_rule(client: TestClient) -> None:
    for rule in ("ordinary", "written", "election", "amendment"):
        text(client, f"/fr/votes/rules/{rule}")
        found = client.get(f"/api/vote-rules/{rule}/power").json()
        assert sum(i["shapley_shubik_number"] for i in found["indices"]) == pytest.approx(1)
        assert found["minimal_blocking"]


def test_what_is_not_there(client: TestClient) -> None:
    for path in ("/de/votes/nothing", "/de/votes/rules/nothing", "/de/votes/nothing/what-if"):
        assert client.get(path, headers=PAGE).status_code == 404
    for path in ("/api/votes/nothing", "/api/vote-rules/nothing/power"):
        assert client.get(path).status_code == 404
