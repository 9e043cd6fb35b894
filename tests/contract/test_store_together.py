"""Several at once: readers keep their snapshot, writers follow one another, two never both win."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from threading import Barrier, Event

from store_kinds import KINDS, NOON, Duty

from bothbanks.record.entries import Entry
from bothbanks.store import open_store
from bothbanks.store.errors import ConflictError
from bothbanks.store.soundness import faults

ROUNDS = 8

_MEMBER = """
import sys
from contextlib import closing
from store_kinds import KINDS, Duty
from bothbanks.store import open_store
from bothbanks.store.errors import ConflictError
from dataclasses import replace
with closing(open_store(sys.argv[1], KINDS)) as store:
    for number in range(int(sys.argv[3])):
        with store.reading() as now:
            kept = now.load(Duty, f"d{number}")
        print("read", flush=True)
        sys.stdin.readline()
        try:
            with store.writing() as work:
                work.save(Duty, f"d{number}", replace(kept.state, owner=sys.argv[2]), kept.version)
            print("won", flush=True)
        except ConflictError:
            print("lost", flush=True)
"""


def test_two_threads_that_act_at_the_same_moment_never_both_win(store_address: str) -> None:
    with closing(open_store(store_address, KINDS)) as store:
        barrier = Barrier(2)

        def act(member: str) -> str:
            with store.reading() as now:
                kept = now.load(Duty, "d")
            barrier.wait()
            try:
                with store.writing() as work:
                    work.append(Entry("duty.taken", "duty/d", {"by": member}), NOON, "clock", "")
                    work.save(Duty, "d", replace(kept.state, owner=member), kept.version)
            except ConflictError:
                return "lost"
            return "won"

        with store.writing() as work:
            work.save(Duty, "d", Duty("nobody", Fraction(1)), None)
        with ThreadPoolExecutor(2) as pool:
            for _ in range(ROUNDS):
                assert sorted(pool.map(act, ("aac", "mhl"))) == ["lost", "won"]
        with store.reading() as now:
            assert (now.load(Duty, "d").version, now.record_size()) == (ROUNDS + 1, ROUNDS)


def test_two_processes_that_act_at_the_same_moment_never_both_win(store_address: str) -> None:
    with closing(open_store(store_address, KINDS)) as store, store.writing() as work:
        for number in range(ROUNDS):
            work.save(Duty, f"d{number}", Duty("nobody", Fraction(1)), None)
    tests = str(Path(__file__).parents[1])
    members = [
        subprocess.Popen(
            [sys.executable, "-c", _MEMBER, store_address, name, str(ROUNDS)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": tests},
        )
        for name in ("aac", "mhl")
    ]  # fmt: skip
    for _ in range(ROUNDS):
        for member in members:
            assert member.stdout is not None
            assert member.stdout.readline() == "read\n"
        for member in members:
            assert member.stdin is not None
            member.stdin.write("go\n")
            member.stdin.flush()
        assert sorted(m.stdout.readline() for m in members if m.stdout) == ["lost\n", "won\n"]
    for member in members:
        with member:
            assert member.wait() == 0


def test_many_writers_leave_a_record_without_a_gap(store_address: str) -> None:
    with closing(open_store(store_address, KINDS)) as store:

        def write(number: int) -> None:
            with store.writing() as work:
                work.append(Entry("a.b", "duty/d", {"n": number}), NOON, "clock", "")

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(write, range(80)))
        with store.reading() as now:
            assert faults(now) == []  # type: ignore[arg-type]
            assert now.record_size() == 80


def test_a_reader_keeps_its_snapshot_and_doesnt_wait_for_a_writer(store_address: str) -> None:
    with closing(open_store(store_address, KINDS)) as store:
        with store.writing() as work:
            work.save(Duty, "d", Duty("aac", Fraction(1)), None)
        inside, done = Event(), Event()

        def write() -> None:
            with store.writing() as work:
                work.save(Duty, "d", Duty("mhl", Fraction(1)), 1)
                inside.set()
                assert done.wait(20)

        with ThreadPoolExecutor(1) as pool:
            writer = pool.submit(write)
            assert inside.wait(20)
            with store.reading() as early:
                done.set()
                writer.result(20)
                assert early.load(Duty, "d").state.owner == "aac"
            with store.reading() as late:
                assert late.load(Duty, "d").state.owner == "mhl"
