"""The legal matrix: subjects, rules, recognitions, and the law that the agreement names for purchases."""

from __future__ import annotations

from bothbanks.civic.compact.legal import LegalRule, NamedLaw, Recognition, Subject
from bothbanks.store.interface import Keys, Kind


def _rule(rule: LegalRule) -> Keys:
    return Keys(parent=rule.subject, status="retired" if rule.retired else "", owner=rule.member)


KINDS = (
    Kind("legal-subject", Subject, lambda subject: Keys(parent=subject.area), personal=False),
    Kind("legal-rule", LegalRule, _rule, personal=False),
    Kind("legal-recognition", Recognition, lambda agreed: Keys(parent=agreed.subject), personal=False),
    Kind("legal-law", NamedLaw, personal=False),
)
