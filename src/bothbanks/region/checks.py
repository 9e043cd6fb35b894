"""What the parts of a folder say about each other: members, basins, competences, money, names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bothbanks.region.money import MoneyTable, check_money
from bothbanks.region.needs import parameters_of
from bothbanks.region.parameters import stated_parameters
from bothbanks.region.problems import Problems, short
from bothbanks.region.schema import MemberSettings, RegionSettings
from bothbanks.region.schema_cases import OWN_KINDS, CaseSettings, EffectSettings, MeasureSettings
from bothbanks.words.datums import Datum, Datums
from bothbanks.words.errors import BothbanksError
from bothbanks.words.places import axis_unit_metres
from bothbanks.words.quantities import unit_conversion

_EFFECTS_OF = {
    "flood": ("discharge", "stage", "protection", "damage"),
    "storm": ("damage",),
    "heat": ("damage", "coverage"),
    "reserve": (),
    "purchasing": (),
}
_INTENSITY = {"flood": "m", "storm": "m/s", "heat": "degC"}


def datums_of(settings: RegionSettings, problems: Problems) -> Datums:
    """The datums of the region; a datum stated twice is noted."""
    try:
        return Datums.of(
            settings.height_datum,
            [
                Datum(d.name, d.offset_to_account_m, d.uncertainty_m, d.source)
                for d in settings.datums
                if not (d.name == settings.height_datum and d.offset_to_account_m == 0.0)
            ],
        )
    except BothbanksError as error:
        problems.add_error("region.toml", error, field="datums")
        return Datums(settings.height_datum)


def check_region(settings: RegionSettings, members: tuple[MemberSettings, ...], problems: Problems) -> None:
    """CRS of account, money, names in every language."""
    try:
        if not axis_unit_metres(settings.crs):
            problems.add(
                "region.toml",
                settings.crs,
                "a projected CRS in metres, such as EPSG:3035",
                field="crs",
                code="region.crs",
            )
    except BothbanksError as error:
        problems.add_error("region.toml", error, field="crs")
    check_money(settings, problems)
    _check_words("region.toml", {"name": settings.name}, settings.languages, problems)
    for number, scenario in enumerate(settings.scenarios, 1):
        _check_words(
            "region.toml",
            {"name": scenario.name},
            settings.languages,
            problems,
            f"scenarios[{number}] {scenario.id}",
        )
    table = MoneyTable(settings)
    for member in members:
        file = f"members/{member.id}/member.toml"
        _check_words(file, {"name": member.name}, settings.languages, problems)
        try:
            table.factor(member.currency, settings.price_year)
        except BothbanksError as error:
            problems.add_error(file, error, field="currency")


def _check_words(
    file: str,
    texts: Mapping[str, Mapping[str, str]],
    languages: Iterable[str],
    problems: Problems,
    record: str = "",
) -> None:
    for field, words in texts.items():
        if words.get("", "").strip():
            continue
        lacking = [language for language in languages if not words.get(language, "").strip()]
        if lacking:
            problems.add(
                file,
                f"no words in {', '.join(lacking)}",
                "words in each language of the region, or one text",
                record=record,
                field=field,
                code="region.language",
            )


def check_case(
    case: CaseSettings, settings: RegionSettings, members: tuple[MemberSettings, ...], problems: Problems
) -> None:
    """Numbers that lack, holders, hosts, basins, classes, curves, deals."""
    file = f"cases/{case.id}.toml"
    _check_head(case, file, settings, members, problems)
    _check_curves(case, file, problems)
    for number, measure in enumerate(case.measures, 1):
        _check_measure(case, measure, f"measures[{number}] {measure.id}", settings, problems)
    measures = _measures_of(case)
    for number, deal in enumerate(case.deals, 1):
        record = f"deals[{number}] {deal.id}"
        _check_words(file, {"name": deal.name}, settings.languages, problems, record)
        _check_names(file, record, "hosts", deal.hosts, _members_of(settings), problems)
        _check_names(file, record, "beneficiaries", deal.beneficiaries, _members_of(settings), problems)
        _check_names(file, record, "measures", deal.measures, measures, problems)
    basins = _Known(tuple(case.basins), "a basin", "region.basin")
    for number, event in enumerate(case.events, 1):
        record = f"events[{number}] {event.id}"
        _check_names(file, record, "discharge_ratio", event.discharge_ratio, basins, problems)


def _check_head(
    case: CaseSettings,
    file: str,
    settings: RegionSettings,
    members: tuple[MemberSettings, ...],
    problems: Problems,
) -> None:
    """Id, parameters, unit and words of a case and its basins."""
    if case.id != case.kind:
        problems.add(file, short(case.id), f"'{case.kind}': a region has one case of a kind", field="id")
    stated = {identifier for identifier, *_ in stated_parameters(settings, members, {case.id: case}, {})}
    for identifier in parameters_of(case, members) if case.id == case.kind else ():
        if identifier not in stated:
            problems.add(
                file,
                "nothing",
                "value, low, high, unit and source, because the case is computed from it",
                record=identifier,
                code="region.missing-parameter",
            )
    _check_words(file, {"name": case.name}, settings.languages, problems)
    if case.modelled:
        _check_words(file, {"modelled": case.modelled}, settings.languages, problems)
    if case.kind != "heat" and case.unit != settings.currency:
        problems.add(
            file,
            short(case.unit),
            f"'{settings.currency}', the currency of account",
            field="unit",
            code="region.currency",
        )
    for name, basin in case.basins.items():
        _check_words(file, {"name": basin.name}, settings.languages, problems, f"basins.{name}")


def _check_curves(case: CaseSettings, file: str, problems: Problems) -> None:
    """Units of the case's own curves, and the curve each class names."""
    for number, curve in enumerate(case.curves, 1):
        try:
            unit_conversion(curve.unit, _INTENSITY[case.kind])
        except BothbanksError as error:
            problems.add_error(file, error, record=f"curves[{number}] {curve.id}", field="unit")
    known = {curve.id for curve in case.curves} | set(builtin_curves())
    curves = _Known(tuple(sorted(known)), "a curve", "region.curve")
    for number, entry in enumerate(case.classes, 1):
        _check_names(file, f"classes[{number}] {entry.id}", "curve", [entry.curve], curves, problems)


def builtin_curves() -> tuple[str, ...]:
    """Ids of the published curves the analysis brings."""
    from bothbanks.analysis.risk.curves import jrc_flood_curves, schwierz_storm_curve

    floods = tuple(curve.id for curve in jrc_flood_curves().values())
    return (*floods, schwierz_storm_curve().id, schwierz_storm_curve(welker=False).id)


@dataclass(frozen=True)
class _Known:
    """The names that something may refer to, what they are called, and the code of a name that is none."""

    names: tuple[str, ...]
    what: str
    code: str


def _members_of(settings: RegionSettings, *more: str) -> _Known:
    return _Known((*settings.members, *more), "a member", "region.unknown-member")


def _measures_of(case: CaseSettings) -> _Known:
    return _Known(tuple(m.id for m in case.measures), "a measure of this case", "region.unknown-measure")


def _check_names(
    file: str, record: str, field: str, named: Iterable[str], known: _Known, problems: Problems
) -> None:
    for name in named:
        if name not in known.names:
            problems.add(
                file,
                short(name),
                f"{known.what}: {', '.join(known.names) or 'none is listed'}",
                record=record,
                field=field,
                code=known.code,
            )


def _check_measure(
    case: CaseSettings, measure: MeasureSettings, record: str, settings: RegionSettings, problems: Problems
) -> None:
    file = f"cases/{case.id}.toml"
    _check_words(file, {"name": measure.name}, settings.languages, problems, record)
    everyone = ("*",) if measure.kind in (*OWN_KINDS, "warning") else ()
    known = _members_of(settings, *everyone)
    _check_names(file, record, "holders", measure.holders, known, problems)
    _check_names(file, record, "hosts", measure.hosts, known, problems)
    _check_names(file, record, "paid_by", measure.paid_by, known, problems)
    if max(measure.years) >= settings.horizon_years:
        problems.add(
            file,
            f"capital in year {max(measure.years)}",
            f"years before the horizon, {settings.horizon_years}",
            record=record,
            field="years",
        )
    for number, effect in enumerate(measure.effects, 1):
        _check_effect(case, effect, f"{record}, effects[{number}]", settings, problems)


def _check_effect(
    case: CaseSettings, effect: EffectSettings, record: str, settings: RegionSettings, problems: Problems
) -> None:
    file = f"cases/{case.id}.toml"
    if effect.on not in _EFFECTS_OF[case.kind]:
        expected = f"one of {', '.join(_EFFECTS_OF[case.kind])}"
        problems.add(file, short(effect.on), expected, record=record, field="on")
    if case.basins or effect.basin:
        basins = _Known((*case.basins, "*"), "a basin of this case", "region.basin")
        _check_names(file, record, "basin", [effect.basin], basins, problems)
    _check_names(file, record, "members", effect.members, _members_of(settings, "*"), problems)
    classes = _Known((*(c.id for c in case.classes), "*"), "a class of this case", "region.class")
    _check_names(file, record, "classes", effect.classes, classes, problems)
    low = effect.size.value if effect.size.low is None else effect.size.low
    if effect.on in ("discharge", "protection", "damage", "coverage") and low < 0.0:
        problems.add(file, f"{low:g}", "0 or more", record=record, field="size.low", code="region.negative")
