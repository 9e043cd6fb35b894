"""Joint undertakings of ``finance/ventures.toml``: what of their revenue reaches which neighbourhood."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.findings.funding import NeighbourhoodPart, VentureShare
from bothbanks.app.prepared import Prepared
from bothbanks.civic.finance.revenue import Venture, share_revenue
from bothbanks.region.finance.ventures import POPULATION, VentureSettings, VenturesSettings
from bothbanks.region.folder import RegionModel
from bothbanks.words.money import minor_digits

FloatArray = NDArray[np.float64]
FLOWS = ("revenue", "costs", "debt_service")


def venture_shares(prepared: Prepared) -> tuple[VentureShare, ...]:
    """Every venture of the folder, in the currency of account; () where there is none."""
    settings = prepared.finance.get("ventures")
    if not isinstance(settings, VenturesSettings):
        return ()
    return tuple(_share(v, prepared) for v in settings.ventures)


def _share(v: VentureSettings, prepared: Prepared) -> VentureShare:
    currency = prepared.model.settings.currency
    first, last = v.years[0].first, max(y.last for y in v.years)
    flows = {name: np.zeros(last - first + 1) for name in FLOWS}
    for k, span in enumerate(v.years):
        for name in FLOWS:
            amount = prepared.base.get(f"ventures.{v.id}.{name}.{k + 1}", 0.0)
            flows[name][span.first - first : span.last - first + 1] = amount
    done = share_revenue(
        Venture(
            id=v.id,
            owners=v.owners,
            reserve_target=prepared.base.get(f"ventures.{v.id}.reserve", 0.0),
            neighbourhoods=neighbourhoods_of(v, prepared.model),
            currency=currency,
            first_year=first,
            **flows,
        )
    )
    return VentureShare(
        id=v.id,
        name=v.name,
        citation=v.source,
        currency=currency,
        digits=minor_digits(currency),
        first_year=first,
        years=last - first + 1,
        revenue=int(done.revenue.sum()),
        costs=int(done.costs.sum()),
        debt_paid=int(done.debt_paid.sum()),
        debt_owed=int(done.debt_owed[-1]),
        reserve=int(done.reserve[-1]),
        owners={o: int(x.sum()) for o, x in done.owners.items()},
        parts=tuple(NeighbourhoodPart(m, p, int(x.sum())) for (m, p), x in done.neighbourhoods.items()),
        key=v.key,
        key_citation=v.key_source,
    )


def neighbourhoods_of(v: VentureSettings, model: RegionModel) -> Mapping[str, Mapping[str, float]]:
    """Weights of each owner's neighbourhoods: its municipalities by population, or as stated."""
    if v.key == POPULATION:
        table = model.table("municipalities")
        rows = zip(table["member"], table["name"], table["population"], strict=True)
        out: dict[str, dict[str, float]] = {o: {} for o in v.owners}
        for member, name, people in rows:
            if member in out:
                out[member][str(name)] = float(people)
        return out
    stated: dict[str, dict[str, float]] = {o: {} for o in v.owners}
    for n in v.neighbourhoods:
        stated[n.member][n.name] = n.weight
    return stated
