"""Region folders for tests: what ``bothbanks new`` makes, and a second border made from it by a few edits."""

from __future__ import annotations

from pathlib import Path

from bothbanks.region.folder import check_folder
from bothbanks.region.new import Side, new_region
from bothbanks.words.errors import Problem

TWO_BANKS = Path(__file__).parent / "data" / "two-banks"

LEFT, RIGHT = "members/left/member.toml", "members/right/member.toml"
CELLS, DEPTHS = "members/right/population.csv", "members/right/depths.csv"
"""Files of the new folder."""

MONEY_AND_HEIGHTS = """
[[rates]]
from = "EUR"
to = "CHF"
rate = 0.93
date = "2023-12-29"
source = "assumed: this region is made up"

[[deflators]]
currency = "EUR"
from_year = 2020
to_year = 2023
factor = 1.2
source = "assumed: this region is made up"

[[datums]]
name = "LN02"
offset_to_account_m = -0.27
uncertainty_m = 0.05
source = "made-up region; 27 cm as at the Hochrheinbruecke (SWR Wissen, Januar 2023), lower Swiss zero"
"""

GAUGE_SOURCE = """
[[sources]]
kind = "gauge_levels"
file = "pegel.csv"
delimiter = ";"
decimal = ","
date_format = "%d.%m.%Y"
height_datum = "$datum"
licence = "CC0-1.0"
attribution = "made up"
modelled = true
[sources.fields]
gauge = "PEGEL"
date = "TAG"
level = "STAND"
[sources.constants]
river = "Grenzbach"
"""


def fresh(path: Path) -> Path:
    """A new folder as ``bothbanks new`` writes it."""
    new_region(path)
    return path


def replace(folder: Path, file: str, old: str, new: str, encoding: str = "utf-8", count: int = 1) -> None:
    """Replace text in a file; the old text has to be there."""
    path = folder / file
    text = path.read_bytes().decode(encoding)
    assert old in text, f"{old!r} is not in {file}"
    path.write_bytes(text.replace(old, new, count).encode(encoding))


def append(folder: Path, file: str, text: str) -> None:
    """Add text at the end of a file."""
    path = folder / file
    path.write_text(path.read_text("utf-8") + text, "utf-8")


def found(folder: Path, code: str) -> list[Problem]:
    """Problems of a code; what else is wrong doesn't matter here."""
    return [problem for problem in check_folder(folder) if problem.code == code]


def one(folder: Path, code: str) -> Problem:
    """The only problem of the folder, which is of that code."""
    problems = check_folder(folder)
    assert [problem.code for problem in problems] == [code], "\n".join(map(str, problems))
    return problems[0]


def lines(folder: Path, file: str) -> list[str]:
    """The lines of a file."""
    return (folder / file).read_text("utf-8").splitlines()


def set_line(folder: Path, file: str, number: int, text: str) -> None:
    """Put text in place of a line, counted from 1."""
    rows = lines(folder, file)
    rows[number - 1] = text
    (folder / file).write_text("\n".join(rows) + "\n", "utf-8")


def set_field(folder: Path, file: str, number: int, column: int, text: str) -> None:
    """Put text in place of one field of a line of a CSV file."""
    fields = lines(folder, file)[number - 1].split(",")
    fields[column] = text
    set_line(folder, file, number, ",".join(fields))


def make_two_banks(path: Path) -> Path:
    """Another border: francs and euros, LN02 and DHHN92, floods by official maps. Everything is made up."""
    new_region(
        path,
        sides=(
            Side("steinach", "CH", "CHF", "de", "EPSG:2056"),
            Side("uferau", "DE", "EUR", "de", "EPSG:25832", "Europe/Berlin"),
        ),
        languages=("de", "fr"),
        centre=(8.06, 47.57),
        height_datum="DHHN92",
    )
    append(path, "region.toml", MONEY_AND_HEIGHTS)
    _add_gauge(path, "steinach", "LN02", "300,27")
    _add_gauge(path, "uferau", "DHHN92", "300,00")
    francs = 'value = 1200000.0\nlow = 800000.0\nhigh = 2000000.0\nunit = "CHF"\nprice_year = 2023'
    euros = 'value = 1000000.0\nlow = 700000.0\nhigh = 1700000.0\nunit = "EUR"\nprice_year = 2020'
    replace(path, "cases/flood.toml", francs, euros)
    return path


def _add_gauge(path: Path, side: str, datum: str, level: str) -> None:
    """One reading of the river at the bridge, in that side's heights."""
    gauge = f"members/{side}/pegel.csv"
    (path / gauge).write_text(f"PEGEL;TAG;STAND\nBrücke;01.08.2021;{level}\n", "utf-8")
    append(path, f"members/{side}/member.toml", GAUGE_SOURCE.replace("$datum", datum))
    append(path, "LICENCES.csv", f"{gauge},CC0-1.0,made up,made up for tests,made up,true,\n")


if __name__ == "__main__":
    make_two_banks(TWO_BANKS)
