from itertools import pairwise

import numpy as np
import pytest

from bothbanks.analysis.cooperation import (
    Case,
    CoalitionGame,
    Outcomes,
    alone_partition,
    bloc_partition,
    componentwise_objections,
    core_is_empty,
    delta_partition,
    gamma_partition,
    in_core,
    three_views,
    together_partition,
    worths_from_costs,
)
from bothbanks.analysis.cooperation.partition import check_partition, country_masks, sorted_blocks
from bothbanks.words.errors import InputError, MissingValueError, RangeError, ShapeError


def clean_air(partition: tuple[int, ...], n: int) -> np.ndarray:
    """Each unit of effort helps everybody by 1 and costs its maker effort^2 / 2 (Chander and Tulkens' form).

    A block of s members makes effort s each, so everybody enjoys the sum of s^2 over blocks and pays s^2 / 2.
    """
    enjoyed = sum(block.bit_count() ** 2 for block in partition)
    size = {i: block.bit_count() for block in partition for i in range(n) if block >> i & 1}
    return np.array([size[i] ** 2 / 2 - enjoyed for i in range(n)])


def test_partitions_by_hand() -> None:
    assert alone_partition(4) == (1, 2, 4, 8)
    assert together_partition(4) == (15,)
    assert gamma_partition(0b1010, 4) == (1, 10, 4)
    assert delta_partition(0b1010, 4) == (5, 10)
    assert delta_partition(0b1111, 4) == gamma_partition(0b1111, 4) == (15,)
    assert gamma_partition(0, 3) == alone_partition(3)
    assert delta_partition(0, 3) == together_partition(3)
    assert sorted_blocks([8, 0, 3, 4]) == (3, 4, 8)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_every_partition_is_well_formed(n: int) -> None:
    for mask in range(1 << n):
        for partition in (gamma_partition(mask, n), delta_partition(mask, n)):
            check_partition(partition, n)
            assert all((a & -a) < (b & -b) for a, b in pairwise(partition))
            assert mask == 0 or mask in partition


@pytest.mark.parametrize("partition", [(1, 2), (1, 3, 4), (2, 1, 4), (1, 2, 4, 8), (0, 7), ()])
def test_malformed_partitions_are_refused(partition: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"cooperation\.partition"):
        check_partition(partition, 3)


def test_masks_outside_the_members_are_refused() -> None:
    for make in (gamma_partition, delta_partition):
        with pytest.raises(RangeError):
            make(8, 3)
        with pytest.raises(RangeError):
            make(-1, 3)


def test_country_blocs() -> None:
    assert bloc_partition(["BE", "BE", "NL", "DE", "BE"]) == (0b10011, 0b00100, 0b01000)
    assert bloc_partition({"lie": "BE", "mhl": "NL", "ost": "BE"}) == (5, 2)
    assert country_masks(["DE", "BE", "DE"]) == {"DE": 5, "BE": 2}
    with pytest.raises(InputError):
        bloc_partition([])


def test_three_members_clean_the_air_by_hand() -> None:
    """Alone each costs 1/2 - 3; a pair 2 - 5 and its outsider 1/2 - 5; together 9/2 - 9."""
    gamma = worths_from_costs(lambda p: clean_air(p, 3), 3, "gamma")
    delta = worths_from_costs(lambda p: clean_air(p, 3), 3, "delta")
    assert gamma.tolist() == [0, 0, 0, 1, 0, 1, 1, 6]
    assert delta.tolist() == [0, 2, 2, 1, 2, 1, 1, 6]
    even = dict.fromkeys("abc", 2.0)
    assert in_core(CoalitionGame.from_worths("abc", gamma), even)
    assert in_core(CoalitionGame.from_worths("abc", delta), even)


def test_four_members_free_ride_under_delta_only() -> None:
    """Together 8 - 16 each, a gain of 4.5; one who leaves three at work gets 1/2 - 10, a gain of 6."""
    gamma = CoalitionGame.from_worths("abcd", worths_from_costs(lambda p: clean_air(p, 4), 4, "gamma"))
    delta = CoalitionGame.from_worths("abcd", worths_from_costs(lambda p: clean_air(p, 4), 4, "delta"))
    assert (gamma.total, delta.total) == (18.0, 18.0)
    assert delta.worth({"c"}) == 6.0
    assert in_core(gamma, dict.fromkeys("abcd", 4.5))
    assert not core_is_empty(gamma)
    assert core_is_empty(delta)


def test_each_partition_is_asked_once() -> None:
    asked: list[tuple[int, ...]] = []

    def cost(partition: tuple[int, ...]) -> np.ndarray:
        asked.append(partition)
        return clean_air(partition, 4)

    worths_from_costs(cost, 4, "gamma")
    assert len(asked) == len(set(asked)) == 12  # 16 coalitions, 5 of which are all alone
    asked.clear()
    worths_from_costs(cost, 4, "delta")
    assert len(asked) == len(set(asked)) == 9  # 8 ways to cut in two or none, and all alone


def test_costs_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError, match="3 numbers"):
        worths_from_costs(lambda p: [1.0, 2.0], 3, "gamma")
    with pytest.raises(MissingValueError):
        worths_from_costs(lambda p: [1.0, float("nan")], 2, "gamma")
    with pytest.raises(InputError, match="gamma, delta"):
        worths_from_costs(lambda p: [1.0, 2.0], 2, "alpha")  # type: ignore[arg-type]
    with pytest.raises(RangeError):
        worths_from_costs(lambda p: np.zeros(17), 17, "gamma")


def test_three_views_of_clean_air_by_hand() -> None:
    """Two members in BE, one in NL, one in DE.

    Alone all cost -3.5. Blocs: BE's pair 2 - 6 each, NL and DE 1/2 - 6. Together -8 each.
    """
    views = three_views(lambda p: clean_air(p, 4), "abcd", ["BE", "BE", "NL", "DE"])
    assert views.total_gain == 18.0
    assert views.domestic_gain == {"BE": 1.0, "NL": 2.0, "DE": 2.0}
    assert views.cross_border_gain == 13.0
    assert views.no_transfer_gain == dict.fromkeys("abcd", 4.5)
    assert views.country_no_transfer_gain == {"BE": 8.0, "NL": 2.5, "DE": 2.5}
    assert views.members_gamma.total == 18.0
    countries = views.countries_gamma
    assert countries.members == ("BE", "NL", "DE")
    assert countries.total == views.cross_border_gain
    assert [countries.worth({c}) for c in countries.members] == [0.0, 0.0, 0.0]
    # NL and DE join: blocks of 2 and 2, all enjoy 8: they cost 2 - 8 each, 0.5 better than 0.5 - 6 each.
    assert countries.worth({"NL", "DE"}) == pytest.approx(2 * (8 - 2 - 5.5))
    # BE and NL join: 9 + 1 enjoyed; cost 4.5 - 10 for three, against -4, -4, -5.5.
    assert countries.worth({"BE", "NL"}) == pytest.approx(16.5 - 13.5)
    assert views.countries_delta.worth({"DE"}) == pytest.approx(9.5 - 5.5)
    assert views.countries_delta.total == countries.total


def test_one_country_has_no_border_to_cross() -> None:
    views = three_views(lambda p: clean_air(p, 3), "abc", {"a": "BE", "b": "BE", "c": "BE"})
    assert views.cross_border_gain == 0.0
    assert views.domestic_gain == {"BE": 6.0}


def test_countries_in_another_order_than_members() -> None:
    named = {"c": "NL", "b": "BE", "a": "BE", "d": "DE"}
    views = three_views(lambda p: clean_air(p, 4), "abcd", named)
    assert views.domestic_gain == {"BE": 1.0, "NL": 2.0, "DE": 2.0}
    with pytest.raises(ShapeError, match="4 members"):
        three_views(lambda p: clean_air(p, 4), "abcd", {"a": "BE"})


def test_objections_when_nobody_can_be_paid() -> None:
    """Minutes to hospital. Together a waits longer than alone, b far less: only a alone objects.

    The pair's sum improves by leaving c out, but b itself would lose, so the pair does not object.
    """
    minutes = {
        (7,): (12.0, 6.0, 9.0),
        (1, 2, 4): (10.0, 15.0, 9.0),
        (3, 4): (4.0, 7.0, 9.0),
        (5, 2): (11.0, 15.0, 9.0),
        (1, 6): (10.0, 9.0, 12.0),
    }
    found = componentwise_objections(minutes.__getitem__, "abc", "gamma")
    assert [(o.coalition, o.improvement) for o in found] == [(frozenset("a"), {"a": 2.0})]
    kept = componentwise_objections(minutes.__getitem__, "abc", "gamma", deal=[10.0, 8.0, 9.0])
    assert [(o.coalition, o.improvement) for o in kept] == [(frozenset("ab"), {"a": 6.0, "b": 1.0})]
    assert componentwise_objections(minutes.__getitem__, "abc", "gamma", deal=[4.0, 7.0, 9.0]) == ()


def test_objections_under_delta_count_those_who_ride_free() -> None:
    found = componentwise_objections(lambda p: clean_air(p, 4), "abcd", "delta")
    assert [sorted(o.coalition) for o in found] == [["a"], ["b"], ["c"], ["d"]]
    assert componentwise_objections(lambda p: clean_air(p, 4), "abcd", "gamma") == ()


def test_a_deal_of_the_wrong_shape() -> None:
    with pytest.raises(ShapeError, match="deal"):
        componentwise_objections(lambda p: clean_air(p, 2), "ab", "gamma", deal=[1.0])


def test_outcomes_are_checked() -> None:
    good = Outcomes(cost=np.array([1.0, 2.0]), physical={"deaths": np.array([0.0, 0.1])}, equilibria=2,
                    cost_interval=np.array([[0.5, 1.5], [2.0, 2.0]]))  # fmt: skip
    assert good.flagged
    assert not Outcomes(cost=np.array([1.0])).flagged
    with pytest.raises(ValueError, match="read-only"):
        good.cost[0] = 9.0
    with pytest.raises(ShapeError):
        Outcomes(cost=np.array([[1.0]]))
    with pytest.raises(ShapeError, match="deaths"):
        Outcomes(cost=np.array([1.0]), physical={"deaths": np.array([1.0, 2.0])})
    with pytest.raises(MissingValueError, match="cost"):
        Outcomes(cost=np.array([np.nan]))
    with pytest.raises(RangeError, match="interval"):
        Outcomes(cost=np.array([1.0]), cost_interval=np.array([[2.0, 3.0]]))
    with pytest.raises(ShapeError, match="interval"):
        Outcomes(cost=np.array([1.0]), cost_interval=np.array([2.0, 3.0]))
    with pytest.raises(RangeError, match="count"):
        Outcomes(cost=np.array([1.0]), equilibria=-1)


def test_a_case_needs_no_base_class() -> None:
    class Air:
        kind = "air"
        id = "clean-air"
        unit = "EUR"
        members = ("a", "b", "c")

        def outcomes(self, partition: tuple[int, ...], draw: dict[str, float]) -> Outcomes:
            return Outcomes(cost=draw.get("scale", 1.0) * clean_air(partition, 3))

    case = Air()
    assert isinstance(case, Case)
    worths = worths_from_costs(lambda p: case.outcomes(p, {"scale": 2.0}).cost, 3, "gamma")
    assert worths.tolist() == [0, 0, 0, 2, 0, 2, 2, 12]
