"""Change one thing of a text: an article's words in a language, a figure, the order, an article more or less.

The result is a whole new text. Where the words of one language no longer say what the others say (other
terms, other bare figures, other paragraphs), the others are marked as still to be brought in line: that is
how a draft is amended in one language and then translated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.agreement import AgreementText, Article, Term
from bothbanks.civic.compact.agreement_contents import CONTENT_IDS
from bothbanks.civic.compact.agreement_text import figures, is_place, places, shape

_ID = re.compile(r"art-[a-z0-9]+(-[a-z0-9]+)*")
Edited = AgreementText | Refusal


def alike(first: str, second: str) -> bool:
    """Whether two texts have the same terms, bare figures, paragraphs and points.

    >>> alike("within {notice} days", "binnen {notice} Tagen"), alike("in {notice} days", "in 30 Tagen")
    (True, False)
    """
    return (places(first), figures(first), shape(first)) == (
        places(second),
        figures(second),
        shape(second),
    )


def word_article(
    text: AgreementText, article: str, language: str, title: str, words: str, checked: bool = False
) -> Edited:
    """New words for an article in a language.

    Other languages that are not alike any more become pending. ``checked`` says that somebody has compared
    this language with the others, so that it is no longer pending; it must be alike them then.
    """
    found = _article(text, article)
    if isinstance(found, Refusal):
        return found
    wrong = words_fault(text, language, title, words)
    if wrong is not None:
        return wrong
    written = {code: w for code, w in found.text.items() if code != language and w.strip()}
    settled = [code for code in written if code not in found.pending]
    differ = {code for code in settled if not alike(words, written[code])}
    pending = set(found.pending)
    if checked:
        if differ:
            return Refusal(
                "agreement.not-alike",
                "'{language}' does not have the same terms, figures and paragraphs as {others}.",
                {"language": language, "others": ", ".join(sorted(differ))},
            )
        pending.discard(language)
    elif language not in pending and words.strip() != found.text.get(language, "").strip():
        pending |= set(settled)  # the others have not seen these words yet
    fresh = replace(
        found,
        title={**found.title, language: title.strip()},
        text={**found.text, language: words.strip()},
        pending=tuple(code for code in text.languages if code in pending),
    )
    return _with(text, fresh)


def words_fault(text: AgreementText, language: str, title: str, words: str) -> Refusal | None:
    """Why words can't stand in an article of the text; None where they can."""
    if language not in text.languages:
        return Refusal(
            "agreement.no-language", "the text has no version in '{language}'.", {"language": language}
        )
    if not title.strip() or not words.strip():
        return Refusal("agreement.no-title-or-words", "an article needs a title and words.")
    if words.count("{") != sum(places(words).values()) or words.count("}") != words.count("{"):
        return Refusal("agreement.brace", "a brace has lost its other half.")
    for name in places(words):
        if not is_place(name, text.terms, text.ids, text.members):
            return Refusal(
                "agreement.no-term",
                "'{name}' is neither a term nor an article of this text.",
                {"name": name},
                "missing",
            )
    return None


def add_article(
    text: AgreementText,
    article: str,
    after: str,
    language: str,
    title: str,
    words: str,
    covers: tuple[str, ...] = (),
) -> Edited:
    """A new article behind another, in the same part; the other languages are pending."""
    before = _article(text, after)
    if isinstance(before, Refusal):
        return before
    if not _ID.fullmatch(article):
        return Refusal(
            "agreement.article-id",
            "'{article}' is no identifier of an article; write art- and small letters, digits and dashes.",
            {"article": article},
        )
    if article in text.ids:
        return Refusal(
            "agreement.article-there", "there is an article {article} already.", {"article": article}
        )
    unknown = sorted(set(covers) - CONTENT_IDS)
    if unknown:
        return Refusal(
            "agreement.no-content", "the checklist has no '{content}'.", {"content": unknown[0]}, "missing"
        )
    wrong = words_fault(text, language, title, words)
    if wrong is not None:
        return wrong
    others = tuple(code for code in text.languages if code != language)
    made = Article(article, {language: title.strip()}, {language: words.strip()}, before.part, covers, others)
    at = text.number(after)
    return replace(text, articles=(*text.articles[:at], made, *text.articles[at:]))


def drop_article(text: AgreementText, article: str) -> Edited:
    """Without an article; refused while another article refers to it."""
    found = _article(text, article)
    if isinstance(found, Refusal):
        return found
    users = [
        a.id for a in text.articles if a.id != article and any(article in places(w) for w in a.text.values())
    ]
    if users:
        return Refusal(
            "agreement.referred-to",
            "{article} can't go while {others} refer to it.",
            {"article": article, "others": ", ".join(users)},
        )
    return replace(text, articles=tuple(a for a in text.articles if a.id != article))


def move_article(text: AgreementText, article: str, after: str) -> Edited:
    """An article put behind another ('' for the front), into its part."""
    found = _article(text, article)
    if isinstance(found, Refusal):
        return found
    rest = [a for a in text.articles if a.id != article]
    if not after:
        return replace(text, articles=(replace(found, part=rest[0].part if rest else found.part), *rest))
    behind = _article(text, after)
    if isinstance(behind, Refusal):
        return behind
    if after == article:
        return text
    at = [a.id for a in rest].index(after) + 1
    return replace(text, articles=(*rest[:at], replace(found, part=behind.part), *rest[at:]))


def set_term(text: AgreementText, name: str, term: Term) -> Edited:
    """Another figure, date or amount under the same name; it changes in every language at once."""
    old = text.terms.get(name)
    if old is None:
        return Refusal("agreement.no-such-term", "there is no term '{name}'.", {"name": name}, "missing")
    if (old.kind, old.unit) != (term.kind, term.unit):
        return Refusal(
            "agreement.term-kind",
            "'{name}' is a {kind}; give it another value of that kind.",
            {"name": name, "kind": old.unit or old.kind},
        )
    terms: Mapping[str, Term] = {**text.terms, name: term}
    return replace(text, terms=terms)


def _article(text: AgreementText, article: str) -> Article | Refusal:
    if article not in text.ids:
        return Refusal(
            "agreement.no-article", "there is no article {article}.", {"article": article}, "missing"
        )
    return text.article(article)


def _with(text: AgreementText, article: Article) -> AgreementText:
    return replace(text, articles=tuple(article if a.id == article.id else a for a in text.articles))
