"""A folder of results that is always whole: the old one or the new one, never half of either.

Everything is written into a hidden folder beside the target, flushed to disk, and then swapped
in by one system call. Where the system has no such call, the old folder is put aside first and
``recover`` puts it back at the next start if the swap was cut short.
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

from bothbanks.words.errors import InputError

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_RENAME_SWAP = 2
_MARK = ".bothbanks-output"


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Give an empty folder to fill; on leaving without an error it becomes ``target``.

    Raises
    ------
    InputError
        ``target`` exists and is not a folder this program wrote, so it is not replaced.
    """
    target = target.absolute()
    target.parent.mkdir(parents=True, exist_ok=True)
    recover(target)
    _refuse_foreign(target)
    new = _beside(target, "new", os.getpid())
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    try:
        (new / _MARK).write_text(
            "Written by bothbanks; a later run replaces this folder as a whole.\n", encoding="utf-8"
        )
        yield new
        _flush(new)
        _swap(new, target)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def recover(target: Path) -> None:
    """Undo what a killed run left behind: restore a folder put aside, delete unfinished ones."""
    aside = _beside(target, "old", 0)
    if aside.exists():
        if target.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            os.rename(aside, target)
    for left in target.parent.glob(f".{target.name}.new-*"):
        pid = left.name.rsplit("-", 1)[-1]
        if pid.isdigit() and not _alive(int(pid)):
            shutil.rmtree(left, ignore_errors=True)


def _refuse_foreign(target: Path) -> None:
    if not target.exists() or (target / _MARK).exists():
        return
    if target.is_dir() and not any(target.iterdir()):
        return
    raise InputError(
        "app.output-foreign",
        f"{target} exists and was not written by bothbanks, so it is left as it is. "
        "Give another folder with --out, or move this one away.",
    )


def _beside(target: Path, what: str, number: int) -> Path:
    return target.parent / f".{target.name}.{what}-{number}"


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


def _swap(new: Path, target: Path) -> None:
    if not target.exists():
        os.rename(new, target)
        return
    if _exchange(new, target):
        return  # `new` now holds the old folder; the caller deletes it
    aside = _beside(target, "old", 0)
    os.rename(target, aside)
    os.rename(new, target)
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
