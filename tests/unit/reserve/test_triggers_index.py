"""The index of a trigger from observations, and what shapes pay at and beside their bounds."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction as F

import numpy as np
import pytest

from bothbanks.analysis.reserve.index import (
    Fix,
    Record,
    Window,
    box_of,
    contains,
    series_index,
    track_index,
)
from bothbanks.analysis.reserve.triggers import (
    LinearPayout,
    Step,
    StepTable,
    ceded_limit,
    check_payouts,
    joint_share,
)
from bothbanks.words.errors import InputError, MissingValueError, RangeError

JULY = Window(datetime(2021, 7, 13), datetime(2021, 7, 16))


def days(*values: float | None, final: bool = True) -> list[Record]:
    start = datetime(2021, 7, 13)
    return [
        Record(start + timedelta(days=k), F(str(v)), final) for k, v in enumerate(values) if v is not None
    ]


@pytest.mark.parametrize(("reduce", "value"), [("max", 80), ("min", 5), ("sum", 165)])
def test_greatest_least_and_sum(reduce: str, value: int) -> None:
    found = series_index(days(20, 80, 60, 5), JULY, reduce, step_hours=24)  # type: ignore[arg-type]
    assert (found.value, found.used) == (value, 4)


def test_greatest_sum_of_days_in_a_row() -> None:
    assert series_index(days(20, 80, 60, 5), JULY, "max", step_hours=24, span=2).value == 140
    assert series_index(days(20, 80, 60, 5), JULY, "min", step_hours=24, span=3).value == 145


def test_what_lies_outside_the_window_does_not_count() -> None:
    narrow = Window(datetime(2021, 7, 15), datetime(2021, 7, 16))
    assert series_index(days(20, 80, 60, 5), narrow, "max").value == 60


def test_decimals_are_exact() -> None:
    found = series_index(
        days(0.1, 0.2), Window(JULY.start, JULY.start + timedelta(days=1)), "sum", step_hours=24
    )
    assert found.value == F(3, 10)


def test_no_data_names_gauge_period_and_file() -> None:
    with pytest.raises(InputError) as told:
        series_index(
            days(20),
            Window(datetime(2022, 1, 1), datetime(2022, 2, 1)),
            "max",
            place="Sint Pieter",
            looked_at="waterstanden.csv",
        )
    text = str(told.value)
    assert told.value.code == "reserve.no-data"
    for part in (
        "Sint Pieter",
        "2022-01-01",
        "2022-02-01",
        "waterstanden.csv",
        "1 records run from 2021-07-13",
    ):
        assert part in text


def test_no_record_at_all_is_said() -> None:
    with pytest.raises(InputError, match="no record of it at all"):
        series_index([], JULY, "max", place="Nowhere")


def test_a_gap_is_refused_and_not_read_as_no_rain() -> None:
    with pytest.raises(InputError, match=r"no record for 1 of 4 instants.*2021-07-15") as told:
        series_index(days(20, 80, None, 5), JULY, "sum", step_hours=24)
    assert told.value.code == "reserve.gap"
    with pytest.raises(RangeError, match="step_hours"):
        series_index(days(20, 80), JULY, "sum")
    with pytest.raises(InputError, match="not a step of 24 hours"):
        off = [*days(20, 80, 60, 5), Record(datetime(2021, 7, 13, 6), F(1), True)]
        series_index(off, JULY, "max", step_hours=24)


def test_the_final_record_of_an_instant_counts_before_the_operational() -> None:
    both = [*days(20, 80, 60, 5, final=False), *days(20, 70, 60, 5)]
    found = series_index(both, JULY, "max")
    assert (found.value, found.final) == (70, True)
    assert series_index(list(reversed(both)), JULY, "max") == found


def test_one_operational_record_makes_the_index_operational() -> None:
    mixed = [*days(20, 80, 60), Record(datetime(2021, 7, 16), F(5), False)]
    assert series_index(mixed, JULY, "max").final is False


def test_two_final_values_of_one_instant_are_refused() -> None:
    with pytest.raises(InputError, match="two final values") as told:
        series_index([*days(20), *days(30)], JULY, "max")
    assert told.value.code == "reserve.twice"
    assert series_index([*days(20), *days(20)], JULY, "max").used == 1


def test_a_span_longer_than_the_window_and_a_window_turned_round() -> None:
    with pytest.raises(RangeError, match="longer than the window"):
        series_index(days(1, 2, 3, 4), JULY, "max", step_hours=24, span=5)
    with pytest.raises(RangeError, match="before it starts"):
        Window(JULY.end, JULY.start)


BOX = box_of(F(0), F(0), F(10), F(10))
WEEK = Window(datetime(2015, 10, 20), datetime(2015, 10, 27))


def path(*points: tuple[float, float, float], final: bool = True) -> list[Fix]:
    start = datetime(2015, 10, 23)
    return [
        Fix(start + timedelta(hours=6 * k), F(str(x)), F(str(y)), F(str(v)), final)
        for k, (x, y, v) in enumerate(points)
    ]


def test_a_storm_between_two_fixes_is_read_where_it_meets_the_edge() -> None:
    # In at a quarter of the way, out at three quarters: no fix lies inside.
    found = track_index(path((-5, 5, 900), (15, 5, 980)), BOX, WEEK, "min")
    assert found.value == 920
    assert track_index(path((-5, 5, 900), (15, 5, 980)), BOX, WEEK, "max").value == 960


def test_interpolation_is_exact() -> None:
    found = track_index(path((-1, 5, 900), (2, 5, 910)), BOX, WEEK, "min")
    assert found.value == F(2710, 3)


def test_a_storm_that_passes_by_has_no_index_and_is_no_error() -> None:
    assert track_index(path((-5, 11, 900), (15, 11, 980)), BOX, WEEK, "min").value is None


def test_edges_and_corners_are_taken_in() -> None:
    assert track_index(path((0, 5, 900)), BOX, WEEK, "min").value == 900
    assert track_index(path((-5, 5, 905), (5, -5, 915)), BOX, WEEK, "min").value == 910  # by the corner
    assert track_index(path((-5, 0, 900), (15, 0, 940)), BOX, WEEK, "min").value == 910  # along the edge


def test_a_polygon_with_a_notch_counts_only_what_is_inside() -> None:
    notch = tuple((F(x), F(y)) for x, y in ((0, 0), (10, 0), (10, 10), (5, 2), (0, 10)))
    assert contains(notch, (F(1), F(5)))
    assert not contains(notch, (F(5), F(5)))
    crossing = path((4, 9, 900), (6, 9, 990))  # wholly in the notch
    assert track_index(crossing, notch, WEEK, "min").value is None


def test_tracks_refuse_what_makes_no_sense() -> None:
    with pytest.raises(InputError, match="storm 'Odile' has no data"):
        track_index([], BOX, WEEK, "min", place="Odile")
    with pytest.raises(RangeError, match="max or min"):
        track_index(path((1, 1, 1)), BOX, WEEK, "sum")
    with pytest.raises(RangeError, match="three or more"):
        track_index(path((1, 1, 1)), BOX[:2], WEEK, "min")
    with pytest.raises(RangeError, match="no inside"):
        box_of(F(1), F(0), F(0), F(1))


def test_bounds_are_taken_as_published() -> None:
    table = StepTable(
        (Step(F(1, 4), ge=F(10), lt=F(20)), Step(F(1, 2), ge=F(20), le=F(30)), Step(F(1), gt=F(30)))
    )
    index = [9.999, 10.0, 19.999, 20.0, 30.0, 30.001]
    assert table.share(index).tolist() == [0.0, 0.25, 0.25, 0.5, 0.5, 1.0]
    assert [table.step_of(F(x)) for x in (9, 10, 20, 30, 31)] == [None, 0, 1, 1, 2]


@pytest.mark.parametrize(
    "steps",
    [
        (Step(F(1, 2), ge=F(10), le=F(20)), Step(F(1), ge=F(20))),
        (Step(F(1, 2), gt=F(10)), Step(F(1), gt=F(20))),
        (Step(F(1, 2), le=F(10)), Step(F(1), lt=F(5))),
        (Step(F(1, 2), ge=F(1), le=F(2)), Step(F(1), ge=F(0), le=F(3))),
    ],
)
def test_steps_that_hold_the_same_index_are_refused(steps: tuple[Step, ...]) -> None:
    with pytest.raises(RangeError, match="two steps at once"):
        StepTable(steps)


def test_steps_that_touch_without_sharing_their_bound_are_fine() -> None:
    StepTable((Step(F(1, 2), ge=F(10), lt=F(20)), Step(F(1), ge=F(20))))
    StepTable((Step(F(1, 2), gt=F(920), le=F(932)), Step(F(1), le=F(920))))
    StepTable((Step(F(1, 2), lt=F(5)), Step(F(1), gt=F(5))))


@pytest.mark.parametrize(
    "wrong",
    [
        {"pay": F(-1, 2), "gt": F(1)},
        {"pay": F(3, 2), "gt": F(1)},
        {"pay": F(1)},
        {"pay": F(1), "gt": F(1), "ge": F(2)},
        {"pay": F(1), "gt": F(2), "lt": F(1)},
        {"pay": F(1), "gt": F(1), "le": F(1)},
    ],
)
def test_steps_that_cannot_be_are_refused(wrong: dict[str, F]) -> None:
    with pytest.raises(RangeError):
        Step(**wrong)


def test_negative_payouts_are_refused_everywhere() -> None:
    with pytest.raises(RangeError) as told:
        check_payouts([1.0, -0.01])
    assert told.value.code == "reserve.negative-payout"
    with pytest.raises(MissingValueError):
        check_payouts([np.nan])
    with pytest.raises(RangeError) as told:
        Step(F(-1, 100), gt=F(1))
    assert told.value.code == "reserve.negative-payout"


def test_linear_payouts_rise_and_fall() -> None:
    assert LinearPayout(F(62), F(87)).share([61.0, 62.0, 74.5, 87.0, 99.0]).tolist() == [0, 0, 0.5, 1, 1]
    assert LinearPayout(F(940), F(900)).share([960.0, 930.0, 900.0, 880.0]).tolist() == [0, 0.25, 1, 1]
    with pytest.raises(RangeError, match="no width"):
        LinearPayout(F(5), F(5))


def test_boxes_add_up_to_the_limit_and_no_further() -> None:
    whole = joint_share([np.array([F(1, 3)], dtype=object), np.array([F(1, 3)], dtype=object)])
    assert whole[0] == F(2, 3)
    assert joint_share([[0.7], [0.7]]).tolist() == [1.0]


def test_an_index_that_is_missing_pays_nothing_by_mistake() -> None:
    with pytest.raises(MissingValueError):
        StepTable((Step(F(1), gt=F(1)),)).share([1.0, np.nan])


def test_a_layer_needs_an_order_and_a_share() -> None:
    with pytest.raises(RangeError):
        ceded_limit(F(10), F(10), F(1, 4))
    with pytest.raises(RangeError):
        ceded_limit(F(1), F(10), F(0))
