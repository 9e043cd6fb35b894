"""CQL2: the standard's own examples, its three-valued logic against SQLite, and faults with their place."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from bothbanks.standards.features import FeatureTable, QueryError, column, read_filter, selected
from bothbanks.standards.features.crs import CRS84, name

# OGC 21-065r2, clauses 6 and 7 and Annex D: text and JSON of the same filter.
EXAMPLES: list[tuple[str, Any]] = [
    ("name LIKE 'Smith%'", {"op": "like", "args": [{"property": "name"}, "Smith%"]}),
    ("depth BETWEEN 100.0 and 150.0", {"op": "between", "args": [{"property": "depth"}, 100.0, 150.0]}),
    (
        "cityName IN ('Toronto','Frankfurt','Tokyo','New York')",
        {"op": "in", "args": [{"property": "cityName"}, ["Toronto", "Frankfurt", "Tokyo", "New York"]]},
    ),
    (
        "category NOT IN (1,2,3,4)",
        {"op": "not", "args": [{"op": "in", "args": [{"property": "category"}, [1, 2, 3, 4]]}]},
    ),
    (
        "S_INTERSECTS(geometry,POINT(36.319836 32.288087))",
        {
            "op": "s_intersects",
            "args": [{"property": "geometry"}, {"type": "Point", "coordinates": [36.319836, 32.288087]}],
        },
    ),
    (
        "T_DURING(INTERVAL(starts_at, ends_at), INTERVAL('2017-06-10T07:30:00Z', '2017-06-11T10:30:00Z'))",
        {
            "op": "t_during",
            "args": [
                {"interval": [{"property": "starts_at"}, {"property": "ends_at"}]},
                {"interval": ["2017-06-10T07:30:00Z", "2017-06-11T10:30:00Z"]},
            ],
        },
    ),
    ("BBOX(160.6,-55.95,-170,-25.89)", {"bbox": [160.6, -55.95, -170, -25.89]}),
    (
        "ACCENTI(etat_vol) = ACCENTI('débárquér')",
        {
            "op": "=",
            "args": [
                {"op": "accenti", "args": [{"property": "etat_vol"}]},
                {"op": "accenti", "args": ["débárquér"]},
            ],
        },
    ),
]


def places() -> FeatureTable:
    """Six places with gaps, in the manner of the standard's test data."""
    names = ["København", "Liège", "Aachen", "Maastricht", "Vaals", None]
    return FeatureTable(
        ids=tuple("123456"),
        columns={
            "name": column("name", "string", names),
            "pop": column("pop", "integer", [1_085_813, 195_965, 252_136, None, 10_000, 5]),
            "depth": column("depth", "number", [0.0, 1.5, None, 2.5, float("nan"), -1.0]),
            "open": column("open", "boolean", [True, None, False, True, None, None]),
            "day": column(
                "day", "date", ["2022-04-16", None, "2022-04-17", "2021-07-14", None, "2022-04-16"]
            ),
            "start": column(
                "start",
                "instant",
                ["2022-04-16T10:13:19Z", None, "2022-04-16T10:15:10Z", "2021-07-14T00:00:00Z", None, None],
            ),
        },
        geometry=np.array(
            [
                shapely.Point(12.57, 55.68),
                shapely.Point(5.57, 50.63),
                shapely.Point(6.08, 50.78),
                shapely.Point(5.69, 50.85),
                shapely.box(5.9, 50.7, 6.1, 50.8),
                None,
            ],
            dtype=object,
        ),
        crs=CRS84,
    )


def hits(text: str, language: str = "cql2-text", crs: str = CRS84) -> str:
    """Ids of what a filter selects, as one word."""
    table = places()
    mask = selected(table, read_filter(text, language), crs)
    return "".join(fid for fid, hit in zip(table.ids, mask, strict=True) if hit)


@pytest.mark.parametrize(("text", "expected"), EXAMPLES, ids=[e[0][:30] for e in EXAMPLES])
def test_examples_of_the_standard_read_alike_as_text_and_as_json(text: str, expected: Any) -> None:
    assert read_filter(text) == expected
    assert read_filter(json.dumps(expected), "cql2-json") == expected


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("name='Liège'", "2"),
        ("name >= 'Liège'", "245"),
        ("CASEI(name) = casei('AACHEN')", "3"),
        ("ACCENTI(name) = ACCENTI('Liege')", "2"),
        ("name LIKE 'Ma_s%'", "4"),
        ("name NOT LIKE '%a%'", "2"),
        ("name LIKE '%h%n'", "13"),
        ("name IS NULL", "6"),
        ("pop IS NOT NULL AND depth IS NULL", "35"),
        ("depth < 0 OR depth > 1 AND pop > 100", "26"),
        ("(depth < 0 OR depth > 1) AND pop > 100", "2"),
        ("NOT (depth > 1)", "16"),
        ("pop BETWEEN 10000 AND 200000", "25"),
        ("name IN ('Vaals', 'Aachen')", "35"),
        ("name NOT IN ('Vaals', 'Aachen')", "124"),
        ("open = true", "14"),
        ("open", "14"),
        ("NOT open", "3"),
        ("true", "123456"),
        ("false", ""),
        ("pop / 1000 > 200 + 50", "13"),
        ("2 * depth ^ 2 = 4.5", "2"),
        ("pop % 2 = 1", "126"),
        ("1 / depth > 0", "24"),
        ("day = DATE('2022-04-16')", "16"),
        ("start > TIMESTAMP('2022-04-16T10:13:19Z')", "3"),
        ("start >= TIMESTAMP('2022-04-16T12:13:19+02:00')", "13"),
        ("T_AFTER(start, DATE('2022-01-01'))", "13"),
        ("T_DURING(start, INTERVAL('2022-04-16','..'))", "13"),
        ("T_INTERSECTS(day, INTERVAL('..','2021-12-31'))", "4"),
        ("T_EQUALS(day, DATE('2022-04-17'))", "3"),
        ("S_INTERSECTS(geometry, BBOX(5,50,6,51))", "245"),
        ("S_WITHIN(geometry, POLYGON((5 50, 6 50, 6 51, 5 51, 5 50)))", "24"),
        ("S_CONTAINS(geometry, POINT(6 50.75))", "5"),
        ("S_DISJOINT(geometry, POINT(6 50.75))", "1234"),
        ("geometry IS NULL", "6"),
    ],
)
def test_filters_select_what_they_say(text: str, ids: str) -> None:
    assert hits(text) == ids


def test_a_bbox_in_a_filter_may_cross_the_antimeridian() -> None:
    far = FeatureTable(
        tuple("ab"), {}, np.array([shapely.Point(178, -18), shapely.Point(-172, -18)], dtype=object)
    )
    condition = read_filter("S_INTERSECTS(geometry,BBOX(177,-20,-175,-10))")
    assert selected(far, condition).tolist() == [True, False]


def test_filter_crs_follows_the_axes_of_its_authority() -> None:
    latitude_first = "S_INTERSECTS(geometry, BBOX(50,5,51,6))"
    assert hits(latitude_first, crs=name("EPSG:4326")) == "245"
    assert hits(latitude_first) == ""


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("pop >", "6", "the end"),
        ("pop > 5 extra", "9", "AND, OR or the end"),
        ("pop & 5", "5", "operator"),
        ("name = 'open", "8", "'open"),
        ("pop > 5 AND secret = 1", "13", "no property 'secret'"),
        ("pop > 'five'", "1", "can't compare a number with a string"),
        ("name BETWEEN 1", "15", "AND"),
        ("frobnicate(name) = 1", "1", "no operator or function"),
        ("S_INTERSECTS(geometry, POINT(1))", "24", "well-known text"),
        ("day = DATE('2022-13-45')", "7", "no date"),
        ("pop", "", "expected a condition"),
    ],
)
def test_a_bad_text_filter_is_refused_with_its_place(text: str, at: str, words: str) -> None:
    with pytest.raises(QueryError) as caught:
        hits(text)
    assert (caught.value.at, caught.value.parameter) == (at, "filter")
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("condition", "at"),
    [
        ({"op": "and", "args": [True, {"op": "=", "args": [{"property": "nope"}, 1]}]}, "/args/1/args/0"),
        ({"op": "=", "args": [1]}, ""),
        ({"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Point"}]}, "/args/1"),
        ({"op": "like", "args": [{"property": "name"}, 7]}, ""),
        ([], ""),
    ],
)
def test_a_bad_json_filter_is_refused_with_its_pointer(condition: Any, at: str) -> None:
    with pytest.raises(QueryError) as caught:
        hits(json.dumps(condition), "cql2-json")
    assert caught.value.at == at


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "pop > 1" + ")" * 5000,
        "pop = " + "-" * 5000 + "1",
        "NOT " * 2000 + "open",
        "1" + "^2" * 4000 + "=1",
    ],
)
def test_deep_filters_end_with_a_refusal_not_a_crash(text: str) -> None:
    with contextlib.suppress(QueryError):
        assert isinstance(hits(text), str)


def test_a_pattern_made_to_be_slow_is_not() -> None:
    slow = FeatureTable(
        ("1",), {"name": column("name", "string", ["a" * 5000])}, np.array([None], dtype=object)
    )
    assert not selected(slow, read_filter("name LIKE '" + "%a" * 60 + "%b'")).any()


ATOMS = (
    "pop > 10000", "depth <= 1.5", "name < 'Liège'", "open = true", "name IS NULL", "pop IN (5, 10000)",
    "depth BETWEEN 0 AND 2", "pop * 2 >= 20000 + pop",
)  # fmt: skip


def trees() -> st.SearchStrategy[str]:
    return st.recursive(
        st.sampled_from(ATOMS),
        lambda inner: st.one_of(
            st.builds("({} AND {})".format, inner, inner),
            st.builds("{} OR {} AND {}".format, inner, inner, inner),
            st.builds("NOT ({})".format, inner),
        ),
        max_leaves=6,
    )


@pytest.fixture(scope="module")
def database() -> sqlite3.Connection:
    """The same six places in SQLite."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE t (fid TEXT, name TEXT, pop INTEGER, depth REAL, open INTEGER)")
    table = places()
    rows = [
        (fid, *(table.columns[c].plain(i) for c in ("name", "pop", "depth", "open")))
        for i, fid in enumerate(table.ids)
    ]
    db.executemany("INSERT INTO t VALUES (?,?,?,?,?)", rows)
    return db


@given(text=trees())
def test_logic_with_missing_values_is_that_of_a_database(text: str, database: sqlite3.Connection) -> None:
    wanted = database.execute(f"SELECT fid FROM t WHERE {text} ORDER BY fid").fetchall()
    assert hits(text) == "".join(fid for (fid,) in wanted)


def test_or_and_precedence_where_the_library_errs() -> None:
    """pygeofilter 0.4 reads ``a OR b AND c`` as ``(a OR b) AND c``: why our own reader (decision 21)."""
    from pygeofilter.parsers.cql2_text import parse

    text = "name = 'Vaals' OR pop = 5 AND depth > 100"
    assert hits(text) == "5"
    assert type(parse(text)).__name__ == "And"
