"""Money of account: dated exchange rates and deflators, chained where needed, checked that they fit."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from bothbanks.region.problems import Problems
from bothbanks.region.schema import RegionSettings
from bothbanks.words.errors import MoneyError

TOLERANCE = 0.005
"""Two ways to the same ratio may differ by half a per cent (published rates are rounded)."""


@dataclass(frozen=True)
class MoneyFactor:
    """``amount of account = amount * factor``, and where the factor comes from."""

    factor: float
    source: str


class Ratios:
    """Stated ratios between nodes; the ratio between any two by the shortest chain."""

    def __init__(self, stated: Iterable[tuple[Hashable, Hashable, float, str]]) -> None:
        self._edges: dict[Hashable, list[tuple[Hashable, float, str]]] = {}
        for start, end, ratio, source in stated:
            self._edges.setdefault(start, []).append((end, ratio, source))
            self._edges.setdefault(end, []).append((start, 1.0 / ratio, source))

    def between(self, start: Hashable, end: Hashable) -> MoneyFactor | None:
        """The ratio, 1 for a node with itself, None when no chain leads there."""
        best: dict[Hashable, MoneyFactor] = {start: MoneyFactor(1.0, "")}
        queue = deque([start])
        while queue:
            here = queue.popleft()
            if here == end:
                return best[here]
            for there, ratio, source in self._edges.get(here, ()):
                if there not in best:
                    sources = "; ".join(dict.fromkeys(part for part in (best[here].source, source) if part))
                    best[there] = MoneyFactor(best[here].factor * ratio, sources)
                    queue.append(there)
        return None

    def misfits(self) -> list[tuple[Hashable, Hashable, float, float]]:
        """Stated pairs that disagree with what the other statements give: start, end, stated, otherwise."""
        height: dict[Hashable, float] = {}
        found = []
        for root in self._edges:
            if root in height:
                continue
            height[root] = 1.0
            queue = deque([root])
            while queue:
                here = queue.popleft()
                for there, ratio, _ in self._edges[here]:
                    if there not in height:
                        height[there] = height[here] * ratio
                        queue.append(there)
                    elif abs(height[there] / (height[here] * ratio) - 1.0) > TOLERANCE:
                        found.append((here, there, ratio, height[there] / height[here]))
        return found


class MoneyTable:
    """Turns money of any stated currency and price year into money of account."""

    def __init__(self, settings: RegionSettings) -> None:
        self.currency, self.price_year = settings.currency, settings.price_year
        self._rates = Ratios(
            (r.currency_from, r.currency_to, r.rate, f"{r.date.isoformat()}, {r.source}")
            for r in settings.rates
        )
        self._prices = Ratios(
            ((d.currency, d.from_year), (d.currency, d.to_year), d.factor, d.source)
            for d in settings.deflators
        )

    def factor(self, currency: str, price_year: int) -> MoneyFactor:
        """Prices are brought to the price year in the money's own currency first, then exchanged.

        Raises
        ------
        MoneyError
            A deflator or a rate is missing.
        """
        prices = self._prices.between((currency, price_year), (currency, self.price_year))
        if prices is None:
            raise MoneyError(
                "money.deflator",
                f"no deflator for {currency} from {price_year} to {self.price_year}; "
                "add it under [[deflators]].",
            )
        rate = self._rates.between(currency, self.currency)
        if rate is None:
            raise MoneyError(
                "money.rate", f"no rate from {currency} to {self.currency}; add a dated one under [[rates]]."
            )
        source = "; ".join(part for part in (prices.source, rate.source) if part)
        return MoneyFactor(prices.factor * rate.factor, source)


def check_money(settings: RegionSettings, problems: Problems) -> None:
    """Rates and deflators that contradict each other, or a rate dated outside the price year."""
    for number, rate in enumerate(settings.rates, 1):
        record = f"rates[{number}] {rate.currency_from} to {rate.currency_to}"
        if rate.date.year != settings.price_year:
            problems.add(
                "region.toml",
                rate.date.isoformat(),
                f"a day in the price year of account, {settings.price_year}",
                record=record,
                field="date",
                code="region.rates",
            )
        if rate.currency_from == rate.currency_to:
            problems.add(
                "region.toml",
                "a rate of a currency to itself",
                "two currencies",
                record=record,
                code="region.rates",
            )
    pairs = [
        ("rates", Ratios((r.currency_from, r.currency_to, r.rate, "") for r in settings.rates)),
        (
            "deflators",
            Ratios(
                ((d.currency, d.from_year), (d.currency, d.to_year), d.factor, "") for d in settings.deflators
            ),
        ),
    ]
    for field, ratios in pairs:
        seen: set[frozenset[Hashable]] = set()
        for start, end, stated, otherwise in ratios.misfits():
            if frozenset((start, end)) in seen:
                continue
            seen.add(frozenset((start, end)))
            problems.add(
                "region.toml",
                f"{stated:.6g} from {_node(start)} to {_node(end)}, where the others give {otherwise:.6g}",
                f"{field} that agree within {TOLERANCE:.1%}",
                field=field,
                code="region.rates",
            )


def _node(node: Hashable) -> str:
    return " ".join(str(part) for part in node) if isinstance(node, tuple) else str(node)
