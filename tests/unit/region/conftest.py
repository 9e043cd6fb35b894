"""A new region folder for every test of the region room, made once and copied."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from region_folders import fresh


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fresh(tmp_path_factory.mktemp("new") / "two")


@pytest.fixture
def folder(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine, tmp_path / "two"))
