"""The ledger from the command line: check, balance, export; what is wrong ends with 2 and writes nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from appraisals import MEUSE_RHINE, bothbanks

JOURNAL = "finance/journal.csv"


@pytest.fixture
def region(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MEUSE_RHINE, tmp_path / "region"))


def test_check_balance_and_export(region: Path, tmp_path: Path) -> None:
    done = bothbanks("ledger", "check", region)
    assert done.returncode == 0, done.stderr
    assert "Debits equal credits in each entry." in done.stdout
    told = bothbanks("ledger", "balance", region, "--member", "pks")
    assert "pks           2027-01-01  150000.00  100000.00   50000.00     0.00  EUR" in told.stdout
    out = tmp_path / "deep" / "own.journal"
    dry = bothbanks("ledger", "export", region, "--out", out, "--dry-run")
    assert "nothing was written" in dry.stdout
    assert (dry.returncode, out.exists()) == (0, False)
    for form in ("hledger", "csv"):
        written = bothbanks("ledger", "export", region, "--format", form, "--out", out)
        assert written.returncode == 0, written.stderr
    assert out.read_bytes() == (region / JOURNAL).read_bytes()
    assert [p.name for p in out.parent.iterdir()] == [out.name]


def test_a_fault_ends_with_two_and_leaves_everything_as_it_was(region: Path, tmp_path: Path) -> None:
    path = region / JOURNAL
    path.write_text(path.read_text("utf-8").replace("-1020000.00", "-1020000.01", 1), "utf-8")
    before = path.read_bytes()
    out = tmp_path / "old.journal"
    out.write_text("as it was")
    done = bothbanks("ledger", "export", region, "--out", out)
    assert done.returncode == 2
    assert "[ledger.unbalanced] finance/journal.csv: row 38, entry 2027-012, postings" in done.stderr
    assert "[ledger.reverses] finance/journal.csv: row 40, entry 2027-013" in done.stderr
    assert (out.read_text(), path.read_bytes()) == ("as it was", before)


def test_what_cannot_be_asked(region: Path, tmp_path: Path) -> None:
    for arguments, words in (
        (("export", region, "--format", "abacus", "--out", tmp_path / "x"), "one of ledger, hledger"),
        (("export", region, "--out", tmp_path), "is a folder"),
        (("balance", region, "--member", "nobody"), "no member"),
        (("check", region, "--before", tmp_path / "none.csv"), "no such file"),
    ):
        done = bothbanks("ledger", *arguments)
        assert (done.returncode, words in done.stderr) == (2, True), done.stderr
    (region / JOURNAL).unlink()
    done = bothbanks("ledger", "check", region)
    assert (done.returncode, "keeps no ledger" in done.stderr) == (2, True)
