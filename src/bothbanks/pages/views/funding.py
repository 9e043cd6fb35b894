"""Who pays from which pot and when: the mix of sources, cash by fiscal year, upkeep, shared revenue."""

from __future__ import annotations

from markupsafe import Markup

from bothbanks.analysis.findings import FloatArray, FundingFinding
from bothbanks.pages import figures
from bothbanks.pages.blocks import Block, Figure, Grid, Head, Heading, Page, Para
from bothbanks.pages.context import Context
from bothbanks.pages.entry import Entry
from bothbanks.pages.svg.bars import Bar, bars
from bothbanks.pages.views import funding_cash, funding_game, funding_rules

SLUG = "funding"
SMALL = 0.005
LONG = 8  # rows a table may have before it is folded
SET_ASIDE = 3  # row of the table by member, left out where it is nought


def entries(ctx: Context) -> tuple[Entry, ...]:
    """Its pages; none where the appraisal found nothing about it."""
    if ctx.findings.funding is None:
        return ()
    return (Entry(SLUG, ctx.t("The money"), ctx.t("Funding"), page),)


def page(ctx: Context) -> Page:
    """Who pays, what joint access to funds adds, cash by year, upkeep, exchange risk, why not."""
    t = ctx.t
    found = ctx.findings.funding
    assert found is not None
    blocks: list[Block] = [Para(headline(ctx, found), "lede"), Para(_basis(ctx, found))]
    if found.conflict is not None:
        blocks += funding_rules.conflict(ctx, found)
    blocks += [Heading(t("Who pays"), "who-pays"), _picture(ctx, found), by_member(ctx, found)]
    blocks += [Heading(t("Who pays for which measure"), "mix"), by_measure(ctx, found)]
    blocks += [Heading(t("The sources and their rules"), "sources"), *funding_rules.sources(ctx, found)]
    if found.game is not None:
        blocks += [
            Heading(t("The gain without and with outside grants"), "grants"),
            *funding_game.blocks(ctx, found, found.game),
        ]
    blocks += [Heading(t("Cash by council and year"), "cash"), *funding_cash.blocks(ctx, found)]
    blocks += [Heading(t("Is the upkeep paid?"), "upkeep"), *funding_cash.upkeep(ctx, found)]
    blocks += [Heading(t("If exchange rates move"), "exchange"), *funding_cash.exchange(ctx, found)]
    if found.ventures:
        blocks += [Heading(t("Joint undertakings"), "ventures"), *funding_cash.ventures(ctx, found)]
    blocks.append(ctx.source(("sources", "budgets", "region")))
    return Page(
        SLUG,
        t("Funding"),
        t("See who pays for the measures, from which pot and in which year, and what grants change."),
        blocks,
    )


def headline(ctx: Context, f: FundingFinding) -> Markup:
    """Who pays, what joint access adds."""
    t = ctx.t
    total = float(f.capital.sum())
    if total <= SMALL:
        return t("Nothing is built together, so there is nothing to pay for.")
    parts = [
        t("{share} from grants", share=ctx.percent(float(f.grants.sum()) / total)),
        t("{share} borrowed", share=ctx.percent(float(f.drawn.sum()) / total)),
        t("{share} from the councils’ own cash", share=ctx.percent(float(f.own_cash.sum()) / total)),
    ]
    if float(f.set_aside.sum()) > SMALL:
        parts.append(t("{share} set aside before", share=ctx.percent(float(f.set_aside.sum()) / total)))
    out = [
        t(
            "Building all that is chosen together, with members’ own measures and renewals, costs {money} "
            "over {years} years: {parts}.",
            money=ctx.money(total),
            years=f.horizon_years,
            parts=ctx.language.join(parts),
        )
    ]
    saved = f.present_all_cash - f.present_cost
    if saved > SMALL:
        out.append(
            t(
                "Paid this way the measures cost the councils {money} less in today’s money than all in "
                "cash.",
                money=ctx.money(saved),
            )
        )
    if f.game is not None:
        out += [funding_game.joint_access(ctx, f.game), *funding_game.smaller(ctx, f.game)]
    if f.conflict is not None:
        out.append(t("But no mix keeps every rule; what is shown sets the fewest rules aside."))
    return Markup(" ").join(out)


def _basis(ctx: Context, f: FundingFinding) -> Markup:
    t = ctx.t
    first = (
        t("Paid for is what the programme under budgets builds, when it builds it.")
        if f.under_budgets
        else t("Paid for is what all would build together with no budget to heed.")
    )
    second = (
        _heeded(ctx)
        if f.budgets_heeded
        else t("The folder states no yearly budgets, so only the sources’ own rules limit the mix.")
    )
    third = t(
        "A grant is free to a council, not to taxpayers. Of all mixes the one that costs councils least is "
        "shown."
    )
    return Markup(" ").join((first, second, third))


def _heeded(ctx: Context) -> Markup:
    """Which budgets the mix keeps: one for all where members that act together spend one."""
    t = ctx.t
    programme = ctx.findings.programme
    if programme is None:
        return t("The mix heeds the yearly budgets and the debt limits.")
    if programme.pooled:
        return t(
            "The mix heeds the yearly budgets of all members taken together, because members that act "
            "together spend one budget, and the debt limits."
        )
    return t("The mix heeds each council’s yearly budgets and debt limits.")


def _picture(ctx: Context, f: FundingFinding) -> Figure:
    t = ctx.t
    rows = [
        (ctx.language.plain(s.name, s.id), float(s.paid.sum())) for s in f.sources if s.paid.sum() > SMALL
    ]
    rows.append((str(t("councils’ own cash")), float(f.own_cash.sum())))
    scale = ctx.scale(v for _, v in rows)
    items = [
        Bar(name, v / scale.factor, figures.money_short(ctx.language, v, ctx.currency)) for name, v in rows
    ]
    svg = bars(
        items,
        name=t("Where the money for building comes from"),
        text=t("The table below holds the same figures."),
    )
    return Figure(svg, t("Where the money for building comes from, not discounted."))


def by_member(ctx: Context, f: FundingFinding) -> Grid:
    """Sources and uses by member."""
    t = ctx.t
    lines: list[tuple[Markup, FloatArray]] = [
        (t("building"), f.capital),
        (t("of it: grants"), f.grants),
        (t("of it: borrowed"), f.drawn),
        (t("of it: set aside before"), f.set_aside),
        (t("of it: own cash"), f.own_cash),
        (t("upkeep"), f.upkeep),
        (t("interest paid"), f.interest),
        (t("paid back"), f.repayment),
    ]
    shown = [x for k, x in enumerate(lines) if k != SET_ASIDE or x[1].sum() > SMALL]
    scale = ctx.scale(v for _, values in shown for v in (*values, values.sum()))
    to = figures.table_step(*(float(v) / scale.factor for _, values in shown for v in values))
    rows = [
        (ctx.member(m.id), *(ctx.number(float(values[i]) / scale.factor, to) for _, values in shown))
        for i, m in enumerate(ctx.findings.members)
    ]
    rows.append(
        (t("all members"), *(ctx.number(float(values.sum()) / scale.factor, to) for _, values in shown))
    )
    heads = (Head(t("member")), *(Head(name, True) for name, _ in shown))
    return Grid(
        t(
            "Over the whole horizon, {unit}, not discounted. Building counts shared measures, renewals, what "
            "members do for themselves and warning.",
            unit=scale.label,
        ),
        heads,
        rows,
        css="total",
    )


def by_measure(ctx: Context, f: FundingFinding) -> Grid:
    """What each source pays of each measure."""
    t = ctx.t
    used = [k for k, s in enumerate(f.sources) if s.paid.sum() > SMALL]
    scale = ctx.scale(m.capital for m in f.measures)
    to = figures.table_step(*(m.capital / scale.factor for m in f.measures))

    def number(value: float) -> str:
        return ctx.number(value / scale.factor, to)

    rows = [
        (
            ctx.measure(m.measure),
            number(m.capital),
            *(number(float(m.by_source[k])) if m.by_source[k] > SMALL else "" for k in used),
            number(m.own),
        )
        for m in f.measures
    ]
    heads = (
        Head(t("measure")),
        Head(t("building"), True),
        *(Head(ctx.language.pick(f.sources[k].name, f.sources[k].id), True) for k in used),
        Head(t("own cash"), True),
    )
    return Grid(
        t(
            "Building with renewals over the horizon, {unit}, not discounted. An empty cell: nothing.",
            unit=scale.label,
        ),
        heads,
        rows,
        t("Nothing is built."),
        fold=t("{count} measures: show all", count=len(rows)) if len(rows) > LONG else "",
    )
