"""What is found of every area in every language, and the dates that everybody has to keep."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from duties_fixture import live, two_banks
from partnerships import Live, people

from bothbanks.app.partnership.calendar import dates, gathered
from bothbanks.app.partnership.desk import Done
from bothbanks.app.partnership.search import Search, datasets
from bothbanks.civic.compact.deadlines import Deadline
from bothbanks.civic.compact.roles import ANYONE, COUNCIL, SECRETARIAT, Actor

__all__ = ["live", "two_banks"]

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def act(live: Live, name: str, actor: Actor, **payload: Any) -> str:
    outcome = live.act(name, payload, actor)
    assert isinstance(outcome, Done), str(outcome)
    return outcome.subject.partition("/")[2]


def found(live: Live, actor: Actor, language: str, asked: str) -> set[str]:
    with live.reading() as reader:
        return {hit.path for hit in Search().find(reader, actor, language, asked)}


def due(live: Live, actor: Actor, member: str = "") -> dict[str, Deadline]:
    with live.reading() as reader:
        return {d.id: d for d in dates(reader, actor, member)}


def test_every_area_with_texts_gives_them() -> None:
    assert datasets() == {
        "agreement", "votes", "duties", "disputes", "obstacles", "legal", "members", "money", "sharing",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("language", "title", "asked"),
    [
        ("de", "Überflutung der Brücke", "uberflutung brucke"),
        ("fr", "Écluse réparée à l’été", "ECLUSE ete"),
        ("nl", "Coördinatie van de dijk", "coordinatie dij"),
        ("en", "Naïve dyke crossing", "naive dyke"),
    ],
)
def test_a_vote_is_found_in_each_language_with_and_without_accents(
    live: Live, language: str, title: str, asked: str
) -> None:
    council = people(live, COUNCIL, "steinach")
    vote = act(
        live, "votes.propose", council, member="steinach", rule="ordinary", subject="duty/x",
        title={language: title},
    )  # fmt: skip
    assert f"/votes/{vote}" in found(live, ANYONE, language, asked)
    assert f"/votes/{vote}" in found(live, ANYONE, language, title)
    assert found(live, ANYONE, language, f"{asked} unwritten") == set()


def test_duties_members_and_purchases_are_found_in_the_readers_language(live: Live) -> None:
    assert "/duties/report-uferau" in found(live, ANYONE, "de", "jahresbericht")
    assert "/duties/report-uferau" in found(live, ANYONE, "fr", "rapport annuel")
    assert "/members" in found(live, ANYONE, "de", "uferau")
    office = people(live, SECRETARIAT)
    assert any(path.startswith("/legal/") for path in found(live, office, "de", "g"))


def test_a_dispute_and_its_papers_are_found_by_those_alone_who_may_read_them(live: Live) -> None:
    council = people(live, COUNCIL, "steinach")
    dispute = act(
        live, "disputes.open", council, member="steinach", respondents=["uferau"], about="duty",
        subject="report-uferau", words="quittance perdue",
    )  # fmt: skip
    for access, word, sha in (("public", "offenkundig", "ab" * 32), ("parties", "vertraulich", "cd" * 32)):
        act(
            live, "disputes.add-paper", council, dispute=dispute, member="steinach", sha256=sha,
            words=word, access=access,
        )  # fmt: skip
    with live.reading() as reader:
        from bothbanks.app.partnership.sharing import gate

        open_to_all = gate(reader, ANYONE).decide("disputes").full
    assert (f"/disputes/{dispute}" in found(live, ANYONE, "fr", "quittance")) == open_to_all
    assert f"/disputes/{dispute}" in found(live, council, "fr", "quittance")
    assert f"/disputes/{dispute}" in found(live, council, "de", "offenkundig")
    assert found(live, council, "de", "vertraulich") == set()


def test_the_calendar_holds_turns_reviews_and_clocks(live: Live) -> None:
    council = people(live, COUNCIL, "steinach")
    mine = due(live, council)
    assert {"duties", "sharing", "legal", "money", "votes", "disputes", "obstacles", "agreement"} <= set(
        gathered()
    )
    turns = [d for id, d in mine.items() if id.startswith("presidency-")]
    assert len(turns) == 4
    assert all(a.day < b.day and a.member != b.member for a, b in pairwise(turns))
    assert any(id.startswith("plan-review-") for id in mine)
    assert any(id.startswith("vote-") for id in mine)
    assert any(id.startswith("duty-levee-permit") for id in mine)
    own = due(live, council, "uferau")
    assert all(d.member in ("", "uferau") for d in own.values())


def test_an_emergency_opening_and_its_review_are_in_the_calendar(live: Live) -> None:
    officer = people(live, "duty-officer", "steinach")
    office = people(live, SECRETARIAT)
    with live.reading() as reader:
        from bothbanks.app.partnership.sharing import book_of

        owned = next(d.id for d in book_of(reader).state.datasets if d.owner)
    opening = act(live, "sharing.open", officer, datasets=[owned], hours=2, reason="high water")
    first = due(live, office)[f"opening-{opening}"]
    assert first.when == NOW + timedelta(hours=2)
    live.clock.set(NOW + timedelta(hours=3))
    live.tick()
    review = due(live, office)[f"opening-{opening}"]
    assert review.when > first.when  # type: ignore[operator]
    assert "Review" in review.message
