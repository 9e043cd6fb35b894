"""Balances of the ledger: by account and day, trial balance, a member's statement, dues and payments.

Every sum is one grouped addition of whole minor units over all postings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from bothbanks.civic.finance.ledger import CONTRIBUTED, DUE, PAYOUTS, Journal
from bothbanks.words.errors import InputError

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Balance:
    """Face value on one account in one currency, whole minor units; positive is a debit."""

    account: str
    currency: str
    minor: int


@dataclass(frozen=True)
class TrialRow:
    """One account in one currency: what was debited and what was credited, both 0 or more."""

    account: str
    currency: str
    debit: int
    credit: int


@dataclass(frozen=True)
class YearStatement:
    """A member's fiscal year in one currency, in whole minor units.

    ``year`` is the calendar year in which the fiscal year begins; ``open`` what is called and not yet paid
    at its end.
    """

    member: str
    year: int
    currency: str
    called: int
    paid: int
    open: int
    payouts: int


@dataclass(frozen=True, eq=False)
class Columns:
    """The postings of a journal as columns, one row a posting; texts as numbers of their lists."""

    accounts: tuple[str, ...]
    currencies: tuple[str, ...]
    account: IntArray
    currency: IntArray
    minor: IntArray
    day: IntArray  # days since 0001-01-01, as date.toordinal counts
    price_year: IntArray
    reversal: NDArray[np.bool_]


def columns(journal: Journal) -> Columns:
    """The postings of a journal as columns."""
    rows = [(e, p) for e in journal.entries for p in e.postings]
    accounts = journal.accounts
    currencies = tuple(sorted({p.money.currency for _, p in rows}))
    place = {a: k for k, a in enumerate(accounts)}
    of = {c: k for k, c in enumerate(currencies)}

    def whole(values: list[int]) -> IntArray:
        return np.array(values, dtype=np.int64)

    return Columns(
        accounts,
        currencies,
        whole([place[p.account] for _, p in rows]),
        whole([of[p.money.currency] for _, p in rows]),
        whole([p.money.minor for _, p in rows]),
        whole([e.day.toordinal() for e, _ in rows]),
        whole([p.money.price_year for _, p in rows]),
        np.array([bool(e.reverses) for e, _ in rows], dtype=bool),
    )


def _sums(table: Columns, wanted: NDArray[np.bool_]) -> IntArray:
    """(account, currency) sums of the wanted postings."""
    out = np.zeros((len(table.accounts), len(table.currencies)), dtype=np.int64)
    np.add.at(out, (table.account[wanted], table.currency[wanted]), table.minor[wanted])
    return out


def balances(
    journal: Journal, until: date | None = None, price_year: int | None = None
) -> tuple[Balance, ...]:
    """Balance of every account in every currency it holds, by account; those at 0 are left out.

    Parameters
    ----------
    until : last day that counts; all of them where not given
    price_year : only postings in prices of that year
    """
    table = columns(journal)
    wanted = np.ones(table.minor.shape, dtype=bool)
    if until is not None:
        wanted &= table.day <= until.toordinal()
    if price_year is not None:
        wanted &= table.price_year == price_year
    sums = _sums(table, wanted)
    return tuple(
        Balance(table.accounts[a], table.currencies[c], int(sums[a, c])) for a, c in np.argwhere(sums)
    )


def branch(found: Sequence[Balance], head: str, currency: str) -> int:
    """Sum of an account and all below it in one currency.

    >>> held = (Balance("assets:bank", "EUR", 5), Balance("assets:bank:old", "EUR", 2))
    >>> branch(held, "assets:bank", "EUR"), branch(held, "assets:ban", "EUR")
    (7, 0)
    """
    return sum(
        b.minor
        for b in found
        if b.currency == currency and (b.account == head or b.account.startswith(f"{head}:"))
    )


def trial_balance(journal: Journal, until: date | None = None) -> tuple[TrialRow, ...]:
    """What was debited and credited to each account. Both columns add up to the same in each currency that
    was never converted.
    """
    table = columns(journal)
    wanted = np.ones(table.minor.shape, dtype=bool)
    if until is not None:
        wanted &= table.day <= until.toordinal()
    debit = _sums(table, wanted & (table.minor > 0))
    credit = -_sums(table, wanted & (table.minor < 0))
    return tuple(
        TrialRow(table.accounts[a], table.currencies[c], int(debit[a, c]), int(credit[a, c]))
        for a, c in np.argwhere((debit > 0) | (credit > 0))
    )


def fiscal_year(day: date, begins: str) -> int:
    """Calendar year in which the fiscal year of a day begins.

    >>> fiscal_year(date(2027, 3, 31), "04-01"), fiscal_year(date(2027, 4, 1), "04-01")
    (2026, 2027)
    """
    try:
        month, first = (int(part) for part in begins.split("-"))
        date(2000, month, first)
    except ValueError as error:
        raise InputError("ledger.fiscal-year", f"'{begins}' is no day; give MM-DD, such as 04-01.") from error
    return day.year if (day.month, day.day) >= (month, first) else day.year - 1


def statement(journal: Journal, member: str, begins: str = "01-01") -> tuple[YearStatement, ...]:
    """A member's contributions against what is due, and its payouts, by its own fiscal year and currency.

    Called is what was debited to its due account, less what was taken back by reversals; paid is what was
    credited to it. A contribution booked without a call counts as called and paid at once.

    Raises
    ------
    InputError
        No such member; ``begins`` is no day.
    """
    if member not in journal.members:
        raise InputError("ledger.member", f"'{member}' is no member; there are {', '.join(journal.members)}.")
    table = columns(journal)
    years = np.array([fiscal_year(date.fromordinal(int(d)), begins) for d in np.unique(table.day)])
    year = years[np.searchsorted(np.unique(table.day), table.day)]
    span = np.unique(year)
    change = np.zeros((3, len(span), len(table.currencies)), dtype=np.int64)
    for k, head in enumerate((DUE, CONTRIBUTED, PAYOUTS)):
        name = f"{head}:{member}"
        if name in table.accounts:
            mine = table.account == table.accounts.index(name)
            at = np.searchsorted(span, year[mine])
            np.add.at(change[k], (at, table.currency[mine]), table.minor[mine])
    due, called, payouts = change[0], -change[1], change[2]
    return tuple(
        YearStatement(
            member,
            int(span[y]),
            table.currencies[c],
            called=int(called[y, c]),
            paid=int(called[y, c] - due[y, c]),
            open=int(due[: y + 1, c].sum()),
            payouts=int(payouts[y, c]),
        )
        for c in range(len(table.currencies))
        for y in range(len(span))
        if change[:, y, c].any()
    )
