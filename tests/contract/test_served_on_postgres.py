"""``bothbanks serve`` as real processes on one PostgreSQL: both answer, both see, exactly one of two wins."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import postgres
import pytest
from partnerships import TWO_BANKS

from bothbanks.app.partnership import sign_in
from bothbanks.app.partnership.opening import open_partnership
from bothbanks.civic.changes import Change
from bothbanks.civic.compact.accounts import Person
from bothbanks.civic.compact.people import Holding
from bothbanks.civic.compact.roles import ANYONE, COUNCIL, ENGINEER, SECRETARIAT, Mandate
from bothbanks.site.cache import STATE_SECONDS
from bothbanks.site.security.csrf import token_for

pytestmark = pytest.mark.loopback
BOTHBANKS = [sys.executable, "-c", "from bothbanks.cli import main; main()"]
START_SECONDS, ROUNDS = 120, 4
POLYGON = [[[7.60, 47.55], [7.601, 47.55], [7.601, 47.551], [7.60, 47.551], [7.60, 47.55]]]


@dataclass
class Served:
    """A running service."""

    process: subprocess.Popen[str]
    client: httpx.Client

    def step(self, session: str, name: str, **form: Any) -> httpx.Response:
        headers = {"cookie": f"bothbanks={session}", "x-csrf-token": token_for(session)}
        return self.client.post(f"/api/do/{name}", json=form, headers=headers)


@contextmanager
def served(data: Path, address: str, *more: str | Path) -> Iterator[Served]:
    """``bothbanks serve`` on a free port, killed at the end."""
    command = [
        *BOTHBANKS,
        "serve",
        *map(str, more),
        "--data",
        str(data),
        "--database",
        address,
        "--port",
        "0",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        watch = threading.Timer(START_SECONDS, process.kill)
        watch.start()
        assert process.stdout is not None
        told = ""
        for line in process.stdout:
            told += line
            if " is open at " in line:
                break
        watch.cancel()
        assert " is open at " in told, told
        base = told.split(" is open at ")[1].split("/ ")[0]
        with httpx.Client(base_url=base, timeout=60) as client:
            yield Served(process, client)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


@dataclass
class Two:
    """Two processes on one database, and who is signed in: session by name."""

    first: Served
    second: Served
    sessions: dict[str, str]
    data: Path
    address: str


def _sessions(data: Path, address: str) -> dict[str, str]:
    live = open_partnership(None, data, address)
    since = datetime(2026, 1, 1, tzinfo=UTC)
    posts = {"rat-s": (COUNCIL, "steinach"), "rat-u": (COUNCIL, "uferau"), "eng": (ENGINEER, "uferau"),
             "office": (SECRETARIAT, "")}  # fmt: skip
    with closing(live.store):
        with live.desk(ANYONE) as desk:
            for name, (role, member) in posts.items():
                desk.keep(name, Change(Person(name, name, name, "de", since), ()), None)
                mandate = Mandate(role, member, since, seat="leitung", organ="rat")
                desk.keep(f"m-{name}", Change(Holding(f"m-{name}", name, mandate), ()), None)
        return {name: sign_in.begin(live, name, "test") for name in posts}


@pytest.fixture(scope="module")
def two(postgres_server: postgres.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    address, data = postgres_server.database(), tmp_path_factory.mktemp("served") / "data"
    with ExitStack() as stack:
        first = stack.enter_context(served(data, address, TWO_BANKS))
        second = stack.enter_context(served(data, address))
        yield Two(first, second, _sessions(data, address), data, address)


def _vote(two: Two) -> str:
    form = {"member": "steinach", "rule": "ordinary", "subject": "duty/x", "title": "Deich", "text": "Bauen?"}
    made = two.first.step(two.sessions["rat-s"], "votes.propose", **form)
    assert made.status_code == 200, made.text
    vote = str(made.json()["answer"]["vote"])
    closes = (datetime.now(UTC) + timedelta(days=20)).isoformat()
    opened = two.second.step(two.sessions["office"], "votes.open", vote=vote, closes=closes)
    assert opened.status_code == 200, opened.text
    return vote


def test_pages_open_at_both(two: Two) -> None:
    for path in ("/de", "/fr/votes", "/de/duties", "/de/agreement", "/de/money", "/de/record", "/fr/data"):
        for one in (two.first, two.second):
            page = one.client.get(path, headers={"accept": "text/html"})
            assert page.status_code == 200, (path, page.text[:300])
            assert page.text.count("<h1") == 1, path


def test_a_step_at_one_is_seen_at_the_other(two: Two) -> None:
    vote = _vote(two)
    lags = []
    for member, session in (("steinach", "rat-s"), ("uferau", "rat-u")):
        before = two.second.client.get(f"/api/votes/{vote}").json()  # now the other keeps this answer
        form = {"vote": vote, "member": member, "choice": "yes"}
        said = two.first.step(two.sessions[session], "votes.cast", **form)
        assert said.status_code == 200, said.text
        done = time.monotonic()
        while two.second.client.get(f"/api/votes/{vote}").json() == before:
            assert time.monotonic() - done < 20
            time.sleep(0.01)
        lags.append(time.monotonic() - done)
    # the bound is of the cache alone; answering takes its own time
    answering = _seconds(lambda: two.second.client.get("/api/people/me"))
    assert min(lags) < STATE_SECONDS + 20 * answering + 0.5, lags


def _seconds(ask: Any) -> float:
    start = time.monotonic()
    ask()
    return time.monotonic() - start


def test_of_two_members_at_two_processes_exactly_one_wins(two: Two) -> None:
    sides = ((two.first, "steinach", "rat-s"), (two.second, "uferau", "rat-u"))
    for _ in range(ROUNDS):
        vote = _vote(two)
        barrier = threading.Barrier(2)
        version = two.first.client.get(f"/api/votes/{vote}").json()["version"]

        def act(
            side: tuple[Served, str, str], vote: str = vote, version: int = version,
            barrier: threading.Barrier = barrier,
        ) -> int:  # fmt: skip
            where, member, session = side
            barrier.wait()
            form = {"vote": vote, "member": member, "choice": "yes", "version": version}
            return where.step(two.sessions[session], "votes.cast", **form).status_code

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(act, sides)) == [200, 409]


def test_layers_are_written_as_geometry_and_outlive_a_kill(
    two: Two, postgres_server: postgres.Server
) -> None:
    layer = {"member": "uferau", "layer": "uferau-halls", "title": "Hallen", "geometry": "Polygon",
             "fields": ["name:string"], "licence": "CC BY 4.0"}  # fmt: skip
    session = two.sessions["eng"]
    opened = two.first.step(session, "layers.open", **layer)
    assert opened.status_code == 200, opened.text
    who = {"cookie": f"bothbanks={session}", "x-csrf-token": token_for(session)}
    feature = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": POLYGON},
               "properties": {"name": "Werkhof"}}  # fmt: skip
    address = "/collections/uferau-halls/items"
    with served(two.data, two.address) as third:
        made = third.client.post(
            address, content=json.dumps(feature), headers={**who, "content-type": "application/geo+json"}
        )
        assert made.status_code == 201, made.text
        third.process.kill()
    bbox = {"bbox": "7.59,47.54,7.61,47.56"}
    with served(two.data, two.address) as again:
        for one in (again, two.first, two.second):
            found = one.client.get(address, params=bbox, headers=who).json()
            assert [f["properties"]["name"] for f in found["features"]] == ["Werkhof"]
            assert found["features"][0]["geometry"]["coordinates"] == POLYGON
    database = two.address.split("/")[3].split("?")[0]
    kept = postgres_server.sql("SELECT GeometryType(geometry), ST_SRID(geometry) FROM features", database)
    assert kept == "POLYGON|4326"
