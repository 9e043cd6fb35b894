"""Releases of a purchase: several buyers, shares to the cent, the one law named, valid at every step."""

from __future__ import annotations

import re
from typing import Any

import pytest
from procurement_cases import BUYERS, LIFE, RULE, TENDER, after, at, packed, releases

from bothbanks.civic.finance.applicable_law import Entity, LawRule
from bothbanks.civic.finance.procurement_steps import CancelTender, Finish
from bothbanks.standards.ocds_release import EXTENSIONS
from bothbanks.standards.ocds_schema import PACKAGE, RELEASE, faults


@pytest.mark.parametrize("length", range(len(LIFE) + 1))
def test_every_stage_validates(length: int) -> None:
    made = releases(LIFE[:length])
    assert [f for r in made for f in faults(RELEASE, r, "x")] == []
    assert faults(PACKAGE, packed(made), "x") == []


@pytest.mark.parametrize(
    "commands",
    [
        [CancelTender(at(2, 1), "no money")],
        [TENDER, CancelTender(at(2, 2), "no money")],
        [*LIFE[:4], Finish(at(6, 1), False, "the firm gave up")],
    ],
)
def test_other_ends_validate(commands: list[Any]) -> None:
    made = releases(commands)
    assert faults(PACKAGE, packed(made), "x") == []
    last = made[-1]
    assert last["tag"] in (["tenderCancellation"], ["contractTermination"])
    text = last.get("tender", last.get("contracts", [{}])[0])["description"]
    assert re.search("no money|the firm gave up", text)


def test_all_buyers_are_parties_and_one_leads() -> None:
    release = releases(LIFE[:1])[0]
    roles = {p["id"]: p["roles"] for p in release["parties"]}
    assert roles == {"a": ["buyer", "procuringEntity"], "b": ["buyer"], "c": ["buyer"]}
    assert release["buyer"] == {"id": "a", "name": "A-town"}
    assert release["tender"]["procuringEntity"]["id"] == "a"
    assert {p["address"]["countryName"] for p in release["parties"]} == {"Belgium", "Netherlands", "Germany"}


def test_the_joint_body_is_the_procuring_entity() -> None:
    body = Entity("body", "Joint body", "NL", ("NL",))
    release = releases([], rule=LawRule("art. 3", "39(5)", "seat", entity=body))[0]
    assert release["tender"]["procuringEntity"] == {"id": "body", "name": "Joint body"}
    assert release["tender"]["crossBorderLaw"].startswith("NL: named under Article 39(5)")
    assert next(p for p in release["parties"] if p["id"] == "body")["roles"] == ["procuringEntity"]


def test_the_law_named_stands_in_the_tender() -> None:
    tender = releases(LIFE[:1])[1]["tender"]
    assert tender["crossBorderLaw"] == (
        f"BE: named under Article 39(4) of Directive 2014/24/EU by {RULE.agreement} (rule: lead-buyer)"
    )
    assert tender["legalBasis"]["id"] == "32014L0024"
    assert tender["procurementMethodDetails"] == "The joint value asks for: union-open (law: BE)"


def test_shares_are_the_budget_breakdown_to_the_cent() -> None:
    budget = releases([], estimate=42_000_001)[0]["planning"]["budget"]
    parts = [round(p["amount"]["amount"] * 100) for p in budget["budgetBreakdown"]]
    assert sum(parts) == 42_000_001 == round(budget["amount"]["amount"] * 100)
    assert [p["sourceParty"]["id"] for p in budget["budgetBreakdown"]] == ["a", "b", "c"]
    assert budget["description"] == "Decision: decision 1"


def test_each_payment_is_one_transaction_a_buyer() -> None:
    purchase, _ = after(LIFE)
    transactions = releases()[-1]["contracts"][0]["implementation"]["transactions"]
    assert len(transactions) == 2 * len(BUYERS)
    for buyer in BUYERS:
        paid = sum(round(t["value"]["amount"] * 100) for t in transactions if t["payer"]["id"] == buyer.id)
        assert paid == purchase.paid_by(buyer.id)
    assert {t["payee"]["id"] for t in transactions} == {"s1"}
    assert len({t["id"] for t in transactions}) == len(transactions)


def test_amendments_name_the_release_they_change() -> None:
    made = releases()
    tender, contract = made[2]["tender"]["amendments"], made[5]["contracts"][0]["amendments"]
    assert (tender[0]["amendsReleaseID"], tender[0]["releaseID"]) == (made[1]["id"], made[2]["id"])
    assert (contract[0]["amendsReleaseID"], contract[0]["releaseID"]) == (made[4]["id"], made[5]["id"])
    assert tender[0]["rationale"] == "more time"


def test_words_come_in_every_language_given() -> None:
    tender = releases(LIFE[:1])[1]["tender"]
    assert (tender["title"], tender["title_de"]) == ("Pumps", "Pumpen")
    german = releases([], language="de")[0]
    assert (german["language"], german["tender"]["title"]) == ("de", "Pumpen")


def test_social_services_count_as_services_and_say_so() -> None:
    tender = releases([], kind="social")[0]["tender"]
    assert tender["mainProcurementCategory"] == "services"
    assert tender["additionalProcurementCategories"] == ["socialServices"]


def test_the_same_purchase_gives_the_same_releases() -> None:
    assert releases() == releases()
    ids = [r["id"] for r in releases()]
    assert len(set(ids)) == len(ids)
    assert not [i for i in ids if "#" in i], "a release id holds no #"


def test_a_package_names_its_extensions() -> None:
    package = packed(releases())
    assert package["extensions"] == list(EXTENSIONS)
    assert package["version"] == "1.1"
    assert package["publishedDate"] == "2026-09-01T09:00:00Z"
