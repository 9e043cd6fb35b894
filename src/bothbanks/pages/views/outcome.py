"""Payouts by an index and outcome grants: the terms in words, how well they fit, how to recompute them."""

from __future__ import annotations

import math

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from bothbanks.analysis.findings.outcome import (
    BasisFinding,
    OutcomeFinding,
    PartFinding,
    StepFinding,
    TriggerFinding,
)
from bothbanks.pages import figures
from bothbanks.pages.blocks import Block, Grid, Head, Heading, Items, Page, Para
from bothbanks.pages.context import Context
from bothbanks.pages.entry import Entry
from bothbanks.pages.views import outcome_grants

SLUG = "payouts"


def entries(ctx: Context) -> tuple[Entry, ...]:
    """Its pages; none where the appraisal found nothing about it."""
    if ctx.findings.outcome is None:
        return ()
    return (Entry(SLUG, ctx.t("The money"), ctx.t("Payouts and outcome grants"), page),)


def page(ctx: Context) -> Page:
    """Triggers, their basis risk, the one command that recomputes a payout, and outcome grants."""
    t = ctx.t
    found = ctx.findings.outcome
    assert found is not None
    blocks: list[Block] = []
    if found.triggers:
        blocks.append(Para(_headline(ctx, found), "lede"))
        blocks.append(
            Para(
                t(
                    "A trigger pays by a number that anybody can look up, such as a river's discharge, and "
                    "not by the damage. So it pays fast and can be checked, but it may pay where nothing was "
                    "needed, and pay nothing where much was lost: that is basis risk."
                )
            )
        )
        for trigger in found.triggers:
            blocks += _trigger(ctx, trigger)
        blocks += recompute(ctx)
    if found.grants:
        blocks += outcome_grants.blocks(ctx, found.grants)
    blocks.append(ctx.source(("grants", "flood", "region")))
    return Page(
        SLUG,
        t("Payouts and outcome grants"),
        t("See what an index or a measured result would pay, how far it misses the need, and check it."),
        blocks,
    )


def _headline(ctx: Context, found: OutcomeFinding) -> Markup:
    """The trigger that misses most, in a sentence or two."""
    t = ctx.t
    fitted = [x for x in found.triggers if x.basis is not None]
    if not fitted:
        return t("None of the triggers could be tested on the region's flood years.")
    out = []
    for trigger in fitted:
        basis = trigger.basis
        assert basis is not None
        want, lack = _sum(basis.mean_needed), _sum(basis.shortfall)
        paid, beyond = _sum(basis.mean_paid), _sum(basis.excess)
        name = ctx.language.pick(trigger.name, trigger.id)
        if want <= 0:
            out.append(t("{trigger}: on the region's flood years nobody needs a payout.", trigger=name))
        else:
            out.append(
                t(
                    "{trigger}: of what its members would need in an average year, {share} would not be "
                    "paid.",
                    trigger=name,
                    share=ctx.percent(lack / want),
                )
            )
        if paid > 0:
            out.append(t("Of what it pays, {share} is more than needed.", share=ctx.percent(beyond / paid)))
    return Markup(" ").join(out)


def _trigger(ctx: Context, trigger: TriggerFinding) -> list[Block]:
    t = ctx.t
    about = ctx.language.pick(trigger.about)
    out: list[Block] = [Heading(str(ctx.language.plain(trigger.name, trigger.id)), f"trigger-{trigger.id}")]
    if about:
        out.append(Para(about))
    if trigger.assumed:
        out.append(Para(t("Limit, shares and what each step pays are assumed, to show the method."), "note"))
    out.append(Items(_terms(ctx, trigger)))
    for part in trigger.parts:
        out.append(_steps(ctx, trigger, part) if part.steps else Para(_linear(ctx, trigger, part)))
    if trigger.basis is None:
        out.append(
            Para(t("Nothing modelled stands for its index, so its basis risk is not computed."), "note")
        )
        return out
    out += [
        Para(_stands_for(ctx, trigger)),
        Para(_basis_words(ctx, trigger.basis)),
        _basis(ctx, trigger.basis),
        _basis_money(ctx, trigger.basis),
    ]
    if trigger.attachments:
        out.append(_attachments(ctx, trigger))
    return out


def _terms(ctx: Context, trigger: TriggerFinding) -> list[Markup]:
    t = ctx.t
    shares = ctx.language.join(
        t("{member} {share}", member=ctx.member(m), share=ctx.percent(s)) for m, s in trigger.shares.items()
    )
    final = (
        t("It waits for the owner's final data; on operational data nothing is due yet.")
        if trigger.waits_for == "final"
        else t("It pays on operational data too, without waiting for the final ones.")
    )
    return [
        t(
            "Pays up to {limit} in all for what happens from {start} to {end}.",
            limit=ctx.money(trigger.limit),
            start=outcome_grants.day(ctx, trigger.start),
            end=outcome_grants.day(ctx, trigger.end),
        ),
        t("Every payout is divided so: {shares}.", shares=shares),
        *(_index_words(ctx, trigger, part) for part in trigger.parts),
        final,
    ]


def _index_words(ctx: Context, trigger: TriggerFinding, part: PartFinding) -> Markup:
    """What is looked at, in a sentence."""
    t = ctx.t
    unit = ctx.unit(trigger.unit)
    place = part.place or part.id
    if part.track:
        extreme = t("the lowest value") if part.reduce == "min" else t("the highest value")
        return t(
            "Index: {extreme} of a storm while its centre is in the area {place}, in {unit}, read from "
            "{file}.",
            extreme=extreme,
            place=part.id,
            unit=unit,
            file=part.file,
        )
    if part.span > 1:
        return t(
            "Index: the highest sum of {n} values in a row at {place}, in {unit}, read from {file}.",
            n=part.span,
            place=place,
            unit=unit,
            file=part.file,
        )
    kinds = {
        "max": t("the highest value"),
        "min": t("the lowest value"),
        "sum": t("the sum of all values"),
    }
    return t(
        "Index: {kind} at {place}, in {unit}, read from {file}.",
        kind=kinds[part.reduce],
        place=place,
        unit=unit,
        file=part.file,
    )


def _linear(ctx: Context, trigger: TriggerFinding, part: PartFinding) -> Markup:
    return ctx.t(
        "Nothing is paid up to {attachment} {unit}, the whole limit from {exhaustion} {unit} on, and in "
        "proportion between.",
        attachment=ctx.exact(part.attachment),
        exhaustion=ctx.exact(part.exhaustion),
        unit=ctx.unit(trigger.unit),
    )


def _steps(ctx: Context, trigger: TriggerFinding, part: PartFinding) -> Grid:
    """Bands of the index as published, what each pays, and how often a year lies in it."""
    t = ctx.t
    rows = [
        (
            _band(ctx, step, ctx.unit(trigger.unit)),
            ctx.percent(step.pay),
            ctx.money(step.pay * trigger.limit),
            figures.percent(ctx.language, step.rate, 1),
        )
        for step in part.steps
    ]
    heads = (
        Head(t("index")),
        Head(t("pays of the limit"), True),
        Head(t("in money"), True),
        Head(t("chance a year"), True),
    )
    return Grid(t("What it pays, by steps. Outside all steps it pays nothing."), heads, rows)


def _band(ctx: Context, step: StepFinding, unit: str) -> Markup:
    """A band in words: 'above 920, at most 932 mb'."""
    t = ctx.t
    parts = []
    if step.low is not None:
        low = ctx.exact(step.low)
        parts.append(t("{bound} or more", bound=low) if step.low_in else t("above {bound}", bound=low))
    if step.high is not None:
        high = ctx.exact(step.high)
        parts.append(t("at most {bound}", bound=high) if step.high_in else t("below {bound}", bound=high))
    return Markup("{} {}").format(Markup(", ").join(parts), unit)


def _stands_for(ctx: Context, trigger: TriggerFinding) -> Markup:
    """How the region's flood years stand for the index."""
    t = ctx.t
    out = []
    for part in trigger.parts:
        basin = ctx.basin(part.basin)
        if part.events_as == "discharge":
            out.append(
                t(
                    "On the region's flood years, the index is the discharge at {gauge} that has the return "
                    "period of that year's flood of the {basin}, by the published frequencies of the gauge.",
                    gauge=part.gauge,
                    basin=basin,
                )
            )
        elif part.events_as == "rain":
            out.append(
                t(
                    "On the region's flood years, the index is the rain at {gauge} over {days} days "
                    "that is as rare as that year's flood of the {basin}.",
                    gauge=part.gauge,
                    days=ctx.exact(part.duration_days),
                    basin=basin,
                )
            )
        else:
            out.append(
                t(
                    "On the region's flood years, the index is the return period of that year's flood of the "
                    "{basin}.",
                    basin=basin,
                )
            )
    return Markup(" ").join(dict.fromkeys(out))


def _shown(ctx: Context, basis: BasisFinding) -> list[int]:
    """The members with a share of the payouts."""
    return [i for i in range(len(ctx.findings.members)) if math.isfinite(basis.paid[i])]


def _basis(ctx: Context, basis: BasisFinding) -> Grid:
    """Basis risk by member: chances of a year."""
    t = ctx.t

    def chance(value: float) -> str:
        return figures.percent(ctx.language, value, 1)

    rows = [
        (
            ctx.member(ctx.findings.members[i].id),
            chance(basis.paid[i]),
            chance(basis.needed[i]),
            chance(basis.paid_not_needed[i]),
            chance(basis.needed_not_paid[i]),
        )
        for i in _shown(ctx, basis)
    ]
    heads = (
        Head(t("member")),
        Head(t("paid, chance a year"), True),
        Head(t("needed, chance a year"), True),
        Head(t("paid and not needed"), True),
        Head(t("needed and not paid"), True),
    )
    caption = t(
        "Basis risk: how far payouts miss the need, on the losses left after the measures chosen together."
    )
    return Grid(caption, heads, rows)


def _basis_money(ctx: Context, basis: BasisFinding) -> Grid:
    """Basis risk by member in money; folded."""
    t = ctx.t
    shown = _shown(ctx, basis)
    scale = ctx.scale([*basis.mean_paid[shown], *basis.mean_needed[shown]])

    def money(value: float) -> str:
        return ctx.number(value / scale.factor, _fine(value / scale.factor))

    rows = [
        (
            ctx.member(ctx.findings.members[i].id),
            money(basis.mean_paid[i]),
            money(basis.mean_needed[i]),
            money(basis.excess[i]),
            money(basis.shortfall[i]),
            figures.number(ctx.language, float(basis.correlation[i]), 0.01),
        )
        for i in shown
    ]
    unit = scale.label
    heads = (
        Head(t("member")),
        Head(t("paid, {unit} a year", unit=unit), True),
        Head(t("needed, {unit} a year", unit=unit), True),
        Head(t("paid beyond the need, {unit} a year", unit=unit), True),
        Head(t("need not paid, {unit} a year", unit=unit), True),
        Head(t("correlation of payout and loss"), True),
    )
    caption = t(
        "Basis risk in money: means of a year. A correlation of 1 would mean that payouts follow "
        "losses exactly; 0, not at all."
    )
    return Grid(caption, heads, rows, fold=t("Basis risk in money: show all"))


def _basis_words(ctx: Context, basis: BasisFinding) -> Markup:
    return ctx.t(
        "Needed is the part of a member's flood loss of a year above its own loss of once in {years} "
        "years, up to its part of the limit.",
        years=ctx.exact(basis.needed_years),
    )


def _attachments(ctx: Context, trigger: TriggerFinding) -> Grid:
    """What another attachment would do: the same limit, all or nothing."""
    t = ctx.t
    scale = ctx.scale([x for a in trigger.attachments for x in (a.mean_paid, a.shortfall)])
    rows = [
        (
            t("once in {years} years", years=ctx.exact(a.years)),
            ctx.number(a.index, figures.step(a.index, digits=3)),
            figures.percent(ctx.language, a.paid_not_needed, 1),
            figures.percent(ctx.language, a.needed_not_paid, 1),
            ctx.number(a.mean_paid / scale.factor, _fine(a.mean_paid / scale.factor)),
            ctx.number(a.shortfall / scale.factor, _fine(a.shortfall / scale.factor)),
        )
        for a in trigger.attachments
    ]
    heads = (
        Head(t("pays from")),
        Head(t("index, {unit}", unit=ctx.unit(trigger.unit)), True),
        Head(t("paid and not needed"), True),
        Head(t("needed and not paid"), True),
        Head(t("paid, {unit} a year", unit=scale.label), True),
        Head(t("need not paid, {unit} a year", unit=scale.label), True),
    )
    caption = t(
        "Where to start paying: the same limit paid whole from an index this rare on. Chances are those of a "
        "year, the mean over members by their part; money is the sum."
    )
    return Grid(caption, heads, rows, fold=t("Where to start paying: show all"))


def recompute(ctx: Context) -> list[Block]:
    """The one command, and the claim for what the index missed."""
    t = ctx.t
    return [
        Heading(t("Check a payout yourself"), "verify"),
        Para(
            t(
                "A payout is published as a statement with its terms and its data, each named by its "
                "fingerprint (SHA-256). Any member recomputes it, without asking anybody, with one command:"
            )
        ),
        Para(Markup("<code>bothbanks payout verify statement.json --data data/</code>")),
        Para(
            t(
                "It says MATCH, or lists every difference: a changed byte of data, an amount, a term, "
                "or data called final that are not."
            )
        ),
        Para(
            t(
                "A member that lost much and was paid little files a basis-risk claim: in time, with "
                "evidence, before a panel that it did not name, up to a cap."
            )
        ),
    ]


def _sum(values: NDArray[np.float64]) -> float:
    """Over the members with a share."""
    return float(np.nansum(values))


def _fine(value: float) -> float:
    """Two figures, but no finer than a hundredth."""
    return max(figures.step(value), 0.01) if value else 1.0
