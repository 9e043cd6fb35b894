"""``compact/votes.toml``: rules from the agreement's own terms, and every problem at once."""

from __future__ import annotations

import tomllib
from fractions import Fraction as F
from pathlib import Path
from types import SimpleNamespace

import pytest

from bothbanks.civic.compact.votes_rules import AllOf, AnyOf, Blocking, Consent, Least, Share, Unanimity, Veto
from bothbanks.region.compact.section import KnownCompact
from bothbanks.region.compact.votes import ConditionSettings, VotesSettings, terms_of
from bothbanks.region.problems import Problems
from bothbanks.region.toml_files import validated

ROOT = Path(__file__).parents[3]
SMALL = ROOT / "tests/data/two-banks/compact/votes.toml"
TERMS = {
    "quorum": F(2, 3),
    "majority": F(1, 2),
    "population": F(1, 2),
    "weighty": F(2, 3),
    "written": 14,
    "notice": 21,
}
FILE = "compact/votes.toml"


def agreement(**terms: object) -> object:
    def term(value: object) -> SimpleNamespace:
        days = value if isinstance(value, int) else None
        return SimpleNamespace(fraction=None if days else str(value), percent=None, days=days)

    return SimpleNamespace(terms={name: term(v) for name, v in (terms or TERMS).items()})


def check(text: str, agreed: object) -> list[str]:
    problems = Problems()
    found = validated(VotesSettings, tomllib.loads(text), FILE, problems, languages=("de", "fr"))
    if found is not None:
        region = SimpleNamespace(members=("steinach", "uferau"))
        people = SimpleNamespace(organs=(SimpleNamespace(id="rat"),))
        others = {"agreement": agreed, "people": people}
        known = KnownCompact(FILE, region, (), {}, others=others)  # type: ignore[arg-type]
        found.check(known, problems)
    return [str(p) for p in problems]


def test_the_small_example_is_sound() -> None:
    assert check(SMALL.read_text("utf-8"), agreement()) == []


def test_every_problem_is_told_at_once() -> None:
    text = SMALL.read_text("utf-8")
    text = text.replace("{weighty}", "{heavy}").replace('organ = "rat"', 'organ = "senat"', 1)
    text = text.replace('id = "election"', 'id = "written"').replace(
        'member = "uferau"', 'member = "atlantis"'
    )
    text = text.replace('rule = "ordinary"', 'rule = "none"')
    text = text.replace("secret = true\n", 'secret = true\nweights = { atlantis = "2" }\n')
    found = check(text, agreement())
    for part in ("'heavy'", "'senat'", "'written' 2 times", "'atlantis'", "'none'", "region.vote-rule"):
        assert any(part in p for p in found), (part, found)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('at_least = "{weighty}"', 'at_least = "most"', "a share in quotes"),
        ('at_least = "{weighty}"', "", "exactly one of"),
        ('unanimity = "all"', "all = []", "at least one condition"),
        ('days = "{written}"', 'days = "soon"', "a whole number of days"),
        ("made_up = true", "made_up = false", "True"),
    ],
)
def test_what_cannot_be_read(old: str, new: str, expected: str) -> None:
    text = SMALL.read_text("utf-8")
    assert old in text
    found = check(text.replace(old, new, 1), agreement())
    assert any(expected in p for p in found), found


@pytest.mark.parametrize(
    ("written", "condition"),
    [
        ({"more_than": "{majority}"}, Share("members", F(1, 2), more_than=True)),
        ({"counts": "population", "at_least": "0.65"}, Share("population", F(13, 20))),
        ({"counts": "weight", "at_least": "12/17", "of": "cast"}, Share("weight", F(12, 17), of="cast")),
        ({"number": "24"}, Least("members", F(24))),
        ({"blocking": 4}, Blocking(4)),
        ({"veto": ["a"]}, Veto(("a",))),
        ({"consent": []}, Consent()),
        ({"unanimity": "cast"}, Unanimity("cast")),
        ({"any": [{"all": [{"number": "15"}, {"unanimity": "all"}]}, {"number": "24"}]},
         AnyOf((AllOf((Least("members", F(15)), Unanimity("all"))), Least("members", F(24))))),
    ],
)  # fmt: skip
def test_conditions_as_written(written: dict[str, object], condition: object) -> None:
    assert ConditionSettings.model_validate(written).condition(TERMS) == condition


def test_terms_are_exact() -> None:
    found = terms_of(SimpleNamespace(terms={"p": SimpleNamespace(fraction=None, percent=65.0, days=None)}))
    assert found == {"p": F(13, 20)}
    assert terms_of(None) == {}
