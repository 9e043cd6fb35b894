"""The Merkle tree of RFC 9162, section 2.1: hashes, roots, proofs, and the checks of both proofs.

A log of n leaves is kept as its *complete* subtrees. Node (level, index) covers the 2**level leaves that
start at index * 2**level; (0, i) is the hash of leaf i. A complete node never changes once its leaves are
there, so a store only ever adds nodes, and every root or proof reads about log2(n) of them.

Look-ups are given as a function of the node's address: ``nodes.__getitem__`` of a dict, or a query.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence

from bothbanks.words.errors import RangeError

Node = tuple[int, int]
"""(level, index) of a complete subtree."""
NodeOf = Callable[[Node], bytes]

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""Root of the log without leaves (RFC 9162, section 2.1.1)."""


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256 over 0x00 and the leaf's bytes (RFC 9162, section 2.1.1)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 over 0x01, the left and the right child (RFC 9162, section 2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def edge(size: int) -> tuple[Node, ...]:
    """The complete subtrees that a log of this size is made of, from left to right.

    These are all the nodes that `appended` and `root` may ask for: one query can fetch them.

    >>> edge(7)
    ((2, 0), (1, 2), (0, 6))
    """
    return _pieces(0, _counted(size, "size"))


def appended(size: int, new_leaf_hash: bytes, node_of: NodeOf) -> dict[Node, bytes]:
    """The complete nodes that one more leaf adds to a log of ``size`` leaves, the leaf's own hash included.

    Examples
    --------
    The second leaf closes a pair:

    >>> first = appended(0, leaf_hash(b"one"), {}.__getitem__)
    >>> sorted(appended(1, leaf_hash(b"two"), first.__getitem__))
    [(0, 1), (1, 0)]
    """
    return appended_all(size, (new_leaf_hash,), node_of)


def appended_all(size: int, new_leaf_hashes: Sequence[bytes], node_of: NodeOf) -> dict[Node, bytes]:
    """As `appended`, for several leaves in a row; reads nothing but nodes of ``edge(size)``."""
    _counted(size, "size")
    added: dict[Node, bytes] = {}
    for offset, hashed in enumerate(new_leaf_hashes):
        level, index = 0, size + offset
        added[level, index] = hashed
        while index % 2:
            left = (level, index - 1)
            hashed = node_hash(added[left] if left in added else node_of(left), hashed)
            level, index = level + 1, index // 2
            added[level, index] = hashed
    return added


def root(size: int, node_of: NodeOf) -> bytes:
    """The root of the first ``size`` leaves: MTH(D_n) of RFC 9162, section 2.1.1."""
    return _range_root(0, _counted(size, "size"), node_of)


def inclusion_path(seq: int, size: int, node_of: NodeOf) -> tuple[bytes, ...]:
    """Proof that leaf ``seq`` (from 0) is in the log of ``size`` leaves: RFC 9162, section 2.1.3.1.

    Raises
    ------
    RangeError
        There is no such leaf in a log of that size.
    """
    if not 0 <= seq < size:
        raise RangeError("record.proof", f"leaf {seq} isn't in a log of {size}; expected 0 to {size - 1}")
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if seq < middle:
            path.append(_range_root(middle, end, node_of))
            end = middle
        else:
            path.append(_range_root(begin, middle, node_of))
            begin = middle
    return tuple(reversed(path))


def consistency_path(first: int, second: int, node_of: NodeOf) -> tuple[bytes, ...]:
    """Proof that the log of ``second`` leaves only added to the first: RFC 9162, section 2.1.4.1.

    Empty where both sizes are the same, or ``first`` is 0 (every log extends the empty one).

    Raises
    ------
    RangeError
        ``first`` is below 0 or above ``second``.
    """
    if not 0 <= first <= second:
        raise RangeError("record.proof", f"no log of {second} can extend one of {first} leaves")
    if first in (0, second):
        return ()
    path: list[bytes] = []
    begin, end, whole = 0, second, True
    while first < end:
        middle = begin + _split(end - begin)
        if first <= middle:
            path.append(_range_root(middle, end, node_of))
            end = middle
        else:
            path.append(_range_root(begin, middle, node_of))
            begin, whole = middle, False
    if not whole:
        path.append(_range_root(begin, end, node_of))
    return tuple(reversed(path))


def includes(root_hash: bytes, size: int, seq: int, hashed: bytes, path: Sequence[bytes]) -> bool:
    """Whether the path proves that the leaf with this hash is number ``seq``: RFC 9162, section 2.1.3.2."""
    if not 0 <= seq < size or not _hashes((hashed, *path)):
        return False
    here, last = seq, size - 1
    for sibling in path:
        if last == 0:
            return False
        if here & 1 or here == last:
            hashed = node_hash(sibling, hashed)
            while not here & 1 and here != 0:
                here, last = here >> 1, last >> 1
        else:
            hashed = node_hash(hashed, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and hmac.compare_digest(hashed, root_hash)


def extends(first: int, first_root: bytes, second: int, second_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the path proves that the second log only added to the first: RFC 9162, section 2.1.4.2.

    The RFC speaks of 0 < first < second. Equal sizes need equal roots and an empty path. A first size of 0
    is never proved: every log extends the empty one, so such a proof would say nothing.
    """
    if not 0 < first <= second or not _hashes(path):
        return False
    if first == second:
        return not path and hmac.compare_digest(first_root, second_root)
    if not path:
        return False
    nodes = [first_root, *path] if first & (first - 1) == 0 else list(path)
    here, last = first - 1, second - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old = new = nodes[0]
    for sibling in nodes[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not here & 1 and here != 0:
                here, last = here >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and hmac.compare_digest(old, first_root) and hmac.compare_digest(new, second_root)


def grown(leaf_hashes: Sequence[bytes]) -> Mapping[Node, bytes]:
    """Every complete node of a log given whole: what an auditor without a store computes once."""
    return appended_all(0, leaf_hashes, _nothing)


def _nothing(node: Node) -> bytes:
    raise KeyError(node)


def _range_root(begin: int, end: int, node_of: NodeOf) -> bytes:
    """MTH(D[begin:end]) where begin is a multiple of a power of two not smaller than the range."""
    if begin == end:
        return EMPTY_ROOT
    *rest, last = _pieces(begin, end)
    hashed = node_of(last)
    for piece in reversed(rest):
        hashed = node_hash(node_of(piece), hashed)
    return hashed


def _pieces(begin: int, end: int) -> tuple[Node, ...]:
    """The complete subtrees of a range, the largest first, for a ``begin`` that fits them."""
    pieces: list[Node] = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        pieces.append((level, begin >> level))
        begin += 1 << level
    return tuple(pieces)


def _split(count: int) -> int:
    """The largest power of two below the count (k in RFC 9162), for counts above 1."""
    return 1 << (count - 1).bit_length() - 1


def _hashes(values: Sequence[bytes]) -> bool:
    """Whether all have the length of a hash: without it, bytes could move from one sibling to the next."""
    return all(len(value) == HASH_BYTES for value in values)


def _counted(size: int, name: str) -> int:
    if size < 0:
        raise RangeError("record.size", f"{name} is {size}; a log can't have fewer than 0 leaves")
    return size
