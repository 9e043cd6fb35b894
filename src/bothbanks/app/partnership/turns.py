"""Dates beside those of votes, duties, disputes and obstacles: whose turn it is, what to look at again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta

from bothbanks.app.partnership.desk import Reader
from bothbanks.civic.compact.deadlines import Deadline
from bothbanks.civic.compact.legal import LegalRule, Subject
from bothbanks.civic.compact.legal_matrix import due_for_review
from bothbanks.civic.compact.plans import Plan
from bothbanks.civic.compact.presidency import numbered
from bothbanks.civic.compact.sharing_openings import Opening
from bothbanks.civic.finance.claims_kept import KeptClaim, clock_of

TERMS = 4
"""Turns of the presidency shown ahead."""


def say(message: str) -> str:
    """Mark a sentence for the catalogues; it is translated where it is shown."""
    return message


def of_duties(reader: Reader) -> Iterable[Deadline]:
    """The coming turns of the presidency, and the reviews of contingency plans."""
    from bothbanks.app.partnership.plans import presidency, presiding

    turn = presidency(reader)
    if turn is not None:
        now = presiding(reader)
        first = 1 if now is None else now.number + 1
        for number in range(first, first + TERMS):
            term = numbered(turn, number)
            yield Deadline(
                f"presidency-{number}",
                term.begins,
                say("{member} takes over the presidency"),
                "/duties/presidency",
                term.member,
                turn.article,
                {"member": reader.region.members[term.member].name},
            )
    for kept in reader.all(Plan):
        yield Deadline(
            f"plan-review-{kept.id}",
            kept.state.review_due,
            say("Review of a plan is due: {title}"),
            f"/duties/plans/{kept.id}",
            article=kept.state.article,
            values={"title": kept.state.title},
        )


def of_sharing(reader: Reader) -> Iterable[Deadline]:
    """Ends of emergency openings, and the reviews that follow them."""
    for status, message in (
        ("open", say("Emergency opening ends: {datasets}")),
        ("closed", say("Review of an emergency opening is due: {datasets}")),
    ):
        for kept in reader.all(Opening, status=status):
            day = kept.state.until if status == "open" else kept.state.review_due
            if day is not None:
                yield Deadline(
                    f"opening-{kept.id}",
                    day,
                    message,
                    "/sharing/openings",
                    article=kept.state.article,
                    values={"datasets": ", ".join(kept.state.datasets)},
                )


def of_legal(reader: Reader) -> Iterable[Deadline]:
    """Rules of the legal matrix that are to be looked at again: all that are overdue or come within years."""
    names = {kept.id: kept.state.name for kept in reader.all(Subject)}
    rules = [kept.state for kept in reader.all(LegalRule) if not kept.state.retired]
    today = reader.at.date()
    ahead = date.max if today.year > date.max.year - 10 else today + timedelta(days=3653)
    for due in due_for_review(rules, today, ahead):
        yield Deadline(
            f"legal-{due.rule}",
            due.review,
            say("Law to be looked at again: {subject}"),
            f"/legal/{due.subject}",
            due.member,
            values={"subject": names.get(due.subject, {"und": due.subject})},
        )


def of_money(reader: Reader) -> Iterable[Deadline]:
    """Clocks of claims: evidence, seating the panel, its decision."""
    messages = {
        "evidence": say("Evidence of a claim closes"),
        "panel": say("Panel of a claim is to be seated"),
        "decision": say("Decision on a claim is due"),
    }
    for kept in reader.all(KeptClaim):
        running = clock_of(kept.state)
        if running is not None:
            claim = kept.state.claim
            yield Deadline(
                f"claim-{kept.id}-{running[1]}",
                running[0],
                messages[running[1]],
                f"/money/claims/{kept.id}",
                claim.claimant,
                claim.route.article,
            )


DEADLINES: Mapping[str, Callable[[Reader], Iterable[Deadline]]] = {
    "duties": of_duties,
    "sharing": of_sharing,
    "legal": of_legal,
    "money": of_money,
}
