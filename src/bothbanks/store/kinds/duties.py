"""Duties, disputes, obstacle files, plans and the presidency, each with the instant its clock comes next."""

from __future__ import annotations

from bothbanks.civic.compact.disputes_state import Dispute, Procedure
from bothbanks.civic.compact.duties import next_instant
from bothbanks.civic.compact.duties_decisions import EarlierDecision
from bothbanks.civic.compact.duties_state import Duty
from bothbanks.civic.compact.obstacles import Obstacle
from bothbanks.civic.compact.plans import Plan
from bothbanks.civic.compact.presidency import Presidency
from bothbanks.store.interface import Keys, Kind


def _obstacle(file: Obstacle) -> Keys:
    day = file.deadline
    due = None if day is None else file.calendar.end_of(file.calendar.moved(day))
    return Keys(status=file.state, owner=file.initiator, due=due)


KINDS = (
    Kind(
        "duty",
        Duty,
        lambda d: Keys(parent=d.article, status=d.status, owner=d.owner, due=next_instant(d)),
        personal=False,
    ),
    Kind(
        "dispute",
        Dispute,
        lambda d: Keys(parent=d.subject, status=d.state, owner=d.claimant, due=d.next_deadline),
    ),
    Kind("dispute-procedure", Procedure, lambda p: Keys(parent=p.article), personal=False),
    Kind("obstacle", Obstacle, _obstacle, personal=False),
    Kind("plan", Plan, lambda p: Keys(parent=p.article, status=p.status), personal=False),
    Kind("presidency", Presidency, lambda p: Keys(parent=p.article), personal=False),
    Kind("earlier-decision", EarlierDecision, lambda d: Keys(parent=d.article), personal=False),
)
