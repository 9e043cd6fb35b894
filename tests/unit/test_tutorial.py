"""The tutorial's steps, as a reader would take them, up to the appraisal (which has tests of its own)."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import findings_fixture
import openpyxl
import pytest
from typer.testing import CliRunner, Result

from bothbanks import cli
from bothbanks.region import harmonise, read_region
from bothbanks.standards.workbook import write_workbook
from bothbanks.words.errors import RegionError

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tutorial" / "one-river.md"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.app, [str(word) for word in words])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert run("new", tmp_path / "two-banks").exit_code == 0
    return tmp_path / "two-banks"


def swap(file: Path, old: str, new: str, encoding: str = "utf-8") -> None:
    text = file.read_text(encoding)
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding)


def test_the_folder_is_as_the_tutorial_draws_it(folder: Path) -> None:
    tree = re.findall(r"^([\w/.-]+\.(?:toml|csv)) ", PAGE.read_text("utf-8"), re.MULTILINE)
    assert len(tree) == 6
    assert all((folder / name).is_file() for name in tree)


def test_the_settings_shown_are_in_the_folder(folder: Path) -> None:
    shown = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[0]
    written = (folder / "members/left/member.toml").read_text("utf-8")
    lines = {line.split("#")[0].strip() for line in written.splitlines()}
    assert not {line.split("#")[0].strip() for line in shown.splitlines()} - lines


def test_a_new_folder_is_clean(folder: Path) -> None:
    done = run("check", folder)
    assert done.exit_code == 0
    assert "nothing is wrong" in done.output


def test_two_faults_come_back_in_one_list(folder: Path) -> None:
    swap(folder / "members/left/member.toml", 'depth = "cm"', 'depth = "furlong-ish"')
    people = folder / "members/left/einwohner.csv"
    swap(people, people.read_text("windows-1252").splitlines()[1].rsplit(";", 1)[1], "-3", "windows-1252")
    with pytest.raises(RegionError) as caught:
        harmonise(read_region(folder))
    told = str(caught.value)
    assert "furlong-ish" in told
    assert "-3" in told
    assert "einwohner.csv" in told


def test_a_sourced_number_makes_one_assumed_less(folder: Path) -> None:
    before = harmonise(read_region(folder)).parameters
    case = folder / "cases/flood.toml"
    new = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[1]
    old = re.search(r"\[parameters\.value_residential_DE\]\n(?:\w.*\n)+", case.read_text("utf-8"))
    assert old is not None
    swap(case, old.group(), new)
    after = harmonise(read_region(folder)).parameters
    assert sum(p.assumed for p in after) == sum(p.assumed for p in before) - 1


def test_a_number_changed_in_the_workbook_comes_back(folder: Path, tmp_path: Path) -> None:
    model = harmonise(read_region(folder))
    found = findings_fixture.findings()
    info = replace(found.region, id=model.settings.id, inputs_sha256=model.inputs_sha256)
    book = write_workbook(
        replace(found, region=info, parameters=model.parameters), tmp_path / "workbook.xlsx"
    )
    assert "no input was changed" in run("check", folder, "--from", book).output
    edited = openpyxl.load_workbook(book)
    sheet = edited["Inputs"]
    row = next(r for r in range(5, sheet.max_row + 1) if sheet.cell(r, 1).value == "region.discount_rate")
    sheet.cell(row, 2).value, sheet.cell(row, 4).value = 0.035, 0.05
    edited.save(book)
    listed = run("check", folder, "--from", book)
    assert "2 change(s):" in listed.output
    assert "0.03 -> 0.035" in listed.output
    assert harmonise(read_region(folder)).inputs_sha256 == model.inputs_sha256, "listing changes nothing"
    assert run("check", folder, "--from", book, "--write").exit_code == 0
    now = {p.id: p for p in harmonise(read_region(folder)).parameters}["region.discount_rate"]
    assert (now.value, now.low, now.high) == (0.035, 0.02, 0.05)
    assert run("check", folder, "--from", book).exit_code != 0, "the workbook is now of an older folder"
