"""Check ``compact.toml`` against the region: languages that say the same, pointers that lead somewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from bothbanks.civic.compact.agreement_contents import CONTENT_IDS
from bothbanks.civic.compact.agreement_text import BUILT_IN, figures, is_place, places, shape
from bothbanks.region.problems import Problems, short

if TYPE_CHECKING:
    from bothbanks.region.compact.agreement import AgreementSettings, ArticleSettings
    from bothbanks.region.compact.section import KnownCompact


class _Notes:
    """Where complaints go, with the file filled in."""

    def __init__(self, file: str, problems: Problems) -> None:
        self.file, self.problems = file, problems

    def add(self, record: str, field: str, found: str, expected: str, code: str) -> None:
        self.problems.add(self.file, found, expected, record=record, field=field, code=code)


def check_agreement(settings: AgreementSettings, known: KnownCompact, problems: Problems) -> None:
    """Note every problem of the text; nothing is raised."""
    notes = _Notes(known.file, problems)
    _check_head(settings, known, notes)
    _check_words("", "title", settings.title, known, notes)
    _check_words("seat", "place", settings.seat.place, known, notes)
    if settings.notice:
        _check_words("", "notice", settings.notice, known, notes)
    _check_terms(settings, known, notes)
    _check_once("parts", [p.id for p in settings.parts], notes)
    _check_once("articles", [a.id for a in settings.articles], notes)
    for number, part in enumerate(settings.parts, 1):
        _check_words(f"parts[{number}] {part.id}", "title", part.title, known, notes)
    ids = frozenset(a.id for a in settings.articles) | known.articles
    for number, article in enumerate(settings.articles, 1):
        record = f"articles[{number}] {article.id}"
        _check_article(article, record, settings, known, notes)
        for code, words in article.text.items():
            _check_places(words, f"text.{code}", record, settings, known, ids, notes)
        _check_alike(article, record, notes)


def _check_once(table: str, ids: list[str], notes: _Notes) -> None:
    for identifier, times in Counter(ids).items():
        if times > 1:
            notes.add(table, "id", f"'{identifier}' {times} times", "each id once", "region.duplicate")


def _check_head(settings: AgreementSettings, known: KnownCompact, notes: _Notes) -> None:
    members = known.settings.members
    listed = ", ".join(members)
    if settings.seat.member not in members:
        notes.add(
            "seat", "member", short(settings.seat.member), f"a member: {listed}", "region.unknown-member"
        )
    countries = sorted({m.country for m in known.members})
    if settings.seat.law not in countries and countries:
        wanted = f"a country of a member: {', '.join(countries)}"
        notes.add("seat", "law", short(settings.seat.law), wanted, "region.agreement-law")
    for member in settings.signed:
        if member not in members:
            notes.add("signed", member, short(member), f"a member: {listed}", "region.unknown-member")
    if settings.status == "draft":
        for name in ("in_force", "signed"):
            if getattr(settings, name):
                notes.add("", name, "a date in a draft", "status = 'in-force'", "region.agreement-dates")
        return
    if settings.in_force is None:
        notes.add(
            "", "in_force", "nothing", "the day since when the agreement is in force", "region.missing-key"
        )
    for member in members:
        if member not in settings.signed:
            wanted = f"the day on which '{member}' signed or ratified"
            notes.add("signed", member, "nothing", wanted, "region.missing-key")
        elif settings.in_force is not None and settings.signed[member] > settings.in_force:
            wanted = f"a day up to {settings.in_force}, when the agreement came into force"
            notes.add("signed", member, str(settings.signed[member]), wanted, "region.agreement-dates")


def _check_terms(settings: AgreementSettings, known: KnownCompact, notes: _Notes) -> None:
    for name, term in settings.terms.items():
        if name in BUILT_IN or name.startswith(("art-", "member.")):
            notes.add(
                f"terms.{name}",
                "",
                "a name that the program fills in",
                f"another name than {', '.join(BUILT_IN)}, art-… and member.…",
                "region.duplicate",
            )
        if term.text is not None:
            _check_words(f"terms.{name}", "text", term.text, known, notes)


def _check_words(
    record: str, field: str, words: Mapping[str, str], known: KnownCompact, notes: _Notes
) -> None:
    for code in known.settings.languages:
        if not words.get(code, "").strip():
            notes.add(record, field, f"nothing in '{code}'", f"words in '{code}'", "region.missing-words")
    _check_languages(record, field, words, known, notes)


def _check_languages(
    record: str, field: str, words: Mapping[str, str], known: KnownCompact, notes: _Notes
) -> None:
    for code in words:
        if code not in known.settings.languages:
            wanted = f"a language of the region: {', '.join(known.settings.languages)}"
            notes.add(record, field, f"words in '{code}'", wanted, "region.unknown-language")


def _check_article(
    article: ArticleSettings, record: str, settings: AgreementSettings, known: KnownCompact, notes: _Notes
) -> None:
    parts = [p.id for p in settings.parts]
    if article.part and article.part not in parts:
        wanted = f"a part: {', '.join(parts) or 'none is stated'}"
        notes.add(record, "part", short(article.part), wanted, "region.unknown-part")
    for content in article.covers:
        if content not in CONTENT_IDS:
            wanted = "a content of docs/reference/compact.md, such as statutes.b"
            notes.add(record, "covers", short(content), wanted, "region.unknown-content")
    for code in article.pending:
        if code not in known.settings.languages:
            wanted = f"a language of the region: {', '.join(known.settings.languages)}"
            notes.add(record, "pending", short(code), wanted, "region.unknown-language")
        elif settings.status != "draft":
            notes.add(
                record,
                "pending",
                f"'{code}' still to be written or checked, in a text that is in force",
                "every language of a text in force",
                "region.missing-translation",
            )
    for name in ("title", "text"):
        words: Mapping[str, str] = getattr(article, name)
        _check_languages(record, name, words, known, notes)
        for code in known.settings.languages:
            if not words.get(code, "").strip() and code not in article.pending:
                notes.add(
                    record,
                    name,
                    f"nothing in '{code}'",
                    f"its words in '{code}', or '{code}' under pending while the text is a draft",
                    "region.missing-translation",
                )


def _check_places(
    words: str,
    field: str,
    record: str,
    settings: AgreementSettings,
    known: KnownCompact,
    ids: frozenset[str],
    notes: _Notes,
) -> None:
    for name in places(words):
        if is_place(name, settings.terms, ids, known.settings.members):
            continue
        if name.startswith("art-"):
            wanted = f"an article of compact.toml ({', '.join(sorted(ids))})"
            notes.add(record, field, f"'{{{name}}}', which is no article", wanted, "region.unknown-article")
        else:
            stated = ", ".join([*settings.terms, *BUILT_IN, "member.<id>"])
            notes.add(record, field, f"'{{{name}}}'", f"a term: {stated}", "region.unknown-term")
    if words.count("{") != sum(places(words).values()) or words.count("}") != sum(places(words).values()):
        notes.add(record, field, "a brace without its other half", "{name}", "region.unknown-term")


def _check_alike(article: ArticleSettings, record: str, notes: _Notes) -> None:
    """Every language has the same terms, the same bare figures, the same paragraphs and points."""
    written = {code: words for code, words in article.text.items() if words.strip()}
    codes = [code for code in written if code not in article.pending]
    if len(codes) < 2:
        return
    first = codes[0]
    for code in codes[1:]:
        for what, read in (("terms", places), ("figures", figures)):
            here, there = read(written[first]), read(written[code])
            if here != there:
                found = f"{what} {_only(there, here)} in '{code}', {_only(here, there)} in '{first}'"
                wanted = f"the same {what}, as often, in every language"
                notes.add(record, f"text.{code}", found, wanted, "region.languages-differ")
        if shape(written[first]) != shape(written[code]):
            notes.add(
                record,
                f"text.{code}",
                f"{_shown(shape(written[code]))} in '{code}', {_shown(shape(written[first]))} in '{first}'",
                "the same paragraphs and points in every language",
                "region.languages-differ",
            )


def _only(here: Counter[str], there: Counter[str]) -> str:
    extra = here - there
    return "+".join(sorted(extra.elements())) or "none more"


def _shown(points: tuple[int, ...]) -> str:
    return f"{len(points)} paragraph(s) with {sum(points)} point(s)"
