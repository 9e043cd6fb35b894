from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import findings_fixture
import pyarrow.parquet as pq
import pytest

from bothbanks.analysis.findings import Column, Table
from bothbanks.standards import tables
from bothbanks.words.errors import RangeError


@pytest.mark.parametrize("make", ["findings", "other_scripts", "bare"])
def test_both_forms_hold_the_same(make: str, tmp_path: Path) -> None:
    found = getattr(findings_fixture, make)()
    written = tables.write_tables(found, tmp_path)
    for table in tables.all_tables(found):
        with (tmp_path / f"{table.id}.csv").open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        parquet = pq.read_table(tmp_path / f"{table.id}.parquet")
        assert head == parquet.column_names == [c.id for c in table.columns]
        assert len(rows) == parquet.num_rows == len(table.rows)
        for i, name in enumerate(head):
            for text, value in zip((row[i] for row in rows), parquet[name].to_pylist(), strict=True):
                assert text == (
                    "" if value is None else repr(value) if isinstance(value, float) else str(value)
                )
    assert {p.name for p in written} >= {"parameters.csv", "shares.parquet", "shares.csv"}


def test_units_and_source_travel_with_parquet(tmp_path: Path) -> None:
    table = Table("rain", (Column("depth", "number", "mm"),), ((78.5,),), source="Gauge 1")
    read = pq.read_table(tables.write_parquet(table, tmp_path / "rain.parquet"))
    assert read.schema.metadata[b"source"] == b"Gauge 1"
    assert read.schema.field("depth").metadata[b"unit"] == b"mm"


def test_unknown_is_empty_and_zero_is_zero(tmp_path: Path) -> None:
    table = Table("t", (Column("a", "number"), Column("b")), ((float("nan"), None), (0.0, "0")))
    assert tables.write_csv(table, tmp_path / "t.csv").read_text() == "a,b\n,\n0.0,0\n"


def test_words_in_several_languages_stand_in_the_first_language_of_the_region() -> None:
    rows = (
        ({"de": "Göhl", "fr": "Gueule"}, 1.0),
        ({"nl": "Geul"}, 2.0),
        ({"": "Gulp", "fr": "x"}, 3.0),
        ({}, 4.0),
    )
    table = Table("t", (Column("basin"), Column("x", "number")), rows)
    assert [r[0] for r in tables.in_one_language(table, ("fr", "de")).rows] == ["Gueule", "Geul", "x", ""]
    assert [r[0] for r in tables.in_one_language(table, ("de", "fr")).rows] == ["Göhl", "Geul", "Gulp", ""]


def test_commas_quotes_and_line_ends_come_back(tmp_path: Path) -> None:
    nasty = 'a, "b"\nც, =1+1'
    path = tables.write_csv(Table("t", (Column("x"),), ((nasty,),)), tmp_path / "t.csv")
    with path.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["x"], [nasty]]


def test_a_table_with_a_taken_name_is_refused() -> None:
    found = findings_fixture.findings()
    clash = {**found.tables, "again": replace(found.tables["rain"], id="shares")}
    with pytest.raises(RangeError, match="shares"):
        tables.all_tables(replace(found, tables=clash))


def test_the_same_findings_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = (tables.write_tables(findings_fixture.findings(), tmp_path / x) for x in "ab")
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]
