"""Why no blend keeps every rule: the smallest set of rules in conflict, and the fewest to set aside.

Three answers, all on the rows of ``mix_rules``:

*The smallest conflict* is a set of rules that can't all hold, none of which can be left out, with as few
rules as any such set. Found by hitting sets: the rules of every way to make the programme feasible meet each
conflict, so a smallest set that meets all the ways found so far is the answer as soon as it is itself in
conflict; until then it shows more ways.
Source: A. Ignatiev, A. Previti, M. Liffiton and J. Marques-Silva, Smallest MUS extraction with minimal
hitting set dualization, CP 2015, doi 10.1007/978-3-319-23219-5_13.

*Irreducible sets* come from the elastic filter and the deletion filter, which are quicker and give a set from
which nothing can be left out, though perhaps not the smallest; used where the first runs out of rounds.
Source: J. W. Chinneck and E. W. Dravnieks, Locating minimal infeasible constraint sets in linear programs,
ORSA Journal on Computing 3 (1991) 157-168, doi 10.1287/ijoc.3.2.157.

*The fewest rules to set aside*: an elastic programme with a 0/1 for each rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from bothbanks.civic.finance.linear import MILLION, Programme, solve
from bothbanks.civic.finance.mix_rules import MixProgramme, Rule
from bothbanks.words.errors import SolverError

ROUNDS = 30
SLACK = 1e-7  # millions; a tenth of a unit of money counts as broken


@dataclass(frozen=True)
class Conflict:
    """Rules that can't all hold."""

    rules: tuple[Rule, ...]
    smallest: bool  # proven to have as few rules as any conflict
    remedy: dict[Rule, float | None]  # money by which that rule alone has to give way; None: not enough
    set_aside: tuple[Rule, ...] = ()  # fewest rules without which everything else can hold
    short: dict[Rule, float] = field(default_factory=dict)  # money by which each of those gives way


def find_conflict(made: MixProgramme, rounds: int = ROUNDS) -> Conflict | None:
    """The smallest set of rules in conflict; None where there is none.

    Raises
    ------
    SolverError [finance.conflict]
        What must always hold is itself impossible, which needs and limits that fit can't be.
    """
    elastic = _Elastic(made)
    if elastic.feasible(elastic.rules):
        return None
    if not elastic.feasible(()):
        raise SolverError("finance.conflict", "payments can't be met even with every rule set aside.")
    rules = deletion_filter(made)
    found = _smallest(elastic, rounds, rules)
    smallest = found is not None
    rules = rules if found is None else found
    aside = elastic.fewest()
    return Conflict(
        rules=tuple(r for r in elastic.rules if r in set(rules)),
        smallest=smallest,
        remedy={r: elastic.alone(r) for r in elastic.rules if r in set(rules)},
        set_aside=tuple(r for r in elastic.rules if r in aside),
        short=aside,
    )


def deletion_filter(made: MixProgramme) -> tuple[Rule, ...]:
    """Rules in conflict of which none can be left out (elastic filter, then deletion filter)."""
    elastic = _Elastic(made)
    kept = list(elastic.filtered())
    for rule in reversed(list(kept)):  # so that of equal conflicts the one named first is told
        without = [r for r in kept if r != rule]
        if not elastic.feasible(without):
            kept = without
    return tuple(kept)


def _smallest(elastic: _Elastic, rounds: int, known: tuple[Rule, ...]) -> tuple[Rule, ...] | None:
    """A smallest conflict, no larger than the one known; None when the rounds run out."""
    ways: list[frozenset[Rule]] = []
    for _ in range(rounds):
        candidate = _hitting_set(elastic.rules, ways)
        if len(candidate) == len(known):  # no conflict can have fewer
            return known
        way, kept = elastic.broken(candidate), list(candidate)
        if way is None:
            return candidate
        while way:  # ways that share no rule raise the bound fastest
            ways.append(way)
            kept += way
            way = elastic.broken(kept)
    return None


def _hitting_set(rules: tuple[Rule, ...], ways: list[frozenset[Rule]]) -> tuple[Rule, ...]:
    """Fewest rules that meet every way; rules named first are preferred."""
    if not ways:
        return ()
    union = [r for r in rules if any(r in w for w in ways)]
    p = Programme()
    at = {r: p.column(1.0 + 1e-6 * k / len(union), 1.0, integer=True) for k, r in enumerate(union)}
    for way in ways:
        p.row([at[r] for r in union if r in way], -1.0, -1.0)
    found = solve(p)
    assert found is not None  # every way has a rule
    return tuple(r for r in union if found[at[r]] > 0.5)


class _Elastic:
    """The programme with any of its rules able to give way."""

    def __init__(self, made: MixProgramme) -> None:
        self.made = made
        self.rules: tuple[Rule, ...] = tuple(dict.fromkeys(r for r in made.rules if r is not None))

    def _programme(self, hard: set[Rule], soft: set[Rule]) -> tuple[Programme, dict[Rule, list[int]]]:
        """Hard rules hold; soft ones have a slack for each row; the others are left out."""
        source = self.made.programme
        p = Programme([0.0] * len(source.cost), list(source.lower), list(source.upper), list(source.integer))
        slack: dict[Rule, list[int]] = {}
        for row, rule in zip(source.rows, self.made.rules, strict=True):
            if rule is None or rule in hard:
                p.rows.append(row)
            elif rule in soft:
                extra = p.column(1.0)
                slack.setdefault(rule, []).append(extra)
                p.row(np.append(row.columns, extra), np.append(row.values, -1.0), row.upper)
        return p, slack

    def feasible(self, hard: Iterable[Rule]) -> bool:
        """True where these rules (and what must always hold) can be kept."""
        return solve(self._programme(set(hard), set())[0]) is not None

    def broken(self, hard: Iterable[Rule]) -> frozenset[Rule] | None:
        """Rules that give way where ``hard`` ones may not; None where even those can't hold."""
        kept = set(hard)
        p, slack = self._programme(kept, set(self.rules) - kept)
        found = solve(p)
        if found is None:
            return None
        return frozenset(r for r, at in slack.items() if found[at].sum() > SLACK)

    def filtered(self) -> tuple[Rule, ...]:
        """Elastic filter: rules that give way are made hard until they can't all hold."""
        hard: list[Rule] = []
        while True:
            gave_way = self.broken(hard)
            if gave_way is None:
                return tuple(r for r in self.rules if r in set(hard))
            if not gave_way:
                raise SolverError("finance.conflict", "the rules can all be kept; there is no conflict.")
            hard += [r for r in self.rules if r in gave_way]

    def alone(self, rule: Rule) -> float | None:
        """Money by which this one rule would have to give way, all others kept; None: not enough."""
        p, slack = self._programme(set(self.rules) - {rule}, {rule})
        found = solve(p)
        return None if found is None else float(found[slack[rule]].sum()) * MILLION

    def fewest(self) -> dict[Rule, float]:
        """Fewest rules that give way, and by how much money each."""
        p, slack = self._programme(set(), set(self.rules))
        most = _largest_slacks(self.made, p)
        for rule, columns in slack.items():
            use = p.column(1.0, 1.0, integer=True)
            for c in columns:
                bound = most[c]
                p.cost[c] = 1e-6 / max(sum(most.values()), 1.0)  # among the fewest, the least money
                p.upper[c] = bound
                p.row([c, use], [1.0, -bound], 0.0)
            slack[rule] = columns
        found = solve(p)
        if found is None:
            raise SolverError("finance.conflict", "payments can't be met even with every rule set aside.")
        short = {r: float(found[at].sum()) for r, at in slack.items()}
        return {r: x * MILLION for r, x in short.items() if x > SLACK}


def _largest_slacks(made: MixProgramme, p: Programme) -> dict[int, float]:
    """The most that the slack of each row can need: its largest left side less its bound."""
    upper = np.array(p.upper)
    base = len(made.programme.cost)
    out = {}
    for row in p.rows:
        extra = row.columns[row.columns >= base]
        if extra.size:
            mine = row.columns < base
            values = row.values[mine]
            most = float(np.maximum(values * upper[row.columns[mine]], 0.0).sum())
            out[int(extra[0])] = max(most - row.upper, 0.0) + 1e-6
    return out
