"""Write the offline report: one folder of pages that opens from disk, in every language."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from importlib.resources import files
from pathlib import Path

from bothbanks.analysis.findings import Findings
from bothbanks.pages import atlas as sheets
from bothbanks.pages.blocks import Page
from bothbanks.pages.context import Context
from bothbanks.pages.entry import Entry, case_slug
from bothbanks.pages.language import SOURCE_LANGUAGE, Language, available
from bothbanks.pages.templating import HERE, LEAFLET, environment
from bothbanks.pages.views import (
    across,
    briefs,
    cases,
    curves,
    deals,
    division,
    evidence,
    first,
    funding,
    maps,
    measures,
    outcome,
    procurement,
    programme,
    purchasing,
    reserve,
    sources,
)


def entries(ctx: Context) -> tuple[Entry, ...]:
    """Every page, in reading order, named in the context's language."""
    t = ctx.t
    one, two, three, four = t("The finding"), t("The problems"), t("The deal"), t("How we know")
    out = [Entry("index", one, t("Result"), first.page)]
    for c in ctx.findings.cases:
        slug = case_slug(ctx.findings, c)
        if slug == f"case-{c.id}":
            out.append(Entry(slug, two, ctx.language.plain(c.name, c.id), partial(cases.page, case=c)))
    out += [
        Entry("maps", two, t("Maps"), maps.page),
        Entry("curves", two, t("Loss curves"), curves.page),
        Entry("across", two, t("Across the border"), across.page),
        Entry("measures", three, t("Measures"), measures.page),
        Entry("division", three, t("Division"), division.page),
        Entry("deals", three, t("Deals"), deals.index),
        Entry("briefs", three, t("Briefs"), briefs.index),
    ]
    for view in (programme, funding, reserve, purchasing, procurement, outcome):
        out += view.entries(ctx)
    out += [
        Entry("seams", four, t("Seams"), evidence.seams),
        Entry("refused", four, t("Refused"), evidence.refused),
        Entry("uncertain", four, t("Uncertain"), evidence.uncertain),
        Entry("request", four, t("Data wanted"), evidence.request),
        Entry("sources", four, t("Sources"), sources.page),
    ]
    for d in ctx.findings.deals:
        out.append(Entry(f"deal-{d.id}", three, "", partial(deals.sheet, d=d), False))
    for m in ctx.findings.members:
        out.append(Entry(f"brief-{m.id}", three, "", partial(briefs.brief, m=m), False))
    return tuple(out)


def languages_of(findings: Findings) -> tuple[Language, ...]:
    """The region's languages that the report has words in; English where it has none of them."""
    have = available()
    codes = [c for c in findings.region.languages if c in have] or [SOURCE_LANGUAGE]
    order = (*codes, *(c for c in findings.region.languages if c not in codes), SOURCE_LANGUAGE)
    return tuple(Language.load(c, order) for c in codes)


def render(
    ctx: Context,
    page: Page,
    everything: Sequence[Entry],
    languages: Sequence[Language],
    root: str,
    switch: str,
) -> str:
    """One page as HTML; ``root`` leads to the report's folder, ``switch`` to where languages lie."""
    groups: dict[str, list[Entry]] = {}
    for e in everything:
        if e.listed:
            groups.setdefault(e.group, []).append(e)
    owner = {"deal": "deals", "brief": "briefs"}.get(page.slug.split("-", 1)[0], page.slug)
    others = [
        (lang.code, lang.own_name(lang.code), f"{switch}{lang.code}/{page.slug}.html") for lang in languages
    ]
    return (
        environment()
        .get_template(page.template)
        .render(
            page=page,
            ctx=ctx,
            t=ctx.t,
            lang=ctx.language.code,
            region=ctx.region_name,
            region_plain=ctx.language.plain(ctx.findings.region.name, ctx.findings.region.id),
            groups=groups,
            here=owner,
            languages=others,
            assets=f"{root}assets/",
            blocks=page.blocks,
            **page.extra,
        )
    )


def write_report(findings: Findings, folder: Path) -> list[Path]:
    """Write every page in every language, with style sheet, script and maps.

    ``folder/index.html`` is the first page (English where the region has it, else its first
    language); the pages of each language lie in ``folder/<language>/``. Links are relative, so the
    folder opens from disk. The same findings give the same bytes. Returns the files written.
    """
    languages = languages_of(findings)
    atlas = sheets.draw(findings, languages)
    folder.mkdir(parents=True, exist_ok=True)
    written = [*_assets(folder / "assets"), *atlas.write(folder / "assets" / "maps")]
    for language in languages:
        ctx = Context(findings, language, "", atlas)
        everything = entries(ctx)
        place = folder / language.code
        place.mkdir(exist_ok=True)
        for e in everything:
            text = render(ctx, e.make(ctx), everything, languages, "../", "../")
            written.append(_write(place / f"{e.slug}.html", text))
    start = next((x for x in languages if x.code == SOURCE_LANGUAGE), languages[0])
    ctx = Context(findings, start, f"{start.code}/", atlas)
    everything = entries(ctx)
    text = render(ctx, first.page(ctx), everything, languages, "", "")
    written.append(_write(folder / "index.html", text))
    return written


def write_briefs(findings: Findings, folder: Path) -> list[Path]:
    """Write only the briefs, each in the member's own languages, with the style sheet beside them."""
    languages = languages_of(findings)
    folder.mkdir(parents=True, exist_ok=True)
    written = _assets(folder / "assets", ("report.css",), leaflet=False)
    for language in languages:
        ctx = Context(findings, language)
        entries(ctx)
        for m in findings.members:
            own = [c for c in m.languages if c in {x.code for x in languages}] or [languages[0].code]
            if language.code in own:
                (folder / language.code).mkdir(exist_ok=True)
                text = render(
                    ctx, briefs.brief(ctx, m), (), [x for x in languages if x.code in own], "../", "../"
                )
                written.append(_write(folder / language.code / f"brief-{m.id}.html", text))
    return written


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _assets(folder: Path, own: Sequence[str] = ("report.css", "map.js"), leaflet: bool = True) -> list[Path]:
    out = []
    folder.mkdir(parents=True, exist_ok=True)
    for name in own:
        out.append(_write(folder / name, (HERE / "assets" / name).read_text(encoding="utf-8")))
    if leaflet:
        base = files("js_lib_leaflet") / "static" / "js_lib_leaflet"
        for name in LEAFLET:
            target = folder / "leaflet" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((base / name).read_bytes())
            out.append(target)
    return out
