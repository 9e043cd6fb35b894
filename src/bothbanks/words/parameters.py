"""A parameter: a number with its unit, its range, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass

ASSUMED = "assumed"


@dataclass(frozen=True)
class Parameter:
    """One stated number.

    ``low`` and ``high`` bound what is plausible (read as a uniform range in the draws);
    equal bounds mean the number is not varied. ``source`` is a citation, or the word
    'assumed', which the report counts and shows.
    """

    id: str
    value: float
    low: float
    high: float
    unit: str
    source: str
    note: str = ""

    @property
    def assumed(self) -> bool:
        """True when nothing published stands behind the number."""
        return self.source.strip().lower().startswith(ASSUMED)

    @property
    def varies(self) -> bool:
        """True when the draws move this number."""
        return self.high > self.low

    def at(self, u: float) -> float:
        """The value at place ``u`` in [0, 1] of the range."""
        return self.low + u * (self.high - self.low)
