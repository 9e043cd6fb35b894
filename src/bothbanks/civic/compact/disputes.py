"""Disputes: talks, mediation, panel, arbitration, each with its clock, each step on the record.

    talks -> mediation -> panel (seated, decided) -> arbitration (decided)
      `---------`-----------`-> settled, once every party agrees; withdrawn, by the claimant

A stage that runs out passes to the next one by itself; what is overdue in the last one is named. Nothing
here reads a clock: every step is given its instant, and catches up first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact.disputes_state import (
    BY_PRESIDENCY,
    CHAIR,
    DECIDED,
    OPEN,
    PANEL,
    SETTLED,
    WITHDRAWN,
    Dispute,
    Judgement,
    Paper,
    Procedure,
    Seat,
    SubjectKind,
    clock_of,
)
from bothbanks.civic.compact.duties import is_sha256, told
from bothbanks.civic.compact.duties_calendar import WorkCalendar
from bothbanks.record.entries import Entry

Outcome = Change[Dispute] | Refusal


def begin(
    id: str,
    procedure: Procedure,
    calendar: WorkCalendar,
    claimant: str,
    respondents: tuple[str, ...],
    about: tuple[SubjectKind, str],
    words: str,
    at: datetime,
) -> Outcome:
    """Open a dispute about a duty, a payment, a measurement or an article, between two members or more."""
    if not respondents or claimant in respondents or len(set(respondents)) < len(respondents):
        return Refusal(
            "disputes.parties",
            "a dispute is between two members or more; name each once, the claimant first.",
        )
    if not about[1].strip():
        return Refusal("disputes.subject", "name what the dispute is about: the identifier of the {kind}.",
                       {"kind": about[0]})  # fmt: skip
    if not words.strip():
        return _reason()
    dispute = Dispute(
        id, procedure, claimant, respondents, about[0], about[1], words, calendar, at, 0, at, last=at
    )
    body = {
        "claimant": claimant,
        "respondents": list(respondents),
        "about": about[0],
        "subject": about[1],
        "words": words,
        "article": procedure.article,
    }
    return Change(dispute, (_entry(dispute, "opened", at, body),))


def catch_up(dispute: Dispute, until: datetime) -> Change[Dispute]:
    """Everything the clock does up to and with an instant, each at its own instant, once."""
    entries: list[Entry] = []
    while (due := clock_of(dispute)) is not None and due[0] <= until:
        at, what = due
        if what == "moved-on":
            left = dispute.at_stage.name
            dispute = replace(dispute, stage=dispute.stage + 1, stage_since=at)
            entries.append(_entry(dispute, "moved-on", at, {"from": left, "to": dispute.at_stage.name}))
        else:
            dispute = replace(dispute, overdue=(*dispute.overdue, what))
            entries.append(_entry(dispute, "overdue", at, {"what": what}))
    return Change(dispute, tuple(entries))


def add_paper(dispute: Dispute, paper: Paper) -> Outcome:
    """A party or the panel adds a document, by its hash."""
    if paper.by not in (*dispute.parties, PANEL):
        return _not_a_party(dispute, paper.by)
    if not is_sha256(paper.sha256):
        return Refusal(
            "disputes.paper", "'{given}' is no SHA-256; give the 64 hexadecimal digits of the document.",
            {"given": paper.sha256},
        )  # fmt: skip
    if paper.sha256 in {p.sha256 for p in dispute.papers}:
        return Refusal("disputes.paper-twice", "this document was given before.", cause="conflict")
    caught = _ready(dispute, paper.at)
    if isinstance(caught, Refusal):
        return caught
    body: dict[str, Any] = {"sha256": paper.sha256, "by": paper.by, "access": paper.access}
    if paper.access == "public":
        body["words"] = paper.words
    return _done(caught, "paper-added", paper.at, body, papers=(*caught.state.papers, paper))


def seat(dispute: Dispute, seats: tuple[Seat, ...], at: datetime, presiding: str = "") -> Outcome:
    """Seat the panel: each party names its people, a chair is found by rule, nobody is tied to a party.

    ``presiding`` is the member that presides on the day; it names the chair where the article says so.
    """
    caught = _ready(dispute, at)
    if isinstance(caught, Refusal):
        return caught
    if caught.state.at_stage.name != PANEL or caught.state.seated is not None:
        return Refusal(
            "disputes.stage", "a panel is seated once, in the stage of the panel; this is at {stage}.",
            {"stage": caught.state.at_stage.name},
        )  # fmt: skip
    fault = _seats_fault(dispute, seats, presiding)
    if fault is not None:
        return fault
    body = {"seats": [{"seat": s.seat, "named_by": s.named_by, "ties": list(s.ties)} for s in seats]}
    names = {s.seat: s.name for s in seats}
    return _done(caught, "panel-seated", at, body, private=names, panel=seats, seated=at)


def _seats_fault(dispute: Dispute, seats: tuple[Seat, ...], presiding: str) -> Refusal | None:
    each = dispute.procedure.each_names
    chairs = [s for s in seats if s.seat == CHAIR]
    sides = {p: sum(s.named_by == p and s.seat != CHAIR for s in seats) for p in dispute.parties}
    wrong = len({s.seat for s in seats}) < len(seats) or len(seats) != each * len(sides) + 1
    if wrong or len(chairs) != 1 or set(sides.values()) != {each}:
        return Refusal(
            "disputes.panel", "each party names {each}, and there is one chair; name each seat once.",
            {"each": each},
        )  # fmt: skip
    by = presiding if dispute.procedure.chair == BY_PRESIDENCY and presiding not in dispute.parties else ""
    if chairs[0].named_by in dispute.parties or (by and chairs[0].named_by != by):
        return Refusal(
            "disputes.chair", "the chair is named by {by}, never by one party alone.",
            {"by": by or "both"},
        )  # fmt: skip
    return next((f for s in seats if (f := _tied(dispute, s)) is not None), None)


def _tied(dispute: Dispute, held: Seat) -> Refusal | None:
    own = [m for m in held.ties if m in dispute.parties]
    if not own:
        return None
    return Refusal(
        "disputes.conflict", "the seat {seat} is tied to {members}, a party; somebody else must take it.",
        {"seat": held.seat, "members": ", ".join(own)},
    )  # fmt: skip


def challenge(dispute: Dispute, name: str, by: str, reason: str, at: datetime) -> Outcome:
    """A party says that somebody on the panel has an interest: the seat must be taken by somebody else."""
    if by not in dispute.parties:
        return _not_a_party(dispute, by)
    if not reason.strip():
        return _reason()
    caught = _ready(dispute, at)
    if isinstance(caught, Refusal):
        return caught
    if name not in {s.seat for s in dispute.panel}:
        return _no_seat(name)
    return _done(
        caught, "seat-challenged", at, {"seat": name, "by": by}, private={"reason": reason},
        challenged=(*caught.state.challenged, name),
    )  # fmt: skip


def replace_seat(dispute: Dispute, held: Seat, at: datetime) -> Outcome:
    """Somebody else takes a challenged seat, named by whoever named it before."""
    caught = _ready(dispute, at)
    if isinstance(caught, Refusal):
        return caught
    before = {s.seat: s for s in dispute.panel}
    if held.seat not in dispute.challenged or before[held.seat].named_by != held.named_by:
        return Refusal(
            "disputes.replace", "only a challenged seat is taken anew, by whoever named it before."
        )
    fault = _tied(dispute, held)
    if fault is not None:
        return fault
    panel = tuple(held if s.seat == held.seat else s for s in dispute.panel)
    body = {"seat": held.seat, "named_by": held.named_by, "ties": list(held.ties)}
    open_ones = tuple(c for c in caught.state.challenged if c != held.seat)
    return _done(
        caught, "seat-taken", at, body, private={held.seat: held.name}, panel=panel, challenged=open_ones
    )


def agree(dispute: Dispute, by: str, settlement: str, at: datetime) -> Outcome:
    """A party agrees to a settlement, by the hash of its text; once all have, the dispute is settled."""
    if by not in dispute.parties:
        return _not_a_party(dispute, by)
    if not is_sha256(settlement):
        return Refusal(
            "disputes.paper", "'{given}' is no SHA-256; give the 64 hexadecimal digits of the document.",
            {"given": settlement},
        )  # fmt: skip
    caught = _ready(dispute, at)
    if isinstance(caught, Refusal):
        return caught
    before = dispute.agreed if dispute.settlement == settlement else ()
    agreed = tuple(p for p in dispute.parties if p == by or p in before)
    step = _done(
        caught, "settlement-agreed", at, {"by": by, "settlement": settlement},
        settlement=settlement, agreed=agreed,
    )  # fmt: skip
    if set(agreed) != set(dispute.parties):
        return step
    return _done(step, SETTLED, at, {"settlement": settlement}, state=SETTLED)


def withdraw(dispute: Dispute, by: str, at: datetime) -> Outcome:
    """The claimant gives up."""
    if by != dispute.claimant:
        return Refusal(
            "disputes.claimant", "only the claimant, {claimant}, can withdraw a dispute.",
            {"claimant": dispute.claimant}, "forbidden",
        )  # fmt: skip
    caught = _ready(dispute, at)
    if isinstance(caught, Refusal):
        return caught
    return _done(caught, WITHDRAWN, at, {"by": by}, state=WITHDRAWN)


def decide(dispute: Dispute, judgement: Judgement) -> Outcome:
    """The panel (by majority of all its seats) or the arbitrator decides; costs are shared out whole."""
    caught = _ready(dispute, judgement.at)
    if isinstance(caught, Refusal):
        return caught
    fault = _judgement_fault(caught.state, judgement)
    if fault is not None:
        return fault
    body = {
        "finding": judgement.finding,
        "votes_for": judgement.votes_for,
        "votes_against": judgement.votes_against,
        "reasons": judgement.reasons,
        "remedy": judgement.remedy,
        "costs": {m: str(c) for m, c in judgement.costs.items()},
        "late": judgement.at >= caught.state.stage_ends,
    }
    return _done(caught, DECIDED, judgement.at, body, judgement=judgement, state=DECIDED)


def _judgement_fault(dispute: Dispute, judgement: Judgement) -> Refusal | None:
    at_panel = dispute.at_stage.name == PANEL
    if dispute.at_stage.name not in (PANEL, "arbitration") or (at_panel and dispute.seated is None):
        return Refusal(
            "disputes.not-seated", "a seated panel or the arbitrator decides; this is at {stage}.",
            {"stage": dispute.at_stage.name},
        )  # fmt: skip
    if at_panel and dispute.challenged:
        return Refusal(
            "disputes.challenged", "the seat {seat} is challenged; it is taken anew before a decision.",
            {"seat": dispute.challenged[0]},
        )  # fmt: skip
    seats = len(dispute.panel) if at_panel else 1
    votes = judgement.votes_for + judgement.votes_against
    upheld = judgement.votes_for * 2 > seats
    if min(judgement.votes_for, judgement.votes_against) < 0 or votes != seats:
        return Refusal(
            "disputes.votes", "{votes} votes, but {seats} decide; each has one vote.",
            {"votes": votes, "seats": seats},
        )  # fmt: skip
    if upheld != (judgement.finding != "dismissed"):
        return Refusal(
            "disputes.majority", "{votes} of {seats} voted for it; a majority upholds, a minority dismisses.",
            {"votes": judgement.votes_for, "seats": seats},
        )  # fmt: skip
    if not judgement.reasons.strip():
        return _reason()
    costs = judgement.costs
    if set(costs) - set(dispute.parties) or any(c < 0 for c in costs.values()):
        return _costs_fault(costs)
    return None if sum(costs.values(), Fraction(0)) == 1 else _costs_fault(costs)


def _costs_fault(costs: Mapping[str, Fraction]) -> Refusal:
    return Refusal(
        "disputes.costs", "costs {costs} are not shares of the parties that add up to 1.",
        {"costs": ", ".join(f"{m} {c}" for m, c in costs.items()) or "-"},
    )  # fmt: skip


def _ready(dispute: Dispute, at: datetime) -> Change[Dispute] | Refusal:
    if dispute.state != OPEN:
        return Refusal(
            "disputes.closed", "this dispute is closed ({state}); a new one can be opened.",
            {"state": dispute.state}, "conflict",
        )  # fmt: skip
    if dispute.last is not None and at < dispute.last:
        return Refusal(
            "duties.order", "the step before it was taken at {moment}; steps go forward in time.",
            {"moment": told(dispute.last)}, "conflict",
        )  # fmt: skip
    return catch_up(dispute, at)


def _done(
    caught: Change[Dispute],
    what: str,
    at: datetime,
    body: Mapping[str, Any],
    private: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Change[Dispute]:
    state = replace(caught.state, last=at, **changes)
    return Change(state, (*caught.entries, _entry(state, what, at, body, private)))


def _entry(
    dispute: Dispute,
    what: str,
    at: datetime,
    body: Mapping[str, Any],
    private: Mapping[str, Any] | None = None,
) -> Entry:
    full = {"stage": dispute.at_stage.name, "at": told(at), **body}
    return Entry(f"disputes.{what}", f"dispute/{dispute.id}", full, private)


def _not_a_party(dispute: Dispute, by: str) -> Refusal:
    return Refusal(
        "disputes.party", "{by} is no party; the parties are {parties}.",
        {"by": by, "parties": ", ".join(dispute.parties)}, "forbidden",
    )  # fmt: skip


def _no_seat(name: str) -> Refusal:
    return Refusal("disputes.seat", "there is no seat '{seat}' on the panel.", {"seat": name}, "missing")


def _reason() -> Refusal:
    return Refusal("duties.reason", "give the reason; both banks must be able to read why.")
