"""What single pages make of findings: lives never as money, long tables folded, words of the region."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import findings_fixture as made
import numpy as np
import pytest

from bothbanks.analysis.findings import Column, Curve, Findings, Table
from bothbanks.pages.blocks import Grid
from bothbanks.pages.context import Context
from bothbanks.pages.language import Language
from bothbanks.pages.report import render
from bothbanks.pages.svg.curve import Series, curve
from bothbanks.pages.svg.draw import text_width
from bothbanks.pages.svg.scatter import Point, scatter
from bothbanks.pages.terms import recorded_words, unit_words
from bothbanks.pages.views import across, cases, curves, evidence, measures, sources


def context(findings: Findings | None = None, code: str = "en") -> Context:
    return Context(findings or made.findings(), Language.load(code, (code, "en")))


def grids(page_blocks: object) -> list[Grid]:
    return [b for b in page_blocks if isinstance(b, Grid)]  # type: ignore[attr-defined]


def with_trees() -> Findings:
    """The findings with shade trees that avoid 0.8, 0.2 and 0.01 deaths a year."""
    f = made.findings()
    effect = np.array([0.8, 0.2, 0.01])
    trees = replace(f.measures[0], id="trees", case="heat", kind="trees", holders=(), effect_on_member=effect)
    return replace(f, measures=(*f.measures, trees))


def test_avoided_deaths_stand_in_a_table_of_their_own() -> None:
    found = grids(measures.page(context(with_trees())).blocks)
    money = next(g for g in found if "present value, €" in str(g.caption))
    lives = next(g for g in found if "Counted, never priced" in str(g.caption))
    assert len(lives.rows) == 1
    assert [str(c) for c in lives.rows[0][1:]] == ["0.80", "0.20", "0.01"]
    assert "deaths a year" in str(lives.caption)
    assert len(money.rows) == sum(m.case == "flood" for m in made.findings().measures)


def test_harm_across_the_border_leaves_lives_out() -> None:
    f = with_trees()
    heavy = replace(f.measures[-1], holders=("upper",), effect_on_member=np.full(3, -5e6))
    f = replace(f, measures=(*f.measures[:-1], heavy))
    harmed = [name for name, _ in across.hurts(context(f), 1)]
    assert "trees" not in harmed
    assert not any("trees" in str(row[0]) for row in across._effects(context(f)).rows)


@pytest.mark.parametrize(
    ("holders", "outside", "words"),
    [
        ((), "", "each member for itself"),
        ((), "Water board", "Water board, not a member"),
        (("upper",), "Water board", "with Water board, not a member"),
    ],
)
def test_who_decides_is_said_in_words(holders: tuple[str, ...], outside: str, words: str) -> None:
    m = replace(made.findings().measures[0], holders=holders, outside_holder=outside)
    assert words in str(measures._holders(context(), m))


def test_equal_conversions_of_a_member_share_a_row_and_codes_are_folded() -> None:
    plain, codes = grids(evidence._conversions(context()))
    assert [[str(c) for c in row[2:]] for row in plain.rows] == [
        ["EPSG:31370", "EPSG:3035", "2", "1,000"],
        ["km/h", "m/s", "1", "503"],
    ]
    assert (plain.fold, codes.fold) == ("", "")
    f = made.findings()
    row = f.conversions.rows[-1]
    many = tuple((*row[:4], f"Sturm {k}", *row[5:]) for k in range(30))
    (codes,) = grids(
        evidence._conversions(context(replace(f, conversions=replace(f.conversions, rows=many))))
    )
    assert "30 codes" in codes.fold


def test_a_long_list_of_parameters_is_folded_and_keeps_its_anchors() -> None:
    f = made.findings()
    many = tuple(replace(f.parameters[0], id=f"flood.p{k}") for k in range(20))
    ctx = context(replace(f, parameters=many))
    page = sources.page(ctx)
    text = render(ctx, page, (), (ctx.language,), "../", "../")
    assert "20 parameters" in re.findall(r"<summary>(.*?)</summary>", text)[0]
    start, end = text.index('<details class="fold">'), text.index("</details>")
    assert text[start:end].count('id="p-flood.p') == 20
    assert text.count("<details") == text.count("</details>")


def storm(total: np.ndarray) -> tuple[Curve, Curve]:
    t = np.array([10.0, 100.0, 1000.0])
    loss = total[:, None] * np.array([0.5, 0.3, 0.2])
    none = np.full(3, np.nan)
    return tuple(Curve("storm", v, t, loss, total, none, none) for v in ("alone", "together"))  # type: ignore[return-value]


def test_curves_without_ranges_are_in_millions_and_equal_ones_share_a_table() -> None:
    f = replace(made.findings(), curves=storm(np.array([4.5e6, 280e6, 1.99e9])))
    page = curves.page(context(f))
    region, members = grids(page.blocks)
    heads = [str(h.text).replace("\N{NO-BREAK SPACE}", " ") for h in region.heads]
    assert heads == ["return period", "alone, € m", "together, € m"]
    assert str(region.rows[-1][1]) == "1,990"
    assert len(members.rows) == 3
    assert "No range was drawn" in str(page.blocks)


def test_a_small_loss_is_bounded_and_never_printed_as_nought() -> None:
    ctx = context()
    assert curves._loss(ctx, 0.0, 10.0) == "0"
    assert curves._loss(ctx, 0.011, 10.0).replace("\N{NO-BREAK SPACE}", "") == "<0.1"
    assert curves._loss(ctx, 0.16, 10.0) == "0.2"


def drawn_texts(svg: str) -> list[tuple[float, str, str]]:
    found = re.findall(r'<text x="([-\d.]+)"[^>]*?(?:text-anchor="(\w+)")?[^>]*>([^<]*)</text>', svg)
    return [(float(x), anchor, words) for x, anchor, words in found]


def figure(value: float) -> str:
    return f"{value:,.6g}" if value < 1e6 else f"{value:,.0f}"


@pytest.mark.parametrize("top", [0.9, 97.0, 9_800.0, 1_900_000_000.0])
def test_axis_figures_lie_within_the_drawing(top: float) -> None:
    one = Series("alone", [2.0, 100.0, 1000.0], [0.0, top / 2, top], [math.nan] * 3, [math.nan] * 3, "alone")
    chart = str(curve([one], name="n", text="t", x_title="x", y_title="y", x_text=figure, y_text=figure))
    points = [Point(1.0, 1.0, "1"), Point(2_900.0, top, "2", True)]
    front = str(scatter(points, name="n", text="t", x_title="x", y_title="y", x_text=figure, y_text=figure))
    for svg in (chart, front):
        assert drawn_texts(svg)
        for x, anchor, words in drawn_texts(svg):
            wide = text_width(words)
            start = {"end": x - wide, "middle": x - wide / 2}.get(anchor, x)
            assert start >= 0, (words, start)
            assert start + wide <= 341 or anchor == "", (words, start + wide)


def test_names_in_tables_come_in_the_language_of_the_page() -> None:
    name = {"en": "High warming", "de": "Starke Erwärmung"}
    table = Table("scenarios", (Column("scenario"),), ((name,),))
    german = context(code="de").grid(table, "x")
    french = context(code="fr").grid(table, "x")
    assert str(german.rows[0][0]) == "Starke Erwärmung"
    assert 'lang="en"' in str(french.rows[0][0])


def test_reasons_and_sources_in_english_are_marked_so_elsewhere() -> None:
    f = made.findings()
    assert '<span lang="en">negative</span>' in str(context(code="nl").grid(f.refused, "x").rows[0][-1])
    assert "lang=" not in str(context(code="en").grid(f.refused, "x").rows[0][-1])


def test_a_long_record_is_folded_below_what_is_modelled() -> None:
    columns = (
        Column("event"),
        Column("quantity"),
        Column("modelled", "number"),
        Column("observed", "number"),
    )
    nan = float("nan")
    rows = (("flood", "loss", 2e9, nan), *((f"flood {k}", "insured loss (low)", nan, 1e6) for k in range(30)))
    modelled, recorded = grids(cases._comparison(context(code="de"), Table("comparison", columns, rows)))
    assert len(modelled.rows) == 1
    assert len(recorded.rows) == 30
    assert "30" in recorded.fold
    assert str(recorded.rows[0][1]) == "versicherter Schaden (niedrige Schätzung)"


def test_quantities_and_units_of_records_have_words() -> None:
    french = context(code="fr")
    assert str(recorded_words(french, "homes_damaged")) == "logements endommagés"
    assert recorded_words(french, "angels seen") is None
    assert unit_words(french.language, "EUR m", "EUR") == "M €"


def test_origins_of_harm_stand_by_members() -> None:
    columns = (Column("basin"), Column("member", "member"), Column("loss", "money", "EUR/year"))
    brook = {"en": "Brook", "de": "Bach"}
    rows = ((brook, "lower", 6.1e6), (brook, "upper", 1.2e6), ({"": "Rill"}, "east", 9e6))
    grid = across._origin(context(code="de"), Table("hurt-by-origin", columns, rows))
    assert [[str(c) for c in row] for row in grid.rows] == [
        ["Rill", "", "", "9,0", "9,0"],
        ["Bach", "1,2", "6,1", "", "7,3"],
    ]
