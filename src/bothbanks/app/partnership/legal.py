"""The legal matrix: add, amend and retire rules, record recognitions; and what others ask of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from bothbanks.app.partnership.commands import Command
from bothbanks.app.partnership.desk import Desk, Done, Reader
from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact import legal
from bothbanks.civic.compact.legal import (
    Certainty,
    LegalRule,
    NamedLaw,
    Recognition,
    Subject,
    Version,
)
from bothbanks.civic.compact.legal_demands import AtLeast, AtMost, Demands, Forbids, OneOf, Requires
from bothbanks.record.entries import Entry
from bothbanks.store.interface import Kept, MissingError

if TYPE_CHECKING:
    from bothbanks.app.partnership.opening import Opening

LAW = "procurement"
Value = Annotated[str, Field(pattern=r"^-?\d{1,15}(\.\d{1,9}|/[1-9]\d{0,8})?$")]
"""An exact number as text: '140000', '2.5' or '1/3'."""
DemandKind = Literal["not-known", "at-least", "at-most", "one-of", "requires", "forbids"]


@dataclass(frozen=True)
class AddRule:
    """Enter what a member's law asks on a subject."""

    subject: str
    member: str
    kind: DemandKind
    text: str
    source: str
    value: Value | None = None
    items: tuple[str, ...] = ()
    certainty: Certainty = "seen"
    valid_from: date | None = None
    valid_to: date | None = None
    review: date | None = None


def add_rule(desk: Desk, command: AddRule) -> Done | Refusal:
    """The first rule of a member on a subject."""
    subject = desk.load(Subject, command.subject).state
    version = _version(desk, command)
    if isinstance(version, Refusal):
        return version
    others = [k.state for k in desk.all(LegalRule, parent=subject.id, owner=command.member)]
    id = desk.new_id()
    change = legal.add_rule(id, subject, command.member, version, others)
    if isinstance(change, Refusal):
        return change
    desk.keep(id, change, None)
    return Done(f"legal-rule/{id}", {"rule": id})


@dataclass(frozen=True)
class AmendRule:
    """Enter a new version of a rule, from a day on or in correction."""

    rule: str
    member: str
    kind: DemandKind
    text: str
    source: str
    value: Value | None = None
    items: tuple[str, ...] = ()
    certainty: Certainty = "seen"
    valid_from: date | None = None
    valid_to: date | None = None
    review: date | None = None
    version: int | None = None


def amend_rule(desk: Desk, command: AmendRule) -> Done | Refusal:
    """What the rule said before stays and can be asked for by day."""
    kept = _own_rule(desk, command.rule, command.member, command.version)
    if isinstance(kept, Refusal):
        return kept
    version = _version(desk, command)
    if isinstance(version, Refusal):
        return version
    change = legal.amend_rule(kept.state, desk.load(Subject, kept.state.subject).state, version)
    if isinstance(change, Refusal):
        return change
    desk.keep(kept.id, change, kept)
    return Done(f"legal-rule/{kept.id}")


@dataclass(frozen=True)
class RetireRule:
    """End a rule on a day."""

    rule: str
    member: str
    last_day: date
    reason: str
    version: int | None = None


def retire_rule(desk: Desk, command: RetireRule) -> Done | Refusal:
    """It holds for the last time on that day."""
    kept = _own_rule(desk, command.rule, command.member, command.version)
    if isinstance(kept, Refusal):
        return kept
    change = legal.retire_rule(kept.state, command.last_day, command.reason)
    if isinstance(change, Refusal):
        return change
    desk.keep(kept.id, change, kept)
    return Done(f"legal-rule/{kept.id}")


@dataclass(frozen=True)
class RecordRecognition:
    """Note an agreement by which members accept what is lawful in others."""

    subject: str
    givers: tuple[str, ...]
    takers: tuple[str, ...]
    article: str
    source: str
    since: date
    until: date | None = None
    conditions: str = ""


def record_recognition(desk: Desk, command: RecordRecognition) -> Done | Refusal:
    """It closes the conflict from its first day on, one way."""
    subject = desk.load(Subject, command.subject).state
    id = desk.new_id()
    conditions = {desk.region.languages[0]: command.conditions} if command.conditions.strip() else {}
    recognition = Recognition(
        id, subject.id, command.givers, command.takers, command.article.strip(), command.source.strip(),
        command.since, command.until, conditions,
    )  # fmt: skip
    change = legal.record_recognition(recognition, subject, desk.region.members)
    if isinstance(change, Refusal):
        return change
    desk.keep(id, change, None)
    return Done(f"legal-recognition/{id}", {"recognition": id})


@dataclass(frozen=True)
class EndRecognition:
    """End a recognition on a day."""

    recognition: str
    last_day: date
    reason: str


def end_recognition(desk: Desk, command: EndRecognition) -> Done | Refusal:
    """It holds for the last time on that day."""
    kept = desk.load(Recognition, command.recognition)
    change = legal.end_recognition(kept.state, command.last_day, command.reason)
    if isinstance(change, Refusal):
        return change
    desk.keep(kept.id, change, kept)
    return Done(f"legal-recognition/{kept.id}")


def recognised(
    reader: Reader, subject: str, from_member: str, to_member: str, day: date
) -> Recognition | None:
    """The agreement under which ``to_member`` accepts what is lawful in ``from_member``, or None."""
    held = (k.state for k in reader.all(Recognition, parent=subject))
    return legal.recognised(held, subject, from_member, to_member, day)


def named_law(reader: Reader) -> NamedLaw | None:
    """How the agreement names the law of joint purchases; None where the folder says nothing of it."""
    try:
        return reader.load(NamedLaw, LAW).state
    except MissingError:
        return None


def opening(desk: Desk, opened: Opening) -> None:
    """The matrix of ``compact/legal.toml``, and the law that ``finance/procurement.toml`` names."""
    from bothbanks.region.compact.legal import LegalSettings

    _open_law(desk, opened)
    settings = opened.region.compact.get("legal")
    if not isinstance(settings, LegalSettings):
        return
    for found in settings.subjects:
        subject = legal.add_subject(found.subject())
        if isinstance(subject, Change):
            desk.keep(found.id, subject, None)
    for subject_, rule in settings.all_rules(desk.at):
        first, *later = rule.versions
        change = legal.add_rule(rule.id, subject_, rule.member, first)
        for version in later:
            if isinstance(change, Change):
                amended = legal.amend_rule(change.state, subject_, version)
                if isinstance(amended, Change):
                    change = Change(amended.state, (*change.entries, *amended.entries))
        if isinstance(change, Change):
            desk.keep(rule.id, change, None)
    by_id = {s.id: s.subject() for s in settings.subjects}
    for noted in settings.recognitions:
        agreed = legal.record_recognition(noted.recognition(), by_id[noted.subject], desk.region.members)
        if isinstance(agreed, Change):
            desk.keep(noted.id, agreed, None)


def _open_law(desk: Desk, opened: Opening) -> None:
    from bothbanks.region.finance.procurement import ProcurementSettings
    from bothbanks.region.finance.purchases import buyer_of, rule_of

    settings = opened.region.finance.get("procurement")
    if not isinstance(settings, ProcurementSettings):
        return
    rule = rule_of(settings.law, settings.language) if settings.law else None
    law = NamedLaw(rule, tuple(buyer_of(settings, m) for m in opened.region.members))
    body = {
        "basis": rule.basis if rule else None, "rule": rule.rule if rule else None,
        "agreement": rule.agreement if rule else None, "regimes": {b.id: b.regime for b in law.buyers},
    }  # fmt: skip
    desk.keep(LAW, Change(law, (Entry("legal.law-named", f"legal-law/{LAW}", body),)), None)


def _version(desk: Desk, command: AddRule | AmendRule) -> Version | Refusal:
    demands = _demands(command)
    if isinstance(demands, Refusal):
        return demands
    language = desk.region.members[command.member].languages[0]
    text = {language: command.text.strip()} if command.text.strip() else {}
    return Version(
        demands, text, command.source.strip(), desk.at, command.certainty, command.valid_from,
        command.valid_to, command.review,
    )  # fmt: skip


def _demands(command: AddRule | AmendRule) -> Demands | Refusal:
    if command.kind == "not-known":
        return ()
    if command.kind in ("at-least", "at-most"):
        if command.value is None:
            return Refusal("legal.value", "give the least or the greatest value, in the subject's unit.")
        return ((AtLeast if command.kind == "at-least" else AtMost)(Fraction(command.value)),)
    kinds = {"one-of": OneOf, "requires": Requires, "forbids": Forbids}
    return (kinds[command.kind](command.items),)


def _own_rule(desk: Desk, rule: str, member: str, version: int | None) -> Kept[LegalRule] | Refusal:
    """The rule, if it is the member's that the step speaks for."""
    kept = desk.load(LegalRule, rule)
    if kept.state.member != member:
        return Refusal(
            "legal.other-member", "this is a rule of {member}: only it or the secretariat changes it.",
            {"member": kept.state.member}, "forbidden",
        )  # fmt: skip
    if version is not None and version != kept.version:
        return Refusal(
            "store.conflict",
            "someone else changed this first. Look at it as it now stands, and decide again.",
            cause="conflict",
        )
    return kept


COMMANDS = (
    Command("legal.add-rule", AddRule, add_rule, legal.MATRIX_RIGHT),
    Command("legal.amend-rule", AmendRule, amend_rule, legal.MATRIX_RIGHT),
    Command("legal.retire-rule", RetireRule, retire_rule, legal.MATRIX_RIGHT),
    Command("legal.record-recognition", RecordRecognition, record_recognition, legal.RECOGNITION_RIGHT),
    Command("legal.end-recognition", EndRecognition, end_recognition, legal.RECOGNITION_RIGHT),
)
