"""Emergency openings: data shown at once to those who act, recorded, closed by the clock, reviewed later.

A first opening needs one person. Opening the same again soon is a renewal and needs a second person of
another member (or of the whole partnership). Beyond the longest time in all, only a vote opens. So nobody
keeps data open by repeating themselves, and nobody is kept waiting when the water rises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact.roles import Actor
from bothbanks.civic.compact.sharing import Opened
from bothbanks.civic.compact.sharing_rules import EmergencyTerms, RuleBook
from bothbanks.record.entries import Entry

Status = Literal["asked", "open", "closed", "reviewed"]
LEAST_WORDS = 10
"""Letters that a reason has at least."""


@dataclass(frozen=True)
class Review:
    """What those who looked at it afterwards found."""

    at: datetime
    by: str  # role@member
    person: str
    needed: bool
    words: str


@dataclass(frozen=True)
class Opening:
    """An emergency opening from asking to its review. Persons and the reason can be deleted."""

    id: str
    datasets: tuple[str, ...]
    areas: tuple[str, ...]
    readers: tuple[str, ...]
    article: str
    hours: int
    asked_at: datetime
    by: str  # role@member
    person: str
    reason: str
    status: Status
    since: datetime | None = None
    until: datetime | None = None
    renews: str = ""
    vote: str = ""
    second_by: str = ""
    second_person: str = ""
    review_due: datetime | None = None
    review: Review | None = None
    review_late: bool = False

    def opened(self) -> Opened | None:
        """As the gate sees it: nothing before it is opened."""
        if self.since is None or self.until is None:
            return None
        return Opened(self.id, self.datasets, self.areas, self.readers, self.article, self.since, self.until)

    def in_force(self, at: datetime) -> bool:
        """Whether it shows data at that moment; the clock closes it, whether or not anybody looks."""
        found = self.opened()
        return found is not None and found.in_force(at)

    def touches(self, datasets: Sequence[str], areas: Sequence[str]) -> bool:
        """Whether it is about some of the same: a dataset, in an area (none named: everywhere)."""
        same_place = not self.areas or not areas or bool(set(self.areas) & set(areas))
        return bool(set(self.datasets) & set(datasets)) and same_place


@dataclass(frozen=True)
class AskedOpening:
    """What somebody asks to open."""

    id: str
    datasets: tuple[str, ...]
    areas: tuple[str, ...]
    hours: int
    reason: str
    vote: str = ""
    """A vote that carried it, where the agreement asks for one; whether it did is checked by the caller."""


def open_now(
    book: RuleBook, earlier: Sequence[Opening], asked: AskedOpening, actor: Actor, by: str, at: datetime
) -> Change[Opening] | Refusal:
    """Open at once; a renewal waits for a second person instead. ``earlier`` are all openings there were."""
    terms = book.emergency
    if terms is None:
        return Refusal("sharing.no-emergency", "the agreement has no article on opening data in emergencies.")
    refusal = _form_refused(book, terms, asked)
    if refusal is not None:
        return refusal
    before = [o for o in earlier if o.touches(asked.datasets, asked.areas)]
    if any(o.status == "asked" for o in before):
        return Refusal(
            "sharing.opening-asked",
            "a renewal of the same waits for a second person already.",
            {},
            "conflict",
        )
    recent = [o for o in before if _ended_after(o, at - timedelta(hours=terms.pause_hours))]
    used = hours_used(before, at, terms)
    if used + asked.hours > terms.longest_in_all_hours and not asked.vote:
        return Refusal(
            "sharing.opening-vote",
            "the same has been open for {used} of the last {window} hours. The agreement allows {most}; "
            "to open it for longer, vote on it.",
            {"used": used, "window": terms.window_hours, "most": terms.longest_in_all_hours},
        )
    made = Opening(
        id=asked.id,
        datasets=asked.datasets,
        areas=asked.areas,
        readers=terms.readers,
        article=terms.article,
        hours=asked.hours,
        asked_at=at,
        by=by,
        person=actor.person,
        reason=asked.reason.strip(),
        status="asked",
        renews=recent[-1].id if recent else "",
        vote=asked.vote,
    )
    if recent and not asked.vote:
        return Change(made, (_entry(made, "opening-asked", private={"reason": made.reason}),))
    return _opens(made, terms, at)


def confirm(
    book: RuleBook, opening: Opening, actor: Actor, by: str, at: datetime
) -> Change[Opening] | Refusal:
    """A second person of another member (or of the whole partnership) agrees to a renewal: it opens now."""
    terms = book.emergency
    if terms is None or opening.status != "asked":
        return Refusal("sharing.opening-not-asked", "this opening does not wait for a second person.")
    if actor.person == opening.person:
        return Refusal(
            "sharing.opening-same-person", "somebody else has to agree to a renewal.", {}, "forbidden"
        )
    first = opening.by.partition("@")[2]
    if not any(m.role in terms.openers and m.member != first for m in actor.mandates):
        return Refusal(
            "sharing.opening-same-member",
            "somebody of another member, or of the whole partnership, has to agree to a renewal.",
            {},
            "forbidden",
        )
    return _opens(replace(opening, second_by=by, second_person=actor.person), terms, at)


def close(opening: Opening, book: RuleBook, at: datetime, by: str = "clock") -> Change[Opening] | Refusal:
    """Close it: by the clock at its end, or earlier by hand. The review becomes due."""
    if opening.status == "asked" and by != "clock":
        shut = replace(opening, status="reviewed")
        return Change(shut, (_entry(shut, "opening-withdrawn", extra={"by": by}),))
    if opening.status != "open" or opening.until is None:
        return Refusal("sharing.opening-closed", "this opening is closed already.", {}, "conflict")
    end = min(opening.until, at)
    days = book.emergency.review_days if book.emergency else 0
    shut = replace(opening, status="closed", until=end, review_due=end + timedelta(days=days))
    due = {"until": end.isoformat(), "by": by, "review_due": _iso(shut.review_due)}
    return Change(shut, (_entry(shut, "opening-closed", extra=due),))


def review(
    opening: Opening, terms: EmergencyTerms, needed: bool, words: str, actor: Actor, by: str, at: datetime
) -> Change[Opening] | Refusal:
    """Somebody who had no hand in it says whether it was needed."""
    if opening.status != "closed":
        return Refusal("sharing.review-early", "an opening is reviewed once, after it has closed.")
    if actor.person in (opening.person, opening.second_person):
        return Refusal(
            "sharing.review-own",
            "whoever opened or renewed it can't review it.",
            {},
            "forbidden",
        )
    if not actor.holds(terms.reviewers):
        return Refusal("sharing.review-role", "your roles do not allow this review.", {}, "forbidden")
    if len(words.strip()) < LEAST_WORDS:
        return Refusal("sharing.reason", "please give the reason in a sentence.")
    done = replace(opening, status="reviewed", review=Review(at, by, actor.person, needed, words.strip()))
    extra = {"needed": needed, "by": by, "late": bool(opening.review_due and at > opening.review_due)}
    return Change(done, (_entry(done, "opening-reviewed", extra=extra, private={"words": words.strip()}),))


def note_late_review(opening: Opening, at: datetime) -> Change[Opening] | None:
    """The record's word that a review is overdue, once; None where it isn't."""
    if opening.status != "closed" or opening.review_late or opening.review_due is None:
        return None
    if at <= opening.review_due:
        return None
    late = replace(opening, review_late=True)
    return Change(late, (_entry(late, "review-late", extra={"review_due": _iso(opening.review_due)}),))


def hours_used(same: Sequence[Opening], at: datetime, terms: EmergencyTerms) -> int:
    """Hours (begun ones count) that openings of the same took up in the window before ``at``, or will yet."""
    start = at - timedelta(hours=terms.window_hours)
    seconds = sum(
        (o.until - max(o.since, start)).total_seconds()
        for o in same
        if o.since is not None and o.until is not None and o.until > start
    )
    return int(-(-seconds // 3600))


def _form_refused(book: RuleBook, terms: EmergencyTerms, asked: AskedOpening) -> Refusal | None:
    if not asked.datasets:
        return Refusal("sharing.opening-nothing", "name at least one dataset to open.")
    for name in asked.datasets:
        if book.dataset(name) is None:
            return Refusal(
                "sharing.unknown", "there is no dataset '{dataset}'.", {"dataset": name}, "missing"
            )
    if not 1 <= asked.hours <= terms.longest_hours:
        return Refusal(
            "sharing.opening-hours",
            "an opening lasts from 1 to {most} hours.",
            {"most": terms.longest_hours},
        )
    if len(asked.reason.strip()) < LEAST_WORDS:
        return Refusal("sharing.reason", "please give the reason in a sentence.")
    return None


def _opens(opening: Opening, terms: EmergencyTerms, at: datetime) -> Change[Opening]:
    until = at + timedelta(hours=opening.hours)
    opened = replace(
        opening,
        status="open",
        since=at,
        until=until,
        review_due=until + timedelta(days=terms.review_days),
    )
    return Change(opened, (_entry(opened, "emergency-opened", private={"reason": opened.reason}),))


def _ended_after(opening: Opening, moment: datetime) -> bool:
    return opening.until is not None and opening.until > moment


def _entry(
    opening: Opening,
    kind: str,
    extra: Mapping[str, object] | None = None,
    private: Mapping[str, object] | None = None,
) -> Entry:
    body = {
        "datasets": list(opening.datasets),
        "areas": list(opening.areas),
        "readers": list(opening.readers),
        "article": opening.article,
        "since": _iso(opening.since),
        "until": _iso(opening.until),
        "opened_by": opening.by,
        "seconded_by": opening.second_by,
        "renews": opening.renews,
        "vote": opening.vote,
        "review_due": _iso(opening.review_due),
        **(extra or {}),
    }
    return Entry(f"sharing.{kind}", f"sharing-opening/{opening.id}", body, private)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
