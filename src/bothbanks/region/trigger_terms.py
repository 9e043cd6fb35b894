"""A trigger's settings as the exact terms that are settled and published."""

from __future__ import annotations

from datetime import datetime, time
from fractions import Fraction

from bothbanks.analysis.reserve.index import Point, Window, box_of
from bothbanks.analysis.reserve.triggers import LinearPayout, Shape, Step, StepTable
from bothbanks.civic.finance.payouts import Part, TriggerTerms
from bothbanks.region.schema_triggers import DataSettings, PartSettings, TriggerSettings, exact
from bothbanks.standards.payout_data import DataFile
from bothbanks.words.money import minor_digits


def terms_of(trigger: TriggerSettings, currency: str, price_year: int) -> TriggerTerms:
    """Exact terms: numbers as they are written in the file, the limit in whole minor units.

    Raises
    ------
    RangeError
        Steps that overlap, an area without inside, or another payout that can't be.
    """
    return TriggerTerms(
        id=trigger.id,
        unit=trigger.unit,
        currency=currency,
        price_year=price_year,
        limit_minor=round(exact(trigger.limit) * 10 ** minor_digits(currency)),
        shares={m: exact(s) for m, s in trigger.shares.items()},
        cover=Window(
            datetime.combine(trigger.start, time.min), datetime.combine(trigger.end, time(23, 59, 59))
        ),
        waits_for=trigger.waits_for,
        parts=tuple(part_of(p) for p in trigger.parts),
        article=trigger.article,
    )


def part_of(part: PartSettings) -> Part:
    """One gauge or box."""
    return Part(part.id, part.place, part.reduce, shape_of(part), part.step_hours, part.span, _area(part))


def shape_of(part: PartSettings) -> Shape:
    """What it pays of the limit, by its index."""
    if part.attachment is not None and part.exhaustion is not None:
        return LinearPayout(exact(part.attachment), exact(part.exhaustion))
    return StepTable(
        tuple(
            Step(exact(s.pay), _or_none(s.gt), _or_none(s.ge), _or_none(s.lt), _or_none(s.le))
            for s in part.steps
        )
    )


def data_file(data: DataSettings) -> DataFile:
    """How its file is read."""
    return DataFile(
        data.file,
        {name: head for name, head in data.columns.model_dump().items() if head},
        data.time_format,
        data.encoding,
        data.delimiter,
        data.decimal,
        data.missing,
        data.final,
        data.status,
    )


def _area(part: PartSettings) -> tuple[Point, ...]:
    if part.box is not None:
        west, south, east, north = (exact(x) for x in part.box)
        return box_of(west, south, east, north)
    return tuple((exact(x), exact(y)) for x, y in part.polygon)


def _or_none(value: float | None) -> Fraction | None:
    return None if value is None else exact(value)
