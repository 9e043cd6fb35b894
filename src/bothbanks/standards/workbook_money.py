"""The workbook's sheets of years: measures with their present cost, payments by year.

Years count from the decision and year 0 counts in full, as in ``analysis.measures.presentvalue``:
a flow f over years t = 0 .. H - 1 is worth sum f_t (1 + r)^-t. A level payment p with the same worth
as W is p = W / a, a = (1 + r) (1 - (1 + r)^-H) / r (annuity due), and W / H where r = 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bothbanks.analysis.findings import FloatArray, MeasureFinding
from bothbanks.standards.workbook_cells import MONEY, Book, ref
from bothbanks.standards.workbook_sheets import Plan, rate_cells
from bothbanks.standards.workbook_words import heading, rule_name

YEARS_AT = 8  # first column of years
FACTOR_ROW, YEAR_ROW = 4, 5


def _factors(rate: float, years: int) -> FloatArray:
    return np.asarray((1.0 + rate) ** -np.arange(years, dtype=np.float64), dtype=np.float64)


def annuity_due(rate: float, years: int) -> float:
    """Worth of 1 a year over years 0 to ``years`` - 1.

    >>> annuity_due(0.25, 3), annuity_due(0.0, 50)
    (2.44, 50.0)
    """
    return float(years) if rate == 0 else (1 - (1 + rate) ** -years) / rate * (1 + rate)


def _year_heads(book: Book, plan: Plan, sheet: Any, rate: str, heads: Sequence[str]) -> FloatArray:
    """Headings, and above them the discount factor of each year."""
    region = plan.findings.region
    factors = _factors(region.discount_rate.value, region.horizon_years)
    book.head(sheet, YEAR_ROW, [*plan.words(*heads), *[""] * (YEARS_AT - 1 - len(heads))], numbers_from=3)
    book.text(sheet, FACTOR_ROW, YEARS_AT - 1, heading("factor", plan.languages).split("\n")[0])
    for t, factor in enumerate(factors):
        column = YEARS_AT + t
        book.number(sheet, YEAR_ROW, column, t, "0")
        book.formula(
            sheet,
            FACTOR_ROW,
            column,
            f"=(1+{rate})^-{ref(YEAR_ROW, column, fixed='r')}",
            float(factor),
            "0.0000",
        )
    return factors


def _worth(plan: Plan, row: int) -> str:
    last = YEARS_AT + plan.findings.region.horizon_years - 1
    flow = f"{ref(row, YEARS_AT)}:{ref(row, last)}"
    return f"SUMPRODUCT({flow},{ref(FACTOR_ROW, YEARS_AT, fixed='cr')}:{ref(FACTOR_ROW, last, fixed='cr')})"


def write_measures(book: Book, plan: Plan) -> None:
    """Capital and upkeep of each measure by year, following its cost on the sheet of inputs."""
    years = plan.findings.region.horizon_years
    sheet = book.sheet(
        "Measures", [56, 44, 20, 20, 20, 26, 20, *[13] * years], freeze=f"C{YEAR_ROW + 1}", pages_wide=5
    )
    book.title(sheet, "Measures")
    rate = rate_cells(book, plan, sheet, 2)
    factors = _year_heads(
        book, plan, sheet, rate, ("measure", "line", "present_value", "remaining", "present_cost", "holders")
    )
    row = YEAR_ROW + 1
    for measure in plan.findings.measures:
        _measure(book, plan, sheet, row, measure, factors, rate)
        row += 3


def _measure(
    book: Book, plan: Plan, sheet: Any, row: int, measure: MeasureFinding, factors: FloatArray, rate: str
) -> None:
    """Two lines: capital and upkeep. What is left at the end of the horizon is deducted."""
    capital, upkeep = measure.cost_by_year, measure.upkeep_by_year
    worth = [float(flow @ factors) for flow in (capital, upkeep)]
    growth = (1.0 + plan.findings.region.discount_rate.value) ** len(factors)
    left = (sum(worth) - measure.present_cost) * growth
    for i, (line, flow) in enumerate((("capital", capital), ("upkeep", upkeep))):
        book.text(sheet, row + i, 1, plan.names(measure.name, measure.id), wrap=True)
        book.text(sheet, row + i, 2, plan.line(line))
        book.formula(sheet, row + i, 3, f"={_worth(plan, row + i)}", worth[i])
        _flow(book, plan, sheet, row + i, measure, line, flow)
    book.text(
        sheet,
        row,
        6,
        ", ".join([*measure.holders, *([measure.outside_holder] if measure.outside_holder else [])]),
    )
    book.number(sheet, row, 4, left if abs(left) >= 0.005 else 0.0)
    horizon = ref(3, 2, fixed="cr")
    net = f"={ref(row, 3)}+{ref(row + 1, 3)}-{ref(row, 4)}*(1+{rate})^-{horizon}"
    book.formula(sheet, row, 5, net, measure.present_cost)


def _flow(
    book: Book, plan: Plan, sheet: Any, row: int, measure: MeasureFinding, line: str, flow: FloatArray
) -> None:
    """Money of each year as a multiple of the inputs it follows from, or as a number where there are none."""
    # The input is what was stated: for a cost by the person, that; the finding holds the whole sum.
    stated = next((p for p in plan.findings.parameters if p.id == measure.cost.id), measure.cost)
    inputs = [plan.input_ref(stated)]
    base = stated.value
    if line == "upkeep":
        share = next((p for p in plan.findings.parameters if p.id == _upkeep_id(measure)), None)
        if share is not None and share.value:
            inputs.append(plan.input_ref(share))
            base *= share.value
    live = bool(base) and None not in inputs
    for t, amount in enumerate(flow):
        if live and amount:
            factor = float(amount) / base
            times = "" if factor == 1.0 else f"*{factor!r}"
            book.formula(
                sheet, row, YEARS_AT + t, f"={'*'.join(str(i) for i in inputs)}{times}", float(amount)
            )
        else:
            book.number(sheet, row, YEARS_AT + t, float(amount))


def _upkeep_id(measure: MeasureFinding) -> str:
    return measure.cost.id.rsplit(".", 1)[0] + ".upkeep"


def write_payments(book: Book, plan: Plan) -> None:
    """Each rule's payments as level yearly amounts, and each deal's payments by year."""
    region = plan.findings.region
    years = region.horizon_years
    sheet = book.sheet("Payments", [64, 40, 20, 20, 20, 20, 20, *[13] * years], freeze="C6", pages_wide=5)
    book.title(sheet, "Payments")
    rate = rate_cells(book, plan, sheet, 2)
    _year_heads(book, plan, sheet, rate, ("deal", "member", "present_value"))
    row = _deals(book, plan, sheet, YEAR_ROW + 1)
    a = annuity_due(region.discount_rate.value, years)
    n = ref(3, 2, fixed="cr")
    book.text(sheet, row, 1, plan.line("annuity"))
    book.formula(sheet, row, 2, f"=IF({rate}=0,{n},(1-(1+{rate})^-{n})/{rate}*(1+{rate}))", a, "0.000000")
    _levels(book, plan, sheet, row, a)


def _deals(book: Book, plan: Plan, sheet: Any, row: int) -> int:
    """One line a member and deal, the sum of each year, and a check that it is 0."""
    region = plan.findings.region
    factors = _factors(region.discount_rate.value, region.horizon_years)
    names = dict(zip((m.id for m in plan.findings.members), plan.member_names(), strict=True))
    for deal in plan.findings.deals:
        first = row
        for member, flow in deal.payment_by_year.items():
            book.text(sheet, row, 1, plan.names(deal.name, deal.id), wrap=True)
            book.text(sheet, row, 2, names.get(member, member))
            book.formula(sheet, row, 3, f"={_worth(plan, row)}", float(flow @ factors))
            for t, amount in enumerate(flow):
                book.number(sheet, row, YEARS_AT + t, float(amount))
            row += 1
        book.text(sheet, row, 2, plan.line("check"))
        for column in (3, *range(YEARS_AT, YEARS_AT + region.horizon_years)):
            book.check(sheet, row, column, f"=ROUND(SUM({ref(first, column)}:{ref(row - 1, column)}),2)")
        row += 2
    return row


def _levels(book: Book, plan: Plan, sheet: Any, row: int, a: float) -> None:
    """Level payments of each case and rule, from the payments on the sheet of shares."""
    factor = ref(row, 2, fixed="cr")
    row += 2
    ids = [m.id for m in plan.findings.members]
    for case, values in zip(plan.findings.cases, plan.value["cases"], strict=True):
        if case.game is None:
            continue
        rules = [rule.rule for rule in case.game.rules]
        book.head(
            sheet, row,
            [f"{plan.names(case.name, case.id)}: {plan.line('payment_year')}",
             *(rule_name(rule, plan.languages) for rule in rules)],
        )  # fmt: skip
        for i, m in enumerate(ids):
            book.text(sheet, row + 1 + i, 1, plan.member_names()[i])
            for j, rule in enumerate(rules):
                r, c = plan.cells["payment", case.id, rule]
                paid = values["payments"][rule][m]
                book.formula(
                    sheet, row + 1 + i, 2 + j, f"={ref(r + i, c, 'Shares')}/{factor}", paid / a, MONEY
                )
        end = row + 1 + len(ids)
        book.text(sheet, end, 1, plan.line("check"))
        for j in range(len(rules)):
            book.check(sheet, end, 2 + j, f"=ROUND(SUM({ref(row + 1, 2 + j)}:{ref(end - 1, 2 + j)}),2)")
        row = end + 2
