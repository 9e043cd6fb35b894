"""Turn one source as written into its canonical table, with every conversion and every flaw noted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bothbanks.region.column_work import ColumnWork
from bothbanks.region.conversions import Conversion
from bothbanks.region.gridding import Gridded, polygons_to_cells, raster_to_cells
from bothbanks.region.kinds import KINDS, LayerKind
from bothbanks.region.problems import Problems
from bothbanks.region.reading import RASTERS, RawTable, UnreadableFile, read_table
from bothbanks.region.refusals import Refusal
from bothbanks.region.settings import RegionSource
from bothbanks.region.source_work import Account, Surroundings
from bothbanks.words.errors import BothbanksError


@dataclass
class Harmonised:
    """One source, harmonised."""

    source: RegionSource
    frame: (
        Any  # canonical columns, member, source_file; for vector kinds a geometry column of shapely objects
    )
    read: int
    refusals: list[Refusal]
    conversions: list[Conversion] = field(default_factory=list)
    counted: bool = (
        True  # one row of the frame for each record used (not so where polygons were laid on the grid)
    )

    @property
    def used(self) -> int:
        """Records in the frame, or laid on the grid, that came from the file."""
        return self.read - len(self.refusals)


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
        problems.add(
            source.label, error.found, error.expected, record=error.record, field=error.field, code=error.code
        )
        return None
    except BothbanksError as error:
        problems.add_error(source.label, error)
        return None
    work = ColumnWork(source, account, raw, problems, around)
    work.run()
    if not source.refuse:
        work.flaws.as_problems(source.label, problems)
    frame = work.frame()
    counted = True
    if kind.gridded and raw.geometry is not None and "cell" not in work.columns:
        frame = _clipped(_lay_polygons(work, frame, account), source, around, work.conversions)
        counted = False
    return Harmonised(
        source, frame, work.length, work.flaws.as_refusals(source.label), work.conversions, counted
    )


def _lay_polygons(work: ColumnWork, frame: Any, account: Account) -> Any:
    """Polygons of depth, one return period after another, laid on the grid."""
    import pandas as pd

    shapes = np.asarray(work.columns["geometry"], dtype=object)[~work.flaws.bad]
    parts = []
    for period in sorted(frame["return_period"].unique()):
        here = (frame["return_period"] == period).to_numpy()
        gridded = polygons_to_cells(shapes[here], frame["depth"].to_numpy(float)[here], account.grid)
        parts.append(
            _grid_frame(
                gridded,
                account,
                {"return_period": period, "basin": _only(frame["basin"][here])},
                "depth",
                water=True,
            )
        )
    work.convert(
        "geometry",
        "grid",
        f"{len(shapes)} polygons",
        f"cells of {account.grid.label}",
        source="area-weighted depth; wet area over cell area",
    )
    table = pd.concat(parts, ignore_index=True) if parts else frame.iloc[:0]
    return table.assign(member=work.source.member, source_file=work.source.shown)


def _clipped(
    table: Any, source: RegionSource, around: Surroundings | None, conversions: list[Conversion]
) -> Any:
    """Cells of a map inside its member; the number of the others is noted."""
    if around is None or not len(table):
        return table
    outside = around.outside(source.member, table["x"].to_numpy(float), table["y"].to_numpy(float))
    if outside.any():
        conversions.append(
            Conversion(
                source.label,
                source.member,
                "x, y",
                "clip",
                f"{len(table):,} cells of the map",
                f"{int((~outside).sum()):,} cells in {source.member or 'the region'}",
                records=int(outside.sum()),
                source=f"cells more than {around.tolerance_m:g} m outside are left out",
            )
        )
    return table[~outside].reset_index(drop=True)


def _only(values: Any) -> str:
    unique = values.unique()
    return str(unique[0]) if len(unique) == 1 else ""


def _grid_frame(
    gridded: Gridded, account: Account, constants: dict[str, Any], value: str, *, water: bool
) -> Any:
    import pandas as pd

    x, y = account.grid.centre(gridded.column, gridded.row)
    table = pd.DataFrame(
        {"x": x, "y": y, "cell": pd.Series(account.grid.ids(gridded.column, gridded.row), dtype=str)}
    )
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
        problems.add(
            source.label,
            f"a raster as {kind.name}",
            f"a table; rasters can be {rasters}",
            field="file",
            code="region.format",
        )
        return None
    others = [
        c
        for c in kind.columns
        if c.name not in ("x", "y", "cell", kind.raster_value, "wet_share", "geometry")
    ]
    row = RawTable(pd.DataFrame(index=range(1)), (), unit="raster", numbers=np.array([1]))
    work = ColumnWork(source, account, row, problems)
    work.unknown_names()
    for column in others:
        work.text(column) if column.type == "text" else work.number(column)
    work.no_number_lost()
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
        Conversion(
            source.label,
            source.member,
            kind.raster_value,
            "grid",
            f"{gridded.pixels:,} pixels of {gridded.pixel_m:.0f} m in {source.settings.crs or 'its own CRS'}",
            f"{records:,} cells of {account.grid.label} in {account.crs}",
            records=records,
            source={
                "mean": "mean of the pixels",
                "sum": "sum of the pixels",
                "water": "mean depth of wet pixels; wet area over cell area",
            }[kind.raster_rule],
        )
    )
    table = table.assign(member=source.member, source_file=source.shown)
    return Harmonised(source, table, records, [], conversions)
