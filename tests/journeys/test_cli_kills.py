"""A run killed at any moment, or out of disk, leaves the old output or the new one, whole."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from appraisals import bothbanks, contents, new_folder, plain_environment, run_of

KILLS = 20

# Loads everything once, then forks a child for each run, so that a kill hits the work and not the imports.
RUNNER = """
import os, sys, time
from pathlib import Path
from bothbanks.app.appraise import appraise_region
region, place = Path(sys.argv[1]), Path(sys.argv[2])
for seed in (1, 2):
    start = time.monotonic()
    appraise_region(region, place / str(seed), 1, seed, workers=1)
    print(time.monotonic() - start, flush=True)
for line in sys.stdin:
    seed = int(line)
    child = os.fork()
    if child == 0:
        told = lambda step, share: print(share, flush=True)
        appraise_region(region, place / "out", 1, seed, told, workers=1)
        os._exit(0)
    print(child, flush=True)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    print("end", flush=True)
    sys.stdin.readline()  # until then nobody else can get the child's number
    os.waitpid(child, 0)
"""


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", RUNNER, str(new_folder()), str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=plain_environment() | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    yield process
    process.kill()
    process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    text = process.stdout.readline()
    assert text, "the runner ended"
    return text.strip()


def run(process: subprocess.Popen[str], seed: int, wait_s: float | None, after: float) -> None:
    """Start a run; kill it ``wait_s`` after its progress passed ``after``, or let it end (None)."""
    assert process.stdin is not None
    process.stdin.write(f"{seed}\n")
    process.stdin.flush()
    child = int(line(process))
    text = "0"
    while wait_s is not None and text != "end" and float(text) < after:
        text = line(process)
    if wait_s is not None and text != "end":
        time.sleep(wait_s)
        os.kill(child, signal.SIGKILL)
    while text != "end":
        text = line(process)
    process.stdin.write("reap\n")
    process.stdin.flush()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills: needs fork")
def test_twenty_kills_leave_the_old_output_or_the_new_one(
    runner: subprocess.Popen[str], tmp_path: Path
) -> None:
    """Half of the kills fall anywhere in the run, half into its writing; each run would change the output."""
    moments = random.Random(20261124)
    length = [float(line(runner)), float(line(runner))][1]
    whole = [contents(tmp_path / "1"), contents(tmp_path / "2")]
    assert whole[0].keys() == whole[1].keys()
    assert whole[0] != whole[1]
    out = tmp_path / "out"
    shutil.copytree(tmp_path / "1", out)
    left = set()
    for kill in range(KILLS):
        now = whole.index(contents(out))
        if kill % 2:
            run(runner, 2 - now, moments.uniform(0.0, 0.5 * length), 0.93)
        else:
            run(runner, 2 - now, moments.uniform(0.0, length), 0.0)
        assert contents(out) in whole, f"kill {kill}: neither the old output nor the new one"
        left.add(whole.index(contents(out)) == now)
    assert True in left  # some runs were cut short: the test tests something
    run(runner, 2 - whole.index(contents(out)), None, 1.0)
    assert contents(out) in whole
    assert sorted(p.name for p in tmp_path.iterdir()) == ["1", "2", "out"]  # nothing of the killed runs


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of ten mebibytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("full disk: mounting a small tmpfs needs root")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=10m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("full disk: no tmpfs can be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_leaves_the_old_output(small_disk: Path) -> None:
    out = small_disk / "out"
    shutil.copytree(run_of("fresh")[0], out)
    before = contents(out)
    room = shutil.disk_usage(small_disk).free
    used = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    (small_disk / "ballast").write_bytes(bytes(max(room - used // 2, 0)))
    second = bothbanks("appraise", new_folder(), "--out", out, "--draws", "1", "--seed", "2")
    assert second.returncode == 1, second.stderr
    assert "No space left on device" in second.stderr
    assert "the old output is as it was" in second.stderr
    assert "Traceback" not in second.stderr
    assert contents(out) == before
    assert sorted(p.name for p in small_disk.iterdir()) == ["ballast", "out"]
