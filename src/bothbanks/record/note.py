"""Signed notes, checkpoints and cosignatures as C2SP writes them, with Ed25519.

Sources: C2SP signed-note (note format, key ids, verifier keys; signature type 0x01), tlog-checkpoint (origin,
size, root) and tlog-cosignature (Ed25519, signature type 0x04: a witness signs a time and the note's text).
"""

from __future__ import annotations

import binascii
import hashlib
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bothbanks.record.tree import HASH_BYTES
from bothbanks.words.errors import InputError

HOST, WITNESS = 0x01, 0x04
"""Signature types: a log's own signature, and a witness's cosignature with its time."""
MAX_SIGNATURES = 64
MAX_NOTE_BYTES = 64 * 1024
_DASH = "— "
_SECRET = "PRIVATE+KEY+"


@dataclass(frozen=True)
class Key:
    """A public key with its name: what a signature line is looked up by.

    Examples
    --------
    The example of C2SP signed-note:

    >>> key = Key.read("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    >>> key.name, key.type, key.id.hex()
    ('example.com/foo', 1, '530d903a')
    """

    name: str
    type: int
    public: bytes

    @property
    def id(self) -> bytes:
        """First four bytes of SHA-256 over name, newline, signature type and public key."""
        named = self.name.encode() + b"\n" + bytes((self.type,)) + self.public
        return hashlib.sha256(named).digest()[:4]

    @property
    def text(self) -> str:
        """The verifier key, ``name+id+base64``."""
        return f"{self.name}+{self.id.hex()}+{_base64(bytes((self.type,)) + self.public)}"

    @classmethod
    def read(cls, text: str) -> Key:
        """Read a verifier key of either type.

        Raises
        ------
        InputError
            Another form or type, or an id that isn't that of name and key.
        """
        name, _, rest = text.partition("+")
        found, _, packed = rest.partition("+")
        try:
            raw = _unbase64(packed)
        except InputError:
            raw = b""
        if len(raw) != 33 or raw[0] not in (HOST, WITNESS) or not _nameable(name):
            raise InputError(
                "record.key",
                f"{text[:80]!r} is no public key; expected name+id+base64 with an Ed25519 key (C2SP)",
            )
        key = cls(name, raw[0], raw[1:])
        if found != key.id.hex():
            raise InputError(
                "record.key",
                f"the key '{name}' says its id is {found}, but it is {key.id.hex()}: a slip in copying?",
            )
        return key


@dataclass(frozen=True, repr=False)
class Secret:
    """A private key: signs notes (type 0x01) or co-signs them (0x04)."""

    name: str
    type: int
    seed: bytes

    @classmethod
    def made(cls, name: str, type: int, seed: bytes) -> Secret:
        """A key from 32 random bytes. Raises InputError for a name with spaces or '+', or another length."""
        if len(seed) != 32 or not _nameable(name):
            raise InputError("record.key", f"no key can be made for the name '{name}' from {len(seed)} bytes")
        return cls(name, type, seed)

    @property
    def key(self) -> Key:
        """The public half."""
        public = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return Key(self.name, self.type, public)

    @property
    def text(self) -> str:
        """What the key file holds: ``PRIVATE+KEY+name+id+base64`` (as Go's sumdb/note writes it)."""
        return f"{_SECRET}{self.name}+{self.key.id.hex()}+{_base64(bytes((self.type,)) + self.seed)}"

    @classmethod
    def read(cls, text: str) -> Secret:
        """Read a key file's line. Raises InputError; the message never holds the key."""
        name, _, rest = text.strip().removeprefix(_SECRET).partition("+")
        found, _, packed = rest.partition("+")
        try:
            raw = _unbase64(packed)
        except InputError:
            raw = b""
        if not text.startswith(_SECRET) or len(raw) != 33 or raw[0] not in (HOST, WITNESS):
            raise InputError("record.key", "a key file doesn't hold PRIVATE+KEY+name+id+base64")
        secret = cls.made(name, raw[0], raw[1:])
        if secret.key.id.hex() != found:
            raise InputError("record.key", f"the key file of '{name}' is damaged: its id doesn't fit the key")
        return secret

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of an Ed25519 signature (RFC 8032)."""
        return self._private.sign(message)

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


@dataclass(frozen=True)
class Signature:
    """One signature line: whose, and its bytes (for a witness: eight of time, then 64)."""

    name: str
    key_id: bytes
    blob: bytes

    @property
    def line(self) -> str:
        """As it stands in a note, newline included."""
        return f"{_DASH}{self.name} {_base64(self.key_id + self.blob)}\n"

    @classmethod
    def read(cls, line: str) -> Signature:
        """Read one line (with or without its newline). Raises InputError."""
        name, _, packed = line.removesuffix("\n").removeprefix(_DASH).partition(" ")
        raw = _unbase64(packed) if packed else b""
        if not line.startswith(_DASH) or len(raw) < 5 or not _nameable(name):
            raise InputError("record.note", f"{line[:60].strip()!r} is no signature line of a note")
        return cls(name, raw[:4], raw[4:])

    @property
    def at(self) -> datetime | None:
        """When a witness says it signed; None for a signature that holds no time."""
        if len(self.blob) != 72:
            return None
        try:
            return datetime.fromtimestamp(int.from_bytes(self.blob[:8], "big"), UTC)
        except (OverflowError, ValueError, OSError):
            return None

    def by(self, key: Key, text: str) -> bool:
        """Whether this key made this signature over the text of a note."""
        if (self.name, self.key_id) != (key.name, key.id):
            return False
        message, blob = text.encode(), self.blob
        if key.type == WITNESS:
            message, blob = _cosigned(int.from_bytes(blob[:8], "big"), text), blob[8:]
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(blob, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Note:
    """A text and the signatures under it. The text ends in a newline; nothing is checked yet."""

    text: str
    signatures: tuple[Signature, ...] = ()

    def __str__(self) -> str:
        return self.text + "\n" + "".join(signature.line for signature in self.signatures)

    def with_signatures(self, more: Iterable[Signature]) -> Note:
        """The note with further signatures; one that is there already isn't repeated."""
        return replace(self, signatures=tuple(dict.fromkeys((*self.signatures, *more))))

    def signed_by(self, key: Key) -> Signature | None:
        """The signature of this key that holds, if there is one."""
        return next((s for s in self.signatures if s.by(key, self.text)), None)

    @classmethod
    def read(cls, text: str) -> Note:
        """Read a note.

        Raises
        ------
        InputError
            Control characters, no blank line before the signatures, no signature, a line that is none, or too
            many or too much of them.
        """
        body, blank, lines = text.rpartition("\n\n")
        if (
            not blank
            or not lines.endswith("\n")
            or len(text.encode("utf-8", "surrogatepass")) > MAX_NOTE_BYTES
            or any((ord(c) < 32 and c != "\n") or 0xD800 <= ord(c) <= 0xDFFF for c in text)
        ):
            raise InputError("record.note", "this is no signed note: text, a blank line, signature lines")
        found = tuple(Signature.read(line) for line in lines.removesuffix("\n").split("\n"))
        if len(found) > MAX_SIGNATURES:
            raise InputError("record.note", f"a note with {len(found)} signatures; at most {MAX_SIGNATURES}")
        return cls(body + "\n", found)


@dataclass(frozen=True)
class Head:
    """What a checkpoint says: which log, how many entries, which root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The three lines that are signed (C2SP tlog-checkpoint)."""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"

    @classmethod
    def read(cls, text: str) -> Head:
        """Read the text of a checkpoint. Extension lines, which nobody could audit, are refused.

        Raises
        ------
        InputError
            Not three lines, no plain whole number, no 32 bytes of root.
        """
        lines = text.split("\n")
        if len(lines) == 4 and lines[0] and not lines[3] and lines[1].isascii() and lines[1].isdigit():
            root = _unbase64(lines[2])
            head = cls(lines[0], int(lines[1][:18]), root)
            if len(root) == HASH_BYTES and head.text == text:
                return head
        raise InputError(
            "record.checkpoint", f"no checkpoint of origin, size and root: {text[:80].strip()!r}"
        )


def signed(head: Head, secret: Secret) -> Note:
    """The checkpoint with its log's own signature."""
    return Note(head.text, (Signature(secret.name, secret.key.id, secret.sign(head.text.encode())),))


def cosigned(text: str, secret: Secret, at: datetime) -> Signature:
    """A witness's cosignature of a checkpoint's text, at that moment (whole seconds)."""
    seconds = int(at.timestamp())
    blob = seconds.to_bytes(8, "big") + secret.sign(_cosigned(seconds, text))
    return Signature(secret.name, secret.key.id, blob)


def _cosigned(seconds: int, text: str) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _nameable(name: str) -> bool:
    return bool(name) and not any(c.isspace() or c == "+" or unicodedata.category(c)[0] == "C" for c in name)


def _base64(raw: bytes) -> str:
    return b64encode(raw).decode("ascii")


def _unbase64(text: str) -> bytes:
    """Base64 in its one canonical form: another spelling of the same bytes would be a second signature."""
    try:
        raw = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = None
    if raw is None or _base64(raw) != text:
        raise InputError("record.base64", f"{text[:60]!r} isn't base64 (RFC 4648, section 4)")
    return raw
