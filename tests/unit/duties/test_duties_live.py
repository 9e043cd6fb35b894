from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from partnerships import Live, make_partnership, partnership, people  # noqa: F401

from bothbanks.app.partnership.desk import Done
from bothbanks.app.partnership.duties import home_facts
from bothbanks.app.partnership.plans import presiding
from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.disputes_state import Dispute
from bothbanks.civic.compact.duties_late import late, suspensions
from bothbanks.civic.compact.duties_state import Duty
from bothbanks.civic.compact.obstacles import Obstacle
from bothbanks.civic.compact.plans import Plan
from bothbanks.civic.compact.roles import Actor

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


def test_the_folder_gives_each_member_its_duties_and_the_clock_climbs_once(partnership: Live) -> None:  # noqa: F811
    assert duty(partnership, "report-uferau").due == date(2026, 12, 31)
    assert duty(partnership, "levee-permit").about == "measure/levee-left"
    assert duty(partnership, "levee-permit").due == date(2028, 12, 31)
    partnership.clock.set(datetime(2027, 5, 1, tzinfo=UTC))
    # Seven entries for each of two reports (early reminder, next year's occurrence, five rungs).
    assert partnership.tick() >= 14
    assert told(partnership, "duty/report-uferau") == [
        "duties.added", "duties.opened", "duties.reminded", "duties.reminded", "duties.opened",
        "duties.escalated", "duties.mediation-begun", "duties.arbitration-begun", "duties.right-suspended",
    ]  # fmt: skip
    before = told(partnership, "duty/report-uferau")
    partnership.tick()
    assert told(partnership, "duty/report-uferau") == before


def test_entries_of_a_late_tick_follow_the_order_of_their_instants(partnership: Live) -> None:  # noqa: F811
    partnership.clock.set(datetime(2027, 3, 1, tzinfo=UTC))
    with partnership.reading() as reader:
        start = reader.store.record_size()
    partnership.tick()
    with partnership.reading() as reader:
        import json

        entries = [json.loads(e.leaf) for e in reader.store.entries(start)]
    instants = [e["body"]["at"] for e in entries if e["kind"].startswith("duties.")]
    assert len(instants) > 6
    assert instants == sorted(instants)


def test_evidence_from_the_owner_is_read_by_another_and_closes_the_duty(partnership: Live) -> None:  # noqa: F811
    council = people(partnership, "council", "uferau")
    office = people(partnership, "secretariat")
    partnership.clock.set(datetime(2027, 1, 10, tzinfo=UTC))
    payload = {"duty": "report-uferau", "member": "uferau", "number": 1, "words": "as adopted"}
    assert (
        refused(partnership, "duties.give-evidence", council, **payload, reference="x") == "duties.evidence"
    )
    other = people(partnership, "council", "steinach")
    assert refused(partnership, "duties.give-evidence", other, **payload, reference=SHA) == "command.right"
    assert refused(
        partnership, "duties.give-evidence", council, **payload, reference="99999", kind="record"
    ) == "references.entry"  # fmt: skip
    act(partnership, "duties.give-evidence", council, **payload, reference=SHA, version=1)
    assert refused(partnership, "duties.accept", council, duty="report-uferau", number=1) == (
        "duties.accepted-by"
    )
    assert refused(partnership, "duties.accept", office, duty="report-uferau", number=1, version=1) == (
        "store.conflict"
    )
    act(partnership, "duties.accept", office, duty="report-uferau", number=1)
    assert told(partnership, "duty/report-uferau")[-1] == "duties.done"


def test_a_missed_duty_shows_on_the_first_page_and_its_right_rests(partnership: Live) -> None:  # noqa: F811
    partnership.clock.set(datetime(2027, 5, 1, tzinfo=UTC))
    partnership.tick()
    with partnership.reading() as reader:
        facts = home_facts(reader)
        duties = [k.state for k in reader.all(Duty)]
        assert {s.duty.owner for s in facts.late} == {"steinach", "uferau"}
        assert {s.due for s in facts.coming} >= {date(2027, 12, 31)}
        assert (facts.presides, facts.language) == ("steinach", "fr")
        assert {(s.member, s.right) for s in suspensions(duties, reader.at)} == {
            ("steinach", "vote"), ("uferau", "vote"),
        }  # fmt: skip


def test_extension_and_waiver_name_a_decision_that_exists(partnership: Live) -> None:  # noqa: F811
    office = people(partnership, "secretariat")
    payload = {"duty": "report-uferau", "number": 1, "due": "2027-02-28", "reason": "illness"}
    assert refused(partnership, "duties.extend", office, **payload, decision="no-such") == (
        "references.decision"
    )
    act(partnership, "duties.extend", office, **payload, decision="council-2026-10")
    assert duty(partnership, "report-uferau").due == date(2027, 2, 28)
    act(
        partnership, "duties.waive", office, duty="report-uferau", number=1, decision="council-2026-10",
        reason="done before",
    )  # fmt: skip
    with partnership.reading() as reader:
        assert late([reader.load(Duty, "report-uferau").state], reader.at) == ()


def test_a_duty_of_a_new_article_needs_the_article_and_a_decision(partnership: Live) -> None:  # noqa: F811
    office = people(partnership, "secretariat")
    form = {
        "member": "steinach", "decision": "council-2026-10", "title": "Map", "asks": "The map",
        "due": "2027-06-30", "like": "report-uferau",
    }  # fmt: skip
    assert refused(partnership, "duties.add", office, article="art-none", **form) == "references.article"
    made = act(partnership, "duties.add", office, article="art-flood-plan", **form)
    state = duty(partnership, made.subject.split("/")[1])
    assert (state.due, len(state.ladder)) == (date(2027, 6, 30), 6)


def test_adoption_starts_what_waits_for_it(partnership: Live) -> None:  # noqa: F811
    office = people(partnership, "secretariat")
    assert duty(partnership, "review").status == "waiting"
    done = act(partnership, "duties.event", office, event="adoption", day="2026-11-20", source="vote-1")
    assert done.answer["duties"] == ["review"]
    assert duty(partnership, "review").due == date(2029, 11, 20)
    assert refused(partnership, "duties.event", office, event="adoption", day="2026-11-20", source="x") == (
        "duties.no-wait"
    )


def test_a_dispute_runs_from_opening_to_judgement(partnership: Live) -> None:  # noqa: F811
    left, right = (people(partnership, "council", m) for m in ("steinach", "uferau"))
    office, second = people(partnership, "secretariat"), people(partnership, "secretariat", person="other")
    form = {"respondents": ["uferau"], "words": "no report came", "about": "duty"}
    assert refused(partnership, "disputes.open", left, member="steinach", subject="none", **form) == (
        "store.missing"
    )
    id = act(partnership, "disputes.open", left, member="steinach", subject="report-uferau", **form).subject
    id = id.split("/")[1]
    act(partnership, "disputes.add-paper", right, dispute=id, member="uferau", sha256=SHA, words="our letter")
    partnership.clock.set(partnership.clock.now + timedelta(days=100))
    partnership.tick()
    with partnership.reading() as reader:
        assert reader.load(Dispute, id).state.at_stage.name == "panel"
    seats = ["a; steinach; ; A. Person", "b; uferau; ; B. Person", "chair; both; ; C. Person"]
    tied = [*seats[:2], "chair; both; uferau; C. Person"]
    assert refused(partnership, "disputes.seat", office, dispute=id, seats=tied) == "disputes.conflict"
    act(partnership, "disputes.seat", office, dispute=id, seats=seats)
    assert "Person" not in str(told(partnership, f"dispute/{id}"))
    decision = {
        "dispute": id, "finding": "upheld", "votes_for": 2, "votes_against": 1, "reasons": "it is owed",
        "costs": ["uferau 2/3", "steinach 1/3"],
    }  # fmt: skip
    waits = act(partnership, "disputes.decide", office, **decision)
    assert waits.waits
    assert second.person != office.person


def test_obstacle_files_follow_the_regulation(partnership: Live) -> None:  # noqa: F811
    office = people(partnership, "secretariat")
    form = {"title": "Blue lights", "words": "not allowed over the border", "initiator": "secretariat",
            "authority": "a ministry"}  # fmt: skip
    assert refused(partnership, "obstacles.submit", office, country="FR", **form) == "obstacles.country"
    id = act(partnership, "obstacles.submit", office, country="DE", **form).subject.split("/")[1]
    partnership.clock.set(datetime(2027, 2, 1, tzinfo=UTC))
    partnership.tick()
    assert told(partnership, f"obstacle/{id}") == ["obstacles.submitted", "obstacles.clock-ended"]
    act(partnership, "obstacles.step", office, obstacle=id, step="inform", words="found", kind="legislative")
    with partnership.reading() as reader:
        assert reader.load(Obstacle, id).state.state == "found"


def test_plans_run_and_the_presidency_is_swapped(partnership: Live) -> None:  # noqa: F811
    officer, office = people(partnership, "duty-officer", "steinach"), people(partnership, "secretariat")
    low = {"plan": "high-water", "because": "the river rises", "seen": "4.2"}
    assert refused(partnership, "plans.activate", officer, **low) == "plans.trigger"
    act(partnership, "plans.activate", officer, **{**low, "seen": "4.50"})
    act(partnership, "plans.step", officer, plan="high-water", member="steinach", step="warn")
    act(partnership, "plans.stand-down", officer, plan="high-water", why="it falls")
    assert refused(partnership, "plans.drill", officer, plan="high-water", day="2099-01-01", words="x") == (
        "plans.future"
    )
    act(partnership, "plans.drill", officer, plan="high-water", day="2026-11-01", words="both banks warned")
    with partnership.reading() as reader:
        assert reader.load(Plan, "high-water").state.drilled == date(2026, 11, 1)
        assert presiding(reader, date(2027, 7, 1)).member == "uferau"  # type: ignore[union-attr]
    swap = {"first": 2, "second": 3, "decision": "council-2026-10"}
    act(partnership, "presidency.swap", office, **swap)
    with partnership.reading() as reader:
        assert presiding(reader, date(2027, 7, 1)).member == "steinach"  # type: ignore[union-attr]


@pytest.mark.parametrize("command", ["duties.accept", "duties.extend", "plans.activate", "disputes.seat"])
def test_nobody_acts_without_a_role(partnership: Live, command: str) -> None:  # noqa: F811
    forms = {
        "duties.accept": {"duty": "report-uferau", "number": 1},
        "duties.extend": {"duty": "report-uferau", "number": 1, "due": "2027-02-28", "decision": "d",
                          "reason": "r"},
        "plans.activate": {"plan": "high-water", "because": "x"},
        "disputes.seat": {"dispute": "x", "seats": ["a"]},
    }  # fmt: skip
    assert refused(partnership, command, Actor("somebody"), **forms[command]) == "command.right"
