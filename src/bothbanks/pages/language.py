"""The report's words in one language: gettext catalogues read at run time, no compiled files.

The message ids are the English sentences, so English needs no catalogue. The other languages
live in ``languages/<code>/LC_MESSAGES/*.po``, a file a subject. Words that come with the findings (names,
notes, draft articles) are picked by :meth:`Language.pick`, whose fallback is always visible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.lists import format_list
from babel.messages.pofile import read_po
from markupsafe import Markup, escape

HERE = Path(__file__).parent / "languages"
SOURCE_LANGUAGE = "en"
Messages = Mapping[str, tuple[str, ...]]


def available() -> tuple[str, ...]:
    """Languages the report's own words exist in, English first.

    >>> available()
    ('en', 'de', 'fr', 'nl')
    """
    found = sorted(p.parent.parent.name for p in HERE.glob("*/LC_MESSAGES/bothbanks.po"))
    return (SOURCE_LANGUAGE, *found)


@cache
def messages(code: str) -> Messages:
    """Message id -> translation (singular, plural where there is one). Empty for English."""
    if code == SOURCE_LANGUAGE:
        return {}
    out: dict[str, tuple[str, ...]] = {}
    for path in sorted((HERE / code / "LC_MESSAGES").glob("*.po")):
        for key, forms in catalogue(path, code):
            out.setdefault(key, forms)
    return out


def catalogue(path: Path, code: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(message id, its translations) of one file."""
    with path.open("rb") as file:
        read = read_po(file, locale=code)
    for message in read:
        if not message.id or message.fuzzy:
            continue
        key = message.id if isinstance(message.id, str) else message.id[0]
        text = message.string
        forms = (text,) if isinstance(text, str) else tuple(text or ())
        yield key, tuple(_spaced(form) for form in forms) if code == "fr" else forms


def _spaced(text: str) -> str:
    """French words with spaces that do not break before high punctuation.

    >>> _spaced("Source : la mairie").encode("unicode_escape").decode()
    'Source\\\\xa0: la mairie'
    """
    for mark in ":;?!»":
        text = text.replace(f" {mark}", f"\N{NO-BREAK SPACE}{mark}")
    return text.replace("« ", "«\N{NO-BREAK SPACE}")


@dataclass(frozen=True)
class Language:
    """One language: its sentences, its lists, and how it picks words from the findings."""

    code: str
    locale: Locale
    order: tuple[str, ...] = ()
    _messages: Messages = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, code: str, order: Sequence[str] = ()) -> Language:
        """The language of ``code``; ``order`` is where missing words are looked for, in turn."""
        return cls(code, Locale.parse(code), tuple(order), messages(code))

    def say(self, message: str, /, **values: object) -> Markup:
        """The sentence in this language; values are escaped unless they are markup already."""
        found = self._messages.get(message, ())
        text = found[0] if found and found[0] else message
        return escape(text).format(**values) if values else escape(text)

    def say_n(self, one: str, many: str, n: float, /, **values: object) -> Markup:
        """The sentence for a number of things, by the plural rule of the language.

        French counts none as one; a singular that says 'one' in words instead of a number stays for one.
        """
        form = 0 if self.locale.plural_form(n) == "one" and (n == 1 or "{count}" in one) else 1
        found = self._messages.get(one, ())
        text = found[form] if len(found) > form and found[form] else (one, many)[form]
        return escape(text).format(**values)

    def pick(self, text: Mapping[str, str], default: str = "") -> Markup:
        """Words of the findings in this language; words under the code '' belong to no language.

        Where they are missing: the first of ``order`` that has them, marked with its language
        (attribute and, by the style sheet, visibly); failing that, ``default``.
        """
        code, words = self._pick(text)
        if not words:
            return escape(default)
        if code in (self.code, ""):
            return escape(words)
        return Markup('<span class="other" dir="auto" lang="{}">{}</span>').format(code, words)

    def plain(self, text: Mapping[str, str], default: str = "") -> str:
        """As :meth:`pick`, without markup (for attributes and drawings)."""
        return self._pick(text)[1] or default

    def _pick(self, text: Mapping[str, str]) -> tuple[str, str]:
        for code in (self.code, "", *self.order, *sorted(text)):
            if text.get(code):
                return code, text[code]
        return "", ""

    def join(self, things: Iterable[object]) -> Markup:
        """'a, b and c' in this language."""
        parts = [str(escape(t)) for t in things]
        return Markup(format_list(parts, locale=self.locale)) if parts else Markup("")

    def country(self, code: str) -> str:
        """A country's name from its ISO 3166 code; the code itself where unknown."""
        return str(self.locale.territories.get(code, code))

    def own_name(self, code: str) -> str:
        """A language's name in that language, for the language switch."""
        try:
            name = Locale.parse(code).get_display_name(code) or code
        except (UnknownLocaleError, ValueError):
            return code
        return name[:1].title() + name[1:]

    def number_word(self, n: int) -> str:
        """'eight' for 8 up to twelve; figures beyond."""
        words = str(self.say("one two three four five six seven eight nine ten eleven twelve")).split()
        return words[n - 1] if 1 <= n <= len(words) else str(n)
