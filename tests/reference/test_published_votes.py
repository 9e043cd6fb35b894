"""Published voting rules and the indices printed for them, with where they were read.

EEC 1958 and the example of Brams: Britannica Guide to game theory, p. 20 (studmed.ru). Kirsch: ceps.eu. The
assembly of the Euregio Meuse-Rhine EGTC: limburg.nl and pdg.be. The Council of 2025: rule and
populations of agenceurope.eu 13544/22; its table of indices is a regression value, computed once
apart from this code (labelled so in the test), not a published one.
"""

from __future__ import annotations

import time
from fractions import Fraction as F

import pytest

from bothbanks.analysis.cooperation import (
    Either,
    Every,
    PowerIndices,
    Quota,
    minimal_blocking,
    minimal_winning,
    power,
    power_indices,
)

EEC = ("DE", "FR", "IT", "BE", "NL", "LU")

# ISO code (EL: Greece), share of the population in % as published, swings, Banzhaf share, Shapley-Shubik.
COUNCIL_2025 = (
    ("DE", "18.49", 14068989, 0.120356, 0.175547), ("FR", "15.17", 11814147, 0.101067, 0.134589),
    ("IT", "13.23", 10388317, 0.088869, 0.115608), ("ES", "10.78", 9081929, 0.077693, 0.093063),
    ("PL", "8.33", 7411425, 0.063403, 0.067313), ("RO", "4.23", 4569283, 0.039089, 0.038090),
    ("NL", "4.01", 4434881, 0.037939, 0.036487), ("BE", "2.62", 3584823, 0.030667, 0.026459),
    ("CZ", "2.42", 3461137, 0.029609, 0.025033), ("PT", "2.36", 3423971, 0.029291, 0.024599),
    ("SE", "2.34", 3411545, 0.029185, 0.024460), ("EL", "2.31", 3392985, 0.029026, 0.024256),
    ("HU", "2.13", 3281517, 0.028072, 0.022994), ("AT", "2.02", 3213305, 0.027489, 0.022193),
    ("BG", "1.43", 2846655, 0.024352, 0.017997), ("DK", "1.32", 2778039, 0.023765, 0.017236),
    ("FI", "1.25", 2734347, 0.023392, 0.016739), ("SK", "1.21", 2709333, 0.023178, 0.016445),
    ("IE", "1.19", 2696851, 0.023071, 0.016290), ("HR", "0.86", 2490211, 0.021303, 0.013882),
    ("LT", "0.64", 2353059, 0.020130, 0.012286), ("SI", "0.47", 2245481, 0.019209, 0.011072),
    ("LV", "0.42", 2213993, 0.018940, 0.010731), ("EE", "0.30", 2138313, 0.018293, 0.009893),
    ("CY", "0.21", 2081537, 0.017807, 0.009270), ("LU", "0.15", 2043661, 0.017483, 0.008844),
    ("MT", "0.12", 2024817, 0.017322, 0.008628),
)  # fmt: skip
STATES = tuple(row[0] for row in COUNCIL_2025)
HEADS = (1,) * 27
POPULATION = tuple(F(row[1]) for row in COUNCIL_2025)


def council() -> Either:
    """15 states and 65 % of the people, or all but three states (a blocking minority needs four)."""
    return Either((Every((Quota(HEADS, 15), Quota(POPULATION, 65))), Quota(HEADS, 24)))


@pytest.fixture(scope="module")
def indices() -> PowerIndices:
    return power_indices(council(), STATES)


def test_council_of_1958_as_published() -> None:
    found = power_indices(Quota((4, 4, 4, 2, 2, 1), 12), EEC)
    assert list(found.banzhaf_share.values()) == [F(5, 21)] * 3 + [F(1, 7)] * 2 + [0]
    assert list(found.shapley.values()) == [F(7, 30)] * 3 + [F(3, 20)] * 2 + [0]


def test_example_of_brams_as_published() -> None:
    found = power_indices(Quota((50, 49, 1), 51), ("A", "B", "C"))
    assert list(found.banzhaf_share.values()) == [F(3, 5), F(1, 5), F(1, 5)]
    assert found.banzhaf["B"] == found.banzhaf["C"]  # 49 votes do no more than one


def test_union_of_kirsch_as_published() -> None:
    three = power_indices(Quota((4, 3, 3), 5, strict=True), ("4", "3a", "3b"))
    assert set(three.shapley.values()) == {F(1, 3)}
    two = power_indices(Quota((4, 3), F(7, 2), strict=True), ("4", "3a"))
    assert two.shapley == {"4": 1, "3a": 0}  # the third left, and the first became a dictator


def test_assembly_of_the_meuse_rhine_egtc() -> None:
    partners = tuple("abcde")
    found = power_indices(Quota((7,) * 5, F(35, 2), strict=True), partners)
    assert set(found.shapley.values()) == {F(1, 5)}
    assert {len(c) for c in minimal_winning(Quota((7,) * 5, F(35, 2), strict=True), partners)} == {3}


def test_unanimity_of_the_meuse_commission() -> None:
    parties = tuple("abcdefgh")
    everyone = Quota((1,) * 8, 8)
    assert minimal_blocking(everyone, parties) == tuple(frozenset(p) for p in parties)
    assert set(power_indices(everyone, parties).shapley.values()) == {F(1, 8)}


def test_council_of_2025_counts_every_winning_coalition(indices: PowerIndices) -> None:
    assert indices.winning == 17_742_527
    assert sum(indices.shapley.values()) == 1
    assert sum(indices.banzhaf_share.values()) == 1


@pytest.mark.parametrize("row", COUNCIL_2025, ids=STATES)
def test_council_of_2025_regression(indices: PowerIndices, row: tuple[str, str, int, float, float]) -> None:
    state, _, swings, banzhaf_share, shapley = row
    assert indices.swings[state] == swings
    assert float(indices.banzhaf_share[state]) == pytest.approx(banzhaf_share, abs=1e-6)
    assert float(indices.shapley[state]) == pytest.approx(shapley, abs=1e-6)


def test_council_of_2025_in_halves_is_the_same(
    indices: PowerIndices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(power, "_CELLS", 0)
    assert power_indices(council(), STATES) == indices


def test_council_of_2025_takes_less_than_a_moment() -> None:
    began = time.perf_counter()
    power_indices(council(), STATES)
    assert time.perf_counter() - began < 5.0  # 0.04 s on two quiet cores


def test_leaving_raises_the_largest_and_lowers_the_smallest() -> None:
    """Koczy 2021 (Games 12(2):51): after one large state left, large ones gained and small ones lost.

    Here with a made-up 28th state of 66 million; the published tables were not read, the direction was.
    """
    people = {s: p * F(447_000_000, 100) for s, p in zip(STATES, POPULATION, strict=True)}
    before = {**people, "28": F(66_000_000)}

    def shares(of: dict[str, F]) -> dict[str, F]:
        n, total = len(of), sum(of.values())
        heads, least = (1,) * n, -(-n * 55 // 100)
        rule = Either(
            (
                Every((Quota(heads, least), Quota(tuple(of.values()), total * F(65, 100)))),
                Quota(heads, n - 3),
            )
        )
        return dict(power_indices(rule, of).shapley)

    early, late = shares(before), shares(people)
    assert late["DE"] > early["DE"]
    assert late["MT"] < early["MT"]
