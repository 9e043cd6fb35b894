"""What a sharing decision leaves of a layer: rows, fields, squares, small groups, delays."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from bothbanks.app.partnership.layers_seen import seen
from bothbanks.civic.compact.sharing import COARSE, FULL, NOTHING, SUPPRESSED, Coarsening, Decision
from bothbanks.standards.features import FeatureTable, column
from bothbanks.standards.features.crs import name

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
ETRS = name("EPSG:3035")


def layer(places: list[tuple[float, float]] | None = None) -> FeatureTable:
    """Four homes with people, a height and the hour they were seen."""
    xy = places or [(100.0, 100.0), (900.0, 900.0), (1500.0, 100.0), (5500.0, 100.0)]
    count = len(xy)
    return FeatureTable(
        ids=tuple(str(i) for i in range(count)),
        columns={
            "member": column("member", "string", ["a", "a", "b", "b"][:count]),
            "street": column("street", "string", [f"street {i}" for i in range(count)]),
            "people": column("people", "integer", [4, 5, 30, 8][:count], "people"),
            "height": column("height", "number", [1.0, 3.0, 7.5, None][:count], "m"),
            "at": column("at", "instant", [f"2026-11-2{i}T10:30:00Z" for i in range(1, count + 1)]),
        },
        geometry=np.array([shapely.Point(p) for p in xy], dtype=object),
        crs=ETRS,
        time=("at",),
        geometry_type="Point",
    )


def coarse(**detail: object) -> Decision:
    return Decision("layer:x", COARSE, detail=Coarsening(**detail))  # type: ignore[arg-type]


@pytest.mark.parametrize("level", [NOTHING, SUPPRESSED])
def test_no_record_is_shown_where_none_may_be(level: str) -> None:
    assert seen(layer(), Decision("layer:x", level), AT) is None


def test_hidden_fields_are_gone_with_the_times_made_of_them() -> None:
    shown = seen(layer(), Decision("layer:x", FULL, hidden=frozenset({"at", "geometry"})), AT)
    assert shown is not None
    assert list(shown.columns) == ["member", "street", "people", "height"]
    assert shown.time == ()
    assert shapely.is_missing(shown.geometry).all()


def test_squares_sum_people_average_heights_and_keep_common_texts_only() -> None:
    shown = seen(layer(), coarse(grid_m=1000), AT)
    assert shown is not None
    found = {g.bounds: i for i, g in enumerate(shown.geometry)}
    first = found[(0.0, 0.0, 1000.0, 1000.0)]
    row = {k: c.plain(first) for k, c in shown.columns.items()}
    assert (row["people"], row["height"], row["member"], row["street"]) == (9.0, 2.0, "a", None)
    assert set(found) == {
        (0.0, 0.0, 1000.0, 1000.0),
        (1000.0, 0.0, 2000.0, 1000.0),
        (5000.0, 0.0, 6000.0, 1000.0),
    }
    assert shown.columns["height"].plain(found[(5000.0, 0.0, 6000.0, 1000.0)]) is None


def test_small_groups_are_left_out_and_only_people_are_rounded() -> None:
    shown = seen(layer(), coarse(group=5, rounding=10), AT)
    assert shown is not None
    assert [shown.columns["people"].plain(i) for i in range(4)] == [None, 0.0, 30.0, 10.0]
    assert [shown.columns["height"].plain(i) for i in range(4)] == [1.0, 3.0, 7.5, None]


def test_without_figures_of_people_a_feature_counts_as_one_of_the_group() -> None:
    bare = layer().only(["member", "at"])
    shown = seen(bare, coarse(grid_m=1000, group=2), AT)
    assert shown is not None
    assert [g.bounds[:2] for g in shown.geometry] == [(0.0, 0.0)]


def test_what_is_too_young_or_timeless_is_not_shown_under_a_delay() -> None:
    shown = seen(layer(), coarse(delay_hours=48), AT)
    assert shown is not None
    assert shown.ids == ("0", "1")
    timeless = seen(layer().only(["member"]), coarse(delay_hours=1), AT)
    assert timeless is not None
    assert len(timeless) == 0


def test_dates_are_cut() -> None:
    shown = seen(layer(), coarse(dates="month"), AT)
    assert shown is not None
    assert {shown.columns["at"].plain(i) for i in range(4)} == {"2026-11-01"}


@given(
    places=st.lists(st.tuples(st.floats(0, 20_000), st.floats(0, 20_000)), min_size=1, max_size=4),
    side=st.sampled_from([500, 1000, 5000]),
)
def test_nothing_finer_than_the_square_is_left(places: list[tuple[float, float]], side: int) -> None:
    """Two layers whose places lie in the same squares can't be told apart."""
    # Within a micrometre of an edge, turning coordinates there and back may change the square.
    assume(all(1e-6 < c % side < side - 1e-6 for place in places for c in place))
    middle = [((x // side) * side + side / 2, (y // side) * side + side / 2) for x, y in places]
    a, b = seen(layer(places), coarse(grid_m=side), AT), seen(layer(middle), coarse(grid_m=side), AT)
    assert a is not None
    assert b is not None
    assert a.ids == b.ids
    assert shapely.equals(a.geometry, b.geometry).all()
    assert all(
        [a.columns[k].plain(i) for i in range(len(a))] == [b.columns[k].plain(i) for i in range(len(b))]
        for k in a.columns
    )
    assert float(np.nansum(a.columns["people"].values)) == float(layer(places).columns["people"].values.sum())
