"""Drawings: well formed, the right places, doubt drawn, colours that can be read."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import findings_fixture as made
import numpy as np
import pytest

from bothbanks.pages.svg import colours
from bothbanks.pages.svg import map as drawing
from bothbanks.pages.svg.bars import Bar, bars
from bothbanks.pages.svg.curve import Series, curve
from bothbanks.pages.svg.draw import ticks
from bothbanks.pages.svg.dumbbell import dumbbell
from bothbanks.pages.svg.scatter import Point, scatter


def numbers(text: str, pattern: str) -> list[float]:
    return [float(v) for v in re.findall(pattern, text)]


def test_dumbbell_puts_less_to_the_left_and_is_hidden_from_readers() -> None:
    svg = dumbbell(100.0, 50.0, 20.0, 80.0, state="better")
    ElementTree.fromstring(svg)
    alone, together = numbers(svg, r'cx="([\d.]+)"')
    assert alone == 105.0
    assert together == pytest.approx(56.0)
    assert 'aria-hidden="true"' in svg
    assert "better" in svg


def test_dumbbell_with_a_negative_value_starts_there() -> None:
    alone, together = numbers(dumbbell(36.0, -88.0, -100.0, 0.0, state="better"), r'cx="([\d.]+)"')
    assert together < alone
    assert together > 7


def cells_of(path: str) -> float:
    """Area of the rectangles of a path in cells."""
    return sum(float(w) for w in re.findall(r"h([\d.]+)v1", path))


def test_map_draws_each_cell_once_and_hatches_what_is_not_modelled() -> None:
    base = made.map_base()
    layer = made.maps()[0]
    frame = drawing.frame_of(base)
    assert frame is not None
    assert (frame.columns, frame.rows) == (24, 16)
    text = drawing.cell_paths(base, frame, layer)
    assert cells_of(text) == base.cell_x.size
    hatched = re.search(r'fill="url\(#h\)" d="([^"]+)"', text)
    assert hatched is not None
    assert cells_of(hatched.group(1)) == np.isnan(layer.values).sum()


def test_cells_shared_by_two_municipalities_are_drawn_once() -> None:
    base = made.map_base()
    twice = replace(base, cell_x=np.tile(base.cell_x, 2), cell_y=np.tile(base.cell_y, 2))
    layer = made.maps()[0]
    frame = drawing.frame_of(twice)
    assert frame is not None
    assert (
        cells_of(drawing.cell_paths(twice, frame, replace(layer, values=np.tile(layer.values, 2))))
        == base.cell_x.size
    )


def test_classes_never_take_missing_for_nought() -> None:
    layer = replace(made.maps()[0], values=np.array([np.nan, 0.0, 0.1, 0.25, 3.0]))
    assert drawing.classes(layer).tolist() == [-1, -2, 0, 1, 4]
    assert drawing.classes(replace(layer, zero_is_blank=False)).tolist() == [-1, 0, 0, 1, 4]


def test_map_file_is_well_formed_and_carries_scale_border_and_names() -> None:
    base = made.map_base()
    land = drawing.ground(base)
    assert land is not None
    text = drawing.document(
        land,
        drawing.cell_paths(base, land.frame, made.maps()[0]),
        drawing.labels(base, land.frame, ["Æ & <b>", "B", "C"]),
    )
    root = ElementTree.fromstring(text)
    assert root.tag.endswith("svg")
    assert "5 km" in text
    assert "Æ &amp; &lt;b&gt;" in text
    assert 'class="c"' in text
    assert "script" not in text


def test_no_cells_no_map() -> None:
    base = made.map_base()
    none = replace(base, cell_x=np.zeros(0), cell_y=np.zeros(0))
    assert drawing.ground(none) is None


def test_member_summary_keeps_people_outside_the_data_apart() -> None:
    base, layer = made.map_base(), made.maps()[0]
    east = drawing.member_summary(base, layer.values, 2)
    inside = base.cell_member == 2
    assert east["not_modelled"] == base.population[inside & np.isnan(layer.values)].sum() > 0
    assert east["people"] + east["not_modelled"] < base.population[inside].sum()


def test_curve_is_monotone_upwards_and_named() -> None:
    x = [2.0, 10.0, 100.0]
    series = Series("alone", x, [1.0, 2.0, 3.0], [0.5, 1, 2], [2, 3, 4], "alone")
    svg = curve([series], name="Curve", text="t", x_title="x", y_title="y", x_text=str, y_text=str)
    root = ElementTree.fromstring(svg)
    assert root.attrib["role"] == "img"
    assert root[0].text == "Curve"
    d = re.search(r'<path d="(M[^"]+)" class="curve alone"', svg)
    assert d is not None
    ys = numbers(d.group(1), r"[ML][\d.]+ ([\d.]+)")
    assert ys == sorted(ys, reverse=True)


def test_bars_and_scatter_are_well_formed_with_long_names() -> None:
    ElementTree.fromstring(
        bars(
            [Bar("x" * 90 + "<", -1.0, "−1", -2.0, 0.5, "worse"), Bar("b", 2.0, "2")],
            name="n",
            text="t",
            mark=0.2,
        )
    )
    ElementTree.fromstring(
        scatter(
            [Point(1.0, 1.0, "1", True), Point(1.0, 1.0, "2")],
            name="n",
            text="t",
            x_title="x",
            y_title="y",
            x_text=str,
            y_text=str,
        )
    )


def test_ticks_cover_and_do_not_depend_on_size() -> None:
    assert ticks(0, 97) == [0, 25, 50, 75, 100]
    assert ticks(5.0, 5.0)[0] <= 5.0 <= ticks(5.0, 5.0)[-1]


@pytest.mark.parametrize("colour", [colours.BETTER, colours.WORSE, colours.SAME, colours.SOFT, colours.INK])
@pytest.mark.parametrize("paper", ["#ffffff", "#f5f7f8"])
def test_words_in_colour_reach_aa(colour: str, paper: str) -> None:
    assert colours.contrast(colour, paper) >= 4.5


@pytest.mark.parametrize("name", sorted(colours.RAMPS))
def test_ramps_darken_steadily(name: str) -> None:
    light = [colours.luminance(c) for c in colours.ramp(name, 5)]
    assert light == sorted(light, reverse=True)


def test_contrast_of_black_on_white_is_21() -> None:
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21.0)


def test_differences_are_teal_below_nought_and_orange_above() -> None:
    got = colours.difference((-0.5, -0.1, 0.1, 0.5))
    assert got[0] == colours.DIVERGING[1] or got[0] == colours.DIVERGING[0]
    assert got[2] == colours.DIVERGING[3]
    assert got[-1] in colours.DIVERGING[5:]
    assert colours.difference((0.1, 0.5))[-1] == colours.DIVERGING[6]
