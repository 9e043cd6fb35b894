"""What an appraisal found: plain values that reports, tables and files are made from.

``app`` fills these once; ``pages`` and ``standards`` only read them. Money is in the
currency and price year of ``RegionInfo``; arrays follow the order of ``Findings.members``.
Text is a mapping from language code to words. One file a subject: the shared problems in
``appraisal``, and each part of the money beside it.
"""

from __future__ import annotations

from bothbanks.analysis.findings.appraisal import (
    BreakEven,
    BudgetSplit,
    CaseFinding,
    Column,
    Curve,
    DataRequest,
    DealSheet,
    FileCount,
    Findings,
    FloatArray,
    GameFinding,
    Interval,
    MapBase,
    MapLayer,
    MeasureFinding,
    MemberInfo,
    Objection,
    RegionInfo,
    RuleFinding,
    SeamKilometre,
    Sensitivity,
    Table,
    Text,
    ThreeViews,
)
from bothbanks.analysis.findings.funding import FundingFinding
from bothbanks.analysis.findings.outcome import OutcomeFinding
from bothbanks.analysis.findings.procurement import ProcurementFinding
from bothbanks.analysis.findings.programme import ProgrammeFinding
from bothbanks.analysis.findings.purchasing import PurchasingFinding
from bothbanks.analysis.findings.reserve import ReserveFinding

__all__ = [
    "BreakEven",
    "BudgetSplit",
    "CaseFinding",
    "Column",
    "Curve",
    "DataRequest",
    "DealSheet",
    "FileCount",
    "Findings",
    "FloatArray",
    "FundingFinding",
    "GameFinding",
    "Interval",
    "MapBase",
    "MapLayer",
    "MeasureFinding",
    "MemberInfo",
    "Objection",
    "OutcomeFinding",
    "ProcurementFinding",
    "ProgrammeFinding",
    "PurchasingFinding",
    "RegionInfo",
    "ReserveFinding",
    "RuleFinding",
    "SeamKilometre",
    "Sensitivity",
    "Table",
    "Text",
    "ThreeViews",
]
