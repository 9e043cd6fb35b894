"""Moments and the relations of intervals (Allen's, as named in OGC 21-065r2, 7.7) on arrays."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np

START = np.datetime64("0001-01-01", "us")
END = np.datetime64("9999-12-31T23:59:59.999999", "us")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def instant(text: str) -> np.datetime64:
    """A date-time of RFC 3339, 5.6, as UTC.

    Raises
    ------
    ValueError
        It is another form, or has no offset.

    >>> instant("2021-07-14T20:00:00+02:00")
    np.datetime64('2021-07-14T18:00:00.000000')
    """
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        raise ValueError(text)
    read = datetime.fromisoformat(text.upper().replace("Z", "+00:00"))
    return np.datetime64(read.astimezone(UTC).replace(tzinfo=None), "us")


def interval_bound(text: str, last: bool) -> np.datetime64:
    """One end of an interval: a date-time, a whole day, or '..' (and '' in `datetime`) for open.

    >>> interval_bound("2021-07-14", last=True)
    np.datetime64('2021-07-14T23:59:59.999999')
    """
    if text in ("", ".."):
        return END if last else START
    if _DAY.fullmatch(text):
        day = np.datetime64(text, "us")
        return day + np.timedelta64(86_399_999_999, "us") if last else day
    return instant(text)


def read_datetime(text: str) -> tuple[np.datetime64, np.datetime64]:
    """The parameter ``datetime``: an instant, a day, or an interval with at most one open end.

    Source: OGC 17-069r4, 7.15.4 (a whole day is accepted beyond it).

    Raises
    ------
    ValueError
        It is none of these, or ends before it starts.

    >>> bool(read_datetime("2021-07-14T00:00:00Z/..")[1] == END)
    True
    """
    start, slash, end = text.partition("/")
    if not slash:
        if start in ("", ".."):
            raise ValueError(text)
        return interval_bound(start, last=False), interval_bound(start, last=True)
    if start in ("", "..") and end in ("", ".."):
        raise ValueError(text)
    bounds = interval_bound(start, last=False), interval_bound(end, last=True)
    if bounds[0] > bounds[1]:
        raise ValueError(text)
    return bounds


Relation = Callable[[Any, Any, Any, Any], Any]
RELATIONS: dict[str, Relation] = {
    "after": lambda a, z, b, y: a > y,
    "before": lambda a, z, b, y: z < b,
    "contains": lambda a, z, b, y: (a < b) & (z > y),
    "disjoint": lambda a, z, b, y: (a > y) | (z < b),
    "during": lambda a, z, b, y: (a > b) & (z < y),
    "equals": lambda a, z, b, y: (a == b) & (z == y),
    "finishedby": lambda a, z, b, y: (a < b) & (z == y),
    "finishes": lambda a, z, b, y: (a > b) & (z == y),
    "intersects": lambda a, z, b, y: (a <= y) & (z >= b),
    "meets": lambda a, z, b, y: z == b,
    "metby": lambda a, z, b, y: a == y,
    "overlappedby": lambda a, z, b, y: (a > b) & (a < y) & (z > y),
    "overlaps": lambda a, z, b, y: (a < b) & (z > b) & (z < y),
    "startedby": lambda a, z, b, y: (a == b) & (z > y),
    "starts": lambda a, z, b, y: (a == b) & (z < y),
}
"""(start, end) of the first against (start, end) of the second."""
