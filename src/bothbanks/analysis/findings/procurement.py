"""Public procurement: plans, tenders, awards and contracts as releases, with their red flags.

Amounts are in whole units of each purchase's own currency, net of VAT, as decided: never in the price year of
the appraisal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

Text = Mapping[str, str]


@dataclass(frozen=True)
class BandFinding:
    """Values from ``above`` (included) to ``below`` (infinite in the last band) under one country's rules."""

    regime: str  # ISO 3166: BE, DE-NW
    above: float
    below: float
    procedure: str  # direct, several-offers, national-open, union-open, unknown
    offers: int  # 0: no number named
    tender_days: int | None
    standstill_days: int | None
    mark: str  # seen, inferred, unclear, unknown
    source: str
    days_source: str
    note: str
    used: bool  # False: sources disagree, shown only


@dataclass(frozen=True)
class BuyerFinding:
    """One that pays: its share, its part of the estimate, and what its own rules would ask for that part."""

    id: str  # member id, or the party's id in another's file
    name: str
    regime: str
    share: float | None  # None where a file from elsewhere names no shares
    part: float | None
    alone: str  # procedure that part would need alone; '' where not known
    paid: float


@dataclass(frozen=True)
class FlagFinding:
    """One indicator of one purchase; ``because`` is a code where it can't be computed."""

    indicator: str
    state: str  # raised, clear, unknown
    value: float | None
    limit: float | None
    because: str
    about: tuple[str, ...]


@dataclass(frozen=True)
class IndicatorFinding:
    """How an indicator is computed, and where it and its limit come from."""

    id: str
    formula: str
    unit: str
    source: str
    limit_source: str


@dataclass(frozen=True)
class StepFinding:
    """One release: when, which step, and its id."""

    day: date
    tag: str
    release: str


@dataclass(frozen=True)
class ProcessFinding:
    """One purchase as it stands."""

    ocid: str
    title: Text
    own: bool  # decided in this region's folder; else read from a file
    file: str  # where it was read
    kind: str  # goods, services, works, social or ''
    stage: str  # planned, tendering, awarded, contracted, complete, terminated, cancelled, published
    buyers: tuple[BuyerFinding, ...]
    lead: str
    manager: str  # who runs it: the lead's id, or the joint body's name
    currency: str
    estimate: float | None
    method: str
    opens: date | None
    closes: date | None
    tenderers: int | None
    winner: str
    award: float | None
    contract_first: float | None
    contract: float | None
    paid: float
    steps: tuple[StepFinding, ...]
    flags: tuple[FlagFinding, ...]
    # The law; '' and empty where it is not known.
    law: str = ""
    basis: str = ""  # 39(4), 39(5), one-country
    rule: str = ""
    agreement: Text = field(default_factory=dict)
    asked: str = ""  # procedure the law asks for the joint value
    union_threshold: float | None = None
    passes_only_together: bool = False
    shown: Mapping[str, str] = field(default_factory=dict)  # other regime -> procedure, for information
    bands: tuple[BandFinding, ...] = ()

    @property
    def raised(self) -> tuple[FlagFinding, ...]:
        """The flags that were raised."""
        return tuple(f for f in self.flags if f.state == "raised")


@dataclass(frozen=True)
class RefusedRelease:
    """A release, or file, that was read and not used: kept whole in ``refused.json``."""

    file: str
    release: str
    found: str
    expected: str
    code: str


@dataclass(frozen=True)
class ProcurementFinding:
    """The purchases, how their flags were computed, what was refused, and the files to publish."""

    publisher: str
    made_up: Text
    prefix: str
    prefix_source: str
    processes: tuple[ProcessFinding, ...]
    indicators: tuple[IndicatorFinding, ...]
    refused: tuple[RefusedRelease, ...]
    read: int  # releases read = merged + repeated + refused
    merged: int
    repeated: int
    files: Mapping[str, str]  # name below ocds/ -> JSON text
