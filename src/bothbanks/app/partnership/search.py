"""Search over what the reader may see in full: titles and texts of every area, in the reader's language.

SQLite's FTS5 does the work, in memory: words without regard to case and accents, ranked by BM25. An index is
made for one size of the record and one set of datasets, and shared by all readers who see just those.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from threading import Lock
from unicodedata import normalize

from bothbanks.app.partnership.areas import areas
from bothbanks.app.partnership.desk import Reader
from bothbanks.app.partnership.sharing import gate
from bothbanks.civic.compact.roles import Actor

KEPT = 8  # indexes at once; readers fall into few classes
MOST = 50  # answers shown
MOST_WORDS, MOST_ASKED = 12, 1000  # words and characters of a question that count


@dataclass(frozen=True)
class Text:
    """Something that can be found. ``path`` is its page without the language; words come by language."""

    dataset: str
    path: str
    title: Mapping[str, str]
    words: Mapping[str, str]


@dataclass(frozen=True)
class Hit:
    """An answer: where it is, its title, and the words around what was asked, marked by \\x01 and \\x02."""

    path: str
    title: str
    excerpt: str


class Search:
    """Answers searches; keeps the last few indexes."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, frozenset[str], str], sqlite3.Connection] = {}
        self._lock = Lock()

    def find(self, reader: Reader, actor: Actor, language: str, asked: str) -> list[Hit]:
        """What fits all the words asked for (the last one may be unfinished), best first."""
        query = _query(asked)
        if not query:
            return []
        door = gate(reader, actor)
        seen = frozenset(name for name in datasets() if door.decide(name).full)
        with self._lock:
            index = self._index(reader, seen, language)
            rows = index.execute(
                "SELECT path, title, snippet(texts, 2, char(1), char(2), '…', 24) FROM texts"
                " WHERE texts MATCH ? ORDER BY bm25(texts, 0.0, 8.0, 1.0) LIMIT ?",
                (query, MOST),
            ).fetchall()
        return [Hit(*row) for row in rows]

    def _index(self, reader: Reader, seen: frozenset[str], language: str) -> sqlite3.Connection:
        key = (reader.store.record_size(), seen, language)
        if key not in self._kept:
            while len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept))).close()
            self._kept[key] = _made(reader, seen, language)
        return self._kept[key]


def datasets() -> frozenset[str]:
    """The datasets that areas give texts of."""
    return frozenset(dataset for area in areas() for dataset in getattr(area, "SEARCHED", {}))


def _made(reader: Reader, seen: frozenset[str], language: str) -> sqlite3.Connection:
    index = sqlite3.connect(":memory:", check_same_thread=False)
    index.execute(
        "CREATE VIRTUAL TABLE texts USING fts5(path UNINDEXED, title, words,"
        " tokenize = 'unicode61 remove_diacritics 2')"
    )
    rows = (
        (text.path, _pick(text.title, language, reader), _pick(text.words, language, reader))
        for text in _texts(reader, seen)
    )
    index.executemany("INSERT INTO texts VALUES (?, ?, ?)", rows)
    return index


def _texts(reader: Reader, seen: frozenset[str]) -> Iterable[Text]:
    for area in areas():
        for dataset, texts in getattr(area, "SEARCHED", {}).items():
            if dataset in seen:
                yield from texts(reader)


def _pick(words: Mapping[str, str], language: str, reader: Reader) -> str:
    order = (language, *reader.region.languages, "en", *words)
    return next((words[code] for code in order if words.get(code)), "")


def _query(asked: str) -> str:
    """Every word quoted, so that nothing typed is read as the language of FTS5.

    >>> _query('deich "OR reserve'), _query("l’eau")
    ('"deich" "OR" "reserve"*', '"l" "eau"*')
    """
    whole = normalize("NFC", asked[:MOST_ASKED])
    words = "".join(c if c.isalnum() else " " for c in whole).split()[:MOST_WORDS]
    return " ".join(f'"{word}"' for word in words) + ("*" if words else "")
