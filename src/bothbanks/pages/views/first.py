"""The first page: the finding, its catch, and the matrix."""

from __future__ import annotations

from markupsafe import Markup

from bothbanks.pages.blocks import Page
from bothbanks.pages.context import Context
from bothbanks.pages.headline import headline
from bothbanks.pages.matrix import matrix


def note(ctx: Context) -> Markup:
    """How much is assumed, what is modelled and not official, what the data can bear."""
    f = ctx.findings
    parts = [
        ctx.t(
            "{assumed} of {total} parameters are assumed.", assumed=f.assumed_count, total=len(f.parameters)
        )
    ]
    modelled = [ctx.case_name(c.id) for c in f.cases if any(c.modelled.values())]
    if modelled:
        parts.append(ctx.t("Modelled, not official: {cases}.", cases=ctx.language.join(modelled)))
    if any(f.region.demonstration.values()):
        parts.append(ctx.language.pick(f.region.demonstration))
    people = sum(max(c.not_modelled.get(m.id, 0) for c in f.cases) for m in f.members) if f.cases else 0
    if people:
        parts.append(
            ctx.t("Not modelled: {people} people live outside the data.", people=ctx.number(people, 1.0))
        )
    return Markup(" ").join(parts)


def page(ctx: Context) -> Page:
    """The first page."""
    found = headline(ctx)
    return Page(
        "index",
        str(found.sentence.striptags()),
        ctx.t("See what each member faces alone and together, and follow each figure to its source."),
        template="first.html",
        extra={"headline": found, "note": note(ctx), "matrix": matrix(ctx)},
    )
