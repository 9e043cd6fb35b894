"""The conversions table: one row for each thing that was turned into something else on the way in."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from bothbanks.analysis.findings import Column, Table


@dataclass(frozen=True)
class Conversion:
    """One conversion of one field of one file: ``value of account = value * factor + offset``.

    ``what`` is one of unit, crs, grid, datum, money, code, clip, total, period.
    """

    file: str
    member: str
    field: str
    what: str
    given: str
    account: str
    factor: float = math.nan  # NaN: not a linear conversion
    offset: float = math.nan
    accuracy_m: float = math.nan
    records: int = 0
    source: str = ""


COLUMNS = (
    Column("file"),
    Column("member", "member"),
    Column("field"),
    Column("what"),
    Column("from"),
    Column("to"),
    Column("factor", "number"),
    Column("offset", "number"),
    Column("accuracy_m", "number", "m"),
    Column("records", "integer"),
    Column("source"),
)


def conversion_table(conversions: Iterable[Conversion]) -> Table:
    """The table ``conversions``, in the order in which files were read."""
    rows = tuple(
        (
            c.file,
            c.member,
            c.field,
            c.what,
            c.given,
            c.account,
            c.factor,
            c.offset,
            c.accuracy_m,
            c.records,
            c.source,
        )
        for c in conversions
    )
    return Table("conversions", COLUMNS, rows)
