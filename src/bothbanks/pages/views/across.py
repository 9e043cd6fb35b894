"""Who is hurt by whom: where the water comes from, and who decides what it does."""

from __future__ import annotations

import numpy as np

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
        ctx.grid(
            tables.get("hurt-by-origin"),
            t("Loss of each member by the place the hazard comes from."),
            t("No loss was traced to where it comes from."),
        ),
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
