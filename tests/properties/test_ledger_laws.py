"""Laws of the ledger that hold for every journal."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bothbanks.civic.finance.ledger import ACCOUNTS, Entry, Journal, Posting, faults_of, minor_of, units
from bothbanks.civic.finance.ledger_balances import balances, statement, trial_balance
from bothbanks.region.finance.journal import FILE, entries_of
from bothbanks.region.problems import Problems
from bothbanks.standards.plain_text_accounting import FORMATS, to_csv
from bothbanks.words.money import Money

MEMBERS = ("left", "right", "up-stream")
TEXTS = ("paid", 'a "call"; see | minutes', "Ünïcode, und Kommas", "2027-01-01 * (x) y")
DAYS = tuple(date(2026 + k // 12, k % 12 + 1, 1 + k % 28) for k in range(36))
NAMES = ("works", "a-1", "0")


@st.composite
def journals(draw: st.DrawFn) -> Journal:
    """Sound journals in three currencies: each entry's last posting balances the others."""
    tree = [a.replace("MEMBER", m).replace("NAME", n) for a in ACCOUNTS for m in MEMBERS for n in NAMES]
    account = st.sampled_from(sorted({a for a in tree if not a.startswith("expenses:payouts")}))
    made: list[Entry] = []
    for k in range(draw(st.integers(0, 5))):
        currency, day = draw(st.sampled_from(("EUR", "CHF", "JPY"))), draw(st.sampled_from(DAYS))
        amounts = draw(st.lists(st.integers(1, 10**12), min_size=1, max_size=3))
        taken = [Posting(draw(account), Money(x, currency, day.year)) for x in amounts]
        if draw(st.booleans()):
            head = Posting(f"expenses:payouts:{draw(st.sampled_from(MEMBERS))}", taken[0].money)
            taken = [head, *taken[1:]]
        against = Posting(draw(account), Money(-sum(amounts), currency, day.year))
        entry = Entry(f"e{k}", day, "d-1", "", draw(st.sampled_from(TEXTS)), (*taken, against))
        if made and not made[-1].reverses and draw(st.booleans()):
            back = tuple(Posting(p.account, -p.money) for p in made[-1].postings)
            entry = replace(entry, postings=back, reverses=made[-1].id)
        made.append(entry)
    return Journal(tuple(made), MEMBERS)


@given(journals())
def test_the_whole_adds_up_to_nought(journal: Journal) -> None:
    total: Counter[str] = Counter()
    for b in balances(journal):
        total[b.currency] += b.minor
    assert not any(total.values())
    for currency in {r.currency for r in trial_balance(journal)}:
        rows = [r for r in trial_balance(journal) if r.currency == currency]
        assert sum(r.debit for r in rows) == sum(r.credit for r in rows)


@given(journals())
def test_balances_are_those_of_adding_one_by_one(journal: Journal) -> None:
    total: Counter[tuple[str, str]] = Counter()
    for e in journal.entries:
        for p in e.postings:
            total[p.account, p.money.currency] += p.money.minor
    assert {(b.account, b.currency): b.minor for b in balances(journal)} == {
        k: v for k, v in total.items() if v
    }


@given(journals())
def test_what_is_open_is_the_balance_of_the_due_account(journal: Journal) -> None:
    found = {(b.account, b.currency): b.minor for b in balances(journal)}
    for member in MEMBERS:
        last = {s.currency: s.open for s in statement(journal, member, "07-01")}
        for currency in ("EUR", "CHF", "JPY"):
            assert last.get(currency, 0) == found.get((f"assets:due:{member}", currency), 0)


@given(journals())
def test_reversing_all_that_stands_leaves_nothing(journal: Journal) -> None:
    taken_back = {e.reverses for e in journal.entries}
    backs = tuple(
        replace(
            e,
            id=f"r-{e.id}",
            reverses=e.id,
            postings=tuple(Posting(p.account, -p.money) for p in e.postings),
        )
        for e in journal.entries
        if e.id not in taken_back and not e.reverses
    )
    assert balances(Journal((*journal.entries, *backs), MEMBERS)) == ()


@given(journals())
def test_written_and_read_again_it_is_the_same(journal: Journal) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.csv"
        path.write_text(to_csv(journal), "utf-8", newline="")
        problems = Problems()
        assert entries_of(path, FILE, MEMBERS, problems) == journal.entries
        assert problems.listed() == ()


@given(journals())
def test_every_export_holds_every_amount(journal: Journal) -> None:
    amounts = Counter(
        units(p.money.minor, {"JPY": 0}.get(p.money.currency, 2)) + " " + p.money.currency
        for e in journal.entries
        for p in e.postings
    )
    for form, write in FORMATS.items():
        if form != "csv":
            lines = write(journal).splitlines()
            found = Counter(
                m[1] for line in lines if (m := re.fullmatch(r" +\S+  (-?[0-9.]+ [A-Z]{3})", line))
            )
            assert found == amounts, form


@given(journals(), st.data())
def test_moving_one_cent_is_always_noticed(journal: Journal, data: st.DataObject) -> None:
    if not journal.entries:
        return
    k = data.draw(st.integers(0, len(journal.entries) - 1))
    entry = journal.entries[k]
    at = data.draw(st.integers(0, len(entry.postings) - 1))
    off = list(entry.postings)
    m = off[at].money
    off[at] = replace(off[at], money=replace(m, minor=m.minor + 1))
    changed = (*journal.entries[:k], replace(entry, postings=tuple(off)), *journal.entries[k + 1 :])
    assert "ledger.unbalanced" in {f.code for f in faults_of(changed, MEMBERS)}


@given(st.integers(-(10**15), 10**15), st.sampled_from(("EUR", "JPY", "KWD")))
def test_amounts_written_are_read(minor: int, currency: str) -> None:
    digits = {"EUR": 2, "JPY": 0, "KWD": 3}[currency]
    assert minor_of(units(minor, digits), currency) == minor
