"""Laws that every game must obey."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from bothbanks.analysis.cooperation import (
    CoalitionGame,
    convexity,
    core_is_empty,
    excess_array,
    in_core,
    in_core_array,
    least_core,
    nucleolus,
    shapley,
    shapley_array,
    share_by_rules,
    strongest_objection,
)
from bothbanks.words.money import to_cents

NAMES = "abcdef"


@st.composite
def games(draw: st.DrawFn, smallest: int = 1, largest: int = 5) -> CoalitionGame:
    n = draw(st.integers(smallest, largest))
    scale = 10.0 ** draw(st.integers(-3, 9))
    # Thousandths: worths that differ by less than rounding are not told apart, by design.
    worth = st.integers(-20, 100).map(float) | st.floats(-20, 100).map(lambda x: round(x, 3))
    worths = draw(st.lists(worth, min_size=(1 << n) - 1, max_size=(1 << n) - 1))
    return CoalitionGame.from_worths(NAMES[:n], np.array([0.0, *worths]) * scale)


def size_of(game: CoalitionGame) -> float:
    return float(np.abs(game.worths).max()) + 1e-12


def kohlberg(game: CoalitionGame, shares: dict[str, float], floor: bool) -> bool:
    """E. Kohlberg (1971), SIAM J. Appl. Math. 20:62-66: x is the (pre-)nucleolus if and only if the
    coalitions that complain at least as much as any given level are balanced. With a floor, members
    held at their own worth may help the balance with any weight >= 0.
    """
    n, size = game.n, size_of(game)
    x = np.array([shares[m] for m in game.members])
    excess = excess_array(game.worths[None], x[None])[0][1:-1]
    rows = ((np.arange(1, (1 << n) - 1)[:, None] >> np.arange(n)) & 1).astype(float)
    own = game.worths[[1 << i for i in range(n)]]
    held = np.eye(n)[np.abs(x - own) <= 1e-7 * size] if floor else np.empty((0, n))
    for level in excess:
        top = rows[excess >= level - 1e-7 * size]
        # weights = t + extra, t > 0 the same for all: the largest t is positive when the set is balanced
        columns = np.vstack([top, held, top.sum(axis=0)[None, :]])
        cost = np.zeros(len(columns))
        cost[-1] = -1.0
        found = linprog(cost, A_eq=columns.T, b_eq=np.ones(n), bounds=(0, None), method="highs")
        if found.status != 0 or -found.fun < 1e-9:
            return False
    return True


@given(games())
def test_efficiency(game: CoalitionGame) -> None:
    divisions = [shapley(game), nucleolus(game), least_core(game).shares]
    divisions += share_by_rules(game, population={m: i + 1 for i, m in enumerate(game.members)}).values()
    for shares in divisions:
        assert set(shares) == set(game.members)
        assert sum(shares.values()) == pytest.approx(game.total, abs=1e-11 * size_of(game))


@given(games(2))
def test_symmetry(game: CoalitionGame) -> None:
    """Two members who add the same to everybody get the same."""
    swap = {"a": "b", "b": "a"}
    even = CoalitionGame(
        game.members, lambda s: (game.worth(s) + game.worth(frozenset(swap.get(m, m) for m in s))) / 2
    )
    for shares in (shapley(even), nucleolus(even), least_core(even).shares):
        assert shares["a"] == pytest.approx(shares["b"], abs=1e-8 * size_of(even))


@given(games(1, 4), st.floats(-50, 50))
def test_dummy(game: CoalitionGame, own: float) -> None:
    """A member who adds the same to everybody gets just that, and changes nobody else's share."""
    own *= size_of(game) / 50
    wider = CoalitionGame((*game.members, "z"), lambda s: game.worth(s - {"z"}) + (own if "z" in s else 0.0))
    assert shapley(wider) == pytest.approx({**shapley(game), "z": own}, abs=1e-9 * size_of(game))
    if not core_is_empty(game):
        assert nucleolus(wider) == pytest.approx({**nucleolus(game), "z": own}, abs=1e-7 * size_of(game))
        # The dummy and all the others object to each other's share by opposite amounts.
        assert least_core(wider).epsilon == 0.0
        assert not core_is_empty(wider)
    else:
        assert core_is_empty(wider)


@given(st.data())
def test_additivity(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 5))
    first, second = (data.draw(games(n, n)) for _ in range(2))
    both = CoalitionGame.from_worths(first.members, first.worths + second.worths)
    one, two = shapley(first), shapley(second)
    assert shapley(both) == pytest.approx(
        {m: one[m] + two[m] for m in one}, abs=1e-11 * (size_of(first) + size_of(second))
    )


@given(games(1, 5), st.floats(0.001, 1000), st.lists(st.floats(-100, 100), min_size=5, max_size=5))
def test_nucleolus_keeps_units_and_starting_points(
    game: CoalitionGame, factor: float, shift: list[float]
) -> None:
    """Covariance: v -> factor v + sum of shifts moves the shares likewise."""
    size = size_of(game)
    moved = {m: shift[i] * size / 100 for i, m in enumerate(game.members)}
    other = CoalitionGame(game.members, lambda s: factor * game.worth(s) + sum(moved[m] for m in s))
    was = nucleolus(game)
    assert nucleolus(other) == pytest.approx(
        {m: factor * was[m] + moved[m] for m in was}, abs=1e-7 * (factor + 1) * size
    )


@settings(max_examples=100)
@given(games(1, 6))
def test_nucleolus_is_in_the_core_whenever_there_is_one(game: CoalitionGame) -> None:
    assert in_core(game, nucleolus(game)) == (not core_is_empty(game))
    assert in_core(game, least_core(game).shares) == (not core_is_empty(game))


@given(games(3, 5), st.floats(0, 300))
def test_nucleolus_is_in_the_core_of_games_with_one(game: CoalitionGame, extra: float) -> None:
    """Raise v(N) by the least that fills the core (then the core is one face), and by more."""
    need = max(0.0, least_core(game).epsilon) * game.n
    worths = game.worths.copy()
    worths[-1] += need + extra * size_of(game) / 100
    filled = CoalitionGame.from_worths(game.members, worths)
    assume(not core_is_empty(filled))
    assert in_core(filled, nucleolus(filled))


@settings(max_examples=60)
@given(games(2, 5))
def test_nucleolus_by_kohlbergs_criterion(game: CoalitionGame) -> None:
    own = sum(game.worth({m}) for m in game.members)
    floor = game.total >= own
    assert kohlberg(game, nucleolus(game), floor)
    assert kohlberg(game, least_core(game).shares, floor=False)


def test_kohlbergs_criterion_tells_wrong_shares() -> None:
    game = CoalitionGame("abc", lambda s: {0: 0, 1: 0, 2: 1, 3: 6}[len(s)])
    assert kohlberg(game, dict.fromkeys("abc", 2.0), floor=True)
    assert not kohlberg(game, {"a": 2.5, "b": 2.0, "c": 1.5}, floor=True)


@given(games(2, 5), st.permutations(NAMES[:5]))
def test_permuting_members_permutes_shares(game: CoalitionGame, order: list[str]) -> None:
    members = [m for m in order if m in game.members]
    other = CoalitionGame(members, game.worth)
    for solve in (shapley, nucleolus):
        assert solve(other) == pytest.approx(solve(game), abs=1e-8 * size_of(game))


@given(games(), st.lists(st.floats(-1, 1), min_size=5, max_size=5), st.booleans())
def test_nobody_gains_by_leaving_if_and_only_if_in_core(
    game: CoalitionGame, tilt: list[float], near: bool
) -> None:
    start = nucleolus(game) if near else shapley(game)
    push = np.array(tilt[: game.n]) * size_of(game) * (1e-3 if near else 1.0)
    push -= push.mean()
    shares = {m: start[m] + d for m, d in zip(game.members, push.tolist(), strict=True)}
    objection = strongest_objection(game, shares)
    assert in_core(game, shares) == (objection.gain <= 0.0) == (not objection)
    assert objection.gain == pytest.approx(
        max((game.worth(s) - sum(shares[m] for m in s) for s in proper(game)), default=0.0),
        abs=1e-8 * size_of(game),
    )
    if game.n > 1:
        left = game.worth(objection.coalition) - sum(shares[m] for m in objection.coalition)
        assert left == pytest.approx(objection.gain, abs=1e-8 * size_of(game))


def proper(game: CoalitionGame) -> list[frozenset[str]]:
    masks = range(1, (1 << game.n) - 1)
    return [frozenset(m for i, m in enumerate(game.members) if mask >> i & 1) for mask in masks]


@given(st.lists(st.floats(-100, 100), min_size=16, max_size=16))
def test_arrays_agree_with_single_games(worths: list[float]) -> None:
    draws = np.array([[0.0, *worths[:7]], [0.0, *worths[8:15]]])
    values = shapley_array(draws)
    held = in_core_array(draws, values)
    for row, value, inside in zip(draws, values, held, strict=True):
        game = CoalitionGame.from_worths("abc", row)
        assert shapley(game) == pytest.approx(dict(zip("abc", value.tolist(), strict=True)), abs=1e-10)
        assert in_core(game, shapley(game)) == inside


@given(st.lists(st.floats(0, 10), min_size=4, max_size=4), st.lists(st.floats(0, 3), min_size=6, max_size=6))
def test_convex_games_hold_the_shapley_value_in_the_core(own: list[float], bonds: list[float]) -> None:
    """Shapley (1971), theorem 7: sums of unanimity games with weights >= 0 are convex."""
    pairs = [(i, j) for i in range(4) for j in range(i)]

    def value(s: frozenset[str]) -> float:
        inside = ["abcd".index(m) for m in s]
        return sum(own[i] for i in inside) + sum(
            b for (i, j), b in zip(pairs, bonds, strict=True) if i in inside and j in inside
        )

    game = CoalitionGame("abcd", value)
    assert convexity(game) == 0.0
    assert in_core(game, shapley(game))


@given(st.lists(st.floats(-1e7, 1e7), min_size=1, max_size=9))
def test_cents_add_up_and_move_less_than_one(amounts: list[float]) -> None:
    shares = dict(enumerate(amounts))
    cents = to_cents(shares)
    assert sum(cents.values()) == pytest.approx(100 * sum(amounts), abs=0.5 + 1e-6)
    assert all(abs(cents[k] - 100 * x) < 1.0 + 1e-6 for k, x in shares.items())
