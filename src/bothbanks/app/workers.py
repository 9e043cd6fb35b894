"""Independent pieces of work on all cores, results in their own order.

The pieces go to worker processes started afresh, so nothing depends on what the parent holds in memory;
with one core, or one piece, everything runs here. The answers are the same either way.
"""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias, TypeVar

_THREAD_SETTINGS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
A = TypeVar("A")
R = TypeVar("R")

_held: tuple[str, Callable[[Any], Any]] | None = None  # in a worker: the job it last ran, by its file


def cores() -> int:
    """Cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


class Workers:
    """Worker processes that serve one job after another; use it in a ``with``.

    A job is written to a file once and read by each worker once, however many pieces it has. With one
    worker no process is started and everything runs here.
    """

    def __init__(self, count: int | None = None) -> None:
        self.count = count or cores()
        self._pool: ProcessPoolExecutor | None = None
        self._jobs = 0

    def __enter__(self) -> Workers:
        if self.count > 1:
            from multiprocessing import get_context

            self._folder = tempfile.TemporaryDirectory(prefix="bothbanks-")
            with _one_thread_each():
                self._pool = ProcessPoolExecutor(self.count, get_context("spawn"))
                # Started now, so that they import the engine while the parent still reads its input.
                self._starting = [self._pool.submit(_get_ready) for _ in range(self.count)]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None
            self._folder.cleanup()

    def run(self, job: Callable[[A], R], pieces: Sequence[A]) -> Iterator[R]:
        """``job(p)`` for each piece, in order, as they come."""
        if self._pool is None or len(pieces) <= 1:
            yield from map(job, pieces)
            return
        self._jobs += 1
        file = str(Path(self._folder.name) / f"{self._jobs}.pickle")
        Path(file).write_bytes(pickle.dumps(job, protocol=pickle.HIGHEST_PROTOCOL))
        yield from self._pool.map(_run, [file] * len(pieces), pieces)


Help: TypeAlias = Workers | int | None
"""Workers that are there already, how many to start, or as many as there are cores."""


def each(
    job: Callable[[A], R],
    pieces: Sequence[A],
    progress: Callable[[int, int], None] | None = None,
    workers: Help = None,
) -> list[R]:
    """``[job(p) for p in pieces]``. ``job`` and its results must be picklable; ``progress(done, all)``."""
    if not isinstance(workers, Workers):
        with Workers(max(1, min(workers or cores(), len(pieces)))) as own:
            return each(job, pieces, progress, own)
    out: list[R] = []
    for result in workers.run(job, pieces):
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


def _get_ready() -> None:
    import bothbanks.app.loss_curves
    import bothbanks.app.play  # noqa: F401


def _run(file: str, piece: Any) -> Any:
    global _held
    if _held is None or _held[0] != file:
        _held = file, pickle.loads(Path(file).read_bytes())  # written by our own parent
    return _held[1](piece)


def batches(items: Sequence[A], size: int) -> list[Sequence[A]]:
    """The items in runs of at most ``size``."""
    return [items[i : i + size] for i in range(0, len(items), size)]
