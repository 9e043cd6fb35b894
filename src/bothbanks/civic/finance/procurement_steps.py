"""What is decided in a purchase: the commands, and the state that they make.

Money is in whole minor units (cents) of the purchase's currency, net of VAT; instants carry a time zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from bothbanks.civic.finance.applicable_law import ApplicableLaw, Buyer, Entity, LawRule
from bothbanks.words.errors import RangeError

Words = Mapping[str, str]
"""Text by language code."""

PLANNED, TENDERING, AWARDED, CONTRACTED = "planned", "tendering", "awarded", "contracted"
COMPLETE, TERMINATED, CANCELLED = "complete", "terminated", "cancelled"
CLOSED = (COMPLETE, TERMINATED, CANCELLED)

METHODS: Mapping[str, tuple[str, ...]] = {
    "direct": ("direct", "limited", "selective", "open"),
    "several-offers": ("limited", "selective", "open"),
    "national-open": ("selective", "open"),
    "union-open": ("selective", "open"),
}
"""Procedure asked for -> methods of OCDS that satisfy it. 'selective' is a published restricted procedure."""


@dataclass(frozen=True)
class Item:
    """What is bought: a line with its code in a classification (``CPV``), quantity and unit."""

    id: str
    description: Words
    scheme: str
    code: str
    quantity: float
    unit: str


@dataclass(frozen=True)
class Supplier:
    """A firm that tenders: an id in a public register where it has one, else one of our own."""

    id: str
    name: str


@dataclass(frozen=True)
class Plan:
    """Start: what, for whom, at what estimate; who leads; who pays which share; what the agreement says."""

    when: datetime
    ocid: str
    title: Words
    rationale: Words
    kind: str  # goods, services, works, social
    buyers: tuple[Buyer, ...]
    lead: str
    shares: Mapping[str, Fraction]
    rule: LawRule | None
    currency: str
    estimate: int
    items: tuple[Item, ...]
    decision: str = ""  # the decision it rests on
    language: str = "en"


@dataclass(frozen=True)
class OpenTender:
    """Ask for tenders until ``closes``. ``reason`` is needed where the method is freer than the law's."""

    when: datetime
    method: str  # open, selective, limited, direct
    closes: datetime
    estimate: int
    criteria: str  # a code of OCDS: priceOnly, bestValueToGovernment, ratedCriteria, ...
    reason: str = ""
    electronic: bool = True
    works_from: date | None = None
    works_to: date | None = None


@dataclass(frozen=True)
class AmendTender:
    """Change an open tender: a later or earlier closing, another estimate; always with a reason."""

    when: datetime
    reason: str
    closes: datetime | None = None
    estimate: int | None = None


@dataclass(frozen=True)
class CancelTender:
    """End a purchase before its contract."""

    when: datetime
    reason: str


@dataclass(frozen=True)
class MakeAward:
    """Choose one of those who tendered."""

    when: datetime
    tenderers: tuple[Supplier, ...]
    winner: str
    value: int


@dataclass(frozen=True)
class Milestone:
    """A date by which something is to be delivered."""

    id: str
    title: str
    due: date
    met: date | None = None


@dataclass(frozen=True)
class SignContract:
    """Conclude the contract."""

    when: datetime
    value: int
    starts: date
    ends: date
    milestones: tuple[Milestone, ...] = ()


@dataclass(frozen=True)
class ChangeContract:
    """Change a running contract; ``value`` is the whole new value."""

    when: datetime
    reason: str
    value: int | None = None
    ends: date | None = None


@dataclass(frozen=True)
class Pay:
    """Pay the supplier an amount, each buyer its share."""

    when: datetime
    amount: int
    decision: str = ""


@dataclass(frozen=True)
class MeetMilestone:
    """Say that a milestone was met."""

    when: datetime
    milestone: str


@dataclass(frozen=True)
class Finish:
    """End the contract: done, or broken off with a reason."""

    when: datetime
    done: bool
    reason: str = ""


Command = (
    Plan
    | OpenTender
    | AmendTender
    | CancelTender
    | MakeAward
    | SignContract
    | ChangeContract
    | Pay
    | MeetMilestone
    | Finish
)


@dataclass(frozen=True)
class Amendment:
    """A change on the record: when, why, and which release it changes."""

    id: str
    when: datetime
    reason: str
    before: str  # id of the release it amends
    release: str  # id of the release that carries it


@dataclass(frozen=True)
class Tender:
    """A call for tenders as it stands."""

    opens: datetime
    closes: datetime
    method: str
    estimate: int
    criteria: str
    procedure: str  # what the law asks for
    reason: str
    electronic: bool
    works_from: date | None
    works_to: date | None
    status: str = "active"
    amendments: tuple[Amendment, ...] = ()


@dataclass(frozen=True)
class Award:
    """Who won, among whom, at what price."""

    when: datetime
    tenderers: tuple[Supplier, ...]
    winner: Supplier
    value: int


@dataclass(frozen=True)
class Contract:
    """The contract as it stands."""

    signed: datetime
    value: int
    first_value: int
    starts: date
    ends: date
    milestones: tuple[Milestone, ...]
    status: str = "active"
    amendments: tuple[Amendment, ...] = ()
    ended_because: str = ""


@dataclass(frozen=True)
class Payment:
    """One payment, and what of it each buyer paid; the parts add up to the amount."""

    number: int
    when: datetime
    amount: int
    parts: Mapping[str, int]
    decision: str


@dataclass(frozen=True)
class Purchase:
    """A purchase as it stands after its last step."""

    ocid: str
    title: Words
    rationale: Words
    kind: str
    buyers: tuple[Buyer, ...]
    lead: str
    shares: Mapping[str, Fraction]
    law: ApplicableLaw
    entity: Entity | None
    currency: str
    budget: int
    items: tuple[Item, ...]
    decision: str
    language: str
    stage: str
    last: datetime
    releases: tuple[str, ...]  # ids, in order
    tender: Tender | None = None
    award: Award | None = None
    contract: Contract | None = None
    payments: tuple[Payment, ...] = ()
    cancelled_because: str = ""

    @property
    def paid(self) -> int:
        """Everything paid so far, minor units."""
        return sum(p.amount for p in self.payments)

    def paid_by(self, buyer: str) -> int:
        """What one buyer paid so far, minor units."""
        return sum(p.parts[buyer] for p in self.payments)

    def part_of(self, amount: int) -> dict[str, int]:
        """An amount in minor units divided by the shares, adding up to it (largest remainder)."""
        return divide(amount, self.shares)


@dataclass(frozen=True)
class Entry:
    """What the record keeps of a step: its release's id and tag, the moment, the purchase as it stood."""

    release: str
    tag: str
    when: datetime
    purchase: Purchase
    touched: tuple[str, ...] = field(default=())  # sections that the step changed


def divide(
    amount: int, shares: Mapping[str, Fraction], paid: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Whole minor units by share, adding up to the amount; no part is negative.

    With ``paid`` (what each paid before), rounding of earlier payments is evened out, so that over any
    number of payments nobody drifts a whole cent or more from its share, but for payments of a few cents in
    which it would mean a negative part.

    Source: largest remainder; M. L. Balinski and H. P. Young, Fair Representation (1982), chapter 3.

    Raises
    ------
    RangeError
        The amount is negative.

    Examples
    --------
    >>> third = {"a": Fraction(1, 3), "b": Fraction(1, 3), "c": Fraction(1, 3)}
    >>> divide(100, third)
    {'a': 34, 'b': 33, 'c': 33}
    >>> divide(100, third, {"a": 34, "b": 33, "c": 33})
    {'a': 33, 'b': 34, 'c': 33}
    """
    if amount < 0:
        raise RangeError("procurement.amount", f"an amount of {amount} minor units; expected 0 or more.")
    if amount == 0:
        return dict.fromkeys(shares, 0)
    before = sum(paid.values()) if paid else 0
    owed = {
        b: max(share * (before + amount) - (paid[b] if paid else 0), Fraction(0))
        for b, share in shares.items()
    }
    whole = sum(owed.values(), Fraction(0))  # above the amount where someone has paid too much before
    due = {b: x * amount / whole for b, x in owed.items()}
    parts = {b: int(x // 1) for b, x in due.items()}
    left = amount - sum(parts.values())
    for b in sorted(due, key=lambda b: parts[b] - due[b])[:left]:
        parts[b] += 1
    return parts
