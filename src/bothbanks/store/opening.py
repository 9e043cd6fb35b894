"""From an address to a store."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bothbanks.store.interface import Kind, Store
from bothbanks.store.sqlite import SqliteStore


def open_store(address: str | Path, kinds: Iterable[Kind[Any]]) -> Store:
    """Open a store: a path is an SQLite file, 'postgresql://...' a database with PostGIS.

    It is made where it is empty, and brought up to date where an older release made it.

    Raises
    ------
    StoreError
        See ``store/errors.py``.
    """
    return SqliteStore(Path(address), kinds)
