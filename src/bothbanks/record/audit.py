"""Verify a record alone, with no server and no trust in it: leaves, roots, order, signatures, quorum, seals.

What is proved, and by what:

- *Nothing was altered, dropped, moved or slipped in*: the root over the leaves is recomputed for every signed
  head. Since all heads are then roots of one list, each continues those before it.
- *The host said so*: every head bears the signature of the key that was in force at its size, by the
  record's own entries; a new key was signed for by the one before.
- *It said the same to everybody*: the heads co-signed by the members' witnesses (see ``quorum``), and no
  other signed root for the same size (``split``).
- *When*: instants never go backwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bothbanks.record.differences import Difference, differences
from bothbanks.record.export import HASHES, Parts
from bothbanks.record.leaf import Leaf, instant, opens, read
from bothbanks.record.note import Head, Key, Note, Signature
from bothbanks.record.quorum import Quorum, final_size, quorum
from bothbanks.record.registry import Registry, registry
from bothbanks.record.tree import Node, grown, leaf_hash, root
from bothbanks.words.errors import InputError


@dataclass(frozen=True)
class Finding:
    """One reason why a record is not authentic: a stable code, and the words for an auditor."""

    code: str
    words: str

    def __str__(self) -> str:
        return f"[{self.code}] {self.words}"


@dataclass(frozen=True)
class Vouched:
    """What a member's witness vouches for: all entries of a head, at a moment."""

    size: int
    at: datetime | None


@dataclass(frozen=True)
class Audit:
    """What verifying a record came to."""

    size: int
    findings: tuple[Finding, ...]
    keys: Registry | None = None
    root: bytes = b""
    heads: tuple[Head, ...] = ()
    """Signed heads that hold, by size."""
    witnesses: Mapping[str, Vouched] = field(default_factory=dict)
    sealed: int = 0
    """Sealed parts that were opened and fit."""
    notices: tuple[str, ...] = ()
    """What an auditor should know, though nothing is wrong."""

    @property
    def authentic(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def final(self) -> int:
        """How many entries a quorum of witnesses vouches for."""
        members = self.keys.members if self.keys else {}
        return final_size(members, {m: v.size for m, v in self.witnesses.items()})

    @property
    def quorum(self) -> Quorum:
        """Who vouches for the whole of it."""
        members = self.keys.members if self.keys else {}
        return quorum(members, frozenset(m for m, v in self.witnesses.items() if v.size >= self.size))


@dataclass
class _Work:
    parts: Parts
    hashes: tuple[bytes, ...]
    nodes: Mapping[Node, bytes]
    keys: Registry | None = None
    findings: list[Finding] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def say(self, code: str, words: str) -> None:
        self.findings.append(Finding(f"record.{code}", words))


def audit(parts: Parts, trusted: frozenset[Key] | None = None) -> Audit:
    """Verify everything in the parts.

    Parameters
    ----------
    trusted : keys that the auditor has from elsewhere, the host's and the witnesses'. With them, each must
        stand in the record, and no other witness's signature counts towards the quorum.
    """
    hashes = tuple(leaf_hash(leaf) for leaf in parts.leaves)
    work = _Work(parts, hashes, grown(hashes))
    for fault in parts.faults:
        work.say("parts", fault + ".")
    leaves = _leaves(work)
    _order(work, leaves)
    _registry(work, leaves, trusted)
    heads = _heads(work)
    _covered(work, heads)
    witnesses = _witnesses(work, trusted) if work.keys else {}
    sealed = _seals(work)
    size = len(hashes)
    good = tuple(h for h in heads if h.size <= size and root(h.size, work.nodes.__getitem__) == h.root)
    return Audit(
        size,
        tuple(dict.fromkeys(work.findings)),
        work.keys,
        root(size, work.nodes.__getitem__),
        tuple(sorted(good, key=lambda h: h.size)),
        witnesses,
        sealed,
        tuple(work.notices),
    )


def _leaves(work: _Work) -> list[Leaf | None]:
    out: list[Leaf | None] = []
    for seq, leaf in enumerate(work.parts.leaves):
        try:
            out.append(read(leaf))
        except InputError as error:
            out.append(None)
            work.say("leaf", f"Entry {seq} can't have been sealed by the record: {error.message}.")
    return out


def _order(work: _Work, leaves: Sequence[Leaf | None]) -> None:
    last: tuple[int, datetime] | None = None
    for seq, leaf in enumerate(leaves):
        if leaf is None:
            continue
        if last and leaf.at < last[1]:
            work.say(
                "order",
                f"Entry {seq} is dated {instant(leaf.at)}, before entry {last[0]} ({instant(last[1])}).",
            )
        last = (seq, leaf.at)


def _registry(work: _Work, leaves: Sequence[Leaf | None], trusted: frozenset[Key] | None) -> None:
    own = [(n, f.kind, f.body) for n, f in enumerate(leaves) if f and f.kind.startswith("record.")]
    try:
        work.keys = registry(own)
    except InputError as error:
        work.say("registry", f"The record's keys can't be relied on: {error.message}.")
        return
    standing = {s.key for s in work.keys.host}
    standing |= {s.key for keys in work.keys.witnesses.values() for s in keys}
    for key in sorted(trusted or (), key=lambda k: k.text):
        if key not in standing:
            work.say(
                "key-not-trusted", f"The key {key.text}, which you trust, isn't one of this record's keys."
            )
    if trusted is not None and work.keys.host[0].key not in trusted:
        work.say(
            "key-not-trusted",
            f"The record was opened with the host key {work.keys.host[0].key.text}, which isn't among those "
            "you trust.",
        )


def _heads(work: _Work) -> list[Head]:
    """Every head of the parts: origin and signature checked."""
    heads: list[Head] = []
    roots: dict[int, bytes] = {}
    for note in work.parts.notes:
        head = Head.read(note.text)
        heads.append(head)
        if work.keys:
            if head.origin != work.keys.origin:
                work.say("origin", f"The head of {head.size} entries is of another log, {head.origin}.")
            key = work.keys.host_key(head.size)
            if key is None or note.signed_by(key) is None:
                work.say(
                    "signature",
                    f"The head of {head.size} entries isn't signed by the host's key of that time"
                    f"{f', {key.text}' if key else ''}.",
                )
        if roots.setdefault(head.size, head.root) != head.root:
            work.say("split", f"Two heads with different roots claim {head.size} entries: a split history.")
    return heads


def _covered(work: _Work, heads: Sequence[Head]) -> None:
    """Compare every head's root with that of the leaves; say which entries were touched."""
    size, node_of = len(work.hashes), work.nodes.__getitem__
    if not heads:
        work.say("unsigned", "There is no signed head: nothing says that these entries are the record's.")
        return
    largest = max(h.size for h in heads)
    wrong = [h for h in heads if h.size <= size and root(h.size, node_of) != h.root]
    listed = work.parts.hashes
    if _fits(listed, heads):
        for difference in differences(listed, work.hashes):
            work.say(difference.deed, _told(difference, work.parts.leaves))
    else:
        untouched = not wrong and size >= largest
        if listed and untouched and listed[:largest] != work.hashes[:largest]:
            work.say("hashes", f"{HASHES} doesn't fit the leaves and the signed roots: it was altered.")
        if wrong:
            first = min(h.size for h in wrong)
            before = max((h.size for h in heads if h not in wrong and h.size < first), default=0)
            work.say(
                "forged",
                f"The {size} entries don't give the root that was signed for {first}: one of the entries "
                f"{before} to {first - 1} was altered, dropped, moved or slipped in.",
            )
        if largest > size:
            work.say("cut", f"A head of {largest} entries was signed, but only {size} are here.")
    if size > largest and not any(f.code == "record.inserted" for f in work.findings):
        work.say("unsigned", f"Entries {largest} to {size - 1} are under no signed head.")


def _fits(listed: tuple[bytes, ...], heads: Sequence[Head]) -> bool:
    """Whether the listed hashes are the true ones: every signed root follows from them."""
    if not listed or len(listed) != max(h.size for h in heads):
        return False
    node_of: Callable[[Node], bytes] = grown(listed).__getitem__
    return all(root(h.size, node_of) == h.root for h in heads)


def _told(difference: Difference, leaves: Sequence[bytes]) -> str:
    entry = difference.entry
    if difference.deed == "forged":
        return f"Entry {entry} isn't the one that was signed{_about(leaves, entry)}."
    if difference.deed == "inserted":
        return f"What stands in place {entry} isn't in the record{_about(leaves, entry)}: it was slipped in."
    if difference.deed == "moved":
        return f"Entry {entry} stands in place {difference.to}: the order was changed."
    if difference.deed == "cut":
        return f"Entries {entry} to {difference.to} are missing at the end: the record was cut off."
    return f"Entry {entry} is missing."


def _about(leaves: Sequence[bytes], entry: int) -> str:
    try:
        leaf = read(leaves[entry])
    except (InputError, IndexError):
        return ""
    return f" (it says '{leaf.kind}' about {leaf.subject}, {instant(leaf.at)})"


def _witnesses(work: _Work, trusted: frozenset[Key] | None) -> dict[str, Vouched]:
    """The largest head that each member's witness co-signed; signatures that don't hold are findings."""
    assert work.keys is not None
    found: dict[str, Vouched] = {}
    for note in work.parts.notes:
        head = Head.read(note.text)
        if head.size > len(work.hashes) or root(head.size, work.nodes.__getitem__) != head.root:
            continue
        for signature in note.signatures:
            member = work.keys.cosigner(signature, head.size, note.text)
            if member is None:
                if _claimed(work.keys, signature, head.size):
                    work.say(
                        "cosignature",
                        f"The cosignature of {signature.name} under the head of {head.size} doesn't hold.",
                    )
                continue
            key = work.keys.witness_key(member, head.size)
            if trusted is not None and key not in trusted:
                work.notices.append(f"The witness key of {member} isn't among those you trust; not counted.")
            elif head.size >= found.get(member, Vouched(0, None)).size:
                found[member] = Vouched(head.size, signature.at)
    work.notices[:] = dict.fromkeys(work.notices)
    return found


def _claimed(keys: Registry, signature: Signature, size: int) -> bool:
    """Whether a signature bears the name and id of a key in force. Those of unknown keys mean nothing."""
    inforce = (keys.witness_key(member, size) for member in keys.witnesses)
    return any(key and (signature.name, signature.key_id) == (key.name, key.id) for key in inforce)


def _seals(work: _Work) -> int:
    good = 0
    for sealed in work.parts.sealed:
        try:
            fits = (
                opens(work.parts.leaves[sealed.seq], sealed.salt, sealed.private)
                if sealed.seq >= 0
                else False
            )
        except (InputError, IndexError):
            fits = False
        good += fits
        if not fits:
            work.say(
                "seal",
                f"The private part given for entry {sealed.seq} isn't what that entry was sealed over.",
            )
    return good


def against_leaves(mine: Parts, other: Parts) -> list[Finding]:
    """Whether two exports of one record tell two histories: the first entry where they part."""
    ours = [leaf_hash(leaf) for leaf in mine.leaves]
    theirs = [leaf_hash(leaf) for leaf in other.leaves]
    for seq, (one, two) in enumerate(zip(ours, theirs, strict=False)):
        if one != two:
            return [
                Finding(
                    "record.split",
                    f"The two records part at entry {seq}: {_said(mine.leaves[seq])} against "
                    f"{_said(other.leaves[seq])}. At most one of them is the record.",
                )
            ]
    return []


def against_note(mine: Parts, note: Note, found: Audit) -> tuple[list[Finding], list[str]]:
    """Whether a head that a witness kept is one of this record's; findings, and notices."""
    head = Head.read(note.text)
    if found.keys and head.origin != found.keys.origin:
        return [Finding("record.origin", f"What the witness kept is of another log, {head.origin}.")], []
    if found.keys and (key := found.keys.host_key(head.size)) and note.signed_by(key) is None:
        return [Finding("record.signature", "What the witness kept isn't signed by this record's host.")], []
    if head.size > len(mine.leaves):
        words = (
            f"The witness has seen {head.size} entries; this record has {len(mine.leaves)}. It is older than "
            "what the witness saw, or it was cut off."
        )
        return [], [words]
    hashes = [leaf_hash(leaf) for leaf in mine.leaves[: head.size]]
    if root(head.size, grown(hashes).__getitem__) == head.root:
        return [], []
    return [
        Finding(
            "record.split",
            f"The witness was shown another history: its head of {head.size} entries, signed by the host, "
            "has another root than the first so many entries here.",
        )
    ], []


def _said(leaf: bytes) -> str:
    try:
        found = read(leaf)
    except InputError:
        return "what can't be read"
    return f"'{found.kind}' about {found.subject}"
