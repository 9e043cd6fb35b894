"""The sources with their rules in words, why some pay nothing, and which rules are in conflict."""

from __future__ import annotations

import math

from markupsafe import Markup

from bothbanks.analysis.findings import FundingFinding
from bothbanks.analysis.findings.funding import ConflictRule, SourceUse
from bothbanks.pages import figures
from bothbanks.pages.blocks import Block, Grid, Head, Heading, Items, Para
from bothbanks.pages.context import Context


def kind_words(ctx: Context, kind: str) -> Markup:
    """A kind of source in words."""
    t = ctx.t
    return {
        "appropriation": t("money voted by a state or board"),
        "fund": t("regional fund"),
        "interreg": t("cross-border fund"),
        "climate": t("climate fund"),
        "loan": t("loan"),
        "bond": t("bond"),
        "private": t("private partner"),
        "citizens": t("citizens’ budget"),
    }[kind]


def sources(ctx: Context, f: FundingFinding) -> list[Block]:
    """Every source: its rules, what it pays, and why not."""
    t = ctx.t
    rows = [
        (
            ctx.language.pick(s.name, s.id),
            kind_words(ctx, s.kind),
            _rules(ctx, s),
            _breaking(ctx.money(float(s.paid.sum()))) if s.paid.sum() > 0 else unused(ctx, s),
            cited(ctx, s.citation),
        )
        for s in f.sources
    ]
    heads = (
        Head(t("source")),
        Head(t("kind")),
        Head(t("rules")),
        Head(t("pays, or why not")),
        Head(t("where this comes from")),
    )
    return [Grid(t("The sources in the order in which they are used where they cost the same."), heads, rows)]


def cited(ctx: Context, citation: str) -> object:
    """A citation; 'assumed' in the page's language, what follows it as it was written."""
    if not citation.lower().startswith("assumed"):
        return ctx.english(citation)
    rest = citation[len("assumed") :]
    return Markup("{}{}").format(ctx.t("assumed"), ctx.english(rest) if rest else "")


def _rules(ctx: Context, s: SourceUse) -> Markup:
    t = ctx.t
    out = [t("up to {share} of a payment", share=ctx.percent(s.largest_share))]
    if math.isfinite(s.cap_measure):
        out.append(t("{money} a measure", money=_breaking(ctx.money(s.cap_measure))))
    if math.isfinite(s.cap):
        out.append(t("{money} in all", money=_breaking(ctx.money(s.cap))))
    if s.countries > 1:
        out.append(t("partners from {count} countries", count=s.countries))
    if s.last_year is not None:
        out.append(t("until {year}", year=s.last_year))
    if s.repaid:
        out.append(
            t(
                "{rate} a year over inflation, {years} years",
                rate=_rate(ctx, s.interest),
                years=s.maturity_years,
            )
        )
    text = Markup("; ").join(out)
    return Markup("{}. {}").format(text, ctx.language.pick(s.conditions)) if s.conditions else text


def _breaking(words: Markup) -> Markup:
    """Money whose words may stand on two lines: a cell of a phone has no room for them on one."""
    return words.replace("\N{NO-BREAK SPACE}", " ")


def _rate(ctx: Context, rate: float) -> str:
    return figures.percent(ctx.language, rate, 1)


def unused(ctx: Context, s: SourceUse) -> Markup:
    """Why a source pays nothing."""
    t = ctx.t
    if s.unused == "closed":
        return t("Closed: {why}", why=ctx.language.pick(s.closed))
    return {
        "measure": t("Pays nothing: none of the measures it is open to is built."),
        "member": t("Pays nothing: none of its members pays for a measure it is open to."),
        "countries": t("Pays nothing: no such measure has partners from enough countries."),
        "years": t("Pays nothing: nothing falls due in its years."),
        "nothing": t("Pays nothing: nothing of what it pays for falls due."),
        "dearer": t("Not needed: cash or another source costs no more."),
    }[s.unused]


def conflict(ctx: Context, f: FundingFinding) -> list[Block]:
    """The smallest conflict in words, and what would make it possible."""
    t = ctx.t
    found = f.conflict
    assert found is not None
    first = (
        t("These rules can’t all be kept. No smaller set of rules is in conflict:")
        if found.smallest
        else t("These rules can’t all be kept, and leaving out any one of them ends the conflict:")
    )
    blocks: list[Block] = [
        Heading(t("Why no mix keeps every rule"), "conflict"),
        Para(first),
        Items([_with_remedy(ctx, f, r) for r in found.rules]),
        Para(t("The fewest rules to set aside, and by how much; the tables below do so:")),
        Items([_set_aside(ctx, f, r) for r in found.set_aside]),
    ]
    return blocks


def _with_remedy(ctx: Context, f: FundingFinding, r: ConflictRule) -> Markup:
    words = rule(ctx, f, r)
    if r.gives_way is None:
        return words
    return Markup("{} {}").format(
        words, ctx.t("It alone would have to give way by {money}.", money=ctx.money(r.gives_way))
    )


def _set_aside(ctx: Context, f: FundingFinding, r: ConflictRule) -> Markup:
    return Markup("{} {}").format(
        rule(ctx, f, r), ctx.t("Short by {money}.", money=ctx.money(r.gives_way or 0.0))
    )


def rule(ctx: Context, f: FundingFinding, r: ConflictRule) -> Markup:
    """One rule in words, with its numbers."""
    t = ctx.t
    names = {s.id: ctx.language.pick(s.name, s.id) for s in f.sources}
    who = ctx.language.join(names.get(s, s) for s in r.sources)
    measure = ctx.measure(r.measure) if r.measure else ""
    member = ctx.member(r.member) if r.member else t("all members together")
    if r.kind == "capital-budget":
        return t(
            "Building in {year}, {member}: {due} falls due, the budget holds {limit}.",
            year=r.year,
            member=member,
            due=ctx.money(r.due),
            limit=ctx.money(r.limit),
        )
    if r.kind == "running-budget":
        return t(
            "Upkeep and debt service in {year}, {member}: the budget holds {limit}, upkeep alone takes "
            "{due}.",
            year=r.year,
            member=member,
            due=ctx.money(r.due),
            limit=ctx.money(r.limit),
        )
    if r.kind == "debt-service":
        return t(
            "Debt service in {year}, {member}: at most {limit}.",
            year=r.year,
            member=member,
            limit=ctx.money(r.limit),
        )
    if r.kind in ("cap", "cap-measure", "cap-member"):
        limit = ctx.money(r.limit)
        if r.kind == "cap":
            return t("{source} pays at most {limit} in all.", source=who, limit=limit)
        target = measure if r.kind == "cap-measure" else member
        return t("{source} pays at most {limit} for {target}.", source=who, limit=limit, target=target)
    share = ctx.percent(r.limit)
    if r.kind == "largest-share":
        return t("{source} pays at most {share} of {measure}.", source=who, share=share, measure=measure)
    if r.kind == "smallest-share":
        return t(
            "{source} pays at least {share} of {measure}, or nothing.",
            source=who,
            share=share,
            measure=measure,
        )
    if r.kind == "together":
        return t(
            "{source} together pay at most {share} of {measure}.", source=who, share=share, measure=measure
        )
    return t("{source} don’t pay for the same measure: {measure}.", source=who, measure=measure)
