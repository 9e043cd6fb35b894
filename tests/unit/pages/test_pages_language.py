"""Every sentence exists in every language, with the same places to fill; what falls back says so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

import bothbanks.pages
from bothbanks.pages.language import HERE, Language, available, catalogue, messages

KEYWORDS = {"t": None, "tn": (1, 2), "say": None, "say_n": (1, 2), "Refusal": (2,), "Area": (3,)}
ROOMS = ("pages", "site", "civic/compact", "app/partnership")
OTHERS = [c for c in available() if c != "en"]


def written() -> dict[str, tuple[str, ...]]:
    """Every sentence of the pages, the site and the refusals: message id -> its English forms."""
    source = Path(bothbanks.pages.__file__).parents[1]
    methods = [("**.py", "python"), ("templates/**.html", "jinja2")]
    out: dict[str, tuple[str, ...]] = {}
    for room in ROOMS:
        for _, _, message, _, _ in extract_from_dir(str(source / room), methods, {}, keywords=KEYWORDS):
            forms = (message,) if isinstance(message, str) else tuple(message)
            out[forms[0]] = forms
    return out


def places(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


def test_four_languages() -> None:
    assert available() == ("en", "de", "fr", "nl")


@pytest.mark.parametrize("code", OTHERS)
def test_no_sentence_is_missing_or_left_over(code: str) -> None:
    want, have = written(), messages(code)
    assert len(want) > 500
    assert sorted(set(want) - set(have)) == []
    assert sorted(set(have) - set(want)) == []


@pytest.mark.parametrize("code", OTHERS)
def test_no_sentence_is_translated_in_two_ways(code: str) -> None:
    found: dict[str, tuple[str, ...]] = {}
    twice = []
    for path in sorted((HERE / code / "LC_MESSAGES").glob("*.po")):
        twice += [
            (path.name, key) for key, forms in catalogue(path, code) if found.setdefault(key, forms) != forms
        ]
    assert twice == []


@pytest.mark.parametrize("code", OTHERS)
def test_translations_fill_the_same_places_and_have_all_plural_forms(code: str) -> None:
    wrong = []
    for key, forms in written().items():
        found = messages(code)[key]
        fits = all(places(ours) == places(theirs) for ours, theirs in zip(found, forms, strict=False))
        if len(found) != len(forms) or not all(found) or not fits:
            wrong.append((key, found))
    assert wrong == []


@pytest.mark.parametrize("code", available())
def test_twelve_number_words(code: str) -> None:
    language = Language.load(code)
    words = [language.number_word(n) for n in range(1, 13)]
    assert len(set(words)) == 12
    assert not any(w.isdigit() for w in words)
    assert language.number_word(13) == "13"


def test_no_compiled_catalogues_are_kept() -> None:
    assert list(HERE.rglob("*.mo")) == []


def test_fallback_is_visible_and_escaped() -> None:
    german = Language.load("de", ("de", "fr", "en"))
    assert german.pick({"de": "Bach"}) == "Bach"
    assert (
        german.pick({"en": "Brook", "fr": "Ruisseau & Cie"})
        == '<span class="other" dir="auto" lang="fr">Ruisseau &amp; Cie</span>'
    )
    assert german.pick({"": "Vaals"}) == "Vaals"
    assert german.pick({}, "id-1") == "id-1"
    assert german.plain({"ka": "მდინარე"}) == "მდინარე"


def test_sentences_escape_what_they_are_filled_with() -> None:
    assert (
        Language.load("en").say("{who} would gain {money}", who="<b>", money="1") == "&lt;b&gt; would gain 1"
    )


def test_lists_and_plurals_follow_the_language() -> None:
    assert Language.load("fr").join(["a", "b", "c"]) == "a, b et c"
    assert Language.load("de").say_n("{count} file", "{count} files", 1, count=1) == "1 Datei"
    assert Language.load("fr").say_n("{count} file", "{count} files", 0, count=0) == "0 fichier"
    assert Language.load("nl").say_n("{count} file", "{count} files", 0, count=0) == "0 bestanden"
    french = Language.load("fr")
    one, many = "One duty is late", "{count} duties are late"
    assert french.say_n(one, many, 1, count=1) == "Une obligation est en retard"
    assert french.say_n(one, many, 0, count=0) == "0 obligations sont en retard"
