"""The whole story of an agreement in a real browser: a host and two witnesses as processes on loopback.

The clock is the rehearsal's. One secretariat and two councils draft, translate, amend, vote, adopt; a duty
misses its day; a dispute is filed and settled; data is shared and refused; the record becomes final, is
exported and verified; forged copies and a second history are found.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from compact_story import FORGERIES, Cast, Host, Place, Story, begins, ended, forge, look

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
    assert story.agreement()["status"] == "carried"
    story.adopt()
    assert "4 Mal im Jahr" in story.head.go("/agreement/articles/art-organs")
    assert "4 fois par an" in story.council(1).go("/agreement/articles/art-organs")

    late = story.head.page.request.get(f"{story.host.at}/api/duties/late").json()
    assert {d["owner"] for d in late} >= set(MEMBERS), late
    duty = next(d["duty"] for d in late if d["owner"] == "steinach")
    story.head.go(f"/duties/{duty}")
    known = story.head.page.request.get(f"{story.host.at}/api/duties/{duty}").json()
    assert "escalate" in str(known["occurrences"]), known
    assert story.head.page.locator("ol.ladder li.taken").count() == 3, "two reminders and the escalation"
    path = story.dispute(duty)
    found = story.council(1).page.request.get(f"{story.host.at}/api{path}").json()
    assert found["state"] == "settled", found

    finality(story, states)
    archives(story, tmp_path)
    split(story, states["steinach"], tmp_path)
    assert [fault for person in story.people.values() for fault in person.faults] == []


def finality(story: Story, states: dict[str, Path]) -> None:
    """Pending until both members' witnesses have signed."""
    wide = story.head
    assert wide.page.request.get(f"{story.host.at}/api/record").json()["final"] == 0
    look(story.witness, "steinach", story.host.at, states["steinach"])
    assert wide.page.request.get(f"{story.host.at}/api/record").json()["state"] == "pending"
    look(story.witness, "uferau", story.host.at, states["uferau"])
    found = wide.page.request.get(f"{story.host.at}/api/record").json()
    assert found["state"] == "final", found
    assert "endgültig" in wide.go("/record")


def archives(story: Story, folder: Path) -> None:
    """The export is verified by a program that knows no host; each forged copy is found and named."""
    export = folder / "export.zip"
    story.host.place.run("export", story.host.data, export)
    assert "Authentic" in story.witness.run("verify", export)
    running = {}
    for forgery in FORGERIES:
        forge(export, folder / f"{forgery}.zip", forgery)
        running[forgery] = story.witness.start("verify", folder / f"{forgery}.zip")
    told = {forgery: ended(process, 3) for forgery, process in running.items()}
    assert re.search(r"NOT AUTHENTIC .*[Ee]ntry 5", told["changed"]), told["changed"]
    assert re.search(r"NOT AUTHENTIC .*[Ee]ntry 5", told["dropped"]), told["dropped"]
    assert re.search(r"NOT AUTHENTIC .*Entry 6 stands in place 5", told["swapped"]), told["swapped"]


def split(story: Story, state: Path, folder: Path) -> None:
    """The host goes back to a copy and writes another history: the member's witness keeps the evidence."""
    kept = folder / "host" / "kept"
    kept.mkdir()
    with (
        sqlite3.connect(story.host.data / "bothbanks.sqlite") as now,
        sqlite3.connect(kept / "bothbanks.sqlite") as copy,
    ):
        now.backup(copy)
    for name in ("keys", "rehearsal.json"):
        (shutil.copytree if (story.host.data / name).is_dir() else shutil.copy)(
            story.host.data / name, kept / name
        )
    story.head.go("/people/admin")
    story.head.do("/people/admin/add", name="Nina", login="nina")
    look(story.witness, "steinach", story.host.at, state)
    story.host.close()
    for login in ("otto", "paul", "quirin"):
        story.host.place.run("people", "add", login, "--name", login, "--data", kept)
    story.host.data = kept
    story.host.open()
    told = look(story.witness, "steinach", story.host.at, state, code=3)
    assert "SPLIT VIEW" in told
    assert sorted(path.suffix for path in (state / "evidence").iterdir()) == [".json", ".txt", ".txt"]
