"""A code that stands for a number is read as the settings write it; no needed number is lost in silence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from region_folders import LEFT, append, one, replace

from bothbanks.region.folder import harmonise, read_region

FLOWS = "members/left/abfluss.csv"
SOURCE = """
[[sources]]
kind = "flow_frequency"
file = "abfluss.csv"
delimiter = ";"
decimal = "{decimal}"
on_bad_record = "{bad}"
licence = "CC0-1.0"
attribution = "made up"
modelled = true
[sources.fields]
gauge = "PEGEL"
return_period = "LASTFALL"
discharge = "ABFLUSS"
source = "QUELLE"
[sources.units]
discharge = "{unit}"
[sources.codes.return_period]
"alle 3 bis 4 Jahre" = {code}
"HQ100" = 100
[sources.code_sources]
return_period = "assumed"
"""


def flows(
    folder: Path,
    *,
    decimal: str = ",",
    bad: str = "error",
    unit: str = "m**3/s",
    code: str = "3.5",
    often: str = "7{}5",
    name: str = "alle 3 bis 4 Jahre",
) -> None:
    """Two published discharges on the left bank."""
    rows = [f"Brücke;{name};{often.format(decimal)};made up", f"Brücke;HQ100;20{decimal}25;made up"]
    (folder / FLOWS).write_text("\n".join(["PEGEL;LASTFALL;ABFLUSS;QUELLE", *rows]) + "\n", "utf-8")
    append(folder, LEFT, SOURCE.format(decimal=decimal, bad=bad, unit=unit, code=code))
    append(folder, "LICENCES.csv", f"{FLOWS},CC0-1.0,made up,made up for tests,made up,true,\n")


@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("code", ["3.5", '"3.5"'])
def test_a_code_is_no_number_of_the_file(folder: Path, decimal: str, code: str) -> None:
    flows(folder, decimal=decimal, code=code)
    model = harmonise(read_region(folder))
    table = model.tables["flow_frequency"]
    np.testing.assert_array_equal(table["return_period"], [3.5, 100.0])
    np.testing.assert_array_equal(table["discharge"], [7.5, 20.25])
    file = next(f for f in model.files if f.file.endswith("abfluss.csv"))
    assert (file.read, file.used, file.refused) == (2, 2, 0)


@pytest.mark.parametrize("code", ['"3,5"', '"often"', "nan", "inf"])
def test_a_code_that_is_no_number_is_named(folder: Path, code: str) -> None:
    flows(folder, code=code)
    problem = one(folder, "region.code")
    assert problem.field == "codes.return_period"
    assert "alle 3 bis 4 Jahre" in problem.found
    assert code.strip('"') in problem.found


def test_a_number_lost_in_conversion_stops_the_run(folder: Path) -> None:
    flows(folder, unit="km**3/s", often="1e305")
    problem = one(folder, "region.not-a-number")
    assert (problem.file, problem.record, problem.field) == (FLOWS, "line 2", "ABFLUSS")
    assert problem.found == "'1e305'"


def test_a_number_lost_in_conversion_is_refused_and_counted(folder: Path) -> None:
    flows(folder, unit="km**3/s", often="1e305", bad="refuse")
    model = harmonise(read_region(folder))
    assert np.isfinite(model.tables["flow_frequency"]["discharge"]).all()
    file = next(f for f in model.files if f.file.endswith("abfluss.csv"))
    assert (file.read, file.used, file.refused) == (2, 1, 1)


def test_an_unknown_unit_is_told_once_and_not_by_record(folder: Path) -> None:
    flows(folder, unit="ells**3/s")
    assert one(folder, "region.unit").field == "units.discharge"


def test_no_code_for_a_value_is_still_a_flaw(folder: Path) -> None:
    flows(folder, name="alle 5 Jahre")
    assert one(folder, "region.code").record == "line 2"
    replace(folder, FLOWS, "alle 5 Jahre", "")
    assert one(folder, "region.code").found == "''"
