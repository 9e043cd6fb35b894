"""The legal matrix: what each member's law asks, where it can't be met together, what closes the conflict."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Annotated, Any

from fastapi import Path, Query
from fastapi.responses import Response

from bothbanks.app.partnership.legal import named_law
from bothbanks.civic.compact import legal_matrix
from bothbanks.civic.compact.legal import AREAS, LegalRule, Recognition, Subject, Version
from bothbanks.civic.compact.legal_demands import AtLeast, AtMost, OneOf, plain
from bothbanks.civic.compact.legal_matrix import Row, due_for_review, laws_by_lead, row
from bothbanks.site.area import Area
from bothbanks.site.areas import legal_words as words
from bothbanks.site.problems import PROBLEMS, not_found
from bothbanks.site.sent import AskedDay
from bothbanks.site.visit import Visit
from bothbanks.store.interface import Kept, MissingError

AREA = Area("legal", "legal", "Legal matrix")
REVIEW = timedelta(days=180)

Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,80}$")]
Day = Annotated[AskedDay | None, Query(description="the day that is asked for; default: today")]
CSV: dict[int | str, dict[str, Any]] = PROBLEMS | {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "The matrix as a table"}
}


@dataclass(frozen=True)
class CellOut:
    """What one member's law asks on the day; ``known`` False: to be asked."""

    member: str
    known: bool
    demands: list[dict[str, Any]]
    text: dict[str, str]
    source: str
    certainty: str
    valid_from: date | None
    valid_to: date | None
    review: date | None


@dataclass(frozen=True)
class PairOut:
    """How two members stand on the day, and the recognition from the first to the second and back."""

    first: str
    second: str
    standing: str
    there: str | None
    back: str | None


@dataclass(frozen=True)
class RowOut:
    """One subject on the day. ``possible`` None: the laws are never merged, one is named."""

    subject: str
    area: str
    name: dict[str, str]
    question: dict[str, str]
    unit: str
    mergeable: bool
    day: date
    standing: str
    possible: bool | None
    cells: list[CellOut]
    pairs: list[PairOut]
    unknown: list[str]


@AREA.page("/legal")
def index(visit: Visit, day: Day = None) -> Response:
    """The whole matrix on a day, by area of law."""
    on = day or _today(visit)
    rows = _rows(visit, on)
    grouped = [(area, list(found)) for area, found in groupby(rows, key=lambda r: r.subject.area)]
    due = _due(visit, on)
    subjects = {r.subject.id: r.subject for r in rows}
    conflicts = [r for r in rows if r.standing in ("conflict", "one-way")]
    unknown = [r for r in rows if r.unknown]
    return visit.show(
        "legal/index.html", grouped=grouped, day=on, today=_today(visit), due=due, subjects=subjects,
        conflicts=conflicts, unknown=unknown, rows=rows, words=words,
    )  # fmt: skip


@AREA.page("/legal/{subject}")
def subject_page(visit: Visit, subject: Id, day: Day = None) -> Response:
    """One subject: every rule with its source, the conflicts in words, the common rule, the history."""
    on = day or _today(visit)
    found = _subject(visit, subject)
    kept = visit.reader.all(LegalRule, parent=subject)
    agreed = [k.state for k in visit.reader.all(Recognition, parent=subject)]
    line = row(found, list(visit.region.members), [k.state for k in kept], agreed, on)
    law = named_law(visit.reader) if not found.mergeable else None
    own = visit.may_for("legal.amend-rule")
    return visit.show(
        "legal/subject.html", subject=found, line=line, day=on, today=_today(visit), words=words,
        kept={k.state.member: k for k in kept if k.state.retired is None}, recognitions=agreed,
        history=_history(visit, kept), laws=laws_by_lead(law.rule, law.buyers) if law else {}, own=own,
    )  # fmt: skip


@AREA.api("/legal", answer=list[RowOut])
def read_matrix(visit: Visit, day: Day = None) -> list[RowOut]:
    """Every subject of the matrix on a day."""
    return [_row_out(r) for r in _rows(visit, day or _today(visit))]


@AREA.api("/legal/matrix.csv", responses=CSV, response_class=Response)
def read_csv(visit: Visit, day: Day = None) -> Response:
    """The matrix on a day as a table: one line for each subject and member."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(
        ("subject", "area", "member", "known", "demands", "text", "source", "certainty", "valid_from",
         "valid_to", "review")
    )  # fmt: skip
    for line in _rows(visit, day or _today(visit)):
        for member, version in line.cells.items():
            table.writerow(_safe(_csv_line(visit, line, member, version)))
    headers = {"content-disposition": 'attachment; filename="legal-matrix.csv"'}
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


@AREA.api("/legal/{subject}", answer=RowOut)
def read_subject(visit: Visit, subject: Id, day: Day = None) -> RowOut:
    """One subject of the matrix on a day."""
    _subject(visit, subject)
    return next(_row_out(r) for r in _rows(visit, day or _today(visit)) if r.subject.id == subject)


def _due(visit: Visit, day: date) -> list[tuple[str, date, list[str], bool]]:
    """(subject, day, members, whether known) of what falls due for review, the earliest first."""
    out: dict[tuple[str, date, bool], list[str]] = {}
    until = day + REVIEW if day < date.max - REVIEW else date.max
    for d in due_for_review((k.state for k in visit.reader.all(LegalRule)), day, until):
        out.setdefault((d.subject, d.review, d.known), []).append(d.member)
    order = list(visit.region.members)
    return [
        (subject, review, sorted(members, key=order.index), known)
        for (subject, review, known), members in out.items()
    ]


def _rows(visit: Visit, day: date) -> tuple[Row, ...]:
    subjects = sorted((k.state for k in visit.reader.all(Subject)), key=lambda s: AREAS.index(s.area))
    return legal_matrix.matrix(
        subjects, list(visit.region.members), [k.state for k in visit.reader.all(LegalRule)],
        [k.state for k in visit.reader.all(Recognition)], day,
    )  # fmt: skip


def _today(visit: Visit) -> date:
    return visit.reader.at.astimezone(visit.zone).date()


def _subject(visit: Visit, id: str) -> Subject:
    try:
        return visit.reader.load(Subject, id).state
    except MissingError:
        raise not_found() from None


@dataclass(frozen=True)
class Past:
    """A version in the history of a subject."""

    member: str
    version: Version
    retired: date | None


def _history(visit: Visit, kept: Sequence[Kept[LegalRule]]) -> list[Past]:
    """Every version, by member in the region's order, the one recorded last first."""
    order = list(visit.region.members)
    own = sorted((k.state for k in kept), key=lambda r: order.index(r.member))
    return [Past(rule.member, v, rule.retired) for rule in own for v in reversed(rule.versions)]


def _csv_line(visit: Visit, line: Row, member: str, version: Version | None) -> list[str]:
    head = [line.subject.id, line.subject.area, member]
    if version is None:
        return [*head, "no", "", "", "", "", "", "", ""]
    asked = []
    for d in version.demands:
        said = (
            (d.value,) if isinstance(d, AtLeast | AtMost) else d.options if isinstance(d, OneOf) else d.items
        )
        asked.append(f"{d.kind} {' | '.join(str(x) for x in said)} {line.subject.unit}".strip())
    days = [d.isoformat() if d else "" for d in (version.valid_from, version.valid_to, version.review)]
    text = visit.language.plain(version.text)
    known = "yes" if version.known else "no"
    return [*head, known, "; ".join(asked), text, version.source, version.certainty, *days]


def _safe(cells: Sequence[str]) -> list[str]:
    """Text that a spreadsheet would take for a formula gets a quote in front."""
    return [f"'{c}" if c[:1] in "=+-@\t\r" and c else c for c in cells]


def _row_out(line: Row) -> RowOut:
    s = line.subject
    return RowOut(
        s.id, s.area, dict(s.name), dict(s.question), s.unit, s.mergeable, line.day, line.standing,
        None if line.common is None else line.common.possible,
        [_cell_out(m, v) for m, v in line.cells.items()],
        [
            PairOut(p.first, p.second, p.standing, getattr(p.there, "id", None), getattr(p.back, "id", None))
            for p in line.pairs
        ],
        list(line.unknown),
    )  # fmt: skip


def _cell_out(member: str, v: Version | None) -> CellOut:
    if v is None:
        return CellOut(member, False, [], {}, "", "", None, None, None)
    return CellOut(
        member, v.known, [dict(d) for d in plain(v.demands)], dict(v.text), v.source, v.certainty,
        v.valid_from, v.valid_to, v.review,
    )  # fmt: skip
