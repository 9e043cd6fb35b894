"""The one picture: problems down, members across grouped by country, alone -> together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from bothbanks.analysis.findings import CaseFinding, FloatArray
from bothbanks.pages import figures
from bothbanks.pages.context import Context
from bothbanks.pages.entry import case_slug
from bothbanks.pages.headline import has_gain, rule_of
from bothbanks.pages.svg.dumbbell import dumbbell
from bothbanks.pages.terms import quantity_words, unit_of


@dataclass(frozen=True)
class Cell:
    """One cell: 'alone' and 'together' as text with a drawing, or only words."""

    name: str
    alone: str = ""
    together: str = ""
    state: str = "same"
    word: str = ""
    drawing: str = ""


@dataclass(frozen=True)
class Row:
    """One row: a problem, or what is paid or received."""

    title: Markup
    unit: Markup
    cells: Sequence[Cell]
    css: str = ""


@dataclass(frozen=True)
class Matrix:
    """Columns in groups by country, and rows."""

    groups: Sequence[tuple[str, int]]
    columns: Sequence[Markup]
    rows: Sequence[Row]
    paid: bool


def matrix(ctx: Context, only: Sequence[int] | None = None) -> Matrix:
    """The matrix of all cases; ``only`` keeps some members (for a brief)."""
    order = [i for _, members in ctx.countries for i in members]
    order = [i for i in order if only is None or i in only]
    groups = [(ctx.country(c), len([i for i in m if i in order])) for c, m in ctx.countries]
    rows: list[Row] = []
    for case in ctx.findings.cases:
        rows.append(_case_row(ctx, case, order))
        if case.game is not None and has_gain(case):
            rows += _paid_rows(ctx, case, order)
        for quantity, values in sorted(case.physical.items()):
            if {"alone", "together"} <= set(values) and not same_as_case(case, values):
                rows.append(_physical_row(ctx, case, quantity, values["alone"], values["together"], order))
    columns = [ctx.member(ctx.findings.members[i].id) for i in order]
    return Matrix([g for g in groups if g[1]], columns, rows, any(r.css == "share" for r in rows))


def same_as_case(case: CaseFinding, values: Mapping[str, FloatArray]) -> bool:
    """Whether a physical quantity only repeats what the case itself counts."""
    return not case.money and bool(np.array_equal(values["alone"], case.alone, equal_nan=True))


def state_of(alone: float, together: float) -> str:
    """Better where together is less by half a per cent or more."""
    largest = max(abs(alone), abs(together), 1e-12)
    if abs(alone - together) < 0.005 * largest:
        return "same"
    return "better" if together < alone else "worse"


def _word(ctx: Context, state: str) -> str:
    return {"better": ctx.t("better"), "worse": ctx.t("worse"), "same": ctx.t("unchanged")}[state]


def _pair(
    ctx: Context, i: int, alone: float, together: float, low: float, high: float, factor: float
) -> Cell:
    name = ctx.member_plain(ctx.findings.members[i].id)
    if not (math.isfinite(alone) and math.isfinite(together)):
        return Cell(name, word=ctx.t("not modelled"), state="same")
    a, b = alone / factor, together / factor
    to = figures.pair_step(a, b)
    state = state_of(a, b)
    if state != "same" and figures.rounded(a, to) == figures.rounded(b, to):
        state = "same"
    return Cell(
        name,
        ctx.number(a, to),
        ctx.number(b, to),
        state,
        _word(ctx, state),
        dumbbell(a, b, low / factor, high / factor, state=state),
    )


def _case_row(ctx: Context, case: CaseFinding, order: Sequence[int]) -> Row:
    factor, unit = 1.0, Markup(ctx.unit(case.unit))
    if case.money:
        scale = ctx.scale([*case.alone, *case.together])
        factor = scale.factor
        if case.per == "horizon":
            unit = ctx.t(
                "net cost over {years} years, before payments, {unit} in prices of {price_year}",
                years=ctx.findings.region.horizon_years,
                unit=scale.label,
                price_year=ctx.findings.region.price_year,
            )
        else:
            unit = ctx.t(
                "net cost a year, {unit} in prices of {price_year}",
                unit=scale.label,
                price_year=ctx.findings.region.price_year,
            )
    cells = [
        _pair(ctx, i, case.alone[i], case.together[i], case.together_low[i], case.together_high[i], factor)
        for i in order
    ]
    return Row(ctx.link(case_slug(ctx.findings, case), ctx.case_name(case.id)), unit, cells)


def _physical_row(
    ctx: Context,
    case: CaseFinding,
    quantity: str,
    alone: FloatArray,
    together: FloatArray,
    order: Sequence[int],
) -> Row:
    cells = [_pair(ctx, i, alone[i], together[i], math.nan, math.nan, 1.0) for i in order]
    title = Markup('<span class="sub">{}</span>').format(quantity_words(ctx, quantity))
    return Row(title, Markup("{}").format(ctx.case_name(case.id)), cells, "physical")


def _paid_rows(ctx: Context, case: CaseFinding, order: Sequence[int]) -> list[Row]:
    game = case.game
    found = rule_of(game) if game else None
    if game is None or found is None:
        return []
    scale = ctx.scale([*found.payments, *found.shares])
    to = figures.table_step(*(float(v) / scale.factor for v in (*found.payments, *found.shares)))

    def cell(i: int, value: float, paid: bool) -> Cell:
        name = ctx.member_plain(ctx.findings.members[i].id)
        amount = figures.rounded(value / scale.factor, to)
        if paid:
            if amount == 0:
                return Cell(name, word=ctx.t("pays nothing"), state="same")
            words = (
                ctx.t("receives {amount}", amount=ctx.number(amount, to))
                if amount > 0
                else ctx.t("pays {amount}", amount=ctx.number(-amount, to))
            )
            return Cell(name, word=words, state="better" if amount > 0 else "worse")
        low, high = found.share_low[i] / scale.factor, found.share_high[i] / scale.factor
        return Cell(
            name,
            together=ctx.number(amount, to),
            word=ctx.span(low, high),
            state="better" if amount > 0 else "worse" if amount < 0 else "same",
        )

    where = ctx.findings.region.price_year
    return [
        Row(
            ctx.link("division", ctx.t("Paid or received")),
            (
                ctx.t(
                    "so that shares are fair (Shapley value), each year, {unit} in prices of {price_year}",
                    unit=scale.label,
                    price_year=where,
                )
                if case.per == "year"
                else ctx.t(
                    "so that shares are fair (Shapley value), once, {unit} in prices of {price_year}",
                    unit=scale.label,
                    price_year=where,
                )
            ),
            [cell(i, float(found.payments[i]), True) for i in order],
            "pay",
        ),
        Row(
            ctx.link("division", ctx.t("Our share of the gain")),
            ctx.t(
                "after payments, with the range of nine in ten draws, {unit}",
                unit=unit_of(ctx, case, scale.label),
            ),
            [cell(i, float(found.shares[i]), False) for i in order],
            "share",
        ),
    ]
