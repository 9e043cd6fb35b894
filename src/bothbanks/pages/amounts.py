"""Amounts to the cent, and a parameter's value with its unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from babel.numbers import format_currency
from markupsafe import Markup

from bothbanks.pages import figures

if TYPE_CHECKING:
    from bothbanks.pages.context import Context
    from bothbanks.pages.language import Language

SHARES = frozenset({"share", "movable", "load", "interest", "target_ruin", "level", "discount_rate"})
"""Last parts of the ids of numbers that people read in per cent."""


def money_exact(language: Language, value: float, currency: str) -> str:
    """Money as it was decided, with cents only where there are any.

    >>> from bothbanks.pages.language import Language
    >>> money_exact(Language.load("en"), 420000.0, "EUR"), money_exact(Language.load("en"), 0.05, "EUR")
    ('€420,000', '€0.05')
    >>> money_exact(Language.load("de"), 80000.01, "EUR").replace(figures.NBSP, " ")
    '80.000,01 €'
    """
    pattern = language.locale.currency_formats["standard"].pattern
    amount = round(value, 2)
    if amount == round(amount):
        pattern = pattern.replace(".00", "")
    text = str(format_currency(amount, currency, pattern, language.locale, currency_digits=False))
    return text.replace("-", figures.MINUS, 1)


def share_exact(language: Language, value: float) -> str:
    """A share as it was given, without needless decimals.

    >>> from bothbanks.pages.language import Language
    >>> share_exact(Language.load("en"), 0.01), share_exact(Language.load("en"), 0.0225)
    ('1%', '2.25%')
    """
    hundredths = 100.0 * value
    places = next((k for k in (0, 1) if abs(hundredths - round(hundredths, k)) < 1e-9), 2)
    return figures.percent(language, value, places)


def parameter_value(ctx: Context, parameter: str, value: float) -> str | Markup:
    """A value of a parameter as people write it: '28%', '€60', '1,000 a year'."""
    if parameter.rsplit(".", 1)[-1] in SHARES:
        return share_exact(ctx.language, value)
    unit = next((p.unit for p in ctx.findings.parameters if p.id == parameter), "")
    if unit.partition("/")[0] == ctx.currency:
        return money_exact(ctx.language, value, ctx.currency)
    words = ctx.unit(unit)
    return Markup("{} {}").format(ctx.exact(value), words) if words else ctx.exact(value)
