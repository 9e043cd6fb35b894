"""The reserve fund: what each member pays and holds alone and pooled, and how it pays out."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from bothbanks.analysis.findings import ReserveFinding
from bothbanks.analysis.findings.reserve import ReserveCore
from bothbanks.pages import figures
from bothbanks.pages.amounts import share_exact
from bothbanks.pages.blocks import Block, Figure, Grid, Head, Heading, Items, Page, Para
from bothbanks.pages.context import Context
from bothbanks.pages.entry import Entry
from bothbanks.pages.svg.bars import Bar, bars
from bothbanks.pages.views import outcome
from bothbanks.pages.views.cases import method
from bothbanks.pages.views.reserve_years import beyond, moves, path


def entries(ctx: Context) -> tuple[Entry, ...]:
    """Its pages; none where the appraisal found nothing about it."""
    if ctx.findings.reserve is None:
        return ()
    return (Entry("reserve", ctx.t("The money"), ctx.t("Reserve fund"), page),)


def page(ctx: Context) -> Page:
    """One reserve held by all beside one held by each."""
    t, found = ctx.t, ctx.findings.reserve
    assert found is not None  # entries() lists the page only then
    blocks: list[Block] = [
        Para(_lede(ctx, found), "lede"),
        *(
            [Para(ctx.language.pick(found.case.modelled), "note")]
            if any(found.case.modelled.values())
            else []
        ),
        *(Para(words) for words in method(ctx, found.case)),
        Para(_catch(ctx, found)),
        *_safe(ctx, found),
        Para(_range(ctx, found)),
        _members(ctx, found),
        _capital(ctx, found),
        *_fair(ctx, found),
        Para(_saving_words(ctx, found)),
        _bars(ctx, found),
        Heading(t("Who bears which part of a loss"), "reserve-layers"),
        *_layers(ctx, found),
        Heading(t("Would anyone rather hold its own?"), "reserve-core"),
        Items([*(_core(ctx, c) for c in found.core), *_pairs(ctx, found)]),
        *path(ctx, found),
        *beyond(ctx, found),
        *_payouts(ctx),
        *moves(ctx, found),
        ctx.source((found.case.id, *found.covers, "region")),
    ]
    return Page(
        "reserve",
        t("Reserve fund"),
        t("See what a reserve for bad years costs each member by itself, and in one fund with the others."),
        blocks,
    )


def _payouts(ctx: Context) -> list[Block]:
    """Where payouts by an index are told, if the region has any."""
    listed = outcome.entries(ctx)
    if not listed or ctx.findings.outcome is None or not ctx.findings.outcome.triggers:
        return []
    link = ctx.link(listed[0].slug, listed[0].name)
    return [
        Para(
            ctx.t(
                "What is paid out by an index, before any loss is counted, is told under {page}.", page=link
            )
        )
    ]


def _lede(ctx: Context, found: ReserveFinding) -> Markup:
    t = ctx.t
    if found.saving.value <= 0.0:
        return t(
            "One fund for all would save nothing: running it costs as much as the capital it spares. By "
            "themselves the members would pay {alone} a year.",
            alone=ctx.money(found.case.total_alone.value),
        )
    return t(
        "One reserve fund instead of {n} would save {gain} a year of the {alone} that the members would pay "
        "by themselves. It needs {share} less capital: {pooled} in place of {apart}.",
        n=ctx.language.number_word(len(ctx.findings.members)),
        gain=ctx.money(found.saving.value),
        alone=ctx.money(found.case.total_alone.value),
        share=ctx.percent(found.diversification.value),
        pooled=ctx.money(found.capital_pooled),
        apart=ctx.money(found.capital_alone),
    )


def _catch(ctx: Context, found: ReserveFinding) -> Markup:
    if found.far.diversification > found.diversification.value:
        return ctx.t(
            "Pooling spares no more because neighbours under one rainstorm have many of their bad years "
            "together. With a region of the same size far away, whose bad years come at other times, {share} "
            "of the capital would be spared on top.",
            share=ctx.percent(found.far.diversification),
        )
    return ctx.t(
        "With a region of the same size far away, whose bad years come at other times, {share} of the "
        "capital would be spared on top.",
        share=ctx.percent(found.far.diversification),
    )


def _safe(ctx: Context, found: ReserveFinding) -> list[Block]:
    """That capital for bad years is no promise, where a course was found in which it fell short."""
    p = found.path
    if not p.failures:
        return []
    words = ctx.t(
        "So much capital is no promise: with a chance of {share} the fund could not pay whole at least once "
        "in {years} years ({more}).",
        share=figures.percent(ctx.language, p.ruin.value, 1),
        years=p.years,
        more=ctx.link("reserve", ctx.t("The fund over {years} years", years=p.years), "reserve-path"),
    )
    return [Para(words)]


def _range(ctx: Context, found: ReserveFinding) -> Markup:
    t = ctx.t
    return t(
        "Over the draws the saving lies {span}, and the capital spared between {low} and {high}: each draw "
        "has its own hazards, measures and years. Drawing the {years} years anew moves the capital spared "
        "between {a} and {b} only. Counting only the largest event of each year, it is {maxima}.",
        span=ctx.money_span(found.saving),
        low=ctx.percent(found.diversification.low),
        high=ctx.percent(found.diversification.high),
        years=ctx.number(float(found.years), 1.0),
        a=ctx.percent(found.diversification_years.low),
        b=ctx.percent(found.diversification_years.high),
        maxima=ctx.percent(found.diversification_maxima),
    )


def _members(ctx: Context, found: ReserveFinding) -> Grid:
    """What each member pays by itself and in the pool."""
    t, m = ctx.t, found.members
    scale = ctx.scale([float(v) for x in (m.premium_alone, m.premium_pooled) for v in x])
    small = ctx.scale([float(v) for v in m.saving])

    def row(name: object, alone: float, pooled: float, saved: float) -> tuple[object, ...]:
        to = figures.pair_step(alone / scale.factor, pooled / scale.factor)
        first, second = (ctx.number(v / scale.factor, to) for v in (alone, pooled))
        return (name, first, second, ctx.number(saved / small.factor))

    columns = (m.premium_alone, m.premium_pooled, m.saving)
    rows = [
        row(ctx.member(x.id), *(float(c[i]) for c in columns)) for i, x in enumerate(ctx.findings.members)
    ]
    rows.append(row(t("all together"), *(float(c.sum()) for c in columns)))
    heads = (
        Head(t("member")),
        Head(t("premium by itself, {unit} a year", unit=scale.label), True),
        Head(t("premium in the pool, {unit} a year", unit=scale.label), True),
        Head(t("saves, {unit} a year", unit=small.label), True),
    )
    caption = t(
        "A premium is what the fund pays on average, {load} a year on the capital, and the running cost. "
        "Capital covers the mean of the worst {tail} of years. It is held, not spent. Prices of {year}.",
        load=ctx.percent(found.load),
        tail=_part(ctx, 1.0 - found.level),
        year=ctx.findings.region.price_year,
    )
    return Grid(caption, heads, rows, css="total")


def _capital(ctx: Context, found: ReserveFinding) -> Grid:
    """What the fund pays each member on average, and the capital held for it; folded."""
    t, m = ctx.t, found.members
    small = ctx.scale([float(v) for v in m.paid])
    large = ctx.scale([float(v) for x in (m.capital_alone, m.capital_pooled) for v in x])

    def row(name: object, paid: float, alone: float, pooled: float) -> tuple[object, ...]:
        to = figures.pair_step(alone / large.factor, pooled / large.factor)
        first, second = (ctx.number(v / large.factor, to) for v in (alone, pooled))
        return (name, ctx.number(paid / small.factor), first, second)

    columns = (m.paid, m.capital_alone, m.capital_pooled)
    rows = [
        row(ctx.member(x.id), *(float(c[i]) for c in columns)) for i, x in enumerate(ctx.findings.members)
    ]
    rows.append(row(t("all together"), *(float(c.sum()) for c in columns)))
    heads = (
        Head(t("member")),
        Head(t("the fund pays it on average, {unit} a year", unit=small.label), True),
        Head(t("capital by itself, {unit}", unit=large.label), True),
        Head(t("its part of the pool's capital, {unit}", unit=large.label), True),
    )
    fold = t("Average payouts and capital, member by member: show all")
    return Grid(t("Average payouts and capital, member by member."), heads, rows, css="total", fold=fold)


def _part(ctx: Context, share: float) -> str:
    """A small share with its decimals: 0.5%."""
    return share_exact(ctx.language, round(share, 6))


def _fair(ctx: Context, found: ReserveFinding) -> list[Block]:
    """How far the saving by premiums lies from the fair shares that the briefs name."""
    game = found.case.game
    rule = next((r for r in game.rules if r.rule == "shapley"), None) if game is not None else None
    if rule is None or found.saving.value <= 0.0:
        return []
    apart = max(abs(float(a) - float(b)) for a, b in zip(rule.shares, found.members.saving, strict=True))
    words = ctx.t(
        "What each saves here follows from its premium. The matrix and the briefs also give the fair "
        "(Shapley) share of the same saving; the two differ by {money} a year at most.",
        money=ctx.money(apart),
    )
    return [Para(words)]


def _saving_words(ctx: Context, found: ReserveFinding) -> Markup:
    t = ctx.t
    before = float(found.members.premium_alone_before.sum())
    return t(
        "Of the saving, {capital} a year is the cost of capital no longer needed; running one fund costs "
        "{pooled} a year in place of {apart}. Losses are those left after the measures that members choose "
        "together. With what each builds by itself, the premiums alone would add up to {before} a year.",
        capital=ctx.money(found.capital_saved_cost.value),
        pooled=ctx.money(found.running_pooled),
        apart=ctx.money(found.running_alone),
        before=ctx.money(before),
    )


def _bars(ctx: Context, found: ReserveFinding) -> Figure:
    t, case = ctx.t, found.case
    scale = ctx.scale([*case.alone, *case.together])
    items = []
    for i, m in enumerate(ctx.findings.members):
        name = ctx.member_plain(m.id)
        for words, value, low, high, state in (
            (t("alone"), case.alone[i], case.alone_low[i], case.alone_high[i], "plain"),
            (t("together"), case.together[i], case.together_low[i], case.together_high[i], "better"),
        ):
            items.append(
                Bar(
                    f"{name}, {words}",
                    float(value) / scale.factor,
                    figures.money_short(ctx.language, float(value), ctx.currency),
                    float(low) / scale.factor,
                    float(high) / scale.factor,
                    state,
                )
            )
    svg = bars(
        items,
        name=t("Yearly premium of each member, alone and together"),
        text=t("The table above holds the same figures."),
    )
    return Figure(svg, t("Yearly premium, alone and together. Thin line: range of nine in ten draws."))


def _layers(ctx: Context, found: ReserveFinding) -> list[Block]:
    t, terms, m = ctx.t, found.terms, found.members
    large = ctx.scale([float(v) for v in terms.exhaustion])
    small = ctx.scale([float(v) for v in m.gross])

    def amount(value: float, years: float, scale: figures.Scale) -> object:
        number = ctx.number(value / scale.factor, figures.step(value / scale.factor))
        if math.isnan(years):
            return number
        often = t("once in {years} years", years=ctx.number(years, 1.0))
        return Markup('{} <small class="range">{}</small>').format(number, often)

    rows: list[tuple[object, ...]] = [
        (
            ctx.member(member.id),
            amount(float(terms.attachment[i]), float(terms.attachment_years[i]), large),
            amount(float(terms.exhaustion[i]), float(terms.exhaustion_years[i]), large),
            ctx.percent(float(terms.share[i])),
            *(ctx.number(float(x[i]) / small.factor) for x in (m.gross, m.kept, m.paid)),
        )
        for i, member in enumerate(ctx.findings.members)
    ]
    heads = (
        Head(t("member")),
        Head(t("the fund pays from, {unit} an event", unit=large.label), True),
        Head(t("and up to, {unit} an event", unit=large.label), True),
        Head(t("its share of what lies between"), True),
        Head(t("loss of an average year, {unit}", unit=small.label), True),
        Head(t("of it kept, {unit}", unit=small.label), True),
        Head(t("of it paid by the fund, {unit}", unit=small.label), True),
    )
    total = t(
        "Of a loss of {gross} in an average year the fund pays {paid}, and the members keep {kept}.",
        gross=ctx.money(float(m.gross.sum())),
        paid=ctx.money(float(m.paid.sum())),
        kept=ctx.money(float(m.kept.sum())),
    )
    words = t(
        "The fund pays each member part of the loss of an event: nothing below the first amount, a share of "
        "what lies between, and nothing more beyond the second. What it doesn't pay the member bears; the "
        "parts add up to the loss, to the cent. Floods and windstorms are taken as independent of each other."
    )
    caption = t("Terms of the fund, and who bears an average year's loss.")
    return [Para(words), Para(total), Grid(caption, heads, rows, fold=t("Terms, member by member: show all"))]


def _group(ctx: Context, ids: Sequence[str]) -> Markup:
    """A group of members in words; by whom it leaves out where these are few."""
    out = [m.id for m in ctx.findings.members if m.id not in ids]
    if 0 < len(out) <= 2 < len(ids):
        return ctx.t("all but {names}", names=ctx.coalition(out))
    return ctx.coalition(ids)


def _core(ctx: Context, core: ReserveCore) -> Markup:
    t = ctx.t
    way = {
        "euler": t("With premiums as above"),
        "expected": t("Were the cost of capital shared as average payouts are"),
        "ceded": t("With part insured on the market, as below"),
    }[core.way]
    if not core.failing:
        return t(
            "{way}, none of the {count} groups of members would pay less by itself. Nearest to it: {who}, "
            "to whom staying in is worth {slack} a year.",
            way=way,
            count=core.tested,
            who=_group(ctx, core.worst),
            slack=ctx.money(core.slack),
        )
    return t(
        "{way}, {failing} of the {count} groups of members would pay less by themselves. Most of all {who}, "
        "by {slack} a year.",
        way=way,
        failing=core.failing,
        count=core.tested,
        who=_group(ctx, core.worst),
        slack=ctx.money(-core.slack),
    )


def _pairs(ctx: Context, found: ReserveFinding) -> list[Markup]:
    if found.closest is None or found.farthest is None:
        return []
    place = ctx.place

    def spared(pair: tuple[str, str]) -> str:
        share = float(found.pairs[place[pair[0]], place[pair[1]]])
        return figures.percent(ctx.language, share, 1)

    return [
        ctx.t(
            "Two by two, pooling spares most for {far} ({a} of their capital) and least for {near} ({b}).",
            far=ctx.coalition(found.farthest),
            a=spared(found.farthest),
            near=ctx.coalition(found.closest),
            b=spared(found.closest),
        )
    ]
