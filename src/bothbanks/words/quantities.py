"""Units of measurement: which number turns a value in one unit into a value in another.

Unit names are those of pint (``km2`` is written ``km**2`` or ``km^2`` there; the short forms of hydrology,
``m3/s``, ``km2``, ``m2`` are understood too), with people, shares and currencies added.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bothbanks.words.errors import UnitError

_POWER = re.compile(r"\b([a-zA-Z]{1,6}?)([23])\b")
_CURRENCY = re.compile(r"\b[A-Z]{3}\b")
_PER_CENT = re.compile(r"%")
_EXTRA = (
    "person = [people] = _ = persons = people = inhabitant = inhabitants = death = deaths",
    "share = []",
    "ratio = []",
    "index = []",
    "case = []",
    "dwelling = [buildings] = _ = dwellings = house = houses = building = buildings",
    "event = [] = _ = events",
)


@dataclass(frozen=True)
class UnitConversion:
    """``value in unit_to = value in unit_from * factor + offset``."""

    unit_from: str
    unit_to: str
    factor: float
    offset: float

    @property
    def changes(self) -> bool:
        """False when the two units are the same size."""
        return not (self.factor == 1.0 and self.offset == 0.0)

    def back(self) -> UnitConversion:
        """The way back."""
        return UnitConversion(self.unit_to, self.unit_from, 1.0 / self.factor, -self.offset / self.factor)


@lru_cache(maxsize=1)
def _registry() -> Any:
    import pint

    registry: Any = pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
    for line in _EXTRA:
        registry.define(line)
    return registry


def _spelled(unit: str) -> str:
    text = _PER_CENT.sub(" percent", unit.strip())
    if text in ("", "1", "-"):
        return "dimensionless"
    return _POWER.sub(r"\1**\2", text).replace("^", "**")


def _parse(unit: str) -> Any:
    try:
        return _registry().Unit(_spelled(unit))
    except Exception as error:  # pint raises many kinds, among them tokenizer errors
        raise UnitError(
            "unit.unknown",
            f"'{unit}' is no unit we know; write it as pint does, such as m, km**2, mm/day, degC, 1/year.",
        ) from error


@lru_cache(maxsize=512)
def unit_conversion(unit_from: str, unit_to: str) -> UnitConversion:
    """The factor and offset from one unit to another.

    Raises
    ------
    UnitError
        A unit is unknown, or the two measure different kinds of quantity.

    Source: the definitions of the pint registry (SI brochure, 9th edition, 2019).

    >>> unit_conversion("cm", "m").factor
    0.01
    >>> unit_conversion("km2", "ha").factor
    100.0
    """
    start, end = _parse(unit_from), _parse(unit_to)
    if start.dimensionality != end.dimensionality:
        raise UnitError(
            "unit.dimension",
            f"'{unit_from}' measures another kind of quantity than '{unit_to}'; "
            "no factor turns one into the other.",
        )
    registry = _registry()
    zero = float(registry.Quantity(0.0, start).to(end).magnitude)
    if zero == 0.0:
        factor = float(registry.Quantity(1.0, start).to(end).magnitude)
    else:
        factor = (float(registry.Quantity(100.0, start).to(end).magnitude) - zero) / 100.0
    # a factor such as 0.009999999999999998 is the registry's own rounding
    return UnitConversion(unit_from, unit_to, float(f"{factor:.14g}"), float(f"{zero:.14g}"))


def check_unit(unit: str) -> None:
    """Raise UnitError unless the unit is known; a currency counts as one (``EUR/m2``).

    >>> check_unit("EUR/person"); check_unit("1/year")
    """
    _parse(_CURRENCY.sub("1", unit))


def currencies_in(unit: str) -> tuple[str, ...]:
    """The currency codes a unit names.

    >>> currencies_in("EUR/m2"), currencies_in("m")
    (('EUR',), ())
    """
    return tuple(_CURRENCY.findall(unit))
