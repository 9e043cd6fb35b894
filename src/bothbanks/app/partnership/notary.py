"""The host's key files, and the signing of the record's heads.

A key is made when the partnership opens, and lies in DATA/keys, readable by its owner only; its public half
stands in the record. Whoever holds it can sign heads, but not two for one size without a witness noticing.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bothbanks.app.partnership.desk import signs_as
from bothbanks.app.partnership.live import Partnership
from bothbanks.civic.compact.roles import CLOCK
from bothbanks.record.leaf import read
from bothbanks.record.note import HOST, Head, Key, Note, Secret, Signature, signed
from bothbanks.record.registry import Registry, key_change, registry
from bothbanks.record.tree import edge, root
from bothbanks.store.interface import Checkpoint, Reading, Store
from bothbanks.words.errors import BothbanksError, InputError

LOG = logging.getLogger("bothbanks")
PAUSE = timedelta(seconds=1)
"""Heads follow one another no faster than this, unless somebody asks for one."""


def subject(region: str) -> str:
    """What the record's entries about itself are about."""
    return f"record/{region}"


def first_key(data: Path, region: str) -> Secret:
    """Make the key with which a record opens. Its name is the log's origin, bound to the key itself."""
    seed = secrets.token_bytes(32)
    public = Secret.made("new", HOST, seed).key.public
    origin = f"bothbanks/{region}/{hashlib.sha256(public).hexdigest()[:8]}"
    return _kept(data, Secret.made(origin, HOST, seed))


def secret_of(data: Path, key: Key) -> Secret:
    """The private half of a host key.

    Raises
    ------
    InputError
        The file isn't there, or isn't this key's.
    """
    path = _path(data, key)
    try:
        secret = Secret.read(path.read_text(encoding="ascii"))
    except OSError as error:
        raise InputError(
            "record.key-missing",
            f"the record's key {key.id.hex()} can't be read from {path} ({error.strerror}). Heads can't be "
            "signed until it is back: restore DATA/keys from the backup.",
        ) from None
    if secret.key != key:
        raise InputError("record.key-missing", f"{path} holds another key than the record's {key.id.hex()}")
    return secret


def own_registry(store: Reading, region: str) -> Registry:
    """The keys and members, as the record's entries about itself say. Raises InputError where it has none."""
    return registry((e.seq, e.kind, read(e.leaf).body) for e in store.entries_about(subject(region)))


def sign_head(partnership: Partnership) -> Checkpoint:
    """Sign the head of a live partnership's record if it has grown since; see `sign_store`."""
    return sign_store(partnership.store, partnership.data, partnership.region.id, partnership.clock())


def sign_store(store: Store, data: Path, region: str, at: datetime) -> Checkpoint:
    """Sign the head of the record if it has grown since; the latest signed head.

    Where two people have asked for a new key, it is made first, and the old one signs for it.

    Raises
    ------
    InputError
        The key file is missing.
    FullError
        The disk is full.
    """
    with store.reading() as reading:
        latest = reading.latest_checkpoint()
        if latest is not None and latest.size == reading.record_size():
            return latest
    with store.writing() as writing:
        keys = own_registry(writing, region)
        secret = secret_of(data, keys.host[-1].key)
        if keys.key_asked:
            new = _kept(data, Secret.made(secret.name, HOST, secrets.token_bytes(32)))
            entry = key_change(keys.origin, secret, new.key, subject(region))
            writing.append(entry, at, signs_as(CLOCK), CLOCK.person)
            secret = new
        size, latest = writing.record_size(), writing.latest_checkpoint()
        if latest is not None and latest.size == size:
            return latest
        head = Head(keys.origin, size, root(size, writing.nodes(edge(size)).__getitem__))
        made = Checkpoint(size, head.root, str(signed(head, secret)))
        writing.keep_checkpoint(made.size, made.root, made.note)
    return made


def served(store: Reading, checkpoint: Checkpoint) -> Note:
    """The signed head with the cosignatures that have come in."""
    lines = (Signature.read(c.line) for c in store.cosignatures(checkpoint.size))
    return Note.read(checkpoint.note).with_signatures(lines)


@dataclass
class Notary:
    """Signs after each change, but no more than once a second; who asks for a head gets a fresh one."""

    partnership: Partnership
    _last: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def changed(self) -> None:
        """Called after a change was committed. Never fails: the change is kept, and signed later."""
        now = self.partnership.clock()
        with self._lock:
            if self._last is not None and timedelta(0) <= now - self._last < PAUSE:
                return
            self._last = now
        try:
            sign_head(self.partnership)
        except (BothbanksError, OSError):
            LOG.exception("the head of the record could not be signed; the next change tries again")


def _path(data: Path, key: Key) -> Path:
    return data / "keys" / f"record-{key.id.hex()}.key"


def _kept(data: Path, secret: Secret) -> Secret:
    path = _path(data, secret.key)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_secret(path, secret)
    return secret


def write_secret(path: Path, secret: Secret) -> None:
    """A key file, new, for its owner only, on the disk before this returns."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secret.text + "\n")
        file.flush()
        os.fsync(file.fileno())
