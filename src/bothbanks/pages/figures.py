"""Numbers as people read them: each language's separators, two significant figures where the
range is wide, one unit for a whole row, and money in words for a sentence.

All functions take the number last-but-language first so that pages read naturally:
``figures.number(language, 1234.5)``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_decimal,
    format_percent,
    get_currency_name,
    get_currency_symbol,
)
from markupsafe import Markup

from bothbanks.pages.language import Language

NBSP = "\N{NO-BREAK SPACE}"
NOUGHT = 1e-300  # below this a step of two figures can no longer be written as a float
MINUS = "\N{MINUS SIGN}"
NOTHING = "\N{EN DASH}"
VOWELS = "aeiouéèhyœ"


def step(*values: float, digits: int = 2) -> float:
    """The rounding step that leaves ``digits`` significant figures in the largest value.

    >>> step(540, 470), step(4.1, 3.9), step(0)
    (10.0, 0.1, 1.0)
    """
    largest = max((abs(v) for v in values if math.isfinite(v)), default=0.0)
    if largest < NOUGHT:
        return 1.0
    return float(10.0 ** (math.floor(math.log10(largest)) - digits + 1))


def pair_step(alone: float, together: float) -> float:
    """Two figures, or as many as show a difference of half a per cent or more.

    >>> pair_step(540, 470), pair_step(1090, 1120)
    (10.0, 10.0)
    """
    first = step(alone, together)
    largest = max(abs(alone), abs(together))
    if largest == 0 or not math.isfinite(largest) or abs(alone - together) < 0.005 * largest:
        return first
    return first if round(alone / first) != round(together / first) else first / 10


def table_step(*values: float) -> float:
    """One step for a whole table: whole units from ten up, three figures from a thousand up.

    >>> table_step(98.0, -31.2), table_step(9.1), table_step(2400.0)
    (1.0, 0.1, 10.0)
    """
    largest = max((abs(v) for v in values if math.isfinite(v)), default=0.0)
    if largest == 0:
        return 1.0
    place = math.floor(math.log10(largest))
    return float(10.0 ** (place - 1 if place < 2 else place - 2))


def decimals(value_step: float) -> int:
    """How many decimals a rounding step needs."""
    return max(0, -math.floor(math.log10(value_step) + 1e-9))


def rounded(value: float, to: float) -> float:
    """The value rounded to a step; never minus zero."""
    out = round(value / to) * to
    return 0.0 if out == 0 else out


def number(language: Language, value: float | None, to: float | None = None) -> str:
    """A number rounded to a step (by default: to two significant figures; integers under 100 kept)."""
    if value is None or not math.isfinite(value):
        return NOTHING
    to = to or step(value)
    places = decimals(to)
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return _minus(format_decimal(rounded(value, to), format=pattern, locale=language.locale))


def plain_number(language: Language, value: float) -> str:
    """A number of a table: two figures under ten, whole under a hundred, three above, words from a million.

    >>> plain_number(Language.load("en"), 1.96e9).replace(NBSP, " ")
    '1.96 billion'
    >>> plain_number(Language.load("de"), 66123.0)
    '66.100'
    """
    if not math.isfinite(value):
        return NOTHING
    size = abs(value)
    if size >= 1e6:
        power = 1e9 if size >= 1e9 else 1e6
        to = step(value, digits=3)
        places = decimals(to / power)
        text = format_compact_decimal(
            rounded(value, to), format_type="long", locale=language.locale, fraction_digits=places
        )
        return _minus(text.replace(" ", NBSP))
    return number(language, value, step(value) if size < 10 else 1.0 if size < 100 else step(value, digits=3))


def exact(language: Language, value: float | None, places: int = 6) -> str:
    """A number as it was given, up to ``places`` decimals (parameters, counts)."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if value and abs(value) < 10.0**-places:
        return _minus(f"{value:.2e}")
    return _minus(format_decimal(value, format="#,##0." + "#" * places, locale=language.locale))


def integer(language: Language, value: float) -> str:
    """A count."""
    return number(language, value, 1.0)


def percent(language: Language, value: float | None, places: int = 0) -> str:
    """A share in per cent; small but not zero is said to be under one."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if 0 < value < 0.005 and not places:
        return "<" + NBSP + format_percent(0.01, locale=language.locale)
    pattern = percent_pattern(language, places)
    return _minus(format_percent(value, format=pattern, locale=language.locale))


def percent_pattern(language: Language, places: int) -> str:
    """The percent pattern of the language with a number of decimals."""
    pattern = str(language.locale.percent_formats[None].pattern)
    return re.sub(r"0(\s*%)", rf"0.{'0' * places}\1", pattern) if places else pattern


def money_words(language: Language, value: float, currency: str, digits: int = 2) -> Markup:
    """Money for a sentence: '€390 million', '390 Millionen Euro', '390 millions d'euros'.

    Rounded to two significant figures; the sign is left to the sentence.
    """
    amount = abs(value)
    amount = rounded(amount, step(amount, digits=digits)) if amount else 0.0
    if amount >= 1e6:
        power = 1e9 if amount >= 1e9 else 1e6
        places = decimals(step(amount / power, digits=digits))
        text = format_compact_decimal(
            amount, format_type="long", locale=language.locale, fraction_digits=places
        )
        if amount == power:  # the locale data has '1 Millionen', '1 millions'
            text = text.replace("Millionen", "Million").replace("Milliarden", "Milliarde").rstrip("s")
        text = text.replace(" ", NBSP)
    else:
        text = number(language, amount, 1.0)
    if language.code == "en":
        symbol = get_currency_symbol(currency, locale=language.locale)
        return Markup("{}{}{}").format(symbol, NBSP if symbol.isalpha() else "", text)
    name = get_currency_name(currency, count=2, locale=language.locale)
    link = NBSP
    if language.code == "fr" and amount >= 1e6:
        link = " d\N{RIGHT SINGLE QUOTATION MARK}" if name[:1].lower() in VOWELS else " de" + NBSP
    return Markup("{}{}{}").format(text, link, name)


def money_short(language: Language, value: float, currency: str, digits: int = 2) -> str:
    """Money for a drawing or a narrow cell: '€32M', '32 Mio. €'."""
    amount = rounded(value, step(value, digits=digits)) if value else 0.0
    power = 1e9 if abs(amount) >= 1e9 else 1e6 if abs(amount) >= 1e6 else 1e3 if abs(amount) >= 1e3 else 1.0
    places = min(2, decimals(step(amount / power, digits=digits))) if amount and power > 1 else 0
    words = format_compact_currency(amount, currency, locale=language.locale, fraction_digits=places)
    # German shortens no thousands, and then leaves out the dot between them as well
    grouped = re.sub(r"\d{5,}", lambda m: format_decimal(int(m[0]), locale=language.locale), words)
    return _minus(grouped)


@dataclass(frozen=True)
class Scale:
    """One unit for a whole row or chart: divide by ``factor``, print ``label`` once."""

    factor: float
    label: str


def money_scale(language: Language, values: Iterable[float], currency: str) -> Scale:
    """Millions, thousands or units, by the largest value."""
    largest = max((abs(float(v)) for v in values if math.isfinite(v)), default=0.0)
    symbol = get_currency_symbol(currency, locale=language.locale)
    if largest >= 2e6:
        return Scale(1e6, str(language.say("{currency} m", currency=symbol)).replace(" ", NBSP))
    if largest >= 2e3:
        return Scale(1e3, str(language.say("{currency} thousand", currency=symbol)).replace(" ", NBSP))
    return Scale(1.0, symbol)


def span(language: Language, low: float, high: float, factor: float = 1.0) -> str:
    """'180 to 850': a range, both ends rounded alike."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return NOTHING
    to = step(low / factor, high / factor)
    near = max(min(to, step(low / factor)), to / 10)
    a, b = number(language, low / factor, near), number(language, high / factor, to)
    return a if a == b else str(language.say("{low} to {high}", low=a, high=b)).replace(" ", NBSP)


def _minus(text: str) -> str:
    return text.replace("-", MINUS, 1) if text.startswith("-") else text
