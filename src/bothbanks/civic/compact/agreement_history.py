"""What held on a given day, article by article."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from bothbanks.civic.compact.agreement import AgreementText, Article, Term
from bothbanks.civic.compact.agreement_state import BINDING, Agreement, Version
from bothbanks.civic.compact.agreement_text import PLACE, places


@dataclass(frozen=True)
class Held:
    """The text of a day; for each article, the version its words come from and since when."""

    day: date
    text: AgreementText
    since: Mapping[str, date]
    version: Mapping[str, int]


@dataclass(frozen=True)
class Turn:
    """A day on which something of the text changes."""

    day: date
    version: int
    articles: tuple[str, ...]  # '' alone: the whole agreement ends


def text_on(agreement: Agreement, day: date) -> Held | None:
    """What held on a day; None before the first text was in force and after the agreement was repealed.

    A version changes the articles in which it differs from the binding version before it, each from the
    day that it states. An article left out is repealed from that day. An article whose words are the same
    but whose terms differ has changed; it keeps the terms it was adopted with until its day comes.
    """
    if agreement.repealed is not None and day >= agreement.repealed:
        return None
    state: dict[str, tuple[Article, Version, date]] = {}
    order: list[str] = []
    last: Version | None = None
    head: Version | None = None
    for version in agreement.versions:
        if version.status not in BINDING:
            continue
        for identifier in changed(last.text if last else None, version.text):
            since = version.from_day(identifier)
            if since is None or since > day:
                continue
            if identifier in version.text.ids:
                state[identifier] = (version.text.article(identifier), version, since)
            else:
                state.pop(identifier, None)
        if version.in_force is not None and version.in_force <= day:
            head = version
        order = _order(order, [a.id for a in version.text.articles])
        last = version
    if head is None or not state:
        return None
    kept = [identifier for identifier in order if identifier in state]
    return _held(day, head, [state[identifier] for identifier in kept])


def _order(before: list[str], after: list[str]) -> list[str]:
    """The order of the later text, with what it leaves out kept behind what stood before it."""
    out = list(after)
    for place, identifier in enumerate(before):
        if identifier not in out:
            previous = before[place - 1] if place else None
            out.insert(out.index(previous) + 1 if previous in out else 0, identifier)
    return out


def _held(day: date, head: Version, kept: list[tuple[Article, Version, date]]) -> Held:
    terms: dict[str, Term] = dict(head.text.terms)
    articles = []
    for article, version, _ in kept:
        old = {
            name: term
            for name, term in version.text.terms.items()
            if terms.get(name) != term and name in _used(article)
        }
        pinned = {name: f"{name}@{version.number}" for name in old}
        terms.update({pinned[name]: term for name, term in old.items()})
        articles.append(_pinned(article, pinned))
    text = replace(head.text, articles=tuple(articles), terms=terms)
    return Held(
        day,
        text,
        {article.id: since for article, _, since in kept},
        {article.id: version.number for article, version, _ in kept},
    )


def _used(article: Article) -> frozenset[str]:
    return frozenset(name for words in article.text.values() for name in places(words))


def _pinned(article: Article, names: Mapping[str, str]) -> Article:
    """The article with terms of its own time."""
    if not names:
        return article
    text = {
        code: PLACE.sub(lambda found: f"{{{names.get(found[1], found[1])}}}", words)
        for code, words in article.text.items()
    }
    return replace(article, text=text)


def changed(before: AgreementText | None, after: AgreementText) -> tuple[str, ...]:
    """Articles that the later text adds, words differently, gives other terms, or leaves out."""
    if before is None:
        return tuple(a.id for a in after.articles)
    out = []
    for article in after.articles:
        if article.id not in before.ids or not _same(before, before.article(article.id), after, article):
            out.append(article.id)
    return (*out, *(a.id for a in before.articles if a.id not in after.ids))


def _same(before: AgreementText, old: Article, after: AgreementText, new: Article) -> bool:
    if (old.title, old.text, old.covers) != (new.title, new.text, new.covers):
        return False
    return all(before.terms.get(name) == after.terms.get(name) for name in _used(new))


def turns(agreement: Agreement) -> tuple[Turn, ...]:
    """Every day on which the text in force changes, earliest first."""
    found: dict[tuple[date, int], list[str]] = {}
    last: Version | None = None
    for version in agreement.versions:
        if version.status not in BINDING:
            continue
        for identifier in changed(last.text if last else None, version.text):
            since = version.from_day(identifier)
            if since is not None:
                found.setdefault((since, version.number), []).append(identifier)
        last = version
    out = [Turn(day, number, tuple(ids)) for (day, number), ids in found.items()]
    if agreement.repealed is not None and last is not None:
        out.append(Turn(agreement.repealed, last.number, ("",)))
    return tuple(sorted(out, key=lambda turn: (turn.day, turn.version)))
