"""What the regional flood method reads: cells, people, and the land along the rivers, as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.risk.curves import Curve
from bothbanks.analysis.risk.hazards.discharge import KINDS, BasinKind
from bothbanks.analysis.risk.hazards.parameters import Draw, required
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Table = Mapping[str, Any]


@dataclass(frozen=True)
class Basin:
    """A river basin: floods within it rise together."""

    id: str
    kind: BasinKind

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise RangeError(
                "flood.basin", f"basin {self.id!r} has kind {self.kind!r}; expected one of {KINDS}."
            )


@dataclass(frozen=True)
class AssetClass:
    """A class of what can be damaged, with its depth-damage curve.

    With ``of_total`` the class has no footprint of its own: its value is a share (parameter
    ``flood.<id>_share``) of the value of all other classes, as for public works and roads.
    """

    id: str
    curve: Curve
    of_total: bool = False


@dataclass(frozen=True, eq=False)
class FloodInputs:
    """Arrays of the regional flood method.

    A *record* is the people of one municipality in one cell; a *row* is the land of one cell along one reach.

    Parameters
    ----------
    members, member_country : (member,)
    municipalities : (municipality,)
    basins : (basin,)
    classes : (class,)
    cell_size_m : side of a cell
    cell_x, cell_y : (cell,) centre, m, in the CRS of account
    cell_slope : (cell,) rise over run; NaN where the terrain is not known ('not modelled')
    record_cell, record_member, record_municipality : (record,) indices
    record_population : (record,) persons
    row_cell, row_reach, row_basin : (row,) indices
    upstream_area_km2 : (row,) area drained by the reach there
    stream_length_m : (row,) length of the reach inside the cell, 0 for a neighbour cell
    height_over_reach_m : (row,) height of the cell over the reach (relative, no datum needed)
    cell_id : (cell,) names, empty when not known

    Raises
    ------
    ShapeError, MissingValueError, RangeError
        Arrays that don't fit, NaN, indices outside, negative people, lengths or areas not above zero.
    """

    members: tuple[str, ...]
    member_country: tuple[str, ...]
    municipalities: tuple[str, ...]
    basins: tuple[Basin, ...]
    classes: tuple[AssetClass, ...]
    cell_size_m: float
    cell_x: FloatArray
    cell_y: FloatArray
    cell_slope: FloatArray
    record_cell: IntArray
    record_member: IntArray
    record_municipality: IntArray
    record_population: FloatArray
    row_cell: IntArray
    row_reach: IntArray
    row_basin: IntArray
    upstream_area_km2: FloatArray
    stream_length_m: FloatArray
    height_over_reach_m: FloatArray
    cell_id: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        for name in ("cell_x", "cell_y", "cell_slope", "record_population", *_ROW_FLOATS):
            object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), dtype=np.float64))
        for name in (*_RECORD_INTS, *_ROW_INTS):
            object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), dtype=np.int64))
        _check_lengths(self)
        _check_numbers(self)

    @property
    def cell_count(self) -> int:
        """Number of cells."""
        return int(self.cell_x.size)

    @property
    def covered(self) -> NDArray[np.bool_]:
        """(cell,) whether the terrain of the cell is known."""
        return np.isfinite(self.cell_slope)

    def basin_index(self, basin: str) -> int:
        """Place of a basin in ``basins``. Raises RangeError for a name that isn't there."""
        ids = [b.id for b in self.basins]
        if basin not in ids:
            raise RangeError("flood.basin", f"no basin {basin!r}; there are {', '.join(ids)}.")
        return ids.index(basin)

    def people(self) -> FloatArray:
        """(member,) all people."""
        return np.asarray(
            np.bincount(self.record_member, self.record_population, len(self.members)), dtype=np.float64
        )

    def people_not_modelled(self) -> FloatArray:
        """(member,) people in cells without terrain. Their loss is not known; it is not zero."""
        out = ~self.covered[self.record_cell]
        return np.asarray(
            np.bincount(self.record_member[out], self.record_population[out], len(self.members)),
            dtype=np.float64,
        )

    def value_per_head(self, draw: Draw) -> FloatArray:
        """(member, class) money per person; see ``class_values``."""
        return class_values(draw, self.members, self.member_country, self.classes)

    def without(self, members: Sequence[str]) -> FloodInputs:
        """The same inputs without the people of some members, as where official maps replace the method."""
        out = np.isin(self.record_member, [self.members.index(m) for m in members])
        return replace(self, record_population=np.where(out, 0.0, self.record_population))

    @classmethod
    def from_tables(
        cls,
        cells: Table,
        terrain: Table,
        floodplain: Table,
        reaches: Table,
        *,
        members: Sequence[str],
        member_country: Sequence[str],
        basins: Sequence[Basin],
        classes: Sequence[AssetClass],
        cell_size_m: float,
    ) -> FloodInputs:
        """From harmonised tables (data frames, or mappings of columns).

        A cell of ``cells`` that ``terrain`` lacks is 'not modelled'. A (cell, reach) given by two members is
        kept once, with the longer stream length: each counts the part of the border cell it mapped.

        Raises
        ------
        RangeError
            Floodplain cells without terrain, reaches not in ``reaches``, unknown members or basins: all
            listed.
        """
        ids, first = np.unique(
            np.concatenate([_text(terrain, "cell"), _text(cells, "cell")]), return_index=True
        )
        x = np.concatenate([_number(terrain, "x"), _number(cells, "x")])[first]
        y = np.concatenate([_number(terrain, "y"), _number(cells, "y")])[first]
        slope = np.full(ids.size, np.nan)
        slope[np.searchsorted(ids, _text(terrain, "cell"))] = _number(terrain, "slope")
        municipalities, municipality = np.unique(_text(cells, "municipality"), return_inverse=True)
        reach_ids = _text(reaches, "reach")
        plain = _merge_rows(floodplain)
        problems: list[str] = []
        row_reach = _look_up(plain["reach"], reach_ids, "floodplain reach", problems)
        row_cell = _look_up(plain["cell"], ids, "floodplain cell", problems)
        basin_of_reach = _look_up(
            _text(reaches, "basin"), np.array([b.id for b in basins], dtype=str), "basin of a reach", problems
        )
        member = _look_up(_text(cells, "member"), np.array(members, dtype=str), "member of a cell", problems)
        bare = np.unique(plain["cell"][(row_cell >= 0) & ~np.isfinite(slope[row_cell])])
        if bare.size:
            problems.append(f"{bare.size} floodplain cells have no terrain slope: {', '.join(bare[:5])} ...")
        if problems:
            raise RangeError(
                "flood.tables", "; ".join(problems) + ". Tables must name the same cells, reaches and basins."
            )
        return cls(
            members=tuple(members), member_country=tuple(member_country),
            municipalities=tuple(str(m) for m in municipalities), basins=tuple(basins),
            classes=tuple(classes), cell_size_m=float(cell_size_m), cell_x=x, cell_y=y, cell_slope=slope,
            record_cell=np.searchsorted(ids, _text(cells, "cell")), record_member=member,
            record_municipality=municipality, record_population=_number(cells, "population"),
            row_cell=row_cell, row_reach=row_reach, row_basin=basin_of_reach[row_reach],
            upstream_area_km2=plain["upstream_area"], stream_length_m=plain["stream_length"],
            height_over_reach_m=plain["height_over_reach"], cell_id=tuple(str(i) for i in ids),
        )  # fmt: skip


def class_values(
    draw: Draw, members: Sequence[str], member_country: Sequence[str], classes: Sequence[AssetClass]
) -> FloatArray:
    """(member, class) money per person: footprint (m2 a head) x value (per m2 of footprint) x price index.

    A class ``of_total`` is worth its share of the value of the other classes.
    """
    index = required(draw, "flood.price_index")
    value = np.zeros((len(members), len(classes)))
    for c, asset in enumerate(classes):
        if not asset.of_total:
            footprint = required(draw, f"flood.footprint_{asset.id}_m2_per_head")
            for m, country in enumerate(member_country):
                value[m, c] = footprint * required(draw, f"flood.value_{asset.id}_{country}") * index
    total = value.sum(axis=1)
    for c, asset in enumerate(classes):
        if asset.of_total:
            value[:, c] = total * required(draw, f"flood.{asset.id}_share")
    if (value < 0).any():
        raise RangeError("flood.value", "a value per head is negative; check footprints, values and shares.")
    return value


_RECORD_INTS = ("record_cell", "record_member", "record_municipality")
_ROW_INTS = ("row_cell", "row_reach", "row_basin")
_ROW_FLOATS = ("upstream_area_km2", "stream_length_m", "height_over_reach_m")


def _text(table: Table, name: str) -> NDArray[Any]:
    return np.asarray(table[name]).astype(str)


def _number(table: Table, name: str) -> FloatArray:
    return np.asarray(table[name], dtype=np.float64)


def _look_up(values: NDArray[Any], names: NDArray[Any], what: str, problems: list[str]) -> IntArray:
    """Index of each value in ``names``; unknown ones are -1 and written to ``problems``."""
    order = np.argsort(names)
    at = np.clip(np.searchsorted(names, values, sorter=order), 0, max(names.size - 1, 0))
    found = order[at] if names.size else np.zeros(values.size, dtype=np.int64)
    ok = names[found] == values if names.size else np.zeros(values.size, dtype=bool)
    if not ok.all():
        unknown = sorted(set(values[~ok].tolist()))
        problems.append(f"unknown {what}: {', '.join(unknown[:5])}{' ...' if len(unknown) > 5 else ''}")
    return np.where(ok, found, -1).astype(np.int64)


def _merge_rows(floodplain: Table) -> dict[str, NDArray[Any]]:
    """Floodplain columns with each (cell, reach) once, keeping the row with the longest stream."""
    cell, reach = _text(floodplain, "cell"), _text(floodplain, "reach")
    length = _number(floodplain, "stream_length")
    order = np.lexsort((-length, reach, cell))
    first = np.ones(order.size, dtype=bool)
    first[1:] = (cell[order][1:] != cell[order][:-1]) | (reach[order][1:] != reach[order][:-1])
    keep = order[first]
    numbers = {n: _number(floodplain, n)[keep] for n in ("upstream_area", "height_over_reach")}
    return {"cell": cell[keep], "reach": reach[keep], "stream_length": length[keep], **numbers}


def _check_lengths(i: FloodInputs) -> None:
    groups: tuple[tuple[str, ...], ...] = (
        ("cell_x", "cell_y", "cell_slope"), (*_RECORD_INTS, "record_population"), (*_ROW_INTS, *_ROW_FLOATS),
    )  # fmt: skip
    for names in groups:
        shapes = {n: np.shape(getattr(i, n)) for n in names}
        if len(set(shapes.values())) != 1 or len(shapes[names[0]]) != 1:
            raise ShapeError("flood.inputs", f"these columns must have one common length: {shapes}.")
    if len(i.members) != len(i.member_country):
        raise ShapeError("flood.inputs", f"{len(i.members)} members and {len(i.member_country)} countries.")
    if i.cell_id and len(i.cell_id) != i.cell_count:
        raise ShapeError("flood.inputs", f"{i.cell_count} cells and {len(i.cell_id)} cell ids.")


def _check_numbers(i: FloodInputs) -> None:
    bounds = {
        "record_cell": i.cell_count, "record_member": len(i.members), "record_municipality":
        len(i.municipalities), "row_cell": i.cell_count, "row_basin": len(i.basins),
    }  # fmt: skip
    for name, stop in bounds.items():
        index = getattr(i, name)
        if index.size and (index.min() < 0 or index.max() >= stop):
            raise RangeError(
                "flood.inputs", f"{name} runs from {index.min()} to {index.max()}; expected 0 to {stop - 1}."
            )
    for name in ("cell_x", "cell_y", "record_population", *_ROW_FLOATS):
        if not np.isfinite(getattr(i, name)).all():
            at = int((~np.isfinite(getattr(i, name))).argmax())
            raise MissingValueError("flood.inputs", f"{name} of row {at} is not a number.")
    for name, floor in (("record_population", 0.0), ("stream_length_m", 0.0), ("cell_slope", 0.0)):
        if (getattr(i, name) < floor).any():
            raise RangeError("flood.inputs", f"{name} has negative values.")
    if (i.upstream_area_km2 <= 0).any() or not i.cell_size_m > 0:
        raise RangeError("flood.inputs", "upstream areas and the cell size must be above 0.")
    if i.row_cell.size and not i.covered[i.row_cell].all():
        raise MissingValueError("flood.inputs", "a floodplain row lies in a cell without a slope.")
