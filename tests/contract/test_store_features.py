"""Features of editable layers: kept as they were given, found by a box, changed by version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_kinds import KINDS, NOON

from bothbanks.store import Store, open_store
from bothbanks.store.errors import ConflictError, MissingError
from bothbanks.store.interface import Box, Feature
from bothbanks.words.errors import RangeError

POINT = {"type": "Point", "coordinates": [6.08, 50.77]}


@pytest.fixture
def store(store_address: str) -> Iterator[Store]:
    with closing(open_store(store_address, KINDS)) as store:
        yield store


def point(id: str, x: float, y: float, **properties: Any) -> Feature:
    return Feature("places", id, 0, {"type": "Point", "coordinates": [x, y]}, properties)


def test_a_feature_comes_back_as_it_was_given(store: Store) -> None:
    line = {"type": "LineString", "coordinates": [[6.1, 50.1, 3.5], [6.123456789012345, 50.2, -1.25]]}
    given_ = Feature("lines", "l1", 0, line, {"Straße": "é", "n": [1, None, {"a": 0.1}]}, NOON, None)
    with store.writing() as work:
        assert work.save_feature(given_, None) == 1
        work.save_feature(Feature("lines", "l2", 0, None, {}), None)
    with store.reading() as now:
        kept = now.feature("lines", "l1")
        assert (kept.version, kept.geometry, kept.properties) == (1, line, given_.properties)
        assert (kept.valid_from, kept.valid_to) == (NOON, None)
        assert now.feature("lines", "l2").geometry is None
        assert now.layers() == ["lines"]


def test_versions_and_deletions(store: Store) -> None:
    with store.writing() as work:
        work.save_feature(point("a", 1, 1), None)
        assert work.save_feature(point("a", 50, 50), 1) == 2
    for expected in (None, 1, 3):
        said = "feature 'a' of layer 'places' is at version 2"
        with pytest.raises(ConflictError, match=said), store.writing() as work:
            work.save_feature(point("a", 0, 0), expected)
    with pytest.raises(ConflictError), store.writing() as work:
        work.drop_feature("places", "a", 1)
    with store.reading() as now:
        assert now.features("places", (0, 0, 2, 2)) == []
        assert [f.id for f in now.features("places", (49, 49, 51, 51))] == ["a"]
    with store.writing() as work:
        work.drop_feature("places", "a", 2)
    with pytest.raises(MissingError), store.writing() as work:
        work.drop_feature("places", "a")
    with store.reading() as now:
        assert (now.features("places"), now.features("places", (49, 49, 51, 51))) == ([], [])
        with pytest.raises(MissingError):
            now.feature("places", "a")


def test_pages_follow_one_another_with_and_without_a_box(store: Store) -> None:
    with store.writing() as work:
        for number in range(9):
            work.save_feature(point(f"p{number}", number, 0), None)
    with store.reading() as now:
        for bbox, expected in ((None, 9), ((-0.5, -1, 5, 1), 6)):
            seen: list[str] = []
            while page := now.features("places", bbox, limit=2, after=seen[-1] if seen else ""):
                assert len(page) <= 2
                seen += [feature.id for feature in page]
            assert seen == [f"p{number}" for number in range(expected)]
        assert now.features("places", limit=0) == []


def test_a_box_across_the_antimeridian_and_one_that_only_touches_the_bounds(store: Store) -> None:
    ring = [[0, 0], [10, 0], [10, 10], [9, 10], [9, 1], [0, 1], [0, 0]]
    with store.writing() as work:
        work.save_feature(point("east", 179.5, 0), None)
        work.save_feature(point("west", -179.5, 0), None)
        work.save_feature(point("far", 0, 0), None)
        work.save_feature(Feature("areas", "bent", 0, {"type": "Polygon", "coordinates": [ring]}, {}), None)
    with store.reading() as now:
        assert [f.id for f in now.features("places", (170, -1, -170, 1))] == ["east", "west"]
        assert now.features("areas", (2, 5, 3, 6)) == []  # inside its bounds, outside its shape
        assert [f.id for f in now.features("areas", (2, 0.5, 3, 6))] == ["bent"]
        with pytest.raises(RangeError, match="its south"):
            now.features("places", (0, 1, 1, 0))


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [181.0, 0.0]},
        {"type": "Point", "coordinates": [0.0, float("nan")]},
        {"type": "Point", "coordinates": []},
        {"type": "Point"},
        {"type": "Blob", "coordinates": [0, 0]},
        {"type": "LineString", "coordinates": [[0, 0]]},
        {"type": "Polygon", "coordinates": "here"},
    ],
)
def test_what_is_no_place_on_earth_is_refused(store: Store, geometry: dict[str, Any]) -> None:
    said = r"\[store.geometry\] feature 'x' of layer 'places'"
    with pytest.raises(RangeError, match=said), store.writing() as work:
        work.save_feature(Feature("places", "x", 0, geometry, {}), None)


degrees = st.floats(-60, 60, allow_nan=False)
places = st.tuples(degrees, degrees)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(points=st.lists(places, max_size=12), corners=st.tuples(places, places))
def test_a_box_finds_just_what_lies_in_it(
    store: Store, points: list[tuple[float, float]], corners: tuple[tuple[float, float], ...]
) -> None:
    """Also at its very edge, where an index of 32-bit numbers rounds."""
    (west, south), (east, north) = map(min, *corners), map(max, *corners)
    box: Box = (west, south, east, north)
    everything = [*points, *corners, (west, north)]
    with store.writing() as work:
        for old in work.features("places"):
            work.drop_feature("places", old.id)
        for number, (x, y) in enumerate(everything):
            work.save_feature(point(f"{number:02}", x, y), None)
        found = [feature.id for feature in work.features("places", box)]
    inside = [f"{n:02}" for n, at in enumerate(everything) if shapely.box(*box).intersects(shapely.Point(at))]
    assert found == inside
    assert len(found) >= 3
