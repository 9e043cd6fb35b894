"""Published games with published answers."""

from fractions import Fraction

import numpy as np
import pytest

from bothbanks.analysis.cooperation import (
    CoalitionGame,
    core_is_empty,
    in_core,
    least_core,
    nucleolus,
    sampled_shapley,
    shapley,
    strongest_objection,
)


def bankruptcy(estate: float, claims: dict[str, float]) -> CoalitionGame:
    """A coalition is sure of what is left once all others are paid in full."""
    total = sum(claims.values())
    return CoalitionGame(claims, lambda s: max(0.0, estate - (total - sum(claims[m] for m in s))))


@pytest.mark.parametrize(
    ("estate", "published"),
    [(100, (100 / 3, 100 / 3, 100 / 3)), (200, (50, 75, 75)), (300, (50, 100, 150))],
)
def test_talmud_estates(estate: float, published: tuple[float, ...]) -> None:
    """R. J. Aumann and M. Maschler (1985), J. Econ. Theory 36:195-213: the Mishna's division.

    Kethubot 93a: three wives with claims 100, 200, 300. Table I of the paper.
    """
    game = bankruptcy(estate, {"first": 100, "second": 200, "third": 300})
    shares = nucleolus(game)
    assert tuple(shares.values()) == pytest.approx(published, abs=1e-9)
    assert in_core(game, shares)


def contested_garment(estate: float, claims: np.ndarray) -> np.ndarray:
    """Aumann and Maschler (1985), section 4: the consistent division, in closed form by levelling.

    Up to half of all claims everyone gets the same, capped at half the claim; beyond, everyone loses
    the same, capped likewise.
    """
    half = claims / 2
    low = estate <= half.sum()
    target = estate if low else claims.sum() - estate
    lo, hi = 0.0, float(half.max())
    for _ in range(200):
        middle = (lo + hi) / 2
        lo, hi = (middle, hi) if np.minimum(half, middle).sum() < target else (lo, middle)
    level = np.minimum(half, hi)
    return level if low else claims - level


@pytest.mark.parametrize("seed", range(6))
def test_bankruptcy_games_of_eight(seed: int) -> None:
    """Theorem C of Aumann and Maschler (1985): nucleolus = consistent division, for any claims."""
    rng = np.random.default_rng(seed)
    claims = np.round(rng.uniform(10, 300, 8), 2)
    estate = float(rng.uniform(0.1, 0.95) * claims.sum())
    names = [f"m{i}" for i in range(8)]
    game = bankruptcy(estate, dict(zip(names, claims.tolist(), strict=True)))
    assert list(nucleolus(game).values()) == pytest.approx(contested_garment(estate, claims), abs=1e-7)


def test_airport_closed_form() -> None:
    """S. C. Littlechild and G. Owen (1973), Management Science 20:370-372.

    Each part of the runway is shared equally by the aircraft that need it.
    """
    need = {"glider": 12.0, "prop": 28.0, "small jet": 30.0, "jet": 55.0, "heavy": 55.0, "cargo": 91.0}
    game = CoalitionGame(need, lambda s: -max((need[m] for m in s), default=0.0))
    steps = sorted(set(need.values()))
    expected = {
        m: -sum(
            (b - a) / sum(x >= b for x in need.values())
            for a, b in zip([0.0, *steps], steps, strict=False)
            if b <= own
        )
        for m, own in need.items()
    }
    found = shapley(game)
    assert found == pytest.approx(expected, abs=1e-12)
    assert in_core(game, found)
    # By hand: the first 12 go to six aircraft, the next 16 to five, 2 to four, 25 to three, 36 to one.
    assert found["cargo"] == pytest.approx(-(2 + 16 / 5 + 2 / 4 + 25 / 3 + 36))


def test_security_council() -> None:
    """L. S. Shapley and M. Shubik (1954), Am. Polit. Sci. Rev. 48:787-792: the council of eleven.

    The five permanent members hold 76/77 of the power: 76/385 each, 1/462 for each of the other six.
    """
    permanent = frozenset(f"p{i}" for i in range(5))
    members = [*sorted(permanent), *(f"t{i}" for i in range(6))]
    power = shapley(CoalitionGame(members, lambda s: permanent <= s and len(s) >= 7))
    assert power["p3"] == pytest.approx(float(Fraction(76, 385)), abs=1e-14)
    assert power["t5"] == pytest.approx(float(Fraction(1, 462)), abs=1e-14)


def test_sampled_security_council_of_fifteen() -> None:
    """The council since 1966 (15 members, 9 votes): 421/2145 for each permanent member, 4/2145 for the rest.

    Derived in closed form: a temporary member decides when it is ninth, after all five permanent members
    and three of its nine peers: C(9, 3) 8! 6! / 15! = 4/2145.
    """
    permanent = frozenset(f"p{i}" for i in range(5))
    members = [*sorted(permanent), *(f"t{i}" for i in range(10))]

    def decides(coalition: frozenset[str]) -> bool:
        return permanent <= coalition and len(coalition) >= 9

    exact = shapley(CoalitionGame(members, decides))
    assert exact["p0"] == pytest.approx(421 / 2145, abs=1e-14)
    assert exact["t0"] == pytest.approx(4 / 2145, abs=1e-14)
    found = sampled_shapley(members, decides, 4000, np.random.default_rng(7))
    assert sum(found.estimate.values()) == pytest.approx(1.0, abs=1e-12)
    for m in members:
        assert abs(found.estimate[m] - exact[m]) <= 4.5 * max(found.standard_error[m], 1 / 4000)
    # The stated error is that of a yes-or-no contribution: sqrt(p (1 - p) / orders).
    assert found.standard_error["p0"] == pytest.approx((0.1963 * 0.8037 / 4000) ** 0.5, rel=0.1)


def test_majority_of_three_has_an_empty_core() -> None:
    """Any two of three take all: no division is stable; a subsidy of 1/3 to each coalition would do."""
    game = CoalitionGame("abc", lambda s: len(s) >= 2)
    thirds = dict.fromkeys("abc", 1 / 3)
    assert core_is_empty(game)
    assert least_core(game).epsilon == pytest.approx(1 / 3, abs=1e-12)
    assert least_core(game).shares == pytest.approx(thirds)
    assert nucleolus(game) == pytest.approx(thirds)
    assert not in_core(game, thirds)
    objection = strongest_objection(game, {"a": 0.5, "b": 0.5, "c": 0.0})
    assert len(objection.coalition) == 2
    assert "c" in objection.coalition
    assert objection.gain == pytest.approx(0.5)


def test_glove_market() -> None:
    """L. S. Shapley and M. Shubik (1969), J. Econ. Theory 1:9-25: the scarce side takes the whole price.

    Two left gloves, three right: the core is the one point that gives each left owner 1.
    """
    left, right = {"l1", "l2"}, {"r1", "r2", "r3"}
    game = CoalitionGame(sorted(left | right), lambda s: min(len(s & left), len(s & right)))
    stable = {m: float(m in left) for m in game.members}
    assert not core_is_empty(game)
    assert least_core(game).epsilon == 0.0
    assert nucleolus(game) == pytest.approx(stable, abs=1e-12)
    assert in_core(game, stable)
    nudged = dict(stable, l1=0.99, r1=0.01)
    assert not in_core(game, nudged)
    assert strongest_objection(game, nudged).gain == pytest.approx(0.01)
    assert not in_core(game, shapley(game))


def test_glove_market_of_three_shapley() -> None:
    """One left glove, two right: 2/3, 1/6, 1/6, by listing the six orders."""
    game = CoalitionGame(("l", "r1", "r2"), lambda s: min(len(s & {"l"}), len(s - {"l"})))
    assert shapley(game) == pytest.approx({"l": 2 / 3, "r1": 1 / 6, "r2": 1 / 6})
