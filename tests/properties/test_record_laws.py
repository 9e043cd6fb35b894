"""Laws of the record: proofs hold exactly where they are right, and whatever is done to a log is found."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from record_cases import Book, opened, votes

from bothbanks.record.audit import audit
from bothbanks.record.differences import differences
from bothbanks.record.entries import Entry
from bothbanks.record.export import HASHES, LEAVES, Parts, read_parts
from bothbanks.record.leaf import canonical, commitment, read, seal
from bothbanks.record.note import HOST, WITNESS, Head, Key, Note, Secret, cosigned, signed
from bothbanks.record.quorum import final_size, quorum
from bothbanks.record.tree import (
    consistency_path,
    extends,
    grown,
    includes,
    inclusion_path,
    leaf_hash,
    root,
)
from bothbanks.words.errors import InputError

hashes = st.lists(st.binary(max_size=4), min_size=1, max_size=70).map(
    lambda items: [leaf_hash(i) for i in items]
)
texts = st.text(max_size=12)
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(hashes, st.data())
def test_an_inclusion_proof_holds_for_its_own_leaf_place_and_root_only(
    leaves: list[bytes], data: st.DataObject
) -> None:
    nodes = grown(leaves).__getitem__
    size = data.draw(st.integers(1, len(leaves)))
    seq = data.draw(st.integers(0, size - 1))
    top, path = root(size, nodes), inclusion_path(seq, size, nodes)
    assert includes(top, size, seq, leaves[seq], path)
    other = data.draw(st.integers(0, size - 1))
    assert includes(top, size, other, leaves[other], path) == (
        other == seq or path == _path(other, size, leaves)
    )
    assert not includes(top, size, seq, leaf_hash(b"another leaf"), path)
    assert not includes(leaf_hash(b"another root"), size, seq, leaves[seq], path)
    for broken in (path[:-1], path[1:], (*path, top), (top, *path)):
        assert broken == path or not includes(top, size, seq, leaves[seq], broken)
    for place in range(len(path)):
        flipped = bytes([path[place][0] ^ 1]) + path[place][1:]
        assert not includes(top, size, seq, leaves[seq], (*path[:place], flipped, *path[place + 1 :]))


def _path(seq: int, size: int, leaves: list[bytes]) -> tuple[bytes, ...]:
    return inclusion_path(seq, size, grown(leaves).__getitem__)


@given(hashes, st.data())
def test_a_consistency_proof_holds_between_prefixes_only(leaves: list[bytes], data: st.DataObject) -> None:
    nodes = grown(leaves).__getitem__
    second = data.draw(st.integers(1, len(leaves)))
    first = data.draw(st.integers(1, second))
    path = consistency_path(first, second, nodes)
    one, two = root(first, nodes), root(second, nodes)
    assert extends(first, one, second, two, path)
    changed = list(leaves)
    changed[data.draw(st.integers(0, first - 1))] = leaf_hash(b"rewritten")
    forged = grown(changed).__getitem__
    assert not extends(first, one, second, root(second, forged), consistency_path(first, second, forged))
    for broken in (path[:-1], (*path, two)):
        assert broken == path or not extends(first, one, second, two, broken)


@given(texts, texts, st.dictionaries(texts, plain, max_size=4), st.dictionaries(texts, plain, max_size=3))
def test_a_leaf_reads_back_and_its_bytes_are_its_only_form(
    kind: str, subject: str, body: dict[str, object], private: dict[str, object]
) -> None:
    book = opened()
    at = read(book.leaves[0]).at
    private.pop("person", None)
    leaf = seal(Entry(kind, subject, body, private), at, "council@aac", "p", bytes(32))
    found = read(leaf)
    assert (found.kind, found.subject, found.at) == (kind, subject, at)
    assert canonical(found.body) == canonical(body)
    assert found.commitment == commitment(bytes(32), {"person": "p", **private})


@given(st.binary(max_size=60))
def test_no_bytes_are_taken_for_a_leaf_or_a_note_by_accident(junk: bytes) -> None:
    with pytest.raises(InputError):
        read(junk)
    with pytest.raises(InputError):
        Note.read(junk.decode("latin-1"))


@given(
    st.binary(min_size=32, max_size=32), st.integers(0, 2**40), st.binary(min_size=32, max_size=32), st.data()
)
def test_a_signature_holds_for_its_own_text_and_key_only(
    seed: bytes, size: int, hashed: bytes, data: st.DataObject
) -> None:
    host, witness = Secret.made("log", HOST, seed), Secret.made("w", WITNESS, seed)
    note = signed(Head("log", size, hashed), host)
    note = note.with_signatures([cosigned(note.text, witness, read(opened().leaves[0]).at)])
    assert Note.read(str(note)) == note
    assert Head.read(note.text) == Head("log", size, hashed)
    assert Key.read(host.key.text) == host.key
    assert note.signed_by(host.key)
    assert note.signed_by(witness.key)
    place = data.draw(st.integers(0, len(note.text) - 2))
    other = replace(note, text=note.text[:place] + chr(ord(note.text[place]) ^ 1) + note.text[place + 1 :])
    assert not other.signed_by(host.key)
    assert not other.signed_by(witness.key)


LOG = (
    opened()
    .add(*votes(3))
    .sign("aac")
    .add(*votes(5, 3))
    .sign("aac", "mhl")
    .add(*votes(6, 8))
    .sign("aac", "mhl")
)
TRUE = LOG.files()


def _found(leaves: list[bytes], keep_hashes: bool) -> bool:
    """Whether an audit of the log with these leaves finds something; the forger may recompute the hashes."""
    files = Book(list(leaves), LOG.notes).files() if leaves and _registered(leaves) else dict(TRUE)
    files[LEAVES] = b"".join(leaf + b"\n" for leaf in leaves)
    files |= {HASHES: TRUE[HASHES]} if keep_hashes else {}
    parts = read_parts(files)
    return not audit(replace(parts, faults=())).authentic


def _registered(leaves: list[bytes]) -> bool:
    try:
        Book(list(leaves)).keys()
    except (InputError, ValueError):
        return False
    return True


@settings(max_examples=150)
@given(st.data(), st.booleans())
def test_whatever_is_done_to_the_leaves_is_found(data: st.DataObject, keep_hashes: bool) -> None:
    leaves = list(LOG.leaves)
    deed = data.draw(st.sampled_from(["flip", "drop", "swap", "insert", "repeat", "cut", "append"]))
    place = data.draw(st.integers(0, len(leaves) - 1))
    if deed == "flip":
        at, bit = data.draw(st.integers(0, len(leaves[place]) - 1)), data.draw(st.integers(0, 7))
        changed = bytearray(leaves[place])
        changed[at] ^= 1 << bit
        leaves[place] = bytes(changed).replace(b"\n", b"\x00")
    elif deed == "drop":
        del leaves[place]
    elif deed == "swap":
        other = data.draw(st.integers(0, len(leaves) - 1).filter(lambda n: n != place))
        leaves[place], leaves[other] = leaves[other], leaves[place]
    elif deed == "insert":
        leaves.insert(place, opened().add(*votes(1, 99)).leaves[-1])
    elif deed == "repeat":
        leaves.insert(place, leaves[place])
    elif deed == "cut":
        del leaves[place:]
    else:
        leaves.append(opened().add(*votes(1, 99)).leaves[-1])
    assert _found(leaves, keep_hashes)


def test_nothing_done_is_nothing_found() -> None:
    assert not _found(list(LOG.leaves), True)
    assert not _found(list(LOG.leaves), False)


@given(st.sets(st.integers(0, len(LOG.leaves) - 1)))
def test_erasing_private_parts_leaves_the_record_verifying(erased: set[int]) -> None:
    kept = [n for n in range(len(LOG.leaves)) if n not in erased]
    found = audit(LOG.parts(private=kept))
    assert found.authentic
    assert found.sealed == len(kept)


@given(st.data())
def test_a_sealed_part_changed_in_any_way_is_found(data: st.DataObject) -> None:
    seq = data.draw(st.integers(4, len(LOG.leaves) - 1))
    sealed = LOG.sealed[seq]
    salt = bytearray(sealed.salt)
    salt[data.draw(st.integers(0, 31))] ^= 1
    word = data.draw(texts.filter(lambda t: t != sealed.private["clerk"]))
    for wrong in (
        replace(sealed, salt=bytes(salt)),
        replace(sealed, private={**sealed.private, "clerk": word}),
    ):
        parts: Parts = replace(LOG.parts(), sealed=(wrong,))
        assert [f.code for f in audit(parts).findings] == ["record.seal"]


@given(st.lists(st.integers(0, 6), max_size=9).map(lambda ns: [bytes([n]) for n in ns]), st.data())
def test_lists_differ_exactly_where_something_is_named(true: list[bytes], data: st.DataObject) -> None:
    found = data.draw(st.just(true) | st.lists(st.sampled_from([*true, b"new"]), max_size=9))
    assert bool(differences(true, found)) == (true != found)


members = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(["BE", "DE", "NL"]), min_size=1)


@given(members, st.data())
def test_one_more_witness_never_undoes_a_quorum(countries: dict[str, str], data: st.DataObject) -> None:
    some = data.draw(st.sets(st.sampled_from(sorted(countries))))
    found = quorum(countries, frozenset(some))
    assert found.final == (
        2 * len(some) > len(countries) and {countries[m] for m in some} == set(countries.values())
    )
    if found.final:
        assert quorum(countries, frozenset(countries)).final
        for member in countries:
            assert quorum(countries, frozenset(some | {member})).final


@given(members, st.data())
def test_the_final_part_is_the_longest_that_a_quorum_has_seen(
    countries: dict[str, str], data: st.DataObject
) -> None:
    sizes = {m: data.draw(st.integers(1, 9)) for m in data.draw(st.sets(st.sampled_from(sorted(countries))))}
    final = final_size(countries, sizes)
    for size in range(1, 10):
        assert (size <= final) == quorum(countries, frozenset(m for m, n in sizes.items() if n >= size)).final
