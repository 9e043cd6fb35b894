"""Every way the settings of a region can be wrong: keys, names, units, heights, money; one test each."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from region_folders import LEFT, RIGHT, append, found, one, replace

from bothbanks.region.folder import check_folder, harmonise, read_region

# --- files ---------------------------------------------------------------------------------------------


def test_the_new_folder_itself_is_right(folder: Path) -> None:
    assert check_folder(folder) == ()


def test_no_folder(tmp_path: Path) -> None:
    assert check_folder(tmp_path / "nowhere")[0].code == "region.missing-file"


@pytest.mark.parametrize("file", ["region.toml", LEFT])
def test_missing_settings(folder: Path, file: str) -> None:
    (folder / file).unlink()
    assert found(folder, "region.missing-file")[0].file == file


def test_toml_that_is_none(folder: Path) -> None:
    append(folder, RIGHT, "\nthis is no toml\n")
    assert "line" in found(folder, "region.format")[0].found


def test_toml_that_is_not_utf8(folder: Path) -> None:
    (folder / RIGHT).write_bytes((folder / RIGHT).read_bytes() + b"\n# Gr\xfc\xdfe\n")
    assert "0xfc" in found(folder, "region.encoding")[0].found


# --- words nobody knows --------------------------------------------------------------------------------


def test_unknown_key(folder: Path) -> None:
    replace(folder, RIGHT, 'file = "population.csv"', 'file = "population.csv"\nseparator = ";"')
    problem = found(folder, "region.unknown-key")[0]
    assert (problem.record, problem.field) == ("sources[2]", "separator")


def test_unknown_kind(folder: Path) -> None:
    replace(folder, RIGHT, 'kind = "cells"', 'kind = "cels"')
    assert found(folder, "region.kind")[0].found == "'cels'"


def test_unknown_crs(folder: Path) -> None:
    replace(folder, RIGHT, "EPSG:2154", "EPSG:999999")
    assert found(folder, "region.crs")[0].found == "'EPSG:999999'"


def test_no_crs(folder: Path) -> None:
    replace(folder, RIGHT, 'crs = "EPSG:2154"\n', "")
    assert found(folder, "region.crs")[0].field == "crs"


def test_crs_other_than_the_file_says(folder: Path) -> None:
    replace(folder, RIGHT, 'crs = "EPSG:4326"', 'crs = "EPSG:2154"')
    assert "EPSG:4326" in found(folder, "region.crs")[0].found


def test_crs_of_account_in_degrees(folder: Path) -> None:
    replace(folder, "region.toml", "EPSG:3035", "EPSG:4326")
    assert "metres" in found(folder, "region.crs")[0].expected


def test_unknown_unit(folder: Path) -> None:
    replace(folder, LEFT, 'depth = "cm"', 'depth = "ells"')
    problem = one(folder, "region.unit")
    assert (problem.found, problem.field) == ("'ells'", "units.depth")


def test_unit_of_another_kind(folder: Path) -> None:
    replace(folder, LEFT, 'depth = "cm"', 'depth = "kg"')
    assert "another kind of quantity" in one(folder, "region.unit").found


def test_unknown_unit_of_a_parameter(folder: Path) -> None:
    replace(folder, "cases/flood.toml", 'unit = "m2/person"', 'unit = "m2/folk"')
    assert one(folder, "region.unit").record == "flood.footprint_residential_m2_per_head"


def test_unknown_currency(folder: Path) -> None:
    replace(folder, RIGHT, 'currency = "EUR"', 'currency = "EUX"')
    assert found(folder, "region.currency")[0].found == "'EUX'"


def test_code_map_without_source(folder: Path) -> None:
    replace(folder, RIGHT, 'return_period = "assumed: T names the return period in years"', "")
    assert one(folder, "region.source").field == "codes.return_period"


def test_code_map_of_an_unknown_column(folder: Path) -> None:
    append(folder, RIGHT, '\n[sources.codes.colour]\nred = "1"\n')
    assert "codes.colour" in [p.field for p in found(folder, "region.column")]


def test_field_that_is_not_in_the_file(folder: Path) -> None:
    replace(folder, LEFT, 'population = "EINWOHNER"', 'population = "EW"')
    problem = one(folder, "region.column")
    assert problem.expected == "a column 'EW'"
    assert "EINWOHNER" in problem.found


def test_unknown_language(folder: Path) -> None:
    replace(folder, "region.toml", '"fr"]', '"fr", "xx-nowhere"]')
    assert found(folder, "region.value")[0].file == "region.toml"


def test_words_missing_in_a_language(folder: Path) -> None:
    replace(folder, RIGHT, 'fr = "Rive droite"', "")
    assert one(folder, "region.language").found == "no words in fr"


def test_member_folder_that_nobody_lists(folder: Path) -> None:
    shutil.copytree(folder / "members/right", folder / "members/third")
    assert one(folder, "region.unknown-member").file == "members/third/member.toml"


# --- heights -------------------------------------------------------------------------------------------


GAUGE = """
[[sources]]
kind = "gauge_levels"
file = "levels.csv"
{datum}
licence = "CC0-1.0"
attribution = "made up"
[sources.constants]
river = "Rhin"
"""


def gauge(folder: Path, datum: str) -> None:
    (folder / "members/right/levels.csv").write_text("gauge,date,level\nKehl,2021-07-15,141.5\n", "utf-8")
    append(folder, RIGHT, GAUGE.format(datum=datum))


def test_height_with_no_datum(folder: Path) -> None:
    gauge(folder, "")
    problem = one(folder, "region.datum")
    assert (problem.found, problem.field) == ("a height with no datum", "height_datum")


def test_unknown_datum(folder: Path) -> None:
    gauge(folder, 'height_datum = "NGF-IGN69"')
    assert one(folder, "region.datum").found == "'NGF-IGN69'"


@pytest.mark.parametrize("source", ["", "assumed"])
def test_offset_without_source(folder: Path, source: str) -> None:
    gauge(folder, 'height_datum = "NGF-IGN69"')
    append(
        folder,
        "region.toml",
        '\n[[datums]]\nname = "NGF-IGN69"\noffset_to_account_m = -0.5\nuncertainty_m = 0.1\n'
        f'source = "{source}"\n',
    )
    problems = found(folder, "region.source")
    assert problems[0].record == "datums[1] NGF-IGN69"


def test_relative_height_is_kept_as_it_is(folder: Path) -> None:
    gauge(folder, 'height_datum = "relative only"')
    model = harmonise(read_region(folder))
    assert model.tables["gauge_levels"]["level"].tolist() == [141.5]


# --- money ---------------------------------------------------------------------------------------------


RATE = '\n[[rates]]\nfrom = "{0}"\nto = "{1}"\nrate = {2}\ndate = "{3}"\nsource = "assumed"\n'


def test_a_currency_without_rate(folder: Path) -> None:
    replace(folder, RIGHT, 'currency = "EUR"', 'currency = "CHF"')
    assert one(folder, "region.rates").found == "no rate from CHF to EUR"


def test_rates_that_contradict_each_other(folder: Path) -> None:
    append(folder, "region.toml", RATE.format("CHF", "EUR", 1.05, "2023-12-29"))
    append(folder, "region.toml", RATE.format("EUR", "CHF", 1.05, "2023-12-29"))
    assert "others give" in one(folder, "region.rates").found


def test_rate_of_another_year(folder: Path) -> None:
    append(folder, "region.toml", RATE.format("CHF", "EUR", 1.05, "2019-12-31"))
    assert one(folder, "region.rates").found == "2019-12-31"


def test_rate_of_nothing(folder: Path) -> None:
    append(folder, "region.toml", RATE.format("CHF", "EUR", -1.05, "2023-12-29"))
    assert found(folder, "region.value")[0].field == "rate"


LOSS = """
[[sources]]
kind = "observed_losses"
file = "losses.csv"
{money}
licence = "CC0-1.0"
attribution = "made up"
"""


def losses(folder: Path, money: str) -> None:
    text = "event,area,quantity,value,unit,source\n"
    text += "1910,right,damage,5,million EUR,made up\n1910,right,dead,3,persons,x\n"
    (folder / "members/right/losses.csv").write_text(text, "utf-8")
    append(folder, RIGHT, LOSS.format(money=money))


def test_money_without_currency_and_price_year(folder: Path) -> None:
    losses(folder, "")
    assert [p.field for p in found(folder, "region.currency")] == ["currency", "price_year"]


def test_money_of_another_currency_than_stated(folder: Path) -> None:
    losses(folder, 'currency = "CHF"\nprice_year = 2023')
    append(folder, "region.toml", RATE.format("CHF", "EUR", 1.05, "2023-12-29"))
    assert one(folder, "region.currency").found == "'million EUR'"


def test_money_is_brought_to_the_account(folder: Path) -> None:
    losses(folder, 'currency = "EUR"\nprice_year = 1990')
    append(
        folder,
        "region.toml",
        '\n[[deflators]]\ncurrency = "EUR"\nfrom_year = 1990\nto_year = 2023\nfactor = 2.0\n'
        'source = "made up"\n',
    )
    table = harmonise(read_region(folder)).tables["observed_losses"]
    assert table["value"].tolist() == [10.0, 3.0]
