"""Parameters of a request for items: limits, boxes, times, systems, paging, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from bothbanks.standards.features import Encoder, FeatureTable, QueryError, column, matching, page, read_query
from bothbanks.standards.features import crs as systems
from bothbanks.standards.features.documents import LayerWords, collection, items_head, queryables, schema

OFFERED = (
    systems.CRS84,
    *systems.WORLD,
    *(systems.name(f"EPSG:{code}") for code in (3035, 31370, 28992, 25832)),
)


def layer(count: int = 25) -> FeatureTable:
    """Points along a parallel in EPSG:3035, one a kilometre, with a day each and a gap."""
    return FeatureTable(
        ids=tuple(str(i) for i in range(1, count + 1)),
        columns={
            "name": column("name", "string", [f"p{i % 3}" for i in range(count)]),
            "level": column("level", "number", [None if i == 4 else i / 2 for i in range(count)]),
            "day": column("day", "date", [None if i == 3 else f"2021-07-{i + 1:02d}" for i in range(count)]),
        },
        geometry=np.array(
            [None if i == 5 else shapely.Point(4_000_000 + 1000 * i, 3_100_000) for i in range(count)],
            dtype=object,
        ),
        crs=systems.name("EPSG:3035"),
        time=("day",),
        geometry_type="Point",
    )


def ids(*parameters: tuple[str, str]) -> list[str]:
    table = layer()
    query = read_query(parameters, table, OFFERED)
    return [table.ids[i] for i in page(table, query, matching(table, query))[0]]


def test_limit_has_a_default_and_a_most() -> None:
    table = layer()
    assert read_query([], table, OFFERED).limit == 100
    assert read_query([("limit", "99999999")], table, OFFERED).limit == 10_000
    assert ids(("limit", "3")) == ["1", "2", "3"]


def test_pages_follow_each_other_without_gap_or_repeat_though_others_write() -> None:
    table = layer()
    seen: list[str] = []
    after = ""
    for step in range(20):
        query = read_query([("limit", "4"), *([("after", after)] if after else [])], table, OFFERED)
        rows, after = page(table, query, matching(table, query))
        seen += [table.ids[i] for i in rows]
        if step == 1:  # somebody takes an early feature away while we page
            table = table.rows(np.array([i for i in range(len(table)) if table.ids[i] != "2"]))
        if not after:
            break
    assert seen == [str(i) for i in range(1, 26)]


def test_a_page_goes_on_behind_a_feature_that_is_gone_where_ids_keep_an_order() -> None:
    table = FeatureTable(("a", "b", "d"), {}, np.array([None, None, None], dtype=object), ordered_ids=True)
    query = read_query([("after", "c")], table, OFFERED)
    assert page(table, query, matching(table, query))[0].tolist() == [2]
    with pytest.raises(QueryError, match="no feature 'zz'"):
        read_query([("after", "zz")], layer(), OFFERED)


@pytest.mark.parametrize(
    "code", ["EPSG:3035", "EPSG:4326", "EPSG:31370", "EPSG:28992", "EPSG:25832", "OGC:CRS84"]
)
def test_a_box_around_the_third_and_fourth_point_finds_them_in_every_system(code: str) -> None:
    """Features without geometry fit any box (Part 1, requirement fc-bbox-response)."""
    table = layer()
    uri = systems.name(code)
    inside = table.view(uri).geometry[2:4]
    x0, y0, x1, y1 = shapely.total_bounds(inside)
    pad = 1e-4 if systems.axes(uri).geographic else 10.0
    corners = [(x0 - pad, y0 - pad), (x1 + pad, y1 + pad)]
    if systems.axes(uri).north_first:
        corners = [(y, x) for x, y in corners]
    text = ",".join(str(v) for corner in corners for v in corner)
    assert ids(("bbox", text), ("bbox-crs", uri)) == ["3", "4", "6"]
    with_heights = ",".join([*text.split(",")[:2], "-5", *text.split(",")[2:], "900"])
    assert ids(("bbox", with_heights), ("bbox-crs", uri)) == ["3", "4", "6"]


def test_axis_order_is_that_of_the_authority() -> None:
    """EPSG: 4326 and 3035 north first; 31370, 28992, 25832 east first; CRS84 longitude first."""
    north = {
        code: systems.axes(systems.name(f"EPSG:{code}")).north_first
        for code in (4326, 3035, 31370, 28992, 25832)
    }
    assert north == {4326: True, 3035: True, 31370: False, 28992: False, 25832: False}
    table = layer()
    first = np.array([0])

    def xy(uri: str) -> list[float]:
        return list(json.loads(Encoder(table).features(first, uri)[0])["geometry"]["coordinates"])

    longitude, latitude = xy(systems.CRS84)
    assert 5 < longitude < 6.5
    assert 50 < latitude < 51.5
    assert xy(systems.name("EPSG:4326")) == [latitude, longitude]
    assert xy(systems.name("EPSG:3035")) == [3_100_000.0, 4_000_000.0]


def test_a_known_point_in_the_national_grids() -> None:
    """Amersfoort, the origin of EPSG:28992, lies at x 155,000 and y 463,000 by the definition of the grid."""
    origin = np.array([shapely.Point(5.3876389, 52.1551744)], dtype=object)  # its place in WGS 84
    (there,) = systems.project(origin, systems.CRS84, systems.name("EPSG:28992"))
    assert (there.x, there.y) == pytest.approx((155_000, 463_000), abs=120)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2021-07-02", ["2", "4"]),
        ("2021-07-02T13:00:00Z", ["2", "4"]),
        ("../2021-07-02T00:00:00Z", ["1", "2", "4"]),
        ("/2021-07-01", ["1", "4"]),
        ("2021-07-24T00:00:00Z/..", ["4", "24", "25"]),
        ("2021-07-01T21:59:59Z/2021-07-02T00:00:00+02:00", ["1", "4"]),
    ],
)
def test_datetime_intersects_and_keeps_what_has_no_time(text: str, wanted: list[str]) -> None:
    """Part 1, requirement fc-time-response, C: features without time fit any."""
    assert ids(("datetime", text)) == wanted


def test_properties_are_parameters() -> None:
    assert ids(("name", "p1"), ("limit", "2")) == ["2", "5"]
    assert ids(("level", "2.5")) == ["6"]
    assert ids(("day", "2021-07-09")) == ["9"]


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("limit", "0"), ("limit", "-1"), ("limit", "ten"), ("limit", "1.5"), ("limit", "٣"),
        ("bbox", "1,2,3"),
        ("bbox", "a,b,c,d"), ("bbox", "1,9,2,8"), ("bbox", "0,0,400,10"), ("bbox", "nan,0,1,1"),
        ("bbox-crs", "EPSG:9999"), ("crs", "http://www.opengis.net/def/crs/EPSG/0/2154"),
        ("datetime", "yesterday"), ("datetime", "../.."), ("datetime", "2021-07-05/2021-07-01"),
        ("datetime", "2021-13-01"), ("filter-lang", "sql"), ("filter", "name ="), ("frobnicate", "1"),
        ("offset", "-3"), ("level", "deep"), ("after", "nobody"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_and_named(parameter: str, value: str) -> None:
    also = [("filter", "true")] if parameter == "filter-lang" else []
    with pytest.raises(QueryError) as caught:
        ids((parameter, value), *also)
    assert caught.value.parameter == parameter


def test_a_parameter_given_twice_is_refused() -> None:
    with pytest.raises(QueryError, match="twice"):
        ids(("limit", "1"), ("limit", "2"))


def test_documents_name_only_what_is_visible() -> None:
    table = layer().only(["name"])
    words = LayerWords(
        "points", "Points", licence="CC BY 4.0", licence_link="https://creativecommons.org/licenses/by/4.0/"
    )
    listed = queryables("http://x", words, table)
    assert set(listed["properties"]) == {"geometry", "name"}
    assert listed["additionalProperties"] is False
    assert table.time == ()
    described = collection("http://x", words, layer(), OFFERED)
    assert described["storageCrs"] == systems.name("EPSG:3035")
    assert described["extent"]["temporal"]["interval"] == [["2021-07-01T00:00:00Z", "2021-07-25T23:59:59Z"]]
    assert {"self", "items", "license", "enclosure"} <= {link["rel"] for link in described["links"]}
    assert schema("http://x", words, layer())["properties"]["day"]["x-ogc-role"] == "primary-instant"


def test_next_link_keeps_the_question_and_moves_the_place() -> None:
    table = layer()
    query = read_query([("limit", "2"), ("name", "p0"), ("offset", "1")], table, OFFERED)
    rows, following = page(table, query, matching(table, query))
    head = items_head(
        "http://x", LayerWords("points", "Points"), query, following, 9, len(rows), "2026-11-24T20:00:00Z"
    )
    (onward,) = [link["href"] for link in head["links"] if link["rel"] == "next"]
    assert onward == "http://x/collections/points/items?limit=2&name=p0&after=7"
    assert (head["numberMatched"], head["numberReturned"]) == (9, 2)


def test_features_are_strict_json_and_keep_their_gaps() -> None:
    table = layer()
    body = Encoder(table).collection(np.arange(6), systems.CRS84, {"numberReturned": 6})
    read = json.loads(body, parse_constant=pytest.fail)
    assert [f["properties"]["level"] for f in read["features"]] == [0.0, 0.5, 1.0, 1.5, None, 2.5]
    assert read["features"][5]["geometry"] is None
    assert read["features"][3]["properties"]["day"] is None
