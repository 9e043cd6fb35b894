"""Everything a page needs in one language: the findings, the words, the links, the units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from babel.numbers import get_currency_symbol
from markupsafe import Markup, escape

from bothbanks.analysis.findings import Findings, Interval, Table
from bothbanks.pages import figures
from bothbanks.pages.atlas import Atlas
from bothbanks.pages.blocks import Grid, Head, Source
from bothbanks.pages.language import Language
from bothbanks.pages.parameter_terms import class_words, group_words
from bothbanks.pages.parameter_terms import parameter_words as words_of_parameter
from bothbanks.pages.terms import column_words, country_label, unit_words, value_words

ENGLISH = frozenset({"reason", "what", "note"})  # columns whose words are English in every language


@dataclass(frozen=True)
class Context:
    """The findings seen in one language; ``prefix`` leads from the page to its language's folder."""

    findings: Findings
    language: Language
    prefix: str = ""
    atlas: Atlas = field(default_factory=Atlas)

    def t(self, message: str, /, **values: object) -> Markup:
        """The sentence in the page's language."""
        return self.language.say(message, **values)

    def tn(self, one: str, many: str, n: float, /, **values: object) -> Markup:
        """The sentence for a number of things."""
        return self.language.say_n(one, many, n, **values)

    # links
    def href(self, slug: str, anchor: str = "") -> str:
        """Address of another page in the same language."""
        return f"{self.prefix}{slug}.html" + (f"#{anchor}" if anchor else "")

    def link(self, slug: str, words: object, anchor: str = "") -> Markup:
        """A link to another page in the same language."""
        return Markup('<a href="{}">{}</a>').format(self.href(slug, anchor), words)

    # members
    @cached_property
    def place(self) -> dict[str, int]:
        """Member id -> index."""
        return {m.id: i for i, m in enumerate(self.findings.members)}

    def member(self, member: str) -> Markup:
        """A member's name; the id where the findings know no such member."""
        if member not in self.place:
            return escape(member)
        return self.language.pick(self.findings.members[self.place[member]].name, member)

    def member_plain(self, member: str) -> str:
        """A member's name without markup."""
        if member not in self.place:
            return member
        return self.language.plain(self.findings.members[self.place[member]].name, member)

    def coalition(self, ids: Iterable[str]) -> Markup:
        """'A, B and C'."""
        return self.language.join(self.member(i) for i in ids)

    @cached_property
    def countries(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Countries in order of first appearance, with the indices of their members."""
        out: dict[str, list[int]] = {}
        for i, m in enumerate(self.findings.members):
            out.setdefault(m.country, []).append(i)
        return tuple((c, tuple(v)) for c, v in out.items())

    def country(self, code: str) -> str:
        """A country's name."""
        return country_label(self.language, code)

    @property
    def region_name(self) -> Markup:
        """The region's name."""
        return self.language.pick(self.findings.region.name, self.findings.region.id)

    def measure(self, measure: str) -> Markup:
        """A measure's name; its id where unknown."""
        found = {m.id: m for m in self.findings.measures}.get(measure)
        return self.language.pick(found.name, measure) if found else escape(measure)

    def case_name(self, case: str) -> Markup:
        """A case's name; its id where unknown."""
        found = {c.id: c for c in self.findings.cases}.get(case)
        return self.language.pick(found.name, case) if found else escape(case)

    # numbers
    @property
    def currency(self) -> str:
        """The currency of account."""
        return self.findings.region.currency

    @property
    def symbol(self) -> str:
        """The sign of the currency of account."""
        return str(get_currency_symbol(self.currency, locale=self.language.locale))

    def money(self, value: float) -> Markup:
        """Money in a sentence, without its sign."""
        return figures.money_words(self.language, value, self.currency)

    def scale(self, values: Iterable[float]) -> figures.Scale:
        """One money unit for many values."""
        return figures.money_scale(self.language, values, self.currency)

    def number(self, value: float | None, to: float | None = None) -> str:
        """A number, two significant figures unless a step is given."""
        return figures.number(self.language, value, to)

    def exact(self, value: float | None) -> str:
        """A number as given."""
        return figures.exact(self.language, value)

    def percent(self, value: float | None) -> str:
        """A share."""
        return figures.percent(self.language, value)

    def span(self, low: float, high: float, factor: float = 1.0) -> str:
        """A range."""
        return figures.span(self.language, low, high, factor)

    def money_span(self, interval: Interval) -> Markup:
        """'between €180 million and €850 million'; a negative end is said as a loss."""
        if interval.low < 0 <= interval.high:
            return self.t(
                "between a loss of {low} and a gain of {high}",
                low=self.money(interval.low),
                high=self.money(interval.high),
            )
        return self.t(
            "between {low} and {high}", low=self.money(interval.low), high=self.money(interval.high)
        )

    def draws_of(self, share: float) -> Markup:
        """'62 of 64 draws'; no failure is reported with its bound, never as 'always'."""
        n = self.findings.region.draws
        count = round(share * n)
        if n and count == n:
            bound = self.percent(min(1.0, 3 / n)) if n else ""
            return self.t(
                "{n} of {n} draws (so failure is under {bound} at 95% confidence)", n=n, bound=bound
            )
        return self.t("{count} of {n} draws", count=count, n=n)

    def unit(self, unit: str) -> str:
        """A unit in words."""
        return unit_words(self.language, unit, self.currency)

    # tables
    def cell(self, kind: str, value: Any, scale: float = 1.0, to: float | None = None) -> object:
        """One cell of a findings table, by the kind of its column."""
        if value is None:
            return figures.NOTHING
        if isinstance(value, dict):
            return self.language.pick(value)
        if kind == "member":
            return self.coalition(value) if isinstance(value, (tuple, list)) else self.member(str(value))
        if isinstance(value, Markup):
            return value
        if isinstance(value, str):
            return value_words(self, value)
        if isinstance(value, (bool, np.bool_)):
            return self.t("yes") if value else self.t("no")
        if kind == "share":
            return self.percent(float(value))
        if kind == "year":
            return f"{float(value):.0f}" if np.isfinite(value) else figures.NOTHING
        if kind == "integer":
            return self.number(float(value), 1.0)
        if kind == "money":
            amount = float(value) / scale
            return self.number(amount, None if to is None else max(min(to, figures.step(amount)), to / 100))
        if kind in ("number", "depth"):
            return figures.plain_number(self.language, float(value))
        return escape(value)

    def grid(self, table: Table | None, caption: str, empty: str = "") -> Grid:
        """A findings table as a table of the page."""
        if table is None or not table.rows:
            return Grid(
                caption, (), (), empty or self.t("Nothing to show here: this appraisal holds no such table.")
            )
        heads, scales, steps = [], [], []
        for k, column in enumerate(table.columns):
            unit = self.unit(column.unit)
            factor, to = 1.0, None
            if column.kind == "money":
                values = [float(r[k]) for r in table.rows if isinstance(r[k], (int, float))]
                scale = self.scale(values)
                factor = scale.factor
                to = figures.table_step(*(v / factor for v in values))
                per = column.unit.split("/", 1)
                unit = scale.label + (" " + self.unit("1/" + per[1]) if len(per) > 1 else "")
            name = column_words(self, column.id)
            numeric = column.kind not in ("text", "member")
            heads.append(Head(f"{name}, {unit}" if unit else name, numeric))
            scales.append(factor)
            steps.append(to)
        rows = [
            tuple(
                self.english(self.cell(c.kind, v, s, to))
                if c.id in ENGLISH
                else self._named(c.id, v) or self.cell(c.kind, v, s, to)
                for c, v, s, to in zip(table.columns, row, scales, steps, strict=True)
            )
            for row in table.rows
        ]
        return Grid(caption, tuple(heads), rows)

    def _named(self, column: str, value: object) -> object:
        """Units, countries and quantities in words; None for every other column."""
        if not isinstance(value, str):
            return None
        if column == "unit":
            return self.unit(value)
        if column == "row" and value.startswith("line ") and value[5:].isdigit():
            return self.t("line {number}", number=value[5:])
        if column == "event" and value.isalpha() and value.islower():
            return value.title()
        if column in ("area", "country") and len(value) == 2 and value.isupper():
            return self.country(value)
        if column == "basin":
            return self.basin(value)
        if column == "class":
            return class_words(self, value)
        return None

    def english(self, words: object) -> object:
        """Words the program writes in English only (reasons, notes), marked as such elsewhere."""
        if self.language.code == "en" or not isinstance(words, str):
            return words
        return Markup('<span lang="en">{}</span>').format(words)

    @cached_property
    def basins(self) -> dict[str, object]:
        """River basin id -> its name as the region gives it."""
        table = self.findings.tables.get("basins")
        return {str(code): name for code, name in table.rows} if table is not None else {}

    def basin(self, code: str) -> object:
        """A river basin's name; the id in words where the region gives none."""
        name = self.basins.get(code)
        if isinstance(name, dict):
            return self.language.pick(name, code)
        return code if code[:1].isupper() else code.replace("-", " ").title()

    @cached_property
    def known(self) -> frozenset[str]:
        """Ids of all parameters."""
        return frozenset(p.id for p in self.findings.parameters)

    # where it comes from
    def source(self, groups: Sequence[str] = (), kinds: Sequence[str] = (), settings: bool = True) -> Source:
        """Links to the parameters, files and settings behind what stands above."""
        links = []
        for g in groups:
            members = [p for p in self.findings.parameters if p.id.split(".", 1)[0] == g]
            if members:
                assumed = sum(p.assumed for p in members)
                name = group_words(self, g)
                words = self.t(
                    "parameters for {name} ({count}, {assumed} assumed)",
                    name=name,
                    count=len(members),
                    assumed=assumed,
                )
                links.append(self.link("sources", words, f"g-{g}"))
        if not kinds or any(f.kind in kinds for f in self.findings.files):
            count = sum(1 for f in self.findings.files if not kinds or f.kind in kinds)
            if count:
                links.append(
                    self.link(
                        "sources", self.tn("{count} file", "{count} files", count, count=count), "files"
                    )
                )
        if settings:
            links.append(self.link("sources", self.t("settings of this run"), "settings"))
        return Source(tuple(links))

    def parameter(self, parameter_id: str) -> Markup:
        """A link to one parameter's row on the page of sources."""
        words = words_of_parameter(self, parameter_id)
        if parameter_id not in self.known:
            return words
        return self.link("sources", words, f"p-{parameter_id}")
