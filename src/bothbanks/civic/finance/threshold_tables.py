"""Procurement thresholds as published: of the Union by period, and below them of each country that is known.

Amounts are EUR net of VAT. A row says where it was read and how sure it is: ``seen`` (read on the page
named), ``inferred`` (follows from a line that was read), ``unclear`` (two sources disagree, or local rules
vary). An unclear row is shown and never used. What was not found has no row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

SEEN, INFERRED, UNCLEAR = "seen", "inferred", "unclear"
KINDS = ("goods", "services", "works", "social")
"""What is bought: the three categories of OCDS, and social and other specific services."""

# Procedures, from the freest to the strictest.
DIRECT = "direct"  # one supplier may be asked
OFFERS = "several-offers"  # several suppliers are asked, without publication
NATIONAL = "national-open"  # a notice in the country
UNION = "union-open"  # a notice in the whole Union, Directive 2014/24/EU
PROCEDURES = (DIRECT, OFFERS, NATIONAL, UNION)


@dataclass(frozen=True)
class UnionThreshold:
    """From this estimated value on, Directive 2014/24/EU applies; EUR net of VAT, both days included."""

    kinds: tuple[str, ...]
    authority: str  # 'sub-central' (municipalities, provinces, joint bodies) or 'central'
    first: date
    last: date
    amount: float
    source: str


@dataclass(frozen=True)
class NationalRule:
    """Below the Union's threshold: the procedure a country allows for values under ``below``.

    ``regime`` is an ISO 3166 code: a country (``NL``), or a part of one where its rules differ
    (``DE-NW``). ``below`` None: up to the Union's threshold. ``offers`` 0: no number is named.
    """

    regime: str
    kinds: tuple[str, ...]
    first: date
    last: date
    below: float | None
    procedure: str
    offers: int
    mark: str
    source: str
    note: str = ""


@dataclass(frozen=True)
class TimeLimit:
    """Least days between a notice (or invitation) and the last day for tenders, then to the contract."""

    procedure: str
    tender_days: int
    standstill_days: int
    source: str


_ALWAYS = date(2024, 1, 1), date(2027, 12, 31)
_2024_2025 = date(2024, 1, 1), date(2025, 12, 31)
_2026_2027 = date(2026, 1, 1), date(2027, 12, 31)
_OLD = "Thresholds for 2024 and 2025 as published by gpcgov.be and tenderexperts.be"
_NEW = "Regulations (EU) 2025/2150, 2025/2151, 2025/2152 and 2025/2487, as listed by bidradar.eu"
_THREE = ("goods", "services", "works")

UNION_THRESHOLDS: tuple[UnionThreshold, ...] = (
    UnionThreshold(("goods", "services"), "sub-central", *_2024_2025, 221_000.0, _OLD),
    UnionThreshold(("goods", "services"), "central", *_2024_2025, 143_000.0, _OLD),
    UnionThreshold(("works",), "sub-central", *_2024_2025, 5_538_000.0, _OLD),
    UnionThreshold(("works",), "central", *_2024_2025, 5_538_000.0, _OLD),
    UnionThreshold(("social",), "sub-central", *_2024_2025, 750_000.0, _OLD),
    UnionThreshold(("social",), "central", *_2024_2025, 750_000.0, _OLD),
    UnionThreshold(("goods", "services"), "sub-central", *_2026_2027, 216_000.0, _NEW),
    UnionThreshold(("goods", "services"), "central", *_2026_2027, 140_000.0, _NEW),
    UnionThreshold(("works",), "sub-central", *_2026_2027, 5_404_000.0, _NEW),
    UnionThreshold(("works",), "central", *_2026_2027, 5_404_000.0, _NEW),
    UnionThreshold(("social",), "sub-central", *_2026_2027, 750_000.0, _NEW),
    UnionThreshold(("social",), "central", *_2026_2027, 750_000.0, _NEW),
)

_PROPORTIONALITY = "Practice under the Gids Proportionaliteit: wbl.nl; Heerlen, gmb-2015-124853"
_BELGIAN = "marchespublics-pme.be"
_MUNICIPAL = (
    "Paragraph 75a GO NRW (GV. NRW. 2025 no. 32), in force since 1 January 2026: bdolegal.de; ihk.de "
    "Hannover; fischer-teamplan.de"
)

NATIONAL_RULES: tuple[NationalRule, ...] = (
    NationalRule("BE", _THREE, *_2024_2025, 143_000.0, OFFERS, 0, SEEN, _BELGIAN,
                 "negotiated procedure without prior publication"),
    NationalRule("BE", _THREE, *_2024_2025, None, NATIONAL, 0, INFERRED, _BELGIAN,
                 "from the value at which the procedure without publication ends"),
    NationalRule("BE", _THREE, *_2026_2027, 140_000.0, OFFERS, 0, INFERRED,
                 "The limit follows the Union's threshold of central authorities; a decree of 12 January "
                 "2026 says that 143,000 is lowered (wallex 129202)",
                 "negotiated procedure without prior publication"),
    NationalRule("BE", _THREE, *_2026_2027, None, NATIONAL, 0, INFERRED, "wallex 129202",
                 "from the value at which the procedure without publication ends"),
    NationalRule("BE", ("goods", "services"), *_2024_2025, 30_000.0, DIRECT, 1, UNCLEAR,
                 "ariapartner.be, July 2025",
                 "contract of low value on an accepted invoice; the same page gives 150,000 for works, which "
                 "disagrees with other accounts"),
    NationalRule("NL", ("works",), *_ALWAYS, 150_000.0, DIRECT, 1, SEEN, _PROPORTIONALITY,
                 "single private offer"),
    NationalRule("NL", ("works",), *_ALWAYS, 1_500_000.0, OFFERS, 0, SEEN, _PROPORTIONALITY,
                 "several private offers"),
    NationalRule("NL", ("works",), *_ALWAYS, None, NATIONAL, 0, SEEN, _PROPORTIONALITY,
                 "national open procedure"),
    NationalRule("NL", ("goods", "services"), *_ALWAYS, 50_000.0, DIRECT, 1, SEEN, _PROPORTIONALITY,
                 "single private offer; local policy varies"),
    NationalRule("NL", ("goods", "services"), *_ALWAYS, None, OFFERS, 3, SEEN, _PROPORTIONALITY,
                 "three private offers; local policy varies; a national open procedure where suppliers "
                 "across the border are interested"),
    NationalRule("NL", ("works",), *_ALWAYS, 50_000.0, DIRECT, 1, UNCLEAR, "policy of Waterland",
                 "one municipality's own lower limits for works: 50,000, then 1,000,000"),
    NationalRule("DE-NW", _THREE, *_2026_2027, None, DIRECT, 1, SEEN, _MUNICIPAL,
                 "no limit of the Land: economical, equal treatment, transparent; a municipality may set "
                 "limits in a by-law"),
)  # fmt: skip

ELECTRONIC_DAYS = 5
"""Days by which the Union's least days shrink where tenders come electronically (Article 27(4))."""

TIME_LIMITS: tuple[TimeLimit, ...] = (
    TimeLimit(DIRECT, 0, 0, "assumed"),
    TimeLimit(OFFERS, 14, 0, "assumed"),
    TimeLimit(NATIONAL, 21, 0, "assumed"),
    TimeLimit(
        UNION, 35, 10,
        "Directive 2014/24/EU, Article 27(1): 35 days from sending the notice (read in pcr2015.uk, "
        "regulation 27, and SSI 2015/446, regulation 28, which take it over; 30 where tenders come "
        "electronically); "
        "Directive 89/665/EEC, Article 2a: 10 days before signing where the decision is sent electronically "
        "(read in duke.yt, standstill period; some countries ask more)",
    ),
)  # fmt: skip
