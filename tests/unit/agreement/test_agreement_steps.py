"""From a draft to a text in force, amended from days that are stated, and what held on each of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from bothbanks.civic.changes import Change, Refusal
from bothbanks.civic.compact import agreement_steps as steps
from bothbanks.civic.compact.agreement import AgreementText, Article, Seat, Term
from bothbanks.civic.compact.agreement_history import text_on, turns
from bothbanks.civic.compact.agreement_state import Agreement, text_sha256
from bothbanks.civic.compact.agreement_text import Names, whole

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TODAY = AT.date()
NEW_YEAR = date(2027, 1, 1)
NAMES = Names({}, {})


def text(*ids: str, days: int = 30, **words: str) -> AgreementText:
    articles = tuple(
        Article(f"art-{i}", {"en": i}, {"en": words.get(i, f"{i} in {{days}} days")}) for i in ids
    )
    return AgreementText(
        "t",
        "agreement",
        (),
        {"en": "T"},
        ("en",),
        ("left", "right"),
        Seat({"en": "L"}, "left", "BE"),
        (),
        {"days": Term("duration", Fraction(days), unit="days")},
        articles,
    )


def done(step: steps.Step) -> Agreement:
    assert isinstance(step, Change), step
    return step.state


def refused(step: object) -> str:
    assert isinstance(step, Refusal), step
    return step.code


def adopted(agreement: Agreement, number: int, day: date, today: date = TODAY, **apart: date) -> Agreement:
    state = done(steps.put_to_vote(agreement, number, f"v{number}", 0))
    state = done(steps.settle(state, number, f"v{number}", True))
    for member in ("left", "right"):
        state = done(steps.sign(state, number, member, today, "signature", today))
    return done(steps.adopt(state, number, day, today, {f"art-{k}": d for k, d in apart.items()}))


def first(day: date = NEW_YEAR) -> Agreement:
    return adopted(done(steps.propose(None, "a1", text("one", "two"), AT)), 1, day)


def test_the_whole_way_is_recorded() -> None:
    state: Agreement | None = None
    kinds = []
    for step in (
        lambda s: steps.propose(s, "a1", text("one"), AT, "a first text"),
        lambda s: steps.revise(s, 1, text("one", "two"), AT, "the second article was missing"),
        lambda s: steps.put_to_vote(s, 2, "v9", 0),
        lambda s: steps.settle(s, 2, "v9", True),
        lambda s: steps.sign(s, 2, "left", TODAY, "ratification", TODAY),
        lambda s: steps.sign(s, 2, "right", TODAY, "signature", TODAY),
        lambda s: steps.adopt(s, 2, NEW_YEAR, TODAY),
        lambda s: steps.enter_into_force(s, NEW_YEAR),
        lambda s: steps.repeal(s, date(2030, 1, 1), TODAY, "v10", True),
    ):
        change = step(state)
        assert isinstance(change, Change), change
        state = change.state
        kinds += [entry.kind.removeprefix("agreement.") for entry in change.entries]
        for entry in change.entries:
            assert entry.subject == "agreement/a1"
            assert entry.body["text_sha256"] == text_sha256(state.version(entry.body["version"]).text)
    way = "proposed revised put-to-vote carried signed signed adopted in-force repealed"
    assert kinds == way.split(" ")
    assert state is not None
    assert [v.status for v in state.versions] == ["superseded", "in-force"]


def test_an_adopted_text_is_never_overwritten() -> None:
    agreement = first()
    same = steps.propose(agreement, "a1", text("one", "two"), AT)
    assert refused(same) == "agreement.unchanged"
    assert refused(steps.revise(agreement, 1, text("one"), AT)) == "agreement.status"
    draft = done(steps.propose(agreement, "a1", text("one"), AT))
    assert (draft.version(1), draft.version(2).status, draft.version(2).base) == (
        agreement.version(1),
        "draft",
        1,
    )


def test_one_text_at_a_time_is_on_its_way() -> None:
    draft = done(steps.propose(None, "a1", text("one"), AT))
    second = steps.propose(draft, "a1", text("two"), AT)
    assert isinstance(second, Refusal)
    assert (second.code, second.cause) == ("agreement.draft-open", "conflict")
    gone = done(steps.withdraw(draft, 1))
    assert done(steps.propose(gone, "a1", text("two"), AT)).open is not None


def test_nothing_untranslated_or_undiscussed_goes_to_the_vote() -> None:
    unwritten = replace(text("one"), languages=("en", "nl"))
    draft = done(steps.propose(None, "a1", unwritten, AT))
    found = steps.put_to_vote(draft, 1, "v1", 0)
    assert isinstance(found, Refusal)
    assert found.code == "agreement.untranslated"
    assert "art-one (nl)" in found.words
    ready = done(steps.propose(None, "a1", text("one"), AT))
    assert refused(steps.put_to_vote(ready, 1, "v1", 2)) == "agreement.comments-open"


def test_a_text_needs_its_own_vote_and_every_member() -> None:
    draft = done(steps.propose(None, "a1", text("one"), AT))
    sent = done(steps.put_to_vote(draft, 1, "v1", 0))
    assert refused(steps.settle(sent, 1, "v2", True)) == "agreement.other-vote"
    assert done(steps.settle(sent, 1, "v1", False)).version(1).status == "rejected"
    assert refused(steps.adopt(sent, 1, NEW_YEAR, TODAY)) == "agreement.status"
    carried = done(steps.settle(sent, 1, "v1", True))
    half = done(steps.sign(carried, 1, "left", TODAY, "signature", TODAY))
    assert refused(steps.sign(half, 1, "left", TODAY, "signature", TODAY)) == "agreement.signed"
    assert refused(steps.sign(half, 1, "third", TODAY, "signature", TODAY)) == "agreement.no-party"
    assert refused(steps.sign(half, 1, "right", NEW_YEAR, "signature", TODAY)) == "agreement.future-day"
    found = steps.adopt(half, 1, NEW_YEAR, TODAY)
    assert isinstance(found, Refusal)
    assert (found.code, found.values["members"]) == ("agreement.unsigned", "right")


def test_no_text_holds_before_it_is_adopted() -> None:
    draft = done(steps.propose(None, "a1", text("one"), AT))
    carried = done(steps.settle(done(steps.put_to_vote(draft, 1, "v", 0)), 1, "v", True))
    for member in ("left", "right"):
        carried = done(steps.sign(carried, 1, member, TODAY, "signature", TODAY))
    yesterday = date(2026, 11, 23)
    assert refused(steps.adopt(carried, 1, yesterday, TODAY)) == "agreement.backdated"
    early = steps.adopt(carried, 1, NEW_YEAR, TODAY, {"art-one": TODAY})
    assert refused(early) == "agreement.early-article"
    assert refused(steps.adopt(carried, 1, NEW_YEAR, TODAY, {"art-six": NEW_YEAR})) == "agreement.no-article"
    assert done(steps.adopt(carried, 1, TODAY, TODAY)).version(1).status == "in-force"


def test_what_held_on_a_day_article_by_article() -> None:
    agreement = first()
    assert text_on(agreement, date(2026, 12, 31)) is None
    assert lines(agreement, NEW_YEAR) == ["one in 30 days", "two in 30 days"]
    amended = done(
        steps.propose(agreement, "a1", text("one", "two", "three", days=45, two="two at once"), AT)
    )
    summer, autumn = date(2027, 7, 1), date(2027, 10, 1)
    amended = adopted(amended, 2, summer, two=autumn)
    assert lines(amended, date(2027, 6, 30)) == ["one in 30 days", "two in 30 days"]
    assert lines(amended, summer) == ["one in 45 days", "two in 30 days", "three in 45 days"]
    assert lines(amended, autumn) == ["one in 45 days", "two at once", "three in 45 days"]
    held = text_on(amended, summer)
    assert held is not None
    assert held.version == {"art-one": 2, "art-two": 1, "art-three": 2}
    assert held.since["art-two"] == NEW_YEAR
    assert [(t.day, t.version, len(t.articles)) for t in turns(amended)] == [
        (NEW_YEAR, 1, 2),
        (summer, 2, 2),
        (autumn, 2, 1),
    ]


def test_an_article_left_out_holds_until_its_day_and_stays_in_its_place() -> None:
    agreement = adopted(done(steps.propose(None, "a1", text("one", "two", "three"), AT)), 1, NEW_YEAR)
    shorter = done(steps.propose(agreement, "a1", text("three", "one"), AT))
    later = adopted(shorter, 2, date(2028, 1, 1), two=date(2029, 1, 1))
    held = text_on(later, date(2028, 6, 1))
    assert held is not None
    assert [a.id for a in held.text.articles] == ["art-three", "art-one", "art-two"]
    after = text_on(later, date(2029, 1, 1))
    assert after is not None
    assert [a.id for a in after.text.articles] == ["art-three", "art-one"]


def test_repeal_ends_everything_from_its_day() -> None:
    agreement = first()
    day = date(2030, 1, 1)
    assert refused(steps.repeal(agreement, day, TODAY, "v", False)) == "agreement.not-carried"
    gone = done(steps.repeal(agreement, day, TODAY, "v", True))
    assert text_on(gone, date(2029, 12, 31)) is not None
    assert text_on(gone, day) is None
    assert turns(gone)[-1].articles == ("",)
    assert refused(steps.repeal(gone, day, TODAY, "v", True)) == "agreement.repealed"


def test_comments_are_kept_apart_from_the_record_and_answered_once() -> None:
    draft = done(steps.propose(None, "a1", text("one"), AT))
    said = steps.comment(draft, 1, "art-one", "en", " too short ", "council", "left", AT, "c1")
    assert isinstance(said, Change)
    (entry,) = said.entries
    assert "too short" not in str(entry.body)
    assert entry.private == {"words": "too short"}
    answered = steps.answer(said.state, "c1", "lengthened", AT)
    assert isinstance(answered, Change)
    assert answered.state.status == "resolved"
    assert refused(steps.answer(answered.state, "c1", "again", AT)) == "agreement.answered"
    for article, language, words, code in (
        ("art-x", "en", "w", "agreement.no-article"),
        ("art-one", "fr", "w", "agreement.no-language"),
        ("art-one", "en", "  ", "agreement.no-words"),
    ):
        assert refused(steps.comment(draft, 1, article, language, words, "c", "left", AT, "c2")) == code


def test_an_agreement_in_force_before_the_service_is_taken_over() -> None:
    day = date(2026, 1, 1)
    change = steps.already_in_force(
        "a1", text("one"), AT, {"left": date(2025, 12, 1), "right": date(2025, 12, 5)}, day
    )
    version = change.state.version(1)
    assert (version.status, version.adopted, version.unsigned) == ("in-force", date(2025, 12, 5), ())
    assert text_on(change.state, day) is not None


def test_the_hash_names_the_text() -> None:
    assert text_sha256(text("one")) == text_sha256(text("one"))
    assert text_sha256(text("one")) != text_sha256(text("one", days=31))


def lines(agreement: Agreement, day: date) -> list[str]:
    held = text_on(agreement, day)
    assert held is not None
    return [line for article in whole(held.text, "en", NAMES) for line in article.lines]


def test_unknown_versions_are_missing() -> None:
    found = steps.put_to_vote(first(), 9, "v", 0)
    assert isinstance(found, Refusal)
    assert found.cause == "missing"


@pytest.mark.parametrize("status", ["adopted", "in-force"])
def test_comments_are_for_drafts(status: str) -> None:
    day = TODAY if status == "in-force" else NEW_YEAR
    agreement = first(day)
    assert agreement.version(1).status == status
    assert refused(steps.comment(agreement, 1, "", "en", "w", "c", "left", AT, "c")) == "agreement.status"
