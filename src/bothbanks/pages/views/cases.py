"""One page for each shared problem: what is modelled, how it compares, what each member faces."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from markupsafe import Markup

from bothbanks.analysis.findings import CaseFinding, Table
from bothbanks.pages import figures
from bothbanks.pages.blocks import Block, Grid, Head, Heading, Page, Para
from bothbanks.pages.context import Context
from bothbanks.pages.matrix import same_as_case
from bothbanks.pages.terms import quantity_words
from bothbanks.pages.views.maps import pictures

MANY = 20  # rows of a comparison before what was recorded is folded
KINDS = {
    "flood": ("rain_maxima", "terrain", "floodplain", "reaches", "cells", "flood_depths"),
    "storm": ("storm_gusts", "cells"),
    "heat": ("daily_tmax", "municipalities"),
}


def page(ctx: Context, case: CaseFinding) -> Page:
    """The page of one case."""
    t = ctx.t
    blocks: list[Block] = []
    if any(case.modelled.values()):
        blocks.append(Para(ctx.language.pick(case.modelled), "note"))
    blocks += [Para(p) for p in method(ctx, case)]
    blocks += [Heading(t("What each member faces"), "members"), _faces(ctx, case)]
    if case.running_cost:
        blocks += [Heading(t("What it costs to run"), "running"), _running(ctx, case)]
    for quantity, values in sorted(case.physical.items()):
        if {"alone", "together"} <= set(values) and not same_as_case(case, values):
            blocks.append(_physical(ctx, quantity, values["alone"], values["together"]))
    blocks.append(ctx.source((case.id, "region"), KINDS.get(case.kind, ())))
    blocks += _missing(ctx, case)
    shown = pictures(ctx, case.id)
    if shown:
        blocks += [
            Heading(t("On the map"), "map"),
            *shown,
            Para(ctx.link("maps", t("All maps, with a table for each"))),
        ]
    blocks += _tables(ctx, case)
    return Page(
        f"case-{case.id}",
        ctx.case_name(case.id),
        t("See what is modelled, how it compares with what was observed, and what each member faces."),
        blocks,
        scripts=bool(shown),
    )


def method(ctx: Context, case: CaseFinding) -> list[Markup]:
    """What is computed for a problem, in a few sentences."""
    t = ctx.t
    words = {
        "flood": t(
            "Rain of the past gives the rain of a rare year; terrain and drainage area turn it into "
            "water levels; homes, firms and public works in the water turn it into damage. Damage of "
            "all floods, each with its yearly probability, adds up to the expected annual damage."
        ),
        "storm": t(
            "Footprints of real storms give the pattern of gusts; a distribution of yearly maxima "
            "gives how often; a damage curve turns gusts into loss."
        ),
        "heat": t(
            "Daily highest temperatures above a threshold raise the number of deaths by a published "
            "rate. Deaths are counted, never priced."
        ),
        "reserve": t(
            "Thousands of years are drawn from the events of floods and storms, with what is left after "
            "the chosen measures. Each member needs capital for its bad years; a pool needs less than "
            "its members one by one, as far as their bad years differ. What counts here is the yearly "
            "cost of holding that capital."
        ),
        "purchasing": t(
            "What each member buys a year, at a price that falls with the volume, with the cost of the "
            "procedure that each country's rules ask for. The members buy jointly only what that makes "
            "cheaper."
        ),
    }
    out = [words[case.kind]] if case.kind in words else []
    if case.game is None:
        out.append(
            t("Lives and minutes can't be paid over: nothing is divided here, only the cost of running it.")
        )
    return out


def _faces(ctx: Context, case: CaseFinding) -> Grid:
    t = ctx.t
    scale = (
        ctx.scale([*case.alone, *case.together]) if case.money else figures.Scale(1.0, ctx.unit(case.unit))
    )
    f = scale.factor
    heads = (
        Head(t("member")),
        Head(t("alone, {unit}", unit=scale.label), True),
        Head(t("range"), True),
        Head(t("together, {unit}", unit=scale.label), True),
        Head(t("range"), True),
        Head(t("change"), True),
    )
    rows: list[tuple[object, ...]] = []
    for i, m in enumerate(ctx.findings.members):
        a, b = case.alone[i] / f, case.together[i] / f
        if not (math.isfinite(a) and math.isfinite(b)):
            rows.append((ctx.member(m.id), t("not modelled"), "", "", "", ""))
            continue
        to = figures.pair_step(a, b)
        rows.append(
            (
                ctx.member(m.id),
                ctx.number(a, to),
                ctx.span(case.alone_low[i], case.alone_high[i], f),
                ctx.number(b, to),
                ctx.span(case.together_low[i], case.together_high[i], f),
                change(ctx, a, b),
            )
        )
    a, b = case.total_alone.value / f, case.total_together.value / f
    to = figures.pair_step(a, b)
    rows.append(
        (
            t("all members"),
            ctx.number(a, to),
            ctx.span(case.total_alone.low, case.total_alone.high, f),
            ctx.number(b, to),
            ctx.span(case.total_together.low, case.total_together.high, f),
            change(ctx, a, b),
        )
    )
    if case.money and case.per == "horizon":
        caption = t(
            "Present value of damage and of own measures over {years} years, before payments. Less "
            "is better.",
            years=ctx.findings.region.horizon_years,
        )
    else:
        caption = t("Each year. Less is better.")
    return Grid(caption, heads, rows, css="total")


def change(ctx: Context, alone: float, together: float) -> str:
    """'−14 %, better': the change in words and figures."""
    if alone == together or abs(alone - together) < 0.005 * max(abs(alone), abs(together)):
        return ctx.t("unchanged")
    word = ctx.t("better") if together < alone else ctx.t("worse")
    if alone > 0 and abs(together - alone) / alone < 3:
        sign = "+" if together > alone else ""
        return f"{sign}{figures.percent(ctx.language, (together - alone) / alone)}, {word}"
    return word


def _running(ctx: Context, case: CaseFinding) -> Grid:
    t = ctx.t
    alone = case.running_cost.get("alone", np.zeros(len(ctx.findings.members)))
    together = case.running_cost.get("together", np.zeros(len(ctx.findings.members)))
    scale = ctx.scale([*alone, *together])
    rows = [
        (ctx.member(m.id), ctx.number(alone[i] / scale.factor), ctx.number(together[i] / scale.factor))
        for i, m in enumerate(ctx.findings.members)
    ]
    heads = (
        Head(t("member")),
        Head(t("alone, {unit}", unit=scale.label), True),
        Head(t("together, {unit}", unit=scale.label), True),
    )
    return Grid(t("Only this cost is shared; lives are not."), heads, rows)


def _physical(ctx: Context, quantity: str, alone: np.ndarray, together: np.ndarray) -> Grid:
    t = ctx.t
    rows = []
    for i, m in enumerate(ctx.findings.members):
        to = figures.pair_step(alone[i], together[i])
        rows.append(
            (
                ctx.member(m.id),
                ctx.number(alone[i], to),
                ctx.number(together[i], to),
                change(ctx, alone[i], together[i]),
            )
        )
    heads = (Head(t("member")), Head(t("alone"), True), Head(t("together"), True), Head(t("change"), True))
    caption = t(
        "Counted beside money and never mixed in: {quantity}.", quantity=quantity_words(ctx, quantity)
    )
    return Grid(caption, heads, rows)


def _missing(ctx: Context, case: CaseFinding) -> list[Block]:
    t = ctx.t
    heading = Heading(t("Not modelled"), "not-modelled")
    rows = [
        (
            ctx.member(m.id),
            ctx.number(case.not_modelled[m.id], 1.0),
            ctx.percent(case.not_modelled[m.id] / m.population if m.population else math.nan),
        )
        for m in ctx.findings.members
        if case.not_modelled.get(m.id)
    ]
    if not rows:
        return [heading, Para(t("Everybody in the region lies inside the data of this problem."), "empty")]
    heads = (Head(t("member")), Head(t("people outside the data"), True), Head(t("of its population"), True))
    return [heading, Grid(t("These people are not counted as safe: for them nothing is known."), heads, rows)]


def _folded(ctx: Context, grid: Grid) -> Grid:
    """A long table under a fold; a short one as it is."""
    if len(grid.rows) < MANY:
        return grid
    return replace(
        grid, fold=ctx.t("{caption} {count} rows: show all", caption=grid.caption, count=len(grid.rows))
    )


def _comparison(ctx: Context, table: Table | None) -> list[Block]:
    """What the model says, then what was recorded; a long record is folded."""
    t = ctx.t
    caption = t("What the model says beside what was recorded.")
    none = t("No observed figure was supplied to compare with.")
    at = {c.id: k for k, c in enumerate(table.columns)} if table is not None else {}
    if table is None or len(table.rows) <= MANY or not {"modelled", "observed"} <= set(at):
        return [ctx.grid(table, caption, none)]
    out: list[Block] = []
    for key, other in (("modelled", "observed"), ("observed", "modelled")):
        rows = [r for r in table.rows if isinstance(r[at[key]], (int, float)) and r[at[key]] == r[at[key]]]
        keep = [k for c, k in at.items() if c != other and not (key == "modelled" and c == "source")]
        part = replace(
            table,
            columns=tuple(table.columns[k] for k in keep),
            rows=tuple(tuple(r[k] for k in keep) for r in rows),
        )
        grid = ctx.grid(
            part, caption if key == "modelled" else t("What was recorded, with its source."), none
        )
        if len(rows) > MANY:
            grid = replace(grid, fold=t("{count} figures on record: show all", count=len(rows)))
        out.append(grid)
    return out


def _tables(ctx: Context, case: CaseFinding) -> list[Block]:
    t = ctx.t
    tables = ctx.findings.tables
    out: list[Block] = []
    own = tables.get(f"comparison-{case.id}", tables.get("comparison") if case.kind == "flood" else None)
    out += [Heading(t("Modelled beside observed"), "comparison"), *_comparison(ctx, own)]
    if case.kind == "flood":
        if "rain" in tables:
            out += [
                Heading(t("How rare is the rain"), "rain"),
                _folded(
                    ctx,
                    ctx.grid(
                        tables["rain"],
                        t("Return levels of rain, fitted to yearly maxima, with the range of nine in ten."),
                    ),
                ),
            ]
        if "frequency" in tables:
            out += [
                Heading(t("How often the land floods"), "frequency"),
                ctx.grid(tables["frequency"], t("Modelled frequency beside the mapped or published one.")),
            ]
        if "classes" in tables:
            out += [
                Heading(t("What is damaged"), "classes"),
                _folded(
                    ctx,
                    ctx.grid(
                        tables["classes"],
                        t(
                            "Present value of the damage over {years} years, by class.",
                            years=ctx.findings.region.horizon_years,
                        ),
                    ),
                ),
            ]
    for key in sorted(tables):
        if key.endswith(f"-{case.id}") and not key.startswith("comparison"):
            out.append(
                ctx.grid(
                    tables[key],
                    t(
                        "More on this problem: {table}",
                        table=key.removesuffix(f"-{case.id}").replace("-", " "),
                    ),
                )
            )
    return out
