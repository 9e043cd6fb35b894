"""What a parametric trigger pays whom: the terms, what was observed, and the settlement between them.

Everything is exact: fractions for indices and shares, whole minor units (cents) for money. The same terms and
the same observations give the same settlement on every computer, so that a member can do it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np

from bothbanks.analysis.reserve.index import (
    Fix,
    Index,
    Point,
    Record,
    Reduce,
    Window,
    series_index,
    track_index,
)
from bothbanks.analysis.reserve.triggers import Shape, StepTable, joint_share
from bothbanks.words.errors import InputError, RangeError
from bothbanks.words.money import minor_digits

FINAL, OPERATIONAL = "final", "operational"
WaitsFor = Literal["final", "any"]
Observed = Sequence[Record] | Sequence[Fix]


@dataclass(frozen=True)
class Part:
    """One gauge or one box of a trigger: which index, and what it pays of the limit.

    ``area`` is the polygon of a track; empty for the record of a gauge. ``place`` names the gauge, or the
    storm ('' = whatever storm the file holds).
    """

    id: str
    place: str
    reduce: Reduce
    shape: Shape
    step_hours: int = 0
    span: int = 1
    area: tuple[Point, ...] = ()

    def index(self, observed: Observed, window: Window, looked_at: str = "") -> Index:
        """The index of the window from what was observed; see ``series_index`` and ``track_index``."""
        if self.area:
            fixes = [o for o in observed if isinstance(o, Fix)]
            return track_index(fixes, self.area, window, self.reduce, place=self.place, looked_at=looked_at)
        records = [o for o in observed if isinstance(o, Record)]
        return series_index(
            records,
            window,
            self.reduce,
            step_hours=self.step_hours,
            span=self.span,
            place=self.place,
            looked_at=looked_at,
        )


@dataclass(frozen=True)
class TriggerTerms:
    """A trigger as agreed: what pays, up to which limit, to whom, in which period, on which data.

    ``limit_minor`` is the most paid for the whole cover, in whole minor units; ``shares`` divide it between
    members. The payouts of several parts add up, to the limit. ``waits_for`` 'final' pays on checked data
    only, 'any' also on operational data.

    Raises
    ------
    RangeError
        A negative limit, shares that are not positive parts of 1, or a part named twice.
    """

    id: str
    unit: str
    currency: str
    price_year: int
    limit_minor: int
    shares: Mapping[str, Fraction]
    cover: Window
    waits_for: WaitsFor
    parts: tuple[Part, ...]
    article: str = ""

    def __post_init__(self) -> None:
        minor_digits(self.currency)
        if self.limit_minor < 0:
            raise RangeError(
                "reserve.negative-payout",
                f"trigger '{self.id}' has a limit of {self.limit_minor} minor units; a payout is never "
                "negative. Give 0 or more.",
            )
        if not self.shares or min(self.shares.values()) <= 0 or sum(self.shares.values()) != 1:
            told = ", ".join(f"{m} {share}" for m, share in self.shares.items()) or "none"
            raise RangeError(
                "reserve.trigger-shares",
                f"shares of trigger '{self.id}' are {told}; expected positive parts that sum to 1 exactly.",
            )
        ids = [p.id for p in self.parts]
        if not ids or len(set(ids)) < len(ids):
            raise RangeError(
                "reserve.trigger-parts",
                f"parts of trigger '{self.id}': {', '.join(ids) or 'none'}; expected some, named once.",
            )


@dataclass(frozen=True)
class PartResult:
    """One part of a settlement: its index (None: no storm in the box), the step it is in, and its share."""

    id: str
    index: Fraction | None
    status: str  # final or operational
    used: int  # observations in the window
    step: int | None  # number of the step, from 0; None for no step, and for a linear payout
    share: Fraction


@dataclass(frozen=True)
class Settlement:
    """What is due, and to whom, in whole minor units.

    ``indicated`` is what the data give as they stand; ``due`` is the same, or 0 for everybody where the
    terms wait for final data and the data are operational.
    """

    trigger: str
    window: Window
    parts: tuple[PartResult, ...]
    share: Fraction
    status: str
    waiting: bool
    currency: str
    indicated: Mapping[str, int]
    due: Mapping[str, int]

    @property
    def indicated_total(self) -> int:
        """Sum over members."""
        return sum(self.indicated.values())

    @property
    def due_total(self) -> int:
        """Sum over members."""
        return sum(self.due.values())


def settle(
    terms: TriggerTerms,
    observed: Mapping[str, Observed],
    window: Window | None = None,
    looked_at: Mapping[str, str] | None = None,
) -> Settlement:
    """Settle a trigger for a window of its cover (the whole cover where none is given).

    Parameters
    ----------
    observed : part id -> what was observed
    looked_at : part id -> the file that was read, for messages

    Raises
    ------
    InputError
        The window is not within the cover, a part has no observations (naming gauge, period, file), a gap.

    Examples
    --------
    >>> from datetime import datetime
    >>> from bothbanks.analysis.reserve.triggers import Step
    >>> steps = StepTable((Step(Fraction(1, 2), gt=Fraction(2500)),))
    >>> cover = Window(datetime(2021, 1, 1), datetime(2021, 12, 31))
    >>> shares = {"a": Fraction(1, 3), "b": Fraction(2, 3)}
    >>> terms = TriggerTerms("river", "m3/s", "EUR", 2023, 101, shares, cover, "final",
    ...     (Part("gauge", "bridge", "max", steps),))
    >>> seen = {"gauge": [Record(datetime(2021, 7, 15), Fraction(3260), final=True)]}
    >>> found = settle(terms, seen)
    >>> found.share, found.due
    (Fraction(1, 2), {'a': 17, 'b': 33})
    """
    window = terms.cover if window is None else window
    if not (terms.cover.holds(window.start) and terms.cover.holds(window.end)):
        raise InputError(
            "payout.window",
            f"the window {window} is not within the cover of trigger '{terms.id}', {terms.cover}; nothing "
            "outside the cover is paid.",
        )
    parts = tuple(
        _part(p, observed.get(p.id, ()), window, (looked_at or {}).get(p.id, "")) for p in terms.parts
    )
    share = joint_share([np.array([p.share], dtype=object) for p in parts])[0]
    status = FINAL if all(p.status == FINAL for p in parts) else OPERATIONAL
    waiting = terms.waits_for == "final" and status == OPERATIONAL
    indicated = divide(round(share * terms.limit_minor), terms.shares)
    due = dict.fromkeys(terms.shares, 0) if waiting else dict(indicated)
    return Settlement(terms.id, window, parts, share, status, waiting, terms.currency, indicated, due)


def divide(amount: int, shares: Mapping[str, Fraction]) -> dict[str, int]:
    """Whole minor units by share, adding up to the amount: largest remainder, the first of equals first.

    Source: the method of Hamilton; Balinski and Young, Fair Representation (1982), chapter 3.

    >>> divide(100, {"a": Fraction(1, 3), "b": Fraction(1, 3), "c": Fraction(1, 3)})
    {'a': 34, 'b': 33, 'c': 33}
    """
    due = {m: share * amount for m, share in shares.items()}
    parts = {m: x.numerator // x.denominator for m, x in due.items()}
    left = amount - sum(parts.values())
    for m in sorted(due, key=lambda m: parts[m] - due[m])[:left]:
        parts[m] += 1
    return parts


def _part(part: Part, observed: Observed, window: Window, looked_at: str) -> PartResult:
    found = part.index(observed, window, looked_at)
    status = FINAL if found.final else OPERATIONAL
    if found.value is None:
        return PartResult(part.id, None, status, found.used, None, Fraction(0))
    share = part.shape.share(np.array([found.value], dtype=object))[0]
    step = part.shape.step_of(found.value) if isinstance(part.shape, StepTable) else None
    return PartResult(part.id, found.value, status, found.used, step, share)
