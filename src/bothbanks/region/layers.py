"""Read all layers of a folder in an order that lets later ones be checked against earlier ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bothbanks.region.conversions import Conversion
from bothbanks.region.harmonising import Harmonised, harmonise_source
from bothbanks.region.kinds import KINDS
from bothbanks.region.maps import on_common_return_periods, period_conversions
from bothbanks.region.needs import layers_of
from bothbanks.region.problems import Problems, short
from bothbanks.region.schema_cases import CaseSettings
from bothbanks.region.settings import RegionSource
from bothbanks.region.source_work import Account, Surroundings

OVERLAP = 0.05
"""Two outlines overlap when they share more than this part of the smaller one; less is drawing error."""

TOTALS = 0.2
"""People on the grid may differ from the municipality's total by this part (counts of two years)."""

_FIRST = ("outlines", "municipalities")


@dataclass(frozen=True)
class Layers:
    """The harmonised tables by kind, and what each source came to."""

    tables: dict[str, Any]
    sources: tuple[Harmonised, ...]
    conversions: tuple[Conversion, ...]


def read_layers(
    sources: Iterable[RegionSource], members: tuple[str, ...], account: Account, problems: Problems
) -> Layers:
    """Harmonise every source; municipalities and their outlines first."""
    listed = list(sources)
    done: dict[int, Harmonised] = {}
    for i, source in enumerate(listed):
        if source.settings.kind in _FIRST:
            found = harmonise_source(source, account, problems)
            if found is not None:
                done[i] = found
    municipalities, conversions = _municipalities(list(done.values()), account, problems)
    around = _surroundings(municipalities, members, account)
    for i, source in enumerate(listed):
        if source.settings.kind not in _FIRST:
            found = harmonise_source(source, account, problems, around)
            if found is not None:
                done[i] = found
    tables = _tables([done[i] for i in sorted(done)])
    tables.pop("outlines", None)
    if municipalities is not None:
        tables["municipalities"] = municipalities
    if len(tables.get("flood_depths", ())):
        tables["flood_depths"] = on_common_return_periods(tables["flood_depths"])
        conversions += period_conversions(tables["flood_depths"])
    ordered = tuple(done[i] for i in sorted(done))
    rows = [c for source in ordered for c in source.conversions]
    return Layers(tables, ordered, (*rows, *conversions))


def _tables(sources: list[Harmonised]) -> dict[str, Any]:
    import pandas as pd

    by_kind: dict[str, list[Any]] = {}
    for source in sources:
        by_kind.setdefault(source.source.settings.kind, []).append(source.frame)
    tables = {}
    for kind in KINDS:
        frames = [frame for frame in by_kind.get(kind, []) if len(frame)] or by_kind.get(kind, [])[:1]
        if frames:
            tables[kind] = pd.concat(frames, ignore_index=True)
    return tables


def _municipalities(
    sources: list[Harmonised], account: Account, problems: Problems
) -> tuple[Any | None, list[Conversion]]:
    """The municipalities with their outlines, checked; None where there are none."""
    import geopandas as gpd

    tables = _tables(sources)
    table = tables.get("municipalities")
    if table is None or not len(table):
        return None, []
    if "outlines" in tables:
        _fill_outlines(table, tables["outlines"], problems)
    _check_municipalities(table, problems)
    frame = gpd.GeoDataFrame(table, geometry="geometry", crs=account.crs)
    slivers = _check_overlaps(frame, problems)
    if slivers <= 0.0:
        return frame, []
    shared = Conversion(
        "",
        "",
        "geometry",
        "total",
        "area of all outlines",
        "area of their union",
        records=len(frame),
        source=f"outlines share {slivers / 1e6:.3f} km2, each pair less than {OVERLAP:.0%}",
    )
    return frame, [shared]


def _fill_outlines(table: Any, outlines: Any, problems: Problems) -> None:
    """Give municipalities without a shape the one of their code; an outline of no municipality is noted."""
    by_code = dict(zip(outlines["code"], outlines["geometry"], strict=True))
    table["geometry"] = [
        by_code.get(code) if shape is None else shape
        for code, shape in zip(table["code"], table["geometry"], strict=True)
    ]
    for code in sorted(set(outlines["code"]) - set(table["code"])):
        row = outlines[outlines["code"] == code].iloc[0]
        problems.add(
            row["source_file"],
            short(code),
            "the code of a municipality",
            field="code",
            code="region.code",
        )


def _check_municipalities(table: Any, problems: Problems) -> None:
    """Each municipality has an outline and stands in the region once."""
    for _, row in table[[shape is None for shape in table["geometry"]]].iterrows():
        problems.add(
            row["source_file"],
            "a municipality without outline",
            "its outline, here or in an 'outlines' layer",
            record=f"{row['code']} {row['name']}",
            field="geometry",
            code="region.geometry",
        )
    twice = table[table["code"].duplicated(keep="first")]
    for _, row in twice.iterrows():
        problems.add(
            row["source_file"],
            f"{short(row['code'])} a second time",
            "each municipality once in the region",
            record=str(row["name"]),
            field="code",
            code="region.duplicate",
        )


def _check_overlaps(frame: Any, problems: Problems) -> float:
    """Note outlines that overlap; the area of smaller overlaps, m2."""
    import shapely

    shapes = np.array([None if s is None else s for s in frame.geometry], dtype=object)
    known = np.flatnonzero([s is not None and not s.is_empty for s in shapes])
    tree = shapely.STRtree(shapes[known])
    left, right = tree.query(shapes[known], predicate="intersects")
    pairs = left < right
    left, right = known[left[pairs]], known[right[pairs]]
    shared = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    smaller = np.minimum(shapely.area(shapes[left]), shapely.area(shapes[right]))
    for i in np.flatnonzero(shared > OVERLAP * smaller):
        a, b = frame.iloc[left[i]], frame.iloc[right[i]]
        problems.add(
            a["source_file"],
            f"an outline that shares {shared[i] / 1e6:.2f} km2 with {b['code']} {b['name']}",
            f"outlines that do not overlap (under {OVERLAP:.0%} of the smaller)",
            record=f"{a['code']} {a['name']}",
            field="geometry",
            code="region.overlap",
        )
    return float(shared[shared <= OVERLAP * smaller].sum())


def _surroundings(municipalities: Any | None, members: tuple[str, ...], account: Account) -> Surroundings:
    import shapely

    if municipalities is None:
        return Surroundings({}, {}, None, account.grid.size)
    codes = {
        member: frozenset(municipalities["code"][municipalities["member"] == member]) for member in members
    }
    codes[""] = frozenset(municipalities["code"])
    outlines = {}
    for member in members:
        shapes = [s for s in municipalities.geometry[municipalities["member"] == member] if s is not None]
        if shapes:
            outlines[member] = shapely.union_all(shapes)
    region = shapely.union_all(list(outlines.values())) if outlines else None
    if region is not None:
        outlines[""] = region
    for shape in outlines.values():
        shapely.prepare(shape)
    return Surroundings(codes, outlines, region, account.grid.size)


def check_layers(
    layers: Layers,
    members: tuple[str, ...],
    cases: Mapping[str, CaseSettings],
    problems: Problems,
    whole: bool,
) -> None:
    """Layers that are missing, and tables that do not know each other's names.

    ``whole``: every source could be read, so that what is missing is really missing.
    """
    tables = layers.tables
    if whole:
        for member in members:
            for kind in ("municipalities", "cells"):
                if kind not in tables or not (tables[kind]["member"] == member).any():
                    problems.add(
                        f"members/{member}/member.toml",
                        f"no layer of kind '{kind}'",
                        "one",
                        field="sources",
                        code="region.missing-layer",
                    )
        for case in cases.values():
            _check_needed(case, tables, members, problems)
    if "municipalities" in tables and "cells" in tables:
        _check_people(tables, problems)
    for case in cases.values():
        if case.kind == "flood" and case.method == "regional":
            _check_rivers(case, tables, problems)
        if case.kind == "flood" and "flood_depths" in tables and case.basins:
            _check_basins(
                case, tables["flood_depths"], problems, need=len(case.basins) > 1 and case.method == "maps"
            )


def _check_needed(
    case: CaseSettings, tables: Mapping[str, Any], members: tuple[str, ...], problems: Problems
) -> None:
    file = f"cases/{case.id}.toml"
    for kind in layers_of(case):
        if kind not in tables or not len(tables[kind]):
            problems.add(
                file,
                f"no layer of kind '{kind}'",
                f"one, because case '{case.id}' is computed from it",
                code="region.missing-layer",
            )
        elif kind == "flood_depths":
            for member in members:
                mine = tables[kind][tables[kind]["member"] == member]
                periods = mine["return_period"][~mine["interpolated"]].nunique()
                if periods < 2:
                    problems.add(
                        f"members/{member}/member.toml",
                        f"{periods} return period(s) of flood_depths",
                        "at least 2, because a yearly loss is summed between them",
                        field="sources",
                        code="region.missing-layer",
                    )


def _check_people(tables: Mapping[str, Any], problems: Problems) -> None:
    """Each municipality has cells, and about as many people on them as it says."""
    on_grid = tables["cells"].groupby("municipality")["population"].sum()
    files = tables["cells"].groupby("member")["source_file"].first()
    for row in tables["municipalities"].itertuples():
        file = files.get(row.member, row.source_file)
        if problems.of_file(file) or problems.of_file(row.source_file):
            continue  # what is missing there has been told
        found = float(on_grid.get(row.code, np.nan))
        record = f"municipality {row.code} {row.name}"
        if np.isnan(found):
            if row.member in files:
                problems.add(
                    file,
                    "no cell",
                    "the cells its people live in",
                    record=record,
                    field="municipality",
                    code="region.totals",
                )
        elif abs(found - row.population) > max(TOTALS * row.population, 10.0):
            problems.add(
                file,
                f"{found:,.0f} people on its cells",
                f"about {row.population:,.0f}, as the municipality says (within {TOTALS:.0%})",
                record=record,
                field="population",
                code="region.totals",
            )


def _check_rivers(case: CaseSettings, tables: Mapping[str, Any], problems: Problems) -> None:
    reaches, floodplain = tables.get("reaches"), tables.get("floodplain")
    if reaches is None:
        return
    _check_basins(case, reaches, problems, need=True)
    known = set(reaches["reach"])
    drained = set(reaches["basin"])
    for basin in case.basins:
        if basin not in drained:
            problems.add(
                f"cases/{case.id}.toml",
                f"a basin without a reach: '{basin}'",
                "a reach of it in 'reaches'",
                record=f"basins.{basin}",
                code="region.basin",
            )
    _unknown(reaches, "downstream", known | {""}, "the id of a reach, or nothing at the outlet", problems)
    if floodplain is not None:
        _unknown(floodplain, "reach", known, "the id of a reach in 'reaches'", problems)


def _check_basins(case: CaseSettings, table: Any, problems: Problems, *, need: bool) -> None:
    known = set(case.basins) | (set() if need else {""})
    _unknown(table, "basin", known, f"a basin of case '{case.id}': {', '.join(case.basins)}", problems)


def _unknown(table: Any, column: str, known: set[str], expected: str, problems: Problems) -> None:
    wrong = table[~table[column].isin(list(known))]
    for (file, value), rows in wrong.groupby(["source_file", column]):
        problems.add(
            str(file),
            f"{short(value)} in {len(rows)} record(s)",
            expected,
            field=column,
            code="region.basin" if column == "basin" else "region.code",
        )
