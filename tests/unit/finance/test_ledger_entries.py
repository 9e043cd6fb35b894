"""The joint ledger: what balances, what is refused, and balances counted by hand."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from bothbanks.civic.finance.ledger import (
    Entry,
    Journal,
    LedgerError,
    Posting,
    Rate,
    account_fault,
    changed,
    faults_of,
    minor_of,
    units,
)
from bothbanks.civic.finance.ledger_balances import (
    Balance,
    YearStatement,
    balances,
    branch,
    fiscal_year,
    statement,
    trial_balance,
)
from bothbanks.words.errors import InputError, MoneyError
from bothbanks.words.money import Money

MEMBERS = ("left", "right")


def entry(
    id: str, day: str, *postings: tuple[str, int] | tuple[str, int, str], reverses: str = "", **more: object
) -> Entry:
    """An entry of made-up postings in cents of 2027, EUR unless said otherwise."""
    made = tuple(Posting(p[0], Money(p[1], p[2] if len(p) > 2 else "EUR", 2027)) for p in postings)
    about = {"decision": "council-1", "article": "a-4", "text": "made up"} | more
    return Entry(id, date.fromisoformat(day), postings=made, reverses=reverses, **about)  # type: ignore[arg-type]


CALL = entry("1", "2027-01-10", ("assets:due:left", 10_000), ("income:contributions:left", -10_000))
PAID = entry("2", "2027-02-10", ("assets:bank", 6_000), ("assets:due:left", -6_000))
PAYOUT = entry("3", "2027-05-01", ("expenses:payouts:left", 2_500), ("assets:bank", -2_500))
BACK = entry("4", "2027-05-02", ("assets:bank", 2_500), ("expenses:payouts:left", -2_500), reverses="3")
DIRECT = entry("5", "2028-03-01", ("assets:bank", 700), ("income:contributions:left", -700))
RATE = Rate(Fraction(93, 100), date(2027, 2, 9), "a central bank")
TURNED = entry(
    "6", "2027-02-10", ("assets:bank", -10_001, "EUR"), ("assets:bank:chf", 9_301, "CHF"), rate=RATE
)


def codes(*entries: Entry) -> list[str]:
    return [f.code for f in faults_of(entries, MEMBERS)]


def test_a_sound_journal_has_no_fault() -> None:
    assert codes(CALL, PAID, PAYOUT, BACK, DIRECT, TURNED) == []


def test_balances_by_hand() -> None:
    journal = Journal((CALL, PAID, PAYOUT, BACK, DIRECT), MEMBERS)
    assert balances(journal) == (
        Balance("assets:bank", "EUR", 6_700),
        Balance("assets:due:left", "EUR", 4_000),
        Balance("income:contributions:left", "EUR", -10_700),
    )
    assert branch(balances(journal, date(2027, 5, 1)), "assets", "EUR") == 6_000 - 2_500 + 4_000
    assert balances(journal, price_year=2026) == ()
    rows = trial_balance(journal)
    assert (sum(r.debit for r in rows), sum(r.credit for r in rows)) == (21_700, 21_700)


def test_a_statement_tells_what_is_due_by_fiscal_year() -> None:
    journal = Journal((CALL, PAID, PAYOUT, DIRECT), MEMBERS)
    assert statement(journal, "left") == (
        YearStatement("left", 2027, "EUR", called=10_000, paid=6_000, open=4_000, payouts=2_500),
        YearStatement("left", 2028, "EUR", called=700, paid=700, open=4_000, payouts=0),
    )
    by_april = statement(journal, "left", "04-01")
    assert [(s.year, s.called, s.payouts) for s in by_april] == [(2026, 10_000, 0), (2027, 700, 2_500)]
    assert statement(journal, "right") == ()


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (entry("9", "2027-01-01", ("assets:bank", 5), ("assets:due:left", -4)), "ledger.unbalanced"),
        (
            entry("9", "2027-01-01", ("assets:bank", 5), ("assets:due:left", -5), decision=""),
            "ledger.decision",
        ),
        (entry("9", "2027-01-01", ("assets:bank", 5), ("assets:due:left", -5), text=""), "ledger.text"),
        (entry("9", "2027-01-01", ("assets:cash", 5), ("assets:due:left", -5)), "ledger.account"),
        (entry("9", "2027-01-01", ("assets:bank", 5), ("assets:due:middle", -5)), "ledger.member"),
        (
            entry("9", "2027-01-01", ("assets:bank", 5), ("expenses:payouts:left", -5)),
            "ledger.negative-payout",
        ),
        (entry("9", "2027-01-01", ("assets:bank", 0), ("assets:due:left", 0)), "ledger.amount"),
        (entry("9", "2027-01-01", ("assets:bank", 5)), "ledger.postings"),
        (entry("1", "2027-01-01", ("assets:bank", 5), ("assets:due:left", -5)), "ledger.duplicate"),
        (
            entry("9", "2027-01-01", ("assets:bank", 5), ("assets:bank:chf", -5, "CHF")),
            "ledger.rate-missing",
        ),
        (replace(TURNED, id="9", rate=replace(RATE, day=date(2027, 1, 1))), "ledger.rate-date"),
        (replace(TURNED, id="9", rate=replace(RATE, day=date(2027, 2, 11))), "ledger.rate-date"),
        (replace(TURNED, id="9", rate=replace(RATE, source=" ")), "ledger.rate"),
        (replace(TURNED, id="9", rate=replace(RATE, value=Fraction(94, 100))), "ledger.unbalanced"),
        (replace(CALL, id="9", rate=RATE), "ledger.rate"),
        (
            entry("9", "2027-06-01", ("assets:bank", 5), ("assets:due:left", -5), reverses="0"),
            "ledger.reverses",
        ),
        (
            entry("9", "2027-06-01", ("assets:bank", 5), ("assets:due:left", -5), reverses="1"),
            "ledger.reverses",
        ),
    ],
)
def test_each_fault_is_told(bad: Entry, code: str) -> None:
    assert code in codes(CALL, bad)


def test_an_entry_is_reversed_once() -> None:
    assert codes(PAYOUT, BACK, replace(BACK, id="7")) == ["ledger.reverses"]


def test_one_price_year_an_entry() -> None:
    mixed = replace(PAID, postings=(PAID.postings[0], Posting("assets:due:left", Money(-6_000, "EUR", 2020))))
    assert codes(mixed) == ["ledger.price-year"]


def test_all_faults_come_at_once_and_travel_between_processes() -> None:
    bad = entry("9", "2027-01-01", ("assets:cash", 5), ("assets:due:middle", -4), decision="no way")
    with pytest.raises(LedgerError) as caught:
        Journal((bad,), MEMBERS)
    wanted = {"ledger.decision", "ledger.account", "ledger.member", "ledger.unbalanced"}
    assert {f.code for f in caught.value.faults} == wanted
    assert pickle.loads(pickle.dumps(caught.value)).faults == caught.value.faults
    assert "expected one of left, right" in str(caught.value)


def test_a_journal_only_grows() -> None:
    assert changed((CALL, PAID), (CALL, PAID, PAYOUT)) == ()
    edited = replace(PAID, text="another text")
    assert [(f.entry, f.found) for f in changed((CALL, PAID), (PAID, CALL))] == [
        ("1", "it as entry 2"),
        ("2", "it as entry 1"),
    ]
    assert [f.found for f in changed((CALL, PAID), (edited,))] == ["no such entry", "a changed entry"]


def test_accounts_of_members_and_names() -> None:
    assert account_fault("liabilities:suppliers:sensor-works-2", MEMBERS) is None
    assert account_fault("liabilities:suppliers:Sensor Works", MEMBERS) is not None
    assert account_fault("assets:due", MEMBERS) is not None


@pytest.mark.parametrize("text", ["", "1,5", "1.234", "+5", "5.", ".5", "1e3", "NaN", "--1"])
def test_an_amount_is_a_plain_decimal(text: str) -> None:
    with pytest.raises(MoneyError):
        minor_of(text, "EUR")


def test_amounts_follow_the_currency() -> None:
    assert (minor_of("12", "JPY"), minor_of("1.234", "KWD"), units(1234, 3)) == (12, 1234, "1.234")
    with pytest.raises(MoneyError):
        minor_of("1.5", "JPY")


def test_what_cannot_be_asked() -> None:
    journal = Journal((CALL,), MEMBERS)
    with pytest.raises(InputError, match="no member"):
        statement(journal, "middle")
    with pytest.raises(InputError, match="MM-DD"):
        fiscal_year(date(2027, 1, 1), "31-02")
