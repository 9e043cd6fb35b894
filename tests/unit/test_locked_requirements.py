"""The locked requirements: hashes for all, one version of each for use and for development, no hosts."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

FILES = ("requirements-uv.txt", "requirements.txt", "requirements-dev.txt")
PIN = re.compile(r"^([A-Za-z0-9._-]+(?:\[[a-z,]+\])?==\S+(?: ; [^\\]+)?) ?\\?$", re.MULTILINE)


def pins(path: Path) -> set[str]:
    return {pin.strip() for pin in PIN.findall(path.read_text())}


@pytest.mark.parametrize("name", FILES)
def test_each_pin_has_a_hash_and_no_host_is_named(root: Path, name: str) -> None:
    text = (root / name).read_text()
    assert "://" not in text
    for block in re.split(r"\n(?=[A-Za-z0-9])", text.strip()):
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_development_holds_every_version_that_use_does(root: Path) -> None:
    names = {pin.split(" ;")[0] for pin in pins(root / "requirements.txt")}
    assert len(names) > 40
    assert names <= {pin.split(" ;")[0] for pin in pins(root / "requirements-dev.txt")}


def test_each_direct_dependency_is_locked_and_has_its_reason(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())
    direct = [
        *project["project"]["dependencies"],
        *(line for extra in project["project"]["optional-dependencies"].values() for line in extra),
    ]
    direct += [
        line for group in project["dependency-groups"].values() for line in group if isinstance(line, str)
    ]
    names = {re.split(r"[\[>=<]", line)[0].lower() for line in direct}
    locked = {re.split(r"[\[=]", pin)[0].lower() for pin in pins(root / "requirements-dev.txt")}
    assert names <= locked
    reasons = (root / "docs" / "dependencies.md").read_text().lower()
    assert not {name for name in names if f"| {name} |" not in reasons}
