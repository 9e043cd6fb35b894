"""How much n draws can say: counts, shares, and the bound on what was not seen."""

from __future__ import annotations

from dataclasses import dataclass

from bothbanks.words.errors import RangeError


@dataclass(frozen=True)
class FailureBound:
    """95 % bounds on how often something fails, from ``failures`` in ``n`` draws.

    ``rule_of_three`` is True when none was seen: then only the upper bound 3/n says anything.
    """

    failures: int
    n: int
    low: float
    high: float
    rule_of_three: bool

    @property
    def text(self) -> str:
        """One English phrase; pages in other languages build theirs from the numbers.

        >>> failure_bound(0, 60).text
        'no failure in 60 draws: under 5 % at 95 % confidence'
        """
        if self.rule_of_three:
            return f"no failure in {self.n} draws: under {_percent(self.high)} at 95 % confidence"
        return (
            f"{self.failures} of {self.n} draws fail ({_percent(self.failures / self.n)}; "
            f"{_percent(self.low)} to {_percent(self.high)} at 95 % confidence)"
        )

    def __str__(self) -> str:
        return self.text


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.995 else f"{100 * share:.0f} %"


def failure_bound(failures: int, n: int) -> FailureBound:
    """Bounds on the rate of failures at 95 % confidence.

    None seen: at most 3/n, never "never". Otherwise the exact two-sided interval.

    Parameters
    ----------
    failures : 0..n
    n : number of draws, at least 1

    Raises
    ------
    RangeError
        ``n`` < 1 or ``failures`` outside 0..n.

    Sources: J. A. Hanley and A. Lippman-Hand, If nothing goes wrong, is everything all right? (1983),
    JAMA 249:1743-1745 (rule of three); C. J. Clopper and E. S. Pearson, The use of confidence or
    fiducial limits illustrated in the case of the binomial (1934), Biometrika 26:404-413.

    >>> failure_bound(0, 60).high
    0.05
    """
    if n < 1 or not 0 <= failures <= n:
        raise RangeError("cooperation.draws", f"{failures} failures in {n} draws is not possible.")
    if failures == 0:
        return FailureBound(0, n, 0.0, min(1.0, 3.0 / n), True)
    from scipy.special import betaincinv

    low = float(betaincinv(failures, n - failures + 1, 0.025))
    high = 1.0 if failures == n else float(betaincinv(failures + 1, n - failures, 0.975))
    return FailureBound(failures, n, low, high, False)


@dataclass(frozen=True)
class Frequency:
    """How many of the draws show something."""

    times: int
    draws: int

    @property
    def share(self) -> float:
        """Part of the draws, 0 to 1."""
        return self.times / self.draws

    @property
    def bound(self) -> FailureBound:
        """Bounds on how often it happens, where happening is the failure (an empty core, a loss)."""
        return failure_bound(self.times, self.draws)

    @property
    def failure_bound(self) -> FailureBound:
        """Bounds on how often it fails to happen, where happening is what one hopes for (in the core)."""
        return failure_bound(self.draws - self.times, self.draws)
