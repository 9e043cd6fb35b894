"""The record as files that prove themselves: what an export holds under ``record/``, written and read.

``record/manifest.json``
    format, version, origin, size, and the instant of the export.
``record/leaves.jsonl``
    The leaves in order, one a line, byte for byte as they were hashed (canonical JSON has no line break).
``record/hashes.txt``
    The leaf hashes in order, lower-case hex, one a line. Derived; they let an auditor name *which* leaf was
    altered, dropped or moved, where the signed roots alone only say that something was.
``record/checkpoints/<size>.txt``
    Each signed note with its cosignatures; the size with 12 digits, so that names sort as numbers.
``record/keys.json``
    The keys for reading along. Derived: what counts are the entries that registered them.
``record/private.jsonl``
    Only for those who may see it: seq, salt (hex) and the sealed part, one a line. Left out, everything else
    still verifies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bothbanks.record.leaf import canonical, instant, parsed
from bothbanks.record.note import Head, Note
from bothbanks.record.tree import leaf_hash
from bothbanks.words.errors import InputError

ROOM = "record/"
FORMAT, VERSION = "bothbanks-record", 1
MANIFEST, LEAVES, HASHES = f"{ROOM}manifest.json", f"{ROOM}leaves.jsonl", f"{ROOM}hashes.txt"
KEYS, PRIVATE = f"{ROOM}keys.json", f"{ROOM}private.jsonl"
_CHECKPOINT = re.compile(rf"^{ROOM}checkpoints/(\d{{12}})\.txt$")


@dataclass(frozen=True)
class Sealed:
    """The sealed part of one entry, with the salt that opens its commitment."""

    seq: int
    salt: bytes
    private: Mapping[str, Any]


@dataclass(frozen=True)
class Parts:
    """The record read from an export, nothing verified yet."""

    leaves: tuple[bytes, ...]
    hashes: tuple[bytes, ...]
    notes: tuple[Note, ...]
    sealed: tuple[Sealed, ...] = ()
    exported: str = ""
    faults: tuple[str, ...] = field(default=())
    """Parts that are missing or can't be read, in words."""


def parts(
    leaves: Iterable[bytes],
    notes: Iterable[Note],
    keys: Mapping[str, Any],
    at: datetime,
    sealed: Iterable[Sealed] = (),
) -> Iterator[tuple[str, bytes]]:
    """The files of the record, (path in the zip, bytes), in the order in which they should be written.

    Parameters
    ----------
    leaves : all of them, in order
    notes : the signed heads with their cosignatures
    keys : what ``registry.keys_json`` gives
    at : the instant of the export
    sealed : private parts that the reader of this export may see
    """
    kept = list(leaves)
    yield LEAVES, b"".join(leaf + b"\n" for leaf in kept)
    yield HASHES, b"".join(leaf_hash(leaf).hex().encode() + b"\n" for leaf in kept)
    for note in notes:
        yield f"{ROOM}checkpoints/{Head.read(note.text).size:012d}.txt", str(note).encode()
    yield KEYS, canonical(keys) + b"\n"
    lines = [canonical({"seq": s.seq, "salt": s.salt.hex(), "private": s.private}) + b"\n" for s in sealed]
    if lines:
        yield PRIVATE, b"".join(lines)
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "origin": keys.get("origin", ""),
        "size": len(kept),
        "exported": instant(at),
    }
    yield MANIFEST, canonical(manifest) + b"\n"


def read_parts(files: Mapping[str, bytes]) -> Parts:
    """Read the files of a record; whatever is wrong with one of them is a fault, not an error.

    Raises
    ------
    InputError
        There are no leaves, or another format or version: this is no export of a record.
    """
    manifest = _manifest(files)
    if LEAVES not in files:
        raise InputError(
            "record.export", f"there is no {LEAVES}; expected an export made by 'bothbanks export'"
        )
    faults: list[str] = []
    leaves = _lines(files[LEAVES])
    if not _ended(files[LEAVES]):
        faults.append(f"{LEAVES} was cut off in the middle of a line")
    size = manifest.get("size")
    if size != len(leaves):
        faults.append(f"{MANIFEST} says {size} entries; {LEAVES} has {len(leaves)}")
    return Parts(
        leaves,
        _hashes(files.get(HASHES), faults),
        tuple(_notes(files, faults)),
        tuple(_sealed(files.get(PRIVATE, b""), faults)),
        str(manifest.get("exported", "")),
        tuple(faults),
    )


def _manifest(files: Mapping[str, bytes]) -> dict[str, Any]:
    try:
        manifest = json.loads(files[MANIFEST])
    except (KeyError, ValueError):
        raise InputError(
            "record.export",
            f"there is no readable {MANIFEST}; expected an export made by 'bothbanks export'",
        ) from None
    if not isinstance(manifest, dict) or (manifest.get("format"), manifest.get("version")) != (
        FORMAT,
        VERSION,
    ):
        raise InputError("record.export", f"{MANIFEST} isn't of format {FORMAT}, version {VERSION}")
    return manifest


def _lines(data: bytes) -> tuple[bytes, ...]:
    return tuple(data.removesuffix(b"\n").split(b"\n")) if data else ()


def _ended(data: bytes) -> bool:
    return not data or data.endswith(b"\n")


def _hashes(data: bytes | None, faults: list[str]) -> tuple[bytes, ...]:
    try:
        hashes = tuple(bytes.fromhex(line.decode("ascii")) for line in _lines(data or b""))
    except ValueError:
        hashes = (b"",)
    if data is None or not _ended(data) or any(len(h) != 32 for h in hashes):
        faults.append(f"{HASHES} is missing or can't be read; which entry was altered can't be told exactly")
        return ()
    return hashes


def _notes(files: Mapping[str, bytes], faults: list[str]) -> Iterator[Note]:
    for name in sorted(files):
        match = _CHECKPOINT.match(name)
        if match is None:
            continue
        try:
            note = Note.read(files[name].decode())
            size = Head.read(note.text).size
        except (InputError, UnicodeDecodeError) as error:
            faults.append(f"{name} is no signed checkpoint ({getattr(error, 'message', 'no UTF-8')})")
            continue
        if size != int(match[1]):
            faults.append(f"{name} is a checkpoint of {size} entries")
        yield note


def _sealed(data: bytes, faults: list[str]) -> Iterator[Sealed]:
    for number, line in enumerate(_lines(data), start=1):
        try:
            row = parsed(line)
            seq, salt, private = row["seq"], bytes.fromhex(row["salt"]), row["private"]
            fits = isinstance(seq, int) and isinstance(private, dict)
        except (ValueError, KeyError, TypeError):
            fits = False
        if fits:
            yield Sealed(seq, salt, private)
        else:
            faults.append(f"{PRIVATE}, line {number}: expected seq, salt and private")
