"""What the law of one member asks for, as data, and whether two or more can be met together.

The strictest common rule is the largest of the least values, the smallest of the greatest values, what all
sets of permitted things have in common, and everything that anyone requires. Where that can't be met there is
a clash, and it names who and why. Law that can't be merged (procurement) is never combined here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from typing import Literal


@dataclass(frozen=True)
class AtLeast:
    """The value must be this or more, in the subject's unit."""

    value: Fraction
    kind: Literal["at-least"] = "at-least"


@dataclass(frozen=True)
class AtMost:
    """The value must be this or less, in the subject's unit."""

    value: Fraction
    kind: Literal["at-most"] = "at-most"


@dataclass(frozen=True)
class OneOf:
    """One of these is permitted, nothing else."""

    options: tuple[str, ...]
    kind: Literal["one-of"] = "one-of"


@dataclass(frozen=True)
class Requires:
    """All of these must be there."""

    items: tuple[str, ...]
    kind: Literal["requires"] = "requires"


@dataclass(frozen=True)
class Forbids:
    """None of these may be there."""

    items: tuple[str, ...]
    kind: Literal["forbids"] = "forbids"


Demand = AtLeast | AtMost | OneOf | Requires | Forbids
Demands = tuple[Demand, ...]
"""Everything one rule asks; empty: not known, to be asked (never 'nothing is asked')."""


@dataclass(frozen=True)
class Clash:
    """Why rules can't be met together: the members, and the values on each side.

    'range': the least value of one is above the greatest of another. 'options': no thing is permitted by
    all. 'item': what one requires another forbids.
    """

    kind: Literal["range", "options", "item"]
    members: tuple[str, ...]
    least: Fraction | None = None
    most: Fraction | None = None
    item: str = ""


@dataclass(frozen=True)
class Common:
    """The strictest rule that meets all; ``by`` names the members that set each part."""

    least: Fraction | None = None
    most: Fraction | None = None
    options: tuple[str, ...] | None = None
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    clashes: tuple[Clash, ...] = ()

    @property
    def possible(self) -> bool:
        """True where all can be met together."""
        return not self.clashes


def strictest(rules: Mapping[str, Demands]) -> Common:
    """The strictest common rule of the members' demands, with every clash.

    Examples
    --------
    >>> found = strictest({"a": (AtLeast(Fraction(2)),), "b": (AtLeast(Fraction(3)),)})
    >>> str(found.least), found.by["least"], found.possible
    ('3', ('b',), True)
    >>> strictest({"a": (OneOf(("x",)),), "b": (OneOf(("y",)),)}).clashes[0].members
    ('a', 'b')
    """
    least = _bounds(rules, AtLeast)
    most = _bounds(rules, AtMost)
    options = {m: s for m, s in ((m, _options(d)) for m, d in rules.items()) if s is not None}
    required, forbidden = _items(rules, Requires), _items(rules, Forbids)
    by: dict[str, tuple[str, ...]] = {}
    if least:
        by["least"] = tuple(m for m, v in least.items() if v == max(least.values()))
    if most:
        by["most"] = tuple(m for m, v in most.items() if v == min(most.values()))
    if options:
        by["options"] = tuple(options)
    allowed = _shared(options, forbidden)
    return Common(
        max(least.values()) if least else None,
        min(most.values()) if most else None,
        allowed,
        tuple(required),
        tuple(forbidden),
        by,
        (*_range_clash(least, most), *_option_clash(options, forbidden), *_item_clashes(required, forbidden)),
    )


def same(first: Demands, second: Demands) -> bool:
    """Whether two rules ask for the same, whatever the order in which they are written.

    >>> same((OneOf(("x", "y")),), (OneOf(("y", "x")),))
    True
    """
    return _key(first) == _key(second)


def _key(demands: Demands) -> frozenset[tuple[str, object]]:
    out: list[tuple[str, object]] = []
    for d in demands:
        if isinstance(d, AtLeast | AtMost):
            out.append((d.kind, d.value))
        else:
            out.append((d.kind, frozenset(d.options if isinstance(d, OneOf) else d.items)))
    return frozenset(out)


def _bounds(rules: Mapping[str, Demands], kind: type[AtLeast] | type[AtMost]) -> dict[str, Fraction]:
    """Each member's own bound: the strictest, where it has several."""
    choose = max if kind is AtLeast else min
    out: dict[str, Fraction] = {}
    for member, demands in rules.items():
        values = [d.value for d in demands if isinstance(d, AtLeast | AtMost) and isinstance(d, kind)]
        if values:
            out[member] = choose(values)
    return out


def _options(demands: Demands) -> tuple[str, ...] | None:
    sets = [d.options for d in demands if isinstance(d, OneOf)]
    if not sets:
        return None
    return tuple(o for o in sets[0] if all(o in s for s in sets[1:]))


def _items(rules: Mapping[str, Demands], kind: type[Requires] | type[Forbids]) -> dict[str, tuple[str, ...]]:
    """Item -> the members that require (or forbid) it, in the order met."""
    out: dict[str, tuple[str, ...]] = {}
    for member, demands in rules.items():
        for d in demands:
            if isinstance(d, Requires | Forbids) and isinstance(d, kind):
                for item in d.items:
                    out[item] = tuple(dict.fromkeys((*out.get(item, ()), member)))
    return out


def _shared(
    options: Mapping[str, tuple[str, ...]], forbidden: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...] | None:
    """What every set permits and nobody forbids; None where no member has a set."""
    if not options:
        return None
    first, *others = options.values()
    return tuple(o for o in first if o not in forbidden and all(o in s for s in others))


def _range_clash(least: Mapping[str, Fraction], most: Mapping[str, Fraction]) -> tuple[Clash, ...]:
    return tuple(
        Clash("range", tuple(dict.fromkeys((low, high))), least[low], most[high])
        for low in least
        for high in most
        if least[low] > most[high]
    )


def _option_clash(
    options: Mapping[str, tuple[str, ...]], forbidden: Mapping[str, tuple[str, ...]]
) -> tuple[Clash, ...]:
    """The smallest groups of members that permit nothing in common (those that forbid count too)."""
    if _shared(options, forbidden) != ():
        return ()
    groups: list[tuple[str, ...]] = []
    everyone = list(dict.fromkeys((*options, *(m for held in forbidden.values() for m in held))))
    for size in range(1, len(everyone) + 1):
        if groups:
            break
        for group in combinations(everyone, size):
            few = {m: options[m] for m in group if m in options}
            barred = {i: held for i, held in forbidden.items() if set(held) & set(group)}
            if few and _shared(few, barred) == ():
                groups.append(group)
    return tuple(Clash("options", group) for group in groups)


def _item_clashes(
    required: Mapping[str, tuple[str, ...]], forbidden: Mapping[str, tuple[str, ...]]
) -> tuple[Clash, ...]:
    return tuple(
        Clash("item", tuple(dict.fromkeys((*required[item], *forbidden[item]))), item=item)
        for item in required
        if item in forbidden
    )


def plain(demands: Sequence[Demand]) -> list[dict[str, object]]:
    """Plain JSON for the record and the API; values as exact text."""
    out: list[dict[str, object]] = []
    for d in demands:
        if isinstance(d, AtLeast | AtMost):
            out.append({"kind": d.kind, "value": str(d.value)})
        elif isinstance(d, OneOf):
            out.append({"kind": d.kind, "options": list(d.options)})
        else:
            out.append({"kind": d.kind, "items": list(d.items)})
    return out
