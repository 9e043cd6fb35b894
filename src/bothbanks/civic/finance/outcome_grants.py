"""Outcome grants: what a funder pays for a result that was measured, by a formula everybody can work out.

The outcome is how much better the measured value is than the baseline. A *linear* formula pays a price for
each unit of it, a *progressive* one a price that changes from band to band (as tax brackets do), *steps* a
fixed amount for what was reached. The amount is kept between the floor and the cap, rounded to whole minor
units (halves to even), and divided between members by largest remainder. What is worse than the baseline pays
the floor; without data nothing is paid, and that is said. Everything is exact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bothbanks.civic.finance.claims import Route
from bothbanks.civic.finance.payouts import divide
from bothbanks.words.errors import InputError, RangeError

FloatArray = NDArray[np.float64]
Better = Literal["lower", "higher"]
Aggregate = Literal["mean", "sum", "last", "min", "max"]
PAID_OUT, FLOOR, CAPPED, NO_DATA = "paid", "floor", "capped", "no-data"
SHOWN = 8


@dataclass(frozen=True)
class Linear:
    """A price for each unit of the outcome, in whole units of money (euros).

    >>> Linear(Fraction(5, 100)).amount(Fraction(1000))
    Fraction(50, 1)
    """

    price: Fraction

    def __post_init__(self) -> None:
        _not_negative("price", self.price)

    def amount(self, outcome: Fraction) -> Fraction:
        """Money for an outcome of 0 or more."""
        return self.price * outcome


@dataclass(frozen=True)
class Band:
    """From an outcome of ``start`` on, each further unit is worth ``price``."""

    start: Fraction
    price: Fraction


@dataclass(frozen=True)
class Progressive:
    """Prices by band of the outcome; the first band starts at 0, and starts rise.

    >>> bands = Progressive((Band(Fraction(0), Fraction(1)), Band(Fraction(100), Fraction(2))))
    >>> bands.amount(Fraction(150))
    Fraction(200, 1)
    """

    bands: tuple[Band, ...]

    def __post_init__(self) -> None:
        starts = [b.start for b in self.bands]
        if not starts or starts[0] != 0 or any(b <= a for a, b in pairwise(starts)):
            raise RangeError(
                "grant.bands",
                f"bands start at {', '.join(f'{float(s):g}' for s in starts) or 'nothing'}; expected 0, then "
                "rising.",
            )
        for band in self.bands:
            _not_negative("price", band.price)

    def amount(self, outcome: Fraction) -> Fraction:
        """Money for an outcome of 0 or more."""
        ends = [b.start for b in self.bands[1:]] + [None]
        total = Fraction(0)
        for band, end in zip(self.bands, ends, strict=True):
            top = outcome if end is None else min(outcome, end)
            total += band.price * max(top - band.start, Fraction(0))
        return total


@dataclass(frozen=True)
class Reached:
    """An outcome of at least ``at_least`` is worth ``amount``."""

    at_least: Fraction
    amount: Fraction


@dataclass(frozen=True)
class Steps:
    """Fixed amounts for what was reached; the highest step reached counts. Both columns rise.

    >>> steps = Steps((Reached(Fraction(5), Fraction(1000)), Reached(Fraction(10), Fraction(3000))))
    >>> [int(steps.amount(Fraction(x))) for x in (4, 5, 12)]
    [0, 1000, 3000]
    """

    steps: tuple[Reached, ...]

    def __post_init__(self) -> None:
        rises = all(a.at_least < b.at_least and a.amount <= b.amount for a, b in pairwise(self.steps))
        if not self.steps or not rises or self.steps[0].at_least < 0:
            raise RangeError(
                "grant.steps", "steps must start at 0 or more and rise, and pay never less for reaching more."
            )
        _not_negative("amount", self.steps[0].amount)

    def amount(self, outcome: Fraction) -> Fraction:
        """Money for an outcome of 0 or more."""
        return max((s.amount for s in self.steps if outcome >= s.at_least), default=Fraction(0))


Formula = Linear | Progressive | Steps


@dataclass(frozen=True)
class GrantTerms:
    """An outcome grant as agreed.

    ``floor_minor`` and ``cap_minor`` are in whole minor units, prices in whole units of money. An observation
    counts only where the verifier named here signed for it. ``least_count`` observations are needed; with
    fewer there are no data.

    Raises
    ------
    RangeError
        A negative amount, a floor above the cap, or shares that are not positive parts of 1.
    """

    id: str
    unit: str
    better: Better
    aggregate: Aggregate
    baseline: Fraction
    formula: Formula
    minor_digits: int
    floor_minor: int
    cap_minor: int
    currency: str
    price_year: int
    shares: Mapping[str, Fraction]
    verifier: str
    start: date
    end: date
    least_count: int = 1
    dispute: Route | None = None

    def __post_init__(self) -> None:
        if self.floor_minor < 0 or self.cap_minor < self.floor_minor:
            raise RangeError(
                "grant.amounts",
                f"grant '{self.id}' has a floor of {self.floor_minor} and a cap of {self.cap_minor} minor "
                "units; expected 0 <= floor <= cap. A payout is never negative.",
            )
        if not self.shares or min(self.shares.values()) <= 0 or sum(self.shares.values()) != 1:
            raise RangeError(
                "grant.shares", f"shares of grant '{self.id}' are not positive parts of 1, one a member."
            )
        if self.end < self.start or self.least_count < 1:
            raise RangeError(
                "grant.period",
                f"grant '{self.id}' runs from {self.start} to {self.end} and needs {self.least_count} "
                "observations; expected an end after the start, and 1 or more.",
            )


@dataclass(frozen=True)
class Observation:
    """One measured value, its day, and who signed for it."""

    when: date
    value: Fraction
    verifier: str


@dataclass(frozen=True)
class GrantResult:
    """What the formula gives: measured value and outcome (None without data), and what is due to whom."""

    grant: str
    counted: int
    set_aside: int  # observations in the period that the verifier did not sign
    measured: Fraction | None
    outcome: Fraction | None
    verdict: str  # paid, floor, capped, no-data
    due: Mapping[str, int]
    first: date | None = None  # days of the first and the last observation that counted
    last: date | None = None

    @property
    def due_total(self) -> int:
        """Sum over members, in whole minor units."""
        return sum(self.due.values())


def signed(terms: GrantTerms, observations: Sequence[Observation]) -> tuple[list[Observation], int]:
    """Observations of the period that the verifier signed, by day, and how many it did not sign.

    Raises
    ------
    InputError
        Two values of one day, both signed.
    """
    inside = [o for o in observations if terms.start <= o.when <= terms.end]
    chosen = sorted((o for o in inside if o.verifier == terms.verifier), key=lambda o: o.when)
    for a, b in pairwise(chosen):
        if a.when == b.when:
            raise InputError(
                "grant.twice",
                f"grant '{terms.id}' has two values of {a.when}, {float(a.value):g} and {float(b.value):g}, "
                f"both signed by {terms.verifier}; keep one.",
            )
    return chosen, len(inside) - len(chosen)


def measure(terms: GrantTerms, chosen: Sequence[Observation]) -> Fraction:
    """Measured value of the period, from one or more signed observations in the order of their days."""
    values = [o.value for o in chosen]
    total = sum(values, Fraction(0))
    found = {
        "mean": total / len(values),
        "sum": total,
        "last": values[-1],
        "min": min(values),
        "max": max(values),
    }
    return found[terms.aggregate]


def payout(terms: GrantTerms, measured: Fraction) -> tuple[int, str]:
    """Amount in whole minor units and whether floor or cap decided, for a measured value."""
    outcome = outcome_of(terms, measured)
    gross = round(terms.formula.amount(max(outcome, Fraction(0))) * 10**terms.minor_digits)
    if gross > terms.cap_minor:
        return terms.cap_minor, CAPPED
    if outcome < 0 or gross <= terms.floor_minor:
        return terms.floor_minor, FLOOR
    return gross, PAID_OUT


def amounts(terms: GrantTerms, measured: FloatArray) -> FloatArray:
    """Money (any shape, whole units) for many possible measured values: a forecast, in floats, unrounded.

    The same formula as ``payout``, which settles one measured value exactly; a test compares the two.
    """
    sign = 1.0 if terms.better == "higher" else -1.0
    outcome = np.maximum(sign * (measured - float(terms.baseline)), 0.0)
    formula = terms.formula
    if isinstance(formula, Linear):
        gross = float(formula.price) * outcome
    elif isinstance(formula, Progressive):
        starts = np.array([float(b.start) for b in formula.bands])
        widths = np.append(np.diff(starts), np.inf)
        prices = np.array([float(b.price) for b in formula.bands])
        gross = np.clip(outcome[..., None] - starts, 0.0, widths) @ prices
    else:
        reached = np.array([float(s.at_least) for s in formula.steps])
        paid = np.array([0.0, *(float(s.amount) for s in formula.steps)])
        gross = paid[np.searchsorted(reached, outcome, side="right")]
    worse = sign * (measured - float(terms.baseline)) < 0
    unit = 10.0**terms.minor_digits
    least, most = terms.floor_minor / unit, terms.cap_minor / unit
    return np.asarray(np.where(worse, least, np.clip(gross, least, most)))


def outcome_of(terms: GrantTerms, measured: Fraction) -> Fraction:
    """How much better the measured value is than the baseline; negative: worse."""
    return terms.baseline - measured if terms.better == "lower" else measured - terms.baseline


def evaluate(terms: GrantTerms, observations: Sequence[Observation]) -> GrantResult:
    """What is due for what was observed; nothing, said as such, without data.

    Examples
    --------
    >>> terms = GrantTerms("minutes", "min", "lower", "mean", Fraction(12), Linear(Fraction(1000)), 2, 0,
    ...     10_000_00, "EUR", 2023, {"a": Fraction(1, 3), "b": Fraction(2, 3)}, "audit office",
    ...     date(2026, 1, 1), date(2026, 12, 31))
    >>> seen = [Observation(date(2026, 6, 30), Fraction(10), "audit office"),
    ...         Observation(date(2026, 12, 31), Fraction(9), "audit office")]
    >>> found = evaluate(terms, seen)
    >>> found.outcome, found.verdict, found.due
    (Fraction(5, 2), 'paid', {'a': 83333, 'b': 166667})
    >>> evaluate(terms, []).verdict
    'no-data'
    """
    chosen, set_aside = signed(terms, observations)
    days = (chosen[0].when, chosen[-1].when) if chosen else (None, None)
    if len(chosen) < terms.least_count:
        nothing = dict.fromkeys(terms.shares, 0)
        return GrantResult(terms.id, len(chosen), set_aside, None, None, NO_DATA, nothing, *days)
    measured = measure(terms, chosen)
    amount, verdict = payout(terms, measured)
    outcome = outcome_of(terms, measured)
    due = divide(amount, terms.shares)
    return GrantResult(terms.id, len(chosen), set_aside, measured, outcome, verdict, due, *days)


def settle_grant(terms: GrantTerms, observations: Sequence[Observation], looked_at: str = "") -> GrantResult:
    """The result to be stated and paid: ``evaluate``, and a refusal in words where there are no data.

    Parameters
    ----------
    looked_at : what was read, for the message

    Raises
    ------
    InputError
        Fewer signed observations in the period than the terms need (naming grant, period and file), or two
        of a day.

    Examples
    --------
    >>> terms = GrantTerms("minutes", "min", "lower", "mean", Fraction(12), Linear(Fraction(1000)), 2, 0,
    ...     10_000_00, "EUR", 2023, {"a": Fraction(1)}, "audit office", date(2026, 1, 1), date(2026, 12, 31))
    >>> settle_grant(terms, [Observation(date(2026, 6, 30), Fraction(10), "audit office")]).due
    {'a': 200000}
    """
    found = evaluate(terms, observations)
    if found.verdict == NO_DATA:
        read = f" (looked at {looked_at})" if looked_at else ""
        raise InputError(
            "grant.no-data",
            f"grant '{terms.id}' is not paid, not even its floor: {found.counted} of the {terms.least_count} "
            f"observations it needs from {terms.start} to {terms.end} are there with the signature of "
            f"'{terms.verifier}'{read}. {_had(terms, observations, found)}Publish the missing ones, signed, "
            "and compute again.",
        )
    return found


def _had(terms: GrantTerms, observations: Sequence[Observation], found: GrantResult) -> str:
    """What there was instead of data."""
    if not observations:
        return "No value was found at all. "
    told = []
    if found.set_aside:
        others = {o.verifier for o in observations if terms.start <= o.when <= terms.end} - {terms.verifier}
        names = ", ".join(f"'{v}'" for v in sorted(others)[:SHOWN])
        told.append(f"{found.set_aside} of the period are signed by others ({names}) and do not count.")
    outside = len(observations) - found.counted - found.set_aside
    if outside:
        first, last = min(o.when for o in observations), max(o.when for o in observations)
        told.append(f"{outside} lie outside it: the values run from {first} to {last}.")
    return "".join(f"{t} " for t in told)


def _not_negative(what: str, value: Fraction) -> None:
    if value < 0:
        raise RangeError(
            "grant.amounts", f"a {what} of {float(value):g}; a grant's {what} is never negative."
        )
