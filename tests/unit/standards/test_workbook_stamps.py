"""The workbook's bytes don't depend on what other libraries set for the whole process."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from openpyxl import Workbook, load_workbook

from bothbanks.standards.workbook_cells import FIXED, Book


@pytest.fixture
def another_prefix() -> Iterator[None]:
    kept = dict(ElementTree._namespace_map)
    ElementTree.register_namespace("dct", "http://purl.org/dc/terms/")
    yield
    ElementTree._namespace_map.clear()
    ElementTree._namespace_map.update(kept)


def saved(path: Path) -> bytes:
    book = Book(Workbook())
    book.save(path)
    return path.read_bytes()


def test_a_prefix_that_a_library_registered_changes_no_byte(tmp_path: Path, another_prefix: None) -> None:
    found = saved(tmp_path / "a.xlsx")
    assert zipfile.ZipFile(tmp_path / "a.xlsx").read("docProps/core.xml").count(b"2000-01-01T00:00:00Z") == 2
    assert load_workbook(tmp_path / "a.xlsx").properties.modified == FIXED
    ElementTree._namespace_map.pop("http://purl.org/dc/terms/")
    assert saved(tmp_path / "b.xlsx") == found
