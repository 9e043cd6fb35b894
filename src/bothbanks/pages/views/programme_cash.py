"""The programme's money by year: what each council spends in its own fiscal years and currency."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from bothbanks.analysis.findings import FloatArray, ProgrammeFinding
from bothbanks.analysis.findings.programme import CouncilCash
from bothbanks.pages import figures
from bothbanks.pages.blocks import Block, Figure, Grid, Head, Heading, Para
from bothbanks.pages.context import Context
from bothbanks.pages.svg.cash import Strip, cash
from bothbanks.pages.years import merged_years

DRAWN = 20  # fiscal years in the picture; the table has all
JANUARY = "01-01"


def blocks(ctx: Context, p: ProgrammeFinding) -> list[Block]:
    """The picture, its table, and what of it is council cash and what is benefit to others."""
    t = ctx.t
    out: list[Block] = [Heading(t("Cash by year and council"), "cash")]
    if not any(_spends(c) for c in p.cash):
        out.append(Para(t("Nothing is spent on measures."), "empty"))
    else:
        out += [_figure(ctx, p), _table(ctx, p), *_fiscal(ctx)]
    out += [Heading(t("Council cash, and benefit to others"), "who-has-the-money"), *_split(ctx, p)]
    return out


def _spends(c: CouncilCash) -> bool:
    return bool(np.any(c.capital > 0) or np.any(c.running > 0))


def _figure(ctx: Context, p: ProgrammeFinding) -> Figure:
    t = ctx.t
    shown = [c for c in p.cash if _spends(c)]
    count = min(DRAWN, *(c.fiscal_years.size for c in shown))
    strips = []
    for c in shown:
        spent = (c.capital + c.running)[:count]
        top = int(np.argmax(spent))
        words = t(
            "most: {money} in {year}",
            money=figures.money_short(ctx.language, float(spent[top]), c.currency),
            year=_year(ctx, c, top),
        )
        strips.append(
            Strip(
                ctx.member_plain(c.member),
                c.capital[:count].tolist(),
                c.running[:count].tolist(),
                (c.capital_budget + c.running_budget)[:count].tolist(),
                str(words),
            )
        )
    first = shown[0]
    svg = cash(
        strips,
        first.fiscal_years[:count].tolist(),
        name=t("Spending on measures by year and council"),
        text=t("The table below holds the same figures."),
    )
    caption = t(
        "The first {count} years. Blue: building; grey on top: upkeep; dashed: the council's own budget for "
        "both. Each strip has a scale of its own; its highest year is printed.",
        count=count,
    )
    if p.pooled:
        caption = Markup("{} {}").format(
            caption, t("Where bars stand above the dashed line, the budget of another member is used.")
        )
    return Figure(svg, caption)


def _year(ctx: Context, c: CouncilCash, k: int) -> str:
    """A fiscal year as its council calls it: 2026, or 2026/27 where it does not start in January."""
    year = int(c.fiscal_years[k])
    member = ctx.findings.members[ctx.place[c.member]]
    return str(year) if member.fiscal_year_start == JANUARY else f"{year}/{(year + 1) % 100:02d}"


def _table(ctx: Context, p: ProgrammeFinding) -> Grid:
    """Fiscal years down, councils across, building and upkeep together; equal years merged."""
    t = ctx.t
    shown = [c for c in p.cash if _spends(c)]
    first = min(int(c.fiscal_years[0]) for c in shown)
    last = max(int(c.fiscal_years[-1]) for c in shown)
    series = [_over(c, c.capital + c.running, first, last) for c in shown]
    currencies = {c.currency for c in shown}
    scales = {k: figures.money_scale(ctx.language, _values(shown, series, k), k) for k in currencies}
    rows: list[tuple[object, ...]] = [
        (t("own budget a year"), *(_limit(ctx, c, scales[c.currency].factor) for c in shown))
    ]
    for start, end, values in merged_years(series, most=40):
        name = (
            str(first + start) if start == end else t("{a} to {b}, each year", a=first + start, b=first + end)
        )
        cells = [
            ctx.number(v / scales[c.currency].factor, 0.1) if v > 0 else ctx.number(0.0)
            for v, c in zip(values, shown, strict=True)
        ]
        rows.append((name, *cells))
    sums = [float(s.sum()) / scales[c.currency].factor for s, c in zip(series, shown, strict=True)]
    rows.append((t("all years"), *(ctx.number(v, 0.1) for v in sums)))
    heads = (
        Head(t("fiscal year")),
        *(
            Head(t("{member}, {unit}", member=ctx.member(c.member), unit=scales[c.currency].label), True)
            for c in shown
        ),
    )
    idle = [c.member for c in p.cash if not _spends(c)]
    caption = t(
        "Building, renewal and upkeep of shared and own measures and of warning, each council in its own "
        "currency and fiscal year, "
        "prices of {year}, not discounted.",
        year=ctx.findings.region.price_year,
    )
    if idle:
        caption = Markup("{} {}").format(caption, t("No spending: {members}.", members=ctx.coalition(idle)))
    return Grid(caption, heads, rows, css="total", fold=t("Spending in every year: show all"))


def _limit(ctx: Context, c: CouncilCash, factor: float) -> str:
    """What a council may spend a year on building and upkeep; from the least to the most where it changes."""
    both = c.capital_budget + c.running_budget
    if not np.isfinite(both).any():
        return figures.NOTHING
    low, high = (ctx.number(float(v) / factor, 0.1) for v in (both.min(), both[np.isfinite(both)].max()))
    return low if low == high else f"{low}–{high}"


def _over(c: CouncilCash, values: FloatArray, first: int, last: int) -> FloatArray:
    """The values of a council laid on all fiscal years; 0 outside its own."""
    out = np.zeros(last - first + 1)
    out[c.fiscal_years - first] = values
    return out


def _values(shown: Sequence[CouncilCash], series: Sequence[FloatArray], currency: str) -> list[float]:
    return [float(s.max()) for c, s in zip(shown, series, strict=True) if c.currency == currency]


def _fiscal(ctx: Context) -> list[Block]:
    """How fiscal years that don't start in January are named, where there are any."""
    t = ctx.t
    others = [m for m in ctx.findings.members if m.fiscal_year_start != JANUARY]
    if not others:
        return []
    starts = ctx.language.join(
        t("{member} on {day}", member=ctx.member(m.id), day=_day(m.fiscal_year_start)) for m in others
    )
    words = t(
        "A fiscal year is named by the year in which it starts. Not in January: {starts}. Spending of a "
        "calendar year is spread evenly over its months.",
        starts=starts,
    )
    return [Para(words)]


def _day(start: str) -> str:
    month, day = start.split("-")
    return f"{int(day)}.{int(month)}."


def _split(ctx: Context, p: ProgrammeFinding) -> list[Block]:
    t = ctx.t
    values = [v for s in p.split for v in (s.budget_cost, s.households, s.firms, s.public_works)]
    scale = ctx.scale(values)
    to = figures.table_step(*(v / scale.factor for v in values))

    def num(v: float) -> str:
        return ctx.number(v / scale.factor, to)

    rows = [
        (ctx.member(s.member), num(s.budget_cost), num(s.households), num(s.firms), num(s.public_works))
        for s in p.split
    ]
    heads = (
        Head(t("member")),
        Head(t("the council pays"), True),
        Head(t("households save"), True),
        Head(t("firms save"), True),
        Head(t("public works and roads save"), True),
    )
    caption = t(
        "Together under the budgets against alone under the budgets, with the payments of the Shapley value; "
        "present value over {years} years, {unit}. Minus: the council receives, or others lose.",
        years=p.horizon_years,
        unit=scale.label,
    )
    words = t(
        "Only the first column is council cash. Avoided damage stays with those whose homes and firms stay "
        "dry, and with the public purse where public works do."
    )
    return [Grid(caption, heads, rows), Para(words)]
