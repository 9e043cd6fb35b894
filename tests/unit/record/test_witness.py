"""A real host on loopback and the members' witnesses: quorum, split view, a host that goes back."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import uvicorn
from partnerships import Live, people
from typer.testing import CliRunner

from bothbanks.app.partnership import record
from bothbanks.app.partnership.clocks import SetClock
from bothbanks.app.partnership.desk import Done
from bothbanks.app.partnership.notary import sign_head
from bothbanks.app.witness_door import WitnessDoor
from bothbanks.app.witness_state import StateFolder
from bothbanks.app.witnessing import AwayError, Outcome, Witness
from bothbanks.civic.compact.roles import CLOCK
from bothbanks.cli.witness import SPLIT, app
from bothbanks.record.entries import Entry
from bothbanks.record.note import Head, Key, Note
from bothbanks.record.registry import KEY_ASKED
from bothbanks.site.app import create_site
from bothbanks.store import open_store
from bothbanks.store.kinds import every_kind
from bothbanks.words.errors import InputError

pytestmark = pytest.mark.loopback


@contextmanager
def serving(live: Live) -> Iterator[str]:
    """The partnership's site on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_site(live), log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def three(live: Live) -> list[str]:
    """The region with a third member, of the first one's country; ids in order."""
    members = dict(live.region.members)
    first = next(iter(members.values()))
    members["third"] = replace(first, id="third")
    live.region = replace(live.region, members=members)
    with live.desk(CLOCK) as desk:
        record.keep_members(desk)
    return list(members)


def write(live: Live, word: str, count: int = 1) -> None:
    with live.desk(CLOCK) as desk:
        desk.record(*(Entry("votes.opened", f"vote/{word}-{n}", {"word": word}) for n in range(count)))


def twin(live: Live, data: Path) -> Live:
    """A second host with the same key and the same history so far: what a dishonest host would keep."""
    data.mkdir(parents=True)
    source, copy = sqlite3.connect(live.data / "bothbanks.sqlite"), sqlite3.connect(data / "bothbanks.sqlite")
    source.backup(copy)
    source.close()
    copy.close()
    shutil.copytree(live.data / "keys", data / "keys")
    store = open_store(data / "bothbanks.sqlite", every_kind())
    return Live(store, live.region, data, SetClock(live.clock.now))


class Crew:
    """The witnesses of all members, their folders in one place."""

    def __init__(self, live: Live, root: Path) -> None:
        self.live, self.root = live, root
        self.members = three(live)
        for member in self.members:
            key = StateFolder(root / member, member).secret().key.text
            with live.desk(people(live, "secretariat")) as desk:
                assert isinstance(record.register_witness(desk, record.RegisterWitness(member, key)), Done)

    def witness(self, member: str, host: str, *peers: str) -> Witness:
        return Witness(member, host, StateFolder(self.root / member, member), self.live.clock, peers)

    def final(self) -> int:
        with self.live.reading() as reader:
            return record.record_standing(reader).final


@pytest.fixture
def crew(partnership: Live, tmp_path: Path) -> Crew:
    return Crew(partnership, tmp_path / "witnesses")


def test_three_witnesses_make_a_quorum_and_each_country_must_be_in_it(crew: Crew) -> None:
    first, second, third = crew.members  # first and third are of one country
    with serving(crew.live) as host:
        outcome = crew.witness(first, host).look()
        assert outcome.state == "cosigned"
        assert "met for the first time" in outcome.warnings[0]
        crew.witness(third, host).look()
        assert crew.final() == 0  # two of three, but nobody of the other country
        crew.witness(second, host).look()
        size = crew.final()
        assert size == outcome.size > 0
        write(crew.live, "more", 5)
        crew.witness(first, host).look()
        assert crew.final() == size
        write(crew.live, "still-more")
        crew.witness(second, host).look()  # another size than the first one's: it covers that one too
        assert crew.final() == size + 5
        text = httpx.get(f"{host}/record/checkpoint", trust_env=False).text
        assert Head.read(Note.read(text).text).size == size + 6
        state = httpx.get(f"{host}/api/record", trust_env=False).json()
    assert (state["state"], state["final"], state["missing"]) == ("pending", size + 5, [first, third])


def test_a_split_view_is_found_by_comparing_with_a_peer(crew: Crew, tmp_path: Path) -> None:
    first, second, _ = crew.members
    other = twin(crew.live, tmp_path / "twin")
    write(crew.live, "for-one-bank", 2)
    write(other, "for-the-other", 2)
    with ExitStack() as stack:
        host, shadow = stack.enter_context(serving(crew.live)), stack.enter_context(serving(other))
        assert crew.witness(first, host).look().state == "cosigned"
        door = stack.enter_context(WitnessDoor(StateFolder(crew.root / first, first), "127.0.0.1", 0))
        peer = f"http://127.0.0.1:{door.port}"
        runner = CliRunner()
        folder = crew.root / second
        told = runner.invoke(
            app, ["--member", second, "--host", shadow, "--state", str(folder), "--peer", peer, "--once"]
        )
        assert told.exit_code == SPLIT
        assert "SPLIT VIEW: the host signed two different roots for" in told.output
        again = runner.invoke(app, ["--member", second, "--host", shadow, "--state", str(folder), "--once"])
        assert isinstance(again.exception, InputError)
        assert "evidence of a split view" in str(again.exception)
    one, two = (Note.read(f.read_text()) for f in sorted((folder / "evidence").glob("*.txt")))
    assert one.text != two.text
    key = StateFolder(folder, second).trust()
    assert key is None or all(note.signed_by(key.host) for note in (one, two))
    report = json.loads(next((folder / "evidence").glob("*-report.json")).read_text())
    assert report["second_from"] == peer
    assert not (folder / "checkpoint.txt").exists()
    other.store.close()


def test_a_split_view_of_different_sizes_is_found_too(crew: Crew, tmp_path: Path) -> None:
    first, second, _ = crew.members
    other = twin(crew.live, tmp_path / "twin")
    write(crew.live, "for-one-bank", 2)
    write(other, "for-the-other", 4)
    with ExitStack() as stack:
        host, shadow = stack.enter_context(serving(crew.live)), stack.enter_context(serving(other))
        crew.witness(first, host).look()
        door = stack.enter_context(WitnessDoor(StateFolder(crew.root / first, first), "127.0.0.1", 0))
        outcome = crew.witness(second, shadow, f"http://127.0.0.1:{door.port}").look()
    assert outcome.state == "split"
    assert "proof that does not hold" in outcome.words
    other.store.close()


def test_a_host_that_goes_back_or_rewrites_is_found_by_one_witness_alone(crew: Crew, tmp_path: Path) -> None:
    first = crew.members[0]
    earlier = twin(crew.live, tmp_path / "earlier")
    write(crew.live, "kept", 3)
    with serving(crew.live) as host:
        assert crew.witness(first, host).look().state == "cosigned"
    with serving(earlier) as host:  # restored from an old backup: three entries are gone
        outcome = crew.witness(first, host).look()
        assert outcome.state == "split"
        assert "gave no proof" in outcome.words
    shutil.rmtree(crew.root / first / "evidence")
    write(earlier, "rewritten", 5)
    with serving(earlier) as host:
        assert "proof that does not hold" in crew.witness(first, host).look().words
    earlier.store.close()


def test_a_witness_follows_a_new_key_only_if_the_old_one_signed_for_it(crew: Crew, tmp_path: Path) -> None:
    first, second, _ = crew.members
    with serving(crew.live) as host:
        crew.witness(first, host).look()
        with crew.live.desk(CLOCK) as desk:
            desk.record(Entry(KEY_ASKED, f"record/{crew.live.region.id}", {}))
        outcome = crew.witness(first, host).look()
        assert outcome.state == "cosigned"
        trust = StateFolder(crew.root / first, first).trust()
        assert trust is not None
        assert len(trust.hosts) == 2
        late = replace(crew.witness(second, host), pinned=trust.hosts[0])
        assert late.look().state == "cosigned"
        assert len(StateFolder(crew.root / second, second).trust().hosts) == 2  # type: ignore[union-attr]
        stranger = Key.read("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
        strange = Witness(
            "third", host, StateFolder(tmp_path / "new", "third"), crew.live.clock, (), stranger
        )
        with pytest.raises(InputError, match=r"witness\.host-key"):
            strange.look()


def test_an_unregistered_witness_keeps_the_head_and_says_which_key_to_register(
    crew: Crew, tmp_path: Path
) -> None:
    with serving(crew.live) as host:
        lone = Witness("third", host, StateFolder(tmp_path / "lone", "third"), crew.live.clock)
        outcome = lone.look()
    assert outcome.state == "unregistered"
    assert lone.folder.secret().key.text in outcome.words
    assert lone.folder.last() is not None


def test_the_head_is_on_the_disk_before_the_cosignature_leaves(
    crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = crew.members[0]
    witness = crew.witness(first, "http://127.0.0.1:9")
    seen: list[Note | None] = []
    head = sign_head(crew.live)
    assert head is not None

    def brought(self: Witness, *_: object) -> Outcome:
        seen.append(self.folder.last())
        return Outcome("cosigned", "")

    with serving(crew.live) as host:
        monkeypatch.setattr(Witness, "_brought", brought)
        replace(witness, host=host).look()
    assert seen[0] is not None
    assert seen[0].text == Note.read(head.note).text


def test_who_is_away_is_no_evidence(crew: Crew) -> None:
    first, second, _ = crew.members
    free = socket.create_server(("127.0.0.1", 0))
    nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    free.close()
    with pytest.raises(AwayError):
        crew.witness(first, nobody).look()
    with serving(crew.live) as host:
        outcome = crew.witness(second, host, nobody, host).look()
    assert outcome.state == "cosigned"
    assert any("not compared with" in warning for warning in outcome.warnings)


def test_the_door_shows_the_last_head_and_the_key_and_nothing_else(crew: Crew) -> None:
    first = crew.members[0]
    folder = StateFolder(crew.root / first, first)
    with WitnessDoor(folder, "127.0.0.1", 0) as door, httpx.Client(trust_env=False) as client:
        at = f"http://127.0.0.1:{door.port}"
        assert client.get(f"{at}/checkpoint").status_code == 404
        assert client.get(f"{at}/key").text.strip() == folder.secret().key.text
        assert client.get(f"{at}/witness.key").status_code == 404
        assert client.post(f"{at}/checkpoint").status_code == 501
        with pytest.raises(InputError, match=r"witness\.port"):
            WitnessDoor(folder, "127.0.0.1", door.port)


def test_the_key_is_its_owner_s_and_printed_for_registration(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["key", "--member", "uferau", "--state", str(tmp_path / "w")])
    assert told.exit_code == 0
    assert Key.read(told.output.strip()).name == "uferau/witness"
    assert stat.S_IMODE((tmp_path / "w" / "witness.key").stat().st_mode) == 0o600
    with pytest.raises(InputError, match=r"witness\.key"):
        StateFolder(tmp_path / "w", "steinach").secret()


def test_two_witnesses_do_not_share_a_folder(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path / "w", "uferau")
    with folder.alone(), pytest.raises(InputError, match=r"witness\.busy"), folder.alone():
        pass
