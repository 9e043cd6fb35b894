"""Publish a statement with its terms, and recompute one from what was published with it.

The published folder is all a member needs: the statement, the terms beside it, and the data files. What kind
of payment it states (by a trigger, by an outcome grant) is a ``Kind``: the formats of its two documents, and
the one function that states it, both when it is first computed and when it is verified.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Generic, TypeVar

from bothbanks import __version__
from bothbanks.standards.payout_json import Json, canonical, differences, parse, sha256
from bothbanks.words.errors import BothbanksError, InputError

R = TypeVar("R")
Read = Callable[[str, str], bytes]
"""(path below the published folder, what it is) -> its bytes."""

LARGEST_FILE = 256 * 1024 * 1024
"""Bytes beyond which a data file is refused: a gauge's record of a century by the minute is smaller."""


@dataclass(frozen=True)
class Difference:
    """One place where a statement and what was recomputed disagree."""

    where: str
    stated: str
    recomputed: str

    def __str__(self) -> str:
        return f"{self.where}: stated {self.stated}, recomputed {self.recomputed}"


@dataclass(frozen=True)
class Verdict:
    """What verifying found. ``notes`` are worth knowing and no difference."""

    statement_sha256: str
    due_total: int
    currency: str
    differences: tuple[Difference, ...]
    notes: tuple[str, ...] = ()

    @property
    def matches(self) -> bool:
        """True where nothing differs."""
        return not self.differences


@dataclass(frozen=True)
class Terms:
    """Terms as published: the name of their file, its bytes, and the document they hold."""

    file: str
    data: bytes
    document: Json


@dataclass(frozen=True)
class Kind(Generic[R]):
    """A kind of payment. ``about`` is the key under which its statement names the terms.

    ``state`` gives the result and its statement from the terms, from what was asked (in a statement to
    verify: the statement itself) and from the data files it reads.
    """

    about: str
    statement_format: str
    terms_format: str
    state: Callable[[Terms, Mapping[str, Any], Read], tuple[R, Json]]


def publish(kind: Kind[R], terms: Json, asked: Mapping[str, Any], data: Path, out: Path) -> R:
    """State a payment; write the statement to ``out`` and its terms beside it, named by their hash.

    Raises
    ------
    InputError
        Data that can't be read or don't give the payment, or ``out`` is a data file. Nothing is written then.
    """
    found = canonical(terms)
    name = f"{terms['id']}-terms-{sha256(found)[:12]}.json"
    files = _Files(data)
    result, statement = kind.state(
        Terms(name, found, parse(found, name, kind.terms_format)), asked, files.read
    )
    if out.resolve() in {(data / about["file"]).resolve() for about in statement["data"]}:
        raise InputError(
            "payout.out", f"{out} is a data file that the statement is computed from; give another --out."
        )
    written = canonical(statement)
    parse(written, str(out), kind.statement_format)
    out.parent.mkdir(parents=True, exist_ok=True)
    _write(out.with_name(name), found)  # named by its hash: an older statement keeps the terms it names
    _write(out, written)
    return result


def verify(kind: Kind[R], statement: Path, data: Path | None = None) -> Verdict:
    """Recompute a statement from the terms beside it and the data files.

    ``data`` is the folder of the data files; by default that of the statement.

    Raises
    ------
    InputError
        The statement, its terms or a data file can't be read at all; a difference is no error.
    """
    raw = _bytes(statement, "the statement")
    stated = parse(raw, str(statement), kind.statement_format)
    terms = stated[kind.about]
    terms_bytes = _named(statement.parent, terms["file"], "the terms")
    found: list[Difference] = []
    _compare_hash(f"{kind.about}.sha256", terms["sha256"], terms_bytes, found)
    files = _Files(statement.parent if data is None else data)
    for k, about in enumerate(stated["data"], 1):
        contents = files.read(about["file"], "the data file")
        _compare_hash(f"data[{k}].sha256 ({about['file']})", about["sha256"], contents, found)
    again = _again(kind, stated, terms_bytes, files.read, found)
    known = {d.where.partition(" ")[0] for d in found}
    for where, one, other in differences(stated, again) if again is not None else ():
        if where not in known:
            found.append(Difference(where, one, other))
    return Verdict(
        sha256(canonical(stated)),
        stated["due"]["total"],
        stated["currency"],
        tuple(found),
        _notes(stated, raw),
    )


def _again(
    kind: Kind[R], stated: Json, terms_bytes: bytes, read: Read, found: list[Difference]
) -> Json | None:
    """The statement as recomputed; None, with the reason among the differences, where that can't be done."""
    name = stated[kind.about]["file"]
    try:
        terms = Terms(name, terms_bytes, parse(terms_bytes, name, kind.terms_format))
        return kind.state(terms, stated, read)[1]
    except BothbanksError as error:
        if not found:  # all hashes hold, so it was published like that: no difference, but of no use
            raise InputError(error.code, error.message) from None
        found.append(Difference("settlement", "one that was computed", f"none: {error.message}"))
        return None


class _Files:
    """Data files below a folder, each read once, so that what is hashed is what is read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._contents: dict[str, bytes] = {}

    def read(self, name: str, what: str) -> bytes:
        if name not in self._contents:
            self._contents[name] = _named(self._folder, name, what)
        return self._contents[name]


def _write(path: Path, data: bytes) -> None:
    """Write a file whole: whoever reads it sees all of it or what was there before."""
    fresh = path.with_name(f".{path.name}.partial-{os.getpid()}")
    try:
        with fresh.open("wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _compare_hash(where: str, stated: str, data: bytes, found: list[Difference]) -> None:
    if sha256(data) != stated:
        found.append(Difference(where, stated, sha256(data)))


def _notes(stated: Mapping[str, Any], raw: bytes) -> tuple[str, ...]:
    notes = []
    written = stated["software"]["version"]
    if written != __version__:
        notes.append(f"computed with version {written}, recomputed with {__version__}")
    if raw.rstrip(b"\n") != canonical(dict(stated)):
        notes.append("the file is not in canonical form; its hash is that of its canonical form")
    return tuple(notes)


def _named(folder: Path, name: str, what: str) -> bytes:
    """Bytes of a file below a folder; a name that leads out of it is refused."""
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts or "\\" in name or ":" in name or "\0" in name:
        raise InputError("payout.path", f"{what} is named '{name}', which leads out of {folder}.")
    path = folder / pure
    if not path.resolve().is_relative_to(folder.resolve()):
        raise InputError("payout.path", f"{what} '{name}' is a link that leads out of {folder}.")
    return _bytes(path, what)


def _bytes(path: Path, what: str) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError("payout.size", f"{path} has more than {LARGEST_FILE} bytes; is it {what}?")
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise InputError("payout.missing-file", f"there is no {path}; {what} is needed.") from None
    except IsADirectoryError:
        raise InputError("payout.missing-file", f"{path} is a folder; expected {what}.") from None
