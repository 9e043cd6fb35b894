"""Words of the numbers in the money files: yearly budgets, sources, undertakings, outcome grants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from bothbanks.pages.terms import plain_code

if TYPE_CHECKING:
    from bothbanks.pages.context import Context


def money_words(ctx: Context, parameter: str) -> Markup | None:
    """A number of the money files, 'Liège: budget for building, from 2026'; None for one of anything else."""
    group, _, rest = parameter.partition(".")
    told = {"budgets": _budget, "sources": _source, "ventures": _venture, "grants": _grant}.get(group)
    return told(ctx, rest.split(".")) if told is not None else None


def _budget(ctx: Context, parts: list[str]) -> Markup | None:
    t = ctx.t
    if parts[0] == "minimum_service":
        return t("{case}: {what}", case=plain_code(parts[1]), what=t("service kept at least, as a share"))
    if parts[0] == "pathway":
        what = t("more is built once the loss passes this share of today’s")
        return t("{case}: {what}", case=plain_code(parts[1]).capitalize(), what=what)
    if len(parts) != 3:
        return None
    kinds = {
        "capital": t("budget for building a year, from {year}", year=parts[2]),
        "running": t("budget for upkeep and debt service a year, from {year}", year=parts[2]),
    }
    what_budget = kinds.get(parts[1])
    return t("{case}: {what}", case=ctx.member(parts[0]), what=what_budget) if what_budget else None


def _source(ctx: Context, parts: list[str]) -> Markup | None:
    t = ctx.t
    if parts[0] == "together":
        which = plain_code(parts[1])
        return t("several sources together: largest share of a payment ({which})", which=which)
    if parts[0] == "debt_limit":
        who = t("every member") if parts[1] == "every" else ctx.member(parts[1])
        return t("{case}: {what}", case=who, what=t("most debt service a year"))
    found = ctx.findings.funding
    if parts[0] == "upkeep":
        pot = ctx.language.pick(found.pots.get(parts[1], {}), parts[1]) if found else escape(parts[1])
        return t("{case}: {what}", case=pot, what=t("most for upkeep a year"))
    names = {s.id: ctx.language.pick(s.name, s.id) for s in found.sources} if found else {}
    words = {
        "largest_share": t("largest share of a payment"),
        "smallest_share": t("smallest share of a payment"),
        "interest": t("yearly interest, over inflation"),
        "cap": t("most in all"),
        "cap_measure": t("most for a measure"),
        "cap_member": t("most for a member"),
    }
    what = words.get(parts[-1], escape(plain_code(parts[-1])))
    return t("{case}: {what}", case=names.get(parts[0], escape(plain_code(parts[0]))), what=what)


def _venture(ctx: Context, parts: list[str]) -> Markup | None:
    t = ctx.t
    found = ctx.findings.funding
    names = {v.id: ctx.language.pick(v.name, v.id) for v in found.ventures} if found else {}
    words = {
        "revenue": t("revenue a year"),
        "costs": t("costs a year"),
        "debt_service": t("debt service a year"),
        "reserve": t("kept in reserve"),
    }
    what = words.get(parts[1], escape(plain_code(parts[1]))) if len(parts) > 1 else Markup("")
    if len(parts) > 2:
        what = Markup("{} ({})").format(what, parts[2])
    return t("{case}: {what}", case=names.get(parts[0], escape(plain_code(parts[0]))), what=what)


def _grant(ctx: Context, parts: list[str]) -> Markup | None:
    t = ctx.t
    found = ctx.findings.outcome
    names = {g.id: ctx.language.pick(g.name, g.id) for g in found.grants} if found else {}
    words = {
        "price": t("paid for a unit of the result"),
        "cap": t("most in all"),
        "baseline": t("value to start from"),
    }
    what = words.get(parts[-1], escape(plain_code(parts[-1])))
    return t("{case}: {what}", case=names.get(parts[0], escape(plain_code(parts[0]))), what=what)
