"""The ledger for the outside world: hledger, Ledger and Beancount syntax, and a CSV that reads back.

Ledger and hledger share most of their syntax: an entry is a date, the decision in brackets, the text, and a
line for each posting; id, article and price year are tags. Beancount wants every account opened, and names
that begin with a capital. What was converted carries the total price (``@@``), so that both amounts stay
exact.

The syntax is what Debian's hledger 1.25, Ledger 3.3 and Beancount 2.3 read with every check of theirs on;
``checks/check_ledger.py`` has them read it and compares their balances with ours.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from datetime import date

from bothbanks.civic.finance.ledger import Entry, Journal, Posting, units
from bothbanks.words.errors import InputError
from bothbanks.words.money import Money, minor_digits

COLUMNS = (
    "id", "date", "decision", "article", "text", "account", "amount", "currency", "price_year", "reverses",
    "rate", "rate_date", "rate_source",
)  # fmt: skip
"""Columns of ``finance/journal.csv``, one row a posting; the entry's own fields stand in its first row."""

TAGS = ("id", "article", "price-year", "reverses", "rate")

_NOT_BEANCOUNT = re.compile(r"[^A-Za-z0-9-]")


def amount(money: Money) -> str:
    """'-12.50 EUR'."""
    return f"{units(money.minor, minor_digits(money.currency))} {money.currency}"


def to_csv(journal: Journal) -> str:
    """The journal as it is kept in a region folder."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for e in journal.entries:
        rate: tuple[str, ...] = ("", "", "")
        if e.rate is not None:
            rate = (_decimal(e), e.rate.day.isoformat(), e.rate.source)
        head: tuple[str, ...] = (e.day.isoformat(), e.decision, e.article, e.text)
        tail: tuple[str, ...] = (e.reverses, *rate)
        for p in e.postings:
            money = units(p.money.minor, minor_digits(p.money.currency))
            own = (p.account, money, p.money.currency, p.money.price_year)
            writer.writerow((e.id, *head, *own, *tail))
            head, tail = ("",) * len(head), ("",) * len(tail)
    return out.getvalue()


def _decimal(entry: Entry) -> str:
    """A rate as a plain decimal, as it was published."""
    assert entry.rate is not None
    value = entry.rate.value
    scale = 1
    while (value * scale).denominator != 1:
        scale *= 10
        if scale > 10**30:
            raise InputError(
                "ledger.rate", f"the rate of entry {entry.id} is {value}, no decimal; state it as published."
            )
    return units(int(value * scale), len(str(scale)) - 1)


def to_hledger(journal: Journal) -> str:
    """The journal for hledger (strict: accounts and currencies are declared)."""
    return _journal(journal, lambda c: f"commodity {_pattern(c)} {c}")


def to_ledger(journal: Journal) -> str:
    """The journal for Ledger (pedantic: accounts, currencies and tags are declared)."""
    tags = "".join(f"tag {name}\n" for name in TAGS)
    return tags + _journal(journal, lambda c: f"commodity {c}\n    format {_pattern(c).rstrip('.')} {c}")


def _pattern(currency: str) -> str:
    digits = minor_digits(currency)
    return "1000." + "0" * digits


def _journal(journal: Journal, commodity: Callable[[str], str]) -> str:
    lines = ["; Made by Bothbanks; debits are positive."]
    lines += [commodity(c) for c in _currencies(journal)]
    lines += [f"account {a}" for a in journal.accounts]
    for e in journal.entries:
        lines += ["", f"{e.day.isoformat()} * ({e.decision}) {_plain(e.text)}"]
        lines += [f"    ; {name}: {value}" for name, value in _tags(e).items()]
        lines += [f"    {p.account}  {amount(p.money)}{_price(e, p)}" for p in e.postings]
    return "\n".join(lines) + "\n"


def _tags(e: Entry) -> dict[str, str]:
    """What stands beside an entry, empty ones left out."""
    tags = {
        "id": e.id,
        "article": e.article,
        "price-year": str(e.postings[0].money.price_year),
        "reverses": e.reverses,
    }
    if e.rate is not None:
        tags["rate"] = f"{_decimal(e)} on {e.rate.day.isoformat()} by {_plain(e.rate.source)}"
    return {name: value for name, value in tags.items() if value}


def _price(e: Entry, p: Posting) -> str:
    """The total price of the first posting of a conversion, in the other currency."""
    if e.rate is None or p is not e.postings[0]:
        return ""
    other = e.postings[1].money
    return f" @@ {amount(Money(abs(other.minor), other.currency, other.price_year))}"


def _plain(text: str) -> str:
    """A text that can't be taken for a comment, a tag or the end of the code."""
    return text.replace(";", ",").replace("|", "/")


def _currencies(journal: Journal) -> tuple[str, ...]:
    return tuple(sorted({p.money.currency for e in journal.entries for p in e.postings}))


def beancount_account(account: str) -> str:
    """'assets:due:left-bank' -> 'Assets:Due:Left-bank'; what Beancount can't write becomes a dash."""
    parts = [_NOT_BEANCOUNT.sub("-", part) for part in account.split(":")]
    return ":".join(part[:1].upper() + part[1:] for part in parts)


def to_beancount(journal: Journal) -> str:
    """The journal for Beancount.

    Raises
    ------
    InputError
        Two accounts would get one name.
    """
    names = {a: beancount_account(a) for a in journal.accounts}
    if len(set(names.values())) < len(names):
        raise InputError(
            "ledger.beancount", "two accounts differ only in signs that Beancount can't write; rename one."
        )
    first = min((e.day for e in journal.entries), default=date(1970, 1, 1)).isoformat()
    lines = ["; Made by Bothbanks; debits are positive."]
    lines += [f"{first} commodity {c}" for c in _currencies(journal)]
    lines += [f"{first} open {names[a]}" for a in journal.accounts]
    for e in sorted(journal.entries, key=lambda e: e.day):
        lines += ["", f'{e.day.isoformat()} * "{_string(e.text)}"']
        tags = {"decision": e.decision, **_tags(e)}
        lines += [f'  {name}: "{_string(value)}"' for name, value in tags.items()]
        lines += [f"  {names[p.account]}  {amount(p.money)}{_price(e, p)}" for p in e.postings]
    return "\n".join(lines) + "\n"


def _string(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


FORMATS: Mapping[str, Callable[[Journal], str]] = {
    "ledger": to_ledger,
    "hledger": to_hledger,
    "beancount": to_beancount,
    "csv": to_csv,
}
"""Name of a format -> what writes it."""
