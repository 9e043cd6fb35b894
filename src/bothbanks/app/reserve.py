"""The reserve fund of a region: from its settings and the cases as played to its finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.findings import CaseFinding, Interval, ReserveFinding
from bothbanks.analysis.findings.reserve import ReserveMembers, ReserveTerms, ReserveTrial
from bothbanks.analysis.measures.presentvalue import annuity_factor
from bothbanks.analysis.reserve.capital import Claims, Diversification, capital, diversification
from bothbanks.analysis.reserve.layers import Borne, Layer
from bothbanks.analysis.reserve.pooling import (
    FundTerms,
    PoolCosts,
    Premiums,
    pool_costs,
    pool_premiums,
)
from bothbanks.analysis.reserve.premium import bill
from bothbanks.analysis.reserve.years import Peril
from bothbanks.analysis.risk.hazards.parameters import Climate
from bothbanks.analysis.risk.uncertainty import interval
from bothbanks.app.cases import population_of
from bothbanks.app.loss_curves import YEARS, Catalogue
from bothbanks.app.money_findings import spread
from bothbanks.app.prepared import Prepared, Step, silent
from bothbanks.app.reserve_draws import Hazards, PlayDraws, Trials
from bothbanks.app.reserve_game import DrawnPool, ReserveGame, row_of
from bothbanks.app.reserve_parts import ceded_finding, core_findings, far_finding, path_finding, tables
from bothbanks.app.reserve_years import Asked, check_years, simulate
from bothbanks.app.workers import batches, each
from bothbanks.region.schema_reserve import TAIL_YEARS, is_period
from bothbanks.words.errors import InputError

FloatArray = NDArray[np.float64]
Draw = Mapping[str, float]
RESAMPLES = 100
"""Times that the simulated years are drawn again with putting back, for what their number leaves open."""


def find(prepared: Prepared, step: Step = silent) -> ReserveFinding | None:
    """The finding, or None where the folder doesn't ask for it.

    Raises
    ------
    InputError
        The fund pays for no case that the folder has; terms that can't be.
    """
    settings = next((c for c in prepared.model.cases.values() if c.kind == "reserve"), None)
    if settings is None or settings.reserve is None:
        return None
    asked = Asked(settings.id, settings.reserve, prepared.members, prepared.model.settings.currency)
    base = _base(prepared, asked)
    draws = [(k, d) for k, d in enumerate(prepared.drawn.draws)]
    job = PlayDraws(
        asked, _hazards(prepared, asked), base.perils, base.year_layer, base.countries, prepared.drawn.seed
    )
    parts = each(job, batches(draws, 4), lambda done, all_: step(done, all_ + 2), prepared.workers)
    drawn = [pool for part in parts for pool in part]
    game = ReserveGame(asked.members, base.claims, base.costs, asked.minor)
    row = row_of(settings, game, drawn, base.countries, population_of(prepared.model))
    step(len(parts) + 1, len(parts) + 2)
    found = _finding(prepared, asked, base, row, drawn)
    step(len(parts) + 2, len(parts) + 2)
    return found


@dataclass(frozen=True, eq=False)
class Base:
    """The reserve at the base values: events, terms, years and costs, in minor units."""

    draw: Draw
    countries: tuple[str, ...]
    perils: tuple[Peril, ...]
    layer: Layer
    year_layer: Layer | None
    borne: Borne
    claims: Claims
    terms: FundTerms
    costs: PoolCosts
    seed: int

    @property
    def total(self) -> FloatArray:
        """(year,) what the pool pays all members."""
        return np.asarray(self.borne.paid.sum(axis=1))


def covered(prepared: Prepared, asked: Asked) -> tuple[str, ...]:
    """Ids of the cases whose losses the fund pays and the region has events of."""
    return tuple(c for c in asked.settings.cases if (c, "together") in prepared.catalogues)


def _base(prepared: Prepared, asked: Asked) -> Base:
    made = [(c, prepared.catalogues[c, "together"]) for c in covered(prepared, asked)]
    if not made:
        known = sorted({c for c, _ in prepared.catalogues}) or ["none"]
        raise InputError(
            "reserve.cases",
            f"cases/{asked.case}.toml: the fund pays for {', '.join(asked.settings.cases)}, but events are "
            f"there of {', '.join(known)} only. Name one of these under cases, or add the case.",
        )
    draw, seed = prepared.base, prepared.drawn.seed
    terms = asked.terms(draw)
    check_years(asked.settings.years, terms.level, TAIL_YEARS)
    perils = asked.perils(made)
    layer = asked.layers(perils, draw)
    borne = simulate(perils, layer, None, asked.settings.years, np.random.default_rng([seed, 10]))
    year_layer = asked.year_layer(borne.paid, draw)
    if year_layer is not None:
        borne = simulate(perils, layer, year_layer, asked.settings.years, np.random.default_rng([seed, 10]))
    countries = tuple(m.country for m in prepared.model.members)
    claims = Claims.of(borne.paid)
    costs = pool_costs(claims, terms)
    return Base(draw, countries, perils, layer, year_layer, borne, claims, terms, costs, seed)


def _hazards(prepared: Prepared, asked: Asked) -> Hazards:
    paid = covered(prepared, asked)
    flood, storm = prepared.flood, prepared.storm
    return Hazards(
        flood if flood is not None and flood.settings.id in paid else None,
        storm if storm is not None and storm.settings.id in paid else None,
    )


def _finding(
    prepared: Prepared, asked: Asked, base: Base, row: CaseFinding, drawn: Sequence[DrawnPool]
) -> ReserveFinding:
    minor, n = asked.minor, len(asked.members)
    alone = float(base.costs.capital[1 << np.arange(n)].sum())
    pooled = float(base.costs.capital[-1])
    spared = diversification(base.costs.capital)
    pooled_premiums = pool_premiums(base.claims, (1 << n) - 1, base.terms)
    members = _members(prepared, asked, base, pooled_premiums)
    near, far = _nearest(asked.members, spared)
    core = core_findings(asked, base.claims, base.costs, pooled_premiums, asked.cession(base.draw))
    path = path_finding(asked, base.draw, base.total, pooled, base.terms, base.seed)
    saving = row.game.views.total_gain if row.game is not None else Interval(0.0, 0.0, 0.0)
    saved = np.array([d.load * (d.capital_alone - d.capital_pooled) for d in drawn])
    share = np.array([_spared(d.capital_alone, d.capital_pooled) for d in drawn])
    ceded = ceded_finding(asked, base.draw, base.total, base.terms)
    return ReserveFinding(
        case=row,
        covers=covered(prepared, asked),
        years=asked.settings.years,
        level=base.terms.level,
        load=base.terms.load,
        terms=_terms(asked, base),
        members=members,
        capital_alone=alone / minor,
        capital_pooled=pooled / minor,
        capital_saved_cost=spread(base.terms.load * (alone - pooled) / minor, saved),
        running_alone=n * base.terms.running_alone / minor,
        running_pooled=base.terms.running(n) / minor,
        saving=saving,
        diversification=spread(spared.whole, share),
        diversification_years=_resampled(base),
        diversification_maxima=_as_maxima(prepared, asked, base),
        pairs=spared.pair,
        closest=near,
        farthest=far,
        core=core,
        path=path,
        far=far_finding(base.total, base.terms, base.seed, minor),
        ceded=ceded,
        trials=_trials(prepared, asked, base),
        present_value=_present_values(prepared, saving.value),
        currencies=tuple(dict.fromkeys(m.currency for m in prepared.model.members)),
        tables=tables(asked, base.costs, members, path),
    )


def _spared(alone: float, pooled: float) -> float:
    return 1.0 - pooled / alone if alone > 0 else 0.0


def _terms(asked: Asked, base: Base) -> ReserveTerms:
    n = len(asked.members)
    years = np.full((2, n), np.nan)
    for i, member in enumerate(asked.members):
        own = asked.settings.layer_of(member)
        for k, name in enumerate(("attachment", "exhaustion")):
            if own is not None and is_period(getattr(own, name)):
                years[k, i] = base.draw[asked.id_of(member, name)]
    low, high, share = (
        np.broadcast_to(np.asarray(x, dtype=np.float64), n)
        for x in (base.layer.attachment, base.layer.exhaustion, base.layer.share)
    )
    return ReserveTerms(low / asked.minor, high / asked.minor, share, years[0], years[1])


def _members(prepared: Prepared, asked: Asked, base: Base, pooled: Premiums) -> ReserveMembers:
    minor, n = asked.minor, len(asked.members)
    single = 1 << np.arange(n)
    running = np.full(n, base.terms.running_alone)
    expected, held = base.costs.expected[single], base.costs.capital[single]
    apart = Premiums(expected, held, np.zeros(n), running, base.terms.load)
    currency, year = asked.currency, prepared.model.settings.price_year

    def minor_units(premiums: Premiums) -> Mapping[str, tuple[int, ...]]:
        in_units = Premiums(
            premiums.expected / minor,
            premiums.capital / minor,
            premiums.price / minor,
            premiums.running / minor,
            premiums.load,
        )
        made = bill(in_units, asked.members, currency, year)
        return {part: tuple(by[m] for m in asked.members) for part, by in made.parts.items()}

    return ReserveMembers(
        gross=base.borne.gross.mean(axis=0) / minor,
        kept=base.borne.kept.mean(axis=0) / minor,
        paid=base.borne.paid.mean(axis=0) / minor,
        capital_alone=held / minor,
        capital_pooled=pooled.capital / minor,
        premium_alone=apart.premium / minor,
        premium_pooled=pooled.premium / minor,
        parts_alone=minor_units(apart),
        parts_pooled=minor_units(pooled),
        premium_alone_before=_before(prepared, asked, base),
    )


def _before(prepared: Prepared, asked: Asked, base: Base) -> FloatArray:
    """(member,) premium alone on the losses left when nobody builds together; same terms in money."""
    made = [(c, prepared.catalogues[c, "alone"]) for c in covered(prepared, asked)]
    borne = simulate(
        asked.perils(made),
        base.layer,
        base.year_layer,
        asked.settings.years,
        np.random.default_rng([base.seed, 10]),
    )
    paid = borne.paid
    held = np.array([capital(paid[:, i], base.terms.level) for i in range(paid.shape[1])])
    premium = paid.mean(axis=0) + base.terms.load * held + base.terms.running_alone
    return np.asarray(premium / asked.minor)


def _nearest(
    members: Sequence[str], spared: Diversification
) -> tuple[tuple[str, str] | None, tuple[str, str] | None]:
    """The pair whose bad years go most together, and the pair whose go least."""
    n = len(members)
    found = [
        (float(spared.pair[i, j]), i, j)
        for i in range(n)
        for j in range(i + 1, n)
        if np.isfinite(spared.pair[i, j])
    ]
    if not found:
        return None, None
    (_, a, b), (_, c, d) = min(found), max(found)
    return (members[a], members[b]), (members[c], members[d])


def _resampled(base: Base) -> Interval:
    """Diversification when the simulated years are drawn again: what their number alone leaves open."""
    rng = np.random.default_rng([base.seed, 12])
    level = base.terms.level
    out = np.empty(RESAMPLES)
    for k in range(RESAMPLES):
        again = base.claims.again(rng)
        alone = sum(again.capital(again.total(1 << i), level) for i in range(again.n))
        out[k] = _spared(alone, again.capital(again.total((1 << again.n) - 1), level))
    low, high = (float(x) for x in interval(out))
    return Interval(diversification(base.costs.capital).whole, low, high)


def _as_maxima(prepared: Prepared, asked: Asked, base: Base) -> float:
    """Diversification when each hazard has one event a year or none, with the same terms in money."""
    made = [(c, prepared.catalogues[c, "together"]) for c in covered(prepared, asked)]
    perils = asked.perils(made, "annual-maxima")
    rng = np.random.default_rng([base.seed, 13])
    paid = simulate(perils, base.layer, base.year_layer, asked.settings.years, rng).paid
    alone = sum(capital(paid[:, i], base.terms.level) for i in range(paid.shape[1]))
    return _spared(alone, capital(paid.sum(axis=1), base.terms.level))


def _trials(prepared: Prepared, asked: Asked, base: Base) -> tuple[ReserveTrial, ...]:
    """Each number of the fund at both ends of its range, and each stated climate."""
    trials = Trials(asked, base.draw, base.borne.paid, base.layer, base.year_layer, base.seed)
    moved = ("level", "load", "running_alone", "running_fixed", "running_member", "layer")
    heads = tuple(f"{asked.case}.{name}" for name in moved)
    out = [
        trials.number(p.id, value, base.perils)
        for p in prepared.drawn.parameters
        if p.varies and p.id.startswith(heads)
        for value in (p.low, p.high)
    ]
    hazards = _hazards(prepared, asked)
    for s in prepared.model.settings.scenarios:
        climate = Climate(s.rain_factor, s.discharge_factor, s.gust_factor, s.temperature_shift_c)
        if _moves(hazards, climate):
            made: Sequence[tuple[str, Catalogue]] = hazards.catalogues(
                base.draw, YEARS, prepared.drawn.seed, climate
            )
            out.append(trials.scenario(dict(s.name) or {"": s.id}, asked.perils(made)))
    return tuple(out)


def _moves(hazards: Hazards, climate: Climate) -> bool:
    """Whether a climate changes a loss that the fund pays."""
    wetter = climate.rain_factor != 1.0 or climate.discharge_factor != 1.0
    return (hazards.flood is not None and wetter) or (
        hazards.storm is not None and climate.gust_factor != 1.0
    )


def _present_values(prepared: Prepared, saving: float) -> dict[float, float]:
    """Present value of the saving over the horizon at the low, base and high discount rate."""
    rate = prepared.model.parameter("region.discount_rate")
    years = prepared.model.settings.horizon_years
    return {r: saving * annuity_factor(r, years) for r in dict.fromkeys((rate.low, rate.value, rate.high))}
