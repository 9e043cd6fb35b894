"""CQL2 Text read into CQL2 JSON (OGC 21-065r2, Annex B), with the place of the first fault.

Why an own reader: see decision 21. Precedence: NOT, AND, OR; products before sums.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from bothbanks.standards.features.faults import QueryError

LONGEST = 10_000
DEEPEST = 40
Json = Any

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
    |(?P<string>'(?:[^']|'')*')
    |(?P<quoted>"[^"]+")
    |(?P<name>[^\W\d][\w.:]*|:[\w.:]+)
    |(?P<sign><=|>=|<>|[=<>+\-*/^%(),\[\]]))""",
    re.VERBOSE,
)
_SHAPES = (
    "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION",
)  # fmt: skip
_COMPARE = ("=", "<>", "<", ">", "<=", ">=")


class Node(dict[str, Json]):
    """A JSON object that remembers at which character (from 1) of the text it began."""

    at: int = 0


def node(at: int, **members: Json) -> Node:
    """A node at a place."""
    made = Node(members)
    made.at = at + 1
    return made


@dataclass
class _Reader:
    """A recursive descent over the text; one method a rule of the grammar."""

    text: str
    at: int = 0  # where the next token is looked for
    depth: int = 0

    def peek(self) -> tuple[str, str, int]:
        """(kind, text, place) of the next token; ('end', '', place) at the end."""
        if not self.text[self.at :].strip():
            return "end", "", len(self.text.rstrip())
        found = _TOKEN.match(self.text, self.at)
        if found is None:
            place = self.at + len(self.text[self.at :]) - len(self.text[self.at :].lstrip())
            raise self.fault(place, "a value, a property or an operator")
        kind = str(found.lastgroup)
        return kind, found[kind], found.start(kind)

    def take(self) -> tuple[str, str, int]:
        token = self.peek()
        if token[0] == "end":
            raise self.fault(token[2], "more")
        self.at = token[2] + len(token[1])
        return token

    def word(self, *words: str) -> bool:
        """Take one of the key words (or signs) if it comes next."""
        kind, text, place = self.peek()
        if kind in ("name", "sign") and text.upper() in words:
            self.at = place + len(text)
            return True
        return False

    def need(self, sign: str) -> None:
        if not self.word(sign):
            raise self.fault(self.peek()[2], repr(sign))

    def fault(self, place: int, expected: str) -> QueryError:
        rest = self.text[place : place + 20].strip()
        found = repr(rest) if rest else "the end"
        return QueryError(
            "features.filter", f"filter, character {place + 1}: found {found}; expected {expected}",
            "filter", str(place + 1),
        )  # fmt: skip

    def deeper(self) -> None:
        """One level further in; a filter of thousands of brackets must not exhaust the stack."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise QueryError(
                "features.filter-deep", f"filter: more than {DEEPEST} levels deep", "filter", str(self.at)
            )

    def condition(self) -> Json:
        """or := and {OR and}"""
        self.deeper()
        at = self.peek()[2]
        parts = [self.conjunction()]
        while self.word("OR"):
            parts.append(self.conjunction())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else node(at, op="or", args=parts)

    def conjunction(self) -> Json:
        """and := negation {AND negation}"""
        at = self.peek()[2]
        parts = [self.negation()]
        while self.word("AND"):
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else node(at, op="and", args=parts)

    def negation(self) -> Json:
        """negation := {NOT} predicate"""
        at = self.peek()[2]
        turns = 0
        while self.word("NOT"):
            turns += 1
        inner = self.predicate()
        return node(at, op="not", args=[inner]) if turns % 2 else inner

    def predicate(self) -> Json:
        """predicate := sum [comparison | LIKE | BETWEEN | IN | IS NULL]"""
        at = self.peek()[2]
        left = self.sum()
        _, text, _ = self.peek()
        if text in _COMPARE:
            self.take()
            return node(at, op=text, args=[left, self.sum()])
        if self.word("IS"):
            negated = self.word("NOT")
            if not self.word("NULL"):
                raise self.fault(self.peek()[2], "NULL")
            return self._maybe_not(at, negated, node(at, op="isNull", args=[left]))
        negated = self.word("NOT")
        if self.word("LIKE"):
            return self._maybe_not(at, negated, node(at, op="like", args=[left, self.sum()]))
        if self.word("BETWEEN"):
            low = self.sum()
            if not self.word("AND"):
                raise self.fault(self.peek()[2], "AND with the upper limit")
            return self._maybe_not(at, negated, node(at, op="between", args=[left, low, self.sum()]))
        if self.word("IN"):
            self.need("(")
            listed = [self.condition()]
            while self.word(","):
                listed.append(self.condition())
            self.need(")")
            return self._maybe_not(at, negated, node(at, op="in", args=[left, listed]))
        if negated:
            raise self.fault(self.peek()[2], "LIKE, BETWEEN or IN")
        return left

    @staticmethod
    def _maybe_not(at: int, negated: bool, inner: Node) -> Node:
        return node(at, op="not", args=[inner]) if negated else inner

    def sum(self) -> Json:
        """sum := product {(+|-) product}"""
        at = self.peek()[2]
        left = self.product()
        while (sign := self.peek()[1]) in ("+", "-"):
            self.take()
            left = node(at, op=sign, args=[left, self.product()])
        return left

    def product(self) -> Json:
        """product := power {(*|/|%|div) power}"""
        at = self.peek()[2]
        left = self.power()
        while (sign := self.peek()[1].lower()) in ("*", "/", "%", "div"):
            self.take()
            left = node(at, op=sign, args=[left, self.power()])
        return left

    def power(self) -> Json:
        """power := atom [^ power]"""
        at = self.peek()[2]
        left = self.atom()
        if not self.word("^"):
            return left
        self.deeper()
        made = node(at, op="^", args=[left, self.power()])
        self.depth -= 1
        return made

    def atom(self) -> Json:
        kind, text, at = self.take()
        if kind == "number":
            return _number(text)
        if kind == "string":
            return text[1:-1].replace("''", "'")
        if kind == "quoted":
            return node(at, property=text[1:-1])
        if text in ("-", "+") and self.peek()[0] == "number":
            value = _number(self.take()[1])
            return -value if text == "-" else value
        if text == "-":
            self.deeper()
            made = node(at, op="*", args=[-1, self.atom()])
            self.depth -= 1
            return made
        if text == "(":
            inner = self.condition()
            self.need(")")
            return inner
        if kind == "name":
            return self.named(text, at)
        raise self.fault(at, "a value, a property or a function")

    def named(self, text: str, at: int) -> Json:
        """A key word, a geometry, a function or a property."""
        upper = text.upper()
        if upper in ("TRUE", "FALSE"):
            return upper == "TRUE"
        if upper in ("AND", "OR", "NOT", "IN", "IS", "LIKE", "BETWEEN", "NULL"):
            raise self.fault(at, "a value, a property or a function")
        if upper in _SHAPES and self.peek()[1].upper() in ("(", "Z", "EMPTY"):
            return self.shape(at)
        if not self.word("("):
            return node(at, property=text)
        arguments: list[Json] = []
        if not self.word(")"):
            arguments.append(self.condition())
            while self.word(","):
                arguments.append(self.condition())
            self.need(")")
        return self.called(upper, text, arguments, at)

    def called(self, upper: str, text: str, arguments: list[Json], at: int) -> Json:
        if upper in ("DATE", "TIMESTAMP"):
            if len(arguments) != 1 or not isinstance(arguments[0], str):
                raise self.fault(at, f"{upper}('...')")
            return node(at, **{upper.lower(): arguments[0]})
        if upper == "INTERVAL":
            return node(at, interval=arguments)
        if upper == "BBOX":
            return node(at, bbox=arguments)
        return node(at, op=text.lower(), args=arguments)

    def shape(self, at: int) -> Json:
        """Well-known text up to its closing bracket, read by shapely."""
        import shapely

        opened, end = 0, at
        for end in range(self.at, len(self.text)):
            opened += {"(": 1, ")": -1}.get(self.text[end], 0)
            if opened == 0 and self.text[end] == ")":
                break
        else:
            raise self.fault(at, "well-known text with closed brackets")
        self.at = end + 1
        try:
            read = shapely.from_wkt(self.text[at : end + 1])
        except shapely.errors.GEOSException as error:
            raise self.fault(at, "well-known text of a geometry") from error
        made = Node(json.loads(shapely.to_geojson(read)))
        made.at = at + 1
        return made


def _number(text: str) -> int | float:
    return int(text) if text.isdigit() else float(text)


def read_text(text: str) -> Json:
    """A filter in CQL2 Text as CQL2 JSON.

    Raises
    ------
    QueryError
        It is longer than 10,000 characters, nested too deep, or not CQL2 Text; the character is named.

    Examples
    --------
    >>> read_text("a = 1 OR b LIKE 'M%' AND NOT c IS NULL")["op"]
    'or'
    >>> read_text("depth BETWEEN 100.0 and 150.0")
    {'op': 'between', 'args': [{'property': 'depth'}, 100.0, 150.0]}
    """
    if len(text) > LONGEST:
        raise QueryError("features.filter-long", f"filter: more than {LONGEST:,} characters", "filter")
    reader = _Reader(text)
    read = reader.condition()
    kind, _, place = reader.peek()
    if kind != "end":
        raise reader.fault(place, "AND, OR or the end")
    return read
