"""A trigger on the region's event set: what it pays in each flood year, and its basis risk by member.

The index of a year comes from the return period of the yearly flood of one basin, the same draw that made
the catalogue of losses: the years themselves, a discharge by the published frequencies of a gauge, or rain as
rare as the flood. So an index and the losses of its own basin go closely together, and those of other basins
only as far as the catalogue's copula says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.findings.outcome import (
    AttachmentFinding,
    BasisFinding,
    PartFinding,
    StepFinding,
    TriggerFinding,
)
from bothbanks.analysis.reserve.basis_risk import BasisRisk, basis_risk, value_at
from bothbanks.analysis.reserve.triggers import LinearPayout, StepTable, joint_share
from bothbanks.analysis.risk.hazards.flood_events import draw_years
from bothbanks.analysis.risk.hazards.rain import RainFits
from bothbanks.analysis.risk.metrics import occurrence_curve
from bothbanks.app.loss_curves import READING, Catalogue
from bothbanks.app.prepared import Prepared
from bothbanks.region.schema_triggers import EventIndexSettings, PartSettings, TriggerSettings
from bothbanks.region.trigger_terms import shape_of
from bothbanks.words.errors import InputError, RangeError

FloatArray = NDArray[np.float64]
LEAST_PERIOD = 1.01
"""Years: below it a growth curve or a rain law means nothing, and no trigger attaches."""


def trigger_finding(prepared: Prepared, trigger: TriggerSettings) -> TriggerFinding:
    """A trigger's terms, and its basis risk where every part says how the flood years stand for it."""
    periods = flood_periods(prepared)
    indices = [_index(prepared, trigger, part, periods) for part in trigger.parts]
    known = [i for i in indices if i is not None]
    whole = periods is not None and len(known) == len(indices)
    basis, attachments = _basis(prepared, trigger, known) if whole else (None, ())
    rate = np.full(periods[0].shape[0], 1.0 / periods[0].shape[0]) if periods is not None else np.zeros(0)
    parts = tuple(_part(p, i, rate) for p, i in zip(trigger.parts, indices, strict=True))
    return TriggerFinding(
        id=trigger.id,
        name=trigger.name,
        about=trigger.about,
        unit=trigger.unit,
        limit=trigger.limit,
        shares=dict(trigger.shares),
        start=trigger.start.isoformat(),
        end=trigger.end.isoformat(),
        waits_for=trigger.waits_for,
        article=trigger.article,
        assumed=trigger.source.lower().startswith("assumed"),
        parts=parts,
        basis=basis,
        attachments=attachments,
    )


def member_losses(made: Catalogue, members: Sequence[str]) -> FloatArray:
    """(event, member) losses in the order of the members; a member that loses nothing has zeros."""
    table = made.losses.table("member")
    out = np.zeros((table.loss.shape[0], len(members)))
    for k, key in enumerate(table.keys):
        if key in members:
            out[:, members.index(key)] = table.loss[:, k]
    return out


def flood_periods(prepared: Prepared) -> tuple[FloatArray, tuple[str, ...]] | None:
    """(year, basin) return period of each drawn year's flood in each basin, and the basins' names.

    The catalogue keeps losses and not its floods, so the years are drawn again from the same seed; that they
    are the same is checked by the basin in which each event starts.
    """
    if prepared.flood is None:
        return None
    made = prepared.catalogues.get((prepared.flood.settings.id, "together"))
    if made is None:
        return None
    model: Any = prepared.flood.hazard.model
    inputs = getattr(model, "regional", model).inputs
    table = made.losses.events
    rng = np.random.default_rng([prepared.drawn.seed, 1])
    periods = 1.0 / (1.0 - draw_years(inputs.basins, prepared.base, len(table), rng).u)
    names = tuple(b.id for b in inputs.basins)
    if tuple(names[k] for k in periods.argmax(axis=1)) != tuple(table.origin):
        raise InputError(
            "app.flood-years", "the flood years drawn again are not those of the catalogue; run it anew."
        )
    return periods, names


def _index(
    prepared: Prepared,
    trigger: TriggerSettings,
    part: PartSettings,
    periods: tuple[FloatArray, tuple[str, ...]] | None,
) -> FloatArray | None:
    """(year,) index of a part, None where nothing stands for it."""
    about = part.events
    if about is None or periods is None:
        return None
    table, basins = periods
    if about.basin not in basins:
        raise InputError(
            "app.trigger-basin",
            f"trigger '{trigger.id}', part '{part.id}': there is no basin '{about.basin}'; there are "
            f"{', '.join(basins)}.",
        )
    years = np.maximum(table[:, basins.index(about.basin)], LEAST_PERIOD)
    if about.as_ == "return-period":
        return years
    if about.as_ == "discharge":
        return _discharge(prepared, trigger, about, years)
    return _rain(prepared, trigger, about, years)


def _discharge(
    prepared: Prepared, trigger: TriggerSettings, about: EventIndexSettings, years: FloatArray
) -> FloatArray:
    """Discharge of a gauge by its published frequencies, straight in the logarithm of the return period.

    Beyond the published ones the slope of the last two holds (Gumbel's law has this form for rare floods).
    """
    table = prepared.model.tables.get("flow_frequency")
    rows = None
    if table is not None:
        mine = (table["gauge"] == about.gauge) & (table["basin"] == about.basin)
        rows = table[mine]
    if rows is None or len(rows) < 2:
        there = "none" if table is None else ", ".join(sorted(map(str, set(table["gauge"]))))
        raise InputError(
            "app.trigger-gauge",
            f"trigger '{trigger.id}': gauge '{about.gauge}' on '{about.basin}' has fewer than two rows "
            f"in the layer flow_frequency; gauges with rows: {there}.",
        )
    ordered = rows.sort_values("return_period")
    x = np.log(ordered["return_period"].to_numpy(float))
    y = ordered["discharge"].to_numpy(float)
    at = np.log(years)
    k = np.clip(np.searchsorted(x, at) - 1, 0, x.size - 2)
    return np.asarray(np.maximum(y[k] + (y[k + 1] - y[k]) * (at - x[k]) / (x[k + 1] - x[k]), 0.0))


def _rain(
    prepared: Prepared, trigger: TriggerSettings, about: EventIndexSettings, years: FloatArray
) -> FloatArray:
    """Rain at the station that is as rare as the flood, by the extreme value law fitted to its maxima."""
    if "rain_maxima" not in prepared.model.tables:
        raise InputError(
            "app.trigger-rain", f"trigger '{trigger.id}' needs a layer rain_maxima; add it as a source."
        )
    try:
        fit = RainFits.from_table(prepared.model.tables["rain_maxima"], about.gauge).fit(about.duration_days)
    except RangeError as error:
        raise InputError("app.trigger-rain", f"trigger '{trigger.id}': {error.message}") from None
    return np.asarray(fit.quantile(years))


def _basis(
    prepared: Prepared, trigger: TriggerSettings, indices: list[FloatArray]
) -> tuple[BasisFinding, tuple[AttachmentFinding, ...]]:
    """Basis risk of the terms, and of other attachments where there is one part."""
    assert prepared.flood is not None
    made = prepared.catalogues[(prepared.flood.settings.id, "together")]
    members = [m for m in prepared.members if m in trigger.shares]
    loss = member_losses(made, members)
    rate = made.losses.events.rate
    shares = np.array([trigger.shares[m] for m in members])
    limit = trigger.limit * shares
    retention = np.array(
        [
            float(occurrence_curve(loss[:, i], rate, READING).loss_at(trigger.needed_years))
            for i in range(len(members))
        ]
    )
    paid = joint_share([shape_of(p).share(i) for p, i in zip(trigger.parts, indices, strict=True)])
    found = basis_risk(paid[:, None] * limit, loss, rate, retention=retention, limit=limit, reading=READING)
    attachments: list[AttachmentFinding] = []
    if len(indices) == 1:
        low = trigger.parts[0].reduce == "min"
        levels = value_at(indices[0], rate, trigger.attach_years, low_is_severe=low, reading=READING)
        for years, level in zip(trigger.attach_years, levels, strict=True):
            over = indices[0] <= level if low else indices[0] >= level
            one = basis_risk(
                over[:, None] * limit, loss, rate, retention=retention, limit=limit, reading=READING
            )
            attachments.append(_attachment(years, float(level), one, shares))
    return _by_member(found, members, prepared.members, trigger.needed_years), tuple(attachments)


def _attachment(years: float, level: float, one: BasisRisk, shares: FloatArray) -> AttachmentFinding:
    return AttachmentFinding(
        years=years,
        index=level,
        mean_paid=float(one.mean_paid.sum()),
        paid_not_needed=float(shares @ one.paid_not_needed),
        needed_not_paid=float(shares @ one.needed_not_paid),
        shortfall=float(one.shortfall.sum()),
    )


def _by_member(
    found: BasisRisk, chosen: Sequence[str], members: Sequence[str], needed_years: float
) -> BasisFinding:
    """The arrays of the chosen members in the order of all; NaN for those without a share."""
    at = [members.index(m) for m in chosen]

    def spread(values: FloatArray) -> FloatArray:
        out = np.full(len(members), np.nan)
        out[at] = values
        return out

    return BasisFinding(
        needed_years,
        *(
            spread(getattr(found, name))
            for name in (
                "paid", "needed", "paid_not_needed", "needed_not_paid", "mean_paid", "mean_needed", "excess",
                "shortfall", "correlation",
            )
        ),
    )  # fmt: skip


def _part(part: PartSettings, index: FloatArray | None, rate: FloatArray) -> PartFinding:
    shape = shape_of(part)
    steps: tuple[StepFinding, ...] = ()
    attachment = exhaustion = float("nan")
    if isinstance(shape, StepTable):
        steps = tuple(
            StepFinding(
                None if s.low is None else float(s.low),
                s.ge is not None,
                None if s.high is None else float(s.high),
                s.le is not None,
                float(s.pay),
                float("nan") if index is None else float(rate @ s.holds(index)),
            )
            for s in shape.steps
        )
    elif isinstance(shape, LinearPayout):
        attachment, exhaustion = float(shape.attachment), float(shape.exhaustion)
    about = part.events
    return PartFinding(
        id=part.id,
        place=part.place,
        track=part.track,
        reduce=part.reduce,
        step_hours=part.step_hours,
        span=part.span,
        file=part.data.file,
        steps=steps,
        attachment=attachment,
        exhaustion=exhaustion,
        events_as=about.as_ if about is not None else "",
        basin=about.basin if about is not None else "",
        gauge=about.gauge if about is not None else "",
        duration_days=about.duration_days if about is not None else 1.0,
    )
