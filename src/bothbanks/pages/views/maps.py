"""Joint hazard maps: one picture for both banks, the same class limits, a table beside each."""

from __future__ import annotations

import math

from markupsafe import Markup

from bothbanks.analysis.findings import MapLayer
from bothbanks.pages.blocks import Block, Grid, Head, Heading, MapPicture, Page, Para, Swatch
from bothbanks.pages.context import Context
from bothbanks.pages.svg import map as drawing


def map_title(ctx: Context, layer: MapLayer) -> Markup:
    """The name of a map: its note where it has one, else its id in words."""
    note = {code: words.rstrip(".") for code, words in layer.note.items()}
    return ctx.language.pick(note, layer.id.replace("-", " "))


def legend(ctx: Context, layer: MapLayer) -> list[Swatch]:
    """The printed classes of a layer, and what blank and hatched mean."""
    unit = ctx.unit(layer.unit)
    fills = drawing.class_colours(layer)
    which = set(drawing.classes(layer).tolist())
    limits = [ctx.exact(b) for b in layer.breaks]
    out = []
    for k, colour in enumerate(fills):
        if k not in which and k in (0, len(fills) - 1):
            continue
        if k == 0:
            words = ctx.t("under {limit} {unit}", limit=limits[0], unit=unit)
        elif k == len(limits):
            words = ctx.t("{limit} {unit} and more", limit=limits[-1], unit=unit)
        else:
            words = ctx.t("{low} to {high} {unit}", low=limits[k - 1], high=limits[k], unit=unit)
        if layer.ramp == "difference":
            low = layer.breaks[k - 1] if k else -math.inf
            high = layer.breaks[k] if k < len(limits) else math.inf
            mark = ctx.t("better") if high <= 0 else ctx.t("worse") if low >= 0 else ctx.t("unchanged")
            words = ctx.t("{class_words} ({mark})", class_words=words, mark=mark)
        out.append(Swatch(colour, words.strip()))
    if -2 in which:
        out.append(Swatch("#f3f1ec", ctx.t("no water") if layer.ramp == "water" else ctx.t("none")))
    if -1 in which:
        out.append(Swatch("", ctx.t("not modelled")))
    return out


def picture(ctx: Context, layer: MapLayer) -> MapPicture | None:
    """One map as a figure; None where there is no ground to draw on."""
    file = ctx.atlas.files.get((layer.id, ctx.language.code))
    if file is None:
        return None
    title = map_title(ctx, layer)
    base = ctx.findings.map_base
    source = ctx.t(
        "Cells of {size} m, {crs}. Thick dashed line: national border. Drawn from the files and "
        "parameters of this run, version {version}.",
        size=ctx.number(base.cell_size_m, 1.0),
        crs=base.crs,
        version=ctx.findings.region.version,
    )
    return MapPicture(
        file,
        ctx.t("Map: {title}. The table says the same by member.", title=title.striptags()),
        ctx.atlas.width,
        ctx.atlas.height,
        title,
        legend(ctx, layer),
        source,
    )


def pictures(ctx: Context, case: str, most: int = 1) -> list[Block]:
    """The middle map of a case's hazard: neither its most common nor its rarest."""
    layers = [m for m in ctx.findings.maps if m.case == case and m.ramp != "people"]
    middle = layers[max(0, (len(layers) - most) // 2) :][:most]
    return [shown for m in middle if (shown := picture(ctx, m)) is not None]


def _summary(ctx: Context, layer: MapLayer) -> Grid:
    t = ctx.t
    unit = ctx.unit(layer.unit)
    rows = []
    for i, m in enumerate(ctx.findings.members):
        s = drawing.member_summary(ctx.findings.map_base, layer.values, i)
        rows.append(
            (
                ctx.member(m.id),
                ctx.percent(s["share"]),
                ctx.number(s["mean"]),
                ctx.number(s["low"]),
                ctx.number(s["high"]),
                ctx.number(s["people"], 100.0),
                ctx.number(s["not_modelled"], 100.0),
            )
        )
    heads = (
        Head(t("member")),
        Head(t("cells with a value"), True),
        Head(t("mean, {unit}", unit=unit), True),
        Head(t("lowest, {unit}", unit=unit), True),
        Head(t("highest, {unit}", unit=unit), True),
        Head(t("people living there"), True),
        Head(t("people not modelled"), True),
    )
    return Grid(t("The same as figures: {title}.", title=map_title(ctx, layer)), heads, rows)


def page(ctx: Context) -> Page:
    """All maps."""
    t = ctx.t
    blocks: list[Block] = []
    if not ctx.findings.maps or not ctx.atlas.files:
        blocks.append(Para(t("This appraisal has no map: no hazard was given by cell."), "empty"))
    else:
        blocks.append(
            Para(
                t(
                    "Class limits are the same on both sides of the border. Hatched: not modelled, "
                    "which is not the same as safe."
                ),
                "note",
            )
        )
        modelled = [c for c in ctx.findings.cases if any(c.modelled.values())]
        blocks += [Para(ctx.language.pick(c.modelled)) for c in modelled]
    for layer in ctx.findings.maps:
        shown = picture(ctx, layer)
        if shown is None:
            continue
        blocks += [Heading(map_title(ctx, layer), f"map-{layer.id}"), shown, _summary(ctx, layer)]
    if ctx.findings.maps:
        blocks.append(ctx.source(tuple(dict.fromkeys(m.case for m in ctx.findings.maps))))
    return Page(
        "maps",
        t("Joint maps"),
        t("See both banks on one map. Where script runs, each map can be moved and zoomed."),
        blocks,
        scripts=bool(ctx.atlas.files),
    )
