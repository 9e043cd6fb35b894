"""The [reserve] table: what it may say, and what is told about one that cannot be."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bothbanks.region.problems import Problems
from bothbanks.region.schema_reserve import ReserveSettings


def number(value: float, unit: str = "1", **more: object) -> dict[str, Any]:
    return {"value": value, "unit": unit, "source": "assumed", **more}


def layer(low: Any = None, high: Any = None, share: float = 0.25, **more: Any) -> dict[str, Any]:
    return {
        "attachment": low or number(10, "year"),
        "exhaustion": high or number(100, "year"),
        "share": number(share),
        **more,
    }


def settings(**changes: Any) -> dict[str, Any]:
    return {"level": number(0.99), "layers": {"all": layer()}, **changes}


def test_a_plain_fund_and_its_numbers() -> None:
    found = ReserveSettings.model_validate(
        settings(ceded={
            "attachment": number(50, "year"), "exhaustion": number(200, "year"),
            "share": number(0.8), "rate_on_line": number(0.04, "1/year"),
        })
    )  # fmt: skip
    assert found.layer_of("anybody") == found.layers["all"]
    ids = [name for name, _, _ in found.numbers()]
    assert ids[0] == "level"
    assert {"layer.all.attachment", "layer.all.share", "ceded.rate_on_line"} <= set(ids)
    assert len(ids) == len(set(ids)) == 8


def test_a_member_may_have_a_layer_of_its_own() -> None:
    own = layer(number(1e6, "EUR", price_year=2023), number(1e7, "EUR", price_year=2023))
    found = ReserveSettings.model_validate(settings(layers={"left": own}))
    assert found.layer_of("left") == found.layers["left"]
    assert found.layer_of("right") is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"level": number(1.0)}, "between 0 and 1"),
        ({"level": number(0.0)}, "between 0 and 1"),
        ({"level": number(0.99, high=1.0)}, "between 0 and 1"),
        ({"level": number(0.999), "years": 50_000}, "100000 years or more"),
        ({"layers": {}}, r"\[reserve.layers.all\]"),
        ({"layers": {"all": layer(number(200, "year"))}}, "below the exhaustion"),
        ({"layers": {"all": layer(number(10, "year", high=150))}}, "below the exhaustion"),
        ({"layers": {"all": layer(number(0.5, "year"))}}, "return periods of 1 year or more"),
        ({"layers": {"all": layer(number(-5, "EUR"))}}, "amounts of 0 or more"),
        ({"layers": {"all": layer(share=1.5)}}, "share of 0 to 1"),
        (
            {"layers": {"all": layer(year_retention=number(9, "EUR"), year_limit=number(5, "EUR"))}},
            "below the exhaustion",
        ),
        ({"years": 10}, "1000"),
        ({"cases": []}, "at least 1"),
    ],
)
def test_a_fund_that_cannot_be(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        ReserveSettings.model_validate(settings(**changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"attachment": number(300, "year")}, "attaches before it is exhausted"),
        ({"attachment": number(300, "EUR")}, "return period in years"),
        ({"share": number(-0.1)}, "share of 0 to 1"),
        ({"rate_on_line": number(-0.1, "1/year")}, "rate on line of 0 or more"),
    ],
)
def test_a_ceded_layer_that_cannot_be(changes: dict[str, Any], words: str) -> None:
    ceded = {
        "attachment": number(50, "year"), "exhaustion": number(200, "year"), "share": number(0.8),
        "rate_on_line": number(0.04, "1/year"), **changes,
    }  # fmt: skip
    with pytest.raises(ValidationError, match=words):
        ReserveSettings.model_validate(settings(ceded=ceded))


def test_strangers_and_cases_without_losses_are_told() -> None:
    found = ReserveSettings.model_validate(
        settings(layers={"all": layer(), "stranger": layer()}, cases=["flood", "heat"])
    )
    problems = Problems()
    found.check("cases/reserve.toml", ("left", "right"), problems)
    told = [str(p) for p in problems.listed()]
    assert len(told) == 2
    assert "'stranger'" in told[0]
    assert "'heat'" in told[1]
