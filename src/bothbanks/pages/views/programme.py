"""The programme: what is built under real yearly budgets, when, who pays, and what the budgets cost."""

from __future__ import annotations

from babel.lists import format_list
from markupsafe import Markup

from bothbanks.analysis.findings import ProgrammeFinding
from bothbanks.analysis.findings.programme import Start
from bothbanks.pages import figures
from bothbanks.pages.blocks import Block, Grid, Head, Heading, Page, Para
from bothbanks.pages.context import Context
from bothbanks.pages.entry import Entry
from bothbanks.pages.views import programme_cash, programme_choice, programme_game

SLUG = "programme"


def entries(ctx: Context) -> tuple[Entry, ...]:
    """Its pages; none where the appraisal found nothing about it."""
    if ctx.findings.programme is None:
        return ()
    return (Entry(SLUG, ctx.t("The money"), ctx.t("Budgets and programme"), page),)


def page(ctx: Context) -> Page:
    """What is built when, what it costs whom by year, who would leave, and what else could be chosen."""
    t = ctx.t
    found = ctx.findings.programme
    assert found is not None
    blocks: list[Block] = [Para(headline(ctx, found), "lede"), *_notes(ctx, found)]
    blocks += [Heading(t("What is built, and when"), "starts"), starts(ctx, found), *own(ctx, found)]
    blocks += programme_cash.blocks(ctx, found)
    blocks += programme_game.blocks(ctx, found)
    blocks += programme_choice.blocks(ctx, found)
    blocks.append(ctx.source(("budgets", found.case, "region")))
    return Page(
        SLUG,
        t("Budgets and programme"),
        t("See what the councils can build with the money they have, in which year, and what waiting costs."),
        blocks,
    )


def headline(ctx: Context, p: ProgrammeFinding) -> Markup:
    """What is built, when, what it costs, and what the budgets cost in benefit."""
    t = ctx.t
    built = [s for s in p.starts if s.together is not None]
    out = []
    if not built:
        out.append(t("Under these budgets all together build no shared measure."))
    else:
        years = [s.together for s in built if s.together is not None]
        first, last = min(years), max(years)
        out.append(
            ctx.tn(
                "Together, under the budgets, {built} of {all} measures is built, begun in {first}.",
                "Together, under the budgets, {built} of {all} measures are built, begun in {first}.",
                len(built),
                built=len(built),
                all=len(p.starts),
                first=first,
            )
            if first == last
            else t(
                "Together, under the budgets, {built} of {all} measures are built, begun from {first} to "
                "{last}.",
                built=len(built),
                all=len(p.starts),
                first=first,
                last=last,
            )
        )
        out.append(_spending(ctx, p, built))
    if p.gain > 0:
        out.append(
            t(
                "Acting together brings {money} over {years} years, against each alone with its own budget.",
                money=ctx.money(p.gain),
                years=p.horizon_years,
            )
        )
    elif built:
        out.append(t("Acting together brings nothing more than each alone with its own budget."))
    if p.price_of_budgets > 0.5:
        out.append(
            t(
                "With no budget to heed, all together would be {money} better off: that is what waiting "
                "and going without cost.",
                money=ctx.money(p.price_of_budgets),
            )
        )
    else:
        out.append(t("The budgets cost nothing: without them the same would be built."))
    return Markup(" ").join(out)


def _spending(ctx: Context, p: ProgrammeFinding, built: list[Start]) -> Markup:
    total = sum(s.capital for s in built)
    years: dict[int, float] = {}
    for c in p.cash:
        for year, amount in zip(c.fiscal_years, (c.capital + c.running) / c.rate, strict=True):
            years[int(year)] = years.get(int(year), 0.0) + float(amount)
    dearest = max(years, key=lambda y: (years[y], -y))
    return ctx.t(
        "Building them costs {total}, not counting what members do for themselves. With all counted, the "
        "dearest year is {year}: {most} for building and upkeep.",
        total=ctx.money(total),
        year=dearest,
        most=ctx.money(years[dearest]),
    )


def _notes(ctx: Context, p: ProgrammeFinding) -> list[Block]:
    t = ctx.t
    pooled = (
        t("Members that act together spend one budget: what one has left, another may use.")
        if p.pooled
        else t("Each member pays its own part out of its own budget, together or alone.")
    )
    delays = t(
        "A start may be put off by {years} years; upkeep is paid for the whole life of a measure.",
        years=format_list([str(d) for d in p.delays if d], style="or", locale=ctx.language.locale),
    )
    rules = Markup(" ").join([pooled, delays] if any(p.delays) else [pooled])
    out: list[Block] = [Para(rules)]
    if p.assumed_budgets:
        out.append(
            Para(
                t(
                    "The budgets are assumed: they show how a budget bites, not what any council has "
                    "decided. Put in the council's own figures and run again."
                ),
                "note",
            )
        )
    return out


def starts(ctx: Context, p: ProgrammeFinding) -> Grid:
    """Every measure, when it starts in each outcome, and who pays."""
    t = ctx.t
    scale = ctx.scale([s.capital for s in p.starts])
    to = figures.table_step(*(s.capital / scale.factor for s in p.starts))
    rows = [
        (
            ctx.measure(s.measure),
            ctx.number(s.capital / scale.factor, to),
            ctx.coalition(s.payers),
            _year(ctx, s.together),
            "" if s.works_from is None else str(s.works_from),
            _year(ctx, s.alone),
            _year(ctx, s.unlimited),
        )
        for s in sorted(p.starts, key=lambda s: (s.together is None, s.together or 0))
    ]
    heads = (
        Head(t("measure")),
        Head(t("capital, {unit}", unit=scale.label), True),
        Head(t("who pays")),
        Head(t("starts together")),
        Head(t("works from"), True),
        Head(t("starts alone")),
        Head(t("starts with no budget to heed")),
    )
    return Grid(
        t(
            "Year in which building starts: all together and each alone under the budgets, and all together "
            "with no budget to heed."
        ),
        heads,
        rows,
        t("There is no shared measure to build."),
    )


def own(ctx: Context, p: ProgrammeFinding) -> list[Block]:
    """What each member does for itself, and how it is warned; nothing where nobody may or does."""
    t = ctx.t
    if not p.own and not any(w.together or w.alone for w in p.warning):
        return []
    rows = []
    warning = {w.member: w for w in p.warning}
    for m in ctx.findings.members:
        mine = [o for o in p.own if o.member == m.id]
        w = warning.get(m.id)
        rows.append(
            (
                ctx.member(m.id),
                _own_words(ctx, {o.measure: o.together for o in mine}),
                _warning_words(ctx, w.together, w.together_from) if w else t("none"),
                _own_words(ctx, {o.measure: o.alone for o in mine}),
                _warning_words(ctx, w.alone, w.alone_from) if w else t("none"),
            )
        )
    heads = (
        Head(t("member")),
        Head(t("own measures together")),
        Head(t("warning together")),
        Head(t("own measures alone")),
        Head(t("warning alone")),
    )
    caption = t("What each member does for itself out of the same budgets, with the year of its start.")
    return [Grid(caption, heads, rows, fold=t("What each member does for itself: show all"))]


def _own_words(ctx: Context, years: dict[str, int | None]) -> Markup:
    done = [(m, y) for m, y in years.items() if y is not None]
    if not done:
        return ctx.t("none")
    return ctx.language.join(Markup("{} ({})").format(ctx.measure(m), y) for m, y in done)


def _warning_words(ctx: Context, system: str, year: int | None) -> Markup:
    t = ctx.t
    if not system or year is None:
        return t("none")
    return t("joint ({year})", year=year) if system == "joint" else t("its own ({year})", year=year)


def _year(ctx: Context, year: int | None) -> str:
    return str(year) if year is not None else ctx.t("not built")
