"""Every way a case can be wrong: curves, measures, holders, basins, shares; one test each."""

from __future__ import annotations

from pathlib import Path

from region_folders import DEPTHS, append, found, lines, one, replace

FLOOD = "cases/flood.toml"


def test_a_curve_that_falls(folder: Path) -> None:
    append(
        folder,
        FLOOD,
        '\n[[curves]]\nid = "own"\nintensity = [0, 1, 2]\nfraction = [0.0, 0.5, 0.4]\n'
        'unit = "m"\nsource = "assumed"\n',
    )
    problem = found(folder, "region.curve")[0]
    assert problem.record == "curves[1] own"
    assert "0.5 at 1 then 0.4 at 2" in problem.expected


def test_unknown_curve(folder: Path) -> None:
    replace(folder, FLOOD, "jrc-residential", "jrc-castles")
    assert one(folder, "region.curve").found == "'jrc-castles'"


def test_a_measure_nobody_has_the_competence_for(folder: Path) -> None:
    replace(folder, FLOOD, 'holders = ["right"]', "holders = []")
    assert "competence" in found(folder, "region.competence")[0].expected


def test_a_holder_that_is_no_member(folder: Path) -> None:
    replace(folder, FLOOD, 'holders = ["right"]', 'holders = ["water board"]')
    problem = one(folder, "region.unknown-member")
    assert (problem.record, problem.field, problem.found) == (
        "measures[2] walls-right",
        "holders",
        "'water board'",
    )


def test_effect_in_an_unknown_basin(folder: Path) -> None:
    replace(folder, FLOOD, 'basin = "river"', 'basin = "lake"')
    problem = one(folder, "region.basin")
    assert problem.record == "measures[1] levee-left, effects[1]"


def test_parameter_without_source(folder: Path) -> None:
    replace(folder, "region.toml", 'source = "assumed"', 'source = " "')
    assert found(folder, "region.source")[0].field.endswith("source")


def test_parameter_without_source_key(folder: Path) -> None:
    replace(folder, "region.toml", 'unit = "1/year"\nsource = "assumed"', 'unit = "1/year"')
    assert found(folder, "region.missing-key")[0].field == "source"


def test_value_outside_its_range(folder: Path) -> None:
    replace(folder, "region.toml", "high = 0.04", "high = 0.01")
    assert "low 0.02, value 0.03, high 0.01" in found(folder, "region.range")[0].expected


def test_measure_without_price_year(folder: Path) -> None:
    replace(folder, FLOOD, "price_year = 2023\n", "")
    assert found(folder, "region.missing-key")[0].field == "cost.price_year"


def test_year_shares_that_do_not_add_up(folder: Path) -> None:
    replace(folder, FLOOD, "year_shares = [0.5, 0.5]", "year_shares = [0.5, 0.4]")
    assert "add up to 1, not 0.9" in found(folder, "region.value")[0].expected


def test_map_case_needs_two_maps_of_each_member(folder: Path) -> None:
    rows = [row for row in lines(folder, DEPTHS) if "T20" not in row and "T500" not in row]
    (folder / DEPTHS).write_text("\n".join(rows) + "\n", "utf-8")
    assert one(folder, "region.missing-layer").found == "1 return period(s) of flood_depths"


def test_price_year_without_deflator(folder: Path) -> None:
    replace(folder, FLOOD, "price_year = 2023", "price_year = 2015")
    assert one(folder, "region.rates").found == "no deflator for EUR from 2015 to 2023"
