"""The record at work: its keys and witnesses, cosignatures, erasure, proofs, and what pages show of it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from bothbanks.app.partnership.commands import Command
from bothbanks.app.partnership.desk import Desk, Done, Reader
from bothbanks.app.partnership.notary import first_key, own_registry, served, subject
from bothbanks.app.partnership.opening import Opening
from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.roles import SECRETARIAT, Right
from bothbanks.record.entries import Entry
from bothbanks.record.export import Sealed, parts
from bothbanks.record.leaf import read
from bothbanks.record.note import WITNESS, Head, Key, Signature
from bothbanks.record.registry import (
    KEY_ASKED,
    KEY_CHANGED,
    MEMBERS,
    OPENED,
    WITHDRAWN,
    WITNESSED,
    after,
    keys_json,
)
from bothbanks.record.standing import Cosigned, Standing, standing
from bothbanks.record.tree import Node, edge, inclusion_path, leaf_hash, root
from bothbanks.store.interface import Kept, Logged, MissingError, Reading
from bothbanks.words.errors import InputError

KEEPERS = Right(frozenset({SECRETARIAT}))
ANYBODY = Right(anyone=True)
AHEAD = timedelta(minutes=5)
"""How far a witness's clock may be ahead of the host's."""


def opening(desk: Desk, opening: Opening) -> None:
    """Make the host's key and name it, with the members, in the record's first entries."""
    secret = first_key(opening.data, desk.region.id)
    body = {"origin": secret.name, "key": secret.key.text, "members": _countries(desk)}
    desk.record(Entry(OPENED, subject(desk.region.id), body))


@dataclass(frozen=True)
class RegisterWitness:
    """Register the key with which a member's witness co-signs the record."""

    member: str
    """The member whose witness it is."""
    key: str
    """The public key that 'bothbanks witness key' prints."""


def register_witness(desk: Desk, command: RegisterWitness) -> Done | Refusal:
    """Two people put a witness's key into the record; an earlier one stops counting from here on."""
    try:
        key = Key.read(command.key.strip())
        if key.type != WITNESS:
            raise InputError("record.key", "this is the key of a log, not of a witness")
        keys = own_registry(desk.store, desk.region.id)
        body = {"member": command.member, "key": key.text}
        if keys.witness_key(command.member, desk.store.record_size()) == key:
            return Refusal("record.known-key", "this key is registered already.", {}, "conflict")
        after(keys, desk.store.record_size(), WITNESSED, body)
    except InputError as error:
        return Refusal("record.witness-key", "this key can't be registered: {why}", {"why": error.message})
    desk.record(Entry(WITNESSED, subject(desk.region.id), body))
    return Done(subject(desk.region.id), body)


@dataclass(frozen=True)
class WithdrawWitness:
    """Withdraw the key of a member's witness, when it was lost or stolen."""

    member: str
    """The member whose witness it is."""


def withdraw_witness(desk: Desk, command: WithdrawWitness) -> Done | Refusal:
    """From here on the key counts no more; what it co-signed before stands."""
    keys = own_registry(desk.store, desk.region.id)
    if keys.witness_key(command.member, desk.store.record_size()) is None:
        return Refusal("record.no-witness", "this member has no witness key to withdraw.", {}, "missing")
    desk.record(Entry(WITHDRAWN, subject(desk.region.id), {"member": command.member}))
    return Done(subject(desk.region.id), {"member": command.member})


@dataclass(frozen=True)
class AskNewKey:
    """Ask for a new signing key of the host; the old one signs for it."""


def ask_new_key(desk: Desk, command: AskNewKey) -> Done | Refusal:
    """The key is made when the next head is signed (see ``notary``)."""
    if own_registry(desk.store, desk.region.id).key_asked:
        return Refusal("record.key-asked", "a new key has been asked for already.", {}, "conflict")
    desk.record(Entry(KEY_ASKED, subject(desk.region.id), {}))
    return Done(subject(desk.region.id))


@dataclass(frozen=True)
class Cosign:
    """Bring the cosignature of a member's witness under a signed head of the record."""

    size: int
    """How many entries the head covers."""
    line: str
    """The signature line of a signed note (C2SP tlog-cosignature, Ed25519)."""


def cosign(desk: Desk, command: Cosign) -> Done | Refusal:
    """Keep a cosignature. Nobody signs in for it: the signature itself is the authority. No entry is made."""
    keys, size = own_registry(desk.store, desk.region.id), command.size
    if not 0 < size <= desk.store.record_size():
        return Refusal(
            "record.no-head", "there is no signed head of {size} entries.", {"size": size}, "missing"
        )
    head = Head(keys.origin, size, root(size, desk.store.nodes(edge(size)).__getitem__))
    try:
        signature = Signature.read(command.line)
    except InputError as error:
        return Refusal("record.cosignature", "this is no cosignature: {why}", {"why": error.message})
    member, at = keys.cosigner(signature, size, head.text), signature.at
    if member is None or at is None:
        return Refusal(
            "record.cosigner",
            "no registered witness made this signature over the head of {size} entries.",
            {"size": size},
            "forbidden",
        )
    if at > desk.at + AHEAD:
        return Refusal("record.cosigned-ahead", "the witness's clock is ahead of the record's.")
    was = _cosigned(desk, member)
    if was is None or was.state.size < size:
        try:
            desk.store.keep_cosignature(size, member, signature.line.rstrip("\n"))
        except MissingError:
            return Refusal(
                "record.no-head", "there is no signed head of {size} entries.", {"size": size}, "missing"
            )
        kept = Cosigned(member, size, at, signature.line.rstrip("\n"))
        desk.store.save(Cosigned, member, kept, was.version if was else None)
    return Done(subject(desk.region.id), {"member": member, "size": max(size, was.state.size if was else 0)})


@dataclass(frozen=True)
class ErasePrivate:
    """Erase the personal part of an entry for ever; the entry itself stays."""

    entry: int
    """Number of the entry in the record."""
    ground: Literal["no-longer-needed", "consent-withdrawn", "objection", "unlawful", "legal-obligation"] = (
        "no-longer-needed"
    )
    """Why it must go (Regulation (EU) 2016/679, Article 17(1)(a) to (e))."""


def erase_private(desk: Desk, command: ErasePrivate) -> Done | Refusal:
    """Delete data and salt: the leaf's commitment can then never be opened again; proofs still hold."""
    nothing = Refusal(
        "record.nothing-private", "this entry holds nothing personal (any more).", {}, "missing"
    )
    if not 0 <= command.entry < desk.store.record_size():
        return nothing
    try:
        desk.store.forget_private(command.entry)
    except MissingError:
        return nothing
    about = f"entry/{command.entry}"
    desk.record(Entry("record.erased", about, {"entry": command.entry, "ground": command.ground}))
    return Done(about, {"entry": command.entry})


COMMANDS = (
    Command("record.register-witness", RegisterWitness, register_witness, KEEPERS, two_people=True),
    Command("record.withdraw-witness", WithdrawWitness, withdraw_witness, KEEPERS, two_people=True),
    Command("record.ask-new-key", AskNewKey, ask_new_key, KEEPERS, two_people=True),
    Command("record.erase-private", ErasePrivate, erase_private, KEEPERS, two_people=True),
    Command("record.cosign", Cosign, cosign, ANYBODY),
)


def keep_members(desk: Desk) -> int:
    """Put a change of the members into the record, for they decide the quorum."""
    try:
        known = own_registry(desk.store, desk.region.id).members
    except InputError:
        return 0
    if known == _countries(desk):
        return 0
    desk.record(Entry(MEMBERS, subject(desk.region.id), {"members": _countries(desk)}))
    return 1


TICKS = (keep_members,)


# What is read


def keys_of(store: Reading, region: str) -> dict[str, Any]:
    """The answer of ``/record/keys``: every key, with the entries that made them count."""
    about = store.entries_about(subject(region))
    changes = [read(e.leaf).body for e in about if e.kind == KEY_CHANGED]
    return keys_json(own_registry(store, region), changes)


def record_standing(reader: Reader) -> Standing:
    """How far the record stands."""
    store = reader.store
    keys, size, latest = own_registry(store, reader.region.id), store.record_size(), store.latest_checkpoint()
    cosigned = {kept.state.member: kept.state for kept in store.all(Cosigned)}
    wanted = {0, *(c.size for c in cosigned.values())}
    entry_at = {n: e.at for n in wanted if n < size for e in store.entries(n, n + 1)}
    return standing(keys, size, latest.size if latest else 0, cosigned, entry_at)


@dataclass(frozen=True)
class Proof:
    """That an entry stands in the signed head of so many entries."""

    seq: int
    size: int
    leaf_hash: bytes
    path: tuple[bytes, ...]
    root: bytes


def inclusion(store: Reading, seq: int, size: int) -> Proof:
    """The proof of an entry's place.

    Raises
    ------
    RangeError
        There is no such entry in a record of that size.
    MissingError
        The record is smaller than that.
    """
    if size > store.record_size():
        raise MissingError(f"the record holds {store.record_size()} entries, not {size}")
    nodes = _NodeReader(store)
    path = inclusion_path(seq, size, nodes)
    return Proof(seq, size, nodes((0, seq)), path, root(size, nodes))


def about(reader: Reader, subject: str) -> list[Logged]:
    """Everything that happened to one thing ('vote/<id>'), in order."""
    return reader.store.entries_about(subject)


def newest(
    store: Reading, area: str = "", before: int | None = None, count: int = 50, look: int = 20_000
) -> tuple[list[Logged], int | None]:
    """The newest entries of an area ('votes'; '' for all), the newest first, and where to go on (or None).

    At most ``look`` entries are looked through at a time, so that a rare area doesn't cost the whole record.
    """
    end = store.record_size() if before is None else min(before, store.record_size())
    found: list[Logged] = []
    stop = max(0, end - look)
    while end > stop and len(found) < count:
        start = max(stop, end - max(count, 500 if area else count))
        fits = [e for e in store.entries(start, end) if not area or e.kind.split(".")[0] == area]
        for entry in reversed(fits):
            if len(found) < count:
                found.append(entry)
                end = entry.seq
        end = start if len(found) < count else end
    return found, end if end > 0 else None


def record_files(reader: Reader, private: Sequence[int] | None = ()) -> Iterator[tuple[str, bytes]]:
    """The record's part of an export, (path in the zip, bytes): all that is under a signed head.

    Sign the head first (``notary.sign_head``). ``private`` names the entries whose sealed part goes along;
    None for all.
    """
    store = reader.store
    heads = store.checkpoints()
    size = heads[-1].size if heads else 0
    wanted = range(size) if private is None else private
    opened = ((seq, store.private(seq)) for seq in wanted)
    sealed = (Sealed(seq, *found) for seq, found in opened if found is not None)
    leaves = (entry.leaf for entry in store.entries(0, size))
    notes = (served(store, head) for head in heads)
    yield from parts(leaves, notes, keys_of(store, reader.region.id), reader.at, sealed)


def base64(raw: bytes) -> str:
    """Bytes as the record's answers write them."""
    return b64encode(raw).decode("ascii")


class _NodeReader:
    """Look-ups of nodes, each asked once; a proof takes about log2(n) of them."""

    def __init__(self, store: Reading) -> None:
        self._store, self._known = store, dict[Node, bytes]()

    def __call__(self, node: Node) -> bytes:
        if node not in self._known:
            self._known |= self._store.nodes((node,))
        return self._known[node]


def node_reader(store: Reading) -> _NodeReader:
    """A look-up for ``record.tree``."""
    return _NodeReader(store)


def entry_hash(entry: Logged) -> bytes:
    """The hash of an entry's leaf."""
    return leaf_hash(entry.leaf)


def _cosigned(desk: Desk, member: str) -> Kept[Cosigned] | None:
    try:
        return desk.load(Cosigned, member)
    except MissingError:
        return None


def _countries(desk: Desk) -> dict[str, str]:
    return {m.id: m.country for m in desk.region.members.values()}
