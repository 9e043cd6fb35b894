"""A voting rule as data: what must be met for a vote to carry, counted in exact fractions.

A condition is a tree. Its leaves count those in favour: a share of the members, of the weights or of the
population (of all, or of the votes cast); a number at least; a blocking minority of a least size; a veto;
unanimity. ``AllOf`` and ``AnyOf`` join them, so a double majority with an alternative is ordinary data.
Nothing of this is read into an article that does not say it: no casting vote, no silent agreement, no secrecy
and no exclusion of an interested member unless the rule has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from bothbanks.civic.changes import Refusal

Measure = Literal["members", "weight", "population"]
Base = Literal["all", "cast"]
Abstention = Literal["not-cast", "cast", "against"]
MEASURES: tuple[Measure, ...] = ("members", "weight", "population")

YES, NO, ABSTAIN, OBJECTION = "yes", "no", "abstain", "objection"
CHOICES = (YES, NO, ABSTAIN)


@dataclass(frozen=True)
class Share:
    """In favour: at least the share ``needed`` (``more_than``: more than it) of all, or of what was cast."""

    counts: Measure
    needed: Fraction
    more_than: bool = False
    of: Base = "all"
    kind: Literal["share"] = "share"


@dataclass(frozen=True)
class Least:
    """In favour: at least ``number`` members, votes or people."""

    counts: Measure
    number: Fraction
    kind: Literal["least"] = "least"


@dataclass(frozen=True)
class Blocking:
    """Met unless at least ``members`` members do not vote in favour: fewer can't block."""

    members: int
    kind: Literal["blocking"] = "blocking"


@dataclass(frozen=True)
class Veto:
    """Met unless one of the holders votes against. A holder that stays away does not block."""

    holders: tuple[str, ...]
    kind: Literal["veto"] = "veto"


@dataclass(frozen=True)
class Consent:
    """Every holder votes in favour. Without holders: those that the proposal burdens, named in it."""

    holders: tuple[str, ...] = ()
    kind: Literal["consent"] = "consent"


@dataclass(frozen=True)
class Unanimity:
    """'all': every member entitled to vote is in favour; 'cast': someone is, and nobody is against."""

    of: Base = "all"
    kind: Literal["unanimity"] = "unanimity"


@dataclass(frozen=True)
class AllOf:
    """Every part is met."""

    parts: tuple[Condition, ...]
    kind: Literal["all"] = "all"


@dataclass(frozen=True)
class AnyOf:
    """At least one part is met."""

    parts: tuple[Condition, ...]
    kind: Literal["any"] = "any"


Leaf = Share | Least | Blocking | Veto | Consent | Unanimity
Condition = Leaf | AllOf | AnyOf


@dataclass(frozen=True)
class Quorum:
    """Taking part (in favour, against or abstaining): at least, or more than, a share of all."""

    counts: Measure
    needed: Fraction
    more_than: bool = False


@dataclass(frozen=True)
class Written:
    """A vote by writing: the least days for a reply, and what the article says of silence and objection.

    ``silence``: a member that has not replied by the deadline counts as in favour. ``objection_stops``: one
    objection to deciding in writing ends the procedure, and the matter goes to a meeting.
    """

    days: int
    silence: bool = False
    objection_stops: bool = False


@dataclass(frozen=True)
class VoteRule:
    """How one kind of decision is taken, and the article that says so.

    ``weights`` hold the votes of a member where they are not 1. ``abstention`` says how one who abstains is
    counted: 'not-cast' (left out of the votes cast), 'cast' (in them, not in favour), 'against'.
    ``casting_vote``: in a tie of a simple majority the presiding member's own vote decides. ``early``: closes
    as soon as all have voted. ``irreversible``: two people open it. ``organ``: whose mandate is needed.
    """

    id: str
    article: str
    name: Mapping[str, str]
    condition: Condition
    quorum: tuple[Quorum, ...] = ()
    abstention: Abstention = "not-cast"
    weights: Mapping[str, Fraction] = field(default_factory=dict)
    organ: str = ""
    least_days: int = 0
    early: bool = False
    casting_vote: bool = False
    secret: bool = False
    excludes_interested: bool = False
    irreversible: bool = False
    written: Written | None = None

    @property
    def choices(self) -> tuple[str, ...]:
        """What a ballot may say."""
        return (*CHOICES, OBJECTION) if self.written and self.written.objection_stops else CHOICES


@dataclass(frozen=True)
class Elector:
    """A member entitled to vote, with its votes and its population when the vote opened."""

    member: str
    weight: Fraction
    population: int

    def counted(self, measure: Measure) -> Fraction:
        """1, its votes, or its people."""
        if measure == "members":
            return Fraction(1)
        return self.weight if measure == "weight" else Fraction(self.population)


def leaves(condition: Condition) -> Iterator[Leaf]:
    """The conditions that are not made of others, in reading order.

    >>> [leaf.kind for leaf in leaves(AllOf((Unanimity(), AnyOf((Blocking(4),)))))]
    ['unanimity', 'blocking']
    """
    if isinstance(condition, AllOf | AnyOf):
        for part in condition.parts:
            yield from leaves(part)
    else:
        yield condition


def faults(rule: VoteRule, electors: Sequence[Elector]) -> tuple[Refusal, ...]:
    """Why a rule can't be used with these members; empty if it can.

    A secret vote may count heads only: from the sum of unequal weights one can often tell who voted how, and
    a veto or a casting vote names its holder.
    """
    found: list[Refusal] = []
    known = {e.member for e in electors}
    for leaf in leaves(rule.condition):
        found += _leaf_faults(leaf, known)
        if isinstance(leaf, Least) and leaf.number > sum(e.counted(leaf.counts) for e in electors):
            found.append(
                Refusal(
                    "votes.rule-number",
                    "a least number of {number} is more than all members together have.",
                    {"number": str(leaf.number)},
                )
            )
    for quorum in rule.quorum:
        if not 0 < quorum.needed <= 1 or (quorum.more_than and quorum.needed == 1):
            found.append(_share_fault(quorum.needed))
    strangers = sorted(set(rule.weights) - known)
    if strangers:
        found.append(
            Refusal("votes.rule-weights", "weights are given for {members}, no members of the vote.",
                    {"members": ", ".join(strangers)})
        )  # fmt: skip
    if any(w < 0 for w in rule.weights.values()) or not any(e.weight > 0 for e in electors):
        found.append(
            Refusal("votes.rule-weights", "give votes of 0 or more to each member, and to one at least 1.")
        )
    if rule.casting_vote and not is_simple_majority(rule.condition):
        found.append(
            Refusal(
                "votes.rule-casting",
                "a casting vote needs a rule with a single condition: more than 1/2 of the members or votes.",
            )
        )
    if rule.secret and not _heads_only(rule):
        found.append(
            Refusal(
                "votes.rule-secret",
                "a secret vote can only count members, without weights, population, veto or casting vote: "
                "otherwise the published figures would tell who voted how.",
            )
        )
    return tuple(found)


def _leaf_faults(leaf: Condition, known: set[str]) -> Iterator[Refusal]:
    if isinstance(leaf, Share) and (not 0 < leaf.needed <= 1 or (leaf.more_than and leaf.needed == 1)):
        yield _share_fault(leaf.needed)
    if isinstance(leaf, Least) and leaf.number <= 0:
        yield Refusal(
            "votes.rule-number", "a least number of {number} asks for nothing; give one above 0.",
            {"number": str(leaf.number)},
        )  # fmt: skip
    if isinstance(leaf, Blocking) and not 1 <= leaf.members <= len(known):
        yield Refusal(
            "votes.rule-blocking", "a blocking minority of {number} can't be among {members} members.",
            {"number": leaf.members, "members": len(known)},
        )  # fmt: skip
    nobody = isinstance(leaf, Veto) and not leaf.holders
    if isinstance(leaf, Veto | Consent) and (nobody or not set(leaf.holders) <= known):
        yield Refusal(
            "votes.rule-veto", "a veto needs holders that are members of the vote; got {holders}.",
            {"holders": ", ".join(leaf.holders) or "-"},
        )  # fmt: skip


def _share_fault(needed: Fraction) -> Refusal:
    return Refusal(
        "votes.rule-share", "a share of {share} can't be used; give one above 0 and up to 1 (below 1 for "
        "'more than').", {"share": str(needed)},
    )  # fmt: skip


def is_simple_majority(condition: Condition) -> bool:
    """More than half of the members, or of the votes, and nothing else: where a tie can be told."""
    return (
        isinstance(condition, Share)
        and condition.more_than
        and condition.needed == Fraction(1, 2)
        and condition.counts != "population"
    )


def _heads_only(rule: VoteRule) -> bool:
    measured = [leaf.counts for leaf in leaves(rule.condition) if isinstance(leaf, Share | Least)]
    veto = any(isinstance(leaf, Veto | Consent) for leaf in leaves(rule.condition))
    return set(measured) <= {"members"} and not veto and not rule.casting_vote


def bound(rule: VoteRule, burdened: Sequence[str]) -> VoteRule | Refusal:
    """The rule for one proposal: where it asks for the consent of those burdened, they are put in."""
    open_ = any(isinstance(leaf, Consent) and not leaf.holders for leaf in leaves(rule.condition))
    if open_ and not burdened:
        return Refusal(
            "votes.burdened", "article {article} asks for the consent of the members that this burdens: "
            "name them.", {"article": rule.article},
        )  # fmt: skip

    def fill(condition: Condition) -> Condition:
        if isinstance(condition, AllOf | AnyOf):
            return replace(condition, parts=tuple(fill(part) for part in condition.parts))
        if isinstance(condition, Consent) and not condition.holders:
            return Consent(tuple(burdened))
        return condition

    return replace(rule, condition=fill(rule.condition)) if open_ else rule


def electors_of(
    rule: VoteRule, population: Mapping[str, int], excluded: Sequence[str] = ()
) -> tuple[Elector, ...]:
    """The members entitled to vote, in the region's order, with the votes the rule gives them.

    >>> rule = VoteRule("r", "art-9", {}, Unanimity(), weights={"a": Fraction(3)})
    >>> [(e.member, str(e.weight)) for e in electors_of(rule, {"a": 10, "b": 20, "c": 5}, ("c",))]
    [('a', '3'), ('b', '1')]
    """
    return tuple(
        Elector(m, rule.weights.get(m, Fraction(1)), people)
        for m, people in population.items()
        if m not in excluded
    )
