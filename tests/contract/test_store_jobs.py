"""Jobs: one worker at a time, leases that run out, attempts that are counted, errors that are kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from store_kinds import KINDS, NOON

from bothbanks.store import Store, open_store
from bothbanks.store.errors import ConflictError, MissingError

MINUTE = timedelta(minutes=1)


@pytest.fixture
def store(store_address: str) -> Iterator[Store]:
    with closing(open_store(store_address, KINDS)) as store:
        with store.writing() as work:
            work.enqueue("j1", "export", {"n": 1}, NOON)
            work.enqueue("j2", "mail", {}, NOON + MINUTE)
        yield store


def test_the_longest_waiting_job_is_leased_to_one_worker(store: Store) -> None:
    with store.writing() as work:
        first = work.lease("w1", NOON + MINUTE, NOON + 5 * MINUTE)
        second = work.lease("w2", NOON + MINUTE, NOON + 5 * MINUTE)
        assert first is not None
        assert second is not None
        assert (first.id, first.args, first.attempts, first.worker) == ("j1", {"n": 1}, 1, "w1")
        assert second.id == "j2"
        assert work.lease("w3", NOON + MINUTE, NOON + 5 * MINUTE) is None
        assert work.lease("w3", NOON + 6 * MINUTE, NOON + 9 * MINUTE, ["mail"]).id == "j2"  # type: ignore[union-attr]


def test_a_lease_that_ran_out_is_another_workers(store: Store) -> None:
    with store.writing() as work:
        work.lease("w1", NOON, NOON + MINUTE, ["export"])
        work.job_progress("j1", "w1", "half", NOON + 2 * MINUTE)
        assert work.lease("w2", NOON + MINUTE, NOON + 9 * MINUTE, ["export"]) is None
        assert work.lease("w2", NOON + 2 * MINUTE, NOON + 9 * MINUTE, ["export"]) is not None
    with pytest.raises(ConflictError, match="held by 'w2', not running under 'w1'"), store.writing() as work:
        work.job_done("j1", "w1", {})
    with store.writing() as work:
        work.job_done("j1", "w2", {"file": "a.zip"})
    with store.reading() as now:
        done = now.job("j1")
        assert (done.status, done.attempts, done.result) == ("done", 2, {"file": "a.zip"})
        assert [job.id for job in now.jobs("waiting")] == ["j2"]


def test_a_failed_job_waits_again_or_has_failed_for_good(store: Store) -> None:
    with store.writing() as work:
        work.lease("w1", NOON, NOON + MINUTE)
        work.job_failed("j1", "w1", "no room", NOON + 3 * MINUTE)
        assert work.lease("w1", NOON + 2 * MINUTE, NOON + 9 * MINUTE, ["export"]) is None
        again = work.lease("w1", NOON + 3 * MINUTE, NOON + 9 * MINUTE, ["export"])
        assert again is not None
        assert (again.attempts, again.error) == (2, "no room")
        work.job_failed("j1", "w1", "no room again", None)
    with store.reading() as now:
        assert (now.job("j1").status, now.job("j1").error) == ("failed", "no room again")
        with pytest.raises(MissingError):
            now.job("j9")
