"""Twenty kills under load on each database: nothing acknowledged is lost, nothing half done is seen."""

from __future__ import annotations

from contextlib import closing

from kills import Judge, change, prepare, series
from store_kinds import KINDS, NOON, Duty

from bothbanks.record.entries import Entry
from bothbanks.store import open_store, tables


def test_a_killed_program_loses_nothing_it_acknowledged(store_address: str) -> None:
    for tally in series(store_address, 20, seed=20261124):
        assert tally.faults == []
    assert tally.acknowledged >= 40


def test_the_judge_sees_what_is_lost_half_done_or_out_of_step(store_address: str) -> None:
    prepare(store_address)
    with closing(open_store(store_address, KINDS)) as store:
        with store.writing() as work:
            change(work, "whole")
        judge = Judge()
        assert judge.new_faults(store, ["whole"]) == []
        assert judge.new_faults(store, ["never"]) == ["never was acknowledged and is lost"]
        with store.writing() as work:
            change(work, "half")
            work.forget(Duty, "half-b")
        assert judge.new_faults(store, []) == ["half is in the record and not, or half, in the state"]
        with store.writing() as work:
            work.append(Entry("duty.made", "duty/single", {}), NOON, "clock", "")
        assert "single has 1 entries" in judge.new_faults(store, [])
        assert judge.all_faults(store) == ["half-b differs in state and record"] + [
            f"single-{part} differs in state and record" for part in "ab"
        ]
        with store.writing() as work:
            work.connection.execute(tables.nodes.delete().where(tables.nodes.c.level == 1))  # type: ignore[attr-defined]
        assert "the tree isn't that of the leaves: 2 of 8 wrong or missing" in judge.all_faults(store)
