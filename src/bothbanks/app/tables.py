"""Small tables of the findings: what was observed beside what is modelled, rain, scenarios,
trade-offs, classes.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.findings import Column, Table, Text
from bothbanks.analysis.measures.budgets import loss_by_class
from bothbanks.analysis.measures.effects import hurt_by_decision
from bothbanks.analysis.measures.equilibrium import PartitionGame
from bothbanks.analysis.measures.pareto import pareto_front
from bothbanks.analysis.risk.hazards.parameters import Climate
from bothbanks.analysis.risk.hazards.rain import return_levels
from bothbanks.app.cases import FloodRun, HeatRun, StormRun
from bothbanks.app.money_findings import Played
from bothbanks.region.folder import RegionModel

FloatArray = NDArray[np.float64]
Draw = Mapping[str, float]
RAIN_PERIODS = (2.0, 10.0, 50.0, 100.0, 200.0)
MOST_ON_FRONT = 40
WORTH_SHOWING = 1e-4
"""Share of all losses below which one member's effect on another is left out."""


def rain_table(model: RegionModel, seed: int) -> Table | None:
    """Return levels of rain by duration with the range of nine in ten resamples."""
    if "rain_maxima" not in model.tables:
        return None
    t = model.tables["rain_maxima"]
    rows = []
    for (station, duration), group in t.groupby(["station", "duration_days"], sort=True):
        full = group[group["days_observed"] >= 330]["depth"].to_numpy(float)
        found = return_levels(
            full, int(duration), RAIN_PERIODS, np.random.default_rng([seed, 3, int(duration)])
        )
        for k, period in enumerate(RAIN_PERIODS):
            rows.append((str(station), int(duration), period, found.depth[k], found.low[k], found.high[k]))
    columns = (
        Column("station"),
        Column("duration_days", "integer", "d"),
        Column("return_period", "year"),
        Column("depth", "number", "mm"),
        Column("low", "number", "mm"),
        Column("high", "number", "mm"),
    )
    return Table("rain", columns, tuple(rows), "GEV fits by L-moments, bootstrap of the fitted law")


def named(words: Text, code: str) -> dict[str, str]:
    """Words by language, or the code for every language where there are none."""
    return dict(words) or {"": code}


def comparison_table(model: RegionModel, run: FloodRun, base: Draw) -> Table | None:
    """Named events replayed by the model, and floods on record of the same areas."""
    rows: list[tuple[object, ...]] = []
    currency = model.settings.currency
    for event in run.settings.events:
        q = {basin: base[f"{run.settings.id}.event.{event.id}.{basin}"] for basin in event.discharge_ratio}
        found = run.hazard.model.scenario(base, q)
        loss, people = found.money.sum(axis=(0, 2)), found.people.sum(axis=0)
        name = named(event.name, event.id)
        for country in sorted({m.country for m in model.members}):
            mine = np.array([m.country == country for m in model.members])
            rows.append((name, country, "loss", float(loss[mine].sum()), np.nan, currency, "modelled"))
            rows.append((name, country, "people", float(people[mine].sum()), np.nan, "persons", "modelled"))
    if "observed_losses" in model.tables:
        for r in model.tables["observed_losses"].itertuples():
            rows.append((r.event, r.area, r.quantity, np.nan, float(r.value), r.unit, r.source))
    if not rows:
        return None
    columns = (
        Column("event"),
        Column("area"),
        Column("quantity"),
        Column("modelled", "number"),
        Column("observed", "number"),
        Column("unit"),
        Column("source"),
    )
    return Table("comparison", columns, tuple(rows), "named events of the case's file; observed_losses")


def basin_table(names: Mapping[str, Text]) -> Table:
    """Names of the river basins by their ids, as the region gives them."""
    rows = tuple((basin, named(words, basin)) for basin, words in sorted(names.items()))
    return Table("basins", (Column("id"), Column("name")), rows)


def frequency_table(model: RegionModel, run: FloodRun, base: Draw) -> Table | None:
    """Published discharges by return period beside the growth curve of the basin, both over the
    two-year flood.
    """
    if "flow_frequency" not in model.tables or run.hazard.regional is None:
        return None
    rows = []
    for gauge, group in model.tables["flow_frequency"].groupby("gauge", sort=True):
        basin = str(group["basin"].iloc[0])
        if basin not in run.hazard.basins:
            continue
        periods, flow = group["return_period"].to_numpy(float), group["discharge"].to_numpy(float)
        words = named(run.settings.basins[basin].name, basin)
        growth = run.hazard.regional.growth(base, basin)
        order = np.argsort(periods)
        first = float(flow[order[0]])
        at_first = float(np.asarray(growth.q(np.array([periods[order[0]]])))[0])
        for k in order:
            ratio = float(np.asarray(growth.q(np.array([periods[k]])))[0]) / at_first
            source = str(group["source"].iloc[k])
            rows.append((str(gauge), words, periods[k], first * ratio, float(flow[k]), source))
    columns = (
        Column("gauge"),
        Column("basin"),
        Column("return_period", "year"),
        Column("modelled", "number", "m3/s"),
        Column("observed", "number", "m3/s"),
        Column("source"),
    )
    return Table(
        "frequency", columns, tuple(rows), "modelled growth, set equal at the most frequent flood listed"
    )


def class_table(played: Played) -> Table:
    """Present value of loss by class, alone and together."""
    game = played.game
    alone, together = loss_by_class(game, game.alone()), loss_by_class(game, game.together())
    unit = played.settings.unit
    rows = [
        (c.id, m, float(alone[i, k]), float(together[i, k]))
        for k, c in enumerate(played.settings.classes)
        for i, m in enumerate(game.members)
    ]
    columns = (
        Column("class"),
        Column("member", "member"),
        Column("alone", "money", unit),
        Column("together", "money", unit),
    )
    return Table("classes", columns, tuple(rows))


def decision_table(played: Played) -> Table:
    """What each member's own decisions do to every other: negative = harm, positive = damage avoided."""
    game = played.game
    harm = hurt_by_decision(game)
    total = float(game.alone().loss.sum())
    rows = [
        (game.members[i], game.members[j], -float(harm[i, j]))
        for i in range(len(game.members))
        for j in range(len(game.members))
        if i != j and abs(harm[i, j]) > WORTH_SHOWING * total
    ]
    rows.sort(key=lambda r: (r[2], r[0], r[1]))
    columns = (
        Column("decides", "member"),
        Column("member", "member"),
        Column("effect", "money", played.settings.unit),
    )
    return Table("hurt-by-decision", columns, tuple(rows))


def pareto_table(played: Played) -> Table:
    """Sets of measures that no other set beats, cheapest first, with what the worst-off member gives up."""
    game = played.game
    front = pareto_front(game, played.population)
    before = game.alone().people.sum()
    chosen = game.together().profile
    names = game.tables.measures
    rows = []
    for k, profile in enumerate(front.profiles.tolist()):
        listed = " + ".join(names[j] for j in range(len(names)) if profile >> j & 1)
        worst = int(front.worst_member[k])
        rows.append(
            (
                listed,
                float(front.money[k]),
                float(before - front.people[k]),
                game.members[worst],
                float(front.worst_off[k] * played.population[worst]),
                "yes" if profile == chosen else "no",
            )
        )
    if len(rows) > MOST_ON_FRONT:
        step = np.unique(np.linspace(0, len(rows) - 1, MOST_ON_FRONT).round().astype(int))
        keep = set(step.tolist()) | {k for k, r in enumerate(rows) if r[-1] == "yes"}
        rows = [r for k, r in enumerate(rows) if k in keep]
    unit = played.settings.unit
    columns = (
        Column("measures"),
        Column("net_cost", "money", unit),
        Column("people_protected", "number", "persons/year"),
        Column("worst_off", "member"),
        Column("worst_loss", "money", unit),
        Column("chosen"),
    )
    return Table("pareto", columns, tuple(rows), f"{len(front.profiles)} sets on the front")


def scenario_table(
    model: RegionModel,
    flood: FloodRun | None,
    storm: StormRun | None,
    heat: HeatRun | None,
    base: Draw,
) -> Table | None:
    """Every stated climate scenario beside today: each case alone and together."""
    if not model.settings.scenarios:
        return None
    rows: list[tuple[object, ...]] = []
    settings = [(None, Climate())] + [
        (s, Climate(s.rain_factor, s.discharge_factor, s.gust_factor, s.temperature_shift_c))
        for s in model.settings.scenarios
    ]
    million = f"{model.settings.currency} m"
    for s, climate in settings:
        name: str | dict[str, str] = "today" if s is None else named(s.name, s.id)
        if flood is not None and (s is None or climate.rain_factor != 1.0 or climate.discharge_factor != 1.0):
            game = PartitionGame(flood.under(climate).tables(base))
            rows.append(
                (
                    name,
                    flood.settings.id,
                    million,
                    *_sums(game.alone().cost / 1e6, game.together().cost / 1e6),
                )
            )
        if storm is not None and (s is None or climate.gust_factor != 1.0):
            game = PartitionGame(storm.under(climate).tables(base))
            rows.append(
                (
                    name,
                    storm.settings.id,
                    million,
                    *_sums(game.alone().cost / 1e6, game.together().cost / 1e6),
                )
            )
        if heat is not None and (s is None or climate.temperature_shift_c != 0.0):
            rows.append((name, heat.settings.id, heat.settings.unit, *_sums(*heat.faced(base, climate))))
    columns = (
        Column("scenario"),
        Column("case"),
        Column("unit"),
        Column("alone", "number"),
        Column("together", "number"),
    )
    return Table("scenarios", columns, tuple(rows), "; ".join(s.source for s in model.settings.scenarios))


def _sums(alone: FloatArray, together: FloatArray) -> tuple[float, float]:
    return float(alone.sum()), float(together.sum())


def municipality_table(model: RegionModel) -> Table:
    """Municipalities with their people; floods are not given by municipality where the data does not
    bear it.
    """
    t = model.table("municipalities")
    rows = [
        (m, str(c), str(n), float(p), str(note) if isinstance(note, str) else "")
        for m, c, n, p, note in zip(
            t["member"],
            t["code"],
            t["name"],
            t["population"],
            t["population_note"] if "population_note" in t else [""] * len(t),
            strict=True,
        )
    ]
    columns = (
        Column("member", "member"),
        Column("code"),
        Column("name"),
        Column("population", "integer"),
        Column("note"),
    )
    return Table("municipalities", columns, tuple(rows))


def storm_comparison(model: RegionModel, run: StormRun, base: Draw) -> Table:
    """Damage that each real footprint does to today's people and buildings, by country."""
    damage = run.hazard.footprint_damage(base)
    rows = [
        (str(storm), country, "loss", float(damage[s, [m.country == country for m in model.members]].sum()))
        for s, storm in enumerate(run.hazard.inputs.storms)
        for country in sorted({m.country for m in model.members})
    ]
    columns = (
        Column("event"),
        Column("area"),
        Column("quantity"),
        Column("modelled", "money", model.settings.currency),
    )
    return Table(
        f"comparison-{run.settings.id}", columns, tuple(rows), "footprints as they were, today's exposure"
    )


def heat_comparison(model: RegionModel, run: HeatRun, base: Draw) -> Table:
    """The five deadliest summers of the record, with today's people."""
    years, deaths = run.hazard.deaths_by_year(base)
    total = deaths.reshape(len(years), -1).sum(axis=1)
    worst = np.argsort(-total, kind="stable")[:5]
    rows = [(str(int(years[k])), "deaths", float(total[k])) for k in worst]
    columns = (Column("event"), Column("quantity"), Column("modelled", "number", "deaths"))
    return Table(
        f"comparison-{run.settings.id}", columns, tuple(rows), "summers of the record, today's people"
    )
