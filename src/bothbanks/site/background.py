"""What runs beside the site: the clock that lets deadlines pass, and the worker of long jobs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from bothbanks.app.partnership.live import Partnership

TICK_SECONDS = 30.0
LOG = logging.getLogger("bothbanks")


def background(
    partnership: Partnership, work: Callable[[], bool] | None = None, tick_seconds: float = TICK_SECONDS
) -> Callable[[], AbstractAsyncContextManager[None]]:
    """Tick and work until the site stops. ``work`` does one job and says whether there was one."""

    @asynccontextmanager
    async def runs() -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_ticking(partnership, tick_seconds))]
        if work is not None:
            tasks.append(asyncio.create_task(_working(work)))
        yield
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    return runs


async def _ticking(partnership: Partnership, seconds: float) -> None:
    while True:
        try:
            await asyncio.to_thread(partnership.tick)
        except Exception:
            LOG.exception("the clock could not do what is due; it tries again in %g s", seconds)
        await asyncio.sleep(seconds)


async def _working(work: Callable[[], bool]) -> None:
    while True:
        try:
            busy = await asyncio.to_thread(work)
        except Exception:
            LOG.exception("a job failed; the worker goes on")
            busy = False
        if not busy:
            await asyncio.sleep(1.0)
