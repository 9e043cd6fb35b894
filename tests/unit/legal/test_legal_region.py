"""``compact/legal.toml``: every problem at once, and the example's facts against the tables of purchases."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from bothbanks.civic.finance.threshold_tables import NATIONAL_RULES, UNCLEAR, UNION_THRESHOLDS
from bothbanks.region.compact.legal import LegalSettings
from bothbanks.region.compact.section import KnownCompact
from bothbanks.region.problems import Problems
from bothbanks.region.toml_files import validated

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples/meuse-rhine/compact/legal.toml"
SMALL = ROOT / "tests/data/two-banks/compact/legal.toml"
REGIME = {
    "lie": "BE",
    "ver": "BE",
    "ost": "BE",
    "bli": "BE",
    "mhl": "NL",
    "pks": "NL",
    "aac": "DE-NW",
    "duh": "DE-NW",
}


class _Region:
    members = ("steinach", "uferau")


def problems_of(text: str) -> list[str]:
    problems = Problems()
    raw = tomllib.loads(text)
    found = validated(LegalSettings, raw, "compact/legal.toml", problems, languages=("de", "fr"))
    if found is not None:
        known = KnownCompact("compact/legal.toml", _Region(), (), {})  # type: ignore[arg-type]
        found.check(known, problems)
    return [f"{p.code} {p.record} {p.field}: {p.found}" for p in problems]


def test_the_small_example_is_sound() -> None:
    assert problems_of(SMALL.read_text("utf-8")) == []


def test_every_problem_is_told_at_once() -> None:
    text = SMALL.read_text("utf-8")
    text = text.replace('members = ["uferau"]', 'members = ["atlantis"]', 1)
    text = text.replace('one_of = ["links"]', 'one_of = ["oben"]').replace(
        'subject = "funk"', 'subject = "rauch"', 1
    )
    text = text.replace('id = "funk"', 'id = "sanitaet"').replace(
        'takers = ["uferau"]', 'takers = ["steinach"]'
    )
    found = problems_of(text)
    for part in (
        "'atlantis'",
        "'rauch'",
        "'sanitaet' 2 times",
        "recognitions[1] sanitaet-2020",
        "rules[5] sanitaet",
    ):
        assert any(part in p for p in found), part


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('[{ at_least = "10" }]', '[{ at_least = "ten" }]', "an exact number"),
        ('[{ at_least = "10" }]', '[{ at_least = "10", at_most = "20" }]', "exactly one of"),
        ("mergeable = false", "mergeable = true", "procurement law is never merged"),
        ('source = "made up"\ncertainty', 'source = " "\ncertainty', "a citation"),
        ('area = "radio"', 'area = "smoke"', "'procurement'"),
    ],
)
def test_what_cannot_be_read(old: str, new: str, expected: str) -> None:
    problems = Problems()
    text = SMALL.read_text("utf-8")
    assert old in text
    raw = tomllib.loads(text.replace(old, new, 1))
    found = validated(LegalSettings, raw, "compact/legal.toml", problems, languages=("de", "fr"))
    if found is not None:
        found.check(KnownCompact("f", _Region(), (), {}), problems)  # type: ignore[arg-type]
    assert any(expected in p.expected for p in problems), [str(p) for p in problems]


def test_two_rules_that_hold_on_the_same_day() -> None:
    text = SMALL.read_text("utf-8")
    again = text[text.index("[[rules]]") : text.index("[[rules]]", text.index("[[rules]]") + 1)]
    assert any("hold on the same day" in p for p in problems_of(text + "\n" + again))


@pytest.mark.parametrize("subject", ["notice-goods", "notice-works"])
def test_procurement_limits_are_those_of_the_tables(subject: str) -> None:
    """What the matrix says needs no notice is what the tables of purchases say, for each day and member."""
    kind = {"notice-goods": "goods", "notice-works": "works"}[subject]
    settings = LegalSettings.model_validate(
        tomllib.loads(EXAMPLE.read_text("utf-8")), context={"languages": ("en", "de", "fr", "nl")}
    )
    seen = 0
    for rule in (r for r in settings.rules if r.subject == subject and r.demands):
        day = rule.valid_from
        assert day is not None
        union = next(
            u.amount for u in UNION_THRESHOLDS
            if kind in u.kinds and u.authority == "sub-central" and u.first <= day <= u.last
        )  # fmt: skip
        for member in rule.members:
            rows = [
                r for r in NATIONAL_RULES
                if r.regime == REGIME[member] and kind in r.kinds and r.first <= day <= r.last
                and r.mark != UNCLEAR and r.procedure != "national-open"
            ]  # fmt: skip
            limit = max(union if r.below is None else r.below for r in rows)
            assert rule.demands[0].at_most == f"{limit:.0f}", (member, day)
            seen += 1
    assert seen >= 10


def test_nothing_that_was_not_read_has_a_demand() -> None:
    raw = tomllib.loads(EXAMPLE.read_text("utf-8"))
    for rule in raw["rules"]:
        assert bool(rule.get("demands")) != rule["source"].startswith("to be asked"), rule["source"]
        assert set(rule["text"]) == {"en", "de", "fr", "nl"}
        assert rule.get("review", date(2026, 1, 1)) > date(2025, 12, 31)
