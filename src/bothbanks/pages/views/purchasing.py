"""Buying together: prices, thresholds and savings of joint against separate purchases."""

from __future__ import annotations

import math
from datetime import date

from babel.dates import format_date
from markupsafe import Markup, escape

from bothbanks.analysis.findings import GameFinding, PurchasingFinding
from bothbanks.analysis.findings.purchasing import GoodFinding, Procedure
from bothbanks.pages import figures
from bothbanks.pages.amounts import money_exact, parameter_value
from bothbanks.pages.blocks import Block, Figure, Grid, Head, Heading, Items, Page, Para
from bothbanks.pages.context import Context
from bothbanks.pages.entry import Entry
from bothbanks.pages.headline import stability
from bothbanks.pages.procurement_terms import regime_words
from bothbanks.pages.purchasing_terms import procedure_words
from bothbanks.pages.svg.curve import Series, curve
from bothbanks.pages.terms import rule_words
from bothbanks.words.money import minor_digits

SHOWN = 10
"""Assumptions listed among those that move the saving most."""


def entries(ctx: Context) -> tuple[Entry, ...]:
    """Its pages; none where the appraisal found nothing about it."""
    if ctx.findings.purchasing is None:
        return ()
    return (Entry("purchasing", ctx.t("The money"), ctx.t("Buying together"), page),)


def page(ctx: Context) -> Page:
    """What each good costs apart and together, under which procedure, and how the saving is shared."""
    t, found = ctx.t, ctx.findings.purchasing
    assert found is not None  # entries() asks first
    blocks: list[Block] = [
        Para(_lede(ctx, found), "lede"),
        *(
            [Para(ctx.language.pick(found.case.modelled), "note")]
            if any(found.case.modelled.values())
            else []
        ),
        Para(_often(ctx, found)),
        Para(
            t(
                "Each good is bought by whichever groups pay least in all: price, the work of buying, the "
                "agreement, translation and delivery. A member whose part would be dearer buys by itself."
            )
        ),
        _goods(ctx, found),
        *(_figure(ctx, g) for g in found.goods if g.volume.size),
        Heading(t("Who pays what"), "members"),
        _members(ctx, found),
        *_division(ctx, found),
        Heading(t("Procedures and time"), "procedures"),
        *_procedures(ctx, found),
        Heading(t("What moves the saving"), "moved"),
        *_moved(ctx, found),
        Heading(t("What stands behind it"), "behind"),
        Items(_behind(ctx, found)),
        _rules(ctx, found),
        ctx.source((found.case.id, "region")),
    ]
    return Page(
        "purchasing",
        t("Buying together"),
        t("See what each member would pay for the same goods apart and together, and what the law asks."),
        blocks,
    )


def _lede(ctx: Context, found: PurchasingFinding) -> Markup:
    t, case = ctx.t, found.case
    game = case.game
    assert game is not None  # a money case has a game
    alone, gain = case.total_alone.value, game.views.total_gain
    if gain.value <= 0.0:
        return t(
            "At these prices buying together saves nothing: what joining costs is as much as lower prices "
            "would bring. Apart the members pay {alone} a year.",
            alone=ctx.money(alone),
        )
    return t(
        "Buying together would save {gain} a year of the {alone} that the members pay apart, which is "
        "{share}. Over the draws the saving lies {span}.",
        gain=ctx.money(gain.value),
        alone=ctx.money(alone),
        share=figures.percent(ctx.language, gain.value / alone, 1),
        span=ctx.money_span(gain),
    )


def _often(ctx: Context, found: PurchasingFinding) -> Markup:
    """In how many draws anything is saved."""
    n = ctx.findings.region.draws
    count = round(found.saved_draws * n)
    if count == n:
        return ctx.t("Something is saved in all {n} draws.", n=n)
    return ctx.t(
        "Something is saved in {count} of {n} draws; in the others buying apart is as cheap.",
        count=count,
        n=n,
    )


def _good(ctx: Context, good: GoodFinding) -> Markup:
    return ctx.language.pick(good.name, good.id)


def _goods(ctx: Context, found: PurchasingFinding) -> Grid:
    t = ctx.t
    scale = ctx.scale([float(g.alone.sum()) for g in found.goods])
    saved = ctx.scale([v for g in found.goods for v in (g.saving.value, g.saving.high)])
    n = ctx.findings.region.draws
    rows = []
    for g in found.goods:
        alone, together = float(g.alone.sum()) / scale.factor, float(g.together.sum()) / scale.factor
        to = figures.step(alone, together, digits=3)
        rows.append(
            (
                _good(ctx, g),
                Markup("{} {}").format(ctx.number(float(g.quantity.sum())), ctx.language.pick(g.unit)),
                ctx.number(alone, to),
                ctx.number(together, to),
                ctx.number(g.saving.value / saved.factor),
                ctx.span(g.saving.low, g.saving.high, saved.factor),
                t("{count} of {n} draws", count=round(g.joint_draws * n), n=n),
            )
        )
    heads = (
        Head(t("good")),
        Head(t("bought a year"), True),
        Head(t("apart, {unit} a year", unit=scale.label), True),
        Head(t("together, {unit} a year", unit=scale.label), True),
        Head(t("saving, {unit} a year", unit=saved.label), True),
        Head(t("range"), True),
        Head(t("bought jointly in")),
    )
    caption = t(
        "Money in prices of {year}, in a year in which all of these goods are bought. The same spending is "
        "part of what the measures cost elsewhere in this report; only the saving is new.",
        year=ctx.findings.region.price_year,
    )
    return Grid(caption, heads, rows)


def _figure(ctx: Context, g: GoodFinding) -> Figure:
    t = ctx.t
    name = t("Price by volume: {good}", good=_good(ctx, g).striptags())
    series = Series(
        str(t("price")), g.volume.tolist(), g.price.tolist(), g.price_low.tolist(), g.price_high.tolist(),
        "together",
    )  # fmt: skip
    svg = curve(
        [series],
        name=name,
        text=t("The caption says where the curve starts and ends."),
        x_title=str(t("{unit} a year", unit=ctx.language.plain(g.unit))),
        y_title=str(t("price of one, {unit}", unit=ctx.symbol)),
        x_text=lambda v: ctx.number(v, 1.0),
        y_text=lambda v: ctx.exact(v),
    )
    caption = t(
        "{name}, from {most} where the smallest buyer buys by itself ({few} a year) to {least} if all bought "
        "together ({many}). Pale: how far it falls in nine of ten draws, to between {low} and {high}.",
        name=name,
        few=ctx.number(float(g.volume[0])),
        many=ctx.number(float(g.volume[-1])),
        **{
            word: money_exact(ctx.language, figures.rounded(float(x), figures.step(float(x))), ctx.currency)
            for word, x in (
                ("most", g.price[0]),
                ("least", g.price[-1]),
                ("low", g.price_low[-1]),
                ("high", g.price_high[-1]),
            )
        },
    )
    return Figure(svg, caption)


def _members(ctx: Context, found: PurchasingFinding) -> Grid:
    t, case = ctx.t, found.case
    game = case.game
    assert game is not None
    scale = ctx.scale(case.alone)
    small = ctx.scale([*case.alone - case.together, *(x for r in game.rules for x in r.payments)])
    fair = next((r for r in game.rules if r.rule == "shapley"), None)
    rows = []
    for i, m in enumerate(ctx.findings.members):
        pair = case.alone[i] / scale.factor, case.together[i] / scale.factor
        to = figures.step(*pair, digits=3)
        own = (case.alone[i] - case.together[i]) / small.factor
        row: list[object] = [ctx.member(m.id), *(ctx.number(v, to) for v in pair), ctx.number(own)]
        if fair is not None:
            row += [ctx.number(fair.payments[i] / small.factor), ctx.number(fair.shares[i] / small.factor)]
        rows.append(tuple(row))
    heads = [
        Head(t("member")),
        Head(t("apart, {unit} a year", unit=scale.label), True),
        Head(t("together, {unit} a year", unit=scale.label), True),
        Head(t("saves if nobody pays anybody, {unit}", unit=small.label), True),
    ]
    if fair is not None:
        heads += [
            Head(t("payment, Shapley (plus: receives), {unit}", unit=small.label), True),
            Head(t("saves after payment, {unit}", unit=small.label), True),
        ]
    caption = t(
        "Without payments each pays the joint price for its own units, its part of the joint work by value, "
        "and its own time."
    )
    return Grid(caption, tuple(heads), rows)


def _division(ctx: Context, found: PurchasingFinding) -> list[Block]:
    t, game = ctx.t, found.case.game
    assert game is not None
    if found.total_minor == 0:
        return [Para(t("There is no saving to divide."), "empty")]
    scale = 10.0 ** minor_digits(ctx.currency)
    cent = 1.0 / scale
    heads = [Head(t("member"))]
    heads += [Head(rule_words(ctx, rule), True) for rule in found.shares_minor]
    rows: list[tuple[object, ...]] = [
        (
            ctx.member(m.id),
            *(ctx.number(cents[i] / scale, cent) for cents in found.shares_minor.values()),
        )
        for i, m in enumerate(ctx.findings.members)
    ]
    rows.append((t("all"), *(ctx.number(sum(cents) / scale, cent) for cents in found.shares_minor.values())))
    caption = t(
        "The saving of a year divided by each rule, {unit}, to the cent; every column adds up to the same "
        "sum.",
        unit=ctx.symbol,
    )
    stable = [rule_words(ctx, r.rule) for r in game.rules if r.in_core_gamma]
    return [
        Para(stability(ctx, game)),
        *_signed(ctx, game),
        Para(
            t(
                "What some members buy changes no price of the others, so a group that leaves saves the "
                "same whatever the rest then do."
            )
        ),
        Grid(
            caption,
            tuple(heads),
            rows,
            css="total",
            fold=t("The saving by each rule, to the cent: show all"),
        ),
        Para(
            t(
                "No group would save more by itself under: {rules}. Tested for every group of members.",
                rules=ctx.language.join(stable),
            )
            if stable
            else t("Under every rule some group would save more by itself.")
        ),
    ]


def _signed(ctx: Context, game: GameFinding) -> list[Block]:
    """What becomes of payments that are agreed once and don't follow the draws."""
    fair = next((r for r in game.rules if r.rule == "shapley"), None)
    if fair is None:
        return []
    n = ctx.findings.region.draws
    words = ctx.t(
        "Payments that are signed once as they stand here would keep every group on board in {count} of "
        "{n} draws.",
        count=round(min(fair.draws_in_core_fixed_gamma, fair.draws_in_core_fixed_delta) * n),
        n=n,
    )
    return [Para(words)]


def _days(ctx: Context, procedure: Procedure, added: float = 0.0) -> str:
    return figures.NOTHING if procedure.days is None else ctx.number(procedure.days + added, 1.0)


def _procedures(ctx: Context, found: PurchasingFinding) -> list[Block]:
    t = ctx.t
    heads = (
        Head(t("who buys")),
        Head(t("price of one, {unit}", unit=ctx.symbol), True),
        Head(t("value of the contract, {unit}", unit=ctx.symbol), True),
        Head(t("rules of")),
        Head(t("procedure")),
        Head(t("least days"), True),
    )
    blocks: list[Block] = [
        Para(
            t(
                "The value of the whole contract, of all buyers together and over all its years, decides "
                "the procedure. One national law is named, that of the lead buyer; laws are never mixed."
            )
        )
    ]
    blocks.append(_in_short(ctx, found))
    for g in found.goods:
        rows: list[tuple[object, ...]] = []
        for m, price, p in zip(ctx.findings.members, g.unit_price_alone, g.procedures, strict=True):
            if p is not None:
                rows.append((t("{who}, apart", who=ctx.member(m.id)), *_procedure(ctx, float(price), p)))
        for group in g.groups:
            if len(group.members) > 1:
                who = t("together: {who}", who=ctx.coalition(group.members))
                rows.append((who, *_procedure(ctx, group.unit_price, group.procedure, found.agreement_days)))
        caption = t("{good}: one contract covers {years} years.", good=_good(ctx, g), years=g.contract_years)
        empty = t("Nobody buys this good: the appraisal does not choose its measure.")
        fold = t("{good}, buyer by buyer: show all", good=_good(ctx, g)) if rows else ""
        blocks.append(Grid(caption, heads, rows, empty, fold=fold))
    blocks.append(Para(t("Time is shown beside and never turned into money."), "note"))
    return blocks


def _in_short(ctx: Context, found: PurchasingFinding) -> Grid:
    """One row a good: the procedures and the most of the least days, apart and together."""
    t = ctx.t
    rows = []
    for g in found.goods:
        apart = [p for p in g.procedures if p is not None]
        joint = [group.procedure for group in g.groups if len(group.members) > 1]
        row: list[object] = [_good(ctx, g)]
        for some, added, nothing in (
            (apart, 0.0, t("nothing bought apart")),
            (joint, found.agreement_days, t("nothing bought together")),
        ):
            known = [p.days for p in some if p.days is not None]
            words = dict.fromkeys(procedure_words(ctx, p.regime) for p in some)
            row.append(ctx.language.join(words) if some else nothing)
            row.append(ctx.number(max(known) + added, 1.0) if known else figures.NOTHING)
        rows.append(tuple(row))
    heads = (
        Head(t("good")),
        Head(t("procedure apart")),
        Head(t("least days apart"), True),
        Head(t("procedure together")),
        Head(t("least days together"), True),
    )
    caption = t(
        "Where members' procedures differ, the longest counts. Joint days include {days} for the agreement.",
        days=ctx.number(found.agreement_days, 1.0),
    )
    return Grid(caption, heads, rows)


def _procedure(ctx: Context, price: float, p: Procedure, added: float = 0.0) -> tuple[object, ...]:
    return (
        ctx.number(price, 1.0),
        ctx.number(p.value, figures.step(p.value, digits=3)),
        regime_words(ctx, p.rules),
        procedure_words(ctx, p.regime),
        _days(ctx, p, added),
    )


def _moved(ctx: Context, found: PurchasingFinding) -> list[Block]:
    t = ctx.t
    shown = [m for m in found.moved if m.swing > 0.0]
    rate = [m for m in shown[SHOWN:] if m.parameter == "region.discount_rate"]
    listed = [*shown[:SHOWN], *rate]
    scale = ctx.scale([v for m in listed for v in (m.saving_low, m.saving_high)])
    rows = [
        (
            ctx.parameter(m.parameter),
            parameter_value(ctx, m.parameter, m.low),
            parameter_value(ctx, m.parameter, m.high),
            ctx.number(m.saving_low / scale.factor),
            ctx.number(m.saving_high / scale.factor),
        )
        for m in listed
    ]
    heads = (
        Head(t("assumption")),
        Head(t("low"), True),
        Head(t("high"), True),
        Head(t("saving at low, {unit}", unit=scale.label), True),
        Head(t("saving at high, {unit}", unit=scale.label), True),
    )
    caption = t("The saving of a year with one number at each end of its range and all others as they are.")
    if len(found.currencies) == 1:
        rates = t("All members count in the same currency, so no exchange rate moves the saving.")
    else:
        rates = t(
            "Members count in {currencies}: a member whose currency is not that of the contract bears a "
            "change of the rate on its whole part of the price, not on the saving alone.",
            currencies=ctx.language.join(found.currencies),
        )
    empty = t("No number of this page has a range.")
    if not listed:
        return [Grid(caption, heads, rows, empty), Para(rates)]
    first = t(
        "Most of all by one number, {what}: with it at {low} the saving is {at_low} a year, and at {high} "
        "{at_high}.",
        what=ctx.parameter(listed[0].parameter),
        low=rows[0][1],
        high=rows[0][2],
        at_low=ctx.money(listed[0].saving_low),
        at_high=ctx.money(listed[0].saving_high),
    )
    fold = t("{count} numbers that move it: show all", count=len(rows))
    return [Para(first), Grid(caption, heads, rows, empty, fold=fold), Para(rates)]


def _behind(ctx: Context, found: PurchasingFinding) -> list[Markup]:
    t = ctx.t
    own = [p for p in ctx.findings.parameters if p.id.split(".", 1)[0] == found.case.id]
    assumed = sum(p.assumed for p in own)
    items = [
        t("{assumed} of the {count} numbers here are assumed.", assumed=assumed, count=len(own)),
    ]
    for g in found.goods:
        if g.measure:
            measure = ctx.measure(g.measure.split(".", 1)[1])
            items.append(
                t("{good}: paid from the measure '{measure}'.", good=_good(ctx, g), measure=measure)
                if g.every_member
                else t(
                    "{good}: paid from the measure '{measure}', by members that choose it when all act "
                    "together.",
                    good=_good(ctx, g),
                    measure=measure,
                )
            )
        else:
            items.append(
                t("{good}: so many a head, whether or not the appraisal chooses them.", good=_good(ctx, g))
            )
    return [x for x in items if x]


def _rules(ctx: Context, found: PurchasingFinding) -> Grid:
    t = ctx.t
    kinds = {"goods": t("goods"), "services": t("services"), "works": t("works")}
    marks = {
        "seen": t("read at the source"),
        "inferred": t("concluded from the source"),
        "unknown": t("not found"),
    }
    rows = []
    for s in found.steps:
        to = t("no limit") if math.isinf(s.below) else ctx.number(s.below, 1.0)
        rows.append(
            (
                regime_words(ctx, s.rules),
                kinds.get(s.kind, escape(s.kind)),
                ctx.number(s.above, 1.0),
                to,
                procedure_words(ctx, s.procedure),
                figures.NOTHING if s.days is None else ctx.number(s.days, 1.0),
                Markup("{}: {}").format(marks.get(s.mark, escape(s.mark)), ctx.english(s.source)),
            )
        )
    heads = (
        Head(t("rules of")),
        Head(t("kind")),
        Head(t("from, EUR"), True),
        Head(t("below, EUR"), True),
        Head(t("procedure")),
        Head(t("least days"), True),
        Head(t("source")),
    )
    caption = t(
        "Thresholds without tax for tenders that open on {day}. Least days: from the notice to the last "
        "day for offers, and the wait before signing.",
        day=format_date(date.fromisoformat(found.opens), format="long", locale=ctx.language.locale),
    )
    return Grid(caption, heads, rows, fold=t("{count} thresholds: show all", count=len(rows)))
