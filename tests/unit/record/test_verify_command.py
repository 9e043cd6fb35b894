"""``bothbanks verify`` on real exports of a live partnership: exit codes, and what an auditor is told."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
import typer
from click.testing import Result
from partnerships import Live, people
from record_cases import HOST_SECRET
from typer.testing import CliRunner

from bothbanks.app.partnership import keeping, record
from bothbanks.app.partnership.desk import Done
from bothbanks.app.partnership.notary import own_registry, sign_head
from bothbanks.app.witness_state import StateFolder
from bothbanks.civic.compact.roles import ANYONE, CLOCK
from bothbanks.cli.verify import verify
from bothbanks.record.entries import Entry
from bothbanks.record.export import LEAVES
from bothbanks.record.note import Head, Note, Secret, cosigned
from bothbanks.words.errors import InputError

app = typer.Typer()
app.command()(verify)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def export(live: Live, target: Path) -> Path:
    """As ``bothbanks export`` writes it."""
    sign_head(live)
    keeping.export(live.data, target, live.clock())
    return target


def cosign_all(live: Live, folder: Path) -> None:
    """Every member's witness is registered and co-signs."""
    secrets: dict[str, Secret] = {}
    for member in live.region.members:
        secrets[member] = StateFolder(folder / member, member).secret()
        with live.desk(people(live, "secretariat")) as desk:
            step = record.RegisterWitness(member, secrets[member].key.text)
            assert isinstance(record.register_witness(desk, step), Done)
    note = Note.read(sign_head(live).note)
    for member, secret in secrets.items():
        line = cosigned(note.text, secret, live.clock())
        step = {"size": Head.read(note.text).size, "line": line.line}
        assert isinstance(live.act("record.cosign", step, ANYONE), Done)
        StateFolder(folder / member, member).keep(note.with_signatures((line,)))


def write(live: Live, word: str) -> None:
    with live.desk(CLOCK) as desk:
        desk.record(Entry("votes.opened", f"vote/{word}", {"word": word}))


def rewritten(source: Path, target: Path, files: Mapping[str, bytes]) -> Path:
    """The same zip with some files of the record changed."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, files.get(name, old.read(name)))
    return target


def test_a_final_record_is_authentic_and_its_keys_are_named(partnership: Live, tmp_path: Path) -> None:
    cosign_all(partnership, tmp_path / "w")
    told = run(export(partnership, tmp_path / "e.zip"))
    assert told.exit_code == 0, told.output
    assert "Authentic: all" in told.output
    assert "Final: a quorum of the members' witnesses vouches for all of it." in told.output
    for member in partnership.region.members:
        assert f"{member} vouches for the first" in told.output


def test_a_record_that_only_its_host_signed_is_said_to_be_pending(partnership: Live, tmp_path: Path) -> None:
    told = run(export(partnership, tmp_path / "e.zip"))
    assert told.exit_code == 0
    assert "Pending: no quorum of witnesses vouches for it" in told.output


def test_final_in_part(partnership: Live, tmp_path: Path) -> None:
    cosign_all(partnership, tmp_path / "w")
    with partnership.reading() as reader:
        size = reader.store.record_size()
    write(partnership, "later")
    told = run(export(partnership, tmp_path / "e.zip"))
    assert told.exit_code == 0
    assert f"Final up to entry {size - 1}; from entry {size} on it is pending" in told.output


def test_a_forged_entry_ends_with_3_and_is_named(partnership: Live, tmp_path: Path) -> None:
    write(partnership, "carried")
    good = export(partnership, tmp_path / "e.zip")
    with zipfile.ZipFile(good) as archive:
        leaves = archive.read(LEAVES)
    forged = leaves.replace(b'"word":"carried"', b'"word":"blocked"')
    assert forged != leaves
    told = run(rewritten(good, tmp_path / "f.zip", {LEAVES: forged}))
    assert told.exit_code == 3
    assert "NOT AUTHENTIC [record.forged] Entry" in told.output
    assert "it says 'votes.opened' about vote/carried" in told.output


def test_trusted_keys_from_elsewhere(partnership: Live, tmp_path: Path) -> None:
    good = export(partnership, tmp_path / "e.zip")
    keys = tmp_path / "keys.json"
    with partnership.reading() as reader:
        keys.write_text(json.dumps(record.keys_of(reader.store, partnership.region.id)))
        assert own_registry(reader.store, partnership.region.id).host
    assert run(good, "--trust", keys).exit_code == 0
    keys.write_text(json.dumps({"host": [HOST_SECRET.key.text]}))
    told = run(good, "--trust", keys)
    assert told.exit_code == 3
    assert "record.key-not-trusted" in told.output
    for text in ("{}", "[]", "no JSON", '{"host": ["x"]}'):
        keys.write_text(text)
        assert isinstance(run(good, "--trust", keys).exception, InputError)


def test_against_another_export_and_a_witness(partnership: Live, tmp_path: Path) -> None:
    cosign_all(partnership, tmp_path / "w")
    member = next(iter(partnership.region.members))
    older = export(partnership, tmp_path / "older.zip")
    write(partnership, "newer")
    newer = export(partnership, tmp_path / "newer.zip")
    assert run(newer, "--against", older).exit_code == 0
    assert run(newer, "--against", tmp_path / "w" / member).exit_code == 0
    with zipfile.ZipFile(newer) as archive:
        leaves = archive.read(LEAVES).splitlines(keepends=True)
    parted = rewritten(newer, tmp_path / "parted.zip", {LEAVES: b"".join([*leaves[:-1], leaves[0]])})
    told = run(newer, "--against", parted)
    assert told.exit_code == 3
    assert f"The two records part at entry {len(leaves) - 1}" in told.output
    with pytest.raises(InputError, match="no checkpoint"):
        raise run(newer, "--against", tmp_path).exception or AssertionError


def test_what_can_not_be_read_is_an_input_error(partnership: Live, tmp_path: Path) -> None:
    empty, other = tmp_path / "empty.zip", tmp_path / "other.zip"
    empty.write_bytes(b"")
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("letter.txt", "dear auditor")
    good = export(partnership, tmp_path / "e.zip")
    broken = tmp_path / "broken.zip"
    data = bytearray(good.read_bytes())
    with zipfile.ZipFile(good) as archive:
        begin = archive.getinfo(LEAVES).header_offset + 60
    data[begin : begin + 40] = bytes(40)
    broken.write_bytes(bytes(data))
    for path in (empty, other, broken, tmp_path / "nothing.zip"):
        assert isinstance(run(path).exception, InputError), path
