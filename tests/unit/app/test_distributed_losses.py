"""Event sets larger than memory: in chunks on one machine, and on a Dask cluster of two workers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bothbanks.analysis.risk import (
    Column,
    Curve,
    EventSet,
    EventTable,
    Exposure,
    event_losses,
    jrc_flood_curves,
)
from bothbanks.app.distributed import event_losses_distributed, runs
from bothbanks.standards.event_folder import open_event_folder, write_event_folder
from bothbanks.words.errors import RangeError

EVENTS, PLACES = 240, 20_000


def written(path: Path, density: float = 0.4) -> tuple[EventSet, Exposure, list[Curve]]:
    rng = np.random.default_rng(5)
    hits = [np.flatnonzero(rng.random(PLACES) < density) for _ in range(EVENTS)]
    start = np.concatenate(([0], np.cumsum([h.size for h in hits])))
    table = EventTable(
        [str(i) for i in range(EVENTS)], rng.random(EVENTS) * 0.01, ["flood"] * EVENTS, ["Geul"] * EVENTS,
        ["today"] * EVENTS, {"flood": "m"},
    )  # fmt: skip
    depth = rng.gamma(1.5, 0.8, int(start[-1]))
    source = EventSet(table, PLACES, start, np.concatenate(hits), depth)
    write_event_folder(
        path, source, {"x": np.arange(PLACES)}, "EPSG:3035", "test", hits_per_row_group=1 << 16
    )
    return source, exposure(), list(jrc_flood_curves().values())[:3]


def exposure() -> Exposure:
    rng = np.random.default_rng(6)
    place = rng.integers(0, PLACES, 40_000)
    member = Column((place // 2500).astype(np.int32), tuple("abcdefgh"))
    return Exposure(rng.random(40_000), place, {"flood": rng.integers(0, 3, 40_000)}, {"member": member})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("events") / "set"
    written(path)
    return path


def test_runs_cover_all_row_groups() -> None:
    assert list(runs(10, 3)) == [(0, 3), (3, 7), (7, 10)]
    assert list(runs(2, 8)) == [(0, 1), (1, 2)]
    assert list(runs(0, 8)) == []


@pytest.mark.loopback
def test_two_dask_workers_give_the_answer_of_one_machine(folder: Path) -> None:
    distributed = pytest.importorskip("distributed")
    curves = list(jrc_flood_curves().values())[:3]
    alone = event_losses(open_event_folder(folder), exposure(), curves)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        spread = event_losses_distributed(client, folder, exposure(), curves, method="numpy")
        np.testing.assert_allclose(spread.table("member").loss, alone.table("member").loss, rtol=1e-12)
        np.testing.assert_allclose(spread.asset_annual, alone.asset_annual, rtol=1e-12)
        with pytest.raises(RangeError, match="Raise memory_limit_bytes"):
            event_losses_distributed(client, folder, exposure(), curves, memory_limit_bytes=1000)


LIMITED = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
import pyarrow.parquet, numpy as np
from test_distributed_losses import exposure
from bothbanks.analysis.risk import event_losses, jrc_flood_curves
from bothbanks.standards.event_folder import open_event_folder

def megabytes():
    for line in open("/proc/self/status"):
        if line.startswith("VmData"):
            return int(line.split()[1]) / 1024

assets, curves = exposure(), list(jrc_flood_curves().values())[:3]
source = open_event_folder(Path(sys.argv[1]), verify=False)
# start what starts threads before the limit is set
next(source.chunks(10))
room = int(sys.argv[4])
limit = int((megabytes() + room) * 2**20)
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
if sys.argv[3] == "chunks":
    result = event_losses(source, assets, curves, method="numpy", memory_limit_bytes=16 * 2**20)
    print(repr(float(result.total().sum())))
else:
    try:
        whole = next(source.chunks(10**9))
        held = [whole.place.astype(np.int64), whole.intensity.astype(np.float64)]
    except MemoryError:
        print("too large")
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc and limits data memory")
def test_an_event_set_larger_than_the_memory_allowed_runs_in_chunks(folder: Path) -> None:
    """1.9 million hits are 15 MiB in the file and 44 MiB as whole arrays; 30 MiB more are allowed."""

    def run(how: str) -> str:
        command = [sys.executable, "-c", LIMITED, str(folder), str(Path(__file__).parent), how, "30"]
        # Arrow's own pool reserves a gibibyte ahead, which would hide what is used
        plain = os.environ | {"ARROW_DEFAULT_MEMORY_POOL": "system"}
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=plain)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    assert run("whole") == "too large"
    curves = list(jrc_flood_curves().values())[:3]
    whole = event_losses(open_event_folder(folder), exposure(), curves)
    assert float(run("chunks")) == pytest.approx(float(whole.total().sum()), rel=1e-12)
