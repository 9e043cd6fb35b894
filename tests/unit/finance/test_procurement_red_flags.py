"""Red flags by hand: raised, clear, and not computable, each with its number."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from procurement_cases import at

from bothbanks.civic.finance.red_flags import (
    INDICATORS,
    AwardFacts,
    ContractFacts,
    Facts,
    Flag,
    Limits,
    by_purchase,
    red_flags,
)

SOUND = Facts(
    "p", "Pumps", ("a",), "goods", "open", "EUR", ("42122130",), at(2, 1), at(3, 9), 100_000.0, 3,
    (AwardFacts("w", ("s",), 100_000.0),), (ContractFacts("k", "w", 100_000.0, 100_000.0),), 30.0,
    (140_000.0, 216_000.0),
)  # fmt: skip


def flag(facts: Facts, indicator: str, others: tuple[Facts, ...] = (), limits: Limits | None = None) -> Flag:
    found = by_purchase(red_flags((facts, *others), limits))[facts.ocid]
    return next(f for f in found if f.indicator == indicator)


def test_a_sound_purchase_raises_nothing() -> None:
    found = red_flags([SOUND])
    assert [f.indicator for f in found if f.state == "raised"] == []
    assert [f.indicator for f in by_purchase(found)["p"]] == [i.id for i in INDICATORS]


@pytest.mark.parametrize(
    ("change", "indicator", "value", "limit"),
    [
        ({"tenderers": 1}, "single-bid", 1, 1),
        ({"closes": at(3, 2)}, "short-window", 29.0, 30.0),
        ({"closes": at(2, 15), "least_days": None}, "short-window", 14.0, 15.0),
        ({"awards": (AwardFacts("w", ("s",), 110_001.0),)}, "award-above-estimate", 0.10001, 0.1),
        (
            {"contracts": (ContractFacts("k", "w", 105_001.0, 105_001.0),)},
            "contract-above-award", 0.05001, 0.05,
        ),
        ({"contracts": (ContractFacts("k", "w", 100_000.0, 110_001.0),)}, "changes-add-up", 0.10001, 0.1),
        ({"estimate": None}, "no-estimate", None, None),
    ],
)  # fmt: skip
def test_raised(change: dict[str, object], indicator: str, value: float | None, limit: float | None) -> None:
    found = flag(replace(SOUND, **change), indicator)  # type: ignore[arg-type]
    assert found.state == "raised"
    assert found.value == (None if value is None else pytest.approx(value))
    assert found.limit == limit


@pytest.mark.parametrize(
    ("change", "indicator"),
    [
        ({"closes": at(3, 3)}, "short-window"),
        ({"awards": (AwardFacts("w", ("s",), 110_000.0),)}, "award-above-estimate"),
        ({"contracts": (ContractFacts("k", "w", 105_000.0, 105_000.0),)}, "contract-above-award"),
        ({"contracts": (ContractFacts("k", "w", 100_000.0, 110_000.0),)}, "changes-add-up"),
        (
            {"kind": "works", "contracts": (ContractFacts("k", "w", 100_000.0, 115_000.0),)},
            "changes-add-up",
        ),
    ],
)
def test_at_the_limit_is_clear(change: dict[str, object], indicator: str) -> None:
    assert flag(replace(SOUND, **change), indicator).state == "clear"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "indicator", "because"),
    [
        ({"method": ""}, "single-bid", "no-method"),
        ({"method": "limited"}, "single-bid", "not-competitive"),
        ({"tenderers": None}, "single-bid", "no-tenderers"),
        ({"opens": None}, "short-window", "no-period"),
        ({"method": "limited", "least_days": None}, "short-window", "no-least-days"),
        ({"awards": ()}, "award-above-estimate", "no-award"),
        ({"estimate": None}, "award-above-estimate", "no-estimate"),
        ({"awards": (AwardFacts("w", ("s",), None),)}, "award-above-estimate", "no-award-value"),
        ({"contracts": ()}, "contract-above-award", "no-contract"),
        ({"contracts": (ContractFacts("k", "x", 1.0, 1.0),)}, "contract-above-award", "no-contract-value"),
        ({"contracts": (ContractFacts("k", "w", None, 1.0),)}, "changes-add-up", "no-contract-value"),
        ({"thresholds": ()}, "split", "no-law"),
        ({"currency": "GBP"}, "split", "other-currency"),
        ({"classes": ()}, "split", "no-class"),
        ({"buyers": ()}, "split", "no-buyer"),
        ({"awards": ()}, "same-winner", "no-award"),
        ({}, "same-winner", "too-few-awards"),
    ],
)  # fmt: skip
def test_what_can_not_be_computed_says_why(change: dict[str, object], indicator: str, because: str) -> None:
    found = flag(replace(SOUND, **change), indicator)  # type: ignore[arg-type]
    assert (found.state, found.because) == ("unknown", because)


def twin(name: str, days: int, estimate: float = 100_000.0, **changes: object) -> Facts:
    assert SOUND.opens is not None
    assert SOUND.closes is not None
    moved = timedelta(days=days)
    return replace(
        SOUND, ocid=name, opens=SOUND.opens + moved, closes=SOUND.closes + moved, estimate=estimate,
        **changes,  # type: ignore[arg-type]
    )  # fmt: skip


def test_two_purchases_under_a_threshold_that_pass_it_together() -> None:
    found = flag(SOUND, "split", (twin("q", 180),))
    assert (found.state, found.value, found.limit, found.about) == ("raised", 200_000.0, 140_000.0, ("q",))


@pytest.mark.parametrize(
    "other",
    [
        twin("q", 181),
        twin("q", 10, 39_999.0),
        twin("q", 10, 150_000.0),
        twin("q", 10, classes=("80500000",)),
        twin("q", 10, buyers=("b",)),
    ],
    ids=["too late", "too little", "over the threshold by itself", "another class", "another buyer"],
)
def test_no_split(other: Facts) -> None:
    lone = replace(SOUND, thresholds=(140_000.0,))
    assert flag(lone, "split", (replace(other, thresholds=(140_000.0,)),)).state == "clear"


def test_a_joint_purchase_counts_for_each_of_its_buyers() -> None:
    joint = twin("q", 30, buyers=("b", "a"))
    assert flag(joint, "split", (SOUND,)).about == ("p",)


def test_three_purchases_of_which_no_two_pass() -> None:
    three = (twin("q", 10, 60_000.0), twin("r", 20, 60_000.0))
    first = replace(SOUND, estimate=60_000.0)
    assert flag(first, "split", three).about == ("q", "r")


def test_one_supplier_wins_everything() -> None:
    others = (twin("q", 1), twin("r", 2))
    found = flag(SOUND, "same-winner", others)
    assert (found.state, found.value, found.about) == ("raised", 3, ("s",))
    one_other = (twin("q", 1, awards=(AwardFacts("w", ("t",), 1.0),)), others[1])
    assert flag(SOUND, "same-winner", one_other).state == "clear"
    assert flag(SOUND, "same-winner", (others[0],), Limits(same_winner=2)).state == "raised"
