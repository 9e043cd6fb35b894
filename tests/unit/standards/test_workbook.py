from __future__ import annotations

import datetime as dt
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import findings_fixture
import openpyxl
import pytest

from bothbanks.standards.workbook import Edit, read_workbook, write_workbook
from bothbanks.standards.workbook_words import HEADINGS, LANGUAGES, READ_ME, RULES
from bothbanks.words.errors import RegionError
from bothbanks.words.parameters import Parameter


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_workbook(findings_fixture.findings(), tmp_path_factory.mktemp("book") / "book.xlsx")


@pytest.fixture
def change(fresh: Path, tmp_path: Path) -> Any:
    """Set cells of the sheet of inputs, by parameter and column letter, and give the file."""

    def changed(cells: dict[tuple[str, str], Any], sheet: str = "Inputs") -> Path:
        book = openpyxl.load_workbook(fresh)
        rows = {book[sheet].cell(r, 1).value: r for r in range(1, book[sheet].max_row + 1)}
        for (name, column), value in cells.items():
            book[sheet][f"{column}{rows[name]}"].value = value
        book.save(tmp_path / "changed.xlsx")
        return tmp_path / "changed.xlsx"

    return changed


RATE, COST = "region.discount_rate", "flood.measure.brook-buffers.cost"


def problems(path: Path) -> list[tuple[str, str]]:
    with pytest.raises(RegionError) as caught:
        read_workbook(path)
    return [(p.record, p.found) for p in caught.value.problems]


def test_an_untouched_workbook_changes_nothing(fresh: Path) -> None:
    back = read_workbook(fresh)
    assert (back.region, back.inputs_sha256, back.edits) == ("brookland", "ab" * 32, ())


def test_edits_come_back_with_old_and_new(change: Any) -> None:
    path = change({(RATE, "B"): 0.035, (COST, "D"): 90_000_000})
    assert list(read_workbook(path)) == [Edit(RATE, 0.03, 0.035), Edit(COST, 70e6, 90e6, "high")]


def test_sorting_the_rows_changes_nothing(fresh: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(fresh)
    sheet = book["Inputs"]
    rows = [[c.value for c in row] for row in sheet.iter_rows(min_row=5)]
    for r, row in enumerate(reversed(rows), start=5):
        for c, value in enumerate(row, start=1):
            sheet.cell(r, c).value = value
    book.save(tmp_path / "sorted.xlsx")
    assert read_workbook(tmp_path / "sorted.xlsx").edits == ()


@pytest.mark.parametrize(
    ("bad", "shown"),
    [("0,03", "'0,03' (str)"), (None, "an empty cell, or a formula without a stored result"),
     (True, "True (bool)"), (dt.datetime(2026, 3, 1), "datetime.datetime(2026, 3, 1, 0, 0) (datetime)"),
     ("=1/50", "an empty cell, or a formula without a stored result")],
)  # fmt: skip
def test_what_is_no_number_is_refused_with_its_cell(change: Any, bad: Any, shown: str) -> None:
    assert problems(change({(RATE, "B"): bad})) == [("Inputs!B5", shown)]


def test_all_faults_are_listed_at_once(change: Any) -> None:
    path = change({(RATE, "B"): "three", (RATE, "C"): "two", (COST, "B"): 1e9, (COST, "E"): "USD"})
    places = [place for place, _ in problems(path)]
    assert places == ["Inputs!B5", "Inputs!C5", "Inputs!A13", "Inputs!B13:D13"]


def test_rows_added_twice_renamed_or_gone_are_refused(change: Any) -> None:
    found = dict(problems(change({(COST, "A"): RATE})))
    assert found["Inputs!A13"] == f"{RATE} a second time"
    assert found["Inputs"] == "no such row"
    assert dict(problems(change({(COST, "A"): "flood.invented"})))["Inputs!A13"] == "'flood.invented'"
    assert dict(problems(change({(COST, "A"): None})))["Inputs!A13"] == "numbers without an id"


def test_a_changed_source_is_not_dropped_in_silence(change: Any) -> None:
    assert problems(change({(RATE, "F"): "our own"})) == [("Inputs!A5", "'our own'")]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"id;value\n1;2\n", b"\x00" * 500])
def test_a_file_of_another_form_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "workbook.xlsx"
    path.write_bytes(content)
    assert len(problems(path)) == 1


def test_a_cut_file_and_a_missing_one_are_refused(fresh: Path, tmp_path: Path) -> None:
    (tmp_path / "half.xlsx").write_bytes(fresh.read_bytes()[:9000])
    assert len(problems(tmp_path / "half.xlsx")) == 1
    assert problems(tmp_path / "none.xlsx") == [("", "no such file")]


def test_somebody_elses_workbook_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.save(tmp_path / "other.xlsx")
    assert problems(tmp_path / "other.xlsx") == [("", "sheets Sheet")]


@pytest.mark.parametrize("make", ["findings", "other_scripts", "bare"])
def test_the_same_findings_give_the_same_bytes(make: str, tmp_path: Path) -> None:
    found = getattr(findings_fixture, make)()
    a, b = (write_workbook(found, tmp_path / f"{x}.xlsx").read_bytes() for x in "ab")
    assert a == b
    stamps = {i.date_time for i in zipfile.ZipFile(tmp_path / "a.xlsx").infolist()}
    assert stamps == {(2000, 1, 1, 0, 0, 0)}


def test_only_the_marked_cells_can_be_changed(fresh: Path) -> None:
    book = openpyxl.load_workbook(fresh)
    open_cells = {
        (s.title, c.column_letter)
        for s in book
        for row in s.iter_rows()
        for c in row
        if not c.protection.locked
    }
    assert open_cells == {("Inputs", "B"), ("Inputs", "C"), ("Inputs", "D"), ("Shares", "Q")}
    assert all(sheet.protection.sheet for sheet in book)


def test_words_that_look_like_formulas_stay_words(tmp_path: Path) -> None:
    found = findings_fixture.findings()
    sly = Parameter("x.sly", 1.0, 0.0, 2.0, "1", '=HYPERLINK("file:///etc/passwd")', "+1\x00\x07")
    path = write_workbook(replace(found, parameters=(*found.parameters, sly)), tmp_path / "b.xlsx")
    sheet = openpyxl.load_workbook(path)["Inputs"]
    row = sheet.max_row
    assert sheet.cell(row, 6).data_type == "s"
    assert sheet.cell(row, 6).value.startswith("=HYPERLINK")
    assert sheet.cell(row, 6).quotePrefix
    assert sheet.cell(row, 7).value == "+1\ufffd\ufffd"
    assert read_workbook(path).edits == ()


def test_every_word_of_the_workbook_is_in_every_language() -> None:
    assert all(len(words) == len(LANGUAGES) and all(words) for words in (HEADINGS | RULES).values())
    assert set(READ_ME) == set(LANGUAGES)
    assert len({len(paragraphs) for paragraphs in READ_ME.values()}) == 1


def test_headings_stand_in_the_regions_languages(tmp_path: Path) -> None:
    path = write_workbook(findings_fixture.other_scripts(), tmp_path / "b.xlsx")
    book = openpyxl.load_workbook(path)
    assert book["Members"]["A3"].value == "Kennung"
    assert book["Members"]["B5"].value == "ქვემო მდინარის გაერთიანებული მუნიციპალიტეტი"
    assert "Gelbe Zellen" in str(book["Read me"]["A4"].value)
