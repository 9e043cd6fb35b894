"""Height datums: the zero that a height is counted from.

Neighbouring countries count from different zeros. The rule here has one sign only:
``height over the datum of account = height over the datum + offset_to_account_m``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bothbanks.words.errors import DatumError

RELATIVE_ONLY = "relative only"


@dataclass(frozen=True)
class Datum:
    """One datum and how it stands to the datum of account.

    ``offset_to_account_m`` is added to a height over this datum to get the height over the datum of
    account. A zero that lies lower gives larger heights, so its offset is negative.
    """

    name: str
    offset_to_account_m: float
    uncertainty_m: float
    source: str

    def __post_init__(self) -> None:
        if not self.source.strip() or self.source.strip().lower() == "assumed":
            raise DatumError(
                "datum.source",
                f"the offset of {self.name} has no source; cite one (a wrong sign moves all heights).",
            )


@dataclass(frozen=True)
class Datums:
    """The datum of account and those that can be turned into it."""

    account: str
    others: tuple[Datum, ...] = ()

    @classmethod
    def of(cls, account: str, others: Iterable[Datum]) -> Datums:
        """Checked: no datum twice, none named as the account."""
        listed = tuple(others)
        names = [datum.name for datum in listed]
        for name in names:
            if names.count(name) > 1 or name == account:
                raise DatumError("datum.twice", f"the datum {name} is stated twice; keep one offset.")
        return cls(account, listed)

    def to_account(self, name: str) -> Datum:
        """The datum of that name. The datum of account has offset 0.

        Raises
        ------
        DatumError
            No datum is given, or it is not in the list.

        >>> table = Datums("NAP", (Datum("TAW", -2.33, 0.02, "NGI: TAW zero lies 2.33 m under NAP"),))
        >>> round(50.0 + table.to_account("TAW").offset_to_account_m, 2)
        47.67
        """
        if not name.strip():
            raise DatumError("datum.none", "a height has no datum; state height_datum, or 'relative only'.")
        if name == self.account:
            return Datum(name, 0.0, 0.0, "datum of account")
        for datum in self.others:
            if datum.name == name:
                return datum
        known = ", ".join([self.account, *(datum.name for datum in self.others)])
        raise DatumError(
            "datum.unknown",
            f"the datum '{name}' has no stated offset; known are {known}. Add it under [[datums]].",
        )
