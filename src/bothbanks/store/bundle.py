"""A zip that says what is in it: each file's SHA-256 in a manifest, checked before anything is used.

The same files give the same bytes (fixed times, sorted names). It is written beside its target, flushed to
the disk and renamed, so a cut-short run leaves no half a bundle under its name.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from bothbanks.words.errors import InputError

_WHEN = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say
_PIECE = 1 << 20
Content = bytes | Path


def write_bundle(
    target: Path, manifest: str, said: Mapping[str, Any], files: Iterable[tuple[str, Content]], replace: bool
) -> None:
    """Write the files and, last, their manifest (``said`` and the hashes of all).

    Raises
    ------
    InputError
        ``target`` is there already and is not to be replaced.
    OSError
        It can't be written; nothing is left behind.
    """
    if target.exists() and not replace:
        raise InputError("keep.there", f"{target} exists; give another name, or --replace to write over it.")
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        # Keys and personal data may be inside: nobody else on the machine reads it.
        with os.fdopen(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
                sums = {path: _add(bundle, path, content) for path, content in files}
                text = json.dumps({**said, "files": dict(sorted(sums.items()))}, indent=1, ensure_ascii=False)
                _add(bundle, manifest, f"{text}\n".encode())
            out.flush()
            os.fsync(out.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _add(bundle: zipfile.ZipFile, path: str, content: Content) -> dict[str, Any]:
    entry = zipfile.ZipInfo(path, _WHEN)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    digest, size = hashlib.sha256(), 0
    with bundle.open(entry, "w", force_zip64=True) as out:
        for piece in _pieces(content):
            digest.update(piece)
            size += len(piece)
            out.write(piece)
    return {"sha256": digest.hexdigest(), "bytes": size}


def _pieces(content: Content) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as source:
        while piece := source.read(_PIECE):
            yield piece


class Bundle(Mapping[str, bytes]):
    """An open bundle, every file of which is what its manifest says.

    Raises
    ------
    InputError
        No zip, another format or version, a file that is missing, altered or not listed, or one that would
        be unpacked outside its folder. All of them are named.
    """

    def __init__(self, source: Path, manifest: str, format: str, version: int) -> None:
        try:
            self._zip = zipfile.ZipFile(source)
        except (OSError, zipfile.BadZipFile) as error:
            raise InputError("keep.zip", f"{source} can't be read as a zip file ({error})") from error
        try:
            self.said = self._manifest(source, manifest, format, version)
            self.sums: dict[str, dict[str, Any]] = self.said.get("files", {})
            self._check(source, manifest)
        except BaseException:
            self.close()
            raise

    def _manifest(self, source: Path, manifest: str, format: str, version: int) -> dict[str, Any]:
        try:
            said = json.loads(self._zip.read(manifest))
            found = (said["format"], said["version"])
        except (KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
            raise InputError("keep.format", f"{source} has no readable {manifest}: no {format}") from error
        if found != (format, version):
            raise InputError(
                "keep.format",
                f"{source} is a '{found[0]}' of version {found[1]}; expected '{format}', version {version}",
            )
        return dict(said)

    def _check(self, source: Path, manifest: str) -> None:
        there = set(self._zip.namelist()) - {manifest}
        wrong = [f"{path} is missing" for path in sorted(set(self.sums) - there)]
        wrong += [f"{path} is not in the manifest" for path in sorted(there - set(self.sums))]
        for path in sorted(there & set(self.sums)):
            parts = PurePosixPath(path).parts
            if not parts or path.startswith("/") or "\\" in path or {"..", "."} & set(parts):
                wrong.append(f"{path!r} would be unpacked outside its folder")
            elif self._sum(path) != self.sums[path]["sha256"]:
                wrong.append(f"{path} isn't what its hash says")
        if wrong:
            raise InputError("keep.altered", f"{source} was altered or cut off: " + "; ".join(wrong))

    def _sum(self, path: str) -> str:
        digest = hashlib.sha256()
        try:
            with self._zip.open(path) as source:
                while piece := source.read(_PIECE):
                    digest.update(piece)
        except (zipfile.BadZipFile, EOFError, OSError):
            return ""
        return digest.hexdigest()

    def unpack(self, path: str, target: Path) -> None:
        """Write one file, readable by its owner only."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with (
            self._zip.open(path) as source,
            os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out,
        ):
            while piece := source.read(_PIECE):
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())

    def close(self) -> None:
        """Let go of the file."""
        self._zip.close()

    def __getitem__(self, path: str) -> bytes:
        if path not in self.sums:
            raise KeyError(path)
        return self._zip.read(path)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.sums))

    def __len__(self) -> int:
        return len(self.sums)
