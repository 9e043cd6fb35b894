from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from duties_fixture import live, two_banks
from partnerships import Live, people

from bothbanks.app.partnership.desk import Done
from bothbanks.app.partnership.duties import home_facts
from bothbanks.app.partnership.plans import presiding
from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact.agreement_state import Agreement
from bothbanks.civic.compact.disputes_state import Dispute
from bothbanks.civic.compact.duties_late import late, suspensions
from bothbanks.civic.compact.duties_state import Duty
from bothbanks.civic.compact.obstacles import Obstacle
from bothbanks.civic.compact.plans import Plan
from bothbanks.civic.compact.roles import CLOCK, Actor

__all__ = ["live", "two_banks"]

SHA = "ab" * 32


def act(live: Live, name: str, actor: Actor, **payload: Any) -> Done:
    outcome = live.act(name, payload, actor)
    assert isinstance(outcome, Done), str(outcome)
    return outcome


def refused(live: Live, name: str, actor: Actor, **payload: Any) -> str:
    outcome = live.act(name, payload, actor)
    assert isinstance(outcome, Refusal), outcome
    return outcome.code


def duty(live: Live, id: str) -> Duty:
    with live.reading() as reader:
        return reader.load(Duty, id).state


def told(live: Live, subject: str) -> list[str]:
    with live.reading() as reader:
        return [e.kind for e in reader.entries_about(subject)]


def test_the_folder_gives_each_member_its_duties_and_the_clock_climbs_once(live: Live) -> None:
    assert duty(live, "report-uferau").due == date(2026, 12, 31)
    assert duty(live, "levee-permit").about == "measure/levee-left"
    assert duty(live, "levee-permit").due == date(2028, 12, 31)
    live.clock.set(datetime(2027, 5, 1, tzinfo=UTC))
    # Seven entries for each of two reports (early reminder, next year's occurrence, five rungs).
    assert live.tick() >= 14
    assert told(live, "duty/report-uferau") == [
        "duties.added", "duties.opened", "duties.reminded", "duties.reminded", "duties.opened",
        "duties.escalated", "duties.mediation-begun", "duties.arbitration-begun", "duties.right-suspended",
    ]  # fmt: skip
    before = told(live, "duty/report-uferau")
    live.tick()
    assert told(live, "duty/report-uferau") == before


def test_entries_of_a_late_tick_follow_the_order_of_their_instants(live: Live) -> None:
    live.clock.set(datetime(2027, 3, 1, tzinfo=UTC))
    with live.reading() as reader:
        start = reader.store.record_size()
    live.tick()
    with live.reading() as reader:
        import json

        entries = [json.loads(e.leaf) for e in reader.store.entries(start)]
    instants = [e["body"]["at"] for e in entries if e["kind"].startswith("duties.")]
    assert len(instants) > 6
    assert instants == sorted(instants)


def test_evidence_from_the_owner_is_read_by_another_and_closes_the_duty(live: Live) -> None:
    council = people(live, "council", "uferau")
    office = people(live, "secretariat")
    live.clock.set(datetime(2027, 1, 10, tzinfo=UTC))
    payload = {"duty": "report-uferau", "member": "uferau", "number": 1, "words": "as adopted"}
    assert refused(live, "duties.give-evidence", council, **payload, reference="x") == "duties.evidence"
    other = people(live, "council", "steinach")
    assert refused(live, "duties.give-evidence", other, **payload, reference=SHA) == "command.right"
    assert refused(
        live, "duties.give-evidence", council, **payload, reference="99999", kind="record"
    ) == "references.entry"  # fmt: skip
    act(live, "duties.give-evidence", council, **payload, reference=SHA, version=1)
    assert refused(live, "duties.accept", council, duty="report-uferau", number=1) == ("duties.accepted-by")
    assert refused(live, "duties.accept", office, duty="report-uferau", number=1, version=1) == (
        "store.conflict"
    )
    act(live, "duties.accept", office, duty="report-uferau", number=1)
    assert told(live, "duty/report-uferau")[-1] == "duties.done"


def test_a_missed_duty_shows_on_the_first_page_and_its_right_rests(live: Live) -> None:
    live.clock.set(datetime(2027, 5, 1, tzinfo=UTC))
    live.tick()
    with live.reading() as reader:
        facts = home_facts(reader)
        duties = [k.state for k in reader.all(Duty)]
        assert {s.duty.owner for s in facts.late} == {"steinach", "uferau"}
        assert {s.due for s in facts.coming} >= {date(2027, 12, 31)}
        assert (facts.presides, facts.language) == ("steinach", "fr")
        assert {(s.member, s.right) for s in suspensions(duties, reader.at)} == {
            ("steinach", "vote"), ("uferau", "vote"),
        }  # fmt: skip


def test_extension_and_waiver_name_a_decision_that_exists(live: Live) -> None:
    office = people(live, "secretariat")
    payload = {"duty": "report-uferau", "number": 1, "due": "2027-02-28", "reason": "illness"}
    assert refused(live, "duties.extend", office, **payload, decision="no-such") == ("references.decision")
    act(live, "duties.extend", office, **payload, decision="council-2026-10")
    assert duty(live, "report-uferau").due == date(2027, 2, 28)
    act(
        live, "duties.waive", office, duty="report-uferau", number=1, decision="council-2026-10",
        reason="done before",
    )  # fmt: skip
    with live.reading() as reader:
        assert late([reader.load(Duty, "report-uferau").state], reader.at) == ()


def test_a_duty_of_a_new_article_needs_the_article_and_a_decision(live: Live) -> None:
    office = people(live, "secretariat")
    form = {
        "member": "steinach", "decision": "council-2026-10", "title": "Map", "asks": "The map",
        "due": "2027-06-30", "like": "report-uferau",
    }  # fmt: skip
    assert refused(live, "duties.add", office, article="art-none", **form) == "references.article"
    made = act(live, "duties.add", office, article="art-flood-plan", **form)
    state = duty(live, made.subject.split("/")[1])
    assert (state.due, len(state.ladder)) == (date(2027, 6, 30), 6)


def test_adoption_starts_what_waits_for_it(live: Live) -> None:
    office = people(live, "secretariat")
    assert duty(live, "review").status == "waiting"
    done = act(live, "duties.event", office, event="adoption", day="2026-11-20", source="vote-1")
    assert done.answer["duties"] == ["review"]
    assert duty(live, "review").due == date(2029, 11, 20)
    assert refused(live, "duties.event", office, event="adoption", day="2026-11-20", source="x") == (
        "duties.no-wait"
    )


def test_a_dispute_runs_from_opening_to_judgement(live: Live) -> None:
    left, right = (people(live, "council", m) for m in ("steinach", "uferau"))
    office, second = people(live, "secretariat"), people(live, "secretariat", person="other")
    form = {"respondents": ["uferau"], "words": "no report came", "about": "duty"}
    assert refused(live, "disputes.open", left, member="steinach", subject="none", **form) == (
        "store.missing"
    )
    id = act(live, "disputes.open", left, member="steinach", subject="report-uferau", **form).subject
    id = id.split("/")[1]
    act(live, "disputes.add-paper", right, dispute=id, member="uferau", sha256=SHA, words="our letter")
    live.clock.set(live.clock.now + timedelta(days=100))
    live.tick()
    with live.reading() as reader:
        assert reader.load(Dispute, id).state.at_stage.name == "panel"
    seats = ["a; steinach; ; A. Person", "b; uferau; ; B. Person", "chair; both; ; C. Person"]
    tied = [*seats[:2], "chair; both; uferau; C. Person"]
    assert refused(live, "disputes.seat", office, dispute=id, seats=tied) == "disputes.conflict"
    act(live, "disputes.seat", office, dispute=id, seats=seats)
    assert "Person" not in str(told(live, f"dispute/{id}"))
    decision = {
        "dispute": id, "finding": "upheld", "votes_for": 2, "votes_against": 1, "reasons": "it is owed",
        "costs": ["uferau 2/3", "steinach 1/3"],
    }  # fmt: skip
    waits = act(live, "disputes.decide", office, **decision)
    assert waits.waits
    assert second.person != office.person


def test_obstacle_files_follow_the_regulation(live: Live) -> None:
    office = people(live, "secretariat")
    form = {"title": "Blue lights", "words": "not allowed over the border", "initiator": "secretariat",
            "authority": "a ministry"}  # fmt: skip
    assert refused(live, "obstacles.submit", office, country="FR", **form) == "obstacles.country"
    id = act(live, "obstacles.submit", office, country="DE", **form).subject.split("/")[1]
    live.clock.set(datetime(2027, 2, 1, tzinfo=UTC))
    live.tick()
    assert told(live, f"obstacle/{id}") == ["obstacles.submitted", "obstacles.clock-ended"]
    act(live, "obstacles.step", office, obstacle=id, step="inform", words="found", kind="legislative")
    with live.reading() as reader:
        assert reader.load(Obstacle, id).state.state == "found"


def test_plans_run_and_the_presidency_is_swapped(live: Live) -> None:
    officer, office = people(live, "duty-officer", "steinach"), people(live, "secretariat")
    low = {"plan": "high-water", "because": "the river rises", "seen": "4.2"}
    assert refused(live, "plans.activate", officer, **low) == "plans.trigger"
    act(live, "plans.activate", officer, **{**low, "seen": "4.50"})
    act(live, "plans.step", officer, plan="high-water", member="steinach", step="warn")
    act(live, "plans.stand-down", officer, plan="high-water", why="it falls")
    assert refused(live, "plans.drill", officer, plan="high-water", day="2099-01-01", words="x") == (
        "plans.future"
    )
    act(live, "plans.drill", officer, plan="high-water", day="2026-11-01", words="both banks warned")
    with live.reading() as reader:
        assert reader.load(Plan, "high-water").state.drilled == date(2026, 11, 1)
        assert presiding(reader, date(2027, 7, 1)).member == "uferau"  # type: ignore[union-attr]
    swap = {"first": 2, "second": 3, "decision": "council-2026-10"}
    act(live, "presidency.swap", office, **swap)
    with live.reading() as reader:
        assert presiding(reader, date(2027, 7, 1)).member == "steinach"  # type: ignore[union-attr]


@pytest.mark.parametrize("command", ["duties.accept", "duties.extend", "plans.activate", "disputes.seat"])
def test_nobody_acts_without_a_role(live: Live, command: str) -> None:
    forms = {
        "duties.accept": {"duty": "report-uferau", "number": 1},
        "duties.extend": {"duty": "report-uferau", "number": 1, "due": "2027-02-28", "decision": "d",
                          "reason": "r"},
        "plans.activate": {"plan": "high-water", "because": "x"},
        "disputes.seat": {"dispute": "x", "seats": ["a"]},
    }  # fmt: skip
    assert refused(live, command, Actor("somebody"), **forms[command]) == "command.right"


def test_the_clock_itself_begins_what_waits_once_the_agreement_is_in_force(live: Live) -> None:
    with live.desk(CLOCK) as desk:
        kept = desk.all(Agreement)[0]
        first = replace(kept.state.versions[0], status="in-force", in_force=date(2026, 11, 30))
        desk.keep(kept.id, Change(replace(kept.state, versions=(first,)), ()), kept)
    live.tick()
    assert duty(live, "review").status == "waiting"  # its day is still to come
    live.clock.set(datetime(2026, 12, 5, tzinfo=UTC))
    live.tick()
    assert duty(live, "review").due == date(2029, 11, 30)
    assert told(live, "duty/review") == ["duties.added", "duties.opened"]
