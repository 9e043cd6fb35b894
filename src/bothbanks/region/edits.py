"""Bring edited numbers back into a region folder's toml files, touching nothing but those numbers."""

from __future__ import annotations

import math
import os
import tempfile
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bothbanks.region.folder import RegionModel
from bothbanks.region.parameters import Origin
from bothbanks.region.problems import Problems
from bothbanks.region.toml_spans import value_spans
from bothbanks.words.errors import RegionError

EQUAL = 1e-9
"""Two numbers closer than this part of themselves are the same (workbooks round)."""

_FIELDS = ("value", "low", "high")


@dataclass(frozen=True)
class Change:
    """One number that changes: where it stands, what it was, what it becomes (as written in the file)."""

    parameter: str
    field: str  # value, low or high
    file: str
    line: int
    old: float
    new: float


def apply_edits(
    model: RegionModel, folder: Path, edits: Iterable[tuple[str, float, float]], *, dry_run: bool = True
) -> tuple[Change, ...]:
    """Changes that edited parameters make to the folder; written only when ``dry_run`` is False.

    An edit is (parameter id, old, new) in money of account; the id of a bound ends in ``:low`` or
    ``:high``. An edit whose new number is the old one is no change. Files are replaced whole, each at once.

    Raises
    ------
    RegionError
        An unknown parameter, an old number that is not the folder's (the workbook is of another version),
        a new one that is no number or outside [low, high]. All of them are told, and nothing is written.
    """
    problems = Problems()
    wanted: dict[str, list[tuple[Origin, str, str, float]]] = {}
    after: dict[str, dict[str, float]] = {}
    for identifier, old, new in edits:
        name, _, field = identifier.partition(":")
        _want(model, name, field or "value", old, new, problems, wanted, after)
    for name, numbers in after.items():
        if not numbers["low"] <= numbers["value"] <= numbers["high"]:
            problems.add(
                "workbook",
                f"{numbers['value']:g} with range {numbers['low']:g} to {numbers['high']:g}",
                "low <= value <= high",
                record=name,
                code="region.range",
            )
    if len(problems):
        raise RegionError(problems.listed())
    changes: list[Change] = []
    texts: dict[str, str] = {}
    for file in sorted(wanted):
        text, made = _replaced((folder / file).read_text("utf-8"), file, wanted[file])
        texts[file] = text
        changes.extend(made)
    if not dry_run:
        for file, text in texts.items():
            _write(folder / file, text)
    return tuple(changes)


def _want(
    model: RegionModel,
    name: str,
    field: str,
    old: float,
    new: float,
    problems: Problems,
    wanted: dict[str, list[tuple[Origin, str, str, float]]],
    after: dict[str, dict[str, float]],
) -> None:
    origin = model.origins.get(name)
    if origin is None or field not in _FIELDS:
        problems.add(
            "workbook",
            name,
            "the id of a parameter of this folder",
            record=name,
            code="region.unknown-parameter",
        )
        return
    parameter = model.parameter(name)
    now = float(getattr(parameter, field))
    if isinstance(new, bool) or not isinstance(new, int | float) or not math.isfinite(new):
        problems.add(
            "workbook", str(new), "a finite number", record=name, field=field, code="region.not-a-number"
        )
        return
    if not math.isclose(old, now, rel_tol=EQUAL, abs_tol=1e-12):
        problems.add(
            "workbook",
            f"{old:g} as the old number",
            f"{now:g}, as the folder says now; write the workbook anew",
            record=name,
            field=field,
            code="region.stale-edit",
        )
        return
    if math.isclose(new, now, rel_tol=EQUAL, abs_tol=1e-12):
        return
    numbers = after.setdefault(name, {f: float(getattr(parameter, f)) for f in _FIELDS})
    numbers[field] = float(new)
    wanted.setdefault(origin.file, []).append((origin, name, field, float(new)))


def _replaced(text: str, file: str, edits: list[tuple[Origin, str, str, float]]) -> tuple[str, list[Change]]:
    spans = value_spans(text)
    data = tomllib.loads(text)
    pieces: list[tuple[int, int, str]] = []
    changes = []
    for origin, name, field, new in edits:
        start, end = spans.get((*origin.keys, field), (-1, -1))
        written = new / origin.factor
        number = (
            repr(int(written))
            if written.is_integer() and abs(written) < 1e15
            else repr(float(f"{written:.12g}"))
        )
        if start < 0:  # a bound that was left out: put it behind the value
            _, at = spans[(*origin.keys, "value")]
            start = end = at
            inline = (*origin.keys,) in spans
            number = f", {field} = {number}" if inline else f"\n{field} = {number}"
            old = float(_at(data, (*origin.keys, "value")))
        else:
            old = float(_at(data, (*origin.keys, field)))
        pieces.append((start, end, number))
        changes.append(Change(name, field, file, text.count("\n", 0, start) + 1, old, written))
    for start, end, number in sorted(pieces, reverse=True):
        text = text[:start] + number + text[end:]
    tomllib.loads(text)
    return text, changes


def _at(data: object, path: tuple[str | int, ...]) -> float:
    for part in path:
        data = data[part]  # type: ignore[index]
    return float(data)  # type: ignore[arg-type]


def _write(path: Path, text: str) -> None:
    """Whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        os.chmod(name, path.stat().st_mode & 0o777)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
