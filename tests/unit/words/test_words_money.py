import pytest
from babel.numbers import get_currency_precision

from bothbanks.words.errors import MissingValueError, MoneyError, RangeError
from bothbanks.words.money import Money, minor_digits, to_cents


def test_cents_add_up() -> None:
    assert to_cents({"a": 33.333, "b": 33.333, "c": 33.334}) == {"a": 3333, "b": 3333, "c": 3334}
    assert to_cents({"a": 10 / 3, "b": 10 / 3, "c": 10 / 3}) == {"a": 334, "b": 333, "c": 333}
    assert to_cents({}) == {}


def test_cents_of_payments_that_cancel() -> None:
    cents = to_cents({"host": 1 / 3, "valley": -2 / 3, "other": 1 / 3})
    assert sum(cents.values()) == 0
    assert cents == {"host": 33, "valley": -66, "other": 33}


def test_cents_of_binary_fractions_that_are_not_exact() -> None:
    assert to_cents({"a": 0.29, "b": 0.57, "c": 1.1}) == {"a": 29, "b": 57, "c": 110}


def test_whole_units_where_there_are_no_cents() -> None:
    assert to_cents({"a": 0.5, "b": 0.5}, digits=0) == {"a": 1, "b": 0}


def test_cents_refuse_nan_and_infinity() -> None:
    with pytest.raises(MissingValueError, match="share of b"):
        to_cents({"a": 1.0, "b": float("nan")})
    with pytest.raises(RangeError, match="share of b"):
        to_cents({"a": 1.0, "b": float("inf")})


def test_money_adds_like_to_like() -> None:
    euro = Money(1050, "EUR", 2024)
    assert euro + Money(-50, "EUR", 2024) == Money(1000, "EUR", 2024)
    assert euro - Money(50, "EUR", 2024) == Money(1000, "EUR", 2024)
    assert -euro == Money(-1050, "EUR", 2024)
    assert euro.amount == 10.5
    assert str(euro) == "10.50 EUR (2024 prices)"
    assert str(Money(-5, "EUR", 2024)) == "-0.05 EUR (2024 prices)"
    assert str(Money(1234, "JPY", 2020)) == "1234 JPY (2020 prices)"


@pytest.mark.parametrize("verb", ["__add__", "__sub__"])
def test_money_refuses_to_mix(verb: str) -> None:
    euro = Money(1050, "EUR", 2024)
    with pytest.raises(MoneyError, match="EUR and CHF"):
        getattr(euro, verb)(Money(1, "CHF", 2024))
    with pytest.raises(MoneyError, match="2024 and of 2023"):
        getattr(euro, verb)(Money(1, "EUR", 2023))
    with pytest.raises(MoneyError, match="float"):
        getattr(euro, verb)(1.0)


def test_money_is_whole() -> None:
    for minor in (10.5, "10", True):
        with pytest.raises(MoneyError, match="whole"):
            Money(minor, "EUR", 2024)  # type: ignore[arg-type]
    with pytest.raises(MoneyError, match="whole"):
        Money(1, "EUR", 2024.0)  # type: ignore[arg-type]
    for code in ("eur", "EURO", "€", ""):
        with pytest.raises(MoneyError, match="currency"):
            Money(1, code, 2024)


def test_money_from_an_amount() -> None:
    assert Money.of(1.005, "EUR", 2024).minor == 100  # 1.005 is stored a little below
    assert Money.of(0.125, "EUR", 2024).minor == 12  # a tie goes to even
    assert Money.of(1.5, "KWD", 2024).minor == 1500
    with pytest.raises(MissingValueError):
        Money.of(float("nan"), "EUR", 2024)


@pytest.mark.parametrize(
    "code", ["EUR", "CHF", "GBP", "USD", "PLN", "CZK", "HUF", "DKK", "JPY", "KWD", "TND", "XOF", "CLP"]
)
def test_minor_digits_agree_with_cldr(code: str) -> None:
    assert minor_digits(code) == get_currency_precision(code)
