"""Protected counts of people: for those who may see no single record of a layer or table."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi.responses import Response

from bothbanks.app.partnership.counts import Counts, counts
from bothbanks.site.area import Area
from bothbanks.site.problems import not_found
from bothbanks.site.visit import Visit

AREA = Area("counts", "data")


@dataclass(frozen=True)
class CountedOut:
    """Persons of one field by member and in all; null where a count is hidden."""

    field: str
    by_member: dict[str, int | None]
    total: int | None


@dataclass(frozen=True)
class CountsOut:
    """Counts with noise, rounded to ``step`` persons; none from 1 to below ``least`` is shown."""

    id: str
    dataset: str
    level: str
    article: str
    least: int
    step: int
    counts: list[CountedOut]


@AREA.page("/data/{collection}/counts")
def page(visit: Visit, collection: str) -> Response:
    """The counts as a table, members down, fields across."""
    return visit.show("data/counts.html", found=_found(visit, collection))


@AREA.api("/counts/{table}", answer=CountsOut)
def table(visit: Visit, table: str) -> CountsOut:
    """Protected counts of people by member."""
    found = _found(visit, table)
    return CountsOut(
        found.id, found.dataset, found.level, found.article, found.terms.least, found.terms.step,
        [CountedOut(c.field, dict(c.by_member), c.total) for c in found.counted],
    )  # fmt: skip


def _found(visit: Visit, id_: str) -> Counts:
    found = counts(visit.reader, visit.actor, visit.partnership.data, id_)
    if found is None:
        raise not_found()
    return found
