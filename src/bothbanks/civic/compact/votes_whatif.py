"""Before a vote: who could block it, who can carry it, and how much power the rule gives to each member."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from bothbanks.analysis.cooperation import (
    LISTED_LIMIT,
    Either,
    Every,
    PowerIndices,
    Quota,
    VotingRule,
    minimal_blocking,
    minimal_winning,
    power_indices,
)
from bothbanks.civic.compact.votes_rules import (
    AllOf,
    AnyOf,
    Blocking,
    Condition,
    Consent,
    Elector,
    Least,
    Measure,
    Share,
    Unanimity,
    Veto,
    VoteRule,
)


@dataclass(frozen=True)
class Powers:
    """Minimal coalitions of a rule (empty where there are too many members to list them), and its indices."""

    blocking: tuple[tuple[str, ...], ...]
    winning: tuple[tuple[str, ...], ...]
    indices: PowerIndices
    listed: bool


def as_game(rule: VoteRule, electors: Sequence[Elector], presiding: str = "") -> VotingRule:
    """The rule as a game of those in favour against the rest, everyone voting and nobody abstaining.

    The presiding member's casting vote, where there is one, becomes 'or half, with the presiding member'.

    >>> electors = tuple(Elector(m, Fraction(1), 10) for m in "abcd")
    >>> as_game(VoteRule("r", "art-9", {}, Blocking(2)), electors).needed
    3
    """
    game = _game(rule.condition, electors)
    if rule.casting_vote and isinstance(game, Quota):
        chair = Quota(tuple(int(e.member == presiding) for e in electors), 1)
        game = Either((game, Every((Quota(game.weights, game.needed), chair))))
    return game


def powers(rule: VoteRule, electors: Sequence[Elector], presiding: str = "") -> Powers:
    """Who can block, who can carry, and the indices, under the rule.

    Raises
    ------
    InputError
        A rule that nobody or everybody meets.
    RangeError
        Too many members for the rule (see ``analysis.cooperation.power_indices``).
    """
    game, members = as_game(rule, electors, presiding), tuple(e.member for e in electors)
    listed = len(members) <= LISTED_LIMIT

    def ordered(coalitions: Sequence[frozenset[str]]) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(m for m in members if m in c) for c in coalitions)

    return Powers(
        ordered(minimal_blocking(game, members)) if listed else (),
        ordered(minimal_winning(game, members)) if listed else (),
        power_indices(game, members),
        listed,
    )


def _game(condition: Condition, electors: Sequence[Elector]) -> VotingRule:
    heads = (1,) * len(electors)
    if isinstance(condition, AllOf):
        return Every(tuple(_game(part, electors) for part in condition.parts))
    if isinstance(condition, AnyOf):
        return Either(tuple(_game(part, electors) for part in condition.parts))
    if isinstance(condition, Share):
        weights = _weights(condition.counts, electors)
        return Quota(weights, condition.needed * sum(weights), condition.more_than)
    if isinstance(condition, Least):
        return Quota(_weights(condition.counts, electors), condition.number)
    if isinstance(condition, Blocking):
        return Quota(heads, len(electors) - condition.members + 1)
    if isinstance(condition, Veto | Consent):
        holders = tuple(int(e.member in condition.holders) for e in electors)
        return Quota(holders, sum(holders))
    assert isinstance(condition, Unanimity)
    return Quota(heads, len(electors))


def _weights(measure: Measure, electors: Sequence[Elector]) -> tuple[Fraction, ...]:
    return tuple(e.counted(measure) for e in electors)
