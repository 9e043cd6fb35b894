"""How a text becomes binding: draft, comments, revised draft, vote, signatures, adoption, in force, repeal.

Every step gives the agreement after it and what the record keeps, or a refusal. A text once adopted is never
changed: an amendment is a new version, and so is a folder whose text differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Literal

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact.agreement import AgreementText
from bothbanks.civic.compact.agreement_state import (
    ADOPTED,
    CARRIED,
    DRAFT,
    IN_FORCE,
    REJECTED,
    SUPERSEDED,
    VOTING,
    WITHDRAWN,
    Agreement,
    Comment,
    Signature,
    Version,
    VersionStatus,
    text_sha256,
)
from bothbanks.record.entries import Entry

Step = Change[Agreement] | Refusal


def subject(agreement: str) -> str:
    """How the record names an agreement."""
    return f"agreement/{agreement}"


def _entry(what: str, agreement: str, version: Version, **more: object) -> Entry:
    body = {"version": version.number, "text_sha256": text_sha256(version.text), **more}
    return Entry(f"agreement.{what}", subject(agreement), body)


def _with(agreement: Agreement, version: Version) -> Agreement:
    found = tuple(version if v.number == version.number else v for v in agreement.versions)
    return replace(agreement, versions=found)


def _missing(number: int) -> Refusal:
    return Refusal("agreement.no-version", "there is no version {number}.", {"number": number}, "missing")


def _found(agreement: Agreement, number: int, status: VersionStatus) -> Version | Refusal:
    """The version of that number where it has that status."""
    if number not in {v.number for v in agreement.versions}:
        return _missing(number)
    version = agreement.version(number)
    if version.status != status:
        return Refusal(
            "agreement.status",
            "version {number} is '{found}'; this step needs it to be '{wanted}'.",
            {"number": number, "found": version.status, "wanted": status},
            "conflict",
        )
    return version


def _backdated(day: date, today: date) -> Refusal:
    return Refusal(
        "agreement.backdated",
        "{day} is before today, {today}: no text holds before it is adopted.",
        {"day": day.isoformat(), "today": today.isoformat()},
    )


def propose(
    agreement: Agreement | None, identifier: str, text: AgreementText, at: datetime, reason: str = ""
) -> Step:
    """A new draft: the first text, or an amendment of the version adopted last."""
    if agreement is None:
        first = Version(1, text, at, DRAFT, reason)
        return Change(Agreement(identifier, (first,)), (_entry("proposed", identifier, first, base=None),))
    if agreement.open is not None:
        return Refusal(
            "agreement.draft-open",
            "version {number} is still on its way; revise or withdraw it first.",
            {"number": agreement.open.number},
            "conflict",
        )
    base = agreement.binding
    if base is not None and base.text == text:
        return Refusal(
            "agreement.unchanged", "the text says what version {number} says.", {"number": base.number}
        )
    made = Version(agreement.next_number, text, at, DRAFT, reason, base.number if base is not None else None)
    return Change(
        replace(agreement, versions=(*agreement.versions, made)),
        (_entry("proposed", agreement.id, made, base=made.base),),
    )


def revise(agreement: Agreement, number: int, text: AgreementText, at: datetime, reason: str = "") -> Step:
    """A draft replaced by a better one; the earlier draft stays to be compared with."""
    old = _found(agreement, number, DRAFT)
    if isinstance(old, Refusal):
        return old
    if old.text == text:
        return Refusal("agreement.unchanged", "the text says what version {number} says.", {"number": number})
    made = Version(agreement.next_number, text, at, DRAFT, reason, old.base)
    kept = _with(agreement, replace(old, status=SUPERSEDED))
    return Change(
        replace(kept, versions=(*kept.versions, made)),
        (_entry("revised", agreement.id, made, replaces=number),),
    )


def withdraw(agreement: Agreement, number: int) -> Step:
    """A draft given up."""
    old = _found(agreement, number, DRAFT)
    if isinstance(old, Refusal):
        return old
    gone = replace(old, status=WITHDRAWN)
    return Change(_with(agreement, gone), (_entry("withdrawn", agreement.id, gone),))


def put_to_vote(agreement: Agreement, number: int, vote: str, open_comments: int) -> Step:
    """A draft on which nothing is left to say or to translate goes to the vote.

    Refused while a comment is open, or while an article lacks one of the equally authentic languages.
    """
    draft = _found(agreement, number, DRAFT)
    if isinstance(draft, Refusal):
        return draft
    if draft.text.untranslated:
        listed = ", ".join(f"{article} ({code})" for article, code in draft.text.untranslated)
        return Refusal(
            "agreement.untranslated",
            "these articles are not written or checked in every language: {listed}.",
            {"listed": listed},
        )
    if open_comments:
        return Refusal(
            "agreement.comments-open",
            "{count} comments have no answer yet.",
            {"count": open_comments},
        )
    sent = replace(draft, status=VOTING, vote=vote)
    return Change(_with(agreement, sent), (_entry("put-to-vote", agreement.id, sent, vote=vote),))


def settle(agreement: Agreement, number: int, vote: str, carried: bool) -> Step:
    """What the vote came to: the version is carried, or rejected."""
    version = _found(agreement, number, VOTING)
    if isinstance(version, Refusal):
        return version
    if vote != version.vote:
        return Refusal(
            "agreement.other-vote",
            "version {number} was put to another vote.",
            {"number": number},
        )
    settled = replace(version, status=CARRIED if carried else REJECTED)
    return Change(
        _with(agreement, settled),
        (_entry("carried" if carried else "rejected", agreement.id, settled, vote=vote),),
    )


def sign(
    agreement: Agreement,
    number: int,
    member: str,
    day: date,
    how: Literal["signature", "ratification"],
    today: date,
) -> Step:
    """A member signs or ratifies a version that was carried."""
    version = _found(agreement, number, CARRIED)
    if isinstance(version, Refusal):
        return version
    if member not in version.text.members:
        return Refusal("agreement.no-party", "{member} is no party to this text.", {"member": member})
    if member not in version.unsigned:
        return Refusal("agreement.signed", "{member} has already signed.", {"member": member}, "conflict")
    if day > today:
        return Refusal("agreement.future-day", "{day} has not come yet.", {"day": day.isoformat()})
    signed = replace(version, signatures=(*version.signatures, Signature(member, day, how)))
    entry = _entry("signed", agreement.id, signed, member=member, day=day.isoformat(), how=how)
    return Change(_with(agreement, signed), (entry,))


def adopt(
    agreement: Agreement,
    number: int,
    in_force: date,
    today: date,
    apart: Mapping[str, date] | None = None,
) -> Step:
    """Adopt a carried version that every member has signed, and say from which day it holds.

    ``apart`` names articles whose change applies from a later day. Nothing holds before the day of adoption,
    for what happened earlier is governed by the text of that time.
    """
    version = _found(agreement, number, CARRIED)
    if isinstance(version, Refusal):
        return version
    if version.unsigned:
        return Refusal(
            "agreement.unsigned",
            "these members have neither signed nor ratified: {members}.",
            {"members": ", ".join(version.unsigned)},
        )
    days = dict(apart or {})
    base = agreement.version(version.base).text.ids if version.base is not None else frozenset()
    unknown = sorted(set(days) - version.text.ids - base)
    if unknown:
        return Refusal(
            "agreement.no-article", "there is no article {article}.", {"article": unknown[0]}, "missing"
        )
    if in_force < today:
        return _backdated(in_force, today)
    early = sorted(article for article, day in days.items() if day < in_force)
    if early:
        return Refusal(
            "agreement.early-article",
            "{article} can't apply before the text as a whole, which holds from {day}.",
            {"article": early[0], "day": in_force.isoformat()},
        )
    status: VersionStatus = IN_FORCE if in_force <= today else ADOPTED
    adopted = replace(version, status=status, adopted=today, in_force=in_force, apart=days)
    more = {"in_force": in_force.isoformat(), "apart": {k: d.isoformat() for k, d in sorted(days.items())}}
    return Change(_with(agreement, adopted), (_entry("adopted", agreement.id, adopted, **more),))


def enter_into_force(agreement: Agreement, today: date) -> Change[Agreement] | None:
    """Note that the day of an adopted version has come; None where there is none."""
    due = [
        v
        for v in agreement.versions
        if v.status == ADOPTED and v.in_force is not None and v.in_force <= today
    ]
    if not due:
        return None
    entries = []
    for version in due:
        now = replace(version, status=IN_FORCE)
        agreement = _with(agreement, now)
        entries.append(_entry("in-force", agreement.id, now, since=str(now.in_force)))
    return Change(agreement, tuple(entries))


def repeal(agreement: Agreement, day: date, today: date, vote: str, carried: bool) -> Step:
    """End the agreement from a day, by a vote that was carried."""
    if agreement.binding is None:
        return Refusal("agreement.none-binding", "no text has been adopted yet.")
    if agreement.repealed is not None:
        return Refusal(
            "agreement.repealed",
            "it already ends on {day}.",
            {"day": agreement.repealed.isoformat()},
            "conflict",
        )
    if not carried:
        return Refusal("agreement.not-carried", "the vote was not carried.")
    if day < today:
        return _backdated(day, today)
    entry = _entry("repealed", agreement.id, agreement.binding, day=day.isoformat(), vote=vote)
    return Change(replace(agreement, repealed=day), (entry,))


def already_in_force(
    identifier: str, text: AgreementText, at: datetime, signed: Mapping[str, date], in_force: date
) -> Change[Agreement]:
    """An agreement that was in force before the service began, taken over from the folder."""
    signatures = tuple(Signature(m, day, "signature") for m, day in signed.items())
    version = Version(
        1,
        text,
        at,
        IN_FORCE if in_force <= at.date() else ADOPTED,
        signatures=signatures,
        adopted=max(signed.values(), default=in_force),
        in_force=in_force,
    )
    entry = _entry(
        "taken-over",
        identifier,
        version,
        in_force=in_force.isoformat(),
        signed={m: day.isoformat() for m, day in signed.items()},
    )
    return Change(Agreement(identifier, (version,)), (entry,))


def comment(
    agreement: Agreement,
    number: int,
    article: str,
    language: str,
    words: str,
    role: str,
    member: str,
    at: datetime,
    identifier: str,
) -> Change[Comment] | Refusal:
    """Say something on an article of a draft in a language. The words stay deletable."""
    draft = _found(agreement, number, DRAFT)
    if isinstance(draft, Refusal):
        return draft
    if article and article not in draft.text.ids:
        return Refusal(
            "agreement.no-article", "there is no article {article}.", {"article": article}, "missing"
        )
    if language not in draft.text.languages:
        return Refusal(
            "agreement.no-language", "the text has no version in '{language}'.", {"language": language}
        )
    if not words.strip():
        return Refusal("agreement.no-words", "the comment is empty.")
    made = Comment(agreement.id, number, article, language, words.strip(), role, member, at)
    body = {"version": number, "article": article, "language": language, "comment": identifier}
    entry = Entry("agreement.commented", subject(agreement.id), body, {"words": made.words})
    return Change(made, (entry,))


def answer(said: Comment, identifier: str, words: str, at: datetime) -> Change[Comment] | Refusal:
    """Answer a comment, which resolves it."""
    if said.status != "open":
        return Refusal("agreement.answered", "the comment has been answered.", cause="conflict")
    if not words.strip():
        return Refusal("agreement.no-words", "the comment is empty.")
    done = replace(said, status="resolved", answer=words.strip(), answered=at)
    body = {"version": said.version, "article": said.article, "comment": identifier, "answer": done.answer}
    return Change(done, (Entry("agreement.comment-answered", subject(said.agreement), body),))
