"""Have outside programs read the ledger and compute its balances; they must be ours, to the cent.

    python checks/check_ledger.py

Two journals: the example region's, and a made-up one of 400 entries in three currencies with reversals and
conversions. Debian's hledger (``hledger check --strict``) and Ledger (``--pedantic``) are used where they
are installed, Beancount's ``bean-check`` and ``bean-query`` too; without any of them the check can't run:
``apt-get install hledger ledger``.
"""

from __future__ import annotations

import csv
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

from bothbanks.app.ledger import open_ledger
from bothbanks.civic.finance.ledger import ACCOUNTS, Entry, Journal, Posting, Rate, minor_of
from bothbanks.civic.finance.ledger_balances import balances
from bothbanks.standards.plain_text_accounting import beancount_account, to_beancount, to_hledger, to_ledger
from bothbanks.words.money import Money

ROOT = Path(__file__).resolve().parent.parent
SKIPPED = 77
MEMBERS = ("left", "right", "Up_stream")
PER_EUR = {"EUR": Fraction(1), "CHF": Fraction(93, 100), "JPY": Fraction(156)}

Totals = dict[tuple[str, str], int]


def made_up(entries: int = 400) -> Journal:
    """A journal with every kind of entry; the same one in every run."""
    dice = random.Random(20261124)
    tree = [
        account.replace("MEMBER", m).replace("NAME", "some-name-1") for account in ACCOUNTS for m in MEMBERS
    ]
    out: list[Entry] = []
    day = date(2027, 1, 1)
    for k in range(entries):
        day += timedelta(days=dice.randrange(4))
        head = (f"{day.year}/{k}", day, "council-1/2", "a-4" if k % 3 else "", 'a "text"; with | signs, ü')
        if k % 7 == 6 and not out[-1].reverses:
            back = tuple(Posting(p.account, -p.money) for p in out[-1].postings)
            out.append(Entry(*head, back, reverses=out[-1].id, rate=None if out[-1].rate is None else
                             replace(out[-1].rate, day=day)))  # fmt: skip
        elif k % 5 == 4:
            currency = dice.choice(("CHF", "JPY"))
            got = dice.randrange(1, 10**9)
            rate = 1 / PER_EUR[currency] if currency == "CHF" else Fraction(641, 100_000)
            rate = Fraction(round(rate * 10**6), 10**6)
            digits = 2 if currency == "CHF" else 0
            paid = round(got * rate * Fraction(100, 10**digits))
            pair = (
                Posting("assets:bank:some-name-1", Money(got, currency, day.year)),
                Posting("assets:bank", Money(-paid, "EUR", day.year)),
            )
            out.append(Entry(*head, pair, rate=Rate(rate, day, "a bank; made up")))
        else:
            currency = dice.choice(tuple(PER_EUR))
            amounts = [dice.randrange(1, 10**11) for _ in range(dice.randrange(1, 5))]
            taken = [Posting(dice.choice(tree), Money(x, currency, day.year)) for x in amounts]
            last = Posting("assets:bank", Money(-sum(amounts), currency, day.year))
            out.append(Entry(*head, (*taken, last)))
    return Journal(tuple(out), MEMBERS)


def run(*command: str) -> str:
    """Standard output of a program; its complaint ends the check."""
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:3])} refused the journal:\n{done.stdout}{done.stderr}")
    return done.stdout


def hledger(journal: Journal, folder: Path) -> Totals:
    """Balances as hledger computes them, every check of its own on."""
    path = folder / "own.hledger"
    path.write_text(to_hledger(journal), "utf-8")
    run("hledger", "-f", str(path), "check", "--strict", "ordereddates")
    text = run("hledger", "-f", str(path), "balance", "--flat", "--no-total", "--layout=bare", "-O", "csv")
    found: Totals = {}
    for row in csv.DictReader(text.splitlines()):
        found[row["account"], row["commodity"]] = minor_of(row["balance"], row["commodity"])
    return found


def ledger(journal: Journal, folder: Path) -> Totals:
    """Balances as Ledger computes them, pedantic."""
    path = folder / "own.ledger"
    path.write_text(to_ledger(journal), "utf-8")
    form = "%(account)\t%(quantity(scrub(amount)))\t%(commodity(scrub(amount)))\n"
    text = run("ledger", "-f", str(path), "--pedantic", "--strict", "register", "--format", form)
    found: Totals = {}
    for line in text.splitlines():
        account, quantity, commodity = line.split("\t")
        key = account, commodity
        found[key] = found.get(key, 0) + minor_of(quantity, commodity)
    return found


def beancount(journal: Journal, folder: Path) -> Totals:
    """Balances as Beancount computes them; names that only it writes are mapped back."""
    path = folder / "own.beancount"
    path.write_text(to_beancount(journal), "utf-8")
    run("bean-check", str(path))
    asked = "SELECT account, currency, sum(number) GROUP BY account, currency"
    rows = csv.reader(run("bean-query", "-f", "csv", str(path), asked).splitlines())
    names = {beancount_account(a): a for a in journal.accounts}
    next(rows)
    found: Totals = {}
    for account, currency, number in rows:
        found[names[account.strip()], currency.strip()] = minor_of(number.strip(), currency.strip())
    return found


def ours(journal: Journal) -> Totals:
    """Our own balances."""
    return {(b.account, b.currency): b.minor for b in balances(journal)}


PROGRAMS: dict[str, tuple[str, Callable[[Journal, Path], Totals]]] = {
    "hledger": ("hledger", hledger),
    "ledger": ("ledger", ledger),
    "beancount": ("bean-check", beancount),
}


def main() -> int:
    """0 when every program there is agrees, 77 when there is none."""
    there = {name: read for name, (program, read) in PROGRAMS.items() if shutil.which(program)}
    if not there:
        print("neither hledger nor ledger is installed: apt-get install hledger ledger")
        return SKIPPED
    example = open_ledger(ROOT / "examples" / "meuse-rhine").journal
    for name, read in there.items():
        for words, journal in (("example", example), ("made up", made_up())):
            with tempfile.TemporaryDirectory() as folder:
                found = {key: minor for key, minor in read(journal, Path(folder)).items() if minor}
            wrong = {k for k in {*found, *ours(journal)} if found.get(k) != ours(journal).get(k)}
            if wrong:
                k = sorted(wrong)[0]
                print(f"{name}, {words}: {len(wrong)} balances differ, first {k}: {found.get(k)} for ours "
                      f"{ours(journal).get(k)}")  # fmt: skip
                return 1
            print(f"{name}, {words}: {len(journal.entries)} entries, {len(found)} balances agree")
    missing = sorted(set(PROGRAMS) - set(there))
    if missing:
        print(f"not installed, so not asked: {', '.join(missing)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
