"""The agreement in the live partnership: drafted, translated, amended, voted, signed, adopted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar
from partnerships import START, Live, people

from bothbanks.app.partnership import sign_in, two_people
from bothbanks.app.partnership.agreement import settle_votes
from bothbanks.app.partnership.agreement_reading import (
    comments_on,
    current_text,
    every_version,
    kept_agreement,
    pointers,
)
from bothbanks.app.partnership.areas import ticks
from bothbanks.app.partnership.calendar import dates
from bothbanks.app.partnership.desk import Done
from bothbanks.app.partnership.references_articles import articles
from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.agreement_history import text_on
from bothbanks.civic.compact.agreement_state import Agreement
from bothbanks.civic.compact.roles import ANYONE, CLOCK, COUNCIL, RESIDENT, SECRETARIAT, Actor, Mandate
from bothbanks.standards.calendar import CalendarDate, calendar_feed

TODAY = START.date()
NEW_YEAR = date(2027, 1, 1)


def act(live: Live, name: str, payload: dict[str, object], role: str = SECRETARIAT, member: str = "") -> Done:
    done = live.act(name, payload, people(live, role, member))
    assert isinstance(done, Done), done
    return done


def refused(
    live: Live, name: str, payload: dict[str, object], role: str = SECRETARIAT, member: str = ""
) -> str:
    done = live.act(name, payload, people(live, role, member))
    assert isinstance(done, Refusal), done
    return done.code


def state(live: Live) -> Agreement:
    with live.reading() as reader:
        kept = kept_agreement(reader)
    assert kept is not None
    return kept.state


def tick(live: Live) -> None:
    live.tick()


def word(live: Live, version: int, language: str, text: str, **more: object) -> int:
    payload = {
        "version": version,
        "article": "art-territory",
        "language": language,
        "title": "Gebiet" if language == "de" else "Territoire",
        "text": text,
        **more,
    }
    done = act(live, "agreement.word-article", payload)
    assert isinstance(done.answer["version"], int)
    return done.answer["version"]


def carried(live: Live, number: int) -> str:
    sent = act(
        live,
        "agreement.put-to-vote",
        {"member": "steinach", "version": number, "rule": "ordinary"},
        COUNCIL,
        "steinach",
    )
    vote = str(sent.answer["vote"])
    act(live, "votes.open", {"vote": vote, "closes": live.clock() + timedelta(days=30)})
    for member in ("steinach", "uferau"):
        rat = seat(live, member)
        done = live.act("votes.cast", {"vote": vote, "member": member, "choice": "yes"}, rat)
        assert isinstance(done, Done), done
    live.clock.advance(days=31)
    tick(live)
    tick(live)
    return vote


def who(live: Live, login: str) -> Actor:
    with live.reading() as reader:
        found = sign_in.person_by_login(reader, login)
        assert found is not None
        return two_people.actor_now(reader, found.id)


def seat(live: Live, member: str) -> Actor:
    return Actor(f"rat-{member}", (Mandate(COUNCIL, member, datetime(2026, 1, 1, tzinfo=UTC), organ="rat"),))


def adopted(live: Live, number: int, day: date, **more: object) -> None:
    carried(live, number)
    assert state(live).version(number).status == "carried"
    today = live.clock().date()
    for member in ("steinach", "uferau"):
        act(
            live,
            "agreement.sign",
            {"member": member, "version": number, "day": today - timedelta(days=1)},
            COUNCIL,
            member,
        )
    held = live.act("agreement.adopt", {"version": number, "in_force": day, **more}, who(live, "leitung"))
    assert isinstance(held, Done), held
    assert held.waits
    assert state(live).version(number).status == "carried"
    second = who(live, "referat")
    done = live.act("people.confirm", {"confirmation": held.subject.partition("/")[2]}, second)
    assert isinstance(done, Done), done


def test_the_folder_becomes_the_first_draft(partnership: Live) -> None:
    agreement = state(partnership)
    assert [(v.number, v.status) for v in agreement.versions] == [(1, "draft")]
    with partnership.reading() as reader:
        assert "art-votes" in articles(reader)
        assert current_text(reader) == agreement.version(1).text
        resting = pointers(reader)
        assert {p.area for p in resting["art-votes"]} >= {"votes"}


def test_a_draft_is_amended_in_one_language_and_then_translated(partnership: Live) -> None:
    first = word(partnership, 1, "de", "Diese Vereinbarung gilt für beide Ufer.\n\nSonst nirgends.")
    assert state(partnership).version(first).text.article("art-territory").pending == ("fr",)
    assert (
        refused(
            partnership,
            "agreement.put-to-vote",
            {"member": "steinach", "version": first, "rule": "ordinary"},
            COUNCIL,
            "steinach",
        )
        == "agreement.untranslated"
    )
    short = {
        "version": first,
        "article": "art-territory",
        "language": "fr",
        "title": "Territoire",
        "checked": True,
    }
    assert (
        refused(partnership, "agreement.word-article", {**short, "text": "Les deux rives."})
        == "agreement.not-alike"
    )
    second = word(partnership, first, "fr", "Les deux rives.\n\nNulle part ailleurs.", checked=True)
    assert state(partnership).version(second).text.untranslated == ()
    with partnership.reading() as reader:
        found = [(v.number, v.status) for v in every_version(reader, state(partnership))]
    assert found == [(1, "superseded"), (2, "superseded"), (3, "draft")]
    assert [v.number for v in state(partnership).versions] == [3]


def test_a_figure_changes_in_every_language_at_once(partnership: Live) -> None:
    done = act(partnership, "agreement.set-term", {"version": 1, "term": "notice", "value": "28"})
    number = done.answer["version"]
    assert isinstance(number, int)
    text = state(partnership).version(number).text
    assert text.terms["notice"].amount == 28
    assert text.untranslated == ()
    for value, code in (
        ("two", "agreement.term-value"),
        ("-1", "agreement.term-value"),
        ("2/3", "agreement.term-value"),
    ):
        payload = {"version": number, "term": "notice", "value": value}
        assert refused(partnership, "agreement.set-term", payload) == code
    unknown = {"version": number, "term": "none", "value": "1"}
    assert refused(partnership, "agreement.set-term", unknown) == "agreement.no-such-term"


def test_articles_come_go_and_move_but_not_under_what_rests_on_them(partnership: Live) -> None:
    done = act(
        partnership,
        "agreement.add-article",
        {
            "version": 1,
            "article": "art-bridge",
            "after": "art-territory",
            "language": "de",
            "title": "Brücke",
            "text": "Die Brücke wird nach {art-measures} unterhalten.",
        },
    )
    number = int(str(done.answer["version"]))
    text = state(partnership).version(number).text
    assert text.number("art-bridge") == text.number("art-territory") + 1
    moved = act(
        partnership,
        "agreement.move-article",
        {"version": number, "article": "art-bridge", "after": "art-votes"},
    )
    number = int(str(moved.answer["version"]))
    assert state(partnership).version(number).text.article("art-bridge").part == "organs"
    resting = {"version": number, "article": "art-votes"}
    assert refused(partnership, "agreement.drop-article", resting) == "agreement.rested-on"
    referred = {"version": number, "article": "art-measures"}
    assert refused(partnership, "agreement.drop-article", referred) in {
        "agreement.referred-to",
        "agreement.rested-on",
    }
    gone = act(partnership, "agreement.drop-article", {"version": number, "article": "art-bridge"})
    assert "art-bridge" not in state(partnership).version(int(str(gone.answer["version"]))).text.ids


def test_comments_follow_the_draft_and_hold_back_the_vote(partnership: Live) -> None:
    said = {"version": 1, "article": "art-votes", "language": "fr", "words": "La majorité est trop basse."}
    done = act(partnership, "agreement.comment", said, RESIDENT, "uferau")
    number = word(partnership, 1, "de", "Für beide Ufer.\n\nNur dort.")
    number = word(partnership, number, "fr", "Les deux rives.\n\nLà seulement.", checked=True)
    with partnership.reading() as reader:
        (kept,) = comments_on(reader, state(partnership), number)
    assert kept.state.words == "La majorité est trop basse."
    vote = {"member": "steinach", "version": number, "rule": "ordinary"}
    assert (
        refused(partnership, "agreement.put-to-vote", vote, COUNCIL, "steinach") == "agreement.comments-open"
    )
    act(partnership, "agreement.answer", {"comment": kept.id, "words": "Sie bleibt."})
    assert act(partnership, "agreement.put-to-vote", vote, COUNCIL, "steinach").answer["vote"]
    with partnership.reading() as reader:
        logged = reader.entries_about(f"agreement/{state(partnership).id}")
    assert not any(b"trop basse" in bytes(entry.leaf) for entry in logged)
    assert done.subject.startswith("agreement-comment/")


def test_from_the_vote_to_force_and_what_held_on_each_day(partnership: Live) -> None:
    adopted(partnership, 1, NEW_YEAR)
    assert state(partnership).version(1).status == "adopted"
    partnership.clock.set(datetime(2027, 1, 1, 9, 0, tzinfo=UTC))
    tick(partnership)
    assert state(partnership).version(1).status == "in-force"
    summer, autumn = date(2027, 7, 1), date(2027, 10, 1)
    done = act(partnership, "agreement.set-term", {"version": 1, "term": "notice", "value": "28"})
    number = int(str(done.answer["version"]))
    assert state(partnership).version(number).base == 1
    adopted(partnership, number, summer, later_article="art-amendment", later_day=autumn)
    agreement = state(partnership)
    before, between, after = (text_on(agreement, d) for d in (date(2027, 6, 30), summer, autumn))
    assert before is not None
    assert between is not None
    assert after is not None
    assert before.version["art-organs"] == 1
    assert (between.version["art-organs"], between.version["art-amendment"]) == (number, 1)
    assert after.version["art-amendment"] == number
    with partnership.reading() as reader:
        kinds = [entry.kind for entry in reader.entries_about(f"agreement/{agreement.id}")]
        found = dates(reader, people(partnership, SECRETARIAT))
    assert [k.removeprefix("agreement.") for k in kinds][:6] == [
        "proposed",
        "put-to-vote",
        "carried",
        "signed",
        "signed",
        "adopted",
    ]
    mine = [(d.day, d.id) for d in found if d.id.startswith("agreement-")]
    assert {d for d, _ in mine} >= {summer, autumn}
    assert any(i == "agreement-review" for _, i in mine)


def test_a_rejected_text_is_set_aside_and_a_blocked_one_never_adopted(partnership: Live) -> None:
    sent = act(
        partnership,
        "agreement.put-to-vote",
        {"member": "uferau", "version": 1, "rule": "ordinary"},
        COUNCIL,
        "uferau",
    )
    vote = str(sent.answer["vote"])
    act(partnership, "votes.open", {"vote": vote, "closes": START + timedelta(days=30)})
    partnership.clock.advance(days=31)
    tick(partnership)
    tick(partnership)
    assert state(partnership).versions == ()
    with partnership.reading() as reader:
        assert [v.status for v in every_version(reader, state(partnership))] == ["rejected"]
    signed = {"member": "uferau", "version": 1, "day": TODAY}
    assert refused(partnership, "agreement.sign", signed, COUNCIL, "uferau") == "agreement.no-version"


def test_a_folder_never_overwrites_an_adopted_text(partnership: Live) -> None:
    toml = (Path(__file__).parents[2] / "data" / "two-banks" / "compact.toml").read_text(encoding="utf-8")
    assert refused(partnership, "agreement.propose", {"toml": toml}) == "agreement.unchanged"
    adopted(partnership, 1, NEW_YEAR)
    before = state(partnership).version(1)
    changed = toml.replace("notice = { days = 21", "notice = { days = 35")
    done = act(partnership, "agreement.propose", {"toml": changed})
    after = state(partnership)
    assert after.version(1) == before
    assert (after.open is not None and after.open.number, after.open and after.open.base) == (
        done.answer["version"],
        1,
    )
    broken = toml.replace("{quorum}", "{quorumm}")
    assert refused(partnership, "agreement.propose", {"toml": broken}) == "agreement.no-term"
    assert refused(partnership, "agreement.propose", {"toml": "x ="}) == "agreement.toml"
    assert refused(partnership, "agreement.propose", {"toml": "x = 1"}) == "agreement.text"


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("agreement.set-term", {"version": 1, "term": "notice", "value": "1"}),
        ("agreement.comment", {"version": 1, "words": "x"}),
        ("agreement.sign", {"member": "uferau", "version": 1, "day": TODAY}),
        ("agreement.adopt", {"version": 1, "in_force": NEW_YEAR}),
    ],
)
def test_nobody_without_a_mandate_takes_a_step(
    partnership: Live, name: str, payload: dict[str, object]
) -> None:
    done = partnership.act(name, payload, ANYONE)
    assert isinstance(done, Refusal)
    assert done.cause == "forbidden"


def test_a_member_signs_for_itself_only(partnership: Live) -> None:
    payload = {"member": "uferau", "version": 1, "day": TODAY}
    assert refused(partnership, "agreement.sign", payload, COUNCIL, "steinach") == "command.right"


def test_the_clock_settles_and_enters(partnership: Live) -> None:
    assert settle_votes in ticks()
    with partnership.desk(CLOCK) as desk:
        assert settle_votes(desk) == 0


def test_the_feed_is_read_back_by_another_library_call() -> None:
    items = [
        CalendarDate(
            "b", datetime(2027, 3, 1, 12, 0, tzinfo=UTC), "Vote, closes; soon", "Line\nbreak", "https://h/x"
        ),
        CalendarDate("a", NEW_YEAR, "Réunion à l’hôtel de ville " * 5),
    ]
    feed = Calendar.from_ical(calendar_feed(items, "Feed", "fr", "example.org", START))
    events = feed.walk("VEVENT")
    assert [str(e["UID"]) for e in events] == ["a@example.org", "b@example.org"]
    assert (events[0]["DTSTART"].dt, events[0]["DTEND"].dt) == (NEW_YEAR, date(2027, 1, 2))
    assert events[1]["DTSTART"].dt == datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
    assert str(events[1]["SUMMARY"]) == "Vote, closes; soon"
    assert str(events[1]["DESCRIPTION"]) == "Line\nbreak"
    assert str(events[0]["SUMMARY"]) == "Réunion à l’hôtel de ville " * 5
    raw = calendar_feed(items, "Feed", "fr", "example.org", START)
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
