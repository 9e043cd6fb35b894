"""What ``finance/sources.toml`` says that can't be: names, years, shares, terms of debt, missing rates."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bothbanks.region.finance.section import Known
from bothbanks.region.finance.sources import CAPS, EVERY, FundingSourceSettings, SourcesSettings
from bothbanks.region.problems import Problems, short
from bothbanks.region.schema import ParameterSettings
from bothbanks.region.schema_cases import MeasureSettings
from bothbanks.words.errors import UnitError
from bothbanks.words.quantities import currencies_in, unit_conversion

GRANTS = "grants"


def check_sources(settings: SourcesSettings, known: Known, problems: Problems) -> None:
    """Everything wrong with the file that its types don't show."""
    check = _Check(settings, known, problems)
    check.ids()
    for number, source in enumerate(settings.sources, 1):
        check.source(source, f"sources[{number}] {source.id}")
    check.groups()
    check.debt_limits()
    check.pots()
    check.rates()


@dataclass(frozen=True)
class _Check:
    settings: SourcesSettings
    known: Known
    problems: Problems

    @property
    def last_year(self) -> int:
        """Last calendar year of the horizon."""
        return self.settings.first_year + self.known.settings.horizon_years - 1

    def note(self, found: str, expected: str, record: str, field: str, code: str) -> None:
        """One problem of this file."""
        self.problems.add(self.known.file, found, expected, record=record, field=field, code=code)

    def ids(self) -> None:
        """Ids once each; none called as a group is."""
        for field, names in (
            ("sources", [x.id for x in self.settings.sources]),
            ("together", [x.id for x in self.settings.together]),
            ("upkeep", [x.id for x in self.settings.upkeep]),
        ):
            for number, name in enumerate(names, 1):
                again = name in names[: number - 1]
                if again or name == GRANTS:
                    expected = "each id once" if again else f"another id than '{GRANTS}'"
                    self.note(short(name), expected, f"{field}[{number}]", "id", "region.duplicate")

    def source(self, s: FundingSourceSettings, record: str) -> None:
        """One source by itself."""
        before = len(self.problems)
        self.names(s.measures, s.members, record)
        self.shares(s, record)
        self.terms(s, record)
        self.partners_of(s, record)
        for name in CAPS:
            self.amount(getattr(s, name), record, name)
        if len(self.problems) == before and not s.closed:
            self.not_shut(s, record)

    def names(self, measures: Sequence[str], members: Sequence[str], record: str) -> None:
        """Measures and members that the folder knows."""
        cases = self.known.cases.values()
        named = {x for c in cases for m in c.measures for x in (m.id, m.kind)}
        for name in measures:
            if name != EVERY and name not in named:
                self.note(
                    short(name),
                    "'*', or the id or kind of a measure of the folder: " + ", ".join(sorted(named)),
                    record,
                    "measures",
                    "region.unknown-measure",
                )
        for name in members:
            if name != EVERY and name not in self.known.settings.members:
                self.note(
                    short(name),
                    f"'*' or a member: {', '.join(self.known.settings.members)}",
                    record,
                    "members",
                    "region.unknown-member",
                )

    def shares(self, s: FundingSourceSettings, record: str) -> None:
        """Shares between 0 and 1, the smallest not above the largest."""
        for name in ("largest_share", "smallest_share"):
            self.share(getattr(s, name), record, name)
        largest = 1.0 if s.largest_share is None else s.largest_share.value
        if s.smallest_share is not None and s.smallest_share.value > largest:
            self.note(
                f"a smallest share of {s.smallest_share.value:g} above a largest of {largest:g}",
                "a smallest share that the largest leaves room for",
                record,
                "smallest_share",
                "region.source-shares",
            )

    def share(self, item: ParameterSettings | None, record: str, field: str) -> None:
        """A share within 0 and 1, its range too."""
        if item is None:
            return
        low = item.value if item.low is None else item.low
        high = item.value if item.high is None else item.high
        if not 0.0 <= low <= high <= 1.0:
            self.note(
                f"{item.value:g} (range {low:g} to {high:g})",
                "a share from 0 to 1",
                record,
                field,
                "region.source-shares",
            )
        self.unit(item, "share", record, field)

    def unit(self, item: ParameterSettings, wanted: str, record: str, field: str) -> None:
        """A unit that measures what is wanted; an unknown one is told where parameters are read."""
        try:
            unit_conversion(item.unit, wanted)
        except UnitError as error:
            if error.code == "unit.dimension":
                self.note(short(item.unit), f'unit = "{wanted}"', record, f"{field}.unit", "region.unit")

    def amount(self, item: ParameterSettings | None, record: str, field: str, a_head: bool = False) -> None:
        """Money of 0 or more."""
        if item is None:
            return
        low = item.value if item.low is None else item.low
        if low < 0.0:
            self.note(f"{low:g}", "an amount of 0 or more", record, field, "region.negative-amount")
        unit = item.unit.replace(" ", "")
        currency = currencies_in(unit)
        allowed = {c for x in currency for c in ((x, f"{x}/person") if a_head else (x,))}
        if unit not in allowed:
            words = "a currency, such as EUR" + (", or EUR/person" if a_head else "")
            self.note(short(item.unit), words, record, f"{field}.unit", "region.unit")

    def terms(self, s: FundingSourceSettings, record: str) -> None:
        """Debt has interest and a term; grants and pots have none."""
        if s.repaid:
            if s.interest is None or s.maturity_years < 1:
                self.note(
                    "no interest" if s.interest is None else "no maturity_years",
                    f"interest and maturity_years of a {s.kind}, which is paid back",
                    record,
                    "interest" if s.interest is None else "maturity_years",
                    "region.source-terms",
                )
            if s.maturity_years and s.grace_years >= s.maturity_years:
                self.note(
                    f"{s.grace_years} years of grace of {s.maturity_years}",
                    "fewer years of grace than years until it is paid back",
                    record,
                    "grace_years",
                    "region.source-terms",
                )
            if s.interest is not None:
                low = s.interest.value if s.interest.low is None else s.interest.low
                if low <= -1.0:
                    self.note(f"{low:g}", "interest above -1", record, "interest", "region.source-terms")
                self.unit(s.interest, "1/year", record, "interest")
        elif s.interest is not None or s.maturity_years or s.grace_years:
            self.note(
                f"interest or maturity_years of a source of kind '{s.kind}'",
                "these for a loan, a bond or a private partner only",
                record,
                "interest",
                "region.source-terms",
            )

    def partners_of(self, s: FundingSourceSettings, record: str) -> None:
        """Sources it excludes are others of this file."""
        ids = [x.id for x in self.settings.sources]
        for name in s.not_with:
            if name not in ids or name == s.id:
                self.note(
                    short(name),
                    "another source: " + ", ".join(x for x in ids if x != s.id),
                    record,
                    "not_with",
                    "region.unknown-source",
                )

    def not_shut(self, s: FundingSourceSettings, record: str) -> None:
        """A source whose rules exclude everything: told with the reason, unless it is said to be closed."""
        for field, found, expected in self._shut(s):
            self.note(
                found,
                expected + "; or say why it is closed (closed = '...')",
                record,
                field,
                "region.source-shut",
            )
            return

    def _shut(self, s: FundingSourceSettings) -> Iterable[tuple[str, str, str]]:
        """(field, found, expected) of each rule that leaves nothing."""
        first, last = self.settings.first_year, self.last_year
        start = first if s.first_year is None else s.first_year
        end = last if s.last_year is None else s.last_year
        if max(start, first) > min(end, last):
            yield (
                "last_year" if end < first or end < start else "first_year",
                f"years {start} to {end}",
                (f"a year of the horizon, {first} to {last}: it can pay nothing in any of them"),
            )
        largest = s.largest_share
        if largest is not None and largest.value == 0.0:
            yield "largest_share", "a largest share of 0", "a share above 0: it can pay nothing"
        for name in CAPS:
            cap = getattr(s, name)
            if cap is not None and cap.value == 0.0:
                yield name, "0", "an amount above 0: it can pay nothing"
        measures = [
            m
            for c in self.known.cases.values()
            for m in c.measures
            if EVERY in s.measures or m.id in s.measures or m.kind in s.measures
        ]
        members = self.known.settings.members
        mine = members if EVERY in s.members else tuple(m for m in s.members if m in members)
        carried = [m for m in measures if any(p in mine for p in _payers(m, members))]
        if not carried:
            yield (
                "members",
                f"members {', '.join(mine)}",
                (
                    "one that pays for a measure it is open to ("
                    + ", ".join(m.id for m in measures)
                    + "): it can pay nothing"
                ),
            )
        country = {m.id: m.country for m in self.known.members}
        deals = [d for c in self.known.cases.values() for d in c.deals]
        most = 0
        for m in carried:
            partners = set(_payers(m, members))
            for d in deals:
                if m.id in d.measures:
                    partners |= {*d.hosts, *d.beneficiaries}
            most = max(most, len({country.get(p, p) for p in partners}))
        if carried and most < s.countries:
            yield (
                "countries",
                f"partners from {s.countries} countries",
                (f"no more than the {most} of the measures it is open to: it can pay nothing"),
            )

    def groups(self) -> None:
        """Groups of known sources whose smallest shares they leave room for."""
        by_id = {s.id: s for s in self.settings.sources}
        for number, group in enumerate(self.settings.together, 1):
            record = f"together[{number}] {group.id}"
            self.share(group.share, record, "share")
            for name in group.sources:
                if name != GRANTS and name not in by_id:
                    self.note(
                        short(name),
                        f"'{GRANTS}' or a source: {', '.join(by_id)}",
                        record,
                        "sources",
                        "region.unknown-source",
                    )
                    continue
                least = by_id[name].smallest_share if name != GRANTS else None
                if least is not None and least.value > group.share.value:
                    self.note(
                        f"{group.share.value:g} together, where '{name}' pays {least.value:g} at least",
                        "a share that leaves room for the smallest share of each source",
                        record,
                        "share",
                        "region.source-shares",
                    )

    def debt_limits(self) -> None:
        """Known members, once each."""
        seen: set[str] = set()
        for number, limit in enumerate(self.settings.debt_limits, 1):
            record = f"debt_limits[{number}] {limit.member}"
            self.names((), (limit.member,), record)
            self.amount(limit.amount, record, "amount", a_head=True)
            if limit.member in seen:
                self.note(short(limit.member), "each member once", record, "member", "region.duplicate")
            seen.add(limit.member)

    def pots(self) -> None:
        """Pots of known measures and members, with years that can be."""
        for number, pot in enumerate(self.settings.upkeep, 1):
            record = f"upkeep[{number}] {pot.id}"
            self.names(pot.measures, pot.members, record)
            self.amount(pot.a_year, record, "a_year")
            first = self.settings.first_year if pot.first_year is None else pot.first_year
            last = self.last_year if pot.last_year is None else pot.last_year
            if first > last or first > self.last_year or last < self.settings.first_year:
                self.note(
                    f"years {first} to {last}",
                    f"years within the horizon, {self.settings.first_year} to {self.last_year}",
                    record,
                    "first_year",
                    "region.source-shut",
                )

    def rates(self) -> None:
        """A rate on the day used for every member and source that counts in another currency."""
        account = self.known.settings.currency
        wanted = {m.currency: f"member '{m.id}'" for m in reversed(self.known.members)}
        wanted |= {s.currency: f"source '{s.id}'" for s in reversed(self.settings.sources)} | wanted
        stated = self._stated()
        day = self.settings.rate_date
        for currency, whose in wanted.items():
            if currency == account:
                continue
            if day is None:
                self.note(
                    f"nothing, though {whose} counts in {currency}",
                    "the day of the exchange rates used",
                    "",
                    "rate_date",
                    "region.funding-rate",
                )
            elif (frozenset((currency, account)), day) not in stated:
                days = sorted(str(d) for pair, d in stated if pair == {currency, account})
                self.note(
                    f"no rate between {account} and {currency} on {day}, in which {whose} counts"
                    + (f"; there are rates for {', '.join(days)}" if days else ""),
                    "a rate of that day under [[rates]], here or in region.toml",
                    "",
                    "rates",
                    "region.funding-rate",
                )

    def _stated(self) -> set[tuple[frozenset[str], datetime.date]]:
        own = {(frozenset((r.currency_from, r.currency_to)), r.date) for r in self.settings.rates}
        rest = {(frozenset((r.currency_from, r.currency_to)), r.date) for r in self.known.settings.rates}
        return own | rest


def _payers(measure: MeasureSettings, members: Sequence[str]) -> tuple[str, ...]:
    """Members that may carry a measure's cost, as the appraisal takes it."""
    if EVERY in measure.holders:
        return tuple(members)
    hosts = tuple(h for h in measure.hosts if h in measure.holders)
    return measure.paid_by or hosts or measure.holders
