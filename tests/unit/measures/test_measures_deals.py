"""Deals, effects, trade-offs, budgets and draws on the two-member game worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from bothbanks.analysis.measures.blocks import BasinTable, GameTables, OwnOption
from bothbanks.analysis.measures.budgets import loss_by_class, split_budgets
from bothbanks.analysis.measures.deals import Deal, deal_terms, payment_by_year
from bothbanks.analysis.measures.effects import hurt_by_decision, measure_effects
from bothbanks.analysis.measures.equilibrium import PartitionGame
from bothbanks.analysis.measures.pareto import non_dominated, pareto_front
from bothbanks.analysis.measures.presentvalue import present_value
from bothbanks.analysis.measures.uncertainty import run_draws
from bothbanks.words.errors import InputError, MissingValueError, RangeError, ShapeError

DEAL = Deal("buffer", ("buffer",), ("up",), ("down",))


def game(cost: float = 30.0, saved: float = 50.0, levee: float = 1000.0) -> PartitionGame:
    """A buffer upstream (saves its host 10, the valley 50), the valley's levee (saves it 40, harms up 5)."""
    loss = np.array([[40.0, 100.0], [30.0, 100.0 - saved], [45.0, 60.0], [35.0, 60.0 - saved / 2]])
    basin = BasinTable("river", (0, 1), loss, loss / 10, np.stack([loss * 0.75, loss * 0.25], axis=2))
    own = OwnOption(
        "proof", np.array([2.0, 1e9]), np.full((2, 1), 0.9), np.ones((2, 1)), np.array([True, True])
    )
    return PartitionGame(
        GameTables(
            ("up", "down"), ("buffer", "levee"), (1, 2), np.array([[cost, 0], [0, levee]]), (basin,), (own,)
        )
    )


def test_terms_of_a_deal() -> None:
    t = deal_terms(game(), DEAL)
    # up alone: 40 x 0.9 + 2 = 38; with the buffer 30 x 0.9 + 2 + 30 = 59.
    assert t.host_cost["up"] == pytest.approx(21)
    assert t.least_accepted == pytest.approx(21)
    assert t.most_paid == pytest.approx(50)
    assert t.payment == pytest.approx(35.5)
    assert t.receives == pytest.approx({"up": 35.5, "down": -35.5})
    assert t.survives
    assert not deal_terms(game(saved=20), DEAL).survives


def test_a_beneficiary_may_drop_its_levee_once_the_deal_stands() -> None:
    g = game(levee=30.0)
    assert g.alone().profile == 2
    # alone: down 60 + 30; with the buffer the levee saves 50 - 35 = 15 only and is dropped: 50.
    assert deal_terms(g, DEAL).most_paid == pytest.approx(90 - 50)


def test_payments_by_year_are_worth_what_was_agreed() -> None:
    t = deal_terms(game(), DEAL)
    by_year = payment_by_year(t, 0.03, 20, 50)
    assert present_value(by_year["up"], 0.03) == pytest.approx(35.5)
    assert by_year["up"][20:].sum() == 0.0
    assert (by_year["up"] + by_year["down"] == 0).all()


def test_a_party_on_both_sides_counts_where_its_net_result_puts_it() -> None:
    both = Deal("both", ("buffer",), ("up", "down"), ("down",))
    t = deal_terms(game(), both)
    assert set(t.host_cost) == {"up"}
    assert set(t.gain) == {"down"}
    assert sum(t.receives.values()) == pytest.approx(0.0)


def test_deals_of_unknown_names_are_refused_with_every_problem() -> None:
    with pytest.raises(InputError) as caught:
        deal_terms(game(), Deal("x", ("weir",), ("nobody",), ()))
    for part in ("'weir'", "'nobody'", "at least one"):
        assert part in str(caught.value)


def test_effects_on_every_member_and_harm_across_the_border() -> None:
    g = game(levee=30.0)
    e = measure_effects(g)
    # Own proofing (0.9 of up's loss) replies everywhere.
    np.testing.assert_allclose(e.first_in, [[9, 50], [-4.5, 40]])
    np.testing.assert_allclose(e.added_to_alone, [[9, 25], [-4.5, 40]])
    assert g.together().profile == 1
    np.testing.assert_allclose(e.last_in, [[9, 50], [-4.5, 15]])
    np.testing.assert_allclose(hurt_by_decision(g), [[0, 0], [4.5, -40]])
    np.testing.assert_allclose(hurt_by_decision(g, (3,)), [[-9, -50]])


def test_non_dominated_sets() -> None:
    points = np.array([[1, 5], [2, 3], [2, 3], [3, 3], [4, 1], [5, 1.0]])
    assert non_dominated(points).tolist() == [True, True, True, False, True, False]
    with pytest.raises(MissingValueError):
        non_dominated(np.array([[np.nan, 1.0]]))


def test_front_over_money_people_and_the_worst_off() -> None:
    g = game(levee=30.0)
    front = pareto_front(g)
    # costs: nothing 138, buffer 109, levee 42.5 + 90 = 132.5, both 33.5 + 30 + 65 = 128.5
    assert front.profiles.tolist()[0] == 1
    np.testing.assert_allclose(front.money[0], 109)
    assert set(front.profiles.tolist()) == {1, 2, 3}
    # alone (levee) is the worst-off member's best: nobody is worse off than alone.
    assert front.worst_off.tolist()[front.profiles.tolist().index(2)] == pytest.approx(0.0)
    assert (front.gives_up >= -1e-12).all()
    with pytest.raises(RangeError, match="above 0"):
        pareto_front(g, np.array([1.0, 0.0]))


def test_budget_cash_is_apart_from_what_households_and_others_keep() -> None:
    g = game()
    payments = np.array([35.5, -35.5])
    up, down = split_budgets(g, payments, ("households", "public"), 0.0, 50, np.array([1.0, 0.5]))
    assert up.budget_cost == pytest.approx(30 - 35.5)
    assert up.households == pytest.approx(9 * 0.75)
    assert up.public_works == pytest.approx(9 * 0.25)
    assert up.payable is True
    assert down.budget_cost == pytest.approx(35.5)
    assert down.households == pytest.approx(37.5)
    assert down.cash_per_year == pytest.approx(0.71)
    assert down.payable is False
    # cash and benefits together are the member's whole result after payments
    for b, gain, paid in zip((up, down), g.alone().cost - g.together().cost, payments, strict=True):
        assert b.households + b.firms + b.public_works - b.budget_cost == pytest.approx(gain + paid)
    assert split_budgets(g, payments, ("households", "public"), 0.0, 50)[0].payable is None
    np.testing.assert_allclose(loss_by_class(g, g.alone()).sum(axis=1), g.alone().loss)


def test_budgets_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError, match="3 payments"):
        split_budgets(game(), np.zeros(3), ("households", "public"), 0.0, 50)
    with pytest.raises(InputError, match="martians"):
        split_budgets(game(), np.zeros(2), ("households", "martians"), 0.0, 50)


def test_draws_give_both_conventions_choices_and_whatever_else_was_asked() -> None:
    draws = [{"cost": 30.0}, {"cost": 45.0}, {"cost": 90.0}]
    seen: list[tuple[int, int]] = []
    out = run_draws(
        lambda d: game(d["cost"]),
        draws,
        countries=("BE", "NL"),
        also=lambda g, d: deal_terms(g, DEAL).survives,
        progress=lambda k, n: seen.append((k, n)),
    )
    np.testing.assert_allclose(out.worths_gamma[:, 3], [29, 14, 0])
    np.testing.assert_allclose(out.worths_gamma[:, :3], 0)
    np.testing.assert_allclose(out.worths_delta, out.worths_gamma)
    np.testing.assert_allclose(out.no_transfer_gain, [[-21, 50], [-36, 50], [0, 0]])
    np.testing.assert_allclose(out.blocs, out.alone)
    assert out.choices.tolist() == [1, 1, 0]
    assert out.choices_alone.tolist() == [0, 0, 0]
    assert out.also == (True, True, False)
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert out.statuses[0]["unique"] == 2
    with pytest.raises(InputError, match="no draw"):
        run_draws(lambda d: game(), [])
