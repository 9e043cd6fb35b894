"""Event folders: written whole, read in chunks, every fault named."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bothbanks.analysis.risk import Curve, EventSet, EventSource, EventTable, Exposure, event_losses
from bothbanks.standards.event_folder import open_event_folder, write_event_folder
from bothbanks.standards.replace import replace_folder
from bothbanks.words.errors import RegionError


def small(events: int = 12, places: int = 40, seed: int = 0) -> EventSet:
    rng = np.random.default_rng(seed)
    dense = rng.random((events, places)) * (rng.random((events, places)) < 0.4)
    dense[3] = 0.0
    table = EventTable(
        [f"e{i}" for i in range(events)], rng.random(events) / events, ["flood", "storm"] * (events // 2),
        ["Göhl"] * events, ["today"] * events, {"flood": "m", "storm": "m/s"}, "annual-maxima",
    )  # fmt: skip
    return EventSet.from_dense(table, dense)


def write(path: Path, source: EventSet, group: int = 30) -> None:
    xy = {"x": np.arange(source.place_count) * 1000.0, "y": np.zeros(source.place_count)}
    write_event_folder(path, source, xy, "EPSG:3035", "test 1", seed=7, hits_per_row_group=group)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    source = small()
    write(tmp_path / "set", source)
    folder = open_event_folder(tmp_path / "set")
    assert isinstance(folder, EventSource)
    assert (folder.meta.crs, folder.meta.seed, folder.meta.software) == ("EPSG:3035", 7, "test 1")
    for name in ("id", "hazard", "origin", "scenario", "units", "reading"):
        assert getattr(folder.events, name) == getattr(source.events, name)
    np.testing.assert_array_equal(folder.events.rate, source.events.rate)
    np.testing.assert_array_equal(folder.places()["x"], np.arange(40) * 1000.0)
    for most in (1, 13, 30, 10_000):
        chunks = list(folder.chunks(most))
        assert max(len(c) for c in chunks) <= most
        np.testing.assert_array_equal(np.concatenate([c.place for c in chunks]), source.place)
        np.testing.assert_array_equal(np.concatenate([c.intensity for c in chunks]), source.intensity)
        event = [c.first_event + np.repeat(np.arange(c.event_count), np.diff(c.start)) for c in chunks]
        np.testing.assert_array_equal(np.concatenate(event), np.repeat(np.arange(12), np.diff(source.start)))


def test_row_groups_hold_whole_events(tmp_path: Path) -> None:
    write(tmp_path / "set", small(), group=30)
    file = pq.ParquetFile(tmp_path / "set" / "hits.parquet")
    groups = [file.read_row_group(i).column("event").to_numpy() for i in range(file.num_row_groups)]
    assert len(groups) > 3
    assert all(a[-1] < b[0] for a, b in pairwise(groups))


def test_losses_from_disk_equal_losses_from_memory(tmp_path: Path) -> None:
    source = small()
    write(tmp_path / "set", source)
    curves = [Curve("a", [0, 1], [0, 1], "m", "assumed"), Curve("b", [0, 1], [0, 0.5], "m/s", "assumed")]
    place = np.arange(200) % 40
    exposure = Exposure.from_labels(
        np.ones(200), place, {"flood": np.zeros(200, int), "storm": np.ones(200, int)},
        member=(place % 3).astype(str),
    )  # fmt: skip
    disk = event_losses(open_event_folder(tmp_path / "set"), exposure, curves)
    memory = event_losses(source, exposure, curves)
    np.testing.assert_allclose(disk.table("member").loss, memory.table("member").loss, rtol=1e-12)
    np.testing.assert_allclose(disk.asset_annual, memory.asset_annual, rtol=1e-12)


def test_the_same_set_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / name, small())
    for file in ("events.parquet", "hits.parquet", "places.parquet", "meta.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def meta(path: Path, **changes: object) -> None:
    body = json.loads((path / "meta.json").read_text(encoding="utf-8"))
    (path / "meta.json").write_text(json.dumps(body | changes), encoding="utf-8")


def replace_table(path: Path, name: str, table: pa.Table) -> None:
    """Put another table in place, and make size and hash in meta.json fit it."""
    import hashlib

    pq.write_table(table, path / name)
    files = json.loads((path / "meta.json").read_text(encoding="utf-8"))["files"]
    data = (path / name).read_bytes()
    files[name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    meta(path, files=files)


def cut(path: Path) -> None:
    data = (path / "hits.parquet").read_bytes()
    (path / "hits.parquet").write_bytes(data[: len(data) // 2])


def flip(path: Path) -> None:
    data = bytearray((path / "hits.parquet").read_bytes())
    data[100] ^= 1
    (path / "hits.parquet").write_bytes(bytes(data))


def no_rate(path: Path) -> None:
    table = pq.read_table(path / "events.parquet")
    replace_table(path, "events.parquet", table.drop_columns(["rate_per_year"]))


def text_rate(path: Path) -> None:
    table = pq.read_table(path / "events.parquet")
    at = table.schema.get_field_index("rate_per_year")
    replace_table(path, "events.parquet", table.set_column(at, "rate_per_year", pa.array(["often"] * 12)))


def high_rate(path: Path) -> None:
    table = pq.read_table(path / "events.parquet")
    at = table.schema.get_field_index("rate_per_year")
    replace_table(path, "events.parquet", table.set_column(at, "rate_per_year", pa.array([0.9] * 12)))


def null_origin(path: Path) -> None:
    table = pq.read_table(path / "events.parquet")
    at = table.schema.get_field_index("origin")
    column = pa.array([None] + ["x"] * 11, pa.string())
    replace_table(path, "events.parquet", table.set_column(at, "origin", column))


def no_parquet(path: Path) -> None:
    data = b"place;x\n1;2\n"
    (path / "places.parquet").write_bytes(data)
    import hashlib

    files = json.loads((path / "meta.json").read_text(encoding="utf-8"))["files"]
    files["places.parquet"] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    meta(path, files=files)


@pytest.mark.parametrize(
    ("spoil", "match"),
    [
        (lambda p: (p / "meta.json").unlink(), r"meta\.json: found no such file"),
        (lambda p: (p / "meta.json").write_text("{", encoding="utf-8"), r"meta\.json: found no JSON"),
        (lambda p: (p / "meta.json").write_text("[]", encoding="utf-8"), r"meta\.json: found list"),
        (
            lambda p: meta(p, crs=3, units=None),
            r"(?s)2 problem.*units: found None.*crs: found 3; expected str",
        ),
        (lambda p: meta(p, version=2), r"format: found bothbanks-event-folder 2; expected"),
        (lambda p: meta(p, place_count=41), r"places\.parquet: rows: found 40; expected 41"),
        (lambda p: meta(p, files={}), r"(?s)3 problem.*hits\.parquet: meta\.json files: found None"),
        (lambda p: (p / "hits.parquet").unlink(), r"hits\.parquet: found no such file"),
        (cut, r"hits\.parquet: found \d+ bytes; expected \d+ bytes"),
        (flip, r"hits\.parquet: found SHA-256 .*; expected"),
        (no_parquet, r"places\.parquet: found no Parquet"),
        (no_rate, r"events\.parquet: rate_per_year: found no such column; expected double"),
        (text_rate, r"events\.parquet: rate_per_year: found string; expected double"),
        (high_rate, r"events\.parquet: found the rates of hazard 'flood' .* sum to 5\.4"),
        (null_origin, r"events\.parquet: origin: found empty cells"),
    ],
)
def test_a_spoilt_folder_is_refused_with_file_field_found_and_expected(
    tmp_path: Path, spoil: Callable[[Path], object], match: str
) -> None:
    write(tmp_path / "set", small())
    spoil(tmp_path / "set")
    with pytest.raises(RegionError, match=match):
        open_event_folder(tmp_path / "set")


@pytest.mark.parametrize(
    ("column", "values", "match"),
    [
        (
            "event",
            lambda a: a[::-1].copy(),
            r"event: found \d+ to \d+ after -1; expected event numbers that never",
        ),
        ("event", lambda a: a + 12, r"event: found .*below 12"),
        ("place", lambda a: a + 40, r"place: found event .* hits place \d+; there are 40"),
        ("place", lambda a: np.zeros_like(a), r"place: found event 'e0': place 0 follows 0"),
        (
            "intensity",
            lambda a: np.full_like(a, np.nan),
            r"intensity: found intensity of event 'e0' .* is nan",
        ),
    ],
)
def test_spoilt_hits_are_refused_when_they_are_read(
    tmp_path: Path, column: str, values: Callable[[np.ndarray], np.ndarray], match: str
) -> None:
    path = tmp_path / "set"
    write(path, small())
    table = pq.read_table(path / "hits.parquet")
    at = table.schema.get_field_index(column)
    changed = pa.array(values(table.column(column).to_numpy()))
    replace_table(path, "hits.parquet", table.set_column(at, column, changed))
    with pytest.raises(RegionError, match=match):
        list(open_event_folder(path).chunks(1000))


def test_places_that_do_not_fit_and_a_missing_crs_are_refused_before_writing(tmp_path: Path) -> None:
    with pytest.raises(RegionError, match=r"(?s)2 problem.*places: found x \(3,\).*crs: found nothing"):
        write_event_folder(tmp_path / "set", small(), {"x": np.zeros(3)}, " ", "test")
    assert not list(tmp_path.iterdir())


def test_a_failed_write_leaves_the_old_folder_and_no_rest(tmp_path: Path) -> None:
    path = tmp_path / "set"
    write(path, small())
    before = (path / "hits.parquet").read_bytes()
    with pytest.raises(OSError, match="disk is full"), replace_folder(path) as fresh:
        (fresh / "hits.parquet").write_bytes(b"half")
        raise OSError("disk is full")
    assert (path / "hits.parquet").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["set"]


def test_replacing_takes_the_new_folder_whole(tmp_path: Path) -> None:
    path = tmp_path / "set"
    write(path, small(seed=1))
    (path / "stray.txt").write_text("old", encoding="utf-8")
    write(path, small(seed=2))
    assert sorted(p.name for p in path.iterdir()) == [
        "events.parquet",
        "hits.parquet",
        "meta.json",
        "places.parquet",
    ]
    chunks = list(open_event_folder(path).chunks(10_000))
    np.testing.assert_array_equal(np.concatenate([c.intensity for c in chunks]), small(seed=2).intensity)


WRITER = """
import sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from test_event_folder import small, write
print("ready", flush=True)
for seed in range(10_000):
    write(Path(sys.argv[1]), small(seed=seed))
"""


@pytest.mark.skipif(os.name != "posix", reason="kills a process")
def test_a_killed_writer_leaves_a_whole_folder(tmp_path: Path) -> None:
    path = tmp_path / "set"
    write(path, small())
    rng = np.random.default_rng(0)
    command = [sys.executable, "-c", WRITER, str(path), str(Path(__file__).parent)]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert writer.stdout is not None
    writer.stdout.readline()
    for _ in range(20):
        time.sleep(float(rng.random()) * 0.01)
        os.kill(writer.pid, signal.SIGSTOP)
        # frozen at a random instant, the folder is read as after a kill
        shutil.copytree(path, tmp_path / "copy")
        open_event_folder(tmp_path / "copy")
        shutil.rmtree(tmp_path / "copy")
        os.kill(writer.pid, signal.SIGCONT)
    writer.kill()
    writer.wait()
    writer.stdout.close()
    open_event_folder(path)
    write(path, small())
    assert [p.name for p in tmp_path.iterdir()] == ["set"]
