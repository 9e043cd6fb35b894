"""Small needs and limits of two members for tests of the funding blend."""

from __future__ import annotations

import numpy as np

from bothbanks.civic.finance.funding_sources import Limits, Needs


def needs_of(
    capital: list[list[list[float]]],
    upkeep: list[list[list[float]]] | None = None,
    partners: tuple[str, ...] = ("ab", "a", "b"),
) -> Needs:
    """Measures m0, m1, ... of members a (BE) and b (NL) from 2026."""
    table = np.array(capital)
    count = table.shape[0]
    return Needs(
        tuple(f"m{j}" for j in range(count)),
        ("levee",) * count,
        ("a", "b"),
        ("BE", "NL"),
        tuple(frozenset(p) for p in partners[:count]),
        2026,
        table,
        np.zeros_like(table) if upkeep is None else np.array(upkeep),
    )


def limits_of(
    capital: float = np.inf, running: float = np.inf, debt: float = np.inf, years: int = 2
) -> Limits:
    full = np.ones((2, years))
    return Limits(full * capital, full * running, full * debt)
