"""Disputes: the list, and one with its stages, clock, papers, panel and outcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi.responses import Response

from bothbanks.civic.compact.disputes_state import Dispute, Paper, Procedure
from bothbanks.site.area import Area
from bothbanks.site.problems import not_found
from bothbanks.site.visit import Visit
from bothbanks.store.interface import Kept, MissingError

AREA = Area("disputes", "disputes", "Disputes")


@dataclass(frozen=True)
class PaperOut:
    """A paper: its hash, by whom, who may read it; what it shows only for those who may."""

    sha256: str
    by: str
    access: str
    words: str
    at: datetime


@dataclass(frozen=True)
class DisputeOut:
    """A dispute and how it stands; the names of a panel are not given."""

    id: str
    version: int
    claimant: str
    respondents: list[str]
    about: str
    subject: str
    words: str
    article: str
    stage: str
    state: str
    opened: datetime
    next_deadline: datetime | None
    overdue: list[str]
    papers: list[PaperOut]
    finding: str
    reasons: str
    costs: dict[str, str]


@AREA.page("/disputes")
def index(visit: Visit) -> Response:
    """Open ones first, by their next deadline."""
    found = [k.state for k in visit.reader.all(Dispute)]
    last = datetime.max.replace(tzinfo=visit.reader.at.tzinfo)
    open_ones = sorted((d for d in found if d.state == "open"), key=lambda d: d.next_deadline or last)
    return visit.show(
        "disputes/index.html",
        open_ones=open_ones,
        closed=[d for d in reversed(found) if d.state != "open"],
        procedure=next((k.state for k in visit.reader.all(Procedure)), None),
        mine=visit.may_for("disputes.open"),
    )


@AREA.page("/disputes/{id}")
def dispute(visit: Visit, id: str) -> Response:
    """One dispute."""
    kept = _load(visit, id)
    d = kept.state
    inside = is_inside(visit, d)
    return visit.show(
        "disputes/dispute.html",
        dispute=d,
        state_version=kept.version,
        inside=inside,
        papers=[(p, p.access == "public" or inside) for p in d.papers],
        entries=visit.reader.entries_about(f"dispute/{id}"),
        parties=[m for m in d.parties if visit.may("disputes.agree", m)],
    )


@AREA.api("/disputes", answer=list[DisputeOut])
def list_disputes(visit: Visit) -> list[DisputeOut]:
    """Every dispute."""
    return [_out(visit, k) for k in visit.reader.all(Dispute)]


@AREA.api("/disputes/{id}", answer=DisputeOut)
def get_dispute(visit: Visit, id: str) -> DisputeOut:
    """One dispute."""
    return _out(visit, _load(visit, id))


def is_inside(visit: Visit, dispute: Dispute) -> bool:
    """Whether the reader acts for a party, for the secretariat or for the auditor."""
    office = visit.actor.holds(("secretariat", "auditor"))
    council = any(m.role == "council" and m.member in dispute.parties for m in visit.actor.mandates)
    return office or council


def _load(visit: Visit, id: str) -> Kept[Dispute]:
    try:
        return visit.reader.load(Dispute, id)
    except MissingError:
        raise not_found() from None


def _out(visit: Visit, kept: Kept[Dispute]) -> DisputeOut:
    d = kept.state
    inside = is_inside(visit, d)
    judged = d.judgement
    return DisputeOut(
        kept.id,
        kept.version,
        d.claimant,
        list(d.respondents),
        d.about,
        d.subject,
        d.words,
        d.procedure.article,
        d.at_stage.name,
        d.state,
        d.opened,
        d.next_deadline,
        list(d.overdue),
        [_paper(p, inside) for p in d.papers],
        judged.finding if judged else "",
        judged.reasons if judged else "",
        {m: str(share) for m, share in judged.costs.items()} if judged else {},
    )


def _paper(paper: Paper, inside: bool) -> PaperOut:
    words = paper.words if inside or paper.access == "public" else ""
    return PaperOut(paper.sha256, paper.by, paper.access, words, paper.at)
