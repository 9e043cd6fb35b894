"""Make a small region folder that works at once, with made-up figures to be replaced by real ones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from bothbanks.region.grid import Grid
from bothbanks.region.new_texts import CASE, LICENCES, MEMBER_LEFT, MEMBER_RIGHT, REGION
from bothbanks.words.errors import InputError
from bothbanks.words.places import known_crs, projection

COLUMNS, ROWS = 6, 4
"""Cells of the made-up region; the border runs up the middle."""

_DEPTHS = {
    "left": {"HQ30": (0.4, 0.1), "HQ100": (0.9, 0.4), "HQ300": (1.4, 0.8)},
    "right": {"T20": (0.3, 0.0), "T100": (0.8, 0.2), "T500": (1.7, 0.9)},
}
"""Depth in m beside the river and one cell further, by the name each side gives a return period."""

_WORDS = {
    "en": (
        "Two banks (made up)",
        "A made-up region, to be replaced by your own figures.",
        "Floods",
        "Left bank",
        "Right bank",
        "Border river",
        "Higher levee on the left bank",
        "Walls on the right bank",
        "Retention upstream",
        "Flood-proofing of buildings",
        "Retention for both banks",
        "All figures are made up.",
    ),
    "de": (
        "Zwei Ufer (erfunden)",
        "Eine erfundene Region; ersetzen Sie die Zahlen durch Ihre eigenen.",
        "Hochwasser",
        "Linkes Ufer",
        "Rechtes Ufer",
        "Grenzfluss",
        "Höherer Deich am linken Ufer",
        "Mauern am rechten Ufer",
        "Rückhalt am Oberlauf",
        "Hochwasserschutz an Gebäuden",
        "Rückhalt für beide Ufer",
        "Alle Zahlen sind erfunden.",
    ),
    "fr": (
        "Deux rives (inventées)",
        "Une région inventée ; remplacez les chiffres par les vôtres.",
        "Inondations",
        "Rive gauche",
        "Rive droite",
        "Rivière frontière",
        "Digue rehaussée, rive gauche",
        "Murs, rive droite",
        "Rétention en amont",
        "Protection des bâtiments",
        "Rétention pour les deux rives",
        "Tous les chiffres sont inventés.",
    ),
    "nl": (
        "Twee oevers (verzonnen)",
        "Een verzonnen regio; vervang de cijfers door uw eigen.",
        "Overstromingen",
        "Linkeroever",
        "Rechteroever",
        "Grensrivier",
        "Hogere dijk op de linkeroever",
        "Muren op de rechteroever",
        "Waterberging bovenstrooms",
        "Gebouwen waterbestendig maken",
        "Berging voor beide oevers",
        "Alle cijfers zijn verzonnen.",
    ),
}
_KEYS = (
    "name",
    "about",
    "flood",
    "left",
    "right",
    "river",
    "levee",
    "walls",
    "retention",
    "proofing",
    "deal",
    "demo",
)


@dataclass(frozen=True)
class Side:
    """One member of the new folder."""

    id: str
    country: str
    currency: str
    language: str
    crs: str
    zone: str = ""  # IANA time zone, where the country has several


DEFAULT_SIDES = (
    Side("left", "DE", "EUR", "de", "EPSG:25832", "Europe/Berlin"),
    Side("right", "FR", "EUR", "fr", "EPSG:2154"),
)


def new_region(
    path: Path | str,
    *,
    sides: Sequence[Side] = DEFAULT_SIDES,
    languages: Sequence[str] = ("en", "de", "fr"),
    centre: tuple[float, float] = (7.79, 48.58),
    crs: str = "EPSG:3035",
    height_datum: str = "EVRF2019",
) -> tuple[Path, ...]:
    """Write a valid, commented region folder of two members with made-up figures; the files written.

    Parameters
    ----------
    path : a folder that does not exist yet, or is empty; its name becomes the region's id
    sides : the two members, left bank first; the currency of account is that of the first
    centre : longitude and latitude of the middle of the border, degrees
    crs, height_datum : of account

    Raises
    ------
    InputError
        The folder holds something, there are not two sides, or there are no words in a language.
    """
    root = Path(path)
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise InputError("region.new", f"{root} exists and is not empty; give the name of a new folder.")
    if len(sides) != 2 or sides[0].id == sides[1].id:
        raise InputError("region.new", "give two sides with different ids; more members are added by hand.")
    lacking = [language for language in languages if language not in _WORDS]
    if lacking:
        raise InputError("region.new", f"no words in {', '.join(lacking)}; there are {', '.join(_WORDS)}.")
    known_crs(crs)
    for side in sides:
        known_crs(side.crs)
    name = "".join(c if c.isascii() and c.isalnum() else "-" for c in root.absolute().name.lower()).strip("-")
    texts = _files(name or "two-banks", tuple(sides), tuple(languages), centre, crs, height_datum)
    written = []
    for name, text in texts.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        encoding = "windows-1252" if name.endswith(f"{sides[0].id}/einwohner.csv") else "utf-8"
        file.write_bytes(text.encode(encoding))
        written.append(file)
    return tuple(written)


def _files(
    region: str,
    sides: tuple[Side, ...],
    languages: tuple[str, ...],
    centre: tuple[float, float],
    crs: str,
    datum: str,
) -> dict[str, str]:
    left, right = sides
    grid = Grid(1000.0)
    x, y = projection("EPSG:4326", crs).apply(np.array([centre[0]]), np.array([centre[1]]))
    column0, row0 = int(grid.index(x, y)[0][0]) - COLUMNS // 2, int(grid.index(x, y)[1][0]) - ROWS // 2
    fill = {
        "region": region, "left": left.id, "right": right.id,
        "currency": left.currency, "crs": crs, "datum": datum,
        "languages": json.dumps(list(languages)),
        "country_left": left.country, "country_right": right.country,
        **{f"words_{key}": _words(key, languages) for key in _KEYS},
    }  # fmt: skip
    files = {
        "region.toml": Template(REGION).substitute(fill),
        "cases/flood.toml": Template(CASE).substitute(fill),
        "LICENCES.csv": Template(LICENCES).substitute(fill),
    }
    for side, which, text in ((left, "left", MEMBER_LEFT), (right, "right", MEMBER_RIGHT)):
        own = {
            **fill,
            "id": side.id,
            "country": side.country,
            "currency": side.currency,
            "zone": f'zone = "{side.zone}"\n' if side.zone else "",
            "language": side.language,
            "their_crs": side.crs,
            "words_name": _words(which, languages),
        }
        files[f"members/{side.id}/member.toml"] = Template(text).substitute(own)
        first = column0 if which == "left" else column0 + COLUMNS // 2
        files |= _tables(side, which, grid, first, row0, crs)
    return files


def _words(key: str, languages: tuple[str, ...]) -> str:
    place = _KEYS.index(key)
    return "\n".join(
        f"{language} = {json.dumps(_WORDS[language][place], ensure_ascii=False)}" for language in languages
    )


def _tables(side: Side, which: str, grid: Grid, column0: int, row0: int, crs: str) -> dict[str, str]:
    """Municipalities, residents and flood depths of one side, in its own CRS and spelling."""
    mesh = np.meshgrid(np.arange(COLUMNS // 2) + column0, np.arange(ROWS) + row0)
    columns, rows = (part.ravel() for part in mesh)
    x, y = projection(crs, side.crs).apply(*grid.centre(columns, rows))
    code = [f"{side.country}-{1 if row - row0 < ROWS // 2 else 2}" for row in rows]
    people = [
        400 + 150 * ((int(c) + 2 * int(r)) % 5) for c, r in zip(columns - column0, rows - row0, strict=True)
    ]
    river = column0 + COLUMNS // 2 - 1 if which == "left" else column0
    beside = np.abs(columns - river)
    head = f"members/{side.id}/"
    total = {c: sum(p for p, k in zip(people, code, strict=True) if k == c) for c in sorted(set(code))}
    places = dict(
        zip(sorted(total), ("Żabno", "Brühl") if which == "left" else ("Œuvrecourt", "Ἀγορά"), strict=True)
    )
    files = {head + "municipalities.geojson": _outlines(side, which, grid, column0, row0, crs, total, places)}
    depths = [
        (name, c, r, depths[b])
        for name, depths in _DEPTHS[which].items()
        for c, r, b in zip(x, y, beside, strict=True)
        if b < 2 and depths[b] > 0.0
    ]
    if which == "left":
        rows_text = [
            f"{c:.2f};{r:.2f};{k};{p}".replace(".", ",")
            for c, r, k, p in zip(x, y, code, people, strict=True)
        ]
        files[head + "einwohner.csv"] = "\n".join(["RECHTS;HOCH;SCHLÜSSEL;EINWOHNER", *rows_text, ""])
        files[head + "tiefen.csv"] = "\n".join(
            [
                "RECHTS;HOCH;LASTFALL;TIEFE_CM",
                *(f"{c:.2f};{r:.2f};{n};{d * 100:.0f}".replace(".", ",") for n, c, r, d in depths),
                "",
            ]
        )
    else:
        rows_text = [f"{c:.2f},{r:.2f},{k},{p}" for c, r, k, p in zip(x, y, code, people, strict=True)]
        files[head + "population.csv"] = "\n".join(["x,y,municipality,population", *rows_text, ""])
        files[head + "depths.csv"] = "\n".join(
            ["x,y,return_period,depth", *(f"{c:.2f},{r:.2f},{n},{d:.2f}" for n, c, r, d in depths), ""]
        )
    return files


def _outlines(
    side: Side,
    which: str,
    grid: Grid,
    column0: int,
    row0: int,
    crs: str,
    total: dict[str, int],
    places: dict[str, str],
) -> str:
    """The municipalities as GeoJSON (RFC 7946: longitude and latitude, WGS 84)."""
    features: list[dict[str, Any]] = []
    half = ROWS // 2
    for number, code in enumerate(total):
        c = np.array([0, COLUMNS // 2, COLUMNS // 2, 0, 0]) + column0
        r = np.array([0, 0, half, half, 0]) + row0 + number * half
        lon, lat = projection(crs, "EPSG:4326").apply(c * grid.size, r * grid.size)
        ring = [[round(float(a), 8), round(float(b), 8)] for a, b in zip(lon, lat, strict=True)]
        features.append(
            {
                "type": "Feature",
                "properties": {
                    "code": code,
                    "name": places[code],
                    "population": total[code],
                    "population_year": 2023,
                },
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        )
    return (
        json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, indent=1) + "\n"
    )
