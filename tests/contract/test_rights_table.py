"""The table of rights, in full: every route is called as every role and answers what the table says."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from typing import Any

import pytest
from partnerships import START, Live
from people_fixture import browser, fast_hashing
from starlette.testclient import TestClient

from bothbanks.app.partnership import sign_in
from bothbanks.app.partnership.areas import commands
from bothbanks.civic.changes import Change
from bothbanks.civic.compact.accounts import Person
from bothbanks.civic.compact.people import Holding
from bothbanks.civic.compact.roles import ANYONE, PUBLIC, ROLES, Mandate
from bothbanks.site.app import create_site
from bothbanks.site.security import Limit, table
from bothbanks.site.security.guards import Limits
from bothbanks.site.security.table import READERS, Row
from bothbanks.site.visit import Visit

__all__ = ["fast_hashing"]
pytestmark = pytest.mark.usefixtures("fast_hashing")
SAMPLES: dict[str, Any] = {
    "string": "x",
    "integer": 1,
    "number": 1,
    "boolean": False,
    "array": [],
    "object": {},
    "date": "2026-12-01",
    "date-time": "2026-12-01T00:00:00Z",
}


@pytest.fixture
def site(partnership: Live) -> Any:
    """Somebody of each role for the first member, one without a mandate; and no limits."""
    member = next(iter(partnership.region.members))
    with partnership.desk(ANYONE) as desk:
        for column in READERS:
            if column == PUBLIC:
                continue
            desk.keep(column, Change(Person(column, column, column, "de", START), ()), None)
            if column in ROLES:
                mandate = Mandate(column, member, datetime(2026, 1, 1, tzinfo=UTC), seat="leitung")
                desk.keep(f"m-{column}", Change(Holding(f"m-{column}", column, mandate), ()), None)
    made = create_site(partnership)
    free = {
        name: Limit(10**6, 0.001) for name in ("address", "account_here", "account", "person", "stranger")
    }
    made.state.rooms.security.limits = Limits(**free)
    return made


def client_of(site: Any, column: str) -> TestClient:
    client = browser(site)
    if column != PUBLIC:
        client.cookies.set("bothbanks", sign_in.begin(site.state.rooms.partnership, column, "test"))
    return client


def sample(schema: dict[str, Any], defs: dict[str, Any]) -> Any:
    """A value that the schema takes, so that the right and not the form is asked."""
    if "$ref" in schema:
        return sample(defs[schema["$ref"].rsplit("/", 1)[-1]], defs)
    if "enum" in schema or "const" in schema:
        return schema.get("enum", [schema.get("const")])[0]
    for choice in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        return sample(choice, defs)
    if schema.get("pattern") and schema.get("type") == "string" and schema.get("format") is None:
        return "1"
    if "minimum" in schema:
        return schema["minimum"]
    if schema.get("type") == "object" and "properties" in schema:
        return {name: sample(schema["properties"][name], defs) for name in schema.get("required", ())}
    return SAMPLES[schema.get("format") or schema.get("type", "string")]


def payload(name: str, member: str) -> dict[str, Any]:
    """A form of a command that can be read, for that member."""
    command = commands()[name]
    schema = command.adapter.json_schema(mode="validation")
    made = {
        f.name: sample(schema["properties"][f.name], schema.get("$defs", {}))
        for f in fields(command.form)
        if f.default is MISSING and f.default_factory is MISSING
    }
    named = {f.name for f in fields(command.form)}
    return made | ({"member": member} if "member" in named else {})


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes each dataset whose door let somebody in, so that 'not there' is told from 'not for you'."""
    through: list[str] = []

    def noted(*parts: Any) -> Visit:
        visit = Visit(*parts)
        through.append(visit.seen.dataset)
        return visit

    monkeypatch.setattr("bothbanks.site.door.Visit", noted)
    return through


def address(path: str) -> str:
    filled = path.replace("{language:language}", "de").replace("{article}", "art-none")
    for number in ("{version}", "{seq}"):
        filled = filled.replace(number, "0")
    asks = "?dataset=none" if path == "/api/sharing/decision" else ""
    return re.sub(r"{[^}]+}", "none", filled.replace("{year}", "2026")) + asks


def read_as(site: Any, row: Row, column: str, passed: list[str]) -> str:
    passed.clear()
    client = client_of(site, column)
    more: dict[str, Any] = {"json": {}} if row.method in ("POST", "PUT", "PATCH") else {}
    answer = client.request(row.method, address(row.path), **more)
    assert answer.status_code != 500, (row, column, answer.text)
    return "yes" if row.behind in passed else "no"


def test_reading_every_route_behind_a_dataset_as_every_role(site: Any, passed: list[str]) -> None:
    with site.state.rooms.partnership.reading() as reader:
        found = [row for row in table.rows(site, reader) if row.kind == "dataset"]
    assert found
    wrong = [
        (row.method, row.path, column, said, "says", answer)
        for row in found
        for column, said in zip(READERS, row.answers, strict=True)
        if (answer := read_as(site, row, column, passed)) != said
    ]
    assert wrong == []


def page_as(site: Any, row: Row, column: str) -> str:
    client = client_of(site, column)
    answer = client.request(row.method, address(row.path))
    assert answer.status_code != 500, (row, column, answer.text)
    if answer.status_code == 401:
        assert column == PUBLIC
    return "no" if answer.status_code in (401, 404) else "yes"


def test_opening_every_page_of_accounts_as_every_role(site: Any) -> None:
    with site.state.rooms.partnership.reading() as reader:
        found = [row for row in table.rows(site, reader) if row.kind == "page"]
    assert {row.path.rsplit("/", 1)[-1] for row in found} >= {"me", "admin", "confirmations", "add", "invite"}
    for row in found:
        assert tuple(page_as(site, row, column) for column in READERS) == row.answers, row


def step_as(site: Any, name: str, column: str, member: str) -> bool:
    """Whether the right to a step was granted; whatever else may stand in its way."""
    client = client_of(site, column)
    token = client.get("/api/people/me").json()["csrf"]
    answer = client.post(f"/api/do/{name}", json=payload(name, member), headers={"x-csrf-token": token})
    assert answer.status_code != 500, (name, column, answer.text)
    code = answer.json().get("code", "")
    assert code not in ("command.form", "people.form-token", "command.member"), (name, answer.text)
    return code != "command.right"


def test_taking_every_step_as_every_role_for_ones_own_member_and_another(site: Any) -> None:
    own, other = list(site.state.rooms.partnership.region.members)[:2]
    with site.state.rooms.partnership.reading() as reader:
        found = [row for row in table.rows(site, reader) if row.path.startswith("/api/do/")]
    assert {row.behind for row in found} == set(commands())
    wrong = []
    for row in found:
        named = "member" in {f.name for f in fields(commands()[row.behind].form)}
        for column, said in zip(READERS, row.answers, strict=True):
            mine = step_as(site, row.behind, column, own)
            theirs = step_as(site, row.behind, column, other) if named and said == "own member" else mine
            answer = "no" if not mine else "yes" if theirs or not named else "own member"
            wanted = "yes" if said == "own member" and not named else said
            if answer != wanted:
                wrong.append((row.behind, column, said, "says", answer))
    assert wrong == []


def test_every_form_of_a_step_has_the_same_right_as_its_json(site: Any) -> None:
    with site.state.rooms.partnership.reading() as reader:
        found = [row for row in table.rows(site, reader) if row.kind == "step"]
    forms = {row.behind: row.answers for row in found if not row.path.startswith("/api/")}
    assert forms == {row.behind: row.answers for row in found if row.path.startswith("/api/")}
    client = client_of(site, PUBLIC)
    for name in forms:
        answer = client.post(f"/de/do/{name}", data={"csrf": ""})
        assert answer.status_code in (401, 403, 404, 422), name


def test_nothing_is_open_to_everybody_but_what_is_meant_to_be(site: Any) -> None:
    with site.state.rooms.partnership.reading() as reader:
        opened = {address(row.path) for row in table.rows(site, reader) if row.kind == "open"}
    expected = {
        "/", "/de", "/healthz", "/openapi.json", "/assets/0/none", "/de/sign-in", "/de/sign-out",
        "/de/sign-in/with/none", "/sign-in/back", "/de/invitation/none", "/de/invitation", "/api/people/me",
        "/api/passkeys/begin-sign-in", "/api/passkeys/sign-in", "/api/passkeys/begin-new",
        "/api/passkeys/new",
    }  # fmt: skip
    # These pass the gate inside, layer by layer, or are published by their nature (the record's head).
    judged_inside = ("/api", "/collections", "/catalogue", "/conformance", "/record/", "/de/search")
    assert expected <= opened
    assert [path for path in opened - expected if not path.startswith(judged_inside)] == []
