"""The agreement, its versions set aside, and the comments on its drafts."""

from __future__ import annotations

from bothbanks.civic.compact.agreement_state import Agreement, Comment, Version
from bothbanks.store.interface import Keys, Kind


def _agreement(agreement: Agreement) -> Keys:
    current = agreement.current
    return Keys(status="" if current is None else current.status)


def _version(version: Version) -> Keys:
    return Keys(parent=version.text.id, status=version.status)


def _comment(comment: Comment) -> Keys:
    return Keys(parent=f"{comment.agreement}@{comment.version}", status=comment.status, owner=comment.member)


KINDS = (
    Kind("agreement", Agreement, _agreement, personal=False),
    Kind("agreement-version", Version, _version, personal=False),
    Kind("agreement-comment", Comment, _comment),
)
