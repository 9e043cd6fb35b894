"""Protecting people in figures: small cells, noise by cell keys, coarse places and times, the risk left."""

from bothbanks.analysis.disclosure.coarse import Squares, coarse_dates, old_enough, rounded, squares
from bothbanks.analysis.disclosure.noise import NoiseTable, cell_keys, noise_table, record_keys
from bothbanks.analysis.disclosure.risk import (
    Risk,
    attacked,
    difference_risk,
    one_answer_risk,
    worst_difference_risk,
)
from bothbanks.analysis.disclosure.suppression import (
    Protected,
    SummedTable,
    grouped,
    intervals,
    protect,
    with_totals,
)

__all__ = [
    "NoiseTable",
    "Protected",
    "Risk",
    "Squares",
    "SummedTable",
    "attacked",
    "cell_keys",
    "coarse_dates",
    "difference_risk",
    "grouped",
    "intervals",
    "noise_table",
    "old_enough",
    "one_answer_risk",
    "protect",
    "record_keys",
    "rounded",
    "squares",
    "with_totals",
    "worst_difference_risk",
]
