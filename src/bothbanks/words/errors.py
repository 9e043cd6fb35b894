"""Every error of the program, in one tree.

    BothbanksError
    |-- InputError            what a user gave can't be used (exit code 2)
    |   |-- RegionError       a region folder with one or more Problems, all listed
    |   |-- UnitError         unknown unit, or a unit of another kind
    |   |-- DatumError        height without a datum, or an offset without a source
    |   |-- CrsError          unknown coordinate reference system, or outside its area of use
    |   `-- MoneyError        unknown currency, missing rate, two price years mixed
    |-- ShapeError            two arrays that must fit don't
    |-- MissingValueError     NaN where a number belongs
    |-- RangeError            a number outside what it can mean
    |-- SolverError           a programme has no answer, or none within its limit
    `-- StoreError            the database can't do what was asked; nothing was changed (store/errors.py)

Each error has a stable ``code`` in brackets and says what disagreed, where, and what to do next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class BothbanksError(Exception):
    """Root of the tree. ``code`` is stable; the text may be improved."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"[{code}] {message}")
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel whole between processes: an error of a worker keeps its code."""
        return type(self), (self.code, self.message)


class InputError(BothbanksError):
    """What a user gave can't be used."""


class UnitError(InputError):
    """Unknown unit, or a unit of another kind of quantity."""


class DatumError(InputError):
    """A height without a stated datum, or an offset without a source."""


class CrsError(InputError):
    """Unknown coordinate reference system, or a place outside its area of use."""


class MoneyError(InputError):
    """Unknown currency, a missing rate, or two price years mixed."""


class ShapeError(BothbanksError):
    """Two arrays that must fit each other don't."""


class MissingValueError(BothbanksError):
    """NaN where a number belongs."""


class RangeError(BothbanksError):
    """A number outside what it can mean (a probability of 1.2, a falling curve)."""


class SolverError(BothbanksError):
    """A programme has no answer, or none within its limit."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with one input: where, what was found, what was expected."""

    file: str
    record: str
    field: str
    found: str
    expected: str
    code: str = "region.value"

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.record, self.field) if part)
        where = f"{self.file}: {place}" if place else self.file
        return f"[{self.code}] {where}: found {self.found}; expected {self.expected}"


class RegionError(InputError):
    """A region folder that can't be used, with every problem found in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  {p}" for p in self.problems)
        super().__init__("region.check", f"{len(self.problems)} problem(s) in the region folder:\n{lines}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel whole between processes, problems and all."""
        return type(self), (self.problems,)
