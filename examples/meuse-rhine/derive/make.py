"""Remake every derived file of this folder from the data beside the project.

    python derive/make.py --data $BOTHBANKS_DATA --out examples/meuse-rhine

What is remade is every source of a ``member.toml`` or of ``region.toml`` whose kind is
listed in TABLES below; facts typed by hand stay as they are.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
import pandas as pd
import partition
import people
import reexpress
import terrain
import weather
from layout import MEMBERS, grid_for, read_municipalities

HERE = Path(__file__).resolve().parent.parent


class Derived:
    """All tables in canonical columns and the CRS of account, computed once."""

    def __init__(self, data: Path) -> None:
        folder = str(data / "meuse-rhine")
        self.municipalities = read_municipalities(f"{folder}/municipalities.gpkg")
        self.grid = grid_for(self.municipalities)
        label = partition.rasterise(self.municipalities, self.grid)
        self.outlines = partition.outlines(label, self.grid, len(self.municipalities))
        self.places = people.read_places(
            f"{folder}/places_geonames.csv", self.municipalities, label, self.grid
        )
        self.people = people.spread(self.municipalities, label, self.places, self.grid)
        self.people["member"] = self.municipalities.member.to_numpy()[self.people.municipality]
        rasters = terrain.read_rasters(folder)
        self.terrain = terrain.cell_terrain(rasters, self.grid)
        owner = self._owner_of_cell()
        self.reaches = terrain.reaches(rasters, self.grid, owner)
        inside = set(self.people.cell)
        plain = terrain.floodplain(rasters, self.grid, self.reaches, self.terrain)
        self.floodplain = plain[plain.cell.isin(inside)].reset_index(drop=True)
        self.needed_outside = self._outside_reaches()
        self.gusts = weather.gusts(folder, self.grid, np.unique(self.people.cell))
        self.rain = weather.rain_maxima(f"{folder}/precip_daily_aachen.csv").assign(station="Aachen")
        self.tmax = weather.daily_tmax(f"{folder}/tmax_summer_de.csv").assign(station="Aachen")
        self.hanze = hanze(f"{folder}/hanze_events_region.csv")

    def _owner_of_cell(self) -> np.ndarray:
        area = self.people.groupby(["cell", "member"]).pixels.sum().unstack(fill_value=0)[list(MEMBERS)]
        owner = np.full(self.grid.columns * self.grid.rows, -1)
        owner[area.index] = area.to_numpy().argmax(axis=1)
        return owner

    def _outside_reaches(self) -> list[terrain.Reach]:
        """Reaches outside every member that a member's floodplain or reach leads to."""
        by_id = {r.id: r for r in self.reaches}
        wanted = set(self.floodplain.reach) | {r.id for r in self.reaches if r.owner >= 0}
        todo = list(wanted)
        while todo:
            down = by_id[todo.pop()].downstream
            if down and down not in wanted:
                wanted.add(down)
                todo.append(down)
        return [r for r in self.reaches if r.owner < 0 and r.id in wanted]

    def at_cells(self, table: pd.DataFrame) -> pd.DataFrame:
        """Add the cell centres."""
        x, y = self.grid.centre(table.cell.to_numpy())
        return table.assign(x=x, y=y)

    def cells_of(self, member: str) -> np.ndarray:
        """Cells in which a member has any area."""
        return np.unique(self.people.cell[self.people.member == member])


def hanze(path: str) -> pd.DataFrame:
    """HANZE figures for the region's NUTS 3 areas, one row a figure."""
    raw = pd.read_csv(path)
    columns = {
        "Losses (2020 euro)": ("loss", "EUR"),
        "Fatalities": ("deaths", "persons"),
        "Persons affected": ("people affected", "persons"),
        "Area flooded": ("area flooded", "km2"),
    }
    rows = []
    for r in raw.to_dict("records"):
        event = f"{r['Country code']} {r['Year']} {r['Type'].lower()} flood"
        if isinstance(r["Flood source"], str):
            event += f" ({r['Flood source']})"
        for column, (quantity, unit) in columns.items():
            value = r[column]
            if value == value and value is not None:
                rows.append(
                    (event, f"{r['Country name']}: {r['Regions affected (v2021)']}", quantity, value, unit)
                )
    out = pd.DataFrame(rows, columns=["event", "area", "quantity", "value", "unit"])
    return out.assign(source="HANZE v2, Paprotny et al. 2023, event list; losses in 2020 euro")


def municipalities(d: Derived, member: str) -> pd.DataFrame:
    own = d.municipalities[d.municipalities.member == member]
    local = own.name_alt if member in ("bli", "ost") else own.name
    return pd.DataFrame(
        {
            "code": own.muni_id.str.replace(r"^(BE-|NL-|DE-)", "", regex=True),
            "name": local.where(local.notna(), own.name),
            "population": own.population,
            "population_year": own.pop_year.astype("Int64").astype(object).where(own.pop_year.notna(), None),
            "share_65plus": own.share_65p,
            "population_note": own.population_note,
            "geometry": [d.outlines[i] for i in own.index],
        }
    )


def cells(d: Derived, member: str) -> pd.DataFrame:
    own = d.at_cells(d.people[d.people.member == member])
    codes = d.municipalities.muni_id.str.replace(r"^(BE-|NL-|DE-)", "", regex=True).to_numpy()
    return own.assign(municipality=codes[own.municipality]).sort_values(["municipality", "cell"])


def terrain_rows(d: Derived, member: str) -> pd.DataFrame:
    return d.at_cells(d.terrain[d.terrain.cell.isin(d.cells_of(member))])


def floodplain_rows(d: Derived, member: str) -> pd.DataFrame:
    return d.at_cells(d.floodplain[d.floodplain.cell.isin(d.cells_of(member))])


def _reach_table(found: list[terrain.Reach]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "reach": [r.id for r in found],
            "basin": [r.basin for r in found],
            "upstream_area": [r.area for r in found],
            "downstream": [r.downstream for r in found],
            "length": [r.length for r in found],
            "name": [r.basin if r.main and r.basin != "other" else "" for r in found],
            "geometry": [terrain.drawn_line(r) for r in found],
        }
    )


def reach_rows(d: Derived, member: str) -> pd.DataFrame:
    return _reach_table([r for r in d.reaches if r.owner == MEMBERS.index(member)])


def gust_rows(d: Derived, member: str) -> pd.DataFrame:
    return d.at_cells(d.gusts[d.gusts.cell.isin(d.cells_of(member))])


def place_rows(d: Derived, member: str) -> pd.DataFrame:
    own = d.places[d.municipalities.member.to_numpy()[d.places.municipality] == member]
    return own.sort_values(["population", "name"], ascending=[False, True])


TABLES = {
    "municipalities": municipalities,
    "cells": cells,
    "terrain": terrain_rows,
    "floodplain": floodplain_rows,
    "reaches": reach_rows,
    "storm_gusts": gust_rows,
    "places": place_rows,
    "rain_maxima": lambda d, _: d.rain,
    "daily_tmax": lambda d, _: d.tmax,
}


def derived_sources(root: Path) -> list[tuple[str, Path, dict[str, Any]]]:
    """(member, folder of the toml, source) for every file this script makes."""
    out = []
    for member in MEMBERS:
        folder = root / "members" / member
        settings = tomllib.loads((folder / "member.toml").read_text(encoding="utf-8"))
        out += [(member, folder, s) for s in settings["sources"] if s["kind"] in TABLES]
    settings = tomllib.loads((root / "region.toml").read_text(encoding="utf-8"))
    out += [("", root, s) for s in settings.get("sources", [])]
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds meuse-rhine/")
    parser.add_argument(
        "--out", type=Path, default=HERE, help="where members/, odbl/ and shared/ are written"
    )
    arguments = parser.parse_args()
    d = Derived(arguments.data)
    for member, folder, source in derived_sources(HERE):
        names = {ours: theirs for theirs, ours in reversed(source.get("codes", {}).get("basin", {}).items())}
        target = arguments.out / folder.relative_to(HERE)
        if member:
            table = TABLES[source["kind"]](d, member)
            if source["kind"] == "reaches":
                table["name"] = [names.get(n, "") for n in table.name]
        elif source["kind"] == "reaches":
            table = _reach_table(d.needed_outside)
        else:
            table = d.hanze
        path = reexpress.write(source, target, table)
        print(f"{path.relative_to(arguments.out.resolve())}  {len(table)} rows")


if __name__ == "__main__":
    main()
