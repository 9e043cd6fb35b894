"""Voting rules, results and power in words of the reader's language."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from babel.numbers import format_percent
from markupsafe import Markup

from bothbanks.civic.compact import votes_rules as rules
from bothbanks.civic.compact.votes import Vote
from bothbanks.civic.compact.votes_rules import Condition, Quorum, VoteRule
from bothbanks.civic.compact.votes_tally import Figure, Tally
from bothbanks.site.areas.record_words import subject_page, subject_words
from bothbanks.site.visit import Visit


def about(visit: Visit, subject: str) -> Markup:
    """What a vote is about, in words; linked where there is a page of it."""
    kind, _, id = subject.partition("/")
    words, page = subject_words(visit, subject), subject_page(visit, subject)
    if not page or (kind != "agreement" and not visit.title_of(kind, id)):
        return words
    return Markup('<a href="{}">{}</a>').format(page, words)


def percent(visit: Visit, share: Fraction, digits: int = 0) -> str:
    """A share as a percentage, rounded for reading; the exact figure stands in the record and the API."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + " %"
    if visit.language.code == "en":
        pattern = pattern.replace(" ", "")
    return str(format_percent(float(share), pattern, locale=visit.language.locale))


def share_words(visit: Visit, share: Fraction) -> str:
    """2/3 as it is; finer shares, such as 65 %, as a percentage."""
    if share.denominator <= 9:
        return str(share)
    whole = (share * 100).denominator == 1
    return percent(visit, share, 0 if whole else 2)


def names(visit: Visit, members: Sequence[str]) -> Markup:
    """Members in a row: 'A, B and C'."""
    return visit.language.join(visit.member(m) for m in members)


# the rule
def condition_words(visit: Visit, condition: Condition) -> Markup:
    """A condition as sentences; those joined as a list under 'all of these' or 'one of these'."""
    if isinstance(condition, rules.AllOf | rules.AnyOf):
        head = (
            visit.t("all of these:")
            if isinstance(condition, rules.AllOf)
            else visit.t("at least one of these:")
        )
        items = Markup("").join(
            Markup("<li>{}</li>").format(condition_words(visit, part)) for part in condition.parts
        )
        return Markup("{}<ul>{}</ul>").format(head, items)
    return _leaf_words(visit, condition)


def _leaf_words(visit: Visit, leaf: rules.Leaf) -> Markup:
    t = visit.t
    if isinstance(leaf, rules.Share):
        base, share = _base(visit, leaf.counts, leaf.of), share_words(visit, leaf.needed)
        if leaf.more_than:
            return t("more than {share} {base} in favour", share=share, base=base)
        return t("at least {share} {base} in favour", share=share, base=base)
    if isinstance(leaf, rules.Least):
        number = visit.number(float(leaf.number))
        if leaf.counts == "members":
            return t("at least {number} members in favour", number=number)
        if leaf.counts == "weight":
            return t("at least {number} votes in favour", number=number)
        return t("members with at least {number} people in favour", number=number)
    if isinstance(leaf, rules.Blocking):
        return t("not blocked: it takes {number} members that are not in favour", number=leaf.members)
    if isinstance(leaf, rules.Veto):
        return t("no vote against by {members}, who can veto", members=names(visit, leaf.holders))
    if isinstance(leaf, rules.Consent):
        if not leaf.holders:
            return t("in favour: the members on which it lays a new cost or risk")
        return t("in favour, because it burdens them: {members}", members=names(visit, leaf.holders))
    if leaf.of == "all":
        return t("every member in favour")
    return t("nobody against, and someone in favour")


def _base(visit: Visit, counts: str, of: str) -> Markup:
    t = visit.t
    if counts == "members":
        return t("of all members") if of == "all" else t("of the members that vote")
    if counts == "weight":
        return t("of all votes") if of == "all" else t("of the votes cast")
    return t("of the whole population") if of == "all" else t("of the population of those that vote")


def quorum_words(visit: Visit, quorum: Quorum) -> Markup:
    """Who must take part."""
    base, share = _base(visit, quorum.counts, "all"), share_words(visit, quorum.needed)
    if quorum.more_than:
        return visit.t("more than {share} {base} must take part", share=share, base=base)
    return visit.t("at least {share} {base} must take part", share=share, base=base)


def terms_words(visit: Visit, rule: VoteRule) -> list[Markup]:
    """What else the rule says: abstention, written procedure, secrecy, casting vote, exclusion, days."""
    t = visit.t
    out = [
        {
            "not-cast": t("One who abstains takes part, and is neither for nor against."),
            "cast": t("One who abstains counts among the votes cast, and not as in favour."),
            "against": t("One who abstains counts as against."),
        }[rule.abstention]
    ]
    if rule.secret:
        out.append(t("The vote is secret: who has voted is public, how is not."))
    if rule.casting_vote:
        out.append(t("In a tie the vote of the presiding member decides."))
    if rule.excludes_interested:
        out.append(t("A member with an interest of its own takes no part."))
    if rule.written:
        out.append(t("It is taken in writing, with at least {days} days to reply.", days=rule.written.days))
        out.append(
            t("Who does not reply counts as in favour.") if rule.written.silence
            else t("Who does not reply has not voted.")
        )  # fmt: skip
        if rule.written.objection_stops:
            out.append(t("If one member asks for a meeting, the written procedure ends."))
    if rule.least_days:
        out.append(t("It stays open for at least {days} days.", days=rule.least_days))
    if rule.early:
        out.append(t("It closes as soon as all have voted."))
    if rule.irreversible:
        out.append(t("It can’t be undone, so two people open it."))
    return out


# the result
def outcome_words(visit: Visit, outcome: str) -> Markup:
    """The result in a word or two."""
    t = visit.t
    return {
        "carried": t("Carried"),
        "rejected": t("Not carried"),
        "no-quorum": t("No quorum, nothing decided"),
        "stopped": t("Stopped, a meeting was asked for"),
    }[outcome]


def figure_lines(visit: Visit, figure: Figure) -> list[tuple[bool, Markup]]:
    """(whether it is met, what came out) of each condition, in reading order."""
    if figure.parts:
        lines = [line for part in figure.parts for line in figure_lines(visit, part)]
        if figure.kind == "any":
            head = visit.t("one of the following is enough")
            return [(figure.met, head), *lines]
        return lines
    return [(figure.met, _figure_words(visit, figure))]


def _figure_words(visit: Visit, f: Figure) -> Markup:
    t = visit.t
    if f.kind == "veto":
        who = names(visit, f.against)
        return t("vetoed by {members}", members=who) if f.against else t("no veto was used")
    if f.kind == "consent":
        who = names(visit, f.against)
        return (
            t("no consent of {members}", members=who) if f.against else t("those that it burdens consented")
        )
    if f.kind == "unanimity" and f.of == "cast":
        return t("nobody was against") if f.met else t("not unanimous")
    if f.counts == "population":
        return _population_words(visit, f)
    value, base, needed = _whole(visit, f.value), _whole(visit, f.base), _needed(visit, f)
    if f.kind == "quorum":
        if f.counts == "weight":
            return t(
                "{value} of {base} votes took part, needed: {needed}", value=value, base=base, needed=needed
            )
        return t(
            "{value} of {base} members took part, needed: {needed}", value=value, base=base, needed=needed
        )
    if f.counts == "weight":
        if f.of == "cast":
            return t("{value} of {base} votes cast in favour, needed: {needed}",
                     value=value, base=base, needed=needed)  # fmt: skip
        return t("{value} of {base} votes in favour, needed: {needed}", value=value, base=base, needed=needed)
    if f.of == "cast" and f.kind == "share":
        return t("{value} of {base} members that voted in favour, needed: {needed}",
                 value=value, base=base, needed=needed)  # fmt: skip
    return t("{value} of {base} members in favour, needed: {needed}", value=value, base=base, needed=needed)


def _population_words(visit: Visit, f: Figure) -> Markup:
    t = visit.t
    share = percent(visit, f.value / f.base, 1) if f.base else percent(visit, Fraction(0))
    if f.share is None:
        return t("members with {value} people in favour, needed: {needed}",
                 value=_whole(visit, f.value), needed=_whole(visit, f.needed))  # fmt: skip
    even = (f.share * 100).denominator == 1
    needed = percent(visit, f.share) if even else share_words(visit, f.share)
    bar = t("more than {share}", share=needed) if f.more_than else t("at least {share}", share=needed)
    if f.kind == "quorum":
        return t("{percent} of the population took part, needed: {needed}", percent=share, needed=bar)
    if f.of == "cast":
        return t("{percent} of the population of those that voted in favour, needed: {needed}",
                 percent=share, needed=bar)  # fmt: skip
    return t("{percent} of the population in favour, needed: {needed}", percent=share, needed=bar)


def _whole(visit: Visit, value: Fraction) -> str:
    return visit.number(int(value)) if value.denominator == 1 else str(value)


def _needed(visit: Visit, f: Figure) -> str:
    """The least that would do: for whole things the next whole number."""
    if f.value.denominator > 1 or f.base.denominator > 1:
        return f"> {f.needed}" if f.more_than else str(f.needed)
    return visit.number(math.floor(f.needed) + 1 if f.more_than else math.ceil(f.needed))


def result_lines(visit: Visit, tally: Tally) -> list[tuple[bool, Markup]]:
    """Quorum, then conditions, each met or not."""
    out = [line for q in tally.quorum for line in figure_lines(visit, q)]
    return [*out, *figure_lines(visit, tally.condition)]


def remarks(visit: Visit, tally: Tally, rule: VoteRule, excluded: Sequence[str] = ()) -> list[Markup]:
    """How abstentions, silence, absence, the chair and exclusions counted."""
    t = visit.t
    out = []
    if tally.abstain:
        who = names(visit, tally.abstain)
        out.append(
            {
                "not-cast": t("{members} abstained, which counts neither for nor against.", members=who),
                "cast": t(
                    "{members} abstained, which counts as a vote cast and not as in favour.", members=who
                ),
                "against": t("{members} abstained, which counts as against.", members=who),
            }[rule.abstention]
        )
    if tally.silent:
        who = names(visit, tally.silent)
        out.append(t("{members} did not reply, which the article counts as in favour.", members=who))
    if tally.objection:
        out.append(t("A meeting was asked for by {members}.", members=names(visit, tally.objection)))
    if tally.absent:
        out.append(t("Not voted: {members}.", members=names(visit, tally.absent)))
    if tally.casting:
        out.append(
            t("A tie: the vote of the presiding {member} decided.", member=visit.member(tally.casting))
        )
    if excluded:
        out.append(t("No part in it, for an interest of its own: {members}.", members=names(visit, excluded)))
    if rule.secret:
        n = tally.number
        out.append(
            t(
                "{yes} in favour, {no} against, {abstain} abstained, {absent} did not vote.",
                yes=n["yes"],
                no=n["no"],
                abstain=n["abstain"],
                absent=n["absent"],
            )
        )
    return out


def in_a_sentence(visit: Visit, tally: Tally) -> Markup:
    """'Carried: 6 of 8 members in favour, needed: 5; 71 % of the population in favour, needed: ...'."""
    lines = result_lines(visit, tally)
    wrong = [words for met, words in lines if not met]
    shown = wrong if wrong and not tally.carried else [words for _, words in lines]
    return visit.t(
        "{outcome}: {reasons}", outcome=outcome_words(visit, tally.outcome), reasons=Markup("; ").join(shown)
    )


def choice_words(visit: Visit, choice: str) -> Markup:
    """A ballot in words."""
    t = visit.t
    return {
        "yes": t("in favour"),
        "no": t("against"),
        "abstain": t("abstains"),
        "objection": t("asks for a meeting"),
    }.get(choice, t("not voted"))


def status_words(visit: Visit, vote: Vote) -> Markup:
    """Where a vote stands."""
    t = visit.t
    if vote.result is not None:
        return outcome_words(visit, vote.result.outcome)
    return {
        "proposed": t("Proposed, not open yet"), "open": t("Open"), "withdrawn": t("Taken back"),
        "closed": t("Closed"),
    }[vote.status]  # fmt: skip
