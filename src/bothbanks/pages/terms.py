"""Words for codes: units, column names, kinds of measures, rules, reasons.

A code without words is shown as it is, so nothing is lost; a test asks that every code the
program itself writes has words in every language.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from babel.numbers import get_currency_symbol
from markupsafe import Markup, escape

from bothbanks.pages.language import Language

if TYPE_CHECKING:
    from bothbanks.analysis.findings import CaseFinding
    from bothbanks.pages.context import Context


def country_label(language: Language, code: str) -> str:
    """A country's name."""
    return language.country(code)


def unit_words(language: Language, unit: str, currency: str) -> str:
    """A unit as people write it; the code itself where no better words are known."""
    t = language.say
    if unit in ("", "1", "dimensionless"):
        return ""
    if "/" in unit and unit.split("/", 1)[0] == "deaths":
        return t("deaths a year")
    words = {
        "people/km2": t("people a km²"),
        "persons/km2": t("people a km²"),
        "1/year": t("a year"),
        "1/a": t("a year"),
        "1/y": t("a year"),
        "persons": t("people"),
        "dwellings": t("homes"),
        "houses": t("homes"),
        "buildings": t("buildings"),
        "bridges": t("bridges"),
        "claims": t("claims"),
        "deaths": t("deaths"),
        "persons/year": t("people a year"),
        "people/year": t("people a year"),
        "d": t("days"),
        "day": t("days"),
        "days": t("days"),
        "d/year": t("days a year"),
        "day/year": t("days a year"),
        "days/year": t("days a year"),
        "year": t("years"),
        "years": t("years"),
        "a": t("years"),
    }
    if unit in words:
        return words[unit]
    if unit == f"{currency} m":
        return t("{currency} m", currency=get_currency_symbol(currency, locale=language.locale))
    shown = unit
    for code, word in (
        ("delta_degC", "°C"),
        ("degC", "°C"),
        ("person", str(t("person"))),
        ("m3/s", "m³/s"),
        ("km2", "km²"),
        ("m2", "m²"),
    ):
        shown = shown.replace(code, word)
    if shown.startswith(currency):
        shown = get_currency_symbol(currency, locale=language.locale) + shown[len(currency) :]
    if shown.endswith("/year"):
        shown = f"{shown[:-5]} {t('a year')}"
    return shown


def plain_code(code: str) -> str:
    """A code with spaces for its dashes."""
    return code.replace("_", " ").replace("-", " ")


def column_words(ctx: Context, column: str) -> str:
    """The head of a column of a findings table."""
    t = ctx.t
    words = {
        "alone": t("alone"),
        "together": t("together"),
        "area": t("area"),
        "basin": t("river basin"),
        "case": t("problem"),
        "cases": t("problems"),
        "chosen": t("chosen"),
        "class": t("class"),
        "code": t("code"),
        "count": t("number"),
        "country": t("country"),
        "date": t("date"),
        "decides": t("who decides"),
        "decided_by": t("who decides"),
        "decider": t("who decides"),
        "depth": t("depth"),
        "discharge": t("discharge"),
        "duration": t("duration"),
        "duration_days": t("duration"),
        "effect": t("effect (minus: harm)"),
        "event": t("event"),
        "expected": t("expected"),
        "fatalities": t("deaths"),
        "deaths": t("deaths"),
        "field": t("field"),
        "file": t("file"),
        "from": t("from"),
        "factor": t("factor"),
        "gain": t("gain"),
        "gauge": t("gauge"),
        "harm": t("harm"),
        "high": t("high"),
        "holder": t("who decides"),
        "households": t("households"),
        "firms": t("firms"),
        "kind": t("kind"),
        "known": t("known"),
        "level": t("level"),
        "loss": t("loss"),
        "low": t("low"),
        "mapped": t("mapped"),
        "measure": t("measure"),
        "measures": t("measures"),
        "member": t("member"),
        "members": t("members"),
        "hurt": t("who is hurt"),
        "modelled": t("modelled"),
        "municipality": t("municipality"),
        "municipalities": t("municipalities"),
        "name": t("name"),
        "net_cost": t("net cost"),
        "cost": t("cost"),
        "note": t("note"),
        "observed": t("observed"),
        "origin": t("where the water comes from"),
        "people": t("people"),
        "people_affected": t("people affected"),
        "people_protected": t("people protected"),
        "population": t("people"),
        "quantity": t("quantity"),
        "ratio": t("modelled / observed"),
        "reason": t("reason"),
        "record": t("record"),
        "residential": t("homes"),
        "return_period": t("return period, years"),
        "row": t("row"),
        "rule": t("rule"),
        "scenario": t("scenario"),
        "setting": t("setting"),
        "source": t("source"),
        "station": t("station"),
        "to": t("to"),
        "total": t("total"),
        "unit": t("unit"),
        "value": t("value"),
        "found": t("found"),
        "where": t("where"),
        "what": t("what"),
        "records": t("records"),
        "accuracy_m": t("accuracy"),
        "worst_member": t("who is worst off"),
        "money": t("net cost"),
        "worst_off": t("who is worst off"),
        "worst_loss": t("loss of the worst off"),
        "year": t("year"),
        "years": t("years"),
        "offset": t("offset"),
        "difference": t("difference"),
        "group": t("group"),
        "share": t("share"),
        "capital": t("capital"),
        "method": t("method"),
        "uncertainty": t("uncertainty"),
        "annual_loss": t("loss"),
        "gust": t("gust"),
    }
    return words[column] if column in words else plain_code(column)


def value_words(ctx: Context, code: str) -> Markup | str:
    """A text cell: names for the ids of measures and cases, words for yes and no, else as it is."""
    if code in {m.id for m in ctx.findings.measures}:
        return ctx.measure(code)
    if code in {c.id for c in ctx.findings.cases}:
        return ctx.case_name(code)
    if code in ctx.place:
        return ctx.member(code)
    parts = re.split(r" ?[+,;] ?", code)
    if len(parts) > 1 and all(p in {m.id for m in ctx.findings.measures} for p in parts):
        return ctx.language.join(ctx.measure(p) for p in parts)
    simple = {
        "yes": ctx.t("yes"),
        "no": ctx.t("no"),
        "alone": ctx.t("alone"),
        "together": ctx.t("together"),
        "assumed": ctx.t("assumed"),
        "": ctx.t("none"),
        "loss": ctx.t("loss"),
        "modelled": ctx.t("modelled"),
        "people": ctx.t("people"),
        "deaths": ctx.t("deaths"),
        "today": ctx.t("today"),
        "fatalities": ctx.t("deaths"),
        "houses": ctx.t("homes"),
    }
    return simple.get(code) or recorded_words(ctx, code) or escape(code)


def recorded_words(ctx: Context, quantity: str) -> Markup | None:
    """A quantity of the records of past events; None for one without words."""
    t = ctx.t
    words = {
        "people affected": t("people affected"),
        "people evacuated": t("people evacuated"),
        "people rehoused": t("people rehoused"),
        "people told to leave": t("people told to leave"),
        "patients moved": t("patients moved"),
        "area flooded": t("area flooded"),
        "buildings damaged": t("buildings damaged"),
        "homes damaged": t("homes damaged"),
        "homes flooded": t("homes flooded"),
        "homes uninhabitable": t("homes uninhabitable"),
        "homes bought out": t("homes bought out"),
        "bridges damaged": t("bridges damaged"),
        "public works damaged": t("public works damaged"),
        "insured loss": t("insured loss"),
        "insurance claims": t("insurance claims"),
        "public cost": t("public cost"),
        "public aid": t("public aid"),
    }
    plain, _, which = quantity.replace("_", " ").partition(" (")
    name = t("loss") if plain == "loss" else words.get(plain)
    estimates = {
        "low": t("low estimate"),
        "low estimate": t("low estimate"),
        "high": t("high estimate"),
        "high estimate": t("high estimate"),
        "later estimate": t("later estimate"),
    }
    which = which.removesuffix(")")
    if name is None or (which and which not in estimates):
        return None
    return t("{what} ({which})", what=name, which=estimates[which]) if which else name


def conversion_words(ctx: Context, what: str) -> Markup:
    """What a conversion changed."""
    t = ctx.t
    words = {
        "crs": t("coordinates"),
        "grid": t("grid"),
        "unit": t("unit"),
        "money": t("money"),
        "code": t("code"),
        "total": t("total"),
        "datum": t("height datum"),
        "height": t("height datum"),
        "date": t("date"),
    }
    return words.get(what) or escape(plain_code(what))


def unit_of(ctx: Context, case: CaseFinding, label: str) -> Markup:
    """A unit of a case's money: '€ m', or '€ m a year' where the case counts by the year."""
    return ctx.t("{unit} a year", unit=label) if case.per == "year" else escape(label)


def money_of(ctx: Context, case: CaseFinding, value: float) -> Markup:
    """Money of a case in a sentence, 'a year' where the case counts by the year."""
    words = ctx.money(value)
    return ctx.t("{money} a year", money=words) if case.per == "year" else words


def rule_words(ctx: Context, rule: str) -> Markup:
    """The name of a way to divide the gain."""
    t = ctx.t
    words = {
        "shapley": t("Shapley value"),
        "nucleolus": t("nucleolus"),
        "equal": t("equal parts"),
        "benefit": t("in proportion to benefit"),
        "population": t("in proportion to population"),
        "ability": t("in proportion to ability to pay"),
    }
    return words.get(rule) or escape(plain_code(rule))


def rule_meaning(ctx: Context, rule: str) -> Markup:
    """What a rule does, in one sentence."""
    t = ctx.t
    words = {
        "shapley": t(
            "Each member gets what it adds on average, over every order in which members could join."
        ),
        "nucleolus": t("The largest complaint of any group is made as small as it can be."),
        "equal": t("The gain is cut into equal parts."),
        "benefit": t("Who saves more damage gets more of the gain."),
        "population": t("Each resident counts the same."),
        "ability": t("Shares follow what members can pay."),
    }
    return words.get(rule) or Markup("")


def kind_words(ctx: Context, kind: str) -> Markup:
    """The kind of a measure."""
    t = ctx.t
    words = {
        "retention": t("retention basin"),
        "levee": t("levee"),
        "walls": t("flood walls"),
        "room": t("room for the river"),
        "proofing": t("flood-proofing of buildings"),
        "relocation": t("relocation"),
        "warning": t("early warning"),
        "cooling": t("cooling centres"),
        "trees": t("shade trees"),
        "roof": t("roof anchoring"),
        "rule": t("reservoir rule"),
        "reservoir": t("reservoir rule"),
    }
    return words.get(kind) or escape(plain_code(kind))


def why_words(ctx: Context, why: str) -> Markup:
    """Why a figure is asked for."""
    t = ctx.t
    words = {
        "assumed": t("assumed: nothing published stands behind it"),
        "not-modelled": t("not modelled: people live outside the data"),
        "calibrated": t("set by calibration, so nothing independent tests it"),
        "range": t("published, but with a wide range"),
    }
    return words.get(why) or escape(plain_code(why))


def reason_words(ctx: Context, reason: str) -> Markup:
    """Why a payment is not payable."""
    t = ctx.t
    words = {
        "above-budget": t("The yearly payment is more than the budget bears."),
        "budget-unknown": t("The member's budget is not known."),
        "": Markup(""),
    }
    return words[reason] if reason in words else escape(plain_code(reason))


def quantity_words(ctx: Context, quantity: str) -> Markup:
    """A physical quantity counted beside money."""
    t = ctx.t
    words = {
        "people_affected": t("people affected a year"),
        "people": t("people affected a year"),
        "deaths": t("deaths a year"),
        "people_protected": t("people protected a year"),
    }
    return words.get(quantity) or escape(plain_code(quantity))


def output_words(ctx: Context, output: str) -> Markup:
    """An output whose sensitivity is shown."""
    t = ctx.t
    words = {
        "total_gain": t("the gain from acting together"),
        "gain": t("the gain from acting together"),
        "cross_border_gain": t("the part of the gain that crosses the border"),
        "total_alone": t("the cost of acting alone"),
        "total_together": t("the cost of acting together"),
        "annual_damage": t("expected annual damage"),
    }
    if output in words:
        return words[output]
    head, _, rest = output.partition(".")
    if head in {c.id for c in ctx.findings.cases} and rest:
        return t("{what} ({case})", case=ctx.case_name(head), what=output_words(ctx, rest))
    if head in ("share", "shapley") and rest in ctx.place:
        return t("the share of {member}", member=ctx.member(rest))
    if head in ctx.place and not rest:
        return t("the share of {member}", member=ctx.member(head))
    return escape(plain_code(output))
