"""Published games and tables, written as two banks that may each build a wall.

Games: M. J. Osborne and A. Rubinstein, A Course in Game Theory (MIT Press 1994), section 2.3, examples
15.3 (Battle of the Sexes), 16.1 (coordination), 16.2 (Prisoner's Dilemma), 16.3 (Hawk-Dove), 17.1
(Matching Pennies), with their pure equilibria. A payoff u is read as a cost of 10 - u.
Annuity: the ordinary annuity of 1 over 50 periods at 3 % is 25.7298 in printed compound-interest tables;
ours is paid at the start of each year, so it is 1.03 times that.
"""

from __future__ import annotations

import numpy as np
import pytest

from bothbanks.analysis.measures.blocks import BasinTable, GameTables
from bothbanks.analysis.measures.equilibrium import PartitionGame
from bothbanks.analysis.measures.presentvalue import annuity_factor, level_payment

# Payoffs by (row action, column action); action 1 = the member's bit is set.
GAMES = {
    "battle of the sexes": ([[(2, 1), (0, 0)], [(0, 0), (1, 2)]], {(0, 0), (1, 1)}),
    "coordination": ([[(2, 2), (0, 0)], [(0, 0), (1, 1)]], {(0, 0), (1, 1)}),
    "prisoner's dilemma": ([[(3, 3), (0, 4)], [(4, 0), (1, 1)]], {(1, 1)}),
    "hawk-dove": ([[(3, 3), (1, 4)], [(4, 1), (0, 0)]], {(0, 1), (1, 0)}),
    "matching pennies": ([[(1, -1), (-1, 1)], [(-1, 1), (1, -1)]], set()),
}


def as_game(payoffs: list[list[tuple[float, float]]]) -> PartitionGame:
    loss = np.array([[10.0 - u for u in payoffs[p & 1][p >> 1]] for p in range(4)])
    basin = BasinTable("river", (0, 1), loss, np.zeros((4, 2)), loss[:, :, None])
    return PartitionGame(GameTables(("row", "wall"), ("a", "b"), (1, 2), np.zeros((2, 2)), (basin,)))


@pytest.mark.parametrize("name", sorted(GAMES))
def test_pure_equilibria_of_published_games(name: str) -> None:
    payoffs, expected = GAMES[name]
    found = as_game(payoffs).alone()
    assert {(p & 1, p >> 1) for p in found.equilibria} == expected
    assert found.status == {0: "none", 1: "unique"}.get(len(expected), "several")


def test_together_prisoners_reach_what_neither_reaches_alone() -> None:
    game = as_game(GAMES["prisoner's dilemma"][0])
    assert (10 - game.alone().cost).tolist() == [1, 1]
    assert (10 - game.together().cost).tolist() == [3, 3]


def test_annuity_of_printed_tables() -> None:
    assert annuity_factor(0.03, 50) / 1.03 == pytest.approx(25.7298, abs=5e-5)
    assert annuity_factor(0.05, 30) / 1.05 == pytest.approx(15.3725, abs=5e-5)
    assert level_payment(25.7298, 0.03, 50) * 1.03 == pytest.approx(1.0, abs=5e-5)
