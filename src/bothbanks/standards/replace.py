"""Replace a folder as a whole: readers see the old one or the new one, never a mixture."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


@contextmanager
def replace_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder to fill; on leaving, it takes the place of ``path``; an error leaves that alone.

    The new folder is made beside the old one, flushed to disk, and swapped in with one system call (on
    Linux; on other systems two renames, between which ``path`` is missing for an instant and lies beside it
    as ``.old``).
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    fresh = path.parent / f".{path.name}.partial-{os.getpid()}"
    fresh.mkdir()
    try:
        yield fresh
        _flush(fresh)
        if path.exists():
            _exchange(fresh, path)
        else:
            fresh.rename(path)
        _flush_entry(path.parent)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _exchange(fresh: Path, path: Path) -> None:
    if sys.platform.startswith("linux"):
        libc = ctypes.CDLL(None, use_errno=True)
        rename = getattr(libc, "renameat2", None)
        if rename and not rename(
            _AT_FDCWD, os.fsencode(fresh), _AT_FDCWD, os.fsencode(path), _RENAME_EXCHANGE
        ):
            return
    old = path.parent / f".{path.name}.old"
    shutil.rmtree(old, ignore_errors=True)
    path.rename(old)
    fresh.rename(path)
    shutil.rmtree(old)


def _flush(folder: Path) -> None:
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            with file.open("rb") as handle:
                os.fsync(handle.fileno())
    _flush_entry(folder)


def _flush_entry(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _sweep(path: Path) -> None:
    """Remove what a killed run of this program left behind."""
    for rest in path.parent.glob(f".{path.name}.partial-*"):
        number = rest.name.rpartition("-")[2]
        if number.isdigit() and int(number) != os.getpid() and _alive(int(number)):
            continue
        shutil.rmtree(rest, ignore_errors=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
