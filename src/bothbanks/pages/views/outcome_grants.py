"""Outcome grants on the page of payouts: formulas, who verifies, and the forecast payout."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from babel.dates import format_date
from markupsafe import Markup

from bothbanks.analysis.findings.outcome import ForecastFinding, GrantFinding
from bothbanks.pages import figures
from bothbanks.pages.amounts import money_exact
from bothbanks.pages.blocks import Block, Grid, Head, Heading, Items, Para
from bothbanks.pages.context import Context


def blocks(ctx: Context, grants: Sequence[GrantFinding]) -> list[Block]:
    """All grants: one table of forecasts, then the terms of each."""
    t = ctx.t
    out: list[Block] = [
        Heading(t("Outcome grants"), "grants"),
        Para(
            t(
                "An outcome grant pays for a result that was measured and signed by a verifier. Worse "
                "than the baseline pays the floor; without measurements nothing is paid."
            )
        ),
    ]
    if grants:
        out += [
            Para(t("Any member recomputes what a grant paid from its statement and the observations:")),
            Para(Markup("<code>bothbanks grant verify statement.json --data data/</code>")),
        ]
    if any(g.assumed for g in grants):
        out.append(Para(t("No such grant exists: its terms are assumed, to show the formula."), "note"))
    told = [g for g in grants if g.forecast is not None]
    if told:
        out += [*_luck(ctx, told), _forecasts(ctx, told), Para(_warning(ctx), "note")]
    for grant in grants:
        out.append(Heading(str(ctx.language.plain(grant.name, grant.id)), f"grant-{grant.id}"))
        about = ctx.language.pick(grant.about)
        if about:
            out.append(Para(about))
        out.append(Items(_terms(ctx, grant)))
        if grant.forecast is None:
            out.append(
                Para(t("Nothing modelled stands for this indicator, so no payout is forecast."), "note")
            )
    return out


def _luck(ctx: Context, grants: Sequence[GrantFinding]) -> list[Block]:
    """What of each forecast would come with nothing done together."""
    return [
        Para(
            ctx.t(
                "{grant}: of the {together} that it would pay on average, {alone} would be paid with nothing "
                "done together.",
                grant=ctx.language.pick(g.name, g.id),
                together=ctx.money(g.forecast.together),
                alone=ctx.money(g.forecast.alone),
            )
        )
        for g in grants
        if g.forecast is not None and g.forecast.alone > 0
    ]


def _forecasts(ctx: Context, grants: Sequence[GrantFinding]) -> Grid:
    t = ctx.t
    values = [x for g in grants if g.forecast for x in (g.forecast.together, g.forecast.together_high)]
    scale = ctx.scale([v for v in values if math.isfinite(v)])

    def amount(value: float) -> str:
        return ctx.number(value / scale.factor)

    rows = []
    for grant in grants:
        f = grant.forecast
        assert f is not None
        rows.append(
            (
                ctx.language.pick(grant.name, grant.id),
                amount(f.together),
                ctx.span(f.together_low, f.together_high, scale.factor),
                amount(f.alone),
                ctx.span(f.alone_low, f.alone_high, scale.factor),
                _measured(ctx, grant, f),
            )
        )
    heads = (
        Head(t("grant")),
        Head(t("forecast payout with what is built together, {unit}", unit=scale.label), True),
        Head(t("range"), True),
        Head(t("with nothing done together, {unit}", unit=scale.label), True),
        Head(t("range"), True),
        Head(t("modelled mean: alone, then together")),
    )
    return Grid(t("Forecast, not a measurement: what each grant would pay over its period."), heads, rows)


def _measured(ctx: Context, grant: GrantFinding, f: ForecastFinding) -> Markup:
    return ctx.t(
        "{alone}, then {together}",
        alone=_value(ctx, grant, f.measured_alone),
        together=_value(ctx, grant, f.measured_together),
    )


def _value(ctx: Context, grant: GrantFinding, value: float) -> Markup:
    """A value of the indicator with its unit; money as everywhere in sentences."""
    if grant.unit.partition("/")[0] == ctx.currency and grant.unit.endswith("/year"):
        return ctx.t("{money} a year", money=ctx.money(value))
    if grant.unit == ctx.currency:
        return ctx.money(value)
    return Markup("{} {}").format(figures.plain_number(ctx.language, value), ctx.unit(grant.unit))


def _warning(ctx: Context) -> Markup:
    return ctx.t(
        "Floods are rare, so a few dry years look like success and one wet year like failure. What a "
        "grant pays with nothing done together is luck, and no result; the range is that of nine in ten "
        "periods, and only the mean is known where none is given."
    )


def _terms(ctx: Context, grant: GrantFinding) -> list[Markup]:
    t = ctx.t
    shares = ctx.language.join(
        t("{member} {share}", member=ctx.member(m), share=ctx.percent(s)) for m, s in grant.shares.items()
    )
    return [
        t("Paid by: {funder}.", funder=ctx.language.pick(grant.funder)),
        _baseline(ctx, grant),
        _formula(ctx, grant),
        t(
            "At least {floor}, at most {cap}, for the period from {start} to {end}.",
            floor=ctx.money(grant.floor),
            cap=ctx.money(grant.cap),
            start=day(ctx, grant.start),
            end=day(ctx, grant.end),
        ),
        t(
            "{n} observations are needed, each signed by: {verifier}. They are published as {file}.",
            n=grant.least_count,
            verifier=grant.verifier,
            file=grant.file,
        ),
        t("Every payout is divided so: {shares}.", shares=shares),
        t(
            "Any member may dispute the amount within {days} days; a panel of {size} that it did not name "
            "decides, up to {cap}.",
            days=grant.file_days,
            size=grant.panel_size,
            cap=ctx.money(grant.dispute_cap),
        ),
    ]


def _baseline(ctx: Context, grant: GrantFinding) -> Markup:
    t = ctx.t
    if not grant.baseline_open:
        value, unit = ctx.exact(grant.baseline), ctx.unit(grant.unit)
        if grant.better == "lower":
            return t(
                "The outcome is how far the measured value is below {value} {unit}.", value=value, unit=unit
            )
        return t("The outcome is how far the measured value is above {value} {unit}.", value=value, unit=unit)
    if math.isfinite(grant.baseline):
        return t(
            "The baseline is not agreed yet; the forecast takes the modelled mean with everybody alone, "
            "{value}. Nothing can be paid before it is agreed.",
            value=_value(ctx, grant, grant.baseline),
        )
    return t("The baseline is not agreed yet. Nothing can be paid before it is.")


def _formula(ctx: Context, grant: GrantFinding) -> Markup:
    t = ctx.t
    unit = ctx.unit(grant.unit)
    if grant.formula == "linear":
        return t(
            "Pays {price} for each unit of outcome ({unit}).",
            price=money_exact(ctx.language, grant.rows[0][1], ctx.currency),
            unit=unit,
        )
    if grant.formula == "progressive":
        parts = ctx.language.join(
            t(
                "{price} from {start} on",
                price=money_exact(ctx.language, p, ctx.currency),
                start=ctx.exact(s),
            )
            for s, p in grant.rows
        )
        return t("Pays for each unit of outcome ({unit}): {bands}.", unit=unit, bands=parts)
    parts = ctx.language.join(
        t("{money} for {least} {unit} or more", money=ctx.money(m), least=ctx.exact(least), unit=unit)
        for least, m in grant.rows
    )
    return t("Pays for what was reached: {steps}.", steps=parts)


def day(ctx: Context, iso: str) -> str:
    """A day in the language of the page."""
    return str(format_date(date.fromisoformat(iso), format="long", locale=ctx.language.locale))
