"""Writing cells: text that is never taken for a formula, formulas with their value beside them.

openpyxl writes a formula without its result, and a stamp of the time. Here each formula is written
with the value that the program found, so that programs which don't calculate show it too, and the
file's stamps are fixed, so that the same findings give the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

FACE = "Calibri"  # openpyxl's default, which a font without a name is not
FIXED = datetime(2000, 1, 1)
MONEY, COUNT, RATE, PLAIN, TEXT = "#,##0", "#,##0", "0.0000", "General", "@"
TITLE_FILL, HEAD_FILL, EDIT_FILL, CHECK_FILL = "1F4E5F", "DCE8EB", "FFF2B3", "E6F2E1"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FORMULA = re.compile(r'<c r="([A-Z]+[0-9]+)"([^>]*)><f>(.*?)</f><v\s*/?>(?:</v>)?</c>', re.DOTALL)
_MOMENT = (
    '<dcterms:{name} xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="dcterms:W3CDTF">{stamp}</dcterms:{name}>'
)


@dataclass
class Book:
    """A workbook being written, with the value of each formula written so far."""

    workbook: Workbook
    values: dict[tuple[str, str], float | str] = field(default_factory=dict)

    def sheet(self, title: str, widths: Sequence[float], freeze: str = "", pages_wide: int = 1) -> Any:
        """A new protected sheet; only cells written as editable can be changed."""
        from openpyxl.utils import get_column_letter

        sheet = self.workbook.create_sheet(title)
        for i, width in enumerate(widths, start=1):
            sheet.column_dimensions[get_column_letter(i)].width = width
        if freeze:
            sheet.freeze_panes = freeze
        sheet.protection.sheet = True
        sheet.protection.formatColumns = False
        sheet.protection.formatRows = False
        sheet.protection.autoFilter = False
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = 9
        sheet.page_setup.fitToHeight = 0
        sheet.page_setup.fitToWidth = pages_wide
        if pages_wide > 1:
            sheet.print_title_cols = "A:B"
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.sheet_view.showGridLines = False
        return sheet

    def title(self, sheet: Any, text: str) -> None:
        """The sheet's title in its first row."""
        from openpyxl.styles import Font

        self.text(sheet, 1, 1, text).font = Font(name=FACE, bold=True, size=14, color=TITLE_FILL)

    def text(self, sheet: Any, row: int, column: int, text: str, wrap: bool = False) -> Any:
        """Words, exactly as they are: a leading '=' starts no formula."""
        from openpyxl.styles import Alignment

        cell = _cell(sheet, row, column)
        cell.value = _CONTROL.sub("\ufffd", text)[:32_767]
        if text:
            cell.data_type = "s"
            if text[0] in "=+-@":
                cell.quotePrefix = True
        cell.alignment = Alignment("left", "top", wrap_text=wrap, indent=0 if column == 1 else 1)
        if wrap:
            self._raise_row(sheet, row, column, text)
        return cell

    def _raise_row(self, sheet: Any, row: int, column: int, text: str) -> None:
        """Make a row high enough for wrapped words; spreadsheets do so only for rows typed in them."""
        from openpyxl.utils import get_column_letter

        width = max(int(sheet.column_dimensions[get_column_letter(column)].width) - 3, 1)
        height = 15.0 * sum(len(line) // width + 1 for line in text.split("\n"))
        sheet.row_dimensions[row].height = max(sheet.row_dimensions[row].height or 15.0, height)

    def head(
        self, sheet: Any, row: int, words: Sequence[str], first: int = 1, numbers_from: int = 99
    ) -> None:
        """A row of headings, high enough for the words; those over numbers stand at the right."""
        from openpyxl.styles import Alignment, Font, PatternFill

        for i, word in enumerate(words, start=first):
            cell = self.text(sheet, row, i, word, wrap=True)
            cell.font = Font(name=FACE, bold=True)
            cell.fill = PatternFill("solid", fgColor=HEAD_FILL)
            side = "right" if i >= numbers_from else "left"
            cell.alignment = Alignment(
                wrap_text=True, vertical="bottom", horizontal=side, indent=cell.alignment.indent
            )

    def number(self, sheet: Any, row: int, column: int, value: float, form: str = MONEY) -> Any:
        """A number that the program found."""
        from openpyxl.styles import Alignment

        cell = _cell(sheet, row, column)
        cell.alignment = Alignment(vertical="top")
        cell.value = float(value) if isinstance(value, float) or value != int(value) else int(value)
        cell.number_format = form
        return cell

    def edit(self, sheet: Any, row: int, column: int, value: float, form: str = PLAIN) -> Any:
        """A number that the reader may change."""
        from openpyxl.styles import PatternFill, Protection

        cell = self.number(sheet, row, column, value, form)
        cell.fill = PatternFill("solid", fgColor=EDIT_FILL)
        cell.protection = Protection(locked=False)
        return cell

    def formula(
        self, sheet: Any, row: int, column: int, formula: str, value: float | str, form: str = MONEY
    ) -> Any:
        """A live formula, with the value that the program found for it."""
        from openpyxl.styles import Alignment

        cell = _cell(sheet, row, column)
        cell.alignment = Alignment(vertical="top")
        cell.value = formula
        cell.number_format = form
        self.values[sheet.title, cell.coordinate] = value if isinstance(value, str) else float(value)
        return cell

    def check(self, sheet: Any, row: int, column: int, formula: str) -> Any:
        """A formula that must give 0; shown green, and red when it doesn't."""
        from openpyxl.formatting.rule import CellIsRule
        from openpyxl.styles import Font, PatternFill

        cell = self.formula(sheet, row, column, formula, 0.0, "0.00")
        cell.fill = PatternFill("solid", fgColor=CHECK_FILL)
        red = CellIsRule(  # type: ignore[no-untyped-call]
            "notEqual",
            ["0"],
            font=Font(name=FACE, bold=True, color="FFFFFF"),
            fill=PatternFill(bgColor="B00020"),
        )
        sheet.conditional_formatting.add(cell.coordinate, red)
        return cell

    def save(self, path: Path) -> None:
        """Write the file, with formula values and fixed stamps."""
        self.workbook.properties.created = FIXED
        self.workbook.calculation.fullCalcOnLoad = True
        raw = io.BytesIO()
        self.workbook.save(raw)
        path.write_bytes(self._settled(raw.getvalue()))

    def _settled(self, raw: bytes) -> bytes:
        names = {
            f"xl/worksheets/sheet{i}.xml": s.title for i, s in enumerate(self.workbook.worksheets, start=1)
        }
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                content = old.read(name)
                if name in names:
                    content = self._with_values(content.decode("utf-8"), names[name]).encode("utf-8")
                if name == "docProps/core.xml":
                    content = _core_properties().encode("utf-8")
                new.writestr(zipfile.ZipInfo(name, FIXED.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
        return out.getvalue()

    def _with_values(self, xml: str, title: str) -> str:
        def settled(match: re.Match[str]) -> str:
            coordinate, attributes, formula = match.groups()
            value = self.values[title, coordinate]
            if isinstance(value, str):
                return f'<c r="{coordinate}"{attributes} t="str"><f>{formula}</f><v>{escape(value)}</v></c>'
            return f'<c r="{coordinate}"{attributes}><f>{formula}</f><v>{value!r}</v></c>'

        return _FORMULA.sub(settled, xml)


def _core_properties() -> str:
    """Who and when, fixed; written here, for Python keeps the prefixes of namespaces process-wide."""
    stamp = FIXED.strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        "<cp:coreProperties "
        'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties">'
        '<dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">openpyxl</dc:creator>'
        + "".join(_MOMENT.format(name=name, stamp=stamp) for name in ("created", "modified"))
        + "</cp:coreProperties>"
    )


def _cell(sheet: Any, row: int, column: int) -> Any:
    return sheet.cell(row=row, column=column)


def ref(row: int, column: int, sheet: str = "", fixed: str = "") -> str:
    """Name of a cell for a formula; ``fixed`` holds 'c', 'r' or both to pin column and row.

    >>> ref(3, 28), ref(3, 2, "Inputs", "cr"), ref(3, 2, fixed="r")
    ('AB3', 'Inputs!$B$3', 'B$3')
    """
    letters = ""
    rest = column
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(65 + digit) + letters
    name = f"{'$' * ('c' in fixed)}{letters}{'$' * ('r' in fixed)}{row}"
    return f"{sheet}!{name}" if sheet else name
