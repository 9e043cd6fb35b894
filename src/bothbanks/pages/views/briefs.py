"""A brief of two printed pages for each member, in its own language first."""

from __future__ import annotations

import math

import numpy as np
from markupsafe import Markup

from bothbanks.analysis.findings import BudgetSplit, CaseFinding, Interval, MemberInfo
from bothbanks.analysis.measures.presentvalue import present_value
from bothbanks.pages import figures
from bothbanks.pages.blocks import Block, Grid, Head, Heading, Items, Page, Para
from bothbanks.pages.context import Context
from bothbanks.pages.headline import has_gain, main_case, rule_of, stability
from bothbanks.pages.terms import reason_words, unit_of
from bothbanks.pages.views import brief_money
from bothbanks.pages.views.across import hurts
from bothbanks.pages.views.cases import change
from bothbanks.pages.views.deals import years_grid
from bothbanks.pages.views.division import unpaid_grid


def index(ctx: Context) -> Page:
    """The list of briefs; a member's own languages are linked directly."""
    t = ctx.t
    made = list(ctx.findings.region.languages)
    rows = []
    for m in ctx.findings.members:
        own = [
            Markup('<a href="../{c}/brief-{m}.html" hreflang="{c}" lang="{c}">{n}</a>').format(
                c=c, m=m.id, n=ctx.language.own_name(c)
            )
            for c in m.languages
            if c in made
        ]
        rows.append(
            (
                ctx.link(f"brief-{m.id}", ctx.member(m.id)),
                ctx.country(m.country),
                ctx.number(m.population, 1.0),
                ctx.number(m.municipalities, 1.0),
                Markup(" ").join(own) or "–",
            )
        )
    heads = (
        Head(t("member")),
        Head(t("country")),
        Head(t("residents"), True),
        Head(t("municipalities"), True),
        Head(t("in its own language")),
    )
    return Page(
        "briefs",
        t("Briefs for each member"),
        t("Print two pages for your council, in its own language."),
        [Grid(t("Each brief fits on two sheets of A4."), heads, rows)],
    )


def brief(ctx: Context, m: MemberInfo) -> Page:
    """The brief of one member."""
    t = ctx.t
    i = ctx.place[m.id]
    blocks: list[Block] = [Para(_opening(ctx, i), "lede"), _table(ctx, i)]
    blocks += [*_money(ctx, m, i), *_own_rate(ctx, m)]
    blocks += [Heading(t("What if they don't pay?"), "unpaid"), Para(_unpaid(ctx, i))]
    harm = hurts(ctx, i)
    if harm:
        words = ctx.language.join(
            t("{measure} ({money})", measure=ctx.measure(k), money=ctx.money(v))
            for k, v in sorted(harm, key=lambda h: h[1])[:4]
        )
        blocks.append(Para(t("Measures of others that would harm us: {measures}.", measures=words)))
    blocks += [Heading(t("Who really has the money"), "budget"), *_budget(ctx, m)]
    blocks += brief_money.blocks(ctx, m)
    blocks += [Heading(t("Deals that concern us"), "deals"), _deals(ctx, m)]
    blocks += _others(ctx)
    blocks += [Heading(t("What this rests on"), "rests"), Items(_rests(ctx, i))]
    blocks.append(ctx.source(tuple(c.id for c in ctx.findings.cases)))
    return Page(
        f"brief-{m.id}",
        t("{member}: alone or together", member=ctx.member(m.id)),
        t("Two pages to print for the council: what we face, what we gain, what we pay or receive."),
        blocks,
        css="brief",
        extra={"member": m},
    )


def _opening(ctx: Context, i: int) -> Markup:
    t = ctx.t
    case = main_case(ctx.findings.cases)
    if case is None or case.game is None or not has_gain(case):
        return t("Acting together saves us no money that these figures can show.")
    found = rule_of(case.game)
    if found is None:
        return t("The gain was not divided.")
    share, payment = float(found.shares[i]), float(found.payments[i])
    between = ctx.money_span(Interval(share, float(found.share_low[i]), float(found.share_high[i])))
    first = t(
        "Our fair share of the gain is {money} over {years} years ({between}, depending on what we "
        "do not know).",
        money=ctx.money(share),
        years=ctx.findings.region.horizon_years,
        between=between,
    )
    if share < 0:
        first = t(
            "Under the Shapley value we would carry {money} over {years} years.",
            money=ctx.money(share),
            years=ctx.findings.region.horizon_years,
        )
    if abs(payment) < 0.005 * max(abs(share), 1e-9):
        return Markup("{} {}").format(first, t("We pay nothing and receive nothing."))
    second = (
        t("For that the others pay us {money}.", money=ctx.money(payment))
        if payment > 0
        else t("For that we pay {money} to others.", money=ctx.money(payment))
    )
    return Markup("{} {}").format(first, second)


def _table(ctx: Context, i: int) -> Grid:
    t = ctx.t
    rows: list[tuple[object, ...]] = []
    for case in ctx.findings.cases:
        scale = (
            ctx.scale([case.alone[i], case.together[i]])
            if case.money
            else figures.Scale(1.0, ctx.unit(case.unit))
        )
        f = scale.factor
        unit = _unit(ctx, case, scale.label)
        a, b = float(case.alone[i]) / f, float(case.together[i]) / f
        if not (math.isfinite(a) and math.isfinite(b)):
            rows.append((ctx.case_name(case.id), unit, t("not modelled"), "", "", ""))
            continue
        to = figures.pair_step(a, b)
        share = "–"
        found = rule_of(case.game) if case.game else None
        if found is not None:
            share = (
                f"{ctx.number(found.shares[i] / f)} ({ctx.span(found.share_low[i], found.share_high[i], f)})"
                if has_gain(case)
                else ctx.number(0.0)
            )
        rows.append(
            (
                ctx.case_name(case.id),
                unit,
                ctx.number(a, to),
                Markup("{} ({})").format(ctx.number(b, to), change(ctx, a, b)),
                ctx.span(case.together_low[i], case.together_high[i], f),
                share,
            )
        )
    heads = (
        Head(t("shared problem")),
        Head(t("unit")),
        Head(t("alone"), True),
        Head(t("together, before payments"), True),
        Head(t("range"), True),
        Head(t("our share of the gain"), True),
    )
    return Grid(t("What we face. Less is better; a share of the gain is better when larger."), heads, rows)


def _unit(ctx: Context, case: CaseFinding, label: str) -> Markup | str:
    if not case.money:
        return label
    if case.per == "year":
        return unit_of(ctx, case, label)
    return ctx.t("{unit} over {years} years", unit=label, years=ctx.findings.region.horizon_years)


def _money(ctx: Context, m: MemberInfo, i: int) -> list[Block]:
    t = ctx.t
    own = np.zeros(ctx.findings.region.horizon_years)
    for x in ctx.findings.measures:
        if x.chosen_together and m.id in x.holders:
            n = min(own.size, x.cost_by_year.size)
            own[:n] -= (x.cost_by_year[:n] + x.upkeep_by_year[:n]) / max(len(x.holders), 1)
    deals = [d for d in ctx.findings.deals if m.id in d.payment_by_year and np.any(d.payment_by_year[m.id])]
    series: list[tuple[str, np.ndarray]] = []
    if np.any(own != 0):
        series.append((t("our measures"), own))
    for d in deals:
        series.append((ctx.language.plain(d.name, d.id), d.payment_by_year[m.id]))
    if not series:
        return [
            Heading(t("What we pay and receive by year"), "years"),
            Para(t("We build nothing together and no deal has us pay or receive."), "empty"),
        ]
    size = min(s.size for _, s in series)
    grid = years_grid(
        ctx,
        t(
            "Minus: we pay; plus: we receive. Not discounted, prices of {year}; a measure held by "
            "several is split in equal parts here.",
            year=ctx.findings.region.price_year,
        ),
        [(n, s[:size]) for n, s in series],
    )
    return [Heading(t("What we pay and receive by year"), "years"), grid]


def _own_rate(ctx: Context, m: MemberInfo) -> list[Block]:
    """What the payments are worth at the member's own national discount rate, where it has one."""
    own = {p.id: p for p in ctx.findings.parameters}.get(f"member.{m.id}.discount_rate")
    flows = [d.payment_by_year[m.id] for d in ctx.findings.deals if m.id in d.payment_by_year]
    if own is None or not flows:
        return []
    flow = np.sum([x[: min(y.size for y in flows)] for x in flows], axis=0)
    if not np.any(np.abs(flow) > 0.5):
        return []
    ours = ctx.findings.region.discount_rate.value
    text = ctx.t(
        "At our own national discount rate of {own} a year instead of {ours}, these payments are "
        "worth {there} today instead of {here}.",
        own=ctx.link("sources", figures.percent(ctx.language, own.value, 2), f"p-{own.id}"),
        ours=figures.percent(ctx.language, ours, 2),
        there=ctx.money(present_value(flow, own.value)),
        here=ctx.money(present_value(flow, ours)),
    )
    return [Para(text)]


def _unpaid(ctx: Context, i: int) -> Markup:
    t = ctx.t
    case = main_case(ctx.findings.cases)
    if case is None or case.game is None or not has_gain(case):
        return t("No payment is proposed, so nothing can stay unpaid.")
    gain = float(case.game.no_transfer_gain[i])
    n = ctx.findings.region.draws
    count = round(float(case.game.loses_without_payment[i]) * n)
    if gain < 0:
        return t(
            "If the measures are built and nobody pays, we lose {money} against acting alone; we "
            "lose in {count} of {n} draws. So: no building before the payment is signed.",
            money=ctx.money(gain),
            count=count,
            n=n,
        )
    if count:
        return t(
            "If the measures are built and nobody pays, we still gain {money} against acting alone, "
            "but we lose in {count} of {n} draws.",
            money=ctx.money(gain),
            count=count,
            n=n,
        )
    return t(
        "If the measures are built and nobody pays, we gain {money} against acting alone; we lose in "
        "no draw of {n}. Those who lose would not build, though, and then there is nothing to gain.",
        money=ctx.money(gain),
        n=n,
    )


def _budget(ctx: Context, m: MemberInfo) -> list[Block]:
    t = ctx.t
    found: BudgetSplit | None = {b.member: b for b in ctx.findings.budgets}.get(m.id)
    if found is None:
        return [
            Para(
                t("How the gain splits between the council's budget and others was not worked out."), "empty"
            )
        ]
    scale = ctx.scale([found.budget_cost, found.households, found.firms, found.public_works])
    f = scale.factor
    council = (
        t("the council pays (measures and payments)")
        if found.budget_cost >= 0
        else t("the council receives, once its measures are paid")
    )
    rows = [
        (council, ctx.number(abs(found.budget_cost) / f)),
        (t("households save"), ctx.number(found.households / f)),
        (t("firms save"), ctx.number(found.firms / f)),
        (t("public works and roads save"), ctx.number(found.public_works / f)),
    ]
    words = [
        t("Avoided damage is not council money: most of it stays with those whose homes and firms stay dry.")
    ]
    yearly = ctx.money(found.payment_per_year)
    if abs(found.payment_per_year) > 0.5:
        words.append(
            t("Payments to us: {money} a year.", money=yearly)
            if found.payment_per_year > 0
            else t("Payments by us: {money} a year.", money=yearly)
        )
    if not found.payable:
        words.append(Markup("{} {}").format(t("Not payable as it stands."), reason_words(ctx, found.reason)))
    return [
        Grid(
            t("Present value over {years} years.", years=ctx.findings.region.horizon_years),
            (Head(t("who")), Head(scale.label, True)),
            rows,
        ),
        Para(Markup(" ").join(words)),
    ]


def _deals(ctx: Context, m: MemberInfo) -> Block:
    t = ctx.t
    rows = []
    mine = [d for d in ctx.findings.deals if m.id in d.hosts or m.id in d.beneficiaries]
    scale = ctx.scale([d.payment for d in mine])
    for d in mine:
        role = t("we host") if m.id in d.hosts else t("we gain")
        rows.append(
            (
                ctx.link(f"deal-{d.id}", ctx.language.pick(d.name, d.id)),
                role,
                ctx.number(d.payment / scale.factor),
                t(
                    "{count} of {n} draws",
                    count=round(d.survives_draws * ctx.findings.region.draws),
                    n=ctx.findings.region.draws,
                ),
            )
        )
    return Grid(
        t("Each has a page of its own."),
        (
            Head(t("deal")),
            Head(t("our part")),
            Head(t("proposed payment, {unit}", unit=scale.label), True),
            Head(t("holds in"), True),
        ),
        rows,
        t("No deal concerns us."),
    )


def _others(ctx: Context) -> list[Block]:
    """What every member gets, so that a council sees that nobody is being used."""
    case = main_case(ctx.findings.cases)
    if case is None or case.game is None or not has_gain(case):
        return []
    return [
        Heading(ctx.t("What the others get"), "others"),
        Para(stability(ctx, case.game)),
        unpaid_grid(ctx, case),
    ]


def _rests(ctx: Context, i: int) -> list[Markup]:
    t = ctx.t
    f = ctx.findings
    m = f.members[i]
    out = [
        t("{assumed} of {total} parameters are assumed.", assumed=f.assumed_count, total=len(f.parameters))
    ]
    out += [ctx.language.pick(c.modelled) for c in f.cases if any(c.modelled.values())]
    missing: list[CaseFinding] = [c for c in f.cases if c.not_modelled.get(m.id)]
    out += [
        t(
            "{case}: {people} of our {all} residents live outside the data and are not counted.",
            case=ctx.case_name(c.id),
            people=ctx.number(c.not_modelled[m.id], 1.0),
            all=ctx.number(m.population, 1.0),
        )
        for c in missing
    ]
    mine = [r for r in f.data_requests if r.owner == m.id][:3]
    if mine:
        out.append(
            t(
                "Figures we could supply that would help most: {figures}.",
                figures=ctx.language.join(ctx.parameter(r.parameter) for r in mine),
            )
        )
    return out
