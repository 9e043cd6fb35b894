"""The loss engine on cases small enough to check by hand, and against a plain triple loop."""

from __future__ import annotations

import numpy as np
import pytest

from bothbanks.analysis.risk import (
    Curve,
    EventSet,
    EventTable,
    Exposure,
    Terms,
    event_losses,
    event_losses_exact,
    jrc_flood_curves,
)
from bothbanks.analysis.risk.exposure import collapse
from bothbanks.words.errors import MissingValueError, RangeError, ShapeError, UnitError

CURVES = [
    Curve("house", [0.0, 2.0], [0.0, 1.0], "m", "assumed"),
    Curve("shed", [0.0, 0.3, 1.0, 1.7], [0.1, 0.2, 0.2, 0.9], "m", "assumed", "linear"),
    Curve("roof", [20.0, 30.0, 60.0], [0.0, 0.1, 1.0], "m/s", "assumed"),
]


def table(count: int, hazards: list[str] | None = None, scenarios: list[str] | None = None) -> EventTable:
    return EventTable(
        [f"e{i}" for i in range(count)],
        0.5 ** np.arange(1, count + 1),
        hazards or ["flood"] * count,
        [f"o{i % 2}" for i in range(count)],
        scenarios or ["today"] * count,
        {"flood": "m", "storm": "m/s"},
    )


def two_hazards(seed: int = 1, places: int = 50, assets: int = 300) -> tuple[EventSet, Exposure]:
    """Flood and storm events in two scenarios; some assets untouched by one hazard."""
    rng = np.random.default_rng(seed)
    hazards = ["flood", "storm", "flood", "storm", "flood", "flood"]
    events = table(6, hazards, ["today", "today", "2050", "2050", "today", "2050"])
    top = np.where(np.array(hazards) == "storm", 70.0, 3.0)
    dense = rng.random((6, places)) * top[:, None] * (rng.random((6, places)) < 0.5)
    dense[4] = 0.0
    exposure = Exposure.from_labels(
        rng.random(assets) * 1e5,
        rng.integers(0, places, assets),
        {"flood": rng.integers(-1, 2, assets), "storm": np.where(rng.random(assets) < 0.3, -1, 2)},
        member=rng.choice(["a", "b", "c"], assets),
        group=rng.choice(["young", "old"], assets),
    )
    return EventSet.from_dense(events, dense), exposure


def by_hand(source: EventSet, exposure: Exposure) -> np.ndarray:
    """(event, asset) losses, one at a time."""
    out = np.zeros((len(source.events), len(exposure)))
    for e, hazard in enumerate(source.events.hazard):
        hits = slice(source.start[e], source.start[e + 1])
        at = dict(zip(source.place[hits].tolist(), source.intensity[hits].tolist(), strict=True))
        for a in range(len(exposure)):
            number = int(np.asarray(exposure.curve[hazard])[a])
            place = int(exposure.places[a])
            if number >= 0 and place in at:
                out[e, a] = exposure.values[a] * CURVES[number](np.array([at[place]]))[0]
    return out


@pytest.mark.parametrize("method", ["numpy", "numba"])
@pytest.mark.parametrize("assets", [12, 300, 4000])
@pytest.mark.parametrize("by", [(), ("member",), ("member", "group"), ("place", "member")])
def test_event_losses_equals_a_plain_loop(method: str, assets: int, by: tuple[str, ...]) -> None:
    if method == "numba":
        pytest.importorskip("numba")
    source, exposure = two_hazards(assets=assets)
    hand = by_hand(source, exposure)
    result = event_losses(source, exposure, CURVES, by, method=method)  # type: ignore[arg-type]
    for name in by or ("total",):
        column = exposure.column(name, source.place_count)
        for key, label in enumerate(column.labels):
            expected = hand[:, column.codes == key].sum(axis=1)
            np.testing.assert_allclose(result.table(name).of(label), expected, rtol=1e-12, atol=1e-9)
    for scenario in ("today", "2050"):
        rate = np.where(source.events.select(scenario), source.events.rate, 0.0)
        annual = result.expected_annual("member", scenario)
        column = exposure.column("member")
        for key, label in enumerate(column.labels):
            expected = (rate @ hand)[column.codes == key].sum()
            assert annual[label] == pytest.approx(expected, rel=1e-12)
    with pytest.raises(RangeError, match="name one of 2050, today"):
        result.expected_annual("member")


def test_the_dense_and_the_sparse_layout_are_both_met() -> None:
    source, few = two_hazards(assets=12)
    _, many = two_hazards(assets=4000)
    hazards = source.events.hazards
    assert not collapse(few, hazards, 50, 3, ("member",)).is_dense
    assert not collapse(many, hazards, 50, 3, ("member",)).is_dense  # members share places
    assert collapse(many, hazards, 50, 3, ("place",)).is_dense
    assert collapse(many, hazards, 50, 3, ()).is_dense


def test_collapse_keeps_the_value_of_each_group() -> None:
    _, exposure = two_hazards(assets=500)
    cells = collapse(exposure, ("flood",), 50, 3, ("member", "group"))
    touched = np.asarray(exposure.curve["flood"]) >= 0
    assert cells.cell_value.sum() == pytest.approx(exposure.values[touched].sum())
    members = cells.group_codes[0][cells.cell_group]
    for code in range(3):
        own = touched & (exposure.columns["member"].codes == code)
        assert cells.cell_value[members == code].sum() == pytest.approx(exposure.values[own].sum())


@pytest.mark.parametrize("max_hits", [1, 2, 3, 7, 1000])
def test_chunks_cover_each_hit_once_and_split_only_large_events(max_hits: int) -> None:
    source, _ = two_hazards()
    chunks = list(source.chunks(max_hits))
    assert all(len(c) <= max_hits for c in chunks)
    events = np.concatenate(
        [c.first_event + np.repeat(np.arange(c.event_count), np.diff(c.start)) for c in chunks]
    )
    np.testing.assert_array_equal(events, np.repeat(np.arange(6), np.diff(source.start)))
    np.testing.assert_array_equal(np.concatenate([c.place for c in chunks]), source.place)
    if max_hits == 1000:
        assert len(chunks) == 1


class _Small:
    """The same event set, given in chunks of at most ``most`` hits."""

    def __init__(self, source: EventSet, most: int) -> None:
        self.events, self.place_count = source.events, source.place_count
        self._source, self._most = source, most

    def chunks(self, max_hits: int):  # type: ignore[no-untyped-def]
        return self._source.chunks(min(max_hits, self._most))


@pytest.mark.parametrize("method", ["numpy", "numba"])
@pytest.mark.parametrize("most", [1, 5, 40])
def test_chunk_size_does_not_change_the_answer(method: str, most: int) -> None:
    if method == "numba":
        pytest.importorskip("numba")
    source, exposure = two_hazards(assets=400)
    whole = event_losses(source, exposure, CURVES, method=method)  # type: ignore[arg-type]
    parts = event_losses(_Small(source, most), exposure, CURVES, method=method)  # type: ignore[arg-type]
    np.testing.assert_allclose(parts.table("member").loss, whole.table("member").loss, rtol=1e-12)
    np.testing.assert_allclose(parts.asset_annual, whole.asset_annual, rtol=1e-12)


def test_numba_and_numpy_agree_on_many_curves() -> None:
    pytest.importorskip("numba")
    rng = np.random.default_rng(3)
    curves = list(jrc_flood_curves().values())
    dense = rng.gamma(1.5, 0.8, (40, 3000)) * (rng.random((40, 3000)) < 0.3)
    source = EventSet.from_dense(table(40), dense)
    exposure = Exposure.from_labels(
        rng.random(9000), rng.integers(0, 3000, 9000), {"flood": rng.integers(0, 6, 9000)},
        member=rng.integers(0, 8, 9000).astype(str),
    )  # fmt: skip
    a, b = (event_losses(source, exposure, curves, ("member",), method=m) for m in ("numpy", "numba"))
    np.testing.assert_allclose(a.table("member").loss, b.table("member").loss, rtol=1e-12)
    np.testing.assert_allclose(a.asset_annual, b.asset_annual, rtol=1e-12, atol=1e-18)


def test_exact_path_without_terms_equals_the_collapsed_one() -> None:
    source, exposure = two_hazards()
    plain = event_losses(source, exposure, CURVES, ("member", "group"))
    exact = event_losses_exact(source, exposure, CURVES, Terms.none(len(exposure)), ("member", "group"))
    np.testing.assert_allclose(exact.table("group").loss, plain.table("group").loss, rtol=1e-12)
    np.testing.assert_allclose(exact.asset_annual, plain.asset_annual, rtol=1e-12)


def test_deductible_and_cover_bend_each_assets_own_loss() -> None:
    source = EventSet.from_dense(table(2), [[0.5, 1.0], [2.0, 2.0]])
    exposure = Exposure.from_labels(
        [100.0, 100.0, 100.0], [0, 0, 1], {"flood": [0, 0, 0]}, member=["a", "a", "b"]
    )
    terms = Terms([10.0, 30.0, 0.0], [50.0, np.inf, 80.0], [1.0, 1.0, 0.5])
    result = event_losses_exact(source, exposure, CURVES, terms)
    # event 0: losses 25, 25, 50 -> 15 + 0 and 0.5 * 50; event 1: 100 each -> 50 + 70 and 0.5 * 80
    np.testing.assert_allclose(result.table("member").loss, [[15.0, 25.0], [120.0, 40.0]])
    assert result.expected_annual("member") == pytest.approx(
        {"a": 0.5 * 15 + 0.25 * 120, "b": 0.5 * 25 + 0.25 * 40}
    )


@pytest.mark.parametrize(
    ("terms", "error"),
    [
        (([np.nan], [1.0], [1.0]), MissingValueError),
        (([-1.0], [1.0], [1.0]), RangeError),
        (([0.0], [1.0], [1.5]), RangeError),
    ],
)
def test_terms_that_cannot_be_are_refused(terms: tuple[list[float], ...], error: type[Exception]) -> None:
    with pytest.raises(error, match="asset 0"):
        Terms(*terms)


def test_terms_need_a_row_for_each_asset() -> None:
    source, exposure = two_hazards(assets=3)
    with pytest.raises(ShapeError, match="deductible, cover, share must have 3 rows"):
        event_losses_exact(source, exposure, CURVES, Terms.none(2))


def test_a_curve_of_another_unit_is_refused() -> None:
    source, _ = two_hazards()
    exposure = Exposure.from_labels([1.0], [0], {"flood": [2], "storm": [2]}, member=["a"])
    with pytest.raises(UnitError, match="'flood' is in m, but curve 'roof' is for m/s"):
        event_losses(source, exposure, CURVES)


@pytest.mark.parametrize(
    ("place", "curve", "match"),
    [
        (50, {"flood": [0], "storm": [2]}, "asset 0 lies at place 50, but the event set has 50"),
        (0, {"flood": [3], "storm": [2]}, "names curve 3"),
        (0, {"flood": [0]}, "has hazard 'storm', but the exposure names curves for flood"),
    ],
)
def test_exposure_that_does_not_fit_is_refused(place: int, curve: dict[str, list[int]], match: str) -> None:
    source, _ = two_hazards()
    exposure = Exposure.from_labels([1.0], [place], curve, member=["a"])
    with pytest.raises(RangeError, match=match):
        event_losses(source, exposure, CURVES)


def test_an_unknown_column_or_method_is_refused() -> None:
    source, exposure = two_hazards()
    with pytest.raises(RangeError, match="no column 'kind'; there are group, member, place, total"):
        event_losses(source, exposure, CURVES, ("kind",))
    with pytest.raises(RangeError, match="expected auto, numpy or numba"):
        event_losses(source, exposure, CURVES, method="fast")  # type: ignore[arg-type]
    with pytest.raises(RangeError, match="no table by 'group'"):
        event_losses(source, exposure, CURVES).table("group")
    with pytest.raises(RangeError, match="no member 'z'"):
        event_losses(source, exposure, CURVES).table("member").of("z")


def test_a_memory_limit_too_small_for_the_tables_is_refused_with_figures() -> None:
    source, exposure = two_hazards()
    with pytest.raises(RangeError, match=r"6 events x 3 groups .* the limit is 1\.0 MiB"):
        event_losses(source, exposure, CURVES, memory_limit_bytes=1 << 20)
    with pytest.raises(RangeError, match="Raise the limit"):
        event_losses_exact(source, exposure, CURVES, Terms.none(len(exposure)), memory_limit_bytes=100)


def test_no_assets_and_no_hits_give_zero_losses() -> None:
    empty = EventSet.from_dense(table(2), np.zeros((2, 3)))
    none = Exposure.from_labels([], [], {"flood": np.zeros(0, int)}, member=np.zeros(0, str))
    one = Exposure.from_labels([5.0], [1], {"flood": [0]}, member=["a"])
    for method in ("numpy", "auto"):
        assert event_losses(empty, one, CURVES, method=method).table("member").loss.tolist() == [[0.0], [0.0]]
        assert event_losses(empty, none, CURVES, (), method=method).total().tolist() == [0.0, 0.0]
        hits = EventSet.from_dense(table(2), np.ones((2, 3)))
        assert event_losses(hits, none, CURVES, (), method=method).total().tolist() == [0.0, 0.0]
