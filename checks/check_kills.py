"""A thousand kills at random moments on each database: half of ``bothbanks serve``, half of the store alone.

Nothing that was acknowledged may be lost, nothing half done may be seen, and the record's tree must be that
of its leaves. The PostgreSQL of this check waits for the disk, as a real one does. Both databases are taken
at the same time, on two cores. A number on the command line takes another count than 1,000.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import kills  # noqa: E402
import kills_served  # noqa: E402
import postgres  # noqa: E402

SKIPPED = 77
KILLS = 1000
SEED = 20261124


def told(name: str, series: Iterator[kills.Tally]) -> tuple[str, kills.Tally]:
    """Run a series, tell how it goes every hundred kills; its tally."""
    start, tally = time.monotonic(), kills.Tally()
    for tally in series:
        if tally.runs % 100 == 0 or tally.faults:
            seconds = time.monotonic() - start
            print(f"{name}: {tally.runs} kills in {seconds:.0f} s, {len(tally.faults)} faults", flush=True)
        if tally.faults:
            break
    return name, tally


def on_sqlite(count: int) -> list[tuple[str, kills.Tally]]:
    with tempfile.TemporaryDirectory() as folder:
        alone = kills.series(str(Path(folder) / "a.db"), count - count // 2, SEED)
        return [
            told("SQLite, serve", kills_served.series(None, count // 2, SEED)),
            told("SQLite, store", alone),
        ]


def on_postgres(count: int) -> list[tuple[str, kills.Tally]]:
    with postgres.running(durable=True) as server:
        return [
            told("PostgreSQL, serve", kills_served.series(server.database(), count // 2, SEED)),
            told("PostgreSQL, store", kills.series(server.database(), count - count // 2, SEED)),
        ]


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    runs: list[Callable[[int], list[tuple[str, kills.Tally]]]] = [on_sqlite]
    if not postgres.missing():
        runs.append(on_postgres)
    with ProcessPoolExecutor(len(runs)) as pool:
        results = [part for done in [pool.submit(run, count) for run in runs] for part in done.result()]
    print("\nseries               kills   acknowledged   kept   faults")
    for name, tally in results:
        print(f"{name:<20} {tally.runs:>5} {tally.acknowledged:>14} {tally.kept:>6} {len(tally.faults):>8}")
        for fault in tally.faults[:20]:
            print(f"  {fault}")
    if any(tally.faults for _, tally in results):
        return 1
    if postgres.missing():
        print(postgres.missing())
        return SKIPPED
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
