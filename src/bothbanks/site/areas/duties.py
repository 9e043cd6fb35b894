"""Duties: what is late and whose, one duty with its ladder, the presidency, contingency plans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from fastapi.responses import Response

from bothbanks.app.partnership.duties import all_duties
from bothbanks.app.partnership.plans import presidency as rotation
from bothbanks.app.partnership.plans import presiding
from bothbanks.civic.compact.duties_late import Standing, Suspension, open_ones, suspensions
from bothbanks.civic.compact.duties_state import Duty, Occurrence
from bothbanks.civic.compact.plans import Level, Plan
from bothbanks.civic.compact.presidency import Term, numbered
from bothbanks.site.area import Area
from bothbanks.site.problems import not_found
from bothbanks.site.visit import Visit
from bothbanks.store.interface import Kept, MissingError

AREA = Area("duties", "duties", "Duties")
TERMS_SHOWN = 8
T = TypeVar("T")


@dataclass(frozen=True)
class OccurrenceOut:
    """One time that a duty falls due."""

    number: int
    due: date
    late: bool
    late_days: int
    reading: bool
    taken: list[str]
    next_step: str
    next_at: datetime | None
    closed: datetime | None
    closed_as: str


@dataclass(frozen=True)
class DutyOut:
    """A duty: who owes what, by which article, and how it stands."""

    id: str
    version: int
    owner: str
    article: str
    title: dict[str, str]
    asks: dict[str, str]
    about: str
    status: str
    accepted_by: str
    due: date | None
    occurrences: list[OccurrenceOut]


@dataclass(frozen=True)
class LateOut:
    """What is late: the duty, whose, since when, what follows when."""

    duty: str
    owner: str
    article: str
    number: int
    due: date
    late_days: int
    next_step: str
    next_at: datetime | None


@dataclass(frozen=True)
class TermOut:
    """A term of the presidency."""

    number: int
    member: str
    language: str
    begins: date
    ends: date


@dataclass(frozen=True)
class PlanOut:
    """A contingency plan."""

    id: str
    version: int
    article: str
    title: dict[str, str]
    status: str
    steps: list[str]
    review_due: date
    drilled: date | None


@dataclass(frozen=True)
class Rung:
    """A rung of the ladder as the page draws it: taken, next, or to come."""

    action: str
    to: str
    suspends: str
    at: datetime
    state: str  # taken, next, later, held (evidence is being read)


@dataclass(frozen=True)
class Row:
    """A duty that nothing is open of: it waits for its event, or is closed."""

    kept: Kept[Duty]
    event: str


@AREA.page("/duties")
def index(visit: Visit) -> Response:
    """Late first: what, whose, since when, what follows when."""
    duties = all_duties(visit.reader)
    standing = open_ones(duties, visit.reader.at)
    waiting = [d for d in duties if d.status == "waiting"]
    return visit.show(
        "duties/index.html",
        late=[s for s in standing if s.late],
        reading=[s for s in standing if s.reading],
        coming=[s for s in standing if not s.late and not s.reading],
        waiting=waiting,
        rests=suspensions(duties, visit.reader.at),
        term=presiding(visit.reader),
        plans=[k.state for k in visit.reader.all(Plan)],
    )


@AREA.page("/duties/presidency")
def presidency(visit: Visit) -> Response:
    """Who presides when."""
    turn = rotation(visit.reader)
    if turn is None:
        raise not_found()
    now = presiding(visit.reader)
    return visit.show(
        "duties/presidency.html",
        turn=turn,
        now=now,
        terms=_terms(visit, now),
        state_version=visit.reader.load(type(turn), "presidency").version,
    )


@AREA.page("/duties/plans")
def plans(visit: Visit) -> Response:
    """Contingency plans."""
    listed = [k.state for k in visit.reader.all(Plan)]
    return visit.show("duties/plans.html", plans=listed, today=visit.reader.at.astimezone(visit.zone).date())


@AREA.page("/duties/plans/{id}")
def plan(visit: Visit, id: str) -> Response:
    """One plan: what sets it off, who does what, whom to call."""
    kept = _load(visit, Plan, id)
    level = kept.state.trigger if isinstance(kept.state.trigger, Level) else None
    return visit.show("duties/plan.html", plan=kept.state, state_version=kept.version, level=level)


@AREA.page("/duties/{id}")
def duty(visit: Visit, id: str) -> Response:
    """One duty: its article, its ladder, its evidence."""
    kept = _load(visit, Duty, id)
    state = kept.state
    return visit.show(
        "duties/duty.html",
        duty=state,
        state_version=kept.version,
        standing=open_ones([state], visit.reader.at),
        ladders={o.number: ladder(state, o) for o in state.open},
        closed=[o for o in reversed(state.occurrences) if o.closed is not None],
        entries=visit.reader.entries_about(f"duty/{id}"),
        judge=any(m.role == state.accepted_by and m.member != state.owner for m in visit.actor.mandates),
    )


def ladder(duty: Duty, occurrence: Occurrence) -> list[Rung]:
    """The rungs of an open occurrence, each taken, next, held or to come."""
    done = {t.place: t.at for t in occurrence.taken}
    following = duty.next_step(occurrence)
    out = []
    for place, step in enumerate(duty.ladder):
        if place < occurrence.begin:
            continue
        state = "later"
        if place in done:
            state = "taken"
        elif occurrence.waits_since is not None:
            state = "held"
        elif following is not None and following[0] == place:
            state = "next"
        at = done.get(place) or duty.instant_of(occurrence, place)
        out.append(Rung(step.action, step.to, step.suspends, at, state))
    return out


@AREA.api("/duties", answer=list[DutyOut])
def list_duties(visit: Visit) -> list[DutyOut]:
    """Every duty and how it stands."""
    return [_duty_out(k, visit.reader.at) for k in visit.reader.all(Duty)]


@AREA.api("/duties/late", answer=list[LateOut])
def list_late(visit: Visit) -> list[LateOut]:
    """What is late and whose, the longest first."""
    standing = open_ones(all_duties(visit.reader), visit.reader.at)
    return [
        LateOut(
            s.duty.id, s.duty.owner, s.duty.article, s.occurrence.number, s.due, s.late_days,
            s.next_step.action if s.next_step else "", s.next_at,
        )
        for s in standing
        if s.late
    ]  # fmt: skip


@AREA.api("/duties/suspended", answer=list[Suspension])
def list_suspended(visit: Visit) -> list[Suspension]:
    """Rights that rest, with the article that says so."""
    return list(suspensions(all_duties(visit.reader), visit.reader.at))


@AREA.api("/duties/{id}", answer=DutyOut)
def get_duty(visit: Visit, id: str) -> DutyOut:
    """One duty."""
    return _duty_out(_load(visit, Duty, id), visit.reader.at)


@AREA.api("/presidency", answer=list[TermOut])
def list_terms(visit: Visit) -> list[TermOut]:
    """The present term of the presidency and those after it; empty where the agreement has none."""
    found = _terms(visit, presiding(visit.reader))
    return [TermOut(t.number, t.member, t.language, t.begins, t.ends) for t in found]


@AREA.api("/plans", answer=list[PlanOut])
def list_plans(visit: Visit) -> list[PlanOut]:
    """Contingency plans."""
    return [
        PlanOut(
            k.id, k.version, k.state.article, dict(k.state.title), k.state.status,
            [s.id for s in k.state.steps], k.state.review_due, k.state.drilled,
        )
        for k in visit.reader.all(Plan)
    ]  # fmt: skip


def _terms(visit: Visit, now: Term | None) -> list[Term]:
    turn = rotation(visit.reader)
    if turn is None:
        return []
    first = now.number if now else 1
    return [numbered(turn, n) for n in range(first, first + max(TERMS_SHOWN, len(turn.order)))]


def _load(visit: Visit, kind: type[T], id: str) -> Kept[T]:
    try:
        return visit.reader.load(kind, id)
    except MissingError:
        raise not_found() from None


def _duty_out(kept: Kept[Duty], at: datetime) -> DutyOut:
    d = kept.state
    standing = {s.occurrence.number: s for s in open_ones([d], at)}
    return DutyOut(
        kept.id, kept.version, d.owner, d.article, dict(d.title), dict(d.asks), d.about, d.status,
        d.accepted_by, d.due, [_occurrence_out(o, standing.get(o.number)) for o in d.occurrences],
    )  # fmt: skip


def _occurrence_out(o: Occurrence, s: Standing | None) -> OccurrenceOut:
    return OccurrenceOut(
        o.number,
        o.due,
        s.late if s else False,
        s.late_days if s else 0,
        s.reading if s else False,
        [t.action for t in o.taken],
        s.next_step.action if s and s.next_step else "",
        s.next_at if s else None,
        o.closed,
        o.closed_as,
    )
