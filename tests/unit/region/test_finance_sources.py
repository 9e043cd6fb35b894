"""``finance/sources.toml`` and ``ventures.toml``: what is read becomes parameters, what is wrong is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from region_folders import found, fresh, make_two_banks, one, replace

from bothbanks.region import check_folder, harmonise, read_region

SOURCES = """
first_year = 2026
[[sources]]
id = "joint"
kind = "interreg"
name = "Joint fund"
countries = 2
currency = "EUR"
largest_share = { value = 0.5, low = 0.4, high = 0.6, unit = "share", source = "Programme text, p. 3" }
cap = { value = 2000000.0, unit = "EUR", price_year = 2023, source = "assumed" }
source = "Programme text"
[[sources]]
id = "bank"
kind = "loan"
name = "Bank"
currency = "EUR"
interest = { value = 0.02, unit = "1/year", source = "assumed" }
maturity_years = 20
source = "assumed"
[[together]]
id = "all-grants"
sources = ["grants"]
share = { value = 0.8, unit = "share", source = "assumed" }
[[debt_limits]]
member = "*"
amount = { value = 3.0, unit = "EUR/person", price_year = 2023, source = "assumed" }
[[upkeep]]
id = "council"
name = "running budget"
source = "assumed"
"""
VENTURES = """
[[ventures]]
id = "weir"
name = "Weir"
owners = { left = 0.5, right = 0.5 }
key = "population"
key_source = "assumed"
source = "assumed"
[[ventures.years]]
from = 2026
to = 2030
revenue = { value = 100000.0, unit = "EUR", price_year = 2023, source = "assumed" }
"""


def with_file(path: Path, text: str, name: str = "sources") -> Path:
    folder = fresh(path)
    (folder / "finance").mkdir()
    (folder / "finance" / f"{name}.toml").write_text(text, "utf-8")
    return folder


def test_numbers_become_parameters_with_range_and_source(tmp_path: Path) -> None:
    model = harmonise(read_region(with_file(tmp_path / "r", SOURCES)))
    share = model.parameter("sources.joint.largest_share")
    assert (share.value, share.low, share.high, share.source) == (0.5, 0.4, 0.6, "Programme text, p. 3")
    assert model.parameter("sources.together.all-grants.share").assumed
    assert model.parameter("sources.debt_limit.every").unit == "EUR/person"
    assert model.parameter("sources.bank.interest").value == 0.02


def test_amounts_are_turned_into_money_of_account(tmp_path: Path) -> None:
    """Francs are the money of account; euros of 2020 go through the deflator and the dated rate."""
    folder = make_two_banks(tmp_path / "r")
    (folder / "finance").mkdir()
    text = SOURCES.replace('unit = "EUR", price_year = 2023', 'unit = "EUR", price_year = 2020')
    text = text.replace("first_year = 2026", "first_year = 2026\nrate_date = 2023-12-29")
    (folder / "finance" / "sources.toml").write_text(text, "utf-8")
    model = harmonise(read_region(folder))
    assert model.parameter("sources.joint.cap").value == pytest.approx(2e6 * 1.2 * 0.93)


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ('countries = 2', 'countries = 3', "region.source-shut", "no more than the"),
        ('countries = 2', 'last_year = 2020', "region.source-shut", "it can pay nothing in any of them"),
        ('countries = 2', 'first_year = 2500', "region.source-shut", "it can pay nothing in any of them"),
        ('countries = 2', 'measures = ["nowhere"]', "region.unknown-measure", "id or kind of a measure"),
        ('countries = 2', 'members = ["middle"]', "region.unknown-member", "a member: left, right"),
        ('countries = 2', 'not_with = ["lottery"]', "region.unknown-source", "another source: bank"),
        ('value = 2000000.0', 'value = 0.0', "region.source-shut", "it can pay nothing"),
        ('value = 2000000.0', 'value = -5.0', "region.negative-amount", "0 or more"),
        ('value = 0.5, low = 0.4, high = 0.6', 'value = 1.5', "region.source-shares", "a share from 0 to 1"),
        ('value = 0.5, low = 0.4, high = 0.6', 'value = 0.0', "region.source-shut", "a share above 0"),
        ('maturity_years = 20\n', '', "region.source-terms", "interest and maturity_years of a loan"),
        ('maturity_years = 20\n', 'maturity_years = 20\ngrace_years = 20\n', "region.source-terms", "fewer years"),  # noqa: E501
        ('id = "bank"\nkind = "loan"', 'id = "bank"\nkind = "fund"', "region.source-terms", "for a loan, a bond"),  # noqa: E501
        ('id = "bank"', 'id = "joint"', "region.duplicate", "each id once"),
        ('sources = ["grants"]', 'sources = ["grant"]', "region.unknown-source", "'grants' or a source"),
        ('unit = "EUR/person"', 'unit = "EUR/m2"', "region.unit", "or EUR/person"),
    ],
)  # fmt: skip
def test_what_can_not_be_is_told(tmp_path: Path, old: str, new: str, code: str, words: str) -> None:
    assert old in SOURCES
    problem = found(with_file(tmp_path / "r", SOURCES.replace(old, new, 1)), code)[0]
    assert problem.file == "finance/sources.toml"
    assert words in problem.expected


def test_shares_that_can_not_add_up(tmp_path: Path) -> None:
    least = 'smallest_share = { value = 0.9, unit = "share", source = "assumed" }\n'
    first = with_file(tmp_path / "a", SOURCES.replace("countries = 2\n", "countries = 2\n" + least))
    assert "a smallest share of 0.9 above a largest of 0.5" in one(first, "region.source-shares").found
    text = SOURCES.replace('id = "bank"', least + 'id = "bank"').replace('["grants"]', '["bank"]')
    second = one(with_file(tmp_path / "b", text), "region.source-shares")
    assert "0.8 together, where 'bank' pays 0.9 at least" in second.found


def test_a_source_said_to_be_closed_may_exclude_everything(tmp_path: Path) -> None:
    text = SOURCES.replace("countries = 2", 'last_year = 2020\nclosed = "The call closed in 2020."')
    assert check_folder(with_file(tmp_path / "r", text)) == ()


def test_a_rate_missing_for_the_day(tmp_path: Path) -> None:
    folder = make_two_banks(tmp_path / "r")
    (folder / "finance").mkdir()
    file = folder / "finance" / "sources.toml"
    file.write_text(SOURCES, "utf-8")
    problem = one(folder, "region.funding-rate")
    assert (problem.field, problem.found) == ("rate_date", "nothing, though member 'uferau' counts in EUR")
    file.write_text(
        SOURCES.replace("first_year = 2026", "first_year = 2026\nrate_date = 2024-06-28"), "utf-8"
    )
    problem = one(folder, "region.funding-rate")
    assert "no rate between CHF and EUR on 2024-06-28" in problem.found
    assert "there are rates for 2023-12-29" in problem.found


def test_ventures_are_read(tmp_path: Path) -> None:
    model = harmonise(read_region(with_file(tmp_path / "r", VENTURES, "ventures")))
    assert model.parameter("ventures.weir.revenue.1").value == 100_000.0


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("right = 0.5", "right = 0.4", "region.venture-shares"),
        ("right = 0.5", "middle = 0.5", "region.unknown-member"),
        ("value = 100000.0", "value = -1.0", "region.negative-amount"),
        ("to = 2030", "to = 2020", "region.venture-years"),
        ('key = "population"', 'key = "weights"', "region.venture-key"),
    ],
)
def test_ventures_that_can_not_be(tmp_path: Path, old: str, new: str, code: str) -> None:
    folder = with_file(tmp_path / "r", VENTURES, "ventures")
    replace(folder, "finance/ventures.toml", old, new)
    assert found(folder, code)
