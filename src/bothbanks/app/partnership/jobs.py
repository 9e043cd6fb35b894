"""Long work outside a request: asked for in the transaction of the change, done by one worker.

An area names what it does in ``JOBS``: ``{"exports.make": make}``, where ``make(partnership, args, say)``
does the work, tells its progress by ``say("page 3 of 8")`` and returns what the one who asked is told. A job
may be done twice (its worker died just before it said so), so the work has to bear being repeated.
"""

from __future__ import annotations

import logging
import os
import pkgutil
import socket
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from importlib import import_module
from typing import Any

from bothbanks.app.partnership.desk import Desk
from bothbanks.app.partnership.live import Partnership
from bothbanks.store.errors import ConflictError
from bothbanks.store.interface import Job
from bothbanks.words.errors import BothbanksError

LEASE = timedelta(minutes=5)
RETRY = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10))
"""Waits before the second, third and fourth attempt; after that the job has failed."""
LOG = logging.getLogger("bothbanks")

Say = Callable[[str], None]
Work = Callable[[Partnership, Mapping[str, Any], Say], Mapping[str, Any]]


@cache
def works() -> dict[str, Work]:
    """What can be asked for, by name. Raises ValueError where two have the same name."""
    import bothbanks.app.partnership as room

    found: dict[str, Work] = {}
    for module in pkgutil.iter_modules(room.__path__):
        for name, work in getattr(import_module(f"{room.__name__}.{module.name}"), "JOBS", {}).items():
            if name in found:
                raise ValueError(f"two jobs are called '{name}'")
            found[name] = work
    return found


def ask(desk: Desk, name: str, args: Mapping[str, Any]) -> str:
    """Ask for a job in the desk's transaction; its id. Raises KeyError where no area does such work."""
    works()[name]
    id = desk.new_id()
    desk.store.enqueue(id, name, args, desk.at)
    return id


def worker(
    partnership: Partnership, works_: Mapping[str, Work] | None = None, name: str = ""
) -> Callable[[], bool]:
    """What ``serve`` calls again and again: does one job, and says whether there was one."""
    known = works() if works_ is None else works_
    me = name or f"{socket.gethostname()}-{os.getpid()}"

    def once() -> bool:
        at = partnership.clock()
        with partnership.store.reading() as now:
            if not (now.jobs("waiting") or now.jobs("running")):
                return False
        with partnership.store.writing() as writing:
            job = writing.lease(me, at, at + LEASE, sorted(known))
        if job is None:
            return False
        _do(partnership, job, known[job.name], me)
        return True

    return once


def _do(partnership: Partnership, job: Job, work: Work, me: str) -> None:
    """Do the job and keep what came of it; a job that another worker has taken over is left to it."""

    def say(text: str) -> None:
        with partnership.store.writing() as writing:
            writing.job_progress(job.id, me, text, partnership.clock() + LEASE)

    try:
        result = work(partnership, job.args, say)
        with partnership.store.writing() as writing:
            writing.job_done(job.id, me, result)
    except ConflictError as error:
        LOG.warning("job %s (%s) was taken over: %s", job.id, job.name, error)
    except Exception as error:
        LOG.exception("job %s (%s) failed, attempt %d", job.id, job.name, job.attempts)
        # The words of our own errors are meant for the one who asked; others may name what is not theirs.
        words = str(error) if isinstance(error, BothbanksError) else type(error).__name__
        wait = RETRY[job.attempts - 1] if job.attempts <= len(RETRY) else None
        with partnership.store.writing() as writing:
            writing.job_failed(job.id, me, words, None if wait is None else partnership.clock() + wait)
