"""Words of public purchases: stages, steps, methods, rules of law, and red flags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from bothbanks.pages import figures

if TYPE_CHECKING:
    from bothbanks.analysis.findings.procurement import FlagFinding, ProcessFinding
    from bothbanks.pages.context import Context


def regime_words(ctx: Context, regime: str) -> str:
    """A regime in words: 'Netherlands', 'Germany (NW)'."""
    country, _, part = regime.partition("-")
    name = ctx.country(country)
    return f"{name} ({part})" if part else name


def stage_words(ctx: Context, stage: str) -> Markup:
    """How far a purchase has come."""
    t = ctx.t
    words = {
        "planned": t("planned"),
        "tendering": t("tender open or being judged"),
        "awarded": t("awarded"),
        "contracted": t("contract running"),
        "complete": t("complete"),
        "terminated": t("broken off"),
        "cancelled": t("cancelled"),
    }
    return words.get(stage, escape(stage))


def step_words(ctx: Context, tag: str) -> Markup:
    """A release tag of OCDS in words."""
    t = ctx.t
    words = {
        "planning": t("plan"),
        "tender": t("tender opened"),
        "tenderAmendment": t("tender amended"),
        "tenderCancellation": t("tender cancelled"),
        "award": t("award"),
        "contract": t("contract signed"),
        "contractAmendment": t("contract changed"),
        "implementation": t("payment or milestone"),
        "contractTermination": t("contract ended"),
    }
    return words.get(tag, escape(tag))


def law_words(ctx: Context, p: ProcessFinding) -> Markup:
    """Which law applies to a purchase, and why."""
    t = ctx.t
    law = regime_words(ctx, p.law)
    if p.basis == "one-country":
        return t("All buyers follow the same law ({law}), so it applies.", law=law)
    why = {
        "lead-buyer": t("it is the law of the lead buyer"),
        "largest-share": t("it is the law of whoever pays the largest share"),
        "fixed": t("the agreement names it"),
        "seat": t("it is the law of the joint body's seat"),
        "activity": t("the joint body acts there"),
    }.get(p.rule, escape(p.rule))
    return t(
        "One law applies ({law}): {why}, as {agreement} says (Article {basis} of Directive 2014/24/EU).",
        law=law,
        why=why,
        agreement=ctx.language.pick(p.agreement),
        basis=p.basis,
    )


def sure_words(ctx: Context, mark: str) -> Markup:
    """How sure a rule is."""
    t = ctx.t
    words = {
        "seen": t("read in the source"),
        "inferred": t("follows from the source"),
        "unclear": t("sources disagree: not used"),
        "unknown": t("not found"),
    }
    return words.get(mark, escape(mark))


def flag_name(ctx: Context, indicator: str) -> Markup:
    """The short name of a red flag."""
    t = ctx.t
    words = {
        "single-bid": t("only one tender came"),
        "short-window": t("short time to tender"),
        "award-above-estimate": t("award above the estimate"),
        "contract-above-award": t("contract above the award"),
        "changes-add-up": t("changes that add up"),
        "split": t("split purchases"),
        "same-winner": t("always the same winner"),
        "no-estimate": t("no estimate published"),
    }
    return words.get(indicator, escape(indicator))


def flag_words(ctx: Context, f: FlagFinding) -> Markup:
    """A flag that could be computed, in a sentence; one that couldn't, with the reason."""
    if f.state == "unknown":
        return because_words(ctx, f)
    t = ctx.t
    exact = ctx.exact
    value, limit = f.value, f.limit

    def share(x: float | None) -> str:
        return figures.percent(ctx.language, x, 1)

    match f.indicator:
        case "single-bid":
            return ctx.tn("{n} tender came.", "{n} tenders came.", value or 0, n=exact(value))
        case "short-window":
            return t(
                "Open for {days} days; at least {least} are due.",
                days=exact(None if value is None else round(value, 1)),
                least=exact(limit),
            )
        case "award-above-estimate":
            return t(
                "Against the estimate: {share}; raised above {limit}.", share=share(value), limit=share(limit)
            )
        case "contract-above-award":
            return t(
                "Against the award: {share}; raised above {limit}.", share=share(value), limit=share(limit)
            )
        case "changes-add-up":
            return t(
                "Against the contract as signed: {share}; raised above {limit}.",
                share=share(value),
                limit=share(limit),
            )
        case "split":
            if f.state == "clear":
                return t("No other purchases would pass a threshold together with this one.")
            return t(
                "With {others} it adds up to {value}, and each stays under {limit}.",
                others=ctx.language.join(f.about),
                value=ctx.money(value or 0.0),
                limit=ctx.money(limit or 0.0),
            )
        case "same-winner":
            if f.state == "clear":
                return t("Several firms won this buyer's {n} purchases.", n=exact(value))
            return t(
                "All {n} purchases of this buyer went to {who}.",
                n=exact(value),
                who=ctx.language.join(f.about),
            )
    return t("The estimate was published.") if f.state == "clear" else t("No estimate was published.")


def because_words(ctx: Context, f: FlagFinding) -> Markup:
    """Why a flag can't be computed."""
    t = ctx.t
    words = {
        "no-method": t("No method was published."),
        "not-competitive": t("The method is not an open or restricted tender."),
        "no-tenderers": t("The number of tenders was not published."),
        "no-period": t("No opening or closing day was published."),
        "no-least-days": t("No least number of days is published for this method."),
        "no-award": t("Nothing is awarded yet."),
        "no-award-value": t("The value of an award was not published."),
        "no-estimate": t("No estimate was published."),
        "no-contract": t("There is no contract yet."),
        "no-contract-value": t("The value of a contract was not published."),
        "no-law": t("The law that applies is not known."),
        "no-class": t("What is bought has no code."),
        "no-buyer": t("No buyer was published."),
        "other-currency": t("The thresholds are in euros, these amounts are not."),
    }
    if f.because == "too-few-awards":
        return t(
            "Known awards of these buyers: {n}; it takes {least}.",
            n=ctx.exact(f.value),
            least=ctx.exact(f.limit),
        )
    return words.get(f.because, escape(f.because))


def formula_words(ctx: Context, indicator: str) -> Markup:
    """How a flag is computed, in words."""
    t = ctx.t
    words = {
        "single-bid": t("one tender in an open or restricted tender"),
        "short-window": t(
            "days from opening to closing: under the least the law asks, or under 15 in an open tender"
        ),
        "award-above-estimate": t("awards together, divided by the estimate"),
        "contract-above-award": t("contract as signed, divided by its award"),
        "changes-add-up": t("contract now, divided by the contract as signed; more is allowed for works"),
        "split": t(
            "purchases of one buyer and one class within half a year: each under a threshold, together not"
        ),
        "same-winner": t("one firm won all of a buyer's awards, three or more"),
        "no-estimate": t("a tender without a value"),
    }
    return words.get(indicator, escape(indicator))
