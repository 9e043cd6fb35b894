"""The bytes of one leaf: canonical JSON of an entry, with a salted commitment in place of personal data."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785

from bothbanks.record.entries import Entry
from bothbanks.words.errors import InputError

VERSION = 1
SALT_BYTES = 32
FIELDS = frozenset({"v", "at", "by", "kind", "subject", "body", "commitment"})


def seal(entry: Entry, at: datetime, by: str, person: str, salt: bytes) -> bytes:
    """The leaf of an entry: canonical JSON (RFC 8785, UTF-8) of v, at, by, kind, subject, body, commitment.

    ``at`` is written in UTC as ``YYYY-MM-DDThh:mm:ss.ffffffZ``, always with six decimals, so that text order
    is time order. ``by`` is the role that acted, ``role@member`` ('council@aac', 'clock'), never a person.
    Who the person was goes into the sealed part, {"person": person, **entry.private}, of which the leaf holds
    only the `commitment`. That field is there for every entry, with or without private words, so that its
    presence tells nothing.

    Raises
    ------
    InputError
        The instant has no time zone; a value isn't plain JSON; the private part has a key ``person`` of its
        own, which would hide who acted; the salt is shorter than 32 bytes.

    Examples
    --------
    >>> entry = Entry("votes.opened", "vote/7", {"question": "budget"})
    >>> leaf = seal(entry, datetime(2026, 11, 1, 9, tzinfo=UTC), "council@aac", "p1", bytes(32))
    >>> print(leaf.decode()[:75])
    {"at":"2026-11-01T09:00:00.000000Z","body":{"question":"budget"},"by":"coun
    >>> opens(leaf, bytes(32), {"person": "p1"})
    True
    """
    return canonical(
        {
            "v": VERSION,
            "at": instant(at),
            "by": by,
            "kind": entry.kind,
            "subject": entry.subject,
            "body": entry.body,
            "commitment": commitment(salt, sealed_part(entry, person)),
        }
    )


def sealed_part(entry: Entry, person: str) -> dict[str, Any]:
    """What the commitment of an entry covers: who acted, and its private words.

    Raises
    ------
    InputError
        The private part has a key ``person`` of its own.
    """
    private = dict(entry.private or {})
    if "person" in private:
        raise InputError(
            "record.private-person",
            f"entry '{entry.kind}' has a private key 'person'; that name is kept for the one who acted. "
            "Give the other person a key that says who they are ('holder', 'deputy').",
        )
    return {"person": person, **private}


def commitment(salt: bytes, private: Mapping[str, Any]) -> str:
    """SHA-256, in lower-case hex, over the salt followed by the canonical JSON of the sealed part.

    The exact bytes hashed: the 32 bytes of the salt, then the UTF-8 text that RFC 8785 gives for ``private``
    (for seals made here: {"person": ..., and the entry's private keys}), nothing between or after them. With
    256 random bits of salt the hash hides even a yes or no (it can't be tried out), and once salt and
    private part are deleted nothing is left to check a guess against.

    Raises
    ------
    InputError
        The salt is shorter than 32 bytes, or a value isn't plain JSON.

    Examples
    --------
    >>> commitment(bytes(32), {"person": "p1"})[:16]
    '3c50efd97da6ad51'
    """
    if len(salt) < SALT_BYTES:
        raise InputError(
            "record.salt",
            f"a salt of {len(salt)} bytes could be guessed; expected {SALT_BYTES} random bytes or more",
        )
    return hashlib.sha256(salt + canonical(private)).hexdigest()


def opens(leaf: bytes, salt: bytes, private: Mapping[str, Any]) -> bool:
    """Whether these words, with this salt, are what the leaf was sealed over.

    Raises
    ------
    InputError
        The bytes are no leaf (see `read`), the salt is too short, or a value isn't plain JSON.
    """
    return hmac.compare_digest(read(leaf).commitment, commitment(salt, private))


@dataclass(frozen=True)
class Leaf:
    """A leaf read back: what the record says for ever."""

    at: datetime
    by: str
    kind: str
    subject: str
    body: Mapping[str, Any]
    commitment: str


def read(leaf: bytes) -> Leaf:
    """Read the bytes of a leaf, refusing everything that `seal` couldn't have written.

    Raises
    ------
    InputError
        Not JSON, a key missing or unknown, a value of another type, another version, or not the canonical
        bytes of its content.
    """
    try:
        data = parsed(leaf)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InputError("record.leaf", f"a leaf isn't JSON: {error}") from None
    if not isinstance(data, dict) or set(data) != FIELDS:
        found = ", ".join(sorted(data)) if isinstance(data, dict) else type(data).__name__
        raise InputError("record.leaf", f"a leaf has {found}; expected the keys {', '.join(sorted(FIELDS))}")
    wrong = [name for name in sorted(FIELDS - {"v", "body"}) if not isinstance(data[name], str)]
    wrong += [] if isinstance(data["body"], dict) else ["body"]
    if wrong:
        raise InputError("record.leaf", f"a leaf has values of another type in: {', '.join(wrong)}")
    if data["v"] is True or data["v"] != VERSION:
        raise InputError("record.leaf", f"a leaf of version {data['v']!r}; this program reads {VERSION}")
    seal_text = data["commitment"]
    if len(seal_text) != 64 or not set(seal_text) <= set("0123456789abcdef"):
        raise InputError("record.leaf", "a leaf's commitment isn't 64 lower-case hexadecimal digits")
    if canonical(data) != leaf:
        raise InputError("record.leaf", "a leaf isn't in canonical form (RFC 8785), so it wasn't sealed here")
    body: dict[str, Any] = data["body"]
    return Leaf(moment(data["at"]), data["by"], data["kind"], data["subject"], body, seal_text)


def instant(at: datetime) -> str:
    """An aware instant as the record writes it: UTC, six decimals, 'Z'.

    >>> instant(datetime(2026, 11, 1, 9, tzinfo=UTC))
    '2026-11-01T09:00:00.000000Z'
    """
    if at.tzinfo is None:
        raise InputError("record.instant", f"the instant {at.isoformat()} has no time zone; expected UTC")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def moment(text: str) -> datetime:
    """The instant written by `instant`; refuses any other way of writing it.

    >>> moment('2026-11-01T09:00:00.000000Z').isoformat()
    '2026-11-01T09:00:00+00:00'
    """
    try:
        at = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        at = None
    if at is None or instant(at) != text:
        raise InputError(
            "record.instant", f"the instant {text!r} isn't written like 2026-11-01T09:00:00.000000Z"
        )
    return at


def canonical(value: object) -> bytes:
    """The one way of writing a JSON value (RFC 8785), as UTF-8.

    Raises
    ------
    InputError
        A value that plain JSON can't hold without loss (a date, a fraction, a whole number beyond 2^53 - 1).

    Examples
    --------
    >>> canonical({"b": 1, "a": [True, None, 0.5]})
    b'{"a":[true,null,0.5],"b":1}'
    """
    try:
        return rfc8785.dumps(_plain(value))
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeEncodeError) as error:
        raise InputError("record.json", f"this value can't be put into the record as JSON: {error}") from None


def parsed(text: bytes | str) -> Any:
    """What `canonical` wrote, read back so that it gives the same bytes again. Raises ValueError.

    >>> canonical(parsed(canonical([2.0**53, 7])))
    b'[9007199254740992,7]'
    """
    return json.loads(text, parse_int=_whole)


def _whole(digits: str) -> int | float:
    """RFC 8785 writes floats from 2^53 to 10^21 without a point: they must come back as floats."""
    if len(digits) > 22:
        raise ValueError(f"a whole number of {len(digits)} digits")
    number = int(digits)
    return number if abs(number) < 2**53 else float(digits)


def _plain(value: object) -> Any:
    """Mappings and tuples as dict and list; whatever else is left for RFC 8785 to judge."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
