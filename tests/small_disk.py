"""A disk of a few megabytes (tmpfs), to be filled: only root may mount one."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def missing() -> str:
    """Why there can't be one here; '' where there can."""
    if os.geteuid() != 0:
        return "small disk: only root can mount one"
    folder = tempfile.mkdtemp(prefix="bothbanks-probe-")
    try:
        tried = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True
        )
        if tried.returncode:
            return f"small disk: mounting is not allowed here ({tried.stderr.decode().strip()})"
        subprocess.run(["umount", folder], check=True)
        return ""
    finally:
        os.rmdir(folder)


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """An empty folder on a disk of its own."""
    folder = Path(tempfile.mkdtemp(prefix="bothbanks-small-disk-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


def fill(folder: Path) -> Path:
    """Take all the room there is; the file to delete for having it again."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as out:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while out.write(b"\0" * size):
                    pass
            except OSError:
                continue
    return filler
