"""The kinds of layer a region folder can hold, and the columns each has once harmonised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["text", "number", "integer", "date", "x", "y", "geometry"]


@dataclass(frozen=True)
class KindColumn:
    """One canonical column: its unit, what it may hold, and whether a row can do without it."""

    name: str
    type: ColumnType = "text"
    unit: str = ""
    required: bool = True  # the column has to be there and no value may be missing
    low: float | None = None
    high: float | None = None
    low_excluded: bool = False
    height: bool = False  # counted from a datum
    default: object = None  # put where an optional column or value is absent
    about: str = ""


@dataclass(frozen=True)
class LayerKind:
    """One kind of layer: what its table is called in the model and what it looks like."""

    name: str
    columns: tuple[KindColumn, ...]
    key: tuple[str, ...]  # no two rows may agree on all of these
    about: str
    gridded: bool = False  # rows are cells of the grid of account
    raster_value: str = ""  # the column a raster's pixels give ('' when a raster can't be this kind)
    raster_rule: Literal["mean", "sum", "water"] = "mean"
    relative_height: bool = False  # heights are differences, so their datum is 'relative only'

    def column(self, name: str) -> KindColumn | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def names(self) -> tuple[str, ...]:
        """Canonical column names in order."""
        return tuple(column.name for column in self.columns)

    @property
    def geometry(self) -> KindColumn | None:
        """The geometry column, if the kind has one."""
        return next((column for column in self.columns if column.type == "geometry"), None)


def _text(name: str, about: str, *, required: bool = True) -> KindColumn:
    return KindColumn(name, "text", required=required, default=None if required else "", about=about)


def _number(
    name: str,
    unit: str,
    about: str,
    *,
    low: float | None = None,
    high: float | None = None,
    low_excluded: bool = False,
    required: bool = True,
    default: float = float("nan"),
) -> KindColumn:
    return KindColumn(name, "number", unit, required, low, high, low_excluded, False, default, about)


_X = KindColumn("x", "x", "m", about="easting or longitude in the source's crs; the cell's centre")
_Y = KindColumn("y", "y", "m", about="northing or latitude in the source's crs")
_CELL = KindColumn(
    "cell", "text", required=False, about="id of the cell, such as 1kmN3102E4028; may stand in for x and y"
)

KINDS: dict[str, LayerKind] = {
    kind.name: kind
    for kind in (
        LayerKind(
            "municipalities",
            (
                _text("code", "official code"),
                _text("name", "name in its own language and script"),
                _number("population", "persons", "residents", low=0.0),
                KindColumn(
                    "population_year",
                    "integer",
                    required=False,
                    low=1800,
                    high=2200,
                    about="year of the count",
                ),
                _number("share_65plus", "1", "share aged 65 and over", low=0.0, high=1.0, required=False),
                _text("population_note", "what to know about the count", required=False),
                KindColumn(
                    "geometry", "geometry", required=False, about="outline; may come from an 'outlines' layer"
                ),
            ),
            ("code",),
            "The member's municipalities: who lives where, within which outline.",
        ),
        LayerKind(
            "outlines",
            (_text("code", "official code"), KindColumn("geometry", "geometry", about="outline")),
            ("code",),
            "Outlines of municipalities whose figures come in another file; joined to them by code.",
        ),
        LayerKind(
            "cells",
            (
                _X,
                _Y,
                _CELL,
                _text("municipality", "code of the municipality"),
                _number("population", "persons", "residents of this municipality in this cell", low=0.0),
            ),
            ("cell", "municipality"),
            "Residents on the grid of account; a cell cut by a boundary has a row for each municipality.",
            gridded=True,
            raster_value="population",
            raster_rule="sum",
        ),
        LayerKind(
            "terrain",
            (_X, _Y, _CELL, _number("slope", "1", "mean slope as rise over run", low=0.0)),
            ("cell",),
            "Slope of each cell; a cell absent here is outside the terrain and counted as 'not modelled'.",
            gridded=True,
            raster_value="slope",
        ),
        LayerKind(
            "floodplain",
            (
                _X,
                _Y,
                _CELL,
                _text("reach", "id of the river reach"),
                _number("upstream_area", "km2", "area drained", low=0.0, low_excluded=True),
                _number("stream_length", "m", "length of stream in the cell; 0 beside the stream", low=0.0),
                KindColumn(
                    "height_over_reach",
                    "number",
                    "m",
                    low=-100.0,
                    high=5000.0,
                    height=True,
                    about="mean height of the cell over its reach",
                ),
            ),
            ("cell", "reach"),
            "Cells that a reach can flood: how much it drains, how high the cell lies over it.",
            gridded=True,
            relative_height=True,
        ),
        LayerKind(
            "reaches",
            (
                _text("reach", "id"),
                _text("basin", "basin, as named in the flood case"),
                _number("upstream_area", "km2", "area drained at the lower end", low=0.0, low_excluded=True),
                _text("downstream", "id of the reach it flows into; empty at the outlet", required=False),
                _number("length", "m", "length", low=0.0),
                _text("name", "name of the river", required=False),
                KindColumn("geometry", "geometry", required=False, about="line"),
            ),
            ("reach",),
            "The river network.",
        ),
        LayerKind(
            "rain_maxima",
            (
                _text("station", "rain station"),
                KindColumn("year", "integer", low=1600, high=2200, about="year"),
                _number(
                    "duration_days", "day", "days over which rain is added up", low=0.0, low_excluded=True
                ),
                _number("depth", "mm", "largest rain of that duration in the year", low=0.0),
                _number("days_observed", "day", "days with a reading in that year", low=0.0, high=366.0),
            ),
            ("station", "year", "duration_days"),
            "Largest rain of each year by duration.",
        ),
        LayerKind(
            "daily_tmax",
            (
                _text("station", "weather station"),
                KindColumn("date", "date", about="day"),
                _number("tmax", "degC", "highest temperature of the day", low=-80.0, high=65.0),
            ),
            ("station", "date"),
            "Highest temperature of each day.",
        ),
        LayerKind(
            "storm_gusts",
            (
                _X,
                _Y,
                _CELL,
                _text("storm", "name of the storm"),
                _number("gust", "m/s", "largest three-second gust", low=0.0, high=150.0),
            ),
            ("cell", "storm"),
            "Footprints of past windstorms.",
            gridded=True,
            raster_value="gust",
        ),
        LayerKind(
            "places",
            (
                _text("name", "name in its own language and script"),
                _number("population", "persons", "residents", low=0.0, required=False),
                _X,
                _Y,
            ),
            ("name", "x", "y"),
            "Towns and villages to write on the map.",
        ),
        LayerKind(
            "flood_depths",
            (
                _X,
                _Y,
                _CELL,
                _number("return_period", "year", "return period", low=1.0),
                _number("depth", "m", "mean depth on the part of the cell under water", low=0.0, high=100.0),
                _number(
                    "wet_share",
                    "1",
                    "share of the cell under water",
                    low=0.0,
                    high=1.0,
                    required=False,
                    default=1.0,
                ),
                _text(
                    "basin", "basin, as named in the flood case; needed when that has several", required=False
                ),
                KindColumn(
                    "geometry", "geometry", required=False, about="polygons of equal depth, laid on the grid"
                ),
            ),
            ("cell", "return_period"),
            "An official flood map; it replaces the regional method for its member.",
            gridded=True,
            raster_value="depth",
            raster_rule="water",
        ),
        LayerKind(
            "gauge_levels",
            (
                _text("gauge", "name of the gauge"),
                _text("river", "river"),
                KindColumn("date", "date", about="day"),
                KindColumn(
                    "level",
                    "number",
                    "m",
                    required=False,
                    height=True,
                    default=float("nan"),
                    low=-500.0,
                    high=9000.0,
                    about="water level",
                ),
                _number("discharge", "m3/s", "discharge", low=0.0, required=False),
                _text("note", "remark", required=False),
            ),
            ("gauge", "date"),
            "Published levels and discharges at gauges.",
        ),
        LayerKind(
            "observed_losses",
            (
                _text("event", "event"),
                _text("area", "what the figure covers"),
                _text("quantity", "what was counted"),
                _number("value", "", "figure; money when its unit names a currency"),
                _text("unit", "unit as published, such as EUR, persons, houses", required=False),
                _text("source", "where it was published"),
            ),
            (),
            "Published losses of past events, shown beside what is computed.",
        ),
        LayerKind(
            "flow_frequency",
            (
                _text("gauge", "name of the gauge"),
                _text("basin", "basin, as named in the flood case", required=False),
                _number("return_period", "year", "return period", low=0.0, low_excluded=True),
                _number("discharge", "m3/s", "discharge", low=0.0),
                _text("source", "where it was published"),
            ),
            (),
            "Published discharges by return period, shown beside what is computed.",
        ),
        LayerKind(
            "centres",
            (
                _text("name", "name in its own language and script"),
                _X,
                _Y,
                _number("capacity", "persons", "people it can take", low=0.0, required=False),
                _text("type", "what it is", required=False),
            ),
            ("name", "x", "y"),
            "Cooling centres that exist.",
        ),
    )
}

NEEDED: dict[tuple[str, str], tuple[str, ...]] = {
    ("flood", "regional"): ("terrain", "floodplain", "reaches", "rain_maxima"),
    ("flood", "maps"): ("flood_depths",),
    ("storm", ""): ("storm_gusts",),
    ("heat", ""): ("daily_tmax",),
}


def needed_layers(kind: str, method: str) -> tuple[str, ...]:
    """Layers a case can't do without, beyond municipalities and cells."""
    return NEEDED.get((kind, method), NEEDED.get((kind, ""), ()))
