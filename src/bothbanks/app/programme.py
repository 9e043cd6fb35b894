"""The programme of a region: from its settings and the cases as played to its finding."""

from __future__ import annotations

from bothbanks.analysis.findings import ProgrammeFinding
from bothbanks.app.prepared import Prepared, Step, silent


def find(prepared: Prepared, step: Step = silent) -> ProgrammeFinding | None:
    """The finding, or None where the folder doesn't ask for it."""
    return None
