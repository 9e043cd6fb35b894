"""Measures: what each costs, who decides it, whom it helps and hurts; and the trade-offs."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from bothbanks.analysis.findings import MeasureFinding, Table
from bothbanks.pages import figures
from bothbanks.pages.blocks import Block, Figure, Grid, Head, Heading, Page, Para
from bothbanks.pages.context import Context
from bothbanks.pages.svg.scatter import Point, scatter
from bothbanks.pages.terms import column_words, kind_words


def page(ctx: Context) -> Page:
    """All measures and the Pareto front."""
    t = ctx.t
    blocks: list[Block] = [_chosen(ctx)]
    if ctx.findings.measures:
        blocks += [_costs(ctx), _effects(ctx)]
        blocks.append(
            Para(
                t(
                    "Each cost and each effect is counted in one row. Effects of several measures do "
                    "not add up: the choice was made on all of them at once."
                )
            )
        )
    blocks.append(ctx.source(tuple(dict.fromkeys(m.case for m in ctx.findings.measures))))
    blocks += [
        Heading(t("What would be given up"), "pareto"),
        *_front(ctx, ctx.findings.tables.get("pareto")),
    ]
    return Page(
        "measures",
        t("Measures and trade-offs"),
        t("See what each measure costs, who decides it, and what choosing another mix would give up."),
        blocks,
    )


def _chosen(ctx: Context) -> Grid:
    t = ctx.t
    n = ctx.findings.region.draws
    rows = []
    for m in ctx.findings.measures:
        holders: Markup | str = ctx.coalition(m.holders) if m.holders else t("each member for itself")
        if m.outside_holder:
            holders = Markup("{} ({})").format(
                holders, t("with {holder}, not a member", holder=m.outside_holder)
            )
        undecided = 0.2 < m.chosen_together_draws < 0.8
        often = t("{count} of {n} draws", count=round(m.chosen_together_draws * n), n=n)
        if undecided:
            often = t("{often}: undecided", often=often)
        source = (
            t("assumed") if m.holders_source.lower().startswith("assumed") else ctx.english(m.holders_source)
        )
        rows.append(
            (
                ctx.language.pick(m.name, m.id),
                kind_words(ctx, m.kind),
                holders,
                source,
                t("yes") if m.chosen_alone else t("no"),
                t("yes") if m.chosen_together else t("no"),
                often,
            )
        )
    heads = (
        Head(t("measure")),
        Head(t("kind")),
        Head(t("who decides")),
        Head(t("source of that")),
        Head(t("built alone")),
        Head(t("built together")),
        Head(t("how often together")),
    )
    return Grid(
        t("Who decides drives the shares more than anything else, so it has a source in each row."),
        heads,
        rows,
        t("No measure was given, so nothing can be gained by acting together."),
        [f"m-{m.id}" for m in ctx.findings.measures],
    )


def _costs(ctx: Context) -> Grid:
    t = ctx.t
    measures = ctx.findings.measures
    scale = ctx.scale([v for m in measures for v in (m.cost.high, m.present_cost)])
    f = scale.factor
    rows = [
        (
            ctx.language.pick(m.name, m.id),
            ctx.number(m.cost.value / f),
            ctx.span(m.cost.low, m.cost.high, f),
            ctx.number(float(np.max(m.upkeep_by_year, initial=0.0)) / f),
            ctx.number(m.present_cost / f),
            ctx.number(m.lifetime_years, 1.0),
            Markup("{} {}").format(t("assumed") if m.cost.assumed else m.cost.source, _assumed(ctx, m)),
        )
        for m in measures
    ]
    heads = (
        Head(t("measure")),
        Head(t("capital, {unit}", unit=scale.label), True),
        Head(t("range"), True),
        Head(t("upkeep a year, {unit}", unit=scale.label), True),
        Head(t("present value, {unit}", unit=scale.label), True),
        Head(t("life, years"), True),
        Head(t("source")),
    )
    caption = t(
        "Cost in {currency}, prices of {year}, discounted at {rate} a year.",
        currency=ctx.currency,
        year=ctx.findings.region.price_year,
        rate=figures.percent(ctx.language, ctx.findings.region.discount_rate.value, 1),
    )
    return Grid(caption, heads, rows)


def _assumed(ctx: Context, m: MeasureFinding) -> Markup:
    if not m.assumed:
        return Markup("")
    return Markup("({})").format(
        ctx.tn(
            "{count} assumed parameter", "{count} assumed parameters", len(m.assumed), count=len(m.assumed)
        )
    )


def _effects(ctx: Context) -> Grid:
    t = ctx.t
    measures = [m for m in ctx.findings.measures if np.any(np.abs(m.effect_on_member) > 0)]
    scale = ctx.scale([v for m in measures for v in m.effect_on_member])
    rows = []
    for m in measures:
        values = m.effect_on_member / scale.factor
        to = figures.table_step(*values)
        rows.append((ctx.language.pick(m.name, m.id), *(ctx.number(v, to) for v in values)))
    heads = (Head(t("measure")), *(Head(ctx.member(m.id), True) for m in ctx.findings.members))
    return Grid(
        t(
            "Loss avoided by each measure if it alone is added to what each does alone, present "
            "value, {unit}. Minus: harm.",
            unit=scale.label,
        ),
        heads,
        rows,
        t("No measure changes any member's loss."),
    )


def _front(ctx: Context, table: Table | None) -> list[Block]:
    t = ctx.t
    none = t("No trade-off to show: there is one best choice in every respect, or no measure to choose.")
    grid = ctx.grid(
        table,
        t("No row is better than another in every respect. The numbers are those of the picture."),
        none,
    )
    if table is None or len(table.rows) < 2:
        return [grid]
    money = next((k for k, c in enumerate(table.columns) if c.kind == "money"), None)
    other = next(
        (k for k, c in enumerate(table.columns) if c.kind in ("number", "integer", "share") and k != money),
        None,
    )
    chosen = next((k for k, c in enumerate(table.columns) if c.id == "chosen"), None)
    numbered = Grid(
        grid.caption,
        (Head(t("choice"), True), *grid.heads),
        [(str(k + 1), *r) for k, r in enumerate(grid.rows)],
    )
    if money is None or other is None:
        return [numbered]
    scale = ctx.scale([float(r[money]) for r in table.rows])
    points = [
        Point(
            float(r[money]) / scale.factor,
            float(r[other]),
            str(k + 1),
            chosen is not None and r[chosen] in ("yes", True, 1),
        )
        for k, r in enumerate(table.rows)
    ]
    y_name = column_words(ctx, table.columns[other].id)
    svg = scatter(
        points,
        name=t("Trade-offs between money and {what}", what=y_name),
        text=t("The table below holds the same figures."),
        x_title=f"{column_words(ctx, table.columns[money].id)}, {scale.label}",
        y_title=y_name,
        x_text=ctx.exact,
        y_text=ctx.exact,
    )
    return [
        Figure(svg, t("Each point is one set of measures. Large and filled: the set chosen together.")),
        numbered,
    ]
