"""Event tables, event sets, curves and exposures refuse what can't be, and say where."""

from __future__ import annotations

import numpy as np
import pytest

from bothbanks.analysis.risk import Column, Curve, EventSet, EventTable, Exposure, jrc_flood_curves
from bothbanks.analysis.risk.curves import CurveTables
from bothbanks.analysis.risk.kernels import CurveReader, fractions
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError


def events(**changes: object) -> EventTable:
    columns: dict[str, object] = {
        "id": ["a", "b"], "rate_per_year": [0.1, 0.01], "hazard": ["flood"] * 2, "origin": ["Geul"] * 2,
        "scenario": ["today"] * 2, "units": {"flood": "m"},
    }  # fmt: skip
    return EventTable(**(columns | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "error", "match"),
    [
        ({"id": ["a"]}, ShapeError, "column 'id' has 1 rows"),
        ({"id": ["a", "a"]}, RangeError, "'a' is used twice"),
        ({"rate_per_year": [0.1, np.nan]}, MissingValueError, "event 'b' is NaN"),
        ({"rate_per_year": [-0.1, 0.2]}, RangeError, "event 'a' is -0.1"),
        ({"rate_per_year": [0.1, np.inf]}, RangeError, "event 'b' is inf"),
        ({"units": {}}, RangeError, "no unit of intensity for hazard flood"),
        ({"reading": "often"}, RangeError, "reading 'often'"),
        ({"reading": "annual-maxima", "rate_per_year": [0.9, 0.2]}, RangeError, "sum to 1.1 a year"),
    ],
)
def test_event_tables_that_cannot_be_are_refused(
    changes: dict[str, object], error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        events(**changes)


def test_annual_maxima_are_summed_by_hazard_and_scenario() -> None:
    table = events(reading="annual-maxima", rate_per_year=[0.9, 0.9], scenario=["today", "2050"])
    assert table.scenarios == ("2050", "today")
    assert table.select("today").tolist() == [True, False]
    with pytest.raises(RangeError, match="no event of scenario '2100'"):
        table.select("2100")


@pytest.mark.parametrize(
    ("start", "place", "intensity", "error", "match"),
    [
        ([0, 1], [0], [1.0], ShapeError, r"expected \(3,\)"),
        ([0, 2, 1], [0], [1.0], ShapeError, "must rise from 0"),
        ([0, 1, 1], [3], [1.0], RangeError, "places 3 to 3 of 3"),
        ([0, 1, 2], [0, 1], [1.0, np.nan], MissingValueError, "event 'b' at place 1 is nan"),
        ([0, 1, 2], [0, 1], [np.inf, 1.0], RangeError, "event 'a' at place 0 is inf"),
        ([0, 2, 2], [1, 0], [1.0, 1.0], RangeError, "event 'a': place 0 follows 1"),
        ([0, 0, 2], [1, 1], [1.0, 1.0], RangeError, "event 'b': place 1 follows 1"),
    ],
)
def test_hits_that_do_not_fit_are_refused(
    start: list[int], place: list[int], intensity: list[float], error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        EventSet(events(), 3, np.array(start), np.array(place), np.array(intensity))


def test_places_may_fall_where_the_next_event_begins() -> None:
    source = EventSet(events(), 3, np.array([0, 2, 3]), np.array([1, 2, 0]), np.ones(3))
    assert source.hit_count == 3


def test_from_dense_and_from_coo_make_the_same_set() -> None:
    dense = np.array([[0.0, 1.0, 2.0], [3.0, 0.0, 0.5]])
    a = EventSet.from_dense(events(), dense)
    event, place = np.nonzero(dense)
    shuffled = np.array([2, 0, 3, 1])
    b = EventSet.from_coo(events(), event[shuffled], place[shuffled], dense[event, place][shuffled], 3)
    for name in ("start", "place", "intensity"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def test_from_coo_and_from_dense_refuse_what_is_outside() -> None:
    with pytest.raises(RangeError, match="events 0 to 2 of 2"):
        EventSet.from_coo(events(), [0, 2], [0, 0], [1.0, 1.0], 3)
    with pytest.raises(RangeError, match="places -1 to 0 of 3"):
        EventSet.from_coo(events(), [0, 1], [-1, 0], [1.0, 1.0], 3)
    with pytest.raises(ShapeError, match="three equal"):
        EventSet.from_coo(events(), [0, 1], [0], [1.0, 1.0], 3)
    with pytest.raises(RangeError, match="follows"):
        EventSet.from_coo(events(), [0, 0], [1, 1], [1.0, 1.0], 3)
    with pytest.raises(ShapeError, match="expected \\(2, number of places\\)"):
        EventSet.from_dense(events(), np.ones((3, 2)))


@pytest.mark.parametrize(
    ("x", "y", "error", "match"),
    [
        ([0, 1, 2], [0.0, 0.5, 0.4], RangeError, "falls at knot 2: fraction 0.4 at intensity 2 is below 0.5"),
        ([0, 1, 1], [0.0, 0.5, 0.6], RangeError, "intensity 1 of knot 2 does not exceed 1"),
        ([0, np.nan], [0.0, 0.5], MissingValueError, "knot 1 is NaN"),
        ([0, 1], [-0.1, 0.5], RangeError, "knot 0"),
        ([0, 1], [0.1], ShapeError, "must fit"),
        ([], [], ShapeError, "must fit"),
    ],
)
def test_curves_that_cannot_be_are_refused(
    x: list[float], y: list[float], error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        Curve("barn", x, y, "m", "assumed")


def test_a_curve_needs_unit_source_and_a_known_extrapolation() -> None:
    with pytest.raises(RangeError, match="has no unit"):
        Curve("barn", [0, 1], [0, 1], " ", "assumed")
    with pytest.raises(RangeError, match="has no source"):
        Curve("barn", [0, 1], [0, 1], "m", "")
    with pytest.raises(RangeError, match="'cubic' is not clamp or linear"):
        Curve("barn", [0, 1], [0, 1], "m", "assumed", "cubic")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "curve",
    [
        *jrc_flood_curves().values(),
        Curve("odd", [-1.3, 0.1, 0.10001, 7.7], [0.05, 0.1, 0.4, 0.9], "m", "assumed"),
        Curve("far", [1e-3, 1.0, 1e6], [0.0, 0.1, 1.0], "m", "assumed", "linear"),
        Curve("one", [2.0], [0.3], "m", "assumed"),
    ],
    ids=lambda c: c.id,
)
def test_bucket_tables_read_a_curve_to_the_last_bit(curve: Curve) -> None:
    rng = np.random.default_rng(0)
    span = np.linspace(curve.x[0] - 2, curve.x[-1] * 1.2 + 2, 2000)
    knots = np.concatenate([curve.x, np.nextafter(curve.x, np.inf), np.nextafter(curve.x, -np.inf)])
    at = np.concatenate([span, knots, rng.normal(0, 2, 1000), [-1e30, 1e30]]).astype(np.float32)
    tables = CurveTables.of([Curve("other", [0.0, 0.7], [0.0, 0.2], "m", "assumed"), curve])
    np.testing.assert_array_equal(fractions(tables, 1, at), curve(at))
    np.testing.assert_array_equal(CurveReader(tables)(1, at), curve(at))


@pytest.mark.parametrize(
    ("changes", "error", "match"),
    [
        ({"value": [1.0, np.nan]}, MissingValueError, "asset 1 has value NaN"),
        ({"value": [1.0, -2.0]}, RangeError, "value of asset 1 is -2"),
        ({"place": [0, -1]}, RangeError, "place of asset 1 is -1"),
        ({"place": [0.5, 1.0]}, RangeError, "not whole numbers"),
        ({"place": [0]}, ShapeError, r"place \(1,\)"),
        ({"curve": {"flood": [0]}}, ShapeError, r"curve for flood \(1,\)"),
        ({"curve": {"flood": ["x", "y"]}}, RangeError, "not whole numbers"),
        ({"columns": {"place": Column.of(["a", "b"])}}, RangeError, "'place' is built in"),
        (
            {"columns": {"member": Column(np.array([0, 5], dtype=np.int32), ("a",))}},
            RangeError,
            "without a label",
        ),
    ],
)
def test_exposures_that_cannot_be_are_refused(
    changes: dict[str, object], error: type[Exception], match: str
) -> None:
    given: dict[str, object] = {
        "value": [1.0, 2.0], "place": [0, 1], "curve": {"flood": [0, 0]},
        "columns": {"member": Column.of(["a", "b"])},
    }  # fmt: skip
    with pytest.raises(error, match=match):
        Exposure(**(given | changes))  # type: ignore[arg-type]
