"""Money at the edges: whole minor units with a currency and a price year, and rounding that adds up.

Inside ``analysis`` money is a float64 array whose container names currency and price year.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from bothbanks.words.errors import MissingValueError, MoneyError, RangeError

_Key = TypeVar("_Key", bound=Hashable)

_CODE = re.compile(r"[A-Z]{3}")

# ISO 4217:2015, list one: currencies whose minor unit is not a hundredth.
_NO_MINOR = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
             "VUV", "XAF", "XOF", "XPF")  # fmt: skip
_THOUSANDTHS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_MINOR_DIGITS = {**dict.fromkeys(_NO_MINOR, 0), **dict.fromkeys(_THOUSANDTHS, 3)}


def minor_digits(currency: str) -> int:
    """Decimals of a currency's minor unit (2 for cents). Source: ISO 4217, list one.

    >>> minor_digits("EUR"), minor_digits("JPY")
    (2, 0)
    """
    if not _CODE.fullmatch(currency):
        raise MoneyError(
            "money.currency", f"'{currency}' is no currency code; give three capitals, such as EUR."
        )
    return _MINOR_DIGITS.get(currency, 2)


@dataclass(frozen=True)
class Money:
    """An amount in whole minor units (cents), with its currency and the year whose prices it is in.

    Only like adds to like: two currencies or two price years are refused, never converted here.

    Raises
    ------
    MoneyError
        ``minor`` is not a whole number, the currency is not three capitals, or two kinds are mixed.

    Examples
    --------
    >>> Money(1050, "EUR", 2024) + Money(50, "EUR", 2024)
    Money(minor=1100, currency='EUR', price_year=2024)
    """

    minor: int
    currency: str
    price_year: int

    def __post_init__(self) -> None:
        for name, number in (("minor", self.minor), ("price_year", self.price_year)):
            if isinstance(number, bool) or not isinstance(number, int):
                raise MoneyError(
                    "money.whole", f"{name} must be a whole number, got {number!r}; use Money.of()."
                )
        minor_digits(self.currency)

    @classmethod
    def of(cls, amount: float, currency: str, price_year: int) -> Money:
        """From an amount in whole units (euros), rounded to the nearest minor unit, halves to even.

        >>> Money.of(10.5, "EUR", 2024).minor
        1050
        """
        return cls(round(_exact(amount, "amount") * 10 ** minor_digits(currency)), currency, price_year)

    @property
    def amount(self) -> float:
        """The amount in whole units (euros)."""
        return float(self.minor / 10 ** minor_digits(self.currency))

    def _same(self, other: Money, verb: str) -> None:
        if not isinstance(other, Money):
            raise MoneyError(
                "money.kind", f"can't {verb} money and {type(other).__name__}; wrap it with Money.of()."
            )
        if self.currency != other.currency:
            raise MoneyError(
                "money.currencies-mixed",
                f"can't {verb} {self.currency} and {other.currency}; convert one at a dated rate first.",
            )
        if self.price_year != other.price_year:
            raise MoneyError(
                "money.price-years-mixed",
                f"can't {verb} {self.currency} in prices of {self.price_year} and of {other.price_year}; "
                "deflate one first.",
            )

    def __add__(self, other: Money) -> Money:
        self._same(other, "add")
        return Money(self.minor + other.minor, self.currency, self.price_year)

    def __sub__(self, other: Money) -> Money:
        self._same(other, "subtract")
        return Money(self.minor - other.minor, self.currency, self.price_year)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency, self.price_year)

    def __str__(self) -> str:
        digits = minor_digits(self.currency)
        sign, whole = ("-" if self.minor < 0 else ""), abs(self.minor)
        cents = f".{whole % 10**digits:0{digits}d}" if digits else ""
        return f"{sign}{whole // 10**digits}{cents} {self.currency} ({self.price_year} prices)"


def _exact(number: float, what: str) -> Fraction:
    if math.isnan(number):
        raise MissingValueError("money.missing", f"the {what} is NaN; give a number.")
    if math.isinf(number):
        raise RangeError("money.infinite", f"the {what} is infinite.")
    return Fraction(number)


def to_cents(shares: Mapping[_Key, float], digits: int = 2) -> dict[_Key, int]:
    """Round shares to whole minor units so that they still add up, by largest remainder.

    The total is rounded once (halves to even); each share is rounded down, and the cents left over
    go to the shares that lost most, the first of equals first. No share moves by a whole cent or more.

    Parameters
    ----------
    shares : mapping from name to amount in whole units (euros); negative amounts allowed
    digits : decimals of the minor unit; see :func:`minor_digits`

    Returns
    -------
    Mapping from name to whole minor units, summing to the rounded sum of the shares.

    Raises
    ------
    MissingValueError, RangeError
        A share is NaN; infinite.

    Source: the method of Hamilton (largest remainder); M. L. Balinski and H. P. Young, Fair
    Representation (1982), chapter 3.

    >>> to_cents({"a": 100 / 3, "b": 100 / 3, "c": 100 / 3})
    {'a': 3334, 'b': 3333, 'c': 3333}
    """
    exact = {name: _exact(share, f"share of {name}") * 10**digits for name, share in shares.items()}
    down = {name: math.floor(share) for name, share in exact.items()}
    left = round(sum(exact.values(), Fraction(0))) - sum(down.values())
    by_loss = sorted(exact, key=lambda name: down[name] - exact[name])
    for name in by_loss[:left]:
        down[name] += 1
    return down
