"""The identifiers of the agreement's articles, for everything that points to one."""

from __future__ import annotations

from bothbanks.app.partnership.agreement_reading import kept_agreement
from bothbanks.app.partnership.desk import Reader
from bothbanks.civic.compact.agreement_state import OPEN


def articles(reader: Reader) -> frozenset[str]:
    """Articles of every text adopted, and of the one on its way: what a pointer may name."""
    kept = kept_agreement(reader)
    if kept is None:
        return frozenset()
    state = kept.state
    counted = [v for v in state.versions if v.status in OPEN or v.adopted is not None]
    return frozenset(identifier for version in counted for identifier in version.text.ids)
