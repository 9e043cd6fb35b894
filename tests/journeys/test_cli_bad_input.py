"""Bad input from the command line: exit code 2, every problem at once, and the old output as it was."""

from __future__ import annotations

import json
import re
import shutil
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from appraisals import bothbanks, contents, new_folder, run_of
from region_folders import append, replace

from bothbanks import cli
from bothbanks.app.appraise import appraise_region
from bothbanks.app.output import whole_folder
from bothbanks.app.write import matrix_text

LEFT, RIGHT = "members/left/member.toml", "members/right/member.toml"
CELLS, DEPTHS, CASE = "members/right/population.csv", "members/right/depths.csv", "cases/flood.toml"
OUTLINES = "members/{}/municipalities.geojson"


class Done(NamedTuple):
    """How a call of the command line ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def region(tmp_path: Path) -> Path:
    return Path(shutil.copytree(new_folder(), tmp_path / "region"))


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """The command line in this process, as ``bothbanks`` runs it."""

    def run(*arguments: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["bothbanks", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            cli.main()
        told = capsys.readouterr()
        return Done(left.value.code if isinstance(left.value.code, int) else 0, told.out, told.err)

    return run


def field(folder: Path, file: str, line: int, column: int, text: str) -> None:
    """Put a text in a field of a CSV file."""
    path = folder / file
    rows = path.read_text("utf-8").splitlines()
    parts = rows[line - 1].split(",")
    parts[column] = text
    rows[line - 1] = ",".join(parts)
    path.write_text("\n".join(rows) + "\n", "utf-8")


def spoil_outline(folder: Path, side: str, how: str) -> None:
    """Make the first municipality of a side invalid, overlap the second, or take its code."""
    path = folder / OUTLINES.format(side)
    data = json.loads(path.read_text("utf-8"))
    first, second = data["features"]
    if how == "overlap":
        first["geometry"] = second["geometry"]
    elif how == "code":
        first["properties"]["code"] = second["properties"]["code"]
    else:
        ring = first["geometry"]["coordinates"][0]
        ring[1], ring[2] = ring[2], ring[1]
    path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")


def gauge(folder: Path, datum: str) -> None:
    (folder / "members/right/levels.csv").write_text("gauge,date,level\nKehl,2021-07-15,141.5\n", "utf-8")
    append(
        folder, RIGHT,
        f'\n[[sources]]\nkind = "gauge_levels"\nfile = "levels.csv"\n{datum}licence = "CC0-1.0"\n'
        'attribution = "made up"\n[sources.constants]\nriver = "Rhin"\n',
    )  # fmt: skip


def curve(folder: Path, fraction: str) -> None:
    append(
        folder, CASE,
        f'\n[[curves]]\nid = "own"\nintensity = [0, 1, 2]\nfraction = {fraction}\nunit = "m"\n'
        'source = "assumed"\n',
    )  # fmt: skip


def rate(folder: Path, number: str, day: str) -> None:
    append(
        folder, "region.toml",
        f'\n[[rates]]\nfrom = "CHF"\nto = "EUR"\nrate = {number}\ndate = "{day}"\nsource = "assumed"\n',
    )  # fmt: skip


def cut(folder: Path, file: str, length: int) -> None:
    path = folder / file
    path.write_bytes(path.read_bytes()[:length])


class Case(NamedTuple):
    """A way to spoil a folder, and what the message has to name."""

    spoil: Callable[[Path], object]
    told: tuple[str, ...]


CASES = {
    "file missing": Case(lambda f: (f / DEPTHS).unlink(), (RIGHT, "sources[3]", "depths.csv")),
    "settings missing": Case(lambda f: (f / "region.toml").unlink(), ("region.toml",)),
    "member missing": Case(lambda f: shutil.rmtree(f / "members/left"), (LEFT,)),
    "truncated": Case(
        lambda f: cut(f, OUTLINES.format("right"), 300), (OUTLINES.format("right"), "whole GeoJSON")
    ),
    "another format": Case(
        lambda f: (f / CELLS).write_bytes(b"PK\x03\x04" + bytes(200)), (CELLS, "text (CSV)")
    ),
    "unknown CRS": Case(
        lambda f: replace(f, RIGHT, "EPSG:2154", "EPSG:999999"), (CELLS, "crs", "EPSG:999999")
    ),
    "unknown datum": Case(lambda f: gauge(f, 'height_datum = "NGF-IGN69"\n'), ("levels.csv", "NGF-IGN69")),
    "no datum": Case(lambda f: gauge(f, ""), ("levels.csv", "a height with no datum", "height_datum")),
    "unknown unit": Case(
        lambda f: replace(f, LEFT, 'depth = "cm"', 'depth = "ells"'), ("tiefen.csv", "units.depth", "ells")
    ),
    "unknown currency": Case(
        lambda f: replace(f, RIGHT, 'currency = "EUR"', 'currency = "EUX"'), (RIGHT, "EUX")
    ),
    "unknown code": Case(lambda f: field(f, DEPTHS, 3, 2, "T7"), (DEPTHS, "line 3", "return_period", "T7")),
    "NaN": Case(lambda f: field(f, CELLS, 5, 3, "nan"), (CELLS, "line 5", "population", "'nan'")),
    "negative": Case(lambda f: field(f, CELLS, 5, 3, "-5"), (CELLS, "line 5", "population", "'-5'")),
    "text": Case(lambda f: field(f, CELLS, 5, 3, "Ἀγορά"), (CELLS, "line 5", "population", "'Ἀγορά'")),
    "outside": Case(lambda f: field(f, CELLS, 2, 0, "99000000"), (CELLS, "line 2", "area of use")),
    "overlapping": Case(
        lambda f: spoil_outline(f, "right", "overlap"), (OUTLINES.format("right"), "FR-1", "FR-2")
    ),
    "invalid outline": Case(
        lambda f: spoil_outline(f, "right", "bow-tie"), (OUTLINES.format("right"), "feature 1")
    ),
    "duplicate code": Case(
        lambda f: spoil_outline(f, "right", "code"), (OUTLINES.format("right"), "feature 2", "FR-2")
    ),
    "a curve that falls": Case(lambda f: curve(f, "[0.0, 0.5, 0.4]"), (CASE, "curves[1] own", "0.5 at 1")),
    "a rate of another year": Case(lambda f: rate(f, "1.05", "2019-12-31"), ("region.toml", "2019-12-31")),
    "a rate that is none": Case(lambda f: rate(f, "-1.0", "2023-12-29"), ("region.toml", "rate", "-1.0")),
    "no competence": Case(
        lambda f: replace(f, CASE, 'holders = ["right"]', "holders = []"), (CASE, "walls-right", "competence")
    ),
}


def old_output(folder: Path) -> dict[str, str]:
    """An output of an earlier run, and its manifest."""
    with whole_folder(folder) as new:
        (new / "value.json").write_text("{}", "utf-8")
        (new / "report").mkdir()
        (new / "report" / "index.html").write_text("old", "utf-8")
    return contents(folder)


@pytest.mark.parametrize("case", CASES)
def test_appraise_stops_with_2_says_where_and_keeps_the_old_output(
    case: str, region: Path, tmp_path: Path, call: Callable[..., Done]
) -> None:
    before = old_output(tmp_path / "out")
    CASES[case].spoil(region)
    done = call("appraise", region, "--out", tmp_path / "out", "--draws", "2")
    assert done.code == 2
    told = [line for line in done.err.splitlines() if line.startswith("  [region.")]
    assert told
    assert any(all(part in line for part in CASES[case].told) for line in told), done.err
    assert all(re.fullmatch(r"  \[region\.[a-z-]+\] \S.*: found .+; expected .+", line) for line in told)
    assert "Traceback" not in done.err
    assert "Nothing was written" in done.err
    assert contents(tmp_path / "out") == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "region"]


def test_check_says_the_same_as_appraise(region: Path, tmp_path: Path, call: Callable[..., Done]) -> None:
    field(region, CELLS, 5, 3, "many")
    checked = call("check", region)
    appraised = call("appraise", region, "--out", tmp_path / "out")
    assert checked.code == appraised.code == 2
    assert checked.err == appraised.err.replace("  0% reading the region folder\n", "")
    assert not (tmp_path / "out").exists()


TOGETHER = (
    "file missing", "truncated", "unknown unit", "NaN", "a curve that falls", "a rate of another year",
    "no competence", "no datum",
)  # fmt: skip


def test_all_problems_of_a_folder_are_told_at_once(region: Path, tmp_path: Path) -> None:
    for case in TOGETHER:
        CASES[case].spoil(region)
    field(region, CELLS, 7, 3, "-5")
    replace(region, "region.toml", "high = 0.04", "high = 0.01")
    replace(region, "region.toml", "draws = 64", "draws = 64\nsede = 1")
    done = bothbanks("appraise", region, "--out", tmp_path / "out")
    assert done.returncode == 2
    told = [line for line in done.stderr.splitlines() if line.startswith("  [region.")]
    for case in TOGETHER:
        assert any(all(part in line for part in CASES[case].told) for line in told), (case, done.stderr)
    assert any("line 7" in line and "'-5'" in line for line in told)
    assert any("region.toml" in line and "high 0.01" in line for line in told)
    assert any("region.toml" in line and "sede" in line for line in told)
    assert f"{len(told)} problem(s)" in done.stderr
    assert len(told) == len(TOGETHER) + 3
    assert not (tmp_path / "out").exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["region"]


def test_a_member_folder_beyond_the_list_and_one_that_is_missing(
    region: Path, call: Callable[..., Done]
) -> None:
    shutil.copytree(region / "members/right", region / "members/third")
    replace(region, "region.toml", 'members = ["left", "right"]', 'members = ["left", "right", "fourth"]')
    done = call("check", region)
    assert done.code == 2
    assert "members/third" in done.err
    assert "members/fourth" in done.err


def test_names_in_any_script_are_read_and_shown(region: Path, tmp_path: Path) -> None:
    names = {"left": "گرگان 東京 Ħamrun", "right": "Ἀθῆναι ქუთაისი 🏞"}
    for side, name in names.items():
        toml = (region / f"members/{side}/member.toml").read_text("utf-8")
        head, table, rest = toml.partition("[name]")
        rest = re.sub(r'(?m)^(en|de|fr) = ".*"$', rf'\1 = "{name}"', rest, count=3)
        (region / f"members/{side}/member.toml").write_text(head + table + rest, "utf-8")
    findings = appraise_region(region, tmp_path / "out", 1, workers=1)
    assert all(name in matrix_text(findings) for name in names.values())
    page = (tmp_path / "out/report/en/index.html").read_text("utf-8")
    value = json.loads((tmp_path / "out/value.json").read_text("utf-8"))
    for side, name in names.items():
        assert name in page
        assert value["member_details"][side]["name"]["en"] == name


def test_an_output_folder_of_somebody_else_is_left_as_it_is(
    region: Path, tmp_path: Path, call: Callable[..., Done]
) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work", "utf-8")
    done = call("appraise", region, "--out", tmp_path / "thesis", "--draws", "1")
    assert done.code == 2
    assert "app.output-foreign" in done.err
    assert contents(tmp_path / "thesis").keys() == {"chapter.txt"}
    assert "playing" not in done.err  # told before anything is computed


def test_dry_run_writes_nothing(region: Path, tmp_path: Path, call: Callable[..., Done]) -> None:
    done = call("appraise", region, "--out", tmp_path / "out", "--dry-run")
    assert done.code == 0
    assert "nothing was written" in done.out
    assert sorted(p.name for p in tmp_path.iterdir()) == ["region"]


@pytest.mark.parametrize("options", [("--draws", "0"), ("--seed", "-1"), ("--draws", "many"), ()])
def test_what_the_command_line_itself_refuses(
    options: tuple[str, ...], region: Path, tmp_path: Path, call: Callable[..., Done]
) -> None:
    out = ("--out", tmp_path / "out") if options else ()
    done = call("appraise", region, *out, *options)
    assert done.code == 2
    assert not (tmp_path / "out").exists()


# --- the workbook ----------------------------------------------------------------------------------------


def edited_workbook(folder: Path, which: str) -> Path:
    """The workbook of a run with one cost raised by a tenth."""
    from openpyxl import load_workbook

    out, done = run_of(which)
    assert done.returncode == 0, done.stderr
    book = load_workbook(out / "workbook.xlsx")
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            if any(cell.value == "flood.measure.retention-upstream.cost" for cell in row):
                number = next(c for c in row if isinstance(c.value, int | float) and c.value == 1_800_000.0)
                number.value = 1_980_000.0
                book.save(folder / "edited.xlsx")
                return folder / "edited.xlsx"
    raise AssertionError("no cost of the retention in the workbook")


def test_an_edited_number_comes_back(region: Path, tmp_path: Path, call: Callable[..., Done]) -> None:
    book = edited_workbook(tmp_path, "fresh")
    before = contents(region)
    listed = call("check", region, "--from", book)
    assert listed.code == 0, listed.err
    assert "1800000 -> 1980000" in listed.out
    assert "flood.measure.retention-upstream.cost value" in listed.out
    assert contents(region) == before
    written = call("check", region, "--from", book, "--write")
    assert written.code == 0, written.err
    after = contents(region)
    assert {file for file in after if after[file] != before[file]} == {CASE}
    measures = tomllib.loads((region / CASE).read_text("utf-8"))["measures"]
    assert [m["cost"]["value"] for m in measures if m["id"] == "retention-upstream"] == [1_980_000.0]
    assert call("check", region).code == 0
    stale = call("check", region, "--from", book)
    assert stale.code == 2
    assert "region.stale-edit" in stale.err


def test_a_workbook_of_another_region_is_refused(
    region: Path, tmp_path: Path, call: Callable[..., Done]
) -> None:
    replace(region, "region.toml", 'id = "fresh"', 'id = "elsewhere"')
    before = contents(region)
    done = call("check", region, "--from", edited_workbook(tmp_path, "fresh"), "--write")
    assert done.code == 2
    assert "workbook.region" in done.err
    assert "'fresh'" in done.err
    assert "'elsewhere'" in done.err
    assert contents(region) == before


def test_a_workbook_that_is_none(region: Path, tmp_path: Path, call: Callable[..., Done]) -> None:
    assert "workbook.missing" in call("check", region, "--from", tmp_path / "none.xlsx").err
    (tmp_path / "text.xlsx").write_text("not a workbook", "utf-8")
    done = call("check", region, "--from", tmp_path / "text.xlsx")
    assert done.code == 2
    assert "Traceback" not in done.err
