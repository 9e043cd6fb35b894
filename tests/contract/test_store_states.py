"""States, versions and the record in one transaction, the same on every database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from store_kinds import KINDS, NOON, Duty

from bothbanks.record.entries import Entry
from bothbanks.record.leaf import opens, read
from bothbanks.record.tree import grown, leaf_hash
from bothbanks.store import Store, open_store
from bothbanks.store.errors import ConflictError, FormError, MissingError


@pytest.fixture
def store(store_address: str) -> Iterator[Store]:
    with closing(open_store(store_address, KINDS)) as store:
        yield store


def test_what_is_saved_comes_back_with_its_version(store: Store) -> None:
    duty = Duty("aac", Fraction(1, 3), (date(2026, 1, 2),), NOON)
    with store.writing() as work:
        assert work.save(Duty, "d1", duty, None) == 1
        assert work.save(Duty, "d1", replace(duty, owner="mhl"), 1) == 2
    with store.reading() as now:
        kept = now.load(Duty, "d1")
        assert (kept.version, kept.state) == (2, replace(duty, owner="mhl"))
        assert now.all(Duty, owner="aac") == []
        assert now.all(Duty, owner="mhl", parent="article/3", due_before=NOON + timedelta(1)) == [kept]
        assert now.all(Duty, due_before=NOON) == []


def test_a_wrong_version_is_a_conflict_and_nothing_of_the_transaction_stays(store: Store) -> None:
    duty = Duty("aac", Fraction(1))
    with store.writing() as work:
        work.save(Duty, "d1", duty, None)
    for expected in (None, 2):
        with pytest.raises(ConflictError, match=r"\[store.conflict\] duty 'd1'"), store.writing() as work:
            work.append(Entry("duty.changed", "duty/d1", {}), NOON, "clock", "")
            work.save(Duty, "d1", duty, expected)
    with store.reading() as now:
        assert now.record_size() == 0
        with pytest.raises(MissingError, match="no duty 'd2'"):
            now.load(Duty, "d2")


def test_a_state_that_would_not_come_back_is_refused(store: Store) -> None:
    with pytest.raises(FormError, match="this duty can't be kept"), store.writing() as work:
        work.save(Duty, "d1", Duty("aac", Fraction(1), days=[date(2026, 1, 2)]), None)  # type: ignore[arg-type]


def test_the_tree_holds_every_complete_subtree_of_the_leaves(store: Store) -> None:
    for count in (1, 4, 8):
        with store.writing() as work:
            for _ in range(count):
                work.append(Entry("a.b", "duty/d1", {"n": count}, {"name": "Ann"}), NOON, "clock", "p1")
    with store.reading() as now:
        leaves = [entry.leaf for entry in now.entries()]
        expected = grown([leaf_hash(leaf) for leaf in leaves])
        assert [entry.seq for entry in now.entries(2, 5)] == [2, 3, 4]
        assert now.nodes([*expected, (9, 9)]) == expected
        private = now.private(7)
        assert private is not None
        assert opens(leaves[7], *private)
    with store.writing() as work:
        work.forget_private(7)
    with store.reading() as now:
        assert now.private(7) is None
        assert now.entries(7, 8)[0].leaf == leaves[7]


def test_time_in_the_record_never_runs_backwards(store: Store) -> None:
    early, entry = NOON - timedelta(days=1), Entry("a.b", "duty/d1", {})
    with store.writing() as work:
        work.append(entry, NOON, "clock", "")
        work.append(entry, early, "clock", "")
    with store.writing() as work:
        work.append(entry, early, "clock", "")
        work.append(entry, NOON + timedelta(seconds=1), "clock", "")
    with store.reading() as now:
        kept = now.entries()
    assert [entry.at for entry in kept] == [NOON, NOON, NOON, NOON + timedelta(seconds=1)]
    assert [read(entry.leaf).at for entry in kept] == [entry.at for entry in kept]


def test_large_numbers_of_a_private_part_still_open_its_leaf(store: Store) -> None:
    with store.writing() as work:
        work.append(Entry("a.b", "duty/d1", {}, {"area": 2.0**60}), NOON, "clock", "p1")
    with store.reading() as now:
        private = now.private(0)
        assert private is not None
        assert opens(now.entries()[0].leaf, *private)
        assert isinstance(private[1]["area"], float)
