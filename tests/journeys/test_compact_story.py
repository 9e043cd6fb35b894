"""An agreement in a real browser, up to its vote: a host as a process on loopback, its clock a rehearsal's.

A secretariat and two councils get accounts, register witnesses, comment, translate, amend and vote; one
dataset is shared and another refused; the vote that was blocked says why in words.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from compact_story import Cast, Host, Place, Story, begins

pytestmark = [pytest.mark.browser, pytest.mark.loopback]
MEMBERS = ("steinach", "uferau")
CAST = Cast(
    head=("lena", "leitung", "de"),
    office=("rudi", "referat", "de"),
    councils={"steinach": ("stine", "rat-steinach", "de"), "uferau": ("ulla", "rat-uferau", "fr")},
    given="clinic-places-steinach",
    kept="rosters-uferau",
    kept_words="Les tableaux disent qui est absent de chez soi.",
    second_languages=("fr",),
)


@pytest.fixture
def story(root: Path, tmp_path: Path, chromium: Any) -> Iterator[Story]:
    """Two places: the host's and the witnesses', each with a folder of its own; nobody has an account yet."""
    begin = begins()
    for side in ("host", "witness"):
        (tmp_path / side).mkdir()
    region = tmp_path / "region"
    shutil.copytree(root / "tests" / "data" / "two-banks", region)
    people, duties = region / "compact" / "people.toml", region / "compact" / "duties.toml"
    people.write_text(people.read_text("utf-8").partition("[[holders]]")[0], "utf-8")
    due = (begin + timedelta(days=40)).date().isoformat()
    duties.write_text(duties.read_text("utf-8").replace("first = 2026-12-31", f"first = {due}"), "utf-8")
    host = Host(Place(root, tmp_path / "host"), tmp_path / "host" / "data")
    host.open(region, clock=begin)
    yield Story(host, Place(root, tmp_path / "witness"), CAST, chromium, begin)
    host.close()


def test_the_story_of_an_agreement(story: Story, tmp_path: Path) -> None:
    states = {member: tmp_path / "witness" / member for member in MEMBERS}
    story.let_in()
    assert "Die Uhr geht hier vor" in story.head.page.inner_text("body")
    story.register_witnesses(states)
    story.draft("art-parties", "art-organs", "meetings", "4")
    story.put_to_vote()
    story.share()
    story.move_on(60)

    words = story.head.go(f"/votes/{story.blocked}")
    assert "Nicht angenommen: 1 von 2" in words
    assert re.search(r"Rechtes Ufer\s+dagegen", words), words
