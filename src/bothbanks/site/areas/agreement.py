"""The agreement: its text, what held on a day, versions and languages side by side, comments, documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Path, Query
from fastapi.responses import Response

from bothbanks.app.partnership.agreement_reading import (
    comments_on,
    every_version,
    held_today,
    kept_agreement,
    local_day,
    names,
    pointers,
)
from bothbanks.app.partnership.calendar import dates, filled
from bothbanks.civic.compact.agreement import AgreementText
from bothbanks.civic.compact.agreement_compare import beside, compare
from bothbanks.civic.compact.agreement_contents import CONTENTS, checklist
from bothbanks.civic.compact.agreement_history import Held, text_on, turns
from bothbanks.civic.compact.agreement_state import Agreement, Comment, Version
from bothbanks.civic.compact.agreement_text import rendered, whole
from bothbanks.civic.compact.votes_rules import VoteRule
from bothbanks.site.area import Area
from bothbanks.site.problems import not_found
from bothbanks.site.sent import AskedDay
from bothbanks.site.visit import Visit
from bothbanks.standards.akoma_ntoso import MEDIA_TYPE, akoma_ntoso
from bothbanks.standards.calendar import MEDIA_TYPE as CALENDAR
from bothbanks.standards.calendar import CalendarDate, calendar_feed
from bothbanks.store.interface import Kept

AREA = Area("agreement", "agreement", "Agreement")
Day = Annotated[AskedDay | None, Query()]
Number = Annotated[int | None, Query(ge=1, le=1_000_000)]
ArticleId = Annotated[str, Path(pattern=r"^art-[a-z0-9-]{1,80}$")]
Code = Annotated[str, Query(pattern=r"^[a-z]{2,3}$|^$")]
MemberId = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True)
class Shown:
    """The text on a page: a version, or what held on a day."""

    agreement: Agreement
    source: Version | Held
    text: AgreementText

    @property
    def held(self) -> Held | None:
        """What held, where the page is about a day."""
        return self.source if isinstance(self.source, Held) else None

    @property
    def version(self) -> Version | None:
        """The version, where the page is about one."""
        return self.source if isinstance(self.source, Version) else None

    @property
    def query(self) -> str:
        """How its address ends."""
        if isinstance(self.source, Held):
            return f"?day={self.source.day.isoformat()}"
        return f"?version={self.source.number}"


@dataclass(frozen=True)
class ArticleOut:
    """An article: words by language with its figures filled in, and since when it holds (null: a draft)."""

    id: str
    number: int
    part: str
    covers: list[str]
    title: dict[str, str]
    text: dict[str, list[str]]
    since: date | None
    version: int


@dataclass(frozen=True)
class AgreementOut:
    """The agreement as it holds on a day, or a version."""

    id: str
    version: int
    status: str
    day: date | None
    title: dict[str, str]
    articles: list[ArticleOut]


def _agreement(visit: Visit) -> Agreement:
    kept = kept_agreement(visit.reader)
    if kept is None:
        raise not_found()
    return kept.state


def _version(visit: Visit, agreement: Agreement, number: int) -> Version:
    for version in every_version(visit.reader, agreement):
        if version.number == number:
            return version
    raise not_found()


def _shown(visit: Visit, day: date | None, version: int | None) -> Shown:
    """What was asked for; else what holds today, else the text adopted last, else the draft."""
    agreement = _agreement(visit)
    if version is not None:
        found = _version(visit, agreement, version)
        return Shown(agreement, found, found.text)
    held = text_on(agreement, day) if day is not None else held_today(visit.reader, agreement)
    if held is not None:
        return Shown(agreement, held, held.text)
    current = agreement.current
    if day is not None or current is None:
        raise not_found()
    return Shown(agreement, current, current.text)


@AREA.page("/agreement")
def index(visit: Visit, day: Day = None, version: Number = None) -> Response:
    """The whole text, its articles with anchors."""
    kept = kept_agreement(visit.reader)
    if kept is None or (day is None and version is None and kept.state.current is None):
        return visit.show("agreement/none.html", why="empty", day=None, first=None)
    if day is not None and version is None and text_on(kept.state, day) is None:
        found = turns(kept.state)
        return visit.show("agreement/none.html", why="day", day=day, first=found[0].day if found else None)
    shown = _shown(visit, day, version)
    return visit.show(
        "agreement/index.html",
        shown=shown,
        articles=whole(shown.text, visit.language.code, names(visit.region)),
        parts={part.id: part.title for part in shown.text.parts},
        today=local_day(visit.reader, shown.agreement),
        open=shown.agreement.open,
        rules=[k.state for k in visit.reader.all(VoteRule)],
        drafting=visit.may_for("agreement.put-to-vote"),
        signing=visit.may_for("agreement.sign"),
        comments=len([c for c in _comments(visit, shown) if c.state.status == "open"]),
    )


def _comments(visit: Visit, shown: Shown) -> list[Kept[Comment]]:
    if shown.version is None:
        return []
    return comments_on(visit.reader, shown.agreement, shown.version.number)


@AREA.page("/agreement/articles/{article}")
def article_page(visit: Visit, article: ArticleId, day: Day = None, version: Number = None) -> Response:
    """One article: its words, since when, what rests on it, what was said on it, and how to change it."""
    shown = _shown(visit, day, version)
    if article not in shown.text.ids:
        raise not_found()
    found = shown.text.article(article)
    code = visit.language.code
    door = visit.gate
    return visit.show(
        "agreement/article.html",
        shown=shown,
        article=rendered(shown.text, found, code, names(visit.region)),
        source=found,
        code=code if code in shown.text.languages else shown.text.languages[0],
        terms={
            n: t for n, t in shown.text.terms.items() if any(f"{{{n}}}" in w for w in found.text.values())
        },
        contents={c.id: c for c in CONTENTS},
        resting=[p for p in pointers(visit.reader).get(article, ()) if door.decide(p.area).full],
        comments=[c for c in _comments(visit, shown) if c.state.article == article],
        open=shown.agreement.open,
    )


@AREA.page("/agreement/versions")
def versions_page(visit: Visit) -> Response:
    """Every version, every day on which the text changed, and a form for 'what held on'."""
    agreement = _agreement(visit)
    return visit.show(
        "agreement/versions.html",
        versions=every_version(visit.reader, agreement),
        turns=turns(agreement),
        today=local_day(visit.reader, agreement),
        agreement=agreement,
    )


@AREA.page("/agreement/compare")
def compare_page(visit: Visit, before: Number = None, after: Number = None) -> Response:
    """Two versions side by side, word by word."""
    agreement = _agreement(visit)
    versions = every_version(visit.reader, agreement)
    if not versions:
        raise not_found()
    new = _version(visit, agreement, after) if after is not None else versions[-1]
    earlier = [v for v in versions if v.number < new.number]
    if before is not None:
        old = _version(visit, agreement, before)
    else:
        old = next((v for v in versions if v.number == new.base), earlier[-1] if earlier else new)
    changes = compare(old.text, new.text, visit.language.code, names(visit.region))
    return visit.show(
        "agreement/compare.html",
        versions=versions,
        old=old,
        new=new,
        changes=[c for c in changes if c.kind != "same"],
        same=len([c for c in changes if c.kind == "same"]),
    )


@AREA.page("/agreement/languages")
def languages_page(visit: Visit, other: Code = "", day: Day = None, version: Number = None) -> Response:
    """Two languages side by side, paragraph by paragraph."""
    shown = _shown(visit, day, version)
    code = visit.language.code
    choices = [c for c in shown.text.languages if c != code]
    second = other if other in choices else choices[0] if choices else code
    pairs = beside(shown.text, code, second, names(visit.region))
    return visit.show("agreement/languages.html", shown=shown, pairs=pairs, second=second, choices=choices)


@AREA.page("/agreement/checklist")
def checklist_page(visit: Visit, version: Number = None) -> Response:
    """What an agreement must hold, and which article covers it."""
    shown = _shown(visit, None, version)
    return visit.show("agreement/checklist.html", shown=shown, checked=checklist(shown.text))


@AREA.page("/agreement/documents")
def documents(visit: Visit) -> Response:
    """Every form in which the agreement can be taken away, with formats and sizes."""
    shown = _shown(visit, None, None)
    rows = []
    for code in shown.text.languages:
        size = len(akoma_ntoso(shown.agreement, shown.source, code, names(visit.region)))
        rows.append((code, size))
    calendar = _feed(visit, "")
    return visit.show("agreement/documents.html", shown=shown, rows=rows, calendar=len(calendar))


@AREA.page("/agreement/text.akn")
def document(visit: Visit, day: Day = None, version: Number = None) -> Response:
    """The text as Akoma Ntoso 3.0, in the language of the address."""
    shown = _shown(visit, day, version)
    code = visit.language.code
    body = akoma_ntoso(shown.agreement, shown.source, code, names(visit.region))
    name = f"{shown.agreement.id}.{code}.akn.xml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type=MEDIA_TYPE, headers=headers)


@AREA.page("/calendar")
def calendar_page(visit: Visit, member: MemberId = "") -> Response:
    """Every date that somebody has to keep."""
    if member and member not in visit.region.members:
        raise not_found()
    found = dates(visit.reader, visit.actor, member)
    rows = [(d, visit.t(d.message, **filled(d, visit.pick))) for d in found]
    today = visit.reader.at.astimezone(visit.zone).date()
    return visit.show("agreement/calendar.html", rows=rows, member=member, today=today)


@AREA.page("/calendar.ics")
def calendar_file(visit: Visit, member: MemberId = "") -> Response:
    """The same as an iCalendar feed, to subscribe to."""
    if member and member not in visit.region.members:
        raise not_found()
    return Response(_feed(visit, member), media_type=CALENDAR)


def _feed(visit: Visit, member: str) -> bytes:
    base = str(visit.request.base_url).rstrip("/")
    items = [
        CalendarDate(
            d.id,
            d.when,
            visit.t(d.message, **filled(d, visit.language.plain)).unescape(),
            visit.language.plain(visit.region.members[d.member].name, d.member) if d.member else "",
            base + visit.link(d.path),
        )
        for d in dates(visit.reader, visit.actor, member)
    ]
    name = visit.language.plain(visit.region.name, visit.region.id)
    return calendar_feed(items, name, visit.language.code, f"{visit.region.id}.bothbanks", visit.reader.at)


@AREA.api("/agreement", answer=AgreementOut)
def agreement_data(visit: Visit, day: Day = None, version: Number = None) -> AgreementOut:
    """The agreement as it holds on a day, or a version of it, in every language."""
    shown = _shown(visit, day, version)
    number = max(shown.held.version.values()) if shown.held else shown.version.number if shown.version else 0
    return AgreementOut(
        id=shown.agreement.id,
        version=number,
        status="in-force" if shown.held else shown.version.status if shown.version else "",
        day=shown.held.day if shown.held else None,
        title=dict(shown.text.title),
        articles=[_article_out(visit, shown, a.id, number) for a in shown.text.articles],
    )


def _article_out(visit: Visit, shown: Shown, identifier: str, number: int) -> ArticleOut:
    article = shown.text.article(identifier)
    known = names(visit.region)
    return ArticleOut(
        id=identifier,
        number=shown.text.number(identifier),
        part=article.part,
        covers=list(article.covers),
        title=dict(article.title),
        text={c: list(rendered(shown.text, article, c, known).lines) for c in shown.text.languages},
        since=shown.held.since.get(identifier) if shown.held else None,
        version=shown.held.version[identifier] if shown.held else number,
    )
