"""Duties: what a member owes, what closes it, and what follows by itself when its day passes.

    waiting -> open -> evidence given -> accepted (done)
                 ^           `-> sent back, and the clock goes on
                 |-- extended by decision (a new last day, the ladder from its start)
                 `-> waived by decision
    each open occurrence, by the clock: remind -> escalate -> mediate -> arbitrate -> suspend

Nothing here reads a clock: every step is given its instant. ``catch_up`` takes whatever the ladder holds up
to an instant, each rung at its own instant, so that a server which was off for a month records what one that
ran all the time would have recorded. Every command catches up first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact.duties_calendar import After, Every, Once
from bothbanks.civic.compact.duties_state import (
    CLOSED,
    DOCUMENT,
    DONE,
    ENDED,
    SUSPEND,
    WAITING,
    WAIVED,
    Duty,
    Evidence,
    Occurrence,
    Taken,
)
from bothbanks.civic.compact.roles import Actor
from bothbanks.record.entries import Entry

TOLD = {
    "remind": "reminded",
    "escalate": "escalated",
    "mediate": "mediation-begun",
    "arbitrate": "arbitration-begun",
    "suspend": "right-suspended",
}
"""Action of a rung -> what its entry is called."""

Outcome = Change[Duty] | Refusal


def add(duty: Duty) -> Change[Duty]:
    """Take a duty up: a recurring one begins with the first day that is not over yet at ``since``.

    One that begins with an event waits for it.
    """
    begun = replace(duty, last=duty.since) if duty.begins else _begun(duty)
    body = {"owner": duty.owner, "article": duty.article, "title": dict(duty.title), "rule": _rule(duty)}
    added = Entry("duties.added", f"duty/{duty.id}", body)
    opened = tuple(_entry(begun, o, "opened", duty.since) for o in begun.occurrences)
    return Change(begun, (added, *opened))


def _begun(duty: Duty) -> Duty:
    first: tuple[Occurrence, ...] = ()
    today = duty.calendar.day_of(duty.since)
    if isinstance(duty.rule, Once):
        first = (duty.fallen_due(1, duty.rule.day, duty.since),)
    elif isinstance(duty.rule, Every):
        first = tuple(duty.fallen_due(n, day, duty.since) for n, day in _from(duty.rule, today))
    return replace(duty, occurrences=first, last=duty.since)


def _from(rule: Every, today: date) -> tuple[tuple[int, date], ...]:
    """The first day of the rule that is today or later, as a list of one or none."""
    for n, day in rule.days():
        if day >= today:
            return ((n, day),)
    return ()


def catch_up(duty: Duty, until: datetime) -> Change[Duty]:
    """Everything the clock does up to and with an instant, in the order of its instants.

    Doing it in one go or in any number of goes gives the same entries: each rung is taken once, and its entry
    says when it was due.

    Examples
    --------
    >>> from datetime import UTC
    >>> from bothbanks.civic.compact.duties_calendar import WorkCalendar
    >>> from bothbanks.civic.compact.duties_state import Step
    >>> duty = add(Duty("d", "aac", "art-reports", {}, {}, Once(date(2026, 3, 31)),
    ...     (Step("remind", 0), Step("escalate", 14)), "secretariat", WorkCalendar("Europe/Berlin"),
    ...     datetime(2026, 1, 1, tzinfo=UTC))).state
    >>> [(e.kind, e.body["at"]) for e in catch_up(duty, datetime(2026, 6, 1, tzinfo=UTC)).entries]
    [('duties.reminded', '2026-03-31T22:00:00Z'), ('duties.escalated', '2026-04-14T22:00:00Z')]
    """
    entries: list[Entry] = []
    while not duty.ended:
        due = [d for d in (_next_rung(duty), _next_occurrence(duty)) if d is not None and d[0] <= until]
        if not due:
            break
        at, number, place = min(due)
        if place < 0:
            duty = replace(duty, occurrences=(*duty.occurrences, _following(duty, at)))
            entries.append(_entry(duty, duty.occurrences[-1], "opened", at))
        else:
            duty, entry = _climb(duty, number, place, at)
            entries.append(entry)
    return Change(duty, tuple(entries))


def _next_rung(duty: Duty) -> tuple[datetime, int, int] | None:
    """(instant, number, place) of the first rung that is next on any open occurrence."""
    found = [(step[1], o.number, step[0]) for o in duty.open if (step := duty.next_step(o)) is not None]
    return min(found, default=None)


def _next_occurrence(duty: Duty) -> tuple[datetime, int, int] | None:
    """A recurring duty falls due again once the day of the rule before it is over."""
    if not isinstance(duty.rule, Every) or not duty.occurrences:
        return None
    number = duty.occurrences[-1].number
    following = duty.rule.after(number)
    before = duty.rule.after(number - 1)
    if following is None or before is None:
        return None
    return duty.calendar.end_of(before[1]), following[0], -1


def _following(duty: Duty, at: datetime) -> Occurrence:
    assert isinstance(duty.rule, Every)
    following = duty.rule.after(duty.occurrences[-1].number)
    assert following is not None
    return duty.fallen_due(*following, at)


def _climb(duty: Duty, number: int, place: int, at: datetime) -> tuple[Duty, Entry]:
    occurrence = _numbered(duty, number)
    assert occurrence is not None
    step = duty.ladder[place]
    climbed = replace(occurrence, taken=(*occurrence.taken, Taken(place, step.action, at)))
    more = {"to": step.to, **({"suspends": step.suspends} if step.suspends else {})}
    return _with(duty, climbed), _entry(duty, climbed, TOLD[step.action], at, more)


def happened(duty: Duty, at: datetime, event: str, day: date, source: str) -> Outcome:
    """The event a duty waits for has happened: it falls due so many days or months after it."""
    if duty.begins == event and duty.status == WAITING:
        return _comes_into_being(duty, at, day, source)
    if not isinstance(duty.rule, After) or duty.rule.event != event or duty.begins or duty.status == CLOSED:
        return Refusal(
            "duties.event", "this duty does not wait for '{event}'; name the event that it states.",
            {"event": event},
        )  # fmt: skip
    caught = catch_up(duty, at)
    begun = caught.state
    occurrence = duty.fallen_due(len(begun.occurrences) + 1, duty.rule.day(day), at)
    more = {"event": event, "happened": day.isoformat(), "source": source}
    opened = replace(begun, occurrences=(*begun.occurrences, occurrence), last=at)
    return Change(opened, (*caught.entries, _entry(opened, occurrence, "opened", at, more)))


def _comes_into_being(duty: Duty, at: datetime, day: date, source: str) -> Change[Duty]:
    """The event with which a duty begins; a rule that counts from the same event counts from its day."""
    event = duty.begins
    live = _begun(replace(duty, since=at, begins=""))
    if isinstance(duty.rule, After) and duty.rule.event == event:
        live = replace(live, occurrences=(live.fallen_due(1, duty.rule.day(day), at),))
    more = {"event": event, "happened": day.isoformat(), "source": source}
    begun = Entry("duties.begun", f"duty/{duty.id}", {"at": told(at), **more})
    opened = tuple(_entry(live, o, "opened", at) for o in live.occurrences)
    return Change(live, (begun, *opened))


def submit(duty: Duty, number: int, evidence: Evidence) -> Outcome:
    """Evidence is given: the clock stands still until it is accepted or sent back."""
    if evidence.by != duty.owner:
        return Refusal(
            "duties.owner", "evidence comes from whoever owes the duty, {owner}, not from {by}.",
            {"owner": duty.owner, "by": evidence.by}, "forbidden",
        )  # fmt: skip
    if not evidence.words.strip():
        return Refusal("duties.evidence-words", "say in a sentence what the evidence shows.")
    if evidence.kind == DOCUMENT and not is_sha256(evidence.reference):
        return Refusal(
            "duties.evidence", "'{given}' is no SHA-256; give the 64 hexadecimal digits of the document.",
            {"given": evidence.reference},
        )  # fmt: skip
    if not evidence.reference.strip():
        return Refusal("duties.evidence-missing", "evidence closes a duty; name a document or an entry.")
    ready = _ready(duty, number, evidence.at)
    if isinstance(ready, Refusal):
        return ready
    caught, occurrence = ready
    if occurrence.waits_since is not None:
        return Refusal(
            "duties.waiting", "evidence has been given already and waits for the {role} to read it.",
            {"role": duty.accepted_by},
        )  # fmt: skip
    given = replace(occurrence, evidence=(*occurrence.evidence, evidence), waits_since=evidence.at)
    more = {"evidence": evidence.kind, "reference": evidence.reference, "words": evidence.words}
    return _done(caught, given, "evidence-given", evidence.at, more)


def accept(duty: Duty, number: int, at: datetime, actor: Actor) -> Outcome:
    """Whoever the article names accepts the evidence, and the duty is done."""
    ready = _judged(duty, number, at, actor)
    if isinstance(ready, Refusal):
        return ready
    caught, occurrence = ready
    closed = replace(occurrence, waits_since=None, closed=at, closed_as=DONE)
    more = {"accepted_by": duty.accepted_by, "reference": occurrence.evidence[-1].reference}
    return _closed(caught, occurrence, closed, at, more)


def send_back(duty: Duty, number: int, at: datetime, actor: Actor, reason: str) -> Outcome:
    """The evidence does not show it: the ladder goes on, later by the days that it was being read."""
    if not reason.strip():
        return Refusal("duties.reason", "give the reason; both banks must be able to read why.")
    ready = _judged(duty, number, at, actor)
    if isinstance(ready, Refusal):
        return ready
    caught, occurrence = ready
    assert occurrence.waits_since is not None
    days = (duty.calendar.day_of(at) - duty.calendar.day_of(occurrence.waits_since)).days
    back = replace(occurrence, waits_since=None, stood_days=occurrence.stood_days + days)
    return _done(caught, back, "evidence-sent-back", at, {"reason": reason, "days_read": days})


def extend(duty: Duty, number: int, at: datetime, due: date, decision: str, reason: str) -> Outcome:
    """A decision sets a later last day; the ladder begins again from there, and a suspended right returns."""
    fault = _decided(decision, reason)
    if fault is not None:
        return fault
    ready = _ready(duty, number, at)
    if isinstance(ready, Refusal):
        return ready
    caught, occurrence = ready
    if due <= occurrence.due or duty.calendar.end_of(due) <= at:
        return Refusal(
            "duties.extension", "{due} is no extension; give a day after {before} that is not over.",
            {"due": due.isoformat(), "before": occurrence.due.isoformat()},
        )  # fmt: skip
    fresh = duty.fallen_due(number, due, at)
    later = replace(fresh, evidence=occurrence.evidence, extended=(*occurrence.extended, decision))
    more = {"decision": decision, "reason": reason, "before": occurrence.due.isoformat()}
    change = _done(caught, later, "extended", at, more)
    return Change(change.state, (*change.entries, *_returned(duty, occurrence, at)))


def waive(duty: Duty, number: int, at: datetime, decision: str, reason: str) -> Outcome:
    """A decision lets one occurrence go."""
    fault = _decided(decision, reason)
    if fault is not None:
        return fault
    ready = _ready(duty, number, at)
    if isinstance(ready, Refusal):
        return ready
    caught, occurrence = ready
    closed = replace(occurrence, waits_since=None, closed=at, closed_as=WAIVED, decision=decision)
    return _closed(caught, occurrence, closed, at, {"decision": decision, "reason": reason})


def end(duty: Duty, at: datetime, decision: str, reason: str) -> Outcome:
    """The duty itself ends by a decision (its article was changed): nothing of it stays open."""
    fault = _decided(decision, reason)
    if fault is not None:
        return fault
    if duty.ended:
        return Refusal(
            "duties.ended", "this duty was ended by decision {decision}.", {"decision": duty.ended}
        )
    if duty.last is not None and at < duty.last:
        return _early(duty.last)
    caught = catch_up(duty, at)
    closed = tuple(
        o if o.closed else replace(o, waits_since=None, closed=at, closed_as=ENDED, decision=decision)
        for o in caught.state.occurrences
    )
    entry = Entry("duties.ended", f"duty/{duty.id}", {"decision": decision, "reason": reason, "at": told(at)})
    back = tuple(e for o in caught.state.open for e in _returned(duty, o, at))
    state = replace(caught.state, occurrences=closed, ended=decision, last=at)
    return Change(state, (*caught.entries, entry, *back))


def is_sha256(text: str) -> bool:
    """64 hexadecimal digits.

    >>> is_sha256("ab" * 32), is_sha256("ab")
    (True, False)
    """
    return len(text) == 64 and not set(text) - set("0123456789abcdef")


def told(at: datetime) -> str:
    """An instant as entries give it: '2026-03-31T22:00:00Z'."""
    return at.isoformat().replace("+00:00", "Z")


def _ready(duty: Duty, number: int, at: datetime) -> tuple[Change[Duty], Occurrence] | Refusal:
    """The duty caught up to the instant, and the open occurrence of that number."""
    if duty.ended:
        return Refusal(
            "duties.ended", "this duty was ended by decision {decision}.", {"decision": duty.ended}
        )
    if duty.last is not None and at < duty.last:
        return _early(duty.last)
    caught = catch_up(duty, at)
    occurrence = _numbered(caught.state, number)
    if occurrence is None:
        return Refusal(
            "duties.number", "there is no occurrence {number} of this duty; open are {numbers}.",
            {"number": number, "numbers": ", ".join(str(o.number) for o in caught.state.open) or "-"},
            "missing",
        )  # fmt: skip
    if occurrence.closed is not None:
        return Refusal(
            "duties.closed", "this was closed on {day}; nothing more can be done about it.",
            {"day": duty.calendar.day_of(occurrence.closed).isoformat()}, "conflict",
        )  # fmt: skip
    return caught, occurrence


def _judged(duty: Duty, number: int, at: datetime, actor: Actor) -> tuple[Change[Duty], Occurrence] | Refusal:
    """Evidence lies there, and the actor is who reads it: by its role, and not for the owner alone."""
    if not any(m.role == duty.accepted_by and m.member != duty.owner for m in actor.mandates):
        return Refusal(
            "duties.accepted-by", "its evidence is read by the {role}, never by {owner} itself.",
            {"role": duty.accepted_by, "owner": duty.owner}, "forbidden",
        )  # fmt: skip
    ready = _ready(duty, number, at)
    if isinstance(ready, Refusal):
        return ready
    if ready[1].waits_since is None:
        return Refusal("duties.no-evidence", "nothing was given to show that it was done; it stays open.")
    return ready


def _decided(decision: str, reason: str) -> Refusal | None:
    if not decision.strip():
        return Refusal("duties.decision", "name the decision this rests on.")
    if not reason.strip():
        return Refusal("duties.reason", "give the reason; both banks must be able to read why.")
    return None


def _early(last: datetime) -> Refusal:
    return Refusal(
        "duties.order", "the step before it was taken at {moment}; steps go forward in time.",
        {"moment": told(last)}, "conflict",
    )  # fmt: skip


def _done(
    caught: Change[Duty], occurrence: Occurrence, what: str, at: datetime, more: Mapping[str, Any]
) -> Change[Duty]:
    duty = replace(_with(caught.state, occurrence), last=at)
    return Change(duty, (*caught.entries, _entry(duty, occurrence, what, at, more)))


def _closed(
    caught: Change[Duty], before: Occurrence, closed: Occurrence, at: datetime, more: Mapping[str, Any]
) -> Change[Duty]:
    change = _done(caught, closed, closed.closed_as, at, more)
    return Change(change.state, (*change.entries, *_returned(change.state, before, at)))


def _returned(duty: Duty, before: Occurrence, at: datetime) -> tuple[Entry, ...]:
    """The entry that a suspended right is back, where one rested because of this occurrence."""
    rights = [duty.ladder[t.place].suspends for t in before.taken if t.action == SUSPEND]
    return tuple(_entry(duty, before, "right-returned", at, {"suspends": r}) for r in rights)


def _numbered(duty: Duty, number: int) -> Occurrence | None:
    return next((o for o in duty.occurrences if o.number == number), None)


def _with(duty: Duty, occurrence: Occurrence) -> Duty:
    kept = tuple(occurrence if o.number == occurrence.number else o for o in duty.occurrences)
    return replace(duty, occurrences=kept)


def _entry(
    duty: Duty, occurrence: Occurrence, what: str, at: datetime, more: Mapping[str, Any] | None = None
) -> Entry:
    body = {
        "owner": duty.owner,
        "article": duty.article,
        "number": occurrence.number,
        "due": occurrence.due.isoformat(),
        "at": told(at),
        **(more or {}),
    }
    return Entry(f"duties.{what}", f"duty/{duty.id}", body)


def _rule(duty: Duty) -> dict[str, Any]:
    rule = duty.rule
    if isinstance(rule, Once):
        return {"once": rule.day.isoformat()}
    if isinstance(rule, Every):
        until = {} if rule.until is None else {"until": rule.until.isoformat()}
        return {"first": rule.first.isoformat(), "months": rule.months, **until}
    return {"event": rule.event, "months": rule.months, "days": rule.days}


def next_instant(duty: Duty) -> datetime | None:
    """When the clock next does something about it; None: never, as it stands."""
    if duty.ended:
        return None
    due = [d[0] for d in (_next_rung(duty), _next_occurrence(duty)) if d is not None]
    return min(due, default=None)
