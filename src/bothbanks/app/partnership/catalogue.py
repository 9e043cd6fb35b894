"""The catalogue of the data sets that a reader may see, ready to be written as DCAT-AP."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import numpy as np

from bothbanks.app.partnership.desk import Reader
from bothbanks.app.partnership.layers import Shown
from bothbanks.standards import dcat_ap as write
from bothbanks.standards import features
from bothbanks.standards.features import crs as systems

Words = Callable[[Shown, str], Mapping[str, str]]
"""(layer, what of it: 'title', 'description', 'provenance') -> words by language."""
FEATURES = "http://www.opengis.net/doc/IS/ogcapi-features-1/1.0"


def catalogue(
    reader: Reader,
    shown: Sequence[Shown],
    words: Words,
    licence: Callable[[Shown], str],
    said: Mapping[str, Mapping[str, str]],
    base: str,
) -> write.Catalogue:
    """The catalogue as one reader may have it.

    Parameters
    ----------
    shown : the layers, as the gate leaves them
    words : what they are called, by language
    licence : the licence of a layer, as its source states it
    said : 'title' and 'description' of the catalogue itself, by language
    base : address of the service, no slash at its end
    """
    region = reader.region
    sets = tuple(_dataset(reader, one, words, licence(one), base) for one in shown)
    boxes = [d.box for d in sets if d.box is not None]
    whole = _around(boxes) if boxes else None
    return write.Catalogue(
        base=base,
        title=said["title"],
        description=said["description"],
        publisher=dict(region.name) or {"": region.id},
        languages=tuple(region.languages),
        datasets=sets,
        modified=max((d.modified for d in sets if d.modified is not None), default=reader.at),
        box=whole,
    )


def _around(boxes: Sequence[write.Box]) -> write.Box:
    low, high = np.min(boxes, axis=0), np.max(boxes, axis=0)
    return float(low[0]), float(low[1]), float(high[2]), float(high[3])


def _dataset(reader: Reader, shown: Shown, words: Words, licence: str, base: str) -> write.Dataset:
    layer, table = shown.layer, shown.table
    here = f"{base}/collections/{quote(layer.id, safe='')}"
    files = tuple(
        write.Distribution(ending, here, kind.split(";")[0], name, f"{here}/download.{ending}")
        for ending, (kind, name) in features.DOWNLOADS.items()
    )
    api = write.Distribution("api", f"{here}/items", "application/geo+json", "OGC API Features", service=True)
    member = reader.region.members.get(layer.owner)
    links = {part: write.LICENCES[part] for part in licence.split("; ") if part in write.LICENCES}
    return write.Dataset(
        id=layer.id,
        title=words(shown, "title"),
        description=words(shown, "description"),
        page=f"{base}/{reader.region.languages[0]}/data/{quote(layer.id, safe='')}",
        distributions=(api, *files),
        licence=licence,
        # One licence can be named; of several, the page lists which input has which.
        licence_link=next(iter(links.values())) if len(links) == 1 and licence in links else "",
        rights=licence,
        publisher=dict(member.name) if member else {},
        keywords=words(shown, "title"),
        box=table.view(systems.CRS84).bounds,
        time=_time(table.moments()),
        modified=_modified(reader, shown),
        provenance=words(shown, "provenance"),
        standards=(FEATURES,),
    )


def _time(moments: Any) -> tuple[datetime | None, datetime | None] | None:
    """From the first start to the last end; None for what is open or timeless."""
    if moments is None or not moments[2].any():
        return None
    start, end, known = moments
    ends = (start[known].min(), end[known].max())
    read = [e.astype("datetime64[s]").item().replace(tzinfo=UTC) for e in ends]
    first, last = (None if at.year in (1, 9999) else at for at in read)
    return (first, last) if first or last else None


def _modified(reader: Reader, shown: Shown) -> datetime | None:
    """When the layer last changed: what the record says of it, or when the appraisal was taken."""
    from bothbanks.app.partnership.appraisals import latest

    if shown.layer.open is None:
        taken = latest(reader)
        return taken.taken if taken else None
    entries = reader.entries_about(f"layer/{shown.layer.id}")
    return entries[-1].at if entries else shown.layer.open.since
