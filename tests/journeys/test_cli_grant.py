"""An outcome grant from observations to statement, checked from the published folder, and ways to tamper."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from grant_region import SEEN, grant_region

from bothbanks.cli import main
from bothbanks.standards.payout_json import canonical, sha256


@dataclass(frozen=True)
class Answer:
    returncode: int
    stdout: str
    stderr: str


def run(*words: object) -> Answer:
    out, err, code = io.StringIO(), io.StringIO(), 0
    before, sys.argv = sys.argv, ["bothbanks", *map(str, words)]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
    except SystemExit as stop:
        code = int(stop.code or 0)
    finally:
        sys.argv = before
    return Answer(code, out.getvalue(), err.getvalue())


def compute(region: Path, data: Path, out: Path, *more: str, grant: str = "minutes") -> Answer:
    return run("grant", "compute", region, "--grant", grant, "--data", data, "--out", out, *more)


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return grant_region(tmp_path_factory.mktemp("grant") / "region")


@pytest.fixture(scope="module")
def first(region: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    (folder / "seen").mkdir()
    (folder / "seen/minutes.csv").write_text(SEEN, "utf-8")
    done = compute(region, folder, folder / "minutes.json", "--decision", "decision-9", "--on", "2029-01-31")
    assert done.returncode == 0, done.stderr
    # 45.5 - (40.5 + 42 + 39) / 3 = 5 minutes at 100 EUR.
    for words in (
        "Due: 500.00 EUR",
        "  left: 350.00 EUR",
        "  right: 150.00 EUR",
        "3 observations from 2027-03-01 to 2028-03-01, signed by audit; 1 not signed by it and set aside",
        "dispute it until 2029-04-01",
    ):
        assert words in done.stdout
    return folder


@pytest.fixture
def published(first: Path, tmp_path: Path) -> Path:
    return shutil.copytree(first, tmp_path / "copy")


def verify(published: Path, *more: object) -> Answer:
    return run("grant", "verify", published / "minutes.json", *more)


def edit(path: Path, *keys: str, to: object) -> None:
    document = json.loads(path.read_bytes())
    here = document
    for key in keys[:-1]:
        here = here[key]
    here[keys[-1]] = to
    path.write_bytes(canonical(document))


def mismatch(published: Path, *told: str) -> None:
    found = verify(published)
    assert found.returncode == 1, found.stdout + found.stderr
    for words in ("MISMATCH", *told):
        assert words in found.stdout


def rewrite(published: Path, old: str, new: str) -> None:
    path = published / "seen/minutes.csv"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_what_was_published_is_enough_to_recompute_it(published: Path) -> None:
    found = verify(published)
    assert (found.returncode, found.stderr) == (0, "")
    assert "MATCH: recomputed from terms and data; due 500.00 EUR." in found.stdout


def test_the_statement_holds_what_was_agreed_read_and_found(published: Path) -> None:
    raw = (published / "minutes.json").read_bytes()
    stated = json.loads(raw)
    terms = (published / stated["grant"]["file"]).read_bytes()
    data = (published / "seen/minutes.csv").read_bytes()
    assert raw == canonical(stated)
    assert stated["grant"]["sha256"] == sha256(terms)
    assert stated["data"] == [{"file": "seen/minutes.csv", "sha256": sha256(data), "bytes": len(data)}]
    assert {k: stated[k] for k in ("baseline", "measured", "outcome", "verdict", "floor", "cap")} == {
        "baseline": "45.5",
        "measured": "40.5",
        "outcome": "5",
        "verdict": "paid",
        "floor": 20_00,
        "cap": 1000_01,
    }
    assert stated["observations"] == {
        "counted": 3, "needed": 3, "set_aside": 1, "first": "2027-03-01", "last": "2028-03-01",
    }  # fmt: skip
    assert (stated["verifier"], stated["decision"]) == ("audit", "decision-9")
    assert (stated["dispute"]["file_days"], stated["dispute_until"]) == (60, "2029-04-01")
    assert stated["due"] == {"members": {"left": 350_00, "right": 150_00}, "total": 500_00}


def test_the_data_may_lie_elsewhere(published: Path, tmp_path: Path) -> None:
    shutil.move(published / "seen", tmp_path / "elsewhere" / "seen")
    assert verify(published, "--data", tmp_path / "elsewhere").returncode == 0
    lost = verify(published)
    assert lost.returncode == 2
    assert "payout.missing-file" in lost.stderr


def test_a_second_run_gives_the_same_bytes(region: Path, published: Path, tmp_path: Path) -> None:
    again = tmp_path / "minutes.json"
    assert compute(region, published, again, "--decision", "decision-9", "--on", "2029-01-31").returncode == 0
    assert again.read_bytes() == (published / "minutes.json").read_bytes()


def test_without_its_day_no_last_day_is_stated(region: Path, published: Path) -> None:
    done = compute(region, published, published / "minutes.json")
    assert "dispute it within 60 days of the statement" in done.stdout
    assert json.loads((published / "minutes.json").read_bytes())["dispute_until"] is None
    assert verify(published).returncode == 0


@pytest.mark.parametrize(
    ("values", "due", "words"),
    [
        (("60", "60", "60"), 20_00, "(the floor)"),  # 14.5 minutes worse
        (("45.5", "45.5", "45.5"), 20_00, "(the floor)"),
        (("1", "1", "1"), 1000_01, "(the cap)"),
        (("45", "45.1", "45.1"), 43_33, "outcome: 13/30 (about 0.433333) min"),
    ],
)
def test_floor_and_cap(region: Path, published: Path, values: tuple[str, ...], due: int, words: str) -> None:
    for old, new in zip(("40.5,audit", "42,audit", "39,audit"), values, strict=True):
        rewrite(published, old, f"{new},audit")
    done = compute(region, published, published / "minutes.json")
    assert done.returncode == 0, done.stderr
    assert words in done.stdout
    assert ("worse than the baseline" in done.stdout) == (values[0] == "60")
    assert json.loads((published / "minutes.json").read_bytes())["due"]["total"] == due
    assert verify(published).returncode == 0


def test_a_changed_observation(published: Path) -> None:
    rewrite(published, "39,audit", "30,audit")
    mismatch(published, "data[1].sha256", "measured: stated 40.5, recomputed 37.5", "due.total: stated 50000")


def test_a_changed_byte_that_changes_no_amount(published: Path) -> None:
    rewrite(published, "drill", "trial")
    mismatch(published, "1 difference", "data[1].sha256")


def test_a_signature_taken_away(published: Path) -> None:
    rewrite(published, "39,audit", "39,left")
    mismatch(published, "data[1].sha256", "recomputed none: grant 'minutes' is not paid")


@pytest.mark.parametrize(
    ("keys", "to", "told"),
    [
        (("due", "members", "left"), 350_01, "due.members.left: stated 35001, recomputed 35000"),
        (("due", "total"), 500_01, "due.total"),
        (("baseline",), "46", "baseline: stated 46, recomputed 45.5"),
        (("measured",), "40", "measured: stated 40, recomputed 40.5"),
        (("verifier",), "left", "verifier: stated left, recomputed audit"),
        (("floor",), 0, "floor: stated 0, recomputed 2000"),
        (("cap",), 5, "cap: stated 5, recomputed 100001"),
        (("verdict",), "capped", "verdict: stated capped, recomputed paid"),
        (("dispute", "file_days"), 6, "dispute.file_days: stated 6, recomputed 60"),
        (("dispute_until",), "2029-02-01", "dispute_until: stated 2029-02-01, recomputed 2029-04-01"),
        (("stated_on",), "2028-12-31", "dispute_until: stated 2029-04-01, recomputed 2029-03-01"),
        (("observations", "set_aside"), 0, "observations.set_aside: stated 0, recomputed 1"),
        (("period", "end"), "2029-12-31", "period.end: stated 2029-12-31, recomputed 2028-12-31"),
        (("region",), "elsewhere", "region: stated elsewhere"),
    ],
)
def test_every_changed_field_is_found(published: Path, keys: tuple[str, ...], to: object, told: str) -> None:
    edit(published / "minutes.json", *keys, to=to)
    mismatch(published, "1 difference", told)


def test_changed_terms(published: Path) -> None:
    edit(next(published.glob("minutes-terms-*.json")), "pays", "price", to="50")
    mismatch(published, "grant.sha256", "due.total: stated 50000, recomputed 25000")


def test_terms_and_statement_forged_together_can_still_be_no_terms(published: Path) -> None:
    terms = next(published.glob("minutes-terms-*.json"))
    edit(terms, "floor", to=5000_00)
    edit(published / "minutes.json", "grant", "sha256", to=sha256(terms.read_bytes()))
    found = verify(published)
    assert found.returncode == 2
    assert "expected 0 <= floor <= cap" in found.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("day,minutes,signed by\n", ("0 of the 3 observations", "No value was found at all")),
        (
            SEEN.replace("39,audit", "39,left"),
            ("2 of the 3", "signed by others ('left')"),
        ),
        (SEEN.replace("39,audit", ",audit"), ("2 of the 3", "1 of its records without a value")),
        (SEEN.replace("2027", "2017"), ("1 of the 3", "the values run from 2017-03-01 to 2029-03-01")),
    ],
)
def test_without_data_it_is_not_paid_and_says_so(
    region: Path, published: Path, text: str, told: tuple[str, ...]
) -> None:
    (published / "seen/minutes.csv").write_text(text, "utf-8")
    found = compute(region, published, published / "new.json")
    assert found.returncode == 2
    always = ("grant.no-data", "not paid", "'minutes'", "2027-01-01", "2028-12-31", "seen/minutes.csv")
    for words in (*always, *told):
        assert words in found.stderr
    assert not (published / "new.json").exists()


def test_without_its_file_it_names_grant_and_period(region: Path, tmp_path: Path) -> None:
    found = compute(region, tmp_path, tmp_path / "new.json")
    assert found.returncode == 2
    for words in ("payout.missing-file", "'minutes'", "2027-01-01", "2028-12-31", "minutes.csv"):
        assert words in found.stderr


def test_without_an_agreed_baseline_nothing_can_be_paid(region: Path, published: Path) -> None:
    found = compute(region, published, published / "new.json", grant="open")
    assert found.returncode == 2
    assert "grant.baseline" in found.stderr
    assert not (published / "new.json").exists()


def test_a_statement_never_takes_the_place_of_its_data(region: Path, published: Path) -> None:
    found = compute(region, published, published / "seen/../seen/minutes.csv")
    assert found.returncode == 2
    assert "payout.out" in found.stderr
    assert (published / "seen/minutes.csv").read_text("utf-8") == SEEN


def test_it_is_not_stated_before_its_period_is_over(region: Path, published: Path) -> None:
    found = compute(region, published, published / "new.json", "--on", "2028-12-30")
    assert found.returncode == 2
    for words in ("grant.early", "'minutes'", "2028-12-31"):
        assert words in found.stderr
    assert not (published / "new.json").exists()


def test_an_unknown_grant_is_answered_with_those_there_are(region: Path, published: Path) -> None:
    found = compute(region, published, published / "x.json", grant="lake")
    assert found.returncode == 2
    assert "there are: minutes, open" in found.stderr


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("40.5,audit", "4O.5,audit", "payout.number"),
        ("2027-09-01", "1.9.2027", "payout.time"),
        ("day,minutes", "day,hours", "payout.columns"),
        ("signed by,remark", "signed by,minutes", "payout.columns"),
        ("2027-09-01", "2027-03-01", "grant.twice"),
        (",after the period", "", "payout.row"),
    ],
)
def test_observations_that_cannot_be_read(
    region: Path, published: Path, old: str, new: str, code: str
) -> None:
    rewrite(published, old, new)
    found = compute(region, published, published / "new.json")
    assert found.returncode == 2
    assert code in found.stderr
    assert not (published / "new.json").exists()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b'"left":35000', b'"left":-35000', "reserve.negative-payout"),
        (b'"total":50000', b'"total":50000.0', "payout.float"),
        (b'"measured":"40.5"', b'"measured":40.5', "payout.float"),
        (b'"verdict":"paid"', b'"verdict":"no-data"', "payout.form"),
        (b'"stated_on":"2029-01-31"', b'"stated_on":"2029-02-31"', "payout.time"),
        (b'"stated_on":"2029-01-31"', b'"stated_on":"2027-01-31"', "grant.early"),
        (b'"stated_on":"2029-01-31"', b'"stated_on":"9999-12-31"', "payout.time"),
        (b"bothbanks-grant-payout/1", b"bothbanks-payout/1", "payout.format"),
        (b"seen/minutes.csv", b"../../secret.csv", "payout.path"),
    ],
)
def test_statements_that_cannot_be_used(published: Path, old: bytes, new: bytes, code: str) -> None:
    path = published / "minutes.json"
    text = path.read_bytes()
    assert old in text
    path.write_bytes(text.replace(old, new, 1))
    found = verify(published)
    assert found.returncode == 2, found.stdout
    assert code in found.stderr
    assert "Traceback" not in found.stderr


def test_a_statement_of_a_grant_is_none_of_a_trigger(published: Path) -> None:
    found = run("payout", "verify", published / "minutes.json")
    assert found.returncode == 2
    assert "payout.format" in found.stderr
