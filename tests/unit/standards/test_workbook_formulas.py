"""The workbook's live formulas, calculated by a spreadsheet engine written by others."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import findings_fixture
import numpy as np
import openpyxl
import pytest

from bothbanks.analysis.findings import Findings
from bothbanks.analysis.measures.presentvalue import level_payment, present_value
from bothbanks.standards.workbook import write_workbook
from bothbanks.words.parameters import Parameter

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the engine compares literals with 'is'
    formulas = pytest.importorskip(
        "formulas", reason="spreadsheet engine: the package formulas is not installed"
    )

RATE = "region.discount_rate"
UPKEEP = Parameter("flood.measure.brook-buffers.upkeep", 0.01, 0.005, 0.02, "1/year", "assumed")


def calculated(path: Path) -> dict[tuple[str, str], Any]:
    """Every formula cell's result by (sheet, cell), from the engine and not from the file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solution = formulas.ExcelModel().loads(str(path)).finish(circular=False).calculate()
    book = openpyxl.load_workbook(path)
    out = {}
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    key = f"'[{path.name}]{sheet.title.upper()}'!{cell.coordinate}"
                    out[sheet.title, cell.coordinate] = solution[key].value[0, 0]
    return out


def stored(path: Path) -> dict[tuple[str, str], Any]:
    book = openpyxl.load_workbook(path, data_only=True)
    return {(s.title, c.coordinate): c.value for s in book for row in s.iter_rows() for c in row}


def find(path: Path, sheet: str, *words: str) -> int:
    """Row of the first line of a sheet that starts with those words."""
    page = openpyxl.load_workbook(path)[sheet]
    for row in range(1, page.max_row + 1):
        if all(w in str(page.cell(row, i + 1).value) for i, w in enumerate(words)):
            return row
    raise AssertionError(words)


@pytest.fixture(scope="module")
def found() -> Findings:
    f = findings_fixture.findings()
    return replace(f, parameters=(*f.parameters, UPKEEP))


@pytest.fixture(scope="module")
def path(found: Findings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_workbook(found, tmp_path_factory.mktemp("book") / "book.xlsx")


@pytest.fixture(scope="module")
def results(path: Path) -> dict[tuple[str, str], Any]:
    return calculated(path)


@pytest.fixture(scope="module")
def edited(found: Findings, path: Path) -> tuple[Path, dict[tuple[str, str], Any]]:
    """The same workbook after a reader set the rate to 4 %, the buffers to 63 million, and a division."""
    book = openpyxl.load_workbook(path)
    inputs = book["Inputs"]
    new = {RATE: 0.04, "flood.measure.brook-buffers.cost": 63e6, UPKEEP.id: 0.02}
    for row in range(5, inputs.max_row + 1):
        if inputs.cell(row, 1).value in new:
            inputs.cell(row, 2).value = new[inputs.cell(row, 1).value]
    shares = book["Shares"]
    for i, share in enumerate((10e6, 75e6, 5e6)):
        shares.cell(5 + i, 5 + 2 * 6).value = share
    after = path.with_name("edited.xlsx")
    book.save(after)
    return after, calculated(after)


def test_every_formula_gives_the_programs_own_number(path: Path, results: dict[tuple[str, str], Any]) -> None:
    kept = stored(path)
    assert len(results) > 450
    for place, result in results.items():
        want = kept[place]
        if isinstance(want, str) or want is None:
            assert str(result) == (want or ""), place
        else:
            assert result == pytest.approx(want, rel=1e-9, abs=1e-6), place


def test_no_check_cell_is_off(path: Path, results: dict[tuple[str, str], Any]) -> None:
    book = openpyxl.load_workbook(path)
    checks = [p for p in results if str(book[p[0]][p[1]].value).startswith("=ROUND(")]
    assert len(checks) > 50
    assert {results[place] for place in checks} == {0.0}


def test_present_costs_follow_rate_cost_and_upkeep(
    found: Findings, edited: tuple[Path, dict[tuple[str, str], Any]]
) -> None:
    path, results = edited
    row = find(path, "Measures", "Retention")
    buffers = found.measures[0]
    capital = present_value(buffers.cost_by_year * 1.5, 0.04)
    upkeep = present_value(buffers.upkeep_by_year * 1.5 * 2, 0.04)
    assert results["Measures", f"C{row}"] == pytest.approx(capital, rel=1e-12)
    assert results["Measures", f"C{row + 1}"] == pytest.approx(upkeep, rel=1e-12)


def test_level_payments_follow_the_rate(
    found: Findings, edited: tuple[Path, dict[tuple[str, str], Any]]
) -> None:
    path, results = edited
    row = find(path, "Payments", "Floods")
    game = found.cases[0].game
    assert game is not None
    for i in range(3):
        want = level_payment(float(game.rules[0].payments[i]), 0.04, found.region.horizon_years)
        assert results["Payments", f"B{row + 1 + i}"] == pytest.approx(want, rel=1e-9)


def test_the_readers_own_division_is_tested_against_every_coalition(
    found: Findings,
    path: Path,
    results: dict[tuple[str, str], Any],
    edited: tuple[Path, dict[tuple[str, str], Any]],
) -> None:
    row = find(path, "Coalitions", "Strongest objection")
    assert results["Coalitions", f"C{row}"] == "nobody does better by leaving"
    after = edited[1]
    # 10 + 75 for upper and lower against 61 saved, 10 + 5 for upper and east against 3, 80 against 12.
    assert after["Coalitions", f"B{row}"] == pytest.approx(-5e6)
    game = found.cases[0].game
    assert game is not None
    division = np.array([10e6, 75e6, 5e6])
    inside = np.array([[mask >> i & 1 for i in range(3)] for mask in range(1, 7)])
    assert after["Coalitions", f"B{row}"] == pytest.approx(
        float((game.worth_gamma[1:7] - inside @ division).max())
    )


def test_changed_inputs_are_marked(path: Path, edited: tuple[Path, dict[tuple[str, str], Any]]) -> None:
    marks = {c: r for (s, c), r in edited[1].items() if s == "Inputs" and c.startswith("I")}
    inputs = openpyxl.load_workbook(path)["Inputs"]
    changed = {inputs[f"A{c[1:]}"].value for c, r in marks.items() if r == "changed"}
    assert changed == {RATE, "flood.measure.brook-buffers.cost", UPKEEP.id}


def test_an_objection_names_its_coalition(found: Findings, tmp_path: Path) -> None:
    path = write_workbook(found, tmp_path / "b.xlsx")
    book = openpyxl.load_workbook(path)
    for i, share in enumerate((0.0, 0.0, 90e6)):
        book["Shares"].cell(5 + i, 17).value = share
    book.save(path)
    row = find(path, "Coalitions", "Strongest objection")
    results = calculated(path)
    assert results["Coalitions", f"B{row}"] == pytest.approx(61e6)
    assert results["Coalitions", f"C{row}"] == "would rather leave: upper, lower"


def test_a_cost_by_the_person_is_multiplied_by_the_people(found: Findings, tmp_path: Path) -> None:
    cost = "flood.measure.brook-buffers.cost"
    by_person = [
        replace(p, value=p.value / 1e6, low=p.low / 1e6, high=p.high / 1e6, unit="EUR/person")
        if p.id == cost
        else p
        for p in found.parameters
    ]
    path = write_workbook(replace(found, parameters=tuple(by_person)), tmp_path / "book.xlsx")
    row = find(path, "Measures", "Retention")
    want = present_value(found.measures[0].cost_by_year, found.region.discount_rate.value)
    assert calculated(path)["Measures", f"C{row}"] == pytest.approx(want, rel=1e-9)
