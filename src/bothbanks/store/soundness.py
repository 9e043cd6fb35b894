"""Whether a store is whole: the record without a gap, its tree that of its leaves, every state readable.

Run after a restore or an import, and by the tests that kill the program. It needs no key: that the heads are
signed by whom they should be is for ``bothbanks verify`` to tell.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from bothbanks.record.leaf import opens, read
from bothbanks.record.tree import grown, leaf_hash, root
from bothbanks.store import tables
from bothbanks.store.transaction import Transaction
from bothbanks.words.errors import InputError


def faults(work: Transaction) -> list[str]:
    """What is wrong, in words; an empty list for a sound store."""
    return [*_record(work), *_states(work)]


def _record(work: Transaction) -> Iterator[str]:
    entries = work.entries()
    seqs = [entry.seq for entry in entries]
    if seqs != list(range(len(seqs))):
        yield f"the record's numbers have a gap or a double: {len(seqs)} entries, the last is {seqs[-1]}"
        return
    for entry in entries:
        try:
            leaf = read(entry.leaf)
        except InputError as error:
            yield f"entry {entry.seq}: {error.message}"
            continue
        if (leaf.at, leaf.kind, leaf.subject) != (entry.at, entry.kind, entry.subject):
            yield f"entry {entry.seq}: its columns say another instant, kind or subject than its leaf"
    expected = grown([leaf_hash(entry.leaf) for entry in entries])
    rows = work.connection.execute(select(tables.nodes))
    kept = {(row.level, row.place): row.hash for row in rows}
    if kept != expected:
        wrong = sum(kept.get(node) != hashed for node, hashed in expected.items())
        yield f"the tree isn't that of the leaves: {wrong} of {len(expected)} wrong or missing"
        return
    for checkpoint in work.checkpoints():
        if checkpoint.size > len(entries) or root(checkpoint.size, kept.__getitem__) != checkpoint.root:
            yield f"the checkpoint of size {checkpoint.size} has another root than the leaves give"
    leaves = [entry.leaf for entry in entries]
    for seq, (salt, private) in work.privates().items():
        if not opens(leaves[seq], salt, private):
            yield f"entry {seq}: its private part is not what its leaf was sealed over"


def _states(work: Transaction) -> Iterator[str]:
    t = tables.objects
    for row in work.connection.execute(select(t.c.kind, t.c.id, t.c.body).order_by(t.c.kind, t.c.id)):
        kind = work.kinds.by_name.get(row.kind)
        if kind is None:
            yield f"{row.kind} '{row.id}' is of a kind that this release doesn't know"
            continue
        try:
            kind.adapter.validate_json(row.body)
        except ValueError as error:
            yield f"{row.kind} '{row.id}' can't be read: {' '.join(str(error).split())[:200]}"
