"""The page "Budgets and programme": what it says of an invented programme, in every language."""

from __future__ import annotations

import re
from dataclasses import replace

import findings_fixture as made
import numpy as np
import pytest

from bothbanks.analysis.findings import BudgetSplit, Findings, Objection, ProgrammeFinding
from bothbanks.analysis.findings.programme import (
    Changed,
    CouncilCash,
    Division,
    FrontPlan,
    Leaving,
    OwnStart,
    PathStep,
    Pathway,
    Proof,
    RobustPlan,
    Start,
    WarningStart,
)
from bothbanks.pages.blocks import Figure, Grid, Page, Para
from bothbanks.pages.context import Context
from bothbanks.pages.language import Language
from bothbanks.pages.report import entries, render
from bothbanks.pages.svg.cash import Strip, cash
from bothbanks.pages.views import programme

YEARS = made.HORIZON
ALONE = np.array([200e6, 90e6, 40e6])
TOGETHER = np.array([210e6, 40e6, 20e6])


def council(
    member: str, capital: list[float], running: float, budget: float, currency: str = "EUR"
) -> CouncilCash:
    spent = np.zeros(YEARS)
    spent[: len(capital)] = capital
    upkeep = np.where(np.arange(YEARS) >= len(capital), running, 0.0)
    return CouncilCash(
        member=member,
        currency=currency,
        rate=1.0 if currency == "EUR" else 0.5,
        fiscal_years=np.arange(2026, 2026 + YEARS),
        capital=spent,
        running=upkeep,
        capital_budget=np.full(YEARS, budget),
        running_budget=np.full(YEARS, np.inf) if member == "east" else np.full(YEARS, 1e6),
    )


def invented() -> ProgrammeFinding:
    later = {"brook-buffers": 2026}
    return ProgrammeFinding(
        case="flood",
        first_year=2026,
        horizon_years=YEARS,
        delays=(0, 5),
        pooled=True,
        assumed_budgets=True,
        starts=(
            Start("levee", ("lower",), 20e6, None, None, 2026, 2026),
            Start("brook-buffers", ("upper", "lower"), 42e6, 2031, 2034, None, 2026),
        ),
        own=(OwnStart("upper", "levee", 2026, None),),
        warning=(
            WarningStart("upper", "joint", 2026, "alone", 2031),
            WarningStart("lower", "", None, "", None),
        ),
        alone=ALONE,
        together=TOGETHER,
        alone_unlimited=ALONE,
        together_unlimited=TOGETHER - np.array([12e6, 0.0, 0.0]),
        division=Division(
            worth_gamma=np.array([0.0, 0.0, 0.0, 30e6, 0.0, 0.0, 0.0, 60e6]),
            worth_delta=None,
            shares=np.array([25e6, 25e6, 10e6]),
            share_cents=(2_500_000_000, 2_500_000_000, 1_000_000_000),
            payments=np.array([35e6, -25e6, -10e6]),
            in_core_gamma=True,
            in_core_delta=None,
            objection_gamma=Objection((), 0.0),
            objection_delta=None,
        ),
        cash=(
            council("upper", [0.0] * 5 + [7e6, 7e6, 7e6], 0.2e6, 5e6),
            council("lower", [0.0] * 5 + [7e6, 7e6, 7e6], 0.2e6, 9e6),
            council("east", [], 0.0, 3e6),
        ),
        split=(
            BudgetSplit("upper", -20e6, 3e6, 1e6, 1e6, 1.4e6, True, ""),
            BudgetSplit("lower", 30e6, 40e6, 10e6, 5e6, -1e6, True, ""),
            BudgetSplit("east", 10e6, 15e6, 4e6, 1e6, -0.4e6, True, ""),
        ),
        proof=Proof(7, 6, 2e6, 3, 4, 1, True),
        leaving=(
            Leaving("upper", np.array([-10e6, 50e6, 20e6]), ("brook-buffers",), (), ("levee",), -25e6),
            Leaving("lower", np.array([0.0, 40e6, 0.0]), (), ("brook-buffers",), (), -15e6),
            Leaving("east", np.zeros(3), (), (), (), 10e6),
        ),
        climates=("", "wet"),
        robust=(
            RobustPlan({"brook-buffers": 2031}, np.array([270e6, 330e6]), 300e6, 330e6, 5e6, ("today",)),
            RobustPlan(later, np.array([272e6, 325e6]), 298.5e6, 325e6, 2e6, ("expected", "minimax-regret")),
        ),
        candidates=17,
        front=(
            FrontPlan({"brook-buffers": 2031}, False, 270e6, 900.0, 700.0, "upper", np.zeros(3), True),
            FrontPlan(later, True, 280e6, 1200.0, 650.0, "upper", np.array([10e6, 0.0, 0.0]), False),
        ),
        pathways=(
            Pathway(
                "wet",
                2076,
                "loss",
                0.9,
                (
                    PathStep(2026.0, ("brook-buffers",), "adds", 2051.4, 0.508, ("levee",), 24e6, 2048.4),
                    PathStep(2051.4, ("brook-buffers", "levee"), "lasts", np.inf, np.inf, (), 0.0, np.inf),
                ),
            ),
        ),
        changed=(
            Changed("discount-rate", "", 0.0225, 71e6, 1),
            Changed("scenario", "wet", float("nan"), 80e6, 0),
            Changed("exchange-rate", "CHF", 0.9, 59e6, 0),
        ),
        climate_names={"wet": made.text("Wetter", "Nasser", "Plus humide", "Natter")},
    )


def findings(found: ProgrammeFinding | None = None) -> Findings:
    base: Findings = made.findings()
    return replace(base, programme=invented() if found is None else found)


def context(found: ProgrammeFinding | None = None, code: str = "en", f: Findings | None = None) -> Context:
    return Context(f or findings(found), Language.load(code, (code, "en")))


def page(found: ProgrammeFinding | None = None, code: str = "en") -> Page:
    return programme.page(context(found, code))


def plain(words: object) -> str:
    return str(words).replace("\N{NO-BREAK SPACE}", " ")


def text_of(made_page: Page) -> str:
    return plain(" ".join(str(b.text) for b in made_page.blocks if isinstance(b, Para)))


def grid(made_page: Page, caption: str) -> Grid:
    return next(b for b in made_page.blocks if isinstance(b, Grid) and caption in str(b.caption))


def cells(g: Grid) -> list[list[str]]:
    return [[plain(re.sub(r"<[^>]+>", "", str(c))) for c in row] for row in g.rows]


def test_the_page_is_listed_only_where_something_was_found() -> None:
    assert programme.entries(Context(made.findings(), Language.load("en"))) == ()
    (entry,) = programme.entries(context())
    assert (entry.slug, entry.name, entry.listed) == ("programme", "Budgets and programme", True)


def test_the_headline_says_what_when_how_much_and_what_budgets_cost() -> None:
    words = text_of(page())
    assert "1 of 2 measures is built, begun in 2031" in words
    assert "Building them costs €42 million" in words
    assert "the dearest year is 2031: €14 million" in words
    assert "Acting together brings €60 million over 50 years" in words
    assert "all together would be €12 million better off" in words


def test_assumed_budgets_are_said_to_be() -> None:
    assert "The budgets are assumed" in text_of(page())
    assert "The budgets are assumed" not in text_of(page(replace(invented(), assumed_budgets=False)))


def test_nothing_built_is_said_so() -> None:
    none = tuple(replace(s, together=None, works_from=None) for s in invented().starts)
    idle = tuple(replace(c, capital=c.capital * 0, running=c.running * 0) for c in invented().cash)
    found = replace(invented(), starts=none, cash=idle, together=ALONE, together_unlimited=ALONE)
    words = text_of(page(found))
    assert "Under these budgets all together build no shared measure." in words
    assert "The budgets cost nothing" in words
    assert "Nothing is spent on measures." in words
    assert not any(isinstance(b, Figure) and "upkeep" in str(b.caption) for b in page(found).blocks)


def test_starts_stand_in_order_with_every_outcome() -> None:
    rows = cells(grid(page(), "Year in which building starts"))
    assert [r[3] for r in rows] == ["2031", "not built"]
    assert rows[0][2] == "Upper Brook and Lower Brook"
    assert rows[0][4:] == ["2034", "not built", "2026"]


def test_own_measures_and_warning_have_their_years() -> None:
    rows = cells(grid(page(), "What each member does for itself"))
    assert rows[0][1:] == ["Higher levee on the left bank (2026)", "joint (2026)", "none", "its own (2031)"]
    assert rows[2][1:] == ["none"] * 4


def test_cash_has_a_row_a_year_and_adds_up() -> None:
    g = grid(page(), "Building, renewal and upkeep")
    rows = cells(g)
    assert [plain(h.text) for h in g.heads] == ["fiscal year", "Upper Brook, € m", "Lower Brook, € m"]
    assert rows[0] == ["own budget a year", "6.0", "10.0"]
    assert rows[1] == ["2026 to 2030, each year", "0", "0"]
    assert rows[2] == ["2031 to 2033, each year", "7.0", "7.0"]
    assert rows[-1][1] == "29.4"  # 3 x 7 m and 42 years of 0.2 m
    assert "No spending: East Bank." in str(g.caption)


def test_money_of_another_currency_keeps_its_own_unit() -> None:
    f = findings()
    swiss = council("lower", [0.0] * 5 + [7e6, 7e6, 7e6], 0.2e6, 9e6, "CHF")
    found = replace(invented(), cash=(invented().cash[0], swiss, invented().cash[2]))
    april = tuple(
        replace(m, currency="CHF", fiscal_year_start="04-01") if m.id == "lower" else m for m in f.members
    )
    made_page = programme.page(context(f=replace(f, programme=found, members=april)))
    g = grid(made_page, "Building, renewal and upkeep")
    assert "CHF m" in plain(g.heads[2].text)
    figure = next(b for b in made_page.blocks if isinstance(b, Figure))
    assert "in 2031/32" in str(figure.svg)
    assert "Lower Brook on 1.4." in text_of(made_page)
    assert "the dearest year is 2031: €21 million" in text_of(made_page)  # 7 m + 7 m / 0.5


def test_the_division_and_what_was_not_worked_out() -> None:
    rows = cells(grid(page(), "Losses and costs under the budgets"))
    assert rows[0] == ["Upper Brook", "200", "210", "−10", "35", "25"]
    assert rows[-1] == ["all members", "330", "270", "60", "0", "60"]
    assert "members were tested one at a time (below), groups were not." in text_of(page())
    without = page(replace(invented(), division=None))
    assert len(grid(without, "Losses and costs").heads) == 4
    assert "the gain is not divided here" in text_of(without)


def test_a_group_that_would_leave_is_named() -> None:
    d = invented().division
    assert d is not None
    left = replace(d, in_core_gamma=False, objection_gamma=Objection(("upper", "east"), 3e6))
    words = text_of(page(replace(invented(), division=left)))
    assert "Upper Brook and East Bank would do better by €3 million by leaving" in words


def test_who_leaves_and_who_loses() -> None:
    rows = cells(grid(page(), "What is lost when one member stays out"))
    assert rows[0][1:5] == ["60", "−10", "Lower Brook: 50", "−25"]
    assert "not built: Retention basins on the upper brook; built instead: Higher levee" in rows[0][5]
    assert rows[1][5] == "later: Retention basins on the upper brook"
    assert rows[2][1:] == ["0", "0", "–", "10", "nothing"]
    assert "East Bank would do better by €10 million by leaving while the others carry on." in text_of(page())


def test_the_proof_states_its_gap() -> None:
    words = text_of(page())
    assert "6 of 7 plans are proven" in words
    assert "falls short by €2 million at most" in words
    whole = replace(invented(), proof=Proof(7, 7, 0.0, 3, 4, 0, True))
    assert "Every group’s plan is proven" in text_of(page(whole))
    assert "falls short" not in text_of(page(whole))


def test_programmes_are_told_by_how_they_differ() -> None:
    rows = cells(grid(page(), "Cost of all members under each climate"))
    assert rows[0][:2] == ["best in today’s climate", "as planned"]
    assert rows[1][1] == "at another time: Retention basins on the upper brook (2026)"
    front = cells(grid(page(), "17 programmes that the budgets allow"))
    assert front[1][1].endswith("other own measures")
    assert front[1][6] == "Upper Brook: €10 million"


def test_a_pathway_says_until_when_and_what_comes_next() -> None:
    rows = cells(grid(page(), "at each tipping point"))
    assert rows[0][2] == "2051, when 51% of the change has come"
    assert rows[0][3] == "Higher levee on the left bank, €24 million"
    assert rows[0][4] == "2048"
    assert rows[1][2:] == ["2076 and beyond what was computed", "–", "–"]


def test_each_changed_assumption_has_its_gain() -> None:
    rows = cells(grid(page(), "each time worked out anew"))
    assert [r[1] for r in rows] == ["60", "71", "80", "59"]
    assert rows[1][0].startswith("discount rate 2.25")
    assert rows[2][0] == "climate: Wetter"


@pytest.mark.parametrize("code", ["en", "de", "fr", "nl"])
def test_the_page_is_whole_in_every_language(code: str) -> None:
    ctx = context(code=code)
    html = render(ctx, programme.page(ctx), entries(ctx), [ctx.language], "../", "../")
    assert "{" not in re.sub(r"(?s)<(style|script)\b.*?</\1>", "", html)
    if code != "en":
        english = text_of(page())
        assert english.split(".")[0] not in html


def test_strips_draw_each_year_and_the_budget() -> None:
    strips = [
        Strip("A", [1.0, 0.0], [0.0, 0.5], [2.0, float("inf")], "most"),
        Strip("B", [0.0] * 2, [0.0] * 2, [0.0] * 2, ""),
    ]
    svg = str(cash(strips, [2026, 2027], name="cash", text="table"))
    assert svg.count('class="fill plain"') == 1
    assert svg.count('class="fill same"') == 1
    assert svg.count('class="dash"') == 3  # infinite budgets are not drawn
    assert ">2026<" in svg
    assert ">2027<" in svg
