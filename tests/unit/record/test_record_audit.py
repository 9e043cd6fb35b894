"""An export is verified alone; what was done to it is found and named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from record_cases import HOST_SECRET, ORIGIN, SUBJECT, WITNESS_SECRETS, Book, opened, votes

from bothbanks.record.audit import Audit, against_leaves, against_note, audit
from bothbanks.record.entries import Entry
from bothbanks.record.export import HASHES, LEAVES, MANIFEST, read_parts
from bothbanks.record.note import HOST, Secret
from bothbanks.record.registry import KEY_ASKED, key_change
from bothbanks.record.tree import leaf_hash
from bothbanks.words.errors import InputError


def whole() -> Book:
    """Twelve entries, three heads: the second co-signed by one witness, the last by two."""
    book = opened().add(*votes(2)).sign()
    book.add(*votes(2, 2)).sign("dur")
    return book.add(*votes(4, 4)).sign("aac", "mhl")


def codes(found: Audit) -> list[str]:
    return [f.code.removeprefix("record.") for f in found.findings]


def test_an_untouched_export_verifies() -> None:
    found = audit(whole().parts(private=(5, 7)))
    assert found.authentic, found.findings
    assert (found.size, found.final, found.sealed) == (12, 12, 2)
    assert [h.size for h in found.heads] == [6, 8, 12]
    assert found.quorum.missing == ("dur",)
    assert {m: v.size for m, v in found.witnesses.items()} == {"aac": 12, "dur": 8, "mhl": 12}


def test_without_the_private_parts_everything_else_still_verifies() -> None:
    assert audit(whole().parts()).authentic


def test_a_forged_entry_is_named() -> None:
    book = whole()
    book.leaves[7] = book.leaves[7].replace(b'"number":3', b'"number":9')
    files = book.files() | {HASHES: whole().files()[HASHES]}
    found = audit(read_parts(files))
    assert codes(found) == ["forged"]
    assert "Entry 7" in found.findings[0].words
    assert "'votes.opened' about vote/3" in found.findings[0].words


def test_a_forger_who_rewrites_the_hashes_is_found_between_two_heads() -> None:
    book = whole()
    book.leaves[7] = book.leaves[7].replace(b'"number":3', b'"number":9')
    found = audit(book.parts())
    assert codes(found) == ["forged"]
    assert "one of the entries 6 to 7" in found.findings[0].words


def test_dropped_moved_slipped_in_and_cut_off_entries_are_named() -> None:
    def touched(change: object) -> list[str]:
        book = whole()
        listed = book.files()[HASHES]
        change(book.leaves)  # type: ignore[operator]
        found = audit(read_parts(book.files() | {HASHES: listed}))
        return [f.words for f in found.findings]

    extra = opened().add(*votes(1, 50)).leaves[-1]
    assert touched(lambda leaves: leaves.pop(6)) == ["Entry 6 is missing."]
    assert touched(lambda leaves: leaves.__delitem__(slice(10, 12))) == [
        "Entries 10 to 11 are missing at the end: the record was cut off."
    ]
    (slipped_in,) = [w for w in touched(lambda leaves: leaves.append(extra)) if "dated" not in w]
    assert slipped_in.startswith("What stands in place 12 isn't in the record (it says 'votes.opened'")

    def swap(leaves: list[bytes]) -> None:
        leaves[8], leaves[9] = leaves[9], leaves[8]

    words = touched(swap)
    assert any("before entry 8" in w for w in words)
    assert any("the order was changed" in w for w in words)


def test_a_head_that_the_host_did_not_sign_is_found() -> None:
    book = whole()
    book.add(*votes(1, 90)).sign(host=Secret.made(ORIGIN, HOST, b"x" * 32))
    assert codes(audit(book.parts())) == ["signature"]


def test_entries_under_no_head_are_found() -> None:
    found = audit(whole().add(*votes(1, 90)).parts())
    assert codes(found) == ["unsigned"]
    assert "Entries 12 to 12" in found.findings[0].words
    assert codes(audit(opened().parts())) == ["unsigned"]


def test_two_heads_for_one_size_are_a_split() -> None:
    book = opened().add(*votes(2)).sign("aac")
    twin = opened().add(*votes(1), *votes(1, 77)).sign("mhl")
    files = book.files() | {"record/checkpoints/000000000099.txt": str(twin.notes[0]).encode()}
    assert "split" in codes(audit(read_parts(files)))


def test_a_false_cosignature_is_found_and_an_unknown_one_is_not_counted() -> None:
    book = whole()
    good = book.notes[-1]
    false = replace(good.signatures[1], blob=good.signatures[2].blob)
    book.notes[-1] = replace(good, signatures=(good.signatures[0], false))
    assert codes(audit(book.parts())) == ["cosignature"]
    book.notes[-1] = replace(good, signatures=(good.signatures[0], replace(false, name="someone")))
    found = audit(book.parts())
    assert found.authentic
    assert found.final == 0


def test_a_private_part_that_does_not_fit_is_found() -> None:
    book = whole()
    book.sealed[7] = replace(book.sealed[7], private={"person": "p-2", "clerk": "clerk 3"})
    found = audit(book.parts(private=(5, 7)))
    assert (codes(found), found.sealed) == (["seal"], 1)


def test_trusted_keys_must_stand_in_the_record_and_alone_count() -> None:
    keys = frozenset({HOST_SECRET.key, WITNESS_SECRETS["aac"].key})
    found = audit(whole().parts(), trusted=keys)
    assert found.authentic
    assert found.final == 0
    assert set(found.witnesses) == {"aac"}
    assert len(found.notices) == 2
    stranger = Secret.made(ORIGIN, HOST, b"s" * 32).key
    assert codes(audit(whole().parts(), trusted=frozenset({stranger}))) == ["key-not-trusted"] * 2


def test_a_changed_host_key_is_followed_and_an_unsigned_change_is_not() -> None:
    new = Secret.made(ORIGIN, HOST, b"n" * 32)
    book = whole().add(Entry(KEY_ASKED, SUBJECT, {}), key_change(ORIGIN, HOST_SECRET, new.key, SUBJECT))
    assert audit(book.sign(host=new).parts()).authentic
    old_signs_on = whole().add(key_change(ORIGIN, HOST_SECRET, new.key, SUBJECT)).sign()
    assert codes(audit(old_signs_on.parts())) == ["signature"]
    usurped = whole().add(key_change(ORIGIN, new, new.key, SUBJECT))
    with pytest.raises(InputError, match="isn't signed for by"):
        usurped.keys()


def test_two_exports_that_part_are_named_at_the_first_entry() -> None:
    mine, other = whole(), opened().add(*votes(2), *votes(2, 40)).sign("mhl")
    assert audit(other.parts()).authentic
    (found,) = against_leaves(mine.parts(), other.parts())
    assert found.code == "record.split"
    assert "part at entry 6: 'votes.opened' about vote/2 against 'votes.opened' about vote/40" in found.words
    assert against_leaves(mine.parts(), whole().add(*votes(1, 90)).sign().parts()) == []


def test_what_a_witness_kept_is_compared() -> None:
    mine = whole()
    found = audit(mine.parts())
    assert against_note(mine.parts(), mine.notes[1], found) == ([], [])
    other = opened().add(*votes(2), *votes(2, 40)).sign("mhl")
    findings, _ = against_note(mine.parts(), other.notes[0], found)
    assert [f.code for f in findings] == ["record.split"]
    longer = whole().add(*votes(1, 90)).sign()
    findings, notices = against_note(mine.parts(), longer.notes[-1], found)
    assert findings == []
    assert "has seen 13 entries; this record has 12" in notices[0]


def test_an_instant_that_goes_back_is_found() -> None:
    book = whole()
    book.leaves[6], book.leaves[7] = book.leaves[7], book.leaves[6]
    book.notes.clear()
    assert codes(audit(book.sign("aac", "mhl").parts())) == ["order"]


def test_what_is_no_export_is_refused() -> None:
    for files in ({}, {MANIFEST: b"{}"}, {MANIFEST: b"[]", LEAVES: b""}, {LEAVES: b""}):
        with pytest.raises(InputError, match=r"record\.export"):
            read_parts(files)


def test_a_file_cut_off_in_the_middle_is_a_finding() -> None:
    files = whole().files()
    files[LEAVES] = files[LEAVES][:-40]
    assert {"parts", "leaf", "forged"} <= set(codes(audit(read_parts(files))))


def test_the_hashes_alone_altered_touch_no_entry() -> None:
    files = whole().files()
    files[HASHES] = files[HASHES].replace(leaf_hash(whole().leaves[3]).hex().encode(), b"0" * 64)
    assert codes(audit(read_parts(files))) == ["hashes"]
