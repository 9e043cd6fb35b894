"""Collect what is wrong with a folder, so that all of it is told at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from bothbanks.words.errors import BothbanksError, Problem

SHOWN = 60

_QUOTED = re.compile(r"(?:the datum )?'([^']*)'")
_EXPECTED = {
    "crs.unknown": "a coordinate reference system that exists, such as EPSG:31370",
    "unit.unknown": "a unit as pint writes it, such as m, km**2, degC, 1/year",
    "datum.unknown": "the datum of account, one with an offset under [[datums]], or 'relative only'",
}
_CODES = {"money.rate": "region.rates", "money.deflator": "region.rates", "datum.twice": "region.duplicate"}


def _code(code: str) -> str:
    """'region.crs' of 'crs.unknown': the room's code of an error of a lower room."""
    return _CODES.get(code, f"region.{code.partition('.')[0]}")


def short(value: Any) -> str:
    """A value as a message shows it: text in quotes, cut when long."""
    if value is None:
        return "nothing"
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


class Problems:
    """A growing list of problems without repeats."""

    def __init__(self, start: Iterable[Problem] = ()) -> None:
        self._found: dict[Problem, None] = dict.fromkeys(start)

    def add(
        self,
        file: str,
        found: str,
        expected: str,
        *,
        record: str = "",
        field: str = "",
        code: str = "region.value",
    ) -> None:
        """Note one problem."""
        self._found.setdefault(Problem(file, record, field, found, expected, code))

    def add_error(self, file: str, error: BothbanksError, *, record: str = "", field: str = "") -> None:
        """Note an error of a lower room, split into what was found and what was expected."""
        head, _, rest = error.message.partition("; ")
        quoted = _QUOTED.match(head)
        found = f"'{quoted[1]}'" if quoted and error.code in _EXPECTED else head
        self.add(
            file,
            found,
            _EXPECTED.get(error.code, rest or head),
            record=record,
            field=field,
            code=_code(error.code),
        )

    def extend(self, others: Iterable[Problem]) -> None:
        """Note several."""
        for problem in others:
            self._found.setdefault(problem)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def of_file(self, file: str) -> bool:
        """True when some problem is about that file."""
        return any(problem.file.partition("#")[0] == file for problem in self._found)

    def listed(self) -> tuple[Problem, ...]:
        """All, in the order they were met."""
        return tuple(self._found)
