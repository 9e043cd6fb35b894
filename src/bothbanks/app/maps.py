"""Map layers of the findings: one value a cell, outlines, rivers and places, in the CRS of account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.findings import MapBase, MapLayer
from bothbanks.app.cases import FloodRun, StormRun, cell_table
from bothbanks.region.folder import RegionModel

FloatArray = NDArray[np.float64]
Draw = Mapping[str, float]

MAP_PERIODS = (10.0, 100.0, 1000.0)
DEPTH_BREAKS = (0.25, 0.5, 1.0, 2.0)
GUST_STEPS = 5
MOST_PLACES = 40


def map_base(model: RegionModel) -> MapBase:
    """Cells, outlines, border, rivers and places."""
    cells = cell_table(model)
    size = model.settings.cell_size_m
    members = [m.id for m in model.members]
    outlines = _outlines(model)
    return MapBase(
        crs=model.settings.crs,
        cell_size_m=size,
        cell_x=cells["x"].to_numpy(float) - size / 2,
        cell_y=cells["y"].to_numpy(float) - size / 2,
        cell_member=np.array([members.index(m) for m in cells["member"]], dtype=np.int64),
        cell_municipality=tuple(cells["municipality"].astype(str)),
        population=cells["population"].to_numpy(float),
        outlines=outlines,
        country_border=_border(model, outlines),
        rivers=_rivers(model),
        places=_places(model),
    )


def _outlines(model: RegionModel) -> dict[str, Any]:
    import shapely

    table = model.table("municipalities")
    return {
        m.id: shapely.union_all(table.geometry[table["member"] == m.id].to_numpy()) for m in model.members
    }


def _border(model: RegionModel, outlines: Mapping[str, Any]) -> Any:
    """Lines where one country's outline lies within a quarter of a cell of another's."""
    import shapely

    by_country: dict[str, list[Any]] = {}
    for m in model.members:
        by_country.setdefault(m.country, []).append(outlines[m.id])
    whole = {c: shapely.union_all(parts) for c, parts in by_country.items()}
    names = sorted(whole)
    near = model.settings.cell_size_m / 4
    lines = [
        shapely.intersection(shapely.boundary(whole[a]), shapely.buffer(whole[b], near))
        for i, a in enumerate(names)
        for b in names[i + 1 :]
    ]
    merged = shapely.union_all(lines) if lines else shapely.MultiLineString()
    parts = [p for p in shapely.get_parts(merged) if p.geom_type == "LineString"]
    return shapely.line_merge(shapely.MultiLineString(parts))


def _rivers(model: RegionModel) -> tuple[tuple[str, float, Any], ...]:
    if "reaches" not in model.tables or "geometry" not in model.tables["reaches"]:
        return ()
    t = model.tables["reaches"]
    rows = [
        (str(n) if isinstance(n, str) else "", float(a), g)
        for n, a, g in zip(
            t["name"] if "name" in t else [""] * len(t), t["upstream_area"], t["geometry"], strict=True
        )
        if g is not None
    ]
    return tuple(sorted(rows, key=lambda r: (-r[1], r[0])))


def _places(model: RegionModel) -> tuple[tuple[dict[str, str], float, float, float], ...]:
    if "places" not in model.tables:
        return ()
    t = model.tables["places"].sort_values(["population", "name"], ascending=[False, True]).head(MOST_PLACES)
    return tuple(
        ({"": str(n)}, float(x), float(y), float(p))
        for n, x, y, p in zip(t["name"], t["x"], t["y"], t["population"], strict=True)
    )


def on_cells(base_cells: Any, ids: Any, values: FloatArray) -> FloatArray:
    """Values by cell id in the order of the map's cells; NaN where there is none."""
    import pandas as pd

    series = pd.Series(np.asarray(values, dtype=float), index=pd.Index(list(ids)))
    series = series[~series.index.duplicated()]
    return np.asarray(series.reindex(base_cells["cell"]).to_numpy(float))


def flood_layers(model: RegionModel, run: FloodRun, base: Draw) -> tuple[MapLayer, ...]:
    """Mean depth on the wet part by return period, both banks by one method and one set of classes."""
    cells = cell_table(model)
    out = []
    for period in periods_of(run):
        depth = flood_depth(model, run, base, period)
        out.append(
            MapLayer(
                f"flood-depth-{period:g}",
                run.settings.id,
                "m",
                on_cells(cells, depth.index, depth.to_numpy()),
                DEPTH_BREAKS,
                "water",
                _depth_note(period, run.hazard.regional is not None),
            )
        )
    return tuple(out)


def periods_of(run: FloodRun) -> tuple[float, ...]:
    """Return periods that are mapped: ten, hundred and thousand years, or those of the official maps."""
    if run.hazard.regional is not None:
        return MAP_PERIODS
    assert run.hazard.maps is not None
    return tuple(float(t) for t in run.hazard.maps.inputs.return_periods)


def flood_depth(model: RegionModel, run: FloodRun, base: Draw, period: float) -> Any:
    """Depth in m by cell, a pandas Series: the official map for members that have one, else the
    regional method.
    """
    import pandas as pd

    parts = []
    official = {m for m, has in zip(run.hazard.members, run.hazard.official, strict=True) if has}
    cells = cell_table(model)
    owner = dict(zip(cells["cell"], cells["member"], strict=True))
    if run.hazard.regional is not None:
        found = run.hazard.regional.depth_map(base, period)
        depth = pd.Series(found.depth_m, index=list(run.hazard.regional.inputs.cell_id))
        keep = [owner.get(c) not in official for c in depth.index]
        parts.append(depth[keep])
    if official:
        given = model.tables["flood_depths"]
        here = given[np.isclose(given["return_period"].to_numpy(float), period)]
        depth = here.groupby("cell")["depth"].max()
        mine = cells[cells["member"].isin(official)]["cell"]
        parts.append(depth.reindex(mine).fillna(0.0) if len(here) else pd.Series(np.nan, index=list(mine)))
    return pd.concat(parts)


def _depth_note(period: float, modelled: bool) -> dict[str, str]:
    """What a depth map shows; an official map may count defences, the regional method does not."""
    bare = {
        "en": ", as if no defence stood",
        "de": ", ohne Schutz",
        "fr": ", sans ouvrages",
        "nl": ", zonder keringen",
    }
    shown = {
        "en": ", by the members' own maps",
        "de": ", nach den Karten der Mitglieder",
        "fr": ", selon les cartes des membres",
        "nl": ", volgens de kaarten van de leden",
    }
    end = bare if modelled else shown
    return {
        "en": f"Mean depth on the wet part of each cell, once in {period:g} years{end['en']}.",
        "de": f"Mittlere Tiefe im nassen Teil jeder Zelle, einmal in {period:g} Jahren{end['de']}.",
        "fr": f"Profondeur moyenne là où la maille est inondée, une fois en {period:g} ans{end['fr']}.",
        "nl": f"Gemiddelde diepte op het natte deel van elk vak, eens in {period:g} jaar{end['nl']}.",
    }


def storm_layers(model: RegionModel, run: StormRun) -> tuple[MapLayer, ...]:
    """Gusts of each real footprint."""
    cells = cell_table(model)
    table = model.table("storm_gusts")
    low, high = float(np.floor(table["gust"].min())), float(np.ceil(table["gust"].max()))
    breaks = tuple(float(b) for b in np.unique(np.round(np.linspace(low, high, GUST_STEPS + 1)[1:-1])))
    out = []
    for storm in sorted(set(table["storm"])):
        gust = table[table["storm"] == storm].groupby("cell")["gust"].mean()
        name = str(storm)
        note = {
            "en": f"Highest gust in the storm {name}.",
            "de": f"Höchste Böe im Sturm {name}.",
            "fr": f"Rafale la plus forte de la tempête {name}.",
            "nl": f"Hoogste windstoot in de storm {name}.",
        }
        out.append(
            MapLayer(
                f"storm-gust-{name.lower()}",
                run.settings.id,
                "m/s",
                on_cells(cells, gust.index, gust.to_numpy()),
                breaks,
                "wind",
                note,
                zero_is_blank=False,
            )
        )
    return tuple(out)


def people_layer(model: RegionModel, case: str) -> MapLayer:
    """People in each cell."""
    base = cell_table(model)
    note = {
        "en": "People in each cell.",
        "de": "Einwohner je Zelle.",
        "fr": "Habitants par maille.",
        "nl": "Inwoners per vak.",
    }
    people = base["population"].to_numpy(float)
    return MapLayer("people", case, "people/km2", people, (100.0, 500.0, 1500.0, 4000.0), "people", note)


def side_depth(model: RegionModel, run: FloodRun, base: Draw, period: float) -> Any:
    """Depth as each side would show it, a Series by (member, cell), for the seam report.

    A member with an official map shows that map; the others show the regional method's depth in their
    own cells.
    """
    import pandas as pd

    depth = flood_depth(model, run, base, period)
    cells = model.table("cells")[["member", "cell"]].drop_duplicates()
    values = depth[~depth.index.duplicated()].reindex(cells["cell"]).to_numpy(float)
    series = pd.Series(values, index=pd.MultiIndex.from_frame(cells))
    return series[np.isfinite(series.to_numpy())]
