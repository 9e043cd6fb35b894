"""The deal of a real pair or group: what hosts must get, what beneficiaries can pay, what kills it.

A deal is judged against every member alone. With it, its measures stand and everybody else,
hosts and beneficiaries included, replies as before: own options, warning and the other measures
are chosen again, each member for itself. The hosts carry the measures' cost.

    least accepted = what the hosts lose by it in sum      most paid = what the beneficiaries gain

A party may stand on both sides (it hosts one measure and gains from another); it counts on the
side where its net result puts it. A negative 'least accepted' means that the hosts gain anyway.
The deal is worth doing when most paid is at least least accepted; the proposed payment lies half
way. Beneficiaries pay in proportion to what they gain if all of them gain, otherwise so that each
keeps the same surplus; each host gets what it loses, and an equal part of the hosts' surplus.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.measures.blocks import GameTables
from bothbanks.analysis.measures.equilibrium import PartitionGame
from bothbanks.analysis.measures.presentvalue import level_payment
from bothbanks.words.errors import InputError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Deal:
    """Which measures, who hosts them, who gains."""

    id: str
    measures: tuple[str, ...]
    hosts: tuple[str, ...]
    beneficiaries: tuple[str, ...]


@dataclass(frozen=True)
class DealTerms:
    """What a deal comes to under one draw, present values."""

    host_cost: dict[str, float]  # what each host loses if nobody pays it
    gain: dict[str, float]  # what each beneficiary gains if it pays nothing
    others: dict[str, float]  # what the deal does to members outside it; negative = harm
    least_accepted: float
    most_paid: float
    payment: float  # half way; negative = the hosts would pay
    receives: dict[str, float]  # by party, positive = receives; adds up to 0

    @property
    def survives(self) -> bool:
        """Whether some payment leaves no party worse off."""
        return self.most_paid >= self.least_accepted


def check_deal(deal: Deal, tables: GameTables) -> None:
    """Refuse a deal of unknown measures or members, or with nobody on one side.

    Raises
    ------
    InputError [measures.deal], all problems listed.
    """
    problems = [
        f"measure '{m}' is not a shared measure of the game"
        for m in deal.measures
        if m not in tables.measures
    ]
    problems += [f"'{p}' is no member" for p in (*deal.hosts, *deal.beneficiaries) if p not in tables.members]
    if not deal.measures or not deal.hosts or not deal.beneficiaries:
        problems.append("it needs at least one measure, one host and one beneficiary")
    if problems:
        raise InputError("measures.deal", f"deal '{deal.id}': " + "; ".join(problems))


def hosted(tables: GameTables, deal: Deal) -> GameTables:
    """The same tables with the cost of the deal's measures carried by its hosts, in the parts they have.

    Hosts that share in the cost keep their parts; if none does, they carry equal parts.
    """
    cost = tables.cost.copy()
    hosts = [tables.members.index(h) for h in deal.hosts]
    for name in deal.measures:
        j = tables.measures.index(name)
        total, parts = cost[j].sum(), cost[j, hosts]
        cost[j] = 0.0
        cost[j, hosts] = total * (parts / parts.sum() if parts.sum() > 0 else 1.0 / len(hosts))
    return replace(tables, cost=cost)


def deal_terms(game: PartitionGame, deal: Deal) -> DealTerms:
    """Least accepted, most paid and the proposed payments of a deal.

    Raises
    ------
    InputError
        See ``check_deal``.
    """
    check_deal(deal, game.tables)
    forced = sum(1 << game.tables.measures.index(m) for m in deal.measures)
    alone = game.alone()
    # A measure that stands already is no part of what the deal changes.
    tables = hosted(game.tables, deal)
    same = np.array_equal(tables.cost, game.tables.cost)
    played = game if same else PartitionGame(tables, losses=game.losses.carried_by(tables))
    with_deal = played.solve(alone.partition, forced=forced)
    change = dict(zip(game.members, (alone.cost - with_deal.cost).tolist(), strict=True))
    both = set(deal.hosts) & set(deal.beneficiaries)
    lost = {h: -change[h] for h in deal.hosts if h not in both or change[h] < 0.0}
    gain = {b: change[b] for b in deal.beneficiaries if b not in lost}
    least, most = sum(lost.values()), sum(gain.values())
    payment = (least + most) / 2 if lost and gain else 0.0
    return DealTerms(
        host_cost=lost,
        gain=gain,
        others={m: x for m, x in change.items() if m not in lost and m not in gain},
        least_accepted=least,
        most_paid=most,
        payment=payment,
        receives=_receives(lost, gain, payment),
    )


def _receives(lost: Mapping[str, float], gain: Mapping[str, float], payment: float) -> dict[str, float]:
    if not lost or not gain:
        return dict.fromkeys((*lost, *gain), 0.0)
    least, most = sum(lost.values()), sum(gain.values())
    out = {h: x + (payment - least) / len(lost) for h, x in lost.items()}
    if min(gain.values()) >= 0.0 and most > 0.0:
        out |= {b: -payment * x / most for b, x in gain.items()}
    else:
        out |= {b: (most - payment) / len(gain) - x for b, x in gain.items()}
    return out


def payment_by_year(terms: DealTerms, rate: float, years: int, horizon_years: int) -> dict[str, FloatArray]:
    """Level yearly payments worth the proposed ones, over the measure's life within the horizon.

    Parameters
    ----------
    years : lifetime of the deal's measures; payments run from year 0 for that long, at most the horizon.

    Returns
    -------
    party -> (horizon_years,), positive = receives.
    """
    paid_in = min(years, horizon_years)
    out = {}
    for party, value in terms.receives.items():
        flow = np.zeros(horizon_years)
        flow[:paid_in] = level_payment(value, rate, paid_in)
        out[party] = flow
    return out
