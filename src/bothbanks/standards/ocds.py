"""Read contracting data of any publisher (OCDS 1.1), merge it, and give it back unchanged in meaning.

A file is a release package, a record package or a single release. Each is checked against the official
schema; releases of one contracting process are merged by the standard's own rules into a compiled release
and a versioned one. What contradicts itself is not merged: it is kept, whole, with the reason and both files
named. So releases read = merged + repeated + refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bothbanks.standards.ocds_conflicts import conflicts, moment
from bothbanks.standards.ocds_schema import (
    PACKAGE,
    RECORDS,
    RELEASE,
    VERSIONED,
    MergeError,
    differences,
    faults,
    kind_of,
    merged,
    short,
)
from bothbanks.words.errors import InputError, Problem

OURS = "bothbanks"
"""Key that marks a file we write beside releases (flags, refused): no contracting data."""


@dataclass(frozen=True)
class Document:
    """One file as it was read; ``data`` holds everything in it, extensions included."""

    file: str
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Release:
    """One release and where it stood."""

    file: str
    place: str  # releases/0
    data: Mapping[str, Any]

    @property
    def ocid(self) -> str:
        """The contracting process it belongs to."""
        return str(self.data.get("ocid", ""))

    @property
    def id(self) -> str:
        """Its own id."""
        return str(self.data.get("id", ""))

    @property
    def where(self) -> str:
        """File and place, for messages."""
        return f"{self.file}: {self.place}" if self.place else self.file


@dataclass(frozen=True)
class Refused:
    """A release, or a file, that was read and not used: kept whole, with the reason."""

    file: str
    place: str
    ocid: str
    release: str
    reason: Problem
    data: Any


@dataclass(frozen=True)
class Process:
    """One contracting process: its releases by date, its present state, and its history.

    ``releases`` is empty and ``versioned`` may be None where only a record with links was given.
    """

    ocid: str
    releases: tuple[Release, ...]
    compiled: Mapping[str, Any]
    versioned: Mapping[str, Any] | None


@dataclass(frozen=True)
class Reading:
    """All that was read: documents, processes, what was refused and why, and what is worth a remark."""

    documents: tuple[Document, ...]
    processes: tuple[Process, ...]
    refused: tuple[Refused, ...]
    problems: tuple[Problem, ...]
    read: int  # releases
    repeated: int  # releases that another file held word for word
    remarks: tuple[str, ...]

    @property
    def merged(self) -> int:
        """Releases that went into a process."""
        return sum(len(p.releases) for p in self.processes)

    @property
    def refused_releases(self) -> int:
        """Releases that were refused; files that are no OCDS at all are refused too and hold none."""
        return sum(bool(r.place) for r in self.refused)

    def process(self, ocid: str) -> Process:
        """The process of that id. Raises KeyError."""
        return {p.ocid: p for p in self.processes}[ocid]


class OcdsError(InputError):
    """Contracting data that can't be used, with every problem found in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  {p}" for p in self.problems)
        super().__init__("ocds.check", f"{len(self.problems)} problem(s) in the contracting data:\n{lines}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel whole between processes, problems and all."""
        return type(self), (self.problems,)


def read(path: Path) -> Reading:
    """Read a file, or every ``.json`` file below a folder. Problems are gathered, not raised.

    Raises
    ------
    InputError
        There is no such file or folder, or the folder holds no ``.json`` file.
    """
    if path.is_dir():
        found = sorted(p for p in path.rglob("*.json") if p.is_file())
        names = [p.relative_to(path).as_posix() for p in found]
    else:
        found, names = [path], [path.name]
    if not found or not all(p.is_file() for p in found):
        raise InputError("ocds.missing", f"no OCDS file at {path}; give a .json file or a folder of them.")
    return read_texts({name: p.read_bytes() for name, p in zip(names, found, strict=True)})


def read_texts(texts: Mapping[str, bytes]) -> Reading:
    """Read documents by name, as :func:`read` does files."""
    documents: list[Document] = []
    problems: list[Problem] = []
    refused: list[Refused] = []
    remarks: list[str] = []
    for file, text in texts.items():
        data = _parsed(file, text, problems)
        if isinstance(data, Mapping) and OURS in data:
            remarks.append(f"{file}: written by bothbanks beside the releases ({data[OURS]}); not read.")
            continue
        kind = kind_of(data) if data is not None else None
        if data is not None and kind is None:
            problems.append(
                Problem(file, "", "", "neither releases, records nor one release",
                        "a release package, a record package or a release of OCDS 1.1", "ocds.kind")
            )  # fmt: skip
        if kind is None:
            refused.append(Refused(file, "", "", "", problems[-1], text.decode("utf-8", "replace")))
            continue
        documents.append(Document(file, kind, data))
    return _gathered(documents, problems, refused, remarks)


def _gathered(
    documents: Sequence[Document], problems: list[Problem], refused: list[Refused], remarks: list[str]
) -> Reading:
    good: list[Release] = []
    linked: dict[str, list[tuple[Document, Mapping[str, Any]]]] = {}
    read = 0
    for document in documents:
        wrong = faults(document.kind, document.data, document.file)
        problems += wrong
        everything = list(_releases(document))
        read += len(everything)
        for release in everything:
            reasons = [w for w in wrong if _about(w, release)]
            if reasons:
                refused.append(_refusal(release, reasons[0]))
            else:
                good.append(release)
        if document.kind == RECORDS and not wrong:
            for record in document.data["records"]:
                linked.setdefault(str(record["ocid"]), []).append((document, record))
    repeated, by_process = _by_process(good)
    processes: list[Process] = []
    for ocid in sorted(set(by_process) | set(linked)):
        releases = by_process.get(ocid, [])
        records = linked.get(ocid, [])
        if not releases:
            processes.append(_linked_only(ocid, records, remarks))
            continue
        bad = conflicts(releases)
        made = bad[0] if bad else _merge(ocid, releases)
        if isinstance(made, Problem):
            problems += bad or [made]
            refused += [_refusal(r, made) for r in releases]
            continue
        problems += _against_records(made, records)
        processes.append(made)
    return Reading(
        tuple(documents), tuple(processes), tuple(refused), tuple(dict.fromkeys(problems)), read, repeated,
        tuple(remarks),
    )  # fmt: skip


def _releases(document: Document) -> Iterable[Release]:
    if document.kind == RELEASE:
        yield Release(document.file, "", document.data)
        return
    if document.kind == PACKAGE:
        lists = [("releases", document.data.get("releases"))]
    else:
        records = document.data.get("records")
        lists = [
            (f"records/{i}/releases", r.get("releases") if isinstance(r, Mapping) else None)
            for i, r in enumerate(records if isinstance(records, list) else ())
        ]
    for place, items in lists:
        for k, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, Mapping) and "ocid" in item:  # linked releases have a url instead
                yield Release(document.file, f"{place}/{k}", item)


def _about(problem: Problem, release: Release) -> bool:
    """A fault of this release, or of the file around it."""
    if problem.field.startswith(("releases/", "records/")):
        return bool(release.place) and f"{problem.field}/".startswith(f"{release.place}/")
    return True


def _refusal(release: Release, reason: Problem) -> Refused:
    return Refused(
        release.file, release.place or "(the whole file)", release.ocid, release.id, reason, release.data
    )


def _by_process(good: Sequence[Release]) -> tuple[int, dict[str, list[Release]]]:
    """Releases by process, those that say the same word for word only once."""
    out: dict[str, list[Release]] = {}
    repeated = 0
    for release in good:
        known = out.setdefault(release.ocid, [])
        if any(r.id == release.id and r.data == release.data for r in known):
            repeated += 1
        else:
            known.append(release)
    return repeated, out


def _in_time(releases: Sequence[Release]) -> tuple[Release, ...]:
    return tuple(sorted(releases, key=lambda r: moment(r.data["date"])))


def _merge(ocid: str, releases: Sequence[Release]) -> Process | Problem:
    """The process, or why its releases can't be merged."""
    ordered = _in_time(releases)
    try:
        return Process(ocid, ordered, *merged([r.data for r in ordered]))
    except MergeError as error:
        last = ordered[error.number]
        expected = "ids that are unique in their list, and fields that stay of one kind"
        return Problem(last.file, f"release {last.id} of {ocid}", "", str(error), expected, "ocds.merge")


def _linked_only(
    ocid: str, records: Sequence[tuple[Document, Mapping[str, Any]]], remarks: list[str]
) -> Process:
    given = [r for _, r in records]
    compiled: Mapping[str, Any] = next((r["compiledRelease"] for r in given if "compiledRelease" in r), {})
    versioned = next((r["versionedRelease"] for r in given if "versionedRelease" in r), None)
    remarks.append(f"{ocid}: only a record with links was given; its releases were not read.")
    return Process(ocid, (), compiled, versioned)


def _against_records(
    process: Process, records: Sequence[tuple[Document, Mapping[str, Any]]]
) -> list[Problem]:
    """Where a record's own compiled release disagrees with its releases merged."""
    out = []
    for document, record in records:
        theirs = record.get("compiledRelease")
        if theirs is None or theirs.get("date") != process.compiled.get("date"):
            continue
        for path, ours, given in differences(process.compiled, theirs):
            out.append(
                Problem(document.file, f"record {process.ocid}", f"compiledRelease/{path}", short(given),
                        f"{short(ours)}, as its releases merge to", "ocds.compiled")
            )  # fmt: skip
    return out


def _parsed(file: str, text: bytes, problems: list[Problem]) -> Any:
    try:
        return json.loads(
            text.decode("utf-8-sig"), object_pairs_hook=_no_key_twice, parse_constant=_no_constant
        )
    except UnicodeDecodeError as error:
        found = f"byte 0x{text[error.start]:02x} at position {error.start}"
        problems.append(Problem(file, "", "", found, "UTF-8 text", "ocds.encoding"))
    except ValueError as error:
        problems.append(Problem(file, "", "", str(error), "JSON", "ocds.format"))
    return None


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key '{twice}' twice in one object, of which JSON readers keep only one")
    return out


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name}, which is no number of JSON")


def text_of(data: Any) -> str:
    """JSON as we write it: UTF-8, two spaces, keys in the order given, the same bytes each time."""
    return json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def record_package(reading: Reading, meta: Mapping[str, Any]) -> dict[str, Any]:
    """The processes as a record package, each with its releases, compiled and versioned release.

    ``meta`` holds uri, publisher, publishedDate and what else the package says of itself. A versioned release
    is left out where the official schema refuses it, as it does a history of translated texts (``title_de``);
    the releases beside it hold the same history.
    """
    records = []
    for process in reading.processes:
        record: dict[str, Any] = {"ocid": process.ocid}
        if process.releases:
            record["releases"] = [r.data for r in process.releases]
        record["compiledRelease"] = process.compiled
        if process.versioned is not None and not faults(VERSIONED, process.versioned, ""):
            record["versionedRelease"] = process.versioned
        records.append(record)
    return {**meta, "version": "1.1", "records": records}
