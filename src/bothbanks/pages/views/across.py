"""Who is hurt by whom: where the water comes from, and who decides what it does."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from bothbanks.analysis.findings import Table
from bothbanks.pages import figures
from bothbanks.pages.blocks import Block, Grid, Head, Heading, Page
from bothbanks.pages.context import Context


def page(ctx: Context) -> Page:
    """Effects across the border: by origin, by decision, by measure."""
    t = ctx.t
    tables = ctx.findings.tables
    blocks: list[Block] = [Heading(t("What each measure does on the other bank"), "measures"), _effects(ctx)]
    blocks += [
        Heading(t("Where the harm comes from"), "origin"),
        _origin(ctx, tables.get("hurt-by-origin")),
    ]
    blocks += [
        Heading(t("Who decides, who is hurt"), "decision"),
        ctx.grid(
            tables.get("hurt-by-decision"),
            t("What one member's decisions mean for another, alone."),
            t("No decision of one member touches another: no measure crosses a border."),
        ),
    ]
    if "scenarios" in tables:
        blocks += [
            Heading(t("Named scenarios"), "scenarios"),
            ctx.grid(tables["scenarios"], t("The same figures under stated scenarios.")),
        ]
    blocks.append(ctx.source(tuple(c.id for c in ctx.findings.cases)))
    return Page(
        "across",
        t("Who is hurt by whom across the border"),
        t("Find out which decisions on one bank reach the other."),
        blocks,
    )


def _origin(ctx: Context, table: Table | None) -> Grid:
    """Where each member's loss comes from: origins down, members across, the largest origin first."""
    t = ctx.t
    none = t("No loss was traced to where it comes from.")
    kinds = [c.kind for c in table.columns] if table is not None else []
    if table is None or not table.rows or kinds != ["text", "member", "money"]:
        return ctx.grid(table, t("Loss of each member by the place the hazard comes from."), none)
    scale = ctx.scale([float(r[2]) for r in table.rows])
    _, _, per = table.columns[2].unit.partition("/")
    label = f"{scale.label} {ctx.unit(f'1/{per}')}" if per else scale.label
    to = figures.table_step(*(float(r[2]) / scale.factor for r in table.rows))
    found: dict[str, dict[str, float]] = {}
    for origin, member, loss in table.rows:
        found.setdefault(str(ctx.cell("text", origin)), {})[member] = float(loss) / scale.factor
    rows = []
    for origin, losses in sorted(found.items(), key=lambda item: -sum(item[1].values())):
        cells = [
            ctx.number(losses[m.id], max(min(to, figures.step(losses[m.id])), to / 100))
            if m.id in losses
            else ""
            for m in ctx.findings.members
        ]
        whole = sum(losses.values())
        rows.append((Markup(origin), *cells, ctx.number(whole, min(to, figures.step(whole)))))
    heads = (
        Head(t("where the water comes from")),
        *(Head(ctx.member(m.id), True) for m in ctx.findings.members),
        Head(t("total"), True),
    )
    caption = t(
        "Loss of each member by where the water comes from, {unit}. Empty: little or nothing.", unit=label
    )
    return Grid(caption, heads, rows, none)


def _effects(ctx: Context) -> Grid:
    t = ctx.t
    country = {m.id: m.country for m in ctx.findings.members}
    paid = {c.id for c in ctx.findings.cases if c.money}
    rows = []
    shown = []
    for m in ctx.findings.measures:
        if m.case not in paid:  # effects of other problems are lives, not money
            continue
        own = {country[h] for h in m.holders if h in country}
        for i, member in enumerate(ctx.findings.members):
            effect = float(m.effect_on_member[i])
            if own and member.country not in own and abs(effect) > 1e3:
                shown.append((m, member, effect))
    largest = max((abs(e) for _, _, e in shown), default=0.0)
    shown = [s for s in shown if abs(s[2]) > 1e-3 * largest]
    scale = ctx.scale([e for _, _, e in shown])
    to = figures.step(*(e / scale.factor for _, _, e in shown)) if shown else 1.0
    for m, member, effect in sorted(shown, key=lambda s: s[2]):
        word = t("helps") if effect > 0 else t("harms")
        rows.append(
            (
                ctx.measure(m.id),
                ctx.coalition(m.holders),
                ctx.member(member.id),
                word,
                ctx.number(effect / scale.factor, min(to, figures.step(effect / scale.factor))),
            )
        )
    heads = (
        Head(t("measure")),
        Head(t("who decides")),
        Head(t("who feels it")),
        Head(t("helps or harms")),
        Head(
            t(
                "loss avoided over {years} years, {unit}",
                years=ctx.findings.region.horizon_years,
                unit=scale.label,
            ),
            True,
        ),
    )
    caption = t(
        "Measures that reach a member in another country, added to what each does alone. Minus: harm."
    )
    return Grid(caption, heads, rows, t("No measure crosses a border."))


def hurts(ctx: Context, member: int) -> list[tuple[str, float]]:
    """Measures of others that harm a member: id and present value of the harm."""
    paid = {c.id for c in ctx.findings.cases if c.money}
    return [
        (m.id, float(m.effect_on_member[member]))
        for m in ctx.findings.measures
        if m.case in paid
        and ctx.findings.members[member].id not in m.holders
        and np.isfinite(m.effect_on_member[member])
        and m.effect_on_member[member] < 0
    ]
