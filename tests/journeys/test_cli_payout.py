"""A payout from region to statement, checked from the published folder alone, and every way to tamper."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from payout_region import NUMBERS, RESERVE
from region_folders import append, fresh

from bothbanks.cli import main
from bothbanks.standards.payout_json import canonical

DATA = """gauge;day;flow;status
Bridge;2026-07-01;99,5;checked
Bridge;2026-07-02;180,25;checked
Ford;2026-07-02;900;checked
"""


@dataclass(frozen=True)
class Answer:
    returncode: int
    stdout: str
    stderr: str


def run(*words: object) -> Answer:
    """The command line as a user calls it, without a new process: there are many calls here."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    before, sys.argv = sys.argv, ["bothbanks", "payout", *map(str, words)]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
    except SystemExit as stop:
        code = int(stop.code or 0)
    finally:
        sys.argv = before
    return Answer(code, out.getvalue(), err.getvalue())


def compute(region: Path, data: Path, out: Path, *more: str) -> Answer:
    return run("compute", region, "--trigger", "river", "--data", data, "--out", out, *more)


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = fresh(tmp_path_factory.mktemp("payout") / "region")
    (folder / "cases" / "reserve.toml").write_text(RESERVE, "utf-8")
    append(folder, "cases/reserve.toml", NUMBERS)
    return folder


@pytest.fixture(scope="module")
def first(region: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    (folder / "gauges").mkdir()
    (folder / "gauges/river.csv").write_text(DATA, "utf-8")
    done = compute(region, folder, folder / "july.json", "--decision", "decision-7")
    assert done.returncode == 0, done.stderr
    assert "index 180.25 (final data), step 1, 0.5 of the limit" in done.stdout
    return folder


@pytest.fixture
def published(first: Path, tmp_path: Path) -> Path:
    return shutil.copytree(first, tmp_path / "copy")


def edit(path: Path, *keys: str | int, to: object) -> None:
    document = json.loads(path.read_bytes())
    here = document
    for key in keys[:-1]:
        here = here[key]
    here[keys[-1]] = to
    path.write_bytes(canonical(document))


def mismatch(published: Path, *told: str) -> None:
    found = run("verify", published / "july.json")
    assert found.returncode == 1, found.stdout + found.stderr
    assert "MISMATCH" in found.stdout
    for words in told:
        assert words in found.stdout


def test_what_was_published_is_enough_to_recompute_it(published: Path) -> None:
    found = run("verify", published / "july.json")
    assert (found.returncode, found.stderr) == (0, "")
    assert "MATCH: recomputed from terms and data; due 500.00 EUR." in found.stdout
    statement = json.loads((published / "july.json").read_bytes())
    assert statement["due"] == {"members": {"left": 35000, "right": 15000}, "total": 50000}
    assert (statement["decision"], statement["trigger"]["article"]) == ("decision-7", "article 12")


def test_the_command_runs_by_itself_in_the_published_folder(published: Path) -> None:
    words = [sys.executable, "-c", "from bothbanks.cli import main; main()", "payout", "verify", "july.json"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=published)
    assert (done.returncode, done.stderr) == (0, "")
    assert "MATCH" in done.stdout


def test_the_data_may_lie_elsewhere(published: Path, tmp_path: Path) -> None:
    shutil.move(published / "gauges", tmp_path / "elsewhere" / "gauges")
    assert run("verify", published / "july.json", "--data", tmp_path / "elsewhere").returncode == 0
    lost = run("verify", published / "july.json")
    assert lost.returncode == 2
    assert "payout.missing-file" in lost.stderr


def test_a_second_run_gives_the_same_bytes(region: Path, published: Path, tmp_path: Path) -> None:
    assert compute(region, published, tmp_path / "july.json", "--decision", "decision-7").returncode == 0
    assert (tmp_path / "july.json").read_bytes() == (published / "july.json").read_bytes()


def test_a_changed_byte_of_data(published: Path) -> None:
    path = published / "gauges/river.csv"
    path.write_text(DATA.replace("180,25", "280,25"), "utf-8")
    mismatch(published, "data[1].sha256", "parts[1].index: stated 180.25, recomputed 280.25", "due.total")


def test_a_changed_byte_that_changes_no_amount(published: Path) -> None:
    (published / "gauges/river.csv").write_text(DATA.replace("99,5", "99,6"), "utf-8")
    mismatch(published, "1 difference", "data[1].sha256")


def test_data_that_can_no_longer_be_read(published: Path) -> None:
    (published / "gauges/river.csv").write_text(DATA.replace("180,25", "18O,25"), "utf-8")
    mismatch(published, "data[1].sha256", "recomputed none", "line 3 of gauges/river.csv")


def test_a_changed_amount(published: Path) -> None:
    edit(published / "july.json", "due", "members", "left", to=35001)
    mismatch(published, "1 difference", "due.members.left: stated 35001, recomputed 35000")


def test_changed_terms(published: Path) -> None:
    terms = next(published.glob("river-terms-*.json"))
    edit(terms, "limit", to=200000)
    mismatch(published, "trigger.sha256", "due.total: stated 50000, recomputed 100000")


def test_another_status(published: Path) -> None:
    edit(published / "july.json", "status", to="operational")
    mismatch(published, "status: stated operational, recomputed final")


def test_operational_data_wait_and_the_statement_says_so(region: Path, published: Path) -> None:
    text = DATA.replace("180,25;checked", "180,25;first")
    (published / "gauges/river.csv").write_text(text, "utf-8")
    done = compute(region, published, published / "early.json")
    assert "Nothing is due yet" in done.stdout
    early = json.loads((published / "early.json").read_bytes())
    assert (early["status"], early["waiting"], early["due"]["total"]) == ("operational", True, 0)
    assert early["indicated"]["total"] == 50000
    edit(published / "early.json", "waiting", to=False)
    assert run("verify", published / "early.json").returncode == 1


def test_a_trigger_on_a_gauge_without_data(region: Path, published: Path) -> None:
    found = compute(region, published, published / "may.json", "--start", "2026-05-01", "--end", "2026-05-31")
    assert found.returncode == 2
    for words in ("reserve.no-data", "'Bridge'", "2026-05-01", "2026-05-31", "gauges/river.csv", "'Ford'"):
        assert words in found.stderr
    assert not (published / "may.json").exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--start", "2025-12-31"), "payout.window"),
        (("--start", "2026-12-01", "--end", "2026-11-01"), "reserve.window"),
    ],
)
def test_windows_that_cannot_be(region: Path, published: Path, words: tuple[str, ...], code: str) -> None:
    found = compute(region, published, published / "x.json", *words)
    assert found.returncode in (1, 2)
    assert code in found.stderr


def test_an_unknown_trigger_is_answered_with_those_there_are(region: Path, published: Path) -> None:
    found = run("compute", region, "--trigger", "lake", "--data", published, "--out", published / "x.json")
    assert found.returncode == 2
    assert "there are: river" in found.stderr


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b'"left":35000', b'"left":-35000', "reserve.negative-payout"),
        (b'"total":50000', b'"total":50000.0', "payout.float"),
        (b'"share":"0.5"', b'"share":0.5', "payout.float"),
        (b'"waiting":false', b'"waiting":false,"waiting":true', "payout.json"),
        (b"bothbanks-payout/1", b"bothbanks-payout/9", "payout.format"),
        (b'"decision":"decision-7",', b"", "payout.form"),
        (b"gauges/river.csv", b"../../secret.csv", "payout.path"),
        (b"{", b"", "payout.json"),
    ],
)
def test_statements_that_cannot_be_used(published: Path, old: bytes, new: bytes, code: str) -> None:
    path = published / "july.json"
    text = path.read_bytes()
    assert old in text
    path.write_bytes(text.replace(old, new, 1))
    found = run("verify", path)
    assert found.returncode == 2, found.stdout
    assert code in found.stderr
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("pay = 0.5", "pay = -0.5", "greater than or equal to 0"),
        ("le = 200", "le = 250", "two steps at once"),
        ("right = 0.3", "right = 0.2", "sum to 1 exactly"),
        ('file = "gauges/river.csv"', 'file = "../river.csv"', "below the published folder"),
        ("limit = 1000.01", "limit = -1", "greater than or equal to 0"),
    ],
)
def test_terms_that_cannot_be_are_refused(
    region: Path, published: Path, tmp_path: Path, old: str, new: str, words: str
) -> None:
    copy = shutil.copytree(region, tmp_path / "region")
    path = copy / "cases/reserve.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    found = compute(copy, published, tmp_path / "x.json")
    assert found.returncode != 0
    assert words in found.stderr
    assert not (tmp_path / "x.json").exists()
