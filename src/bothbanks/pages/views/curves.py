"""Loss exceedance curves, alone and together, with tables."""

from __future__ import annotations

import numpy as np

from bothbanks.analysis.findings import Curve
from bothbanks.pages import figures
from bothbanks.pages.blocks import Block, Figure, Grid, Head, Heading, Page, Para
from bothbanks.pages.context import Context
from bothbanks.pages.svg.curve import Series, curve


def page(ctx: Context) -> Page:
    """Curves of every case that has them."""
    t = ctx.t
    blocks: list[Block] = [
        Para(
            t(
                "A loss exceedance curve says how large a loss is reached or passed once in so many "
                "years, on average. Once in 100 years means one chance in a hundred each year."
            )
        )
    ]
    by_case: dict[str, list[Curve]] = {}
    for c in ctx.findings.curves:
        by_case.setdefault(c.case, []).append(c)
    if not by_case:
        blocks = [
            Para(t("This appraisal has no loss curve: no problem here is counted event by event."), "empty")
        ]
    for case, curves in by_case.items():
        blocks += [
            Heading(ctx.case_name(case), f"curve-{case}"),
            _figure(ctx, case, curves),
            _regional(ctx, curves),
        ]
        if len(curves) > 1 and _alike(curves):
            blocks.append(Para(t("Alone and together are the same here, so one table does for both.")))
            curves = curves[:1]
        blocks += [_members(ctx, c) for c in curves]
        blocks.append(
            Para(
                t(
                    "The region's loss is that of its own events; it is not the sum of the members' "
                    "figures, because their worst years differ."
                )
            )
        )
        blocks.append(ctx.source((case, "region")))
    return Page(
        "curves",
        t("Loss curves"),
        t("Read how large the loss of a rare year is, alone and together."),
        blocks,
    )


def _words(ctx: Context, variant: str) -> str:
    return {"alone": ctx.t("alone"), "together": ctx.t("together")}.get(variant) or variant


def _figure(ctx: Context, case: str, curves: list[Curve]) -> Figure:
    t = ctx.t
    scale = _scale(ctx, curves)
    series = [
        Series(
            _words(ctx, c.variant),
            c.return_period_years.tolist(),
            (c.total / scale.factor).tolist(),
            (c.total_low / scale.factor).tolist(),
            (c.total_high / scale.factor).tolist(),
            c.variant,
        )
        for c in curves
    ]
    name = t("Loss exceedance curve: {case}", case=ctx.case_name(case).striptags())
    svg = curve(
        series,
        name=name,
        text=t("The table below holds the same figures."),
        x_title=t("return period, years"),
        y_title=t("loss, {unit}", unit=scale.label),
        x_text=lambda v: ctx.number(v, 1.0),
        y_text=lambda v: ctx.exact(v),
    )
    ranged = any(_ranged(c) for c in curves)
    return Figure(
        svg,
        t("All members. Solid line: together; dashed line: alone; pale: range of nine in ten draws.")
        if ranged
        else t("All members. Solid line: together; dashed line: alone. No range was drawn."),
    )


def _regional(ctx: Context, curves: list[Curve]) -> Grid:
    t = ctx.t
    scale = _scale(ctx, curves)
    to = figures.table_step(*(float(v) / scale.factor for c in curves for v in c.total))
    heads = [Head(t("return period"))]
    for c in curves:
        heads.append(Head(t("{variant}, {unit}", variant=_words(ctx, c.variant), unit=scale.label), True))
        if _ranged(c):
            heads.append(Head(t("range"), True))
    rows = []
    for k, years in enumerate(curves[0].return_period_years):
        row: list[object] = [t("once in {years} years", years=ctx.number(float(years), 1.0))]
        for c in curves:
            if k < c.total.size:
                row.append(_loss(ctx, float(c.total[k]) / scale.factor, to))
                if _ranged(c):
                    row.append(ctx.span(c.total_low[k], c.total_high[k], scale.factor))
        rows.append(tuple(row))
    caption = t("Loss of the whole region, reached or passed once in so many years.")
    return Grid(caption, tuple(heads), rows, css="once")


def _scale(ctx: Context, curves: list[Curve]) -> figures.Scale:
    return ctx.scale([float(v) for c in curves for v in (*c.total, *c.total_high)])


def _ranged(c: Curve) -> bool:
    return bool(np.any(np.isfinite(c.total_high)))


def _loss(ctx: Context, value: float, to: float) -> str:
    """A loss in its table: nought where nothing is lost, small losses with a figure of their own."""
    if not value:
        return ctx.number(0.0)
    fine = max(min(to, figures.step(value)), to / 100)
    if figures.rounded(value, fine):
        return ctx.number(value, fine)
    return f"<{figures.NBSP}{ctx.number(fine, fine)}"


def _alike(curves: list[Curve]) -> bool:
    """Whether alone and together give the same losses, so that one table does for both."""
    first = curves[0]
    return all(c.loss.shape == first.loss.shape and np.allclose(c.loss, first.loss) for c in curves)


def _members(ctx: Context, c: Curve) -> Grid:
    t = ctx.t
    scale = ctx.scale(c.loss.ravel())
    to = figures.table_step(*(float(v) / scale.factor for v in c.loss.ravel()))
    heads = (Head(t("return period")), *(Head(ctx.member(m.id), True) for m in ctx.findings.members))
    rows = [
        (
            t("once in {years} years", years=ctx.number(float(years), 1.0)),
            *(_loss(ctx, float(v) / scale.factor, to) for v in c.loss[k]),
        )
        for k, years in enumerate(c.return_period_years)
    ]
    return Grid(
        t("By member, {variant}, {unit}.", variant=_words(ctx, c.variant), unit=scale.label),
        heads,
        rows,
        css="once",
    )
