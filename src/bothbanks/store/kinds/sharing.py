"""The book of sharing rules and its stamp, emergency openings, requests, and purposes that were stated."""

from __future__ import annotations

from bothbanks.civic.compact.sharing_openings import Opening
from bothbanks.civic.compact.sharing_requests import AccessRequest, PurposeStated
from bothbanks.civic.compact.sharing_rules import RuleBook
from bothbanks.civic.compact.sharing_stamp import Stamp
from bothbanks.store.interface import Keys, Kind


def _opening(opening: Opening) -> Keys:
    due = {"open": opening.until, "closed": None if opening.review_late else opening.review_due}
    return Keys(parent=opening.datasets[0], status=opening.status, due=due.get(opening.status))


KINDS = (
    Kind("sharing-rules", RuleBook, personal=False),
    Kind("sharing-stamp", Stamp, personal=False),
    Kind("sharing-opening", Opening, _opening),
    Kind(
        "sharing-request",
        AccessRequest,
        lambda asked: Keys(parent=asked.dataset, status=asked.status, owner=asked.member),
    ),
    Kind(
        "sharing-purpose",
        PurposeStated,
        lambda stated: Keys(parent=stated.dataset, owner=stated.person, due=stated.until),
    ),
)
