"""The workbook's plain sheets: read me, inputs, members, matrix, sources, and the hidden originals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bothbanks.analysis.findings import Findings
from bothbanks.standards.workbook_cells import COUNT, FACE, MONEY, PLAIN, RATE, Book, ref
from bothbanks.standards.workbook_words import READ_ME, heading, spoken
from bothbanks.words.parameters import Parameter

FORMAT = "bothbanks-workbook/1"
INPUTS, ORIGINAL = "Inputs", "_original"
KEYS = ("id", "value", "low", "high", "unit", "source", "note", "assumed", "changed")
KEY_ROW, FIRST_ROW = 3, 5  # machine names of the columns; first parameter
EDITABLE = ("value", "low", "high")


@dataclass
class Plan:
    """What the sheets are made from, and where they found their place."""

    findings: Findings
    value: Mapping[str, Any]  # the rounded values, as in value.json
    cells: dict[tuple[str, ...], tuple[int, int]] = field(default_factory=dict)

    @property
    def languages(self) -> tuple[str, ...]:
        """The region's languages."""
        return self.findings.region.languages

    def words(self, *keys: str) -> list[str]:
        """Headings in the region's languages."""
        return [heading(key, self.languages) for key in keys]

    def line(self, key: str) -> str:
        """A heading in the region's languages on one line."""
        return " / ".join(heading(key, self.languages).split("\n"))

    def names(self, text: Mapping[str, str], default: str = "") -> str:
        """A name in the region's languages, each wording once."""
        found = [text[k] for k in self.languages if text.get(k)] or [v for v in text.values() if v]
        return " / ".join(dict.fromkeys(found)) or default

    def member_names(self) -> list[str]:
        """Name of each member in its own first language, in order."""
        members = self.findings.members
        return [
            next((m.name[k] for k in m.languages if m.name.get(k)), self.names(m.name, m.id)) for m in members
        ]

    def input_row(self, parameter: str) -> int | None:
        """Row of a parameter on the sheet of inputs."""
        for i, p in enumerate(self.findings.parameters):
            if p.id == parameter:
                return FIRST_ROW + i
        return None

    def input_ref(self, parameter: Parameter) -> str | None:
        """The value cell of a parameter, for a formula; None where it isn't among the inputs."""
        row = self.input_row(parameter.id)
        return None if row is None else ref(row, 2, INPUTS, "cr")


def write_read_me(book: Book, plan: Plan) -> None:
    """What the workbook is, what may be changed, and how it goes back, in the region's languages."""
    region = plan.findings.region
    sheet = book.sheet("Read me", [110])
    book.title(sheet, plan.names(region.name, region.id))
    facts = {"currency": region.currency, "price_year": region.price_year, "horizon": region.horizon_years}
    row = 3
    from openpyxl.styles import Font

    for language in spoken(plan.languages):
        head, *paragraphs = READ_ME[language]
        book.text(sheet, row, 1, head).font = Font(name=FACE, bold=True, size=12)
        said = region.demonstration.get(language) or region.demonstration.get("", "")
        for paragraph in [*(p.format(**facts) for p in paragraphs), *([said] if said else [])]:
            row += 1
            book.text(sheet, row, 1, paragraph, wrap=True)
        row += 2
    book.text(sheet, row, 1, f"bothbanks check {region.id} --from workbook.xlsx").font = Font(name="Consolas")
    book.text(sheet, row + 2, 1, f"bothbanks {region.version}; seed {region.seed}; {region.draws} draws")
    book.text(sheet, row + 3, 1, f"sha256 {region.inputs_sha256}")


def write_inputs(book: Book, plan: Plan) -> None:
    """Every parameter: value and bounds may be changed, unit and source stand beside them."""
    from openpyxl.styles import Font

    sheet = book.sheet(INPUTS, [46, 16, 16, 16, 14, 56, 46, 16, 14], freeze=f"B{FIRST_ROW}")
    book.title(sheet, "Inputs")
    for i, key in enumerate(KEYS, start=1):
        book.text(sheet, KEY_ROW, i, key).font = Font(name=FACE, size=8, color="808080")
    book.head(sheet, KEY_ROW + 1, plan.words(*KEYS))
    for row, p in enumerate(plan.findings.parameters, start=FIRST_ROW):
        book.text(sheet, row, 1, p.id)
        for column, number in enumerate((p.value, p.low, p.high), start=2):
            book.edit(sheet, row, column, number)
        for column, text in enumerate((p.unit, p.source, p.note, "assumed" if p.assumed else ""), start=5):
            book.text(sheet, row, column, text, wrap=True)
        same = ",".join(f"{ref(row, c)}={ref(row, c, ORIGINAL)}" for c in (2, 3, 4))
        book.formula(sheet, row, 9, f'=IF(AND({same}),"","changed")', "", PLAIN)
    last = FIRST_ROW + len(plan.findings.parameters) - 1
    if last >= FIRST_ROW:
        _only_numbers(sheet, f"B{FIRST_ROW}:D{last}")
        sheet.auto_filter.ref = f"A{KEY_ROW + 1}:I{last}"


def _only_numbers(sheet: Any, area: str) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    rule = DataValidation(type="decimal", operator="between", formula1="-1E+300", formula2="1E+300")
    rule.error, rule.errorTitle, rule.showErrorMessage = "A number belongs here.", "Inputs", True
    rule.add(area)
    sheet.add_data_validation(rule)


def write_original(book: Book, plan: Plan) -> None:
    """The values as written, hidden, so that changes can be told."""
    region = plan.findings.region
    sheet = book.sheet(ORIGINAL, [46, 14, 14, 14])
    for column, text in enumerate((FORMAT, region.id, region.inputs_sha256, region.version), start=1):
        book.text(sheet, 1, column, text)
    for row, p in enumerate(plan.findings.parameters, start=FIRST_ROW):
        book.text(sheet, row, 1, p.id)
        for column, number in enumerate((p.value, p.low, p.high), start=2):
            book.number(sheet, row, column, number, PLAIN)
        book.text(sheet, row, 5, p.unit)
        book.text(sheet, row, 6, p.source)
    sheet.sheet_state = "veryHidden"


def write_members(book: Book, plan: Plan) -> None:
    """Who the members are."""
    sheet = book.sheet("Members", [12, 60, 10, 10, 14, 16, 20], freeze="A4")
    book.title(sheet, "Members")
    keys = ("id", "name", "country", "currency", "population", "municipalities", "fiscal_year")
    book.head(sheet, 3, plan.words(*keys))
    for row, m in enumerate(plan.findings.members, start=4):
        for column, text in enumerate((m.id, plan.names(m.name, m.id), m.country, m.currency), start=1):
            book.text(sheet, row, column, text)
        book.number(sheet, row, 5, m.population, COUNT)
        book.number(sheet, row, 6, m.municipalities, COUNT)
        book.text(sheet, row, 7, m.fiscal_year_start)


def write_matrix(book: Book, plan: Plan) -> None:
    """Problems by members: alone, together, and the gain of each if nobody pays anybody."""
    n = len(plan.findings.members)
    sheet = book.sheet("Matrix", [50, 56, 16, *[20] * (n + 3)], freeze="D4")
    book.title(sheet, "Matrix")
    book.head(
        sheet,
        3,
        [*plan.words("case", "line", "unit"), *plan.member_names(), *plan.words("sum", "low", "high")],
        numbers_from=4,
    )
    row = 4
    for case, values in zip(plan.findings.cases, plan.value["cases"], strict=True):
        form = MONEY if case.money else "0.0##"
        for line in ("alone", "together"):
            plan.cells["matrix", case.id, line] = (row, 4)
            _labels(book, plan, sheet, row, case, line)
            for i, m in enumerate(plan.findings.members):
                book.number(sheet, row, 4 + i, values[line][m.id], form)
            # Cents add up; other numbers are rounded one by one, so their sum is that of the cells.
            total = values["totals"][line] if case.money else sum(values[line].values())
            book.formula(sheet, row, 4 + n, f"=SUM({ref(row, 4)}:{ref(row, 3 + n)})", total, form)
            for i, bound in enumerate(("low", "high")):
                book.number(sheet, row, 5 + n + i, values["interval"][f"total_{line}"][bound], form)
            row += 1
        _labels(book, plan, sheet, row, case, "gain")
        gains = [values["gain_without_payments"][m.id] for m in plan.findings.members]
        gains.append(values["totals"]["gain"])
        if not case.money:
            gains = [values["alone"][m.id] - values["together"][m.id] for m in plan.findings.members]
            gains.append(sum(values["alone"].values()) - sum(values["together"].values()))
        for i, gain in enumerate(gains):
            book.formula(sheet, row, 4 + i, f"={ref(row - 2, 4 + i)}-{ref(row - 1, 4 + i)}", gain, form)
        row += 2


def _labels(book: Book, plan: Plan, sheet: Any, row: int, case: Any, line: str) -> None:
    per = "" if case.per in case.unit else f", {case.per}"
    book.text(sheet, row, 1, plan.names(case.name, case.id))
    book.text(sheet, row, 2, plan.line(line))
    book.text(sheet, row, 3, f"{case.unit}{per}")


def write_sources(book: Book, plan: Plan) -> None:
    """Every file: what was read, used and refused, its licence and who is to be named."""
    sheet = book.sheet("Sources", [46, 16, 12, 10, 10, 10, 18, 60, 66], freeze="A4")
    book.title(sheet, "Sources")
    keys = ("file", "kind", "member", "read", "used", "refused", "licence", "attribution")
    book.head(sheet, 3, [*plan.words(*keys), "sha256"])
    for row, f in enumerate(plan.findings.files, start=4):
        for column, text in (
            (1, f.file),
            (2, f.kind),
            (3, f.member),
            (7, f.licence),
            (8, f.attribution),
            (9, f.sha256),
        ):
            book.text(sheet, row, column, text)
        for column, count in ((4, f.read), (5, f.used), (6, f.refused)):
            book.number(sheet, row, column, count, COUNT)


def rate_cells(book: Book, plan: Plan, sheet: Any, row: int) -> str:
    """Write discount rate and horizon at the head of a sheet; the rate's cell for formulas."""
    region = plan.findings.region
    book.text(sheet, row, 1, plan.line("discount_rate"))
    source = plan.input_ref(region.discount_rate)
    if source is None:
        book.number(sheet, row, 2, region.discount_rate.value, RATE)
    else:
        book.formula(sheet, row, 2, f"={source}", region.discount_rate.value, RATE)
    book.text(sheet, row + 1, 1, plan.line("years"))
    book.number(sheet, row + 1, 2, region.horizon_years, "0")
    return ref(row, 2, fixed="cr")
