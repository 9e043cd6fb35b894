"""The migrations make the tables of the queries, and a later release's database is left alone."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from store_kinds import KINDS, NOON, Duty, Person

from bothbanks.record.entries import Entry
from bothbanks.record.leaf import opens
from bothbanks.record.tree import grown, leaf_hash
from bothbanks.store import Kept, open_store, tables
from bothbanks.store.errors import FormError
from bothbanks.store.migrations import STEPS, brought_up_to_date, newest, step_of

STORES = Path(__file__).resolve().parents[1] / "data" / "stores"
POSTGIS = {"spatial_ref_sys"}
OWN_INDEX = {"features_geometry"}  # GiST: only PostgreSQL has it, so it stands in its migration alone


def _ours(thing: object, name: str | None, type_: str, *_: object) -> bool:
    return name not in POSTGIS | OWN_INDEX and not str(name).startswith("features_box")


@pytest.mark.filterwarnings("ignore:Did not recognize type .geometry.")
def test_the_migrations_make_the_tables_that_the_queries_are_stated_in(store_address: str) -> None:
    with closing(open_store(store_address, KINDS)) as store, store.reading() as now:
        connection = now.connection  # type: ignore[attr-defined]
        assert step_of(connection) == newest()
        options = {"include_object": _ours, "compare_type": False}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), tables.metadata) == []


def test_opening_twice_changes_nothing(store_address: str) -> None:
    for count in (1, 2):
        with closing(open_store(store_address, KINDS)) as store:
            with store.writing() as work:
                work.append(Entry("a.b", "c/d", {}), NOON, "clock", "")
            with store.reading() as now:
                assert now.record_size() == count


def test_a_database_of_a_later_release_is_left_alone(store_address: str) -> None:
    with closing(open_store(store_address, KINDS)) as store, store.writing() as work:
        work.connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'r9999'")  # type: ignore[attr-defined]
    with pytest.raises(FormError, match=r"at step 'r9999', which this release doesn't know"):
        open_store(store_address, KINDS)


def _frozen(path: Path, step: str) -> None:
    """An SQLite file at that step, with the rows that its release wrote (tests/data/stores)."""
    with closing(create_engine(f"sqlite:///{path}").connect()) as connection:
        brought_up_to_date(connection, until=step)
        connection.commit()
    rows = json.loads((STORES / f"{step}.json").read_text(encoding="utf-8"))
    with closing(sqlite3.connect(path)) as raw:
        for table, listed in rows.items():
            for row in listed:
                marks = ", ".join("?" for _ in row)
                values = [bytes.fromhex(v["hex"]) if isinstance(v, dict) else v for v in row.values()]
                raw.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", values)
        raw.commit()


@pytest.mark.parametrize("step", sorted(path.stem for path in STORES.glob("*.json")))
def test_a_database_of_an_earlier_release_is_read_whole(tmp_path: Path, step: str) -> None:
    _frozen(tmp_path / "a.db", step)
    with closing(open_store(tmp_path / "a.db", KINDS)) as store, store.reading() as now:
        assert step_of(now.connection) == newest()  # type: ignore[attr-defined]
        expected = Duty("Lüttich\u2028„A“", Fraction(1, 5), (date(2026, 1, 3),), NOON, 1e16 / 3)
        assert now.load(Duty, "d2") == Kept("d2", 1, expected)
        assert now.load(Duty, "d1").version == 2
        assert now.load(Person, "p1").state == Person('Ann,"state":{} \n')
        private = now.private(3)
        assert private is not None
        assert opens(now.entries(3, 4)[0].leaf, *private)
        assert now.private(2) is None
        leaves = [leaf_hash(entry.leaf) for entry in now.entries()]
        assert now.nodes(grown(leaves)) == grown(leaves)
        assert [c.size for c in now.checkpoints()] == [5]
        assert [c.line for c in now.cosignatures(5)] == ["a line"]
        assert now.layers() == ["shelters/é", "zones"]
        assert now.feature("zones", "z1").version == 2
        assert now.job("j1").status == "running"


def test_every_step_has_its_frozen_rows() -> None:
    steps = {path.stem.split("_")[0] for path in STEPS.glob("versions/r*.py")}
    assert newest() in steps
    assert steps == {path.stem for path in STORES.glob("*.json")}
