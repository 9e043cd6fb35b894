"""The programme as a game: each alone and together under budgets, who would leave, and what is proven."""

from __future__ import annotations

import math

from markupsafe import Markup

from bothbanks.analysis.findings import Objection, ProgrammeFinding
from bothbanks.analysis.findings.programme import Leaving
from bothbanks.pages import figures
from bothbanks.pages.blocks import Block, Grid, Head, Heading, Para
from bothbanks.pages.context import Context


def blocks(ctx: Context, p: ProgrammeFinding) -> list[Block]:
    """Alone and together, what leaving costs, and how far the plans are proven best."""
    t = ctx.t
    return [
        Heading(t("Alone and together, under the budgets"), "members"),
        _members(ctx, p),
        Para(_stable(ctx, p)),
        Heading(t("If one member leaves"), "leaving"),
        *_leaving(ctx, p),
        Heading(t("How far the plans are proven"), "proof"),
        _proof(ctx, p),
    ]


def _members(ctx: Context, p: ProgrammeFinding) -> Grid:
    t = ctx.t
    d = p.division
    parts = [p.alone, p.together, p.alone - p.together]
    heads = [Head(t("alone"), True), Head(t("together"), True), Head(t("gain if nobody pays anybody"), True)]
    if d is not None:
        parts += [d.payments, d.shares]
        heads += [Head(t("payment, Shapley (plus: receives)"), True), Head(t("gain after payment"), True)]
    scale = ctx.scale([float(v) for part in parts for v in part])
    f = scale.factor
    to = figures.table_step(*(float(v) / f for part in parts[2:] for v in part))
    rows: list[tuple[object, ...]] = [
        (ctx.member(m.id), *(ctx.number(float(part[i]) / f, to) for part in parts))
        for i, m in enumerate(ctx.findings.members)
    ]
    rows.append((t("all members"), *(ctx.number(float(part.sum()) / f, to) for part in parts)))
    return Grid(
        t(
            "Losses and costs under the budgets, present value over {years} years, {unit}. Less is better.",
            years=p.horizon_years,
            unit=scale.label,
        ),
        (Head(t("member")), *heads),
        rows,
        css="total",
    )


def _stable(ctx: Context, p: ProgrammeFinding) -> Markup:
    """Whether somebody does better by leaving, under each answer of the others."""
    t = ctx.t
    d = p.division
    if d is None:
        return t("With so many members not every group was worked out, so the gain is not divided here.")
    out = [
        t("If the others fall apart after somebody leaves, nobody does better by leaving.")
        if d.in_core_gamma
        else _would(ctx, d.objection_gamma, t("if the others fall apart"))
    ]
    if d.objection_delta is not None:
        out.append(
            t("If the others carry on together, nobody does better by leaving.")
            if d.in_core_delta
            else _would(ctx, d.objection_delta, t("if the others carry on"))
        )
    else:
        out.append(t("If the others carry on, members were tested one at a time (below), groups were not."))
    return Markup(" ").join(out)


def _would(ctx: Context, objection: Objection, when: Markup) -> Markup:
    return ctx.t(
        "{who} would do better by {money} by leaving, {when}.",
        who=ctx.coalition(objection.coalition),
        money=ctx.money(objection.gain),
        when=when,
    )


def _leaving(ctx: Context, p: ProgrammeFinding) -> list[Block]:
    t = ctx.t
    values = [v for x in p.leaving for v in (*x.lost, x.lost.sum(), x.better_by)]
    scale = ctx.scale(values)
    f = scale.factor
    to = figures.table_step(*(float(v) / f for v in values))
    rows = []
    for x in p.leaving:
        i = ctx.place[x.member]
        worst = max((k for k in range(len(x.lost)) if k != i), key=lambda k: float(x.lost[k]))
        hit: object = Markup("–")
        if figures.rounded(float(x.lost[worst]) / f, to) > 0:
            hit = t(
                "{member}: {money}",
                member=ctx.member(ctx.findings.members[worst].id),
                money=ctx.number(float(x.lost[worst]) / f, to),
            )
        rows.append(
            (
                ctx.member(x.member),
                ctx.number(float(x.lost.sum()) / f, to),
                ctx.number(float(x.lost[i]) / f, to),
                hit,
                "–" if math.isnan(x.better_by) else ctx.number(x.better_by / f, to),
                _changes(ctx, x),
            )
        )
    heads = (
        Head(t("who leaves")),
        Head(t("all lose"), True),
        Head(t("the leaver loses"), True),
        Head(t("who else loses most")),
        Head(t("the leaver gains, once it need not pay"), True),
        Head(t("what changes in the programme")),
    )
    caption = t(
        "What is lost when one member stays out and the others carry on together, against all together, "
        "nobody paying anybody. Last but one: what the leaver gains against all together with the payments "
        "of the Shapley value. Present value, {unit}.",
        unit=scale.label,
    )
    return [Grid(caption, heads, rows), *_riders(ctx, p)]


def _riders(ctx: Context, p: ProgrammeFinding) -> list[Block]:
    """Who would rather leave by itself and let the others carry on, given the payments."""
    t = ctx.t
    if p.division is None:
        return []
    gaining = [x for x in p.leaving if x.better_by > 1.0]
    if not gaining:
        return [
            Para(t("With the payments no member by itself does better by leaving while the others carry on."))
        ]
    most = max(gaining, key=lambda x: x.better_by)
    words = (
        t(
            "With the payments, {member} would do better by {money} by leaving while the others carry on.",
            member=ctx.member(most.member),
            money=ctx.money(most.better_by),
        )
        if len(gaining) == 1
        else t(
            "With the payments, {members} would each do better by leaving while the others carry on; most of "
            "all {most}, by {money}.",
            members=ctx.coalition(x.member for x in gaining),
            most=ctx.member(most.member),
            money=ctx.money(most.better_by),
        )
    )
    return [Para(words)]


def _changes(ctx: Context, x: Leaving) -> Markup:
    t = ctx.t
    parts = []
    for measures, words in (
        (x.gone, "gone"),
        (x.later, "later"),
        (x.added, "added"),
    ):
        if measures:
            names = ctx.language.join(ctx.measure(m) for m in measures)
            parts.append(
                {
                    "gone": t("not built: {names}", names=names),
                    "later": t("later: {names}", names=names),
                    "added": t("built instead: {names}", names=names),
                }[words]
            )
    return Markup("; ").join(parts) if parts else t("nothing")


def _proof(ctx: Context, p: ProgrammeFinding) -> Grid:
    t = ctx.t
    q = p.proof
    gap: object = ctx.money(q.largest_gap) if q.proven < q.coalitions else t("none")
    rows: list[tuple[object, ...]] = [
        (t("groups of members whose plan was worked out"), ctx.number(q.coalitions, 1.0)),
        (
            t("of these, proven: no better plan exists while the others keep theirs"),
            ctx.number(q.proven, 1.0),
        ),
        (t("largest amount by which a plan not proven may fall short"), gap),
        (t("found by trying every plan"), ctx.number(q.enumerated, 1.0)),
        (t("found by the solver"), ctx.number(q.solved, 1.0)),
        (t("groups outside which the replies never settle"), ctx.number(q.unsettled, 1.0)),
        (t("the same on every run"), t("yes") if q.reproducible else t("no: a time limit was reached")),
    ]
    return Grid(
        t("Every group's plan is checked against every other plan it could afford."),
        (Head(t("question")), Head(t("answer"), True)),
        rows,
    )
