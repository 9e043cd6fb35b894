"""Solve the programmes of all coalitions, and of changed assumptions, on all cores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.cooperation.core import in_core, strongest_objection
from bothbanks.analysis.cooperation.game import CoalitionGame
from bothbanks.analysis.cooperation.partition import (
    Partition,
    alone_partition,
    convention_partition,
    together_partition,
)
from bothbanks.analysis.cooperation.shapley_value import shapley
from bothbanks.analysis.findings import Objection
from bothbanks.analysis.findings.programme import Division, Proof
from bothbanks.analysis.measures.programme import Programme, ProgrammeGame
from bothbanks.analysis.measures.programme.plan import ENUMERATION, OPTIMAL, SETTLED
from bothbanks.app.prepared import Step
from bothbanks.app.workers import Help, each
from bothbanks.words.money import minor_digits, to_cents

FloatArray = NDArray[np.float64]
BASE, UNLIMITED = "base", "unlimited"
EVERY_COALITION = 8
"""Members up to which every coalition's programme is worked out; beyond, only alone and together."""

Piece = tuple[str, Partition]


@dataclass(frozen=True)
class _Solve:
    """Solves one partition of one of several games; travels once to each worker."""

    games: Mapping[str, ProgrammeGame]

    def __call__(self, piece: Piece) -> Programme:
        name, partition = piece
        return self.games[name].solve(partition)


def solve_all(games: Mapping[str, ProgrammeGame], step: Step, workers: Help) -> None:
    """Solve what is asked of every game: alone and together, and for the base every coalition too.

    The largest blocks come first, so that no core waits for the last of them.
    """
    pieces = [(name, p) for name, game in games.items() for p in partitions_of(name, game)]
    pieces.sort(key=lambda piece: -max(int(b).bit_count() for b in piece[1]))
    found = each(_Solve(games), pieces, step, workers)
    for (name, _), programme in zip(pieces, found, strict=True):
        games[name].adopt([programme])


def solve_together(games: Mapping[str, ProgrammeGame], step: Step, workers: Help) -> None:
    """Solve all together in each of several games."""
    pieces = [(name, together_partition(len(game.members))) for name, game in games.items()]
    found = each(_Solve(games), pieces, step, workers)
    for (name, _), programme in zip(pieces, found, strict=True):
        games[name].adopt([programme])


def partitions_of(name: str, game: ProgrammeGame) -> tuple[Partition, ...]:
    """Partitions worked out of a game."""
    n = len(game.members)
    if name == BASE and n <= EVERY_COALITION:
        return tuple(dict.fromkeys((together_partition(n), *game.partitions("gamma"))))
    return tuple(dict.fromkeys((together_partition(n), alone_partition(n), *_stay_out(n, name == BASE))))


def _stay_out(n: int, asked: bool) -> tuple[Partition, ...]:
    """Each member by itself beside all the others."""
    whole = (1 << n) - 1
    return tuple(convention_partition(whole & ~(1 << i), n, "gamma") for i in range(n)) if asked else ()


def division(game: ProgrammeGame, currency: str) -> Division | None:
    """Worths if the others fall apart, the Shapley value to the cent, and its core test."""
    if len(game.members) > EVERY_COALITION:
        return None
    worths = game.worths("gamma")
    play = CoalitionGame.from_worths(game.members, worths)
    shares = shapley(play)
    kept = game.alone().cost - game.together().cost
    vector = np.array([shares[m] for m in game.members])
    cents = to_cents(shares, minor_digits(currency))
    objection = strongest_objection(play, shares)
    return Division(
        worth_gamma=worths,
        worth_delta=None,
        shares=vector,
        share_cents=tuple(cents[m] for m in game.members),
        payments=vector - kept,
        in_core_gamma=in_core(play, shares),
        in_core_delta=None,
        objection_gamma=Objection(
            tuple(m for m in game.members if m in objection.coalition), float(objection.gain)
        ),
        objection_delta=None,
    )


def proof(game: ProgrammeGame) -> Proof:
    """How many coalitions' programmes are proven best replies, from the last replies of each outcome.

    In an outcome that settled each block's last reply was worked out against the others' final schedule, so
    its bound is the proof.
    """
    n = len(game.members)
    masks = range(1, 1 << n) if n <= EVERY_COALITION else (*(1 << i for i in range(n)), (1 << n) - 1)
    gaps, proven, enumerated, unsettled, sure = [], 0, 0, 0, True
    for mask in masks:
        found = game.solve(convention_partition(mask, n, "gamma"))
        reply = next(r for r in found.replies if r.block == mask)
        gaps.append(reply.gap)
        proven += reply.status == OPTIMAL and found.status == SETTLED
        enumerated += reply.method == ENUMERATION
        unsettled += found.status != SETTLED
        sure = sure and found.reproducible
    count = len(gaps)
    return Proof(
        count, int(proven), max(gaps), int(enumerated), count - int(enumerated), int(unsettled), sure
    )


def distinct_plans(games: Sequence[ProgrammeGame]) -> list[Programme]:
    """Outcomes solved so far with different plans, in the order they were met."""
    seen: dict[object, Programme] = {}
    for game in games:
        for found in game.solved():
            seen.setdefault(found.plan, found)
    return list(seen.values())
