from __future__ import annotations

import numpy as np
import pytest
from hazard_cases import two_bank_model
from scipy.stats import kendalltau

from bothbanks.analysis.risk.hazards import BasinVariants, FloodEvents
from bothbanks.analysis.risk.hazards.copula import correlation, even_draws, t_copula_ranks
from bothbanks.analysis.risk.losses import event_losses
from bothbanks.words.errors import RangeError

YEARS = 10_000


@pytest.fixture(scope="module")
def catalogue() -> FloodEvents:
    model, draw = two_bank_model()
    return model.event_set(draw, YEARS, np.random.default_rng(11))


def test_the_catalogue_gives_the_annual_damage_of_the_integral(catalogue: FloodEvents) -> None:
    model, draw = two_bank_model()
    losses = event_losses(catalogue.events, catalogue.exposure, catalogue.curves, by=["member", "basin"])
    money = np.array([model.annual_damage(draw, b).money[0] for b in model.basins])
    by_member = losses.expected_annual("member")
    assert [by_member[m] for m in model.inputs.members] == pytest.approx(money.sum(axis=(0, 2)), rel=0.01)
    by_class = losses.expected_annual("class")
    names = [c.id for c in model.inputs.classes]
    assert [by_class[c] for c in names] == pytest.approx(money.sum(axis=(0, 1)), rel=0.01)
    by_basin = losses.expected_annual("basin")
    # behind protection of 100 years only some hundred of the 10,000 years count, so the draw is coarser there
    assert by_basin["beck"] == pytest.approx(money[0].sum(), rel=0.01)
    assert by_basin["stroom"] == pytest.approx(money[1].sum(), rel=0.05)


def test_people_in_the_water_too(catalogue: FloodEvents) -> None:
    model, draw = two_bank_model()
    losses = event_losses(catalogue.events, catalogue.people, catalogue.curves, by=["member"])
    want = sum(model.annual_damage(draw, b).people[0] for b in model.basins)
    got = losses.expected_annual("member")
    assert [got[m] for m in model.inputs.members] == pytest.approx(want, rel=0.03)


def test_measures_change_the_catalogue_as_they_change_the_integral() -> None:
    model, draw = two_bank_model()
    beck = BasinVariants(
        np.array([[0.9, 0.85]]), np.array([[0.0, 0.05]]), np.array([[np.nan, 60.0]]), np.array([[0.8, 1.0]])
    )
    events = model.event_set(draw, YEARS, np.random.default_rng(11), {"beck": beck})
    losses = event_losses(events.events, events.exposure, events.curves, by=["member"]).expected_annual(
        "member"
    )
    want = (
        model.annual_damage(draw, "beck", beck).by_member[0]
        + model.annual_damage(draw, "stroom").by_member[0]
    )
    assert [losses[m] for m in model.inputs.members] == pytest.approx(want, rel=0.02)


def test_years_are_equally_likely_maxima_and_start_where_the_flood_is_rarest(catalogue: FloodEvents) -> None:
    table = catalogue.events.events
    assert table.reading == "annual-maxima"
    assert table.rate.sum() == pytest.approx(1.0)
    worst = catalogue.return_period.argmax(axis=1)
    assert [table.origin[i] for i in (0, 77, 4321)] == [catalogue.basins[worst[i]] for i in (0, 77, 4321)]
    expected = YEARS / (np.arange(YEARS) + 0.5)
    for b in range(2):
        assert np.sort(catalogue.return_period[:, b])[::-1] == pytest.approx(expected)


def test_the_seed_decides_and_nothing_else() -> None:
    model, draw = two_bank_model()
    one, two, other = (model.event_set(draw, 500, np.random.default_rng(s)) for s in (1, 1, 2))
    assert one.events.intensity.tobytes() == two.events.intensity.tobytes()
    assert one.events.place.tobytes() == two.events.place.tobytes()
    assert one.events.intensity.tobytes() != other.events.intensity.tobytes()


def test_no_flood_at_all_is_an_empty_catalogue() -> None:
    model, draw = two_bank_model()
    draw |= {"flood.basin.beck.protection_years": 1e9, "flood.basin.stroom.protection_years": 1e9}
    got = model.event_set(draw, 50, np.random.default_rng(1))
    assert got.events.hit_count == 0
    assert event_losses(got.events, got.exposure, got.curves).total().sum() == 0.0


def test_the_copula_has_the_dependence_asked_for() -> None:
    rho = correlation(["tributary", "main", "tributary"], 0.75, 0.45)
    assert rho.tolist() == [[1, 0.45, 0.75], [0.45, 1, 0.45], [0.75, 0.45, 1]]
    u = t_copula_ranks(rho, 4.0, 6000, np.random.default_rng(2))
    for a, b, r in ((0, 1, 0.45), (0, 2, 0.75)):
        # Kendall's tau of every elliptical copula (Demarta and McNeil 2005): 2 / pi arcsin(rho)
        assert kendalltau(u[:, a], u[:, b]).statistic == pytest.approx(2 / np.pi * np.arcsin(r), abs=0.02)
    thin = t_copula_ranks(rho, 1e6, 6000, np.random.default_rng(2))
    both = [((v[:, 0] > 0.99) & (v[:, 1] > 0.99)).mean() for v in (u, thin)]
    assert both[0] > 1.3 * both[1]  # few degrees of freedom: extremes meet
    with pytest.raises(RangeError, match="can't hold"):
        correlation(["main", *["tributary"] * 9], 0.1, 0.9)
    with pytest.raises(RangeError, match="nu"):
        t_copula_ranks(rho, 0.0, 10, np.random.default_rng(2))


def test_even_draws_fill_every_stretch_of_severity() -> None:
    u = t_copula_ranks(np.eye(2), 4.0, 1000, np.random.default_rng(2))
    luck = even_draws(u, np.random.default_rng(3))
    rare = np.argsort(-u[:, 0])[:100]
    assert (luck[rare, 0] < 0.3).mean() == pytest.approx(0.3, abs=0.03)
    assert ((luck >= 0) & (luck < 1)).all()
