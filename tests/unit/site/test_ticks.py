"""The clock: one part that fails keeps no other from its turn."""

from __future__ import annotations

from pathlib import Path

import pytest
from partnerships import make_partnership

from bothbanks.app.partnership import live
from bothbanks.app.partnership.desk import Desk
from bothbanks.record.entries import Entry


def test_a_failing_tick_is_raised_only_when_the_others_had_their_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    partnership = make_partnership(tmp_path / "data")

    def broken(desk: Desk) -> int:
        desk.record(Entry("test.lost", "test/1", {}))
        raise ValueError("broken")

    def sound(desk: Desk) -> int:
        desk.record(Entry("test.kept", "test/1", {}))
        return 1

    monkeypatch.setattr(live, "ticks", lambda: (broken, sound))
    with pytest.raises(ValueError, match="broken"):
        partnership.tick()
    with partnership.reading() as reader:
        assert [e.kind for e in reader.entries_about("test/1")] == ["test.kept"]
    partnership.store.close()


def test_votes_are_counted_before_what_follows_from_them() -> None:
    names = [tick.__name__ for tick in live.ticks()]
    order = [
        names.index(name) for name in ("close_due_votes", "settle_votes", "enter_into_force", "climb_ladders")
    ]
    assert order == sorted(order)
