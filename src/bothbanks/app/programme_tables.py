"""The programme as tables for files: starts, cash by fiscal year, coalitions, choices."""

from __future__ import annotations

import math
from collections.abc import Mapping

from bothbanks.analysis.findings import Column, ProgrammeFinding, Table


def tables_of(found: ProgrammeFinding, members: tuple[str, ...], currency: str) -> Mapping[str, Table]:
    """One table a subject, named as its file will be."""
    made = [_starts(found, currency), _cash(found), _members(found, members, currency)]
    if found.division is not None:
        made.append(_coalitions(found, members, currency))
    if found.front:
        made.append(_front(found, currency))
    return {t.id: t for t in made}


def _starts(p: ProgrammeFinding, currency: str) -> Table:
    columns = (
        Column("measure"),
        Column("payers", "member"),
        Column("capital", "money", currency),
        Column("together", "year"),
        Column("works_from", "year"),
        Column("alone", "year"),
        Column("unlimited", "year"),
    )
    rows = tuple(
        (
            s.measure,
            s.payers,
            s.capital,
            _year(s.together),
            _year(s.works_from),
            _year(s.alone),
            _year(s.unlimited),
        )
        for s in p.starts
    )
    return Table("programme", columns, rows, "year in which building starts; empty = not built")


def _year(year: int | None) -> float:
    return math.nan if year is None else float(year)


def _cash(p: ProgrammeFinding) -> Table:
    """Money in each council's own currency, named in its row; an unlimited budget is left empty."""
    columns = (
        Column("member", "member"),
        Column("fiscal_year", "year"),
        Column("currency"),
        Column("capital", "number"),
        Column("running", "number"),
        Column("capital_budget", "number"),
        Column("running_budget", "number"),
    )

    def limit(value: float) -> float:
        return float(value) if math.isfinite(value) else math.nan

    rows = tuple(
        (c.member, int(y), c.currency, float(a), float(b), limit(x), limit(z))
        for c in p.cash
        for y, a, b, x, z in zip(
            c.fiscal_years, c.capital, c.running, c.capital_budget, c.running_budget, strict=True
        )
    )
    return Table("programme-cash", columns, rows, "a fiscal year is named by the year in which it starts")


def _members(p: ProgrammeFinding, members: tuple[str, ...], currency: str) -> Table:
    columns = (
        Column("member", "member"),
        *(Column(name, "money", currency) for name in ("alone", "together", "share", "payment")),
    )
    d = p.division
    rows = tuple(
        (
            m,
            float(p.alone[i]),
            float(p.together[i]),
            math.nan if d is None else float(d.shares[i]),
            math.nan if d is None else float(d.payments[i]),
        )
        for i, m in enumerate(members)
    )
    return Table("programme-members", columns, rows, "present values under the budgets")


def _coalitions(p: ProgrammeFinding, members: tuple[str, ...], currency: str) -> Table:
    assert p.division is not None
    columns = (Column("coalition", "member"), Column("worth", "money", currency))
    rows = tuple(
        (tuple(m for i, m in enumerate(members) if mask >> i & 1), float(worth))
        for mask, worth in enumerate(p.division.worth_gamma)
        if mask
    )
    return Table("programme-coalitions", columns, rows, "saving against all alone, if the others fall apart")


def _front(p: ProgrammeFinding, currency: str) -> Table:
    columns = (
        Column("measures"),
        Column("money", "money", currency),
        Column("people_protected", "number", "people/year"),
        Column("loss_per_head", "number", f"{currency}/person"),
        Column("worst_member", "member"),
        Column("chosen"),
    )
    rows = tuple(
        (
            " + ".join(f"{m} {y}" for m, y in x.starts.items()),
            x.money,
            x.people,
            x.worst_off,
            x.worst_member,
            "yes" if x.chosen else "no",
        )
        for x in p.front
    )
    return Table("programme-front", columns, rows, f"{p.candidates} programmes compared")
