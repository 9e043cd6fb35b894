"""The main job: a region folder in, findings out, and everything that is made from them written as one
folder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks import __version__
from bothbanks.analysis.findings import (
    CaseFinding,
    Curve,
    DataRequest,
    DealSheet,
    Findings,
    FundingFinding,
    MapLayer,
    MeasureFinding,
    MemberInfo,
    PurchasingFinding,
    RegionInfo,
    ReserveFinding,
    Sensitivity,
    Table,
)
from bothbanks.analysis.measures.deals import Deal
from bothbanks.app import funding, maps, outcome, procurement, programme, purchasing, reserve, tables
from bothbanks.app.cases import FloodRun, HeatRun, StormRun, flood_run, heat_run, population_of, storm_run
from bothbanks.app.draws import DrawSet, draw_set
from bothbanks.app.loss_curves import Catalogue, flood_curves, hurt_by_origin, storm_curves
from bothbanks.app.measure_findings import budgets, deal_sheets, measure_findings
from bothbanks.app.measures import deals_of, scales_of
from bothbanks.app.money_findings import Played, case_finding
from bothbanks.app.other_findings import counts, heat_finding, heat_measures
from bothbanks.app.play import Ends, play_draws, play_ends
from bothbanks.app.prepared import Finder, Prepared, Step
from bothbanks.app.remembered import remembering
from bothbanks.app.sensitivity import data_requests, sensitivities
from bothbanks.app.workers import Workers
from bothbanks.region import seams
from bothbanks.region.folder import RegionModel, harmonise, read_region

FloatArray = NDArray[np.float64]
Progress = Callable[[str, float], None]
CURVE_DRAWS = 16


def _silent(step: str, share: float) -> None:
    """No progress."""


@dataclass
class _Pieces:
    """What the cases leave behind, gathered in the order of the folder."""

    cases: list[CaseFinding] = field(default_factory=list)
    measures: list[MeasureFinding] = field(default_factory=list)
    deals: tuple[DealSheet, ...] = ()
    budgets: tuple[Any, ...] = ()
    curves: list[Curve] = field(default_factory=list)
    maps: list[MapLayer] = field(default_factory=list)
    tables: dict[str, Table] = field(default_factory=dict)
    sensitivities: tuple[Sensitivity, ...] = ()
    requests: tuple[DataRequest, ...] = ()
    seams: tuple[Any, ...] = ()
    catalogues: dict[tuple[str, str], Catalogue] = field(default_factory=dict)
    played: dict[str, Played] = field(default_factory=dict)
    money: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Appraisal:
    """Findings, the model they come from, and the event catalogues behind the curves, by case."""

    model: RegionModel
    findings: Findings
    catalogues: Mapping[tuple[str, str], Catalogue]


def appraise(
    region: Path,
    draws: int | None = None,
    seed: int | None = None,
    progress: Progress = _silent,
    workers: int | None = None,
) -> Appraisal:
    """Read a region folder and find out what each member gets alone and together.

    Parameters
    ----------
    draws, seed : as region.toml says where not given
    workers : processes to share the draws among; by default one a core. The answers don't depend on it.

    Raises
    ------
    RegionError
        The folder can't be used; every problem is listed.
    InputError
        The cases ask for something the folder doesn't hold.
    """
    progress("reading the region folder", 0.0)
    folder = read_region(region)
    with Workers(workers) as helpers:
        model = harmonise(folder)
        drawn = draw_set(
            model.parameters,
            model.settings.draws if draws is None else draws,
            model.settings.seed if seed is None else seed,
        )
        pieces = _Job(model, drawn, progress, helpers).run()
    return Appraisal(model, _findings(model, drawn, pieces), pieces.catalogues)


def _case_order(model: RegionModel) -> list[str]:
    kinds = ("flood", "storm", "heat", "reserve", "purchasing")
    return sorted(model.cases, key=lambda c: (kinds.index(model.cases[c].kind), c))


@dataclass
class _Job:
    model: RegionModel
    drawn: DrawSet
    progress: Progress
    workers: Workers

    def run(self) -> _Pieces:
        """All cases of the folder, the region's own tables last."""
        pieces = _Pieces()
        flood, storm, heat = self.runs()
        if flood is not None:
            self.flood(flood, pieces)
        if storm is not None:
            self.storm(storm, pieces)
        if heat is not None:
            self.heat(heat, pieces)
        self.region_wide(flood, storm, heat, pieces)
        self.money(
            Prepared(
                self.model,
                self.drawn,
                self.workers,
                flood,
                storm,
                heat,
                pieces.played,
                tuple(pieces.cases),
                tuple(pieces.measures),
                pieces.catalogues,
            ),
            pieces,
        )
        order = {name: k for k, name in enumerate(_case_order(self.model))}
        pieces.cases.sort(key=lambda c: order[c.id])
        return pieces

    def runs(self) -> tuple[FloodRun | None, StormRun | None, HeatRun | None]:
        """The cases of the folder, ready to play; one of each kind."""
        by_kind = {case.kind: case for case in self.model.cases.values()}
        flood = flood_run(self.model, by_kind["flood"]) if "flood" in by_kind else None
        storm = storm_run(self.model, by_kind["storm"]) if "storm" in by_kind else None
        heat = heat_run(self.model, by_kind["heat"]) if "heat" in by_kind else None
        return flood, storm, heat

    @property
    def countries(self) -> tuple[str, ...]:
        return tuple(m.country for m in self.model.members)

    @property
    def members(self) -> tuple[str, ...]:
        return tuple(m.id for m in self.model.members)

    def scales(self, case: Any) -> Mapping[str, FloatArray]:
        """Quantities of unit costs at the base values."""
        return {k: s(self.drawn.base) for k, s in scales_of(case, population_of(self.model)).items()}

    def tell(self, words: str, share: float) -> None:
        """Progress of the shared problems, which come before the money."""
        self.progress(words, share * MONEY_FROM)

    def step(self, words: str, start: float, stop: float) -> Callable[[int, int], None]:
        """Progress of a long step, between two shares of the whole."""
        self.tell(words, start)
        return lambda done, all_: self.tell(words, start + (stop - start) * done / max(all_, 1))

    def flood(self, run: FloodRun, pieces: _Pieces) -> None:
        """Everything about floods."""
        base, deals = self.drawn.base, deals_of(run.settings)
        told = self.step("playing the flood game over the draws", 0.08, 0.50)
        results = play_draws(run.game, self.drawn.draws, self.countries, deals, told, self.workers)
        played = Played(run.settings, run.game.game(base), results, self.countries, population_of(self.model))
        self._members_not_modelled = counts(self.members, run.hazard.people_not_modelled())
        pieces.cases.append(case_finding(played, self._members_not_modelled))
        pieces.measures += measure_findings(played, run.measures, base, self.model, self.scales(run.settings))
        ends = self._ends(run, deals)
        pieces.deals = deal_sheets(played, deals, base, self.model, run.measures, ends)
        pieces.budgets = budgets(played, base, self.model)
        pieces.sensitivities += sensitivities(played, self.drawn)
        pieces.requests = data_requests(self.model, played, ends, pieces.sensitivities, pieces.cases)
        self.tell("drawing the years of the loss curves", 0.72)
        pieces.played[run.settings.id] = played
        curves, made = flood_curves(
            run, played.game, base, self.drawn.draws[:CURVE_DRAWS], self.drawn.seed, self.workers
        )
        pieces.curves += curves
        pieces.catalogues |= {(run.settings.id, variant): c for variant, c in made.items()}
        names = {b: s.name for b, s in run.settings.basins.items()}
        unit = self.model.settings.currency
        pieces.tables["basins"] = tables.basin_table(names)
        pieces.tables["hurt-by-origin"] = hurt_by_origin(made["alone"], self.members, names, unit)
        pieces.tables["hurt-by-decision"] = tables.decision_table(played)
        pieces.tables["pareto"] = tables.pareto_table(played)
        pieces.tables["classes"] = tables.class_table(played)
        self.tell("mapping the floods and their seams", 0.80)
        pieces.maps += maps.flood_layers(self.model, run, base)
        depths = {t: maps.side_depth(self.model, run, base, t) for t in maps.periods_of(run)}
        pieces.seams = seams(self.model, depths)

    def _ends(self, run: FloodRun, deals: tuple[Deal, ...]) -> Ends:
        mine = [p for p in self.drawn.parameters if p.id.startswith((f"{run.settings.id}.", "region."))]
        mine = [p for p in mine if ".event." not in p.id and ".copula_" not in p.id]
        told = self.step("moving one assumption at a time", 0.50, 0.72)
        return play_ends(remembering(run.game), mine, self.drawn.base, deals, told, self.workers)

    def storm(self, run: StormRun, pieces: _Pieces) -> None:
        """Everything about windstorm."""
        base = self.drawn.base
        told = self.step("playing the storm game over the draws", 0.82, 0.90)
        results = play_draws(run.game, self.drawn.draws, self.countries, (), told, self.workers)
        played = Played(run.settings, run.game.game(base), results, self.countries, population_of(self.model))
        pieces.cases.append(
            case_finding(played, counts(self.members, run.hazard.inputs.people_not_modelled()))
        )
        pieces.measures += measure_findings(played, run.measures, base, self.model, self.scales(run.settings))
        pieces.played[run.settings.id] = played
        curves, made = storm_curves(run, played.game, base, self.drawn.seed)
        pieces.catalogues |= {(run.settings.id, variant): c for variant, c in made.items()}
        pieces.curves += curves
        pieces.maps += maps.storm_layers(self.model, run)
        pieces.tables[f"comparison-{run.settings.id}"] = tables.storm_comparison(self.model, run, base)

    def heat(self, run: HeatRun, pieces: _Pieces) -> None:
        """Everything about heat."""
        self.tell("counting deaths from heat", 0.90)
        pieces.cases.append(heat_finding(run, self.drawn.base, self.drawn.draws))
        pieces.measures += heat_measures(run, self.drawn.base, self.model, self.scales(run.settings))
        pieces.tables[f"comparison-{run.settings.id}"] = tables.heat_comparison(
            self.model, run, self.drawn.base
        )

    def region_wide(
        self, flood: FloodRun | None, storm: StormRun | None, heat: HeatRun | None, pieces: _Pieces
    ) -> None:
        """Tables that several cases share."""
        base = self.drawn.base
        self.tell("comparing with what was observed", 0.92)
        made = {
            "rain": tables.rain_table(self.model, self.drawn.seed),
            "comparison": tables.comparison_table(self.model, flood, base) if flood else None,
            "frequency": tables.frequency_table(self.model, flood, base) if flood else None,
            "scenarios": tables.scenario_table(self.model, flood, storm, heat, base),
            "municipalities": tables.municipality_table(self.model),
        }
        pieces.tables |= {name: table for name, table in made.items() if table is not None}
        if pieces.cases:
            pieces.maps.append(maps.people_layer(self.model, pieces.cases[0].id))

    def money(self, prepared: Prepared, pieces: _Pieces) -> None:
        """Budgets, funding, the reserve, purchases and grants; each where the folder asks for it."""
        for number, (name, words, find) in enumerate(MONEY):
            start, stop = (
                MONEY_FROM + (MONEY_TO - MONEY_FROM) * k / len(MONEY) for k in (number, number + 1)
            )
            found = find(prepared, self._money_step(words, start, stop))
            pieces.money[name] = found
            if name == "programme":
                prepared = replace(prepared, programme=found)
            pieces.tables |= getattr(found, "tables", {})
            if isinstance(found, ReserveFinding | PurchasingFinding):
                pieces.cases.append(found.case)

    def _money_step(self, words: str, start: float, stop: float) -> Step:
        self.progress(words, start)
        return lambda done, all_: self.progress(words, start + (stop - start) * done / max(all_, 1))


def _funding(prepared: Prepared, step: Step) -> FundingFinding | None:
    """Funds for what is built under the budgets, where there are any."""
    return funding.find(prepared, step, prepared.programme)


MONEY_FROM, MONEY_TO = 0.60, 0.93
MONEY: tuple[tuple[str, str, Finder], ...] = (
    ("programme", "choosing under budgets", programme.find),
    ("funding", "blending the funds", _funding),
    ("reserve", "drawing the years of the reserve", reserve.find),
    ("purchasing", "buying together", purchasing.find),
    ("procurement", "reading the purchases", procurement.find),
    ("outcome", "computing the outcome grants", outcome.find),
)


def _findings(model: RegionModel, drawn: DrawSet, pieces: _Pieces) -> Findings:
    return Findings(
        region=_region_info(model, drawn),
        members=_member_infos(model),
        cases=tuple(pieces.cases),
        measures=tuple(pieces.measures),
        deals=pieces.deals,
        budgets=pieces.budgets,
        curves=tuple(pieces.curves),
        tables=pieces.tables,
        map_base=maps.map_base(model),
        maps=tuple(pieces.maps),
        seams=pieces.seams,
        files=model.files,
        conversions=model.conversions,
        refused=model.refused,
        parameters=model.parameters,
        sensitivities=pieces.sensitivities,
        data_requests=pieces.requests,
        **pieces.money,
    )


def _region_info(model: RegionModel, drawn: DrawSet) -> RegionInfo:
    s = model.settings
    return RegionInfo(
        id=s.id,
        name=s.name,
        about=s.about,
        languages=s.languages,
        currency=s.currency,
        price_year=s.price_year,
        horizon_years=s.horizon_years,
        discount_rate=model.parameter("region.discount_rate"),
        crs=s.crs,
        height_datum=s.height_datum,
        seed=drawn.seed,
        draws=len(drawn.draws),
        version=__version__,
        inputs_sha256=model.inputs_sha256,
        demonstration=s.demonstration,
    )


def _member_infos(model: RegionModel) -> tuple[MemberInfo, ...]:
    people = population_of(model)
    towns = model.table("municipalities").groupby("member").size()
    return tuple(
        MemberInfo(
            m.id,
            m.name,
            m.country,
            m.currency,
            m.languages,
            round(float(people[i])),
            int(towns.get(m.id, 0)),
            m.fiscal_year_start,
        )
        for i, m in enumerate(model.members)
    )


def appraise_region(
    region: Path,
    out: Path,
    draws: int | None = None,
    seed: int | None = None,
    progress: Progress = _silent,
    workers: int | None = None,
) -> Findings:
    """Appraise a region and write report, value.json, layers, tables, workbook, catalogue and
    provenance to ``out``.

    ``out`` is replaced as a whole when everything is written, so it is never half of a run.
    """
    from bothbanks.app.output import refuse_foreign
    from bothbanks.app.write import write_all

    refuse_foreign(out.absolute())
    appraisal = appraise(region, draws, seed, progress, workers)
    write_all(appraisal, out, progress)
    progress("done", 1.0)
    return appraisal.findings
