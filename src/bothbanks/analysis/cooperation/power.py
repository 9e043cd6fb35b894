"""Voting as a simple game: who wins, who can block, and how much power a rule gives to each member.

A rule is a tree: quotas (enough weight of those in favour) joined by 'all of' and 'any of'. Weights are whole
numbers or fractions and nothing is rounded: every index is a fraction of whole counts. Nobody abstains here.

Three ways of counting give the same answer. Up to ``LISTED_LIMIT`` members every coalition is looked at.
Beyond, a rule that counts heads and at most one other weight is counted by size and weight (a generating
function, Mann and Shapley 1962), or, where the weights have too many figures for that, by joining two halves.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from bothbanks.words.coalitions import Coalition, coalition_of
from bothbanks.words.errors import InputError, RangeError

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

LISTED_LIMIT = 20
"""Most members for which every coalition is looked at (1,048,576 of them)."""
_HALVES_LIMIT = 32
_CELLS = 4_000_000
_NEVER = 1 << 62


@dataclass(frozen=True)
class Quota:
    """Those in favour must weigh at least ``needed`` (with ``strict``: more than it).

    ``weights`` are in member order, none below 0.
    """

    weights: tuple[Fraction | int, ...]
    needed: Fraction | int
    strict: bool = False


@dataclass(frozen=True)
class Every:
    """All of the parts must hold."""

    parts: tuple[VotingRule, ...]


@dataclass(frozen=True)
class Either:
    """At least one of the parts must hold."""

    parts: tuple[VotingRule, ...]


VotingRule = Quota | Every | Either


@dataclass(frozen=True)
class PowerIndices:
    """Who can turn a decision, by member.

    ``winning`` counts the winning coalitions, ``swings`` those that lose when the member leaves them.
    ``banzhaf`` is swings / 2^(n-1): the chance to be decisive if everyone else votes by a fair coin.
    ``banzhaf_share`` divides the swings by their sum. ``shapley`` is the Shapley-Shubik index: the chance to
    be the one whose joining turns a growing coalition from losing to winning, all orders being as likely.
    """

    members: tuple[str, ...]
    winning: int
    swings: Mapping[str, int]
    banzhaf: Mapping[str, Fraction]
    banzhaf_share: Mapping[str, Fraction]
    shapley: Mapping[str, Fraction]


def winning_coalitions(rule: VotingRule, n: int) -> BoolArray:
    """(2^n,) True where the coalition of that mask carries.

    Raises
    ------
    InputError
        A quota has not n weights, a weight is below 0, or a part is empty.
    RangeError
        More than ``LISTED_LIMIT`` members, or weights too large to add exactly.

    >>> winning_coalitions(Quota((2, 1, 1), 3), 3).astype(int).tolist()
    [0, 0, 0, 1, 0, 1, 0, 1]
    """
    if n > LISTED_LIMIT:
        raise RangeError(
            "cooperation.too-many",
            f"{n} members have 2**{n} coalitions; they are listed up to {LISTED_LIMIT} members. "
            "power_indices() answers for more.",
        )
    return _evaluate(rule, n)


def minimal_winning(rule: VotingRule, members: Sequence[str]) -> tuple[Coalition, ...]:
    """Winning coalitions that lose if any one leaves; the smallest first, then in member order.

    Raises as :func:`winning_coalitions`.

    >>> [sorted(c) for c in minimal_winning(Quota((2, 1, 1), 3), ("a", "b", "c"))]
    [['a', 'b'], ['a', 'c']]
    """
    return _minimal(winning_coalitions(rule, len(members)), members)


def minimal_blocking(rule: VotingRule, members: Sequence[str]) -> tuple[Coalition, ...]:
    """Coalitions without which the others can't carry, and of which nobody is superfluous.

    Raises as :func:`winning_coalitions`.

    >>> [sorted(c) for c in minimal_blocking(Quota((2, 1, 1), 3), ("a", "b", "c"))]
    [['a'], ['b', 'c']]
    """
    return _minimal(~winning_coalitions(rule, len(members))[::-1], members)


def power_indices(rule: VotingRule, members: Iterable[str]) -> PowerIndices:
    """Swings, Banzhaf and Shapley-Shubik indices, exactly.

    Raises
    ------
    InputError
        No member or one named twice; a quota that doesn't fit; a rule that nobody or everybody meets.
    RangeError
        Too many members for this rule: over ``LISTED_LIMIT`` where several weights are counted beside
        heads, over 32 where one weight is of too many figures to be counted step by step.

    Sources: J. F. Banzhaf, Weighted voting doesn't work (1965), Rutgers Law Review 19:317-343; L. S. Shapley
    and M. Shubik, A method for evaluating the distribution of power in a committee system (1954), American
    Political Science Review 48:787-792.

    The Council of the European Economic Community of 1958, where Luxembourg (the last) could never decide:

    >>> council = Quota((4, 4, 4, 2, 2, 1), 12)
    >>> found = power_indices(council, ("de", "fr", "it", "be", "nl", "lu"))
    >>> str(found.banzhaf_share["de"]), str(found.banzhaf_share["be"]), str(found.shapley["lu"])
    ('5/21', '1/7', '0')
    """
    names = tuple(members)
    if not names or len(set(names)) < len(names):
        raise InputError("cooperation.members", "give each member of the vote once, and at least one member.")
    n = len(names)
    _check(rule, n)
    everyone = (1 << n) - 1
    if _holds(rule, 0) or not _holds(rule, everyone):
        raise InputError(
            "cooperation.voting-rule",
            "the rule is met by nobody's votes, or not even by everybody's: no member ever decides. "
            "Check its quotas.",
        )
    by_size, with_member = _sizes(rule, n)
    return _indices(names, by_size, with_member)


def _indices(
    names: tuple[str, ...], by_size: Sequence[int], with_member: Sequence[Sequence[int]]
) -> PowerIndices:
    """Indices from the winning coalitions by size, in all and with each member.

    The rule only grows, so a member's swings of size s are the winning coalitions of size s with it, less
    those of size s - 1 without it.
    """
    n = len(names)
    winning = sum(by_size)
    swings, shapley = [], []
    whole = math.factorial(n)
    for held in with_member:
        turns = [held[s] - (by_size[s - 1] - held[s - 1]) for s in range(1, n + 1)]
        swings.append(sum(turns))
        orders = sum(t * math.factorial(s) * math.factorial(n - 1 - s) for s, t in enumerate(turns))
        shapley.append(Fraction(orders, whole))
    total = sum(swings)
    half = 1 << (n - 1)
    return PowerIndices(
        names,
        winning,
        dict(zip(names, swings, strict=True)),
        {m: Fraction(s, half) for m, s in zip(names, swings, strict=True)},
        {m: Fraction(s, total) for m, s in zip(names, swings, strict=True)},
        dict(zip(names, shapley, strict=True)),
    )


def _check(rule: VotingRule, n: int) -> None:
    if isinstance(rule, Quota):
        if len(rule.weights) != n:
            raise InputError(
                "cooperation.voting-weights", f"a quota has {len(rule.weights)} weights for {n} members."
            )
        if any(w < 0 for w in rule.weights):
            raise InputError("cooperation.voting-weights", "a weight is below 0; votes only ever add.")
    elif not rule.parts:
        raise InputError("cooperation.voting-rule", "'all of' and 'any of' need at least one part.")
    else:
        for part in rule.parts:
            _check(part, n)


def _whole(quota: Quota) -> tuple[tuple[int, ...], int]:
    """Weights as whole numbers without a common divisor, and the least whole sum that meets the quota."""
    parts = [Fraction(w) for w in quota.weights]
    scale = math.lcm(*(w.denominator for w in parts))
    weights = [int(w * scale) for w in parts]
    shared = math.gcd(*weights) or 1
    needed = Fraction(quota.needed) * scale / shared
    least = math.floor(needed) + 1 if quota.strict else math.ceil(needed)
    return tuple(w // shared for w in weights), least


def _holds(rule: VotingRule, mask: int) -> bool:
    if isinstance(rule, Quota):
        weights, least = _whole(rule)
        return sum(w for i, w in enumerate(weights) if mask >> i & 1) >= least
    held = (_holds(part, mask) for part in rule.parts)
    return all(held) if isinstance(rule, Every) else any(held)


def _evaluate(rule: VotingRule, n: int) -> BoolArray:
    _check(rule, n)
    if isinstance(rule, Quota):
        weights, least = _whole(rule)
        if sum(weights) >= _NEVER:
            raise RangeError(
                "cooperation.voting-weights", "the weights are too large to add exactly; shorten them."
            )
        return _sums(weights) >= least
    join = np.logical_and if isinstance(rule, Every) else np.logical_or
    found: BoolArray = join.reduce([_evaluate(part, n) for part in rule.parts])
    return found


def _sums(weights: Sequence[int]) -> IntArray:
    """(2^n,) the weight of every coalition, in mask order."""
    sums = np.zeros(1, dtype=np.int64)
    for weight in weights:
        sums = np.concatenate((sums, sums + weight))
    return sums


def _minimal(holds: BoolArray, members: Sequence[str]) -> tuple[Coalition, ...]:
    least = holds.copy()
    for i in range(len(members)):
        without, within = _by_member(holds, i)
        _by_member(least, i)[1][...] &= within & ~without
    masks = sorted((int(m) for m in np.flatnonzero(least)), key=lambda m: (m.bit_count(), _order(m)))
    return tuple(coalition_of(m, members) for m in masks)


def _order(mask: int) -> tuple[int, ...]:
    return tuple(i for i in range(mask.bit_length()) if mask >> i & 1)


def _by_member(array: npt.NDArray[np.bool_], i: int) -> tuple[BoolArray, BoolArray]:
    """Views of the coalitions without and with member i, in the same order."""
    cut = array.reshape(-1, 2, 1 << i)
    return cut[:, 0, :], cut[:, 1, :]


def _sizes(rule: VotingRule, n: int) -> tuple[list[int], list[list[int]]]:
    """Winning coalitions by size, in all and with each member, by the way that suits the rule."""
    if n <= LISTED_LIMIT:
        return _listed(rule, n)
    heavy = _heavy(rule, n)
    if heavy is None:
        raise RangeError(
            "cooperation.too-many",
            f"{n} members and a rule with several weights beside heads; such rules are counted up to "
            f"{LISTED_LIMIT} members.",
        )
    least = [_least(rule, size) for size in range(n + 1)]
    if (n + 1) * (sum(heavy) + 1) <= _CELLS:
        return _generated(heavy, least)
    if n <= _HALVES_LIMIT and sum(heavy) < _NEVER:
        return _halves(heavy, least)
    raise RangeError(
        "cooperation.too-many",
        f"{n} members with weights that add up to {sum(heavy)} can't be counted; round the weights.",
    )


def _listed(rule: VotingRule, n: int) -> tuple[list[int], list[list[int]]]:
    wins = _evaluate(rule, n)
    size = _sums([1] * n)
    by_size = np.bincount(size[wins], minlength=n + 1)
    with_member = []
    for i in range(n):
        held = _by_member(wins, i)[1]
        sizes = size.reshape(-1, 2, 1 << i)[:, 1, :]
        with_member.append([int(c) for c in np.bincount(sizes[held], minlength=n + 1)])
    return [int(c) for c in by_size], with_member


def _quotas(rule: VotingRule) -> Iterable[Quota]:
    if isinstance(rule, Quota):
        yield rule
    else:
        for part in rule.parts:
            yield from _quotas(part)


def _heavy(rule: VotingRule, n: int) -> tuple[int, ...] | None:
    """The one set of weights beside heads (heads themselves if there is none); None if there are several."""
    heads = (1,) * n
    found = {weights for weights, _ in map(_whole, _quotas(rule))} - {heads}
    return None if len(found) > 1 else (found or {heads}).pop()


def _least(rule: VotingRule, size: int) -> int:
    """The least weight that carries with so many heads; ``_NEVER`` if none does."""
    if isinstance(rule, Quota):
        weights, least = _whole(rule)
        if set(weights) == {1}:
            return 0 if size >= least else _NEVER
        return max(least, 0)
    found = [_least(part, size) for part in rule.parts]
    return max(found) if isinstance(rule, Every) else min(found)


def _generated(weights: Sequence[int], least: Sequence[int]) -> tuple[list[int], list[list[int]]]:
    """Count coalitions by size and weight, one member after the other; take each out to see those with it."""
    n, total = len(weights), sum(weights)
    kind: npt.DTypeLike = np.int64 if n <= 61 else object  # beyond, counts outgrow 64 bits
    table = np.zeros((n + 1, total + 1), dtype=kind)
    table[0, 0] = 1
    for weight in weights:
        table[1:, weight:] = table[1:, weight:] + table[:-1, : total + 1 - weight]

    def carried(counts: npt.NDArray[np.int64]) -> list[int]:
        return [int(counts[s, min(least[s], total + 1) :].sum()) for s in range(n + 1)]

    by_size = carried(table)
    with_member: dict[int, list[int]] = {}
    for weight in set(weights):
        without = table.copy()
        for s in range(1, n + 1):
            without[s, weight:] = without[s, weight:] - without[s - 1, : total + 1 - weight]
        with_member[weight] = carried(table - without)
    return by_size, [with_member[w] for w in weights]


def _halves(weights: Sequence[int], least: Sequence[int]) -> tuple[list[int], list[list[int]]]:
    """Count pairs of a coalition of one half with one of the other, by looking up in sorted weights."""
    n = len(weights)
    cut = n // 2
    by_size = [0] * (n + 1)
    with_member: list[list[int]] = []
    for first, second in ((weights[:cut], weights[cut:]), (weights[cut:], weights[:cut])):
        sums, sizes = _sums(first), _sums([1] * len(first))
        others, other_sizes = _sums(second), _sums([1] * len(second))
        bars = np.array(least, dtype=np.int64)
        held = [[0] * (n + 1) for _ in first]
        totals = [0] * (n + 1)
        masks = np.arange(len(sums))
        for size in range(len(second) + 1):
            ranked = np.sort(others[other_sizes == size])
            pairs = len(ranked) - np.searchsorted(ranked, bars[sizes + size] - sums, side="left")
            for own in range(len(first) + 1):
                chosen = pairs[sizes == own]
                totals[own + size] += int(chosen.sum())
                kept = masks[sizes == own]
                for i in range(len(first)):
                    held[i][own + size] += int(chosen[(kept >> i & 1) == 1].sum())
        by_size = totals
        with_member += held
    return by_size, with_member
