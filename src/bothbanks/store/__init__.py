"""The store: states, record, layers and jobs in SQLite or PostgreSQL, behind one small interface."""

from bothbanks.store.interface import Kept, Keys, Kind, Logged, Reading, Store, Writing
from bothbanks.store.opening import open_store

__all__ = ["Kept", "Keys", "Kind", "Logged", "Reading", "Store", "Writing", "open_store"]
