"""The joint ledger: double-entry accounts of contributions, grants, payments and payouts.

Every entry moves money between accounts so that each currency adds up to nought: debits are positive,
credits negative. It names the decision that ordered it, has one price year, and is never changed: what was
wrong is put right by a later entry that reverses it. Money of two currencies meets only in an entry of its
own, at a dated rate with a source.

Amounts are whole minor units (cents) and stay exact. Balances add money at face value, as a bank does; the
price year says in which year's prices an entry counts and stays with it.

Source: double entry as in L. Pacioli, Summa de arithmetica (1494), Particularis de computis et scripturis;
trial balance and reversal are common practice since.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from bothbanks.words.errors import InputError, MoneyError
from bothbanks.words.money import Money, minor_digits

MEMBER, NAME = "MEMBER", "NAME"

ACCOUNTS = (
    "assets:bank",
    "assets:bank:NAME",
    "assets:due:MEMBER",  # called from a member, not yet paid in
    "assets:grants-due:NAME",
    "liabilities:suppliers:NAME",
    "liabilities:payouts:MEMBER",
    "liabilities:loans:NAME",
    "equity:opening",
    "income:contributions:MEMBER",
    "income:grants:NAME",
    "income:interest",
    "expenses:measures:NAME",
    "expenses:purchases:NAME",
    "expenses:payouts:MEMBER",
    "expenses:interest",
    "expenses:running",
)
"""The tree of accounts; MEMBER is a member's id, NAME a short name of small letters, digits and dashes."""

DUE, CONTRIBUTED, PAYOUTS = "assets:due", "income:contributions", "expenses:payouts"
BANK = "assets:bank"

RATE_AGE = timedelta(days=10)
"""A rate may be this much older than the entry that uses it: no rate is set on weekends and holidays."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Posting:
    """Money put to one account; positive is a debit."""

    account: str
    money: Money


@dataclass(frozen=True)
class Rate:
    """``amount in second currency = amount in first * value``, as published on a day."""

    value: Fraction
    day: date
    source: str


@dataclass(frozen=True)
class Entry:
    """One transaction. ``reverses`` names the entry it takes back, '' for none."""

    id: str
    day: date
    decision: str
    article: str
    text: str
    postings: tuple[Posting, ...]
    reverses: str = ""
    rate: Rate | None = None

    @property
    def currencies(self) -> tuple[str, ...]:
        """Currencies of the postings, each once, in their order."""
        return tuple(dict.fromkeys(p.money.currency for p in self.postings))


@dataclass(frozen=True)
class Fault:
    """What is wrong with one entry: which, in what field, what was found, what was expected.

    ``place`` counts entries from 0, ``posting`` the postings of the entry; -1: the entry as a whole.
    """

    entry: str
    field: str
    found: str
    expected: str
    code: str
    posting: int = -1
    place: int = -1


@dataclass(frozen=True)
class Journal:
    """Entries in the order in which they were written, and the members they may name.

    Raises
    ------
    LedgerError
        Something is wrong; all of it is listed. A journal with a fault can't be made.
    """

    entries: tuple[Entry, ...]
    members: tuple[str, ...]

    def __post_init__(self) -> None:
        faults = faults_of(self.entries, self.members)
        if faults:
            raise LedgerError(faults)

    @property
    def accounts(self) -> tuple[str, ...]:
        """Accounts that are used, in the order of their names."""
        return tuple(sorted({p.account for e in self.entries for p in e.postings}))


class LedgerError(InputError):
    """A journal that can't be taken, with every fault of it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        lines = "\n".join(
            f"  [{f.code}] entry {f.entry}, {f.field}: found {f.found}; expected {f.expected}" for f in faults
        )
        super().__init__("ledger.entries", f"{len(self.faults)} fault(s); no entry was taken:\n{lines}")

    def __reduce__(self) -> tuple[type[LedgerError], tuple[tuple[Fault, ...]]]:
        """Travel whole between processes."""
        return type(self), (self.faults,)


def account_fault(account: str, members: Collection[str]) -> tuple[str, str] | None:
    """(found, expected) when an account isn't in the tree or names no member; None when it is well.

    >>> account_fault("assets:due:left", ("left", "right"))
    >>> account_fault("assets:due:middle", ("left", "right"))
    ('no member middle', 'one of left, right')
    """
    parts = account.split(":")
    unknown_member: tuple[str, str] | None = None
    for pattern in ACCOUNTS:
        wanted = pattern.split(":")
        if len(wanted) != len(parts) or any(
            w not in (MEMBER, NAME) and w != p for w, p in zip(wanted, parts, strict=True)
        ):
            continue
        last = parts[-1]
        if wanted[-1] == MEMBER and last not in members:
            unknown_member = (f"no member {last}", f"one of {', '.join(members)}")
        elif wanted[-1] != NAME or _NAME.fullmatch(last):
            return None
    return unknown_member or (f"account '{account}'", f"one of {', '.join(ACCOUNTS)}")


def faults_of(entries: Sequence[Entry], members: Collection[str]) -> tuple[Fault, ...]:
    """Everything wrong with a journal, in the order of its entries; empty when nothing is."""
    found: list[Fault] = []
    earlier: dict[str, Entry] = {}
    reversed_by: dict[str, str] = {}
    for place, entry in enumerate(entries):
        faults = [
            *_head(entry, earlier),
            *_postings(entry, members),
            *_balance(entry),
            *_reversal(entry, earlier, reversed_by),
        ]
        found += [replace(fault, place=place) for fault in faults]
        earlier.setdefault(entry.id, entry)
    return tuple(found)


def _head(entry: Entry, earlier: Collection[str]) -> Iterable[Fault]:
    if entry.id in earlier:
        yield Fault(entry.id, "id", "an id used before", "an id of its own", "ledger.duplicate")
    for field, value in (("id", entry.id), ("decision", entry.decision)):
        if not _ID.fullmatch(value):
            found = f"'{value}'" if value else "nothing"
            expected = "an identifier of letters, digits, '.', '-', '_' and '/'"
            yield Fault(entry.id, field, found, expected, f"ledger.{field}")
    if entry.article and not _ID.fullmatch(entry.article):
        yield Fault(entry.id, "article", f"'{entry.article}'", "an identifier", "ledger.article")
    if not entry.text.strip() or _SPACE.sub(" ", entry.text) != entry.text:
        yield Fault(entry.id, "text", repr(entry.text), "words in one line, single spaces", "ledger.text")


def _postings(entry: Entry, members: Collection[str]) -> Iterable[Fault]:
    if len(entry.postings) < 2:
        yield Fault(
            entry.id, "postings", f"{len(entry.postings)} posting(s)", "two or more", "ledger.postings"
        )
    for k, posting in enumerate(entry.postings):
        fault = account_fault(posting.account, members)
        if fault is not None:
            code = "ledger.member" if fault[0].startswith("no member") else "ledger.account"
            yield Fault(entry.id, "account", fault[0], fault[1], code, k)
        payout = posting.account.startswith(f"{PAYOUTS}:")
        if payout and posting.money.minor < 0 and not entry.reverses:
            expected = "a payout above 0, or an entry that names the one it reverses"
            yield Fault(entry.id, "amount", str(posting.money), expected, "ledger.negative-payout", k)
        if posting.money.minor == 0:
            yield Fault(entry.id, "amount", str(posting.money), "an amount other than 0", "ledger.amount", k)
    years = sorted({p.money.price_year for p in entry.postings})
    if len(years) > 1:
        found = f"prices of {' and '.join(map(str, years))}"
        yield Fault(entry.id, "price_year", found, "one price year an entry", "ledger.price-year")


def _balance(entry: Entry) -> Iterable[Fault]:
    sums = {c: sum(p.money.minor for p in entry.postings if p.money.currency == c) for c in entry.currencies}
    if not any(sums.values()):
        if entry.rate is not None:
            expected = "no rate: every currency balances by itself"
            yield Fault(entry.id, "rate", str(float(entry.rate.value)), expected, "ledger.rate")
        return
    off = ", ".join(_amount(minor, c) for c, minor in sums.items() if minor)
    if len(sums) == 1:
        yield Fault(entry.id, "postings", f"{off} left over", "debits equal to credits", "ledger.unbalanced")
    elif entry.rate is None:
        expected = "a rate with its day and source, or each currency balanced by itself"
        yield Fault(entry.id, "rate", f"none, and {off} left over", expected, "ledger.rate-missing")
    else:
        yield from _conversion(entry, entry.rate)


def _conversion(entry: Entry, rate: Rate) -> Iterable[Fault]:
    """A rate turns exactly one amount into one other, rounded to the minor unit."""
    if len(entry.postings) != 2 or len(entry.currencies) != 2:
        found = f"{len(entry.postings)} postings in {len(entry.currencies)} currencies"
        expected = "two postings, one in each of two currencies: a conversion is an entry of its own"
        yield Fault(entry.id, "postings", found, expected, "ledger.conversion")
        return
    first, second = (p.money for p in entry.postings)
    digits = minor_digits(second.currency) - minor_digits(first.currency)
    exact = -first.minor * rate.value * Fraction(10) ** digits
    if rate.value <= 0 or abs(exact - second.minor) > 1:
        found = f"{first} against {second}"
        expected = f"{_amount(round(exact), second.currency)} at a rate of {float(rate.value):g}"
        yield Fault(entry.id, "rate", found, expected, "ledger.unbalanced")
    if not rate.source.strip():
        yield Fault(entry.id, "rate_source", "nothing", "where the rate was published", "ledger.rate")
    if not entry.day - RATE_AGE <= rate.day <= entry.day:
        expected = f"a rate of {entry.day.isoformat()} or at most {RATE_AGE.days} days before"
        yield Fault(entry.id, "rate_date", rate.day.isoformat(), expected, "ledger.rate-date")


def _reversal(entry: Entry, earlier: dict[str, Entry], reversed_by: dict[str, str]) -> Iterable[Fault]:
    """A reversal takes back an earlier entry as a whole, once."""
    if not entry.reverses:
        return
    taken = earlier.get(entry.reverses)
    if taken is None:
        expected = "the id of an entry written before"
        yield Fault(entry.id, "reverses", f"'{entry.reverses}'", expected, "ledger.reverses")
        return
    by = reversed_by.setdefault(entry.reverses, entry.id)
    if by != entry.id:
        expected = "an entry that nothing has reversed yet"
        yield Fault(entry.id, "reverses", f"{entry.reverses}, reversed by {by}", expected, "ledger.reverses")
    mirror = sorted((p.account, -p.money.minor, p.money.currency, p.money.price_year) for p in taken.postings)
    own = sorted((p.account, p.money.minor, p.money.currency, p.money.price_year) for p in entry.postings)
    if own != mirror:
        expected = f"every posting of {taken.id} with the other sign"
        yield Fault(entry.id, "postings", "other postings", expected, "ledger.reverses")


def _amount(minor: int, currency: str) -> str:
    digits = minor_digits(currency)
    return f"{'-' if minor < 0 else ''}{units(abs(minor), digits)} {currency}"


def units(minor: int, digits: int) -> str:
    """Minor units as a plain decimal: 12345 -> '123.45'.

    >>> units(-5, 2), units(1200, 0)
    ('-0.05', '1200')
    """
    sign, whole = ("-" if minor < 0 else ""), abs(minor)
    return f"{sign}{whole // 10**digits}" + (f".{whole % 10**digits:0{digits}d}" if digits else "")


def minor_of(text: str, currency: str) -> int:
    """Minor units of a plain decimal: digits, at most one point, no thousands marks, no rounding.

    Raises
    ------
    MoneyError [ledger.amount]
        Not a plain decimal, or more decimals than the currency has.

    >>> minor_of("-1234.5", "EUR")
    -123450
    """
    digits = minor_digits(currency)
    match = re.fullmatch(r"(-?)(\d+)(?:\.(\d+))?", text)
    if match is None or len(match[3] or "") > digits:
        raise MoneyError(
            "ledger.amount",
            f"'{text}' is no amount in {currency}; give digits with a point and at most {digits} decimals.",
        )
    minor = int(match[2] + (match[3] or "").ljust(digits, "0"))
    return -minor if match[1] else minor


def changed(before: Sequence[Entry], after: Sequence[Entry]) -> tuple[Fault, ...]:
    """Entries of an older journal that the newer one lacks, changes or moves: a journal only grows."""
    found = []
    place = {e.id: k for k, e in reversed(list(enumerate(after)))}
    for k, old in enumerate(before):
        at = place.get(old.id)
        if at is None:
            what = "no such entry"
        elif after[at] != old:
            what = "a changed entry"
        elif at != k:
            what = f"it as entry {at + 1}"
        else:
            continue
        expected = f"entry {k + 1} as it was written; put it right by a later entry that reverses it"
        found.append(Fault(old.id, "entry", what, expected, "ledger.changed"))
    return tuple(found)
