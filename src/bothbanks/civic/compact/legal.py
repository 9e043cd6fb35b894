"""The legal matrix: what each member's law asks on each subject, since when, from which source.

Rules are dated and nothing is overwritten: an amendment adds a version, so what held on a day can be asked
for, also as it was known at an earlier moment. A rule without demands is 'not known, to be asked'. A
recognition is an agreement by which one member accepts what is lawful in another: it is what closes a
conflict. Nothing here is legal advice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, Literal

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact.legal_demands import AtLeast, AtMost, Demands, OneOf, plain, same
from bothbanks.civic.compact.roles import COUNCIL, SECRETARIAT, Right
from bothbanks.civic.finance.applicable_law import Buyer, LawRule
from bothbanks.record.entries import Entry

PROCUREMENT: Final = "procurement"
AREAS: tuple[str, ...] = (
    PROCUREMENT, "environment", "land-use", "qualifications", "driving", "equipment", "insurance", "radio",
    "data-protection",
)  # fmt: skip
Certainty = Literal["seen", "inferred", "unclear", "made-up"]
"""How sure a rule is: read on the page named; follows from it; sources disagree; made up for an example."""
CERTAINTIES: tuple[Certainty, ...] = ("seen", "inferred", "unclear", "made-up")

MATRIX_RIGHT = Right(frozenset({SECRETARIAT, COUNCIL}), own_member=True)
RECOGNITION_RIGHT = Right(frozenset({SECRETARIAT}))
Words = Mapping[str, str]


@dataclass(frozen=True)
class Subject:
    """One question put to each member's law.

    ``unit`` is that of its values ('' for none). ``mergeable`` False: the laws are never combined and one is
    named (procurement). ``labels`` give words to what rules permit, require and forbid.
    """

    id: str
    area: str
    name: Words
    question: Words
    unit: str = ""
    mergeable: bool = True
    labels: Mapping[str, Words] = field(default_factory=dict)


@dataclass(frozen=True)
class Version:
    """What a rule says for a span of days (both included; None: no end is known), and when we recorded it."""

    demands: Demands
    text: Words
    source: str
    recorded: datetime
    certainty: Certainty = "seen"
    valid_from: date | None = None
    valid_to: date | None = None
    review: date | None = None

    @property
    def known(self) -> bool:
        """False where the rule is still to be asked for."""
        return bool(self.demands)

    def holds(self, day: date) -> bool:
        """Whether it is valid on that day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


@dataclass(frozen=True)
class LegalRule:
    """A member's rule on a subject in all its versions, oldest record first."""

    id: str
    subject: str
    member: str
    versions: tuple[Version, ...]
    retired: date | None = None  # last day on which it holds, whatever its versions say

    def held(self, day: date, known_at: datetime | None = None) -> Version | None:
        """The version that holds on a day: the one recorded last, by ``known_at`` where given."""
        if self.retired is not None and day > self.retired:
            return None
        fit = [v for v in self.versions if v.holds(day) and (known_at is None or v.recorded <= known_at)]
        return fit[-1] if fit else None


@dataclass(frozen=True)
class Recognition:
    """What is lawful in ``givers`` on a subject is accepted in ``takers``, from a day to another.

    ``conditions`` say where it stops ('emergencies only'). It runs one way; both ways takes both sides in
    both lists.
    """

    id: str
    subject: str
    givers: tuple[str, ...]
    takers: tuple[str, ...]
    article: str
    source: str
    since: date
    until: date | None = None
    conditions: Words = field(default_factory=dict)

    def covers(self, from_member: str, to_member: str, day: date) -> bool:
        """Whether it lets ``to_member`` accept what is lawful in ``from_member`` on that day."""
        in_time = self.since <= day and (self.until is None or day <= self.until)
        return in_time and from_member in self.givers and to_member in self.takers


@dataclass(frozen=True)
class NamedLaw:
    """How the agreement names the one law of a joint purchase, and each member as a buyer."""

    rule: LawRule | None
    buyers: tuple[Buyer, ...]


def recognised(
    recognitions: Iterable[Recognition], subject: str, from_member: str, to_member: str, day: date
) -> Recognition | None:
    """The agreement under which ``to_member`` accepts what is lawful in ``from_member``; None: there is none.

    A member always accepts what is lawful at home: asking for that is an error of the caller, and gives None.

    >>> crews = Recognition("r", "crews", ("nl",), ("be",), "M(2009)8", "benelux.int", date(2010, 2, 1))
    >>> recognised((crews,), "crews", "nl", "be", date(2026, 1, 1)).article
    'M(2009)8'
    >>> recognised((crews,), "crews", "be", "nl", date(2026, 1, 1)) is None
    True
    """
    if from_member == to_member:
        return None
    return next(
        (r for r in recognitions if r.subject == subject and r.covers(from_member, to_member, day)), None
    )


def add_subject(subject: Subject) -> Change[Subject] | Refusal:
    """A new line of the matrix."""
    if subject.area not in AREAS:
        return Refusal(
            "legal.area", "'{area}' is no area of the matrix; possible are {areas}.",
            {"area": subject.area, "areas": ", ".join(AREAS)},
        )  # fmt: skip
    if subject.area == PROCUREMENT and subject.mergeable:
        return Refusal(
            "legal.procurement",
            "procurement law is never merged (Article 39 of Directive 2014/24/EU): one law is named.",
        )
    body = {
        "area": subject.area, "name": dict(subject.name), "unit": subject.unit,
        "mergeable": subject.mergeable,
    }  # fmt: skip
    return Change(subject, (Entry("legal.subject-added", f"legal-subject/{subject.id}", body),))


def add_rule(
    id: str, subject: Subject, member: str, version: Version, others: Iterable[LegalRule] = ()
) -> Change[LegalRule] | Refusal:
    """A member's first rule on a subject. ``others`` are the rules already there on the subject."""
    for other in others:
        if other.member == member and other.subject == subject.id and other.retired is None:
            return Refusal(
                "legal.rule-there", "{member} has a rule on this subject already: amend it.",
                {"member": member}, "conflict",
            )  # fmt: skip
    wrong = version_fault(subject, version)
    if wrong is not None:
        return wrong
    rule = LegalRule(id, subject.id, member, (version,))
    return Change(rule, (_entry("legal.rule-added", rule, version),))


def amend_rule(rule: LegalRule, subject: Subject, version: Version) -> Change[LegalRule] | Refusal:
    """A new version, from a day on or in correction of what was recorded; earlier versions stay."""
    if rule.retired is not None:
        return _retired(rule)
    wrong = version_fault(subject, version)
    if wrong is not None:
        return wrong
    last = rule.versions[-1]
    if same(last.demands, version.demands) and replace(version, recorded=last.recorded) == last:
        return Refusal("legal.no-change", "this is what the rule says already.", cause="conflict")
    amended = replace(rule, versions=(*rule.versions, version))
    return Change(amended, (_entry("legal.rule-amended", amended, version),))


def retire_rule(rule: LegalRule, last_day: date, reason: str) -> Change[LegalRule] | Refusal:
    """The rule holds for the last time on that day."""
    if rule.retired is not None:
        return _retired(rule)
    if not reason.strip():
        return Refusal("legal.reason", "say why the rule ends, with the source.")
    body = {"member": rule.member, "subject": rule.subject, "last_day": last_day.isoformat(),
            "reason": reason.strip()}  # fmt: skip
    return Change(
        replace(rule, retired=last_day), (Entry("legal.rule-retired", f"legal-rule/{rule.id}", body),)
    )


def record_recognition(
    recognition: Recognition, subject: Subject, members: Iterable[str]
) -> Change[Recognition] | Refusal:
    """Note a recognition that members have agreed on; it needs an article and a source."""
    known = set(members)
    strangers = sorted({*recognition.givers, *recognition.takers} - known)
    if strangers:
        return Refusal(
            "legal.stranger", "there is no member '{member}'.", {"member": ", ".join(strangers)}, "missing"
        )
    pairs = [(g, t) for g in recognition.givers for t in recognition.takers if g != t]
    if not pairs:
        return Refusal("legal.one-side", "name at least one member that accepts and another it accepts from.")
    if not recognition.article.strip() or not recognition.source.strip():
        return Refusal("legal.source", "give the article that says so, and where it can be read.")
    if not subject.mergeable:
        return Refusal(
            "legal.procurement",
            "procurement law is never merged (Article 39 of Directive 2014/24/EU): one law is named.",
        )
    if recognition.until is not None and recognition.until < recognition.since:
        return _wrong_dates()
    body = {
        "subject": recognition.subject, "from": list(recognition.givers), "to": list(recognition.takers),
        "article": recognition.article, "source": recognition.source, "since": recognition.since.isoformat(),
        "until": recognition.until.isoformat() if recognition.until else None,
        "conditions": dict(recognition.conditions),
    }  # fmt: skip
    about = f"legal-recognition/{recognition.id}"
    return Change(recognition, (Entry("legal.recognition-recorded", about, body),))


def end_recognition(recognition: Recognition, last_day: date, reason: str) -> Change[Recognition] | Refusal:
    """The recognition holds for the last time on that day."""
    if not reason.strip():
        return Refusal("legal.reason", "say why the rule ends, with the source.")
    if last_day < recognition.since or (recognition.until is not None and recognition.until <= last_day):
        return _wrong_dates()
    body = {"last_day": last_day.isoformat(), "reason": reason.strip()}
    about = f"legal-recognition/{recognition.id}"
    return Change(replace(recognition, until=last_day), (Entry("legal.recognition-ended", about, body),))


def version_fault(subject: Subject, version: Version) -> Refusal | None:
    """Why a version can't stand in the matrix, or None."""
    if not version.source.strip():
        return Refusal(
            "legal.no-source", "a rule needs its source; where it is not known yet, say who is to be asked."
        )
    if version.valid_from and version.valid_to and version.valid_to < version.valid_from:
        return _wrong_dates()
    for demand in version.demands:
        if isinstance(demand, AtLeast | AtMost):
            if not subject.unit:
                return Refusal("legal.unit", "this subject has no unit, so a rule on it can't name a value.")
            continue
        named = demand.options if isinstance(demand, OneOf) else demand.items
        unknown = [n for n in named if n not in subject.labels]
        if unknown or not named:
            return Refusal(
                "legal.label", "'{item}' is nothing this subject knows; possible are {labels}.",
                {"item": ", ".join(unknown) or "-", "labels": ", ".join(subject.labels) or "-"},
            )  # fmt: skip
    return None


def _retired(rule: LegalRule) -> Refusal:
    assert rule.retired is not None
    return Refusal(
        "legal.retired", "this rule ended on {day}.", {"day": rule.retired.isoformat()}, "conflict"
    )


def _wrong_dates() -> Refusal:
    return Refusal("legal.dates", "the last day lies before the first, or after the end already agreed.")


def _entry(kind: str, rule: LegalRule, version: Version) -> Entry:
    def iso(day: date | None) -> str | None:
        return day.isoformat() if day else None

    body: dict[str, Any] = {
        "member": rule.member,
        "subject": rule.subject,
        "demands": plain(version.demands),
        "text": dict(version.text),
        "source": version.source,
        "certainty": version.certainty,
        "valid_from": iso(version.valid_from),
        "valid_to": iso(version.valid_to),
        "review": iso(version.review),
    }
    return Entry(kind, f"legal-rule/{rule.id}", body)
