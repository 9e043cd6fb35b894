"""Name what was done to a list of entries: forged, dropped, slipped in, moved, cut off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Deed = Literal["forged", "dropped", "inserted", "moved", "cut"]


@dataclass(frozen=True)
class Difference:
    """One thing that is wrong with the list found.

    ``entry`` is the place (from 0) in the true list; for 'inserted' it is the place in the list found.
    ``to`` is where a moved entry stands now, or the last place of a stretch that is missing at the end.
    """

    deed: Deed
    entry: int
    to: int = -1


def differences(true: Sequence[bytes], found: Sequence[bytes]) -> list[Difference]:
    """How the leaf hashes found differ from the true ones.

    Examples
    --------
    >>> differences([b"a", b"b", b"c", b"d"], [b"a", b"c", b"b", b"d"])
    [Difference(deed='moved', entry=2, to=1)]
    >>> differences([b"a", b"b", b"c"], [b"a", b"x", b"c"])
    [Difference(deed='forged', entry=1, to=-1)]
    >>> differences([b"a", b"b", b"c"], [b"a"])
    [Difference(deed='cut', entry=1, to=2)]
    """
    start = _common(true, found)
    end = _common(true[start:][::-1], found[start:][::-1])
    middle, seen = true[start : len(true) - end], found[start : len(found) - end]
    if middle and not seen and end == 0:
        return [Difference("cut", start, len(true) - 1)]
    gone: list[int] = []
    new: list[int] = []
    out: list[Difference] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, middle, seen, autojunk=False).get_opcodes():
        if tag == "replace" and i2 - i1 == j2 - j1:
            pairs = list(zip(range(i1, i2), range(j1, j2), strict=True))
            elsewhere = set(middle) & set(seen)
            out += [
                Difference("forged", start + i)
                for i, j in pairs
                if middle[i] not in elsewhere and seen[j] not in elsewhere
            ]
            pairs = [(i, j) for i, j in pairs if middle[i] in elsewhere or seen[j] in elsewhere]
            gone += [i for i, _ in pairs]
            new += [j for _, j in pairs]
        elif tag != "equal":
            gone += range(i1, i2)
            new += range(j1, j2)
    out += _moved(middle, seen, gone, new, start)
    return sorted(out, key=lambda d: (d.entry, d.deed))


def _moved(
    true: Sequence[bytes], found: Sequence[bytes], gone: list[int], new: list[int], start: int
) -> Iterator[Difference]:
    """What is gone in one place and stands in another was moved; the rest was dropped, or slipped in."""
    places: dict[bytes, list[int]] = {}
    for j in new:
        places.setdefault(found[j], []).append(j)
    for i in gone:
        if there := places.get(true[i]):
            yield Difference("moved", start + i, start + there.pop(0))
        else:
            yield Difference("dropped", start + i)
    for j in sorted(j for rest in places.values() for j in rest):
        yield Difference("inserted", start + j)


def _common(one: Sequence[bytes], other: Sequence[bytes]) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count
