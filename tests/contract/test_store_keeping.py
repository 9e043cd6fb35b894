"""Backup, restore, export, import and the move to PostgreSQL, with a real partnership in the store."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import postgres
import pytest
from partnerships import make_partnership
from typer.testing import CliRunner

from bothbanks.app.partnership import keeping
from bothbanks.app.verifying import verify
from bothbanks.cli import keeping as commands
from bothbanks.record.entries import Entry
from bothbanks.store import open_store
from bothbanks.store.errors import FormError
from bothbanks.store.kinds import every_kind
from bothbanks.words.errors import InputError

AT = datetime(2026, 11, 25, 8, tzinfo=UTC)


@pytest.fixture
def address(store_address: str) -> str | None:
    return store_address if "://" in store_address else None


@pytest.fixture
def data(tmp_path: Path, address: str | None) -> Path:
    """A service's folder with a key in it, its database of either kind."""
    made = make_partnership(tmp_path / "data", address)
    with made.store.writing() as work:
        work.append(Entry("a.b", "person/p1", {}, {"name": "Ann"}), AT, "secretariat", "p1")
    made.store.close()
    (tmp_path / "data" / "keys").mkdir(exist_ok=True)
    (tmp_path / "data" / "keys" / "test.key").write_text("secret")
    return tmp_path / "data"


def _export(data: Path, address: str | None, target: Path) -> bytes:
    keeping.export(data, target, AT, address, private=True, replace=True)
    return target.read_bytes()


def _size(data: Path, address: str | None) -> int:
    with (
        closing(open_store(address or data / keeping.DATABASE, every_kind())) as store,
        store.reading() as now,
    ):
        return now.record_size()


def _append(data: Path, address: str | None) -> None:
    with (
        closing(open_store(address or data / keeping.DATABASE, every_kind())) as store,
        store.writing() as work,
    ):
        work.append(Entry("a.late", "duty/1", {}), AT, "clock", "")


def test_a_backup_puts_everything_back_and_keeps_what_was_there(
    data: Path, address: str | None, tmp_path: Path
) -> None:
    before = _export(data, address, tmp_path / "a.zip")
    held = keeping.back_up(data, tmp_path / "b.backup", AT, address)
    assert held.counts["entries"] == _size(data, address)
    _append(data, address)
    (data / "keys" / "test.key").write_text("another")
    dry = keeping.restore(tmp_path / "b.backup", data, AT, address, dry_run=True)
    assert (dry.counts, dry.kept_beside) == (held.counts, None)
    with pytest.raises(InputError, match="--replace it is kept beside"):
        keeping.restore(tmp_path / "b.backup", data, AT, address)
    assert _size(data, address) == held.counts["entries"] + 1
    done = keeping.restore(tmp_path / "b.backup", data, AT, address, replace=True)
    assert _export(data, address, tmp_path / "c.zip") == before
    assert (data / "keys" / "test.key").read_text() == "secret"
    assert (data / "keys" / "test.key").stat().st_mode & 0o77 == 0
    assert done.kept_beside == tmp_path / "data.before-20261125T080000"
    assert (done.kept_beside / "keys" / "test.key").read_text() == "another"
    if address is None:
        assert _size(done.kept_beside, None) == held.counts["entries"] + 1
    else:
        with zipfile.ZipFile(tmp_path / "data.before-20261125T080000.zip") as old:
            assert b"a.late" in old.read("record/leaves.jsonl")


def test_a_backup_goes_back_into_an_empty_place_of_the_other_kind(
    data: Path, address: str | None, tmp_path: Path, postgres_server: postgres.Server
) -> None:
    before = _export(data, address, tmp_path / "a.zip")
    keeping.back_up(data, tmp_path / "b.backup", AT, address)
    other = postgres_server.database() if address is None else None
    keeping.restore(tmp_path / "b.backup", tmp_path / "new", AT, other)
    assert _export(tmp_path / "new", other, tmp_path / "c.zip") == before
    assert (tmp_path / "new" / "keys" / "test.key").read_text() == "secret"


def test_a_running_service_is_not_replaced(data: Path, address: str | None, tmp_path: Path) -> None:
    keeping.back_up(data, tmp_path / "b.backup", AT, address)
    with closing(open_store(address or data / keeping.DATABASE, every_kind())) as running:
        with running.reading() as now:
            size = now.record_size()
        with pytest.raises(InputError, match="stop 'bothbanks serve' first"):
            keeping.restore(tmp_path / "b.backup", data, AT, address, replace=True)
    assert _size(data, address) == size


def test_an_export_right_after_a_change_is_authentic(data: Path, address: str | None, tmp_path: Path) -> None:
    _append(data, address)
    keeping.export(data, tmp_path / "a.zip", AT, address)
    found = verify(tmp_path / "a.zip")
    assert (found.findings, found.audit.size) == ((), _size(data, address))
    for key in (data / "keys").glob("record-*.key"):
        key.unlink()
    _append(data, address)
    keeping.export(data, tmp_path / "b.zip", AT, address)
    assert not verify(tmp_path / "b.zip").authentic


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-2000])


def _altered(file: Path) -> None:
    with zipfile.ZipFile(file) as old:
        content = {name: old.read(name) for name in old.namelist()}
    content["files/keys/test.key"] = b"forged"
    with zipfile.ZipFile(file, "w") as new:
        for name, body in content.items():
            new.writestr(name, body)


def _outside(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as new:
        listed = {"files/../../evil": {"sha256": "0" * 64, "bytes": 1}}
        new.writestr("backup.json", json.dumps({"format": "bothbanks-backup", "version": 1, "files": listed}))
        new.writestr("files/../../evil", b"x")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_cut, "can't be read as a zip"),
        (_altered, r"test.key isn't what its hash"),
        (_outside, "outside its folder"),
    ],
)
def test_a_spoilt_backup_is_refused_whole(tmp_path: Path, spoil: Callable[[Path], None], said: str) -> None:
    made = make_partnership(tmp_path / "data")
    made.store.close()
    (tmp_path / "data" / "keys").mkdir(exist_ok=True)
    (tmp_path / "data" / "keys" / "test.key").write_text("secret")
    keeping.back_up(tmp_path / "data", tmp_path / "b.backup", AT)
    spoil(tmp_path / "b.backup")
    with pytest.raises(InputError, match=said):
        keeping.restore(tmp_path / "b.backup", tmp_path / "new", AT)
    assert not (tmp_path / "new").exists()


def test_a_service_moves_to_postgresql_and_its_old_file_is_put_aside(
    tmp_path: Path, postgres_server: postgres.Server
) -> None:
    made = make_partnership(tmp_path / "data")
    address = postgres_server.database()
    with pytest.raises(InputError, match="stop 'bothbanks serve' first"):
        keeping.move(tmp_path / "data", address, AT)
    made.store.close()
    before = _export(tmp_path / "data", None, tmp_path / "a.zip")
    held = keeping.move(tmp_path / "data", address, AT)
    assert _export(tmp_path / "data", address, tmp_path / "b.zip") == before
    assert held.kept_beside is not None
    assert held.kept_beside.is_file()
    assert not (tmp_path / "data" / keeping.DATABASE).exists()
    with pytest.raises(InputError, match="holds no service"):
        keeping.export(tmp_path / "data", tmp_path / "c.zip", AT)


def test_the_commands_say_what_they_did(tmp_path: Path) -> None:
    made = make_partnership(tmp_path / "data")
    made.store.close()
    import typer

    app = typer.Typer()
    for command in (commands.backup, commands.restore, commands.export):
        app.command()(command)
    app.command("import")(commands.import_)
    run = lambda *words: CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)  # noqa: E731
    data, backup, zipped = tmp_path / "data", tmp_path / "b.backup", tmp_path / "e.zip"
    assert "secret keys: keep it like them" in run("backup", data, backup).output
    assert "is whole" in run("restore", backup, data, "--dry-run").output
    assert "What was there before is in" in run("restore", backup, data, "--replace").output
    assert "Left out, for they may be personal: " in run("export", data, zipped).output
    assert "personal data" in run("export", data, zipped, "--private", "--replace").output
    assert "Nothing was changed" in run("import", zipped, "--dry-run").output
    assert "is in the database now" in run("import", zipped, "--data", tmp_path / "new").output
    with pytest.raises(FormError, match="empty database only"):
        run("import", zipped, "--data", tmp_path / "new")
    assert zipped.stat().st_mode & 0o77 == 0
