"""Each kind of condition on electorates small enough to count by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F

import pytest

from bothbanks.civic.compact.votes_rules import (
    AllOf,
    AnyOf,
    Blocking,
    Condition,
    Consent,
    Elector,
    Least,
    Quorum,
    Share,
    Unanimity,
    Veto,
    VoteRule,
    Written,
    faults,
)
from bothbanks.civic.compact.votes_tally import tally
from bothbanks.civic.compact.votes_whatif import powers

# Four members with 1, 1, 2 and 1 votes, and 10, 20, 30 and 40 people.
FOUR = tuple(Elector(m, F(w), p) for m, w, p in (("a", 1, 10), ("b", 1, 20), ("c", 2, 30), ("d", 1, 40)))
MAJORITY = Share("members", F(1, 2), more_than=True)


def rule(condition: Condition, **more: object) -> VoteRule:
    return replace(VoteRule("r", "art-votes", {"en": "Rule"}, condition), **more)  # type: ignore[arg-type]


def votes(text: str) -> dict[str, str]:
    """'ynxo': a in favour, b against, c abstaining, d objecting; '.' has not voted."""
    words = {"y": "yes", "n": "no", "x": "abstain", "o": "objection"}
    return {m: words[c] for m, c in zip("abcd", text, strict=True) if c != "."}


@pytest.mark.parametrize(
    ("condition", "cast", "carried"),
    [
        (MAJORITY, "yynn", False),
        (MAJORITY, "yyyn", True),
        (MAJORITY, "yyx.", False),  # of all: 2 of 4 is not more than half
        (replace(MAJORITY, of="cast"), "yynx", True),  # of those cast: 2 of 3
        (replace(MAJORITY, of="cast"), "y...", True),
        (replace(MAJORITY, of="cast"), "xxxx", False),  # a share of nothing is not met
        (Share("members", F(3, 4)), "yyy.", True),
        (Share("members", F(3, 4), more_than=True), "yyy.", False),
        (Share("weight", F(3, 5)), "..yy", True),  # 3 of 5 votes
        (Share("weight", F(3, 5)), "yy.n", False),
        (Share("population", F(65, 100)), "..yy", True),  # 70 of 100
        (Share("population", F(65, 100)), ".yy.", False),
        (Least("members", F(3)), "yy.y", True),
        (Least("population", F(61)), ".y.y", False),
        (Blocking(2), "yyyn", True),  # one alone can't block
        (Blocking(2), "yy.n", False),
        (Veto(("a",)), "nyyy", False),
        (Veto(("a",)), "xyyy", True),
        (Veto(("a",)), ".yyy", True),
        (Veto(("a",)), "xxxx", False),  # nobody vetoed, but nobody is in favour either
        (Consent(("a",)), "xyyy", False),
        (Consent(("a",)), ".yyy", False),  # staying away is no consent
        (Consent(("a", "b")), "yy..", True),
        (Unanimity("all"), "yyyy", True),
        (Unanimity("all"), "yyyx", False),
        (Unanimity("cast"), "yyyx", True),
        (Unanimity("cast"), "xxxx", False),
        (Unanimity("cast"), "yyny", False),
        (AllOf((MAJORITY, Share("population", F(7, 10)))), "yyny", True),
        (AllOf((MAJORITY, Share("population", F(7, 10)))), "yyyn", False),
        (AnyOf((Unanimity("all"), Share("population", F(7, 10)))), "nnyy", True),
    ],
)
def test_conditions(condition: Condition, cast: str, carried: bool) -> None:
    assert tally(rule(condition), FOUR, votes(cast)).carried is carried


@pytest.mark.parametrize(
    ("abstention", "cast", "carried", "base"),
    [("not-cast", "yynx", True, 3), ("cast", "yynx", False, 4), ("against", "yynx", False, 4)],
)
def test_abstention_is_counted_as_the_article_says(
    abstention: str, cast: str, carried: bool, base: int
) -> None:
    found = tally(rule(replace(MAJORITY, of="cast"), abstention=abstention), FOUR, votes(cast))
    assert (found.carried, found.condition.base) == (carried, base)


def test_abstention_as_against_uses_a_veto() -> None:
    found = tally(rule(Veto(("a",)), abstention="against"), FOUR, votes("xyyy"))
    assert (found.carried, found.condition.against) == (False, ("a",))


def test_exact_thirds() -> None:
    three = tuple(Elector(m, F(1), 0) for m in "abc")
    assert tally(rule(Share("members", F(2, 3))), three, {"a": "yes", "b": "yes"}).carried


@pytest.mark.parametrize(
    ("cast", "outcome"), [("yx..", "no-quorum"), ("yxx.", "rejected"), ("yyyx", "carried")]
)
def test_quorum_counts_whoever_takes_part(cast: str, outcome: str) -> None:
    found = tally(rule(MAJORITY, quorum=(Quorum("members", F(1, 2), more_than=True),)), FOUR, votes(cast))
    assert found.outcome == outcome


def test_quorum_of_the_population() -> None:
    wanted = rule(replace(MAJORITY, of="cast"), quorum=(Quorum("population", F(1, 2)),))
    assert tally(wanted, FOUR, votes("yyn.")).outcome == "carried"  # 60 of 100 people stood behind it
    assert tally(wanted, FOUR, votes("yy..")).outcome == "no-quorum"


@pytest.mark.parametrize(
    ("cast", "chair", "outcome", "casting"),
    [
        ("yynn", "a", "carried", "a"),
        ("yynn", "c", "rejected", "c"),
        ("yyxx", "c", "rejected", ""),  # the presiding member abstained
        ("yyyn", "d", "carried", ""),  # no tie
        ("ynn.", "a", "rejected", ""),
    ],
)
def test_casting_vote_breaks_a_tie_only(cast: str, chair: str, outcome: str, casting: str) -> None:
    found = tally(rule(MAJORITY, casting_vote=True), FOUR, votes(cast), chair)
    assert (found.outcome, found.casting) == (outcome, casting)
    if casting and outcome == "carried":
        assert not tally(rule(MAJORITY), FOUR, votes(cast), chair).carried  # without the article it fails


def test_silence_is_agreement_only_where_the_article_says_so() -> None:
    quiet = rule(MAJORITY, written=Written(10))
    assert tally(quiet, FOUR, votes("y...")).outcome == "rejected"
    agreed = tally(replace(quiet, written=Written(10, silence=True)), FOUR, votes("y..."))
    assert (agreed.outcome, agreed.silent, agreed.absent) == ("carried", ("b", "c", "d"), ())


def test_one_objection_ends_a_written_procedure() -> None:
    written = rule(MAJORITY, written=Written(10, objection_stops=True))
    assert tally(written, FOUR, votes("yyyo")).outcome == "stopped"


def test_secret_result_names_nobody() -> None:
    found = tally(rule(Unanimity("cast"), secret=True), FOUR, votes("yynx")).unnamed()
    assert found.number == {
        "entitled": 4, "yes": 2, "no": 1, "abstain": 1, "objection": 0, "absent": 0, "silent": 0
    }  # fmt: skip
    assert (found.yes, found.no, found.abstain, found.condition.against) == ((), (), (), ())
    assert "'c'" not in repr(found)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (rule(Share("members", F(0))), "votes.rule-share"),
        (rule(Share("members", F(3, 2))), "votes.rule-share"),
        (rule(Share("members", F(1), more_than=True)), "votes.rule-share"),
        (rule(AllOf((MAJORITY, Least("weight", F(0))))), "votes.rule-number"),
        (rule(Least("members", F(5))), "votes.rule-number"),
        (rule(Blocking(5)), "votes.rule-blocking"),
        (rule(Veto(("z",))), "votes.rule-veto"),
        (rule(Veto(())), "votes.rule-veto"),
        (rule(Consent(("z",))), "votes.rule-veto"),
        (rule(MAJORITY, weights={"z": F(1)}), "votes.rule-weights"),
        (rule(MAJORITY, weights={"a": F(-1)}), "votes.rule-weights"),
        (rule(Share("members", F(2, 3)), casting_vote=True), "votes.rule-casting"),
        (rule(Share("population", F(1, 2)), secret=True), "votes.rule-secret"),
        (rule(AllOf((MAJORITY, Veto(("a",)))), secret=True), "votes.rule-secret"),
        (rule(MAJORITY, secret=True, casting_vote=True), "votes.rule-secret"),
        (rule(MAJORITY, quorum=(Quorum("members", F(2)),)), "votes.rule-share"),
    ],
)
def test_rules_that_cannot_be_used(wrong: VoteRule, code: str) -> None:
    assert code in {f.code for f in faults(wrong, FOUR)}
    assert all("{" not in f.words for f in faults(wrong, FOUR))


def test_sound_rules_have_no_fault() -> None:
    assert faults(rule(AllOf((MAJORITY, Share("population", F(65, 100))))), FOUR) == ()
    assert faults(rule(MAJORITY, secret=True), FOUR) == ()
    assert faults(rule(MAJORITY, casting_vote=True), FOUR) == ()


def test_who_can_block_a_double_majority() -> None:
    double = rule(AllOf((Share("members", F(3, 4)), Share("population", F(65, 100)))))
    found = powers(double, FOUR)
    assert found.blocking == (("d",), ("a", "b"), ("a", "c"), ("b", "c"))
    assert found.winning == (("a", "b", "d"), ("a", "c", "d"), ("b", "c", "d"))
    assert found.indices.shapley["d"] == F(1, 2)


def test_who_can_block_where_the_chair_breaks_ties() -> None:
    found = powers(rule(MAJORITY, casting_vote=True), FOUR, presiding="a")
    assert ("a", "b") in found.winning
    assert found.indices.shapley["a"] > found.indices.shapley["b"]
