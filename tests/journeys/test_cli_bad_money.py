"""Bad money from the command line: exit code 2; file, record, field, found and expected; nothing changed."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from appraisals import contents, new_folder
from payout_region import NUMBERS, RESERVE
from procurement_cases import packed, releases
from region_folders import TWO_BANKS, replace

from bothbanks import cli
from bothbanks.app.output import whole_folder
from bothbanks.standards.payout_json import canonical

BUDGETS, SOURCES = "finance/budgets.toml", "finance/sources.toml"
JOURNAL, TRIGGER = "finance/journal.csv", "cases/reserve.toml"

GOOD_BUDGETS = """
first_year = 2024
pooling = "own"
[[budgets]]
member = "left"
[[budgets.capital]]
from = 2024
amount = { value = 400000.0, unit = "EUR", price_year = 2023, source = "assumed" }
[[budgets.running]]
from = 2024
amount = "unlimited"
[[budgets]]
member = "right"
[[budgets.capital]]
from = 2024
amount = "unlimited"
[[budgets.running]]
from = 2024
amount = { value = 50000.0, unit = "EUR", price_year = 2023, source = "assumed" }
"""
GOOD_SOURCES = """
first_year = 2026
[[sources]]
id = "joint"
kind = "interreg"
name = "Joint fund"
currency = "EUR"
largest_share = { value = 0.5, unit = "share", source = "assumed" }
cap = { value = 2000000.0, unit = "EUR", price_year = 2023, source = "assumed" }
source = "assumed"
[[upkeep]]
id = "council"
name = "Running budget"
source = "assumed"
"""
HEADS = (
    "id,date,decision,article,text,account,amount,currency,price_year,reverses,rate,rate_date,rate_source\n"
)
GOOD_JOURNAL = HEADS + (
    "1,2024-07-01,d-1,,Called,assets:due:left,1000.00,EUR,2024,,,,\n"
    "1,,,,,income:contributions:left,-1000.00,EUR,2024,,,,\n"
    "2,2024-07-20,d-2,,Paid out,expenses:payouts:right,300.00,EUR,2024,,,,\n"
    "2,,,,,assets:bank,-300.00,EUR,2024,,,,\n"
    "3,2024-07-31,d-3,,Francs bought,assets:bank,-100.00,EUR,2024,,0.95,2024-07-30,made up\n"
    "3,,,,,assets:bank:francs,95.00,CHF,2024,,,,\n"
)
GAUGE = """gauge;day;flow;status
Bridge;2026-07-01;99,5;checked
Bridge;2026-07-02;180,25;checked
Ford;2026-07-02;900;checked
"""
LINE = re.compile(r"  \[[a-z]+\.[a-z-]+\] \S.*: found .+; expected .+")


class Done(NamedTuple):
    """How a call of the command line ended."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> list[str]:
        """The problems it lists."""
        return [line for line in self.err.splitlines() if line.startswith("  [")]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """The command line in this process, as ``bothbanks`` runs it."""

    def run(*arguments: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["bothbanks", *map(str, arguments)])
        code: object = 0
        try:
            cli.main()
        except SystemExit as left:
            code = left.code
        told = capsys.readouterr()
        return Done(code if isinstance(code, int) else 0, told.out, told.err)

    return run


def with_money(region: Path) -> Path:
    """Good budgets, sources, ledger and trigger in a folder of members 'left' and 'right'."""
    (region / "finance").mkdir()
    texts = {
        BUDGETS: GOOD_BUDGETS,
        SOURCES: GOOD_SOURCES,
        JOURNAL: GOOD_JOURNAL,
        TRIGGER: RESERVE + NUMBERS,
    }
    for file, text in texts.items():
        (region / file).write_text(text, "utf-8")
    return region


@pytest.fixture
def region(tmp_path: Path) -> Path:
    return with_money(Path(shutil.copytree(new_folder(), tmp_path / "region")))


@pytest.fixture
def published(tmp_path: Path) -> Path:
    folder = tmp_path / "published"
    (folder / "gauges").mkdir(parents=True)
    (folder / "gauges/river.csv").write_text(GAUGE, "utf-8")
    return folder


def old_output(folder: Path) -> dict[str, str]:
    """An output of an earlier run, and its manifest."""
    with whole_folder(folder) as new:
        (new / "value.json").write_text("{}", "utf-8")
    return contents(folder)


def test_the_folder_is_sound_before_a_fault_is_put_in(region: Path, call: Callable[..., Done]) -> None:
    for words in (("check", region), ("ledger", "check", region)):
        done = call(*words)
        assert done.code == 0, done.err


class Case(NamedTuple):
    """A fault: the file, the text it replaces, and what the message has to name."""

    file: str
    old: str
    new: str
    told: tuple[str, ...]


CASES = {
    "a budget with no year": Case(
        BUDGETS, "[[budgets.capital]]\nfrom = 2024\namount = {", "[[budgets.capital]]\namount = {",
        (BUDGETS, "budgets[1] left", "capital[1].from", "found nothing", "expected the fiscal year"),
    ),
    "budgets that miss a year": Case(
        BUDGETS, "[[budgets.running]]\nfrom = 2024", "[[budgets.running]]\nfrom = 2026",
        (BUDGETS, "budgets[1] left", "running", "2024"),
    ),
    "a source that can pay nothing": Case(
        SOURCES, "value = 2000000.0", "value = 0.0",
        (SOURCES, "sources[1] joint", "cap", "found 0", "an amount above 0"),
    ),
    "a source whose years have passed": Case(
        SOURCES, 'name = "Joint fund"', 'name = "Joint fund"\nlast_year = 2020',
        (SOURCES, "sources[1] joint", "last_year", "2020", "a year of the horizon"),
    ),
    "a source for nobody's measures": Case(
        SOURCES, 'name = "Joint fund"', 'name = "Joint fund"\ncountries = 9',
        (SOURCES, "sources[1] joint", "countries", "partners from 9 countries", "the 2 of the measures"),
    ),
    "a source with no rate": Case(
        SOURCES, 'name = "Joint fund"\ncurrency = "EUR"', 'name = "Joint fund"\ncurrency = "CHF"',
        (SOURCES, "rate_date", "source 'joint' counts in CHF", "the day of the exchange rates"),
    ),
    "a payment with no rate": Case(
        JOURNAL, "0.95,2024-07-30,made up", ",,",
        (JOURNAL, "row 6, entry 3", "rate", "100.00 EUR", "a rate with its day and source"),
    ),
    "a payment at an old rate": Case(
        JOURNAL, "2024-07-30", "2024-01-30",
        (JOURNAL, "row 6, entry 3", "rate_date", "2024-01-30", "a rate of 2024-07-31"),
    ),
    "a negative payout in the ledger": Case(
        JOURNAL, "payouts:right,300.00,EUR,2024,,,,\n2,,,,,assets:bank,-300.00",
        "payouts:right,-300.00,EUR,2024,,,,\n2,,,,,assets:bank,300.00",
        (JOURNAL, "row 4, entry 2", "amount", "-300.00 EUR", "a payout above 0"),
    ),
    "a negative step of a trigger": Case(
        TRIGGER, "pay = 0.5", "pay = -0.5",
        (TRIGGER, "triggers[1] river, parts[1] bridge, steps[1]", "pay: found -0.5", "or equal to 0"),
    ),
    "a negative limit of a trigger": Case(
        TRIGGER, "limit = 1000.01", "limit = -1000.01",
        (TRIGGER, "triggers[1] river", "limit: found -1000.01", "or equal to 0"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_fault_in_the_money_is_named_and_the_old_output_stays(
    case: str, region: Path, tmp_path: Path, call: Callable[..., Done]
) -> None:
    file, old, new, told = CASES[case]
    replace(region, file, old, new)
    before, given = old_output(tmp_path / "out"), contents(region)
    done = call("appraise", region, "--out", tmp_path / "out", "--draws", "1")
    assert done.code == 2, done.err
    assert any(all(part in line for part in told) for line in done.told), done.err
    assert all(LINE.fullmatch(line) for line in done.told), done.told
    assert len(done.told) == 1, done.told
    assert "Traceback" not in done.err
    assert "Nothing was written" in done.err
    assert contents(tmp_path / "out") == before
    assert contents(region) == given
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "region"]


@pytest.mark.parametrize("case", [name for name, case in CASES.items() if case.file == JOURNAL])
def test_the_ledger_says_the_same_and_exports_nothing(
    case: str, region: Path, tmp_path: Path, call: Callable[..., Done]
) -> None:
    replace(region, *CASES[case][:3])
    (tmp_path / "old.journal").write_text("as it was", "utf-8")
    done = call("ledger", "export", region, "--out", tmp_path / "old.journal")
    assert done.code == 2
    assert any(all(part in line for part in CASES[case].told) for line in done.told), done.err
    assert (tmp_path / "old.journal").read_text("utf-8") == "as it was"
    assert done.told == call("check", region).told


def test_a_rate_of_another_day_in_a_region_of_two_currencies(
    tmp_path: Path, call: Callable[..., Done]
) -> None:
    region = Path(shutil.copytree(TWO_BANKS, tmp_path / "region"))
    (region / "finance").mkdir()
    text = GOOD_SOURCES.replace("first_year = 2026", "first_year = 2026\nrate_date = 2023-12-29")
    (region / SOURCES).write_text(text, "utf-8")
    done = call("check", region)
    assert done.code == 0, done.err
    replace(region, SOURCES, "2023-12-29", "2023-12-27")
    done = call("appraise", region, "--out", tmp_path / "out")
    assert done.code == 2
    (line,) = done.told
    for part in (SOURCES, "rates", "CHF and EUR on 2023-12-27", "there are rates for 2023-12-29", "expected"):
        assert part in line
    assert not (tmp_path / "out").exists()


def test_every_fault_is_told_at_once(region: Path, tmp_path: Path, call: Callable[..., Done]) -> None:
    chosen = [name for name in CASES if name not in ("a payment at an old rate", "a source with no rate")]
    chosen.remove("a source whose years have passed")  # a source that is shut tells its first reason
    chosen.remove("a source for nobody's measures")
    for name in chosen:
        replace(region, *CASES[name][:3])
    given = contents(region)
    done = call("appraise", region, "--out", tmp_path / "out")
    assert done.code == 2
    for name in chosen:
        assert any(all(part in line for part in CASES[name].told) for line in done.told), (name, done.err)
    assert len(done.told) == len(chosen), done.err
    assert f"{len(chosen)} problem(s)" in done.err
    assert contents(region) == given
    assert not (tmp_path / "out").exists()


# --- payouts ---------------------------------------------------------------------------------------------


def settle(call: Callable[..., Done], region: Path, data: Path, *more: str) -> Done:
    """Compute the payout of the trigger on the river."""
    return call(
        "payout", "compute", region, "--trigger", "river", "--data", data,
        "--out", data / "statement.json", *more,
    )  # fmt: skip


NO_DATA = {
    "another gauge": (GAUGE.replace("Bridge", "Weir"), ("'Bridge'", "gauges/river.csv", "'Weir', 'Ford'")),
    "no record at all": ("gauge;day;flow;status\n", ("'Bridge'", "gauges/river.csv")),
    "records without a value": (
        "gauge;day;flow;status\nBridge;2026-07-01;;checked\n",
        ("'Bridge'", "1 of its records without a value"),
    ),
    "records of another year": (GAUGE.replace("2026-", "2025-"), ("'Bridge'", "2026-01-01", "2026-12-31")),
}  # fmt: skip


@pytest.mark.parametrize("case", NO_DATA)
def test_a_trigger_on_a_gauge_without_data_pays_nothing_in_silence(
    case: str, region: Path, published: Path, call: Callable[..., Done]
) -> None:
    text, told = NO_DATA[case]
    (published / "gauges/river.csv").write_text(text, "utf-8")
    before = contents(published)
    done = settle(call, region, published)
    assert done.code == 2
    assert "[reserve.no-data]" in done.err
    assert all(part in done.err for part in told), done.err
    assert "Traceback" not in done.err
    assert contents(published) == before  # neither a statement nor terms


def test_a_trigger_whose_file_is_missing(region: Path, published: Path, call: Callable[..., Done]) -> None:
    (published / "gauges/river.csv").unlink()
    done = settle(call, region, published)
    assert done.code == 2
    assert "payout.missing-file" in done.err
    assert "gauges/river.csv" in done.err
    assert contents(published) == {}


def test_every_fault_of_a_data_file_is_told_at_once(
    region: Path, published: Path, call: Callable[..., Done]
) -> None:
    text = (
        GAUGE
        + "Bridge;2026-13-01;90;checked\nBridge;2026-07-05;many;checked\nBridge;2026-07-06;91;\nBridge;7\n"
    )
    (published / "gauges/river.csv").write_text(text, "utf-8")
    before = contents(published)
    done = settle(call, region, published)
    assert done.code == 2
    assert "4 faults in gauges/river.csv" in done.err
    for told in (
        ("line 5 of gauges/river.csv", "'day'", "'2026-13-01'", "%Y-%m-%d"),
        ("line 6 of gauges/river.csv", "'flow'", "'many'", "decimal mark ','"),
        ("line 7 of gauges/river.csv", "'status'", "no status", "checked"),
        ("line 8 of gauges/river.csv", "2 fields", "4"),
    ):
        assert any(all(part in line for part in told) for line in done.told), done.err
    assert contents(published) == before


@pytest.mark.parametrize("where", [("due", "members", "left"), ("indicated", "total")])
def test_a_statement_with_a_negative_payout_is_refused(
    where: tuple[str, ...], region: Path, published: Path, call: Callable[..., Done]
) -> None:
    assert settle(call, region, published).code == 0
    path = published / "statement.json"
    document = json.loads(path.read_bytes())
    here = document
    for key in where[:-1]:
        here = here[key]
    here[where[-1]] = -35000
    path.write_bytes(canonical(document))
    before = contents(published)
    done = call("payout", "verify", path)
    assert done.code == 2
    for part in ("[reserve.negative-payout]", "statement.json", ".".join(where), "-35000", "minimum of 0"):
        assert part in done.err
    assert contents(published) == before


# --- purchases -------------------------------------------------------------------------------------------


def test_two_releases_that_contradict_each_other(tmp_path: Path, call: Callable[..., Done]) -> None:
    data = tmp_path / "data"
    data.mkdir()
    other = releases()[3]
    other["awards"][0]["value"]["amount"] = 1
    (data / "a.json").write_text(json.dumps(packed(releases())), "utf-8")
    (data / "b.json").write_text(json.dumps(packed([other])), "utf-8")
    before = contents(data)
    done = call("procurement", "check", data)
    assert done.code == 2
    (line,) = done.told
    assert LINE.fullmatch(line)
    for part in (
        "[ocds.contradiction] b.json", other["id"], other["ocid"], "awards", "value", "found 1 in b.json",
        "expected 430000", "as in a.json",
    ):  # fmt: skip
        assert part in line
    assert "11 read = 0 merged + 0 repeated + 11 refused" in done.out
    assert contents(data) == before
    assert [p.name for p in tmp_path.iterdir()] == ["data"]


def test_every_contradiction_is_told_at_once(tmp_path: Path, call: Callable[..., Done]) -> None:
    data = tmp_path / "data"
    data.mkdir()
    award, contract = releases()[3], releases()[4]
    award["awards"][0]["value"]["amount"] = 1
    contract["contracts"][0]["value"]["currency"] = "CHF"
    (data / "a.json").write_text(json.dumps(packed(releases())), "utf-8")
    (data / "b.json").write_text(json.dumps(packed([award, contract])), "utf-8")
    done = call("procurement", "check", data)
    assert done.code == 2
    for code, where in (("contradiction", "awards"), ("contradiction", "contracts"), ("currencies", "CHF")):
        assert any(f"[ocds.{code}] b.json" in line and where in line for line in done.told), done.err
    assert all(LINE.fullmatch(line) for line in done.told)
