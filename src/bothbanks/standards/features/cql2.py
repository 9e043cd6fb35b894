"""CQL2 filters evaluated on the columns of a layer (OGC 21-065r2): one array operation a node.

Logic has three values as in SQL: a comparison with a missing value is unknown, NOT unknown is unknown, and
only what is true is selected (the counts of the standard's own tests, Annex A, need this). Positions in
messages: a character of a text filter, a JSON pointer of a JSON one.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any, NoReturn

import numpy as np

from bothbanks.standards.features import crs as systems
from bothbanks.standards.features.cql2_text import LONGEST, Json, Node, read_text
from bothbanks.standards.features.cql2_time import RELATIONS, instant, interval_bound
from bothbanks.standards.features.faults import QueryError
from bothbanks.standards.features.table import BoolArray, FeatureTable

MOST_NODES = 1_000
MOST_VERTICES = 20_000
DEEPEST = 80
GEOMETRY = ("geometry", "geom")
LANGUAGES = ("cql2-text", "cql2-json")
SPATIAL = ("intersects", "equals", "disjoint", "touches", "within", "overlaps", "crosses", "contains")
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": np.equal, "<>": np.not_equal, "<": np.less, ">": np.greater,
    "<=": np.less_equal, ">=": np.greater_equal,
}  # fmt: skip
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.true_divide,
    "%": np.fmod, "div": np.floor_divide, "^": np.power,
}  # fmt: skip


@dataclass(frozen=True)
class Values:
    """What a node comes to: its kind, one value or one a feature, and where it is known."""

    kind: str  # 'string', 'number', 'boolean', 'date', 'instant', 'interval', 'geometry'
    data: Any
    known: Any = True
    end: Any = None  # of an interval


def read_filter(text: str, language: str = "cql2-text") -> Json:
    """A filter as CQL2 JSON.

    Raises
    ------
    QueryError
        The language is not one of the two, or the text can't be read; the place is named.
    """
    if language == "cql2-text":
        return read_text(text)
    if language != "cql2-json":
        raise QueryError(
            "features.filter-lang",
            f"filter-lang: found {language!r}; expected {' or '.join(LANGUAGES)}",
            "filter-lang",
        )
    if len(text) > LONGEST:
        raise QueryError("features.filter-long", f"filter: more than {LONGEST:,} characters", "filter")
    try:
        return json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise QueryError(
            "features.filter", f"filter, character {error.pos + 1}: {error.msg}", "filter", str(error.pos + 1)
        ) from error
    except RecursionError:
        raise QueryError("features.filter-deep", "filter: nested too deep", "filter") from None


def _no_constant(name: str) -> NoReturn:
    raise QueryError("features.filter", f"filter: {name} is no number of JSON", "filter")


def selected(table: FeatureTable, condition: Json, filter_crs: str = systems.CRS84) -> BoolArray:
    """Which features a filter (CQL2 JSON) selects.

    Raises
    ------
    QueryError
        A property that is not there, kinds that don't fit, or an operator that is not offered.
    """
    found = _Evaluation(table, filter_crs).value(condition, "")
    if found.kind != "boolean":
        raise QueryError("features.filter", f"filter: is a {found.kind}; expected a condition", "filter")
    true = np.broadcast_to(np.logical_and(found.data, found.known), (len(table),))
    return np.array(true, dtype=np.bool_)


class _Evaluation:
    """One filter over one table."""

    def __init__(self, table: FeatureTable, filter_crs: str) -> None:
        self.table = table
        self.crs = filter_crs
        self.nodes = 0

    def fault(self, what: Json, pointer: str, words: str) -> QueryError:
        at = str(what.at) if isinstance(what, Node) else pointer
        where = f", character {at}" if isinstance(what, Node) else f", at {pointer}" if pointer else ""
        return QueryError("features.filter", f"filter{where}: {words}", "filter", at)

    def value(self, what: Json, pointer: str) -> Values:
        """Any node."""
        self.nodes += 1
        if self.nodes > MOST_NODES or pointer.count("/") > DEEPEST:
            raise QueryError(
                "features.filter-deep", f"filter: more than {MOST_NODES:,} parts, or too deep", "filter"
            )
        if isinstance(what, bool):
            return Values("boolean", what)
        if isinstance(what, int | float):
            return Values("number", float(what))
        if isinstance(what, str):
            return Values("string", unicodedata.normalize("NFC", what))
        if not isinstance(what, dict):
            raise self.fault(what, pointer, "expected a value, a property or an operation")
        for member, read in (
            ("op", self._operation), ("property", self._property), ("timestamp", self._timestamp),
            ("date", self._date), ("interval", self._interval), ("bbox", self._bbox),
            ("type", self._geometry), ("casei", self._casei), ("accenti", self._accenti),
        ):  # fmt: skip
            if member in what:
                return read(what, pointer)
        raise self.fault(
            what, pointer, "expected an object with op, property, date, timestamp, interval, bbox or type"
        )

    def _arguments(self, what: Json, pointer: str, count: int) -> list[Values]:
        given = what.get("args")
        if not isinstance(given, list) or len(given) != count:
            raise self.fault(what, pointer, f"{what['op']!r} takes {count} argument(s) in `args`")
        return [self.value(a, f"{pointer}/args/{i}") for i, a in enumerate(given)]

    def _property(self, what: Json, pointer: str) -> Values:
        name = what["property"]
        if name in GEOMETRY and name not in self.table.columns:
            return Values("geometry", self.table.view(self.crs).geometry)
        column = self.table.columns.get(name) if isinstance(name, str) else None
        if column is None:
            raise self.fault(what, pointer, f"there is no property {name!r} to filter on; see /queryables")
        kind = "number" if column.kind == "integer" else column.kind
        return Values(kind, column.values, column.present)

    # --- values of a moment --------------------------------------------------------------------------
    def _timestamp(self, what: Json, pointer: str) -> Values:
        try:
            return Values("instant", instant(what["timestamp"]))
        except ValueError as error:
            raise self.fault(
                what, pointer, f"{what['timestamp']!r} is no UTC time such as '2026-11-24T20:00:00Z'"
            ) from error

    def _date(self, what: Json, pointer: str) -> Values:
        try:
            if not re.fullmatch(r"\d{4}-\d\d-\d\d", str(what["date"])):
                raise ValueError(what["date"])
            return Values("date", np.datetime64(what["date"], "D"))
        except ValueError as error:
            raise self.fault(what, pointer, f"{what['date']!r} is no date such as '2026-11-24'") from error

    def _interval(self, what: Json, pointer: str) -> Values:
        parts = what["interval"]
        if not isinstance(parts, list) or len(parts) != 2:
            raise self.fault(what, pointer, "an interval has two ends")
        ends: list[Any] = []
        known: Any = True
        for i, part in enumerate(parts):
            if isinstance(part, str):
                try:
                    ends.append(interval_bound(part, last=i == 1))
                except ValueError as error:
                    raise self.fault(what, pointer, f"{part!r} is no date, time or '..'") from error
            else:
                value = self._time(self.value(part, f"{pointer}/interval/{i}"), what, pointer)
                ends.append(value.end if i else value.data)
                known = np.logical_and(known, value.known)
        return Values("interval", ends[0], known, ends[1])

    def _time(self, value: Values, what: Json, pointer: str) -> Values:
        """Anything temporal as start and end in microseconds."""
        if value.kind == "interval":
            return value
        if value.kind == "instant":
            return Values("interval", value.data, value.known, value.data)
        if value.kind == "date":
            start = value.data.astype("datetime64[us]")
            return Values("interval", start, value.known, start + np.timedelta64(86_399_999_999, "us"))
        raise self.fault(what, pointer, f"a {value.kind} stands where a time is expected")

    # --- geometry -------------------------------------------------------------------------------------
    def _geometry(self, what: Json, pointer: str) -> Values:
        import shapely

        try:
            read = shapely.from_geojson(json.dumps(dict(what)))
        except (shapely.errors.GEOSException, ValueError, TypeError) as error:
            raise self.fault(what, pointer, "is no geometry of GeoJSON") from error
        if read is None or shapely.is_empty(read) or shapely.get_num_coordinates(read) > MOST_VERTICES:
            raise self.fault(what, pointer, f"a geometry with 1 to {MOST_VERTICES:,} vertices is expected")
        return Values("geometry", systems.turned(np.array([read], dtype=object), self.crs)[0])

    def _bbox(self, what: Json, pointer: str) -> Values:
        import shapely

        numbers = what["bbox"]
        if not isinstance(numbers, list) or len(numbers) not in (4, 6) or not all(map(_finite, numbers)):
            raise self.fault(what, pointer, "a BBOX takes 4 or 6 numbers")
        parts = [shapely.box(*b) for b in systems.boxes(tuple(map(float, numbers)), self.crs)]
        return Values("geometry", shapely.union_all(parts))

    def _spatial(self, what: Json, pointer: str, relation: str) -> Values:
        import shapely

        a, b = self._arguments(what, pointer, 2)
        if a.kind != "geometry" or b.kind != "geometry":
            raise self.fault(what, pointer, f"{what['op']!r} compares two geometries")
        for side in (a.data, b.data):
            if not isinstance(side, np.ndarray):
                shapely.prepare(side)
        missing = np.logical_or(shapely.is_missing(a.data), shapely.is_missing(b.data))
        return Values("boolean", getattr(shapely, relation)(a.data, b.data), ~missing)

    # --- text -----------------------------------------------------------------------------------------
    def _casei(self, what: Json, pointer: str) -> Values:
        return self._texts(self.value(what["casei"], f"{pointer}/casei"), str.casefold, what, pointer)

    def _accenti(self, what: Json, pointer: str) -> Values:
        return self._texts(self.value(what["accenti"], f"{pointer}/accenti"), without_accents, what, pointer)

    def _texts(self, value: Values, change: Callable[[str], str], what: Json, pointer: str) -> Values:
        if value.kind != "string":
            raise self.fault(what, pointer, f"a {value.kind} stands where a text is expected")
        if isinstance(value.data, str):
            return Values("string", change(value.data))
        changed = np.empty(len(value.data), dtype=object)
        changed[:] = [change(text) for text in value.data]
        return Values("string", changed, value.known)

    def _like(self, what: Json, pointer: str) -> Values:
        value, pattern = self._arguments(what, pointer, 2)
        if value.kind != "string" or not isinstance(pattern.data, str):
            raise self.fault(what, pointer, "LIKE compares a text with a pattern in quotes")
        fits = like_pattern(pattern.data).fullmatch
        texts = [value.data] if isinstance(value.data, str) else value.data
        return Values("boolean", np.array([fits(t) is not None for t in texts], dtype=np.bool_), value.known)

    # --- logic, comparison, arithmetic ------------------------------------------------------------------
    def _operation(self, what: Json, pointer: str) -> Values:
        op = what["op"]
        if not isinstance(op, str):
            raise self.fault(what, pointer, "`op` is a text")
        if op in ("and", "or"):
            return self._logic(what, pointer, op)
        if op in _COMPARE:
            a, b = self._arguments(what, pointer, 2)
            return self._compared(a, b, op, what, pointer)
        if op in _ARITHMETIC:
            return self._sum(what, pointer, op)
        named = {
            "not": self._not,
            "isNull": self._null,
            "in": self._in,
            "between": self._between,
            "like": self._like,
        }
        if op in named:
            return named[op](what, pointer)
        if op in ("casei", "accenti"):
            (value,) = self._arguments(what, pointer, 1)
            return self._texts(value, str.casefold if op == "casei" else without_accents, what, pointer)
        if op.startswith("s_") and op[2:] in SPATIAL:
            return self._spatial(what, pointer, op[2:])
        if op.startswith("t_") and op[2:] in RELATIONS:
            a, b = (self._time(v, what, pointer) for v in self._arguments(what, pointer, 2))
            known = np.logical_and(a.known, b.known)
            return Values("boolean", RELATIONS[op[2:]](a.data, a.end, b.data, b.end), known)
        raise self.fault(what, pointer, f"there is no operator or function {op!r}")

    def _logic(self, what: Json, pointer: str, op: str) -> Values:
        given = what.get("args")
        if not isinstance(given, list) or len(given) < 2:
            raise self.fault(what, pointer, f"{op!r} takes two or more conditions")
        parts = [self._condition(a, f"{pointer}/args/{i}") for i, a in enumerate(given)]
        return reduce(_and if op == "and" else _or, parts)

    def _condition(self, what: Json, pointer: str) -> Values:
        found = self.value(what, pointer)
        if found.kind != "boolean":
            raise self.fault(what, pointer, f"a {found.kind} stands where a condition is expected")
        return found

    def _not(self, what: Json, pointer: str) -> Values:
        given = what.get("args")
        if not isinstance(given, list) or len(given) != 1:
            raise self.fault(what, pointer, "'not' takes one condition")
        inner = self._condition(given[0], f"{pointer}/args/0")
        return Values("boolean", np.logical_not(inner.data), inner.known)

    def _null(self, what: Json, pointer: str) -> Values:
        (value,) = self._arguments(what, pointer, 1)
        if value.kind == "geometry":
            import shapely

            return Values("boolean", shapely.is_missing(value.data))
        return Values("boolean", np.logical_not(value.known))

    def _in(self, what: Json, pointer: str) -> Values:
        given = what.get("args")
        if not isinstance(given, list) or len(given) != 2 or not isinstance(given[1], list) or not given[1]:
            raise self.fault(what, pointer, "'in' takes a value and a list")
        value = self.value(given[0], f"{pointer}/args/0")
        options = [self.value(o, f"{pointer}/args/1/{i}") for i, o in enumerate(given[1])]
        return reduce(_or, [self._compared(value, o, "=", what, pointer) for o in options])

    def _between(self, what: Json, pointer: str) -> Values:
        value, low, high = self._arguments(what, pointer, 3)
        return _and(
            self._compared(value, low, ">=", what, pointer), self._compared(value, high, "<=", what, pointer)
        )

    def _compared(self, a: Values, b: Values, op: str, what: Json, pointer: str) -> Values:
        if a.kind != b.kind or a.kind in ("geometry", "interval"):
            raise self.fault(what, pointer, f"{op} can't compare a {a.kind} with a {b.kind}")
        known = np.logical_and(a.known, b.known)
        if a.kind == "number":
            known = np.logical_and(known, ~(np.isnan(a.data) | np.isnan(b.data)))
        return Values("boolean", np.asarray(_COMPARE[op](a.data, b.data), dtype=np.bool_), known)

    def _sum(self, what: Json, pointer: str, op: str) -> Values:
        a, b = self._arguments(what, pointer, 2)
        if a.kind != "number" or b.kind != "number":
            raise self.fault(what, pointer, f"{op} can't join a {a.kind} and a {b.kind}")
        with np.errstate(all="ignore"):
            made = _ARITHMETIC[op](np.asarray(a.data, float), np.asarray(b.data, float))
        # Divided by zero, or too large: unknown rather than infinite, as a database answers.
        return Values("number", made, np.logical_and(np.logical_and(a.known, b.known), np.isfinite(made)))


def _and(a: Values, b: Values) -> Values:
    """Kleene's AND: false wins over unknown."""
    false = np.logical_or(
        np.logical_and(a.known, np.logical_not(a.data)), np.logical_and(b.known, np.logical_not(b.data))
    )
    known = np.logical_or(false, np.logical_and(a.known, b.known))
    return Values("boolean", np.logical_and(known, np.logical_not(false)), known)


def _or(a: Values, b: Values) -> Values:
    """Kleene's OR: true wins over unknown."""
    true = np.logical_or(np.logical_and(a.known, a.data), np.logical_and(b.known, b.data))
    return Values("boolean", true, np.logical_or(true, np.logical_and(a.known, b.known)))


def _finite(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))


def without_accents(text: str) -> str:
    """A text with its combining marks taken off.

    >>> without_accents("Liège")
    'Liege'
    """
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def like_pattern(pattern: str) -> re.Pattern[str]:
    r"""LIKE as a regular expression: ``%`` any run of characters, ``_`` one; a backslash takes either as is.

    Each piece between two ``%`` is taken at its first place and not tried again (atomic groups), so that no
    pattern takes longer than text length times pattern length.

    >>> bool(like_pattern("Ma%t_").fullmatch("Maastrichts")), bool(like_pattern(r"100\%").fullmatch("1000"))
    (True, False)
    """
    pieces = [""]
    letters = iter(pattern)
    for letter in letters:
        if letter == "\\":
            pieces[-1] += re.escape(next(letters, "\\"))
        elif letter == "%":
            pieces.append("")
        else:
            pieces[-1] += "." if letter == "_" else re.escape(letter)
    first, *middle = pieces
    last = middle.pop() if middle else None
    expression = first + "".join(f"(?>.*?{piece})" for piece in middle if piece)
    if last is not None:
        expression += f".*{last}" if last else ".*"
    return re.compile(expression, re.DOTALL)
