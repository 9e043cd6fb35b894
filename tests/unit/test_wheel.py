"""The built wheel holds all that the program reads, runs on its own, and carries no example data."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

# Files beside the Python ones that the program reads at run time.
# .xsd: the official schema of Akoma Ntoso, with its .md of source and licence beside it.
READ = {".html", ".j2", ".po", ".json", ".css", ".js", ".svg", ".csv", ".toml", ".typed", ".txt", ".tmpl"}
READ |= {".xsd", ".md"}


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=root, check=True, capture_output=True,
    )  # fmt: skip
    return next(folder.glob("bothbanks-*.whl"))


def test_every_file_of_the_package_is_in_the_wheel(root: Path, wheel: Path) -> None:
    source = root / "src"
    there = {
        path.relative_to(source).as_posix()
        for path in (source / "bothbanks").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {Path(name).suffix for name in there} <= READ | {".py"}, "say in READ why the new kind ships"
    assert there <= set(zipfile.ZipFile(wheel).namelist())


def test_no_example_test_or_data_is_in_the_wheel(wheel: Path) -> None:
    rooms = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {room for room in rooms if not room.endswith(".dist-info")} == {"bothbanks"}


def test_the_wheel_runs_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import bothbanks, bothbanks.cli as cli\n"
        "assert bothbanks.__file__.startswith(sys.argv[1]), bothbanks.__file__\n"
        "sys.argv = ['bothbanks', '--help']; cli.main()"
    )
    run = subprocess.run(
        [sys.executable, "-P", "-c", code, str(tmp_path / "site")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert "appraise" in run.stdout
