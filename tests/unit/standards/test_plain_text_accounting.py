"""Exports of the ledger, line by line."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from bothbanks.civic.finance.ledger import Entry, Journal, Posting, Rate
from bothbanks.standards.plain_text_accounting import (
    beancount_account,
    to_beancount,
    to_csv,
    to_hledger,
    to_ledger,
)
from bothbanks.words.errors import InputError
from bothbanks.words.money import Money

CALL = Entry(
    "7/1",
    date(2027, 1, 10),
    "council-1",
    "a-4",
    'a "call"; see | minutes',
    (
        Posting("assets:due:Left_bank", Money(12_345, "EUR", 2027)),
        Posting("income:contributions:Left_bank", Money(-12_345, "EUR", 2027)),
    ),
)
TURNED = Entry(
    "8",
    date(2027, 2, 10),
    "board-2",
    "",
    "francs bought",
    (
        Posting("assets:bank:chf", Money(9_300, "CHF", 2027)),
        Posting("assets:bank", Money(-9_765, "EUR", 2027)),
    ),
    rate=Rate(Fraction(105, 100), date(2027, 2, 9), "a central bank"),
)
JOURNAL = Journal((CALL, TURNED), ("Left_bank",))


def test_hledger() -> None:
    assert to_hledger(JOURNAL) == (
        "; Made by Bothbanks; debits are positive.\n"
        "commodity 1000.00 CHF\n"
        "commodity 1000.00 EUR\n"
        "account assets:bank\n"
        "account assets:bank:chf\n"
        "account assets:due:Left_bank\n"
        "account income:contributions:Left_bank\n"
        "\n"
        '2027-01-10 * (council-1) a "call", see / minutes\n'
        "    ; id: 7/1\n"
        "    ; article: a-4\n"
        "    ; price-year: 2027\n"
        "    assets:due:Left_bank  123.45 EUR\n"
        "    income:contributions:Left_bank  -123.45 EUR\n"
        "\n"
        "2027-02-10 * (board-2) francs bought\n"
        "    ; id: 8\n"
        "    ; price-year: 2027\n"
        "    ; rate: 1.05 on 2027-02-09 by a central bank\n"
        "    assets:bank:chf  93.00 CHF @@ 97.65 EUR\n"
        "    assets:bank  -97.65 EUR\n"
    )


def test_ledger_differs_in_its_declarations_only() -> None:
    body = to_hledger(JOURNAL).partition("account ")[2]
    text = to_ledger(JOURNAL)
    assert text.partition("account ")[2] == body
    assert "commodity EUR\n    format 1000.00 EUR\n" in text
    assert text.startswith("tag id\n")


def test_beancount() -> None:
    text = to_beancount(JOURNAL)
    assert "2027-01-10 open Assets:Due:Left-bank\n" in text
    assert '2027-01-10 * "a \\"call\\"; see | minutes"\n  decision: "council-1"\n  id: "7/1"\n' in text
    assert "  Assets:Bank:Chf  93.00 CHF @@ 97.65 EUR\n" in text


def test_two_accounts_never_become_one() -> None:
    assert beancount_account("assets:due:a.b") == "Assets:Due:A-b"
    calls = tuple(
        Entry(
            str(k),
            date(2027, 1, 1),
            "d",
            "",
            "x",
            (
                Posting("assets:bank", Money(1, "EUR", 2027)),
                Posting(f"assets:due:{m}", Money(-1, "EUR", 2027)),
            ),
        )
        for k, m in enumerate(("a.b", "a_b"))
    )
    with pytest.raises(InputError, match="rename one"):
        to_beancount(Journal(calls, ("a.b", "a_b")))


def test_csv_quotes_what_needs_it() -> None:
    line = to_csv(JOURNAL).splitlines()[1]
    assert line.startswith(
        '7/1,2027-01-10,council-1,a-4,"a ""call""; see | minutes",assets:due:Left_bank,123.45'
    )


def test_no_entries_is_a_file_all_the_same() -> None:
    empty = Journal((), ("Left_bank",))
    assert to_csv(empty).count("\n") == 1
    assert to_hledger(empty) == "; Made by Bothbanks; debits are positive.\n"
    assert to_beancount(empty) == "; Made by Bothbanks; debits are positive.\n"


def test_a_rate_that_is_no_decimal_is_refused() -> None:
    from dataclasses import replace

    third = replace(TURNED, rate=Rate(Fraction(21, 20) + Fraction(1, 30_000), date(2027, 2, 9), "b"))
    with pytest.raises(InputError, match="no decimal"):
        to_csv(Journal((third,), ()))
