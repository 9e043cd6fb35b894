"""What a witness checks before it co-signs: that a head is signed, and continues the one it co-signed last.

A log that is signed by its own host can show one history to one member and another to the next. A witness
keeps the last head that it co-signed, takes only heads that provably continue it, and compares with what the
other witnesses were shown. Two heads that no proof connects are *evidence*: both bear the host's signature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bothbanks.record.note import Head, Key, Note
from bothbanks.record.tree import extends
from bothbanks.words.errors import InputError


@dataclass(frozen=True)
class SplitView:
    """Two heads of one log that can't both be true (or that its host can't connect), signed by the host."""

    why: str
    first: Note
    second: Note


def read_head(note: Note, origin: str, hosts: Sequence[Key]) -> Head:
    """The head of a note that the host signed, with one of its keys.

    Raises
    ------
    InputError
        Another log, or no signature of the host's key.
    """
    head = Head.read(note.text)
    if head.origin != origin:
        raise InputError("record.origin", f"this is a head of the log {head.origin}; expected {origin}")
    if not any(note.signed_by(host) for host in hosts):
        known = ", ".join(host.text for host in hosts)
        raise InputError(
            "record.unsigned-head",
            f"the head of {head.size} entries isn't signed by the host; its keys are {known}",
        )
    return head


def to_prove(one: Head, other: Head) -> tuple[int, int] | None:
    """Between which sizes the host must prove consistency; None where the two can be compared as they are."""
    small, large = sorted((one.size, other.size))
    return None if small in (0, large) else (small, large)


def connected(one: Note, other: Note, path: Sequence[bytes] | None) -> SplitView | None:
    """Whether two signed heads are of one history; the evidence where they are not.

    Parameters
    ----------
    path : the host's proof between the two sizes; None where it gave none (or none is wanted)
    """
    small, large = sorted((Head.read(one.text), Head.read(other.text)), key=lambda head: head.size)
    if small.size == large.size:
        if small.root == large.root:
            return None
        return SplitView(f"the host signed two different roots for {small.size} entries", one, other)
    if small.size == 0 or extends(small.size, small.root, large.size, large.root, path or ()):
        return None
    why = "gave no proof" if path is None else "gave a proof that does not hold"
    return SplitView(
        f"the host {why} that its {large.size} entries continue the {small.size} that it signed before",
        one,
        other,
    )
