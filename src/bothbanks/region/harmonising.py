"""Turn one source as written into its canonical table, and note every conversion and every flaw."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.region.columns import as_text, check_numbers, check_range, coded, dates, is_missing, numbers
from bothbanks.region.conversions import Conversion
from bothbanks.region.grid import Grid
from bothbanks.region.gridding import Gridded, polygons_to_cells, raster_to_cells
from bothbanks.region.kinds import KINDS, KindColumn, LayerKind
from bothbanks.region.money import MoneyTable
from bothbanks.region.problems import Problems, short
from bothbanks.region.reading import RASTERS, RawTable, UnreadableFile, read_table
from bothbanks.region.refusals import Flaws, Refusal
from bothbanks.region.settings import RegionSource
from bothbanks.words.datums import RELATIVE_ONLY, Datums
from bothbanks.words.errors import BothbanksError
from bothbanks.words.places import known_crs, projection
from bothbanks.words.quantities import currencies_in, unit_conversion

FloatArray = NDArray[np.float64]
_NAME_IN = re.compile(r"name_[a-z]{2,3}")


@dataclass(frozen=True)
class Account:
    """What everything is turned into."""

    crs: str
    grid: Grid
    datums: Datums
    money: MoneyTable


@dataclass(frozen=True)
class Surroundings:
    """What is known of the municipalities when other layers are read."""

    codes: Mapping[str, frozenset[str]]  # member -> its municipalities ('' for all)
    outlines: Mapping[str, Any]  # member -> prepared outline ('' for the region)
    region: Any | None
    tolerance_m: float  # a place may lie this far outside before it is refused

    def outside(self, member: str, x: FloatArray, y: FloatArray) -> NDArray[np.bool_]:
        """True where a finite point lies farther outside than the tolerance; False where no outline is known."""
        import shapely

        outline = self.outlines.get(member)
        found = np.zeros(len(x), dtype=bool)
        ok = np.isfinite(x) & np.isfinite(y)
        if outline is None or not ok.any():
            return found
        once, where = np.unique(np.column_stack([x[ok], y[ok]]), axis=0, return_inverse=True)
        near = shapely.dwithin(outline, shapely.points(once), self.tolerance_m)
        found[ok] = ~near[where.reshape(-1)]
        return found


@dataclass
class Harmonised:
    """One source, harmonised."""

    source: RegionSource
    frame: Any  # canonical columns, member, source_file; for vector kinds a geometry column of shapely objects
    read: int
    refusals: list[Refusal]
    conversions: list[Conversion] = field(default_factory=list)
    counted: bool = True  # one row of the frame for each record used (not so where polygons were laid on the grid)

    @property
    def used(self) -> int:
        """Records in the frame, or laid on the grid, that came from the file."""
        return self.read - len(self.refusals)


class _Work:
    """One source while it is being harmonised."""

    def __init__(
        self,
        source: RegionSource,
        account: Account,
        raw: RawTable,
        problems: Problems,
        around: Surroundings | None = None,
    ) -> None:
        self.around = around
        self.source, self.settings, self.account, self.raw, self.problems = source, source.settings, account, raw, problems
        self.kind: LayerKind = KINDS[self.settings.kind]
        self.flaws = Flaws(raw)
        self.length = len(raw.frame)
        self.placed = True
        self.columns: dict[str, Any] = {}
        self.conversions: list[Conversion] = []

    # -- small helpers -------------------------------------------------------------------------------------

    def problem(self, found: str, expected: str, *, field: str = "", code: str = "region.value", record: str = "") -> None:
        """Note a problem of the whole file."""
        self.problems.add(self.source.label, found, expected, record=record, field=field, code=code)

    def error(self, error: BothbanksError, field: str) -> None:
        """Note an error of a lower room."""
        self.problems.add_error(self.source.label, error, field=field)

    def convert(self, field: str, what: str, given: str, account: str, **more: Any) -> None:
        """Note a conversion."""
        self.conversions.append(
            Conversion(self.source.label, self.source.member, field, what, given, account,
                       **{"records": self.length, **more})
        )

    def theirs(self, name: str) -> str:
        """The name of a canonical column in the file."""
        return self.settings.fields.get(name, name)

    def values(self, column: KindColumn) -> Any | None:
        """Values as written, the constant, or None where the source has neither."""
        import pandas as pd

        if column.name in self.settings.constants:
            constant = self.settings.constants[column.name]
            return pd.Series([constant] * self.length, dtype=object if self.length == 0 else None)
        theirs = self.theirs(column.name)
        if theirs in self.raw.frame.columns:
            return self.raw.frame[theirs].reset_index(drop=True)
        if column.name in self.settings.fields:
            self.problem(f"columns {', '.join(self.raw.columns[:12])}", f"a column {short(theirs)}",
                         field=column.name, code="region.column")
        return None

    # -- columns -------------------------------------------------------------------------------------------

    def text(self, column: KindColumn) -> None:
        """A text column, through its code map."""
        import pandas as pd

        values = self.values(column)
        if values is None:
            if column.required:
                self.absent(column)
            self.columns[column.name] = pd.Series([column.default or ""] * self.length, dtype=str)
            return
        text = as_text(values)
        missing = is_missing(text, self.settings)
        if column.required:
            self.flaws.mark(missing, self.theirs(column.name), text, "a text; nothing is there", "region.missing-value")
        if column.name in self.settings.codes:
            codes = {str(key).strip(): str(value) for key, value in self.settings.codes[column.name].items()}
            known = coded(text.mask(missing & (not column.required), next(iter(codes), "")), codes, self.flaws,
                          self.theirs(column.name))
            text = known.mask(missing, "").fillna("")
            self.note_codes(column, codes)
        else:
            text = text.mask(missing, "")
        self.columns[column.name] = text.astype(str)

    def note_codes(self, column: KindColumn, codes: dict[str, Any]) -> None:
        """One conversion row for each code."""
        why = self.settings.code_sources.get(column.name, "")
        for theirs, ours in codes.items():
            self.convert(column.name, "code", theirs, str(ours), source=why)

    def absent(self, column: KindColumn) -> None:
        """A required column the file does not have (told once)."""
        if column.name not in self.settings.fields:
            self.problem(
                f"columns {', '.join(self.raw.columns[:12]) or 'none'}",
                f"a column '{column.name}', or its name under [sources.fields], or a value under [sources.constants]",
                field=column.name,
                code="region.column",
            )

    def number(self, column: KindColumn) -> None:
        """A number: read, decoded, in canonical unit, over the datum of account, within its range."""
        values = self.values(column)
        if values is None:
            if column.required:
                self.absent(column)
            self.columns[column.name] = np.full(self.length, np.nan if column.default is None else column.default)
            return
        theirs = self.theirs(column.name)
        if column.name in self.settings.codes:
            text = as_text(values)
            codes = {str(key).strip(): value for key, value in self.settings.codes[column.name].items()}
            found, _ = numbers(coded(text, codes, self.flaws, theirs).astype(object), self.settings)
            self.note_codes(column, codes)
        else:
            found, text = numbers(values, self.settings)
            check_numbers(found, text, column, self.settings, self.flaws, theirs)
        found = self.in_unit(found, column)
        if column.height:
            found = self.over_datum(found, column)
        check_range(found, text, column, self.flaws, theirs)
        if not column.required and isinstance(column.default, float) and not np.isnan(column.default):
            found = np.where(np.isnan(found), column.default, found)
        self.columns[column.name] = found

    def in_unit(self, found: FloatArray, column: KindColumn) -> FloatArray:
        """The numbers in canonical unit."""
        given = self.settings.units.get(column.name, column.unit)
        if given == column.unit:
            return found
        try:
            way = unit_conversion(given, column.unit)
        except BothbanksError as error:
            self.error(error, f"units.{column.name}")
            return found
        self.convert(column.name, "unit", given, column.unit, factor=way.factor, offset=way.offset, source="pint")
        return found * way.factor + way.offset

    def over_datum(self, found: FloatArray, column: KindColumn) -> FloatArray:
        """Heights over the datum of account."""
        datum = self.settings.height_datum
        if not datum:
            if not np.isfinite(found).any():
                return found
            self.problem("a height with no datum", "height_datum, the name of a datum or 'relative only'",
                         field="height_datum", code="region.datum")
            return found
        if self.kind.relative_height:
            if datum != RELATIVE_ONLY:
                self.problem(short(datum), f"'{RELATIVE_ONLY}': {column.name} is a difference of heights",
                             field="height_datum", code="region.datum")
            return found
        if datum == RELATIVE_ONLY:
            return found
        try:
            offset = self.account.datums.to_account(datum)
        except BothbanksError as error:
            self.error(error, "height_datum")
            return found
        if datum != self.account.datums.account:
            self.convert(column.name, "datum", datum, self.account.datums.account, factor=1.0,
                         offset=offset.offset_to_account_m, accuracy_m=offset.uncertainty_m, source=offset.source)
        return found + offset.offset_to_account_m

    def date(self, column: KindColumn) -> None:
        """A day."""
        import pandas as pd

        values = self.values(column)
        if values is None:
            self.absent(column)
            self.columns[column.name] = pd.Series([pd.NaT] * self.length, dtype="datetime64[ns]")
            return
        found, text = dates(values, self.settings)
        self.flaws.mark(found.isna(), self.theirs(column.name), text, f"a day written as {self.settings.date_format}",
                        "region.date")
        self.columns[column.name] = found

    # -- places --------------------------------------------------------------------------------------------

    def way(self) -> Any | None:
        """The projection to the CRS of account, or None with the problem noted."""
        stated = self.settings.crs
        try:
            if self.raw.crs and stated and not known_crs(self.raw.crs).equals(known_crs(stated), ignore_axis_order=True):
                self.problem(f"a file in {short(self.raw.crs)}", f"{stated}, as its settings say", field="crs",
                             code="region.crs")
                return None
            return projection(stated or self.raw.crs, self.account.crs)
        except BothbanksError as error:
            self.error(error, "crs")
            return None

    def note_way(self, way: Any, field: str) -> None:
        """One conversion row for the projection."""
        if known_crs(way.crs_from).equals(known_crs(self.account.crs), ignore_axis_order=True):
            return
        better = f"; more accurate but not installed: {way.better_not_installed}" if way.better_not_installed else ""
        self.convert(field, "crs", way.crs_from, self.account.crs, accuracy_m=way.accuracy_m,
                     source=f"EPSG: {way.operation}{better}")

    def coordinates(self) -> None:
        """x and y in the CRS of account; on gridded kinds also the cell."""
        if self.kind.geometry is not None and self.raw.geometry is not None and self.kind.gridded:
            return  # polygons, laid on the grid later
        x_column, y_column = self.kind.column("x"), self.kind.column("y")
        if x_column is None or y_column is None:
            return
        cell = self.kind.column("cell")
        cells = self.values(cell) if cell is not None and self.theirs("x") not in self.raw.frame.columns else None
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
        self.columns |= {"x": np.full(self.length, np.nan), "y": np.full(self.length, np.nan),
                         "cell": np.full(self.length, "", dtype=object)}

    def project(self, x: FloatArray, y: FloatArray) -> None:
        """Checked against the area of use, turned into the CRS of account, snapped to the grid."""
        way = self.way()
        field = f"{self.theirs('x')}, {self.theirs('y')}"
        if way is None:
            self.nowhere()
            return
        given = _pairs(x, y)
        finite = np.isfinite(x) & np.isfinite(y)
        inside = np.zeros(self.length, dtype=bool)
        if finite.any():
            inside[finite] = way.inside_area_of_use(x[finite], y[finite])
        self.flaws.mark(finite & ~inside, field, given, f"a place in the area of use of {way.crs_from}",
                        "region.area-of-use")
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
        self.flaws.mark(far, field, given, f"a cell centre within {grid.size / 2:g} m of one of the grid of account",
                        "region.grid")
        ok &= ~far
        if ok.any():
            self.convert("x, y", "grid", "cell centres as given",
                         f"centres of the {grid.label} grid in {self.account.crs}",
                         accuracy_m=float(round(off[ok].max(), 3)), records=int(ok.sum()),
                         source=f"nearest centre; largest move {off[ok].max():.1f} m, mean {off[ok].mean():.1f} m")
        self.columns |= {"x": np.where(ok, x, np.nan), "y": np.where(ok, y, np.nan),
                         "cell": np.where(ok, grid.ids(column, row), "")}

    def by_cell_name(self, names: Any) -> None:
        """x and y of cells given by name."""
        grid = self.account.grid
        column, row = grid.parse(names)
        ok = np.isfinite(column)
        self.flaws.mark(~ok, self.theirs("cell"), names, f"a cell of the grid of account, such as {grid.label}N3102E4028",
                        "region.grid")
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
            self.flaws.mark([shape is None for shape in shapes], name, text, "a shape as WKT", "region.geometry")
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
        moved = shapely.transform(np.where(self.flaws.bad | empty, None, shapes),
                                  lambda xy: np.column_stack(way.apply(xy[:, 0], xy[:, 1])))
        self.note_way(way, "geometry")
        self.columns["geometry"] = moved

    def check_shapes(self, shapes: Any, empty: Any, way: Any, name: str) -> None:
        """Polygons that are whole and lie in the area of use."""
        import shapely

        if self.kind.name in ("municipalities", "outlines", "flood_depths"):
            polygon = np.isin(shapely.get_type_id(shapes), (3, 6))
            self.flaws.mark(~polygon & ~empty, name, [getattr(s, "geom_type", "") for s in shapes],
                            "a polygon", "region.geometry")
            invalid = ~shapely.is_valid(shapes) & ~empty
            if invalid.any():
                reasons = np.where(invalid, shapely.is_valid_reason(shapes), "")
                self.flaws.mark(invalid, name, reasons, "a valid outline (no crossing of itself)", "region.geometry")
        bounds = shapely.bounds(shapes)
        ok = ~empty
        inside = np.ones(len(shapes), dtype=bool)
        for i, j in ((0, 1), (2, 3)):
            if ok.any():
                inside[ok] &= way.inside_area_of_use(bounds[ok, i], bounds[ok, j])
        self.flaws.mark(ok & ~inside, name, [" ".join(f"{v:.1f}" for v in b) for b in bounds],
                        f"a shape in the area of use of {way.crs_from}", "region.area-of-use")

    # -- money ---------------------------------------------------------------------------------------------

    def money(self) -> None:
        """Published losses in money, brought to currency and price year of account."""
        if self.kind.name != "observed_losses" or "unit" not in self.columns:
            return
        unit = self.columns["unit"]
        is_money = np.array([bool(currencies_in(str(u))) for u in unit], dtype=bool)
        if not is_money.any():
            return
        for key, value in (("currency", self.settings.currency), ("price_year", self.settings.price_year)):
            if value is None:
                self.problem("money without it", f"{key}, because field 'value' is money", field=key, code="region.currency")
        if self.settings.currency is None or self.settings.price_year is None:
            return
        wrong = is_money & np.array([currencies_in(str(u)) != (self.settings.currency,) for u in unit], dtype=bool)
        self.flaws.mark(wrong, self.theirs("unit"), unit, f"money in {self.settings.currency}, as the settings say",
                        "region.currency")
        factor = self.money_factor(self.settings.currency, self.settings.price_year, "value")
        self.columns["value"] = np.where(is_money, self.columns["value"] * factor, self.columns["value"])
        self.columns["unit"] = unit.str.replace(self.settings.currency, self.account.money.currency, regex=False)

    def money_factor(self, currency: str, year: int, field: str) -> float:
        """Factor to money of account, 1 with the problem noted where there is no way."""
        try:
            way = self.account.money.factor(currency, year)
        except BothbanksError as error:
            self.error(error, field)
            return 1.0
        if way.factor != 1.0:
            money = self.account.money
            self.convert(field, "money", f"{currency} {year}", f"{money.currency} {money.price_year}",
                         factor=way.factor, offset=0.0, source=way.source)
        return way.factor

    # -- all of it -----------------------------------------------------------------------------------------

    def unknown_names(self) -> None:
        """Canonical names the kind does not have."""
        for table in ("fields", "units", "constants", "codes", "code_sources"):
            for name in getattr(self.settings, table):
                if self.kind.column(name) is None and not (table == "fields" and _NAME_IN.fullmatch(name)):
                    self.problem(short(name), f"a column of {self.kind.name}: {', '.join(self.kind.names)}",
                                 field=f"{table}.{name}", code="region.column")
        for name in self.settings.codes:
            if not self.settings.code_sources.get(name, "").strip():
                self.problem("a code map without source", f"[sources.code_sources] {name} = where the codes are from",
                             field=f"codes.{name}", code="region.source")

    def within(self) -> None:
        """Municipalities that exist, places that lie in the region."""
        if self.around is None:
            return
        member = self.source.member
        if self.kind.column("municipality") is not None and self.around.codes.get(member):
            text = self.columns["municipality"]
            unknown = ~text.isin(list(self.around.codes[member])).to_numpy(dtype=bool)
            whose = f"member '{member}'" if member else "the region"
            self.flaws.mark(unknown, self.theirs("municipality"), text, f"the code of a municipality of {whose}",
                            "region.code")
        if self.kind.name in ("cells", "places", "flood_depths", "centres") and "x" in self.columns:
            x, y = np.asarray(self.columns["x"], float), np.asarray(self.columns["y"], float)
            whose = member if self.kind.name in ("cells", "flood_depths") else ""
            words = f"member '{whose}'" if whose else "the region"
            shown = self.columns["cell"] if self.kind.gridded else _pairs(x, y)
            self.flaws.mark(self.around.outside(whose, x, y), "x, y", shown,
                            f"a place in {words} (within {self.around.tolerance_m:g} m)", "region.outside")

    def duplicates(self) -> None:
        """No two good records agree on the key."""
        import pandas as pd

        key = [name for name in self.kind.key if name in self.columns]
        if not key or len(key) < len(self.kind.key) or not self.placed:
            return
        frame = pd.DataFrame({name: pd.Series(self.columns[name]) for name in key})
        good = ~self.flaws.bad
        twice = np.zeros(self.length, dtype=bool)
        twice[good] = frame[good].duplicated(keep="first").to_numpy()
        shown = frame.astype(str).agg(" ".join, axis=1) if twice.any() else None
        self.flaws.mark(twice, ", ".join(self.kind.key), shown, "each of these once", "region.duplicate")

    def run(self) -> None:
        """All columns in order."""
        self.unknown_names()
        for column in self.kind.columns:
            if column.type == "text" and column.name != "cell":
                self.text(column)
            elif column.type in ("number", "integer"):
                self.number(column)
            elif column.type == "date":
                self.date(column)
            elif column.type == "geometry":
                self.geometry(column)
        for name in self.settings.fields:
            if _NAME_IN.fullmatch(name):
                self.text(KindColumn(name, "text", required=False, default=""))
        self.coordinates()
        self.money()
        self.within()
        if not (self.kind.gridded and self.raw.geometry is not None and "cell" not in self.columns):
            self.duplicates()

    def frame(self) -> Any:
        """The canonical table of the good records."""
        import pandas as pd

        order = [name for name in [*self.kind.names, *self.columns] if name in self.columns]
        if self.kind.gridded and self.kind.geometry is not None:
            order = [name for name in order if name != "geometry"]
        table = pd.DataFrame({name: pd.Series(self.columns[name]) for name in dict.fromkeys(order)})
        table = table[~self.flaws.bad].reset_index(drop=True)
        table["member"] = self.source.member
        table["source_file"] = self.source.shown
        return table


def _pairs(x: FloatArray, y: FloatArray) -> Any:
    class Pairs:
        """Coordinate pairs, written out only where asked for."""

        def __getitem__(self, place: int) -> str:
            return f"{x[place]:.10g}, {y[place]:.10g}"

    return Pairs()


def wanted_columns(source: RegionSource) -> frozenset[str]:
    """Columns of the file that harmonising will look at."""
    kind, settings = KINDS[source.settings.kind], source.settings
    return frozenset(settings.fields.get(name, name) for name in (*kind.names, *settings.fields))


def harmonise_source(
    source: RegionSource, account: Account, problems: Problems, around: Surroundings | None = None
) -> Harmonised | None:
    """Read and harmonise one source. None when it can't be read; the problem is noted."""
    kind = KINDS[source.settings.kind]
    try:
        if source.path.suffix.lower() in RASTERS:
            return _harmonise_raster(source, account, kind, problems, around)
        raw = read_table(source.path, source.settings, wanted_columns(source))
    except UnreadableFile as error:
        problems.add(source.label, error.found, error.expected, record=error.record, field=error.field, code=error.code)
        return None
    except BothbanksError as error:
        problems.add_error(source.label, error)
        return None
    work = _Work(source, account, raw, problems, around)
    work.run()
    if not source.refuse:
        work.flaws.as_problems(source.label, problems)
    frame = work.frame()
    counted = True
    if kind.gridded and raw.geometry is not None and "cell" not in work.columns:
        frame = _clipped(_lay_polygons(work, frame, account), source, around, work.conversions)
        counted = False
    return Harmonised(source, frame, work.length, work.flaws.as_refusals(source.label), work.conversions, counted)


def _lay_polygons(work: _Work, frame: Any, account: Account) -> Any:
    """Polygons of depth, one return period after another, laid on the grid."""
    import pandas as pd

    shapes = np.asarray(work.columns["geometry"], dtype=object)[~work.flaws.bad]
    parts = []
    for period in sorted(frame["return_period"].unique()):
        here = (frame["return_period"] == period).to_numpy()
        gridded = polygons_to_cells(shapes[here], frame["depth"].to_numpy(float)[here], account.grid)
        parts.append(_grid_frame(gridded, account, {"return_period": period, "basin": _only(frame["basin"][here])}, "depth",
                                 water=True))
    work.convert("geometry", "grid", f"{len(shapes)} polygons", f"cells of {account.grid.label}",
                 source="area-weighted depth; wet area over cell area")
    table = pd.concat(parts, ignore_index=True) if parts else frame.iloc[:0]
    return table.assign(member=work.source.member, source_file=work.source.shown)


def _clipped(table: Any, source: RegionSource, around: Surroundings | None, conversions: list[Conversion]) -> Any:
    """Cells of a map inside its member; the number of the others is noted, for maps rarely end at the border."""
    if around is None or not len(table):
        return table
    outside = around.outside(source.member, table["x"].to_numpy(float), table["y"].to_numpy(float))
    if outside.any():
        conversions.append(
            Conversion(source.label, source.member, "x, y", "clip", f"{len(table):,} cells of the map",
                       f"{int((~outside).sum()):,} cells in {source.member or 'the region'}", records=int(outside.sum()),
                       source=f"cells more than {around.tolerance_m:g} m outside are left out")
        )
    return table[~outside].reset_index(drop=True)


def _only(values: Any) -> str:
    unique = values.unique()
    return str(unique[0]) if len(unique) == 1 else ""


def _grid_frame(gridded: Gridded, account: Account, constants: dict[str, Any], value: str, *, water: bool) -> Any:
    import pandas as pd

    x, y = account.grid.centre(gridded.column, gridded.row)
    table = pd.DataFrame({"x": x, "y": y, "cell": pd.Series(account.grid.ids(gridded.column, gridded.row), dtype=str)})
    for name, constant in constants.items():
        table[name] = constant
    table[value] = gridded.value
    if water:
        table["wet_share"] = gridded.wet_share
    return table


def _harmonise_raster(
    source: RegionSource, account: Account, kind: LayerKind, problems: Problems, around: Surroundings | None
) -> Harmonised | None:
    """One raster: its pixels by cell, everything else from constants."""
    import pandas as pd

    if not kind.raster_value:
        rasters = ", ".join(name for name, other in KINDS.items() if other.raster_value)
        problems.add(source.label, f"a raster as {kind.name}", f"a table; rasters can be {rasters}", field="file",
                     code="region.format")
        return None
    others = [c for c in kind.columns if c.name not in ("x", "y", "cell", kind.raster_value, "wet_share", "geometry")]
    row = RawTable(pd.DataFrame(index=range(1)), (), unit="raster", numbers=np.array([1]))
    work = _Work(source, account, row, problems)
    work.unknown_names()
    for column in others:
        work.text(column) if column.type == "text" else work.number(column)
    work.flaws.as_problems(source.label, problems)
    if work.flaws.bad.any() or any(c.required and c.name not in source.settings.constants for c in others):
        return None
    gridded = raster_to_cells(source.path, source.settings, kind, account.grid, account.crs)
    value_column = kind.column(kind.raster_value)
    assert value_column is not None
    values = work.in_unit(gridded.value, value_column)
    constants = {c.name: pd.Series(work.columns[c.name]).iloc[0] for c in others}
    table = _grid_frame(gridded, account, constants, kind.raster_value, water=kind.raster_rule == "water")
    table[kind.raster_value] = values
    conversions = list(work.conversions)
    table = _clipped(table, source, around, conversions)
    records = len(table)
    conversions.append(
        Conversion(source.label, source.member, kind.raster_value, "grid",
                   f"{gridded.pixels:,} pixels of {gridded.pixel_m:.0f} m in {source.settings.crs or 'its own CRS'}",
                   f"{records:,} cells of {account.grid.label} in {account.crs}", records=records,
                   source={"mean": "mean of the pixels", "sum": "sum of the pixels",
                           "water": "mean depth of wet pixels; wet area over cell area"}[kind.raster_rule])
    )
    table = table.assign(member=source.member, source_file=source.shown)
    return Harmonised(source, table, records, [], conversions)
