from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from duties_fixture import copied, opened_once
from partnerships import TWO_BANKS, Live, make_partnership, people

from bothbanks.app.partnership import texts
from bothbanks.app.partnership.calendar import dates
from bothbanks.app.partnership.desk import Done
from bothbanks.app.partnership.money import journal_of
from bothbanks.app.partnership.money_files import toml_text, write_back
from bothbanks.app.partnership.search import Search
from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.roles import Actor
from bothbanks.civic.finance.claims_kept import KeptClaim
from bothbanks.civic.finance.ledger_balances import balances
from bothbanks.civic.finance.procurement_taken import KeptPurchase
from bothbanks.region import read_region
from bothbanks.region.finance.journal import read_journal
from bothbanks.region.finance.purchases import steps_of
from bothbanks.words.errors import RegionError

SHA = "ab" * 32
HEADS = "id,date,decision,article,text,account,amount,currency,price_year,reverses,rate,rate_date,rate_source"
JOURNAL = f"""{HEADS}
1,2026-11-02,council-2026-10,art-contributions,Contribution called,assets:due:uferau,900.00,CHF,2026,,,,
1,,,,,income:contributions:uferau,-900.00,CHF,2026,,,,
2,2026-11-12,council-2026-10,art-contributions,Contribution paid in,assets:bank,900.00,CHF,2026,,,,
2,,,,,assets:due:uferau,-900.00,CHF,2026,,,,
"""
PROCUREMENT = """# A remark that must survive.
publisher = "Two banks (made up)"
uri = "https://example.org/releases.json"
ocid_prefix = "ocds-xxxxxx"
prefix_source = "assumed"
language = "de"

[regimes]
uferau = "DE-NW"
steinach = "NL"

[law]
article = "art-purchasing"
rule = "lead-buyer"
agreement = "the article on joint purchasing"

[[purchases]]
id = "pumps"
title = "Pumpen"
rationale = "Ein Typ auf beiden Ufern"
kind = "goods"
lead = "steinach"
shares = { steinach = "1/2", uferau = "1/2" }
estimate = 90000.00
planned = 2026-10-01T09:00:00Z
decision = "council-2026-10"

[[purchases.items]]
id = "1"
description = "Pumpe"
code = "42122130"
quantity = 4
unit = "pump"

[[purchases.steps]]
step = "tender"
when = 2026-10-02T09:00:00Z
method = "limited"
criteria = "ratedCriteria"
closes = 2026-11-20T12:00:00Z
"""


def folder(tmp_path: Path, journal: str = JOURNAL, procurement: str = PROCUREMENT) -> Path:
    made = tmp_path / "region"
    shutil.copytree(TWO_BANKS, made)
    (made / "finance").mkdir()
    (made / "finance" / "journal.csv").write_text(journal, encoding="utf-8")
    (made / "finance" / "procurement.toml").write_text(procurement, encoding="utf-8")
    (made / "compact" / "legal.toml").unlink(missing_ok=True)  # its laws are those of other regimes
    return made


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Live:
    base = tmp_path_factory.mktemp("money")
    return opened_once(base / "data", folder(base))


@pytest.fixture
def live(opened: Live, tmp_path: Path) -> Iterator[Live]:
    with copied(opened, tmp_path / "live") as made:
        yield made


def act(live: Live, name: str, actor: Actor, **payload: Any) -> Done:
    outcome = live.act(name, payload, actor)
    assert isinstance(outcome, Done), str(outcome)
    return outcome


def refused(live: Live, name: str, actor: Actor, **payload: Any) -> str:
    outcome = live.act(name, payload, actor)
    assert isinstance(outcome, Refusal), outcome
    return outcome.code


def told(live: Live, subject: str) -> list[dict[str, Any]]:
    with live.reading() as reader:
        return [json.loads(e.leaf) for e in reader.entries_about(subject)]


def call(id: str = "3", **more: Any) -> dict[str, Any]:
    return {
        "id": id, "day": "2026-11-24", "decision": "council-2026-10", "article": "art-contributions",
        "text": "Called for the second half", "postings": ["assets:due:steinach 500.00",
        "income:contributions:steinach -500.00"], "currency": "CHF", "price_year": 2026, **more,
    }  # fmt: skip


def test_the_folder_s_ledger_becomes_entries_and_balances_are_computed(live: Live) -> None:
    with live.reading() as reader:
        found = {b.account: b.minor for b in balances(journal_of(reader))}
    assert found == {"assets:bank": 90000, "income:contributions:uferau": -90000}
    assert told(live, "ledger-entry/1")[0]["body"]["postings"][0] == {
        "account": "assets:due:uferau", "minor": 90000, "currency": "CHF", "price_year": 2026,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"decision": "none"}, "references.decision"),
        ({"article": "art-none"}, "references.article"),
        (
            {"postings": ["assets:due:steinach 500.00", "income:contributions:steinach -400.00"]},
            "money.ledger",
        ),
        ({"postings": ["assets:due:nobody 5.00", "income:contributions:nobody -5.00"]}, "money.ledger"),
        ({"postings": ["assets:due:steinach five", "equity:opening -5"]}, "money.amount"),
        ({"postings": ["expenses:running 5.00", "assets:bank -5.00"]}, "money.payment"),
        ({"id": "1"}, "money.ledger"),
    ],
)
def test_what_can_t_be_booked_is_refused(live: Live, change: dict[str, Any], code: str) -> None:
    office = people(live, "secretariat")
    assert refused(live, "money.post", office, **call(**change)) == code


def test_a_call_is_booked_and_a_payment_waits_for_a_second_person(live: Live) -> None:
    office = people(live, "secretariat")
    act(live, "money.post", office, **call())
    pay = call("4", text="Running cost", postings=["expenses:running 100.00", "assets:bank -100.00"])
    assert act(live, "money.pay", office, **pay).waits
    with live.reading() as reader:
        assert [e.id for e in journal_of(reader).entries] == ["1", "2", "3"]
    assert refused(live, "money.post", people(live, "council", "uferau"), **call("5")) == "command.right"


def claimed(live: Live) -> str:
    office, council = people(live, "secretariat"), people(live, "council", "uferau")
    stated = act(
        live, "money.register-statement", office, about="trigger", terms="bridge", sha256=SHA,
        stated_on="2026-11-20", due=["steinach 100.00", "uferau 50.00"], currency="CHF",
    )  # fmt: skip
    id = stated.subject.split("/")[1]
    assert refused(
        live, "money.file-claim", council, statement=id, member="uferau", amount="600000", reason="x"
    ) == "claim.cap"  # fmt: skip
    filed = act(
        live, "money.file-claim", council, statement=id, member="uferau", amount="1000.50", reason="the gauge"
    )
    return filed.subject.split("/")[1]


def test_a_claim_has_its_clocks_and_no_name_in_the_open_record(live: Live) -> None:
    office, council = people(live, "secretariat"), people(live, "council", "uferau")
    id = claimed(live)
    act(
        live,
        "money.claim-evidence",
        council,
        claim=id,
        member="uferau",
        sha256="cd" * 32,
        shows="photographs",
    )
    live.clock.set(live.clock.now + timedelta(days=50))
    live.tick()
    clocks = [e["body"] for e in told(live, f"claim/{id}") if e["kind"] == "claims.clock-ended"]
    assert [(c["clock"], c["at"]) for c in clocks] == [
        ("evidence", "2026-12-24T23:00:00Z"), ("panel", "2027-01-08T23:00:00Z"),
    ]  # fmt: skip
    panel = ["A. Person; uferau-court", "B. Person; steinach", "C. Person; university"]
    own = [*panel[:2], "C. Person; uferau"]
    assert refused(live, "money.claim-panel", office, claim=id, people=own) == "claim.panel"
    act(live, "money.claim-panel", office, claim=id, people=panel)
    seated = told(live, f"claim/{id}")[-1]
    assert seated["body"]["late"] is True
    assert "Person" not in json.dumps(seated)
    with live.reading() as reader:
        assert reader.load(KeptClaim, id).state.claim.state == "panel"
    votes = ["A. Person; yes", "B. Person; yes", "C. Person; no"]
    decide = {"claim": id, "votes": votes, "award": "800", "reasons": "the gauge stood too high"}
    assert act(live, "money.claim-decide", office, **decide).waits


def test_a_purchase_goes_on_in_the_store_and_its_lead_takes_the_steps(live: Live) -> None:
    lead, other = people(live, "council", "steinach"), people(live, "council", "uferau")
    step = {"purchase": "pumps", "step": "award", "tenderers": ["firm-1; Made-up Pumps", "firm-2; None"],
            "winner": "firm-1", "amount": "85000"}  # fmt: skip
    assert refused(live, "money.purchase-step", other, member="uferau", **step) == "money.lead"
    act(live, "money.purchase-step", lead, member="steinach", **step)
    live.clock.set(live.clock.now + timedelta(days=30))
    act(
        live, "money.purchase-step", lead, member="steinach", purchase="pumps", step="contract",
        amount="85000", starts="2027-01-01", ends="2027-06-30", milestones=["half; Two pumps; 2027-03-31"],
    )  # fmt: skip
    pay = {"purchase": "pumps", "member": "steinach", "amount": "1000.01", "decision": "council-2026-10"}
    assert act(live, "money.purchase-pay", lead, **pay).waits
    with live.reading() as reader:
        assert reader.load(KeptPurchase, "pumps").state.purchase.stage == "contracted"
    kinds = [e["kind"] for e in told(live, "purchase/pumps")]
    assert kinds == ["purchases.planning", "purchases.tender", "purchases.award", "purchases.contract"]


def test_a_purchase_is_planned_under_the_law_the_agreement_names(live: Live) -> None:
    lead = people(live, "council", "uferau")
    form = {
        "member": "uferau", "title": "Sandbags", "rationale": "One store", "kind": "goods",
        "shares": ["steinach 1/3", "uferau 2/3"], "estimate": "15000", "decision": "council-2026-10",
    }  # fmt: skip
    made = act(live, "money.plan-purchase", lead, **form).subject.split("/")[1]
    with live.reading() as reader:
        assert reader.load(KeptPurchase, made).state.purchase.law.law == "DE-NW"
    assert refused(live, "money.plan-purchase", lead, **{**form, "shares": ["uferau 2/3"]}) == (
        "procurement.shares"
    )
    assert refused(live, "money.plan-purchase", lead, **{**form, "decision": "none"}) == "references.decision"


def test_written_back_unchanged_files_are_the_same_bytes_and_changed_ones_the_same_model(
    live: Live, tmp_path: Path
) -> None:
    with live.reading() as reader:
        assert write_back(reader) == {
            "finance/journal.csv": JOURNAL, "finance/procurement.toml": PROCUREMENT,
        }  # fmt: skip
    office, lead = people(live, "secretariat"), people(live, "council", "steinach")
    act(live, "money.post", office, **call())
    act(
        live, "money.purchase-step", lead, member="steinach", purchase="pumps", step="award",
        tenderers=["firm-1; Pumps \"& Sons\""], winner="firm-1", amount="85000.50",
    )  # fmt: skip
    act(
        live, "money.plan-purchase", lead, member="steinach", title="Sandbags", rationale="One store",
        kind="goods", shares=["steinach 1/3", "uferau 2/3"], estimate="15000", decision="council-2026-10",
    )  # fmt: skip
    with live.reading() as reader:
        texts = write_back(reader)
        kept = {k.id: k.state for k in reader.all(KeptPurchase)}
        journal = journal_of(reader)
    folder(tmp_path)
    for path, text in texts.items():
        (tmp_path / "region" / path).write_text(text, encoding="utf-8")
    again = read_region(tmp_path / "region")
    purchases = {p.id: p for p in again.finance["procurement"].purchases}  # type: ignore[attr-defined]
    assert set(purchases) == set(kept)
    for id, p in purchases.items():
        assert steps_of(p) == kept[id].steps
        assert round(p.estimate * 100) == kept[id].estimate
    assert read_journal(tmp_path / "region", journal.members) == journal


def test_references_that_lead_nowhere_stop_the_opening_with_file_and_record(tmp_path: Path) -> None:
    wrong = JOURNAL.replace(
        "council-2026-10,art-contributions,Contribution paid", "x-1,art-none,Contribution paid"
    )
    with pytest.raises(RegionError) as caught:
        make_partnership(tmp_path / "data", folder=folder(tmp_path, journal=wrong))
    assert {(p.file, p.record, p.field, p.code) for p in caught.value.problems} == {
        ("finance/journal.csv", "entry 2", "article", "region.unknown-article"),
        ("finance/journal.csv", "entry 2", "decision", "region.unknown-decision"),
    }


def test_a_purchase_s_decision_and_article_are_checked_when_the_folder_is_read(tmp_path: Path) -> None:
    wrong = PROCUREMENT.replace('decision = "council-2026-10"', 'decision = "board-1"').replace(
        "art-purchasing", "art-buying"
    )
    with pytest.raises(RegionError) as caught:
        read_region(folder(tmp_path, procurement=wrong))
    assert {(p.file, p.record, p.field, p.code) for p in caught.value.problems} == {
        ("finance/procurement.toml", "purchases[1] pumps", "decision", "region.unknown-decision"),
        ("finance/procurement.toml", "law", "article", "region.unknown-article"),
    }


def test_toml_text_reads_back() -> None:
    import tomllib

    table = {
        "a": "line\nwith \"quotes\" \\ and \t", "n": 1.25, "b": False, "d": date(2026, 1, 2),
        "t": datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "l": ["x", "y"], "o d d": 1,
        "rows": [{"id": "r", "sub": {"k": "v"}, "more": [{"z": 1}]}, {"id": "s"}], "e": [],
    }  # fmt: skip
    assert tomllib.loads(toml_text(table)) == table


def test_purchases_are_found_and_a_claims_clock_stands_in_the_calendar(live: Live) -> None:
    office = people(live, "secretariat")
    with live.reading() as reader:
        before = [d for d in dates(reader, office) if d.id.startswith("claim-")]
        bought = next(t for t in texts.money(reader) if t.path == "/money/purchases/pumps")
        language, title = next(iter(bought.title.items()))
        assert bought.path in {hit.path for hit in Search().find(reader, office, language, title)}
    id = claimed(live)
    with live.reading() as reader:
        clocks = [d for d in dates(reader, office, "uferau") if d.id.startswith("claim-")]
    assert before == []
    assert [(d.path, d.member) for d in clocks] == [(f"/money/claims/{id}", "uferau")]
    assert clocks[0].article
