"""``finance/budgets.toml``: what is read becomes parameters, what is wrong is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from region_folders import found, make_two_banks, one

from bothbanks.region import check_folder, harmonise, read_region
from bothbanks.region.finance.budgets import BudgetsSettings

HEAD = """
first_year = 2024
delays = [0, 2]
pooling = "own"
"""
LEFT = """
[[budgets]]
member = "left"
[[budgets.capital]]
from = 2024
to = 2033
amount = { value = 400000.0, unit = "EUR", price_year = 2023, source = "Budget 2024, p. 7" }
[[budgets.capital]]
from = 2034
amount = { value = 12.5, unit = "EUR/person", price_year = 2023, source = "assumed" }
[[budgets.running]]
from = 2024
amount = "unlimited"
"""
RIGHT = """
[[budgets]]
member = "right"
[[budgets.capital]]
from = 2024
amount = "unlimited"
[[budgets.running]]
from = 2024
amount = { value = 50000.0, unit = "EUR", price_year = 2023, source = "assumed" }
"""


def write(folder: Path, text: str) -> Path:
    (folder / "finance").mkdir(exist_ok=True)
    (folder / "finance" / "budgets.toml").write_text(text, "utf-8")
    return folder


def codes(folder: Path) -> list[str]:
    return [p.code for p in check_folder(folder)]


def test_amounts_become_parameters(folder: Path) -> None:
    model = harmonise(read_region(write(folder, HEAD + LEFT + RIGHT)))
    settings = model.finance["budgets"]
    assert isinstance(settings, BudgetsSettings)
    assert settings.budgets[0].running[0].amount is None  # said to be unlimited
    mine = {p.id: (p.value, p.unit) for p in model.parameters if p.id.startswith("budgets.")}
    assert mine == {
        "budgets.left.capital.2024": (400_000.0, "EUR"),
        "budgets.left.capital.2034": (12.5, "EUR/person"),
        "budgets.right.running.2024": (50_000.0, "EUR"),
    }


def test_a_workbook_edit_finds_its_amount(folder: Path) -> None:
    model = harmonise(read_region(write(folder, HEAD + LEFT + RIGHT)))
    assert model.origins["budgets.left.capital.2034"].keys == ("budgets", 0, "capital", 1, "amount")
    assert model.origins["budgets.left.capital.2034"].file == "finance/budgets.toml"


def test_another_currency_is_turned_into_money_of_account(tmp_path: Path) -> None:
    folder = make_two_banks(tmp_path / "two")
    text = (
        HEAD + LEFT.replace('"left"', '"steinach"').replace("EUR", "CHF") + RIGHT.replace("right", "uferau")
    )
    model = harmonise(read_region(write(folder, text)))
    assert model.parameter("budgets.uferau.running.2024").value == pytest.approx(50_000.0 * 0.93)
    assert model.parameter("budgets.uferau.running.2024").unit == "CHF"
    assert model.parameter("budgets.steinach.capital.2024").value == 400_000.0


def test_a_currency_without_a_dated_rate_is_refused(folder: Path) -> None:
    text = HEAD + LEFT.replace('"EUR"', '"SEK"') + RIGHT
    told = {(p.code, p.record, p.field) for p in check_folder(write(folder, text))}
    assert ("region.rates", "budgets.left.capital.2024", "unit") in told
    assert ("region.currency", "budgets[1] left", "capital[1].amount.unit") in told


def test_everything_wrong_with_budgets_is_told_at_once(folder: Path) -> None:
    text = """
first_year = 2024
delays = [0, 60]
pooling = "pooled"
[[budgets]]
member = "left"
[[budgets.capital]]
amount = { value = 1.0, unit = "EUR", price_year = 2023, source = "assumed" }
[[budgets.running]]
from = 2024
to = 2040
amount = { value = -5.0, unit = "EUR", price_year = 2023, source = "assumed" }
[[budgets.running]]
from = 2035
to = 2060
amount = "unlimited"
[[budgets]]
member = "middle"
[[budgets.capital]]
from = 2024
amount = "unlimited"
[[budgets.running]]
from = 2024
amount = "unlimited"
[[dependencies]]
measure = "levee-left"
needs = ["walls-right"]
source = "assumed"
[[dependencies]]
measure = "walls-right"
needs = ["levee-left"]
source = "assumed"
[[exclusions]]
measures = ["levee-left", "dam"]
source = "assumed"
[[minimum_service]]
id = "worst"
members = ["upper"]
year = 2024
on = "people"
share = { value = 1.5, unit = "1", source = "assumed" }
[[pathways]]
id = "wetter"
scenario = "flood-of-noah"
year = 2024
on = "loss"
share = { value = 0.0, unit = "1", source = "assumed" }
source = "assumed"
"""
    told = {(p.code, p.record, p.field) for p in check_folder(write(folder, text))}
    assert told == {
        ("region.delays", "", "delays"),
        ("region.unknown-member", "budgets[2] middle", "member"),
        ("region.budget-missing", "", "budgets"),
        ("region.budget-year", "budgets[1] left", "capital[1].from"),
        ("region.budget-amount", "budgets[1] left", "running[1].amount"),
        ("region.budget-overlap", "budgets[1] left", "running[2]"),
        ("region.budget-year", "budgets[1] left", "running"),
        ("region.budget-cycle", "", "dependencies"),
        ("region.unknown-measure", "exclusions[1]", ""),
        ("region.unknown-member", "minimum_service[1] worst", "members"),
        ("region.budget-year", "minimum_service[1] worst", "year"),
        ("region.range", "minimum_service[1] worst", "share"),
        ("region.unknown-scenario", "pathways[1] wetter", "scenario"),
        ("region.budget-year", "pathways[1] wetter", "year"),
        ("region.range", "pathways[1] wetter", "share"),
    }


def test_a_gap_names_the_years_without_an_amount(folder: Path) -> None:
    text = HEAD + LEFT.replace("to = 2033", "to = 2030") + RIGHT
    problem = one(write(folder, text), "region.budget-year")
    assert problem.found == "no amount for 2031 to 2033"
    assert problem.file == "finance/budgets.toml"


def test_a_budget_of_april_to_march_covers_the_first_months_too(folder: Path) -> None:
    file = folder / "members" / "right" / "member.toml"
    text = file.read_text("utf-8")
    assert 'fiscal_year_start = "01-01"' in text
    file.write_text(text.replace('fiscal_year_start = "01-01"', 'fiscal_year_start = "04-01"'), "utf-8")
    gaps = found(write(folder, HEAD + LEFT + RIGHT), "region.budget-year")
    assert {p.found for p in gaps} == {"no amount for 2023"}
    assert found(write(folder, HEAD + LEFT + RIGHT.replace("2024", "2023")), "region.budget-year") == []


def test_what_is_needed_can_not_be_excluded(folder: Path) -> None:
    extra = """
[[dependencies]]
measure = "walls-right"
needs = ["levee-left"]
source = "assumed"
[[exclusions]]
measures = ["levee-left", "walls-right"]
source = "assumed"
"""
    assert codes(write(folder, HEAD + LEFT + RIGHT + extra)) == ["region.budget-exclusion"]


def test_a_word_that_is_not_unlimited_is_no_amount(folder: Path) -> None:
    assert codes(write(folder, HEAD + LEFT.replace('"unlimited"', '"plenty"') + RIGHT)) == ["region.value"]


def test_a_member_is_stated_once(folder: Path) -> None:
    assert codes(write(folder, HEAD + LEFT + RIGHT + RIGHT)) == ["region.duplicate", "region.duplicate"]
