"""Measures: what each costs, who decides it, whom it helps and hurts; and the trade-offs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from markupsafe import Markup

from bothbanks.analysis.findings import MeasureFinding, Table
from bothbanks.pages import figures
from bothbanks.pages.blocks import Block, Figure, Grid, Head, Heading, Page, Para
from bothbanks.pages.context import Context
from bothbanks.pages.svg.scatter import Point, scatter
from bothbanks.pages.terms import column_words, kind_words

SHOWN = 8  # choices of the front before its table is folded


def page(ctx: Context) -> Page:
    """All measures and the Pareto front."""
    t = ctx.t
    blocks: list[Block] = [_chosen(ctx)]
    if ctx.findings.measures:
        blocks += [_costs(ctx), _sources(ctx), *_effects(ctx)]
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
        undecided = 0.2 < m.chosen_together_draws < 0.8
        often = t("{count} of {n} draws", count=round(m.chosen_together_draws * n), n=n)
        if undecided:
            often = t("{often}: undecided", often=often)
        rows.append(
            (
                ctx.language.pick(m.name, m.id),
                kind_words(ctx, m.kind),
                _holders(ctx, m),
                t("yes") if m.chosen_alone else t("no"),
                t("yes") if m.chosen_together else t("no"),
                often,
            )
        )
    heads = (
        Head(t("measure")),
        Head(t("kind")),
        Head(t("who decides")),
        Head(t("built alone")),
        Head(t("built together")),
        Head(t("how often together")),
    )
    return Grid(
        t(
            "Who decides drives the shares more than anything else; the sources are in the fold below "
            "the costs."
        ),
        heads,
        rows,
        t("No measure was given, so nothing can be gained by acting together."),
        [f"m-{m.id}" for m in ctx.findings.measures],
    )


def _holders(ctx: Context, m: MeasureFinding) -> Markup | str:
    """Who decides: members, members with an outsider, an outsider, or each member for itself."""
    t = ctx.t
    if not m.holders:
        return (
            t("{holder}, not a member", holder=m.outside_holder)
            if m.outside_holder
            else t("each member for itself")
        )
    holders = ctx.coalition(m.holders)
    if not m.outside_holder:
        return holders
    return Markup("{} ({})").format(holders, t("with {holder}, not a member", holder=m.outside_holder))


def _sources(ctx: Context) -> Grid:
    """Where each competence and each cost comes from, folded."""
    t = ctx.t
    rows = []
    for m in ctx.findings.measures:
        decides: object = ctx.english(m.holders_source)
        if m.holders_source.lower().startswith("assumed"):
            rest = m.holders_source[len("assumed") :]
            decides = Markup("{}{}").format(t("assumed"), ctx.english(rest) if rest else "")
        cost: object = t("assumed") if m.cost.assumed else ctx.english(m.cost.source)
        rows.append(
            (ctx.language.pick(m.name, m.id), decides, Markup("{} {}").format(cost, _assumed(ctx, m)))
        )
    heads = (Head(t("measure")), Head(t("source of who decides")), Head(t("source of the cost")))
    fold = t("Sources of who decides and of the costs, {count} measures: show all", count=len(rows))
    return Grid(t("Where who decides and what it costs come from."), heads, rows, fold=fold)


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
            t("assumed") if m.cost.assumed else t("published"),
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


def _effects(ctx: Context) -> list[Block]:
    """What each measure does to each member: money in one table, each other unit in its own."""
    t = ctx.t
    paid = {c.id for c in ctx.findings.cases if c.money}
    acting = [m for m in ctx.findings.measures if np.any(np.abs(m.effect_on_member) > 0)]
    money = [m for m in acting if m.case in paid]
    scale = ctx.scale([v for m in money for v in m.effect_on_member])
    caption = t(
        "Loss avoided by each measure if it alone is added to what each does alone, present "
        "value, {unit}. Minus: harm.",
        unit=scale.label,
    )
    out: list[Block] = [_effect_grid(ctx, money, scale.factor, caption)]
    for case in ctx.findings.cases:
        mine = [m for m in acting if m.case == case.id and case.id not in paid]
        if mine:
            words = t(
                "{case}: avoided by each measure if it alone is added to what each does alone, {unit}. "
                "Counted, never priced.",
                case=ctx.case_name(case.id),
                unit=ctx.unit(case.unit),
            )
            out.append(_effect_grid(ctx, mine, 1.0, words))
    return out


def _effect_grid(ctx: Context, measures: list[MeasureFinding], factor: float, caption: str) -> Grid:
    rows = []
    for m in measures:
        values = m.effect_on_member / factor
        to = figures.table_step(*values)
        rows.append((ctx.language.pick(m.name, m.id), *(_effect(ctx, float(v), to) for v in values)))
    heads = (Head(ctx.t("measure")), *(Head(ctx.member(m.id), True) for m in ctx.findings.members))
    return Grid(caption, heads, rows, ctx.t("No measure changes any member's loss."))


def _effect(ctx: Context, value: float, to: float) -> str:
    """A figure by the row's step; a plain nought where there is none."""
    return ctx.number(value, to) if figures.rounded(value, to) else ctx.number(0.0)


def _as_changes(ctx: Context, table: Table | None) -> Table | None:
    """The front with each set of measures told by how it differs from the chosen one."""
    if table is None:
        return None
    at = {c.id: k for k, c in enumerate(table.columns)}
    if not {"measures", "chosen"} <= set(at):
        return table
    sets = [[x for x in str(r[at["measures"]]).split(" + ") if x] for r in table.rows]
    base = next((s for s, r in zip(sets, table.rows, strict=True) if r[at["chosen"]] == "yes"), None)
    if base is None:
        return table
    t = ctx.t

    def words(mine: list[str]) -> Markup:
        if mine == base:
            return Markup("<b>{}</b>: {}").format(
                t("as chosen"), ctx.language.join(ctx.measure(x) for x in mine) if mine else t("none")
            )
        more = [x for x in mine if x not in base]
        less = [x for x in base if x not in mine]
        parts = []
        if more:
            parts.append(t("with {names}", names=ctx.language.join(ctx.measure(x) for x in more)))
        if less and not mine:
            return t("no measure")
        if less:
            parts.append(t("without {names}", names=ctx.language.join(ctx.measure(x) for x in less)))
        return Markup("; ").join(parts)

    rows = []
    for row, mine in zip(table.rows, sets, strict=True):
        cells = list(row)
        cells[at["measures"]] = words(mine)
        rows.append(tuple(cells))
    return replace(table, rows=tuple(rows))


def _front(ctx: Context, table: Table | None) -> list[Block]:
    t = ctx.t
    none = t("No trade-off to show: there is one best choice in every respect, or no measure to choose.")
    grid = ctx.grid(
        _as_changes(ctx, table),
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
        fold=t("{count} choices: show all", count=len(grid.rows)) if len(grid.rows) > SHOWN else "",
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
    y_unit = ctx.unit(table.columns[other].unit)
    svg = scatter(
        points,
        name=t("Trade-offs between money and {what}", what=y_name),
        text=t("The table below holds the same figures."),
        x_title=f"{column_words(ctx, table.columns[money].id)}, {scale.label}",
        y_title=f"{y_name}, {y_unit}" if y_unit else y_name,
        x_text=ctx.exact,
        y_text=ctx.exact,
    )
    return [
        Figure(svg, t("Each point is one set of measures. Large and filled: the set chosen together.")),
        numbered,
    ]
