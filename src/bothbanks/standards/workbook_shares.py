"""The workbook's sheets of the division: shares, payments, and which coalition would object.

A payment is the share less what the member gains together if nobody pays anybody. The reader may
write a division of their own; the sheet of coalitions shows at once who would rather leave it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bothbanks.analysis.findings import CaseFinding
from bothbanks.standards.workbook_cells import MONEY, PLAIN, Book, ref
from bothbanks.standards.workbook_sheets import Plan
from bothbanks.standards.workbook_words import heading, pairs, rule_name

OWN = "own"
MOST_MEMBERS = 10  # 1,024 coalitions; larger games stay in value.json
NOBODY = "nobody does better by leaving"
SOMEBODY = "would rather leave: "
HALF_CENT = 0.005


def write_shares(book: Book, plan: Plan) -> None:
    """For each money case: own gain, then share and payment by each rule and by the reader's own."""
    n = len(plan.findings.members)
    most = max((len(c.game.rules) for c in plan.findings.cases if c.game), default=0)
    sheet = book.sheet("Shares", [56, *[20] * (5 + 2 * most)], freeze="B3", pages_wide=2)
    book.title(sheet, "Shares")
    row = 3
    for case, values in zip(plan.findings.cases, plan.value["cases"], strict=True):
        if case.game is not None:
            _division(book, plan, sheet, row, case, values)
            row += n + 6


def _division(
    book: Book, plan: Plan, sheet: Any, row: int, case: CaseFinding, values: Mapping[str, Any]
) -> None:
    assert case.game is not None
    rules = [*(rule.rule for rule in case.game.rules), OWN]
    titles = [
        heading("own_division", plan.languages) if rule == OWN else rule_name(rule, plan.languages)
        for rule in rules
    ]
    book.head(
        sheet,
        row,
        [plan.names(case.name, case.id), "", "", "", *(x for t in titles for x in (t, ""))],
        numbers_from=2,
    )
    book.head(
        sheet,
        row + 1,
        [
            *plan.words("member", "alone", "together", "own_gain"),
            *plan.words("share", "payment") * len(rules),
        ],
        numbers_from=2,
    )
    top = row + 2
    ids = [m.id for m in plan.findings.members]
    for i, (m, name) in enumerate(zip(ids, plan.member_names(), strict=True)):
        book.text(sheet, top + i, 1, name)
        for j, line in enumerate(("alone", "together")):
            r, c = plan.cells["matrix", case.id, line]
            book.formula(sheet, top + i, 2 + j, f"={ref(r, c + i, 'Matrix')}", values[line][m])
        own = values["gain_without_payments"][m]
        book.formula(sheet, top + i, 4, f"={ref(top + i, 2)}-{ref(top + i, 3)}", own)
        for j, rule in enumerate(rules):
            shares = values["shares"][_start(rule, rules)]
            write = book.edit if rule == OWN else book.number
            write(sheet, top + i, 5 + 2 * j, shares[m], MONEY)
            payment = f"={ref(top + i, 5 + 2 * j)}-{ref(top + i, 4, fixed='c')}"
            book.formula(sheet, top + i, 6 + 2 * j, payment, shares[m] - own)
    for j, rule in enumerate(rules):
        plan.cells["share", case.id, rule] = (top, 5 + 2 * j)
        plan.cells["payment", case.id, rule] = (top, 6 + 2 * j)
    _sums(book, plan, sheet, top, len(ids), rules, values)


def _start(rule: str, rules: Sequence[str]) -> str:
    """The reader's own division starts from the first rule."""
    return rules[0] if rule == OWN else rule


def _sums(
    book: Book, plan: Plan, sheet: Any, top: int, n: int, rules: Sequence[str], values: Mapping[str, Any]
) -> None:
    """Sums, and checks: shares exhaust the gain, payments cancel."""
    end = top + n
    totals = values["totals"]
    book.text(sheet, end, 1, plan.line("sum"))
    book.text(sheet, end + 1, 1, plan.line("check"))
    for column, total in ((2, totals["alone"]), (3, totals["together"]), (4, totals["gain"])):
        book.formula(sheet, end, column, f"=SUM({ref(top, column)}:{ref(end - 1, column)})", total)
    for j in range(len(rules)):
        share, payment = 5 + 2 * j, 6 + 2 * j
        book.formula(sheet, end, share, f"=SUM({ref(top, share)}:{ref(end - 1, share)})", totals["gain"])
        book.formula(sheet, end, payment, f"=SUM({ref(top, payment)}:{ref(end - 1, payment)})", 0.0)
        book.check(sheet, end + 1, share, f"=ROUND({ref(end, share)}-{ref(end, 4, fixed='c')},2)")
        book.check(sheet, end + 1, payment, f"=ROUND({ref(end, payment)},2)")


def write_coalitions(book: Book, plan: Plan) -> None:
    """What each coalition would save by leaving, against what the reader's division gives it."""
    n = len(plan.findings.members)
    sheet = book.sheet("Coalitions", [64, *[16] * n, *[26] * 5], freeze="B3")
    book.title(sheet, "Coalitions")
    row = 3
    for case, values in zip(plan.findings.cases, plan.value["cases"], strict=True):
        if case.game is not None and 1 < n <= MOST_MEMBERS:
            row = _coalitions(book, plan, sheet, row, case, values) + 3


def _coalitions(
    book: Book, plan: Plan, sheet: Any, row: int, case: CaseFinding, values: Mapping[str, Any]
) -> int:
    assert case.game is not None
    ids = [m.id for m in plan.findings.members]
    n = len(ids)
    start = values["shares"][case.game.rules[0].rule]
    book.head(sheet, row, [plan.names(case.name, case.id), *plan.member_names()], numbers_from=2)
    book.text(sheet, row + 1, 1, plan.line("own_division"))
    r, c = plan.cells["share", case.id, OWN]
    for i, m in enumerate(ids):
        book.formula(sheet, row + 1, 2 + i, f"={ref(r + i, c, 'Shares')}", start[m])
    tested = f"{ref(row + 1, 2, fixed='cr')}:{ref(row + 1, 1 + n, fixed='cr')}"
    heads = plan.words("gamma", "delta", "gets", "would_gain_gamma", "would_gain_delta")
    top = row + 5
    book.head(
        sheet, top - 1, [heading("coalition", plan.languages), *plan.member_names(), *heads], numbers_from=2
    )
    leaving = values["worth"][1:-1]  # neither nobody nor all
    gains: list[tuple[float, float]] = []
    for k, line in enumerate(leaving):
        here = top + k
        book.text(sheet, here, 1, ", ".join(line["coalition"]))
        for i, m in enumerate(ids):
            book.number(sheet, here, 2 + i, int(m in line["coalition"]), "0")
        gets = sum(start[m] for m in line["coalition"])
        book.number(sheet, here, 2 + n, line["gamma"])
        book.number(sheet, here, 3 + n, line["delta"])
        book.formula(sheet, here, 4 + n, f"=SUMPRODUCT({ref(here, 2)}:{ref(here, 1 + n)},{tested})", gets)
        gains.append((line["gamma"] - gets, line["delta"] - gets))
        for j in range(2):
            formula = f"={ref(here, 2 + n + j)}-{ref(here, 4 + n)}"
            book.formula(sheet, here, 5 + n + j, formula, gains[-1][j])
    _verdict(book, plan, sheet, row + 2, top, [", ".join(x["coalition"]) for x in leaving], gains)
    return top + len(leaving)


def _verdict(
    book: Book,
    plan: Plan,
    sheet: Any,
    row: int,
    top: int,
    names: Sequence[str],
    gains: Sequence[tuple[float, float]],
) -> None:
    """The strongest objection under each convention, and the words for it."""
    n = len(plan.findings.members)
    end = top + len(names) - 1
    for j, key in enumerate(("would_gain_gamma", "would_gain_delta")):
        column = 5 + n + j
        area = f"{ref(top, column)}:{ref(end, column)}"
        best = max(range(len(names)), key=lambda k, j=j: (gains[k][j], -k))  # type: ignore[misc]
        labels = pairs("least", key, plan.languages)
        book.text(sheet, row + j, 1, "\n".join(labels), wrap=True)
        book.formula(sheet, row + j, 2, f"=MAX({area})", gains[best][j], MONEY)
        who = f"INDEX({ref(top, 1)}:{ref(end, 1)},MATCH({ref(row + j, 2)},{area},0))"
        words = NOBODY if gains[best][j] <= HALF_CENT else SOMEBODY + names[best]
        book.formula(
            sheet,
            row + j,
            3,
            f'=IF({ref(row + j, 2)}<={HALF_CENT},"{NOBODY}","{SOMEBODY}"&{who})',
            words,
            PLAIN,
        )
