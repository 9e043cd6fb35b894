"""The tree on logs small enough to hash by hand."""

from __future__ import annotations

from hashlib import sha256

import pytest

from bothbanks.record.tree import (
    EMPTY_ROOT,
    Node,
    appended,
    appended_all,
    consistency_path,
    edge,
    extends,
    grown,
    includes,
    inclusion_path,
    leaf_hash,
    node_hash,
    root,
)
from bothbanks.words.errors import RangeError

LEAVES = [leaf_hash(word.encode()) for word in ("zero", "one", "two", "three", "four", "five", "six")]


def mth(leaves: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.1, word for word and slow."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\x01" + mth(leaves[:half]) + mth(leaves[half:])).digest()


def test_a_tree_of_three_is_hashed_by_hand() -> None:
    zero, one, two = (sha256(b"\x00" + word).digest() for word in (b"zero", b"one", b"two"))
    by_hand = sha256(b"\x01" + sha256(b"\x01" + zero + one).digest() + two).digest()
    assert root(3, grown(LEAVES[:3]).__getitem__) == by_hand


def test_an_empty_log_has_the_hash_of_nothing() -> None:
    assert root(0, {}.__getitem__) == EMPTY_ROOT == sha256(b"").digest()


def test_roots_and_all_proofs_of_every_size_agree_with_the_definition() -> None:
    nodes = grown(LEAVES).__getitem__
    for size in range(1, len(LEAVES) + 1):
        top = mth(LEAVES[:size])
        assert root(size, nodes) == top
        for seq in range(size):
            assert includes(top, size, seq, LEAVES[seq], inclusion_path(seq, size, nodes))
        for first in range(1, size + 1):
            assert extends(first, mth(LEAVES[:first]), size, top, consistency_path(first, size, nodes))


def test_the_example_of_the_rfc_has_the_paths_it_prints() -> None:
    """RFC 9162, section 2.1.5: seven leaves, hashes a to l."""
    a, b, c, d, e, f, j = LEAVES
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, l_ = node_hash(g, h), node_hash(i, j)
    nodes = grown(LEAVES).__getitem__
    assert inclusion_path(0, 7, nodes) == (b, h, l_)
    assert inclusion_path(3, 7, nodes) == (c, g, l_)
    assert inclusion_path(4, 7, nodes) == (f, j, k)
    assert inclusion_path(6, 7, nodes) == (i, k)
    assert consistency_path(3, 7, nodes) == (c, d, g, l_)
    assert consistency_path(4, 7, nodes) == (l_,)
    assert consistency_path(6, 7, nodes) == (i, j, k)


def test_adding_one_by_one_or_at_once_gives_the_same_nodes() -> None:
    nodes: dict[Node, bytes] = {}
    for size, leaf in enumerate(LEAVES):
        nodes |= appended(size, leaf, nodes.__getitem__)
    assert nodes == grown(LEAVES)
    first = dict(grown(LEAVES[:3]))
    only_edge = {node: first[node] for node in edge(3)}
    assert first | appended_all(3, LEAVES[3:], only_edge.__getitem__) == nodes


def test_a_proof_in_a_log_of_a_million_reads_few_nodes() -> None:
    asked: list[Node] = []

    def node_of(node: Node) -> bytes:
        asked.append(node)
        return bytes(32)

    inclusion_path(1, 999_999, node_of)
    consistency_path(777_777, 999_999, node_of)
    assert len(asked) <= 80


def test_what_is_not_in_the_log_has_no_proof() -> None:
    nodes = grown(LEAVES).__getitem__
    for ask in (lambda: inclusion_path(7, 7, nodes), lambda: consistency_path(8, 7, nodes), lambda: edge(-1)):
        with pytest.raises(RangeError):
            ask()


def test_the_same_size_with_another_root_is_no_extension() -> None:
    assert not extends(3, mth(LEAVES[:3]), 3, mth(LEAVES[1:4]), ())


def test_nothing_is_proved_about_the_empty_log() -> None:
    assert not extends(0, EMPTY_ROOT, 3, mth(LEAVES[:3]), ())
    assert not extends(0, EMPTY_ROOT, 0, EMPTY_ROOT, ())


def test_bytes_can_not_move_from_one_sibling_to_the_next() -> None:
    top, path = mth(LEAVES[:4]), inclusion_path(0, 4, grown(LEAVES[:4]).__getitem__)
    assert includes(top, 4, 0, LEAVES[0], path)
    assert not includes(top, 4, 0, LEAVES[0] + path[0][:1], (path[0][1:], path[1]))
