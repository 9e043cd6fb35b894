from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import findings_fixture
import numpy as np
import pytest
from jsonschema import Draft202012Validator

from bothbanks.analysis.findings import Findings, Objection
from bothbanks.standards import value_json
from bothbanks.standards.faults import SchemaError
from bothbanks.words.errors import MissingValueError, RangeError


@pytest.fixture(scope="module")
def found() -> Findings:
    return findings_fixture.findings()


@pytest.fixture(scope="module")
def value(found: Findings) -> dict[str, Any]:
    return value_json.to_value(found)


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(value_json.value_schema())


def test_every_object_of_the_form_is_closed() -> None:
    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if node.get("type") == "object":
                assert "additionalProperties" in node, node
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    walk(value_json.value_schema())


@pytest.mark.parametrize("make", ["findings", "other_scripts", "bare"])
def test_all_kinds_of_findings_keep_the_form(make: str, tmp_path: Path) -> None:
    value_json.write_value(getattr(findings_fixture, make)(), tmp_path / "value.json")
    text = (tmp_path / "value.json").read_text(encoding="utf-8")
    assert Draft202012Validator(value_json.value_schema()).is_valid(json.loads(text))
    assert "NaN" not in text


def test_the_same_findings_give_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        value_json.write_value(findings_fixture.findings(), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_what_the_first_readers_look_for_is_there(value: dict[str, Any]) -> None:
    assert value["region"] == "brookland"
    assert value["members"] == ["upper", "lower", "east"]
    assert (value["currency"], value["price_year"], value["seed"]) == ("EUR", 2023, 7)
    flood = value["cases"][0]
    assert flood["alone"] == {"upper": 36e6, "lower": 224e6, "east": 61e6}
    assert flood["together"] == {"upper": 67e6, "lower": 126e6, "east": 38e6}
    assert flood["totals"] == {"alone": 321e6, "together": 231e6, "gain": 90e6}
    assert flood["shares"]["shapley"] == {"upper": 31.5e6, "lower": 41e6, "east": 17.5e6}


def test_shares_exhaust_the_gain_and_payments_cancel_to_the_cent(found: Findings) -> None:
    flood = found.cases[0]
    assert flood.game is not None
    rng = np.random.default_rng(5)
    for _ in range(50):
        alone, together = rng.uniform(0, 1e9, 3), rng.uniform(0, 1e9, 3)
        gain = float((alone - together).sum())
        rules = tuple(replace(r, shares=(s := rng.dirichlet(np.ones(3)) * gain),
                              payments=s - alone + together) for r in flood.game.rules)  # fmt: skip
        case = replace(flood, alone=alone, together=together, game=replace(flood.game, rules=rules))
        out = value_json.to_value(replace(found, cases=(case,)))["cases"][0]
        whole = round(out["totals"]["gain"] * 100)
        for rule, shares in out["shares"].items():
            assert sum(round(v * 100) for v in shares.values()) == whole
            assert sum(round(v * 100) for v in out["payments"][rule].values()) == 0
            for member, share in shares.items():
                own = out["gain_without_payments"][member]
                assert out["payments"][rule][member] == pytest.approx(share - own, abs=1e-6)


def test_in_core_needs_both_conventions_and_the_stronger_objection_is_named(value: dict[str, Any]) -> None:
    flood = value["cases"][0]
    assert flood["in_core"]["shapley"] is True
    assert flood["in_core"]["equal"] is False, "gamma holds, delta does not"
    assert flood["strongest_objection"]["equal"] == {
        "coalition": ["lower"],
        "gain": 16.8e6,
        "convention": "delta",
    }


def test_lives_are_not_divided(value: dict[str, Any]) -> None:
    heat = value["cases"][2]
    for key in ("shares", "in_core", "payments", "strongest_objection"):
        assert heat[key] is None


def test_worth_names_each_coalition(value: dict[str, Any]) -> None:
    worth = value["cases"][0]["worth"]
    assert len(worth) == 8
    assert worth[0]["coalition"] == []
    assert worth[5] == {"coalition": ["upper", "east"], "gamma": 3e6, "delta": 3e6}


def test_a_number_that_is_missing_stops_the_file(found: Findings, tmp_path: Path) -> None:
    broken = replace(found.cases[0], alone=np.array([1.0, np.nan, 2.0]))
    with pytest.raises(MissingValueError):
        value_json.write_value(replace(found, cases=(broken,)), tmp_path / "value.json")
    assert not (tmp_path / "value.json").exists()


def test_shares_that_leave_money_over_stop_the_file(found: Findings) -> None:
    flood = found.cases[0]
    assert flood.game is not None
    short = replace(flood.game.rules[0], shares=flood.game.rules[0].shares * 0.9)
    with pytest.raises(RangeError, match="exhaust"):
        value_json.to_value(replace(found, cases=(replace(flood, game=replace(flood.game, rules=(short,))),)))


def test_what_breaks_the_form_is_listed(found: Findings) -> None:
    bad = replace(found, region=replace(found.region, currency="euro", inputs_sha256="short"))
    with pytest.raises(SchemaError) as caught:
        value_json.to_value(bad)
    assert len(caught.value.faults) == 2
    assert any("currency" in fault for fault in caught.value.faults)


def test_numpy_flags_and_counts_are_written(found: Findings) -> None:
    flood = found.cases[0]
    assert flood.game is not None
    rule = replace(
        flood.game.rules[0], in_core_gamma=np.bool_(True), objection_gamma=Objection((), np.float64(-1.0))
    )
    case = replace(flood, game=replace(flood.game, rules=(rule,)), not_modelled={"lower": np.int64(3)})
    value_json.value_text(value_json.to_value(replace(found, cases=(case,))))
