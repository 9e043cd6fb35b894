"""The tables of an Interreg application and of its partner reports, filled from the mix of funds.

The tables follow the parts of the harmonised application form of the Interreg programmes: partners and
their budget (A), work packages (C.4), budget by cost category, by period and by fund (D). The six cost
categories are those of Regulation (EU) 2021/1059, articles 39 to 44. What is built is 'infrastructure and
works' or 'equipment'; staff, office, travel and outside services are not modelled, so their cells are
empty and open for each partner to fill. Only measures that an Interreg-like source pays for are part of
the project. A partner report sets what the journal says was paid beside the budget of the application.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bothbanks.analysis.findings import Findings, Table
from bothbanks.pages.context import Context
from bothbanks.pages.language import Language
from bothbanks.pages.plain import plain_words
from bothbanks.standards.workbook_cells import MONEY, RATE, Book

EQUIPMENT = frozenset({"warning"})
"""Kinds of measure that are bought rather than built."""
OWN = "own"
"""How the table of the mix names a partner's own cash."""
CATEGORIES = ("staff", "office", "travel", "external", "equipment", "works")


@dataclass(frozen=True)
class Payment:
    """Money towards the building of one measure, by one partner in one year; money of account."""

    measure: str
    member: str
    year: int  # calendar year
    source: str  # id of the source, '' = the partner's own cash
    amount: float


@dataclass(frozen=True)
class Reported:
    """What a journal entry says was paid for a measure of the project."""

    member: str
    measure: str
    date: str  # ISO 8601
    amount: float


@dataclass(frozen=True)
class Project:
    """What the application asks for: the measures that the source pays for, and all that pays for them."""

    source: str  # id of the Interreg-like source
    name: str
    rate: float  # largest co-financing rate
    payments: tuple[Payment, ...]

    @property
    def measures(self) -> tuple[str, ...]:
        """Measures of the project, in the order of the payments."""
        return tuple(dict.fromkeys(p.measure for p in self.payments))

    @property
    def members(self) -> tuple[str, ...]:
        """Partners that spend, in the order of the payments."""
        return tuple(dict.fromkeys(p.member for p in self.payments))

    @property
    def years(self) -> tuple[int, ...]:
        """Years in which money is spent."""
        return tuple(sorted({p.year for p in self.payments}))

    def total(self, **which: object) -> float:
        """Sum of the payments with the given measure, member, year or source."""
        return sum(
            p.amount for p in self.payments if all(getattr(p, key) == value for key, value in which.items())
        )


def projects_of(findings: Findings) -> tuple[Project, ...]:
    """One project for each Interreg-like source that pays something in the mix."""
    funding = findings.funding
    table = funding.tables.get("funding-mix") if funding else None
    if funding is None or table is None:
        return ()
    payments = _payments(table)
    out = []
    for source in funding.sources:
        if source.kind != "interreg":
            continue
        measures = {p.measure for p in payments if p.source == source.id and p.amount > 0}
        last = source.last_year or max((p.year for p in payments), default=0)
        mine = tuple(p for p in payments if p.measure in measures and p.year <= last)
        if mine:
            order = {m.id: k for k, m in enumerate(findings.members)}
            mine = tuple(sorted(mine, key=lambda p: (order[p.member], p.measure, p.year, p.source)))
            name = source.name.get("en") or next(iter(source.name.values()), source.id)
            out.append(Project(source.id, name, source.largest_share, mine))
    return tuple(out)


def _payments(table: Table) -> list[Payment]:
    """What is paid towards building; upkeep is no cost of a project."""
    at = {column.id: k for k, column in enumerate(table.columns)}
    names = ("measure", "member", "year", "source", "capital")
    found = [Payment(*(row[at[name]] for name in names)) for row in table.rows if row[at["capital"]] > 0]
    return [replace(p, source="") if p.source == OWN else p for p in found]


def write_interreg(
    findings: Findings, language: Language, project: Project, reported: Sequence[Reported], path: Path
) -> Path:
    """Write the workbook of one project in one language; the same findings give the same bytes."""
    from openpyxl import Workbook

    book = Book(Workbook())
    book.workbook.remove(book.workbook.worksheets[0])
    sheets = _Sheets(Context(findings, language), project, book)
    sheets.read_me()
    sheets.partners()
    sheets.packages()
    sheets.categories()
    sheets.periods()
    sheets.funds()
    for member in project.members:
        sheets.partner_report(member, [r for r in reported if r.member == member])
    book.save(path)
    return path


class _Sheets:
    """The sheets of one project, written one after the other."""

    def __init__(self, ctx: Context, project: Project, book: Book) -> None:
        self.ctx, self.project, self.book = ctx, project, book
        self.kinds = {m.id: m.kind for m in ctx.findings.measures}

    def words(self, *texts: object) -> list[str]:
        return [plain_words(text) for text in texts]

    def member(self, member: str) -> str:
        return self.ctx.member_plain(member)

    def measure(self, measure: str) -> str:
        return plain_words(self.ctx.measure(measure))

    def category_words(self) -> Mapping[str, str]:
        t = self.ctx.t
        names = (
            t("staff"),
            t("office and administration"),
            t("travel and accommodation"),
            t("external expertise and services"),
            t("equipment"),
            t("infrastructure and works"),
        )
        return dict(zip(CATEGORIES, self.words(*names), strict=True))

    def of_category(self, member: str, category: str) -> float:
        """What a partner's measures cost in one category; the others are not modelled."""
        if category not in ("equipment", "works"):
            return 0.0
        bought = category == "equipment"
        return sum(
            p.amount
            for p in self.project.payments
            if p.member == member and (self.kinds.get(p.measure) in EQUIPMENT) == bought
        )

    def sheet(self, title: object, widths: Sequence[float]) -> Any:
        name = plain_words(title)
        sheet = self.book.sheet(name[:31], widths, freeze="B4")
        self.book.title(sheet, name)
        return sheet

    def read_me(self) -> None:
        t, r = self.ctx.t, self.ctx.findings.region
        sheet = self.sheet(t("Read me"), [110])
        lines = (
            t("Tables for an application to {source}, in {currency} of {year}.", source=self.project.name,
              currency=r.currency, year=r.price_year),
            t("Filled from the same figures as the report. Yellow cells are for the partners: what is not "
              "modelled (staff, office, travel, outside services) is left open, never guessed."),
            t("Copy the cells into the programme's own form; its rules and its deadlines are what counts."),
            t("Inputs {hash}; seed {seed}; version {version}.", hash=r.inputs_sha256[:16], seed=r.seed,
              version=r.version),
        )  # fmt: skip
        for row, line in enumerate(lines, 3):
            self.book.text(sheet, row, 1, plain_words(line), wrap=True)

    def partners(self) -> None:
        """A: who takes part, what it asks for and what it brings."""
        t, p = self.ctx.t, self.project
        sheet = self.sheet(t("A Partners"), [34, 16, 18, 18, 18, 18, 14])
        heads = (t("partner"), t("country"), t("co-financing asked for"), t("other outside money"))
        more = (t("own contribution"), t("total"), t("co-financing rate"))
        self.book.head(sheet, 3, self.words(*heads, *more), numbers_from=3)
        countries = {m.id: m.country for m in self.ctx.findings.members}
        row = 3
        for row, member in enumerate(p.members, 4):
            asked, own = p.total(member=member, source=p.source), p.total(member=member, source="")
            total = p.total(member=member)
            self.book.text(sheet, row, 1, self.member(member))
            self.book.text(sheet, row, 2, self.ctx.country(countries[member]))
            for column, value in ((3, asked), (4, total - asked - own), (5, own)):
                self.book.number(sheet, row, column, round(value, 2), MONEY)
            self.book.formula(sheet, row, 6, f"=SUM(C{row}:E{row})", total)
            share = asked / total if total else 0.0
            self.book.formula(sheet, row, 7, f"=IF(F{row}=0,0,C{row}/F{row})", share, RATE)
        self._totals(sheet, row + 1, 4, row, range(3, 7), 1)
        self.book.text(sheet, row + 3, 1, plain_words(t("largest co-financing rate of the source")))
        self.book.number(sheet, row + 3, 7, p.rate, RATE)

    def packages(self) -> None:
        """C.4: a work package for each measure."""
        t, p = self.ctx.t, self.project
        sheet = self.sheet(t("C.4 Work packages"), [8, 46, 46, 12, 12, 18])
        heads = (t("work package"), t("measure"), t("partners"), t("first year"), t("last year"), t("budget"))
        self.book.head(sheet, 3, self.words(*heads), numbers_from=4)
        row = 3
        for row, measure in enumerate(p.measures, 4):
            mine = [x for x in p.payments if x.measure == measure and x.amount]
            self.book.number(sheet, row, 1, row - 3)
            self.book.text(sheet, row, 2, self.measure(measure), wrap=True)
            names = self.ctx.language.join(self.member(m) for m in dict.fromkeys(x.member for x in mine))
            self.book.text(sheet, row, 3, plain_words(names), wrap=True)
            self.book.number(sheet, row, 4, min(x.year for x in mine), "0")
            self.book.number(sheet, row, 5, max(x.year for x in mine), "0")
            self.book.number(sheet, row, 6, round(p.total(measure=measure), 2))
        self._totals(sheet, row + 1, 4, row, (6,), 2)

    def categories(self) -> None:
        """D: budget by partner and cost category."""
        t, p, names = self.ctx.t, self.project, self.category_words()
        sheet = self.sheet(t("D Budget by cost category"), [34, *[18] * 7])
        self.book.head(sheet, 3, [*self.words(t("partner")), *names.values(), *self.words(t("total"))], 1, 2)
        row = 3
        for row, member in enumerate(p.members, 4):
            self.book.text(sheet, row, 1, self.member(member))
            for column, category in enumerate(CATEGORIES, 2):
                value = round(self.of_category(member, category), 2)
                write = self.book.number if category in ("equipment", "works") else self.book.edit
                write(sheet, row, column, value, MONEY)
            self.book.formula(sheet, row, 8, f"=SUM(B{row}:G{row})", p.total(member=member))
        self._totals(sheet, row + 1, 4, row, range(2, 9), 1)

    def periods(self) -> None:
        """D: budget by partner and calendar year."""
        t, p = self.ctx.t, self.project
        sheet = self.sheet(t("D Budget by year"), [34, *[16] * (len(p.years) + 1)])
        heads = [*self.words(t("partner")), *map(str, p.years), *self.words(t("total"))]
        self.book.head(sheet, 3, heads, 1, 2)
        row, last = 3, len(p.years) + 1
        for row, member in enumerate(p.members, 4):
            self.book.text(sheet, row, 1, self.member(member))
            for column, year in enumerate(p.years, 2):
                self.book.number(sheet, row, column, round(p.total(member=member, year=year), 2))
            self._sum_row(sheet, row, 2, last, p.total(member=member))
        self._totals(sheet, row + 1, 4, row, range(2, last + 2), 1)

    def funds(self) -> None:
        """D: budget by partner and source of money."""
        t, p = self.ctx.t, self.project
        sources = list(dict.fromkeys(x.source for x in p.payments if x.source))
        funding = self.ctx.findings.funding
        named = {s.id: self.ctx.language.plain(s.name, s.id) for s in funding.sources} if funding else {}
        sheet = self.sheet(t("D Budget by fund"), [34, *[20] * (len(sources) + 2)])
        own = self.words(t("own contribution"), t("total"))
        heads = [*self.words(t("partner")), *(named.get(s, s) for s in sources), *own]
        self.book.head(sheet, 3, heads, 1, 2)
        row, last = 3, len(sources) + 2
        for row, member in enumerate(p.members, 4):
            self.book.text(sheet, row, 1, self.member(member))
            for column, source in enumerate([*sources, ""], 2):
                self.book.number(sheet, row, column, round(p.total(member=member, source=source), 2))
            self._sum_row(sheet, row, 2, last, p.total(member=member))
        self._totals(sheet, row + 1, 4, row, range(2, last + 2), 1)

    def partner_report(self, member: str, reported: Sequence[Reported]) -> None:
        """What was paid of the budget, by measure; the period's own payments in a column to fill."""
        t, p = self.ctx.t, self.project
        title = plain_words(t("Report {partner}", partner=self.member(member)))
        sheet = self.sheet(title, [46, 30, 18, 18, 18, 18, 18])
        heads = (t("measure"), t("cost category"), t("budget"), t("paid by the journal"))
        more = (t("to be reported now"), t("reported in all"), t("left of the budget"))
        self.book.head(sheet, 3, self.words(*heads, *more), numbers_from=3)
        names, row = self.category_words(), 3
        mine = [m for m in p.measures if p.total(measure=m, member=member)]
        for row, measure in enumerate(mine, 4):
            budget = p.total(measure=measure, member=member)
            paid = sum(r.amount for r in reported if r.measure == measure)
            category = "equipment" if self.kinds.get(measure) in EQUIPMENT else "works"
            self.book.text(sheet, row, 1, self.measure(measure), wrap=True)
            self.book.text(sheet, row, 2, names[category])
            self.book.number(sheet, row, 3, round(budget, 2))
            self.book.number(sheet, row, 4, round(paid, 2))
            self.book.edit(sheet, row, 5, 0, MONEY)
            self.book.formula(sheet, row, 6, f"=D{row}+E{row}", paid)
            self.book.formula(sheet, row, 7, f"=C{row}-F{row}", budget - paid)
        self._totals(sheet, row + 1, 4, row, range(3, 8), 1)

    def _sum_row(self, sheet: Any, row: int, first: int, last: int, value: float) -> None:
        from openpyxl.utils import get_column_letter as letter

        formula = f"=SUM({letter(first)}{row}:{letter(last)}{row})"
        self.book.formula(sheet, row, last + 1, formula, value)

    def _totals(
        self, sheet: Any, row: int, first: int, last: int, columns: Sequence[int] | range, label: int
    ) -> None:
        """A row of sums under a table."""
        from openpyxl.utils import get_column_letter as letter

        self.book.text(sheet, row, label, plain_words(self.ctx.t("total")))
        for column in columns:
            cells = [sheet.cell(row=r, column=column) for r in range(first, last + 1)]
            value = sum(
                float(self.book.values.get((sheet.title, c.coordinate), c.value or 0.0)) for c in cells
            )
            self.book.formula(
                sheet, row, column, f"=SUM({letter(column)}{first}:{letter(column)}{last})", value
            )
