"""Words of the reserve fund's numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from bothbanks.pages.context import Context


def reserve_words(ctx: Context, parameter: str) -> Markup | None:
    """A number of the reserve fund, 'yearly cost of capital'; None for one of anything else."""
    case, _, rest = parameter.partition(".")
    if case != "reserve":
        return None
    parts = rest.split(".")
    if parts[0] == "layer" and len(parts) == 3:
        what = _layer(ctx).get(parts[2])
        if what is None or parts[1] == "all":
            return what
        return ctx.t("{case}: {what}", case=ctx.member(parts[1]), what=what)
    if parts[0] == "ceded" and len(parts) == 2:
        return _ceded(ctx).get(parts[1])
    return _fund(ctx).get(rest)


def _fund(ctx: Context) -> dict[str, Markup]:
    t = ctx.t
    return {
        "level": t("share of years milder than those that capital is held for (level)"),
        "load": t("yearly cost of capital"),
        "running_alone": t("running one member's own fund"),
        "running_fixed": t("running the joint fund, fixed part"),
        "running_member": t("running the joint fund, for each member"),
        "interest": t("yearly return on what the fund holds"),
        "target_ruin": t("accepted chance that the fund can't pay"),
    }


def _layer(ctx: Context) -> dict[str, Markup]:
    t = ctx.t
    return {
        "attachment": t("loss of an event from which the fund pays"),
        "exhaustion": t("loss of an event beyond which it pays no more"),
        "share": t("share of an event's loss that the fund pays"),
        "year_retention": t("payouts of a year that a member keeps"),
        "year_limit": t("payouts of a year beyond which the fund pays no more"),
    }


def _ceded(ctx: Context) -> dict[str, Markup]:
    t = ctx.t
    return {
        "attachment": t("ceded layer: year from which it pays"),
        "exhaustion": t("ceded layer: year beyond which it pays no more"),
        "share": t("ceded layer: share"),
        "rate_on_line": t("ceded layer: price over its limit (rate on line)"),
    }
