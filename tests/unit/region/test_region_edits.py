"""Edited numbers come back into the folder: only those numbers change."""

from __future__ import annotations

import difflib
import shutil
from pathlib import Path
from typing import Any

import pytest
from region_folders import TWO_BANKS, append

from bothbanks.region.edits import apply_edits
from bothbanks.region.folder import harmonise, read_region
from bothbanks.region.toml_spans import value_spans
from bothbanks.words.errors import RegionError

COST = "flood.measure.levee-left.cost"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TWO_BANKS, tmp_path / "two"))


def model(folder: Path) -> Any:
    return harmonise(read_region(folder))


def difference(old: str, new: str) -> list[str]:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=0)
    return [line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---")]


def test_a_dry_run_lists_and_changes_nothing(folder: Path) -> None:
    before = (folder / "cases/flood.toml").read_bytes()
    (change,) = apply_edits(model(folder), folder, [(COST, 1_500_000.0, 1_750_000.0)])
    assert (change.file, change.field, change.old, change.new) == ("cases/flood.toml", "value", 1.5e6, 1.75e6)
    assert before.decode().splitlines()[change.line - 1] == "value = 1500000.0"
    assert (folder / "cases/flood.toml").read_bytes() == before


def test_written_edits_change_those_numbers_only(folder: Path) -> None:
    before = (folder / "cases/flood.toml").read_text("utf-8")
    edits = [(COST, 1_500_000.0, 1_750_000.0), ("flood.measure.proofing.effect1:low", 0.75, 0.7)]
    apply_edits(model(folder), folder, edits, dry_run=False)
    after = (folder / "cases/flood.toml").read_text("utf-8")
    assert difference(before, after) == [
        "-value = 1500000.0", "+value = 1750000", "-low = 0.75", "+low = 0.7"
    ]  # fmt: skip
    changed = model(folder)
    assert changed.parameter(COST).value == 1_750_000.0
    assert changed.inputs_sha256 != model(TWO_BANKS).inputs_sha256


def test_money_of_another_currency_is_written_back_in_its_own(folder: Path) -> None:
    """The cost stands as EUR of 2020 in the file and as CHF of 2023 in the workbook: 1.2 x 0.93 apart."""
    now = model(folder).parameter("flood.measure.walls-right.cost").value
    (change,) = apply_edits(
        model(folder), folder, [("flood.measure.walls-right.cost", now, 1.1 * now)], dry_run=False
    )
    assert (change.old, change.new) == (1_000_000.0, pytest.approx(1_100_000.0))
    assert model(folder).parameter("flood.measure.walls-right.cost").value == pytest.approx(1.1 * now)


def test_numbers_of_the_region_and_of_a_member(folder: Path) -> None:
    append(
        folder,
        "members/uferau/member.toml",
        '\n[discount_rate]\nvalue = 0.03\nunit = "1/year"\nsource = "assumed"\n',
    )
    edits = [("region.discount_rate", 0.03, 0.025), ("member.uferau.discount_rate", 0.03, 0.03)]
    changes = apply_edits(model(folder), folder, edits, dry_run=False)
    assert [c.file for c in changes] == ["region.toml"]


def test_a_bound_that_was_left_out_is_added(folder: Path) -> None:
    append(
        folder,
        "members/uferau/member.toml",
        '\n[discount_rate]\nvalue = 0.03\nunit = "1/year"\nsource = "assumed"\n',
    )
    apply_edits(model(folder), folder, [("member.uferau.discount_rate:high", 0.03, 0.05)], dry_run=False)
    parameter = model(folder).parameter("member.uferau.discount_rate")
    assert (parameter.low, parameter.value, parameter.high) == (0.03, 0.03, 0.05)


def test_all_faults_of_the_edits_are_told_and_nothing_is_written(folder: Path) -> None:
    before = (folder / "cases/flood.toml").read_bytes()
    edits = [
        (COST, 1_500_000.0, 9e9),
        ("flood.measure.nowhere.cost", 1.0, 2.0),
        ("region.discount_rate", 0.031, 0.02),
        ("flood.measure.proofing.cost", 400_000.0, float("nan")),
    ]
    with pytest.raises(RegionError) as error:
        apply_edits(model(folder), folder, edits, dry_run=False)
    assert {(p.record, p.code) for p in error.value.problems} == {
        (COST, "region.range"),
        ("flood.measure.nowhere.cost", "region.unknown-parameter"),
        ("region.discount_rate", "region.stale-edit"),
        ("flood.measure.proofing.cost", "region.not-a-number"),
    }
    assert (folder / "cases/flood.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ('a = {b = {value = 1.5, low = 1}}\n', ("a", "b", "value"), "1.5"),
        ('a.b.value = 2\n', ("a", "b", "value"), "2"),
        ('[a]\nb = """\nvalue = 1\n"""\nvalue = 3 # value = 4\n', ("a", "value"), "3"),
        ("[a]\nb = '''x = [1]'''\nc = [[1, 2], [3]]\n", ("a", "c", 0, 1), "2"),
        ('[[m]]\n[[m.e]]\nv = 1\n[[m.e]]\nv = 2\n[[m]]\n[[m.e]]\nv = 3\n', ("m", 1, "e", 0, "v"), "3"),
        ('[a."b.c"]\nd = 1979-05-27 07:32:00\n', ("a", "b.c", "d"), "1979-05-27 07:32:00"),
        ('x = [ # one\n  1, # two\n  2,\n]\n', ("x", 1), "2"),
    ],
)  # fmt: skip
def test_values_are_found_in_every_way_of_writing(text: str, path: tuple[Any, ...], value: str) -> None:
    start, end = value_spans(text)[path]
    assert text[start:end] == value
