"""Two versions, or two languages, beside one another."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from bothbanks.civic.compact.agreement import AgreementText
from bothbanks.civic.compact.agreement_text import Names, Rendered, rendered

Mark = Literal["same", "ins", "del"]
Kind = Literal["same", "changed", "added", "removed", "moved"]
_TOKENS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    """A stretch of words that stayed, came in, or went out."""

    mark: Mark
    text: str


@dataclass(frozen=True)
class ArticleChange:
    """What became of one article; ``moved`` may go with changed words too."""

    id: str
    kind: Kind
    moved: bool
    before: int | None  # its number then
    after: int | None  # its number now
    title: tuple[Piece, ...]
    lines: tuple[tuple[Piece, ...], ...]


def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """The words of two texts, marked.

    Leaving out what came in gives the earlier text, leaving out what went the later one.

    >>> [f"{p.mark}:{p.text}" for p in word_diff("within 30 days", "within 45 days")]
    ['same:within ', 'del:30', 'ins:45', 'same: days']
    """
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    pieces: list[Piece] = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            pieces.append(Piece("same", "".join(old[a:b])))
            continue
        if a < b:
            pieces.append(Piece("del", "".join(old[a:b])))
        if c < d:
            pieces.append(Piece("ins", "".join(new[c:d])))
    return tuple(pieces)


def line_diff(before: Sequence[str], after: Sequence[str]) -> tuple[tuple[Piece, ...], ...]:
    """Paragraphs matched first, then the words inside those that differ."""
    out: list[tuple[Piece, ...]] = []
    for what, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            out += [(Piece("same", line),) for line in before[a:b]]
            continue
        old, new = list(before[a:b]), list(after[c:d])
        for first, second in zip(old, new, strict=False):
            out.append(word_diff(first, second))
        out += [(Piece("del", line),) for line in old[len(new) :]]
        out += [(Piece("ins", line),) for line in new[len(old) :]]
    return tuple(out)


def moved(before: Sequence[str], after: Sequence[str]) -> frozenset[str]:
    """What stands in another order: the fewest articles that explain it.

    >>> sorted(moved(["a", "b", "c", "d"], ["b", "c", "d", "a"]))
    ['a']
    """
    place = {identifier: n for n, identifier in enumerate(before)}
    common = [identifier for identifier in after if identifier in place]
    tails: list[int] = []
    chains: list[list[str]] = []
    for identifier in common:
        at = bisect_left(tails, place[identifier])
        chain = [*(chains[at - 1] if at else []), identifier]
        if at == len(tails):
            tails.append(place[identifier])
            chains.append(chain)
        else:
            tails[at], chains[at] = place[identifier], chain
    stayed = set(chains[-1]) if chains else set()
    return frozenset(common) - stayed


def compare(
    before: AgreementText, after: AgreementText, language: str, names: Names
) -> tuple[ArticleChange, ...]:
    """Every article of both texts in a language, in the order of the later; those that went stand last."""
    shifted = moved([a.id for a in before.articles], [a.id for a in after.articles])
    out = []
    for article in after.articles:
        new = rendered(after, article, language, names)
        if article.id not in before.ids:
            out.append(_only("added", "ins", new))
            continue
        old = rendered(before, before.article(article.id), language, names)
        differs = (old.title, old.lines) != (new.title, new.lines)
        there = article.id in shifted
        kind: Kind = "changed" if differs else "moved" if there else "same"
        out.append(
            ArticleChange(
                article.id,
                kind,
                there,
                old.number,
                new.number,
                word_diff(old.title, new.title),
                line_diff(old.lines, new.lines),
            )
        )
    gone = [a for a in before.articles if a.id not in after.ids]
    return (*out, *(_only("removed", "del", rendered(before, a, language, names)) for a in gone))


def _only(kind: Kind, mark: Mark, article: Rendered) -> ArticleChange:
    return ArticleChange(
        article.id,
        kind,
        False,
        article.number if mark == "del" else None,
        article.number if mark == "ins" else None,
        (Piece(mark, article.title),),
        tuple((Piece(mark, line),) for line in article.lines),
    )


def beside(
    text: AgreementText, first: str, second: str, names: Names
) -> tuple[tuple[Rendered, Rendered], ...]:
    """Every article in two languages; their paragraphs stand in the same order."""
    return tuple((rendered(text, a, first, names), rendered(text, a, second, names)) for a in text.articles)
