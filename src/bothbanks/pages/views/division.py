"""The division of the gain: each rule, who would object, and what holds when we do not know."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from bothbanks.analysis.findings import CaseFinding, GameFinding, RuleFinding
from bothbanks.pages import figures
from bothbanks.pages.blocks import Block, Figure, Grid, Head, Heading, Items, Page, Para
from bothbanks.pages.context import Context
from bothbanks.pages.headline import has_gain, rule_of, stability
from bothbanks.pages.svg.bars import Bar, bars
from bothbanks.pages.terms import money_of, rule_meaning, rule_words, unit_of


def page(ctx: Context) -> Page:
    """The division for each money case."""
    t = ctx.t
    games = [c for c in ctx.findings.cases if c.game is not None]
    with_gain = [c for c in games if has_gain(c)]
    blocks: list[Block] = []
    if not games:
        blocks.append(
            Para(
                t(
                    "No problem here is counted in money, so there is no gain to divide. Lives and "
                    "minutes are not paid over."
                ),
                "empty",
            )
        )
    for case in games:
        if case not in with_gain:
            blocks += [
                Heading(ctx.case_name(case.id), f"division-{case.id}"),
                Para(
                    t(
                        "Acting together gains nothing here that our figures can show, so there is "
                        "nothing to divide and nobody to pay."
                    ),
                    "empty",
                ),
            ]
            continue
        blocks += _case(ctx, case)
    if with_gain:
        blocks.insert(0, Para(_meaning(ctx)))
        blocks += [Heading(t("The rules to divide the gain"), "rules"), _rules(ctx, with_gain)]
    return Page(
        "division",
        t("Division of the gain"),
        t("Compare fair ways to divide the gain, and see who would object to each."),
        blocks,
    )


def _meaning(ctx: Context) -> Markup:
    return ctx.t(
        "A division is stable (in the core of the game) when no member and no group could do "
        "better by itself. What the others would do after someone leaves is not known, so we "
        "test two answers: they fall apart and each acts alone, or they carry on together."
    )


def _case(ctx: Context, case: CaseFinding) -> list[Block]:
    t = ctx.t
    game = case.game
    assert game is not None
    blocks: list[Block] = [
        Heading(ctx.case_name(case.id), f"division-{case.id}"),
        Para(stability(ctx, game), "lede"),
        unpaid_grid(ctx, case),
        _bars(ctx, case),
        _shares(ctx, case),
        _stability(ctx, case),
    ]
    name = ctx.case_name(case.id)
    views = t("{what} ({case})", what=t("The same gain seen three ways"), case=name)
    sure = t("{what} ({case})", what=t("How sure is this"), case=name)
    blocks += [Heading(views, f"views-{case.id}"), *_views(ctx, case)]
    blocks += [Heading(sure, f"sure-{case.id}"), Items(_sure(ctx, case))]
    blocks.append(ctx.source((case.id, "region")))
    return blocks


def _game(case: CaseFinding) -> GameFinding:
    assert case.game is not None
    return case.game


def unpaid_grid(ctx: Context, case: CaseFinding) -> Grid:
    """Each member without payments, what it pays or receives, and what it then gains."""
    t = ctx.t
    game = _game(case)
    found = rule_of(game)
    values = [*game.no_transfer_gain, *(found.payments if found else [])]
    scale = ctx.scale(values)
    to = figures.table_step(*(float(v) / scale.factor for v in values))
    rows = []
    for i, m in enumerate(ctx.findings.members):
        gain = game.no_transfer_gain[i] / scale.factor
        word = (
            t("loses")
            if figures.rounded(gain, to) < 0
            else t("gains")
            if figures.rounded(gain, to) > 0
            else t("unchanged")
        )
        row: list[object] = [
            ctx.member(m.id),
            ctx.number(gain, to),
            word,
            ctx.t(
                "{count} of {n} draws",
                count=round(game.loses_without_payment[i] * ctx.findings.region.draws),
                n=ctx.findings.region.draws,
            ),
        ]
        if found is not None:
            row += [
                ctx.number(found.payments[i] / scale.factor, to),
                ctx.number(found.shares[i] / scale.factor, to),
            ]
        rows.append(tuple(row))
    unit = unit_of(ctx, case, scale.label)
    heads = [
        Head(t("member")),
        Head(t("gain if nobody pays anybody, {unit}", unit=unit), True),
        Head(t("in words")),
        Head(t("loses without payment in"), True),
    ]
    if found is not None:
        heads += [
            Head(t("payment, Shapley (plus: receives), {unit}", unit=unit), True),
            Head(t("gain after payment, {unit}", unit=unit), True),
        ]
    caption = t("Who loses unless paid.")
    if case.per == "horizon":
        years = ctx.findings.region.horizon_years
        caption = Markup("{} {}").format(caption, t("Present value over {years} years.", years=years))
    return Grid(caption, tuple(heads), rows)


def _bars(ctx: Context, case: CaseFinding) -> Figure:
    t = ctx.t
    game = _game(case)
    found = rule_of(game) or game.rules[0]
    scale = ctx.scale([*found.shares, *found.share_high])
    f = scale.factor
    items = [
        Bar(
            ctx.member_plain(m.id),
            found.shares[i] / f,
            figures.money_short(ctx.language, found.shares[i], ctx.currency),
            found.share_low[i] / f,
            found.share_high[i] / f,
            "better" if found.shares[i] > 0 else "worse" if found.shares[i] < 0 else "same",
        )
        for i, m in enumerate(ctx.findings.members)
    ]
    svg = bars(
        items,
        name=t("Shares of the gain by the {rule}", rule=rule_words(ctx, found.rule)),
        text=t("The table below holds the same figures."),
    )
    caption = t(
        "Our share of the gain by the {rule}, after payments. Thin line: range of nine in ten draws.",
        rule=rule_words(ctx, found.rule),
    )
    if case.per == "year":
        caption = Markup("{} {}").format(caption, t("Amounts are for one year."))
    return Figure(svg, caption)


def _shares(ctx: Context, case: CaseFinding) -> Grid:
    t = ctx.t
    game = _game(case)
    scale = ctx.scale([v for r in game.rules for v in r.shares])
    f = scale.factor
    rows = []
    for i, m in enumerate(ctx.findings.members):
        cells: list[object] = [ctx.member(m.id)]
        for r in game.rules:
            to = figures.step(r.shares[i] / f) if abs(r.shares[i] / f) < 100 else 1.0
            cells.append(
                Markup('{} <small class="range">{}</small>').format(
                    ctx.number(r.shares[i] / f, max(to, 0.01)), ctx.span(r.share_low[i], r.share_high[i], f)
                )
            )
        rows.append(tuple(cells))
    heads = (Head(t("member")), *(Head(rule_words(ctx, r.rule), True) for r in game.rules))
    return Grid(
        t(
            "Share of the gain by each rule, {unit}, with the range of nine in ten draws beneath.",
            unit=unit_of(ctx, case, scale.label),
        ),
        heads,
        rows,
        fold=t("Shares by each rule: show all"),
    )


def _yes(ctx: Context, holds: bool) -> Markup:
    return Markup('<span class="{}">{}</span>').format(
        "get" if holds else "lose", ctx.t("stable") if holds else ctx.t("not stable")
    )


def _objection(ctx: Context, case: CaseFinding, r: RuleFinding, delta: bool) -> object:
    o = r.objection_delta if delta else r.objection_gamma
    holds = r.in_core_delta if delta else r.in_core_gamma
    if holds or not o.coalition:
        return _yes(ctx, holds)
    return Markup("{}: {}").format(
        _yes(ctx, False),
        ctx.t("{who} would gain {money}", who=ctx.coalition(o.coalition), money=money_of(ctx, case, o.gain)),
    )


def _stability(ctx: Context, case: CaseFinding) -> Grid:
    t = ctx.t
    game = _game(case)
    n = ctx.findings.region.draws

    def count(share: float) -> str:
        return str(round(share * n))

    rows = [
        (
            rule_words(ctx, r.rule),
            _objection(ctx, case, r, False),
            _objection(ctx, case, r, True),
            f"{count(r.draws_in_core_gamma)} / {count(r.draws_in_core_delta)}",
            f"{count(r.draws_in_core_fixed_gamma)} / {count(r.draws_in_core_fixed_delta)}",
        )
        for r in game.rules
    ]
    heads = (
        Head(t("rule")),
        Head(t("if the others fall apart")),
        Head(t("if the others carry on")),
        Head(t("stable in draws of {n}, divided anew", n=n), True),
        Head(t("stable in draws of {n}, payments held fixed", n=n), True),
    )
    return Grid(
        t(
            "Who would rather leave, and by how much. Two numbers: the others fall apart / carry on. "
            "Signed payments do not divide themselves anew, so both are shown; all {n} of {n} still "
            "leaves up to {bound} at 95% confidence.",
            n=n,
            bound=ctx.percent(min(1.0, 3 / max(n, 1))),
        ),
        heads,
        rows,
    )


def _rules(ctx: Context, cases: Sequence[CaseFinding]) -> Grid:
    t = ctx.t
    found = dict.fromkeys(r.rule for c in cases for r in _game(c).rules)
    rows = [(rule_words(ctx, rule), rule_meaning(ctx, rule)) for rule in found]
    return Grid(t("What each rule does."), (Head(t("rule")), Head(t("meaning"))), rows)


def _views(ctx: Context, case: CaseFinding) -> list[Block]:
    t = ctx.t
    game = _game(case)
    v = game.views
    scale = ctx.scale([v.total_gain.value, v.total_gain.high])
    f = scale.factor
    unit = unit_of(ctx, case, scale.label)

    def num(x: float) -> str:
        return ctx.number(x / f, figures.table_step(v.total_gain.value / f))

    rows: list[tuple[object, ...]] = [
        (t("all members together"), num(v.total_gain.value), ctx.span(v.total_gain.low, v.total_gain.high, f))
    ]
    rows += [
        (t("{country} alone, as one bloc", country=ctx.country(c)), num(x), "")
        for c, x in sorted(v.gain_within_countries.items())
    ]
    rows.append(
        (
            t("only across the border"),
            num(v.cross_border_gain.value),
            ctx.span(v.cross_border_gain.low, v.cross_border_gain.high, f),
        )
    )
    first = Grid(
        t("Gain against everybody acting alone, {unit}.", unit=unit),
        (
            Head(t("who acts together")),
            Head(t("gain, {unit}", unit=unit), True),
            Head(t("range"), True),
        ),
        rows,
    )
    shares = [(ctx.country(c), num(x)) for c, x in sorted(v.country_shares.items())]
    second = Grid(
        t("With countries as the players: share of each by the Shapley value, {unit}.", unit=unit),
        (Head(t("country")), Head(t("share, {unit}", unit=unit), True)),
        shares,
    )
    last = (
        t("No country would do better by leaving.")
        if v.country_in_core
        else t("Some country would do better by leaving with these shares.")
    )
    return [first, second, Para(last)]


def _sure(ctx: Context, case: CaseFinding) -> list[Markup]:
    t = ctx.t
    game = _game(case)
    out = []
    if game.core_empty:
        out.append(
            t(
                "The core is empty: each group would have to be charged at least {money} for leaving "
                "before all stay.",
                money=money_of(ctx, case, game.least_core_epsilon),
            )
        )
    else:
        out.append(
            t(
                "The core is not empty: there are divisions that keep everybody in, with {money} to "
                "spare for the least content group.",
                money=money_of(ctx, case, game.least_core_epsilon),
            )
        )
    out.append(
        t(
            "It was empty in {count} of {n} draws.",
            count=round(game.draws_core_empty * ctx.findings.region.draws),
            n=ctx.findings.region.draws,
        )
    )
    out.append(
        t(
            "In {share} of the pairs of groups, joining brings less to the larger group than to the smaller.",
            share=ctx.percent(game.convexity_violations),
        )
    )
    most, none = game.equilibria.get("most", 1), game.equilibria.get("none", 0)
    if none:
        out.append(
            t(
                "For {count} ways to split into groups, no steady state of replies was found; they "
                "are marked and not used to promise anything.",
                count=none,
            )
        )
    if most > 1:
        out.append(
            t(
                "Up to {count} steady states were found for one way to split; their outcomes are "
                "given as a range.",
                count=most,
            )
        )
    return out
