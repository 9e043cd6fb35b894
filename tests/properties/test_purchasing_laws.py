"""Laws of buying together that hold for all numbers."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bothbanks.analysis.cooperation.core import convexity, in_core
from bothbanks.analysis.cooperation.game import CoalitionGame
from bothbanks.analysis.cooperation.shapley_value import shapley
from bothbanks.analysis.services import (
    Effort,
    Good,
    Ladders,
    PowerPrice,
    cheapest_groups,
    groups_in,
    groups_of,
    member_costs,
    savings,
)

amounts = st.floats(0.0, 1e4)
quantities = st.lists(st.one_of(st.just(0.0), st.floats(0.1, 1e3)), min_size=1, max_size=5)


@st.composite
def purchases(draw: st.DrawFn, plain: bool = False) -> tuple[Good, Effort]:
    """A good and what buying it takes; ``plain``: one procedure, joining costs nothing."""
    quantity = np.array([draw(quantities)])
    n = quantity.shape[1]
    price = PowerPrice(
        draw(st.floats(0.0, 1e3)),
        draw(st.floats(0.1, 1e3)),
        draw(st.floats(0.0, 1.0)),
        draw(st.floats(0.0, 0.9)),
    )
    steps = [0.0] if plain else sorted({0.0, draw(st.floats(1.0, 1e6)), draw(st.floats(1.0, 1e6))})
    names = tuple(f"r{k}" for k in range(len(steps)))
    ladders = Ladders(names, {"AA": list(zip(steps, names, strict=True))})
    one = [np.array([0.0 if plain else draw(amounts)]) for _ in range(3)]
    procedure = np.array([sorted(draw(st.lists(amounts, min_size=len(steps), max_size=len(steps))))])
    effort = Effort(procedure, *one, np.array([draw(st.floats(0.0, 0.1))]))
    good = Good(
        quantity,
        price,
        np.array([0.0 if plain else draw(st.floats(0.0, 10.0))]),
        draw(st.integers(1, 6)),
        ladders,
        np.zeros(n, dtype=np.int64),
        np.eye(n, dtype=bool),
    )
    return good, effort


@given(purchases())
@settings(deadline=None)
def test_nobody_saves_alone_and_no_coalition_pays_more_than_its_parts(case: tuple[Good, Effort]) -> None:
    saved = savings(*case)[0]
    n = case[0].n
    slack = 1e-9 * (1.0 + groups_of(*case).cost.max())
    assert np.abs(saved[[1 << i for i in range(n)]]).max() <= slack
    for s in range(1 << n):
        for t in range(1 << n):
            if not s & t:
                assert saved[s | t] >= saved[s] + saved[t] - slack


@given(purchases())
@settings(deadline=None)
def test_members_pay_what_their_groups_cost(case: tuple[Good, Effort]) -> None:
    good, effort = case
    groups = groups_of(good, effort)
    best = cheapest_groups(groups.cost)
    full = (1 << good.n) - 1
    parts = groups_in(best, 0, full)
    paid = member_costs(groups, good.quantity, 0, parts)
    assert sum(parts) == full
    np.testing.assert_allclose(paid.sum(), best.cost[0, full], rtol=1e-9, atol=1e-6)
    assert (paid[good.quantity[0] == 0.0] == 0.0).all()


@given(purchases())
@settings(deadline=None)
def test_the_cheapest_groups_are_those_of_exhaustive_search(case: tuple[Good, Effort]) -> None:
    cost = groups_of(*case).cost[0]
    n = case[0].n

    def ways(members: tuple[int, ...]) -> float:
        if not members:
            return 0.0
        first, rest = members[0], members[1:]
        return min(
            cost[sum(1 << i for i in (first, *more))] + ways(tuple(i for i in rest if i not in more))
            for k in range(len(rest) + 1)
            for more in combinations(rest, k)
        )

    best = cheapest_groups(cost[None]).cost[0, (1 << n) - 1]
    np.testing.assert_allclose(best, ways(tuple(range(n))), rtol=1e-12, atol=1e-9)


@given(purchases(plain=True))
@settings(deadline=None)
def test_a_curve_and_one_procedure_make_a_convex_game_with_the_shapley_value_in_the_core(
    case: tuple[Good, Effort],
) -> None:
    saved = savings(*case)[0]
    scale = groups_of(*case).cost.max()
    game = CoalitionGame.from_worths(tuple(f"m{i}" for i in range(case[0].n)), np.round(saved, 9))
    if saved[-1] > 1e-6 * scale:  # below, rounding of the prices decides
        assert convexity(game, tolerance=1e-6) == 0.0
        assert in_core(game, shapley(game), tolerance=1e-6)


@given(
    st.floats(0.0, 1e3), st.floats(0.1, 1e3), st.floats(0.0, 1.0), st.floats(0.0, 0.99), st.floats(0.1, 1e4)
)
def test_the_price_never_rises_and_the_bill_never_falls(
    price: float, reference: float, movable: float, elasticity: float, quantity: float
) -> None:
    curve = PowerPrice(price, reference, movable, elasticity)
    few, many = curve(np.array([[quantity, quantity * 1.5]]))[0]
    assert many <= few * (1 + 1e-12)
    assert many * 1.5 >= few * (1 - 1e-12)
