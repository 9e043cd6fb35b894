"""Published parametric terms: MultiCat Mexico 2012 class C, and the layers of a Caribbean state's policies.

MultiCat: terms, pressures and payouts as reported by artemis.bm, asreport.americanbanker.com and
entropics.se: central pressure within the box, linear between the 6-hourly points of the best track; above
920 and up to 932 mb half of 100 million dollars, at 920 mb or lower all. Where the centre was at each point
was not read: the longitudes here are made up so that the published interpolation holds (878 and 932 mb give
about 923).

Layers: attachment 10 years, exhaustion 100 years, ceding 25 % (an excerpt of a report of the International
Monetary Fund). The formula that joins them is assumed; so are the losses by return period.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction as F

import numpy as np
import pytest

from bothbanks.analysis.reserve.index import Fix, Window, box_of
from bothbanks.analysis.reserve.triggers import LinearPayout, Step, StepTable, ceded_limit
from bothbanks.analysis.risk.metrics import occurrence_curve
from bothbanks.civic.finance.payouts import Part, Settlement, TriggerTerms, settle

STEPS = StepTable((Step(F(1, 2), gt=F(920), le=F(932)), Step(F(1), le=F(920))))
COVER = Window(datetime(2012, 10, 1), datetime(2015, 12, 4))
BOX = box_of(F(45), F(-10), F(200), F(10))
PRINCIPAL = 100_000_000_00


def class_c(waits_for: str = "final") -> TriggerTerms:
    part = Part("box", "", "min", STEPS, area=BOX)
    return TriggerTerms(
        "C",
        "mb",
        "USD",
        2012,
        PRINCIPAL,
        {"state": F(1)},
        COVER,
        waits_for,
        (part,),  # type: ignore[arg-type]
    )


def paid(fixes: list[Fix], waits_for: str = "final") -> Settlement:
    return settle(class_c(waits_for), {"box": fixes})


def patricia(final: bool = True) -> list[Fix]:
    sea, land = datetime(2015, 10, 23, 18), datetime(2015, 10, 24)
    return [Fix(sea, F(0), F(0), F(878), final), Fix(land, F(54), F(0), F(932), final)]


def odile(pressure_mb: int, final: bool) -> list[Fix]:
    start = datetime(2014, 9, 15)
    values = (922, pressure_mb, 960) if not final else (930, pressure_mb, 965)
    places = (0, 60, 90)
    return [
        Fix(start + timedelta(hours=6 * k), F(x), F(0), F(v), final)
        for k, (x, v) in enumerate(zip(places, values, strict=True))
    ]


def test_patricia_is_923_by_interpolation_and_pays_half() -> None:
    found = paid(patricia())
    assert found.parts[0].index == 923
    assert (found.share, found.due_total) == (F(1, 2), 50_000_000_00)


def test_odile_pays_nothing_on_the_final_track_and_would_have_paid_half_on_the_operational() -> None:
    # A storm that was in the box only at one fix: the index is its pressure there.
    at_landfall = [odile(930, final=False)[1]]
    assert paid(at_landfall, "any").due_total == 50_000_000_00
    waiting = paid(at_landfall)
    assert (waiting.waiting, waiting.indicated_total, waiting.due_total) == (True, 50_000_000_00, 0)
    final = paid([odile(941, final=True)[1]])
    assert (final.parts[0].index, final.waiting, final.due_total) == (941, False, 0)


def test_the_final_track_replaces_the_operational_one_in_the_same_file() -> None:
    both = [odile(930, final=False)[1], odile(941, final=True)[1]]
    assert paid(both).due_total == paid(both, "any").due_total == 0


@pytest.mark.parametrize(
    ("pressure", "share"),
    [("932.01", 0), ("932", F(1, 2)), ("920.01", F(1, 2)), ("920", 1), ("878", 1)],
)
def test_boundaries_932_and_920(pressure: str, share: F) -> None:
    fix = Fix(datetime(2015, 10, 23), F(50), F(0), F(pressure), True)
    assert paid([fix]).share == share


def test_a_storm_outside_the_box_pays_nothing_however_deep() -> None:
    found = paid([Fix(datetime(2015, 10, 23), F(0), F(0), F(872), True)])
    assert (found.parts[0].index, found.due_total) == (None, 0)


def test_published_layer_terms_give_the_payouts_that_they_imply() -> None:
    # 1,000 equally likely years, the k-th worst losing 1,000 / k: once in T years loses T (assumed losses).
    loss = 1000.0 / np.arange(1, 1001)
    curve = occurrence_curve(loss, np.full(1000, 1e-3), "annual-maxima")
    attachment, exhaustion = (F(str(float(curve.loss_at(t)))) for t in (10.0, 100.0))
    assert (attachment, exhaustion) == (10, 100)
    limit = ceded_limit(attachment, exhaustion, F(1, 4))
    assert limit == F(45, 2)
    shares = LinearPayout(attachment, exhaustion).share([5.0, 10.0, 55.0, 100.0, 1000.0])
    assert (shares * float(limit)).tolist() == [0.0, 0.0, 11.25, 22.5, 22.5]


def test_a_loss_just_under_the_attachment_pays_nothing() -> None:
    # As in Belize in 2010: the modelled loss of Richard lay just under the 30-year attachment (CCRIF).
    shape = LinearPayout(F(30), F(200))
    assert shape.share([29.999, 30.0]).tolist() == [0.0, 0.0]
    assert shape.share([30.001])[0] > 0
