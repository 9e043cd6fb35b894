"""Votes, the rules they follow, and the boxes of secret ballots."""

from __future__ import annotations

from bothbanks.civic.compact.votes import OPEN, Box, Vote
from bothbanks.civic.compact.votes_rules import VoteRule
from bothbanks.store.interface import Keys, Kind


def _vote(vote: Vote) -> Keys:
    due = vote.closes if vote.status == OPEN else None
    return Keys(parent=vote.subject, status=vote.status, owner=vote.proposer, due=due)


KINDS = (
    Kind("vote-rule", VoteRule, lambda rule: Keys(parent=rule.article), personal=False),
    Kind("vote", Vote, _vote, personal=False),
    Kind("ballot-box", Box, lambda box: Keys(parent=box.vote)),
)
