"""What a form of duties and money takes: days, shares and amounts within what can be counted with."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import AwareDatetime, Field, WithJsonSchema

from bothbanks.civic.changes import Refusal
from bothbanks.civic.finance.ledger import minor_of
from bothbanks.words.errors import BothbanksError

LARGEST = 10**15
"""Minor units: ten trillion of a currency with cents; sums of many such amounts still fit 64 bits."""
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)

# JSON Schema knows no first and last day; its patterns do.
_DAYS = {"pattern": "^(19|20|21)[0-9]{2}-|^2200-"}
_MOMENTS = {"pattern": "^(19|20|21)[0-9]{2}-"}

Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY, json_schema_extra=_DAYS)]
"""A day on which deadlines can be counted."""
Moment = Annotated[AwareDatetime, Field(ge=datetime.fromisoformat("1900-01-01T00:00:00+00:00"),
                                        le=datetime.fromisoformat("2200-12-31T00:00:00+00:00"),
                                        json_schema_extra=_MOMENTS)]  # fmt: skip
Year = Annotated[int, Field(ge=1900, le=2200)]
Months = Annotated[int, Field(ge=0, le=1200)]
TermNumber = Annotated[int, Field(ge=1, le=1000)]
_AMOUNTS = {
    "anyOf": [
        {"type": "number", "minimum": -(10**13), "maximum": 10**13},
        {"type": "string", "pattern": r"^-?\d{1,13}(\.\d{1,6})?$"},
    ]
}
Amount = Annotated[Decimal, Field(ge=-(10**13), le=10**13), WithJsonSchema(_AMOUNTS)]
"""In the main unit of its currency."""

_SHARE = re.compile(r"\d{1,6}(/[1-9]\d{0,5}|\.\d{1,6})?")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_AMOUNT = re.compile(r"-?\d{1,15}(\.\d{1,6})?")


def share_of(text: str) -> Fraction | None:
    """A share such as '1/3' or '0.25'; None where it is none.

    >>> share_of(" 1/3 "), share_of("1e999999999")
    (Fraction(1, 3), None)
    """
    return Fraction(text.strip()) if _SHARE.fullmatch(text.strip()) else None


def is_identifier(text: str) -> bool:
    """What a region folder takes as an id, so that it can be written back.

    >>> is_identifier("firm-1"), is_identifier("a b")
    (True, False)
    """
    return _NAME.fullmatch(text) is not None


def known_currency(code: str) -> bool:
    """ISO 4217, as far as Babel knows it."""
    from babel.core import get_global

    return code in get_global("all_currencies")


def minor_or_refused(amount: Decimal | str, currency: str) -> int | Refusal:
    """Whole minor units; a refusal where the currency is none or has fewer decimals, or it is too much.

    >>> minor_or_refused("12.5", "EUR"), minor_or_refused("9" * 30, "EUR").code
    (1250, 'money.amount')
    """
    text = amount.strip() if isinstance(amount, str) else f"{amount:f}"
    if not known_currency(currency):
        return Refusal(
            "money.currency", "'{code}' is no currency; give an ISO 4217 code.", {"code": currency}
        )
    if not _AMOUNT.fullmatch(text):
        return Refusal("money.amount", "'{given}' is no amount.", {"given": text[:40]})
    try:
        minor = minor_of(text, currency)
    except BothbanksError:
        return Refusal("money.amount", "'{given}' is no amount.", {"given": text[:40]})
    if abs(minor) > LARGEST:
        return Refusal("money.amount", "'{given}' is no amount.", {"given": text[:40]})
    return minor
