"""Tables of an Interreg application: every table adds up to the same budget, nothing is guessed."""

from __future__ import annotations

from pathlib import Path

import findings_fixture
import pytest
from openpyxl import load_workbook

from bothbanks.pages.papers.interreg import Payment, Project, Reported, write_interreg
from bothbanks.pages.report import languages_of


@pytest.fixture(scope="module")
def project() -> Project:
    findings = findings_fixture.findings()
    first, second = (m.id for m in findings.members[:2])
    wall, other = (m.id for m in findings.measures[:2])
    return Project(
        "interreg",
        "Interreg",
        0.5,
        (
            Payment(wall, first, 2027, "interreg", 500_000.0),
            Payment(wall, first, 2027, "", 400_000.5),
            Payment(wall, first, 2028, "land", 100_000.0),
            Payment(other, second, 2028, "interreg", 250_000.0),
            Payment(other, second, 2028, "", 250_000.25),
        ),
    )


def written(project: Project, tmp_path: Path, reported: tuple[Reported, ...] = (), language: int = 0) -> Path:
    findings = findings_fixture.findings()
    chosen = languages_of(findings)[language]
    return write_interreg(findings, chosen, project, reported, tmp_path / f"{chosen.code}.xlsx")


def last_number(sheet: object, row: int) -> float:
    return [c.value for c in sheet[row] if isinstance(c.value, (int, float))][-1]  # type: ignore[index]


def test_every_table_adds_up_to_the_whole_budget(project: Project, tmp_path: Path) -> None:
    book = load_workbook(written(project, tmp_path), data_only=True)
    total = 1_500_000.75
    assert project.total() == total
    sheets = book.worksheets
    assert len(sheets) == 6 + 2
    partners = sheets[1]
    assert [c.value for c in partners[6]][2:6] == pytest.approx([750_000, 100_000, 650_000.75, total])
    assert partners["G4"].value == pytest.approx(500_000 / 1_000_000.5)
    for sheet in sheets[2:6]:
        rows = [r for r in range(4, sheet.max_row + 1) if sheet.cell(r, 1).value or sheet.cell(r, 2).value]
        assert last_number(sheet, rows[-1]) == pytest.approx(total), sheet.title


def test_formulas_are_live_and_open_cells_can_be_filled(project: Project, tmp_path: Path) -> None:
    sheet = load_workbook(written(project, tmp_path)).worksheets[3]
    assert sheet["H4"].value == "=SUM(B4:G4)"
    assert [sheet.cell(4, c).protection.locked for c in range(2, 8)] == [False] * 4 + [True] * 2
    assert [sheet.cell(4, c).value for c in range(2, 6)] == [0, 0, 0, 0]


def test_a_partner_report_sets_the_journal_beside_the_budget(project: Project, tmp_path: Path) -> None:
    paid = Reported(project.members[0], project.measures[0], "2027-05-01", 120_000.0)
    book = load_workbook(written(project, tmp_path, (paid,)), data_only=True)
    row = [c.value for c in book.worksheets[6][4]]
    assert row[2:] == pytest.approx([1_000_000.5, 120_000.0, 0.0, 120_000.0, 880_000.5])


def test_the_same_bytes_and_every_language(project: Project, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    for k in range(len(languages_of(findings_fixture.findings()))):
        a, b = written(project, tmp_path, (), k), written(project, tmp_path / "again", (), k)
        assert a.read_bytes() == b.read_bytes()
