"""The programme as a game: each alone and together under budgets, who would leave, and what is proven."""

from __future__ import annotations

import math

from markupsafe import Markup

from bothbanks.analysis.findings import Objection, ProgrammeFinding
from bothbanks.analysis.findings.programme import Leaving
from bothbanks.pages import figures
from bothbanks.pages.blocks import Block, Grid, Head, Heading, Items, Para
from bothbanks.pages.context import Context


def blocks(ctx: Context, p: ProgrammeFinding) -> list[Block]:
    """Alone and together, what leaving costs, and how far the plans are proven best."""
    t = ctx.t
    return [
        Heading(t("Alone and together, under the budgets"), "members"),
        _members(ctx, p),
        *_against_no_budget(ctx, p),
        Para(_stable(ctx, p)),
        Heading(t("If one member leaves"), "leaving"),
        *_leaving(ctx, p),
        Heading(t("How far the plans are proven"), "proof"),
        *_proof(ctx, p),
    ]


def _against_no_budget(ctx: Context, p: ProgrammeFinding) -> list[Block]:
    """Why the gain here is not the gain with no budget to heed; nothing where no budget binds."""
    dearer = float(p.alone.sum() - p.alone_unlimited.sum())
    if max(abs(dearer), abs(p.price_of_budgets)) < 1.0:
        return []
    words = ctx.t(
        "The budgets cost the members {alone} when each acts alone and {together} when all act together. "
        "With no budget to heed the gain is {gain}; under the budgets it is {here}.",
        alone=ctx.money(dearer),
        together=ctx.money(p.price_of_budgets),
        gain=ctx.money(p.gain_unlimited),
        here=ctx.money(p.gain),
    )
    return [Para(words)]


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
        "With these payments {who} would do better by {money} by leaving, {when}.",
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
        Head(t("the leaver is better off by, payments counted"), True),
        Head(t("what changes in the programme")),
    )
    caption = t(
        "What is lost when one member stays out and the others carry on together, against all together, "
        "nobody paying anybody. The last figure counts the payments of the Shapley value, which the leaver "
        "no longer pays or receives (minus: worse off). Present value, {unit}.",
        unit=scale.label,
    )
    fold = t("What is lost, member by member: show all")
    return [*_dearest_leaver(ctx, p), *_riders(ctx, p), Grid(caption, heads, rows, fold=fold)]


def _dearest_leaver(ctx: Context, p: ProgrammeFinding) -> list[Block]:
    """Whose leaving costs all members most."""
    most = max(p.leaving, key=lambda x: float(x.lost.sum()), default=None)
    if most is None or most.lost.sum() <= 1.0:
        return []
    words = ctx.t(
        "Most is lost if {member} leaves and the others carry on: {money} for all members.",
        member=ctx.member(most.member),
        money=ctx.money(float(most.lost.sum())),
    )
    return [Para(words)]


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


def _proof(ctx: Context, p: ProgrammeFinding) -> list[Block]:
    t = ctx.t
    q = p.proof
    first = (
        t("Every group’s plan is proven: no better plan exists while the others keep theirs.")
        if q.proven == q.coalitions
        else t(
            "{proven} of {all} plans are proven: no better plan exists while the others keep theirs. A plan "
            "not proven falls short by {money} at most.",
            proven=q.proven,
            all=q.coalitions,
            money=ctx.money(q.largest_gap),
        )
    )
    counts: tuple[tuple[Markup, object], ...] = (
        (t("groups of members whose plan was worked out"), ctx.number(q.coalitions, 1.0)),
        (t("found by trying every plan"), ctx.number(q.enumerated, 1.0)),
        (t("found by the solver"), ctx.number(q.solved, 1.0)),
        (t("groups outside which the replies never settle"), ctx.number(q.unsettled, 1.0)),
        (t("the same on every run"), t("yes") if q.reproducible else t("no: a time limit was reached")),
    )
    return [Para(first), Items([t("{case}: {what}", case=words, what=count) for words, count in counts])]
