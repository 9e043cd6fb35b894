"""The record's addresses: what a witness and an auditor get, and the pages for people."""

from __future__ import annotations

from base64 import b64decode

import pytest
from fastapi.testclient import TestClient
from partnerships import Live

from bothbanks.app.partnership.notary import own_registry
from bothbanks.civic.compact.roles import CLOCK
from bothbanks.record.entries import Entry
from bothbanks.record.note import Head, Note
from bothbanks.record.tree import extends, includes, leaf_hash
from bothbanks.site.app import create_site

PAGE = {"accept": "text/html"}


@pytest.fixture
def client(partnership: Live) -> TestClient:
    return TestClient(create_site(partnership))


def write(live: Live, count: int) -> None:
    with live.desk(CLOCK) as desk:
        desk.record(
            *(Entry("votes.opened", f"vote/{n}", {"n": n}, {"clerk": "A. N. Other"}) for n in range(count))
        )


def test_an_auditor_can_check_everything_from_the_addresses_alone(
    partnership: Live, client: TestClient
) -> None:
    first = Head.read(Note.read(client.get("/record/checkpoint").text).text)
    write(partnership, 9)
    answer = client.get("/record/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    note = Note.read(answer.text)
    head = Head.read(note.text)
    keys = client.get("/record/keys").json()
    with partnership.reading() as reader:
        host = own_registry(reader.store, partnership.region.id).host[-1].key
    assert note.signed_by(host)
    assert (keys["origin"], keys["host"][-1]["key"]) == (head.origin, host.text)
    assert head.size == first.size + 9
    sizes = f"from={first.size}&to={head.size}"
    path = client.get(f"/record/proof/consistency?{sizes}").json()["path"]
    assert extends(first.size, first.root, head.size, head.root, [b64decode(h) for h in path])
    entries = client.get(f"/record/entries?start={head.size - 3}").json()
    assert [e["seq"] for e in entries["entries"]] == [head.size - 3, head.size - 2, head.size - 1]
    for entry in entries["entries"]:
        proof = client.get(f"/record/proof/inclusion?seq={entry['seq']}&size={head.size}").json()
        hashed = leaf_hash(entry["leaf"].encode())
        assert b64decode(proof["leaf_hash"]) == hashed
        assert includes(head.root, head.size, entry["seq"], hashed, [b64decode(h) for h in proof["path"]])


def test_what_is_not_there_is_answered_in_order(client: TestClient) -> None:
    size = client.get("/api/record").json()["size"]
    big = 2**53 - 1
    for path, status in (
        (f"/record/proof/inclusion?seq={size}&size={size}", 404),
        (f"/record/proof/inclusion?seq=0&size={big}", 404),
        (f"/record/proof/consistency?from=2&to={big}", 404),
        ("/record/proof/consistency?from=3&to=2", 404),
        ("/record/proof/consistency?from=0&to=2", 400),
        ("/record/entries?start=-1", 400),
        (f"/record/entries?start={2**70}", 400),
        ("/record/entries?start=9&end=3", 200),
        (f"/de/record/entry/{size}", 404),
        ("/de/record/about/nothing/1", 404),
        ("/de/record/about/a%00b", 400),
        ("/de/record/entries?area=A'B", 400),
        ("/de/record/find?number=x", 404),
        (f"/de/record/find?number={size}", 404),
    ):
        assert client.get(path).status_code == status, path


@pytest.mark.parametrize(
    "payload",
    [
        {"size": 1, "line": "\ud800"},
        {"size": 1, "line": "— a AAAA"},
        {"size": 2**70, "line": ""},
        {"size": -1, "line": ""},
        {"size": "x"},
        {},
    ],
)
def test_a_false_cosignature_is_refused_and_never_a_fault(client: TestClient, payload: object) -> None:
    import json

    answer = client.post(
        "/api/do/record.cosign", content=json.dumps(payload), headers={"content-type": "application/json"}
    )
    assert 400 <= answer.status_code < 500, answer.text


def test_entries_come_a_thousand_at_most(partnership: Live, client: TestClient) -> None:
    write(partnership, 1005)
    found = client.get("/record/entries").json()
    assert len(found["entries"]) == 1000
    assert found["size"] > 1005
    rest = client.get("/record/entries?start=1000").json()["entries"]
    assert [e["seq"] for e in rest] == list(range(1000, found["size"]))


def test_without_its_key_the_last_signed_head_is_still_served(partnership: Live, client: TestClient) -> None:
    text = client.get("/record/checkpoint").text
    for file in (partnership.data / "keys").glob("record-*"):
        file.unlink()
    write(partnership, 1)
    assert client.get("/record/checkpoint").text == text


def test_the_pages_say_what_is_pending_and_hold_nothing_personal(
    partnership: Live, client: TestClient
) -> None:
    write(partnership, 60)
    client.get("/record/checkpoint")
    size = client.get("/api/record").json()["size"]
    pages = {
        path: client.get(path, headers=PAGE)
        for path in (
            "/de/record",
            "/de/record/entries",
            f"/de/record/entries?before={size - 50}&area=votes",
            f"/fr/record/entry/{size - 1}",
            "/de/record/about/vote/3",
            "/fr/record/keys",
        )
    }
    for path, page in pages.items():
        assert page.status_code == 200, path
        assert page.text.count("<h1") == 1, path
        assert "A. N. Other" not in page.text, path
        assert '"record.register-witness"' not in page.text
    assert f"Alle {size} Einträge des Registers sind noch offen" in pages["/de/record"].text
    assert "Ältere Einträge" in pages["/de/record/entries"].text
    assert "<h1>Abstimmung: 3</h1>" in pages["/de/record/about/vote/3"].text
    proof = client.get(f"/record/proof/inclusion?seq={size - 1}&size={size}").json()
    assert proof["root"] in pages[f"/fr/record/entry/{size - 1}"].text.replace("&#43;", "+").replace(
        "&#x2B;", "+"
    )
    found = client.get(f"/de/record/find?number={size - 1}", follow_redirects=False)
    assert found.headers["location"] == f"/de/record/entry/{size - 1}"
