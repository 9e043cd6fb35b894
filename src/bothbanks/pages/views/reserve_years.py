"""The reserve over its years, what lies beyond one rainstorm, and what moves the answer."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from bothbanks.analysis.findings import ReserveFinding
from bothbanks.analysis.findings.reserve import ReserveTrial
from bothbanks.pages import figures
from bothbanks.pages.amounts import parameter_value, share_exact
from bothbanks.pages.blocks import Block, Grid, Head, Heading, Para
from bothbanks.pages.context import Context

SHOWN_YEARS = 4


def path(ctx: Context, found: ReserveFinding) -> list[Block]:
    """What the pool holds by year, and how often it can't pay."""
    t, p = ctx.t, found.path
    scale = ctx.scale([p.start, *p.high.tolist()])
    shown = np.unique(np.linspace(0, p.years - 1, min(SHOWN_YEARS, p.years)).round().astype(int))
    rows = [
        (
            t("year {number}", number=int(y) + 1),
            ctx.number(float(p.mean[y]) / scale.factor),
            ctx.span(float(p.low[y]), float(p.high[y]), scale.factor),
            figures.percent(ctx.language, float(p.ruined[y]), 1),
        )
        for y in shown
    ]
    heads = (
        Head(t("at the end of")),
        Head(t("held on average, {unit}", unit=scale.label), True),
        Head(t("range of nine in ten, {unit}", unit=scale.label), True),
        Head(t("could not pay whole by then"), True),
    )
    words = t(
        "The fund starts with {start}, the pool's capital, and takes in {contribution} a year: average "
        "payouts and the cost of capital. Running costs are paid beside it. What it holds earns {interest} a "
        "year; what then lies above its start, {returned} in an average year, goes back to the members.",
        start=ctx.money(p.start),
        contribution=ctx.money(p.contribution),
        interest=share_exact(ctx.language, p.interest),
        returned=ctx.money(p.returned),
    )
    caption = t("{paths} possible courses, each year drawn anew.", paths=ctx.number(float(p.paths), 1.0))
    return [
        Heading(t("The fund over {years} years", years=p.years), "reserve-path"),
        Para(_ruin(ctx, found)),
        Para(words),
        Grid(caption, heads, rows),
    ]


def _ruin(ctx: Context, found: ReserveFinding) -> Markup:
    t, p = ctx.t, found.path
    need = t(
        "To be unable to pay in no more than {target} of cases, it would have to start with {start}.",
        target=share_exact(ctx.language, p.target),
        start=ctx.money(p.start_needed),
    )
    if not p.failures:
        chance = t(
            "In {paths} possible courses of {years} years the fund could always pay, so the chance that it "
            "can't is under {high} at {sure} confidence.",
            paths=ctx.number(float(p.paths), 1.0),
            years=p.years,
            high=figures.percent(ctx.language, p.ruin.high, 2),
            sure=ctx.percent(0.95),
        )
    else:
        chance = t(
            "The chance that the fund can't pay whole at least once in {years} years is {share} ({low} to "
            "{high} at {sure} confidence).",
            years=p.years,
            share=figures.percent(ctx.language, p.ruin.value, 1),
            low=figures.percent(ctx.language, p.ruin.low, 1),
            high=figures.percent(ctx.language, p.ruin.high, 1),
            sure=ctx.percent(0.95),
        )
    return Markup("{} {}").format(chance, need)


def beyond(ctx: Context, found: ReserveFinding) -> list[Block]:
    """A far region, and a layer ceded to the market."""
    t, far = ctx.t, found.far
    blocks: list[Block] = [
        Heading(t("Beyond one rainstorm"), "reserve-far"),
        Para(
            t(
                "Pooled with a region of the same size and kind whose years are independent of ours, our "
                "half of the capital would fall from {apart} to {joined}, which saves {saving} a year before "
                "the cost of running a larger pool. This is an illustration of what distance can do: no such "
                "partner was looked at.",
                apart=ctx.money(far.capital_alone),
                joined=ctx.money(far.capital_with),
                saving=ctx.money(far.saving),
            )
        ),
    ]
    c = found.ceded
    if c is None:
        return blocks
    if not c.exhaustion > c.attachment:
        empty = t(
            "There is nothing to insure on the market: in so rare a year the pool pays no more than in less "
            "rare ones."
        )
        return [*blocks, Para(empty)]
    net = (
        t("At that price this saves {money} a year.", money=ctx.money(c.net))
        if c.net > 0.0
        else t("At that price this costs {money} a year more than it saves.", money=ctx.money(-c.net))
    )
    words = t(
        "The pool could insure its worst years on the market: {share} of what it pays in a year between "
        "{low} and {high} (once in {a} to once in {b} years), for {price} a year. That price is {rate} of "
        "the most that the market could have to pay in a year. The market would then pay {expected} in an "
        "average year, and {after} of capital would do in place of {before}.",
        share=ctx.percent(c.share),
        low=ctx.money(c.attachment),
        high=ctx.money(c.exhaustion),
        a=ctx.number(c.attachment_years, 1.0),
        b=ctx.number(c.exhaustion_years, 1.0),
        price=ctx.money(c.price),
        rate=share_exact(ctx.language, c.rate_on_line),
        expected=ctx.money(c.expected),
        after=ctx.money(c.capital_after),
        before=ctx.money(c.capital_before),
    )
    even = t(
        "It breaks even where the price is {rate} of that amount.",
        rate=figures.percent(ctx.language, c.break_even, 1),
    )
    return [*blocks, Para(words), Para(Markup("{} {}").format(net, even))]


def moves(ctx: Context, found: ReserveFinding) -> list[Block]:
    """One assumption at a time, climates, discount rates, and the exchange rate."""
    t = ctx.t
    scale = ctx.scale([v for x in found.trials for v in (x.alone, x.together)] or [found.saving.value])
    saved = ctx.scale([x.alone - x.together for x in found.trials] or [found.saving.value])

    def row(name: object, alone: float, together: float, spared: float) -> tuple[object, ...]:
        return (
            name,
            ctx.number(alone / scale.factor, 0.1 if alone < 100 * scale.factor else 1.0),
            ctx.number(together / scale.factor, 0.1 if alone < 100 * scale.factor else 1.0),
            ctx.number((alone - together) / saved.factor),
            figures.percent(ctx.language, spared, 1),
        )

    case = found.case
    rows = [
        row(t("as above"), case.total_alone.value, case.total_together.value, found.diversification.value)
    ]
    for x in found.trials:
        rows.append(row(_trial(ctx, x), x.alone, x.together, x.diversification))
    heads = (
        Head(t("with")),
        Head(t("premiums alone, {unit} a year", unit=scale.label), True),
        Head(t("premiums together, {unit} a year", unit=scale.label), True),
        Head(t("saving, {unit} a year", unit=saved.label), True),
        Head(t("capital spared"), True),
    )
    caption = t(
        "One assumption at a time at either end of its range, and other climates with the measures and terms "
        "of today. A larger loss makes both premiums larger."
    )
    years = ctx.findings.region.horizon_years
    worth = [
        t(
            "{money} at {rate}",
            money=ctx.money(value),
            rate=share_exact(ctx.language, rate),
        )
        for rate, value in found.present_value.items()
    ]
    discount = t(
        "Over {years} years the saving is worth, at discount rates a year: {list}.",
        years=years,
        list=ctx.language.join(worth),
    )
    return [
        Heading(t("What moves it"), "reserve-moves"),
        *_ends(ctx, found),
        Grid(
            caption, heads, rows, fold=t("{count} trials: show all", count=len(rows) - 1) if rows[1:] else ""
        ),
        Para(discount),
        Para(_exchange(ctx, found)),
    ]


def _trial(ctx: Context, trial: ReserveTrial) -> Markup:
    """What was changed, with its value: 'yearly cost of capital: 4%', 'climate: ...'."""
    if trial.what:
        value = parameter_value(ctx, trial.what, trial.value)
        return ctx.t("{case}: {what}", case=ctx.parameter(trial.what), what=value)
    return ctx.t("climate: {name}", name=ctx.language.pick(trial.name))


def _ends(ctx: Context, found: ReserveFinding) -> list[Block]:
    """The trials with the least and the largest saving, in a sentence."""
    if len(found.trials) < 2:
        return []
    least, most = (f(found.trials, key=lambda x: x.alone - x.together) for f in (min, max))
    words = ctx.t(
        "One change at a time, the saving is least with {least} ({low} a year) and largest with {most} "
        "({high} a year).",
        least=_trial(ctx, least),
        low=_signed(ctx, least.alone - least.together),
        most=_trial(ctx, most),
        high=_signed(ctx, most.alone - most.together),
    )
    return [Para(words)]


def _signed(ctx: Context, value: float) -> Markup:
    """Money with its sign where it is a loss."""
    return Markup("{}{}").format(figures.MINUS if value < 0 else "", ctx.money(value))


def _exchange(ctx: Context, found: ReserveFinding) -> Markup:
    if len(found.currencies) == 1:
        return ctx.t("All members count in {currency}: no exchange rate is in it.", currency=ctx.currency)
    return ctx.t(
        "Members count in {list}. The fund is kept in {currency}; whoever counts in another bears the "
        "change of the rate on its premium and its payouts.",
        list=ctx.language.join(Markup("{}").format(c) for c in found.currencies),
        currency=ctx.currency,
    )
