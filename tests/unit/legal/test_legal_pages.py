"""The legal matrix as people use it: steps, pages, the table as CSV, and what others ask of it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from partnerships import Live, make_partnership, people

from bothbanks.app.partnership.desk import Done
from bothbanks.app.partnership.legal import recognised
from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.legal import LegalRule
from bothbanks.civic.compact.roles import ANYONE, COUNCIL, SECRETARIAT, Actor, Mandate
from bothbanks.site.app import create_site
from bothbanks.site.security import Security

PAGE = {"accept": "text/html"}
RULE = {"kind": "at-least", "value": "30", "text": "30 m", "source": "Amtsblatt 4", "member": "uferau"}


@pytest.fixture
def live(tmp_path: Path) -> Live:
    return make_partnership(tmp_path / "data")


@pytest.fixture
def client(live: Live) -> TestClient:
    return TestClient(create_site(live))


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> list[Actor]:
    who = [ANYONE]
    monkeypatch.setattr(Security, "who", lambda self, request: who[0])
    return who


def councillor(member: str) -> Actor:
    return Actor("c", (Mandate(COUNCIL, member, datetime(2026, 1, 1, tzinfo=UTC)),))


def code(outcome: Done | Refusal) -> str:
    assert isinstance(outcome, Refusal), outcome
    return outcome.code


def text(client: TestClient, path: str) -> str:
    answer = client.get(path, headers=PAGE)
    assert answer.status_code == 200, (path, answer.status_code)
    assert answer.text.count("<h1") == 1
    return answer.text


def test_the_matrix_of_the_folder(client: TestClient) -> None:
    rows = {r["subject"]: r for r in client.get("/api/legal").json()}
    assert {s: r["standing"] for s, r in rows.items()} == {
        "direktvergabe": "one-law", "deichabstand": "together", "sanitaet": "one-way", "funk": "not-known",
    }  # fmt: skip
    assert (rows["deichabstand"]["possible"], rows["direktvergabe"]["possible"]) == (True, None)
    assert rows["funk"]["unknown"] == ["uferau"]


def test_pages_of_each_kind_of_subject(live: Live, client: TestClient, reader: list[Actor]) -> None:
    for language in ("de", "fr"):
        text(client, f"/{language}/legal")
        for subject in ("direktvergabe", "deichabstand", "sanitaet", "funk"):
            page = f"/{language}/legal/{subject}"
            for actor, forms in ((ANYONE, 0), (people(live, SECRETARIAT), 2), (councillor("uferau"), 1)):
                reader[0] = actor
                assert text(client, page).count("do/legal.amend-rule") == forms


def test_words_of_a_conflict(client: TestClient) -> None:
    page = text(client, "/de/legal/sanitaet")
    assert "nur in einer Richtung anerkannt" in page
    assert "Keine einzelne Regel erfüllt alle" in page
    assert "mindestens 25 m" in text(client, "/de/legal/deichabstand")
    assert "nicht bekannt, zu erfragen" in text(client, "/de/legal/funk")


def test_what_held_on_a_day(live: Live, client: TestClient) -> None:
    with live.reading() as reader:
        (rule,) = [k for k in reader.all(LegalRule, parent="deichabstand") if k.state.member == "uferau"]
    payload = {**RULE, "rule": rule.id, "valid_from": "2027-01-01", "version": rule.version}
    assert isinstance(live.act("legal.amend-rule", payload, councillor("uferau")), Done)
    before = client.get("/api/legal/deichabstand?day=2026-12-31").json()["cells"]
    after = client.get("/api/legal/deichabstand?day=2027-01-01").json()["cells"]
    asked = [
        [c["demands"][0]["value"] for c in cells if c["member"] == "uferau"] for cells in (before, after)
    ]
    assert asked == [["25"], ["30"]]
    assert "30 m" in text(client, "/de/legal/deichabstand")  # in the history
    assert code(live.act("legal.amend-rule", payload, councillor("uferau"))) == "store.conflict"


def test_each_member_keeps_its_own_rules(live: Live) -> None:
    with live.reading() as reader:
        rule = next(k for k in reader.all(LegalRule) if k.state.member == "uferau")
    theirs = {**RULE, "rule": rule.id, "member": "steinach"}
    assert code(live.act("legal.amend-rule", theirs, councillor("steinach"))) == "legal.other-member"
    assert (
        code(live.act("legal.amend-rule", {**RULE, "rule": rule.id}, councillor("steinach")))
        == "command.right"
    )
    again = {**RULE, "subject": "deichabstand"}
    assert code(live.act("legal.add-rule", again, people(live, SECRETARIAT))) == "legal.rule-there"
    empty = {**RULE, "rule": rule.id, "value": None}
    assert code(live.act("legal.amend-rule", empty, councillor("uferau"))) == "legal.value"


def test_numbers_are_exact_and_short(live: Live, client: TestClient) -> None:
    with live.reading() as reader:
        rule = next(k for k in reader.all(LegalRule, parent="deichabstand") if k.state.member == "uferau")
    for wrong in ("1e999999999", "1/0", "ten", "9" * 40):
        payload = {**RULE, "rule": rule.id, "value": wrong}
        assert code(live.act("legal.amend-rule", payload, councillor("uferau"))) == "command.form"
    assert isinstance(
        live.act("legal.amend-rule", {**RULE, "rule": rule.id, "value": "1/3"}, councillor("uferau")), Done
    )
    for day in ("9999-12-31", "0001-01-01"):
        text(client, f"/de/legal?day={day}")
        assert client.get(f"/api/legal?day={day}").status_code == 200


def test_a_rule_ends_and_another_begins(live: Live) -> None:
    with live.reading() as reader:
        rule = next(k for k in reader.all(LegalRule, parent="deichabstand") if k.state.member == "uferau")
    end = {"rule": rule.id, "member": "uferau", "last_day": "2026-11-30", "reason": "aufgehoben"}
    assert isinstance(live.act("legal.retire-rule", end, councillor("uferau")), Done)
    again = {**RULE, "subject": "deichabstand", "valid_from": "2026-12-01"}
    assert isinstance(live.act("legal.add-rule", again, councillor("uferau")), Done)


def test_recognition_closes_the_conflict_from_its_first_day(live: Live, client: TestClient) -> None:
    back = {"subject": "sanitaet", "givers": ["uferau"], "takers": ["steinach"], "article": "art-final",
            "source": "Protokoll 3", "since": "2027-01-01"}  # fmt: skip
    assert code(live.act("legal.record-recognition", back, councillor("steinach"))) == "command.right"
    done = live.act("legal.record-recognition", back, people(live, SECRETARIAT))
    assert isinstance(done, Done)
    standing = [
        client.get(f"/api/legal/sanitaet?day={d}").json()["standing"] for d in ("2026-12-31", "2027-01-01")
    ]
    assert standing == ["one-way", "recognised"]
    with live.reading() as reader:
        assert recognised(reader, "sanitaet", "steinach", "uferau", date(2026, 11, 24)) is not None
        assert recognised(reader, "sanitaet", "uferau", "steinach", date(2026, 11, 24)) is None
    ends = {"recognition": done.answer["recognition"], "last_day": "2027-06-30", "reason": "gekündigt"}
    assert isinstance(live.act("legal.end-recognition", ends, people(live, SECRETARIAT)), Done)
    assert client.get("/api/legal/sanitaet?day=2027-07-01").json()["standing"] == "one-way"


def test_the_table_is_safe_in_a_spreadsheet(live: Live, client: TestClient) -> None:
    with live.reading() as reader:
        rule = next(k for k in reader.all(LegalRule, parent="funk") if k.state.member == "uferau")
    payload = {"rule": rule.id, "member": "uferau", "kind": "not-known", "text": "=1+1", "source": "@fragen"}
    assert isinstance(live.act("legal.amend-rule", payload, councillor("uferau")), Done)
    answer = client.get("/api/legal/matrix.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 4 * 2
    (line,) = [r for r in rows if r["subject"] == "funk" and r["member"] == "uferau"]
    assert (line["known"], line["text"], line["source"]) == ("no", "'=1+1", "'@fragen")


def test_what_is_not_there(client: TestClient) -> None:
    assert client.get("/de/legal/nothing", headers=PAGE).status_code == 404
    assert client.get("/api/legal/nothing").status_code == 404
    assert client.get("/api/legal?day=yesterday").status_code in (400, 422)


def test_where_most_of_the_law_is_not_known_that_is_the_headline(live: Live, client: TestClient) -> None:
    with live.reading() as reader:
        rules = [k for k in reader.all(LegalRule) if k.state.member == "uferau" and k.state.subject != "funk"]
    for kept in rules:
        end = {"rule": kept.id, "member": "uferau", "last_day": "2026-11-30", "reason": "aufgehoben"}
        assert isinstance(live.act("legal.retire-rule", end, councillor("uferau")), Done)
    back = {"subject": "sanitaet", "givers": ["uferau"], "takers": ["steinach"], "article": "art-final",
            "source": "Protokoll 3", "since": "2026-12-01"}  # fmt: skip
    assert isinstance(live.act("legal.record-recognition", back, people(live, SECRETARIAT)), Done)
    page = text(client, "/de/legal?day=2026-12-01")
    headline = page.split("<h1>")[1].split("</h1>")[0]
    assert headline.startswith("Bei 4 von 4 Themen ist das Recht eines Mitglieds nicht bekannt")
