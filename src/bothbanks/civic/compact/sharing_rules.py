"""The book of sharing rules: what there is to share, the rules in force, and how they may change.

A rule is never edited: it ends, and another begins, each by an article of the agreement or by a decision. A
book that contradicts itself is refused: two rules with the very same scope at the same time that say
different things. Rules that overlap otherwise are no contradiction: it is settled which counts (``sharing``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact.roles import PUBLIC, ROLES
from bothbanks.civic.compact.sharing import (
    ANY,
    COARSE,
    LEVELS,
    MEMBERS,
    PARTNERSHIP,
    STRICTNESS,
    Dataset,
    Opened,
    Rules,
    SharingRule,
)
from bothbanks.record.entries import Entry

BOOK = "rules"
"""The one object of its kind."""


@dataclass(frozen=True)
class Purpose:
    """What data may be asked for."""

    id: str
    name: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EmergencyTerms:
    """What the agreement says about opening data in an emergency."""

    article: str
    openers: tuple[str, ...]
    """Roles that may open."""
    readers: tuple[str, ...]
    """Whom it is opened to, written as in a rule."""
    reviewers: tuple[str, ...]
    """Roles that look at it afterwards."""
    longest_hours: int
    """One opening lasts no longer."""
    pause_hours: int
    """Opening the same again within this time after its end is a renewal: a second person must agree."""
    window_hours: int
    """The time over which openings of the same are added up."""
    longest_in_all_hours: int
    """Open for longer than this within the window: only by a vote."""
    review_days: int
    """The review is due so many days after the end."""


@dataclass(frozen=True)
class CountTerms:
    """How counts of people are protected where they are shown as 'suppressed' or 'coarse'."""

    least: int = 10
    """The smallest count above 0 that is shown."""
    width: int = 10
    """What a hidden count can be must lie at least so far apart, reckoned from all that is shown."""
    variance: float = 2.0
    """Of the noise by cell keys."""
    reach: int = 5
    """Most that noise adds or takes away."""
    step: int = 5
    """Counts with noise are rounded to a multiple of this."""


@dataclass(frozen=True)
class RuleBook:
    """Everything the gate goes by, but for emergency openings."""

    datasets: tuple[Dataset, ...] = ()
    rules: tuple[SharingRule, ...] = ()
    purposes: tuple[Purpose, ...] = ()
    emergency: EmergencyTerms | None = None
    counts: CountTerms = CountTerms()

    def dataset(self, id_: str) -> Dataset | None:
        """The dataset of that id, or None."""
        return next((d for d in self.datasets if d.id == id_), None)

    def rule(self, id_: str) -> SharingRule | None:
        """The rule of that id, or None."""
        return next((r for r in self.rules if r.id == id_), None)

    def ready(self, openings: Iterable[Opened] = ()) -> Rules:
        """The rules, ready to decide."""
        return Rules(self.datasets, self.rules, tuple(openings))


@dataclass(frozen=True)
class Fault:
    """Something wrong (or, as a note, odd) with a rule or a dataset."""

    about: str
    why: Refusal
    note: bool = False


def faults(book: RuleBook, members: Sequence[str]) -> tuple[Fault, ...]:
    """All that is wrong or odd in a book of rules.

    Notes (``note``) are allowed: a rule that refuses a group what everybody may see has no effect, because
    anybody can sign out.
    """
    return (*_dataset_faults(book, members), *_rule_faults(book, members), *_contradictions(book))


def open_book(book: RuleBook, members: Sequence[str]) -> Change[RuleBook] | Refusal:
    """The book that came with the agreement, as the record's first word on sharing."""
    wrong = [f for f in faults(book, members) if not f.note]
    if wrong:
        return wrong[0].why
    entries = [
        Entry("sharing.opened", f"sharing/{BOOK}", {"datasets": [d.id for d in book.datasets]}),
        *(Entry("sharing.rule-set", f"sharing-rule/{r.id}", as_body(r)) for r in book.rules),
    ]
    return Change(book, tuple(entries))


def add_dataset(book: RuleBook, dataset: Dataset, members: Sequence[str]) -> Change[RuleBook] | Refusal:
    """Make something new known to the gate; without a rule its owner alone sees it."""
    if book.dataset(dataset.id) is not None:
        return Refusal(
            "sharing.dataset-known",
            "there is a dataset '{about}' already.",
            {"about": dataset.id},
            "conflict",
        )
    changed = replace(book, datasets=(*book.datasets, dataset))
    wrong = [f for f in faults(changed, members) if not f.note]
    if wrong:
        return wrong[0].why
    body = {"owner": dataset.owner, "inputs": list(dataset.inputs), "released": dataset.released}
    return Change(changed, (Entry("sharing.dataset-added", f"sharing/{dataset.id}", body),))


def set_rule(
    book: RuleBook, rule: SharingRule, members: Sequence[str], at: datetime
) -> Change[RuleBook] | Refusal:
    """Add a rule from a moment that is not past; ids are never used twice."""
    if book.rule(rule.id) is not None:
        return Refusal(
            "sharing.rule-known", "there is a rule '{rule}' already.", {"rule": rule.id}, "conflict"
        )
    if rule.since < at:
        return Refusal("sharing.rule-past", "a rule can't begin in the past.")
    if not rule.article and not rule.decision:
        return Refusal("sharing.rule-ground", "a rule needs the article or the decision that it rests on.")
    changed = replace(book, rules=(*book.rules, rule))
    wrong = [f for f in faults(changed, members) if not f.note]
    if wrong:
        return wrong[0].why
    return Change(changed, (Entry("sharing.rule-set", f"sharing-rule/{rule.id}", as_body(rule)),))


def end_rule(book: RuleBook, id_: str, ground: str, at: datetime) -> Change[RuleBook] | Refusal:
    """End a rule now; what it showed is closed at once (or falls to the next rule that fits)."""
    rule = book.rule(id_)
    if rule is None:
        return Refusal("sharing.rule-unknown", "there is no rule '{rule}'.", {"rule": id_}, "missing")
    if rule.until is not None and rule.until <= at:
        return Refusal("sharing.rule-ended", "the rule '{rule}' has ended already.", {"rule": id_})
    if not ground:
        return Refusal("sharing.rule-ground", "a rule needs the article or the decision that it rests on.")
    ended = replace(rule, until=max(at, rule.since))
    changed = replace(book, rules=tuple(ended if r.id == id_ else r for r in book.rules))
    body = {"until": at.isoformat(), "ground": ground}
    return Change(changed, (Entry("sharing.rule-ended", f"sharing-rule/{id_}", body),))


def as_body(rule: SharingRule) -> dict[str, Any]:
    """A rule as the record keeps it: plain JSON."""
    d = rule.detail
    detail = None if d is None else {k: v for k, v in vars(d).items() if v}
    return {
        "datasets": list(rule.datasets),
        "readers": list(rule.readers),
        "level": rule.level,
        "article": rule.article,
        "decision": rule.decision,
        "since": rule.since.isoformat(),
        "until": rule.until.isoformat() if rule.until else None,
        "purposes": list(rule.purposes),
        "areas": list(rule.areas),
        "detail": detail,
        "hidden": list(rule.hidden),
    }


def reader_known(who: str, members: Sequence[str]) -> bool:
    """Whether a rule's reader is written as it must be, and names a member that there is."""
    kind, _, name = who.partition(":")
    if who in (PUBLIC, MEMBERS, PARTNERSHIP):
        return True
    if kind == "member":
        return name in members
    role, at, member = name.partition("@")
    return kind == "role" and role in ROLES and (not at or member in members)


def _dataset_faults(book: RuleBook, members: Sequence[str]) -> Iterator[Fault]:
    ids = [d.id for d in book.datasets]
    for id_ in sorted({i for i in ids if ids.count(i) > 1}):
        yield _fault(id_, Refusal("sharing.dataset-twice", "'{about}' is listed twice.", {"about": id_}))
    known = {d.id: d for d in book.datasets}
    for d in book.datasets:
        if d.owner and d.owner not in members:
            values = {"about": d.id, "owner": d.owner}
            yield _fault(
                d.id, Refusal("sharing.owner", "'{about}' is owned by '{owner}', which is no member.", values)
            )
        for i in d.inputs:
            if i not in known:
                values = {"about": d.id, "input": i}
                yield _fault(
                    d.id,
                    Refusal(
                        "sharing.input", "'{about}' is made from '{input}', which is no dataset.", values
                    ),
                )
        if _reaches(known, d.id, d.inputs, frozenset()):
            yield _fault(d.id, Refusal("sharing.circle", "'{about}' is made from itself.", {"about": d.id}))


def _reaches(known: Mapping[str, Dataset], goal: str, start: Sequence[str], seen: frozenset[str]) -> bool:
    return any(
        i == goal or (i in known and i not in seen and _reaches(known, goal, known[i].inputs, seen | {i}))
        for i in start
    )


def _rule_faults(book: RuleBook, members: Sequence[str]) -> Iterator[Fault]:
    ids = [r.id for r in book.rules]
    for id_ in sorted({i for i in ids if ids.count(i) > 1}):
        yield _fault(id_, Refusal("sharing.rule-twice", "'{about}' is listed twice.", {"about": id_}))
    purposes = {p.id for p in book.purposes}
    for r in book.rules:
        for name in (p for p in r.datasets if not any(_matches(d.id, p) for d in book.datasets)):
            values = {"about": r.id, "name": name}
            yield _fault(
                r.id, Refusal("sharing.pattern", "rule '{about}' is about no dataset: '{name}'.", values)
            )
        for name in (w for w in r.readers if not reader_known(w, members)):
            values = {"about": r.id, "name": name}
            yield _fault(r.id, Refusal("sharing.reader", "rule '{about}' names no reader: '{name}'.", values))
        for name in (p for p in r.purposes if p not in purposes):
            values = {"about": r.id, "name": name}
            yield _fault(
                r.id, Refusal("sharing.purpose", "rule '{about}' names no known purpose: '{name}'.", values)
            )
        yield from (_fault(r.id, why) for why in _shape_faults(r))


def _shape_faults(r: SharingRule) -> Iterator[Refusal]:
    about = {"about": r.id}
    if r.level not in LEVELS:
        yield Refusal("sharing.level", "rule '{about}' has no known level.", about)
    if not r.datasets or not r.readers:
        yield Refusal("sharing.empty", "rule '{about}' names no dataset or no reader.", about)
    if not r.article and not r.decision:
        yield Refusal("sharing.ground", "rule '{about}' rests on no article and no decision.", about)
    if r.level == COARSE and (r.detail is None or not any(vars(r.detail).values())):
        yield Refusal("sharing.detail", "rule '{about}' is coarse, but does not say how.", about)
    if r.level == COARSE and r.detail is not None and r.detail.rounding < r.detail.group:
        yield Refusal(
            "sharing.rounding",
            "rule '{about}' leaves small figures out, but rounds by less than them: totals give them away.",
            about,
        )
    if r.until is not None and r.until < r.since:
        yield Refusal("sharing.dates", "rule '{about}' ends before it begins.", about)


def _contradictions(book: RuleBook) -> Iterator[Fault]:
    for n, a in enumerate(book.rules):
        for b in book.rules[n + 1 :]:
            same = set(a.purposes) == set(b.purposes) and set(a.areas) == set(b.areas)
            if not (_overlap(a, b) and same and set(a.datasets) & set(b.datasets)):
                continue
            if set(a.readers) & set(b.readers) and _differ(a, b):
                values = {"about": a.id, "other": b.id}
                yield _fault(
                    a.id,
                    Refusal(
                        "sharing.contradiction",
                        "rules '{about}' and '{other}' say different things of the very same case.",
                        values,
                    ),
                )
            for refusing, showing in ((a, b), (b, a)):
                if _idle(refusing, showing):
                    values = {"about": refusing.id, "other": showing.id}
                    yield Fault(
                        refusing.id,
                        Refusal(
                            "sharing.idle",
                            "rule '{about}' refuses some what '{other}' shows to everybody.",
                            values,
                        ),
                        note=True,
                    )


def _overlap(a: SharingRule, b: SharingRule) -> bool:
    return (a.until is None or b.since < a.until) and (b.until is None or a.since < b.until)


def _differ(a: SharingRule, b: SharingRule) -> bool:
    return (a.level, a.detail, set(a.hidden)) != (b.level, b.detail, set(b.hidden))


def _idle(refusing: SharingRule, showing: SharingRule) -> bool:
    """Whether somebody refused could sign out and see more."""
    wide = PUBLIC in showing.readers and PUBLIC not in refusing.readers
    return wide and STRICTNESS.get(refusing.level, 0) > STRICTNESS.get(showing.level, 0)


def _fault(about: str, why: Refusal) -> Fault:
    return Fault(about, why)


def _matches(dataset: str, pattern: str) -> bool:
    return dataset.startswith(pattern[:-1]) if pattern.endswith(ANY) else dataset == pattern
