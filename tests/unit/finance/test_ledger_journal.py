"""``finance/journal.csv``: read whole or refused whole, every fault with its row."""

from __future__ import annotations

from pathlib import Path

import pytest
from region_folders import fresh

from bothbanks.civic.finance.ledger import Journal
from bothbanks.region.finance.journal import FILE, entries_of, has_journal, read_journal
from bothbanks.region.folder import check_folder
from bothbanks.region.problems import Problems
from bothbanks.standards.plain_text_accounting import COLUMNS, to_csv
from bothbanks.words.errors import RegionError

MEMBERS = ("left", "right")
GOOD = """\
1,2027-01-10,council-1,a-4,made up,assets:due:left,100.00,EUR,2027,,,,
1,,,,,income:contributions:left,-100.00,EUR,2027,,,,
2,2027-02-10,council-1,,made up,assets:bank,60.00,EUR,2027,,,,
2,,,,,assets:due:left,-60.00,EUR,2027,,,,
3,2027-03-02,board-2,,made up,assets:bank:chf,93.00,CHF,2027,,1.05,2027-03-01,a central bank
3,,,,,assets:bank,-97.65,EUR,2027,,,,
"""


def written(folder: Path, rows: str) -> Path:
    (folder / "finance").mkdir(exist_ok=True, parents=True)
    (folder / FILE).write_text(",".join(COLUMNS) + "\n" + rows, "utf-8")
    return folder


def faults(folder: Path, rows: str) -> list[tuple[str, str, str]]:
    """(row, field, code) of everything wrong."""
    problems = Problems()
    entries_of(written(folder, rows) / FILE, FILE, MEMBERS, problems)
    return [(p.record.partition(",")[0], p.field, p.code) for p in problems]


def test_read_and_written_again_it_is_the_same(tmp_path: Path) -> None:
    journal = read_journal(written(tmp_path, GOOD), MEMBERS)
    assert isinstance(journal, Journal)
    assert [len(e.postings) for e in journal.entries] == [2, 2, 2]
    assert to_csv(journal) == ",".join(COLUMNS) + "\n" + GOOD


def test_everything_wrong_is_told_with_its_row(tmp_path: Path) -> None:
    bad = """\
1,2027-02-30,council-1,,made up,assets:bank,100.00,EUR,2027,,,,
1,,,,,assets:due:left,-100.00,EUR,2027,,,,
2,2027-01-10,,,made up,assets:bank,100.00,EUR,2027,,,,
2,,,,,assets:due:nobody,-90.00,EUR,2027,,,,
3,2027-01-10,council-1,,made up,assets:bank,1'000,EUR,2027,,,,
3,,,,,assets:due:left,-100.00,XQZ,2027,,,,
3,,,,,assets:due:left,-100.00,EUR,20x7,,,,
4,2027-01-10,council-1,,made up,assets:bank,5.00,EUR,2027,,,,
4,2027-01-11,,,,expenses:payouts:left,-5.00,EUR,2027,,,,
5,2027-01-10,council-1,,made up,assets:bank,5.00,EUR,2027,,,,
5,,,,,expenses:payouts:left,-5.00,EUR,2027,,,,
6,2027-01-10,council-1,,made up,assets:bank,5.00,EUR,2027,,,,
6,,,,,assets:bank:chf,-5.00,CHF,2027,,,,
5,2027-01-12,council-1,,made up,assets:bank,5.00,EUR,2027,,,,
5,,,,,assets:due:left,-5.00,EUR,2027,,,,
7,2027-01-12
8,2027-01-12,council-1,,made up,assets:bank,5.00,EUR,2027,,one,2027-01-12,a bank
8,,,,,assets:bank:chf,-5.00,CHF,2027,,,,
"""
    assert faults(tmp_path, bad) == [
        ("row 17", "", "ledger.row"),
        ("row 2", "date", "ledger.date"),
        ("row 6", "amount", "ledger.amount"),
        ("row 7", "currency", "ledger.currency"),
        ("row 8", "price_year", "ledger.price-year"),
        ("row 10", "date", "ledger.row"),
        ("row 18", "rate", "ledger.rate"),
        ("row 4", "decision", "ledger.decision"),
        ("row 5", "account", "ledger.member"),
        ("row 4", "postings", "ledger.unbalanced"),
        ("row 12", "amount", "ledger.negative-payout"),
        ("row 13", "rate", "ledger.rate-missing"),
        ("row 15", "id", "ledger.duplicate"),
    ]


def test_a_reversal_of_an_entry_that_could_not_be_read_is_no_second_fault(tmp_path: Path) -> None:
    rows = GOOD.replace("2027-02-10", "10-02-2027") + (
        "4,2027-03-03,board-2,,taken back,assets:bank,-60.00,EUR,2027,2,,,\n"
        "4,,,,,assets:due:left,60.00,EUR,2027,,,,\n"
    )
    assert [code for _, _, code in faults(tmp_path, rows)] == ["ledger.date"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "region.columns"),
        ("id,date\n", "region.columns"),
        (",".join(COLUMNS) + ",id\n", "region.columns"),
        (",".join((*COLUMNS, "more")) + "\n", "region.columns"),
    ],
)
def test_the_heads_are_the_columns(tmp_path: Path, text: str, code: str) -> None:
    written(tmp_path, "")
    (tmp_path / FILE).write_text(text, "utf-8")
    with pytest.raises(RegionError) as caught:
        read_journal(tmp_path, MEMBERS)
    assert [p.code for p in caught.value.problems] == [code]


def test_text_that_is_no_utf8(tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    (tmp_path / FILE).write_bytes(b"id,\xff")
    with pytest.raises(RegionError, match="UTF-8"):
        read_journal(tmp_path, MEMBERS)


def test_an_older_copy_must_still_stand(tmp_path: Path) -> None:
    older = tmp_path / "older.csv"
    older.write_text(",".join(COLUMNS) + "\n" + "".join(GOOD.splitlines(True)[:4]), "utf-8")
    read_journal(written(tmp_path, GOOD), MEMBERS, older)
    with pytest.raises(RegionError, match="a changed entry"):
        read_journal(written(tmp_path, GOOD.replace("60.00", "61.00")), MEMBERS, older)


def test_the_folder_check_reads_the_ledger_too(tmp_path: Path) -> None:
    folder = fresh(tmp_path / "region")
    assert not has_journal(folder)
    written(folder, GOOD.replace("-100.00", "-99.00"))
    assert "ledger.unbalanced" in [p.code for p in check_folder(folder)]
