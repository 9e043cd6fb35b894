"""Appraisals for tests: the command line as a process, each region computed once, and what a folder holds."""

from __future__ import annotations

import hashlib
import html
import os
import re
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from region_folders import TWO_BANKS, fresh

from bothbanks.app.appraise import Appraisal, appraise

ROOT = Path(__file__).resolve().parents[1]
MEUSE_RHINE = ROOT / "examples" / "meuse-rhine"
_SCRATCH = tempfile.TemporaryDirectory(prefix="bothbanks-tests-")
SCRATCH = Path(_SCRATCH.name)


def plain_environment() -> dict[str, str]:
    """The environment of a user: compiled modules are kept, so that the second process starts fast."""
    out = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    if "PYTHONDONTWRITEBYTECODE" in os.environ:
        out["PYTHONPYCACHEPREFIX"] = str(SCRATCH / "pycache")
    return out


def command() -> list[str]:
    """The installed command, or the same function where no script was installed."""
    script = Path(sys.executable).with_name("bothbanks")
    return (
        [str(script)] if script.exists() else [sys.executable, "-c", "from bothbanks.cli import main; main()"]
    )


def bothbanks(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [*command(), *map(str, arguments)],
        capture_output=True, text=True, encoding="utf-8", timeout=300, check=False, cwd=cwd,
        env=plain_environment(),
    )  # fmt: skip


@cache
def new_folder() -> Path:
    """What ``bothbanks new`` makes, untouched."""
    return fresh(SCRATCH / "fresh")


@cache
def run_of(which: str, draws: int = 32) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Output folder and process of ``bothbanks appraise`` on 'fresh' or 'two-banks'."""
    region = {"fresh": new_folder(), "two-banks": TWO_BANKS}[which]
    out = SCRATCH / f"out-{which}-{draws}"
    return out, bothbanks("appraise", region, "--out", out, "--draws", str(draws))


@cache
def meuse_rhine() -> Appraisal:
    """The example region over eight draws."""
    return appraise(MEUSE_RHINE, draws=8)


def contents(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a folder by its path: the manifest two runs are compared by."""
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def words_of(page: Path) -> str:
    """The words a reader sees on a page, drawings and scripts left out, runs of white space as one blank."""
    text = re.sub(r"(?s)<(script|style|svg)\b.*?</\1>", " ", page.read_text(encoding="utf-8"))
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)))
