"""Synthetic findings for the tests of pages and files: invented figures, internally consistent.

``findings()`` has three members in two countries, a flood game, storm without a gain, and heat.
``other_scripts()`` is the same with long names in other scripts and names in one language only.
``bare()`` has one hazard, no gain, and empty tables.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from shapely.geometry import LineString, MultiLineString, box

from bothbanks.analysis.findings import (
    BreakEven,
    BudgetSplit,
    CaseFinding,
    Column,
    Curve,
    DataRequest,
    DealSheet,
    FileCount,
    Findings,
    GameFinding,
    Interval,
    MapBase,
    MapLayer,
    MeasureFinding,
    MemberInfo,
    Objection,
    RegionInfo,
    RuleFinding,
    SeamKilometre,
    Sensitivity,
    Table,
    ThreeViews,
)
from bothbanks.words.parameters import Parameter

LANGUAGES = ("en", "de", "fr", "nl")
MEMBERS = ("upper", "lower", "east")
HORIZON = 50


def text(en: str, de: str = "", fr: str = "", nl: str = "") -> dict[str, str]:
    return {k: v for k, v in zip(LANGUAGES, (en, de or en, fr or en, nl or en), strict=True) if v}


def parameters() -> tuple[Parameter, ...]:
    p = Parameter
    return (
        p("region.discount_rate", 0.03, 0.0225, 0.04, "1/year", "National guide to appraisal 2020, table 3"),
        p("flood.stage_exponent", 0.4, 0.35, 0.5, "1", "assumed"),
        p("flood.floor_width_coefficient", 12.0, 8.0, 16.0, "m/km", "assumed", "fitted to mapped floods"),
        p("flood.footprint_residential", 24.0, 18.0, 30.0, "m²/person", "assumed"),
        p("flood.value_residential_be", 708.0, 600.0, 820.0, "EUR/m²", "Huizinga et al. 2017, JRC105688"),
        p("flood.basin.brook.protection_years", 25.0, 15.0, 50.0, "year", "Water board 2021, p. 14"),
        p("flood.basin.brook.calibration", 2.0, 1.0, 3.0, "1", "assumed", "fitted by hand"),
        p("flood.measure.brook-buffers.effect", 0.85, 0.80, 0.95, "1", "assumed"),
        p("flood.measure.brook-buffers.cost", 42e6, 30e6, 70e6, "EUR", "assumed"),
        p("storm.gumbel_location", 24.0, 22.0, 26.0, "m/s", "assumed"),
        p("heat.threshold", 23.3, 23.3, 23.3, "degC", "Baccini et al. 2008, table 2"),
        p("heat.slope", 0.0184, 0.0006, 0.0364, "1/degC", "Baccini et al. 2008, table 2"),
    )


def region() -> RegionInfo:
    return RegionInfo(
        id="brookland",
        name=text("Brookland", "Bachland", "Pays du Ruisseau", "Beekland"),
        about=text("An invented border region.", "Eine erfundene Grenzregion.", "Une région inventée."),
        languages=LANGUAGES,
        currency="EUR",
        price_year=2023,
        horizon_years=HORIZON,
        discount_rate=parameters()[0],
        crs="EPSG:3035",
        height_datum="NAP",
        seed=7,
        draws=64,
        version="0.1.0",
        inputs_sha256="ab" * 32,
        demonstration=text(
            "This data bears a demonstration, not an appraisal.",
            "Diese Daten tragen eine Vorführung, kein Gutachten.",
            "Ces données portent une démonstration, pas une expertise.",
            "Deze gegevens dragen een demonstratie, geen beoordeling.",
        ),
    )


def members() -> tuple[MemberInfo, ...]:
    return (
        MemberInfo(
            "upper",
            text("Upper Brook", "Oberbach", "Haut-Ruisseau", "Bovenbeek"),
            "BE",
            "EUR",
            ("de", "fr"),
            48_000,
            4,
            "01-01",
        ),
        MemberInfo(
            "lower",
            text("Lower Brook", "Niederbach", "Bas-Ruisseau", "Benedenbeek"),
            "NL",
            "EUR",
            ("nl",),
            342_000,
            5,
            "01-01",
        ),
        MemberInfo(
            "east",
            text("East Bank", "Ostufer", "Rive-Est", "Oostoever"),
            "NL",
            "EUR",
            ("nl",),
            120_000,
            3,
            "01-01",
        ),
    )


def _rule(rule: str, shares: list[float], transfer: np.ndarray, gamma: bool, delta: bool) -> RuleFinding:
    s = np.array(shares) * 1e6
    return RuleFinding(
        rule=rule,
        shares=s,
        payments=s - transfer,
        in_core_gamma=gamma,
        in_core_delta=delta,
        objection_gamma=Objection(("upper", "lower"), -4.2e6 if gamma else 11.3e6),
        objection_delta=Objection(("lower",), -1.1e6 if delta else 16.8e6),
        share_low=s * 0.4,
        share_high=s * 1.9,
        draws_in_core_gamma=1.0 if gamma else 0.25,
        draws_in_core_delta=0.97 if delta else 0.11,
        draws_in_core_fixed_gamma=0.86 if gamma else 0.2,
        draws_in_core_fixed_delta=0.80 if delta else 0.09,
    )


def game() -> GameFinding:
    transfer = np.array([-31.0, 98.0, 23.0]) * 1e6
    worth = np.array([0.0, 0.0, 0.0, 61.0, 0.0, 3.0, 12.0, 90.0]) * 1e6
    rules = (
        _rule("shapley", [31.5, 41.0, 17.5], transfer, True, True),
        _rule("nucleolus", [33.0, 42.0, 15.0], transfer, True, True),
        _rule("equal", [30.0, 30.0, 30.0], transfer, True, False),
        _rule("benefit", [4.0, 70.0, 16.0], transfer, False, False),
        _rule("population", [8.5, 60.4, 21.1], transfer, False, False),
        _rule("ability", [9.0, 61.0, 20.0], transfer, False, False),
    )
    return GameFinding(
        worth_gamma=worth,
        worth_delta=worth,
        no_transfer_gain=transfer,
        loses_without_payment=np.array([1.0, 0.0, 0.04]),
        rules=rules,
        views=ThreeViews(
            total_gain=Interval(90e6, 42e6, 171e6),
            gain_within_countries={"BE": 0.0, "NL": 12e6},
            cross_border_gain=Interval(78e6, 30e6, 150e6),
            country_shares={"BE": 39e6, "NL": 51e6},
            country_in_core=True,
        ),
        core_empty=False,
        least_core_epsilon=-4.2e6,
        draws_core_empty=0.0,
        convexity_violations=0.017,
        equilibria={"alone": 1, "together": 1, "most": 2, "none": 0},
    )


def cases() -> tuple[CaseFinding, ...]:
    a = np.array
    flood_alone, flood_together = a([36e6, 224e6, 61e6]), a([67e6, 126e6, 38e6])
    flood = CaseFinding(
        id="flood",
        kind="flood",
        name=text("Floods", "Hochwasser", "Inondations", "Overstromingen"),
        unit="EUR",
        per="horizon",
        money=True,
        modelled=text(
            "Flood depths are modelled from terrain, drainage area and rain; they are not an official map.",
            "Die Wassertiefen sind aus Gelände, Einzugsgebiet und Regen modelliert; sie sind keine "
            "amtliche Karte.",
            "Les hauteurs d’eau sont modélisées à partir du relief, du bassin et de la pluie ; ce "
            "n’est pas une carte officielle.",
            "De waterdiepten zijn gemodelleerd uit terrein, stroomgebied en regen; het is geen "
            "officiële kaart.",
        ),
        alone=flood_alone,
        together=flood_together,
        alone_low=flood_alone * 0.6,
        alone_high=flood_alone * 1.7,
        together_low=flood_together * 0.6,
        together_high=flood_together * 1.8,
        total_alone=Interval(321e6, 190e6, 540e6),
        total_together=Interval(231e6, 140e6, 410e6),
        game=game(),
        physical={
            "people_affected": {"alone": a([120.0, 610.0, 150.0]), "together": a([118.0, 402.0, 120.0])}
        },
        not_modelled={"lower": 12_400},
    )
    storm_cost = a([4.1e6, 22e6, 9.0e6])
    none = np.zeros(3)
    storm_game = replace(
        game(),
        worth_gamma=np.zeros(8),
        worth_delta=np.zeros(8),
        no_transfer_gain=none,
        loses_without_payment=none,
        rules=tuple(
            replace(
                r,
                shares=none,
                payments=none,
                share_low=none,
                share_high=none,
                in_core_gamma=True,
                in_core_delta=True,
                objection_gamma=Objection((), 0.0),
                objection_delta=Objection((), 0.0),
            )
            for r in game().rules
        ),
        views=ThreeViews(
            Interval(0, 0, 0), {"BE": 0.0, "NL": 0.0}, Interval(0, 0, 0), {"BE": 0.0, "NL": 0.0}, True
        ),
        least_core_epsilon=0.0,
    )
    storm = CaseFinding(
        id="storm",
        kind="storm",
        name=text("Windstorm", "Sturm", "Tempête", "Storm"),
        unit="EUR",
        per="horizon",
        money=True,
        modelled=text("The frequency of gusts is assumed.", "Die Häufigkeit der Böen ist angenommen."),
        alone=storm_cost,
        together=storm_cost,
        alone_low=storm_cost * 0.3,
        alone_high=storm_cost * 2.5,
        together_low=storm_cost * 0.3,
        together_high=storm_cost * 2.5,
        total_alone=Interval(35.1e6, 10e6, 88e6),
        total_together=Interval(35.1e6, 10e6, 88e6),
        game=storm_game,
    )
    heat_alone, heat_together = a([4.0, 25.0, 9.1]), a([4.0, 23.0, 8.4])
    heat = CaseFinding(
        id="heat",
        kind="heat",
        name=text("Heat", "Hitze", "Chaleur", "Hitte"),
        unit="deaths/year",
        per="year",
        money=False,
        modelled=text(""),
        alone=heat_alone,
        together=heat_together,
        alone_low=heat_alone * 0.1,
        alone_high=heat_alone * 2,
        together_low=heat_together * 0.1,
        together_high=heat_together * 2,
        total_alone=Interval(38.1, 4, 76),
        total_together=Interval(35.4, 4, 71),
        game=None,
        running_cost={"alone": a([0.0, 1.1e6, 0.3e6]), "together": a([0.1e6, 0.9e6, 0.3e6])},
    )
    return flood, storm, heat


def measures() -> tuple[MeasureFinding, ...]:
    years = np.arange(HORIZON)
    ramp = np.where(years < 3, 14e6, 0.0)
    base = MeasureFinding(
        id="brook-buffers",
        case="flood",
        kind="retention",
        name=text(
            "Retention basins on the upper brook",
            "Rückhaltebecken am oberen Bach",
            "Zones d’immersion temporaire en amont",
            "Waterbuffers bovenstrooms",
        ),
        holders=("upper",),
        holders_source="Water act 2014, article 12",
        outside_holder="",
        cost=Parameter("flood.measure.brook-buffers.cost", 42e6, 30e6, 70e6, "EUR", "assumed"),
        cost_by_year=ramp,
        upkeep_by_year=np.where(years < 3, 0.0, 0.42e6),
        lifetime_years=50,
        present_cost=51e6,
        effect_on_member=np.array([4e6, 98e6, 14e6]),
        chosen_alone=False,
        chosen_together=True,
        chosen_together_draws=0.91,
        assumed=("flood.measure.brook-buffers.effect",),
    )
    levee = replace(
        base,
        id="levee",
        kind="levee",
        name=text(
            "Higher levee on the left bank",
            "Höherer Deich am linken Ufer",
            "Digue plus haute en rive gauche",
            "Hogere dijk op de linkeroever",
        ),
        holders=("lower",),
        holders_source="assumed",
        cost=Parameter("flood.measure.levee.cost", 20e6, 12e6, 35e6, "EUR", "Water board 2021, p. 20"),
        present_cost=24e6,
        effect_on_member=np.array([0.0, 31e6, -9e6]),
        chosen_alone=True,
        chosen_together=False,
        chosen_together_draws=0.48,
        assumed=(),
        outside_holder="River authority",
    )
    return base, levee


def deal() -> DealSheet:
    year = np.zeros(HORIZON)
    year[:3] = 13.6e6
    return DealSheet(
        id="brook",
        name=text("The brook: buffers upstream, safety downstream", "Der Bach: Becken oben, Schutz unten"),
        measures=("brook-buffers",),
        hosts=("upper",),
        beneficiaries=("lower", "east"),
        host_cost={"upper": 47e6},
        least_accepted=Interval(47e6, 33e6, 76e6),
        most_paid=Interval(112e6, 50e6, 190e6),
        payment=79.5e6,
        payment_by_year={"upper": year, "lower": -year * 0.8, "east": -year * 0.2},
        survives_draws=0.94,
        break_even=(
            BreakEven("flood.measure.brook-buffers.effect", 0.85, 0.80, 0.95, "1", 0.93),
            BreakEven("region.discount_rate", 0.03, 0.0225, 0.04, "1/year", None),
        ),
        article=text(
            "The downstream members pay the upstream member for building and keeping the basins.",
            "Die Unterlieger zahlen dem Oberlieger Bau und Unterhalt der Becken.",
        ),
    )


def map_base() -> MapBase:
    xs, ys = np.meshgrid(np.arange(24), np.arange(16))
    x, y = xs.ravel() * 1000.0 + 4_000_000, ys.ravel() * 1000.0 + 3_000_000
    member = np.where(xs.ravel() < 8, 0, np.where(xs.ravel() < 18, 1, 2)).astype(np.int64)
    o = 4_000_000.0, 3_000_000.0

    def rect(a: int, b: int) -> object:
        return box(o[0] + a * 1000, o[1], o[0] + b * 1000, o[1] + 16_000)

    return MapBase(
        crs="EPSG:3035",
        cell_size_m=1000.0,
        cell_x=x,
        cell_y=y,
        cell_member=member,
        cell_municipality=tuple("A" for _ in x),
        population=np.full(x.size, 500.0) + ys.ravel() * 40,
        outlines={"upper": rect(0, 8), "lower": rect(8, 18), "east": rect(18, 24)},
        country_border=MultiLineString([LineString([(o[0] + 8000, o[1]), (o[0] + 8000, o[1] + 16_000)])]),
        rivers=(
            (
                "Brook",
                250.0,
                LineString(
                    [(o[0] + 500, o[1] + 9000), (o[0] + 9000, o[1] + 7000), (o[0] + 23_500, o[1] + 6000)]
                ),
            ),
        ),
        places=(
            (text("Highford", "Hochfurt"), o[0] + 3500, o[1] + 8800, 12_000.0),
            (text("Lowford"), o[0] + 12_500, o[1] + 6600, 120_000.0),
            (text("Eastmarket"), o[0] + 20_500, o[1] + 9000, 40_000.0),
        ),
    )


def maps() -> tuple[MapLayer, ...]:
    base = map_base()
    cy = (base.cell_y - 3_000_000) / 1000
    depth = np.clip(2.4 - np.abs(cy - 7) * 0.9, 0.0, None)
    depth[base.cell_x > 4_021_000] = np.nan
    return (
        MapLayer(
            "flood-depth-100",
            "flood",
            "m",
            depth,
            (0.25, 0.5, 1.0, 2.0),
            "water",
            text(
                "Mean depth on the wet part, once in 100 years.",
                "Mittlere Tiefe der nassen Fläche, einmal in 100 Jahren.",
            ),
        ),
        MapLayer(
            "flood-change-100",
            "flood",
            "m",
            np.where(depth > 0, -0.3, 0.0) + np.where(base.cell_member == 2, 0.5, 0.0),
            (-0.5, -0.1, 0.1, 0.5),
            "difference",
            text("Change in depth, together against alone."),
        ),
        MapLayer("storm-gust-50", "storm", "m/s", 20 + cy * 0.6, (22, 24, 26, 28), "wind", text(""), False),
        MapLayer("heat-days", "heat", "d/year", 10 + cy * 0.5, (10, 12, 14, 16), "heat", text(""), False),
    )


def tables() -> dict[str, Table]:
    c = Column
    return {
        "comparison": Table(
            "comparison",
            (
                c("event"),
                c("area"),
                c("quantity"),
                c("modelled", "number", "EUR"),
                c("observed", "number", "EUR"),
                c("source"),
            ),
            (("July 2021", "Brookland", "loss", 210e6, 180e6, "Insurers 2022"),),
        ),
        "rain": Table(
            "rain",
            (
                c("duration", "integer", "d"),
                c("return_period", "year"),
                c("level", "number", "mm"),
                c("low", "number", "mm"),
                c("high", "number", "mm"),
            ),
            ((1, 100.0, 78.5, 67.0, 93.0), (2, 100.0, 87.0, 78.0, 95.0)),
        ),
        "hurt-by-origin": Table(
            "hurt-by-origin",
            (c("basin"), c("member", "member"), c("loss", "money", "EUR/year")),
            (("brook", "lower", 6.1e6), ("brook", "upper", 1.2e6)),
        ),
        "hurt-by-decision": Table(
            "hurt-by-decision",
            (c("measure"), c("decides", "member"), c("member", "member"), c("effect", "money", "EUR")),
            (("levee", "lower", "east", -9e6),),
        ),
        "scenarios": Table(
            "scenarios",
            (c("scenario"), c("case"), c("alone", "money", "EUR"), c("together", "money", "EUR")),
            ((text("High warming, 2050", "Starke Erwärmung, 2050"), "flood", 401e6, 290e6),),
        ),
        "pareto": Table(
            "pareto",
            (
                c("measures"),
                c("net_cost", "money", "EUR"),
                c("people_protected", "number", "persons/year"),
                c("worst_off", "member"),
                c("worst_loss", "money", "EUR"),
                c("chosen", "text"),
            ),
            (
                ("brook-buffers", 231e6, 240.0, "upper", 31e6, "yes"),
                ("", 321e6, 0.0, "lower", 0.0, "no"),
                ("brook-buffers + levee", 239e6, 281.0, "upper", 40e6, "no"),
            ),
        ),
        "settings": Table("settings", (c("setting"), c("value")), (("seed", "7"), ("draws", "64"))),
    }


def files() -> tuple[FileCount, ...]:
    return (
        FileCount(
            "members/upper/cells.csv",
            "cells",
            "upper",
            500,
            497,
            3,
            "cd" * 32,
            "CC BY 4.0",
            "© Statistics Office",
            False,
            "EPSG:3035",
        ),
        FileCount(
            "odbl/lower/terrain.csv",
            "terrain",
            "lower",
            384,
            384,
            0,
            "ef" * 32,
            "ODbL 1.0",
            "© OpenStreetMap contributors",
            True,
            "",
        ),
    )


def findings() -> Findings:
    t = np.array([2.0, 5, 10, 20, 50, 100, 200, 500])
    total = 20e6 * np.log(t) ** 2
    share = np.array([0.1, 0.7, 0.25])
    curves = tuple(
        Curve("flood", v, t, f * total[:, None] * share, f * total, f * total * 0.6, f * total * 1.6)
        for v, f in (("alone", 1.0), ("together", 0.72))
    )
    c = Column
    return Findings(
        region=region(),
        members=members(),
        cases=cases(),
        measures=measures(),
        deals=(deal(),),
        budgets=(
            BudgetSplit("upper", 3.1e6, 12e6, 4e6, 2e6, 2.1e6, True, ""),
            BudgetSplit("lower", 41e6, 60e6, 21e6, 11e6, -3.4e6, False, "above-budget"),
            BudgetSplit("east", 9e6, 12e6, 5e6, 2e6, -0.6e6, True, ""),
        ),
        curves=curves,
        tables=tables(),
        map_base=map_base(),
        maps=maps(),
        seams=tuple(
            SeamKilometre(
                ("upper", "lower"),
                k,
                4_008_000.0,
                3_000_000 + k * 1000.0,
                2,
                0.1 * k,
                0.05 * k,
                1 + 0.2 * k,
                0.1 * k,
            )
            for k in range(12)
        ),
        files=files(),
        conversions=Table(
            "conversions",
            (
                c("file"),
                c("member", "member"),
                c("field"),
                c("what"),
                c("from"),
                c("to"),
                c("factor", "number"),
                c("offset", "number"),
                c("accuracy_m", "number", "m"),
                c("records", "integer"),
                c("source"),
            ),
            (
                (
                    "cells.csv",
                    "upper",
                    "x, y",
                    "crs",
                    "EPSG:31370",
                    "EPSG:3035",
                    None,
                    None,
                    0.2,
                    497,
                    "EPSG",
                ),
                (
                    "gusts.csv",
                    "upper",
                    "x, y",
                    "crs",
                    "EPSG:31370",
                    "EPSG:3035",
                    None,
                    None,
                    0.2,
                    503,
                    "EPSG",
                ),
                ("gusts.csv", "upper", "gust", "unit", "km/h", "m/s", 0.2777777778, 0.0, None, 503, "pint"),
                ("gusts.csv", "lower", "storm", "code", "Sturm 1", "storm-1", None, None, None, 88, "names"),
            ),
        ),
        refused=Table(
            "refused",
            (c("file"), c("row", "integer"), c("field"), c("value"), c("reason")),
            (("members/upper/cells.csv", 12, "population", "-3", "negative"),),
        ),
        parameters=parameters(),
        sensitivities=(
            Sensitivity(
                "total_gain",
                ("flood.measure.brook-buffers.effect", "flood.stage_exponent", "region.discount_rate"),
                (0.52, 0.2, 0.03),
                0.04,
                "PAWN",
            ),
        ),
        data_requests=(
            DataRequest("flood.measure.brook-buffers.effect", "lower", "assumed", 0.52, 0.31, ("flood",)),
            DataRequest("flood.basin.brook.calibration", "upper", "calibrated", 0.21, 0.05, ("flood",)),
        ),
    )


def other_scripts() -> Findings:
    """Long names in other scripts, each in one language only."""
    f = findings()
    names = (
        {"el": "Περιφερειακή Ενότητα Άνω Ποταμιάς και Περιχώρων <&>"},
        {"ka": "ქვემო მდინარის გაერთიანებული მუნიციპალიტეტი"},
        {"ar": "اتحاد بلديات الضفة الشرقية الكبرى"},
    )
    members_ = tuple(replace(m, name=n) for m, n in zip(f.members, names, strict=True))
    info = replace(f.region, name={"el": "Ποταμιά"}, languages=("de", "ka"), currency="CHF")
    return replace(f, region=info, members=members_)


def bare() -> Findings:
    """Heat only: no game, no gain, nothing refused, no measures, no deals, no maps."""
    f = findings()
    heat = f.cases[2]
    heat = replace(
        heat,
        together=heat.alone,
        together_low=heat.alone_low,
        together_high=heat.alone_high,
        total_together=heat.total_alone,
        running_cost={},
    )
    empty = {k: replace(t, rows=()) for k, t in f.tables.items() if k in ("comparison", "pareto")}
    return replace(
        f,
        cases=(heat,),
        measures=(),
        deals=(),
        budgets=(),
        curves=(),
        tables=empty,
        maps=(),
        seams=(),
        refused=replace(f.refused, rows=()),
        conversions=replace(f.conversions, rows=()),
        sensitivities=(),
        data_requests=(),
    )


def many() -> Findings:
    """Eight members in three countries, with the long names a real border has."""
    f = findings()
    pick = np.array([0, 1, 2, 0, 1, 2, 1, 0])
    names = (
        "Liège",
        "Verviers",
        "Ostbelgien",
        "Limburg (BE)",
        "Maastricht-Heuvelland",
        "Parkstad",
        "StädteRegion Aachen",
        "Düren-Heinsberg",
    )
    ids = ("lie", "ver", "ost", "bli", "mhl", "pks", "aac", "duh")
    country = ("BE", "BE", "BE", "BE", "NL", "NL", "DE", "DE")
    scale = np.array([15.0, 1.4, 0.9, 1.6, 1.0, 0.7, 0.8, 3.1])
    people = tuple(
        replace(f.members[k], id=i, name={"": n}, country=c)
        for k, i, n, c in zip(pick, ids, names, country, strict=True)
    )

    def wide(a: np.ndarray) -> np.ndarray:
        return np.asarray(a[..., pick] * scale)

    def rule(r: RuleFinding) -> RuleFinding:
        out = Objection(("lie", "ver", "ost", "mhl"), 122e6)
        return replace(
            r,
            shares=wide(r.shares),
            payments=wide(r.payments),
            share_low=wide(r.share_low),
            share_high=wide(r.share_high),
            objection_gamma=out,
            objection_delta=out,
        )

    def case(c: CaseFinding) -> CaseFinding:
        g = c.game
        if g is not None:
            g = replace(
                g,
                no_transfer_gain=wide(g.no_transfer_gain),
                loses_without_payment=g.loses_without_payment[pick],
                rules=tuple(rule(r) for r in g.rules),
            )
        return replace(
            c,
            alone=wide(c.alone),
            together=wide(c.together),
            alone_low=wide(c.alone_low),
            alone_high=wide(c.alone_high),
            together_low=wide(c.together_low),
            together_high=wide(c.together_high),
            game=g,
            not_modelled={"bli": 203_387},
            running_cost={k: wide(v) for k, v in c.running_cost.items()},
            physical={q: {k: wide(v) for k, v in w.items()} for q, w in c.physical.items()},
        )

    base = f.map_base
    outlines = {i: base.outlines[f.members[k].id] for i, k in zip(ids, pick, strict=True)}
    rename = dict(zip(MEMBERS, ("ver", "mhl", "pks"), strict=True))
    deal_ = replace(
        f.deals[0],
        hosts=("ver", "ost"),
        beneficiaries=("mhl",),
        host_cost={"ver": 20e6, "ost": 27e6},
        payment_by_year={rename[k]: v for k, v in f.deals[0].payment_by_year.items()},
    )
    return replace(
        f,
        members=people,
        cases=tuple(case(c) for c in f.cases),
        deals=(deal_,),
        measures=tuple(
            replace(m, effect_on_member=wide(m.effect_on_member), holders=("ver", "ost")) for m in f.measures
        ),
        budgets=tuple(replace(b, member=rename[b.member]) for b in f.budgets),
        curves=tuple(replace(c, loss=wide(c.loss)) for c in f.curves),
        map_base=replace(base, cell_member=base.cell_member + 2, outlines=outlines),
        seams=tuple(replace(s, pair=("lie", "mhl")) for s in f.seams),
        files=tuple(replace(x, member="lie") for x in f.files),
        data_requests=tuple(replace(r, owner="mhl") for r in f.data_requests),
        tables={k: v for k, v in f.tables.items() if not k.startswith("hurt")},
    )
