"""``finance/grants.toml``: what it may say, and that every fault is told at once."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path

import pytest
from region_folders import found, fresh, replace

from bothbanks.civic.finance.outcome_grants import Linear, payout
from bothbanks.region import read_region
from bothbanks.region.finance.grants import GrantsSettings
from bothbanks.words.errors import RegionError

GRANTS = """
[[grants]]
id = "minutes"
name = "Minutes"
funder = "a fund"
indicator = "minutes"
unit = "min"
better = "lower"
aggregate = "mean"
start = 2027-01-01
end = 2036-12-31
verifier = "audit"
baseline = { value = 45.1, unit = "min", source = "assumed" }
price = { value = 0.1, unit = "EUR/min", source = "assumed" }
cap = { value = 100, unit = "EUR", source = "assumed" }
shares = { left = 0.7, right = 0.3 }
source = "assumed"
[grants.dispute]
file_days = 60
evidence_days = 30
panel_days = 45
decide_days = 90
panel_size = 3
cap = 10
[grants.data]
file = "minutes.csv"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = fresh(tmp_path / "region")
    (made / "finance").mkdir(exist_ok=True)
    (made / "finance/grants.toml").write_text(GRANTS, "utf-8")
    return made


def test_terms_are_the_numbers_as_written(folder: Path) -> None:
    section = read_region(folder).finance["grants"]
    assert isinstance(section, GrantsSettings)
    grant = section.grants[0]
    terms = grant.terms("EUR", 2023)
    assert (terms.baseline, terms.formula) == (F(451, 10), Linear(F(1, 10)))
    assert (terms.cap_minor, terms.shares["left"], grant.years) == (100_00, F(7, 10), 10)
    assert terms.dispute is not None
    assert (terms.dispute.kind, terms.dispute.cap_minor) == ("outcome-grant", 10_00)
    assert payout(terms, F(40))[0] == 51


def test_its_numbers_are_parameters(folder: Path) -> None:
    names = [name for name, *_ in read_region(folder).finance["grants"].numbers()]
    assert names == ["minutes.baseline", "minutes.price", "minutes.cap"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("right = 0.3", "lost = 0.3", "'lost'"),
        ("right = 0.3", "right = 0.31", "sum to 1 exactly"),
        ("value = 0.1,", "value = -0.1,", "never negative"),
        ('unit = "EUR/min"', 'unit = "CHF/min"', "currency of account"),
        ('unit = "EUR", source', 'unit = "EUR", price_year = 2010, source', "not deflated"),
        ("panel_size = 3", "panel_size = 2", "odd number"),
        ("evidence_days = 30", "evidence_days = 46", "panel_days or fewer"),
        ("end = 2036", "end = 2026", "a period that ends"),
        ('source = "assumed"\n[grants', 'floor = 200\nsource = "assumed"\n[grants', "floor <= cap"),
        ("price = {", "steps = [{ at_least = 1, amount = 1 }]\nprice = {", "one of price, bands and steps"),
    ],
)
def test_every_fault_is_told(folder: Path, old: str, new: str, words: str) -> None:
    replace(folder, "finance/grants.toml", old, new)
    with pytest.raises(RegionError) as told:
        read_region(folder)
    assert words in str(told.value)
    assert "finance/grants.toml" in str(told.value)


def test_a_good_file_has_no_problem(folder: Path) -> None:
    assert found(folder, "region.value") == []
