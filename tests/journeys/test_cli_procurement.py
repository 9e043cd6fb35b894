"""``bothbanks procurement``: check, show and publish, as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from appraisals import MEUSE_RHINE, bothbanks
from procurement_cases import packed, releases

PUMPS = "ocds-xxxxxx-meuse-rhine-pumps"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "ours.json"
    path.write_text(json.dumps(packed(releases())), "utf-8")
    return path


def test_release_then_check_then_show(tmp_path: Path) -> None:
    out = tmp_path / "ocds"
    done = bothbanks("procurement", "release", MEUSE_RHINE, "--out", out)
    assert done.returncode == 0, done.stderr
    assert {p.name for p in out.glob("*.json")} == {"releases.json", "records.json", "flags.json"}

    checked = bothbanks("procurement", "check", out)
    assert checked.returncode == 0, checked.stderr
    assert "22 read = 12 merged + 10 repeated + 0 refused" in checked.stdout
    assert "changes-add-up         raised (0.1198, limit 0.1)" in checked.stdout
    assert "can't be computed: too-few-awards" in checked.stdout

    shown = bothbanks("procurement", "show", out / "releases.json", "--ocid", PUMPS)
    assert shown.returncode == 0, shown.stderr
    assert "contracts now: 489,900.00 EUR" in shown.stdout
    assert f"{PUMPS}-03-tenderAmendment" in shown.stdout


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    done = bothbanks("procurement", "release", MEUSE_RHINE, "--out", tmp_path / "no", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "nothing was written" in done.stdout
    assert not (tmp_path / "no").exists()


def test_two_contradicting_files_are_named_and_kept(package: Path, tmp_path: Path) -> None:
    other = releases()[3]
    other["awards"][0]["value"]["amount"] = 1
    (tmp_path / "theirs.json").write_text(json.dumps(packed([other])), "utf-8")
    out = tmp_path.parent / f"{tmp_path.name}-out"
    done = bothbanks("procurement", "check", tmp_path, "--out", out)
    assert done.returncode == 2
    assert "[ocds.contradiction] theirs.json" in done.stderr
    assert "as in ours.json: releases/3" in done.stderr
    assert "11 read = 0 merged + 0 repeated + 11 refused" in done.stdout
    kept = json.loads((out / "refused.json").read_text("utf-8"))["refused"]
    assert [r["data"] for r in kept] == [*releases(), other]
    assert json.loads((out / "read" / "ours.json").read_text("utf-8")) == json.loads(
        package.read_text("utf-8")
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check", "nowhere.json"), "ocds.missing"),
        (("check", "PACKAGE", "--law", "XX"), "BE, DE-NW, NL"),
        (("show", "PACKAGE", "--ocid", "none"), "ocds-xxxxxx-test-1"),
        (("release", "nowhere", "--out", "out"), "no such folder"),
    ],
)
def test_what_can_not_be_used_is_told(
    package: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    given = [str(package) if a == "PACKAGE" else a for a in arguments]
    done = bothbanks("procurement", *given, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_an_out_folder_of_somebody_else_is_left_alone(package: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "diary.txt").write_text("mine")
    done = bothbanks("procurement", "check", package, "--out", theirs)
    assert done.returncode == 2
    assert (theirs / "diary.txt").read_text() == "mine"
