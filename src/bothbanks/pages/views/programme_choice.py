"""What else could be chosen: across climates, on the front of aims, next on the pathway, at other rates."""

from __future__ import annotations

import math
from collections.abc import Mapping

from markupsafe import Markup, escape

from bothbanks.analysis.findings import ProgrammeFinding
from bothbanks.analysis.findings.programme import Changed, FrontPlan, PathStep, Pathway, RobustPlan
from bothbanks.pages import figures
from bothbanks.pages.blocks import Block, Figure, Grid, Head, Heading, Para
from bothbanks.pages.context import Context
from bothbanks.pages.svg.scatter import Point, scatter

SHOWN = 8  # programmes of the front before its table is folded


def blocks(ctx: Context, p: ProgrammeFinding) -> list[Block]:
    """Robust choice, trade-offs, pathways and changed assumptions."""
    t = ctx.t
    return [
        Heading(t("If the climate is another"), "robust"),
        *_robust(ctx, p),
        Heading(t("Money, people protected, and who has most to lose"), "front"),
        *_front(ctx, p),
        Heading(t("What comes next, and when"), "pathways"),
        *_pathways(ctx, p),
        Heading(t("With other assumptions"), "changed"),
        *_changed(ctx, p),
    ]


def base_plan(p: ProgrammeFinding) -> dict[str, int]:
    """Measure -> calendar year of its start, together under the budgets."""
    return {s.measure: s.together for s in p.starts if s.together is not None}


def plan_words(ctx: Context, plan: Mapping[str, int], base: Mapping[str, int]) -> Markup:
    """A programme told by how it differs from another: added, left out, at another time."""
    t = ctx.t
    if dict(plan) == dict(base):
        return t("as planned")
    if not plan:
        return t("no measure")
    parts = []
    more = [m for m in plan if m not in base]
    less = [m for m in base if m not in plan]
    moved = [m for m in plan if m in base and plan[m] != base[m]]
    if more:
        parts.append(t("with {names}", names=ctx.language.join(_dated(ctx, m, plan[m]) for m in more)))
    if less:
        parts.append(t("without {names}", names=ctx.language.join(ctx.measure(m) for m in less)))
    if moved:
        names = ctx.language.join(_dated(ctx, m, plan[m]) for m in moved)
        parts.append(t("at another time: {names}", names=names))
    return Markup("; ").join(parts)


def _dated(ctx: Context, measure: str, year: int) -> Markup:
    return Markup("{} ({})").format(ctx.measure(measure), year)


def climate_words(ctx: Context, scenario: str) -> Markup:
    """The name of a climate scenario as the table of scenarios gives it."""
    if not scenario:
        return ctx.t("today’s climate")
    names = ctx.findings.programme.climate_names if ctx.findings.programme else {}
    return ctx.language.pick(names.get(scenario, {}), scenario)


def _rule_words(ctx: Context, rule: str) -> Markup:
    t = ctx.t
    words = {
        "today": t("best in today’s climate"),
        "expected": t("least cost on average"),
        "minimax-regret": t("least regret at worst"),
        "minimax-cost": t("least cost at worst"),
    }
    return words.get(rule) or escape(rule)


def _robust(ctx: Context, p: ProgrammeFinding) -> list[Block]:
    t = ctx.t
    if len(p.climates) < 2 or not p.robust:
        return [Para(t("The folder states no other climate for this problem."), "empty")]
    scale = ctx.scale([v for r in p.robust for v in r.cost])
    f = scale.factor
    spread = max(float(r.cost.max()) for r in p.robust) / f
    to = min(figures.table_step(spread), 1.0)  # programmes differ by a few units of what all face
    base = base_plan(p)
    rows = [
        (
            Markup("; ").join(_rule_words(ctx, r) for r in plan.chosen) or t("by no rule"),
            _front_words(ctx, plan, base),
            *(ctx.number(float(v) / f, to) for v in plan.cost),
            ctx.number(plan.worst_regret / f, 0.1),
        )
        for plan in p.robust
    ]
    heads = (
        Head(t("chosen as")),
        Head(t("programme")),
        *(Head(climate_words(ctx, c), True) for c in p.climates),
        Head(t("regret at worst"), True),
    )
    chosen = {r: k for k, plan in enumerate(p.robust) for r in plan.chosen}
    words = (
        t("All rules choose the same programme: which of these climates comes decides nothing.")
        if len(set(chosen.values())) == 1
        else t("The rules choose differently: which climate is feared decides what is built.")
    )
    caption = t(
        "Cost of all members under each climate, present value, {unit}. Regret: the cost above that of the "
        "best programme for the climate that comes. The average weighs all climates alike.",
        unit=scale.label,
    )
    return [Para(words), Grid(caption, heads, rows)]


def _front(ctx: Context, p: ProgrammeFinding) -> list[Block]:
    t = ctx.t
    if len(p.front) < 2:
        return [
            Para(t("No trade-off: one programme is best for money, people and whoever loses most."), "empty")
        ]
    money = ctx.scale([x.money for x in p.front])
    svg = scatter(
        [Point(x.money / money.factor, x.people, str(k + 1), x.chosen) for k, x in enumerate(p.front)],
        name=t("Programmes by cost and people protected"),
        text=t("The table below holds the same figures."),
        x_title=t("cost of all members, {unit}", unit=money.label),
        y_title=t("people protected a year"),
        x_text=ctx.exact,
        y_text=ctx.exact,
    )
    return [
        Figure(svg, t("Each point is a programme that the budgets allow. Large and filled: the one chosen.")),
        _front_grid(ctx, p, money),
    ]


def _front_grid(ctx: Context, p: ProgrammeFinding, money: figures.Scale) -> Grid:
    t = ctx.t
    base = base_plan(p)
    to = min(figures.table_step(*(x.money / money.factor for x in p.front)), 1.0)
    rows = [
        (
            str(k + 1),
            _front_words(ctx, x, base),
            ctx.number(x.money / money.factor, to),
            ctx.number(x.people, 1.0),
            ctx.number(x.worst_off, 1.0),
            ctx.member(x.worst_member),
            _gives_up(ctx, x),
        )
        for k, x in enumerate(p.front)
    ]
    heads = (
        Head(t("choice"), True),
        Head(t("programme")),
        Head(t("cost of all members, {unit}", unit=money.label), True),
        Head(t("people protected a year"), True),
        Head(t("loss a head of whoever loses most, {unit}", unit=ctx.symbol), True),
        Head(t("who that is")),
        Head(t("who gives up most")),
    )
    return Grid(
        t(
            "Of {count} programmes that the budgets allow, those that no other beats in money, people and "
            "the loss a head of whoever loses most. What is given up is counted against the cheapest.",
            count=p.candidates,
        ),
        heads,
        rows,
        fold=t("{count} choices: show all", count=len(rows)) if len(rows) > SHOWN else "",
    )


def _front_words(ctx: Context, x: FrontPlan | RobustPlan, base: Mapping[str, int]) -> Markup:
    """The programme, and whether own measures or warning differ as well."""
    words = plan_words(ctx, x.starts, base)
    return Markup("{}; {}").format(words, ctx.t("other own measures")) if x.other_own else words


def _gives_up(ctx: Context, x: FrontPlan) -> Markup:
    worst = int(x.gives_up.argmax())
    if x.gives_up[worst] <= 0.5:
        return Markup("–")
    member = ctx.findings.members[worst].id
    return ctx.t("{member}: {money}", member=ctx.member(member), money=ctx.money(float(x.gives_up[worst])))


def _pathways(ctx: Context, p: ProgrammeFinding) -> list[Block]:
    t = ctx.t
    if not p.pathways:
        return [Para(t("The folder asks for no pathway."), "empty")]
    out: list[Block] = []
    for x in p.pathways:
        out += _pathway(ctx, x)
    return out


def _pathway(ctx: Context, x: Pathway) -> list[Block]:
    t = ctx.t
    what = t("the expected yearly loss") if x.on == "loss" else t("the people affected a year")
    words = t(
        "If the climate grows into “{scenario}” by {year}, and {what} may not pass {share} of what it "
        "is today with nothing built:",
        scenario=climate_words(ctx, x.scenario),
        year=x.year,
        what=what,
        share=ctx.percent(x.share),
    )
    rows = [
        (
            _year(s.from_year),
            _standing(ctx, x, s),
            _enough(ctx, x, s),
            _next(ctx, s),
            _year(s.decide_by) if math.isfinite(s.decide_by) else "–",
        )
        for s in x.steps
    ]
    heads = (
        Head(t("from")),
        Head(t("measures in place")),
        Head(t("enough until")),
        Head(t("what comes next")),
        Head(t("decide by")),
    )
    caption = t(
        "What stands stays; at each tipping point the cheapest addition that is enough is made. Own measures "
        "and warning don’t count here."
    )
    return [Para(words), Grid(caption, heads, rows)]


def _standing(ctx: Context, x: Pathway, s: PathStep) -> Markup:
    """The programme, or the programme and what was added to it."""
    more = [m for m in s.measures if m not in x.steps[0].measures]
    if not more:
        return ctx.t("the programme")
    return ctx.t("the programme and {names}", names=ctx.language.join(ctx.measure(m) for m in more))


def _year(value: float) -> str:
    return f"{math.floor(value + 1e-9)}"


def _enough(ctx: Context, x: Pathway, s: PathStep) -> Markup:
    if not math.isfinite(s.tipping_year):
        return ctx.t("{year} and beyond what was computed", year=x.year)
    return ctx.t(
        "{year}, when {share} of the change has come",
        year=_year(s.tipping_year),
        share=ctx.percent(s.way),
    )


def _next(ctx: Context, s: PathStep) -> Markup:
    t = ctx.t
    if s.status == "lasts":
        return Markup("–")
    if not s.added:
        return t("nothing that helps is left")
    names = ctx.language.join(ctx.measure(m) for m in s.added)
    return t("{names}, {money}", names=names, money=ctx.money(s.cost))


def _changed(ctx: Context, p: ProgrammeFinding) -> list[Block]:
    t = ctx.t
    if not p.changed:
        return [Para(t("No assumption was moved."), "empty")]
    scale = ctx.scale([p.gain, *(x.gain for x in p.changed)])
    to = figures.table_step(*(x.gain / scale.factor for x in p.changed), p.gain / scale.factor)
    rows: list[tuple[object, ...]] = [(t("as planned"), ctx.number(p.gain / scale.factor, to), "–")]
    for x in p.changed:
        same = t("none") if not x.other_starts else ctx.number(x.other_starts, 1.0)
        rows.append((_what(ctx, x), ctx.number(x.gain / scale.factor, to), same))
    heads = (
        Head(t("assumption")),
        Head(t("gain, {unit}", unit=scale.label), True),
        Head(t("measures that start otherwise"), True),
    )
    return [
        Grid(
            t("Gain from acting together under the budgets, each time worked out anew with one change."),
            heads,
            rows,
        )
    ]


def _what(ctx: Context, x: Changed) -> Markup:
    t = ctx.t
    if x.what == "discount-rate":
        return t("discount rate {rate} a year", rate=figures.percent(ctx.language, x.value, 2))
    if x.what == "exchange-rate":
        return t(
            "{currency} worth {share} of today’s rate",
            currency=x.name,
            share=figures.percent(ctx.language, x.value),
        )
    return t("climate: {name}", name=climate_words(ctx, x.name))
