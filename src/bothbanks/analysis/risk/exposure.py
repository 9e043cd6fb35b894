"""What stands in the way: assets or people with a value, a place, curves, and columns to group by.

``collapse`` sums values per place, curve and needed group once, before any event is read. The cost of a loss
run then goes with the hits of the hazard, and no longer with events times assets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.int32]
NO_CURVE = -1
IMPLICIT = ("place",)
_DENSE_KEYS = 1 << 24


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
    """

    hazards: tuple[str, ...]
    place_count: int
    unit_start: IndexArray  # (row + 1,)
    unit_curve: IndexArray  # (unit,)
    cell_start: IndexArray  # (unit + 1,)
    cell_value: FloatArray  # (cell,)
    cell_group: IndexArray  # (cell,) joint group
    group_codes: tuple[IndexArray, ...]  # for each grouping column: (joint group,) code
    group_labels: tuple[tuple[str, ...], ...]
    unit_of_asset: tuple[IndexArray, ...]  # for each hazard: (asset,), -1 where untouched

    @property
    def unit_count(self) -> int:
        """Number of place x curve pairs, over all hazards."""
        return int(self.unit_curve.size)

    @property
    def group_count(self) -> int:
        """Number of joint groups that occur."""
        return int(self.group_codes[0].size)


def collapse(
    exposure: Exposure, hazards: Sequence[str], place_count: int, curve_count: int, by: Sequence[str]
) -> Collapsed:
    """Sum the values per hazard, place, curve and joint group of the columns ``by``.

    Raises RangeError where an asset lies outside the places or names a curve that isn't there, or where the
    exposure has no curves for a hazard.
    """
    if len(exposure) and int(exposure.places.max()) >= place_count:
        at = int(exposure.places.argmax())
        raise RangeError(
            "risk.exposure-place",
            f"asset {at} lies at place {exposure.places[at]}, but the event set has {place_count} places.",
        )
    columns = [exposure.column(name, place_count) for name in by] or [exposure.column("total")]
    joint, codes = _joint(columns, len(exposure))
    unit_parts, curve_parts, of_asset, cells = [], [], [], []
    units = 0
    for number, hazard in enumerate(hazards):
        curve = _curve_column(exposure, hazard, curve_count)
        used = curve >= 0
        whole = bool(used.all())
        place, curve = (exposure.places, curve) if whole else (exposure.places[used], curve[used])
        key = place.astype(np.int64) * curve_count + curve
        unit_key, unit = _ranks(key, place_count * curve_count)
        index = np.full(len(exposure), -1, dtype=np.int32)
        index[used] = unit + units
        of_asset.append(index)
        unit_parts.append(unit_key // max(curve_count, 1) + number * place_count)
        curve_parts.append(unit_key % max(curve_count, 1))
        group_count = int(codes[0].size)
        cell_key = (unit.astype(np.int64) + units) * group_count + (joint if whole else joint[used])
        value = exposure.values if whole else exposure.values[used]
        cells.append(_sums(cell_key, value, units * group_count, (units + unit_key.size) * group_count))
        units += unit_key.size
    group_count = int(codes[0].size)
    cell_keys = np.concatenate([c[0] for c in cells]) if cells else np.zeros(0, dtype=np.int64)
    rows = np.concatenate(unit_parts) if unit_parts else np.zeros(0, dtype=np.int64)
    row_count = len(hazards) * place_count
    cell_unit, cell_group = np.divmod(cell_keys, max(group_count, 1))
    return Collapsed(
        hazards=tuple(hazards),
        place_count=place_count,
        unit_start=_starts(rows, row_count),
        unit_curve=(np.concatenate(curve_parts) if curve_parts else np.zeros(0)).astype(np.int32),
        cell_start=_starts(cell_unit, units),
        cell_value=np.concatenate([c[1] for c in cells]) if cells else np.zeros(0),
        cell_group=cell_group.astype(np.int32),
        group_codes=tuple(codes),
        group_labels=tuple(c.labels for c in columns),
        unit_of_asset=tuple(of_asset),
    )


def _curve_column(exposure: Exposure, hazard: str, curve_count: int) -> IndexArray:
    if hazard not in exposure.curve:
        raise RangeError(
            "risk.exposure-curve",
            f"the event set has hazard {hazard!r}, but the exposure names curves for "
            f"{', '.join(exposure.curve) or 'none'}. Add the column, with -1 for assets it doesn't touch.",
        )
    curve = np.asarray(exposure.curve[hazard], dtype=np.int32)
    if curve.size and int(curve.max()) >= curve_count:
        at = int(curve.argmax())
        raise RangeError(
            "risk.exposure-curve", f"asset {at} names curve {curve[at]} for {hazard!r} of {curve_count}."
        )
    return curve


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


def _sums(
    key: NDArray[np.int64], value: FloatArray, first: int, stop: int
) -> tuple[NDArray[np.int64], FloatArray]:
    """Distinct keys in [first, stop) and the sum of the values of each, added in asset order."""
    distinct, rank = _ranks(key - first, stop - first)
    sums: FloatArray = np.bincount(rank, weights=value, minlength=distinct.size).astype(np.float64)
    return distinct + first, sums


def _joint(columns: Sequence[Column], size: int) -> tuple[NDArray[np.int64], list[IndexArray]]:
    """(asset,) number of the combination of all columns, and the code of each column by combination."""
    joint = np.zeros(size, dtype=np.int64)
    count = 1 if size else 0
    codes: list[IndexArray] = []
    for column in columns:
        width = len(column.labels)
        distinct, joint = _ranks(joint * width + column.codes, count * width)
        before, own = np.divmod(distinct, max(width, 1))
        codes = [c[before] for c in codes] + [own.astype(np.int32)]
        count = distinct.size
    return joint, codes


def _starts(sorted_index: NDArray[np.int64], count: int) -> IndexArray:
    """(count + 1,) where each index begins in a sorted list."""
    start = np.zeros(count + 1, dtype=np.int32)
    np.cumsum(np.bincount(sorted_index, minlength=count), out=start[1:])
    return start
