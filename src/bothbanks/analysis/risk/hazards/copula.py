"""Yearly maxima that tend to come together: a Student t copula, read by ranks.

Demarta, S. and McNeil, A. J. 2005, *The t copula and related copulas*, Int. Stat. Rev. 73, 111-129: with few
degrees of freedom (``nu``) the extremes of neighbours coincide even at a moderate correlation.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bothbanks.words.errors import RangeError

FloatArray = NDArray[np.float64]
_GOLDEN = 0.6180339887498949


def correlation(kinds: Sequence[str], among_tributaries: float, with_main: float) -> FloatArray:
    """(basin, basin) correlation from two numbers. Raises RangeError if no joint law has it."""
    main = np.array([k == "main" for k in kinds], dtype=bool)
    rho = np.where(main[:, None] | main[None, :], with_main, among_tributaries).astype(np.float64)
    np.fill_diagonal(rho, 1.0)
    if (rho.size and (np.abs(rho) > 1).any()) or np.linalg.eigvalsh(rho).min(initial=1.0) <= 1e-12:
        raise RangeError(
            "flood.copula",
            f"correlations {among_tributaries:g} among tributaries and {with_main:g} with a main river "
            f"can't hold "
            "together for this many basins. Bring the two closer to each other.",
        )
    return rho


def t_copula_ranks(rho: FloatArray, nu: float, years: int, rng: np.random.Generator) -> FloatArray:
    """(year, basin) uniforms whose margins are exactly the ``years`` midpoints (i + 1/2) / years, each
    once.
    """
    if not (nu > 0 and years > 0):
        raise RangeError("flood.copula", f"nu is {nu:g} and years is {years}; both must be above 0.")
    normal = rng.standard_normal((years, rho.shape[0])) @ np.linalg.cholesky(rho).T
    student = normal / np.sqrt(rng.chisquare(nu, (years, 1)) / nu)
    rank = student.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    return np.asarray((rank + 0.5) / years)


def even_draws(u: FloatArray, rng: np.random.Generator) -> FloatArray:
    """(year, basin) uniforms, spread evenly along each basin's own order of severity.

    Neighbours in severity get numbers far apart (steps of the golden ratio from a random start), so a share
    of failing years is met closely in every stretch of return periods.
    """
    rank = u.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    return np.asarray((rank * _GOLDEN + rng.random((1, u.shape[1]))) % 1.0)
