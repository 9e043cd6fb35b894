"""Which procedure a purchase of a given value needs: alone under each buyer's rules, together under one law.

Procurement law is never merged. The joint estimated value decides whether the Union's directive applies;
below that, one national law is named and the others are shown for information
(see ``applicable_law``). All amounts are EUR net of VAT, and the day that counts is the day the tender opens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bothbanks.civic.finance.threshold_tables import (
    KINDS,
    NATIONAL_RULES,
    PROCEDURES,
    TIME_LIMITS,
    UNCLEAR,
    UNION,
    UNION_THRESHOLDS,
    NationalRule,
    TimeLimit,
    UnionThreshold,
)
from bothbanks.words.errors import InputError, RangeError

UNKNOWN = "unknown"
"""The procedure where no rule was found: said so, never guessed."""


@dataclass(frozen=True)
class Step:
    """Values from ``above`` (included) to ``below`` (not included) need ``procedure``.

    ``below`` is infinite in the last step. ``tender_days`` and ``standstill_days`` are the least days that
    pass; ``offers`` is the least number of offers asked for (0: none named). ``mark`` and ``time_source``
    say how sure the limit and the days are.
    """

    above: float
    below: float
    procedure: str
    offers: int
    tender_days: int | None
    standstill_days: int | None
    mark: str
    source: str
    time_source: str
    note: str = ""


@dataclass(frozen=True)
class Ruling:
    """What one regime asks for a purchase of one value on one day."""

    regime: str
    value: float
    union_threshold: float
    step: Step

    @property
    def above_union(self) -> bool:
        """True where the Union's directive applies."""
        return self.value >= self.union_threshold


@dataclass(frozen=True)
class Together:
    """One purchase alone and together: what each buyer's own value needs, and what the joint value needs.

    ``joint`` is under the law named. ``shown`` holds the joint value under the other buyers' regimes, for
    information only. ``passes_only_together`` is True where the joint value reaches the Union's threshold
    and no buyer's own value does: buying apart at the same time would then be a split.
    """

    alone: Mapping[str, Ruling]
    joint: Ruling
    shown: Mapping[str, Ruling]
    passes_only_together: bool


def union_threshold(kind: str, day: date, authority: str = "sub-central") -> UnionThreshold:
    """The Union's threshold for what is bought, on that day.

    Raises
    ------
    InputError
        The kind or the authority is unknown, or no threshold of that day is on file.

    Examples
    --------
    >>> union_threshold("goods", date(2026, 3, 1)).amount
    216000.0
    >>> union_threshold("works", date(2025, 3, 1)).amount
    5538000.0
    """
    _known("kind", kind, KINDS)
    _known("authority", authority, ("sub-central", "central"))
    for row in UNION_THRESHOLDS:
        if kind in row.kinds and authority == row.authority and row.first <= day <= row.last:
            return row
    first, last = min(r.first for r in UNION_THRESHOLDS), max(r.last for r in UNION_THRESHOLDS)
    raise InputError(
        "procurement.threshold-day",
        f"no threshold of the Union for {day.isoformat()} is on file, only for {first.isoformat()} to "
        f"{last.isoformat()}; add the row with its source to civic/finance/threshold_tables.py.",
    )


def time_limit(procedure: str) -> TimeLimit:
    """The least days of a procedure; 'assumed' in its source where none was found published."""
    _known("procedure", procedure, PROCEDURES)
    return next(t for t in TIME_LIMITS if t.procedure == procedure)


def regimes() -> tuple[str, ...]:
    """Codes of the countries, or parts of countries, whose rules below the Union's threshold are known.

    >>> regimes()
    ('BE', 'DE-NW', 'NL')
    """
    return tuple(sorted({r.regime for r in NATIONAL_RULES}))


def unclear(regime: str, kind: str, day: date) -> tuple[NationalRule, ...]:
    """Rules that sources disagree about: shown beside the others, never used."""
    return tuple(r for r in _rules(regime, kind, day) if r.mark == UNCLEAR)


def steps(regime: str, kind: str, day: date, authority: str = "sub-central") -> tuple[Step, ...]:
    """Every band of values of one regime on one day, rising, without gaps, the last one without end.

    A band whose rule was not found has the procedure ``unknown`` and no days. ``regime`` may be a code that
    nothing is known about; then only the Union's threshold is.

    Examples
    --------
    >>> for s in steps("NL", "goods", date(2026, 3, 1)):
    ...     print(f"{s.above:,.0f} {s.procedure} {s.tender_days}")
    0 direct 0
    50,000 several-offers 14
    216,000 union-open 35
    """
    top = union_threshold(kind, day, authority)
    used = [r for r in _rules(regime, kind, day) if r.mark != UNCLEAR]
    used.sort(key=lambda r: top.amount if r.below is None else r.below)
    out: list[Step] = []
    at = 0.0
    for rule in used:
        below = top.amount if rule.below is None else min(rule.below, top.amount)
        if below > at:
            out.append(_step(at, below, rule.procedure, rule.offers, rule.mark, rule.source, rule.note))
            at = below
    if at < top.amount:
        out.append(Step(at, top.amount, UNKNOWN, 0, None, None, UNKNOWN, "not found", "not found"))
    out.append(_step(top.amount, float("inf"), UNION, 0, "seen", top.source, ""))
    return tuple(out)


def ruling(regime: str, kind: str, value: float, day: date, authority: str = "sub-central") -> Ruling:
    """What a regime asks for a purchase of ``value`` (EUR net of VAT, estimated) that opens on ``day``.

    Raises
    ------
    RangeError
        The value is not a positive finite number.
    InputError
        As :func:`union_threshold`.

    Examples
    --------
    The same 100,000 euros of goods in three regimes (2026):

    >>> [ruling(r, "goods", 100_000.0, date(2026, 3, 1)).step.procedure for r in ("BE", "NL", "DE-NW")]
    ['several-offers', 'several-offers', 'direct']
    """
    if not 0 < value < float("inf"):
        raise RangeError(
            "procurement.value",
            f"an estimated value of {value} can't be put against thresholds; give EUR > 0.",
        )
    bands = steps(regime, kind, day, authority)
    band = next(s for s in bands if s.above <= value < s.below)
    return Ruling(regime, value, bands[-1].above, band)


def together(
    values: Mapping[str, float], regime_of: Mapping[str, str], law: str, kind: str, day: date
) -> Together:
    """A joint purchase: each buyer alone, the joint value under the law named, and under the others for show.

    Parameters
    ----------
    values : buyer -> its part of the estimated value, EUR net of VAT, positive
    regime_of : buyer -> code of its regime (``BE``, ``DE-NW``)
    law : code of the one regime named

    Examples
    --------
    >>> half = {"a": 120_000.0, "b": 120_000.0}
    >>> t = together(half, {"a": "BE", "b": "NL"}, "BE", "goods", date(2026, 3, 1))
    >>> t.joint.step.procedure, t.alone["b"].step.procedure, t.passes_only_together
    ('union-open', 'several-offers', True)
    """
    joint = sum(values.values())
    alone = {buyer: ruling(regime_of[buyer], kind, value, day) for buyer, value in values.items()}
    others = dict.fromkeys(regime_of[b] for b in values if regime_of[b] != law)
    named = ruling(law, kind, joint, day)
    return Together(
        alone,
        named,
        {r: ruling(r, kind, joint, day) for r in others},
        named.above_union and not any(a.above_union for a in alone.values()),
    )


def _rules(regime: str, kind: str, day: date) -> list[NationalRule]:
    return [r for r in NATIONAL_RULES if r.regime == regime and kind in r.kinds and r.first <= day <= r.last]


def _step(above: float, below: float, procedure: str, offers: int, mark: str, source: str, note: str) -> Step:
    limit = time_limit(procedure)
    return Step(
        above, below, procedure, offers, limit.tender_days, limit.standstill_days, mark, source,
        limit.source, note,
    )  # fmt: skip


def _known(what: str, given: str, known: Sequence[str]) -> None:
    if given not in known:
        raise InputError(
            f"procurement.{what}", f"'{given}' is no {what} known here; one of {', '.join(known)}."
        )
