"""The ledger's entries, purchases with the rules of buying, grants, statements, claims, and money files."""

from __future__ import annotations

from bothbanks.civic.finance.booked import BuyingRules, GrantHeld, MoneyFile
from bothbanks.civic.finance.claims_kept import KeptClaim, Statement, clock_of
from bothbanks.civic.finance.ledger import Entry
from bothbanks.civic.finance.procurement_taken import KeptPurchase
from bothbanks.store.interface import Keys, Kind


def _claim(kept: KeptClaim) -> Keys:
    found = clock_of(kept)
    due = None if found is None else found[0]
    return Keys(parent=kept.statement, status=kept.claim.state, owner=kept.claim.claimant, due=due)


KINDS = (
    Kind("ledger-entry", Entry, lambda e: Keys(parent=e.article, owner=e.decision), personal=False),
    Kind(
        "purchase",
        KeptPurchase,
        lambda p: Keys(status=p.purchase.stage, owner=p.purchase.lead),
        personal=False,
    ),
    Kind("buying-rules", BuyingRules, lambda r: Keys(parent=r.article), personal=False),
    Kind("grant", GrantHeld, lambda g: Keys(parent=g.route.article), personal=False),
    Kind("statement", Statement, lambda s: Keys(parent=s.terms, status=s.about), personal=False),
    Kind("claim", KeptClaim, _claim),
    Kind("money-file", MoneyFile, lambda _: Keys(), personal=False),
)
