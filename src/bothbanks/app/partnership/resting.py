"""Rights that rest while a duty is missed: asked before every step that the right is needed for."""

from __future__ import annotations

from bothbanks.app.partnership.desk import Reader
from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.duties_late import Suspension, rests
from bothbanks.civic.compact.duties_state import OPEN, Duty


def right_rests(reader: Reader, member: str, right: str) -> Suspension | None:
    """The suspension of a right of a member; None where it may be used."""
    owed = (kept.state for kept in reader.all(Duty, status=OPEN, owner=member))
    return rests(owed, member, right, reader.at)


def refused_by_suspension(reader: Reader, member: str, right: str) -> Refusal | None:
    """Why a member can't take a step that needs the right: which duty, by which article."""
    found = right_rests(reader, member, right)
    if found is None:
        return None
    return Refusal(
        "duties.right-rests",
        "{member} can't use the right '{right}' until duty '{duty}' is met, by {article}.",
        {"member": member, "right": right, "duty": found.duty, "article": found.article},
        "forbidden",
    )
