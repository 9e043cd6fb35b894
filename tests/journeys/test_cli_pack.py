"""``bothbanks pack``: the papers and tables of a region with money, from the command line."""

from __future__ import annotations

import shutil
from pathlib import Path

import docx
import pytest
from appraisals import TWO_BANKS, bothbanks
from openpyxl import load_workbook

SOURCES = """
first_year = 2027
rate_date = 2023-12-29

[[sources]]
id = "joint-fund"
kind = "interreg"
name = "Joint fund"
countries = 1
first_year = 2027
last_year = 2034
currency = "EUR"
source = "assumed"

[sources.largest_share]
value = 0.5
unit = "1"
source = "assumed"
"""


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    region = tmp_path_factory.mktemp("pack") / "region"
    shutil.copytree(TWO_BANKS, region)
    (region / "finance").mkdir()
    (region / "finance" / "sources.toml").write_text(SOURCES, "utf-8")
    out = region.parent / "papers"
    done = bothbanks("pack", region, "--out", out, "--draws", "4")
    assert done.returncode == 0, done.stderr
    assert {str(path) for path in out.iterdir() if path.suffix in {".docx", ".xlsx"}} == set(
        done.stdout.split()
    )
    return out


def test_one_paper_a_language_with_something_to_decide(papers: Path) -> None:
    found = sorted(papers.glob("*.docx"))
    assert found
    for path in found:
        text = " ".join(c.text for t in docx.Document(str(path)).tables for r in t.rows for c in r.cells)
        assert "D01" in text


def test_the_tables_ask_for_half_of_what_the_fund_may_pay(papers: Path) -> None:
    found = sorted(papers.glob("joint-fund-*.xlsx"))
    assert found
    sheet = load_workbook(found[0], data_only=True).worksheets[1]
    last = max(r for r in range(4, sheet.max_row + 1) if isinstance(sheet.cell(r, 6).value, (int, float)))
    asked, total = sheet.cell(last, 3).value, sheet.cell(last, 6).value
    assert 0 < asked <= total / 2 + 0.01


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep", "utf-8")
    done = bothbanks("pack", TWO_BANKS, "--out", tmp_path, "--draws", "1")
    assert done.returncode == 2
    assert "not written by bothbanks" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_a_project_ends_with_the_years_of_its_fund(papers: Path) -> None:
    sheet = load_workbook(next(papers.glob("joint-fund-*.xlsx")), data_only=True).worksheets[2]
    years = [sheet.cell(r, 5).value for r in range(4, sheet.max_row + 1) if sheet.cell(r, 1).value]
    assert years
    assert all(2027 <= year <= 2034 for year in years if year is not None)
