"""Turn one column as written into the canonical one: missing values, numbers, dates, codes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.region.kinds import KindColumn
from bothbanks.region.refusals import Flaws
from bothbanks.region.schema import SourceSettings

FloatArray = NDArray[np.float64]


def as_text(values: Any) -> Any:
    """Text of each value, blanks around it removed; whole numbers of a workbook without '.0'; None is ''."""
    import pandas as pd

    series = pd.Series(values).reset_index(drop=True)
    if pd.api.types.is_float_dtype(series):
        series = series.astype(object)
    if pd.api.types.is_object_dtype(series):
        series = pd.Series([_one_text(value) for value in series], dtype=str)
    elif not pd.api.types.is_string_dtype(series):
        series = series.astype(str)
    return series.fillna("").str.strip()


def _one_text(value: Any) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)) or str(value) in ("NaT", "<NA>"):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def is_missing(text: Any, source: SourceSettings) -> NDArray[np.bool_]:
    """True where a value is one of the texts that mean 'no value'."""
    return np.asarray((text == "") | text.isin(list(source.missing)), dtype=bool)


def numbers(values: Any, source: SourceSettings) -> tuple[FloatArray, Any]:
    """Numbers (NaN where there is none) and the text they came from.

    Text is read with the stated decimal and thousands marks only: with decimal ',' a '1.5' is no number.
    """
    import pandas as pd

    series = pd.Series(values).reset_index(drop=True)
    if pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_bool_dtype(series):
        found = series.to_numpy(dtype=float, na_value=np.nan)
        return found, series
    text = as_text(series)
    plain = text
    if source.thousands:
        mark = source.thousands
        plain = plain.str.replace(mark, "", regex=False)
        if mark in " \u00a0\u202f":
            plain = plain.str.replace("[ \u00a0\u202f]", "", regex=True)
    if source.decimal == ",":
        foreign = plain.str.contains(".", regex=False).to_numpy(dtype=bool)
        plain = plain.str.replace(",", ".", regex=False).mask(foreign, "?")
    parsed = pd.to_numeric(plain, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return np.where(is_missing(text, source), np.nan, parsed), text


def stated_number(value: str | float | int) -> float:
    """A number of our own settings, where the decimal mark is a point; NaN where it is none.

    >>> stated_number(3.5), stated_number("3.5"), stated_number("3,5")
    (3.5, 3.5, nan)
    """
    try:
        return float(value)
    except ValueError:
        return float("nan")


def dates(values: Any, source: SourceSettings) -> tuple[Any, Any]:
    """Days as datetime64[ns] (NaT where there is none) and the text they came from."""
    import pandas as pd

    series = pd.Series(values).reset_index(drop=True)
    if pd.api.types.is_datetime64_any_dtype(series):
        return series.dt.tz_localize(
            None
        ).dt.normalize() if series.dt.tz is not None else series.dt.normalize(), series
    text = as_text(series)
    parsed = pd.to_datetime(text, format=source.date_format, errors="coerce")
    if parsed.isna().any():  # a workbook holds real dates, written out by as_text as ISO
        again = pd.to_datetime(text.str.slice(0, 10).where(parsed.isna()), format="%Y-%m-%d", errors="coerce")
        parsed = parsed.fillna(again)
    return parsed, text


def coded(text: Any, codes: dict[str, Any], flaws: Flaws, field: str) -> Any:
    """Their codes turned into ours; an unknown code is a flaw."""
    known = text.map(codes)
    unknown = ~text.isin(list(codes)).to_numpy(dtype=bool)
    flaws.mark(
        unknown, field, text, f"a code of [sources.codes]: {', '.join(list(codes)[:8])}", "region.code"
    )
    return known


def check_numbers(
    found: FloatArray, text: Any, column: KindColumn, source: SourceSettings, flaws: Flaws, field: str
) -> None:
    """Missing, not a number, infinite, not whole: each a flaw of its record."""
    shown = as_text(text)
    missing = is_missing(shown, source)
    needed = column.required and column.type != "geometry"
    if needed:
        flaws.mark(missing, field, shown, "a number; nothing is there", "region.missing-value")
    flaws.mark(
        np.isnan(found) & ~missing,
        field,
        shown,
        f"a number with decimal mark {source.decimal!r}",
        "region.not-a-number",
    )
    flaws.mark(np.isinf(found), field, shown, "a finite number", "region.not-a-number")
    if column.type == "integer":
        with np.errstate(invalid="ignore"):
            flaws.mark(
                np.isfinite(found) & (found != np.floor(found)),
                field,
                shown,
                "a whole number",
                "region.not-a-number",
            )


def check_range(found: FloatArray, text: Any, column: KindColumn, flaws: Flaws, field: str) -> None:
    """Outside what the column can mean, in canonical units: a flaw."""
    unit = f" {column.unit}" if column.unit and column.unit != "1" else ""
    with np.errstate(invalid="ignore"):
        if column.low is not None:
            low = found <= column.low if column.low_excluded else found < column.low
            words = "more than" if column.low_excluded else "at least"
            code = "region.negative" if column.low == 0.0 else "region.range"
            flaws.mark(low, field, text, f"{words} {column.low:g}{unit}", code)
        if column.high is not None:
            flaws.mark(found > column.high, field, text, f"at most {column.high:g}{unit}", "region.range")
