"""The index of a parametric trigger from what was observed, exact: fractions in, a fraction out.

Two kinds of observation: records of a gauge (level, discharge, rain), of which the greatest, the least or
the sum over a window counts; and fixes of a moving storm, of which the value counts wherever its straight
path between two fixes lies in a box, interpolated by time. Everything is done in fractions, so that two
computers can't differ in the last digit where a bound is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Literal, TypeVar

from bothbanks.words.errors import InputError, RangeError

Reduce = Literal["max", "min", "sum"]
REDUCTIONS: tuple[Reduce, ...] = ("max", "min", "sum")
Point = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Record:
    """One value of a gauge. ``final``: the owner has checked it; otherwise it is operational."""

    when: datetime
    value: Fraction
    final: bool


@dataclass(frozen=True)
class Fix:
    """One fix of a storm: where its centre was (x = longitude, y = latitude), and its value there."""

    when: datetime
    x: Fraction
    y: Fraction
    value: Fraction
    final: bool


_Seen = TypeVar("_Seen", Record, Fix)


@dataclass(frozen=True)
class Window:
    """From ``start`` to ``end``, both taken in, as the data's own clock says."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise RangeError(
                "reserve.window", f"the window ends ({self.end}) before it starts ({self.start})."
            )

    def holds(self, when: datetime) -> bool:
        """True for an instant inside, ends included."""
        return self.start <= when <= self.end

    def __str__(self) -> str:
        return f"{self.start.isoformat(sep=' ')} to {self.end.isoformat(sep=' ')}"


@dataclass(frozen=True)
class Index:
    """An index found: its value (None: a storm that never came into the box), whether it is final, and the
    number of observations behind it.
    """

    value: Fraction | None
    final: bool
    used: int


def series_index(
    records: Sequence[Record],
    window: Window,
    reduce: Reduce,
    *,
    step_hours: int = 0,
    span: int = 1,
    place: str = "",
    looked_at: str = "",
) -> Index:
    """Greatest or least value, or sum, over a window of a gauge's record.

    Parameters
    ----------
    step_hours : hours between two records; then a gap in the window is refused. 0 = as they come.
    span : records summed before the greatest or least is taken (the greatest 2-day rain: 24 and 2)
    place, looked_at : the gauge and the file, for messages

    Where an instant has an operational and a final record, the final one counts.

    Raises
    ------
    InputError
        No record in the window; a gap; one instant with two values of the same standing.
    RangeError
        A sum, or a span above 1, without ``step_hours``; a span longer than the window.

    Examples
    --------
    >>> day = [Record(datetime(2021, 7, d), Fraction(mm), True) for d, mm in ((13, 20), (14, 80), (15, 60))]
    >>> series_index(day, Window(datetime(2021, 7, 13), datetime(2021, 7, 15)), "max", step_hours=24, span=2)
    Index(value=Fraction(140, 1), final=True, used=3)
    """
    if reduce not in REDUCTIONS:
        raise RangeError("reserve.reduce", f"reduce is {reduce!r}; expected one of {', '.join(REDUCTIONS)}.")
    if (reduce == "sum" or span > 1) and step_hours <= 0:
        raise RangeError(
            "reserve.step-hours",
            "a sum needs step_hours, the hours between two records: without it a gap would pass as no rain.",
        )
    gauge = f"gauge '{place}'" if place else "the gauge"
    chosen = _one_each(records, window, gauge, looked_at)
    if not chosen:
        raise InputError("reserve.no-data", _nothing(records, gauge, window, looked_at))
    if step_hours > 0:
        _refuse_gaps(chosen, window, step_hours, gauge, looked_at)
    values = [r.value for r in chosen]
    if span > len(values):
        raise RangeError(
            "reserve.span", f"a span of {span} records is longer than the window ({len(values)} records)."
        )
    runs = [sum(values[k : k + span], Fraction(0)) for k in range(len(values) - span + 1)]
    value = max(runs) if reduce == "max" else min(runs) if reduce == "min" else sum(values, Fraction(0))
    return Index(value, all(r.final for r in chosen), len(chosen))


def track_index(
    fixes: Sequence[Fix],
    area: Sequence[Point],
    window: Window,
    reduce: Reduce,
    *,
    place: str = "",
    looked_at: str = "",
) -> Index:
    """Greatest or least value of a storm while its centre is in an area, edges taken in.

    Between two fixes the centre moves straight and evenly in time, and its value changes evenly: linear
    interpolation, so the extreme lies at a fix or where the path crosses an edge. The index is final when
    every fix of the window is, because a corrected fix may bring the path into the area.

    Parameters
    ----------
    area : corners (x, y) of a simple polygon, in order, the last joined to the first

    Raises
    ------
    InputError
        No fix in the window, or one instant with two fixes of the same standing.
    RangeError
        Fewer than three corners, or a sum asked of a track.

    Examples
    --------
    A storm of 878 mb fills to 932 mb and comes into the box five sixths of the way:

    >>> path = [Fix(datetime(2015, 10, 23, 18), Fraction(0), Fraction(0), Fraction(878), True),
    ...         Fix(datetime(2015, 10, 24, 0), Fraction(6), Fraction(0), Fraction(932), True)]
    >>> box = box_of(Fraction(5), Fraction(-1), Fraction(9), Fraction(1))
    >>> window = Window(datetime(2015, 10, 23), datetime(2015, 10, 25))
    >>> track_index(path, box, window, "min").value
    Fraction(923, 1)
    """
    if len(area) < 3:
        raise RangeError("reserve.area", f"an area of {len(area)} corners; expected three or more.")
    if reduce not in ("max", "min"):
        raise RangeError("reserve.reduce", f"reduce is {reduce!r}; along a track expected max or min.")
    storm = f"storm '{place}'" if place else "the storm"
    chosen = _one_each(fixes, window, storm, looked_at)
    if not chosen:
        raise InputError("reserve.no-data", _nothing(fixes, storm, window, looked_at))
    inside = [f.value for f in chosen if contains(area, (f.x, f.y))]
    for a, b in pairwise(chosen):
        for t in _crossings(area, (a.x, a.y), (b.x, b.y)):
            inside.append(a.value + t * (b.value - a.value))
    final = all(f.final for f in chosen)
    if not inside:
        return Index(None, final, len(chosen))
    return Index(max(inside) if reduce == "max" else min(inside), final, len(chosen))


def box_of(west: Fraction, south: Fraction, east: Fraction, north: Fraction) -> tuple[Point, ...]:
    """Corners of a box. Raises RangeError where west is not below east, or south not below north.

    >>> len(box_of(Fraction(0), Fraction(0), Fraction(1), Fraction(1)))
    4
    """
    if not (west < east and south < north):
        raise RangeError(
            "reserve.area",
            f"a box from {float(west):g}, {float(south):g} to {float(east):g}, {float(north):g} has no "
            "inside; give west < east and south < north.",
        )
    return ((west, south), (east, south), (east, north), (west, north))


def contains(area: Sequence[Point], point: Point) -> bool:
    """True where a point lies in a simple polygon or on its edge (crossing number, exact).

    >>> contains(box_of(Fraction(0), Fraction(0), Fraction(1), Fraction(1)), (Fraction(1), Fraction(1, 2)))
    True
    """
    x, y = point
    inside = False
    for (x0, y0), (x1, y1) in pairwise([*area, area[0]]):
        cross = (x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)
        if cross == 0 and min(x0, x1) <= x <= max(x0, x1) and min(y0, y1) <= y <= max(y0, y1):
            return True
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            inside = not inside
    return inside


def _crossings(area: Sequence[Point], start: Point, end: Point) -> list[Fraction]:
    """Places t in [0, 1] where the straight way from start to end meets an edge."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    found: set[Fraction] = set()
    for (x0, y0), (x1, y1) in pairwise([*area, area[0]]):
        ex, ey = x1 - x0, y1 - y0
        turn = dx * ey - dy * ex
        if turn == 0:  # along the edge or beside it: its corners are met by the neighbouring edges
            continue
        t = ((x0 - start[0]) * ey - (y0 - start[1]) * ex) / turn
        s = ((x0 - start[0]) * dy - (y0 - start[1]) * dx) / turn
        if 0 <= t <= 1 and 0 <= s <= 1:
            found.add(t)
    return sorted(found)


def _one_each(items: Sequence[_Seen], window: Window, what: str, looked_at: str) -> list[_Seen]:
    """One observation for each instant of the window, the final before the operational, in order of time."""
    kept: dict[datetime, _Seen] = {}
    for item in items:
        if not window.holds(item.when):
            continue
        before = kept.get(item.when)
        if before is not None and before.final == item.final and before != item:
            standing = "final" if item.final else "operational"
            raise InputError(
                "reserve.twice",
                f"{what} has two {standing} values at {item.when}: {float(before.value):g} and "
                f"{float(item.value):g}{_in(looked_at)}. Keep one of them.",
            )
        if before is None or item.final:
            kept[item.when] = item
    return [kept[when] for when in sorted(kept)]


def _refuse_gaps(
    chosen: Sequence[Record], window: Window, step_hours: int, gauge: str, looked_at: str
) -> None:
    """Every instant of the window, counted from its start, must have a record and no other instant one."""
    step = timedelta(hours=step_hours)
    wanted, at = [], window.start
    while at <= window.end:
        wanted.append(at)
        at += step
    have = {r.when for r in chosen}
    missing = [w for w in wanted if w not in have]
    strange = sorted(have - set(wanted))
    if missing:
        raise InputError(
            "reserve.gap",
            f"{gauge} has no record for {len(missing)} of {len(wanted)} instants from {window}, the first "
            f"{missing[0]}{_in(looked_at)}. Add them, or narrow the window.",
        )
    if strange:
        raise InputError(
            "reserve.gap",
            f"{gauge} has a record at {strange[0]}, which is not a step of {step_hours} hours from "
            f"{window.start}{_in(looked_at)}. Put the window or step_hours right.",
        )


def _nothing(items: Sequence[Record] | Sequence[Fix], what: str, window: Window, looked_at: str) -> str:
    if not items:
        had = "The file has no record of it at all"
    else:
        first, last = min(i.when for i in items), max(i.when for i in items)
        had = f"Its {len(items)} records run from {first} to {last}"
    return (
        f"{what} has no data from {window}{_in(looked_at)}. {had}. Nothing is paid or refused without data: "
        "add the records, or name the gauge and the period that were meant."
    )


def _in(looked_at: str) -> str:
    return f" (looked at {looked_at})" if looked_at else ""
