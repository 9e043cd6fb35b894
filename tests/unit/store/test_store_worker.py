"""The worker of long jobs: progress, results, retries with growing waits, and work taken over."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from partnerships import Live

from bothbanks.app.partnership.jobs import RETRY, Say, worker
from bothbanks.app.partnership.live import Partnership
from bothbanks.store.interface import Job
from bothbanks.words.errors import InputError


def _enqueue(live: Live, name: str, **args: object) -> None:
    with live.store.writing() as writing:
        writing.enqueue("j1", name, args, live.clock())


def _job(live: Live) -> Job:
    with live.store.reading() as reading:
        return reading.job("j1")


def test_a_job_is_done_once_with_its_progress(partnership: Live) -> None:
    def double(live: Partnership, args: Mapping[str, Any], say: Say) -> Mapping[str, Any]:
        say("half way")
        assert _job(partnership).progress == "half way"
        return {"twice": 2 * args["n"]}

    once = worker(partnership, {"double": double})
    assert once() is False
    _enqueue(partnership, "double", n=21)
    assert (once(), once()) == (True, False)
    assert (_job(partnership).status, _job(partnership).result) == ("done", {"twice": 42})


@pytest.mark.parametrize(
    ("error", "kept"),
    [(InputError("export.no", "no such layer"), "[export.no] no such layer"), (KeyError("Ann"), "KeyError")],
)
def test_a_failing_job_is_tried_again_later_and_then_given_up(
    partnership: Live,
    error: Exception,
    kept: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(live: Partnership, args: Mapping[str, Any], say: Say) -> Mapping[str, Any]:
        raise error

    once = worker(partnership, {"fail": fail})
    _enqueue(partnership, "fail")
    with caplog.at_level(logging.CRITICAL):
        for wait in RETRY:
            assert once() is True
            assert (_job(partnership).status, _job(partnership).error) == ("waiting", kept)
            assert once() is False
            partnership.clock.set(partnership.clock() + wait)
        assert once() is True
    assert (_job(partnership).status, _job(partnership).attempts) == ("failed", len(RETRY) + 1)


def test_a_worker_that_was_too_slow_leaves_the_job_to_the_next(
    partnership: Live,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def slow(live: Partnership, args: Mapping[str, Any], say: Say) -> Mapping[str, Any]:
        partnership.clock.set(partnership.clock() + timedelta(hours=1))
        with partnership.store.writing() as writing:
            assert writing.lease("other", partnership.clock(), partnership.clock() + timedelta(hours=1))
        return {}

    _enqueue(partnership, "slow")
    with caplog.at_level(logging.CRITICAL):
        assert worker(partnership, {"slow": slow}, "me")() is True
    assert (_job(partnership).status, _job(partnership).worker) == ("running", "other")
