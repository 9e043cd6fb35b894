"""The workbook (XLSX): inputs with their sources, and live formulas for present values and payments.

Councils check in spreadsheets. What the appraisal as a whole found (costs alone and together, shares,
what coalitions would save) stands there as numbers, the same cents as in ``value.json``; what follows
from them by arithmetic is a formula. ``read_workbook`` gives back what a reader changed in the inputs.
"""

from __future__ import annotations

from pathlib import Path

from bothbanks.analysis.findings import Findings
from bothbanks.standards.value_json import to_value
from bothbanks.standards.workbook_cells import Book
from bothbanks.standards.workbook_money import write_measures, write_payments
from bothbanks.standards.workbook_read import Edit, WorkbookEdits, read_workbook
from bothbanks.standards.workbook_shares import write_coalitions, write_shares
from bothbanks.standards.workbook_sheets import (
    Plan,
    write_inputs,
    write_matrix,
    write_members,
    write_original,
    write_read_me,
    write_sources,
)

__all__ = ["Edit", "WorkbookEdits", "read_workbook", "write_workbook"]


def write_workbook(findings: Findings, path: Path) -> Path:
    """Write the workbook. The same findings give the same bytes.

    Raises
    ------
    SchemaError, RangeError, MissingValueError
        As ``value_json.to_value``: the numbers can't be written.
    """
    from openpyxl import Workbook

    book = Book(Workbook())
    book.workbook.remove(book.workbook.worksheets[0])
    plan = Plan(findings, to_value(findings))
    write_read_me(book, plan)
    write_inputs(book, plan)
    write_members(book, plan)
    write_matrix(book, plan)
    write_measures(book, plan)
    write_shares(book, plan)
    write_coalitions(book, plan)
    write_payments(book, plan)
    write_sources(book, plan)
    write_original(book, plan)
    book.save(path)
    return path
