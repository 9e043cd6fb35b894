"""Asking for a dataset, and the answer: granted as a dated rule, or refused with reason and article.

Also the purpose that somebody states before reading what a rule shows for a purpose only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact.sharing import Coarsening, Reader, Rules, SharingRule
from bothbanks.civic.compact.sharing_rules import RuleBook
from bothbanks.record.entries import Entry

Status = Literal["asked", "granted", "refused", "withdrawn"]
PURPOSE_LASTS = timedelta(hours=8)
"""A stated purpose holds for a working day; then it is stated anew, and recorded anew."""


@dataclass(frozen=True)
class Answer:
    """What the owner said, and by which article."""

    at: datetime
    by: str  # role@member
    article: str
    reason: str
    rule: str = ""


@dataclass(frozen=True)
class AccessRequest:
    """A member's request to see a dataset. Its words can be deleted; the answer's article stays on record."""

    id: str
    dataset: str
    member: str
    purpose: str
    until: datetime
    reason: str
    asked_at: datetime
    by: str  # role@member
    person: str
    status: Status = "asked"
    answer: Answer | None = None


@dataclass(frozen=True)
class PurposeStated:
    """Somebody said what they read a dataset for; ``until`` it counts."""

    id: str
    person: str
    dataset: str
    purpose: str
    at: datetime
    until: datetime


def ask(
    book: RuleBook, rules: Rules, request: AccessRequest, reader: Reader
) -> Change[AccessRequest] | Refusal:
    """Ask for a dataset that the asker can't see in full."""
    if book.dataset(request.dataset) is None:
        return _unknown(request.dataset)
    if request.purpose not in {p.id for p in book.purposes}:
        return Refusal("sharing.purpose-unknown", "name one of the purposes that the agreement knows.")
    if request.until <= request.asked_at:
        return Refusal("sharing.until-past", "the day until which it is wanted must lie ahead.")
    if not request.reason.strip():
        return Refusal("sharing.reason", "please give the reason in a sentence.")
    if rules.decide(request.dataset, reader, request.purpose, at=request.asked_at).full:
        return Refusal("sharing.seen-already", "you see this dataset in full already.")
    body = {
        "dataset": request.dataset,
        "member": request.member,
        "purpose": request.purpose,
        "until": request.until.isoformat(),
    }
    return Change(request, (_entry(request, "access-asked", body, {"reason": request.reason}),))


def grant(
    book: RuleBook,
    request: AccessRequest,
    answer: Answer,
    level: str,
    detail: Coarsening | None,
) -> tuple[Change[AccessRequest], SharingRule] | Refusal:
    """Grant it: the rule to be added to the book, for that member, purpose and time only."""
    refusal = _open_refused(request) or _ground_refused(answer)
    if refusal is not None:
        return refusal
    rule = SharingRule(
        id=answer.rule,
        datasets=(request.dataset,),
        readers=(f"member:{request.member}",),
        level=level,
        article=answer.article,
        since=answer.at,
        until=request.until,
        purposes=(request.purpose,),
        detail=detail,
        decision=f"sharing-request/{request.id}",
    )
    done = replace(request, status="granted", answer=answer)
    body = {"dataset": request.dataset, "member": request.member, "article": answer.article, "rule": rule.id}
    return Change(done, (_entry(done, "access-granted", body, {"reason": answer.reason}),)), rule


def refuse(request: AccessRequest, answer: Answer) -> Change[AccessRequest] | Refusal:
    """Refuse it, with the reason and the article: both are given, or there is no refusal."""
    refusal = _open_refused(request) or _ground_refused(answer)
    if refusal is not None:
        return refusal
    done = replace(request, status="refused", answer=answer)
    body = {"dataset": request.dataset, "member": request.member, "article": answer.article}
    return Change(done, (_entry(done, "access-refused", body, {"reason": answer.reason}),))


def withdraw(request: AccessRequest) -> Change[AccessRequest] | Refusal:
    """Take a request back before it is answered."""
    refusal = _open_refused(request)
    if refusal is not None:
        return refusal
    return Change(replace(request, status="withdrawn"), (_entry(request, "access-withdrawn", {}),))


def state_purpose(
    book: RuleBook, rules: Rules, stated: PurposeStated, reader: Reader, by: str
) -> Change[PurposeStated] | Refusal:
    """Say what a dataset is read for; recorded with the post (the record seals the person apart)."""
    if book.dataset(stated.dataset) is None:
        return _unknown(stated.dataset)
    if stated.purpose not in rules.purposes_that_help(stated.dataset, reader, at=stated.at):
        return Refusal("sharing.purpose-idle", "this purpose shows you no more of the dataset.")
    decision = rules.decide(stated.dataset, reader, stated.purpose, at=stated.at)
    body = {
        "dataset": stated.dataset,
        "purpose": stated.purpose,
        "by": by,
        "rule": decision.rule,
        "article": decision.article,
        "until": stated.until.isoformat(),
    }
    entry = Entry("sharing.purpose-stated", f"sharing/{stated.dataset}", body)
    return Change(stated, (entry,))


def _unknown(dataset: str) -> Refusal:
    return Refusal("sharing.unknown", "there is no dataset '{dataset}'.", {"dataset": dataset}, "missing")


def _open_refused(request: AccessRequest) -> Refusal | None:
    if request.status != "asked":
        return Refusal("sharing.answered", "this request has been answered already.", {}, "conflict")
    return None


def _ground_refused(answer: Answer) -> Refusal | None:
    if not answer.article or not answer.reason.strip():
        return Refusal("sharing.answer-ground", "an answer names the article it rests on, and the reason.")
    return None


def _entry(
    request: AccessRequest, kind: str, body: Mapping[str, object], private: Mapping[str, object] | None = None
) -> Entry:
    return Entry(f"sharing.{kind}", f"sharing-request/{request.id}", body, private)
