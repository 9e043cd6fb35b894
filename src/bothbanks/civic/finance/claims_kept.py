"""Claims with their clocks: a payout as it was stated, a claim against it, and what is overdue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact.duties import told
from bothbanks.civic.compact.duties_calendar import WorkCalendar
from bothbanks.civic.finance import claims
from bothbanks.civic.finance.claims import EVIDENCE, FILED, PANEL, Claim, Command, FileClaim, Route, Subject
from bothbanks.record.entries import Entry


@dataclass(frozen=True)
class Statement:
    """A payout as it was stated: by which terms, the hash of the statement, what each member is due.

    ``due`` is in whole minor units; the route says how it can be disputed.
    """

    id: str
    about: Literal["trigger", "grant"]
    terms: str
    article: str
    sha256: str
    stated_on: date
    due: Mapping[str, int]
    currency: str
    route: Route

    @property
    def last_day(self) -> date:
        """Last day on which a claim can be filed."""
        return date.fromordinal(self.stated_on.toordinal() + self.route.file_days)


@dataclass(frozen=True)
class KeptClaim:
    """A claim, the statement it is against, the claimant's calendar, and what was named overdue."""

    id: str
    statement: str
    claim: Claim
    calendar: WorkCalendar
    noted: tuple[str, ...] = ()


Outcome = Change[KeptClaim] | Refusal


def clock_of(kept: KeptClaim) -> tuple[datetime, str] | None:
    """(instant, what) the clock names next: 'evidence' closed, 'panel' or 'decision' overdue."""
    waits = {FILED: ("evidence", "panel"), EVIDENCE: ("evidence", "panel"), PANEL: ("decision",)}
    days = kept.claim.deadlines
    found = [
        (kept.calendar.end_of(days[what]), what)
        for what in waits.get(kept.claim.state, ())
        if what not in kept.noted
    ]
    return min(found, default=None)


def catch_up(kept: KeptClaim, until: datetime) -> Change[KeptClaim]:
    """Name what has become overdue up to an instant, each once, at its own instant."""
    entries = []
    while (due := clock_of(kept)) is not None and due[0] <= until:
        at, what = due
        kept = replace(kept, noted=(*kept.noted, what))
        body = {"clock": what, "at": told(at), "article": kept.claim.route.article}
        entries.append(Entry("claims.clock-ended", f"claim/{kept.id}", body))
    return Change(kept, tuple(entries))


def file_claim(
    id: str, statement: Statement, calendar: WorkCalendar, command: FileClaim, at: datetime
) -> Outcome:
    """Begin a claim against a statement."""
    subject = Subject(statement.sha256, statement.stated_on, tuple(statement.due))
    outcome = claims.file_claim(statement.route, subject, command)
    if isinstance(outcome, Refusal):
        return outcome
    kept = KeptClaim(id, statement.id, outcome[0], calendar)
    return Change(kept, tuple(_entry(kept, e, at) for e in outcome[1]))


def act(kept: KeptClaim, command: Command, at: datetime) -> Outcome:
    """Take a step; what the clock has to name comes first."""
    caught = catch_up(kept, at)
    outcome = claims.act(kept.claim, command)
    if isinstance(outcome, Refusal):
        return outcome
    state = replace(caught.state, claim=outcome[0])
    return Change(state, (*caught.entries, *(_entry(state, e, at) for e in outcome[1])))


def _entry(kept: KeptClaim, step: claims.Entry, at: datetime) -> Entry:
    """The step for the record: who sits on a panel and how each voted stays deletable."""
    detail: dict[str, Any] = dict(step.detail)
    private: dict[str, Any] = {}
    for name in ("people", "votes"):
        if name in detail:
            named = detail.pop(name)
            private[name] = dict(named)
            detail[name] = sorted(named.values()) if name == "people" else sum(named.values())
    body = {
        "statement": kept.statement,
        "article": kept.claim.route.article,
        "day": step.when.isoformat(),
        "at": told(at),
        "by": step.by,
        "late": step.late,
        **detail,
    }
    return Entry(f"claims.{step.what}", f"claim/{kept.id}", body, private or None)
