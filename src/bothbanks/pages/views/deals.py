"""Deal sheets: one printable page for each real pair or group."""

from __future__ import annotations

import math

import numpy as np
from markupsafe import Markup

from bothbanks.analysis.findings import DealSheet
from bothbanks.pages import figures
from bothbanks.pages.blocks import Block, Figure, Grid, Head, Heading, Page, Para
from bothbanks.pages.context import Context
from bothbanks.pages.svg.bars import Bar, bars
from bothbanks.pages.years import merged_years


def index(ctx: Context) -> Page:
    """The list of deal sheets."""
    t = ctx.t
    scale = ctx.scale(
        [v for d in ctx.findings.deals for v in (d.least_accepted.value, d.most_paid.value, d.payment)]
    )
    f = scale.factor
    rows = [
        (
            ctx.link(f"deal-{d.id}", ctx.language.pick(d.name, d.id)),
            ctx.coalition(d.hosts),
            ctx.coalition(d.beneficiaries),
            ctx.number(d.least_accepted.value / f),
            ctx.number(d.most_paid.value / f),
            verdict(ctx, d),
        )
        for d in ctx.findings.deals
    ]
    heads = (
        Head(t("deal")),
        Head(t("who hosts")),
        Head(t("who gains")),
        Head(t("least the hosts accept, {unit}", unit=scale.label), True),
        Head(t("most the others would pay, {unit}", unit=scale.label), True),
        Head(t("verdict")),
    )
    blocks: list[Block] = [
        Para(
            t(
                "People sign deals between those who host a measure and those who gain by it, not "
                "one grand treaty. Each deal has a page to print."
            )
        ),
        Grid(
            t("All deals, present value."),
            heads,
            rows,
            t("No deal to show: no group of members has a measure that one hosts and another gains by."),
        ),
    ]
    return Page(
        "deals", t("Deal sheets"), t("Pick a deal, print its page, and take it to the table."), blocks
    )


def verdict(ctx: Context, d: DealSheet) -> Markup:
    """Whether there is room for a deal."""
    if d.most_paid.value < d.least_accepted.value:
        return ctx.t("no room for a deal")
    return ctx.t("room for a deal; holds in {draws}", draws=ctx.draws_of(d.survives_draws))


def sheet(ctx: Context, d: DealSheet) -> Page:
    """One deal on one page."""
    t = ctx.t
    room = d.most_paid.value >= d.least_accepted.value
    values = {
        "hosts": ctx.coalition(d.hosts),
        "others": ctx.coalition(d.beneficiaries),
        "payment": ctx.money(d.payment),
        "least": ctx.money(d.least_accepted.value),
        "most": ctx.money(d.most_paid.value),
    }
    if not room:
        sentence = t(
            "{others} would pay at most {most}, and {hosts} would need at least {least}: there is no room "
            "for a deal.",
            **values,
        )
    elif d.least_accepted.value <= 0:
        sentence = t(
            "{hosts} would gain by it without any payment; {others} would still pay up to {most}. "
            "Proposed: {payment}.",
            **values,
        )
    else:
        sentence = t(
            "{others} would pay up to {most}; {hosts} would accept no less than {least}. Proposed, half "
            "way: {payment}.",
            **values,
        )
    blocks: list[Block] = [
        Para(sentence, "lede"),
        Para(
            t(
                "It holds in {draws}. Amounts are present values over {years} years in prices of "
                "{price_year}.",
                draws=ctx.draws_of(d.survives_draws),
                years=ctx.findings.region.horizon_years,
                price_year=ctx.findings.region.price_year,
            )
        ),
        _parties(ctx, d),
        _range(ctx, d),
        _years(ctx, d),
        *_break_even(ctx, d),
        Heading(t("Draft article"), "article"),
        _article(ctx, d),
        ctx.source((*_case_of(ctx, d), "region")),
    ]
    return Page(
        f"deal-{d.id}",
        ctx.language.pick(d.name, d.id),
        t("One page to print: who hosts, who gains, what would be paid, and what would end the deal."),
        blocks,
        css="sheet",
    )


def _case_of(ctx: Context, d: DealSheet) -> tuple[str, ...]:
    return tuple(dict.fromkeys(m.case for m in ctx.findings.measures if m.id in d.measures))


def _parties(ctx: Context, d: DealSheet) -> Grid:
    t = ctx.t
    rows: list[tuple[object, ...]] = [
        (t("measures"), ctx.language.join(ctx.measure(m) for m in d.measures)),
        (t("who hosts"), ctx.coalition(d.hosts)),
        (t("who gains"), ctx.coalition(d.beneficiaries)),
    ]
    for member, cost in d.host_cost.items():
        words = t("{money} after its own benefit", money=ctx.money(cost))
        rows.append((t("what {member} carries without payment", member=ctx.member(member)), words))
    return Grid(t("The parties."), (Head(t("what")), Head(t("who or how much"))), rows)


def _range(ctx: Context, d: DealSheet) -> Figure:
    t = ctx.t
    scale = ctx.scale([d.least_accepted.high, d.most_paid.high, d.payment])
    f = scale.factor

    def bar(name: str, x: float, low: float, high: float) -> Bar:
        words = figures.money_short(ctx.language, x, ctx.currency)
        if math.isfinite(low):
            words += f" ({ctx.span(low, high, f)})"
        return Bar(name, x / f, words, low / f, high / f)

    items = [
        bar(t("least accepted"), d.least_accepted.value, d.least_accepted.low, d.least_accepted.high),
        bar(t("proposed"), d.payment, math.nan, math.nan),
        bar(t("most paid"), d.most_paid.value, d.most_paid.low, d.most_paid.high),
    ]
    svg = bars(items, name=t("Room for a deal"), text=t("The figures are printed beside the bars."))
    return Figure(svg, t("Room for a deal. In brackets and as a thin line: range of nine in ten draws."))


def _years(ctx: Context, d: DealSheet) -> Grid:
    t = ctx.t
    members = [m for m in (*d.hosts, *d.beneficiaries) if m in d.payment_by_year]
    return years_grid(
        ctx,
        t("Payments by year. Plus: receives; minus: pays."),
        [(ctx.member_plain(m), d.payment_by_year[m]) for m in dict.fromkeys(members)],
    )


def years_grid(ctx: Context, caption: str, series: list[tuple[str, np.ndarray]]) -> Grid:
    """Money by year with equal years merged ('years 4 to 50')."""
    t = ctx.t
    scale = ctx.scale([v for _, s in series for v in s])
    to = figures.table_step(*(float(v) / scale.factor for _, s in series for v in s))
    rows = []
    for first, last, values in merged_years([s for _, s in series], small=to * scale.factor / 10):
        if first == last:
            label = t("year {year}", year=first + 1)
        else:
            label = t("years {first} to {last}, each", first=first + 1, last=last + 1)
        rows.append((label, *(ctx.number(v / scale.factor, _fine(v / scale.factor, to)) for v in values)))
    heads = (Head(t("year")), *(Head(f"{name}, {scale.label}", True) for name, _ in series))
    return Grid(caption, heads, rows, t("No payment by year was worked out."))


def _fine(value: float, to: float) -> float:
    """The table's step, finer for a small amount, so that money that flows never reads as nought."""
    return max(min(to, figures.step(value, digits=1)), to / 100) if value else to


def _break_even(ctx: Context, d: DealSheet) -> list[Block]:
    t = ctx.t
    ends = [b for b in d.break_even if b.value is not None]
    holds = [b for b in d.break_even if b.value is None]
    rows = [
        (
            ctx.parameter(b.parameter),
            ctx.exact(b.base),
            f"{ctx.exact(b.low)} – {ctx.exact(b.high)}",
            ctx.unit(b.unit),
            ctx.exact(float(f"{b.value:.3g}")),
        )
        for b in ends
    ]
    heads = (
        Head(t("assumption")),
        Head(t("our value"), True),
        Head(t("its range"), True),
        Head(t("unit")),
        Head(t("the deal ends at"), True),
    )
    caption = t("The value of each assumption at which the deal ends, the others unchanged.")
    none = (
        t("No assumption ends this deal within its range.")
        if holds
        else t("No assumption was tested for this deal.")
    )
    out: list[Block] = [Grid(caption, heads, rows, none)]
    if holds:
        names = ctx.language.join(ctx.parameter(b.parameter) for b in holds)
        out.append(Para(t("The deal holds over the whole range of: {names}.", names=names)))
    return out


def _article(ctx: Context, d: DealSheet) -> Para:
    words = ctx.language.pick(d.article)
    return (
        Para(words, "article")
        if words
        else Para(ctx.t("No draft article was written for this deal."), "empty")
    )
