"""Thresholds: the figures as published, bands without gaps, what isn't known said so."""

from __future__ import annotations

from datetime import date

import pytest

from bothbanks.civic.finance.threshold_tables import (
    KINDS,
    NATIONAL_RULES,
    PROCEDURES,
    TIME_LIMITS,
    UNION_THRESHOLDS,
)
from bothbanks.civic.finance.thresholds import (
    UNKNOWN,
    regimes,
    ruling,
    steps,
    time_limit,
    together,
    unclear,
    union_threshold,
)
from bothbanks.words.errors import InputError, RangeError

NOW = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("kind", "day", "authority", "amount"),
    [
        ("goods", date(2025, 12, 31), "sub-central", 221_000),
        ("services", date(2024, 1, 1), "central", 143_000),
        ("works", date(2025, 6, 1), "sub-central", 5_538_000),
        ("social", date(2025, 6, 1), "sub-central", 750_000),
        ("goods", date(2026, 1, 1), "sub-central", 216_000),
        ("services", date(2027, 12, 31), "central", 140_000),
        ("works", NOW, "central", 5_404_000),
    ],
)
def test_thresholds_of_the_union_by_period(kind: str, day: date, authority: str, amount: float) -> None:
    """Figures as gpcgov.be and bidradar.eu give them, on the first and last days too."""
    assert union_threshold(kind, day, authority).amount == amount


def test_a_day_without_figures_is_refused_with_the_days_on_file() -> None:
    with pytest.raises(InputError, match=r"procurement.threshold-day.*2028-01-01.*2024-01-01 to 2027-12-31"):
        union_threshold("goods", date(2028, 1, 1))
    with pytest.raises(InputError, match="'cheese' is no kind"):
        union_threshold("cheese", NOW)


@pytest.mark.parametrize("regime", [*regimes(), "FR"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("day", [date(2024, 1, 1), date(2025, 12, 31), date(2026, 1, 1)])
def test_bands_rise_from_nought_without_a_gap(regime: str, kind: str, day: date) -> None:
    bands = steps(regime, kind, day)
    assert bands[0].above == 0.0
    assert [s.below for s in bands[:-1]] == [s.above for s in bands[1:]]
    assert all(s.above < s.below for s in bands)
    assert bands[-1].below == float("inf")
    assert bands[-1].procedure == "union-open"
    assert bands[-1].above == union_threshold(kind, day).amount


def test_one_amount_in_three_regimes() -> None:
    """The design point: EUR 100,000 of goods is free in one, asked of several in two."""
    found = {r: ruling(r, "goods", 100_000.0, NOW).step for r in regimes()}
    assert found["DE-NW"].procedure == "direct"
    assert (found["NL"].procedure, found["NL"].offers) == ("several-offers", 3)
    assert found["BE"].procedure == "several-offers"


def test_a_value_at_a_threshold_is_above_it() -> None:
    assert ruling("NL", "goods", 216_000.0, NOW).above_union
    assert ruling("NL", "goods", 215_999.99, NOW).step.procedure == "several-offers"
    assert ruling("NL", "works", 150_000.0, NOW).step.procedure == "several-offers"


def test_what_was_not_found_is_unknown_and_has_no_days() -> None:
    step = ruling("DE-NW", "goods", 50_000.0, date(2025, 6, 1)).step
    assert (step.procedure, step.tender_days, step.source) == (UNKNOWN, None, "not found")
    assert ruling("FR", "goods", 1.0, NOW).step.procedure == UNKNOWN


def test_rules_that_sources_disagree_about_are_shown_and_never_used() -> None:
    rules = [r for regime in regimes() for kind in KINDS for r in unclear(regime, kind, date(2025, 3, 1))]
    assert {r.below for r in rules} == {30_000.0, 50_000.0}
    for rule in rules:
        used = steps(rule.regime, rule.kinds[0], date(2025, 3, 1))
        assert rule.source not in {s.source for s in used}


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_a_value_that_is_none_is_refused(value: float) -> None:
    with pytest.raises(RangeError, match=r"procurement.value"):
        ruling("NL", "goods", value, NOW)


def test_only_together_over_the_threshold() -> None:
    values = {"a": 168_000.0, "b": 147_000.0, "c": 105_000.0}
    found = together(values, {"a": "NL", "b": "BE", "c": "DE-NW"}, "NL", "goods", NOW)
    assert found.passes_only_together
    assert {b: r.step.procedure for b, r in found.alone.items()} == {
        "a": "several-offers", "b": "national-open", "c": "direct",
    }  # fmt: skip
    assert set(found.shown) == {"BE", "DE-NW"}
    assert not together({"a": 300_000.0}, {"a": "NL"}, "NL", "goods", NOW).passes_only_together


def test_every_row_says_where_it_was_read() -> None:
    assert all(r.source.strip() for r in (*UNION_THRESHOLDS, *NATIONAL_RULES, *TIME_LIMITS))
    assert all(r.mark in ("seen", "inferred", "unclear") for r in NATIONAL_RULES)
    assert {time_limit(p).procedure for p in PROCEDURES} == set(PROCEDURES)
    assert [t.procedure for t in TIME_LIMITS if t.source != "assumed"] == ["union-open"]
