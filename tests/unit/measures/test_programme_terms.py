"""Terms of a programme: fiscal years, and every problem of them at once."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bothbanks.analysis.measures import programme
from bothbanks.analysis.measures.programme import (
    Dependency,
    Exclusion,
    FiscalYears,
    MinimumService,
    fiscal_years,
    open_terms,
)
from bothbanks.words.errors import InputError

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "measures.md"
MEMBERS = ("a", "b")
MEASURES = ("x", "y", "z")


def test_months_fall_into_the_fiscal_year_that_holds_them() -> None:
    years = fiscal_years(["01-01", "04-01", "07-01", "10-01", "11-16"], 2026, 3)
    assert years.names.tolist() == [2025, 2026, 2027, 2028]
    first = years.overlap[:, 0, 0].tolist()
    assert first == pytest.approx([0.0, 0.25, 0.5, 0.75, (10 + 15 / 30) / 12])
    assert np.allclose(years.overlap.sum(axis=1), 1.0)
    cash = np.zeros((5, 3))
    cash[:, 1] = 120.0
    assert years.spread(cash)[1].tolist() == [0.0, 30.0, 90.0, 0.0]
    assert years.spread(cash)[0].tolist() == [0.0, 0.0, 120.0, 0.0]


def test_every_wrong_day_is_named() -> None:
    with pytest.raises(InputError, match=r"programme\.fiscal-year.*'13-01', 'April', '02-30'"):
        fiscal_years(["13-01", "04-01", "April", "02-30"], 2026, 3)


def test_good_terms_pass() -> None:
    terms = replace(
        open_terms(MEMBERS, 5, (0, 2)),
        dependencies=(Dependency("x", ("y",)),),
        exclusions=(Exclusion(("y", "z")),),
        services=(MinimumService("s", ("a",), 3, "loss", 0.5),),
    )
    terms.check(MEASURES)


def test_every_problem_is_told_at_once() -> None:
    capital = np.full((2, 6), 5.0)
    capital[0, 2], capital[1, 3] = np.nan, -1.0
    terms = replace(
        open_terms(MEMBERS, 5, (2, 0)),
        capital_budget=capital,
        running_budget=np.ones((2, 5)),
        dependencies=(Dependency("x", ("x", "w")), Dependency("y", ()), Dependency("x", ("y",))),
        exclusions=(Exclusion(("x", "y")), Exclusion(("z",))),
        services=(MinimumService("s", ("c",), 5, "lives", 1.5), MinimumService("t", (), 0, "loss", 0.5)),
    )
    with pytest.raises(InputError) as told:
        terms.check(MEASURES)
    text = str(told.value)
    for words in (
        "delays [2, 0]",
        "capital budget of 'a' is missing in 1",
        "capital budget of 'b' is negative in 2",
        "running budgets of shape (2, 5)",
        "names 'w', which is no shared measure",
        "measure 'x' needs itself",
        "a dependency of 'y' names nothing",
        "measure 'x' needs 'y', but they exclude each other",
        "an exclusion of z",
        "'c', which is no member",
        "by year 5",
        "is on 'lives'",
        "a share of 1.5",
        "service 't' is for nobody",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"delays": (0, 5)}, "a delay of 5 years"),
        ({"members": ("a", "a")}, "name each once"),
        ({"fiscal": FiscalYears(np.arange(6), np.zeros((2, 6, 5)))}, "exactly once"),
        ({"fiscal": FiscalYears(np.arange(3), np.zeros((2, 6, 5)))}, "fiscal years of shape"),
    ],
)
def test_each_other_problem(change: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        replace(open_terms(MEMBERS, 5), **change).check(MEASURES)  # type: ignore[arg-type]


def test_every_public_name_is_on_the_reference_page_and_in_order() -> None:
    named = set(re.findall(r"`(\w+)`", PAGE.read_text(encoding="utf-8")))
    assert sorted(set(programme.__all__) - named) == []
    assert programme.__all__ == sorted(programme.__all__)
