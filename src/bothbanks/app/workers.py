"""Independent pieces of work on all cores, results in their own order.

The pieces go to worker processes started afresh, so nothing depends on what the parent holds in memory;
with one core, or one piece, everything runs here. The answers are the same either way.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

_THREAD_SETTINGS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
A = TypeVar("A")
R = TypeVar("R")

_job: Callable[[Any], Any] | None = None


def cores() -> int:
    """Cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def each(
    job: Callable[[A], R],
    pieces: Sequence[A],
    progress: Callable[[int, int], None] | None = None,
    workers: int | None = None,
) -> list[R]:
    """``[job(p) for p in pieces]``. ``job`` and its results must be picklable; ``progress(done, all)``."""
    count = min(workers or cores(), len(pieces))
    out: list[R] = []
    if count <= 1:
        for piece in pieces:
            out.append(job(piece))
            if progress is not None:
                progress(len(out), len(pieces))
        return out
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with (
        _one_thread_each(),
        ProcessPoolExecutor(count, get_context("spawn"), _start, (job,)) as pool,
    ):
        for result in pool.map(_run, pieces):
            out.append(result)
            if progress is not None:
                progress(len(out), len(pieces))
    return out


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Linear algebra on one thread in every worker: the workers themselves fill the cores."""
    before = {name: os.environ.get(name) for name in _THREAD_SETTINGS}
    os.environ.update({name: before[name] or "1" for name in _THREAD_SETTINGS})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]


def _start(job: Callable[[Any], Any]) -> None:
    global _job
    _job = job


def _run(piece: Any) -> Any:
    assert _job is not None
    return _job(piece)


def batches(items: Sequence[A], size: int) -> list[Sequence[A]]:
    """The items in runs of at most ``size``."""
    return [items[i : i + size] for i in range(0, len(items), size)]
