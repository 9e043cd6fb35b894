"""``bothbanks ask`` as a person or a script uses it: settings, lines, errors, exit codes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from appraisals import TWO_BANKS, bothbanks, command, plain_environment

RATE = "region.discount_rate"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing of a test is kept in the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def talk(lines: str) -> subprocess.CompletedProcess[str]:
    """A session fed from a file."""
    return subprocess.run(
        [*command(), "ask", str(TWO_BANKS)],
        input=lines, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False,
        env=plain_environment(),
    )  # fmt: skip


def test_one_question_that_keeps_nothing(own_cache: Path) -> None:
    settings = ("--set", f"{RATE}=0.02", "--set", "flood.breach_spread=5")
    done = bothbanks("ask", TWO_BANKS, "--fresh", "--full", *settings)
    assert done.returncode == 0, done.stderr
    assert f"{RATE}: 0.03 -> 0.02 1/year" in done.stdout
    assert "as in the folder -> as changed" in done.stdout
    assert "hazard model was called for 1 of 1 basins" in done.stdout
    assert "all 4 coalitions, Shapley value" in done.stdout
    assert not list(own_cache.iterdir())


def test_bad_settings_leave_with_two_and_say_all() -> None:
    done = bothbanks("ask", TWO_BANKS, "--set", f"{RATE}=much", "--set", "region.discount=0.02")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "[ask.number]" in done.stderr
    assert "did you mean region.discount_rate" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_session_from_a_file_goes_on_after_a_bad_line_and_tells_in_the_end() -> None:
    done = talk(f"{RATE} = 0.02\n{RATE} = x\nflood.measure.levee-left.cost = -1\nundo\nfull\n")
    assert done.returncode == 2
    assert done.stderr.count("[ask.number]") == done.stderr.count("[ask.impossible]") == 1
    assert done.stdout.count("flood: CHF") == 3
    assert "all 4 coalitions" in done.stdout


def test_a_session_that_goes_well_leaves_with_zero(own_cache: Path) -> None:
    done = talk("show region.\nquit\nnot read any more\n")
    assert done.returncode == 0, done.stderr
    assert f"{RATE} = 0.03" in done.stdout
    assert (own_cache / "bothbanks" / "ask").is_dir()
