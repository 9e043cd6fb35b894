"""Find where each value of a TOML text stands, so that one number can be replaced and nothing else touched.

Covers TOML 1.0 (toml.io/en/v1.0.0): tables, arrays of tables, dotted and quoted keys, inline tables, all
strings.
"""

from __future__ import annotations

import re
import tomllib

Path = tuple[str | int, ...]
Span = tuple[int, int]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SCALAR = re.compile(r"[^,\]}\s#]+(?: [0-9][^,\]}\s#]*)?")


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.spans: dict[Path, Span] = {}
        self.counts: dict[Path, int] = {}

    def run(self) -> dict[Path, Span]:
        table: Path = ()
        self.skip(_BLANK)
        while self.at < len(self.text):
            if self.text.startswith("[[", self.at):
                self.at += 2
                table = self.resolved(self.key(), appended=True)
                self.at += 2
            elif self.text[self.at] == "[":
                self.at += 1
                table = self.resolved(self.key(), appended=False)
                self.at += 1
            else:
                self.pair(table)
            self.skip(_BLANK)
        return self.spans

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        assert match is not None
        self.at = match.end()

    def resolved(self, keys: tuple[str, ...], *, appended: bool) -> Path:
        """The path of a header: each array of tables stands for its last entry."""
        path: Path = ()
        for number, key in enumerate(keys):
            path = (*path, key)
            if appended and number == len(keys) - 1:
                self.counts[path] = self.counts.get(path, -1) + 1
            if path in self.counts:
                path = (*path, self.counts[path])
        return path

    def key(self) -> tuple[str, ...]:
        parts: list[str] = []
        while True:
            self.skip(_SPACE)
            start = self.at
            if self.text[start] in "\"'":
                self.string()
                parts.append(str(tomllib.loads(f"k = {self.text[start : self.at]}")["k"]))
            else:
                self.skip(_BARE)
                parts.append(self.text[start : self.at])
            self.skip(_SPACE)
            if self.text[self.at] != ".":
                return tuple(parts)
            self.at += 1

    def pair(self, table: Path) -> None:
        path = (*table, *self.key())
        self.at += 1  # the '='
        self.skip(_SPACE)
        self.value(path)

    def value(self, path: Path) -> None:
        start = self.at
        first = self.text[start]
        if first in "\"'":
            self.string()
        elif first == "[":
            self.array(path)
        elif first == "{":
            self.inline(path)
        else:
            self.skip(_SCALAR)
        self.spans[path] = (start, self.at)

    def array(self, path: Path) -> None:
        self.at += 1
        number = 0
        self.skip(_BLANK)
        while self.text[self.at] != "]":
            self.value((*path, number))
            number += 1
            self.skip(_BLANK)
            if self.text[self.at] == ",":
                self.at += 1
                self.skip(_BLANK)
        self.at += 1

    def inline(self, path: Path) -> None:
        self.at += 1
        self.skip(_BLANK)
        while self.text[self.at] != "}":
            self.pair(path)
            self.skip(_BLANK)
            if self.text[self.at] == ",":
                self.at += 1
                self.skip(_BLANK)
        self.at += 1

    def string(self) -> None:
        quote = self.text[self.at]
        long = quote * 3
        if self.text.startswith(long, self.at):
            end = self.at + 3
            while not self.text.startswith(long, end):
                end += 2 if quote == '"' and self.text[end] == "\\" else 1
            end += 3
            while (
                end < len(self.text) and self.text[end] == quote
            ):  # up to two quotes may end the string itself
                end += 1
            self.at = end
            return
        end = self.at + 1
        while self.text[end] != quote:
            end += 2 if quote == '"' and self.text[end] == "\\" else 1
        self.at = end + 1


def value_spans(text: str) -> dict[Path, Span]:
    """Start and end of the value of each key, by its path (numbers count entries of arrays from 0).

    The text must be valid TOML (tomllib.loads raises TOMLDecodeError otherwise).

    >>> text = '[[m]]\\nid = "a"\\n[m.cost]\\nvalue = 3.5 # EUR\\n'
    >>> start, end = value_spans(text)[("m", 0, "cost", "value")]
    >>> text[start:end]
    '3.5'
    """
    tomllib.loads(text)
    return _Scanner(text).run()
