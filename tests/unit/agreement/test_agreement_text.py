"""Texts filled in from terms; the checklist of contents; versions and languages side by side."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from bothbanks.civic.compact.agreement import AgreementText, Article, Seat, Term
from bothbanks.civic.compact.agreement_compare import beside, compare, line_diff, moved, word_diff
from bothbanks.civic.compact.agreement_contents import CONTENTS, checklist, missing
from bothbanks.civic.compact.agreement_text import Names, rendered, shape, term_in, whole, words_of
from bothbanks.region import read_region
from bothbanks.region.compact.agreement import AgreementSettings

EXAMPLE = Path(__file__).parents[3] / "examples" / "meuse-rhine"
NAMES = Names(
    {"en": "Two Banks", "de": "Zwei Ufer"}, {"a": {"en": "Left"}, "b": {"en": "Right", "de": "Rechts"}}
)


def article(identifier: str, en: str, de: str, **more: object) -> Article:
    return Article(identifier, {"en": identifier, "de": identifier}, {"en": en, "de": de}, **more)  # type: ignore[arg-type]


def small(*articles: Article, **terms: Term) -> AgreementText:
    return AgreementText(
        id="small",
        form="agreement",
        subjects=(),
        title={"en": "Small", "de": "Klein"},
        languages=("en", "de"),
        members=("a", "b"),
        seat=Seat({"en": "Left", "de": "Links"}, "a", "BE"),
        parts=(),
        terms=terms,
        articles=articles,
    )


@cache
def example() -> tuple[AgreementText, Names]:
    folder = read_region(EXAMPLE)
    settings = folder.compact["agreement"]
    assert isinstance(settings, AgreementSettings)
    names = Names(dict(folder.settings.name), {m.id: dict(m.name) for m in folder.members})
    return settings.agreement(folder.settings.languages, folder.settings.members), names


@pytest.mark.parametrize(
    ("term", "en", "de"),
    [
        (Term("number", Fraction(1234567, 2)), "617,283.5", "617.283,5"),
        (Term("money", Fraction(4500, 1), currency="EUR"), "€4,500", "4.500 €"),
        (Term("money", Fraction(99, 2), currency="EUR"), "€49.50", "49,50 €"),
        (Term("percent", Fraction(1, 2)), "50%", "50 %"),
        (Term("percent", Fraction(1, 8)), "12.5%", "12,5 %"),
        (Term("fraction", Fraction(4, 6)), "2/3", "2/3"),
        (Term("duration", Fraction(30), unit="days"), "30", "30"),
    ],
)
def test_a_term_is_written_as_each_language_writes_it(term: Term, en: str, de: str) -> None:
    assert term_in(term, "en").replace("\xa0", " ") == en
    assert term_in(term, "de").replace("\xa0", " ") == de


def test_names_of_members_and_articles_are_filled_in() -> None:
    first = article(
        "art-one", "Of {members}; see {art-two}.\n\nIn {seat}:\n- {member.b}", "{members} {art-two}"
    )
    text = small(first, article("art-two", "Two.", "Zwei."))
    read = rendered(text, first, "en", NAMES)
    assert read.lines == ("(1) Of Left and Right; see Article 2.", "(2) In Left:", "a) Right")
    assert [run.article for run in read.paragraphs[0].runs] == ["", "art-two", ""]
    assert rendered(text, first, "de", NAMES).lines == ("Left und Rechts Artikel 2",)


def test_a_missing_language_is_shown_in_another_and_says_so() -> None:
    only = Article("art-one", {"de": "Eins"}, {"de": "Wort."}, pending=("en",))
    text = small(only)
    read = rendered(text, only, "en", NAMES)
    assert (read.language, read.pending, read.lines) == ("de", True, ("Wort.",))
    assert text.untranslated == (("art-one", "en"),)


def test_an_unknown_place_is_an_error() -> None:
    with pytest.raises(KeyError, match="nothing"):
        whole(small(article("art-one", "{nothing}", "")), "en", NAMES)


def test_every_language_of_the_example_reads_in_full_with_the_same_shape_and_no_place_left() -> None:
    text, names = example()
    for code in text.languages:
        for read in whole(text, code, names):
            words = " ".join(read.lines)
            assert "{" not in words
            assert "}" not in words
            assert not read.pending
            assert tuple(len(p.points) for p in read.paragraphs) == shape(text.article(read.id).text["en"])


def test_the_example_covers_every_prescribed_content() -> None:
    text, _ = example()
    assert missing(text) == ()
    assert {c.content.id for c in checklist(text) if c.required} == {
        c.id for c in CONTENTS if c.listing != "aid"
    }


def test_the_checklist_names_what_no_article_covers() -> None:
    text, _ = example()
    without = replace(text, articles=tuple(a for a in text.articles if a.id != "art-liability"))
    assert [c.id for c in missing(without)] == ["convention.l"]
    plain = small(article("art-one", "x", "x", covers=("convention.a",)))
    found = {c.content.id: c for c in checklist(plain)}
    assert found["convention.a"].articles == ("art-one",)
    assert not found["convention.b"].required
    assert not any(name.startswith("aid.") for name in found)


def test_what_the_public_summary_names_is_told_from_what_is_to_be_checked() -> None:
    seen = {c.id for c in CONTENTS if c.seen and c.listing != "aid"}
    wanted = {f"convention.{letter}" for letter in "abcefgl"} | {f"statutes.{letter}" for letter in "abcfg"}
    assert seen == wanted


def test_words_that_came_and_went_give_back_both_texts() -> None:
    old, new = "Payment is due 30 days after the call.", "Payment falls due 45 days after a call."
    pieces = word_diff(old, new)
    assert "".join(p.text for p in pieces if p.mark != "ins") == old
    assert "".join(p.text for p in pieces if p.mark != "del") == new
    lines = line_diff(["a b", "c"], ["a x", "c", "d"])
    assert [[p.mark for p in line] for line in lines] == [["same", "del", "ins"], ["same"], ["ins"]]


def test_versions_are_compared_article_by_article() -> None:
    one, two, three = (article(f"art-{n}", f"{n} in {{days}} days", f"{n}") for n in ("one", "two", "three"))
    before = small(one, two, three, days=Term("duration", Fraction(30), unit="days"))
    four = article("art-four", "new", "neu")
    after = small(two, one, four, days=Term("duration", Fraction(45), unit="days"))
    found = {c.id: c for c in compare(before, after, "en", NAMES)}
    assert {k: c.kind for k, c in found.items()} == {
        "art-two": "changed",
        "art-one": "changed",
        "art-four": "added",
        "art-three": "removed",
    }
    assert [k for k, c in found.items() if c.moved] in (["art-two"], ["art-one"])
    assert [p.text for p in found["art-one"].lines[0] if p.mark == "ins"] == ["45"]
    german = {c.id: c.kind for c in compare(before, after, "de", NAMES)}
    assert sorted(k for k, kind in german.items() if kind == "moved") != []


def test_the_fewest_articles_that_moved() -> None:
    assert moved(["a", "b", "c"], ["a", "b", "c"]) == frozenset()
    assert moved(["a", "b", "c", "d"], ["d", "a", "b", "c"]) == {"d"}
    assert moved([], ["a"]) == frozenset()


def test_two_languages_stand_beside_one_another() -> None:
    text, names = example()
    pairs = beside(text, "fr", "nl", names)
    assert all(len(a.paragraphs) == len(b.paragraphs) for a, b in pairs)
    votes = next(a for a, _ in pairs if a.id == "art-votes")
    assert "2/3" in words_of(votes.paragraphs[0].runs)
