"""Fill an article's words with its terms, each formatted as its language writes it.

An article's words are read into paragraphs, points and runs; a run may refer to another article. Numbers,
money and dates come from Babel (CLDR), so '2/3', an amount or a date is the same in every language and
only written differently.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent

from bothbanks.civic.compact.agreement import AgreementText, Article, Term

PLACE = re.compile(r"\{([^{}]*)\}")
_DIGITS = re.compile(r"\d+")
_ARTICLE = {"en": "Article {n}", "de": "Artikel {n}", "fr": "article {n}", "nl": "artikel {n}"}
_HEADING = {"en": "Article {n}", "de": "Artikel {n}", "fr": "Article {n}", "nl": "Artikel {n}"}
BUILT_IN = ("members", "member_count", "region", "seat", "law")
"""Terms that come from the region and the head of the text: no need to state them."""


@dataclass(frozen=True)
class Names:
    """Names that texts use: the region's and the members', each by language."""

    region: Mapping[str, str]
    members: Mapping[str, Mapping[str, str]]

    def member(self, identifier: str, language: str) -> str:
        """A member's name in a language, in any other where it has none, its id at last."""
        return picked(self.members.get(identifier, {}), language) or identifier


def picked(words: Mapping[str, str], language: str) -> str:
    """Words in a language, or those of no language, or the first there are."""
    return words.get(language) or words.get("") or next((w for w in words.values() if w), "")


@dataclass(frozen=True)
class Run:
    """A stretch of text; ``article`` is the id it refers to, '' for plain words."""

    text: str
    article: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph and the points under it."""

    runs: tuple[Run, ...]
    points: tuple[tuple[Run, ...], ...] = ()


@dataclass(frozen=True)
class Rendered:
    """An article as it is read in one language."""

    id: str
    number: int
    label: str  # 'Article 7'
    title: str
    paragraphs: tuple[Paragraph, ...]
    language: str
    pending: bool = False
    part: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """Its paragraphs and points as plain text, numbered where there are several."""
        out = []
        many = len(self.paragraphs) > 1
        for number, paragraph in enumerate(self.paragraphs, 1):
            out.append((f"({number}) " if many else "") + words_of(paragraph.runs))
            out += [f"{letter(n)}) {words_of(point)}" for n, point in enumerate(paragraph.points)]
        return tuple(out)


def words_of(runs: tuple[Run, ...]) -> str:
    """The plain words of runs."""
    return "".join(run.text for run in runs)


def letter(number: int) -> str:
    """'a' for 0, 'b' for 1, 'aa' for 26.

    >>> letter(0), letter(25), letter(26)
    ('a', 'z', 'aa')
    """
    head, tail = divmod(number, 26)
    return (letter(head - 1) if head else "") + chr(ord("a") + tail)


def places(text: str) -> Counter[str]:
    """How often each ``{name}`` stands in a text.

    >>> dict(places("{quorum} of {members}; see {art-votes}"))
    {'quorum': 1, 'members': 1, 'art-votes': 1}
    """
    return Counter(PLACE.findall(text))


def figures(text: str) -> Counter[str]:
    """Every bare figure of a text, outside its ``{names}``: numbers of laws, mostly.

    Figures written as words are not seen.

    >>> dict(figures("Directive 2014/24/EU, within {notice} days"))
    {'2014': 1, '24': 1}
    """
    return Counter(_DIGITS.findall(PLACE.sub("", text)))


def shape(text: str) -> tuple[int, ...]:
    """The number of points in each paragraph.

    >>> shape("One.\\n\\nTwo:\\n- a\\n- b")
    (0, 2)
    """
    return tuple(len(points) for _, points in _blocks(text))


def _blocks(text: str) -> list[tuple[str, list[str]]]:
    out = []
    for block in re.split(r"\n\s*\n", text.strip()):
        head: list[str] = []
        points: list[str] = []
        for line in block.splitlines():
            words = line.strip()
            if words.startswith("- "):
                points.append(words[2:].strip())
            elif points:
                points[-1] += " " + words
            else:
                head.append(words)
        out.append((" ".join(head), points))
    return out


def term_in(term: Term, language: str) -> str:
    """A term as a language writes it.

    Examples
    --------
    >>> from fractions import Fraction
    >>> floor = Term("money", Fraction(2_000_000), currency="EUR")
    >>> [term_in(floor, code).replace("\\xa0", " ") for code in ("en", "de", "nl")]
    ['€2,000,000', '2.000.000 €', '€ 2.000.000']
    >>> term_in(Term("fraction", Fraction(2, 3)), "fr")
    '2/3'
    """
    if term.kind == "text":
        return picked(term.words, language)
    locale = Locale.parse(language)
    if term.kind == "date":
        assert term.day is not None
        return format_date(term.day, format="long", locale=locale)
    assert term.amount is not None
    amount = term.amount
    if term.kind == "fraction":
        return f"{amount.numerator}/{amount.denominator}"
    if term.kind == "money":
        whole = amount.denominator == 1
        return str(
            format_currency(
                int(amount) if whole else float(amount),
                term.currency,
                locale=locale,
                format=None if not whole else _without_cents(locale),
                currency_digits=not whole,
            )
        )
    if term.kind == "percent":
        return str(format_percent(float(amount), format=_with_hundredths(locale), locale=locale))
    return str(format_decimal(int(amount) if amount.denominator == 1 else float(amount), locale=locale))


def _without_cents(locale: Locale) -> str:
    pattern = str(locale.currency_formats["standard"].pattern)
    return pattern.replace("0.00", "0")


def _with_hundredths(locale: Locale) -> str:
    pattern = str(locale.percent_formats[None].pattern)
    return pattern.replace("0", "0.##") if pattern.count("0") == 1 else pattern.replace("##0", "##0.##")


def rendered(text: AgreementText, article: Article, language: str, names: Names) -> Rendered:
    """An article in a language, its terms filled in.

    Where the article has no words in that language yet, those of the first language that has are taken, and
    the result says so (``pending``). Raises KeyError on a name that is neither term nor article.
    """
    code = (
        language
        if article.text.get(language)
        else next((c for c in text.languages if article.text.get(c)), "")
    )
    number = text.number(article.id)
    paragraphs = tuple(
        Paragraph(
            _runs(head, text, code or language, names), tuple(_runs(p, text, code, names) for p in points)
        )
        for head, points in _blocks(article.text.get(code, ""))
    )
    return Rendered(
        id=article.id,
        number=number,
        label=_HEADING.get(code, "Art. {n}").format(n=number),
        title=spaced(picked(article.title, language), language),
        paragraphs=paragraphs,
        language=code or language,
        pending=language in article.pending or code != language,
        part=article.part,
    )


def _runs(words: str, text: AgreementText, language: str, names: Names) -> tuple[Run, ...]:
    runs: list[Run] = []
    at = 0
    plain = ""
    for found in PLACE.finditer(words):
        plain += words[at : found.start()]
        at = found.end()
        name = found[1]
        if name in text.ids:
            if plain:
                runs.append(Run(spaced(plain, language)))
            runs.append(Run(_ARTICLE.get(language, "Art. {n}").format(n=text.number(name)), name))
            plain = ""
        else:
            plain += value_of(name, text, language, names)
    plain += words[at:]
    if plain or not runs:
        runs.append(Run(spaced(plain, language)))
    return tuple(runs)


def value_of(name: str, text: AgreementText, language: str, names: Names) -> str:
    """What ``{name}`` stands for in a language. Raises KeyError where it stands for nothing."""
    if name in text.terms:
        return term_in(text.terms[name], language)
    if name == "members":
        listed = [names.member(m, language) for m in text.members]
        return str(format_list(listed, locale=Locale.parse(language))) if listed else ""
    if name == "member_count":
        return str(len(text.members))
    if name == "region":
        return picked(names.region, language)
    if name == "seat":
        return picked(text.seat.place, language)
    if name == "law":
        return str(Locale.parse(language).territories.get(text.seat.law, text.seat.law))
    if name.startswith("member.") and name.removeprefix("member.") in text.members:
        return names.member(name.removeprefix("member."), language)
    raise KeyError(name)


def is_place(
    name: str, terms: Mapping[str, object], articles: frozenset[str], members: tuple[str, ...]
) -> bool:
    """Whether ``{name}`` stands for something."""
    return (
        name in terms
        or name in articles
        or name in BUILT_IN
        or (name.startswith("member.") and name.removeprefix("member.") in members)
    )


def spaced(text: str, language: str) -> str:
    """French words with spaces that don't break before high punctuation; others as they are."""
    if language != "fr":
        return text
    for mark in ":;?!»":
        text = text.replace(f" {mark}", f"\N{NO-BREAK SPACE}{mark}")
    return text.replace("« ", "«\N{NO-BREAK SPACE}")


def whole(text: AgreementText, language: str, names: Names) -> tuple[Rendered, ...]:
    """Every article in a language."""
    return tuple(rendered(text, article, language, names) for article in text.articles)
