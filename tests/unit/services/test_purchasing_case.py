"""Buying together, on arrays small enough to check by hand."""

from __future__ import annotations

import numpy as np
import pytest

from bothbanks.analysis.cooperation.case import Case
from bothbanks.analysis.cooperation.partition import worths_from_costs
from bothbanks.analysis.services import (
    Effort,
    EffortIds,
    Good,
    GoodSpec,
    Ladders,
    PowerPrice,
    PurchasingCase,
    StepPrice,
    cheapest_groups,
    groups_of,
    savings,
)
from bothbanks.words.errors import BothbanksError, InputError, RangeError, ShapeError

FLAT = Ladders(("direct",), {"AA": [(0.0, "direct")]})


def _effort(
    procedure: float = 0.0, agreement: float = 0.0, member: float = 0.0, language: float = 0.0
) -> Effort:
    one = [np.array([x]) for x in (agreement, member, language, 0.0)]
    return Effort(np.array([[procedure]]), *one)


def _good(quantity: list[float], price: object, **more: object) -> Good:
    n = len(quantity)
    given = {
        "delivery": np.zeros(1),
        "contract_years": 1,
        "ladders": FLAT,
        "country": np.zeros(n, dtype=np.int64),
        "speaks": np.ones((n, 1), dtype=bool),
    } | more
    return Good(quantity=np.array([quantity]), price=price, **given)  # type: ignore[arg-type]


def test_two_buyers_by_hand() -> None:
    """10 + 30 units at EUR 100 for 10 units, a quarter of it falling with the root of the volume.

    Alone: 10 x 100 + 50 = 1,050; 30 x (75 + 25/sqrt 3) + 50; together 40 x (75 + 25/2) + 50 + 20 + 2 x 5.
    """
    good = _good([10.0, 30.0], PowerPrice(100.0, 10.0, 0.25, 0.5))
    groups = groups_of(good, _effort(50.0, 20.0, 5.0))
    second = 30 * (75 + 25 / np.sqrt(3.0)) + 50
    np.testing.assert_allclose(groups.cost[0], [0.0, 1050.0, second, 3500 + 50 + 20 + 10])
    saved = savings(good, _effort(50.0, 20.0, 5.0))[0]
    np.testing.assert_allclose(saved, [0.0, 0.0, 0.0, 1050 + second - 3580])


def test_nobody_gains_where_volume_moves_nothing_and_joining_costs() -> None:
    good = _good([10.0, 30.0], PowerPrice(100.0, 10.0, 0.0, 0.5))
    assert savings(good, _effort(member=1.0))[0].tolist() == [0.0] * 4


def test_a_saved_procedure_is_the_whole_gain_at_a_fixed_price() -> None:
    good = _good([1.0, 1.0, 1.0], PowerPrice(100.0, 1.0, 0.0, 0.0))
    np.testing.assert_allclose(savings(good, _effort(60.0))[0, [3, 7]], [60.0, 120.0])


def test_a_contract_of_several_years_pays_its_procedure_once() -> None:
    """60 at 25 % over three years is 60 / 2.44 a year, and the value of all three years counts."""
    ladder = Ladders(("direct", "eu"), {"AA": [(0.0, "direct"), (250.0, "eu")]})
    good = _good([1.0], PowerPrice(100.0, 1.0, 0.0, 0.0), contract_years=3, ladders=ladder)
    zero = np.zeros(1)
    groups = groups_of(good, Effort(np.array([[1.0, 60.0]]), zero, zero, zero, np.array([0.25])))
    assert groups.regime[0, 1] == 1
    assert groups.cost[0, 1] == pytest.approx(100.0 + 60.0 / 2.44)


def test_a_threshold_that_only_the_joint_contract_meets_can_eat_the_gain() -> None:
    ladder = Ladders(("direct", "eu"), {"AA": [(0.0, "direct"), (150.0, "eu")]})
    good = _good([1.0, 1.0], PowerPrice(100.0, 1.0, 0.0, 0.0), ladders=ladder)
    zero = np.zeros(1)
    light = Effort(np.array([[10.0, 15.0]]), zero, zero, zero, zero)
    heavy = Effort(np.array([[10.0, 25.0]]), zero, zero, zero, zero)
    assert savings(good, light)[0, 3] == pytest.approx(5.0)
    assert savings(good, heavy)[0, 3] == 0.0


def test_the_law_is_that_of_the_stated_lead_or_of_the_largest_buyer() -> None:
    ladder = Ladders(
        ("direct", "quotes"), {"AA": [(0.0, "direct"), (1.0, "quotes")], "BB": [(0.0, "direct")]}
    )
    about = {"ladders": ladder, "country": np.array([0, 1, 1])}
    price = PowerPrice(100.0, 1.0, 0.0, 0.0)
    free = groups_of(_good([1.0, 5.0, 2.0], price, **about), Effort(np.zeros((1, 2)), *[np.zeros(1)] * 4))
    named = groups_of(
        _good([1.0, 5.0, 2.0], price, lead=0, **about), Effort(np.zeros((1, 2)), *[np.zeros(1)] * 4)
    )
    assert free.lead[0, [3, 5, 6, 7]].tolist() == [1, 2, 1, 1]
    assert named.lead[0, [3, 5, 6, 7]].tolist() == [0, 0, 1, 0]
    assert named.regime[0, [3, 6]].tolist() == [1, 0]


def test_only_languages_of_those_who_buy_are_paid_for() -> None:
    speaks = np.array([[True, False], [True, False], [False, True]])
    price = PowerPrice(0.0, 1.0, 0.0, 0.0)
    both = groups_of(_good([1.0, 1.0, 1.0], price, speaks=speaks), _effort(language=7.0))
    one = groups_of(_good([1.0, 1.0, 0.0], price, speaks=speaks), _effort(language=7.0))
    assert both.cost[0, [3, 5, 7]].tolist() == [0.0, 7.0, 7.0]
    assert one.cost[0].tolist() == [0.0] * 8


def test_steps_hold_for_all_units_and_the_list_decides() -> None:
    good = _good([60.0, 60.0], StepPrice(10.0, [0.0, 100.0], [1.0, 0.8]))
    np.testing.assert_allclose(groups_of(good, _effort()).cost[0], [0.0, 600.0, 600.0, 960.0])


def test_delivery_is_added_to_joint_buying_only() -> None:
    good = _good([1.0, 1.0], PowerPrice(10.0, 1.0, 0.0, 0.0), delivery=np.array([2.0]))
    assert groups_of(good, _effort()).cost[0].tolist() == [0.0, 10.0, 10.0, 24.0]


def test_buying_alone_wins_a_tie() -> None:
    found = cheapest_groups(np.array([[0.0, 5.0, 5.0, 10.0]]))
    assert (found.cost[0, 3], found.first[0, 3]) == (10.0, 1)


def _case(goods: tuple[GoodSpec, ...] | None = None, **more: object) -> PurchasingCase:
    spec = GoodSpec(
        "trees", "supplies", 1, lambda d: np.array([10.0, 30.0]) * d["n"], "p", reference="r", movable="m",
        elasticity="e",
    )  # fmt: skip
    given: dict[str, object] = {
        "members": ("a", "b"),
        "countries": ("AA", "AA"),
        "languages": ("de", "fr"),
        "goods": goods if goods is not None else (spec,),
        "ladders": {"supplies": FLAT},
        "effort": EffortIds(("staff",), "agree", "each", "tongue", "rate"),
    }
    return PurchasingCase("purchasing", "EUR", **(given | more))  # type: ignore[arg-type]


DRAW = {
    "n": 1.0, "p": 100.0, "r": 10.0, "m": 0.25, "e": 0.5, "staff": 50.0, "agree": 20.0, "each": 5.0,
    "tongue": 0.0, "rate": 0.0,
}  # fmt: skip


def test_the_case_satisfies_the_protocol_and_both_conventions_agree() -> None:
    case = _case()
    assert isinstance(case, Case)
    found = [worths_from_costs(lambda p: case.outcomes(p, DRAW).cost, 2, c) for c in ("gamma", "delta")]
    np.testing.assert_allclose(found[0], case.play([DRAW]).worths[0])
    np.testing.assert_allclose(found[0], found[1])


def test_what_members_pay_adds_up_to_what_the_group_pays() -> None:
    played = _case().play([DRAW, DRAW | {"n": 3.0}])
    for k in range(2):
        assert played.paid(k, (3,)).sum() == pytest.approx(played.goods[0].best.cost[k, 3])
        np.testing.assert_allclose(played.paid(k, (1, 2)), played.alone[k])


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"goods": ()}, InputError),
        ({"countries": ("AA",)}, ShapeError),
        ({"countries": ("AA", "ZZ")}, RangeError),
        ({"ladders": {"works": FLAT}}, InputError),
        ({"effort": EffortIds(("staff", "staff"), "agree", "each", "tongue", "rate")}, ShapeError),
    ],
)
def test_what_does_not_fit_is_refused(more: dict[str, object], error: type[BothbanksError]) -> None:
    with pytest.raises(error):
        _case(**more)


@pytest.mark.parametrize(
    "make",
    [
        lambda: PowerPrice(-1.0, 1.0, 0.1, 0.1),
        lambda: PowerPrice(1.0, 0.0, 0.1, 0.1),
        lambda: PowerPrice(1.0, 1.0, 1.5, 0.1),
        lambda: PowerPrice(1.0, 1.0, 0.5, 1.0),
        lambda: StepPrice(1.0, [0.0, 1.0], [0.9, 1.0]),
        lambda: StepPrice(1.0, [1.0, 2.0], [1.0, 0.9]),
        lambda: Ladders(("a",), {"AA": [(0.0, "a"), (0.0, "a")]}),
        lambda: Ladders(("a",), {}),
        lambda: Ladders(("a",), {"AA": [(5.0, "a")]}),
        lambda: Ladders(("a",), {"AA": [(0.0, "z")]}),
        lambda: _good([-1.0], PowerPrice(1.0, 1.0, 0.0, 0.0)),
        lambda: _good([1.0], PowerPrice(1.0, 1.0, 0.0, 0.0), contract_years=0),
        lambda: _effort(-1.0),
    ],
)
def test_numbers_outside_their_range_are_refused(make: object) -> None:
    with pytest.raises(RangeError):
        make()  # type: ignore[operator]
