"""A deal of a few members on one joint step: what hosts must get, what beneficiaries can pay.

People sign these, not a grand coalition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bothbanks.analysis.cooperation.game import member_vector
from bothbanks.words.errors import InputError


@dataclass(frozen=True)
class DealRange:
    """The room for bargaining over one joint step (money).

    ``least_accepted`` is what each host must receive not to lose; ``most_paid`` what each beneficiary
    could pay and still not lose. ``surplus`` = sum of gains: below 0 no payment makes the step worth it.
    """

    least_accepted: dict[str, float]
    most_paid: dict[str, float]
    surplus: float

    @property
    def feasible(self) -> bool:
        """Whether some payment leaves nobody worse off."""
        return self.surplus >= 0.0

    @property
    def lowest_total(self) -> float:
        """Least that the hosts accept between them."""
        return sum(self.least_accepted.values())

    @property
    def highest_total(self) -> float:
        """Most that the beneficiaries would pay between them."""
        return sum(self.most_paid.values())


def deal_range(no_transfer_gain: Mapping[str, float]) -> DealRange:
    """The room for bargaining, from what each party gains or loses if nobody pays.

    Parameters
    ----------
    no_transfer_gain : member -> money
        The party's gain (negative: loss) from taking the step together instead of not at all.

    Raises
    ------
    InputError, MissingValueError, RangeError
        Fewer than two parties; NaN; infinite.

    >>> deal = deal_range({"host": -20.0, "valley": 61.0})
    >>> deal.least_accepted, deal.most_paid, deal.surplus
    ({'host': 20.0}, {'valley': 61.0}, 41.0)
    """
    if len(no_transfer_gain) < 2:
        raise InputError(
            "cooperation.parties", f"a deal needs at least two parties, got {len(no_transfer_gain)}."
        )
    parties = tuple(no_transfer_gain)
    gains = dict(zip(parties, member_vector(parties, no_transfer_gain, "gains").tolist(), strict=True))
    return DealRange(
        least_accepted={m: -x for m, x in gains.items() if x < 0.0},
        most_paid={m: x for m, x in gains.items() if x > 0.0},
        surplus=sum(gains.values()),
    )


def break_even(gain_low: float, gain_high: float, low: float, high: float) -> float | None:
    """Value of an assumption at which the surplus of a deal falls to 0, on the line between two points.

    Parameters
    ----------
    gain_low, gain_high : money
        Surplus with the assumption at ``low`` and at ``high``.

    Returns
    -------
    The value between ``low`` and ``high``, or None when the surplus keeps its sign over the range.

    >>> break_even(-10.0, 30.0, 0.0, 0.4)
    0.1
    """
    member_vector(("low", "high"), {"low": gain_low, "high": gain_high}, "gains")
    if gain_low * gain_high > 0.0 or gain_low == gain_high:
        return None
    return low + (high - low) * gain_low / (gain_low - gain_high)
