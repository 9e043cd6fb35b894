"""Reading a workbook back: which inputs a reader changed.

The workbook carries a hidden copy of what was written. Each parameter is found by its id, so sorting
is harmless. Whatever can't be read is listed with its sheet and cell, all of it at once; nothing is
guessed (a number typed as text is refused, because '1,234' means two things in this region).
"""

from __future__ import annotations

import math
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bothbanks.standards.workbook_cells import ref
from bothbanks.standards.workbook_sheets import EDITABLE, FIRST_ROW, FORMAT, INPUTS, KEY_ROW, ORIGINAL
from bothbanks.words.errors import Problem, RegionError

SAME = 1e-12  # spreadsheets may drop the last bits of a number when they save
CODE = "workbook.cell"


@dataclass(frozen=True, order=True)
class Edit:
    """One input that was changed: ``field`` is 'value', 'low' or 'high'."""

    parameter: str
    old: float
    new: float
    field: str = "value"


@dataclass(frozen=True)
class WorkbookEdits:
    """What a reader changed, and in which appraisal: the edits hold for these inputs only."""

    region: str
    inputs_sha256: str
    edits: tuple[Edit, ...]

    def __iter__(self) -> Iterator[Edit]:
        return iter(self.edits)

    def __len__(self) -> int:
        return len(self.edits)

    def triples(self) -> tuple[tuple[str, float, float], ...]:
        """(parameter id, old, new), as ``region.edits.apply_edits`` takes them; a bound's id says which.

        >>> edits = (Edit("flood.x", 1.0, 2.0), Edit("flood.x", 3.0, 4.0, "high"))
        >>> WorkbookEdits("here", "0" * 64, edits).triples()
        (('flood.x', 1.0, 2.0), ('flood.x:high', 3.0, 4.0))
        """
        ends = {"value": "", "low": ":low", "high": ":high"}
        return tuple((e.parameter + ends[e.field], e.old, e.new) for e in self)


@dataclass(frozen=True)
class _Row:
    """A parameter on a sheet: where, its numbers as found, its unit and source."""

    row: int
    numbers: dict[str, Any]
    unit: str
    source: str


def read_workbook(path: Path) -> WorkbookEdits:
    """The changed inputs of a workbook that ``write_workbook`` wrote, in the order of the sheet.

    Raises
    ------
    RegionError
        The file is no such workbook, or cells can't be read: all of them, each with its sheet and cell.
    """
    book = _open(path)
    file = path.name
    if INPUTS not in book.sheetnames or ORIGINAL not in book.sheetnames:
        raise _no_workbook(file, f"sheets {', '.join(book.sheetnames)}")
    hidden = book[ORIGINAL]
    head = [hidden.cell(1, c).value for c in (1, 2, 3)]
    if head[0] != FORMAT or not all(isinstance(x, str) for x in head):
        raise _no_workbook(file, f"form {head[0]!r}")
    problems: list[Problem] = []
    before = _rows(
        hidden, file, {k: i for i, k in enumerate(("id", *EDITABLE, "unit", "source"), 1)}, problems
    )
    after = _rows(book[INPUTS], file, _columns(book[INPUTS], file), problems)
    edits = _compare(before, after, file, problems)
    if problems:
        raise RegionError(sorted(problems, key=_place))
    return WorkbookEdits(str(head[1]), str(head[2]), tuple(edits))


def _open(path: Path) -> Any:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # parts of other programs' files that openpyxl leaves out
            return load_workbook(path, data_only=True)
    except FileNotFoundError:
        raise RegionError(
            [Problem(path.name, "", "", "no such file", "a workbook", "workbook.file")]
        ) from None
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError) as error:
        raise _no_workbook(path.name, f"a file that can't be read as XLSX ({error})") from error


def _no_workbook(file: str, found: str) -> RegionError:
    expected = "a workbook written by 'bothbanks appraise', with its sheets Inputs and _original"
    return RegionError([Problem(file, "", "", found, expected, "workbook.file")])


def _columns(sheet: Any, file: str) -> dict[str, int]:
    """Columns by their machine names, wherever a reader moved them."""
    names = {sheet.cell(KEY_ROW, c).value: c for c in range(1, sheet.max_column + 1)}
    missing = [k for k in ("id", *EDITABLE, "unit", "source") if k not in names]
    if missing:
        where = f"{INPUTS}!{KEY_ROW}:{KEY_ROW}"
        raise RegionError(
            [Problem(file, where, "", f"no column {', '.join(missing)}", "the columns as written", CODE)]
        )
    return names


def _rows(sheet: Any, file: str, columns: dict[str, int], problems: list[Problem]) -> dict[str, _Row]:
    rows: dict[str, _Row] = {}
    for row in range(FIRST_ROW, sheet.max_row + 1):
        name = sheet.cell(row, columns["id"]).value
        numbers = {k: sheet.cell(row, columns[k]).value for k in EDITABLE}
        where = f"{sheet.title}!{ref(row, columns['id'])}"
        if name is None:
            if any(v is not None for v in numbers.values()):
                problems.append(
                    Problem(file, where, "id", "numbers without an id", "the id of a parameter", CODE)
                )
        elif str(name) in rows:
            problems.append(Problem(file, where, "id", f"{name} a second time", "each parameter once", CODE))
        else:
            unit, source = (str(sheet.cell(row, columns[k]).value or "") for k in ("unit", "source"))
            rows[str(name)] = _Row(row, numbers, unit, source)
    return rows


def _compare(
    before: dict[str, _Row], after: dict[str, _Row], file: str, problems: list[Problem]
) -> list[Edit]:
    for name in before.keys() - after.keys():
        problems.append(Problem(file, INPUTS, name, "no such row", "every parameter as written", CODE))
    edits: list[Edit] = []
    for name, row in after.items():
        where = f"{INPUTS}!{ref(row.row, 1)}"
        if name not in before:
            problems.append(Problem(file, where, "id", repr(name), "a parameter of this appraisal", CODE))
            continue
        old = before[name]
        for word, found, wanted in (("unit", row.unit, old.unit), ("source", row.source, old.source)):
            if found != wanted:
                expected = (
                    f"{wanted!r}; only value, low and high are read back, change the {word} in the folder"
                )
                problems.append(Problem(file, where, f"{name}, {word}", repr(found), expected, CODE))
        edits += _row_edits(name, old, row, file, problems)
    return edits


def _row_edits(name: str, old: _Row, row: _Row, file: str, problems: list[Problem]) -> list[Edit]:
    numbers: dict[str, float] = {}
    for column, word in enumerate(EDITABLE, start=2):
        found = row.numbers[word]
        if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
            cell = f"{INPUTS}!{ref(row.row, column)}"
            problems.append(Problem(file, cell, f"{name}, {word}", _shown(found), "a number", CODE))
        else:
            numbers[word] = float(found)
    if len(numbers) < len(EDITABLE):
        return []
    if not numbers["low"] <= numbers["value"] <= numbers["high"]:
        cells = f"{INPUTS}!{ref(row.row, 2)}:{ref(row.row, 4)}"
        found = f"value {numbers['value']:g}, low {numbers['low']:g}, high {numbers['high']:g}"
        problems.append(Problem(file, cells, name, found, "low <= value <= high", CODE))
        return []
    return [
        Edit(name, float(old.numbers[word]), new, word)
        for word, new in numbers.items()
        if not math.isclose(new, float(old.numbers[word]), rel_tol=SAME)
    ]


def _shown(found: Any) -> str:
    if found is None:
        return "an empty cell, or a formula without a stored result"
    return f"{found!r} ({type(found).__name__})"


def _place(problem: Problem) -> tuple[int, str]:
    """Row of the cell, so that the list reads down the sheet."""
    digits = re.search(r"[A-Z](\d+)", problem.record)
    return (int(digits[1]) if digits else 0, problem.record)
