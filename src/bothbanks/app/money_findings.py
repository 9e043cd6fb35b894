"""From a money case that was played to its findings: alone and together, division, stability, views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.cooperation.core import (
    convexity,
    core_is_empty,
    in_core,
    least_core,
    strongest_objection,
)
from bothbanks.analysis.cooperation.game import CoalitionGame
from bothbanks.analysis.cooperation.partition import Partition, worths_from_costs
from bothbanks.analysis.cooperation.shapley_value import shapley
from bothbanks.analysis.cooperation.stability import BaseCase, StabilityReport, stability_report
from bothbanks.analysis.cooperation.views import ThreeViews as GameViews
from bothbanks.analysis.cooperation.views import three_views
from bothbanks.analysis.findings import CaseFinding, GameFinding, Interval, Objection, RuleFinding, ThreeViews
from bothbanks.analysis.measures.equilibrium import PartitionGame
from bothbanks.analysis.measures.uncertainty import DrawResults
from bothbanks.analysis.risk.uncertainty import interval
from bothbanks.app.play import Extra
from bothbanks.region.schema_cases import CaseSettings

FloatArray = NDArray[np.float64]


class Outcome(Protocol):
    """What a partition of the members comes to, as much of it as every money case has."""

    @property
    def cost(self) -> FloatArray: ...  # (member,) money of account

    @property
    def loss(self) -> FloatArray: ...  # (member,) the part of the cost by which benefit is told

    @property
    def people(self) -> FloatArray: ...  # (member,) people affected, zeros where nobody is counted

    @property
    def equilibria(self) -> tuple[int, ...]: ...  # all that were found


class MoneyGame(Protocol):
    """A game of partitions, as much of it as the findings of a money case ask for."""

    @property
    def members(self) -> tuple[str, ...]: ...

    def solve(self, partition: Partition, /) -> Outcome:
        """What the partition comes to."""
        ...

    def alone(self) -> Outcome:
        """Every member for itself."""
        ...

    def together(self) -> Outcome:
        """All members as one block."""
        ...

    def solved(self) -> Sequence[Outcome]:
        """Outcomes of the partitions solved so far."""
        ...

    def status_counts(self) -> Mapping[str, int]:
        """Solved partitions by the status of their equilibria."""
        ...


@dataclass(frozen=True, eq=False)
class PlayedMoney:
    """A money case at its base values and over the draws, whatever its game is played by."""

    settings: CaseSettings
    game: MoneyGame
    draws: DrawResults[Extra]
    countries: tuple[str, ...]
    population: FloatArray


@dataclass(frozen=True, eq=False)
class Played(PlayedMoney):
    """A money case whose members choose measures."""

    game: PartitionGame


def spread(value: float, draws: FloatArray) -> Interval:
    """A value with the 5 and 95 % points of its draws."""
    low, high = (float(x) for x in interval(draws))
    return Interval(float(value), low, high)


def case_finding(played: PlayedMoney, not_modelled: Mapping[str, int]) -> CaseFinding:
    """The row of a money case in the matrix, with its game."""
    s, r = played.settings, played.draws
    alone, together = played.game.alone(), played.game.together()
    (alone_low, alone_high), (low, high) = interval(r.alone), interval(r.together)
    physical = {}
    if alone.people.any():
        physical["people_affected"] = {"alone": alone.people, "together": together.people}
    return CaseFinding(
        id=s.id,
        kind=s.kind,
        name=s.name,
        unit=s.unit,
        per="horizon",
        money=True,
        modelled=s.modelled,
        alone=alone.cost,
        together=together.cost,
        alone_low=alone_low,
        alone_high=alone_high,
        together_low=low,
        together_high=high,
        total_alone=spread(alone.cost.sum(), r.alone.sum(axis=1)),
        total_together=spread(together.cost.sum(), r.together.sum(axis=1)),
        game=game_finding(played),
        physical=physical,
        not_modelled=not_modelled,
    )


def game_finding(played: PlayedMoney) -> GameFinding:
    """Division of the gain by every rule, and what happens to it over the draws."""
    game, r = played.game, played.draws
    members = game.members

    def cost(partition: tuple[int, ...]) -> FloatArray:
        return game.solve(partition).cost

    gamma = worths_from_costs(cost, len(members), "gamma")
    delta = worths_from_costs(cost, len(members), "delta")
    views = three_views(cost, members, played.countries)
    kept = game.alone().cost - game.together().cost
    base = BaseCase(gamma, delta, kept, {"benefit": benefit(game.alone().loss, game.together().loss)})
    report = stability_report(
        members,
        r.worths_gamma,
        r.worths_delta,
        r.no_transfer_gain,
        base,
        {"benefit": benefit_of_draws(r), "population": played.population},
    )
    games = CoalitionGame.from_worths(members, gamma), CoalitionGame.from_worths(members, delta)
    least = least_core(games[0])
    return GameFinding(
        worth_gamma=gamma,
        worth_delta=delta,
        no_transfer_gain=kept,
        loses_without_payment=np.array([report.loses_without_transfers[m].share for m in members]),
        rules=tuple(_rule(name, report, games, members) for name in report.rules),
        views=_views(views, played),
        core_empty=core_is_empty(games[0]),
        least_core_epsilon=least.epsilon,
        draws_core_empty=report.core_empty["gamma"].share,
        convexity_violations=convexity(games[0]),
        equilibria=_equilibria(game),
    )


def benefit(alone: FloatArray, together: FloatArray) -> FloatArray:
    """Loss avoided on each member's own territory, 0 where there is none; equal parts where nobody has
    any.
    """
    avoided = np.maximum(alone - together, 0.0)
    none = avoided.sum(axis=-1, keepdims=True) <= 0.0
    return np.where(none, 1.0, avoided)


def benefit_of_draws(r: DrawResults[Extra]) -> FloatArray:
    """(draw, member) loss avoided in each draw."""
    return benefit(np.array([e.loss_alone for e in r.also]), np.array([e.loss_together for e in r.also]))


def _rule(
    name: str, report: StabilityReport, games: tuple[CoalitionGame, CoalitionGame], members: Sequence[str]
) -> RuleFinding:
    rule = report.rules[name]
    shares = rule.base_shares

    def vector(by_member: Mapping[str, float]) -> FloatArray:
        return np.array([by_member[m] for m in members])

    objections = [strongest_objection(g, shares) for g in games]
    told = [Objection(tuple(m for m in members if m in o.coalition), float(o.gain)) for o in objections]
    return RuleFinding(
        rule=name,
        shares=vector(shares),
        payments=vector(rule.base_payments),
        in_core_gamma=in_core(games[0], shares),
        in_core_delta=in_core(games[1], shares),
        objection_gamma=told[0],
        objection_delta=told[1],
        share_low=np.array([rule.share_range[m].low for m in members]),
        share_high=np.array([rule.share_range[m].high for m in members]),
        draws_in_core_gamma=rule.recomputed["gamma"].share,
        draws_in_core_delta=rule.recomputed["delta"].share,
        draws_in_core_fixed_gamma=rule.fixed["gamma"].share,
        draws_in_core_fixed_delta=rule.fixed["delta"].share,
    )


def _views(views: GameViews, played: PlayedMoney) -> ThreeViews:
    r = played.draws
    total = spread(views.total_gain, r.no_transfer_gain.sum(axis=1))
    crossing = spread(views.cross_border_gain, (r.blocs - r.together).sum(axis=1))
    shares = shapley(views.countries_gamma)
    return ThreeViews(
        total_gain=total,
        gain_within_countries=dict(views.domestic_gain),
        cross_border_gain=crossing,
        country_shares=dict(shares),
        country_in_core=in_core(views.countries_gamma, shares) and in_core(views.countries_delta, shares),
    )


def _equilibria(game: MoneyGame) -> dict[str, int]:
    """How many equilibria the partitions behind the game have."""
    alone, together = game.alone(), game.together()
    counts = game.status_counts()
    several = counts.get("several", 0)
    return {
        "alone": len(alone.equilibria),
        "together": len(together.equilibria),
        "most": max((len(e.equilibria) for e in game.solved()), default=1),
        "several": several,
        "none": counts.get("none", 0),
    }
