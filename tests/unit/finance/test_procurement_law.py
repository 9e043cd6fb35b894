"""One law is named by the agreement's rule, or the purchase doesn't start."""

from __future__ import annotations

from fractions import Fraction

import pytest
from procurement_cases import BUYERS, THIRDS

from bothbanks.civic.finance.applicable_law import (
    ApplicableLaw,
    Buyer,
    Entity,
    LawRule,
    Refusal,
    applicable_law,
)

BODY = Entity("body", "Joint body", "BE", ("NL", "DE-NW"))


def law(
    rule: LawRule | None, shares: dict[str, Fraction] = THIRDS, lead: str = "a"
) -> ApplicableLaw | Refusal:
    return applicable_law(rule, BUYERS, lead, shares)


@pytest.mark.parametrize(
    ("rule", "lead", "shares", "named"),
    [
        (LawRule("art. 7", rule="lead-buyer"), "c", THIRDS, "DE-NW"),
        (
            LawRule("art. 7", rule="largest-share"),
            "a",
            {"a": Fraction(1, 4), "b": Fraction(1, 2), "c": Fraction(1, 4)},
            "NL",
        ),
        (LawRule("art. 7", rule="fixed", law="NL"), "a", THIRDS, "NL"),
        (LawRule("art. 7", "39(5)", "seat", entity=BODY), "a", THIRDS, "BE"),
        (LawRule("art. 7", "39(5)", "activity", "DE-NW", BODY), "a", THIRDS, "DE-NW"),
    ],
)
def test_the_rule_names_the_law(rule: LawRule, lead: str, shares: dict[str, Fraction], named: str) -> None:
    found = law(rule, shares, lead)
    assert isinstance(found, ApplicableLaw)
    assert (found.law, found.basis, found.agreement) == (named, rule.basis, "art. 7")
    assert set(found.others) == {"BE", "NL", "DE-NW"} - {named}


@pytest.mark.parametrize(
    ("rule", "code", "words"),
    [
        (None, "procurement.no-law", "no agreement names the law"),
        (LawRule("  "), "procurement.no-law", "BE and NL and DE-NW"),
        (LawRule("art. 7", rule="fixed", law="FR"), "procurement.foreign-law", "no buyer's"),
        (LawRule("art. 7", rule="largest-share"), "procurement.law-tie", "a and b and c"),
        (LawRule("art. 7", "39(4)", "seat"), "procurement.law-rule", "names no law"),
        (LawRule("art. 7", "39(5)", "seat"), "procurement.no-entity", "joint entity"),
        (LawRule("art. 7", "39(5)", "activity", "FR", BODY), "procurement.foreign-law", "not active"),
        (LawRule("art. 7", "39(2)", "lead-buyer"), "procurement.law-rule", "39(2)"),
    ],
)
def test_no_law_can_be_named(rule: LawRule | None, code: str, words: str) -> None:
    found = law(rule)
    assert isinstance(found, Refusal)
    assert found.code == code
    assert words in found.reason


def test_buyers_of_one_country_need_no_agreement() -> None:
    two = (Buyer("x", "X", "NL", "NL"), Buyer("y", "Y", "NL", "NL"))
    half = {"x": Fraction(1, 2), "y": Fraction(1, 2)}
    found = applicable_law(None, two, "x", half)
    assert isinstance(found, ApplicableLaw)
    assert (found.law, found.basis, found.others) == ("NL", "one-country", ())
    foreign = applicable_law(LawRule("art. 7", rule="fixed", law="BE"), two, "x", half)
    assert isinstance(foreign, Refusal)
    assert foreign.code == "procurement.foreign-law"


def test_two_parts_of_one_country_with_rules_of_their_own_need_an_agreement() -> None:
    two = (Buyer("x", "X", "DE", "DE-NW"), Buyer("y", "Y", "DE", "DE-RP"))
    found = applicable_law(None, two, "x", {"x": Fraction(1, 2), "y": Fraction(1, 2)})
    assert isinstance(found, Refusal)
    assert found.code == "procurement.no-law"
