"""Public procurement: plans, tenders, awards and contracts as releases, with their red flags."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from babel.dates import format_date
from markupsafe import Markup

from bothbanks.analysis.findings.procurement import BandFinding, ProcessFinding, ProcurementFinding
from bothbanks.pages import figures
from bothbanks.pages.amounts import money_exact
from bothbanks.pages.blocks import Block, Grid, Head, Heading, Items, Page, Para
from bothbanks.pages.context import Context
from bothbanks.pages.entry import Entry
from bothbanks.pages.procurement_terms import (
    flag_name,
    flag_words,
    formula_words,
    law_words,
    regime_words,
    stage_words,
    step_words,
    sure_words,
)
from bothbanks.pages.purchasing_terms import procedure_words

PUBLISHED = "../../ocds/"
"""From a language's pages to the released files, which lie beside the report."""


def entries(ctx: Context) -> tuple[Entry, ...]:
    """Its pages; none where the appraisal found nothing about it."""
    if ctx.findings.procurement is None:
        return ()
    return (Entry("purchases", ctx.t("The money"), ctx.t("Purchases"), page),)


def page(ctx: Context) -> Page:
    """Every purchase: who pays which share, under which law, how far it is, and what to look at."""
    t, found = ctx.t, ctx.findings.procurement
    assert found is not None  # entries() asks first
    blocks: list[Block] = [Para(_lede(ctx, found), "lede")]
    if found.made_up:
        blocks.append(Para(ctx.language.pick(found.made_up), "note"))
    blocks += [_overview(ctx, found.processes), _publish(ctx, found)]
    for p in found.processes:
        blocks += _process(ctx, p)
    blocks += [Heading(t("How the red flags are computed"), "flags"), *_indicators(ctx, found)]
    if found.refused:
        blocks += [Heading(t("What was refused"), "refused"), *_refused(ctx, found)]
    blocks.append(ctx.source(("procurement",), ("procurement",)))
    return Page(
        "purchases",
        t("Purchases"),
        t("See who buys what together, under which law, at what price, and what deserves a second look."),
        blocks,
    )


def _lede(ctx: Context, found: ProcurementFinding) -> Markup:
    joint = sum(len(p.buyers) > 1 for p in found.processes)
    flagged = sum(bool(p.raised) for p in found.processes)
    raised = sum(len(p.raised) for p in found.processes)
    first = ctx.tn(
        "{n} purchase is published, {joint} of them joint.",
        "{n} purchases are published, {joint} of them joint.",
        len(found.processes),
        n=len(found.processes),
        joint=joint,
    )
    second = ctx.tn(
        "{n} red flag is raised, on {purchases}.",
        "{n} red flags are raised, on {purchases}.",
        raised,
        n=raised,
        purchases=ctx.tn("{n} purchase", "{n} purchases", flagged, n=flagged),
    )
    if not raised:
        second = ctx.t("No red flag is raised.")
    return Markup("{} {}").format(first, second)


def _title(ctx: Context, p: ProcessFinding) -> Markup:
    return ctx.language.pick(p.title, p.ocid)


def _amount(ctx: Context, amount: float | None, currency: str) -> str:
    return figures.NOTHING if amount is None else money_exact(ctx.language, amount, currency)


def _day(ctx: Context, day: date | None) -> str:
    return figures.NOTHING if day is None else format_date(day, "medium", locale=ctx.language.locale)


def _overview(ctx: Context, processes: Sequence[ProcessFinding]) -> Grid:
    t = ctx.t
    rows = []
    for p in processes:
        flags = ctx.language.join(flag_name(ctx, f.indicator) for f in p.raised)
        rows.append(
            (
                Markup('<a href="#{}">{}</a>').format(p.ocid, _title(ctx, p)),
                ctx.language.join(
                    _buyer(ctx, b.id, b.name) for b in sorted(p.buyers, key=lambda b: b.id != p.lead)
                ),
                stage_words(ctx, p.stage),
                figures.NOTHING if p.tenderers is None else str(p.tenderers),
                _amount(ctx, p.estimate, p.currency),
                _amount(ctx, p.contract if p.contract is not None else p.award, p.currency),
                flags or t("none"),
            )
        )
    heads = (
        Head(t("purchase")),
        Head(t("buyers, the lead first")),
        Head(t("stage")),
        Head(t("tenders"), True),
        Head(t("estimate"), True),
        Head(t("award or contract now"), True),
        Head(t("red flags raised")),
    )
    return Grid(
        t("All purchases. Amounts net of VAT, as decided."), heads, rows, t("No purchase was published.")
    )


def _buyer(ctx: Context, identifier: str, name: str) -> Markup:
    return ctx.member(identifier) if identifier in ctx.place else ctx.language.pick({"": name})


def _publish(ctx: Context, found: ProcurementFinding) -> Para:
    links = ctx.language.join(
        Markup('<a href="{}{}">{}</a>').format(PUBLISHED, name, name) for name in sorted(found.files)
    )
    registered = ""
    if found.prefix_source.lower().startswith("assumed"):
        registered = ctx.t("The prefix {prefix} of their ids is registered nowhere yet.", prefix=found.prefix)
    words = ctx.t(
        "Every step is a release of the open contracting standard (OCDS 1.1.5), checked against its official "
        "schema. The files lie beside this report, in the folder ocds: {files}.",
        files=links,
    )
    return Para(Markup("{} {}").format(words, registered))


def _process(ctx: Context, p: ProcessFinding) -> list[Block]:
    t = ctx.t
    blocks: list[Block] = [Heading(_title(ctx, p), p.ocid)]
    if p.law:
        names = {b.id: b.name for b in p.buyers}
        lead = t("{lead} runs the purchase.", lead=_buyer(ctx, p.manager, names.get(p.manager, p.manager)))
        blocks.append(Para(Markup("{} {}").format(lead, law_words(ctx, p))))
        blocks.append(Para(_asked(ctx, p)))
        blocks.append(_buyers(ctx, p))
        blocks.append(_bands(ctx, p))
    else:
        blocks.append(
            Para(
                t(
                    "Read from {file}, which another publisher wrote; it names no law and no shares.",
                    file=p.file,
                ),
                "note",
            )
        )
    blocks += [*_flags(ctx, p), _steps(ctx, p)]
    return blocks


def _asked(ctx: Context, p: ProcessFinding) -> Markup:
    """What the joint value asks for, and whether it passes the Union's threshold only together."""
    t = ctx.t
    assert p.union_threshold is not None
    values = {
        "value": _amount(ctx, p.estimate, p.currency),
        "limit": _amount(ctx, p.union_threshold, "EUR"),
        "asked": procedure_words(ctx, p.asked),
        "law": regime_words(ctx, p.law),
    }
    if p.passes_only_together:
        return t(
            "Together the purchase is worth {value}, above the threshold of the Union of {limit}, which no "
            "buyer's own part reaches. What is asked for: {asked}. To buy apart at the same time so as to "
            "stay under it would be a split.",
            **values,
        )
    if p.estimate is not None and p.estimate >= p.union_threshold:
        return t(
            "Together the purchase is worth {value}, above the threshold of the Union of {limit}. What is "
            "asked for: {asked}.",
            **values,
        )
    others = ctx.language.join(
        t("{country}: {procedure}", country=regime_words(ctx, r), procedure=procedure_words(ctx, kind))
        for r, kind in p.shown.items()
    )
    return t(
        "Together the purchase is worth {value}, under the threshold of the Union of {limit}. The law "
        "that applies ({law}) asks for: {asked}. For information, the same value elsewhere: {others}.",
        others=others or figures.NOTHING,
        **values,
    )


def _buyers(ctx: Context, p: ProcessFinding) -> Grid:
    t = ctx.t
    rows = [
        (
            _buyer(ctx, b.id, b.name),
            figures.percent(ctx.language, b.share, 1),
            _amount(ctx, b.part, p.currency),
            regime_words(ctx, b.regime),
            procedure_words(ctx, b.alone),
            _amount(ctx, b.paid, p.currency),
        )
        for b in p.buyers
    ]
    heads = (
        Head(t("buyer")),
        Head(t("share"), True),
        Head(t("its part of the estimate"), True),
        Head(t("rules of")),
        Head(t("its part alone would need")),
        Head(t("paid so far"), True),
    )
    return Grid(t("Who pays what. Parts add up to the cent."), heads, rows)


def _bands(ctx: Context, p: ProcessFinding) -> Grid:
    t = ctx.t
    rows = [_band(ctx, p, b) for b in p.bands]
    heads = (
        Head(t("rules of")),
        Head(t("from, EUR"), True),
        Head(t("under, EUR"), True),
        Head(t("procedure")),
        Head(t("least days to tender"), True),
        Head(t("how sure")),
        Head(t("source")),
    )
    caption = t(
        "Thresholds of each country, net of VAT, on {day}. Only these rules apply: {law}; the others "
        "are shown for information.",
        day=_day(ctx, p.opens or p.steps[-1].day),
        law=regime_words(ctx, p.law),
    )
    return Grid(caption, heads, rows, fold=t("The thresholds of each country"))


def _band(ctx: Context, p: ProcessFinding, b: BandFinding) -> tuple[object, ...]:
    days: object = figures.NOTHING
    if b.tender_days is not None:
        days = ctx.exact(b.tender_days)
        if b.days_source == "assumed" and b.tender_days:
            days = ctx.t("{days} (assumed)", days=days)
    note = f"{b.source}: {b.note}" if b.note else b.source
    return (
        regime_words(ctx, b.regime),
        ctx.exact(b.above),
        ctx.exact(b.below) if math.isfinite(b.below) else figures.NOTHING,
        procedure_words(ctx, b.procedure),
        days,
        sure_words(ctx, b.mark),
        ctx.english(note) if b.mark != "unknown" else figures.NOTHING,
    )


def _flags(ctx: Context, p: ProcessFinding) -> list[Block]:
    """The flags raised, said outright, and all of them folded away."""
    t = ctx.t
    raised = [
        t("{flag}: {what}", flag=flag_name(ctx, f.indicator), what=flag_words(ctx, f)) for f in p.raised
    ]
    states = {"raised": t("raised"), "clear": t("not raised"), "unknown": t("can't be computed")}
    order = {"raised": 0, "clear": 1, "unknown": 2}
    rows = [
        (flag_name(ctx, f.indicator), states[f.state], flag_words(ctx, f))
        for f in sorted(p.flags, key=lambda f: order[f.state])
    ]
    unknown = sum(f.state == "unknown" for f in p.flags)
    grid = Grid(
        t("Red flags: a reason to look, never a verdict."),
        (Head(t("red flag")), Head(t("result")), Head(t("what was found"))),
        rows,
        fold=t("All {n} red flags; {unknown} can't be computed", n=len(rows), unknown=unknown),
    )
    if not raised:
        return [Para(t("No red flag is raised.")), grid]
    return [Para(t("Red flags raised:")), Items(raised), grid]


def _steps(ctx: Context, p: ProcessFinding) -> Grid:
    t = ctx.t
    rows = [(_day(ctx, s.day), step_words(ctx, s.tag), s.release) for s in p.steps]
    return Grid(
        t("Steps so far, one release each."),
        (Head(t("day")), Head(t("step")), Head(t("id of the release"))),
        rows,
        t("The releases were not read, only a record with links to them."),
        fold=ctx.tn("{n} step so far", "{n} steps so far", len(rows), n=len(rows)) if rows else "",
    )


def _indicators(ctx: Context, found: ProcurementFinding) -> list[Block]:
    t = ctx.t
    rows = [
        (
            flag_name(ctx, i.id),
            formula_words(ctx, i.id),
            t("assumed") if i.source == "assumed" else ctx.english(i.source),
            t("assumed") if i.limit_source == "assumed" else ctx.english(i.limit_source),
        )
        for i in found.indicators
    ]
    heads = (Head(t("red flag")), Head(t("how it is computed")), Head(t("idea from")), Head(t("limit from")))
    return [
        Para(
            t(
                "Anybody can compute them again from the published releases: bothbanks procurement check, "
                "with the file. What can't be computed says why and never counts as clear."
            )
        ),
        Grid(t("The red flags, their formulas and sources."), heads, rows, fold=t("Formulas and sources")),
    ]


def _refused(ctx: Context, found: ProcurementFinding) -> list[Block]:
    t = ctx.t
    rows = [
        (r.file, r.release or figures.NOTHING, ctx.english(r.found), ctx.english(r.expected))
        for r in found.refused
    ]
    heads = (Head(t("file")), Head(t("id of the release")), Head(t("found")), Head(t("expected")))
    return [
        Para(
            t(
                "{read} releases read = {merged} merged + {repeated} repeated + {refused} refused. What is "
                "refused is kept whole in refused.json.",
                read=found.read,
                merged=found.merged,
                repeated=found.repeated,
                refused=found.read - found.merged - found.repeated,
            )
        ),
        Grid(t("Files and releases that contradict the standard or each other."), heads, rows),
    ]
