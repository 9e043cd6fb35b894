"""Entries of the record are told in words: every kind that is written anywhere has them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from partnerships import Live

import bothbanks
from bothbanks.record.leaf import read
from bothbanks.site.app import create_site
from bothbanks.site.areas.record_words import AREAS, KINDS, SUBJECTS


def kinds_written() -> set[str]:
    """Kinds that stand as a literal in the source of what records."""
    found: set[str] = set()
    for path in Path(bothbanks.__file__).parent.glob("[ac][pi][pv]*/**/*.py"):
        found |= set(re.findall(r'Entry\(\s*"([a-z-]+\.[a-zA-Z-]+)"', path.read_text()))
    return found


def test_every_kind_in_the_source_has_words() -> None:
    assert len(kinds_written()) > 30
    assert sorted(kinds_written() - set(KINDS)) == []
    assert sorted({k.split(".")[0] for k in KINDS} - set(AREAS)) == []


def test_every_entry_of_a_new_partnership_has_words_for_its_kind_and_subject(partnership: Live) -> None:
    with partnership.reading() as reader:
        leaves = [read(e.leaf) for e in reader.store.entries()]
    assert {leaf.kind for leaf in leaves} <= set(KINDS)
    assert {leaf.subject.split("/")[0] for leaf in leaves} <= set(SUBJECTS)


@pytest.mark.parametrize(("code", "words"), [("de", "Sitz eingerichtet"), ("fr", "siège créé")])
def test_the_pages_say_a_kind_in_the_reader_s_words(partnership: Live, code: str, words: str) -> None:
    client = TestClient(create_site(partnership), headers={"accept": "text/html"})
    listed = client.get(f"/{code}/record/entries?area=people").text
    assert words in listed
    assert "people.seat" not in listed
