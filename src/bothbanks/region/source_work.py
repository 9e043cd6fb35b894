"""One source while it is being harmonised: its settings, its records, what has been noted so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.region.conversions import Conversion
from bothbanks.region.grid import Grid
from bothbanks.region.kinds import KINDS, KindColumn, LayerKind
from bothbanks.region.money import MoneyTable
from bothbanks.region.problems import Problems, short
from bothbanks.region.reading import RawTable
from bothbanks.region.refusals import Flaws
from bothbanks.region.settings import RegionSource
from bothbanks.words.datums import Datums
from bothbanks.words.errors import BothbanksError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Account:
    """What everything is turned into."""

    crs: str
    grid: Grid
    datums: Datums
    money: MoneyTable


@dataclass(frozen=True)
class Surroundings:
    """What is known of the municipalities when other layers are read."""

    codes: Mapping[str, frozenset[str]]  # member -> its municipalities ('' for all)
    outlines: Mapping[str, Any]  # member -> prepared outline ('' for the region)
    region: Any | None
    tolerance_m: float  # a place may lie this far outside before it is refused

    def outside(self, member: str, x: FloatArray, y: FloatArray) -> NDArray[np.bool_]:
        """True where a point lies farther outside than the tolerance (False without outline)."""
        import shapely

        outline = self.outlines.get(member)
        found = np.zeros(len(x), dtype=bool)
        ok = np.isfinite(x) & np.isfinite(y)
        if outline is None or not ok.any():
            return found
        inside = np.zeros(len(x), dtype=bool)
        inside[ok] = shapely.contains_xy(outline, x[ok], y[ok])
        rest = np.flatnonzero(ok & ~inside)
        found[rest] = ~shapely.dwithin(outline, shapely.points(x[rest], y[rest]), self.tolerance_m)
        return found


class SourceWork:
    """One source while it is being harmonised."""

    def __init__(
        self,
        source: RegionSource,
        account: Account,
        raw: RawTable,
        problems: Problems,
        around: Surroundings | None = None,
    ) -> None:
        self.around = around
        self.source, self.settings, self.account, self.raw, self.problems = (
            source,
            source.settings,
            account,
            raw,
            problems,
        )
        self.kind: LayerKind = KINDS[self.settings.kind]
        self.flaws = Flaws(raw)
        self.length = len(raw.frame)
        self.placed = True
        self.told: set[str] = set()  # columns whose numbers are lost to a problem of the whole file
        self.columns: dict[str, Any] = {}
        self.conversions: list[Conversion] = []

    def problem(
        self, found: str, expected: str, *, field: str = "", code: str = "region.value", record: str = ""
    ) -> None:
        """Note a problem of the whole file."""
        self.problems.add(self.source.label, found, expected, record=record, field=field, code=code)

    def error(self, error: BothbanksError, field: str) -> None:
        """Note an error of a lower room."""
        self.problems.add_error(self.source.label, error, field=field)

    def convert(self, field: str, what: str, given: str, account: str, **more: Any) -> None:
        """Note a conversion."""
        self.conversions.append(
            Conversion(
                self.source.label,
                self.source.member,
                field,
                what,
                given,
                account,
                **{"records": self.length, **more},
            )
        )

    def theirs(self, name: str) -> str:
        """The name of a canonical column in the file."""
        return self.settings.fields.get(name, name)

    def values(self, column: KindColumn) -> Any | None:
        """Values as written, the constant, or None where the source has neither."""
        import pandas as pd

        if column.name in self.settings.constants:
            constant = self.settings.constants[column.name]
            return pd.Series([constant] * self.length, dtype=object if self.length == 0 else None)
        theirs = self.theirs(column.name)
        if theirs in self.raw.frame.columns:
            return self.raw.frame[theirs].reset_index(drop=True)
        if column.name in self.settings.fields:
            self.problem(
                f"columns {', '.join(self.raw.columns[:12])}",
                f"a column {short(theirs)}",
                field=column.name,
                code="region.column",
            )
        return None

    def absent(self, column: KindColumn) -> None:
        """A required column the file does not have (told once)."""
        if column.name not in self.settings.fields:
            self.problem(
                f"columns {', '.join(self.raw.columns[:12]) or 'none'}",
                f"a column '{column.name}', its name under [sources.fields], or one of [sources.constants]",
                field=column.name,
                code="region.column",
            )
