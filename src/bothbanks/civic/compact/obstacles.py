"""Obstacle files: the steps and clocks of Regulation (EU) 2025/925 (BRIDGEforEU), each with its article.

    submitted -> (clarification asked -> answered) -> found -> outcome -> redress over
        `-> closed with reasons: incomplete (9(2)), no obstacle (9(3))

What was read: Articles 3, 9, 11 and 12 in a published consolidation. Articles 7, 8 and 10 (submission, the
content of a file, the facilitation tool) were not read; steps that rest on them are marked 'text not read'.
A file is brought by a body, never by a natural person (proposal COM(2025)131). Periods are calendar months
(``duties_calendar``). Nothing here is legal advice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact.duties import told
from bothbanks.civic.compact.duties_calendar import WorkCalendar, add_months
from bothbanks.record.entries import Entry

NOT_READ = "text not read"
CLARIFY_MONTHS, REDRESS_MONTHS = 2, 6
"""Article 9(2); Article 12(1) where no national limit is stated."""

SUBMITTED, ASKED, FOUND, OUTCOME, CLOSED = "submitted", "asked", "found", "outcome", "closed"
LEGISLATIVE, ADMINISTRATIVE = "legislative", "administrative"
RESULTS = ("changed", "legislation", "not-resolved")
Result = Literal["", "changed", "legislation", "not-resolved"]
Kind = Literal["", "legislative", "administrative"]

ARTICLES: Mapping[str, str] = {
    "submitted": f"7-8 ({NOT_READ})",
    "ask": "9(2)",
    "answer": "9(2)",
    "close-incomplete": "9(2)",
    "close-no-obstacle": "9(3)",
    "use-tool": f"10 ({NOT_READ})",
    "inform": "11(2)",
    "tell-neighbour": "11(3)",
    "contact-body": "11(4)",
    "other-procedure": "11(5)",
    "outcome": "12(1)",
    "redress": "12(1)",
}
"""Step -> the article behind it."""

FROM: Mapping[str, tuple[str, ...]] = {
    "ask": (SUBMITTED,),
    "answer": (ASKED,),
    "close-incomplete": (SUBMITTED, ASKED),
    "close-no-obstacle": (SUBMITTED, ASKED),
    "use-tool": (SUBMITTED,),
    "inform": (SUBMITTED,),
    "tell-neighbour": (FOUND,),
    "contact-body": (FOUND,),
    "other-procedure": (FOUND,),
    "outcome": (FOUND,),
    "redress": (OUTCOME,),
}
"""Step -> states in which it can be taken."""

TO: Mapping[str, str] = {
    "ask": ASKED,
    "answer": SUBMITTED,
    "close-incomplete": CLOSED,
    "close-no-obstacle": CLOSED,
    "inform": FOUND,
    "outcome": OUTCOME,
}
"""Step -> the state it makes; the others leave it as it is."""


@dataclass(frozen=True)
class Taken:
    """A step that was taken: which, when, in what words, by which article, and whether after its clock."""

    what: str
    at: datetime
    words: str
    article: str
    late: bool = False


@dataclass(frozen=True)
class Obstacle:
    """An obstacle file: a rule or practice of one country that keeps both banks apart.

    ``authority`` is the coordination point or the authority named in its place; ``redress_until`` is set by
    the outcome.
    """

    id: str
    title: str
    words: str
    initiator: str
    country: str
    authority: str
    calendar: WorkCalendar
    submitted: datetime
    state: str = SUBMITTED
    kind: Kind = ""
    result: Result = ""
    redress_until: date | None = None
    steps: tuple[Taken, ...] = ()
    noted: tuple[str, ...] = ()
    last: datetime | None = None

    @property
    def clarify_until(self) -> date:
        """Last day on which the authority may ask: two months after submission (Article 9(2))."""
        day = add_months(self.calendar.day_of(self.submitted), CLARIFY_MONTHS)
        return self.calendar.moved(day)

    @property
    def deadline(self) -> date | None:
        """The day that runs now; None where none does."""
        if self.state == SUBMITTED and not any(t.what == "ask" for t in self.steps):
            return self.clarify_until if "clarify" not in self.noted else None
        return self.redress_until if self.state == OUTCOME else None


@dataclass(frozen=True)
class TakeStep:
    """A step of the procedure; ``kind`` for 'inform', ``result`` and a national limit for 'outcome'."""

    what: str
    at: datetime
    words: str
    kind: Kind = ""
    result: Result = ""
    redress_until: date | None = None


Outcome = Change[Obstacle] | Refusal


def submit(obstacle: Obstacle) -> Change[Obstacle]:
    """A body hands the file in (Articles 7 and 8: text not read)."""
    begun = replace(obstacle, last=obstacle.submitted)
    body = {
        "title": obstacle.title,
        "initiator": obstacle.initiator,
        "country": obstacle.country,
        "authority": obstacle.authority,
        "clarify_until": begun.clarify_until.isoformat(),
    }
    return Change(begun, (_entry(begun, "submitted", obstacle.submitted, ARTICLES["submitted"], body),))


def catch_up(obstacle: Obstacle, until: datetime) -> Change[Obstacle]:
    """The ends of clocks up to an instant, each noted once at its own instant.

    >>> from datetime import UTC
    >>> file = submit(Obstacle("o", "Blue lights", "...", "joint secretariat", "DE", "a ministry",
    ...     WorkCalendar("Europe/Berlin"), datetime(2025, 12, 31, 9, tzinfo=UTC))).state
    >>> [(e.body["clock"], e.body["at"]) for e in catch_up(file, datetime(2026, 5, 1, tzinfo=UTC)).entries]
    [('clarify', '2026-02-28T23:00:00Z')]
    """
    entries: list[Entry] = []
    asked = any(t.what == "ask" for t in obstacle.steps)
    over = obstacle.calendar.end_of(obstacle.clarify_until)
    if obstacle.state == SUBMITTED and not asked and "clarify" not in obstacle.noted and over <= until:
        obstacle = replace(obstacle, noted=(*obstacle.noted, "clarify"))
        entries.append(_entry(obstacle, "clock-ended", over, ARTICLES["ask"], {"clock": "clarify"}))
    if obstacle.state == OUTCOME and obstacle.redress_until is not None:
        over = obstacle.calendar.end_of(obstacle.calendar.moved(obstacle.redress_until))
        if over <= until:
            obstacle = replace(obstacle, state=CLOSED)
            entries.append(_entry(obstacle, "clock-ended", over, ARTICLES["redress"], {"clock": "redress"}))
    return Change(obstacle, tuple(entries))


def take(obstacle: Obstacle, step: TakeStep) -> Outcome:
    """Take a step, or say why it can't be taken."""
    if obstacle.last is not None and step.at < obstacle.last:
        return Refusal(
            "duties.order", "the step before it was taken at {moment}; steps go forward in time.",
            {"moment": told(obstacle.last)}, "conflict",
        )  # fmt: skip
    caught = catch_up(obstacle, step.at)
    now = caught.state
    if now.state not in FROM.get(step.what, ()):
        can = ", ".join(w for w, states in FROM.items() if now.state in states) or "-"
        return Refusal(
            "obstacles.step", "'{step}' can't follow '{state}' here; possible are: {can}.",
            {"step": step.what, "state": now.state, "can": can},
        )  # fmt: skip
    if not step.words.strip():
        return Refusal("obstacles.words", "this step is taken in writing, with its reasons; give them.")
    fault = _content_fault(now, step)
    if fault is not None:
        return fault
    late = step.what == "ask" and step.at >= now.calendar.end_of(now.clarify_until)
    article = ARTICLES[step.what]
    changes: dict[str, Any] = {"state": TO.get(step.what, now.state)}
    more: dict[str, Any] = {"words": step.words, "late": late}
    if step.what == "inform":
        changes["kind"] = more["kind"] = step.kind
    if step.what == "outcome":
        until = _redress(now, step)
        changes |= {"result": step.result, "redress_until": until}
        more |= {"result": step.result, "redress_until": until.isoformat()}
    taken = Taken(step.what, step.at, step.words, article, late)
    state = replace(now, steps=(*now.steps, taken), last=step.at, **changes)
    return Change(state, (*caught.entries, _entry(state, step.what, step.at, article, more)))


def _content_fault(now: Obstacle, step: TakeStep) -> Refusal | None:
    if step.what == "inform" and not step.kind:
        return Refusal(
            "obstacles.kind",
            "say whether the obstacle is administrative or legislative; the way parts there.",
        )
    wanted = {"contact-body": ADMINISTRATIVE, "other-procedure": LEGISLATIVE}.get(step.what)
    if wanted is not None and now.kind != wanted:
        return Refusal(
            "obstacles.way", "'{step}' is for another kind of obstacle; this one is {kind}.",
            {"step": step.what, "kind": now.kind},
        )  # fmt: skip
    if step.what == "outcome" and step.result not in RESULTS:
        return Refusal(
            "obstacles.result", "an outcome is one of: {results}.", {"results": ", ".join(RESULTS)}
        )
    return None


def _redress(now: Obstacle, step: TakeStep) -> date:
    """The national limit where there is one, else six months (Article 12(1))."""
    return step.redress_until or add_months(now.calendar.day_of(step.at), REDRESS_MONTHS)


def yearly_report(obstacles: Iterable[Obstacle], year: int) -> dict[str, int]:
    """What one year's report counts: files handed in, closed, and outcomes by result.

    States report to the Commission once a year (COM(2025)131); on which day was not found.
    """
    out = dict.fromkeys(("submitted", "closed-without-outcome", *RESULTS), 0)
    for file in obstacles:
        out["submitted"] += file.calendar.day_of(file.submitted).year == year
        for t in file.steps:
            if file.calendar.day_of(t.at).year != year:
                continue
            out["closed-without-outcome"] += t.what in ("close-incomplete", "close-no-obstacle")
            if t.what == "outcome" and file.result:
                out[file.result] += 1
    return out


def _entry(obstacle: Obstacle, what: str, at: datetime, article: str, more: Mapping[str, Any]) -> Entry:
    body = {"at": told(at), "article": article, "state": obstacle.state, **more}
    return Entry(f"obstacles.{what}", f"obstacle/{obstacle.id}", body)
