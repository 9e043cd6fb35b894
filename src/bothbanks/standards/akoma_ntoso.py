"""The agreement as Akoma Ntoso 3.0: a document a language, with its life, amendments and references.

Akoma Ntoso Version 1.0 (OASIS Standard, 29 August 2018): part 1 the vocabulary, part 2 the schema, which
lies beside this file. A draft is a ``bill``, a text adopted an ``act``. Identifiers follow the naming
convention of the standard (``eId`` by place: art_7__para_2); ``wId`` keeps the article's own identifier,
which does not change when numbers do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import as_file, files

from lxml import etree

from bothbanks.civic.compact.agreement import AgreementText
from bothbanks.civic.compact.agreement_history import Held, Turn, changed, turns
from bothbanks.civic.compact.agreement_state import BINDING, Agreement, Version
from bothbanks.civic.compact.agreement_text import Names, Rendered, Run, letter, picked, whole

NAMESPACE = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
MEDIA_TYPE = "application/akn+xml"
_ALPHA_3 = {"en": "eng", "de": "deu", "fr": "fra", "nl": "nld"}
_SELF = "#bothbanks"
_HOME = "/akn/ontology"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
Element = etree._Element


@dataclass(frozen=True)
class _Place:
    """What the document is a document of."""

    agreement: Agreement
    text: AgreementText
    language: str
    day: date  # of the expression
    number: int  # of the version that it shows, or the latest that it holds words of
    held: Held | None

    @property
    def work(self) -> str:
        made = _first(self.agreement).made.date().isoformat()
        return f"/akn/{self.text.seat.law.lower()}/act/agreement/{made}/{self.agreement.id}"

    @property
    def expression(self) -> str:
        return f"{self.work}/{alpha_3(self.language)}@{self.day.isoformat()}"

    @property
    def binding(self) -> tuple[Version, ...]:
        """Versions adopted, up to the one shown."""
        return tuple(v for v in self.agreement.versions if v.status in BINDING and v.number <= self.number)


def _first(agreement: Agreement) -> Version:
    """The version the agreement began with: the first adopted, else the earliest there is."""
    return next((v for v in agreement.versions if v.status in BINDING), agreement.versions[0])


def alpha_3(language: str) -> str:
    """The language's code of three letters (ISO 639-3) where known, else the code itself.

    >>> alpha_3("de")
    'deu'
    """
    return _ALPHA_3.get(language, language)


def akoma_ntoso(agreement: Agreement, shown: Version | Held, language: str, names: Names) -> bytes:
    """One version, or what held on a day, as an Akoma Ntoso document in a language (UTF-8).

    Raises KeyError where a text names a term that is not stated.
    """
    if isinstance(shown, Held):
        number = max(shown.version.values())
        place = _Place(agreement, shown.text, language, shown.day, number, shown)
        binding = True
    else:
        binding = shown.status in BINDING
        day = shown.in_force if binding and shown.in_force is not None else shown.made.date()
        place = _Place(agreement, shown.text, language, day, shown.number, None)
    root = etree.fromstring(f'<akomaNtoso xmlns="{NAMESPACE}"/>')
    contains = "singleVersion" if len(place.binding) > 1 else "originalVersion"
    document = _add(root, "act" if binding else "bill", name="agreement", contains=contains)
    periods = _meta(document, place)
    _preface(document, place)
    _body(document, place, names, periods)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def faults(document: bytes) -> tuple[str, ...]:
    """What the official schema finds wrong with a document; nothing where it is valid."""
    schema = _schema()
    if schema.validate(etree.fromstring(document)):
        return ()
    return tuple(str(schema.error_log).splitlines())


@cache
def _schema() -> etree.XMLSchema:
    with as_file(files("bothbanks.standards") / "akoma_ntoso_3_0") as path:
        return etree.XMLSchema(etree.parse(path / "akomantoso30.xsd"))


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _add(parent: Element, tag: str, words: str = "", /, **attributes: str) -> Element:
    made = etree.SubElement(parent, _tag(tag), dict(attributes))
    if words:
        made.text = words
    return made


def _meta(document: Element, place: _Place) -> Mapping[str, str]:
    """All that stands before the text; the period of each article, where one is stated."""
    meta = _add(document, "meta")
    _identification(meta, place)
    events = tuple(t for t in turns(place.agreement) if t.version <= place.number)
    if events:
        life = _add(meta, "lifecycle", source=_SELF)
        for number, turn in enumerate(events, 1):
            kind = "repeal" if turn.articles == ("",) else "generation" if number == 1 else "amendment"
            _add(
                life,
                "eventRef",
                eId=f"eventRef_{number}",
                date=turn.day.isoformat(),
                source=f"#version_{turn.version}",
                type=kind,
            )
        _amendments(meta, place)
    periods = _periods(meta, place, events)
    _references(meta, place)
    return periods


def _identification(meta: Element, place: _Place) -> None:
    identification = _add(meta, "identification", source=_SELF)
    first = _first(place.agreement)
    work = _add(identification, "FRBRWork")
    _core(work, f"{place.work}/!main", place.work, first.made.date(), "proposed")
    _add(work, "FRBRcountry", value=place.text.seat.law.lower())
    _add(work, "FRBRsubtype", value="agreement")
    _add(work, "FRBRnumber", value=place.agreement.id)
    _add(work, "FRBRname", value=picked(place.text.title, place.language))
    _add(work, "FRBRprescriptive", value=str(bool(place.binding)).lower())
    expression = _add(identification, "FRBRExpression")
    _core(expression, f"{place.expression}/!main", place.expression, place.day, "version")
    _add(expression, "FRBRversionNumber", value=str(place.number))
    _add(expression, "FRBRauthoritative", value=str(bool(place.binding)).lower())
    _add(expression, "FRBRlanguage", language=alpha_3(place.language))
    manifestation = _add(identification, "FRBRManifestation")
    _core(
        manifestation, f"{place.expression}/!main.xml", f"{place.expression}/!main.akn", place.day, "written"
    )
    _add(manifestation, "FRBRformat", value=MEDIA_TYPE)


def _core(parent: Element, this: str, uri: str, day: date, what: str) -> None:
    _add(parent, "FRBRthis", value=this)
    _add(parent, "FRBRuri", value=uri)
    _add(parent, "FRBRdate", date=day.isoformat(), name=what)
    _add(parent, "FRBRauthor", href="#partnership")


def _amendments(meta: Element, place: _Place) -> None:
    """What each later version did to each article, as passive modifications of this text."""
    mods = [
        (version, identifier, before.text)
        for before, version in zip(place.binding, place.binding[1:], strict=False)
        for identifier in changed(before.text, version.text)
    ]
    if not mods:
        return
    passive = _add(_add(meta, "analysis", source=_SELF), "passiveModifications")
    for number, (version, identifier, old) in enumerate(mods, 1):
        kind = "substitution"
        if identifier not in old.ids:
            kind = "insertion"
        elif identifier not in version.text.ids:
            kind = "repeal"
        mod = _add(passive, "textualMod", eId=f"pmod_{number}", type=kind)
        _add(mod, "source", href=f"#version_{version.number}")
        there = identifier in place.text.ids
        target = f"#art_{place.text.number(identifier)}" if there else f"{place.work}/!{_own(identifier)}"
        _add(mod, "destination", href=target)
        day = version.from_day(identifier)
        if day is not None:
            _add(mod, "force", period=f"#{_group(day)}")


def _group(day: date) -> str:
    return f"temporalGroup_{day.isoformat()}"


def _periods(meta: Element, place: _Place, events: tuple[Turn, ...]) -> dict[str, str]:
    """Since when each article holds, as temporal groups; article -> its group."""
    if not events:
        return {}
    numbers = {turn.day: number for number, turn in reversed(list(enumerate(events, 1)))}
    data = _add(meta, "temporalData", source=_SELF)
    for day, number in sorted(numbers.items()):
        group = _add(data, "temporalGroup", eId=_group(day))
        _add(group, "timeInterval", refersTo="#inForce", start=f"#eventRef_{number}")
    since: dict[str, date] = {}
    if place.held is not None:
        since = dict(place.held.since)
    else:
        for turn in events:
            since.update(dict.fromkeys(turn.articles, turn.day))
    return {identifier: _group(day) for identifier, day in since.items() if day in numbers}


def _references(meta: Element, place: _Place) -> None:
    references = _add(meta, "references", source=_SELF)
    for version in place.binding:
        tag = "original" if version is place.binding[0] else "passiveRef"
        href = f"{place.work}/{alpha_3(place.language)}@{version.in_force}"
        _add(references, tag, eId=f"version_{version.number}", href=href, showAs=f"Version {version.number}")
    title = picked(place.text.title, place.language)
    people = {"bothbanks": "Bothbanks", "partnership": title}
    people |= {f"member_{member}": member for member in place.text.members}
    for eid, shown in people.items():
        href = f"{_HOME}/organization/{eid.removeprefix('member_')}"
        _add(references, "TLCOrganization", eId=eid, href=href, showAs=shown)
    _add(references, "TLCConcept", eId="inForce", href=f"{_HOME}/concept/inForce", showAs="in force")


def _preface(document: Element, place: _Place) -> None:
    preface = _add(document, "preface")
    title = _add(_add(preface, "longTitle"), "p")
    _add(title, "docTitle", picked(place.text.title, place.language))
    notice = picked(place.text.notice, place.language)
    if notice:
        _add(preface, "p", notice)


def _body(document: Element, place: _Place, names: Names, periods: Mapping[str, str]) -> None:
    body = _add(document, "body")
    titles = {part.id: part.title for part in place.text.parts}
    met: dict[str, int] = {}
    parent, here = body, ""
    for article in whole(place.text, place.language, names):
        if not article.part:
            parent, here = body, ""
        elif article.part != here:
            here = article.part
            met[here] = met.get(here, 0) + 1
            again = "" if met[here] == 1 else f"_{met[here]}"
            parent = _add(body, "part", eId=f"part_{_own(here)}{again}")
            _add(parent, "heading", picked(titles.get(here, {}), place.language) or here)
        _article(parent, article, place, periods.get(article.id, ""))


def _own(identifier: str) -> str:
    return identifier.replace("-", "_")


def _article(parent: Element, article: Rendered, place: _Place, period: str) -> None:
    home = f"art_{article.number}"
    made = _add(parent, "article", eId=home, wId=_own(article.id))
    if period:
        made.set("period", f"#{period}")
    if article.language != place.language:
        made.set(_XML_LANG, article.language)
    _add(made, "num", article.label)
    _add(made, "heading", article.title)
    many = len(article.paragraphs) > 1
    for number, paragraph in enumerate(article.paragraphs, 1):
        eid = f"{home}__para_{number}"
        block = _add(made, "paragraph", eId=eid)
        if many:
            _add(block, "num", f"({number})")
        if not paragraph.points:
            _runs(_add(_add(block, "content"), "p"), paragraph.runs, place)
            continue
        listed = _add(block, "list", eId=f"{eid}__list_1")
        _runs(_add(_add(listed, "intro"), "p"), paragraph.runs, place)
        for at, point in enumerate(paragraph.points):
            mark = letter(at)
            item = _add(listed, "point", eId=f"{eid}__list_1__point_{mark}")
            _add(item, "num", f"{mark})")
            _runs(_add(_add(item, "content"), "p"), point, place)


def _runs(parent: Element, runs: tuple[Run, ...], place: _Place) -> None:
    last: Element | None = None
    for run in runs:
        if run.article:
            last = _add(parent, "ref", run.text, href=f"#art_{place.text.number(run.article)}")
        elif last is None:
            parent.text = (parent.text or "") + run.text
        else:
            last.tail = (last.tail or "") + run.text
