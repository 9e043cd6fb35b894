"""Cash of each council by fiscal year, upkeep and its pots, exchange risk, revenue of joint undertakings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from babel.numbers import get_currency_symbol
from markupsafe import Markup

from bothbanks.analysis.findings import FundingFinding
from bothbanks.analysis.findings.funding import CashStatement, VentureShare
from bothbanks.pages import figures
from bothbanks.pages.blocks import Block, Grid, Head, Para
from bothbanks.pages.context import Context
from bothbanks.pages.views.funding_rules import cited

SINGLE_YEARS = 10  # fiscal years shown one by one; later ones ten at a time
SHOWN = ("capital", "grants", "drawn", "own_cash", "own_upkeep", "interest", "repayment", "payments", "net")


def blocks(ctx: Context, f: FundingFinding) -> list[Block]:
    """A table of each council, folded, with what its lines mean."""
    t = ctx.t
    out: list[Block] = [
        Para(
            t(
                "In each council’s own currency and fiscal years; a year is named by the calendar year in "
                "which it begins. Building = grants + borrowed + own cash (and what was set aside). What the "
                "council pays = own cash + upkeep + interest + repayment − payments from other members. "
                "Amounts are rounded so that they add up to the cent; the files hold every cent."
            )
        )
    ]
    payments = (
        t("Payments between members are those of the programme’s division, as a level sum a year.")
        if f.payments_of_programme
        else t("Payments between members are those of the division with grants, as a level sum a year.")
    )
    if f.payments_of_programme or f.game is not None:
        out.append(Para(payments))
    return [*out, *(_statement(ctx, s) for s in f.statements)]


def _statement(ctx: Context, s: CashStatement) -> Grid:
    t = ctx.t
    words = {
        "capital": t("building"),
        "grants": t("grants"),
        "drawn": t("borrowed"),
        "own_cash": t("own cash"),
        "own_upkeep": t("upkeep"),
        "interest": t("interest"),
        "repayment": t("repayment"),
        "payments": t("payments from members (minus: to them)"),
        "net": t("the council pays"),
    }
    unit = 10**s.digits
    lines = {name: np.asarray(s.lines[name], dtype=np.float64) / unit for name in SHOWN}
    spans = _spans(ctx, lines["net"].size, s.first_year, last=_last(lines))
    largest = max((abs(float(v)) for line in lines.values() for v in line), default=0.0)
    factor = 1e3 if largest >= 2e3 else 1.0
    symbol = get_currency_symbol(s.currency, locale=ctx.language.locale)
    label = str(t("{currency} thousand", currency=symbol)) if factor > 1 else symbol
    rows = []
    for words_of, start, stop in spans:
        amounts = (float(lines[name][start:stop].sum()) / factor for name in SHOWN)
        rows.append((words_of, *(ctx.number(a, 1.0) for a in amounts)))
    rows.append((t("total"), *(ctx.number(float(lines[n].sum()) / factor, 1.0) for n in SHOWN)))
    caption = t("{member}, {unit}, prices of {year}.", member=ctx.member(s.member), unit=label,
                year=ctx.findings.region.price_year)  # fmt: skip
    if s.rate_date is not None:
        caption = Markup("{} {}").format(
            caption,
            t(
                "Rate of {date}: {rate} for one {currency} ({source}).",
                date=s.rate_date.isoformat(),
                rate=ctx.exact(s.rate),
                currency=ctx.currency,
                source=ctx.english(s.rate_source),
            ),
        )
    heads = (Head(t("fiscal year")), *(Head(words[n], True) for n in SHOWN))
    fold = t("{member}: show all years", member=ctx.member(s.member))
    return Grid(caption, heads, rows, css="total", fold=fold)


def _last(lines: dict[str, np.ndarray]) -> int:
    """One past the last year in which anything flows."""
    table = np.abs(np.stack(list(lines.values()))).sum(axis=0)
    at = np.flatnonzero(table)
    return int(at[-1]) + 1 if at.size else 1


def _spans(ctx: Context, years: int, first: int, last: int) -> Sequence[tuple[object, int, int]]:
    """(words, start, stop): single years, then ten at a time, until nothing flows any more."""
    out: list[tuple[object, int, int]] = [(str(first + k), k, k + 1) for k in range(min(SINGLE_YEARS, last))]
    for start in range(SINGLE_YEARS, last, 10):
        stop = min(start + 10, last, years)
        words = ctx.t("{a} to {b}, in all", a=first + start, b=first + stop - 1)
        out.append((str(first + start) if stop == start + 1 else words, start, stop))
    return out


def upkeep(ctx: Context, f: FundingFinding) -> list[Block]:
    """Each measure: who pays its upkeep, in how many of its years, and what nobody pays."""
    t = ctx.t
    names = {p: ctx.language.pick(n, p) for p, n in f.pots.items()}
    names |= {s.id: ctx.language.pick(s.name, s.id) for s in f.sources}
    whole = sum(1 for k in f.kept if k.years_paid == k.years_due)
    first = (
        t("Every measure’s upkeep is paid in every year of the horizon by a named payer.")
        if not f.gaps
        else t(
            "For {short} of {all} measures and payers some year’s upkeep has no payer: {money} in all.",
            short=len(f.kept) - whole,
            all=len(f.kept),
            money=ctx.money(sum(g.amount for g in f.gaps)),
        )
    )
    scale = ctx.scale(k.due for k in f.kept)
    to = figures.table_step(*(k.due / scale.factor for k in f.kept))
    rows = [
        (
            ctx.measure(k.measure),
            ctx.member(k.member),
            ctx.language.join(names.get(p, p) for p in k.pots) if k.pots else t("nobody"),
            t("{paid} of {due}", paid=k.years_paid, due=k.years_due),
            ctx.number(k.due / scale.factor, to),
            ctx.number((k.due - k.paid) / scale.factor, to),
        )
        for k in f.kept
    ]
    heads = (
        Head(t("measure")),
        Head(t("payer")),
        Head(t("pot")),
        Head(t("years paid"), True),
        Head(t("due, {unit}", unit=scale.label), True),
        Head(t("not paid, {unit}", unit=scale.label), True),
    )
    grid = Grid(
        t("Upkeep over the horizon, not discounted."), heads, rows, t("Nothing that is built needs upkeep."),
        fold=t("{count} payers: show all", count=len(rows)) if len(rows) > 12 else "",
    )  # fmt: skip
    out: list[Block] = [Para(first), grid]
    if f.gaps:
        gaps = [
            (ctx.member(member), str(first) if first == last else f"{first}–{last}", ctx.money(amount))
            for member, first, last, amount in _merged(f)
        ]
        out.append(
            Grid(
                t("Upkeep that nobody pays, by member and calendar year."),
                (Head(t("member")), Head(t("year"), True), Head(t("not paid, each year"), True)),
                gaps,
                fold=t("{count} gaps: show all", count=len(gaps)) if len(gaps) > 12 else "",
            )
        )
    return out


def _merged(f: FundingFinding) -> list[tuple[str, int, int, float]]:
    """(member, first year, last year, amount a year) of gaps, equal years in a row as one."""
    out: list[tuple[str, int, int, float]] = []
    for g in sorted(f.gaps, key=lambda g: (g.member, g.year)):
        if out and out[-1][0] == g.member and out[-1][2] == g.year - 1 and abs(out[-1][3] - g.amount) < 0.01:
            out[-1] = (g.member, out[-1][1], g.year, g.amount)
        else:
            out.append((g.member, g.year, g.year, g.amount))
    return out


def exchange(ctx: Context, f: FundingFinding) -> list[Block]:
    """What a move of a tenth does to each member."""
    t = ctx.t
    if not f.exposures:
        return [
            Para(
                t(
                    "No member is exposed: all grants, loans and payments are in its own currency, "
                    "{currency}.",
                    currency=ctx.currency,
                )
                if all(s.currency == ctx.currency for s in f.statements)
                else t("No member receives or owes anything in another currency than its own.")
            )
        ]
    rows = []
    for e in f.exposures:
        span = (
            t(
                "{low} to {high}",
                low=figures.percent(ctx.language, e.stated_low, 1),
                high=figures.percent(ctx.language, e.stated_high, 1),
            )
            if e.stated_low is not None
            else t("not known")
        )
        rows.append(
            (
                ctx.member(e.member),
                e.currency,
                t(
                    "{rate} {own} on {date}",
                    rate=ctx.exact(e.rate),
                    own=e.own_currency,
                    date=e.date.isoformat(),
                ),
                _own(ctx, e.net_cost, e.own_currency),
                _own(ctx, e.if_dearer, e.own_currency),
                _own(ctx, e.if_cheaper, e.own_currency),
                span,
            )
        )
    heads = (
        Head(t("member")),
        Head(t("currency")),
        Head(t("rate used")),
        Head(t("open (plus: owes)"), True),
        Head(t("cost if it rises by 10 %"), True),
        Head(t("cost if it falls by 10 %"), True),
        Head(t("moves between the stated rates")),
    )
    return [
        Para(t("A member’s own measures cost it its own currency; only what crosses a currency is exposed.")),
        Grid(t("Open in another currency, present value in the member’s own."), heads, rows),
    ]


def _own(ctx: Context, value: float, currency: str) -> str:
    return figures.money_short(ctx.language, value, currency)


def ventures(ctx: Context, f: FundingFinding) -> list[Block]:
    """Each undertaking: the waterfall, then what reaches each neighbourhood."""
    out: list[Block] = []
    for v in f.ventures:
        out += _venture(ctx, v)
    return out


def _venture(ctx: Context, v: VentureShare) -> list[Block]:
    t = ctx.t
    unit = 10**v.digits

    def money(minor: int) -> str:
        return ctx.number(minor / unit, 1.0 / unit)

    where = cited(ctx, v.citation)
    steps = [
        (t("revenue"), money(v.revenue)),
        (t("running costs"), money(v.costs)),
        (t("debt service"), money(v.debt_paid)),
        (t("upkeep reserve at the end"), money(v.reserve)),
        *((t("to {member}", member=ctx.member(o)), money(x)) for o, x in v.owners.items()),
    ]
    last = v.first_year + v.years - 1
    key = t("by population") if v.key == "population" else t("by stated weights")
    return [
        Grid(
            t(
                "{name}: where its revenue of {first} to {last} goes, {unit} ({source}).",
                name=ctx.language.pick(v.name, v.id),
                first=v.first_year,
                last=last,
                unit=v.currency,
                source=where,
            ),
            (Head(t("step")), Head(t("amount"), True)),
            steps,
        ),
        Grid(
            t("What reaches each neighbourhood, {key}, {unit}.", key=key, unit=v.currency),
            (Head(t("neighbourhood")), Head(t("member")), Head(t("amount"), True)),
            [(p.neighbourhood, ctx.member(p.member), money(p.amount)) for p in v.parts],
            fold=t("{count} neighbourhoods: show all", count=len(v.parts)) if len(v.parts) > 12 else "",
        ),
    ]
