"""Records that can't be used: told as problems, or set aside and counted. Used + refused = read, always."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.findings import Column, Table
from bothbanks.region.problems import Problems, short
from bothbanks.region.reading import RawTable

LISTED = 20
"""Records listed one by one for each file, field and reason; the rest is counted in one more line."""


@dataclass(frozen=True)
class Refusal:
    """One record set aside: where it is, and the first thing wrong with it."""

    file: str
    row: str
    field: str
    value: str
    reason: str


@dataclass(frozen=True)
class _Reason:
    field: str
    values: Any
    expected: str
    code: str


class Flaws:
    """What is wrong with the records of one file; each record counts once, with the first thing found."""

    def __init__(self, raw: RawTable) -> None:
        self._raw = raw
        self._why: NDArray[np.int32] = np.zeros(len(raw.frame), dtype=np.int32)
        self._reasons: list[_Reason] = []

    def mark(self, mask: Any, field: str, values: Any, expected: str, code: str = "region.value") -> None:
        """Note that the records under ``mask`` have ``values`` in ``field`` where ``expected`` was wanted."""
        fresh = np.asarray(mask, dtype=bool) & (self._why == 0)
        if fresh.any():
            self._reasons.append(_Reason(field, values, expected, code))
            self._why[fresh] = len(self._reasons)

    @property
    def bad(self) -> NDArray[np.bool_]:
        """(record,) True where something is wrong."""
        return np.asarray(self._why > 0)

    def as_problems(self, file: str, problems: Problems) -> None:
        """List the records by reason, the first ones by name."""
        for number, reason in enumerate(self._reasons, 1):
            places = np.flatnonzero(self._why == number).tolist()
            for place in places[:LISTED]:
                problems.add(
                    file,
                    short(_value(reason.values, place)),
                    reason.expected,
                    record=self._raw.record(place),
                    field=reason.field,
                    code=reason.code,
                )
            if len(places) > LISTED:
                problems.add(
                    file,
                    f"{len(places) - LISTED:,} more records of the same kind",
                    reason.expected,
                    record=f"after {self._raw.record(places[LISTED - 1])}",
                    field=reason.field,
                    code=reason.code,
                )

    def as_refusals(self, file: str) -> list[Refusal]:
        """One refusal a record, in file order."""
        found = []
        for place in np.flatnonzero(self._why).tolist():
            reason = self._reasons[self._why[place] - 1]
            value = _value(reason.values, place)
            found.append(
                Refusal(
                    file,
                    self._raw.record(place),
                    reason.field,
                    "" if value is None else str(value),
                    f"expected {reason.expected}",
                )
            )
        return found


def _value(values: Any, place: int) -> Any:
    if values is None or isinstance(values, str):
        return values
    value = values.iloc[place] if hasattr(values, "iloc") else values[place]
    return "" if value is None or (isinstance(value, float) and np.isnan(value)) else value


COLUMNS = (Column("file"), Column("row"), Column("field"), Column("value"), Column("reason"))


def refused_table(refusals: Iterable[Refusal]) -> Table:
    """The table ``refused``."""
    return Table("refused", COLUMNS, tuple((r.file, r.row, r.field, r.value, r.reason) for r in refusals))
