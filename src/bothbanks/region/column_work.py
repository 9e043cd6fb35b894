"""All columns of one source in canonical form, then the checks between its records."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.region.columns import (
    as_text,
    check_numbers,
    check_range,
    coded,
    dates,
    is_missing,
    numbers,
    stated_number,
)
from bothbanks.region.kinds import KindColumn
from bothbanks.region.place_work import PlaceWork, pairs
from bothbanks.region.problems import short
from bothbanks.words.datums import RELATIVE_ONLY
from bothbanks.words.errors import BothbanksError
from bothbanks.words.quantities import currencies_in, unit_conversion

FloatArray = NDArray[np.float64]
_NAME_IN = re.compile(r"name_[a-z]{2,3}")


class ColumnWork(PlaceWork):
    """The whole of one source."""

    def text(self, column: KindColumn) -> None:
        """A text column, through its code map."""
        import pandas as pd

        values = self.values(column)
        if values is None:
            if column.required:
                self.absent(column)
            self.columns[column.name] = pd.Series([column.default or ""] * self.length, dtype=str)
            return
        text = as_text(values)
        missing = is_missing(text, self.settings)
        if column.required:
            self.flaws.mark(
                missing, self.theirs(column.name), text, "a text; nothing is there", "region.missing-value"
            )
        if column.name in self.settings.codes:
            codes = {str(key).strip(): str(value) for key, value in self.settings.codes[column.name].items()}
            known = coded(
                text.mask(missing & (not column.required), next(iter(codes), "")),
                codes,
                self.flaws,
                self.theirs(column.name),
            )
            text = known.mask(missing, "").fillna("")
            self.note_codes(column, codes)
        else:
            text = text.mask(missing, "")
        self.columns[column.name] = text.astype(str)

    def note_codes(self, column: KindColumn, codes: dict[str, Any]) -> None:
        """One conversion row for each code."""
        why = self.settings.code_sources.get(column.name, "")
        for theirs, ours in codes.items():
            self.convert(column.name, "code", theirs, str(ours), source=why)

    def number(self, column: KindColumn) -> None:
        """A number: read, decoded, in canonical unit, over the datum of account, within its range."""
        values = self.values(column)
        if values is None:
            if column.required:
                self.absent(column)
                self.told.add(column.name)
            self.columns[column.name] = np.full(
                self.length, np.nan if column.default is None else column.default
            )
            return
        theirs = self.theirs(column.name)
        if column.name in self.settings.codes:
            text = as_text(values)
            found = self.decoded(text, column)
        else:
            found, text = numbers(values, self.settings)
            check_numbers(found, text, column, self.settings, self.flaws, theirs)
        found = self.in_unit(found, column)
        if column.height:
            found = self.over_datum(found, column)
        check_range(found, text, column, self.flaws, theirs)
        if not column.required and isinstance(column.default, float) and not np.isnan(column.default):
            found = np.where(np.isnan(found), column.default, found)
        self.columns[column.name] = found

    def decoded(self, text: Any, column: KindColumn) -> FloatArray:
        """The numbers that the codes stand for.

        They are written in the settings, so they are read as TOML writes numbers and not as the file does.
        """
        theirs, codes = self.theirs(column.name), self.settings.codes[column.name]
        self.note_codes(column, {str(key).strip(): value for key, value in codes.items()})
        ours = {str(key).strip(): stated_number(value) for key, value in codes.items()}
        for key, value in codes.items():
            number = ours[str(key).strip()]
            if not np.isfinite(number) or (column.type == "integer" and number != np.floor(number)):
                self.told.add(column.name)
                self.problem(
                    f"{short(key)} = {short(value)}",
                    "a whole number" if column.type == "integer" else "a number, with a decimal point",
                    field=f"codes.{column.name}",
                    code="region.code",
                )
        absent = is_missing(text, self.settings) & ~text.isin(list(ours)).to_numpy(dtype=bool)
        if not column.required:
            text = text.mask(absent, next(iter(ours), ""))
        found = coded(text, ours, self.flaws, theirs).to_numpy(dtype=float, na_value=np.nan)
        return np.where(absent, np.nan, found)

    def no_number_lost(self) -> None:
        """No good record goes on without a number it needs, whatever took the number away."""
        for column in self.kind.columns:
            if (
                not column.required
                or column.type not in ("number", "integer")
                or column.name in self.told
                or column.name not in self.columns
            ):
                continue
            values = self.values(column)
            self.flaws.mark(
                ~np.isfinite(np.asarray(self.columns[column.name], dtype=float)),
                self.theirs(column.name),
                None if values is None else as_text(values),
                f"a number that is finite in {column.unit or 'canonical unit'} too",
                "region.not-a-number",
            )

    def in_unit(self, found: FloatArray, column: KindColumn) -> FloatArray:
        """The numbers in canonical unit."""
        given = self.settings.units.get(column.name, column.unit)
        if given == column.unit:
            return found
        try:
            way = unit_conversion(given, column.unit)
        except BothbanksError as error:
            self.error(error, f"units.{column.name}")
            self.told.add(column.name)
            return np.full(self.length, np.nan)
        self.convert(
            column.name, "unit", given, column.unit, factor=way.factor, offset=way.offset, source="pint"
        )
        with np.errstate(over="ignore"):
            return found * way.factor + way.offset

    def over_datum(self, found: FloatArray, column: KindColumn) -> FloatArray:
        """Heights over the datum of account."""
        datum = self.settings.height_datum
        if not datum:
            if not np.isfinite(found).any():
                return found
            self.problem(
                "a height with no datum",
                "height_datum, the name of a datum or 'relative only'",
                field="height_datum",
                code="region.datum",
            )
            return found
        if self.kind.relative_height:
            if datum != RELATIVE_ONLY:
                self.problem(
                    short(datum),
                    f"'{RELATIVE_ONLY}': {column.name} is a difference of heights",
                    field="height_datum",
                    code="region.datum",
                )
            return found
        if datum == RELATIVE_ONLY:
            return found
        try:
            offset = self.account.datums.to_account(datum)
        except BothbanksError as error:
            self.error(error, "height_datum")
            return found
        if datum != self.account.datums.account:
            self.convert(
                column.name,
                "datum",
                datum,
                self.account.datums.account,
                factor=1.0,
                offset=offset.offset_to_account_m,
                accuracy_m=offset.uncertainty_m,
                source=offset.source,
            )
        return found + offset.offset_to_account_m

    def date(self, column: KindColumn) -> None:
        """A day."""
        import pandas as pd

        values = self.values(column)
        if values is None:
            self.absent(column)
            self.columns[column.name] = pd.Series([pd.NaT] * self.length, dtype="datetime64[ns]")
            return
        found, text = dates(values, self.settings)
        self.flaws.mark(
            found.isna(),
            self.theirs(column.name),
            text,
            f"a day written as {self.settings.date_format}",
            "region.date",
        )
        self.columns[column.name] = found

    def money(self) -> None:
        """Published losses in money, brought to currency and price year of account."""
        if self.kind.name != "observed_losses" or "unit" not in self.columns:
            return
        unit = self.columns["unit"]
        is_money = np.array([bool(currencies_in(str(u))) for u in unit], dtype=bool)
        if not is_money.any():
            return
        for key, value in (("currency", self.settings.currency), ("price_year", self.settings.price_year)):
            if value is None:
                self.problem(
                    "money without it",
                    f"{key}, because field 'value' is money",
                    field=key,
                    code="region.currency",
                )
        if self.settings.currency is None or self.settings.price_year is None:
            return
        wrong = is_money & np.array(
            [currencies_in(str(u)) != (self.settings.currency,) for u in unit], dtype=bool
        )
        self.flaws.mark(
            wrong,
            self.theirs("unit"),
            unit,
            f"money in {self.settings.currency}, as the settings say",
            "region.currency",
        )
        factor = self.money_factor(self.settings.currency, self.settings.price_year, "value")
        self.columns["value"] = np.where(is_money, self.columns["value"] * factor, self.columns["value"])
        self.columns["unit"] = unit.str.replace(
            self.settings.currency, self.account.money.currency, regex=False
        )

    def money_factor(self, currency: str, year: int, field: str) -> float:
        """Factor to money of account, 1 with the problem noted where there is no way."""
        try:
            way = self.account.money.factor(currency, year)
        except BothbanksError as error:
            self.error(error, field)
            return 1.0
        if way.factor != 1.0:
            money = self.account.money
            self.convert(
                field,
                "money",
                f"{currency} {year}",
                f"{money.currency} {money.price_year}",
                factor=way.factor,
                offset=0.0,
                source=way.source,
            )
        return way.factor

    def unknown_names(self) -> None:
        """Canonical names the kind does not have."""
        for table in ("fields", "units", "constants", "codes", "code_sources"):
            for name in getattr(self.settings, table):
                if self.kind.column(name) is None and not (table == "fields" and _NAME_IN.fullmatch(name)):
                    self.problem(
                        short(name),
                        f"a column of {self.kind.name}: {', '.join(self.kind.names)}",
                        field=f"{table}.{name}",
                        code="region.column",
                    )
        for name in self.settings.codes:
            if not self.settings.code_sources.get(name, "").strip():
                self.problem(
                    "a code map without source",
                    f"[sources.code_sources] {name} = where the codes are from",
                    field=f"codes.{name}",
                    code="region.source",
                )

    def within(self) -> None:
        """Municipalities that exist, places that lie in the region."""
        if self.around is None:
            return
        member = self.source.member
        if self.kind.column("municipality") is not None and self.around.codes.get(member):
            text = self.columns["municipality"]
            unknown = ~text.isin(list(self.around.codes[member])).to_numpy(dtype=bool)
            whose = f"member '{member}'" if member else "the region"
            self.flaws.mark(
                unknown,
                self.theirs("municipality"),
                text,
                f"the code of a municipality of {whose}",
                "region.code",
            )
        if self.kind.name in ("cells", "places", "flood_depths", "centres") and "x" in self.columns:
            x, y = np.asarray(self.columns["x"], float), np.asarray(self.columns["y"], float)
            whose = member if self.kind.name in ("cells", "flood_depths") else ""
            words = f"member '{whose}'" if whose else "the region"
            shown = self.columns["cell"] if self.kind.gridded else pairs(x, y)
            self.flaws.mark(
                self.around.outside(whose, x, y),
                "x, y",
                shown,
                f"a place in {words} (within {self.around.tolerance_m:g} m)",
                "region.outside",
            )

    def duplicates(self) -> None:
        """No two good records agree on the key."""
        import pandas as pd

        key = [name for name in self.kind.key if name in self.columns]
        if not key or len(key) < len(self.kind.key) or not self.placed:
            return
        frame = pd.DataFrame({name: pd.Series(self.columns[name]) for name in key})
        good = ~self.flaws.bad
        twice = np.zeros(self.length, dtype=bool)
        twice[good] = frame[good].duplicated(keep="first").to_numpy()
        shown = frame.astype(str).agg(" ".join, axis=1) if twice.any() else None
        self.flaws.mark(twice, ", ".join(self.kind.key), shown, "each of these once", "region.duplicate")

    def run(self) -> None:
        """All columns in order."""
        self.unknown_names()
        for column in self.kind.columns:
            if column.type == "text" and column.name != "cell":
                self.text(column)
            elif column.type in ("number", "integer"):
                self.number(column)
            elif column.type == "date":
                self.date(column)
            elif column.type == "geometry":
                self.geometry(column)
        for name in self.settings.fields:
            if _NAME_IN.fullmatch(name):
                self.text(KindColumn(name, "text", required=False, default=""))
        self.coordinates()
        self.money()
        self.no_number_lost()
        self.within()
        if not (self.kind.gridded and self.raw.geometry is not None and "cell" not in self.columns):
            self.duplicates()

    def frame(self) -> Any:
        """The canonical table of the good records."""
        import pandas as pd

        order = [name for name in [*self.kind.names, *self.columns] if name in self.columns]
        if self.kind.gridded and self.kind.geometry is not None:
            order = [name for name in order if name != "geometry"]
        table = pd.DataFrame({name: pd.Series(self.columns[name]) for name in dict.fromkeys(order)})
        table = table[~self.flaws.bad].reset_index(drop=True)
        table["member"] = self.source.member
        table["source_file"] = self.source.shown
        return table
