"""The reserve over the draws, under other climates and with one assumption at a time moved.

Every draw has its own flood and storm numbers, its own measures chosen together, its own catalogue of years
drawn anew, and its own fund; the fund's terms stay what they are in money at the base, as a signed policy
would. So the range holds what the region's numbers leave open and what a catalogue of that many years leaves
to chance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.findings.reserve import ReserveTrial
from bothbanks.analysis.measures.equilibrium import Equilibrium, PartitionGame
from bothbanks.analysis.reserve.capital import capital
from bothbanks.analysis.reserve.layers import Layer
from bothbanks.analysis.reserve.pooling import FundTerms
from bothbanks.analysis.reserve.years import Peril
from bothbanks.analysis.risk.hazards.parameters import TODAY, Climate
from bothbanks.analysis.risk.losses import event_losses
from bothbanks.app.cases import FloodRun, StormRun
from bothbanks.app.loss_curves import Catalogue, flood_losses, outcome_variants, own_factors
from bothbanks.app.reserve_game import DrawnPool, drawn_pool
from bothbanks.app.reserve_years import Asked, simulate
from bothbanks.region.schema_reserve import TAIL_YEARS

FloatArray = NDArray[np.float64]
Draw = Mapping[str, float]

CATALOGUE_YEARS = 4_000
"""Years of the catalogue of each draw."""
DRAW_YEARS = 20_000
"""Years of the reserve simulated in each draw, or more where the level is far out."""


@dataclass(frozen=True, eq=False)
class Hazards:
    """The runs whose losses the reserve pays; None where it doesn't pay for them, or the region has none."""

    flood: FloodRun | None
    storm: StormRun | None

    def catalogues(
        self, draw: Draw, years: int, seed: int, climate: Climate = TODAY, chosen: Draw | None = None
    ) -> tuple[tuple[str, Catalogue], ...]:
        """Catalogues on what the measures chosen together leave; ``chosen``: chosen under these numbers."""
        out: list[tuple[str, Catalogue]] = []
        if self.flood is not None:
            game, found = _together(PartitionGame(self.flood.game.tables(chosen or draw)))
            variants = outcome_variants(self.flood, game, found, draw)
            run = replace(self.flood, hazard=self.flood.hazard.under(climate))
            out.append((run.settings.id, flood_losses(run, draw, variants, years, seed)))
        if self.storm is not None:
            game, found = _together(PartitionGame(self.storm.game.tables(chosen or draw)))
            factor = own_factors(game, found)[:, 0][None]
            rng = np.random.default_rng([seed, 2])
            made = self.storm.hazard.event_set(draw, years, rng, factor, climate)
            losses = event_losses(made.events, made.exposure, made.curves, by=("member",))
            out.append((self.storm.settings.id, Catalogue(made.events, losses)))
        return tuple(out)


def _together(game: PartitionGame) -> tuple[PartitionGame, Equilibrium]:
    return game, game.together()


@dataclass(frozen=True, eq=False)
class PlayDraws:
    """The reserve of numbered draws; can be sent to another process."""

    asked: Asked
    hazards: Hazards
    base: tuple[Peril, ...]  # the events that return periods of the fund's terms are read off
    year_layer: Layer | None
    countries: tuple[str, ...]
    seed: int

    def __call__(self, draws: Sequence[tuple[int, Draw]]) -> list[DrawnPool]:
        return [self.one(number, draw) for number, draw in draws]

    def one(self, number: int, draw: Draw) -> DrawnPool:
        """One draw: its catalogues, its years, its fund."""
        rng = np.random.default_rng([self.seed, 11, number])
        own = self.hazards.catalogues(draw, CATALOGUE_YEARS, int(rng.integers(1 << 31)))
        layer = self.asked.layers(self.base, draw)
        terms = self.asked.terms(draw)
        years = max(DRAW_YEARS, math.ceil(TAIL_YEARS / (1.0 - terms.level)))
        borne = simulate(self.asked.perils(own), layer, self.year_layer, years, rng)
        return drawn_pool(borne.paid, terms, self.asked.members, self.countries, self.asked.minor)


def totals(paid: FloatArray, terms: FundTerms, minor: float) -> tuple[float, float, float]:
    """Sum of the premiums alone, of all together (units of account a year), and the diversification."""
    n = paid.shape[1]
    expected = float(paid.mean(axis=0).sum())
    alone = sum(capital(paid[:, i], terms.level) for i in range(n))
    pooled = capital(paid.sum(axis=1), terms.level)
    apart = expected + terms.load * alone + n * terms.running_alone
    joined = expected + terms.load * pooled + terms.running(n)
    return apart / minor, min(joined, apart) / minor, 1.0 - pooled / alone if alone > 0 else 0.0


@dataclass(frozen=True, eq=False)
class Trials:
    """One thing moved at a time: numbers of the fund, and the climate."""

    asked: Asked
    base: Draw
    paid: FloatArray
    layer: Layer
    year_layer: Layer | None
    seed: int

    def number(self, parameter: str, value: float, perils: Sequence[Peril]) -> ReserveTrial:
        """The fund with one of its own numbers at a value."""
        draw = {**self.base, parameter: value}
        paid = self.paid
        if parameter.startswith(f"{self.asked.case}.layer."):
            paid = self._years(perils, self.asked.layers(perils, draw))
        return self._trial(parameter, {}, value, paid, self.asked.terms(draw))

    def scenario(self, name: Mapping[str, str], perils: Sequence[Peril]) -> ReserveTrial:
        """The fund on the events of another climate, its terms in money and the measures as today."""
        paid = self._years(perils, self.layer)
        return self._trial("", name, float("nan"), paid, self.asked.terms(self.base))

    def _years(self, perils: Sequence[Peril], layer: Layer) -> FloatArray:
        years = self.paid.shape[0]
        return simulate(perils, layer, self.year_layer, years, np.random.default_rng([self.seed, 10])).paid

    def _trial(
        self, what: str, name: Mapping[str, str], value: float, paid: FloatArray, terms: FundTerms
    ) -> ReserveTrial:
        apart, joined, spared = totals(paid, terms, self.asked.minor)
        return ReserveTrial(what, name, value, apart, joined, spared)
