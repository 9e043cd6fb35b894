"""The papers of the steering committee, one document in each language, from the pages' own sentences.

What a committee is asked to decide stands first, each decision with an identifier that the journal and
the payments can name; what the decision rests on follows, in the words and figures of the report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from markupsafe import Markup

from bothbanks.analysis.findings import Findings
from bothbanks.pages.blocks import Block, Grid, Head, Items, Para
from bothbanks.pages.context import Context
from bothbanks.pages.headline import has_gain, headline, main_case, rule_of
from bothbanks.pages.language import Language
from bothbanks.pages.matrix import matrix
from bothbanks.pages.papers.document import Part, write_document
from bothbanks.pages.views import (
    division,
    first,
    funding,
    outcome,
    procurement,
    programme,
    purchasing,
    reserve,
)


def write_steering_papers(findings: Findings, languages: Sequence[Language], folder: Path) -> list[Path]:
    """One document a language: ``steering-committee-<language>.docx``."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_paper(Context(findings, language), folder) for language in languages]


def _paper(ctx: Context, folder: Path) -> Path:
    t, r = ctx.t, ctx.findings.region
    foot = t(
        "Bothbanks {version}; inputs {hash}; seed {seed}; {draws} draws; prices of {year}.",
        version=r.version,
        hash=r.inputs_sha256[:16],
        seed=r.seed,
        draws=r.draws,
        year=r.price_year,
    )
    title = t("{region}: papers for the steering committee", region=ctx.region_name)
    path = folder / f"steering-committee-{ctx.language.code}.docx"
    return write_document(path, title, ctx.language.code, list(parts(ctx)), foot)


def parts(ctx: Context) -> Iterator[Part]:
    """The parts of the paper, what is to be decided first."""
    t = ctx.t
    yield Part(t("To be decided"), [*_decisions(ctx)])
    yield Part(t("The result"), [*_result(ctx)])
    for view in (programme, funding, reserve, purchasing, procurement, outcome):
        for entry in view.entries(ctx):
            if entry.listed:
                page = entry.make(ctx)
                yield Part(page.title, page.blocks)
    yield Part(t("Division of the gain"), division.page(ctx).blocks)


def _decisions(ctx: Context) -> Iterator[Block]:
    """Draft decisions, each from what was found; nothing to decide where nothing was."""
    t = ctx.t
    drafts = [*_drafts(ctx)]
    if not drafts:
        yield Para(t("This appraisal found nothing that asks for a decision."))
        return
    yield Para(t("Drafts, for the committee to change. Journal entries and payments name these identifiers."))
    heads = (Head(t("decision")), Head(t("draft text")))
    rows = [(f"D{number:02d}", text) for number, text in enumerate(drafts, 1)]
    yield Grid(t("Draft decisions"), heads, rows)


def _drafts(ctx: Context) -> Iterator[Markup]:
    t, f = ctx.t, ctx.findings
    if f.programme is not None:
        yield t("The committee takes note of the programme and of its cash by member and year.")
    if f.funding is not None:
        yield t(
            "The secretariat applies to the funding sources named, in the amounts of the table of sources."
        )
    case = main_case(f.cases)
    if case is not None and case.game is not None and has_gain(case):
        found = rule_of(case.game)
        if found is not None:
            pays = [m.id for m, p in zip(f.members, found.payments, strict=True) if p < 0]
            takes = [m.id for m, p in zip(f.members, found.payments, strict=True) if p > 0]
            yield t(
                "On {case}, {payers} pay and {receivers} receive the amounts of the Shapley division.",
                case=ctx.case_name(case.id),
                payers=ctx.coalition(pays),
                receivers=ctx.coalition(takes),
            )
    if f.reserve is not None:
        yield t("The members adopt, or turn down, the reserve fund with the premiums of its table.")
    if f.purchasing is not None:
        yield t("The members buy jointly what the table of purchases shows to be cheaper jointly.")
    if f.outcome is not None:
        yield t("The trigger terms and the formulas of the outcome grants are published with their data.")


def _result(ctx: Context) -> Iterator[Block]:
    found = headline(ctx)
    yield Para(found.sentence)
    yield Items(found.lede)
    table = matrix(ctx)
    heads = (Head(ctx.t("problem")), *(Head(c, True) for c in table.columns))
    rows = []
    for row in table.rows:
        cells = [" ".join(x for x in (_pair(c.alone, c.together), c.word) if x) for c in row.cells]
        rows.append((Markup("{} ({})").format(row.title, row.unit), *cells))
    yield Grid(ctx.t("Each problem: alone → together"), heads, rows)
    yield Para(first.note(ctx))


def _pair(alone: str, together: str) -> str:
    return f"{alone} → {together}" if alone and together else alone or together
