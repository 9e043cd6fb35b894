"""What is sent and can't be kept, guessed at or found is refused; methods are as HTTP has them."""

from __future__ import annotations

from typing import Any

import pytest
from api_described import prepared, signed_in
from fastapi.testclient import TestClient
from partnerships import people

from bothbanks.civic.changes import Refusal
from bothbanks.site.security.inside import inside
from bothbanks.site.sent import read_json


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return prepared(tmp_path_factory.mktemp("asked"))


@pytest.fixture
def client(site: Any) -> TestClient:
    client = TestClient(site, base_url="http://localhost", follow_redirects=False)
    client.headers.update({"origin": "http://localhost", **signed_in(site, "secretariat")})
    return client


@pytest.mark.parametrize(
    "raw",
    [
        b'{"login": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"login": "a\\u0000"}',
        b'{"login": "\\u0007"}',
        b'{"n": 1e999}',
        b'{"n": ' + b"9" * 5000 + b"}",
        b'{"n": NaN}',
        b"[" * 100_000,
        b'{"n":' + b"[" * 60 + b"]" * 60 + b"}",
        b"\xff",
        b'{"n": "\xed\xa0\x80"}',
        b"",
    ],
)
def test_what_no_store_can_keep_is_no_json(client: TestClient, raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(raw)
    said = client.post("/api/do/people.add", content=raw, headers={"content-type": "application/json"})
    assert (said.status_code, said.json()["code"]) == (400, "command.json")


def test_pairs_of_surrogates_and_line_ends_are_kept() -> None:
    assert read_json(b'{"words": "\\ud83c\\udf0a\\n\\tB"}') == {"words": "\U0001f30a\n\tB"}


def test_a_step_by_json_is_not_guessed_at(client: TestClient) -> None:
    said = client.post("/api/do/people.add", json={"name": "A", "login": "a-1", "logn": "b"})
    assert (said.status_code, said.json()["code"]) == (422, "command.form")
    assert "logn: there is no such field" in said.json()["detail"]
    day = {"duty": "x", "due": 5, "reason": "r", "decision": "d"}
    said = client.post("/api/do/duties.extend", json=day)
    assert said.json()["code"] == "command.form"
    assert "due" in said.json()["detail"]


def test_no_step_is_taken_for_a_member_without_a_name(site: Any) -> None:
    """An empty name passed for 'no member named', which any member's council may act for."""
    live = site.state.rooms.partnership
    council = people(live, "council", next(iter(live.region.members)))
    forms = {"about": "article", "subject": "", "words": "w", "respondents": []}
    said = live.act("disputes.open", {"member": "", **forms}, council)
    assert isinstance(said, Refusal)
    assert said.code == "command.member"


def test_a_form_s_text_that_can_t_be_kept_is_refused(client: TestClient) -> None:
    token = client.get("/api/people/me").json()["csrf"]
    said = client.post("/de/do/people.add", data={"csrf": token, "name": "A\0", "login": "b-1"})
    assert (said.status_code, said.json()["code"]) == (400, "command.text")
    large = {"csrf": token, "name": "A" * (1 << 20), "login": "b-1"}
    assert client.post("/de/do/people.add", data=large).status_code == 413


@pytest.mark.parametrize("following", ["//evil.example", "/\\evil.example", "/a\tb", "https://evil.example"])
def test_no_form_leads_to_another_site(client: TestClient, following: str) -> None:
    token = client.get("/api/people/me").json()["csrf"]
    data = {"csrf": token, "next": following, "name": "A", "login": f"c-{abs(hash(following))}"}
    said = client.post("/de/do/people.add", data=data)
    assert (said.status_code, said.headers["location"]) == (303, "/de")
    assert inside(following, "/de") == "/de"


def test_the_place_after_a_form_takes_the_id_and_nothing_else(client: TestClient) -> None:
    token = client.get("/api/people/me").json()["csrf"]
    data = {"csrf": token, "next": "/de/{id}/{id.__class__}/{0}/{", "name": "A", "login": "d-1"}
    where = client.post("/de/do/people.add", data=data).headers["location"]
    assert where.startswith("/de/0")
    assert where.count("%7B") == 3


@pytest.mark.parametrize(
    "path", ["/api/legal?day=0", "/api/agreement?day=86400", "/api/money/balances?until=1"]
)
def test_a_number_is_no_day(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 400


@pytest.mark.parametrize(
    "path", ["/api/votes/%00", "/de/votes/a%1F", "/api/legal?day=%00", "/collections/%07"]
)
def test_control_characters_are_in_no_address(client: TestClient, path: str) -> None:
    said = client.get(path)
    assert (said.status_code, said.json()["code"]) == (400, "site.address")


@pytest.mark.parametrize("path", ["/de", "/api/votes", "/collections", "/healthz", "/api/votes/none"])
def test_head_is_get_without_the_body(client: TestClient, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert head.status_code == got.status_code
    assert head.content == b""
    assert head.headers["content-type"] == got.headers["content-type"]


def test_a_wrong_method_is_told_all_that_an_address_takes(client: TestClient) -> None:
    said = client.patch("/collections/x/items/y")
    assert (said.status_code, said.headers["allow"]) == (405, "DELETE, GET, HEAD, OPTIONS, PUT")
    assert client.options("/api/votes").headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", ["", "/members", "/members/queryables", "/members/schema", "/members/items"])
def test_layers_refuse_parameters_that_they_don_t_know(client: TestClient, path: str) -> None:
    said = client.get(f"/collections{path}?colour=red")
    assert said.status_code in (400, 404)
    assert said.status_code == 400 or path
