"""An export without --private holds everything that is open, and no word that is somebody's own."""

from __future__ import annotations

import zipfile
from pathlib import Path

from partnerships import Live, people

from bothbanks.app.partnership import keeping
from bothbanks.app.partnership.desk import Done
from bothbanks.civic.compact.accounts import Person
from bothbanks.civic.compact.roles import SECRETARIAT
from bothbanks.store.interface import Kind
from bothbanks.store.kinds import every_kind

OWN = ("Zebulon Unverkennbar", "zebulon@example.org", "zeb-unv", "these are my very own words")
PERSONAL = {
    "agreement-comment", "ballot-box", "claim", "confirmation", "dispute", "errand", "identity",
    "invitation", "mandate", "passkey", "person", "session", "sharing-opening", "sharing-purpose",
    "sharing-request",
}  # fmt: skip


def test_the_kinds_that_may_be_personal_are_these() -> None:
    kinds: tuple[Kind[object], ...] = every_kind()
    assert {kind.name for kind in kinds if kind.personal} == PERSONAL


def test_an_open_export_holds_what_is_open_and_nothing_personal(partnership: Live, tmp_path: Path) -> None:
    secretary = people(partnership, SECRETARIAT)
    name, email, login, words = OWN
    for command, payload in (
        ("people.add", {"name": name, "login": login, "language": "de", "email": email}),
        ("agreement.comment", {"version": 1, "words": words, "language": "de"}),
    ):
        done = partnership.act(command, payload, secretary)
        assert isinstance(done, Done), done
    with partnership.reading() as reader:
        names = [person.state.name for person in reader.all(Person)]
    own = {*OWN, *(name for name in names if " " in name)}
    assert len(own) > len(OWN)
    for private in (False, True):
        target = tmp_path / f"{private}.zip"
        keeping.export(partnership.data, target, partnership.clock(), private=private)
        with zipfile.ZipFile(target) as zipped:
            inside = {path: zipped.read(path) for path in zipped.namelist()}
        found = {text for text in own if any(text.encode() in body for body in inside.values())}
        assert found == (own if private else set())
        there = {path.split("/")[1].split(".")[0] for path in inside if path.startswith("objects/")}
        assert bool(there & PERSONAL) is private
        assert {"agreement", "duty", "legal-rule", "region", "seat", "sharing-rules", "vote-rule"} <= there
