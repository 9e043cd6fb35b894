"""Tables of an appraisal as Parquet and CSV: the same columns, one file a table in each form.

CSV is UTF-8, comma, point as decimal mark, line feed, quoted where needed (RFC 4180 but for the line
end); an empty cell is an unknown. Parquet holds each column's unit and each table's source as
metadata. Words in several languages stand in the region's first language that has them. Numbers
keep their full precision here; ``value.json`` and the pages round.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bothbanks.analysis.findings import Column, Findings, Table
from bothbanks.words.errors import RangeError

if TYPE_CHECKING:
    import pyarrow as pa

INTEGER_KINDS = {"integer"}
NUMBER_KINDS = {"number", "money", "share", "depth", "year"}


def write_tables(findings: Findings, folder: Path) -> list[Path]:
    """Write every table into ``folder``, as CSV and as Parquet; the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for table in all_tables(findings):
        table = in_one_language(table, findings.region.languages)
        written += [
            write_csv(table, folder / f"{table.id}.csv"),
            write_parquet(table, folder / f"{table.id}.parquet"),
        ]
    return written


def all_tables(findings: Findings) -> tuple[Table, ...]:
    """The findings' own tables and those made of their other parts, by id.

    Raises RangeError when two tables have one id.
    """
    tables = [*findings.tables.values(), *_made(findings)]
    ids = [table.id for table in tables]
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        raise RangeError("standards.tables", f"two tables are called {', '.join(twice)}; ids must differ")
    return tuple(sorted(tables, key=lambda table: table.id))


def in_one_language(table: Table, languages: Sequence[str]) -> Table:
    """The table with each cell that holds words by language in the first of ``languages`` it has.

    Words under the code '' belong to no language and do for all.
    """

    def words(value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        order = (languages[0], "", *languages[1:], *sorted(value)) if languages else ("", *sorted(value))
        return next((value[code] for code in order if value.get(code)), "")

    if not any(isinstance(value, Mapping) for row in table.rows for value in row):
        return table
    return replace(table, rows=tuple(tuple(map(words, row)) for row in table.rows))


def write_csv(table: Table, path: Path) -> Path:
    """One table as CSV with a header row of column ids."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([column.id for column in table.columns])
        for row in table.rows:
            writer.writerow([_cell(value, column) for value, column in zip(row, table.columns, strict=True)])
    return path


def write_parquet(table: Table, path: Path) -> Path:
    """One table as Parquet, zstd, with units and source as metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields, arrays = [], []
    for i, column in enumerate(table.columns):
        kind = _arrow_type(column)
        values = [_value(row[i], column) for row in table.rows]
        arrays.append(pa.array(values, type=kind))
        fields.append(pa.field(column.id, kind, metadata={"unit": column.unit, "kind": column.kind}))
    schema = pa.schema(fields, metadata={"id": table.id, "source": table.source})
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path, compression="zstd")
    return path


def _arrow_type(column: Column) -> pa.DataType:
    import pyarrow as pa

    if column.kind in INTEGER_KINDS:
        return pa.int64()
    return pa.float64() if column.kind in NUMBER_KINDS else pa.string()


def _value(value: Any, column: Column) -> Any:
    """The value as its column's kind wants it; None for what is unknown."""
    if value is None or value == "" or value != value:
        return None
    if column.kind in INTEGER_KINDS:
        return int(value)
    return float(value) if column.kind in NUMBER_KINDS else str(value)


def _cell(value: Any, column: Column) -> str:
    plain = _value(value, column)
    if plain is None:
        return ""
    return repr(plain) if isinstance(plain, float) else str(plain)


def _made(findings: Findings) -> Iterator[Table]:
    yield _parameters(findings)
    yield _members(findings)
    yield _files(findings)
    yield _measures(findings)
    yield _matrix(findings)
    yield _shares(findings)
    yield _curves(findings)
    yield _payments(findings)
    yield _seams(findings)
    yield _budgets(findings)
    yield _sensitivities(findings)
    yield _requests(findings)


def _columns(text: str) -> tuple[Column, ...]:
    """Columns from 'id kind unit; id kind; id'."""
    return tuple(Column(*part.split()) for part in text.split(";"))


def _parameters(f: Findings) -> Table:
    columns = _columns("id; value number; low number; high number; unit; source; note; assumed")
    rows = [
        (p.id, p.value, p.low, p.high, p.unit, p.source, p.note, "assumed" if p.assumed else "")
        for p in f.parameters
    ]
    return Table("parameters", columns, tuple(rows))


def _members(f: Findings) -> Table:
    columns = _columns(
        "id member; name; country; currency; languages; population integer; municipalities integer"
    )
    rows = []
    for m in f.members:
        name = next((m.name[k] for k in (*m.languages, *f.region.languages, "") if k in m.name), m.id)
        rows.append(
            (m.id, name, m.country, m.currency, " ".join(m.languages), m.population, m.municipalities)
        )
    return Table("members", columns, tuple(rows))


def _files(f: Findings) -> Table:
    columns = _columns(
        "file; kind; member; read integer; used integer; refused integer; sha256; licence; attribution;"
        "modelled; reexpressed_from"
    )
    rows = [
        (x.file, x.kind, x.member, x.read, x.used, x.refused, x.sha256, x.licence, x.attribution,
         "modelled" if x.modelled else "", x.reexpressed_from)
        for x in f.files
    ]  # fmt: skip
    return Table("files", columns, tuple(rows))


def _measures(f: Findings) -> Table:
    currency = f.region.currency
    columns = (
        *_columns("id; case; kind; holders; holders_source; outside_holder"),
        Column("capital", "money", currency),
        Column("present_cost", "money", currency),
        *_columns("lifetime integer year; chosen_alone; chosen_together; chosen_together_draws share"),
        *(Column(f"effect_on_{m.id}", "money", currency) for m in f.members),
    )
    rows = [
        (m.id, m.case, m.kind, " ".join(m.holders), m.holders_source, m.outside_holder, m.cost.value,
         m.present_cost, m.lifetime_years, _yes(m.chosen_alone), _yes(m.chosen_together),
         m.chosen_together_draws, *m.effect_on_member)
        for m in f.measures
    ]  # fmt: skip
    return Table("measures", columns, tuple(rows))


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


def _matrix(f: Findings) -> Table:
    columns = _columns(
        "case; member member; unit; per; alone number; alone_low number; alone_high number; together number;"
        "together_low number; together_high number; not_modelled_people integer"
    )
    rows = [
        (c.id, m.id, c.unit, c.per, c.alone[i], c.alone_low[i], c.alone_high[i], c.together[i],
         c.together_low[i], c.together_high[i], c.not_modelled.get(m.id, 0))
        for c in f.cases
        for i, m in enumerate(f.members)
    ]  # fmt: skip
    return Table("matrix", columns, tuple(rows))


def _shares(f: Findings) -> Table:
    columns = _columns(
        "case; rule; member member; share money; share_low money; share_high money;"
        "gain_without_payments money; payment money; loses_without_payment share"
    )
    rows = [
        (c.id, r.rule, m.id, r.shares[i], r.share_low[i], r.share_high[i], c.game.no_transfer_gain[i],
         r.payments[i], c.game.loses_without_payment[i])
        for c in f.cases
        if c.game is not None
        for r in c.game.rules
        for i, m in enumerate(f.members)
    ]  # fmt: skip
    return Table("shares", columns, tuple(rows))


def _curves(f: Findings) -> Table:
    columns = _columns(
        "case; variant; return_period year year; member; loss number; loss_low number; loss_high number"
    )
    rows: list[tuple[Any, ...]] = []
    for c in f.curves:
        for t, years in enumerate(c.return_period_years):
            rows += [
                (c.case, c.variant, years, m.id, c.loss[t, i], None, None) for i, m in enumerate(f.members)
            ]
            rows.append((c.case, c.variant, years, "", c.total[t], c.total_low[t], c.total_high[t]))
    return Table(
        "curves", columns, tuple(rows), "An empty member is the region's own events, not a sum of members"
    )


def _payments(f: Findings) -> Table:
    columns = _columns("deal; member member; year integer; payment money")
    rows = [
        (d.id, member, year, amount)
        for d in f.deals
        for member, amounts in d.payment_by_year.items()
        for year, amount in enumerate(amounts)
    ]
    return Table("deal-payments", columns, tuple(rows), "Positive = receives")


def _seams(f: Findings) -> Table:
    columns = _columns(
        "side_a member; side_b member; kilometre integer; x number m; y number m; cell_pairs integer;"
        "depth_difference depth m; extent_disagreement share; return_period_ratio number; score number"
    )
    rows = [
        (*s.pair, s.kilometre, s.x, s.y, s.cell_pairs, s.depth_difference_m, s.extent_disagreement,
         s.return_period_ratio, s.score)
        for s in f.seams
    ]  # fmt: skip
    return Table("seams", columns, tuple(rows))


def _budgets(f: Findings) -> Table:
    columns = _columns(
        "member member; budget_cost money; households money; firms money; public_works money;"
        "payment_per_year money; payable; reason"
    )
    rows = [
        (
            b.member,
            b.budget_cost,
            b.households,
            b.firms,
            b.public_works,
            b.payment_per_year,
            _yes(b.payable),
            b.reason,
        )
        for b in f.budgets
    ]
    return Table("budgets", columns, tuple(rows))


def _sensitivities(f: Findings) -> Table:
    columns = _columns("output; parameter; index number; noise number; method")
    rows = [
        (s.output, p, i, s.noise, s.method)
        for s in f.sensitivities
        for p, i in zip(s.parameters, s.index, strict=True)
    ]
    return Table("sensitivities", columns, tuple(rows))


def _requests(f: Findings) -> Table:
    columns = _columns("parameter; owner member; why; influence number; changes_decision share; cases")
    rows = [
        (d.parameter, d.owner, d.why, d.influence, d.changes_decision, " ".join(d.cases))
        for d in f.data_requests
    ]
    return Table("data-requests", columns, tuple(rows))
