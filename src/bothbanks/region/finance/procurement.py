"""``finance/procurement.toml``: joint purchases, the law named for each, and where their releases lie."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from bothbanks.region.finance.section import FinanceSettings, Known
from bothbanks.region.finance.section import Number as Stated
from bothbanks.region.problems import Problems, short
from bothbanks.region.schema import (
    Currency,
    Identifier,
    Language,
    Number,
    ParameterSettings,
    Settings,
    SourceText,
    Words,
)

LimitName = Literal[
    "short_days", "award_jump", "contract_jump", "change_goods", "change_works", "split_days", "split_digits",
    "same_winner",
]  # fmt: skip
StepName = Literal[
    "tender", "amend-tender", "cancel", "award", "contract", "change", "pay", "milestone", "complete",
    "terminate",
]  # fmt: skip

# What each step must say, and what it may say beside.
FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "tender": (("method", "closes", "criteria"), ("amount", "reason", "electronic", "starts", "ends")),
    "amend-tender": (("reason",), ("closes", "amount")),
    "cancel": (("reason",), ()),
    "award": (("tenderers", "winner", "amount"), ()),
    "contract": (("amount", "starts", "ends"), ("milestones",)),
    "change": (("reason",), ("amount", "ends")),
    "pay": (("amount",), ("decision",)),
    "milestone": (("milestone",), ()),
    "complete": ((), ("reason",)),
    "terminate": (("reason",), ()),
}


def _prefix(value: str) -> str:
    if not re.fullmatch(r"ocds-[a-z0-9]{6}", value):
        raise ValueError("an ocid prefix such as ocds-a1b2c3, as its registry hands out")
    return value


def _regime(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", value):
        raise ValueError("an ISO 3166 code of a country or a part of one, such as BE or DE-NW")
    return value


def _share(value: str) -> str:
    try:
        found = Fraction(value)
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError("a share such as '1/3' or '0.25'") from error
    if not 0 < found <= 1:
        raise ValueError("a share above 0 and up to 1")
    return value


def _aware(value: datetime.datetime) -> datetime.datetime:
    if value.tzinfo is None:
        raise ValueError("an instant with its zone, such as 2026-03-01T09:00:00Z")
    return value


def _cents(value: float) -> float:
    if value <= 0 or abs(value * 100 - round(value * 100)) > 1e-6 * max(1.0, abs(value)):
        raise ValueError("an amount above 0, to the cent")
    return value


Regime = Annotated[str, AfterValidator(_regime)]
Moment = Annotated[datetime.datetime, AfterValidator(_aware)]
Amount = Annotated[Number, AfterValidator(_cents)]


class EntitySettings(Settings):
    """A joint body that buys under Article 39(5)."""

    id: Identifier = Field(description="id")
    name: str = Field(min_length=1, description="name")
    seat: Regime = Field(description="regime of its seat")
    activity: tuple[Regime, ...] = Field((), description="regimes of the places where it acts")


class LawSettings(Settings):
    """What the agreement says about the law of joint purchases."""

    agreement: Words = Field(
        min_length=1, description="the text that says so, such as an article, by language"
    )
    article: str = Field("", description="id of that article in compact.toml")
    basis: Literal["39(4)", "39(5)"] = Field("39(4)", description="paragraph of Directive 2014/24/EU")
    rule: Literal["lead-buyer", "largest-share", "fixed", "seat", "activity"] = Field(
        description="how the law is named: the lead buyer's, that of the largest share, a fixed one (39(4)); "
        "that of the seat or of a place of activity (39(5))"
    )
    law: Regime | Literal[""] = Field("", description="rules 'fixed' and 'activity': the law")
    entity: EntitySettings | None = Field(None, description="39(5): the joint body")


class ItemSettings(Settings):
    """A line of what is bought."""

    id: Identifier = Field(description="id")
    description: Words = Field(description="what it is, by language")
    scheme: str = Field("CPV", description="classification")
    code: str = Field(min_length=1, description="code in it")
    quantity: Number = Field(gt=0, description="how many")
    unit: str = Field(description="of what")


class SupplierSettings(Settings):
    """A firm that tenders."""

    id: Identifier = Field(description="id, best one of a public register")
    name: str = Field(min_length=1, description="name")


class MilestoneSettings(Settings):
    """A date by which something is due."""

    id: Identifier = Field(description="id")
    title: str = Field(min_length=1, description="what is due")
    due: datetime.date = Field(description="by when")


class StepSettings(Settings):
    """One step of a purchase; which keys a step must have and may have is checked."""

    step: StepName = Field(description="what was decided or done")
    when: Moment = Field(description="instant, with its zone")
    amount: Amount | None = Field(
        None,
        description="tender: the estimate, if changed; award, contract, change: the value; pay: the sum",
    )
    method: Literal["open", "selective", "limited", "direct"] | None = Field(
        None, description="method of OCDS"
    )
    closes: Moment | None = Field(None, description="last instant for tenders")
    criteria: Literal["priceOnly", "costOnly", "qualityOnly", "ratedCriteria"] | None = Field(
        None, description="award criteria of OCDS"
    )
    electronic: bool = Field(True, description="tenders come electronically")
    reason: str = Field("", description="why: changes, cancellations, a method freer than the law asks for")
    tenderers: tuple[SupplierSettings, ...] = Field((), description="all who tendered")
    winner: str = Field("", description="id of the one chosen")
    starts: datetime.date | None = Field(None, description="first day of the works or the contract")
    ends: datetime.date | None = Field(None, description="last day of it")
    milestones: tuple[MilestoneSettings, ...] = Field((), description="contract: what is due when")
    milestone: str = Field("", description="id of the milestone that was met")
    decision: str = Field("", description="the decision a payment rests on")

    @model_validator(mode="after")
    def _says_what_it_must(self) -> StepSettings:
        must, may = FIELDS[self.step]
        given = {name for name in self.model_fields_set if name not in ("step", "when")}
        missing = [name for name in must if name not in given]
        extra = sorted(given - set(must) - set(may))
        if missing:
            raise ValueError(f"{', '.join(missing)} in a step '{self.step}'")
        if extra:
            raise ValueError(f"no {', '.join(extra)} in a step '{self.step}'")
        return self


class PurchaseSettings(Settings):
    """One purchase: who buys what, who pays which share, and its steps so far."""

    id: Identifier = Field(description="id; the ocid is prefix, region and this")
    title: Words = Field(description="title by language")
    rationale: Words = Field(description="why, by language")
    kind: Literal["goods", "services", "works", "social"] = Field(
        description="category; 'social': social and other specific services"
    )
    lead: str = Field(description="member that leads")
    shares: dict[str, Annotated[str, AfterValidator(_share)]] = Field(
        min_length=1, description="member = share of the cost, such as '1/3'; they add up to 1"
    )
    currency: Currency = Field("EUR", description="currency of its amounts, net of VAT")
    estimate: Amount = Field(description="joint estimated value, net of VAT")
    planned: Moment = Field(description="when it was planned")
    decision: str = Field("", description="the decision it rests on")
    law: LawSettings | None = Field(None, description="where it differs from the file's [law]")
    items: tuple[ItemSettings, ...] = Field((), description="what is bought")
    steps: tuple[StepSettings, ...] = Field((), description="what was decided and done, in order")


class ProcurementSettings(FinanceSettings):
    """Joint purchases, the law named for each, and where their releases lie."""

    publisher: str = Field(min_length=1, description="who publishes the releases")
    uri: str = Field(
        pattern=r"^[a-z][a-z0-9+.-]*:\S+$", description="address of the package; where none is kept yet, any"
    )
    licence: str = Field("", description="address of the licence of the data")
    ocid_prefix: Annotated[str, AfterValidator(_prefix)] = Field(description="prefix of the ocids")
    prefix_source: SourceText = Field(description="where the prefix is registered, or 'assumed'")
    language: Language = Field("en", description="language of the releases")
    made_up: Words = Field(
        default_factory=dict, description="said wherever the purchases are shown, if they are made up"
    )
    regimes: dict[str, Regime] = Field(
        default_factory=dict, description="member = whose procurement rules it follows; default: its country"
    )
    parties: dict[str, str] = Field(
        default_factory=dict, description="id of a party in others' files = member that it is"
    )
    law: LawSettings | None = Field(None, description="what the agreement says about the law")
    limits: dict[LimitName, ParameterSettings] = Field(
        default_factory=dict, description="limits of the red flags, where they differ from ours"
    )
    purchases: tuple[PurchaseSettings, ...] = Field((), description="the purchases")

    def numbers(self) -> Iterator[Stated]:
        """The limits of the red flags."""
        for name, item in self.limits.items():
            yield f"flag.{name}", ("limits", name), item

    def check(self, known: Known, problems: Problems) -> None:
        """Note members that don't exist, ids twice, and the first step of a purchase that can't be taken."""
        from bothbanks.civic.changes import Refusal
        from bothbanks.region.finance.purchases import first_refusal

        members = {m.id for m in known.members}
        for table, names in (("regimes", self.regimes), ("parties", self.parties.values())):
            for name in names:
                _member(known.file, name, members, problems, "", table)
        seen: set[str] = set()
        for k, purchase in enumerate(self.purchases, 1):
            record = f"purchases[{k}] {purchase.id}"
            if purchase.id in seen:
                problems.add(
                    known.file, short(purchase.id), "no id twice", record=record, code="region.duplicate"
                )
            seen.add(purchase.id)
            unknown = [m for m in (*purchase.shares, purchase.lead) if m not in members]
            for name in dict.fromkeys(unknown):
                _member(known.file, name, members, problems, record, "shares")
            if unknown:
                continue
            step, refusal = first_refusal(self, purchase, known.settings.id, known.members)
            if isinstance(refusal, Refusal):
                where = f"{record}, steps[{step}]" if step else record
                problems.add(known.file, refusal.reason, "a step that can be taken", record=where,
                             field="step" if step else "", code=refusal.code)  # fmt: skip


def _member(file: str, name: str, members: set[str], problems: Problems, record: str, field: str) -> None:
    if name not in members:
        problems.add(
            file, short(name), f"a member: {', '.join(sorted(members))}", record=record, field=field,
            code="region.unknown-member",
        )  # fmt: skip
