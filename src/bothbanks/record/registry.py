"""Whose keys count, read from the record itself: the host's, in order, and each member's witness's.

All of it stands in entries about one subject ('record/<region>'), so that an export proves its own keys:

``record.opened``            origin, key (the host's first), members (id -> country)
``record.members``           members (id -> country), when they change
``record.witness``           member, key (registered by two people)
``record.witness-withdrawn`` member
``record.key-asked``         nothing more: two people want a new host key
``record.key``               old, new, signature: the old key signs for the new one
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bothbanks.record.entries import Entry
from bothbanks.record.leaf import canonical
from bothbanks.record.note import HOST, WITNESS, Key, Secret, Signature
from bothbanks.words.errors import InputError

OPENED, MEMBERS = "record.opened", "record.members"
WITNESSED, WITHDRAWN = "record.witness", "record.witness-withdrawn"
KEY_ASKED, KEY_CHANGED = "record.key-asked", "record.key"


@dataclass(frozen=True)
class Since:
    """A key and the entry that made it count: it signs heads of more than ``seq`` entries."""

    seq: int
    key: Key


@dataclass(frozen=True)
class Registry:
    """The keys and members of one record, as its entries up to some point say."""

    origin: str
    host: tuple[Since, ...]
    members: Mapping[str, str] = field(default_factory=dict)  # id -> country
    witnesses: Mapping[str, tuple[Since, ...]] = field(default_factory=dict)
    withdrawn: Mapping[str, int] = field(default_factory=dict)  # member -> entry
    key_asked: bool = False

    def host_key(self, size: int) -> Key | None:
        """The key that signs a head of so many entries."""
        return next((s.key for s in reversed(self.host) if s.seq < size), None)

    def witness_key(self, member: str, size: int) -> Key | None:
        """The key with which a member's witness co-signs a head of so many entries."""
        found = next((s for s in reversed(self.witnesses.get(member, ())) if s.seq < size), None)
        if found is None or found.seq < self.withdrawn.get(member, -1) < size:
            return None
        return found.key

    def cosigner(self, signature: Signature, size: int, text: str) -> str | None:
        """The member whose witness made this cosignature of a head of so many entries."""
        for member in self.witnesses:
            key = self.witness_key(member, size)
            if key is not None and signature.by(key, text):
                return member
        return None


def registry(entries: Iterable[tuple[int, str, Mapping[str, Any]]]) -> Registry:
    """Read (seq, kind, body) of the record's own entries, in order.

    Raises
    ------
    InputError
        The record wasn't opened; it was opened twice; a key can't be read or stands for another member's
        witness too; a new host key isn't signed for by the old one.
    """
    found: Registry | None = None
    for seq, kind, body in entries:
        if kind == OPENED:
            if found is not None:
                raise InputError("record.registry", f"entry {seq} opens the record a second time")
            found = Registry(_text(body, "origin", seq), (Since(seq, _host_key(body, "key", seq)),))
            found = replace(found, members=_members(body, seq))
        elif found is not None:
            found = after(found, seq, kind, body)
    if found is None:
        raise InputError("record.registry", f"the record has no entry '{OPENED}' that names its key")
    return found


def after(found: Registry, seq: int, kind: str, body: Mapping[str, Any]) -> Registry:
    """The registry after one more entry of the record about itself. Raises InputError, as `registry`."""
    if kind == MEMBERS:
        return replace(found, members=_members(body, seq))
    if kind == WITNESSED:
        member, key = _text(body, "member", seq), Key.read(_text(body, "key", seq))
        taken = [m for m, keys in found.witnesses.items() if m != member and key.public in _publics(keys)]
        if key.type != WITNESS or taken or key.public in _publics(found.host):
            raise InputError(
                "record.registry", f"entry {seq} registers a witness key that another signs with"
            )
        before = found.witnesses.get(member, ())
        withdrawn = {m: at for m, at in found.withdrawn.items() if m != member}
        return replace(
            found, witnesses={**found.witnesses, member: (*before, Since(seq, key))}, withdrawn=withdrawn
        )
    if kind == WITHDRAWN:
        return replace(found, withdrawn={**found.withdrawn, _text(body, "member", seq): seq})
    if kind == KEY_ASKED:
        return replace(found, key_asked=True)
    if kind == KEY_CHANGED:
        new = followed(found.host[-1].key, body, found.origin)
        return replace(found, host=(*found.host, Since(seq, new)), key_asked=False)
    return found


def key_change(origin: str, old: Secret, new: Key, subject: str) -> Entry:
    """The entry by which the old host key signs for the new one."""
    signature = b64encode(old.sign(_statement(origin, old.key, new))).decode()
    return Entry(KEY_CHANGED, subject, {"old": old.key.text, "new": new.text, "signature": signature})


def followed(old: Key, body: Mapping[str, Any], origin: str) -> Key:
    """The new host key, where the old one signed for it.

    Raises
    ------
    InputError
        The change isn't from this key, or its signature doesn't hold.
    """
    new = _host_key(body, "new", -1)
    try:
        blob = b64decode(str(body.get("signature")), validate=True)
    except ValueError:
        blob = b""
    probe = Signature(old.name, old.id, blob)
    if body.get("old") != old.text or not probe.by(old, _statement(origin, old, new).decode()):
        raise InputError("record.key", f"the new host key '{new.text}' isn't signed for by '{old.text}'")
    return new


def keys_json(found: Registry, changes: Iterable[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """The keys as plain JSON: what ``/record/keys`` answers and ``keys.json`` in an export holds."""
    return {
        "origin": found.origin,
        "members": dict(found.members),
        "host": [{"key": s.key.text, "entry": s.seq} for s in found.host],
        "changes": [dict(change) for change in changes],
        "witnesses": [
            {"member": member, "key": s.key.text, "entry": s.seq}
            for member, keys in found.witnesses.items()
            for s in keys
        ],
        "withdrawn": dict(found.withdrawn),
    }


def _statement(origin: str, old: Key, new: Key) -> bytes:
    """What the old key signs: canonical JSON, so that it can't be taken for a checkpoint."""
    return canonical({"bothbanks": "key-change/v1", "origin": origin, "old": old.text, "new": new.text})


def _text(body: Mapping[str, Any], name: str, seq: int) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise InputError("record.registry", f"entry {seq} of the record's keys has no text '{name}'")
    return value


def _host_key(body: Mapping[str, Any], name: str, seq: int) -> Key:
    key = Key.read(_text(body, name, seq))
    if key.type != HOST:
        raise InputError("record.registry", f"the host's key '{key.text}' is that of a witness")
    return key


def _members(body: Mapping[str, Any], seq: int) -> dict[str, str]:
    members = body.get("members")
    if not isinstance(members, Mapping) or not all(isinstance(c, str) for c in members.values()):
        raise InputError("record.registry", f"entry {seq} doesn't name the members with their countries")
    return dict(members)


def _publics(keys: Iterable[Since]) -> set[bytes]:
    return {s.key.public for s in keys}
