"""The gain of acting together without outside grants, then with them."""

from __future__ import annotations

from markupsafe import Markup

from bothbanks.analysis.findings import FundingFinding
from bothbanks.analysis.findings.funding import FundedGame
from bothbanks.pages import figures
from bothbanks.pages.blocks import Block, Grid, Head, Para
from bothbanks.pages.context import Context

SMALL = 0.5


def joint_access(ctx: Context, g: FundedGame) -> Markup:
    """What funds add that are open only to partners from several countries."""
    t = ctx.t
    added = g.gain_with - g.gain_with_own
    if added > SMALL:
        return t(
            "Funds that only open to partners from two countries add {money} to the gain from acting "
            "together.",
            money=ctx.money(added),
        )
    return t("No fund that needs partners from two countries adds to the gain here.")


def smaller(ctx: Context, g: FundedGame) -> list[Markup]:
    """That all grants together make the gain smaller, where they do."""
    if g.gain_with - g.gain_without >= -SMALL:
        return []
    return [
        ctx.t(
            "Yet all grants taken together make that gain smaller by {money}, because members alone can draw "
            "many of them too.",
            money=ctx.money(g.gain_without - g.gain_with),
        )
    ]


def blocks(ctx: Context, f: FundingFinding, g: FundedGame) -> list[Block]:
    """Sentences and the table of shares."""
    t = ctx.t
    change = g.gain_with - g.gain_without
    first = t(
        "With no budget to heed, acting together brings {without} without outside grants and {with_} with "
        "them.",
        without=ctx.money(g.gain_without),
        with_=ctx.money(g.gain_with),
    )
    second = (
        t(
            "Grants make the gain smaller, because members alone can draw many of them too: {alone} alone, "
            "{together} together.",
            alone=ctx.money(g.grants_alone),
            together=ctx.money(g.grants_together),
        )
        if change < -SMALL
        else t(
            "Members acting alone would draw {alone} in grants, together {together}.",
            alone=ctx.money(g.grants_alone),
            together=ctx.money(g.grants_together),
        )
    )
    out: list[Block] = [Para(Markup(" ").join((first, second, *_choice(ctx, g)))), _grid(ctx, g)]
    out.append(Para(_stable(ctx, g)))
    out.append(
        Para(
            t(
                "Each group is taken to draw all grants open to its own members for what it may build; a "
                "fund’s ceiling is not divided among groups that act apart, which flatters acting alone. "
                "Choices of each member for itself, such as flood-proofing, are left without grants here. "
                "No yearly budget is heeded in this comparison."
            ),
            "note",
        )
    )
    return out


def _choice(ctx: Context, g: FundedGame) -> list[Markup]:
    t = ctx.t
    out = []
    if g.built_too:
        out.append(
            t(
                "With grants it also pays to build {names}, which the tables above leave out.",
                names=ctx.language.join(ctx.measure(m) for m in g.built_too),
            )
        )
    if g.left_out:
        out.append(
            t(
                "With grants {names} would no longer be built.",
                names=ctx.language.join(ctx.measure(m) for m in g.left_out),
            )
        )
    return out


def _grid(ctx: Context, g: FundedGame) -> Grid:
    t = ctx.t
    columns = (g.shares_without, g.shares_with, g.payments_with)
    scale = ctx.scale(float(v) for c in columns for v in c)
    to = figures.table_step(*(float(v) / scale.factor for c in columns for v in c))
    rows = [
        (ctx.member(m.id), *(ctx.number(float(c[i]) / scale.factor, to) for c in columns))
        for i, m in enumerate(ctx.findings.members)
    ]
    rows.append((t("all members"), *(ctx.number(float(c.sum()) / scale.factor, to) for c in columns[:2]), ""))
    heads = (
        Head(t("member")),
        Head(t("share without grants, {unit}", unit=scale.label), True),
        Head(t("share with grants, {unit}", unit=scale.label), True),
        Head(t("payment with grants (plus: receives), {unit}", unit=scale.label), True),
    )
    return Grid(t("Shares of the gain by the Shapley value, present value."), heads, rows, css="total")


def _stable(ctx: Context, g: FundedGame) -> Markup:
    t = ctx.t
    if g.in_core_gamma and g.in_core_delta:
        return t(
            "With grants this division is stable: no member and no group does better by leaving, whether the "
            "others fall apart or carry on."
        )
    objection = g.objection_delta if g.in_core_gamma else g.objection_gamma
    words = (
        t(
            "With grants this division is stable if the others fall apart, but if they carry on {who} "
            "would gain "
            "{money} by leaving.",
            who=ctx.coalition(objection.coalition),
            money=ctx.money(objection.gain),
        )
        if g.in_core_gamma
        else t(
            "With grants this division is not stable: {who} would gain {money} by leaving.",
            who=ctx.coalition(objection.coalition),
            money=ctx.money(objection.gain),
        )
    )
    return words
