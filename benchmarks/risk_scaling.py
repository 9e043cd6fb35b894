"""Time of the loss engine against the hazard's non-zeros, and against the number of assets.

    python benchmarks/risk_scaling.py

Three sizes (village, district, border region). Time should grow in line with the hits; ten times the assets
at the same places should cost only the summing of their values, which is shown apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from bothbanks.analysis.risk import (
    Column,
    Curve,
    EventSet,
    EventTable,
    Exposure,
    event_losses,
    jrc_flood_curves,
)
from bothbanks.analysis.risk.kernels import Method
from bothbanks.analysis.risk.losses import LossPlan, loss_plan

REPEATS = 5
EVENTS = 500
METHODS: tuple[Method, ...] = ("numpy", "numba")


@dataclass(frozen=True)
class Size:
    """One size of work."""

    name: str
    places: int
    density: float
    assets: int


SIZES = (
    Size("village", 20_000, 0.05, 100_000),
    Size("district", 60_000, 0.10, 300_000),
    Size("border region", 200_000, 0.18, 1_000_000),
)


def hazard(size: Size, rng: np.random.Generator) -> EventSet:
    hits = [np.flatnonzero(rng.random(size.places) < size.density) for _ in range(EVENTS)]
    start = np.concatenate(([0], np.cumsum([h.size for h in hits])))
    names = [str(i) for i in range(EVENTS)]
    same = ["x"] * EVENTS
    table = EventTable(names, rng.random(EVENTS) * 0.01, ["flood"] * EVENTS, same, same, {"flood": "m"})
    depth = rng.gamma(1.5, 0.8, int(start[-1]))
    return EventSet(table, size.places, start, np.concatenate(hits), depth)


def assets(size: Size, count: int, rng: np.random.Generator) -> Exposure:
    place = rng.integers(0, size.places, count)
    member = Column((place * 8 // size.places).astype(np.int32), tuple("abcdefgh"))
    return Exposure(rng.random(count), place, {"flood": np.zeros(count, dtype=int)}, {"member": member})


def least(run: Callable[[], object]) -> float:
    """Least seconds of a few repeats."""
    seconds = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def plan_of(source: EventSet, exposure: Exposure, curves: list[Curve], method: Method) -> LossPlan:
    return loss_plan(source.events, source.place_count, exposure, curves, ("member",), method)


def reduce(plan: LossPlan, source: EventSet) -> None:
    loss, annual = plan.empty(EVENTS)
    for chunk in source.chunks(1 << 22):
        plan.add(chunk, loss, annual)


def main() -> None:
    rng = np.random.default_rng(1)
    curves = [jrc_flood_curves()["residential"]]
    print(f"{'size':<15}{'hits':>12}{'assets':>12}{'method':>8}{'summing s':>11}{'run s':>9}{'ns a hit':>10}")
    for size in SIZES:
        source = hazard(size, rng)
        for count in (size.assets, 10 * size.assets) if size is not SIZES[-1] else (size.assets,):
            exposure = assets(size, count, rng)
            for method in METHODS:
                event_losses(source, exposure, curves, method=method)
                summing = least(partial(plan_of, source, exposure, curves, method))
                run = least(partial(reduce, plan_of(source, exposure, curves, method), source))
                print(
                    f"{size.name:<15}{source.hit_count:>12,}{count:>12,}{method:>8}{summing:>11.4f}{run:>9.4f}"
                    f"{run / source.hit_count * 1e9:>10.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
