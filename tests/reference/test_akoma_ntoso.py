"""The agreement as Akoma Ntoso 3.0, held against the official schema of OASIS (CC BY 4.0)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from lxml import etree

from bothbanks.civic.changes import Change
from bothbanks.civic.compact import agreement_steps as steps
from bothbanks.civic.compact.agreement import AgreementText, Term
from bothbanks.civic.compact.agreement_history import text_on
from bothbanks.civic.compact.agreement_state import Agreement
from bothbanks.civic.compact.agreement_text import Names, whole
from bothbanks.region import read_region
from bothbanks.region.compact.agreement import AgreementSettings
from bothbanks.standards.akoma_ntoso import NAMESPACE, akoma_ntoso, faults

EXAMPLE = Path(__file__).parents[2] / "examples" / "meuse-rhine"
AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TODAY = AT.date()
NEW_YEAR, SUMMER, AUTUMN = date(2027, 1, 1), date(2027, 7, 1), date(2027, 10, 1)
AKN = {"a": NAMESPACE}


@cache
def example() -> tuple[AgreementText, Names]:
    folder = read_region(EXAMPLE)
    settings = folder.compact["agreement"]
    assert isinstance(settings, AgreementSettings)
    names = Names(dict(folder.settings.name), {m.id: dict(m.name) for m in folder.members})
    return settings.agreement(folder.settings.languages, folder.settings.members), names


def done(step: steps.Step) -> Agreement:
    assert isinstance(step, Change), step
    return step.state


def adopted(agreement: Agreement, number: int, day: date, **apart: date) -> Agreement:
    state = done(steps.put_to_vote(agreement, number, "v", 0))
    state = done(steps.settle(state, number, "v", True))
    for member in state.version(number).text.members:
        state = done(steps.sign(state, number, member, TODAY, "signature", TODAY))
    return done(steps.adopt(state, number, day, TODAY, {f"art-{k}": d for k, d in apart.items()}))


@cache
def amended() -> Agreement:
    """The example adopted, then amended: a term changed, an article left out, one applying later."""
    text, _ = example()
    agreement = adopted(done(steps.propose(None, "partnership", text, AT)), 1, NEW_YEAR)
    terms = {**text.terms, "notice": Term("duration", Fraction(28), unit="days")}
    articles = tuple(a for a in text.articles if a.id != "art-staff")
    second = replace(text, terms=terms, articles=articles)
    return adopted(done(steps.propose(agreement, "partnership", second, AT)), 2, SUMMER, amendment=AUTUMN)


def test_the_schema_is_the_official_one() -> None:
    data = (files("bothbanks.standards") / "akoma_ntoso_3_0" / "akomantoso30.xsd").read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    assert digest == "6f61fe84cbb6f8cb0e8418cd67b74a63da9990e6573b5a3491f623184f45c4fd"


@pytest.mark.parametrize("language", ["en", "de", "fr", "nl"])
def test_a_draft_is_a_valid_bill_with_all_its_words(language: str) -> None:
    text, names = example()
    agreement = done(steps.propose(None, "partnership", text, AT))
    document = akoma_ntoso(agreement, agreement.version(1), language, names)
    assert faults(document) == ()
    root = etree.fromstring(document)
    assert root.find("a:bill", AKN) is not None
    articles = root.findall(".//a:article", AKN)
    assert [a.get("wId") for a in articles] == [a.id.replace("-", "_") for a in text.articles]
    for element, read in zip(articles, whole(text, language, names), strict=True):
        words = "".join("".join(p.itertext()) for p in element.iter(f"{{{NAMESPACE}}}p"))
        written = "".join(
            run.text
            for paragraph in read.paragraphs
            for runs in (paragraph.runs, *paragraph.points)
            for run in runs
        )
        assert words == written


def test_every_reference_leads_somewhere() -> None:
    _, names = example()
    agreement = amended()
    held = text_on(agreement, AUTUMN)
    assert held is not None
    root = etree.fromstring(akoma_ntoso(agreement, held, "en", names))
    ids = {e.get("eId") for e in root.iter() if isinstance(e.tag, str)}
    for element in root.iter():
        for name in ("href", "source", "start", "period", "refersTo"):
            value = element.get(name) or ""
            if value.startswith("#"):
                assert value[1:] in ids, (element.tag, name, value)


@pytest.mark.parametrize("day", [NEW_YEAR, SUMMER, AUTUMN])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_held_on_a_day_is_a_valid_act(day: date, language: str) -> None:
    _, names = example()
    agreement = amended()
    held = text_on(agreement, day)
    assert held is not None
    document = akoma_ntoso(agreement, held, language, names)
    assert faults(document) == ()
    root = etree.fromstring(document)
    assert root.find("a:act", AKN) is not None
    alpha = {"en": "eng", "fr": "fra"}[language]
    uri = root.find(".//a:FRBRExpression/a:FRBRuri", AKN)
    assert uri is not None
    assert (uri.get("value") or "").endswith(f"/{alpha}@{day.isoformat()}")


def test_its_life_and_its_amendments_are_dated() -> None:
    _, names = example()
    agreement = amended()
    held = text_on(agreement, AUTUMN)
    assert held is not None
    root = etree.fromstring(akoma_ntoso(agreement, held, "en", names))
    events = [(e.get("date"), e.get("type")) for e in root.findall(".//a:eventRef", AKN)]
    assert events == [
        ("2027-01-01", "generation"),
        ("2027-07-01", "amendment"),
        ("2027-10-01", "amendment"),
    ]
    mods = {
        (m.find("a:destination", AKN).get("href"), m.get("type"))  # type: ignore[union-attr]
        for m in root.findall(".//a:textualMod", AKN)
    }
    assert any(kind == "repeal" and (href or "").endswith("!art_staff") for href, kind in mods)
    amendment = root.find(".//a:article[@wId='art_amendment']", AKN)
    assert amendment is not None
    assert amendment.get("period") == "#temporalGroup_2027-10-01"
    assert (f"#{amendment.get('eId')}", "substitution") in mods
    votes = root.find(".//a:article[@wId='art_votes']", AKN)
    assert votes is not None
    assert votes.get("period") == "#temporalGroup_2027-01-01"


def test_a_broken_document_is_found() -> None:
    text, names = example()
    agreement = done(steps.propose(None, "partnership", text, AT))
    document = akoma_ntoso(agreement, agreement.version(1), "en", names)
    twice = document.replace(b'eId="art_2"', b'eId="art_1"')
    assert faults(twice) != ()
    assert (
        faults(document.replace(b"<preface>", b"<prefacing>").replace(b"</preface>", b"</prefacing>")) != ()
    )


def test_an_article_still_without_its_translation_says_which_language_it_is_in() -> None:
    text, names = example()
    first = text.articles[0]
    unwritten = replace(first, text={"de": first.text["de"]}, pending=("en",))
    draft = replace(text, articles=(unwritten, *text.articles[1:]))
    agreement = done(steps.propose(None, "partnership", draft, AT))
    document = akoma_ntoso(agreement, agreement.version(1), "en", names)
    assert faults(document) == ()
    article = etree.fromstring(document).find(".//a:article[@eId='art_1']", AKN)
    assert article is not None
    assert article.get("{http://www.w3.org/XML/1998/namespace}lang") == "de"
