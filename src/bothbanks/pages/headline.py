"""The first page's sentences, computed from the findings: the finding and its catch in one breath."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from bothbanks.analysis.findings import CaseFinding, GameFinding, Objection, RuleFinding
from bothbanks.pages import figures
from bothbanks.pages.context import Context

SMALL = 1e-3  # a gain under a thousandth of the cost alone is no gain that these figures can show


@dataclass(frozen=True)
class Headline:
    """The sentence of level 1 and the sentences beneath it."""

    sentence: Markup
    lede: tuple[Markup, ...]


def main_case(cases: Sequence[CaseFinding]) -> CaseFinding | None:
    """The money case whose gain is largest; None where no case can be paid over."""
    games = [c for c in cases if c.game is not None]
    return max(games, key=lambda c: c.game.views.total_gain.value if c.game else 0.0, default=None)


def has_gain(case: CaseFinding) -> bool:
    """Whether acting together gains anything that these figures can show."""
    if case.game is None:
        return False
    gain = case.game.views.total_gain.value
    return gain > SMALL * max(abs(case.total_alone.value), 1e-9)


def losers(game: GameFinding) -> tuple[int, ...]:
    """Members that lose in the base case if nobody pays anybody, the heaviest loss first."""
    loss = game.no_transfer_gain
    small = SMALL * max(abs(game.views.total_gain.value), 1e-9)
    return tuple(int(i) for i in np.argsort(loss, kind="stable") if loss[i] < -small)


def rule_of(game: GameFinding, rule: str = "shapley") -> RuleFinding | None:
    """A rule's finding by its name."""
    return {r.rule: r for r in game.rules}.get(rule)


def headline(ctx: Context) -> Headline:
    """The headline and what stands beneath it."""
    case = main_case(ctx.findings.cases)
    if case is None:
        return _without_money(ctx)
    if not has_gain(case):
        return _no_gain(ctx, case)
    return _gain(ctx, case)


def _members(ctx: Context) -> str:
    return ctx.language.number_word(len(ctx.findings.members))


def _catch(ctx: Context, game: GameFinding) -> Markup:
    who = losers(game)
    if not who:
        return ctx.t("No member loses by it, even if nobody pays anybody.")
    if len(who) <= 2:
        names = ctx.coalition(ctx.findings.members[i].id for i in who)
        return ctx.tn(
            "{names} loses unless the others pay.",
            "{names} lose unless the others pay them.",
            len(who),
            names=names,
        )
    return ctx.t(
        "{count} of them lose unless the others pay them.",
        count=Markup(ctx.language.number_word(len(who)).capitalize()),
    )


def _often(ctx: Context, game: GameFinding) -> list[Markup]:
    """Members that gain in the base case but lose in more than a quarter of the draws if nobody pays."""
    n = ctx.findings.region.draws
    base = set(losers(game))
    out = []
    for i, share in enumerate(game.loses_without_payment):
        if i not in base and share > 0.25:
            name = ctx.member(ctx.findings.members[i].id)
            text = ctx.t(
                "Unpaid, {name} would lose in {count} of {n} draws.", name=name, count=round(share * n), n=n
            )
            out.append(text)
    return out


def _gain(ctx: Context, case: CaseFinding) -> Headline:
    game = case.game
    assert game is not None
    views = game.views
    sentence = ctx.t(
        "Acting together saves the {n} members {money} over {years} years.",
        n=_members(ctx),
        money=ctx.money(views.total_gain.value),
        years=ctx.findings.region.horizon_years,
    )
    lede = [
        ctx.t("{Range}, depending on what we do not know.", Range=_capital(ctx.money_span(views.total_gain))),
        *_border(ctx, game),
        *_often(ctx, game),
        stability(ctx, game),
    ]
    others = [c for c in ctx.findings.cases if c.game is not None and c.id != case.id]
    with_gain = [c for c in others if has_gain(c)]
    lede.insert(
        1,
        ctx.t("All of it comes from one shared problem: {case}.", case=ctx.case_name(case.id))
        if not with_gain
        else ctx.t(
            "This is the gain on {case} alone; the gains on {others} stand in their own rows and are "
            "not added.",
            case=ctx.case_name(case.id),
            others=ctx.language.join(ctx.case_name(c.id) for c in with_gain),
        ),
    )
    return Headline(Markup("{} {}").format(sentence, _catch(ctx, game)), tuple(lede))


def _border(ctx: Context, game: GameFinding) -> list[Markup]:
    if len(ctx.countries) < 2:
        return [ctx.t("All members lie in one country, so no part of the gain crosses a border.")]
    cross, total = game.views.cross_border_gain, game.views.total_gain.value
    domestic = total - cross.value
    part = abs(cross.value) / total if total else 0.0
    shown = (
        figures.rounded(total, figures.step(total)),
        figures.rounded(cross.value, figures.step(cross.value)),
    )
    rest = shown[0] - shown[1]  # so that the figures printed add up
    if part < SMALL:
        return [ctx.t("None of it crosses a national border: each country could have it alone.")]
    if domestic <= SMALL * total:
        return [ctx.t("All of it crosses a national border: no country can have any of it alone.")]
    return [
        ctx.t(
            "{money} of it ({share}) crosses a national border; the other {rest} each country could "
            "have alone.",
            money=ctx.money(cross.value),
            share=ctx.percent(part),
            rest=figures.money_words(ctx.language, rest, ctx.currency, digits=3),
        )
    ]


def stability(ctx: Context, game: GameFinding, rule: str = "shapley") -> Markup:
    """Whether anybody does better by leaving; the plain 'nobody' only when both conventions hold."""
    found = rule_of(game, rule)
    if found is None:
        return ctx.t("No division of the gain was tested.")
    if game.core_empty:
        return ctx.t(
            "No division can keep every group in: whatever the shares, some group would do better "
            "alone by at least {money}.",
            money=ctx.money(game.least_core_epsilon),
        )
    if found.in_core_gamma and found.in_core_delta:
        share = min(found.draws_in_core_gamma, found.draws_in_core_delta)
        return ctx.t(
            "Nobody does better by leaving under the fair (Shapley) shares, whether the others then "
            "fall apart or carry on; this held in {draws}.",
            draws=ctx.draws_of(share),
        )
    if found.in_core_gamma:
        return Markup("{} {}").format(
            ctx.t(
                "With the fair (Shapley) shares no group gains by leaving if the others then fall apart; "
                "this held in {draws}.",
                draws=ctx.draws_of(found.draws_in_core_gamma),
            ),
            _would_leave(ctx, found.objection_delta, ctx.t("but if the others carry on without it,")),
        )
    return _would_leave(
        ctx, found.objection_gamma, ctx.t("With the fair (Shapley) shares, even if the others fall apart,")
    )


def _would_leave(ctx: Context, objection: Objection, when: Markup) -> Markup:
    if not objection.coalition:
        return Markup("")
    text = ctx.tn(
        "{when} {who} would do better by leaving, by {money}.",
        "{when} {who} would do better by leaving together, by {money}.",
        len(objection.coalition),
        when=when,
        who=ctx.coalition(objection.coalition),
        money=ctx.money(objection.gain),
    )
    return _capital(text)


def _no_gain(ctx: Context, case: CaseFinding) -> Headline:
    views = case.game.views if case.game else None
    sentence = ctx.t(
        "Acting together saves the {n} members no money that our figures can show.", n=_members(ctx)
    )
    catch = ctx.t("Each already does alone what would be best for all, or no measure crosses a border.")
    lede = []
    if views is not None and views.total_gain.high > SMALL * max(abs(case.total_alone.value), 1e-9):
        lede.append(
            ctx.t(
                "At the favourable end of what we do not know, the gain would be {money}.",
                money=ctx.money(views.total_gain.high),
            )
        )
    lede.append(ctx.t("A gain of nought is a finding too: nothing was invented to fill the table."))
    return Headline(Markup("{} {}").format(sentence, catch), tuple(lede))


def _without_money(ctx: Context) -> Headline:
    cases = ctx.findings.cases
    if not cases:
        return Headline(
            ctx.t("This appraisal holds no shared problem yet."),
            (ctx.t("Add a case to the region folder and run it again."),),
        )
    case = max(cases, key=lambda c: c.total_alone.value - c.total_together.value)
    saved = case.total_alone.value - case.total_together.value
    name, unit = ctx.case_name(case.id), ctx.unit(case.unit)
    if saved <= SMALL * max(abs(case.total_alone.value), 1e-9):
        sentence = ctx.t("{case}: acting together changes nothing that our figures can show.", case=name)
        catch = ctx.t(
            "Alone or together, the members face {number} {unit}.",
            number=ctx.number(case.total_alone.value),
            unit=unit,
        )
    else:
        sentence = ctx.t(
            "{case}: acting together spares {number} of {all} {unit}.",
            case=name,
            number=ctx.number(saved),
            all=ctx.number(case.total_alone.value),
            unit=unit,
        )
        worse = [
            i for i in range(len(ctx.findings.members)) if case.together[i] > case.alone[i] * (1 + SMALL)
        ]
        catch = (
            ctx.t("No member is worse off.")
            if not worse
            else ctx.t("Worse off: {names}.", names=ctx.coalition(ctx.findings.members[i].id for i in worse))
        )
    lede = [
        ctx.t(
            "Alone it lies between {low} and {high} {unit}, depending on what we do not know.",
            low=ctx.number(case.total_alone.low),
            high=ctx.number(case.total_alone.high),
            unit=unit,
        ),
        ctx.t("Lives and minutes are not paid over, so there is no gain to divide."),
    ]
    return Headline(Markup("{} {}").format(sentence, catch), tuple(lede))


def _capital(text: Markup) -> Markup:
    plain = str(text)
    return text if plain.startswith("<") else Markup(plain[:1].upper() + plain[1:])
