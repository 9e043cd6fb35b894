"""``value.json``: the value proposition of an appraisal for other programs to read.

The form is ``value.schema.json`` (JSON Schema 2020-12), explained in ``docs/reference/value-json.md``.
What is written is checked against it first. Keys are sorted, numbers rounded as ``rounding`` says, and
nothing tells the time, so the same findings give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from bothbanks.analysis.findings import (
    CaseFinding,
    DealSheet,
    Findings,
    FloatArray,
    GameFinding,
    Interval,
    MeasureFinding,
    Objection,
    RuleFinding,
)
from bothbanks.standards.rounding import (
    MINOR_UNITS,
    SIGNIFICANT_DIGITS,
    cents,
    largest_remainder,
    money,
    significant,
)
from bothbanks.words.coalitions import coalition_of

FORMAT = "bothbanks-value/1"
PROBABILITY = 0.9  # intervals run from the 5 to the 95 % point of the draws
Json = dict[str, Any]


@cache
def value_schema() -> Json:
    """The JSON Schema that every ``value.json`` keeps to."""
    text = files("bothbanks.standards").joinpath("value.schema.json").read_text(encoding="utf-8")
    loaded: Json = json.loads(text)
    return loaded


def to_value(findings: Findings) -> Json:
    """The findings as plain JSON values, rounded, in the form of the schema.

    Raises
    ------
    SchemaError
        The result breaks the published form, which is a fault of the program.
    RangeError, MissingValueError
        A division does not add up, or a number is missing.
    """
    region = findings.region
    ids = [m.id for m in findings.members]
    value: Json = {
        "format": FORMAT,
        "region": region.id,
        "region_name": dict(region.name),
        "demonstration": dict(region.demonstration),
        "members": ids,
        "member_details": {
            m.id: {
                "name": dict(m.name),
                "country": m.country,
                "currency": m.currency,
                "population": int(m.population),
                "municipalities": int(m.municipalities),
            }
            for m in findings.members
        },
        "currency": region.currency,
        "price_year": region.price_year,
        "horizon_years": region.horizon_years,
        "discount_rate": significant(region.discount_rate.value),
        "crs": region.crs,
        "height_datum": region.height_datum,
        "seed": region.seed,
        "draws": region.draws,
        "software": {"name": "bothbanks", "version": region.version},
        "inputs_sha256": region.inputs_sha256,
        "rounding": {"money_decimals": 2, "significant_digits": SIGNIFICANT_DIGITS},
        "parameters": {
            "count": len(findings.parameters),
            "assumed": findings.assumed_count,
            "varied": sum(p.varies for p in findings.parameters),
        },
        "records": {
            "read": sum(f.read for f in findings.files),
            "used": sum(f.used for f in findings.files),
            "refused": sum(f.refused for f in findings.files),
        },
        "cases": [_case(case, ids) for case in findings.cases],
        "measures": [_measure(measure, ids) for measure in findings.measures],
        "deals": [_deal(deal) for deal in findings.deals],
    }
    check_value(value)
    return value


def check_value(value: Json) -> None:
    """Compare with the schema. Raises SchemaError with every fault and where it is."""
    from jsonschema import Draft202012Validator

    from bothbanks.standards.faults import SchemaError

    faults = sorted(Draft202012Validator(value_schema()).iter_errors(value), key=lambda e: e.json_path)
    if faults:
        raise SchemaError("value.json", [f"{fault.json_path}: {fault.message}" for fault in faults])


def value_text(value: Json) -> str:
    """The text of the file: sorted keys, one value a line, UTF-8, a line end at the end."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def write_value(findings: Findings, path: Path) -> Json:
    """Write ``value.json`` and give what was written."""
    value = to_value(findings)
    path.write_text(value_text(value), encoding="utf-8", newline="\n")
    return value


def _by_member(values: FloatArray, ids: Sequence[str], as_money: bool) -> dict[str, float]:
    rounded = money if as_money else significant
    return {m: rounded(float(v)) for m, v in zip(ids, values, strict=True)}


def _ranges(low: FloatArray, high: FloatArray, ids: Sequence[str], as_money: bool) -> Json:
    lows, highs = _by_member(low, ids, as_money), _by_member(high, ids, as_money)
    return {m: {"low": lows[m], "high": highs[m]} for m in ids}


def _interval(interval: Interval, as_money: bool = True) -> Json:
    rounded = money if as_money else significant
    return {"value": rounded(interval.value), "low": rounded(interval.low), "high": rounded(interval.high)}


def _case(case: CaseFinding, ids: Sequence[str]) -> Json:
    alone, together = _by_member(case.alone, ids, case.money), _by_member(case.together, ids, case.money)
    rounded = money if case.money else significant
    gain = {m: rounded(alone[m] - together[m]) for m in ids}
    out: Json = {
        "id": case.id,
        "kind": case.kind,
        "name": dict(case.name),
        "unit": case.unit,
        "per": case.per,
        "money": case.money,
        "modelled": dict(case.modelled),
        "alone": alone,
        "together": together,
        "gain_without_payments": gain,
        "totals": {
            "alone": rounded(sum(alone.values())),
            "together": rounded(sum(together.values())),
            "gain": rounded(sum(gain.values())),
        },
        "interval": {
            "probability": PROBABILITY,
            "alone": _ranges(case.alone_low, case.alone_high, ids, case.money),
            "together": _ranges(case.together_low, case.together_high, ids, case.money),
            "total_alone": _interval(case.total_alone, case.money),
            "total_together": _interval(case.total_together, case.money),
        },
        "physical": {
            quantity: {variant: _by_member(v, ids, False) for variant, v in variants.items()}
            for quantity, variants in case.physical.items()
        },
        "running_cost": {variant: _by_member(v, ids, True) for variant, v in case.running_cost.items()},
        "not_modelled_people": {m: int(n) for m, n in case.not_modelled.items()},
    }
    return out | (_no_game() if case.game is None else _game(case.game, gain, ids))


def _no_game() -> Json:
    """Lives and minutes can't be paid over: nothing is divided."""
    empty = ("shares", "payments", "in_core", "strongest_objection", "stability", "core", "views", "worth")
    return dict.fromkeys(empty) | {"loses_without_payment": None}


def _game(game: GameFinding, gain: Mapping[str, float], ids: Sequence[str]) -> Json:
    own = {m: cents(g) for m, g in gain.items()}
    shares = {rule.rule: _shares(rule, sum(own.values()), ids) for rule in game.rules}
    views = game.views
    return {
        "shares": {rule: {m: c / MINOR_UNITS for m, c in part.items()} for rule, part in shares.items()},
        "payments": {
            rule: {m: (c - own[m]) / MINOR_UNITS for m, c in part.items()} for rule, part in shares.items()
        },
        "in_core": {rule.rule: bool(rule.in_core_gamma and rule.in_core_delta) for rule in game.rules},
        "strongest_objection": {rule.rule: _strongest(rule) for rule in game.rules},
        "stability": {rule.rule: _stability(rule, ids) for rule in game.rules},
        "loses_without_payment": _by_member(game.loses_without_payment, ids, False),
        "core": {
            "empty": bool(game.core_empty),
            "least_core_epsilon": money(game.least_core_epsilon),
            "draws_empty": significant(game.draws_core_empty),
            "convexity_violations": significant(game.convexity_violations),
            "equilibria": {name: int(count) for name, count in game.equilibria.items()},
        },
        "views": {
            "total_gain": _interval(views.total_gain),
            "cross_border_gain": _interval(views.cross_border_gain),
            "gain_within_countries": {c: money(v) for c, v in views.gain_within_countries.items()},
            "country_shares": {c: money(v) for c, v in views.country_shares.items()},
            "country_in_core": bool(views.country_in_core),
        },
        "worth": [
            {
                "coalition": sorted(coalition_of(mask, ids), key=list(ids).index),
                "gamma": money(g),
                "delta": money(d),
            }
            for mask, (g, d) in enumerate(zip(game.worth_gamma, game.worth_delta, strict=True))
        ],
    }


def _shares(rule: RuleFinding, whole_cents: int, ids: Sequence[str]) -> dict[str, int]:
    parts = largest_remainder([float(s) * MINOR_UNITS for s in rule.shares], whole_cents)
    return dict(zip(ids, parts, strict=True))


def _objection(objection: Objection) -> Json:
    return {"coalition": list(objection.coalition), "gain": money(objection.gain)}


def _strongest(rule: RuleFinding) -> Json:
    """The stronger objection of the two conventions; gamma where they are equal."""
    gamma, delta = rule.objection_gamma, rule.objection_delta
    if delta.gain > gamma.gain:
        return _objection(delta) | {"convention": "delta"}
    return _objection(gamma) | {"convention": "gamma"}


def _stability(rule: RuleFinding, ids: Sequence[str]) -> Json:
    return {
        "gamma": {
            "in_core": bool(rule.in_core_gamma),
            "objection": _objection(rule.objection_gamma),
            "draws_in_core": significant(rule.draws_in_core_gamma),
            "draws_in_core_payments_fixed": significant(rule.draws_in_core_fixed_gamma),
        },
        "delta": {
            "in_core": bool(rule.in_core_delta),
            "objection": _objection(rule.objection_delta),
            "draws_in_core": significant(rule.draws_in_core_delta),
            "draws_in_core_payments_fixed": significant(rule.draws_in_core_fixed_delta),
        },
        "share_interval": _ranges(rule.share_low, rule.share_high, ids, True),
    }


def _measure(measure: MeasureFinding, ids: Sequence[str]) -> Json:
    return {
        "id": measure.id,
        "case": measure.case,
        "kind": measure.kind,
        "name": dict(measure.name),
        "holders": list(measure.holders),
        "holders_source": measure.holders_source,
        "outside_holder": measure.outside_holder,
        "capital": money(measure.cost.value),
        "present_cost": money(measure.present_cost),
        "lifetime_years": measure.lifetime_years,
        "effect_on_member": _by_member(measure.effect_on_member, ids, True),
        "chosen_alone": bool(measure.chosen_alone),
        "chosen_together": bool(measure.chosen_together),
        "chosen_together_draws": significant(measure.chosen_together_draws),
        "assumed": list(measure.assumed),
    }


def _deal(deal: DealSheet) -> Json:
    return {
        "id": deal.id,
        "name": dict(deal.name),
        "measures": list(deal.measures),
        "hosts": list(deal.hosts),
        "beneficiaries": list(deal.beneficiaries),
        "host_cost": {m: money(v) for m, v in deal.host_cost.items()},
        "least_accepted": _interval(deal.least_accepted),
        "most_paid": _interval(deal.most_paid),
        "payment": money(deal.payment),
        "survives_draws": significant(deal.survives_draws),
        "break_even": [
            {
                "parameter": b.parameter,
                "unit": b.unit,
                "base": significant(b.base),
                "low": significant(b.low),
                "high": significant(b.high),
                "value": None if b.value is None else significant(b.value),
            }
            for b in deal.break_even
        ],
    }
