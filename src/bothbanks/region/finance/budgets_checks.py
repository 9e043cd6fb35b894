"""What ``finance/budgets.toml`` says that can't be: members, years, amounts, measures, services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from bothbanks.region.finance.budgets import (
    KINDS,
    PER_PERSON,
    WORST_OFF,
    BudgetSettings,
    BudgetsSettings,
    YearsSettings,
)
from bothbanks.region.finance.section import Known
from bothbanks.region.problems import Problems, short
from bothbanks.region.schema import MemberSettings
from bothbanks.region.schema_cases import OWN_KINDS

JANUARY = "01-01"


def check_budgets(settings: BudgetsSettings, known: Known, problems: Problems) -> None:
    """Everything wrong with the file that its types don't show."""
    _check_head(settings, known, problems)
    _check_members(settings, known, problems)
    by_id = {m.id: m for m in known.members}
    for number, budget in enumerate(settings.budgets, 1):
        record = f"budgets[{number}] {budget.member}"
        member = by_id.get(budget.member)
        for kind in KINDS:
            _check_years(budget, kind, record, member, settings, known, problems)
    _check_measures(settings, known, problems)
    _check_services(settings, known, problems)
    _check_pathways(settings, known, problems)


def first_fiscal_year(settings: BudgetsSettings, fiscal_year_start: str) -> int:
    """The fiscal year in which year 0 of the horizon begins, named by the year in which it starts itself."""
    return settings.first_year - (fiscal_year_start != JANUARY)


def _check_head(settings: BudgetsSettings, known: Known, problems: Problems) -> None:
    delays = settings.delays
    if delays[0] != 0 or any(b <= a for a, b in pairwise(delays)):
        problems.add(
            known.file, short(list(delays)), "years that rise from 0", field="delays", code="region.delays"
        )
        return
    horizon = known.settings.horizon_years
    for case in known.cases.values():
        for m in case.measures:
            if case.kind == "flood" and max(m.years) + delays[-1] + 1 >= horizon:
                problems.add(
                    known.file,
                    f"a delay of {delays[-1]} years, with '{m.id}' built until year {max(m.years)}",
                    f"every measure at work within the horizon of {horizon} years",
                    field="delays",
                    code="region.delays",
                )


def _check_members(settings: BudgetsSettings, known: Known, problems: Problems) -> None:
    """A budget for each member, once; none for anybody else."""
    members = known.settings.members
    seen: set[str] = set()
    for number, budget in enumerate(settings.budgets, 1):
        record = f"budgets[{number}] {budget.member}"
        if budget.member not in members:
            problems.add(
                known.file,
                short(budget.member),
                f"a member: {', '.join(members)}",
                record=record,
                field="member",
                code="region.unknown-member",
            )
        if budget.member in seen:
            problems.add(
                known.file,
                "a second budget",
                "one for each member",
                record=record,
                field="member",
                code="region.duplicate",
            )
        seen.add(budget.member)
    for member in members:
        if member not in seen:
            problems.add(
                known.file,
                f"no budget of '{member}'",
                "one for each member; write amount = 'unlimited' where nothing limits it",
                field="budgets",
                code="region.budget-missing",
            )


def _check_years(
    budget: BudgetSettings,
    kind: str,
    record: str,
    member: MemberSettings | None,
    settings: BudgetsSettings,
    known: Known,
    problems: Problems,
) -> None:
    """Years stated, in order, once each, and none of the horizon left out; amounts of 0 or more."""
    last = settings.first_year + known.settings.horizon_years - 1
    first = first_fiscal_year(settings, member.fiscal_year_start if member else JANUARY)
    stated: list[tuple[int, int]] = []
    whole = True
    for number, years in enumerate(budget.of(kind), 1):
        field = f"{kind}[{number}]"
        _check_amount(years, f"{field}.amount", record, member, known, problems)
        if years.first is None:
            whole = False
            problems.add(
                known.file,
                "nothing",
                "the fiscal year from which this is the budget",
                record=record,
                field=f"{field}.from",
                code="region.budget-year",
            )
            continue
        end = last if years.last is None else years.last
        if end < years.first:
            problems.add(
                known.file,
                f"{years.first} to {end}",
                f"years that don't run backwards and begin within the horizon ({first} to {last})",
                record=record,
                field=field,
                code="region.budget-year",
            )
            continue
        for a, b in stated:
            if years.first <= b and a <= end:
                problems.add(
                    known.file,
                    f"{years.first} to {end}, over {a} to {b}",
                    "each fiscal year in one entry",
                    record=record,
                    field=field,
                    code="region.budget-overlap",
                )
        stated.append((years.first, end))
    gap = _gap(stated, first, last) if whole else None
    if gap is not None:
        problems.add(
            known.file,
            f"no amount for {gap[0]}" if gap[0] == gap[1] else f"no amount for {gap[0]} to {gap[1]}",
            f"every fiscal year from {first} to {last}; write value = 0 where there is none",
            record=record,
            field=kind,
            code="region.budget-year",
        )


def _gap(stated: Iterable[tuple[int, int]], first: int, last: int) -> tuple[int, int] | None:
    """The first run of years that nothing covers.

    >>> _gap([(2026, 2030), (2033, 2040)], 2026, 2040)
    (2031, 2032)
    """
    next_year = first
    for a, b in sorted(stated):
        if a > next_year:
            return next_year, min(a - 1, last)
        next_year = max(next_year, b + 1)
    return (next_year, last) if next_year <= last else None


def _check_amount(
    years: YearsSettings,
    field: str,
    record: str,
    member: MemberSettings | None,
    known: Known,
    problems: Problems,
) -> None:
    amount = years.amount
    if amount is None:
        return
    lowest = amount.value if amount.low is None else amount.low
    if lowest < 0.0:
        problems.add(
            known.file,
            f"{lowest:g}",
            "an amount of 0 or more",
            record=record,
            field=field,
            code="region.budget-amount",
        )
    if member is not None and amount.unit not in (member.currency, member.currency + PER_PERSON):
        problems.add(
            known.file,
            short(amount.unit),
            f"'{member.currency}' or '{member.currency}{PER_PERSON}', the currency of its council",
            record=record,
            field=f"{field}.unit",
            code="region.currency",
        )


def _check_measures(settings: BudgetsSettings, known: Known, problems: Problems) -> None:
    """Dependencies and exclusions name shared measures, and some order of building can meet them."""
    shared = {
        m.id
        for case in known.cases.values()
        if case.kind == "flood"
        for m in case.measures
        if m.kind not in (*OWN_KINDS, "warning")
    }
    needs: dict[str, set[str]] = {}
    for number, d in enumerate(settings.dependencies, 1):
        _check_shared((d.measure, *d.needs), f"dependencies[{number}]", shared, known, problems)
        needs.setdefault(d.measure, set()).update(d.needs)
    for number, x in enumerate(settings.exclusions, 1):
        _check_shared(x.measures, f"exclusions[{number}]", shared, known, problems)
        if len(set(x.measures)) < len(x.measures):
            problems.add(
                known.file,
                short(list(x.measures)),
                "each measure once",
                record=f"exclusions[{number}]",
                code="region.duplicate",
            )
        for measure in x.measures:
            wanted = _all_needed(needs, measure)
            for other in set(x.measures) & wanted - {measure}:
                problems.add(
                    known.file,
                    f"'{measure}' needs '{other}' and is never built with it",
                    "an exclusion that leaves room for what is needed",
                    record=f"exclusions[{number}]",
                    code="region.budget-exclusion",
                )
    ring = _ring(needs)
    if ring:
        problems.add(
            known.file,
            " needs ".join(f"'{m}'" for m in ring),
            "dependencies that come to an end",
            field="dependencies",
            code="region.budget-cycle",
        )


def _check_shared(
    names: Sequence[str], record: str, shared: set[str], known: Known, problems: Problems
) -> None:
    for name in names:
        if name not in shared:
            problems.add(
                known.file,
                short(name),
                f"a shared measure of the flood case: {', '.join(sorted(shared)) or 'there is none'}",
                record=record,
                code="region.unknown-measure",
            )


def _all_needed(needs: Mapping[str, set[str]], measure: str) -> set[str]:
    """Everything a measure needs, and what that needs."""
    found: set[str] = set()
    queue = [measure]
    while queue:
        for other in needs.get(queue.pop(), ()):
            if other not in found:
                found.add(other)
                queue.append(other)
    return found


def _ring(needs: Mapping[str, set[str]]) -> tuple[str, ...]:
    """A chain of needs that comes back to its start; () where there is none.

    >>> _ring({"a": {"b"}, "b": {"a"}})
    ('a', 'b', 'a')
    >>> _ring({"a": {"b", "c"}, "b": {"c"}})
    ()
    """
    for start in sorted(needs):
        paths: list[tuple[str, ...]] = [(start,)]
        seen: set[str] = set()
        for path in paths:  # breadth first, so that the shortest ring is told
            for other in sorted(needs.get(path[-1], ())):
                if other == start:
                    return (*path, other)
                if other not in seen:
                    seen.add(other)
                    paths.append((*path, other))
    return ()


def _check_services(settings: BudgetsSettings, known: Known, problems: Problems) -> None:
    last = settings.first_year + known.settings.horizon_years - 1
    seen: set[str] = set()
    for number, s in enumerate(settings.minimum_service, 1):
        record = f"minimum_service[{number}] {s.id}"
        if s.id in seen:
            problems.add(known.file, "an id twice", "each id once", record=record, code="region.duplicate")
        seen.add(s.id)
        for name in () if s.members == WORST_OFF else s.members:
            if name not in known.settings.members:
                problems.add(
                    known.file,
                    short(name),
                    f"a member: {', '.join(known.settings.members)}; or members = '{WORST_OFF}'",
                    record=record,
                    field="members",
                    code="region.unknown-member",
                )
        if not settings.first_year < s.year <= last:
            problems.add(
                known.file,
                str(s.year),
                f"a year within the horizon, after the first: {settings.first_year + 1} to {last}",
                record=record,
                field="year",
                code="region.budget-year",
            )
        if not 0.0 <= s.share.value <= 1.0 or s.share.unit not in ("1", ""):
            problems.add(
                known.file,
                f"{s.share.value:g} {s.share.unit}".strip(),
                "a share from 0 to 1, unit '1'",
                record=record,
                field="share",
                code="region.range",
            )


def _check_pathways(settings: BudgetsSettings, known: Known, problems: Problems) -> None:
    moving = {s.id: s for s in known.settings.scenarios if s.rain_factor != 1.0 or s.discharge_factor != 1.0}
    seen: set[str] = set()
    for number, way in enumerate(settings.pathways, 1):
        record = f"pathways[{number}] {way.id}"
        if way.id in seen:
            problems.add(known.file, "an id twice", "each id once", record=record, code="region.duplicate")
        seen.add(way.id)
        if way.scenario not in moving:
            problems.add(
                known.file,
                short(way.scenario),
                f"a scenario that changes rain or discharge: {', '.join(moving) or 'there is none'}",
                record=record,
                field="scenario",
                code="region.unknown-scenario",
            )
        if way.year <= settings.first_year:
            problems.add(
                known.file,
                str(way.year),
                f"a year after {settings.first_year}",
                record=record,
                field="year",
                code="region.budget-year",
            )
        if way.share.value <= 0.0 or way.share.unit not in ("1", ""):
            problems.add(
                known.file,
                f"{way.share.value:g} {way.share.unit}".strip(),
                "a share above 0, unit '1'",
                record=record,
                field="share",
                code="region.range",
            )
