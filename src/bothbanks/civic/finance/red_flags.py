"""Red flags of purchases: each with its formula, its limit, and where both come from.

A flag is a reason to open the file, never a verdict. What can't be computed says why, and is never
counted as clear. The flags read ``Facts``, which ``standards.ocds_facts`` takes from published releases, so
that anybody with the same file gets the same flags.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

RAISED, CLEAR, UNKNOWN = "raised", "clear", "unknown"
COMPETITIVE = ("open", "selective")

SINGLE_BID = "single-bid"
SHORT_WINDOW = "short-window"
AWARD_JUMP = "award-above-estimate"
CONTRACT_JUMP = "contract-above-award"
CHANGES = "changes-add-up"
SPLIT = "split"
SAME_WINNER = "same-winner"
NO_ESTIMATE = "no-estimate"

_CARDINAL = "Open Contracting Partnership, Cardinal, indicator"
_TOOLBOX = "indicatortoolbox.eu, red flags after a handbook of the World Bank, which names no number"


@dataclass(frozen=True)
class Limits:
    """From where on a flag is raised; ``INDICATORS`` says which numbers are published and which assumed."""

    short_days: float = 15.0  # used where the law's own least days are not known
    award_jump: float = 0.10
    contract_jump: float = 0.05
    change_goods: float = 0.10
    change_works: float = 0.15
    split_days: int = 180
    split_digits: int = 3
    same_winner: int = 3


@dataclass(frozen=True)
class Indicator:
    """What a flag computes, in words and as a formula, and the sources of the idea and of its limit."""

    id: str
    formula: str
    unit: str
    source: str
    limit_source: str


INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        SINGLE_BID,
        "tenderers = 1 and method is open or selective",
        "tenderers",
        f"{_CARDINAL} R018",
        f"{_CARDINAL} R018",
    ),
    Indicator(
        SHORT_WINDOW,
        "tenderPeriod.endDate - tenderPeriod.startDate < least days",
        "days",
        f"{_CARDINAL} R003",
        "the least days of the law named where they are published, else 15 days where the method is open: "
        f"{_CARDINAL} R003",
    ),
    Indicator(AWARD_JUMP, "sum of awards / estimate - 1 > limit", "share", _TOOLBOX, "assumed"),
    Indicator(CONTRACT_JUMP, "first contract value / award value - 1 > limit", "share", "assumed", "assumed"),
    Indicator(
        CHANGES,
        "contract value now / first contract value - 1 > limit",
        "share",
        _TOOLBOX,
        "Directive 2014/24/EU, Article 72(2): 10 %, and 15 % for works (read in procurement.squareeye.dev, "
        "modifications of contracts)",
    ),
    Indicator(
        SPLIT,
        "purchases of one buyer and one class of item, within the days: each under a threshold, together not",
        "EUR",
        _TOOLBOX,
        "the thresholds of the law named; days and digits of the class are assumed",
    ),
    Indicator(
        SAME_WINNER,
        "one supplier won all of a buyer's awards, and they are at least as many as the limit",
        "awards",
        "assumed",
        "assumed",
    ),
    Indicator(NO_ESTIMATE, "tender.value is missing", "", "assumed", "assumed"),
)


@dataclass(frozen=True)
class AwardFacts:
    """One award: who won, at what value (None: not published)."""

    id: str
    suppliers: tuple[str, ...]
    value: float | None


@dataclass(frozen=True)
class ContractFacts:
    """One contract: its value when it was signed and now (None: not published)."""

    id: str
    award: str
    first_value: float | None
    value: float | None


@dataclass(frozen=True)
class Facts:
    """What the flags need to know about one purchase; None and '' where it was not published.

    Amounts are in whole units of ``currency``, as published. ``least_days`` and ``limits`` are of the law
    named, where it is known.
    """

    ocid: str
    title: str = ""
    buyers: tuple[str, ...] = ()
    kind: str = ""  # goods, services, works
    method: str = ""
    currency: str = ""
    classes: tuple[str, ...] = ()  # item codes
    opens: datetime | None = None
    closes: datetime | None = None
    estimate: float | None = None
    tenderers: int | None = None
    awards: tuple[AwardFacts, ...] = ()
    contracts: tuple[ContractFacts, ...] = ()
    least_days: float | None = None
    thresholds: tuple[float, ...] = ()


@dataclass(frozen=True)
class Flag:
    """One indicator for one purchase. ``because`` is a code where it can't be computed, '' otherwise."""

    indicator: str
    ocid: str
    state: str
    value: float | None = None
    limit: float | None = None
    because: str = ""
    about: tuple[str, ...] = field(default=())  # other purchases, or the supplier, that it is about


def red_flags(purchases: Sequence[Facts], limits: Limits | None = None) -> tuple[Flag, ...]:
    """Every indicator for every purchase, in the order given; each is raised, clear, or unknown and why.

    Examples
    --------
    >>> won = AwardFacts("a", ("s",), 125.0)
    >>> one = Facts("p1", method="open", tenderers=1, estimate=100.0, awards=(won,))
    >>> [(f.indicator, f.value) for f in red_flags([one]) if f.state == RAISED]
    [('single-bid', 1), ('award-above-estimate', 0.25)]
    """
    limits = limits or Limits()
    split = _splits(purchases, limits)
    same = _same_winners(purchases, limits)
    out = []
    for facts in purchases:
        out += [rule(facts, limits) for rule in _SINGLE]
        out += [split[facts.ocid], same[facts.ocid], _no_estimate(facts)]
    return tuple(out)


def _single_bid(facts: Facts, limits: Limits) -> Flag:
    if not facts.method:
        return Flag(SINGLE_BID, facts.ocid, UNKNOWN, because="no-method")
    if facts.method not in COMPETITIVE:
        return Flag(SINGLE_BID, facts.ocid, UNKNOWN, because="not-competitive")
    if facts.tenderers is None:
        return Flag(SINGLE_BID, facts.ocid, UNKNOWN, because="no-tenderers")
    return Flag(SINGLE_BID, facts.ocid, RAISED if facts.tenderers == 1 else CLEAR, facts.tenderers, 1.0)


def _short_window(facts: Facts, limits: Limits) -> Flag:
    if facts.opens is None or facts.closes is None:
        return Flag(SHORT_WINDOW, facts.ocid, UNKNOWN, because="no-period")
    if facts.least_days is None and facts.method != "open":
        return Flag(SHORT_WINDOW, facts.ocid, UNKNOWN, because="no-least-days")
    least = limits.short_days if facts.least_days is None else facts.least_days
    days = (facts.closes - facts.opens) / timedelta(days=1)
    return Flag(SHORT_WINDOW, facts.ocid, RAISED if days < least else CLEAR, days, least)


def _award_jump(facts: Facts, limits: Limits) -> Flag:
    if not facts.awards:
        return Flag(AWARD_JUMP, facts.ocid, UNKNOWN, because="no-award")
    if not facts.estimate or facts.estimate <= 0:
        return Flag(AWARD_JUMP, facts.ocid, UNKNOWN, because="no-estimate")
    values = [a.value for a in facts.awards if a.value is not None]
    if len(values) < len(facts.awards):
        return Flag(AWARD_JUMP, facts.ocid, UNKNOWN, because="no-award-value")
    return _jump(AWARD_JUMP, facts.ocid, sum(values), facts.estimate, limits.award_jump)


def _contract_jump(facts: Facts, limits: Limits) -> Flag:
    if not facts.contracts:
        return Flag(CONTRACT_JUMP, facts.ocid, UNKNOWN, because="no-contract")
    awarded = {a.id: a.value for a in facts.awards}
    pairs = [(c.first_value, awarded.get(c.award)) for c in facts.contracts]
    known = [(new, old) for new, old in pairs if new is not None and old]
    if len(known) < len(pairs):
        return Flag(CONTRACT_JUMP, facts.ocid, UNKNOWN, because="no-contract-value")
    new, old = max(known, key=lambda p: p[0] / p[1])
    return _jump(CONTRACT_JUMP, facts.ocid, new, old, limits.contract_jump)


def _changes(facts: Facts, limits: Limits) -> Flag:
    if not facts.contracts:
        return Flag(CHANGES, facts.ocid, UNKNOWN, because="no-contract")
    known = [(c.value, c.first_value) for c in facts.contracts if c.value is not None and c.first_value]
    if len(known) < len(facts.contracts):
        return Flag(CHANGES, facts.ocid, UNKNOWN, because="no-contract-value")
    limit = limits.change_works if facts.kind == "works" else limits.change_goods
    now, first = max(known, key=lambda p: p[0] / p[1])
    return _jump(CHANGES, facts.ocid, now, first, limit)


def _no_estimate(facts: Facts) -> Flag:
    return Flag(NO_ESTIMATE, facts.ocid, CLEAR if facts.estimate is not None else RAISED)


_SINGLE: tuple[Callable[[Facts, Limits], Flag], ...] = (
    _single_bid,
    _short_window,
    _award_jump,
    _contract_jump,
    _changes,
)


def _jump(indicator: str, ocid: str, new: float, old: float, limit: float) -> Flag:
    """Raised when ``new`` is above ``old`` by more than the limit; a hundredth of a cent is no jump."""
    share = new / old - 1.0
    return Flag(indicator, ocid, RAISED if new - old * (1.0 + limit) > 1e-4 else CLEAR, share, limit)


def _splits(purchases: Sequence[Facts], limits: Limits) -> dict[str, Flag]:
    """Groups that stay under a threshold one by one and reach it together, within the days."""
    out: dict[str, Flag] = {}
    groups: dict[tuple[str, str], list[Facts]] = {}
    for facts in purchases:
        lacking = _lacking(facts)
        if lacking:
            out[facts.ocid] = Flag(SPLIT, facts.ocid, UNKNOWN, because=lacking)
            continue
        out[facts.ocid] = Flag(SPLIT, facts.ocid, CLEAR, facts.estimate, min(facts.thresholds))
        for key in {(b, code[: limits.split_digits]) for b in facts.buyers for code in facts.classes}:
            groups.setdefault(key, []).append(facts)
    for members in groups.values():
        members.sort(key=lambda f: (f.opens or datetime.min, f.ocid))
        for k, first in enumerate(members):
            close = [f for f in members[k:] if _days_between(first, f) <= limits.split_days]
            for flag in _over(close):
                if out[flag.ocid].state != RAISED:
                    out[flag.ocid] = flag
    return out


def _lacking(facts: Facts) -> str:
    if not facts.thresholds:
        return "no-law"
    if facts.estimate is None:
        return "no-estimate"
    if facts.currency != "EUR":
        return "other-currency"
    if facts.opens is None:
        return "no-period"
    if not facts.classes:
        return "no-class"
    return "" if facts.buyers else "no-buyer"


def _days_between(a: Facts, b: Facts) -> float:
    return abs((b.opens - a.opens) / timedelta(days=1)) if a.opens and b.opens else float("inf")


def _over(close: Sequence[Facts]) -> list[Flag]:
    """Flags of the lowest threshold that these pass together and none of them alone."""
    for limit in sorted({x for f in close for x in f.thresholds}):
        under = [f for f in close if (f.estimate or 0.0) < limit]
        total = sum(f.estimate or 0.0 for f in under)
        if len(under) > 1 and total >= limit:
            ids = [f.ocid for f in under]
            return [Flag(SPLIT, i, RAISED, total, limit, about=tuple(o for o in ids if o != i)) for i in ids]
    return []


def _same_winners(purchases: Sequence[Facts], limits: Limits) -> dict[str, Flag]:
    won: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for facts in purchases:
        for award in facts.awards:
            for buyer in facts.buyers:
                won.setdefault(buyer, []).append((facts.ocid, award.suppliers))
    out: dict[str, Flag] = {}
    for facts in purchases:
        lists = [won[b] for b in facts.buyers if b in won]
        most = max(lists, key=len, default=[])
        if not facts.awards:
            out[facts.ocid] = Flag(SAME_WINNER, facts.ocid, UNKNOWN, because="no-award")
        elif len(most) < limits.same_winner:
            out[facts.ocid] = Flag(
                SAME_WINNER, facts.ocid, UNKNOWN, len(most), limits.same_winner, "too-few-awards"
            )
        else:
            out[facts.ocid] = _winner_flag(facts.ocid, lists, limits)
    return out


def _winner_flag(ocid: str, lists: Sequence[Sequence[tuple[str, tuple[str, ...]]]], limits: Limits) -> Flag:
    for awards in sorted(lists, key=len, reverse=True):
        common = set(awards[0][1]).intersection(*(set(s) for _, s in awards))
        if len(awards) >= limits.same_winner and common:
            who = tuple(sorted(common))
            return Flag(SAME_WINNER, ocid, RAISED, len(awards), limits.same_winner, about=who)
    return Flag(SAME_WINNER, ocid, CLEAR, max(map(len, lists)), limits.same_winner)


def by_purchase(flags: Sequence[Flag]) -> Mapping[str, tuple[Flag, ...]]:
    """The flags of each purchase, in the order of ``INDICATORS``."""
    order = {i.id: k for k, i in enumerate(INDICATORS)}
    out: dict[str, list[Flag]] = {}
    for flag in flags:
        out.setdefault(flag.ocid, []).append(flag)
    return {o: tuple(sorted(found, key=lambda f: order[f.indicator])) for o, found in out.items()}
