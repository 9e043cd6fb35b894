"""Write a table the way a member publishes it: the inverse of harmonising.

What a member's file looks like is told once, in its ``member.toml``; the same text that
the reader follows inwards is followed outwards here.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pint
import pyogrio
import shapely
from layout import ACCOUNT_CRS
from pyproj import Transformer

UNITS = {
    "population": "1", "share_65plus": "1", "slope": "1", "upstream_area": "km^2", "stream_length": "m",
    "height_over_reach": "m", "length": "m", "depth": "mm", "tmax": "degC", "gust": "m/s",
    "duration_days": "day", "days_observed": "day", "level": "m", "discharge": "m^3/s",
}  # fmt: skip
DIGITS = {"slope": 4, "upstream_area": 6, "stream_length": 4, "height_over_reach": 4, "length": 5, "gust": 4}
STAMP = "2026-11-24T00:00:00Z"
_registry = pint.UnitRegistry()


def write(source: dict[str, Any], folder: Path, table: pd.DataFrame) -> Path:
    """Write ``table`` (canonical columns, CRS of account) as ``source`` says; returns the path."""
    out = (folder / source["file"]).resolve()
    out.parent.mkdir(parents=True, exist_ok=True)
    fields: dict[str, str] = source["fields"]
    crs = source.get("crs", "")
    data: dict[str, Any] = {}
    geometry = None
    if "x" in fields:
        x, y = Transformer.from_crs(ACCOUNT_CRS, crs, always_xy=True).transform(table.x, table.y)
        table = table.assign(x=np.round(x).astype(np.int64), y=np.round(y).astype(np.int64))
        geometry = shapely.points(np.asarray(table.x, float), np.asarray(table.y, float))
    if "geometry" in table:
        there = gpd.GeoSeries(list(table.geometry), crs=ACCOUNT_CRS).to_crs(crs)
        geometry = [shapely.transform(g, lambda c: np.round(c, 3)) for g in there]
    for canonical, theirs in fields.items():
        if canonical == "geometry":
            continue
        data[theirs] = _column(source, canonical, table[canonical])
    for extra in [c for c in table.columns if c.startswith("extra:")]:
        data[extra.removeprefix("extra:")] = table[extra].tolist()
    frame = pd.DataFrame(data)
    _save(out, source, frame, geometry, crs)
    return out


def _column(source: dict[str, Any], canonical: str, values: pd.Series) -> list[Any]:
    codes = source.get("codes", {}).get(canonical, {})
    if codes:
        back: dict[Any, str] = {}
        for theirs, ours in codes.items():
            back.setdefault(ours, theirs)
        return [back[v] for v in values]
    unit = source.get("units", {}).get(canonical)
    result = values
    if unit and pd.api.types.is_numeric_dtype(values):
        factor = _registry.Quantity(1.0, UNITS[canonical]).to(unit).magnitude if unit != "degC" else 1.0
        result = values.astype(float) * factor
        digits = DIGITS.get(canonical, 6)
        result = result.map(lambda v: _significant(v, digits))
    elif pd.api.types.is_float_dtype(values):
        result = values.map(lambda v: _significant(v, DIGITS.get(canonical, 6)))
    return [None if isinstance(v, float) and np.isnan(v) else v for v in result.tolist()]


def _significant(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}") if np.isfinite(value) else value


def _save(out: Path, source: dict[str, Any], frame: pd.DataFrame, geometry: Any, crs: str) -> None:
    suffix = out.suffix
    if suffix == ".csv":
        text = frame.to_csv(
            index=False,
            sep=source.get("delimiter", ","),
            decimal=source.get("decimal", "."),
            lineterminator="\n",
        )
        out.write_bytes(text.encode(source.get("encoding", "utf-8")))
    elif suffix == ".xlsx":
        _xlsx(out, source.get("layer") or "Sheet1", frame)
    elif suffix == ".gpkg":
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": STAMP})
        out.unlink(missing_ok=True)
        layer = source.get("layer") or out.stem
        gpd.GeoDataFrame(frame, geometry=list(geometry), crs=crs).to_file(out, driver="GPKG", layer=layer)
    elif suffix == ".geojson":
        out.write_text(_geojson(frame, geometry, crs), encoding="utf-8")
    else:
        raise ValueError(f"no writer for {out.name}")


def _xlsx(out: Path, sheet: str, frame: pd.DataFrame) -> None:
    """An XLSX whose bytes depend on the content only: fixed times inside the archive."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    page.append(list(frame.columns))
    for row in frame.itertuples(index=False):
        page.append([None if isinstance(v, float) and np.isnan(v) else v for v in row])
    raw = io.BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist()):
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(
                    rb"(>)[0-9T:.Z+-]{16,}(</dcterms)", rb"\g<1>" + STAMP.encode() + rb"\g<2>", content
                )
            info = zipfile.ZipInfo(name, (2026, 11, 24, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, content)


def _geojson(frame: pd.DataFrame, geometry: Any, crs: str) -> str:
    """GeoJSON in a national CRS, which the file names (the form of 2008, before RFC 7946)."""
    features = []
    for record, shape in zip(frame.to_dict("records"), geometry, strict=True):
        clean = {k: (None if isinstance(v, float) and np.isnan(v) else v) for k, v in record.items()}
        features.append(
            {"type": "Feature", "properties": clean, "geometry": json.loads(shapely.to_geojson(shape))}
        )
    name = f"urn:ogc:def:crs:EPSG::{crs.split(':')[1]}"
    head = json.dumps({"type": "name", "properties": {"name": name}})
    body = ",\n".join(json.dumps(f, ensure_ascii=False) for f in features)
    return f'{{"type": "FeatureCollection", "crs": {head}, "features": [\n{body}\n]}}\n'
