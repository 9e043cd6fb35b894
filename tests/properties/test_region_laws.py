"""Laws of harmonising: round trips, and used + refused = read for any table."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bothbanks.region.columns import numbers
from bothbanks.region.grid import Grid
from bothbanks.region.harmonising import harmonise_source
from bothbanks.region.money import MoneyTable, Ratios
from bothbanks.region.problems import Problems
from bothbanks.region.schema import RegionSettings, SourceSettings
from bothbanks.region.settings import RegionSource
from bothbanks.region.source_work import Account
from bothbanks.region.toml_spans import value_spans
from bothbanks.words.datums import Datums
from bothbanks.words.places import known_crs, projection
from bothbanks.words.quantities import unit_conversion

UNITS = [
    ("cm", "m"),
    ("ft", "m"),
    ("degF", "degC"),
    ("km/h", "m/s"),
    ("ha", "km2"),
    ("percent", "1"),
    ("L/s", "m3/s"),
]
NATIONAL = ["EPSG:31370", "EPSG:28992", "EPSG:25832", "EPSG:2154", "EPSG:2056", "EPSG:3812"]


@given(st.sampled_from(UNITS), st.floats(-1e6, 1e6))
def test_units_there_and_back(pair: tuple[str, str], value: float) -> None:
    way = unit_conversion(*pair)
    back = way.back()
    there = value * way.factor + way.offset
    assert there * back.factor + back.offset == pytest.approx(value, rel=1e-9, abs=1e-6)
    assert unit_conversion(*pair[::-1]).factor == pytest.approx(back.factor, rel=1e-12)


@given(st.sampled_from(NATIONAL), st.floats(0.1, 0.9), st.floats(0.1, 0.9))
def test_coordinates_there_and_back(crs: str, u: float, v: float) -> None:
    """To the grid of account and back: the same place within a millimetre."""
    area = known_crs(crs).area_of_use
    lon, lat = area.west + u * (area.east - area.west), area.south + v * (area.north - area.south)
    x, y = projection("EPSG:4258", crs).apply(np.array([lon]), np.array([lat]))
    there, back = projection(crs, "EPSG:3035"), projection("EPSG:3035", crs)
    again = back.apply(*there.apply(x, y))
    assert np.hypot(again[0] - x, again[1] - y)[0] < 0.001
    assert there.inside_area_of_use(x, y).all()


@given(st.integers(-9999, 9999), st.integers(-9999, 9999), st.sampled_from([100.0, 250.0, 1000.0, 5000.0]))
def test_names_of_cells_are_read_back(column: int, row: int, size: float) -> None:
    grid = Grid(size)
    x, y = grid.centre(np.array([column]), np.array([row]))
    assert [int(v[0]) for v in grid.index(x, y)] == [column, row]
    assert [v[0] for v in grid.parse(grid.ids(np.array([column]), np.array([row])))] == [column, row]


@given(
    st.lists(st.floats(-1e9, 1e9).map(lambda v: round(v, 3)), min_size=1, max_size=20),
    st.sampled_from([",", "."]),
)
def test_numbers_as_each_country_writes_them(values: list[float], decimal: str) -> None:
    thousands = "." if decimal == "," else ","
    swap = {",": thousands, ".": decimal}
    text = ["".join(swap.get(c, c) for c in f"{value:,.3f}") for value in values]
    source = SourceSettings(
        kind="cells", file="x", licence="x", attribution="x", decimal=decimal, thousands=thousands
    )
    found, _ = numbers(pd.Series(text), source)
    assert found.tolist() == values


FIELDS = st.one_of(
    st.floats(-10.0, 400.0).map(lambda v: f"{v:.2f}"),
    st.sampled_from(
        ["", "nan", "-", "viel", "1,5", "inf", "1e400", "0x10", " 7 ", "٣", "Łódź", "1 000", "--3"]
    ),
    st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters=';"'), max_size=6),
)


def account() -> Account:
    region = RegionSettings.model_validate(
        {"id": "x", "name": "x", "members": ["a", "b"], "languages": ["en"],
         "currency": "EUR", "price_year": 2023,
         "horizon_years": 50, "crs": "EPSG:3035", "height_datum": "NAP",
         "parameters": {"discount_rate": {"value": 0.03, "unit": "1/year", "source": "assumed"}}}
    )  # fmt: skip
    return Account("EPSG:3035", Grid(1000.0), Datums("NAP"), MoneyTable(region))


@settings(max_examples=60)
@given(rows=st.lists(st.tuples(FIELDS, FIELDS, FIELDS), min_size=1, max_size=30))
def test_used_and_refused_add_up_to_read(rows: list[tuple[str, ...]], tmp_path_factory: Any) -> None:
    """Whatever a table holds, each record is used or refused once; what is used may stand in the kind."""
    path = Path(tmp_path_factory.mktemp("laws")) / "rain.csv"
    body = [";".join(["Station", str(2000 + i), *row]) for i, row in enumerate(rows)]
    path.write_text("\n".join(["station;year;duration_days;depth;days_observed", *body]) + "\n", "utf-8")
    stated = SourceSettings(kind="rain_maxima", file="rain.csv", delimiter=";", licence="x", attribution="x")
    problems = Problems()
    found = harmonise_source(RegionSource("a", stated, path, "rain.csv", True), account(), problems)
    assert not len(problems)
    assert found is not None
    assert found.read == len(rows) == found.used + len(found.refusals)
    assert len(found.frame) == found.used
    assert len({refusal.row for refusal in found.refusals}) == len(found.refusals)
    used = found.frame
    assert np.isfinite(used[["duration_days", "depth", "days_observed"]].to_numpy(float)).all()
    assert (used["duration_days"] > 0).all()
    assert used["days_observed"].between(0, 366).all()
    told = Problems()
    harmonise_source(RegionSource("a", stated, path, "rain.csv", False), account(), told)
    assert bool(len(told)) == bool(found.refusals)


@given(st.lists(st.floats(0.2, 5.0), min_size=2, max_size=6), st.integers(0, 5), st.integers(0, 5))
def test_chained_rates_are_the_product_of_their_links(rates: list[float], start: int, end: int) -> None:
    start, end = start % (len(rates) + 1), end % (len(rates) + 1)
    table = Ratios((i, i + 1, rate, f"s{i}") for i, rate in enumerate(rates))
    way = table.between(start, end)
    low, high = min(start, end), max(start, end)
    product = float(np.prod(rates[low:high]))
    assert way is not None
    assert way.factor == pytest.approx(product if start <= end else 1.0 / product)
    assert table.misfits() == []


KEYS = st.text("abcXYZ-_ .é\"'=#", min_size=1, max_size=6)
VALUES = st.recursive(
    st.one_of(st.integers(-10**9, 10**9), st.floats(allow_nan=False, allow_infinity=False), st.booleans(),
              st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)  # fmt: skip


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def written(value: Any) -> str:
    """A value as inline TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return "[" + ", ".join(written(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(key)} = {written(item)}" for key, item in value.items()) + "}"
    return repr(value)


def at(data: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        data = data[part]
    return data


@given(
    st.lists(
        st.tuples(KEYS, st.dictionaries(KEYS, VALUES, min_size=1, max_size=4)),
        max_size=4,
        unique_by=lambda t: t[0],
    )
)
def test_each_value_of_a_toml_text_is_found_where_it_stands(tables: list[tuple[str, dict[str, Any]]]) -> None:
    text = "# a comment [not] = a table\n"
    for name, values in tables:
        for _ in range(2):  # twice: an array of tables
            text += f"[[{quoted(name)}]] # = [x]\n"
            text += "".join(f"{quoted(key)} = {written(value)} # {key}\n" for key, value in values.items())
    data = tomllib.loads(text)
    spans = value_spans(text)
    for path, (start, end) in spans.items():
        assert tomllib.loads(f"v = {text[start:end]}")["v"] == at(data, path)
    expected = {(name, i, key) for name, values in tables for i in range(2) for key in values}
    assert {path for path in spans if len(path) == 3} >= expected
