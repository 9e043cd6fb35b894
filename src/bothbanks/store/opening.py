"""From an address to a store."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bothbanks.store.interface import Kind, Store
from bothbanks.store.postgres import PostgresStore
from bothbanks.store.sqlite import SqliteStore


def is_server(address: str | Path) -> bool:
    """Whether the address is that of a database server, and not a file's path.

    >>> is_server("postgresql://secretariat@db.example/meuse"), is_server("data/partnership.db")
    (True, False)
    """
    return "://" in str(address)


def open_store(address: str | Path, kinds: Iterable[Kind[Any]]) -> Store:
    """Open a store: a path is an SQLite file, 'postgresql://...' a database with PostGIS.

    It is made where it is empty, and brought up to date where an older release made it.

    Raises
    ------
    FormError
        No such kind of database, made by a later release, or without PostGIS.
    FullError
        The folder is full or read-only.
    UnavailableError
        The server can't be reached, or another writer holds it too long.
    """
    return PostgresStore(str(address), kinds) if is_server(address) else SqliteStore(Path(address), kinds)
