"""A person who is erased sits on no panel by name any more, neither in the state nor in the record."""

from __future__ import annotations

from dataclasses import replace

from partnerships import Live, people

from bothbanks.app.partnership.desk import Done
from bothbanks.app.partnership.panels import unname
from bothbanks.civic.changes import Change
from bothbanks.civic.compact.disputes_state import Dispute, Seat
from bothbanks.civic.compact.roles import CLOCK
from bothbanks.record.entries import Entry


def test_a_name_leaves_the_panel_and_the_entrys_private_part_and_others_stay(partnership: Live) -> None:
    form = {
        "member": "steinach", "respondents": ["uferau"], "about": "duty", "subject": "report-uferau",
        "words": "not there",
    }  # fmt: skip
    opened = partnership.act("disputes.open", form, people(partnership, "council", "steinach"))
    assert isinstance(opened, Done), str(opened)
    id = opened.subject.partition("/")[2]
    with partnership.desk(CLOCK) as desk:
        kept = desk.load(Dispute, id)
        seats = (Seat("a", "steinach", (), "Ann Example"), Seat("b", "uferau", (), "Bo Other"))
        told = Entry("disputes.seated", f"dispute/{id}", {"seats": ["a", "b"]}, {"a": "Ann Example"})
        desk.keep(id, Change(replace(kept.state, panel=seats), (told,)), kept)
    with partnership.desk(CLOCK) as desk:
        assert unname(desk, "") == 0
        assert unname(desk, "Ann Example") == 1
        assert unname(desk, "Ann Example") == 0
    with partnership.reading() as reader:
        assert [s.name for s in reader.load(Dispute, id).state.panel] == ["", "Bo Other"]
        about = reader.entries_about(f"dispute/{id}")
    assert "Ann Example" not in str(about)
