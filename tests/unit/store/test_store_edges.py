"""What can't be opened or kept says so in words; what is erased leaves no trace in the file."""

from __future__ import annotations

import pickle
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from store_kinds import KINDS, NOON, Person

from bothbanks.record.entries import Entry
from bothbanks.store import Kind, open_store
from bothbanks.store import errors as all_errors
from bothbanks.store.errors import FormError, FullError, MissingError, StoreError, UnavailableError
from bothbanks.store.kinds import every_kind
from bothbanks.store.postgres import PostgresStore
from bothbanks.store.sqlite import SqliteStore


@dataclass(frozen=True)
class Weight:
    kilograms: float


def test_what_is_erased_is_nowhere_in_the_files(tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "a.db", KINDS)) as store:
        with store.writing() as work:
            work.save(Person, "p1", Person("Annabelle Nobody"), None)
            work.append(Entry("a.b", "person/p1", {}, {"name": "Annabelle Nobody"}), NOON, "clock", "")
        assert any(b"Annabelle" in path.read_bytes() for path in tmp_path.iterdir())
        with store.writing() as work:
            work.forget(Person, "p1")
            work.forget_private(0)
        assert not any(b"Annabelle" in path.read_bytes() for path in tmp_path.iterdir())
        with store.reading() as now:
            assert (now.private(0), now.record_size()) == (None, 1)
    again = open_store(tmp_path / "a.db", KINDS)
    with closing(again), pytest.raises(MissingError), again.writing() as work:
        work.forget_private(0)


def test_erasing_under_a_reader_neither_waits_nor_leaves_a_trace(tmp_path: Path) -> None:
    def found() -> bool:
        return any(b"Annabelle" in path.read_bytes() for path in tmp_path.iterdir())

    with closing(open_store(tmp_path / "a.db", KINDS)) as store:
        with store.writing() as work:
            work.save(Person, "p1", Person("Annabelle Nobody"), None)
        with store.reading() as now:
            assert now.load(Person, "p1").version == 1
            began = time.monotonic()
            with store.writing() as work:
                work.forget(Person, "p1")
            assert time.monotonic() - began < 5  # far below the 30 s that a writer may wait
            assert found()
        with store.writing() as work:
            work.save(Person, "p2", Person("B"), None)
        assert not found()
        with store.reading() as now, store.writing() as work:
            now.load(Person, "p2")
            work.save(Person, "p3", Person("Annabelle Other"), None)
        with store.reading(), store.writing() as work:
            work.forget(Person, "p3")
        assert found()
    assert not found()


def test_the_file_waits_for_the_disk_and_keeps_a_log(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "a.db", KINDS)) as store, store._writer.connect() as connection:
        asked = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in
                 ("journal_mode", "synchronous", "foreign_keys", "secure_delete")}  # fmt: skip
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


def test_a_reader_can_write_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path / "a.db", KINDS)
    with closing(store), pytest.raises(StoreError), store.reading() as now:
        now.save(Person, "p1", Person("A"), None)  # type: ignore[attr-defined]


def test_a_state_with_no_number_is_refused(tmp_path: Path) -> None:
    kinds = (Kind("weight", Weight),)
    with (
        closing(open_store(tmp_path / "a.db", kinds)) as store,
        pytest.raises(FormError, match="this weight"),
        store.writing() as work,
    ):
        work.save(Weight, "w", Weight(float("nan")), None)


def test_a_dataclass_that_nobody_named_is_refused(tmp_path: Path) -> None:
    with (
        closing(open_store(tmp_path / "a.db", KINDS)) as store,
        pytest.raises(FormError, match="store/kinds"),
        store.reading() as now,
    ):
        now.all(Weight)
    with pytest.raises(FormError, match="named twice"):
        open_store(tmp_path / "b.db", (*KINDS, KINDS[0]))


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("no database at all, but a text of more than sixteen bytes")
    with pytest.raises(FormError, match="is no sound SQLite database"):
        open_store(tmp_path / "a.db", KINDS)
    with pytest.raises(FullError, match="disk is full or read-only"):
        open_store(tmp_path / "nowhere" / "a.db", KINDS)
    with pytest.raises(FormError, match="the kind 'mysql' is not known"):
        open_store("mysql://somewhere/db", KINDS)
    with pytest.raises(UnavailableError, match="postgresql://u:\\*\\*\\*@/x"):
        open_store(f"postgresql://u:secret@/x?host={tmp_path}", KINDS)


@pytest.mark.parametrize(
    ("state", "expected"),
    [("53100", FullError), ("25006", FullError), ("55P03", UnavailableError), ("57P01", UnavailableError),
     ("42501", FormError)],
)  # fmt: skip
def test_what_postgresql_says_is_told_in_our_words(state: str, expected: type[StoreError]) -> None:
    store = PostgresStore.__new__(PostgresStore)
    store._url = __import__("sqlalchemy").make_url("postgresql://u:secret@host/db")
    original = sqlite3.OperationalError("it says\nso")
    original.sqlstate = state  # type: ignore[attr-defined]
    with pytest.raises(expected) as told, store._told():
        raise OperationalError("SELECT", {}, original)
    assert "secret" not in str(told.value)


def test_errors_travel_between_processes_with_their_codes() -> None:
    found = [each for each in vars(all_errors).values() if isinstance(each, type)]
    kinds = [each for each in found if issubclass(each, StoreError) and each is not StoreError]
    assert len({kind("x").code for kind in kinds}) == len(kinds) == 5
    for kind in kinds:
        there = pickle.loads(pickle.dumps(kind("it is so")))
        assert (type(there), there.code, there.message) == (kind, kind("x").code, "it is so")


@pytest.mark.parametrize("kind", every_kind(), ids=lambda kind: kind.name)
def test_every_kind_has_a_schema_and_a_name_of_its_own(kind: Kind[object]) -> None:
    assert kind.adapter.json_schema(mode="serialization")
    assert [other.name for other in every_kind()].count(kind.name) == 1
    assert kind.name.replace("-", "").isalnum()
