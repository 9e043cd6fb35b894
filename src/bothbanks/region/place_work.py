"""Places of the records of one source: coordinates, cells, outlines, brought to the CRS of account."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.region.columns import as_text, check_numbers, numbers
from bothbanks.region.kinds import KindColumn
from bothbanks.region.problems import short
from bothbanks.region.source_work import SourceWork
from bothbanks.words.errors import BothbanksError
from bothbanks.words.places import known_crs, projection

FloatArray = NDArray[np.float64]


class PlaceWork(SourceWork):
    """Coordinates and shapes of one source."""

    def way(self) -> Any | None:
        """The projection to the CRS of account, or None with the problem noted."""
        stated = self.settings.crs
        try:
            if (
                self.raw.crs
                and stated
                and not known_crs(self.raw.crs).equals(known_crs(stated), ignore_axis_order=True)
            ):
                self.problem(
                    f"a file in {short(self.raw.crs)}",
                    f"{stated}, as its settings say",
                    field="crs",
                    code="region.crs",
                )
                return None
            return projection(stated or self.raw.crs, self.account.crs)
        except BothbanksError as error:
            self.error(error, "crs")
            return None

    def note_way(self, way: Any, field: str) -> None:
        """One conversion row for the projection."""
        if known_crs(way.crs_from).equals(known_crs(self.account.crs), ignore_axis_order=True):
            return
        better = (
            f"; more accurate but not installed: {way.better_not_installed}"
            if way.better_not_installed
            else ""
        )
        self.convert(
            field,
            "crs",
            way.crs_from,
            self.account.crs,
            accuracy_m=way.accuracy_m,
            source=f"EPSG: {way.operation}{better}",
        )

    def coordinates(self) -> None:
        """x and y in the CRS of account; on gridded kinds also the cell."""
        if self.kind.geometry is not None and self.raw.geometry is not None and self.kind.gridded:
            return  # polygons, laid on the grid later
        x_column, y_column = self.kind.column("x"), self.kind.column("y")
        if x_column is None or y_column is None:
            return
        cell = self.kind.column("cell")
        cells = (
            self.values(cell) if cell is not None and self.theirs("x") not in self.raw.frame.columns else None
        )
        if cells is not None:
            self.by_cell_name(as_text(cells))
            return
        points = self.point_geometry()
        if points is None:
            found = [self.values(x_column), self.values(y_column)]
            for column, values in zip((x_column, y_column), found, strict=True):
                if values is None:
                    self.absent(column)
            if any(values is None for values in found):
                self.nowhere()
                return
            parsed = []
            for column, values in zip((x_column, y_column), found, strict=True):
                number, text = numbers(values, self.settings)
                check_numbers(number, text, column, self.settings, self.flaws, self.theirs(column.name))
                parsed.append(number)
            points = (parsed[0], parsed[1])
        self.project(*points)

    def point_geometry(self) -> tuple[FloatArray, FloatArray] | None:
        """Coordinates of a point layer."""
        import shapely

        if self.raw.geometry is None or self.theirs("x") in self.raw.frame.columns:
            return None
        is_point = shapely.get_type_id(self.raw.geometry) == 0
        self.flaws.mark(~is_point, "geometry", self.raw.geometry, "a point", "region.geometry")
        points = np.where(is_point, self.raw.geometry, None)
        return np.asarray(shapely.get_x(points), float), np.asarray(shapely.get_y(points), float)

    def nowhere(self) -> None:
        """No place for any record, for a reason that has been told."""
        self.placed = False
        self.columns |= {
            "x": np.full(self.length, np.nan),
            "y": np.full(self.length, np.nan),
            "cell": np.full(self.length, "", dtype=object),
        }

    def project(self, x: FloatArray, y: FloatArray) -> None:
        """Checked against the area of use, turned into the CRS of account, snapped to the grid."""
        way = self.way()
        field = f"{self.theirs('x')}, {self.theirs('y')}"
        if way is None:
            self.nowhere()
            return
        given = pairs(x, y)
        finite = np.isfinite(x) & np.isfinite(y)
        inside = np.zeros(self.length, dtype=bool)
        if finite.any():
            inside[finite] = way.inside_area_of_use(x[finite], y[finite])
        self.flaws.mark(
            finite & ~inside,
            field,
            given,
            f"a place in the area of use of {way.crs_from}",
            "region.area-of-use",
        )
        east, north = np.full(self.length, np.nan), np.full(self.length, np.nan)
        ok = finite & inside
        if ok.any():
            east[ok], north[ok] = way.apply(x[ok], y[ok])
        lost = ok & ~(np.isfinite(east) & np.isfinite(north))
        self.flaws.mark(lost, field, given, f"a place that {self.account.crs} can show", "region.area-of-use")
        self.note_way(way, "x, y")
        if self.kind.gridded:
            self.snap(east, north, given, field)
        else:
            self.columns |= {"x": east, "y": north}

    def snap(self, east: FloatArray, north: FloatArray, given: Any, field: str) -> None:
        """To the centre of the cell; farther from it than half a cell is a flaw."""
        ok = np.isfinite(east) & np.isfinite(north)
        grid = self.account.grid
        column, row = grid.index(np.where(ok, east, 0.0), np.where(ok, north, 0.0))
        x, y = grid.centre(column, row)
        off = np.where(ok, np.hypot(east - x, north - y), 0.0)
        far = ok & (off > grid.size / 2.0)
        self.flaws.mark(
            far,
            field,
            given,
            f"a cell centre within {grid.size / 2:g} m of one of the grid of account",
            "region.grid",
        )
        ok &= ~far
        if ok.any():
            self.convert(
                "x, y",
                "grid",
                "cell centres as given",
                f"centres of the {grid.label} grid in {self.account.crs}",
                accuracy_m=float(round(off[ok].max(), 3)),
                records=int(ok.sum()),
                source=f"nearest centre; largest move {off[ok].max():.1f} m, mean {off[ok].mean():.1f} m",
            )
        self.columns |= {
            "x": np.where(ok, x, np.nan),
            "y": np.where(ok, y, np.nan),
            "cell": np.where(ok, grid.ids(column, row), ""),
        }

    def by_cell_name(self, names: Any) -> None:
        """x and y of cells given by name."""
        grid = self.account.grid
        column, row = grid.parse(names)
        ok = np.isfinite(column)
        self.flaws.mark(
            ~ok,
            self.theirs("cell"),
            names,
            f"a cell of the grid of account, such as {grid.label}N3102E4028",
            "region.grid",
        )
        x, y = grid.centre(column, row)
        self.columns |= {"x": x, "y": y, "cell": np.where(ok, names.to_numpy(dtype=object), "")}

    def geometry(self, column: KindColumn) -> None:
        """Shapes in the CRS of account, from the layer or from a column of WKT."""
        import shapely

        shapes = self.raw.geometry
        name = self.theirs("geometry")
        if shapes is None and name in self.raw.frame.columns:
            text = as_text(self.raw.frame[name])
            shapes = shapely.from_wkt(text.to_numpy(dtype=object), on_invalid="ignore")
            self.flaws.mark(
                [shape is None for shape in shapes], name, text, "a shape as WKT", "region.geometry"
            )
        if shapes is None:
            if column.required:
                self.absent(column)
            self.columns["geometry"] = np.full(self.length, None, dtype=object)
            return
        shapes = np.array(shapes, dtype=object)
        empty = np.array([shape is None or shape.is_empty for shape in shapes], dtype=bool)
        if self.kind.name != "reaches":
            self.flaws.mark(empty, name, None, "an outline; nothing is there", "region.geometry")
        way = self.way()
        if way is None:
            self.columns["geometry"] = np.full(self.length, None, dtype=object)
            return
        self.check_shapes(shapes, empty, way, name)
        left_out: Any = self.flaws.bad | empty
        shapes[left_out] = None
        moved = shapely.transform(
            shapes,
            lambda xy: np.column_stack(way.apply(xy[:, 0], xy[:, 1])),
        )
        self.note_way(way, "geometry")
        self.columns["geometry"] = moved

    def check_shapes(self, shapes: Any, empty: Any, way: Any, name: str) -> None:
        """Polygons that are whole and lie in the area of use."""
        import shapely

        if self.kind.name in ("municipalities", "outlines", "flood_depths"):
            polygon = np.isin(shapely.get_type_id(shapes), (3, 6))
            self.flaws.mark(
                ~polygon & ~empty,
                name,
                [getattr(s, "geom_type", "") for s in shapes],
                "a polygon",
                "region.geometry",
            )
            invalid = ~shapely.is_valid(shapes) & ~empty
            if invalid.any():
                reasons = np.where(invalid, shapely.is_valid_reason(shapes), "")
                self.flaws.mark(
                    invalid, name, reasons, "a valid outline (no crossing of itself)", "region.geometry"
                )
        bounds = shapely.bounds(shapes)
        ok = ~empty
        inside = np.ones(len(shapes), dtype=bool)
        for i, j in ((0, 1), (2, 3)):
            if ok.any():
                inside[ok] &= way.inside_area_of_use(bounds[ok, i], bounds[ok, j])
        self.flaws.mark(
            ok & ~inside,
            name,
            [" ".join(f"{v:.1f}" for v in b) for b in bounds],
            f"a shape in the area of use of {way.crs_from}",
            "region.area-of-use",
        )


def pairs(x: FloatArray, y: FloatArray) -> Any:
    """Coordinate pairs as text, written out one at a time."""

    class Pairs:
        """Coordinate pairs, written out only where asked for."""

        def __getitem__(self, place: int) -> str:
            return f"{x[place]:.10g}, {y[place]:.10g}"

    return Pairs()
