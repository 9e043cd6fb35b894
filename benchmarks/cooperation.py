"""Times of the exact solutions for 8, 10 and 12 members (and 16, the most that is solved exactly).

python benchmarks/cooperation.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from bothbanks.analysis.cooperation import (
    CoalitionGame,
    convexity,
    core_is_empty,
    least_core,
    nucleolus,
    shapley,
    strongest_objection,
)

SIZES = (8, 10, 12, 16)
REPEATS = 3


def growing_game(n: int, rng: np.random.Generator) -> CoalitionGame:
    """A game whose gain grows with the pairs that work together, with noise on every coalition."""
    masks = np.arange(1 << n)
    inside = (masks[:, None] >> np.arange(n) & 1).astype(float)
    strength = rng.uniform(0.5, 2.0, n)
    worths = (inside @ strength) ** 2 - inside @ strength**2 + rng.uniform(0.0, 1.0, 1 << n)
    worths[0] = 0.0
    return CoalitionGame.from_worths([f"m{i}" for i in range(n)], worths)


def seconds(task: Callable[[], object]) -> float:
    """Best of a few runs."""
    best = float("inf")
    for _ in range(REPEATS):
        start = time.perf_counter()
        task()
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    """Print one line a size, in milliseconds."""
    rng = np.random.default_rng(1)
    print(f"{'members':>8}{'coalitions':>12}{'shapley':>10}{'nucleolus':>11}{'least core':>12}"
          f"{'core empty':>12}{'objection':>11}{'convexity':>11}   (ms, best of {REPEATS})")  # fmt: skip
    for n in SIZES:
        game = growing_game(n, rng)
        shares = shapley(game)
        tasks: list[Callable[[], object]] = [
            lambda g=game: shapley(g),
            lambda g=game: nucleolus(g),
            lambda g=game: least_core(g),
            lambda g=game: core_is_empty(g),
            lambda g=game, s=shares: strongest_objection(g, s),
            lambda g=game: convexity(g),
        ]
        times = [1000 * seconds(task) for task in tasks]
        print(
            f"{n:>8}{1 << n:>12}"
            + "".join(f"{t:>{w}.2f}" for t, w in zip(times, (10, 11, 12, 12, 11, 11), strict=True))
        )


if __name__ == "__main__":
    main()
