"""Protected counts of people: what is left of a layer or table for those who may see no single record of it.

People are counted by member, never by a choice of the reader's, so that no two answers differ by one chosen
person. Noise by cell keys comes first, then rounding, totals of what is rounded, and small counts are hidden
with their companions: all after the noise is made from it alone. Everybody who may see anything of the
dataset gets the same figures, so that two releases can't be compared.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from bothbanks.analysis.disclosure import NoiseTable, noise_table, protect, record_keys, rounded, with_totals
from bothbanks.analysis.disclosure.noise import cell_keys
from bothbanks.app.partnership.desk import Reader
from bothbanks.app.partnership.layers import Layer, all_layers, table_of
from bothbanks.app.partnership.sharing import book_of, gate
from bothbanks.civic.compact.roles import Actor
from bothbanks.civic.compact.sharing_rules import CountTerms
from bothbanks.standards.features import FeatureTable
from bothbanks.words.errors import InputError

BY = "member"
KEY = "counts.key"
"""File in the service's data with the secret behind the noise; made once, read by the service alone."""


@dataclass(frozen=True)
class Counted:
    """Persons of one field by member; None where a count is hidden."""

    field: str
    by_member: Mapping[str, int | None]
    total: int | None


@dataclass(frozen=True)
class Counts:
    """The protected counts of a layer or table, how they are protected, and the article that shows them."""

    id: str
    dataset: str
    level: str
    article: str
    terms: CountTerms
    counted: tuple[Counted, ...]


def counts(reader: Reader, actor: Actor, data: Path, id_: str) -> Counts | None:
    """Protected counts of a layer or table; None where it has none, is not there, or is hidden."""
    layer = next((one for one in all_layers(reader, data) if one.id == id_), None)
    return None if layer is None else _counts(reader, actor, data, layer)


def all_counts(reader: Reader, actor: Actor, data: Path) -> tuple[str, ...]:
    """Ids of the layers and tables with counts that somebody may see."""
    book, door = book_of(reader).state, gate(reader, actor)
    counted = {d.id for d in book.datasets if d.counts}
    ids = []
    for one in all_layers(reader, data):
        if one.dataset in counted and door.sees(one.dataset):
            with suppress(InputError):  # asked for by itself, a changed file says what is wrong
                if BY in table_of(one, reader, data).columns:
                    ids.append(one.id)
    return tuple(ids)


def _counts(reader: Reader, actor: Actor, data: Path, layer: Layer) -> Counts | None:
    decision = gate(reader, actor).decide(layer.dataset)
    book = book_of(reader).state
    known = book.dataset(layer.dataset)
    if not decision.allowed or known is None or BY in decision.hidden:
        return None
    table = table_of(layer, reader, data)
    fields = [name for name in known.counts if name in table.columns and name not in decision.hidden]
    if not fields or BY not in table.columns:
        return None
    members, secret = tuple(reader.region.members), _secret(data)
    counted = tuple(protected(table, name, members, book.counts, secret + name.encode()) for name in fields)
    return Counts(layer.id, layer.dataset, decision.level, decision.article, book.counts, counted)


def protected(
    table: FeatureTable, name: str, members: tuple[str, ...], terms: CountTerms, secret: bytes
) -> Counted:
    """One field, counted by member. A record's key names its count: a person more draws other noise."""
    place = {member: number for number, member in enumerate(members)}
    column, owner = table.columns[name], table.columns[BY]
    rows = [r for r in range(len(table)) if column.present[r] and str(owner.values[r]) in place]
    people = np.array([round(float(column.values[r])) for r in rows], dtype=np.int64)
    cell = np.array([place[str(owner.values[r])] for r in rows], dtype=np.int64)
    named = (f"{table.ids[r]}:{n}" for r, n in zip(rows, people, strict=True))
    _, keys = cell_keys(record_keys(named, secret), cell, len(members))
    sums = np.bincount(cell, weights=people, minlength=len(members)).astype(np.int64)
    noisy = _noise(terms.variance, terms.reach).noisy(sums, keys)
    made = rounded(noisy.astype(np.float64), terms.step).astype(np.int64)
    shown = protect(with_totals(made), terms.least, terms.width).shown
    values = [None if np.isnan(v) else int(v) for v in shown]
    return Counted(name, dict(zip(members, values[:-1], strict=True)), values[-1])


@cache
def _noise(variance: float, reach: int) -> NoiseTable:
    return noise_table(variance, reach)


def _secret(data: Path) -> bytes:
    """The secret of the noise. Made whole beside and linked, so that two who begin at once share one."""
    path = data / KEY
    if not path.exists():
        beside = path.with_name(f"{KEY}.{secrets.token_hex(8)}")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
        try:
            os.link(beside, path)
        except FileExistsError:
            pass
        finally:
            beside.unlink()
    return path.read_bytes()
