"""Kill ``bothbanks serve`` at random moments while clients change things over HTTP.

Each client adds people: a person, an invitation and an entry of the record in one step. A change counts as
acknowledged once its answer (200) has been read whole.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from kills import LONGEST_SECONDS, THREADS, Nursery, Tally
from partnerships import make_partnership

from bothbanks.app.partnership import sign_in
from bothbanks.app.partnership.clocks import machine_clock
from bothbanks.civic.compact.accounts import Invitation, Person
from bothbanks.record.tree import appended_all, edge, leaf_hash
from bothbanks.site.security.csrf import token_for
from bothbanks.store import Store, open_store
from bothbanks.store.kinds import every_kind
from bothbanks.store.soundness import faults

LOGIN = "leitung"  # the secretariat of tests/data/two-banks
DATABASE = "bothbanks.sqlite"


def nursery() -> None:
    """Fork a server for each line of standard input, and tell its end once it is gone."""
    from bothbanks.cli.serve import serve
    from bothbanks.site.app import create_site

    with tempfile.TemporaryDirectory() as warm:  # everything a first start imports and builds
        made = make_partnership(Path(warm) / "data")
        create_site(made, False, None)
        made.store.close()
    os.write(1, b"ready\n")
    for line in sys.stdin:
        data, address = line.rstrip("\n").split("\t")
        pid = os.fork()
        if pid == 0:
            try:
                serve(None, Path(data), address or None, 0, "127.0.0.1", False, None)
            finally:
                os._exit(1)
        os.write(1, f"pid {pid}\n".encode())
        os.waitpid(pid, 0)
        os.write(1, b"gone\n")


@contextmanager
def nursed() -> Iterator[Nursery]:
    """A running nursery of servers."""
    command = [sys.executable, str(Path(__file__))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()


@dataclass
class Client:
    """Adds people until the server is gone."""

    port: int
    session: str
    name: str
    said: list[str]
    first: threading.Event
    wrong: list[str]

    def work(self) -> None:
        """One connection, one request after the other."""
        headers = {
            "content-type": "application/json",
            "cookie": f"bothbanks={self.session}",
            "x-csrf-token": token_for(self.session),
        }
        count = 0
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            while True:
                body = json.dumps({"name": f"N{self.name}", "login": f"{self.name}-{count}"})
                try:
                    connection.request("POST", "/api/do/people.add", body, headers)
                    answer = connection.getresponse()
                    text = answer.read()
                except (OSError, http.client.HTTPException):
                    return
                if answer.status != 200:
                    self.wrong.append(f"{answer.status}: {text[:200].decode()}")
                    self.first.set()
                    return
                self.said.append(json.loads(text)["answer"]["person"])
                self.first.set()
                count += 1


def killed(
    nursery: Nursery, data: Path, address: str | None, session: str, run: str, random_: random.Random
) -> tuple[list[str], list[str]]:
    """Kill a server at a random moment after its first answer; whom it acknowledged, and odd answers."""
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(f"{data}\t{address or ''}\n")
    nursery.stdin.flush()
    said: list[str] = []
    wrong: list[str] = []
    pid, clients = 0, list[threading.Thread]()
    for line in nursery.stdout:
        if line == "gone\n":
            break
        if line.startswith("pid "):
            pid = int(line.removeprefix("pid "))
        elif " is open at http://127.0.0.1:" in line:
            port, first = int(line.split(":")[2].split("/")[0]), threading.Event()
            work = [Client(port, session, f"{run}-{n}", said, first, wrong).work for n in range(THREADS)]
            clients = [threading.Thread(target=each) for each in work]
            for client in clients:
                client.start()
            if not first.wait(60):
                wrong.append("no answer within a minute")
            time.sleep(random_.uniform(0.0, LONGEST_SECONDS))
            os.kill(pid, signal.SIGKILL)
    else:
        raise AssertionError(f"the nursery ended in {run}")
    for client in clients:
        client.join()
    return said, wrong


class Judge:
    """Looks at what is there after each kill: at what is new, and at the end at everything."""

    def __init__(self, store: Store) -> None:
        with store.reading() as now:
            self.size = now.record_size()
            self.before = {kept.id for kept in now.all(Person)}
            self.invited_before = {kept.state.person for kept in now.all(Invitation)}
        self.people: set[str] = set()

    def new_faults(self, store: Store, acknowledged: list[str]) -> list[str]:
        """What is wrong with the entries and the tree since the last look, and with those acknowledged."""
        with store.reading() as now:
            entries = now.entries(self.size)
            if [entry.seq for entry in entries] != list(range(self.size, self.size + len(entries))):
                return ["the record's numbers have a gap"]
            known = now.nodes(edge(self.size))
            grown = appended_all(self.size, [leaf_hash(e.leaf) for e in entries], known.__getitem__)
            found = [] if now.nodes(grown) == grown else ["the tree isn't that of the leaves"]
            if now.nodes(((0, self.size + len(entries)),)):
                found.append("the tree has a leaf that the record hasn't")
            self.size += len(entries)
            people = {kept.id for kept in now.all(Person)} - self.before
            invited = {kept.state.person for kept in now.all(Invitation)} - self.invited_before
            recorded = {e.subject.partition("/")[2] for e in now.entries() if e.kind == "people.added"}
        self.people = people
        found += [f"{id} was acknowledged and is lost" for id in acknowledged if id not in people]
        found += [f"{id} has no invitation, or an invitation no person" for id in people ^ invited]
        return found + [f"{id} differs in state and record" for id in people ^ (recorded - self.before)]


def series(address: str | None, count: int, seed: int) -> Iterator[Tally]:
    """Kill a server ``count`` times; the tally after each. ``address``: None for SQLite."""
    random_, tally = random.Random(seed), Tally()
    folder = Path(tempfile.mkdtemp(prefix="bothbanks-kills-"))
    data = folder / "data"
    try:
        made = make_partnership(data, address)
        made.clock = machine_clock  # type: ignore[assignment]
        session = sign_in.begin(made, _secretariat(made.store), "password")
        made.store.close()
        where = address or data / DATABASE
        with closing(open_store(where, every_kind())) as store:
            judge = Judge(store)
        with nursed() as nursery:
            for number in range(1, count + 1):
                said, wrong = killed(nursery, data, address, session, f"run{number}", random_)
                with closing(open_store(where, every_kind())) as store:
                    tally.faults += wrong + judge.new_faults(store, said)
                    if number == count:
                        with store.reading() as now:
                            tally.faults += faults(now)  # type: ignore[arg-type]
                tally.runs, tally.kept = number, len(judge.people)
                tally.acknowledged += len(said)
                yield tally
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(folder)


def _secretariat(store: Store) -> str:
    with store.reading() as now:
        return next(kept.id for kept in now.all(Person) if kept.state.login == LOGIN)


if __name__ == "__main__":
    nursery()
