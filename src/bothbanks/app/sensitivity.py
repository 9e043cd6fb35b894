"""What moves the answer, and which figure is worth asking an owner for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bothbanks.analysis.cooperation.arrays import shapley_array
from bothbanks.analysis.findings import CaseFinding, DataRequest, Sensitivity
from bothbanks.analysis.risk.uncertainty import MIN_DRAWS, sensitivity
from bothbanks.app.draws import DrawSet
from bothbanks.app.money_findings import Played
from bothbanks.app.play import Ends
from bothbanks.region.folder import RegionModel

FloatArray = NDArray[np.float64]
METHOD = "RBD-FAST, first order"
MOST_REQUESTS = 20


def sensitivities(played: Played, draws: DrawSet) -> tuple[Sensitivity, ...]:
    """Indices of the gain, its part that crosses a border, the cost alone, and each member's share."""
    r = played.draws
    if r.alone.shape[0] < MIN_DRAWS:
        return ()
    case = played.settings.id
    outputs: dict[str, FloatArray] = {
        f"{case}.total_gain": r.no_transfer_gain.sum(axis=1),
        f"{case}.cross_border_gain": (r.blocs - r.together).sum(axis=1),
        f"{case}.total_alone": r.alone.sum(axis=1),
    }
    shares = shapley_array(r.worths_gamma)
    outputs |= {f"share.{m}": shares[:, i] for i, m in enumerate(played.game.members)}
    mine = [k for k, p in enumerate(draws.parameters) if _concerns(p.id, case)]
    names = [draws.parameters[k].id for k in mine]
    out = []
    for name, values in outputs.items():
        found = sensitivity(draws.values[:, mine], values, names, seed=draws.seed)
        if found:
            out.append(
                Sensitivity(
                    name, tuple(s.id for s in found), tuple(s.index for s in found), found[0].noise, METHOD
                )
            )
    return tuple(out)


def _concerns(parameter: str, case: str) -> bool:
    return parameter.startswith((f"{case}.", "region."))


def data_requests(
    model: RegionModel, played: Played, ends: Ends, found: Sequence[Sensitivity], cases: Sequence[CaseFinding]
) -> tuple[DataRequest, ...]:
    """Figures ranked by whether an end of their range changes what would be built, then by influence.

    A figure is asked of the member whose basin or measure it belongs to, '' where anybody may know it. People
    outside the hazard data are asked for first: nothing at all is known of them.
    """
    index = _gain_index(found)
    base = ends.base.choice
    parameters = {p.id: p for p in model.parameters}
    rows = []
    for p in ends.low:
        changed = [ends.low[p].choice != base, ends.high[p].choice != base]
        share = _share_changed(played, p, ends)
        influence = max(index.get(p, 0.0), ends.swing(p) / max(abs(ends.base.gain), 1.0))
        why = "calibrated" if p.endswith("calibration") else "assumed" if parameters[p].assumed else "range"
        rows.append(
            (
                sum(changed),
                influence,
                DataRequest(p, _owner(model, p), why, influence, share, (played.settings.id,)),
            )
        )
    rows.sort(key=lambda r: (-r[0], -r[1], r[2].parameter))
    return (*_not_modelled(cases), *(r[2] for r in rows if r[0] or r[1] > 0.01))[:MOST_REQUESTS]


def _gain_index(found: Sequence[Sensitivity]) -> dict[str, float]:
    for s in found:
        if s.output.endswith("total_gain"):
            return {
                p: max(i, 0.0) if i > s.noise else 0.0 for p, i in zip(s.parameters, s.index, strict=True)
            }
    return {}


def _share_changed(played: Played, parameter: str, ends: Ends) -> float:
    """Share of the two ends at which the choice of measures differs from the base."""
    return float(
        np.mean(
            [ends.low[parameter].choice != ends.base.choice, ends.high[parameter].choice != ends.base.choice]
        )
    )


def _not_modelled(cases: Sequence[CaseFinding]) -> list[DataRequest]:
    rows = [
        (people, DataRequest(f"{c.id}.not-modelled.{m}", m, "not-modelled", 0.0, 0.0, (c.id,)))
        for c in cases
        for m, people in c.not_modelled.items()
        if people >= 1000
    ]
    return [r for _, r in sorted(rows, key=lambda r: -r[0])][:4]


def _owner(model: RegionModel, parameter: str) -> str:
    """The one member a parameter belongs to: holder of its measure, or only member of its own."""
    parts = parameter.split(".")
    if len(parts) > 3 and parts[1] == "measure":
        for m in model.cases[parts[0]].measures:
            if m.id == parts[2] and m.holders and m.holders[0] != "*" and len(m.holders) <= 2:
                return m.holders[0]
    if parts[0] == "member" and len(parts) > 2:
        return parts[1]
    return ""


def ranked(found: Sensitivity) -> Mapping[str, float]:
    """Parameter -> index, those that rise above chance only."""
    return {p: i for p, i in zip(found.parameters, found.index, strict=True) if i > found.noise}
