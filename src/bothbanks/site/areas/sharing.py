"""Who sees what and by which article, what the reader may see, emergency openings, requests for access."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Query
from fastapi.responses import Response
from markupsafe import Markup

from bothbanks.app.partnership.sharing import book_of, ready_rules
from bothbanks.civic.compact.roles import COUNCIL, DUTY_OFFICER
from bothbanks.civic.compact.sharing import (
    COARSE,
    EVERYBODY,
    FULL,
    NOTHING,
    OFFICIAL,
    OWNER,
    SUPPRESSED,
    Coarsening,
    Dataset,
    Decision,
    Reader,
    SharingRule,
    reader_of,
)
from bothbanks.civic.compact.sharing_openings import Opening
from bothbanks.civic.compact.sharing_requests import AccessRequest
from bothbanks.civic.compact.sharing_rules import RuleBook
from bothbanks.site.area import Area
from bothbanks.site.problems import not_found
from bothbanks.site.visit import Visit
from bothbanks.store.interface import Kept

AREA = Area("sharing", "sharing", "Sharing rules")
Name = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True)
class DecisionOut:
    """What a reader may see of a dataset: level 'full', 'coarse', 'suppressed' or 'nothing', and why."""

    dataset: str
    level: str
    rule: str
    article: str
    hidden: list[str]
    until: datetime | None
    emergency: bool
    grid_m: int = 0
    group: int = 0
    rounding: int = 0
    delay_hours: int = 0
    dates: str = ""


@dataclass(frozen=True)
class DatasetOut:
    """A dataset: its owner ('' is the partnership), what it is made from, and what the asker may see."""

    id: str
    name: dict[str, str]
    owner: str
    inputs: list[str]
    released: str
    seen: DecisionOut


@dataclass(frozen=True)
class RuleOut:
    """A sharing rule; no purposes: none need be stated; no areas: everywhere."""

    id: str
    datasets: list[str]
    readers: list[str]
    level: str
    article: str
    decision: str
    since: datetime
    until: datetime | None
    purposes: list[str]
    areas: list[str]
    hidden: list[str]


@dataclass(frozen=True)
class OpeningOut:
    """An emergency opening; the reason is told to those who hold an office."""

    id: str
    datasets: list[str]
    areas: list[str]
    article: str
    status: str
    by: str
    second_by: str
    since: datetime | None
    until: datetime | None
    in_force: bool
    review_due: datetime | None
    needed: bool | None
    reason: str = ""


# pages


@AREA.page("/sharing")
def index(visit: Visit) -> Response:
    """Every dataset against every kind of reader, with the article that says so."""
    book = book_of(visit.reader).state
    kinds = _kinds(visit)
    rows = [(d, _owner(visit, d), [_cell(visit, d, r) for _, r in kinds]) for d in book.datasets]
    return visit.show(
        "sharing/index.html",
        heads=[head for head, _ in kinds],
        rows=rows,
        level=level_words(visit),
        in_force=sum(k.state.in_force(visit.reader.at) for k in _openings(visit)),
        asked=sum(k.state.status == "asked" for k in _requests(visit)),
    )


@AREA.page("/sharing/mine")
def mine(visit: Visit) -> Response:
    """What the reader may see, and why."""
    door = visit.gate
    book = book_of(visit.reader).state
    found = [(d, door.decide(d.id)) for d in book.datasets]
    return visit.show(
        "sharing/mine.html",
        shown=[(d, explained(visit, x), x) for d, x in found if x.allowed],
        kept=[(d, explained(visit, x), x) for d, x in found if not x.allowed],
    )


@AREA.page("/sharing/dataset/{id}")
def dataset(visit: Visit, id: str) -> Response:
    """One dataset: its rules in words, what the reader may see, and the ways to see more."""
    book = book_of(visit.reader).state
    found = book.dataset(id)
    if found is None:
        raise not_found()
    door = visit.gate
    rules = [r for r in book.rules if any(_fits(id, p) for p in r.datasets)]
    decision = door.decide(id)
    helpful = door.rules.purposes_that_help(id, door.reader, at=visit.reader.at) if visit.actor.person else ()
    names = {p.id: visit.pick(p.name, p.id) for p in book.purposes}
    return visit.show(
        "sharing/dataset.html",
        found=found,
        owner=_owner(visit, found),
        inputs=[(i, _name(visit, book, i)) for i in found.inputs],
        rules=[(r, rule_words(visit, r, names), r.in_force(visit.reader.at)) for r in rules],
        decision=decision,
        explained=explained(visit, decision),
        purposes=[(p, names[p]) for p in helpful],
        all_purposes=sorted(names.items()),
        members=[m for m in visit.may_for("sharing.ask") if m != found.owner],
        requests=[_request(visit, k, book) for k in _requests(visit) if k.state.dataset == id],
    )


@AREA.page("/sharing/openings")
def emergency(visit: Visit) -> Response:
    """Emergency openings: in force, waiting, past, with their reviews."""
    book = book_of(visit.reader).state
    found = sorted(_openings(visit), key=lambda k: k.state.asked_at, reverse=True)
    at = visit.reader.at
    return visit.show(
        "sharing/openings.html",
        terms=book.emergency,
        in_force=[k for k in found if k.state.in_force(at)],
        waiting=[k for k in found if k.state.status == "asked"],
        past=[k for k in found if not k.state.in_force(at) and k.state.status != "asked"],
        datasets=[(d.id, visit.pick(d.name, d.id)) for d in book.datasets],
        name=lambda id_: _name(visit, book, id_),
        office=_office(visit),
        post=lambda by: post_words(visit, by),
        at=at,
    )


@AREA.page("/sharing/requests")
def access(visit: Visit) -> Response:
    """Requests for access and their answers."""
    book = book_of(visit.reader).state
    found = sorted(_requests(visit), key=lambda k: k.state.asked_at, reverse=True)
    return visit.show("sharing/requests.html", requests=[_request(visit, k, book) for k in found])


# API


@AREA.api("/sharing/datasets", answer=list[DatasetOut])
def datasets(visit: Visit) -> list[DatasetOut]:
    """Every dataset, and what the asker may see of it."""
    door = visit.gate
    return [
        DatasetOut(d.id, dict(d.name), d.owner, list(d.inputs), d.released, _out(door.decide(d.id)))
        for d in book_of(visit.reader).state.datasets
    ]


@AREA.api("/sharing/rules", answer=list[RuleOut])
def rules(visit: Visit) -> list[RuleOut]:
    """Every rule there is and was."""
    return [
        RuleOut(
            r.id, list(r.datasets), list(r.readers), r.level, r.article, r.decision, r.since, r.until,
            list(r.purposes), list(r.areas), list(r.hidden),
        )
        for r in book_of(visit.reader).state.rules
    ]  # fmt: skip


@AREA.api("/sharing/decision", answer=DecisionOut)
def decision(visit: Visit, dataset: Name, purpose: Name = "", area: Name = "") -> DecisionOut:
    """What the asker may see of a dataset, for a purpose, in an area. An unknown one shows nothing."""
    return _out(visit.gate.decide(dataset, purpose, area))


@AREA.api("/sharing/openings", answer=list[OpeningOut])
def list_openings(visit: Visit) -> list[OpeningOut]:
    """Every emergency opening."""
    office = _office(visit)
    out = []
    for kept in _openings(visit):
        o = kept.state
        out.append(
            OpeningOut(
                kept.id, list(o.datasets), list(o.areas), o.article, o.status, o.by, o.second_by, o.since,
                o.until, o.in_force(visit.reader.at), o.review_due, o.review.needed if o.review else None,
                o.reason if office else "",
            )
        )  # fmt: skip
    return out


# words


def level_words(visit: Visit) -> dict[str, Markup]:
    """Each level in words."""
    return {
        FULL: visit.t("in full"),
        COARSE: visit.t("coarse"),
        SUPPRESSED: visit.t("protected counts only"),
        NOTHING: visit.t("nothing"),
    }


def detail_words(
    visit: Visit, detail: Coarsening | None, hidden: frozenset[str] = frozenset()
) -> list[Markup]:
    """How fine, in words."""
    d, out = detail or Coarsening(), []
    if d.grid_m:
        out.append(visit.t("in squares of {side} m", side=visit.number(d.grid_m)))
    if d.group:
        out.append(visit.t("no figure of fewer than {count} people", count=visit.number(d.group)))
    if d.rounding:
        out.append(visit.t("rounded to {step}", step=visit.number(d.rounding)))
    if d.delay_hours:
        out.append(visit.t("at least {hours} hours old", hours=visit.number(d.delay_hours)))
    if d.dates:
        words = {"day": visit.t("dates by day"), "month": visit.t("dates by month")}
        out.append(words.get(d.dates, visit.t("dates by year")))
    if hidden:
        out.append(visit.t("without {fields}", fields=", ".join(sorted(hidden))))
    return out


def explained(visit: Visit, decision: Decision) -> Markup:
    """A decision and its reason as a sentence."""
    if decision.emergency:
        return visit.t(
            "You see it in full until {until}, because it was opened in an emergency.",
            until=visit.moment(decision.until),
        )
    if decision.rule == OWNER:
        return visit.t("You see it in full, because it is your own.")
    if not decision.allowed:
        if decision.rule:
            return visit.t("You see nothing of it: a rule says so.")
        return visit.t("You see nothing of it: no rule shows it to you, so its owner alone sees it.")
    how = _how(visit, decision)
    if decision.until is not None:
        return visit.t("You see it {how}, until {until}.", how=how, until=visit.moment(decision.until))
    return visit.t("You see it {how}.", how=how)


def reader_words(visit: Visit, who: str) -> Markup:
    """A rule's reader in words."""
    kind, _, name = who.partition(":")
    if kind == "member":
        return visit.t("offices of {member}", member=visit.member(name))
    if kind == "role":
        role, _, member = name.partition("@")
        words = role_words(visit).get(role, Markup.escape(role))
        return visit.t("{role} of {member}", role=words, member=visit.member(member)) if member else words
    return {
        "public": visit.t("everybody"),
        "members": visit.t("offices of all members"),
        "partnership": visit.t("offices of the whole partnership"),
    }.get(who, Markup.escape(who))


def role_words(visit: Visit) -> dict[str, Markup]:
    """Roles in words, several people."""
    return {
        "secretariat": visit.t("the secretariat"),
        "council": visit.t("councils"),
        "engineer": visit.t("engineers"),
        "duty-officer": visit.t("duty officers"),
        "auditor": visit.t("auditors"),
        "monitor": visit.t("monitors"),
        "resident": visit.t("residents who signed in"),
    }


def post_words(visit: Visit, by: str) -> Markup:
    """'role@member' in words."""
    role, _, member = by.partition("@")
    words = role_words(visit).get(role, Markup.escape(by))
    return visit.t("{role} of {member}", role=words, member=visit.member(member)) if member else words


def rule_words(visit: Visit, rule: SharingRule, purposes: dict[str, Markup]) -> Markup:
    """What a rule says, as a sentence without its article."""
    who = visit.language.join([reader_words(visit, w) for w in rule.readers])
    how = Markup(", ").join(
        [level_words(visit)[rule.level], *detail_words(visit, rule.detail, frozenset(rule.hidden))]
    )
    text = visit.t("{who}: {how}", who=who, how=how)
    if rule.purposes:
        what = visit.language.join([purposes.get(p, Markup.escape(p)) for p in rule.purposes])
        text += Markup("; ") + visit.t("only for: {purposes}", purposes=what)
    if rule.areas:
        where = visit.language.join([visit.member(a) for a in rule.areas])
        text += Markup("; ") + visit.t("only in: {areas}", areas=where)
    return text


# plumbing


def _kinds(visit: Visit) -> list[tuple[Markup, Reader]]:
    """The readers of the matrix: the public, a member's council and duty officer, and whoever looks."""
    found = [
        (visit.t("Everybody"), EVERYBODY),
        (visit.t("Councils of members"), Reader(frozenset({(COUNCIL, "")}))),
        (visit.t("Duty officers"), Reader(frozenset({(DUTY_OFFICER, "")}))),
    ]
    return [*found, (visit.t("You"), reader_of(visit.actor))] if visit.actor.person else found


def _cell(visit: Visit, dataset: Dataset, reader: Reader) -> list[tuple[Markup, str]]:
    """(words, article) for a reader: of every member that doesn't own it, each different answer once."""
    rules = ready_rules(visit.reader)
    who = [reader]
    if reader.posts and reader != reader_of(visit.actor):
        role = next(iter(reader.posts))[0]
        members = [m for m in visit.region.members if m != dataset.owner]
        who = [Reader(frozenset({(role, m)})) for m in members]
    out: dict[tuple[Markup, str], list[str]] = {}
    for one in who:
        found = rules.decide(dataset.id, one, at=visit.reader.at)
        purposes = rules.purposes_that_help(dataset.id, one, at=visit.reader.at) if one.posts else ()
        words = _how(visit, found)
        if purposes:
            words = visit.t("{how}; more for a stated purpose", how=words)
        out.setdefault((words, found.article), []).extend(m for _, m in one.posts)
    if len(out) == 1:
        return list(out)
    return [
        (Markup("{}: {}").format(visit.language.join([visit.member(m) for m in members]), words), article)
        for (words, article), members in out.items()
    ]


def _how(visit: Visit, decision: Decision) -> Markup:
    parts = [level_words(visit)[decision.level], *detail_words(visit, decision.detail, decision.hidden)]
    return Markup(", ").join(parts)


def _owner(visit: Visit, dataset: Dataset) -> Markup:
    return visit.member(dataset.owner) if dataset.owner else visit.t("the partnership")


def _name(visit: Visit, book: RuleBook, id_: str) -> Markup:
    found = book.dataset(id_)
    return visit.pick(found.name, id_) if found else Markup.escape(id_)


def _openings(visit: Visit) -> list[Kept[Opening]]:
    return visit.reader.all(Opening)


def _requests(visit: Visit) -> list[Kept[AccessRequest]]:
    return visit.reader.all(AccessRequest)


def _office(visit: Visit) -> bool:
    return any(m.role in OFFICIAL for m in visit.actor.mandates)


def _request(visit: Visit, kept: Kept[AccessRequest], book: RuleBook) -> dict[str, object]:
    """A request for a page; its words only for the two sides of it."""
    asked, owner = kept.state, book.dataset(kept.state.dataset)
    of = owner.owner if owner else ""
    answers = any(m.role in ("council", "secretariat") and m.member == of for m in visit.actor.mandates)
    return {
        "id": kept.id,
        "state": asked,
        "name": _name(visit, book, asked.dataset),
        "member": visit.member(asked.member),
        "purpose": next((visit.pick(p.name, p.id) for p in book.purposes if p.id == asked.purpose), ""),
        "answers": answers and asked.status == "asked",
        "own": asked.person == visit.actor.person and asked.status == "asked",
        "words": answers or asked.member in visit.actor.members,
    }


def _fits(dataset: str, pattern: str) -> bool:
    return dataset.startswith(pattern[:-1]) if pattern.endswith("*") else dataset == pattern


def _out(decision: Decision) -> DecisionOut:
    d = decision.detail or Coarsening()
    return DecisionOut(
        decision.dataset, decision.level, decision.rule, decision.article, sorted(decision.hidden),
        decision.until, decision.emergency, d.grid_m, d.group, d.rounding, d.delay_hours, d.dates,
    )  # fmt: skip
