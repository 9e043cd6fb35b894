"""Words of buying together: its numbers and its procedures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from bothbanks.pages.terms import plain_code

if TYPE_CHECKING:
    from bothbanks.pages.context import Context


def purchasing_words(ctx: Context, parameter: str) -> Markup | None:
    """A number of buying together, 'Young trees: price'; None for one of anything else."""
    case, _, rest = parameter.partition(".")
    if case != "purchasing":
        return None
    what = _names(ctx)
    parts = rest.split(".")
    if len(parts) == 3 and parts[0] == "good":
        found = ctx.findings.purchasing
        names = {g.id: ctx.language.pick(g.name, g.id) for g in found.goods} if found is not None else {}
        good = names.get(parts[1]) or escape(plain_code(parts[1]))
        return ctx.t("{case}: {what}", case=good, what=what.get(parts[2], escape(plain_code(parts[2]))))
    return what.get(rest)


def _names(ctx: Context) -> dict[str, Markup]:
    t = ctx.t
    return {
        "price": t("price"),
        "reference": t("volume at which the price was seen"),
        "movable": t("share of the price that volume can move"),
        "elasticity": t("how fast the price falls with volume"),
        "delivery": t("delivery added by joint buying"),
        "share": t("share of the measure that buys it"),
        "per_head": t("quantity a head"),
        "staff_direct": t("own work: direct award"),
        "staff_offers": t("own work: several offers"),
        "staff_national": t("own work: notice in the country"),
        "staff_union": t("own work: notice in the whole Union"),
        "agreement_cost": t("cost of the joint agreement"),
        "member_cost": t("time of each joint buyer"),
        "language_cost": t("papers in one more language"),
        "agreement_days": t("days to agree"),
    }


def procedure_words(ctx: Context, regime: str) -> Markup:
    """A procedure in words."""
    t = ctx.t
    words = {
        "direct": t("direct award"),
        "several-offers": t("offers from several suppliers"),
        "national-open": t("notice in the country"),
        "union-open": t("notice in the whole Union"),
        "unknown": t("no rule on file"),
    }
    return words.get(regime) or escape(plain_code(regime))
