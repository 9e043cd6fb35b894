"""The loss reduction on a Dask cluster, for event sets larger than one machine's memory or patience.

Each task reads a run of row groups of the event folder and reduces them as one machine would; the parts are
added in file order, whatever order they come back in. Every worker must see the folder under the same path.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.risk.curves import Curve
from bothbanks.analysis.risk.exposure import Exposure
from bothbanks.analysis.risk.kernels import Method
from bothbanks.analysis.risk.losses import (
    DEFAULT_MEMORY_BYTES,
    EventLosses,
    LossPlan,
    finish,
    loss_plan,
)
from bothbanks.standards.event_folder import EventFolder, open_event_folder
from bothbanks.words.errors import RangeError

if TYPE_CHECKING:
    from distributed import Client

FloatArray = NDArray[np.float64]
Part = tuple[int, FloatArray, FloatArray]
TASKS_A_WORKER = 4


def event_losses_distributed(
    client: Client,
    folder: Path,
    exposure: Exposure,
    curves: Sequence[Curve],
    by: Sequence[str] = ("member",),
    method: Method = "auto",
    memory_limit_bytes: int = DEFAULT_MEMORY_BYTES,
) -> EventLosses:
    """As ``bothbanks.analysis.risk.event_losses`` on an event folder, spread over a Dask cluster.

    Equal to the run on one machine up to the rounding of sums (1e-12 relative). ``memory_limit_bytes`` bounds
    each task. Raises what ``open_event_folder`` and ``event_losses`` raise, and RangeError for a cluster
    without workers.
    """
    source = open_event_folder(folder)
    workers = len(client.scheduler_info()["workers"])
    if not workers:
        raise RangeError(
            "risk.cluster", "the Dask cluster has no workers; start some, or run on this machine."
        )
    plan = loss_plan(source.events, source.place_count, exposure, curves, by, method)
    plan.hits_per_chunk(memory_limit_bytes)
    shared = client.scatter(plan, broadcast=True)  # type: ignore[no-untyped-call]
    loss = np.zeros((len(source.events), plan.cells.group_count))
    annual = np.zeros((plan.columns.scenario_count, plan.cells.unit_count))
    waiting: deque[Any] = deque()
    for first, stop in runs(source.row_group_count, workers * TASKS_A_WORKER):
        waiting.append(
            client.submit(reduce_groups, folder, shared, first, stop, memory_limit_bytes, pure=False)
        )
        if len(waiting) > 2 * workers:
            _add(waiting.popleft().result(), loss, annual)
    while waiting:
        _add(waiting.popleft().result(), loss, annual)
    return finish(plan, source.events, exposure, by, loss, annual)


def runs(groups: int, tasks: int) -> Iterator[tuple[int, int]]:
    """Cut row groups 0 to ``groups`` into at most ``tasks`` runs of about equal length."""
    edges = np.linspace(0, groups, min(groups, tasks) + 1).round().astype(int)
    for first, stop in pairwise(edges):
        yield int(first), int(stop)


def reduce_groups(folder: Path, plan: LossPlan, first: int, stop: int, memory_limit_bytes: int) -> Part:
    """One task: the losses of the events in row groups ``first`` to ``stop``, and where they begin.

    Runs in a worker. The table holds only the rows of the events that the groups touch.
    """
    source: EventFolder = open_event_folder(folder, verify=False)
    loss, annual = plan.empty(plan.event_count)
    low, high = plan.event_count, 0
    for chunk in source.chunks(plan.hits_per_chunk(memory_limit_bytes), first, stop):
        plan.add(chunk, loss, annual)
        low, high = min(low, chunk.first_event), max(high, chunk.first_event + chunk.event_count)
    return low, loss[low:high].copy(), annual.sum(axis=0)


def _add(part: Part, loss: FloatArray, annual: FloatArray) -> None:
    first, rows, sums = part
    loss[first : first + rows.shape[0]] += rows
    annual += sums
