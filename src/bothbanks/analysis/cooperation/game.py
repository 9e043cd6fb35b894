"""A game in characteristic-function form: members, and what each coalition is worth.

Worths follow the mask order of :mod:`bothbanks.words.coalitions`: bit i of a mask is member i.
Source: J. von Neumann and O. Morgenstern, Theory of Games and Economic Behavior (1944), chapter VI.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any

import numpy as np
import numpy.typing as npt

from bothbanks.words.coalitions import Coalition, coalition_of, mask_of
from bothbanks.words.errors import InputError, MissingValueError, RangeError, ShapeError

FloatArray = npt.NDArray[np.float64]
Shares = Mapping[str, float]

EXACT_LIMIT = 16
"""Most members for which all 2**n coalitions are looked at (65,536 of them)."""

_LISTED = 5


def _checked_members(members: Iterable[str]) -> tuple[str, ...]:
    # A set has no order of its own, and the order of strings in it changes from run to run.
    names = tuple(sorted(members)) if isinstance(members, Set) else tuple(members)
    if not names:
        raise InputError("cooperation.members", "a game needs at least one member, got none.")
    twice = sorted({str(m) for m in names if names.count(m) > 1})
    if twice:
        raise InputError(
            "cooperation.members",
            f"members named more than once: {', '.join(twice)}. Give each member a name of its own.",
        )
    return names


def _number(worth: Any, coalition: Coalition) -> float:
    if isinstance(worth, str | bytes):
        raise InputError(
            "cooperation.worth", f"the worth of {_named(coalition)} is text ({worth!r}), not a number."
        )
    try:
        return float(worth)
    except (TypeError, ValueError) as error:
        raise InputError(
            "cooperation.worth",
            f"the worth of {_named(coalition)} is {worth!r}, not a number. Let `value` return one number.",
        ) from error


def _named(coalition: Iterable[str]) -> str:
    return "{" + ", ".join(sorted(str(m) for m in coalition)) + "}"


def _refuse_unusable(worths: FloatArray, members: Sequence[str]) -> None:
    bad = np.flatnonzero(~np.isfinite(worths))
    if not bad.size:
        return
    shown = ", ".join(f"{_named(coalition_of(int(m), members))} = {worths[m]}" for m in bad[:_LISTED])
    more = f" and {bad.size - _LISTED} more" if bad.size > _LISTED else ""
    text = f"{bad.size} of {worths.size} coalitions have no usable worth: {shown}{more}. "
    if np.isnan(worths).any():
        raise MissingValueError(
            "cooperation.worth-missing", text + "Give every coalition a number, 0 if it gains nothing."
        )
    raise RangeError("cooperation.worth-infinite", text + "Every worth must be finite.")


def check_size(n: int) -> None:
    """Refuse a number of members whose coalitions can't all be looked at.

    Raises
    ------
    RangeError
        More than ``EXACT_LIMIT`` members.
    """
    if n > EXACT_LIMIT:
        raise RangeError(
            "cooperation.too-many",
            f"{n} members have 2**{n} coalitions; exact answers go up to {EXACT_LIMIT} members. "
            "Use sampled_shapley() for an estimate with its error, or join members into blocs.",
        )


class CoalitionGame:
    """Members, and a function that says what every coalition of them is worth.

    ``value`` is asked at most once for each coalition, and only when a worth is needed. The empty
    coalition is worth 0 by definition: a function that gives it anything else is refused, and one
    that can't be asked about nobody (``max`` of an empty set, a table without that row) is taken at 0.

    Parameters
    ----------
    members : sequence of names, in the region's order
    value : function of a frozenset of members
        Returns a number, in any one unit; more is better.

    Raises
    ------
    InputError
        No members, a member named twice, or a worth that is not a number.
    MissingValueError
        A worth is NaN (raised when the worth is first needed).
    RangeError
        The empty coalition has a worth other than 0; an infinite worth; too many members for ``worths``.

    Examples
    --------
    Two banks that save 10 if both build, and nothing otherwise:

    >>> game = CoalitionGame(("left", "right"), lambda s: 10.0 if len(s) == 2 else 0.0)
    >>> game.worth({"left", "right"})
    10.0
    >>> game.worths
    array([ 0.,  0.,  0., 10.])
    """

    __slots__ = ("_known", "_members", "_value", "_worths")

    def __init__(self, members: Iterable[str], value: Callable[[frozenset[str]], float]) -> None:
        self._members = _checked_members(members)
        if not callable(value):
            raise InputError(
                "cooperation.value",
                f"`value` must be a function of a frozenset of members, got {type(value).__name__}. "
                "For a ready array of worths use CoalitionGame.from_worths().",
            )
        self._value = value
        self._worths: FloatArray | None = None
        self._known: dict[int, float] = {0: 0.0}
        self._check_empty()

    def _check_empty(self) -> None:
        nobody: Coalition = frozenset()
        try:
            worth = self._value(nobody)
        except (LookupError, ValueError, ZeroDivisionError):
            return
        if _number(worth, nobody) != 0.0:
            raise RangeError(
                "cooperation.empty-worth",
                f"the empty coalition must be worth 0, `value` gives it {worth!r}. "
                "Measure every worth against the same starting point.",
            )

    @classmethod
    def from_worths(cls, members: Iterable[str], worths: npt.ArrayLike) -> CoalitionGame:
        """A game from ready worths.

        Parameters
        ----------
        members : n names
        worths : (2**n,), any one unit
            In mask order: ``worths[0]`` is the empty coalition and must be 0.

        Raises
        ------
        ShapeError
            Not 2**n worths.
        MissingValueError, RangeError
            NaN; infinite; or ``worths[0]`` is not 0.

        Examples
        --------
        >>> CoalitionGame.from_worths(("a", "b"), [0, 1, 2, 5]).worth({"b"})
        2.0
        """
        names = _checked_members(members)
        check_size(len(names))
        array = np.array(worths, dtype=np.float64)
        if array.shape != (1 << len(names),):
            raise ShapeError(
                "cooperation.worths-shape",
                f"{len(names)} members need {1 << len(names)} worths in mask order, got shape {array.shape}.",
            )
        _refuse_unusable(array, names)
        array.setflags(write=False)
        game = cls(names, lambda coalition: float(array[mask_of(coalition, names)]))
        game._worths = array
        return game

    @property
    def members(self) -> tuple[str, ...]:
        """The members, in bit order."""
        return self._members

    @property
    def n(self) -> int:
        """Number of members."""
        return len(self._members)

    def worth(self, coalition: Iterable[str]) -> float:
        """What one coalition is worth. Raises InputError for a name that is no member."""
        wanted = frozenset(coalition)
        strangers = wanted - frozenset(self._members)
        if strangers:
            raise InputError("cooperation.stranger", f"not members of this game: {_named(strangers)}.")
        mask = mask_of(wanted, self._members)
        if self._worths is not None:
            return float(self._worths[mask])
        worth = self._ask(mask)
        if not math.isfinite(worth):
            code, kind = ("missing", MissingValueError) if math.isnan(worth) else ("infinite", RangeError)
            raise kind(
                f"cooperation.worth-{code}",
                f"the worth of {_named(wanted)} is {worth}; give a finite number.",
            )
        return worth

    def _ask(self, mask: int) -> float:
        if mask not in self._known:
            coalition = coalition_of(mask, self._members)
            self._known[mask] = _number(self._value(coalition), coalition)
        return self._known[mask]

    @property
    def total(self) -> float:
        """What all members together are worth, v(N)."""
        return self.worth(self._members)

    @property
    def worths(self) -> FloatArray:
        """(2**n,) worths in mask order, read-only; computed when first asked for."""
        if self._worths is None:
            check_size(self.n)
            array = np.array([self._ask(mask) for mask in range(1 << self.n)], dtype=np.float64)
            _refuse_unusable(array, self._members)
            array.setflags(write=False)
            self._worths = array
        return self._worths

    def __repr__(self) -> str:
        return f"CoalitionGame({self.n} members: {', '.join(str(m) for m in self._members)})"


def share_vector(game: CoalitionGame, shares: Shares) -> FloatArray:
    """(n,) shares in member order.

    Raises
    ------
    InputError
        A member has no share, or a share belongs to nobody in the game.
    MissingValueError, RangeError
        A share is NaN, or infinite.
    """
    return member_vector(game.members, shares, "shares")


def member_vector(members: Sequence[str], numbers: Mapping[str, float], what: str) -> FloatArray:
    """(n,) numbers in member order; ``what`` names them in errors (see :func:`share_vector`)."""
    missing = [str(m) for m in members if m not in numbers]
    strangers = [str(m) for m in numbers if m not in members]
    if missing or strangers:
        found = [f"missing for {', '.join(missing)}"] if missing else []
        found += [f"given for {', '.join(strangers)}, not in the game"] if strangers else []
        raise InputError("cooperation.members-differ", f"{what} and members differ: {'; '.join(found)}.")
    vector = np.array([_number(numbers[m], frozenset((m,))) for m in members], dtype=np.float64)
    if not np.isfinite(vector).all():
        names = ", ".join(str(m) for m, x in zip(members, vector, strict=True) if not math.isfinite(x))
        if np.isnan(vector).any():
            raise MissingValueError(
                "cooperation.share-missing", f"{what} must be numbers; NaN or infinite for {names}."
            )
        raise RangeError("cooperation.share-infinite", f"{what} must be finite; infinite for {names}.")
    return vector


def by_member(members: Sequence[str], vector: npt.ArrayLike) -> dict[str, float]:
    """Mapping from member to number, from an (n,) array."""
    return dict(zip(members, np.asarray(vector, dtype=np.float64).tolist(), strict=True))
