"""Everything a store holds as files in open formats, and back into an empty store of either kind.

``objects/<kind>.jsonl``, ``objects/<kind>.schema.json``
    A line an object: id, version, what it is asked by, its state; and the JSON Schema of the states.
``layers/<layer>.geojson``
    The features of an editable layer (RFC 7946), each with its version and validity.
``record/...``
    The record, in the layout that ``bothbanks verify`` reads (``record/export.py``).
``store/checkpoints.jsonl``, ``store/jobs.jsonl``
    Signed heads with what the witnesses signed, as kept; and the jobs.

A store that reads these files and writes them again gives the same bytes. Kinds that may hold what is
personal, sealed parts, layers and jobs are only in an export that is asked for them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Table, func, insert, select

from bothbanks.record.export import LEAVES, PRIVATE, Sealed, parts, read_parts
from bothbanks.record.leaf import canonical, instant, moment, opens, read
from bothbanks.record.note import Note
from bothbanks.record.registry import OPENED, keys_json, registry
from bothbanks.record.tree import grown, leaf_hash
from bothbanks.store import tables
from bothbanks.store.errors import FormError
from bothbanks.store.interface import Feature, Kind
from bothbanks.store.transaction import Transaction
from bothbanks.words.errors import BothbanksError, InputError

CHECKPOINTS, JOBS = "store/checkpoints.jsonl", "store/jobs.jsonl"
_STATE = ',"state":'
_ROWS = 500
Files = Mapping[str, bytes]


def exported(work: Transaction, at: datetime, private: bool) -> Iterator[tuple[str, bytes]]:
    """The files of an export as (path, bytes); ``private`` asks for what is not for everybody, too."""
    yield from _objects_out(work, private)
    yield from _record_out(work, at, private)
    yield CHECKPOINTS, _lines_out(_checkpoints_out(work))
    if private:
        yield from _layers_out(work)
        yield JOBS, _lines_out(_jobs_out(work))


def left_out(work: Transaction) -> list[str]:
    """Names of the kinds that an export without ``private`` leaves out, where there are objects of them."""
    return [name for name in _kinds_there(work) if not _open(work, name)]


def taken_in(work: Transaction, files: Files) -> dict[str, int]:
    """Fill an empty store from the files of an export; how many of each there were.

    Every leaf is read and every private part opened against its leaf before it is kept; the tree is made
    anew from the leaves.

    Raises
    ------
    FormError
        The store isn't empty, or a line can't be read.
    InputError
        The files hold no record, or one whose parts disagree.
    """
    full = {t.name: _count(work, t) for t in tables.metadata.sorted_tables if _count(work, t)}
    if full:
        found = ", ".join(f"{count} in {name}" for name, count in sorted(full.items()))
        raise FormError(f"an export is taken into an empty database only; this one has {found}")
    counts = {"objects": 0, "features": 0}
    for path in sorted(files):
        if path.startswith("objects/") and path.endswith(".jsonl"):
            counts["objects"] += _objects_in(work, path, files[path])
    counts["entries"] = _record_in(work, files)
    counts["checkpoints"] = _checkpoints_in(work, files.get(CHECKPOINTS, b""))
    for path in sorted(files):
        if path.startswith("layers/") and path.endswith(".geojson"):
            counts["features"] += _layer_in(work, path, files[path])
    counts["jobs"] = _jobs_in(work, files.get(JOBS, b""))
    return counts


# Objects


def _objects_out(work: Transaction, private: bool) -> Iterator[tuple[str, bytes]]:
    t = tables.objects
    for name in _kinds_there(work):
        if not (private or _open(work, name)):
            continue
        rows = work.connection.execute(select(t).where(t.c.kind == name).order_by(t.c.id))
        yield f"objects/{name}.jsonl", "".join(_object_line(row) for row in rows).encode()
        if name in work.kinds.by_name:
            yield f"objects/{name}.schema.json", canonical(_schema(work.kinds.by_name[name])) + b"\n"


def _object_line(row: Any) -> str:
    """The state stays as it is kept, to the byte; a quoted key can't occur inside a JSON string."""
    head = {"id": row.id, "version": row.version}
    keys = {name: getattr(row, name) for name in ("parent", "status", "owner")}
    line = _json({**head, **keys, "due": None if row.due is None else instant(row.due)})
    return f"{line[:-1]}{_STATE}{row.body}}}\n"


def _objects_in(work: Transaction, path: str, data: bytes) -> int:
    name = path.removeprefix("objects/").removesuffix(".jsonl")
    rows = []
    for number, line in _lines_in(path, data):
        head, mark, body = line.partition(_STATE)
        try:
            if not mark or not body.endswith("}"):
                raise ValueError("no state")
            said, body = json.loads(head + "}"), body[:-1]
            kind = work.kinds.by_name.get(name)
            if kind is None:
                json.loads(body)
            else:
                kind.adapter.validate_json(body)
            due = None if said["due"] is None else moment(said["due"])
            fields = {key: str(said[key]) for key in ("id", "parent", "status", "owner")}
            rows.append({"kind": name, **fields, "version": int(said["version"]), "due": due, "body": body})
        except (ValueError, KeyError, TypeError, InputError) as error:
            raise _unreadable(path, number, "id, version, parent, status, owner, due, state") from error
    _insert(work, tables.objects, rows)
    return len(rows)


def _kinds_there(work: Transaction) -> list[str]:
    t = tables.objects
    return list(work.connection.execute(select(t.c.kind).distinct().order_by(t.c.kind)).scalars())


def _open(work: Transaction, name: str) -> bool:
    kind = work.kinds.by_name.get(name)
    return kind is not None and not kind.personal


def _schema(kind: Kind[Any]) -> dict[str, Any]:
    schema = kind.adapter.json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


# Record


def _record_out(work: Transaction, at: datetime, private: bool) -> Iterator[tuple[str, bytes]]:
    entries = work.entries()
    notes = [
        Note.read(checkpoint.note + "".join(f"{c.line}\n" for c in work.cosignatures(checkpoint.size)))
        for checkpoint in work.checkpoints()
    ]
    opened = next((entry.subject for entry in entries if entry.kind == OPENED), None)
    own = [(e.seq, e.kind, read(e.leaf).body) for e in entries if e.subject == opened]
    keys = keys_json(registry(own)) if own else {}
    sealed = [Sealed(seq, *part) for seq, part in work.privates().items()] if private else []
    yield from parts((entry.leaf for entry in entries), notes, keys, at, sealed)


def _record_in(work: Transaction, files: Files) -> int:
    record = read_parts(files)
    if record.faults:
        raise InputError("store.import", "the record of this export isn't whole: " + "; ".join(record.faults))
    hashes = [leaf_hash(leaf) for leaf in record.leaves]
    if list(record.hashes) != hashes:
        raise InputError("store.import", f"the hashes beside {LEAVES} aren't those of its leaves")
    rows = []
    for seq, leaf in enumerate(record.leaves):
        said = read(leaf)
        rows.append({"seq": seq, "at": said.at, "kind": said.kind, "subject": said.subject, "leaf": leaf})
    _insert(work, tables.entries, rows)
    nodes = grown(hashes)
    _insert(work, tables.nodes, [{"level": n[0], "place": n[1], "hash": each} for n, each in nodes.items()])
    secret = []
    for part in record.sealed:
        if not 0 <= part.seq < len(rows) or not opens(record.leaves[part.seq], part.salt, part.private):
            raise InputError(
                "store.import", f"{PRIVATE}: the private part of entry {part.seq} isn't what its leaf seals"
            )
        body = canonical(part.private).decode()
        secret.append({"seq": part.seq, "salt": part.salt, "body": body})
    _insert(work, tables.privates, secret)
    return len(rows)


def _checkpoints_out(work: Transaction) -> Iterator[dict[str, Any]]:
    for kept in work.checkpoints():
        signed = [{"witness": c.witness, "line": c.line} for c in work.cosignatures(kept.size)]
        yield {"size": kept.size, "root": kept.root.hex(), "note": kept.note, "cosignatures": signed}


def _checkpoints_in(work: Transaction, data: bytes) -> int:
    count = 0
    for number, line in _lines_in(CHECKPOINTS, data):
        try:
            said = json.loads(line)
            work.keep_checkpoint(int(said["size"]), bytes.fromhex(said["root"]), str(said["note"]))
            for signed in said["cosignatures"]:
                work.keep_cosignature(int(said["size"]), str(signed["witness"]), str(signed["line"]))
        except (ValueError, KeyError, TypeError) as error:
            raise _unreadable(CHECKPOINTS, number, "size, root, note, cosignatures") from error
        count += 1
    return count


# Layers and jobs


def _layers_out(work: Transaction) -> Iterator[tuple[str, bytes]]:
    for layer in work.layers():
        features = [_json(_feature_out(feature)) for feature in work.features(layer)]
        body = ",\n".join(features)
        head = f'{{"type":"FeatureCollection","name":{_json(layer)},"features":[\n'
        yield f"layers/{quote(layer, safe='')}.geojson", f"{head}{body}\n]}}\n".encode()


def _feature_out(feature: Feature) -> dict[str, Any]:
    said = {"type": "Feature", "id": feature.id, "geometry": feature.geometry}
    kept: dict[str, Any] = {"version": feature.version}
    for name in ("valid_from", "valid_to"):
        at = getattr(feature, name)
        kept[name] = None if at is None else instant(at)
    return {**said, "properties": feature.properties, "bothbanks": kept}


def _layer_in(work: Transaction, path: str, data: bytes) -> int:
    try:
        said = json.loads(data)
        for feature in said["features"]:
            kept = feature["bothbanks"]
            valid = [
                None if kept[name] is None else moment(kept[name]) for name in ("valid_from", "valid_to")
            ]
            what = Feature(said["name"], feature["id"], 0, feature["geometry"], feature["properties"], *valid)
            work.save_feature(what, None, version=int(kept["version"]))
    except (ValueError, KeyError, TypeError, BothbanksError) as error:
        raise FormError(f"{path} is no layer that an export wrote ({error})") from error
    return len(said["features"])


def _jobs_out(work: Transaction) -> Iterator[dict[str, Any]]:
    for row in work.connection.execute(select(tables.jobs).order_by(tables.jobs.c.id)):
        said = row._asdict()
        yield {key: instant(v) if isinstance(v, datetime) else v for key, v in said.items()}


def _jobs_in(work: Transaction, data: bytes) -> int:
    rows = []
    for number, line in _lines_in(JOBS, data):
        try:
            said = json.loads(line)
            for name in ("made", "due", "lease_until"):
                said[name] = None if said[name] is None else moment(said[name])
            rows.append({column.name: said[column.name] for column in tables.jobs.columns})
        except (ValueError, KeyError, TypeError, InputError) as error:
            raise _unreadable(JOBS, number, "the fields of a job") from error
    _insert(work, tables.jobs, rows)
    return len(rows)


# Lines and rows


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _lines_out(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(f"{_json(dict(row))}\n" for row in rows).encode()


def _lines_in(path: str, data: bytes) -> Iterator[tuple[int, str]]:
    """Numbered lines; only a line feed ends one (a state may hold other separators of Unicode)."""
    if data and not data.endswith(b"\n"):
        raise FormError(f"{path} was cut off in the middle of a line")
    try:
        yield from enumerate(data.decode().split("\n")[:-1], start=1)
    except UnicodeDecodeError as error:
        raise FormError(f"{path} isn't UTF-8 ({error})") from error


def _unreadable(path: str, number: int, expected: str) -> FormError:
    return FormError(f"{path}, line {number}: expected {expected}, as an export writes them")


def _insert(work: Transaction, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    for begin in range(0, len(rows), _ROWS):
        work.connection.execute(insert(table), [dict(row) for row in rows[begin : begin + _ROWS]])


def _count(work: Transaction, table: Table) -> int:
    return int(work.connection.execute(select(func.count()).select_from(table)).scalar_one())
