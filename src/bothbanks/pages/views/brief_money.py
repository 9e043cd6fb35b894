"""The money part of a member's brief: its own years, pots, reserve and purchases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from markupsafe import Markup

from bothbanks.analysis.findings import CaseFinding, FloatArray, MemberInfo
from bothbanks.analysis.findings.funding import CashStatement
from bothbanks.analysis.findings.programme import CouncilCash
from bothbanks.pages import figures
from bothbanks.pages.blocks import Block, Grid, Head, Heading, Para
from bothbanks.pages.context import Context
from bothbanks.pages.headline import has_gain, rule_of

MILLION = 1e6
SHOWN = 12  # fiscal years in a brief of two pages; the pages of the report have all
LINES = ("capital", "grants", "drawn", "own_cash", "debt_service", "upkeep", "payments", "net")


def blocks(ctx: Context, m: MemberInfo) -> list[Block]:
    """What the council spends by year and from which pot; nothing where the folder states no money."""
    words = [*_grants(ctx, m), *_reserve(ctx, m), *_purchases(ctx, m)]
    grid = _years(ctx, m)
    if grid is None and not words:
        return []
    out: list[Block] = [Heading(ctx.t("Our money by year"), "money")]
    if words:
        out.append(Para(Markup(" ").join(words)))
    return [*out, *([grid] if grid is not None else [])]


def _years(ctx: Context, m: MemberInfo) -> Grid | None:
    """Who pays in the first fiscal years, from the mix of funds; from the programme alone where no
    funds are stated.
    """
    statement = {s.member: s for s in ctx.findings.funding.statements if s} if ctx.findings.funding else {}
    council = {c.member: c for c in ctx.findings.programme.cash} if ctx.findings.programme else {}
    if m.id in statement:
        return _statement(ctx, statement[m.id], council.get(m.id))
    return _council(ctx, council[m.id]) if m.id in council else None


def _statement(ctx: Context, s: CashStatement, budget: CouncilCash | None) -> Grid | None:
    unit = 10.0**s.digits
    values = {name: np.asarray(line, dtype=np.float64) / unit for name, line in s.lines.items()}
    values["debt_service"] = values["interest"] + values["repayment"]
    return _grid(ctx, s.currency, s.first_year, {name: values[name] for name in LINES}, budget)


def _council(ctx: Context, c: CouncilCash) -> Grid | None:
    lines = {"capital": c.capital, "upkeep": c.running}
    return _grid(ctx, c.currency, int(c.fiscal_years[0]), lines, c)


def _grid(
    ctx: Context,
    currency: str,
    first_year: int,
    lines: Mapping[str, FloatArray],
    budget: CouncilCash | None,
) -> Grid | None:
    t = ctx.t
    names = {
        "capital": t("building"),
        "grants": t("grants"),
        "drawn": t("borrowed"),
        "own_cash": t("own cash for building"),
        "debt_service": t("interest and repayment"),
        "upkeep": t("upkeep"),
        "payments": t("from other members (−: to them)"),
        "net": t("the council pays"),
    }
    shown = {name: line for name, line in lines.items() if np.any(line != 0) or name in ("capital", "net")}
    size = min(SHOWN, *(line.size for line in shown.values()))
    if not any(np.any(line != 0) for line in shown.values()):
        return None
    scale = figures.money_scale(ctx.language, np.concatenate([*shown.values()]).tolist(), currency)
    to = 0.1 if scale.factor == MILLION else 1.0
    limit = _limits(budget, first_year, size)
    heads = [Head(t("fiscal year from")), *(Head(names[name], True) for name in shown)]
    if limit is not None:
        heads.append(Head(t("budget for building"), True))

    def number(value: float) -> str:
        """Nothing for nought, so that a row shows only what flows."""
        return ctx.number(value / scale.factor, to) if value != 0.0 else ""

    years: list[tuple[str, ...]] = []
    for k in range(size):
        cells = [number(float(line[k])) for line in shown.values()]
        if limit is not None:
            cells.append(number(limit[k]) if np.isfinite(limit[k]) else figures.NOTHING)
        years.append(tuple(cells))
    rows = _merged(ctx, first_year, years)
    later = [number(float(line[size:].sum())) for line in shown.values()]
    rows.append((t("all later years"), *later, *([""] if limit is not None else [])))
    caption = t(
        "The first {count} fiscal years, {unit} in prices of {year}; not discounted. An empty cell: nothing.",
        count=size,
        unit=scale.label,
        year=ctx.findings.region.price_year,
    )
    programme = ctx.findings.programme
    if limit is not None and programme is not None and programme.pooled:
        pooled = t("Members that act together spend one budget: what one has left, another may use.")
        caption = Markup("{} {}").format(caption, pooled)
    return Grid(caption, heads, rows)


def _merged(ctx: Context, first_year: int, years: Sequence[tuple[str, ...]]) -> list[tuple[object, ...]]:
    """A row a year; years in a row with the same figures as one."""
    rows: list[tuple[object, ...]] = []
    start = 0
    for k in range(1, len(years) + 1):
        if k < len(years) and years[k] == years[start]:
            continue
        a, b = first_year + start, first_year + k - 1
        rows.append((str(a) if a == b else ctx.t("{a} to {b}, each year", a=a, b=b), *years[start]))
        start = k
    return rows


def _limits(budget: CouncilCash | None, first_year: int, size: int) -> FloatArray | None:
    """(size,) what the council may spend on building; NaN where a year has no budget, None without any."""
    if budget is None or not np.isfinite(budget.capital_budget).any():
        return None
    by_year = dict(zip(budget.fiscal_years.tolist(), budget.capital_budget.tolist(), strict=True))
    return np.array([by_year.get(first_year + k, np.nan) for k in range(size)])


def _grants(ctx: Context, m: MemberInfo) -> list[Markup]:
    """The member's share of the gain without and with money from outside."""
    game = ctx.findings.funding.game if ctx.findings.funding else None
    if game is None:
        return []
    i = ctx.place[m.id]
    return [
        ctx.t(
            "Our fair share of the gain is {without} without outside grants and {with_grants} with them.",
            without=ctx.money(float(game.shares_without[i])),
            with_grants=ctx.money(float(game.shares_with[i])),
        )
    ]


def _reserve(ctx: Context, m: MemberInfo) -> list[Markup]:
    found = ctx.findings.reserve
    if found is None:
        return []
    i = ctx.place[m.id]
    alone, pooled = float(found.members.premium_alone[i]), float(found.members.premium_pooled[i])
    return [
        ctx.t(
            "A reserve of our own would cost us {alone} a year, our part of a joint one {pooled}.",
            alone=ctx.money(alone),
            pooled=ctx.money(pooled),
        )
    ]


def _purchases(ctx: Context, m: MemberInfo) -> list[Markup]:
    found = ctx.findings.purchasing
    if found is None:
        return []
    case: CaseFinding = found.case
    rule = rule_of(case.game) if case.game else None
    if rule is None or not has_gain(case):
        return [ctx.t("Buying together saves us nothing that our figures can show.")]
    return [
        ctx.t(
            "Buying together, our share of the saving is {money} a year.",
            money=ctx.money(float(rule.shares[ctx.place[m.id]])),
        )
    ]
