"""Numbers as each language writes them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothbanks.pages import figures
from bothbanks.pages.language import Language

EN, DE, FR, NL = (Language.load(c) for c in ("en", "de", "fr", "nl"))
N, NN = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    ("language", "value", "currency", "words"),
    [
        (EN, 390e6, "EUR", "€390 million"), (DE, 390e6, "EUR", "390 Millionen Euro"),
        (FR, 390e6, "EUR", "390 millions d’euros"), (NL, 390e6, "EUR", "390 miljoen euro"),
        (EN, 1.23e9, "EUR", "€1.2 billion"), (DE, 1.23e9, "EUR", "1,2 Milliarden Euro"),
        (DE, 1e6, "EUR", "1 Million Euro"), (FR, 1e6, "EUR", "1 million d’euros"),
        (FR, 12e6, "CHF", "12 millions de francs suisses"),
        (EN, 12e6, "CHF", "CHF 12 million"), (FR, 45_200, "EUR", "45 000 euros"),
        (DE, -45_200, "EUR", "45.000 Euro"),
        (EN, 0.0, "EUR", "€0"),
    ],
)  # fmt: skip
def test_money_in_a_sentence(language: Language, value: float, currency: str, words: str) -> None:
    got = str(figures.money_words(language, value, currency)).replace(N, " ").replace(NN, " ")
    assert got == words


@pytest.mark.parametrize(
    ("language", "value", "words"),
    [
        (EN, -1234.5, "−1,200"),
        (DE, 1234.5, "1.200"),
        (FR, 1234.5, f"1{NN}200"),
        (NL, 0.0567, "0,057"),
        (EN, math.nan, "–"),
    ],
)
def test_two_significant_figures(language: Language, value: float, words: str) -> None:
    assert figures.number(language, value) == words


def test_percent_formats() -> None:
    assert figures.percent(EN, 0.25) == "25%"
    assert figures.percent(DE, 0.25) == f"25{N}%"
    assert figures.percent(FR, 0.0225, 1).replace(NN, N) == f"2,2{N}%"
    assert figures.percent(EN, 0.001) == f"<{N}1%"
    assert figures.percent(EN, 0.0) == "0%"


def test_a_pair_shows_its_difference() -> None:
    assert figures.pair_step(1090, 1120) == 10.0
    assert figures.pair_step(540, 470) == 10.0
    assert figures.pair_step(224.0, 224.4) == 10.0  # less than half a per cent apart: the same


def test_range_rounds_both_ends_alike() -> None:
    assert figures.span(EN, 179e6, 852e6, 1e6) == f"180{N}to{N}850"
    assert figures.span(EN, math.nan, 1) == "–"


def test_one_unit_for_a_row() -> None:
    assert figures.money_scale(DE, [540e6, 30e6], "EUR") == figures.Scale(1e6, f"Mio.{N}€")
    assert figures.money_scale(EN, [1200.0], "EUR").factor == 1.0


@given(st.floats(1e-6, 1e12), st.floats(-1, 1))
def test_rounding_keeps_within_half_a_step(size: float, sign: float) -> None:
    value = size * sign
    to = figures.step(value)
    assert abs(figures.rounded(value, to) - value) <= to / 2 * (1 + 1e-9)
    if abs(value) >= figures.NOUGHT:
        assert to <= abs(value) / 10 * (1 + 1e-9) or math.isclose(to, abs(value) / 10)


def test_thousands_that_a_language_does_not_shorten_keep_their_mark() -> None:
    assert figures.money_short(DE, 300_000.0, "EUR").startswith("300.000")
