"""Adaptation pathways: tipping points by hand, what comes next, ranges, refusals, and laws."""

from __future__ import annotations

from itertools import pairwise
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothbanks.analysis.measures.pathways import (
    IndicatorTable,
    Trajectory,
    pathway,
    pathway_tree,
    tipping_values,
    tipping_years,
)
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError

GRID = np.array([1.0, 1.1, 1.2])
WET = Trajectory("wet", 2025, 2075, 1.2)  # 0.1 in 25 years
MILD = Trajectory("mild", 2025, 2075, 1.05)


def table(threshold: float = 12.0, **change: object) -> IndicatorTable:
    """Measures a (5), b (8) and c (20): loss a year by set, at three factors on rain."""
    loss = {0b000: (10, 20, 30), 0b001: (8, 14, 22), 0b010: (6, 11, 17), 0b011: (5, 9, 13),
            0b100: (4, 7, 11), 0b101: (4, 6, 10), 0b110: (3, 5, 8), 0b111: (2, 4, 6)}  # fmt: skip
    price = np.array([5.0, 8.0, 20.0])
    masks = np.array(list(loss))
    cost = np.array([sum(price[j] for j in range(3) if m >> j & 1) for m in loss])
    fields = {
        "programmes": masks,
        "cost": cost,
        "grid": GRID,
        "indicator": np.array(list(loss.values()), dtype=float),
        "threshold": threshold,
    }
    return IndicatorTable(**{**fields, **change})  # type: ignore[arg-type]


def test_tipping_values_by_hand() -> None:
    # 10 -> 20 crosses 12 a fifth of the way, 8 -> 14 two thirds, 11 -> 17 a sixth, 9 -> 13 three quarters
    found = tipping_values(table())
    np.testing.assert_allclose(found, [1.02, 1 + 0.1 * 2 / 3, 1.1 + 0.1 / 6, 1.175, inf, inf, inf, inf])
    years = tipping_years(table(), (WET, MILD))
    np.testing.assert_allclose(years.years[0, :4], [2030, 2025 + 50 / 3, 2050 + 25 / 6, 2068.75])
    np.testing.assert_allclose(years.earliest[:2], [2030, 2025 + 50 / 3])
    assert years.latest.tolist() == [2045.0, *[inf] * 7]  # mild: 1.02 of 1.05 after 20 of 50 years
    assert years.lasting.tolist() == [0, 1, 1, 1, 2, 2, 2, 2]


def test_the_path_of_cheapest_additions() -> None:
    steps = pathway(table(), WET, 0, lead_years={0: 2.0, 1: 5.0, 2: 9.0})
    assert [s.programme for s in steps] == [0b000, 0b001, 0b011, 0b111]
    assert [s.status for s in steps] == ["adds", "adds", "adds", "lasts"]
    assert [s.next.added if s.next else None for s in steps] == [0b001, 0b010, 0b100, None]
    assert [s.next.cost if s.next else None for s in steps] == [5.0, 8.0, 20.0, None]
    np.testing.assert_allclose([s.from_year for s in steps], [2025, 2030, 2025 + 50 / 3, 2068.75])
    assert steps[0].decide_by == pytest.approx(2028)
    assert steps[2].decide_by == pytest.approx(2068.75 - 9)
    assert steps[-1].decide_by == inf
    for a, b in pairwise(steps):
        assert a.tipping_year == b.from_year


def test_an_addition_that_must_last_is_a_larger_one() -> None:
    steps = pathway(table(), WET, 0, lasts_years=20)
    assert [s.programme for s in steps] == [0b000, 0b010, 0b110]
    # 2030 + 20: a alone lasts until 2041.7; b until 2054.2. Then c must last to the end, with b.
    assert steps[1].from_year == pytest.approx(2030)


def test_alternatives_are_cheapest_first_and_none_contains_another() -> None:
    first = pathway(table(), WET, 0)[0]
    assert [a.added for a in first.alternatives] == [0b001, 0b010, 0b100]
    assert first.next == first.alternatives[0]
    assert len(pathway(table(), WET, 0, alternatives=1)[0].alternatives) == 1


def test_nothing_tips_in_a_scenario_that_stays_mild() -> None:
    (only,) = pathway(table(threshold=16.0), MILD, 0)
    assert (only.status, only.tipping_year, only.next) == ("lasts", inf, None)


def test_a_threshold_already_crossed_tips_in_the_first_year() -> None:
    steps = pathway(table(threshold=9.0), WET, 0)
    assert (steps[0].tipping_year, steps[0].status) == (2025.0, "adds")
    assert steps[1].from_year == 2025.0
    assert steps[1].programme == 0b001


def test_the_path_ends_where_nothing_brings_the_indicator_back() -> None:
    steps = pathway(table(threshold=5.0), WET, 0)
    assert steps[-1].status == "ends"
    assert steps[-1].programme == 0b111
    assert steps[-1].tipping_year < inf
    assert steps[-1].next is None


def test_a_protected_return_period_is_bad_when_it_falls() -> None:
    years = IndicatorTable(
        np.array([0, 1]), np.array([0.0, 3.0]), np.array([1.0, 1.2]), np.array([[100.0, 50.0], [200, 100]]),
        threshold=75.0, bad="below", name="protected return period", unit="year",
    )  # fmt: skip
    assert tipping_values(years).tolist() == [pytest.approx(1.1), inf]


def test_a_measure_that_harms_is_not_what_comes_next() -> None:
    # b alone makes it worse; only a helps, though it costs more.
    harm = IndicatorTable(
        np.arange(4), np.array([0.0, 9.0, 1.0, 10.0]), np.array([1.0, 1.2]),
        np.array([[5.0, 15.0], [3.0, 8.0], [6.0, 18.0], [4.0, 9.5]]), threshold=10.0,
    )  # fmt: skip
    assert [s.programme for s in pathway(harm, WET, 0)] == [0, 1]


def test_the_tree_holds_the_cheapest_path_and_says_what_follows_what() -> None:
    rows = pathway_tree(table(), WET, 0, branches=2)
    assert rows[0].follows == -1
    for k, row in enumerate(rows[1:], start=1):
        before = rows[row.follows].step
        assert row.follows < k
        assert row.step.programme & before.programme == before.programme
        assert row.step.from_year == pytest.approx(before.tipping_year)
    line, at = [], 0
    while at is not None:
        line.append(rows[at].step.programme)
        at = next((k for k, r in enumerate(rows) if r.follows == at), None)  # type: ignore[assignment]
    assert line == [s.programme for s in pathway(table(), WET, 0)]
    with pytest.raises(RangeError, match="fewer branches"):
        pathway_tree(table(), WET, 0, branches=2, most_steps=3)


def test_a_tie_goes_to_what_lasts_longer() -> None:
    even = table(cost=np.array([0.0, 5, 5, 10, 5, 10, 10, 15]))
    assert pathway(even, WET, 0)[1].programme == 0b100


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"cost": np.zeros(3)}, ShapeError, "needed are"),
        ({"indicator": np.full((8, 3), np.nan)}, MissingValueError, "finite"),
        ({"grid": GRID[::-1]}, RangeError, "rising"),
        ({"bad": "wrong"}, RangeError, "'above' or 'below'"),
        ({"threshold": float("nan")}, RangeError, "give a number"),
        ({"programmes": np.zeros(8, dtype=int)}, RangeError, "twice"),
    ],
)
def test_tables_that_cannot_be_used_are_refused(
    change: dict[str, object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        table(**change)


def test_scenarios_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(RangeError, match=r"computed from 1 to 1\.2; compute it for the whole way"):
        pathway(table(), Trajectory("wetter", 2025, 2075, 1.3), 0)
    with pytest.raises(RangeError, match="must end later"):
        Trajectory("back", 2025, 2025, 1.2)
    with pytest.raises(RangeError, match="doesn't fall"):
        Trajectory("dry", 2025, 2075, 0.9)
    with pytest.raises(RangeError, match="not among those computed"):
        pathway(table(), WET, 0b1000)
    with pytest.raises(RangeError, match="one that has a year"):
        tipping_years(table(), ())


@st.composite
def random_tables(draw: st.DrawFn) -> IndicatorTable:
    """Four measures that each leave a share of a growing loss; some do harm."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    m, grid = 4, np.linspace(1.0, 1.4, 5)
    left, price = rng.uniform(0.4, 1.1, m), rng.uniform(1, 9, m)
    masks = np.arange(1 << m)
    has = (masks[:, None] >> np.arange(m) & 1).astype(bool)
    factor = np.where(has, left, 1.0).prod(axis=1)
    growth = 1.0 + np.cumsum(rng.uniform(0, 1, 5))
    return IndicatorTable(masks, has @ price, grid, factor[:, None] * growth, rng.uniform(0.3, 3.0))


@given(random_tables())
def test_between_two_tipping_points_the_indicator_is_good_enough(t: IndicatorTable) -> None:
    long = Trajectory("long", 2000, 2100, 1.4)
    steps = pathway(t, long, 0)
    for step in steps:
        row = t.indicator[t.row(step.programme)]
        end = min(step.tipping_value, long.end_value)
        for v in np.linspace(long.value_at(step.from_year), end, 9)[:-1]:
            if step.from_year < step.tipping_year:
                assert np.interp(v, t.grid, row) <= t.threshold * (1 + 1e-6)
        if step.next is not None:
            cheaper = [
                k for k, mask in enumerate(t.programmes)
                if mask & step.programme == step.programme and mask != step.programme
                and t.cost[k] < t.cost[t.row(step.next.programme)] - 1e-6
            ]  # fmt: skip
            after = min(step.tipping_value + 1e-4, 1.4)
            assert all(np.interp(after, t.grid, t.indicator[k]) > t.threshold - 1e-3 for k in cheaper)
    programmes = [s.programme for s in steps]
    assert all(b & a == a and a != b for a, b in pairwise(programmes))


@given(random_tables(), st.floats(0.1, 1.0))
def test_a_stricter_threshold_never_tips_later(t: IndicatorTable, share: float) -> None:
    stricter = IndicatorTable(t.programmes, t.cost, t.grid, t.indicator, t.threshold * share)
    assert (tipping_values(stricter) <= tipping_values(t) + 1e-9).all()
