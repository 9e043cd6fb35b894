"""Verify an export from its file alone, and put it in words."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bothbanks.record.audit import Audit, Finding, against_leaves, against_note, audit
from bothbanks.record.export import ROOM, Parts, read_parts
from bothbanks.record.note import Key, Note
from bothbanks.words.errors import InputError

LARGEST = 4 << 30
"""Bytes of one part of an export, unpacked: beyond this it isn't read."""


@dataclass(frozen=True)
class Verified:
    """What verifying came to."""

    audit: Audit
    findings: tuple[Finding, ...]
    notices: tuple[str, ...]

    @property
    def authentic(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def verify(export: Path, trust: Path | None = None, against: Path | None = None) -> Verified:
    """Verify an export.

    Parameters
    ----------
    export : the zip that ``bothbanks export`` wrote
    trust : keys that the auditor has from elsewhere, as ``/record/keys`` gives them
    against : another export, or the state folder of a witness

    Raises
    ------
    InputError
        A file can't be read as what it should be.
    """
    mine = read_parts(_files(export))
    found = audit(mine, None if trust is None else _trusted(trust))
    findings, notices = list(found.findings), list(found.notices)
    if against is not None:
        more, said = _against(mine, found, against)
        findings += more
        notices += said
    return Verified(found, tuple(findings), tuple(notices))


def told(verified: Verified) -> Iterator[str]:
    """The result line by line, for an auditor."""
    found = verified.audit
    if found.keys:
        yield f"Record {found.keys.origin}, {found.size} entries."
    for finding in verified.findings:
        yield f"NOT AUTHENTIC {finding}"
    if not verified.authentic:
        yield f"{len(verified.findings)} finding(s): this is not the record as it was signed."
        return
    yield f"Authentic: all {found.size} entries, their order and {len(found.heads)} signed head(s) fit."
    if found.sealed:
        yield f"{found.sealed} personal part(s) are the ones that the entries were sealed over."
    assert found.keys is not None
    yield f"Signed by the host's key {found.keys.host[-1].key.text}"
    for member, vouched in found.witnesses.items():
        when = f", {vouched.at:%Y-%m-%d %H:%M:%S} UTC" if vouched.at else ""
        key = found.keys.witness_key(member, vouched.size)
        yield f"{member} vouches for the first {vouched.size} entries{when}, with {key.text if key else ''}"
    yield from _final(found)
    for notice in verified.notices:
        yield f"Note: {notice}"


def _final(found: Audit) -> Iterator[str]:
    if found.final == found.size:
        yield "Final: a quorum of the members' witnesses vouches for all of it."
        return
    missing = f"(missing: {', '.join(found.quorum.missing)})"
    if found.final:
        yield f"Final up to entry {found.final - 1}; from entry {found.final} on it is pending {missing}."
    else:
        yield f"Pending: no quorum of witnesses vouches for it {missing}. Only its host does."


def _files(path: Path) -> dict[str, bytes]:
    """The record's files of an export."""
    try:
        with zipfile.ZipFile(path) as archive:
            wanted = [info for info in archive.infolist() if info.filename.startswith(ROOM)]
            for info in wanted:
                if info.file_size > LARGEST:
                    raise InputError("verify.size", f"{path}: {info.filename} unpacks to more than 4 GiB")
            return {info.filename: archive.read(info) for info in wanted if not info.is_dir()}
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise InputError("verify.file", f"{path} can't be read as a zip ({error})") from None


def _trusted(path: Path) -> frozenset[Key]:
    try:
        keys = json.loads(path.read_text(encoding="utf-8"))
        rows = [*keys.get("host", ()), *keys.get("witnesses", ())]
        found = frozenset(Key.read(row if isinstance(row, str) else row["key"]) for row in rows)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            "verify.trust", f"{path} doesn't name keys ({error}); expected what /record/keys answers"
        ) from None
    if not found:
        raise InputError("verify.trust", f"{path} names no key; expected what /record/keys answers")
    return found


def _against(mine: Parts, found: Audit, path: Path) -> tuple[list[Finding], list[str]]:
    if path.is_dir():
        file = path / "checkpoint.txt"
        if not file.exists():
            raise InputError("verify.against", f"{path} isn't the folder of a witness: no checkpoint.txt")
        findings, notices = against_note(mine, Note.read(file.read_text(encoding="utf-8")), found)
        for name in sorted((path / "evidence").glob("*-report.json")):
            notices.append(f"the witness holds evidence of a split view: {name}")
        return findings, notices
    return against_leaves(mine, read_parts(_files(path))), []
