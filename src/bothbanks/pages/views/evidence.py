"""How we know: seams at the border, refused records, what is uncertain, the data request."""

from __future__ import annotations

import math
from dataclasses import replace

from markupsafe import Markup

from bothbanks.analysis.findings import Sensitivity
from bothbanks.pages import atlas as sheets
from bothbanks.pages import figures
from bothbanks.pages.blocks import Block, Figure, Grid, Head, Heading, MapPicture, Page, Para
from bothbanks.pages.context import Context
from bothbanks.pages.svg.bars import Bar, bars
from bothbanks.pages.terms import conversion_words, output_words, why_words

SHOWN = 20  # kilometres in the table; all are in the files


def seams(ctx: Context) -> Page:
    """Where the two sides' hazard does not meet at the border."""
    t = ctx.t
    worst = sheets.worst(ctx.findings)
    blocks: list[Block] = [
        Para(
            t(
                "Along each kilometre of border we compare the hazard just on one side with that "
                "just on the other. Water does not stop at a border; where the figures do, one "
                "side's map is wrong or made differently."
            )
        )
    ]
    if not worst:
        blocks.append(
            Para(
                t("No kilometre of border could be compared: no hazard touches a border on both sides."),
                "empty",
            )
        )
    else:
        file = ctx.atlas.files.get((sheets.SEAMS, ctx.language.code))
        if file:
            blocks.append(
                MapPicture(
                    file,
                    t("Map of the worst kilometres, numbered as in the table."),
                    ctx.atlas.width,
                    ctx.atlas.height,
                    t(
                        "The {n} worst kilometres, numbered as in the table.",
                        n=min(sheets.RANKED, len(worst)),
                    ),
                    (),
                    t("Drawn from the files of this run, {crs}.", crs=ctx.findings.map_base.crs),
                )
            )
        rows = []
        for k, s in enumerate(worst[:SHOWN]):
            ratio = (
                t("not comparable")
                if s.return_period_ratio != s.return_period_ratio
                else ctx.number(s.return_period_ratio)
            )
            rows.append(
                (
                    str(k + 1),
                    ctx.coalition(s.pair),
                    ctx.number(s.kilometre, 1.0),
                    ctx.number(s.depth_difference_m, 0.01),
                    ctx.percent(s.extent_disagreement),
                    ratio,
                    ctx.number(s.cell_pairs, 1.0),
                    ctx.number(s.score, 0.01),
                )
            )
        heads = (
            Head(t("rank"), True),
            Head(t("between")),
            Head(t("kilometre"), True),
            Head(t("difference in depth, m"), True),
            Head(t("water on one side only"), True),
            Head(t("times rarer on one side"), True),
            Head(t("pairs of cells"), True),
            Head(t("disagreement score"), True),
        )
        blocks.append(
            Grid(
                t(
                    "Kilometres of border, worst first: {shown} of {all}.",
                    shown=min(SHOWN, len(worst)),
                    all=len(worst),
                ),
                heads,
                rows,
            )
        )
    blocks.append(ctx.source((), ()))
    return Page(
        "seams",
        t("Seams at the border"),
        t("Find the kilometres where the two sides' hazard disagrees most."),
        blocks,
        scripts=bool(worst),
    )


def refused(ctx: Context) -> Page:
    """Records that could not be used, and every conversion that was made."""
    t = ctx.t
    f = ctx.findings
    rows = [
        (
            x.file,
            x.kind,
            ctx.member(x.member) if x.member else t("shared"),
            ctx.number(x.read, 1.0),
            ctx.number(x.used, 1.0),
            ctx.number(x.refused, 1.0),
        )
        for x in f.files
    ]
    heads = (
        Head(t("file")),
        Head(t("kind")),
        Head(t("member")),
        Head(t("read"), True),
        Head(t("used"), True),
        Head(t("refused"), True),
    )
    total = sum(x.refused for x in f.files)
    lead = (
        t("No record was refused.")
        if not total
        else ctx.tn(
            "{count} record was refused. Nothing was dropped in silence.",
            "{count} records were refused. Nothing was dropped in silence.",
            total,
            count=ctx.number(total, 1.0),
        )
    )
    most = 200
    cut = f.refused.rows[:most]
    blocks: list[Block] = [
        Para(lead, "lede"),
        Grid(
            t("Used and refused add up to what was read, for each file."),
            heads,
            rows,
            t("No file was read."),
            fold=t("{count} files: show all", count=len(rows)) if len(rows) > SHOWN else "",
        ),
        Heading(t("Refused records"), "refused"),
        replace(
            ctx.grid(
                replace(f.refused, rows=cut),
                t(
                    "Each refused record with its reason ({shown} of {all}; all are in refused.csv).",
                    shown=len(cut),
                    all=len(f.refused.rows),
                ),
                t("No refused records."),
            ),
            css="wide",
        ),
        Heading(t("Conversions"), "conversions"),
        *_conversions(ctx),
    ]
    return Page(
        "refused",
        t("Refused records and conversions"),
        t("Check what was left out and what was converted on the way in."),
        blocks,
    )


def _conversions(ctx: Context) -> list[Block]:
    """Equal conversions of a member in one row; codes, which are many and plain, under a fold."""
    t = ctx.t
    table = ctx.findings.conversions
    at = {column.id: k for k, column in enumerate(table.columns)}
    if not {"what", "from", "to"} <= set(at):
        return [replace(ctx.grid(table, t("Conversions made."), t("No conversion was needed.")), css="wide")]
    groups: dict[tuple[object, ...], list[float]] = {}
    for row in table.rows:
        key = (row[at["member"]] if "member" in at else "", row[at["what"]], row[at["from"]], row[at["to"]])
        records = row[at["records"]] if "records" in at else math.nan
        groups.setdefault(key, []).append(float(records) if isinstance(records, (int, float)) else math.nan)
    rows: dict[bool, list[tuple[object, ...]]] = {True: [], False: []}
    for (member, what, before, after), counts in groups.items():
        rows[what == "code"].append(
            (
                conversion_words(ctx, str(what)),
                ctx.member(str(member)) if member else t("shared"),
                str(before),
                str(after),
                ctx.number(len(counts), 1.0),
                ctx.number(math.fsum(c for c in counts if c == c), 1.0),
            )
        )
    heads = (
        Head(t("what")),
        Head(t("member")),
        Head(t("from")),
        Head(t("to")),
        Head(t("columns"), True),
        Head(t("records"), True),
    )
    caption = t(
        "What was converted, equal ones of a member in one row. Factors, accuracies and sources of "
        "each are in conversions.csv."
    )
    none = t("No conversion was needed.")
    if not table.rows:
        return [Para(none, "empty")]
    out: list[Block] = []
    for codes in (False, True):
        count = len(rows[codes])
        if count:
            words = ""
            if count > SHOWN:
                words = (
                    t("{count} codes: show all", count=count)
                    if codes
                    else t("{count} conversions: show all", count=count)
                )
            out.append(Grid(caption, heads, rows[codes], none, (), "wide", words))
    return out


def uncertain(ctx: Context) -> Page:
    """What moves the answer, ranges, undecided rankings, steady states of replies."""
    t = ctx.t
    f = ctx.findings
    blocks: list[Block] = [
        Para(
            t(
                "All {n} draws move every parameter with a range at the same time. A range covers "
                "nine in ten draws.",
                n=f.region.draws,
            )
        ),
        Heading(t("What moves the answer most"), "sensitivity"),
    ]
    if not f.sensitivities:
        blocks.append(Para(t("No sensitivity was worked out for this appraisal."), "empty"))
    shares = [s for s in f.sensitivities if s.output in ctx.place or s.output.startswith("share.")]
    for s in f.sensitivities:
        if s not in shares:
            blocks += _sensitivity(ctx, s)
    if shares:
        blocks.append(_of_shares(ctx, shares))
    blocks += [
        Heading(t("Ranges of the results"), "ranges"),
        _ranges(ctx),
        Heading(t("Undecided"), "undecided"),
        _undecided(ctx),
    ]
    replies = _replies(ctx)
    if replies.rows:
        blocks += [Heading(t("Replies of those outside"), "replies"), replies]
    blocks.append(ctx.source(("region", *(c.id for c in f.cases))))
    return Page(
        "uncertain",
        t("What is uncertain"),
        t("See which assumptions move the answer, and which rankings are not decided."),
        blocks,
    )


def _sensitivity(ctx: Context, s: Sensitivity) -> list[Block]:
    t = ctx.t
    top = list(zip(s.parameters, s.index, strict=False))[:8]
    name = output_words(ctx, s.output)
    items = [Bar(str(ctx.parameter(p).striptags()), v, ctx.number(v, 0.01), state="plain") for p, v in top]
    svg = bars(
        items,
        name=t("What moves {output}", output=name),
        text=t("The table below holds the same figures."),
        mark=s.noise,
    )
    rows = [
        (ctx.parameter(p), ctx.number(v, 0.01), t("no more than noise") if v <= s.noise else "")
        for p, v in top
    ]
    heads = (Head(t("parameter")), Head(t("index, 0 to 1"), True), Head(t("note")))
    caption = t(
        "What moves {output}. Dashed: what a parameter without influence would reach ({noise}). "
        "Method: {method}.",
        output=name,
        noise=ctx.number(s.noise, 0.01),
        method=s.method,
    )
    return [Figure(svg, caption), Grid(t("What moves {output}", output=name), heads, rows)]


def _of_shares(ctx: Context, found: list[Sensitivity]) -> Grid:
    """What moves each member's share: the parameters above noise, in one table."""
    t = ctx.t
    rows = []
    for s in found:
        top = [(p, v) for p, v in zip(s.parameters, s.index, strict=False) if v > s.noise][:4]
        words = [Markup("{} ({})").format(ctx.parameter(p), ctx.number(v, figures.step(v))) for p, v in top]
        member = s.output.rpartition(".")[2]
        rows.append(
            (
                ctx.member(member),
                ctx.language.join(words) if words else t("no more than noise"),
                ctx.number(s.noise, 0.01),
            )
        )
    heads = (Head(t("member")), Head(t("what moves its share, index 0 to 1")), Head(t("noise"), True))
    caption = t("What moves each member's share of the gain: up to four parameters above noise.")
    return Grid(caption, heads, rows, css="wide")


def _ranges(ctx: Context) -> Grid:
    t = ctx.t
    rows: list[tuple[object, ...]] = []
    for c in ctx.findings.cases:
        scale = ctx.scale([c.total_alone.high, c.total_together.high]) if c.money else None
        f, unit = (scale.factor, scale.label) if scale else (1.0, ctx.unit(c.unit))
        pairs = [(t("alone"), c.total_alone), (t("together"), c.total_together)]
        if c.game is not None:
            pairs += [
                (t("gain"), c.game.views.total_gain),
                (t("gain across the border"), c.game.views.cross_border_gain),
            ]
        for name, v in pairs:
            rows.append(
                (
                    t("{case}: {what}", case=ctx.case_name(c.id), what=name),
                    unit,
                    ctx.number(v.value / f),
                    ctx.span(v.low, v.high, f),
                )
            )
    return Grid(
        t("All members together."),
        (Head(t("result")), Head(t("unit")), Head(t("value"), True), Head(t("range"), True)),
        rows,
        t("No result to show."),
    )


def _undecided(ctx: Context) -> Grid:
    t = ctx.t
    n = ctx.findings.region.draws
    rows = []
    for m in ctx.findings.measures:
        if 0.2 < m.chosen_together_draws < 0.8:
            rows.append(
                (
                    ctx.measure(m.id),
                    t(
                        "built together in {count} of {n} draws",
                        count=round(m.chosen_together_draws * n),
                        n=n,
                    ),
                )
            )
    for c in ctx.findings.cases:
        if c.game is not None and c.game.views.total_gain.low <= 0 < c.game.views.total_gain.value:
            rows.append((ctx.case_name(c.id), t("the gain may be nought or less")))
    return Grid(
        t("What the draws do not decide."),
        (Head(t("what")), Head(t("why undecided"))),
        rows,
        t("Nothing is undecided: in four of five draws or more, the choice of measures is the same."),
    )


def _replies(ctx: Context) -> Grid:
    t = ctx.t
    rows = []
    for c in ctx.findings.cases:
        if c.game is None:
            continue
        e = c.game.equilibria
        rows.append(
            (
                ctx.case_name(c.id),
                *(ctx.number(e.get(k, 0), 1.0) for k in ("alone", "together", "most", "none")),
            )
        )
    heads = (
        Head(t("problem")),
        Head(t("steady states, all alone"), True),
        Head(t("steady states, all together"), True),
        Head(t("most for one split"), True),
        Head(t("splits with none"), True),
    )
    return Grid(
        t(
            "Those outside a group reply in their own interest. A steady state is one where nobody "
            "would reply otherwise; several give a range, none is marked."
        ),
        heads,
        rows,
    )


def request(ctx: Context) -> Page:
    """The ranked list of figures that some owner could supply."""
    t = ctx.t
    ids = {p.id: p for p in ctx.findings.parameters}
    rows = []
    for k, r in enumerate(ctx.findings.data_requests):
        p = ids.get(r.parameter)
        now = (
            f"{ctx.exact(p.value)} {ctx.unit(p.unit)} ({ctx.exact(p.low)} – {ctx.exact(p.high)})"
            if p
            else "–"
        )
        rows.append(
            (
                str(k + 1),
                ctx.parameter(r.parameter),
                ctx.member(r.owner) if r.owner else t("any of the partners"),
                why_words(ctx, r.why),
                now,
                ctx.percent(r.changes_decision) if p else "–",
                ctx.number(r.influence, 0.01) if p else "–",
            )
        )
    heads = (
        Head(t("rank"), True),
        Head(t("figure")),
        Head(t("who could supply it")),
        Head(t("why we ask")),
        Head(t("what we used")),
        Head(t("changes the choice in"), True),
        Head(t("influence, 0 to 1"), True),
    )
    blocks: list[Block] = [
        Para(
            t(
                "One line in member.toml or a cell in the workbook replaces a figure. Those at the "
                "top are most likely to change what should be built."
            )
        ),
        Grid(
            t("Figures that would help most, first the one most likely to change the decision."),
            heads,
            rows,
            t("Nothing to ask for: no figure with a range changes the decision."),
        ),
    ]
    return Page(
        "request",
        t("Data wanted"),
        t("Find the figure your office could supply that would help most."),
        blocks,
    )
