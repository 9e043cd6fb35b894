"""The folder of results: whole at any moment, and never in place of something the program didn't write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bothbanks.standards.replace import recover, replace_folder
from bothbanks.words.errors import InputError

_MARK = ".bothbanks-output"
_MARK_TEXT = "Written by bothbanks; a later run replaces this folder as a whole.\n"


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Give an empty folder to fill; on leaving without an error it becomes ``target``.

    Raises
    ------
    InputError
        ``target`` exists and is not a folder this program wrote, so it is not replaced.
    """
    target = target.absolute()
    refuse_foreign(target)
    with replace_folder(target) as fresh:
        (fresh / _MARK).write_text(_MARK_TEXT, encoding="utf-8")
        yield fresh


def refuse_foreign(target: Path) -> None:
    """Raise InputError where ``target`` holds something that this program did not write."""
    if target.parent.is_dir():
        recover(target)
    if not target.exists() or (target / _MARK).exists():
        return
    if target.is_dir() and not any(target.iterdir()):
        return
    raise InputError(
        "app.output-foreign",
        f"{target} exists and was not written by bothbanks, so it is left as it is. "
        "Give another folder with --out, or move this one away.",
    )
