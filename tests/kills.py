"""Kill a program that commits changes, at random moments, and see what is left.

The child acknowledges each change on its standard output only after the commit. After the kill every
acknowledged change must be there with its record entry, nothing half done, and the tree that of the leaves.

A *nursery* is a process that has imported everything and forks a child for each run: a thousand kills would
otherwise spend most of their time importing.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

from store_kinds import KINDS, Duty

from bothbanks.record.entries import Entry
from bothbanks.record.tree import appended_all, edge, leaf_hash
from bothbanks.store import Store, Writing, open_store
from bothbanks.store.errors import MissingError
from bothbanks.store.soundness import faults

THREADS = 3
LONGEST_SECONDS = 0.12


@dataclass
class Tally:
    """What a series of kills came to."""

    runs: int = 0
    acknowledged: int = 0
    kept: int = 0  # a change may be kept though the kill came before its acknowledgement
    faults: list[str] = field(default_factory=list)


def change(work: Writing, id: str) -> None:
    """One change of three objects and its two entries: half of it must never be seen."""
    now = datetime.now(UTC)
    for part in ("a", "b"):
        work.save(Duty, f"{id}-{part}", Duty("aac", Fraction(1)), None)
        work.append(Entry("duty.made", f"duty/{id}", {"part": part}), now, "clock", "p1")
    moved = work.load(Duty, "counter")
    work.save(Duty, "counter", Duty("aac", moved.state.share + 1), moved.version)


def prepare(address: str) -> None:
    """The counter that every change adds to."""
    with closing(open_store(address, KINDS)) as store, store.writing() as work:
        work.save(Duty, "counter", Duty("aac", Fraction(0)), None)


def child(address: str, run: str) -> None:
    """Commit without end from several threads; runs until it is killed."""
    store = open_store(address, KINDS)

    def busy(thread: int) -> None:
        count = 0
        while True:
            id = f"{run}-{thread}-{count}"
            with store.writing() as work:
                change(work, id)
            os.write(1, f"{id}\n".encode())  # one short write is whole, or not there at all
            count += 1

    for number in range(1, THREADS):
        threading.Thread(target=busy, args=(number,), daemon=True).start()
    busy(0)


def nursery() -> None:
    """Fork a child for each line of standard input, and tell its end once it is gone."""
    for line in sys.stdin:
        address, run = line.rstrip("\n").split("\t")
        pid = os.fork()
        if pid == 0:
            try:
                child(address, run)
            finally:
                os._exit(1)
        os.write(1, f"pid {pid}\n".encode())
        os.waitpid(pid, 0)
        os.write(1, b"gone\n")


Nursery = subprocess.Popen[str]


@contextmanager
def nursed() -> Iterator[Nursery]:
    """A running nursery."""
    command = [sys.executable, str(Path(__file__))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()


def killed(nursery: Nursery, address: str, run: str, random_: random.Random) -> list[str]:
    """Kill a child at a random moment after its first acknowledgement; all that it acknowledged."""
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(f"{address}\t{run}\n")
    nursery.stdin.flush()
    pid, said = 0, []
    for line in nursery.stdout:
        word = line.rstrip("\n")
        if word == "gone":
            return said
        if word.startswith("pid "):
            pid = int(word.removeprefix("pid "))
            continue
        said.append(word)
        if len(said) == 1:
            time.sleep(random_.uniform(0.0, LONGEST_SECONDS))
            os.kill(pid, signal.SIGKILL)
    raise AssertionError(f"the nursery ended in {run}")


class Judge:
    """Looks at what is there after each kill: at what is new, and at its end at everything."""

    def __init__(self) -> None:
        self.size = 0
        self.changes: set[str] = set()

    def new_faults(self, store: Store, acknowledged: list[str]) -> list[str]:
        """What is wrong with the entries, the tree and the objects since the last look."""
        with store.reading() as now:
            entries = now.entries(self.size)
            if [entry.seq for entry in entries] != list(range(self.size, self.size + len(entries))):
                return ["the record's numbers have a gap"]
            known = now.nodes(edge(self.size))
            grown = appended_all(self.size, [leaf_hash(e.leaf) for e in entries], known.__getitem__)
            found = [] if now.nodes(grown) == grown else ["the tree isn't that of the leaves"]
            if now.nodes(((0, self.size + len(entries)),)):
                found.append("the tree has a leaf that the record hasn't")
            subjects = [entry.subject.removeprefix("duty/") for entry in entries]
            new = set(subjects)
            found += [f"{id} has {subjects.count(id)} entries" for id in new if subjects.count(id) != 2]
            found += [f"{id} was acknowledged and is lost" for id in acknowledged if id not in new]
            for id in sorted(new):
                try:
                    now.load(Duty, f"{id}-a")
                    now.load(Duty, f"{id}-b")
                except MissingError:
                    found.append(f"{id} is in the record and not, or half, in the state")
            self.size, self.changes = self.size + len(entries), self.changes | new
            if now.load(Duty, "counter").state.share != len(self.changes):
                found.append("the counter isn't the number of changes")
        return found

    def all_faults(self, store: Store) -> list[str]:
        """Everything again, from the beginning, and that no object is there without its entry."""
        with store.reading() as now:
            there = {kept.id for kept in now.all(Duty)} - {"counter"}
            expected = {f"{id}-{part}" for id in self.changes for part in "ab"}
            found = list(faults(now))  # type: ignore[arg-type]
        return found + [f"{id} differs in state and record" for id in sorted(there ^ expected)]


def series(address: str, count: int, seed: int) -> Iterator[Tally]:
    """Kill ``count`` times; the tally after each."""
    random_, tally, judge = random.Random(seed), Tally(), Judge()
    prepare(address)
    with nursed() as nursery:
        for number in range(1, count + 1):
            said = killed(nursery, address, f"run{number}", random_)
            # Opened anew each time: what a server does when it is started again.
            with closing(open_store(address, KINDS)) as store:
                tally.faults += judge.new_faults(store, said)
                if number == count:
                    tally.faults += judge.all_faults(store)
            tally.runs, tally.kept = number, len(judge.changes)
            tally.acknowledged += len(said)
            yield tally


if __name__ == "__main__":
    nursery()
