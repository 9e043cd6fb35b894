"""Same folder, version and seed: same bytes, whatever the number of workers. Another input: another hash."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from appraisals import TWO_BANKS, contents, run_of
from region_folders import replace

from bothbanks.app.appraise import appraise_region

DRAWS = 4


def appraised(region: Path, out: Path, **options: Any) -> dict[str, str]:
    appraise_region(region, out, **{"draws": DRAWS, "workers": 1, **options})
    return contents(out)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference: four draws, one worker."""
    out = tmp_path_factory.mktemp("first") / "out"
    appraised(TWO_BANKS, out)
    return out


def value_of(out: Path) -> Any:
    return json.loads((out / "value.json").read_text("utf-8"))


def test_another_process_with_its_own_workers_gives_the_same_bytes(tmp_path: Path) -> None:
    out, done = run_of("two-banks")
    assert done.returncode == 0, done.stderr
    here = appraised(TWO_BANKS, tmp_path / "elsewhere" / "out", draws=32)
    there = contents(out)
    assert here.keys() == there.keys()
    assert [file for file in here if here[file] != there[file]] == []


def test_two_workers_give_the_bytes_of_one(first: Path, tmp_path: Path) -> None:
    shutil.copytree(TWO_BANKS, tmp_path / "moved")  # nor does the folder's own place matter
    one, two = contents(first), appraised(tmp_path / "moved", tmp_path / "out", workers=2)
    assert [file for file in one.keys() | two.keys() if one.get(file) != two.get(file)] == []


def test_another_seed_gives_other_draws_and_the_same_base(first: Path, tmp_path: Path) -> None:
    appraised(TWO_BANKS, tmp_path / "out", seed=2)
    one, two = value_of(first), value_of(tmp_path / "out")
    assert (one["seed"], two["seed"]) == (1, 2)
    assert one["inputs_sha256"] == two["inputs_sha256"]
    (a,), (b,) = one["cases"], two["cases"]
    assert a["interval"] != b["interval"]
    for base in ("alone", "together", "shares", "payments", "in_core"):
        assert a[base] == b[base], base
    changed = {f for f, digest in contents(first).items() if contents(tmp_path / "out")[f] != digest}
    assert {"value.json", "workbook.xlsx", "provenance.json"} <= changed
    assert not {"conversions.csv", "refused.csv", "tables/files.csv", "tables/municipalities.csv"} & changed


def test_a_changed_input_changes_its_hash_and_what_depends_on_it(first: Path, tmp_path: Path) -> None:
    """Deeper water on one bank: that file's hash, the hash of all, and that bank's loss, no other file's."""
    region = Path(shutil.copytree(TWO_BANKS, tmp_path / "region"))
    file = "members/uferau/depths.csv"
    replace(region, file, ",T500,1.70", ",T500,2.60", count=99)
    after = appraised(region, tmp_path / "out")
    before = contents(first)
    assert [after["conversions.csv"], after["refused.csv"]] == [
        before["conversions.csv"],
        before["refused.csv"],
    ]
    one, two = value_of(first), value_of(tmp_path / "out")
    assert one["inputs_sha256"] != two["inputs_sha256"]
    hashes = [hashes_of(out) for out in (first, tmp_path / "out")]
    assert {f for f in hashes[0] if hashes[0][f] != hashes[1][f]} == {file}
    (a,), (b,) = one["cases"], two["cases"]
    assert b["alone"]["uferau"] > a["alone"]["uferau"]
    assert b["alone"]["steinach"] == a["alone"]["steinach"]
    for out, told in ((first, one), (tmp_path / "out", two)):
        assert told["inputs_sha256"] in (out / "provenance.json").read_text("utf-8")
        page = (out / "report" / "de" / "index.html").read_text("utf-8")
        assert re.search(r"Eingaben\s+" + told["inputs_sha256"][:12], page)


def hashes_of(out: Path) -> dict[str, str]:
    with (out / "tables" / "files.csv").open(encoding="utf-8-sig", newline="") as stream:
        return {row["file"]: row["sha256"] for row in csv.DictReader(stream)}


def test_a_number_of_a_case_changes_the_hash_too(tmp_path: Path) -> None:
    from bothbanks.region import harmonise, read_region

    region = Path(shutil.copytree(TWO_BANKS, tmp_path / "region"))
    before = harmonise(read_region(region)).inputs_sha256
    replace(region, "cases/flood.toml", "value = 24.0", "value = 24.5")
    assert harmonise(read_region(region)).inputs_sha256 != before


def test_value_json_holds_no_clock_and_no_place(first: Path) -> None:
    text = (first / "value.json").read_text("utf-8") + (first / "provenance.json").read_text("utf-8")
    assert str(first.parent) not in text
    assert not re.search(r"20\d\d-\d\d-\d\dT", text)
