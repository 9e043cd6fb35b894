"""A leaf: its exact bytes, and what its commitment gives away and proves."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from hashlib import sha256

import pytest

from bothbanks.record.entries import Entry
from bothbanks.record.leaf import canonical, commitment, instant, moment, opens, read, seal
from bothbanks.words.errors import InputError

AT = datetime(2026, 11, 1, 9, 30, 0, 5, tzinfo=UTC)
SALT = bytes(range(32))
ENTRY = Entry("members.joined", "member/mhl", {"share": 0.25, "name": "Müllern"}, {"clerk": "A. N. Other"})


def test_the_bytes_are_the_canonical_json_of_the_seven_fields() -> None:
    sealed = b'{"clerk":"A. N. Other","person":"p-1"}'
    assert seal(ENTRY, AT, "council@aac", "p-1", SALT).decode() == (
        '{"at":"2026-11-01T09:30:00.000005Z","body":{"name":"Müllern","share":0.25},"by":"council@aac",'
        f'"commitment":"{sha256(SALT + sealed).hexdigest()}",'
        '"kind":"members.joined","subject":"member/mhl","v":1}'
    )


def test_neither_the_person_nor_private_words_are_in_the_leaf() -> None:
    leaf = seal(ENTRY, AT, "council@aac", "p-1", SALT)
    assert not any(word in leaf for word in (b"p-1", b"Other"))
    assert opens(leaf, SALT, {"person": "p-1", "clerk": "A. N. Other"})
    assert not opens(leaf, SALT, {"person": "p-2", "clerk": "A. N. Other"})
    assert not opens(leaf, bytes(32), {"person": "p-1", "clerk": "A. N. Other"})


def test_an_entry_without_private_words_looks_the_same() -> None:
    plain = Entry("a.b", "c/1", {})
    assert set(json.loads(seal(plain, AT, "clock", "clock", SALT))) == set(
        json.loads(seal(ENTRY, AT, "clock", "clock", SALT))
    )


def test_reading_gives_back_what_was_sealed() -> None:
    leaf = read(seal(ENTRY, AT, "council@aac", "p-1", SALT))
    assert (leaf.at, leaf.by, leaf.kind, leaf.subject) == (AT, "council@aac", ENTRY.kind, ENTRY.subject)
    assert leaf.body == ENTRY.body
    assert leaf.commitment == commitment(SALT, {"person": "p-1", "clerk": "A. N. Other"})


def test_an_instant_is_written_in_utc_with_six_decimals() -> None:
    aachen = timezone(timedelta(hours=2))
    assert instant(datetime(2026, 7, 1, 10, tzinfo=aachen)) == "2026-07-01T08:00:00.000000Z"
    assert moment(instant(AT)) == AT
    for text in ("2026-11-01T09:30:00Z", "2026-11-01T09:30:00.000000+00:00", "yesterday"):
        with pytest.raises(InputError, match=r"record\.instant"):
            moment(text)
    with pytest.raises(InputError, match="no time zone"):
        instant(datetime(2026, 7, 1))


@pytest.mark.parametrize("value", [Fraction(1, 3), 2**53, float("nan"), {1: "a"}, {"a": b"x"}, "\ud800"])
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(InputError, match=r"record\.json"):
        canonical(value)


def test_a_private_person_key_and_a_short_salt_are_refused() -> None:
    with pytest.raises(InputError, match="private key 'person'"):
        seal(Entry("a.b", "c/1", {}, {"person": "x"}), AT, "clock", "clock", SALT)
    with pytest.raises(InputError, match=r"record\.salt"):
        seal(ENTRY, AT, "clock", "clock", b"short")


def test_large_floats_which_json_writes_like_whole_numbers_read_back() -> None:
    for number in (2.0**53, 1e16, 123456789012345680000.0, 1e21, -(2.0**60)):
        assert read(seal(Entry("a.b", "c/1", {"n": number}), AT, "clock", "clock", SALT)).body == {
            "n": number
        }


GOOD = seal(ENTRY, AT, "council@aac", "p-1", SALT)


@pytest.mark.parametrize(
    "leaf",
    [
        b"\xff",
        b"[]",
        b"{}",
        GOOD.replace(b'"v":1', b'"v":2'),
        GOOD.replace(b'"v":1', b'"v":true'),
        GOOD.replace(b'{"at"', b'{ "at"'),
        GOOD.replace(b'"council@aac"', b"7"),
        GOOD.replace(b"000005Z", b"5Z"),
        GOOD.replace(b'"commitment":"', b'"commitment":"zz'),
        GOOD.replace(b'"by"', b'"bye"'),
        b"[" * 100_000,
    ],
)
def test_bytes_that_were_not_sealed_are_refused(leaf: bytes) -> None:
    with pytest.raises(InputError, match=r"record\."):
        read(leaf)
