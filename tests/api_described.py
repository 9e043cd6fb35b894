"""What the check of the API and its short test share: a site to ask, people who ask, and what was found."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import schemathesis
from fastapi import FastAPI
from partnerships import START, make_partnership
from schemathesis.checks import CHECKS
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from starlette.testclient import TestClient

from bothbanks.app.partnership import sign_in
from bothbanks.civic.changes import Change
from bothbanks.civic.compact.accounts import Person
from bothbanks.civic.compact.people import Holding
from bothbanks.civic.compact.roles import ANYONE, PUBLIC, Mandate
from bothbanks.site.app import create_site
from bothbanks.site.security import Limit
from bothbanks.site.security.guards import Limits

ROLES = (PUBLIC, "secretariat", "council", "engineer", "duty-officer")
SEED = 20261124
UNREAD = ("command.form", "command.json", "command.object", "command.media", "site.request")
# Both end the session that asks, after which everything would be asked as the public.
ENDS_THE_SESSION = ("/api/do/people.sign-out-everywhere", "/api/do/people.erase")
# They read what a browser's authenticator makes, not what a description could tell.
NOT_FOR_GUESSING = ("/api/passkeys/",)


@dataclass
class Findings:
    """What was asked, and what was wrong: one sentence for each kind and address, with samples."""

    operations: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    problems: dict[str, list[str]] = field(default_factory=dict)

    def note(self, name: str, sample: str) -> None:
        self.problems.setdefault(name, []).append(sample)

    def join(self, role: str, other: Findings) -> None:
        for name, samples in other.problems.items():
            self.problems.setdefault(name, []).extend(f"as {role}: {sample}" for sample in samples)


def prepared(data: Path) -> FastAPI:
    """The small example's site without limits on how often one may ask, and somebody in each role."""
    live = make_partnership(data / "data")
    member = next(iter(live.region.members))
    with live.desk(ANYONE) as desk:
        for role in ROLES[1:]:
            desk.keep(role, Change(Person(role, role, role, "de", START), ()), None)
            mandate = Mandate(role, member, datetime(2026, 1, 1, tzinfo=UTC), seat="leitung")
            desk.keep(f"m-{role}", Change(Holding(f"m-{role}", role, mandate), ()), None)
    site = create_site(live)
    names = ("address", "account_here", "account", "person", "stranger")
    site.state.rooms.security.limits = Limits(**{name: Limit(10**9, 0.001) for name in names})
    return site


def signed_in(site: FastAPI, role: str) -> dict[str, str]:
    """The headers that somebody of that role sends: a session's cookie, and its token."""
    if role == PUBLIC:
        return {}
    cookie = f"bothbanks={sign_in.begin(site.state.rooms.partnership, role, 'test')}"
    client = TestClient(site, base_url="http://localhost")
    me = client.get("/api/people/me", headers={"cookie": cookie}).json()
    return {"Cookie": cookie, "X-CSRF-Token": me["csrf"]}


def read_as_described(ctx: Any, response: Any, case: Any) -> None:
    """What fits the description is read; what does not is refused with a problem document."""
    kind = response.headers.get("content-type", [""])[0].split(";")[0]
    if response.status_code >= 400:
        if kind != "application/problem+json":
            raise AssertionError(f"{response.status_code} as {kind}, not as a problem document")
        said = json.loads(response.content)
        if said["status"] != response.status_code or not said["code"] or not said["detail"]:
            raise AssertionError(f"a problem document that says too little: {said}")
        positive = case.meta is not None and case.meta.generation.mode.is_positive
        if positive and said["code"] in UNREAD:
            raise AssertionError(f"fits the description, but: {said['code']}: {said['detail']}")


if "read_as_described" not in CHECKS.get_all_names():  # this file may be read under two names
    schemathesis.check(read_as_described)


def ask(
    site: FastAPI,
    headers: dict[str, str],
    examples: int,
    *,
    edges: bool = False,
    only: tuple[str, ...] = (),
) -> Findings:
    """Ask every address (or those that begin so) what the description allows and forbids."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", site, config=_config(headers, examples, edges))
    schema = schema.exclude(lambda ctx: ctx.operation.path in ENDS_THE_SESSION)
    schema = schema.exclude(lambda ctx: ctx.operation.path.startswith(NOT_FOR_GUESSING))
    if only:
        schema = schema.include(lambda ctx: ctx.operation.path.startswith(only))
    out, seen = Findings(), set[str]()
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            out.note(f"{event.label}: {event.info.title}", str(event.value)[:500])
        elif isinstance(event, events.FatalError):
            raise event.exception
        elif isinstance(event, events.ScenarioFinished):
            seen.add(event.recorder.label)
            _take(event.recorder, out)
    out.operations = len(seen)
    return out


def _take(recorder: Any, out: Findings) -> None:
    for interaction in recorder.interactions.values():
        out.statuses[interaction.response.status_code if interaction.response else 0] += 1
    for case, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                said = recorder.interactions[case].response
                answer = f" -> {said.status_code} {said.content[:300]!r}" if said is not None else ""
                words = " ".join(f"{failure.title}: {failure.message}".split())[:400]
                sample = f"{words} | {check.failure_info.code_sample[:600]}{answer}"
                out.note(f"{recorder.label}: {check.name}", sample)


def _config(headers: dict[str, str], examples: int, edges: bool) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "headers": headers,
            "workers": 1,
            "generation": {
                "max-examples": examples,
                "deterministic": True,
                "no-shrink": True,
                "database": "none",
                "mode": "all",
            },
            "checks": {
                "not_a_server_error": {"enabled": True},
                # whether a rule refuses is no matter of the form; 'read_as_described' tells them apart
                "positive_data_acceptance": {
                    "expected-statuses": ["2xx", 401, 403, 404, 405, 409, 412, 422, 428, 503]
                },
                "negative_data_rejection": {"expected-statuses": [400, 401, 403, 404, 405, 415, 422, 428]},
                "ignored_auth": {"enabled": False},  # reading is open to the public where a rule says so
            },
            "phases": {
                "examples": {"enabled": False},
                "coverage": {"enabled": edges},
                "fuzzing": {"enabled": examples > 0},
                "stateful": {"enabled": examples > 0},
            },
        }
    )
