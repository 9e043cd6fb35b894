"""Obstacle files: the list with its clocks, one file step by step, what a year's report counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import Path
from fastapi.responses import Response

from bothbanks.civic.compact.obstacles import ARTICLES, FROM, Obstacle, yearly_report
from bothbanks.site.area import Area
from bothbanks.site.problems import not_found
from bothbanks.site.visit import Visit
from bothbanks.store.interface import Kept, MissingError

AREA = Area("obstacles", "obstacles", "Obstacles")


@dataclass(frozen=True)
class StepOut:
    """A step that was taken, with the article behind it."""

    what: str
    at: datetime
    words: str
    article: str
    late: bool


@dataclass(frozen=True)
class ObstacleOut:
    """An obstacle file."""

    id: str
    version: int
    title: str
    words: str
    initiator: str
    country: str
    authority: str
    state: str
    kind: str
    result: str
    submitted: datetime
    clarify_until: date
    redress_until: date | None
    deadline: date | None
    steps: list[StepOut]


@dataclass(frozen=True)
class ReportOut:
    """What a year's report counts."""

    year: int
    counts: dict[str, int]


@AREA.page("/obstacles")
def index(visit: Visit) -> Response:
    """Every file, with the clock that runs."""
    files = [k.state for k in visit.reader.all(Obstacle)]
    year = visit.reader.at.astimezone(visit.zone).year
    countries = dict.fromkeys(m.country for m in visit.region.members.values())
    return visit.show(
        "obstacles/index.html", files=files, year=year, report=yearly_report(files, year), countries=countries
    )


@AREA.page("/obstacles/{id}")
def obstacle(visit: Visit, id: str) -> Response:
    """One file: its steps, each with its article, and what can follow."""
    kept = _load(visit, id)
    can = [what for what, states in FROM.items() if kept.state.state in states]
    return visit.show(
        "obstacles/obstacle.html", file=kept.state, state_version=kept.version, can=can, articles=ARTICLES
    )


@AREA.api("/obstacles", answer=list[ObstacleOut])
def list_obstacles(visit: Visit) -> list[ObstacleOut]:
    """Every obstacle file."""
    return [_out(k) for k in visit.reader.all(Obstacle)]


@AREA.api("/obstacles/report/{year}", answer=ReportOut)
def get_report(visit: Visit, year: Annotated[int, Path(ge=1900, le=9999)]) -> ReportOut:
    """What the report of a year counts."""
    return ReportOut(year, yearly_report((k.state for k in visit.reader.all(Obstacle)), year))


@AREA.api("/obstacles/{id}", answer=ObstacleOut)
def get_obstacle(visit: Visit, id: str) -> ObstacleOut:
    """One obstacle file."""
    return _out(_load(visit, id))


def _load(visit: Visit, id: str) -> Kept[Obstacle]:
    try:
        return visit.reader.load(Obstacle, id)
    except MissingError:
        raise not_found() from None


def _out(kept: Kept[Obstacle]) -> ObstacleOut:
    o = kept.state
    return ObstacleOut(
        kept.id, kept.version, o.title, o.words, o.initiator, o.country, o.authority, o.state, o.kind,
        o.result, o.submitted, o.clarify_until, o.redress_until, o.deadline,
        [StepOut(t.what, t.at, t.words, t.article, t.late) for t in o.steps],
    )  # fmt: skip
