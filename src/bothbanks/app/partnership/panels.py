"""Names of people on panels of disputes and claims: what goes when a person is erased."""

from __future__ import annotations

from dataclasses import replace

from bothbanks.app.partnership.desk import Desk
from bothbanks.civic.changes import Change
from bothbanks.civic.compact.disputes_state import Dispute
from bothbanks.civic.finance.claims_kept import KeptClaim


def unname(desk: Desk, name: str) -> int:
    """Take a name off every panel, and drop the private parts of those panels' entries; how many panels.

    Seats are given by name, so somebody of the very same name loses it, too: erasing goes first. In a claim,
    where each vote is by name, 'erased-1' takes its place.
    """
    if not name.strip():
        return 0
    changed = 0
    for dispute in desk.all(Dispute):
        if any(seat.name == name for seat in dispute.state.panel):
            panel = tuple(replace(s, name="") if s.name == name else s for s in dispute.state.panel)
            desk.keep(dispute.id, Change(replace(dispute.state, panel=panel), ()), dispute)
            _forget_private(desk, f"dispute/{dispute.id}")
            changed += 1
    for kept in desk.all(KeptClaim):
        seated = kept.state.claim.panel
        if seated is not None and name in seated:
            number = 1 + sum(held.startswith("erased-") for held in seated)
            renamed = {f"erased-{number}" if k == name else k: v for k, v in seated.items()}
            claim = replace(kept.state.claim, panel=renamed)
            desk.keep(kept.id, Change(replace(kept.state, claim=claim), ()), kept)
            _forget_private(desk, f"claim/{kept.id}")
            changed += 1
    return changed


def _forget_private(desk: Desk, subject: str) -> None:
    for entry in desk.entries_about(subject):
        desk.store.forget_private(entry.seq)
