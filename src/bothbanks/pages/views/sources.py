"""Where each number comes from: parameters, files, settings."""

from __future__ import annotations

from markupsafe import Markup

from bothbanks.pages.blocks import Block, Grid, Head, Heading, Page, Para
from bothbanks.pages.context import Context
from bothbanks.pages.language import available
from bothbanks.pages.parameter_terms import group_words, parameter_words

SHOWN = 8  # rows a table may have before it is folded


def page(ctx: Context) -> Page:
    """Every parameter, every file, every setting."""
    t = ctx.t
    f = ctx.findings
    blocks: list[Block] = [
        Para(
            t(
                "{assumed} of {total} parameters are assumed: nothing published stands behind them.",
                assumed=f.assumed_count,
                total=len(f.parameters),
            ),
            "lede",
        ),
        Heading(t("Parameters"), "parameters"),
    ]
    groups: dict[str, list[int]] = {}
    for k, p in enumerate(f.parameters):
        groups.setdefault(p.id.split(".", 1)[0], []).append(k)
    for group, places in groups.items():
        blocks += [
            Heading(group_words(ctx, group), f"g-{group}"),
            _parameters(ctx, places),
        ]
    blocks += [
        Heading(t("Files"), "files"),
        _files(ctx),
        Heading(t("Settings of this run"), "settings"),
        *_settings(ctx),
    ]
    blocks += [Heading(t("Languages"), "languages"), Para(_languages(ctx))]
    return Page(
        "sources",
        t("Where each number comes from"),
        t("Look up any parameter, file or setting behind a figure."),
        blocks,
    )


def _parameters(ctx: Context, places: list[int]) -> Grid:
    t = ctx.t
    rows, ids = [], []
    for k in places:
        p = ctx.findings.parameters[k]
        source: object = (
            Markup('<b class="assumed">{}</b>').format(t("assumed")) if p.assumed else ctx.english(p.source)
        )
        if p.assumed and len(p.source.strip()) > len("assumed"):
            source = Markup("{}{}").format(source, ctx.english(p.source.strip()[len("assumed") :]))
        if p.note:
            source = Markup('{} <small lang="en">{}</small>').format(source, p.note)
        name = Markup("{}<br><code>{}</code>").format(
            parameter_words(ctx, p.id),
            Markup(str(Markup.escape(p.id)).replace(".", ".<wbr>").replace("_", "_<wbr>")),
        )
        span = f"{ctx.exact(p.low)} – {ctx.exact(p.high)}" if p.varies else t("not varied")
        unit = Markup('<span class="unit">{}</span>').format(ctx.unit(p.unit))
        rows.append((name, ctx.exact(p.value), span, unit, source))
        ids.append(f"p-{p.id}")
    heads = (
        Head(t("parameter")),
        Head(t("value"), True),
        Head(t("range"), True),
        Head(t("unit")),
        Head(t("source")),
    )
    fold = ""
    if len(places) > SHOWN:
        assumed = sum(ctx.findings.parameters[k].assumed for k in places)
        fold = t("{count} parameters, {assumed} assumed: show all", count=len(places), assumed=assumed)
    return Grid(t("Value, range of the draws, unit, source."), heads, rows, "", ids, "wide", fold)


def _files(ctx: Context) -> Grid:
    t = ctx.t
    rows = []
    for x in ctx.findings.files:
        notes = []
        if x.modelled:
            notes.append(t("modelled, not official"))
        if x.reexpressed_from:
            notes.append(t("re-expressed from {what}", what=x.reexpressed_from))
        rows.append(
            (
                Markup("<code>{}</code>").format(Markup(str(Markup.escape(x.file)).replace("/", "/<wbr>"))),
                x.licence,
                x.attribution,
                ctx.language.join(notes) if notes else "–",
                ctx.number(x.used, 1.0),
                Markup('<code class="hash">{}</code>').format(x.sha256[:16]),
            )
        )
    heads = (
        Head(t("file")),
        Head(t("licence")),
        Head(t("attribution")),
        Head(t("note")),
        Head(t("records used"), True),
        Head(t("SHA-256, first 16 signs")),
    )
    caption = t("Full hashes are in provenance.json.")
    fold = t("{count} files: show all", count=len(rows)) if len(rows) > SHOWN else ""
    return Grid(caption, heads, rows, t("No file was read."), (), "wide", fold)


def _settings(ctx: Context) -> list[Block]:
    t = ctx.t
    r = ctx.findings.region
    rows: list[tuple[object, ...]] = [
        (t("version of the program"), r.version),
        (t("hash of all inputs (SHA-256)"), Markup('<code class="hash">{}</code>').format(r.inputs_sha256)),
        (t("seed of the draws"), str(r.seed)),
        (t("number of draws"), ctx.number(r.draws, 1.0)),
        (t("currency and price year"), f"{r.currency} {r.price_year}"),
        (t("horizon"), t("{years} years", years=r.horizon_years)),
        (t("coordinate system of account"), r.crs),
        (t("height datum of account"), r.height_datum),
    ]
    out: list[Block] = [
        Grid(
            t("The same folder, version and seed give the same figures."),
            (Head(t("setting")), Head(t("value"))),
            rows,
        )
    ]
    table = ctx.findings.tables.get("settings")
    if table is not None and table.rows:
        out.append(ctx.grid(table, t("More settings.")))
    return out


def _languages(ctx: Context) -> Markup:
    t = ctx.t
    missing = [c for c in ctx.findings.region.languages if c not in available()]
    out = t(
        "Names and notes missing in a language are shown in another, with that language's code behind them."
    )
    if missing:
        out = Markup("{} {}").format(
            out,
            t(
                "The report's own words do not exist yet in: {languages}.",
                languages=ctx.language.join(ctx.language.own_name(c) for c in missing),
            ),
        )
    return out
