"""What stands in the way: assets or people with a value, a place, curves, and columns to group by.

``collapse`` sums values per place, curve and needed group once, before any event is read. The cost of a loss
run then goes with the hits of the hazard, and no longer with events times assets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.int32]
NO_CURVE = -1
IMPLICIT = ("place",)
_DENSE_KEYS = 1 << 24
_DENSE_SHARE = 4
"""The dense layout may hold this many units for each asset."""


@dataclass(frozen=True, eq=False)
class Column:
    """A grouping column: codes (asset,) into ``labels``."""

    codes: IndexArray
    labels: tuple[str, ...]

    @classmethod
    def of(cls, values: ArrayLike) -> Column:
        """From (asset,) labels; the labels come out sorted."""
        labels, codes = np.unique(np.asarray(values).astype(str), return_inverse=True)
        return cls(codes.astype(np.int32), tuple(str(v) for v in labels))


@dataclass(frozen=True, eq=False)
class Exposure:
    """A table of assets (or people).

    Parameters
    ----------
    value : (asset,), money or number of people, 0 or more
    place : (asset,), place number as the event set counts them
    curve : hazard -> (asset,) index into the list of curves, -1 where the asset is not touched by the hazard
    columns : name -> Column, such as member, municipality, class, group

    Raises
    ------
    ShapeError, MissingValueError, RangeError
        Columns of different length; NaN; negative values or places; codes without a label.

    Examples
    --------
    >>> houses = Exposure.from_labels([100.0, 50.0, 20.0], [0, 0, 1], {"flood": [0, 0, 0]},
    ...                               member=["Vaals", "Vaals", "Aachen"])
    >>> houses.columns["member"].labels
    ('Aachen', 'Vaals')
    """

    value: ArrayLike
    place: ArrayLike
    curve: Mapping[str, ArrayLike]
    columns: Mapping[str, Column]

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "value", np.ascontiguousarray(self.value, dtype=np.float64))
        put(self, "place", _whole(self.place, "place"))
        put(self, "curve", {h: _whole(c, f"curve for {h}") for h, c in self.curve.items()})
        put(self, "columns", dict(self.columns))
        size = self.values.size
        lengths = {"place": self.places.shape}
        lengths |= {f"curve for {h}": np.shape(c) for h, c in self.curve.items()}
        lengths |= {n: c.codes.shape for n, c in self.columns.items()}
        wrong = [f"{n} {s}" for n, s in lengths.items() if s != (size,)]
        if self.values.ndim != 1 or wrong:
            raise ShapeError("risk.exposure", f"value has shape {self.values.shape}, but {', '.join(wrong)}.")
        _check_values(self.values, self.places)
        for name, column in self.columns.items():
            if name in (*IMPLICIT, "total"):
                raise RangeError("risk.exposure-column", f"column name {name!r} is built in; use another.")
            if size and (column.codes.min() < 0 or column.codes.max() >= len(column.labels)):
                raise RangeError("risk.exposure-column", f"column {name!r} has codes without a label.")

    @classmethod
    def from_labels(
        cls, value: ArrayLike, place: ArrayLike, curve: Mapping[str, ArrayLike], **labels: ArrayLike
    ) -> Exposure:
        """From (asset,) arrays, the grouping columns as labels."""
        return cls(value, place, curve, {name: Column.of(v) for name, v in labels.items()})

    @property
    def values(self) -> FloatArray:
        """(asset,) values."""
        return np.asarray(self.value, dtype=np.float64)

    @property
    def places(self) -> IndexArray:
        """(asset,) place numbers."""
        return np.asarray(self.place, dtype=np.int32)

    def __len__(self) -> int:
        return int(self.values.size)

    def column(self, name: str, place_count: int = 0) -> Column:
        """A grouping column; ``place`` and ``total`` are built in. Raises RangeError for any other name."""
        if name == "total":
            return Column(np.zeros(len(self), dtype=np.int32), ("total",))
        if name == "place":
            count = max(place_count, int(self.places.max(initial=-1)) + 1)
            return Column(self.places, tuple(str(i) for i in range(count)))
        if name not in self.columns:
            raise RangeError(
                "risk.exposure-column",
                f"no column {name!r}; there are {', '.join(sorted([*self.columns, *IMPLICIT, 'total']))}.",
            )
        return self.columns[name]

    def checked_places(self, place_count: int) -> IndexArray:
        """(asset,) places, after the check that all lie below ``place_count``."""
        if len(self) and int(self.places.max()) >= place_count:
            at = int(self.places.argmax())
            raise RangeError(
                "risk.exposure-place",
                f"asset {at} lies at place {self.places[at]}, but the event set has {place_count} places.",
            )
        return self.places

    def curve_column(self, hazard: str, curve_count: int) -> IndexArray:
        """(asset,) curve numbers for a hazard, after the check that they are below ``curve_count``."""
        if hazard not in self.curve:
            raise RangeError(
                "risk.exposure-curve",
                f"the event set has hazard {hazard!r}, but the exposure names curves for "
                f"{', '.join(self.curve) or 'none'}. Add the column, with -1 for assets it doesn't touch.",
            )
        curve = np.asarray(self.curve[hazard], dtype=np.int32)
        if curve.size and int(curve.max()) >= curve_count:
            at = int(curve.argmax())
            raise RangeError(
                "risk.exposure-curve", f"asset {at} names curve {curve[at]} for {hazard!r} of {curve_count}."
            )
        return curve


def _whole(values: ArrayLike, name: str) -> IndexArray:
    """As int32; a fraction, NaN or text is refused, never cut off."""
    raw = np.asarray(values)
    whole = raw.dtype.kind in "iu" or (raw.dtype.kind == "f" and np.array_equal(raw, np.floor(raw)))
    if raw.size and not whole:
        raise RangeError("risk.exposure-index", f"{name} holds values that are not whole numbers.")
    if raw.size and (raw.max() > np.iinfo(np.int32).max or raw.min() < NO_CURVE):
        raise RangeError("risk.exposure-index", f"{name} runs from {raw.min()} to {raw.max()}; out of range.")
    return np.ascontiguousarray(raw, dtype=np.int32)


def _check_values(value: FloatArray, place: IndexArray) -> None:
    if np.isnan(value).any():
        raise MissingValueError(
            "risk.exposure-value", f"asset {int(np.isnan(value).argmax())} has value NaN."
        )
    wrong = ~np.isfinite(value) | (value < 0)
    if wrong.any():
        at = int(wrong.argmax())
        raise RangeError("risk.exposure-value", f"value of asset {at} is {value[at]:g}; expected 0 or more.")
    if place.size and place.min() < 0:
        at = int((place < 0).argmax())
        raise RangeError("risk.exposure-place", f"place of asset {at} is {place[at]}; places count from 0.")


@dataclass(frozen=True, eq=False)
class Collapsed:
    """Values per place x curve x group, laid out for one pass over the hits.

    A *row* is a hazard and a place: ``hazard * place_count + place``. A *unit* is a row and a curve; a *cell*
    is a unit and a joint group, the combination of all grouping columns. Units of a row are
    ``unit_start[row]:unit_start[row + 1]``, cells of a unit ``cell_start[unit]:cell_start[unit + 1]``.

    Where most places have most curves and no unit is divided between groups, the layout is *dense*: every row
    has ``dense_curve.shape[1]`` units of one cell each (empty ones have value 0), so that
    ``unit = cell = row * width + k`` and nothing needs to be looked up.
    """

    hazards: tuple[str, ...]
    place_count: int
    unit_start: IndexArray  # (row + 1,); empty when dense
    unit_curve: IndexArray  # (unit,); empty when dense
    cell_start: IndexArray  # (unit + 1,); empty when dense
    cell_value: FloatArray  # (cell,)
    cell_group: IndexArray  # (cell,) joint group
    dense_curve: IndexArray  # (hazard, k) curve of each row's k-th unit; (hazard, 0) when not dense
    unit_count: int
    group_codes: tuple[IndexArray, ...]  # for each grouping column: (joint group,) code
    group_labels: tuple[tuple[str, ...], ...]
    unit_of_asset: tuple[IndexArray, ...]  # for each hazard: (asset,), -1 where untouched

    @property
    def is_dense(self) -> bool:
        """True for the dense layout."""
        return bool(self.dense_curve.shape[1] > 0)

    @property
    def group_count(self) -> int:
        """Number of joint groups."""
        return int(self.group_codes[0].size)

    @property
    def nbytes(self) -> int:
        """Memory of the layout, without the asset index."""
        parts = (self.unit_start, self.unit_curve, self.cell_start, self.cell_value, self.cell_group)
        return sum(p.nbytes for p in parts)


def collapse(
    exposure: Exposure, hazards: Sequence[str], place_count: int, curve_count: int, by: Sequence[str]
) -> Collapsed:
    """Sum the values per hazard, place, curve and joint group of the columns ``by``.

    Raises RangeError where an asset lies outside the places or names a curve that isn't there, or where the
    exposure has no curves for a hazard.
    """
    exposure.checked_places(place_count)
    joint, codes, labels = joint_groups(exposure, by, place_count)
    chosen = [exposure.curve_column(hazard, curve_count) for hazard in hazards]
    parts = _dense_layout(exposure, chosen, place_count, curve_count, joint, codes[0].size)
    if parts is None:
        parts = _sparse_layout(exposure, chosen, place_count, max(curve_count, 1), joint, codes[0].size)
    return Collapsed(
        hazards=tuple(hazards),
        place_count=place_count,
        group_codes=tuple(codes),
        group_labels=labels,
        **parts,
    )


def _dense_layout(
    exposure: Exposure,
    chosen: Sequence[IndexArray],
    place_count: int,
    curve_count: int,
    joint: IndexArray,
    group_count: int,
) -> dict[str, Any] | None:
    """The dense layout, or None where it doesn't fit."""
    used = [used_curves(c, curve_count) for c in chosen]
    width = max((u.size for u in used), default=0)
    size = len(chosen) * place_count * width
    touched = sum(int((c >= 0).sum()) for c in chosen)
    if not 0 < size <= min(_DENSE_SHARE * touched, np.iinfo(np.int32).max):
        return None
    value, group = np.zeros(size), np.zeros(size, dtype=np.int32)
    of_asset = []
    for number, (curve, distinct) in enumerate(zip(chosen, used, strict=True)):
        rank = np.zeros(curve_count + 1, dtype=np.int32)
        rank[distinct] = np.arange(distinct.size)
        unit = (exposure.places + np.int32(number * place_count)) * np.int32(width)
        if width > 1:
            unit += rank[curve]
        here = curve >= 0
        whole = bool(here.all())
        if not whole:
            unit[~here] = -1
        at, own, own_group = (
            (unit, exposure.values, joint) if whole else (unit[here], exposure.values[here], joint[here])
        )
        if group_count > 1:
            group[at] = own_group
            if not np.array_equal(group[at], own_group):
                return None
        begin, stop = number * place_count * width, (number + 1) * place_count * width
        value[begin:stop] = np.bincount(at - begin, weights=own, minlength=stop - begin)
        of_asset.append(unit)
    curves = np.array([np.resize(u, width) if u.size else np.zeros(width) for u in used], dtype=np.int32)
    none = np.zeros(0, dtype=np.int32)
    return {
        "unit_start": none,
        "unit_curve": none,
        "cell_start": none,
        "cell_value": value,
        "cell_group": group,
        "dense_curve": curves,
        "unit_count": size,
        "unit_of_asset": tuple(of_asset),
    }


def used_curves(curve: IndexArray, curve_count: int) -> NDArray[np.int64]:
    """Numbers of the curves that occur in an (asset,) column, below ``curve_count``."""
    seen = np.zeros(curve_count + 1, dtype=bool)
    seen[curve] = True  # -1 falls on the last place, which is no curve
    return np.flatnonzero(seen[:curve_count])


def _sparse_layout(
    exposure: Exposure,
    chosen: Sequence[IndexArray],
    place_count: int,
    curve_count: int,
    joint: IndexArray,
    group_count: int,
) -> dict[str, Any]:
    """Only the units and cells that occur."""
    of_asset, rows, curves, cells, units = [], [], [], [], 0
    for number, curve in enumerate(chosen):
        here = curve >= 0
        key = exposure.places[here].astype(np.int64) * curve_count + curve[here]
        unit_key, unit = _ranks(key, place_count * curve_count)
        index = np.full(len(exposure), -1, dtype=np.int32)
        index[here] = unit + units
        of_asset.append(index)
        rows.append(unit_key // curve_count + number * place_count)
        curves.append(unit_key % curve_count)
        cell_key, rank = _ranks(unit * group_count + joint[here], unit_key.size * group_count)
        sums = np.bincount(rank, weights=exposure.values[here], minlength=cell_key.size)
        cells.append((cell_key + units * group_count, sums))
        units += unit_key.size
    empty = np.zeros(0, dtype=np.int64)
    cell_unit, cell_group = np.divmod(np.concatenate([empty, *(c[0] for c in cells)]), max(group_count, 1))
    return {
        "unit_start": _starts(np.concatenate([empty, *rows]), len(chosen) * place_count),
        "unit_curve": np.concatenate([empty, *curves]).astype(np.int32),
        "cell_start": _starts(cell_unit, units),
        "cell_value": np.concatenate([np.zeros(0), *(c[1] for c in cells)]),
        "cell_group": cell_group.astype(np.int32),
        "dense_curve": np.zeros((len(chosen), 0), dtype=np.int32),
        "unit_count": units,
        "unit_of_asset": tuple(of_asset),
    }


def _ranks(key: NDArray[np.int64], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sorted distinct keys, and each key's rank among them. Keys lie in [0, size)."""
    if size > max(_DENSE_KEYS, 8 * key.size):
        distinct, rank = np.unique(key, return_inverse=True)
        return distinct, rank.astype(np.int64)
    present = np.zeros(size, dtype=bool)
    present[key] = True
    distinct = np.flatnonzero(present)
    place = np.empty(size, dtype=np.int64)
    place[distinct] = np.arange(distinct.size)
    return distinct, place[key]


def joint_groups(
    exposure: Exposure, by: Sequence[str], place_count: int
) -> tuple[IndexArray, list[IndexArray], tuple[tuple[str, ...], ...]]:
    """Joint group of each asset (asset,); for each column its code by joint group; and its labels."""
    columns = [exposure.column(name, place_count) for name in by] or [exposure.column("total")]
    labels = tuple(c.labels for c in columns)
    if len(columns) == 1:
        return columns[0].codes, [np.arange(len(columns[0].labels), dtype=np.int32)], labels
    joint = np.zeros(len(exposure), dtype=np.int64)
    count = 1 if len(exposure) else 0
    codes: list[IndexArray] = []
    for column in columns:
        width = len(column.labels)
        distinct, joint = _ranks(joint * width + column.codes, count * width)
        before, own = np.divmod(distinct, max(width, 1))
        codes = [c[before] for c in codes] + [own.astype(np.int32)]
        count = distinct.size
    return joint.astype(np.int32), codes, labels


def _starts(sorted_index: NDArray[np.int64], count: int) -> IndexArray:
    """(count + 1,) where each index begins in a sorted list."""
    start = np.zeros(count + 1, dtype=np.int32)
    np.cumsum(np.bincount(sorted_index, minlength=count), out=start[1:])
    return start
