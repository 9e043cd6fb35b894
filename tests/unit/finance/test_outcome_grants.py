"""Outcome grants: formulas by hand, floor and cap, no data, and the same amounts as floats for forecasts."""

from __future__ import annotations

from datetime import date
from fractions import Fraction as F
from typing import Any

import numpy as np
import pytest

from bothbanks.civic.finance.outcome_grants import (
    CAPPED,
    FLOOR,
    NO_DATA,
    PAID_OUT,
    Band,
    Formula,
    GrantTerms,
    Linear,
    Observation,
    Progressive,
    Reached,
    Steps,
    amounts,
    evaluate,
    payout,
    settle_grant,
)
from bothbanks.words.errors import InputError, RangeError

LINEAR = Linear(F(100))
BANDS = Progressive((Band(F(0), F(100)), Band(F(5), F(300))))
STEPS = Steps((Reached(F(2), F(500)), Reached(F(6), F(1200))))


def terms(formula: Formula = LINEAR, **changes: Any) -> GrantTerms:
    about = {
        "id": "minutes",
        "unit": "min",
        "better": "lower",
        "aggregate": "mean",
        "baseline": F(20),
        "formula": formula,
        "minor_digits": 2,
        "floor_minor": 0,
        "cap_minor": 2_000_00,
        "currency": "EUR",
        "price_year": 2023,
        "shares": {"a": F(1, 3), "b": F(1, 3), "c": F(1, 3)},
        "verifier": "audit",
        "start": date(2026, 1, 1),
        "end": date(2026, 12, 31),
    }
    return GrantTerms(**{**about, **changes})


def seen(*values: float, verifier: str = "audit", year: int = 2026) -> list[Observation]:
    return [Observation(date(year, k + 1, 15), F(str(v)), verifier) for k, v in enumerate(values)]


@pytest.mark.parametrize(
    ("formula", "measured", "cents"),
    [
        (LINEAR, 12.5, 750_00),
        (BANDS, 17, 300_00),
        (BANDS, 13, 5 * 100_00 + 2 * 300_00),
        (STEPS, 18.01, 0),
        (STEPS, 18, 500_00),
        (STEPS, 14, 1200_00),
    ],
)
def test_formulas_by_hand(formula: Formula, measured: float, cents: int) -> None:
    assert payout(terms(formula), F(str(measured)))[0] == cents


def test_higher_may_be_better() -> None:
    assert payout(terms(better="higher"), F(23)) == (300_00, PAID_OUT)
    assert payout(terms(better="higher"), F(19)) == (0, FLOOR)


def test_worse_than_the_baseline_pays_the_floor_and_never_less() -> None:
    assert payout(terms(), F(25)) == (0, FLOOR)
    assert payout(terms(floor_minor=50_00), F(25)) == (50_00, FLOOR)
    assert payout(terms(floor_minor=50_00), F("19.9")) == (50_00, FLOOR)


def test_the_cap_holds() -> None:
    assert payout(terms(cap_minor=250_00), F(10)) == (250_00, CAPPED)
    assert payout(terms(cap_minor=1000_00), F(10)) == (1000_00, PAID_OUT)


def test_without_data_nothing_is_paid_not_even_the_floor() -> None:
    found = evaluate(terms(floor_minor=50_00), [])
    assert (found.verdict, found.measured, found.outcome, found.due_total) == (NO_DATA, None, None, 0)
    assert evaluate(terms(least_count=3), seen(10, 10)).verdict == NO_DATA
    assert evaluate(terms(), seen(10, year=2025)).verdict == NO_DATA


def test_what_is_settled_is_what_is_evaluated_with_its_days() -> None:
    found = settle_grant(terms(), seen(10, 14)[::-1])
    assert found == evaluate(terms(), seen(10, 14))
    assert found.measured == 12
    assert (found.first, found.last) == (date(2026, 1, 15), date(2026, 2, 15))


def test_a_floor_is_paid_for_a_bad_result_and_not_for_none() -> None:
    about = terms(floor_minor=50_01)
    assert settle_grant(about, seen(25)).due == {"a": 16_67, "b": 16_67, "c": 16_67}
    with pytest.raises(InputError) as told:
        settle_grant(about, [*seen(10, year=2025), *seen(9, verifier="a")], "minutes.csv")
    assert told.value.code == "grant.no-data"
    for words in (
        "grant 'minutes' is not paid, not even its floor",
        "0 of the 1 observations it needs from 2026-01-01 to 2026-12-31",
        "looked at minutes.csv",
        "1 of the period are signed by others ('a')",
        "1 lie outside it: the values run from 2025-01-15 to 2026-01-15",
    ):
        assert words in told.value.message


def test_only_what_the_verifier_signed_counts() -> None:
    found = evaluate(terms(), [*seen(10), *seen(2, 2, verifier="the member itself")])
    assert (found.counted, found.set_aside, found.measured) == (1, 2, 10)


@pytest.mark.parametrize(
    ("aggregate", "value"), [("mean", F(47, 3)), ("sum", 47), ("last", 15), ("min", 12), ("max", 20)]
)
def test_aggregates(aggregate: str, value: F) -> None:
    found = evaluate(terms(aggregate=aggregate), list(reversed(seen(12, 20, 15))))
    assert found.measured == value


def test_shares_add_up_to_the_cent() -> None:
    found = evaluate(terms(), seen(19.99))
    assert found.due == {"a": 34, "b": 33, "c": 33}
    assert found.due_total == 1_00


def test_halves_of_a_cent_go_to_even() -> None:
    assert payout(terms(Linear(F("0.005"))), F(19)) == (0, FLOOR)
    assert payout(terms(Linear(F("0.015"))), F(19)) == (2, PAID_OUT)


def test_two_signed_values_of_a_day_are_refused() -> None:
    with pytest.raises(InputError, match="keep one"):
        evaluate(terms(), [*seen(10), *seen(11)])


@pytest.mark.parametrize(
    "wrong",
    [
        {"floor_minor": -1},
        {"floor_minor": 3_000_00},
        {"shares": {"a": F(1, 2)}},
        {"shares": {"a": F(3, 2), "b": F(-1, 2)}},
        {"end": date(2025, 1, 1)},
        {"least_count": 0},
    ],
)
def test_terms_that_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(RangeError):
        terms(**wrong)


def test_formulas_that_cannot_be() -> None:
    for make in (
        lambda: Linear(F(-1)),
        lambda: Progressive((Band(F(1), F(1)),)),
        lambda: Progressive((Band(F(0), F(1)), Band(F(0), F(2)))),
        lambda: Progressive((Band(F(0), F(-1)),)),
        lambda: Steps(()),
        lambda: Steps((Reached(F(1), F(5)), Reached(F(2), F(4)))),
    ):
        with pytest.raises(RangeError):
            make()


@pytest.mark.parametrize("formula", [LINEAR, BANDS, STEPS])
@pytest.mark.parametrize("better", ["lower", "higher"])
def test_a_forecast_uses_the_formula_that_is_settled(formula: Formula, better: str) -> None:
    about = terms(formula, better=better, floor_minor=50_00)
    measured = np.linspace(0.0, 40.0, 161)
    exact = [payout(about, F(str(m)))[0] / 100 for m in measured]
    assert amounts(about, measured) == pytest.approx(exact, abs=0.005)
