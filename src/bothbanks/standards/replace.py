"""Replace a folder as a whole: readers see the old one or the new one, never a mixture.

Everything is written into a hidden folder beside the target, flushed to disk, and swapped in by one
system call
(Linux, macOS). Where the system has no such call, the old folder is put aside first, and ``recover`` puts it
back at the next start if the swap was cut short.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_RENAME_SWAP = 2


@contextmanager
def replace_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder to fill; on leaving, it takes the place of ``path``; an error leaves that
    alone.
    """
    path = Path(path).absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    recover(path)
    fresh = _beside(path, "partial", os.getpid())
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    try:
        yield fresh
        _flush(fresh)
        _swap(fresh, path)
        _flush_entry(path.parent)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def recover(path: Path) -> None:
    """Undo what a killed run left behind: restore a folder put aside, delete unfinished ones."""
    aside = _beside(path, "old", 0)
    if aside.exists():
        if path.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            os.rename(aside, path)
    for left in path.parent.glob(f".{path.name}.partial-*"):
        pid = left.name.rsplit("-", 1)[-1]
        if pid.isdigit() and (int(pid) == os.getpid() or not _alive(int(pid))):
            shutil.rmtree(left, ignore_errors=True)


def _beside(path: Path, what: str, number: int) -> Path:
    return path.parent / f".{path.name}.{what}-{number}"


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _flush(folder: Path) -> None:
    for root, _, files in os.walk(folder):
        for name in files:
            with open(os.path.join(root, name), "rb") as handle:
                os.fsync(handle.fileno())
    _flush_entry(folder)


def _flush_entry(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _swap(fresh: Path, path: Path) -> None:
    if not path.exists():
        os.rename(fresh, path)
        return
    if _exchange(fresh, path):
        return  # `fresh` now holds the old folder; the caller deletes it
    aside = _beside(path, "old", 0)
    os.rename(path, aside)
    os.rename(fresh, path)
    shutil.rmtree(aside, ignore_errors=True)


def _exchange(a: Path, b: Path) -> bool:
    """Swap two names in one step; False where the system or file system can't."""
    names = os.fsencode(a), os.fsencode(b)
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform.startswith("linux") and hasattr(libc, "renameat2"):
        done = libc.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE)
    elif sys.platform == "darwin" and hasattr(libc, "renamex_np"):
        done = libc.renamex_np(names[0], names[1], _RENAME_SWAP)
    else:
        return False
    if done == 0:
        return True
    failed = ctypes.get_errno()
    if failed in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM):
        return False
    raise OSError(failed, os.strerror(failed), str(b))
