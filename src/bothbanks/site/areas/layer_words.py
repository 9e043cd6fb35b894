"""What a layer is called, where it comes from and how it is drawn, in the reader's language."""

from __future__ import annotations

from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from bothbanks.app.partnership.downloads import About
from bothbanks.app.partnership.layers import Shown, Source
from bothbanks.app.partnership.layers import sources_of as sources
from bothbanks.civic.compact.layers import PEOPLE
from bothbanks.civic.compact.sharing import COARSE
from bothbanks.site.visit import Visit
from bothbanks.standards.dcat_ap import LICENCES
from bothbanks.standards.features import FeatureTable, LayerWords


def title_of(visit: Visit, shown: Shown) -> Markup:
    """The name of a layer."""
    t, layer = visit.t, shown.layer
    if layer.open is not None:
        return visit.pick(layer.open.title, layer.id)
    if layer.table:
        return t("Table: {name}", name=layer.table.replace("-", " "))
    return {
        "cells": t("Squares of the grid with people and hazards"),
        "members": t("Members, their outlines and results"),
        "border": t("Border between the countries"),
        "rivers": t("Rivers and the area they drain"),
        "places": t("Places and their people"),
        "seams": t("Where the maps disagree along the border"),
    }.get(layer.id, t("Layer: {name}", name=layer.id))


def note_of(visit: Visit, shown: Shown) -> Markup:
    """How the sharing rules have changed the layer for this reader; empty where they have not."""
    detail, t = shown.decision.detail, visit.t
    if shown.decision.level != COARSE or detail is None:
        return t("Some fields are left out by the sharing rules.") if shown.decision.hidden else Markup("")
    parts = []
    if detail.grid_m:
        parts.append(t("places are squares of {side} m", side=visit.number(detail.grid_m)))
    if detail.group:
        parts.append(t("figures of fewer than {least} people are left out", least=visit.number(detail.group)))
    if detail.rounding:
        parts.append(t("figures are rounded to multiples of {step}", step=visit.number(detail.rounding)))
    if detail.delay_hours:
        parts.append(t("nothing of the last {hours} hours is shown", hours=visit.number(detail.delay_hours)))
    if detail.dates:
        parts.append(t("dates are less exact"))
    return t("Made coarser by the sharing rules: {how}.", how=visit.language.join(parts))


def sources_of(visit: Visit) -> tuple[Source, ...]:
    """The inputs of the appraisal that state a licence."""
    return sources(visit.reader, visit.partnership.data)


def licence_of(visit: Visit, shown: Shown) -> str:
    """The licence, or all licences of what the appraisal was made from."""
    if shown.layer.open is not None:
        return shown.layer.open.licence
    return "; ".join(sorted({source.licence for source in sources_of(visit)}))


def words_of(visit: Visit, shown: Shown) -> LayerWords:
    """What the documents of the standard say of a layer."""
    opened = shown.layer.open
    description = (
        visit.language.plain(opened.about, "") if opened else str(visit.t("From the appraisal, by its hash."))
    )
    return LayerWords(
        id=shown.layer.id,
        title=title_of(visit, shown).striptags(),
        description=description,
        licence=licence_of(visit, shown),
        licence_link=LICENCES.get(opened.licence, "") if opened else "",
        attribution=attribution_of(visit, shown),
        editable=opened is not None,
        note=str(note_of(visit, shown)),
    )


def attribution_of(visit: Visit, shown: Shown) -> str:
    """Whose data it is: the member's, or everyone's who gave inputs."""
    if shown.layer.open is not None:
        return visit.member(shown.layer.owner).striptags()
    return "; ".join(dict.fromkeys(s.attribution for s in sources_of(visit) if s.attribution))


def about(visit: Visit, shown: Shown, base: str) -> About:
    """What a downloaded file says of itself."""
    words = words_of(visit, shown)
    made = shown.layer.source if shown.layer.open is None else "layer kept by its member, as it stood"
    return About(
        title=words.title,
        licence=words.licence,
        attribution=words.attribution,
        provenance=" ".join(
            p for p in (f"appraisal sha256:{made}" if shown.layer.open is None else made, words.note) if p
        ),
        source=f"{base}/collections/{shown.layer.id}",
    )


def preview_of(shown: Shown) -> tuple[NDArray[Any], NDArray[np.float64] | None]:
    """The geometry to draw, and the figures to colour it by where it has any."""
    table = shown.table
    column = coloured_by(table)
    if column is None or table.geometry_type in ("LineString", "MultiLineString"):
        return table.geometry, None
    c = table.columns[column]
    return table.geometry, np.where(c.present, c.values.astype(float), np.nan)


def ramp_of(table: FeatureTable) -> str:
    """The colours that mean what the figures are: water, wind, people; cividis for anything else."""
    name = coloured_by(table) or ""
    if name and table.columns[name].unit == PEOPLE:
        return "people"
    return next((ramp for word, ramp in (("depth", "water"), ("gust", "wind")) if word in name), "heat")


def coloured_by(table: FeatureTable) -> str | None:
    """The last field of figures that differ: in the appraisal's layers the earlier ones are keys."""
    for name, c in reversed(tuple(table.columns.items())):
        if c.kind in ("number", "integer") and c.present.any() and len(np.unique(c.values[c.present])) > 2:
            return name
    return None
