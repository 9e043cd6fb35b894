"""Words for parameters: case and measure by their names, the rest by what it means.

A parameter without words keeps its id, so nothing is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from bothbanks.pages.money_terms import money_words
from bothbanks.pages.purchasing_terms import purchasing_words
from bothbanks.pages.reserve_terms import reserve_words
from bothbanks.pages.terms import plain_code

if TYPE_CHECKING:
    from bothbanks.pages.context import Context


def parameter_words(ctx: Context, parameter: str) -> Markup:
    """A parameter in words: 'Geul buffers: effect', 'calibration factor (Geul)'."""
    bought = purchasing_words(ctx, parameter)
    if bought is not None:
        return bought
    held = reserve_words(ctx, parameter)
    if held is not None:
        return held
    money = money_words(ctx, parameter)
    if money is not None:
        return money
    case, _, rest = parameter.partition(".")
    parts = rest.split(".")
    if case == "member" and len(parts) == 2:
        return ctx.t("{case}: {what}", case=ctx.member(parts[0]), what=parameter_name(ctx, parts[1]))
    if parts[0] == "not-modelled" and len(parts) == 2:
        return ctx.t("{case}: data for the people who live outside it", case=ctx.case_name(case))
    if len(parts) >= 3 and parts[0] == "measure":
        return ctx.t("{case}: {what}", case=ctx.measure(parts[1]), what=parameter_name(ctx, parts[2]))
    if len(parts) >= 3 and parts[0] in ("basin", "class"):
        where = class_words(ctx, parts[1]) if parts[0] == "class" else ctx.basin(parts[1])
        return Markup("{} ({})").format(parameter_name(ctx, parts[2]), where)
    if len(parts) >= 3 and parts[0] == "event":
        return ctx.t(
            "discharge in the scenario, times the two-year flood ({where})",
            where=ctx.basin(parts[2]),
        )
    return parameter_name(ctx, rest or case)


def group_words(ctx: Context, group: str) -> Markup:
    """What a group of parameters belongs to: the region, its members, the money files, or a case."""
    t = ctx.t
    names = {
        "region": t("whole region"),
        "member": t("members"),
        "budgets": t("Yearly budgets"),
        "sources": t("Sources of money"),
        "ventures": t("Joint undertakings"),
        "grants": t("Outcome grants"),
    }
    return names.get(group) or ctx.case_name(group)


def class_words(ctx: Context, name: str) -> Markup:
    """A class of what can be damaged."""
    t = ctx.t
    words = {
        "residential": t("homes"),
        "commercial": t("shops and offices"),
        "industrial": t("industry"),
        "public": t("public works and roads"),
        "buildings": t("buildings"),
    }
    return words.get(name) or escape(plain_code(name))


def parameter_name(ctx: Context, name: str) -> Markup:
    """The last part of a parameter's id."""
    for head, words in (("footprint_", "floor"), ("value_", "value")):
        rest = name.removeprefix(head).removesuffix("_m2_per_head")
        kind, _, country = rest.partition("_")
        if name.startswith(head) and kind in ("residential", "commercial", "industrial"):
            what = class_words(ctx, kind)
            if words == "floor":
                return ctx.t("built area a head: {what}", what=what)
            return ctx.t(
                "damage at most, by area: {what}, {country}",
                what=what,
                country=ctx.country(country) if country else "",
            )
    if name.startswith("effect") and name[6:].strip("-_").isdigit():
        return ctx.t("effect {number}", number=name[6:].strip("-_"))
    return {**_flood(ctx), **_others(ctx)}.get(name) or escape(plain_code(name.replace(".", " ")))


def _flood(ctx: Context) -> dict[str, Markup]:
    t = ctx.t
    return {
        "bankfull_depth_coefficient": t("depth of the river bed (coefficient)"),
        "bankfull_depth_exponent": t("depth of the river bed (exponent)"),
        "bankfull_ratio": t("discharge at which the river leaves its bed"),
        "breach_spread": t("how sharply a levee fails"),
        "calibration": t("calibration factor"),
        "clustering_slope": t("how building crowds on the floor of steep valleys"),
        "copula_nu": t("how strongly extreme floods come together (degrees of freedom)"),
        "copula_rho_main": t("correlation between main river and tributaries"),
        "copula_rho_tributaries": t("correlation between tributaries"),
        "floor_width_coefficient": t("width of the valley floor (coefficient)"),
        "growth_exponent": t("how floods grow below reservoirs (exponent)"),
        "initial_loss_ratio": t("rain kept back before water runs off"),
        "main_rain_duration_days": t("length of rain that floods the main river"),
        "main_rain_threshold_mm": t("rain from which the main river rises"),
        "orographic": t("extra rain in the hills"),
        "overflow_height_m": t("height up to which water reaches the next cell"),
        "profile_coefficient": t("shape of the valley floor (coefficient)"),
        "profile_exponent": t("shape of the valley floor (exponent)"),
        "protection_years": t("protection, as a return period"),
        "public_share": t("public works and roads, as a share of other damage"),
        "rain_duration_days": t("length of rain that floods tributaries"),
        "rain_shape_prior": t("how heavy the tail of extreme rain is"),
        "runoff_cn": t("runoff curve number"),
        "stage_exponent": t("how water level rises with discharge (exponent)"),
        "valley_side": t("flooding of the valley sides"),
        "warning_alone": t("damage left after each member's own warning"),
        "warning_cost_alone": t("cost of each member's own warning"),
        "warning_cost_joint": t("cost of joint warning"),
        "warning_joint": t("damage left after joint warning"),
    }


def _others(ctx: Context) -> dict[str, Markup]:
    t = ctx.t
    return {
        "discount_rate": t("discount rate"),
        "payable_per_head": t("most a council can pay its neighbours, a head and year"),
        "price_index": t("price index"),
        "cost": t("cost"),
        "upkeep": t("upkeep"),
        "effect": t("effect"),
        "size": t("effect"),
        "gust_location": t("typical strongest gust of a year"),
        "gust_scale": t("spread of the strongest gust of a year"),
        "value_per_head": t("value of buildings a head"),
        "vulnerability_factor": t("damage for a given gust (factor)"),
        "death_rate": t("deaths a year without heat"),
        "share_65plus_default": t("share of people over 65 where not known"),
        "share_of_deaths_65plus": t("share of deaths among people over 65"),
        "slope_per_c": t("extra deaths for each degree"),
        "threshold_c": t("temperature from which heat kills"),
    }
