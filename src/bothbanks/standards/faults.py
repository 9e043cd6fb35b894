"""Errors of the files we write: a form that was not kept."""

from __future__ import annotations

from collections.abc import Sequence

from bothbanks.words.errors import BothbanksError


class SchemaError(BothbanksError):
    """What was about to be written breaks its published form; nothing was written."""

    def __init__(self, file: str, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        lines = "\n".join(f"  {fault}" for fault in faults)
        super().__init__(
            "standards.schema", f"{file} would break its published form in {len(faults)} place(s):\n{lines}"
        )
