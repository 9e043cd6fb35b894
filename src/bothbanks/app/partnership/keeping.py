"""Backup and restore, export and import, and the way from one database to the other.

A *backup* is for the one who runs the service: everything, the service's secret keys included, to be put back
as it was. An *export* is for others and for later: open formats, no key, personal data only where asked for.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bothbanks import __version__
from bothbanks.app.partnership.notary import sign_store
from bothbanks.civic.compact.members import RegionFacts
from bothbanks.record.leaf import instant
from bothbanks.store.bundle import Bundle, Content, write_bundle
from bothbanks.store.kinds import every_kind
from bothbanks.store.portable import exported, left_out, taken_in
from bothbanks.store.postgres import PostgresStore
from bothbanks.store.soundness import faults
from bothbanks.store.sqlite import SqliteStore
from bothbanks.words.errors import InputError

DATABASE = "bothbanks.sqlite"
BACKUP, BACKUP_MANIFEST = "bothbanks-backup", "backup.json"
EXPORT, EXPORT_MANIFEST = "bothbanks-export", "manifest.json"
VERSION = 1
_COPY, _DUMP, _FILES = f"database/{DATABASE}", "database/export/", "files/"
AnyStore = SqliteStore | PostgresStore

README = """An export of a partnership's data, readable without the program that wrote it.

manifest.json            what this is, when it was made, and the SHA-256 of every file
objects/<kind>.jsonl     one object a line: id, version, parent, status, owner, due, state
objects/<kind>.schema.json   JSON Schema of the states
layers/<layer>.geojson   editable layers, longitude and latitude (RFC 7946)
record/leaves.jsonl      the record: one entry a line, exactly the bytes that were hashed (RFC 8785, RFC 9162)
record/checkpoints/      signed heads with the witnesses' signatures (C2SP tlog-checkpoint)
record/keys.json         whose keys they are
store/                   signed heads and jobs as the database kept them

'bothbanks verify' on this file proves the record without any server.
"""


@dataclass(frozen=True)
class Held:
    """What a backup, an export or a restored store holds."""

    made: str
    counts: Mapping[str, int]
    left_out: tuple[str, ...] = ()
    kept_beside: Path | None = None


def back_up(
    data: Path, target: Path, at: datetime, address: str | None = None, *, replace: bool = False
) -> Held:
    """Write everything of a service to one file, while the service runs.

    An SQLite database goes in as a consistent copy of its file, one in PostgreSQL as an export. The database
    is copied before the other files, so every file it names is there.

    Raises
    ------
    InputError
        There is no service in ``data``, or ``target`` exists and is not to be replaced.
    """
    if target.absolute().is_relative_to(data.absolute()):
        raise InputError(
            "keep.inside", f"{target} lies in {data}, which it is a backup of; give a place elsewhere."
        )
    with _there(data, address) as store, tempfile.TemporaryDirectory(dir=_near(target)) as beside:
        if isinstance(store, SqliteStore):
            copy = Path(beside) / DATABASE
            store.copy_to(copy)
            with closing(SqliteStore(copy, every_kind())) as copied:
                counts = _checked(copied, "the copy")
            database: list[tuple[str, Content]] = [(_COPY, copy)]
        else:
            counts = _checked(store, store.address)
            with store.reading() as now:
                database = [(f"{_DUMP}{path}", body) for path, body in exported(now, at, private=True)]
        said = {"format": BACKUP, "version": VERSION, "made": instant(at), "program": __version__}
        files = [(f"{_FILES}{path.relative_to(data).as_posix()}", path) for path in _other_files(data)]
        write_bundle(target, BACKUP_MANIFEST, {**said, "counts": counts}, [*database, *files], replace)
    return Held(instant(at), counts)


def restore(
    source: Path,
    data: Path,
    at: datetime,
    address: str | None = None,
    *,
    replace: bool = False,
    dry_run: bool = False,
) -> Held:
    """Put a backup back, into the kind of database asked for; nothing is changed before all is checked.

    What was there is kept beside: the folder under the name ``<data>.before-<instant>``, a database in
    PostgreSQL as a private export of that name. With ``dry_run`` the backup is unpacked and checked
    elsewhere, and nothing else happens.

    Raises
    ------
    InputError
        No whole backup; something is there already (see ``replace``); the service is running.
    """
    with closing(Bundle(source, BACKUP_MANIFEST, BACKUP, VERSION)) as bundle:
        taken = _taken(data, address)
        if taken and not (replace or dry_run):
            raise InputError("keep.there", f"{taken}. With --replace it is kept beside and replaced.")
        with tempfile.TemporaryDirectory(dir=_near(data), prefix=f".{data.name}.restoring-") as beside:
            fresh = Path(beside) / "data"
            for path in bundle:
                if path.startswith(_FILES):
                    bundle.unpack(path, fresh / path.removeprefix(_FILES))
            counts = _database(bundle, fresh)
            if dry_run:
                return Held(str(bundle.said["made"]), counts)
            kept = _put_in_place(fresh, data, address, at)
    return Held(str(bundle.said["made"]), counts, kept_beside=kept)


def export(
    data: Path,
    target: Path,
    at: datetime,
    address: str | None = None,
    *,
    private: bool = False,
    replace: bool = False,
) -> Held:
    """Write everything in open formats; what may be personal or not for everybody only with ``private``.

    The head of the record is signed first, so that ``bothbanks verify`` accepts every entry in it; only where
    the host's key is not in ``data`` do entries after the last signed head stay unsigned.

    Raises
    ------
    InputError
        There is no service in ``data``, or ``target`` exists and is not to be replaced.
    FullError
        The disk of the service is full, so the head can't be signed.
    """
    with _there(data, address) as store:
        _sign(store, data, at)
        return _write_export(store, target, at, private, replace)


def _sign(store: AnyStore, data: Path, at: datetime) -> None:
    with store.reading() as now:
        regions = now.all(RegionFacts)
    if not regions:
        return
    try:
        sign_store(store, data, regions[0].state.id, at)
    except InputError as error:
        if error.code != "record.key-missing":
            raise


def _write_export(store: AnyStore, target: Path, at: datetime, private: bool, replace: bool) -> Held:
    counts = _checked(store, store.address)
    with store.reading() as now:
        missing = [] if private else left_out(now)
        said = {"format": EXPORT, "version": VERSION, "exported": instant(at), "program": __version__}
        more = {"private": private, "left_out": missing, "counts": counts}
        files = [("README.txt", README.encode()), *exported(now, at, private)]
        write_bundle(target, EXPORT_MANIFEST, {**said, **more}, files, replace)
    return Held(instant(at), counts, tuple(missing))


def take_in(source: Path, data: Path, address: str | None = None, *, dry_run: bool = False) -> Held:
    """Read an export into an empty database of either kind; with ``dry_run`` into one that is thrown away.

    Raises
    ------
    InputError
        No whole export.
    FormError
        The database isn't empty.
    """
    with closing(Bundle(source, EXPORT_MANIFEST, EXPORT, VERSION)) as bundle:
        said = (str(bundle.said["exported"]), tuple(bundle.said.get("left_out", ())))
        if dry_run:
            with tempfile.TemporaryDirectory() as beside, closing(_open(Path(beside), None)) as store:
                return Held(said[0], _filled(store, bundle), said[1])
        data.mkdir(parents=True, exist_ok=True)
        with closing(_open(data, address)) as store:
            return Held(said[0], _filled(store, bundle), said[1])


def move(data: Path, address: str, at: datetime) -> Held:
    """Carry the service in ``data`` from its SQLite file to a database in PostgreSQL, without loss.

    Both are exported and compared to the byte before the new one counts; the file is then renamed, so that
    nobody goes on with it by mistake and makes two records out of one.

    Raises
    ------
    InputError
        There is no SQLite file in ``data``, or the service is running.
    FormError
        The database isn't empty.
    """
    with _there(data, None) as store, closing(_open(data, address)) as target:
        if store.in_use():
            raise _running(store)
        with store.reading() as now:
            files = dict(exported(now, at, private=True))
        with target.writing() as work:
            counts = taken_in(work, files)
            if dict(exported(work, at, private=True)) != files:
                raise InputError(
                    "keep.move", "the new database doesn't give the same export; it was left empty"
                )
        if store.in_use():
            raise _running(store)
        kept = data / f"{DATABASE}.moved-{_stamp(at)}"
        (data / DATABASE).rename(kept)
    return Held(instant(at), counts, kept_beside=kept)


def _open(data: Path, address: str | None) -> AnyStore:
    kinds = every_kind()
    return SqliteStore(data / DATABASE, kinds) if address is None else PostgresStore(address, kinds)


@contextmanager
def _there(data: Path, address: str | None) -> Iterator[AnyStore]:
    """The store of a service that exists: looking at one must not make one."""
    if address is None and not (data / DATABASE).is_file():
        raise InputError("keep.empty", f"{data} holds no service: there is no {DATABASE} in it.")
    if not data.is_dir():
        raise InputError(
            "keep.empty", f"there is no folder {data}; expected the one given to 'serve --data'."
        )
    with closing(_open(data, address)) as store:
        yield store


def _checked(store: AnyStore, name: str) -> dict[str, int]:
    """How many of each; refuses a store that isn't sound."""
    with store.reading() as now:
        found = faults(now)
        counts = now.counts()
    if found:
        shown = "; ".join(found[:5]) + (f"; and {len(found) - 5} more" if len(found) > 5 else "")
        raise InputError("keep.unsound", f"{name} isn't sound: {shown}")
    return counts


def _filled(store: AnyStore, files: Mapping[str, bytes]) -> dict[str, int]:
    with store.writing() as work:
        taken_in(work, files)
        found = faults(work)
        if found:
            raise InputError("keep.unsound", "what was read isn't sound: " + "; ".join(found[:5]))
        return work.counts()


def _database(bundle: Bundle, fresh: Path) -> dict[str, int]:
    """The backup's database as an SQLite file in the folder, sound and brought up to date."""
    target = fresh / DATABASE
    if _COPY in bundle:
        bundle.unpack(_COPY, target)
        with closing(SqliteStore(target, every_kind())) as store:
            return _checked(store, "the database of the backup")
    fresh.mkdir(exist_ok=True)
    dump = {path.removeprefix(_DUMP): bundle[path] for path in bundle if path.startswith(_DUMP)}
    with closing(SqliteStore(target, every_kind())) as store:
        return _filled(store, dump)


def _put_in_place(fresh: Path, data: Path, address: str | None, at: datetime) -> Path | None:
    """Swap the folder in, and fill the server's database where there is one; what is kept beside."""
    kept = data.with_name(f"{data.name}.before-{_stamp(at)}")
    if address is not None:
        with closing(PostgresStore(address, every_kind())) as server:
            if server.in_use():
                raise _running(server)
            if _counts(server):
                _write_export(server, kept.with_name(f"{kept.name}.zip"), at, True, False)
            with closing(SqliteStore(fresh / DATABASE, every_kind())) as store, store.reading() as now:
                files = dict(exported(now, at, private=True))
            with server.writing() as work:
                work.clear()
                taken_in(work, files)
        (fresh / DATABASE).unlink()
    elif (data / DATABASE).is_file():
        with closing(_open(data, None)) as old:
            if old.in_use():
                raise _running(old)
    there = data.exists() and any(data.iterdir())
    if there:
        data.rename(kept)
    fresh.rename(data)
    _flush(data.parent)
    return kept if there else None


def _taken(data: Path, address: str | None) -> str:
    """What a restore would replace, '' for nothing."""
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        return f"{data} holds something already"
    if address is not None:
        with closing(PostgresStore(address, every_kind())) as server:
            if _counts(server):
                return f"the database {server.address} holds something already"
    return ""


def _counts(store: AnyStore) -> dict[str, int]:
    with store.reading() as now:
        return now.counts()


def _running(store: AnyStore) -> InputError:
    return InputError(
        "keep.running", f"{store.address} is open in another program; stop 'bothbanks serve' first."
    )


def _other_files(data: Path) -> Iterable[Path]:
    """What the service keeps beside its database, by name."""
    for path in sorted(data.rglob("*")):
        inside = path.relative_to(data)
        if path.is_file() and not inside.parts[0].startswith(DATABASE) and ".part" not in path.suffixes:
            yield path


def _near(target: Path) -> Path:
    """A folder on the same disk as the target, so that a rename moves nothing."""
    target.absolute().parent.mkdir(parents=True, exist_ok=True)
    return target.absolute().parent


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _stamp(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%S}"
