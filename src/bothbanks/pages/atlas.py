"""All map files of a report, drawn once and reused by every language whose place names agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bothbanks.analysis.findings import Findings, SeamKilometre
from bothbanks.pages.language import Language
from bothbanks.pages.svg import map as drawing
from bothbanks.pages.svg.draw import n

SEAMS = "seams"
RANKED = 10


@dataclass(frozen=True)
class Atlas:
    """Where each map's file lies: (map id, language) -> file below ``assets/maps``."""

    files: Mapping[tuple[str, str], str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    width: int = 0
    height: int = 0

    def write(self, folder: Path) -> list[Path]:
        """Write the map files; returns their paths."""
        if self.texts:
            folder.mkdir(parents=True, exist_ok=True)
        out = []
        for name, text in sorted(self.texts.items()):
            (folder / name).write_text(text, encoding="utf-8")
            out.append(folder / name)
        return out


def worst(findings: Findings) -> tuple[SeamKilometre, ...]:
    """Seam kilometres, worst first."""
    return tuple(
        sorted(findings.seams, key=lambda s: (-s.score if s.score == s.score else 1.0, s.pair, s.kilometre))
    )


def draw(findings: Findings, languages: Sequence[Language]) -> Atlas:
    """Draw every layer, and the seams where there are any."""
    base = findings.map_base
    land = drawing.ground(base)
    if land is None:
        return Atlas()
    sheets: dict[str, tuple[str, str]] = {
        layer.id: (drawing.cell_paths(base, land.frame, layer), "") for layer in findings.maps
    }
    points: list[tuple[float, float, str]] = []
    if findings.seams:
        points = [(s.x, s.y, str(k + 1)) for k, s in enumerate(worst(findings)[:RANKED])]
        blank = np.zeros(base.cell_x.size)
        cells = drawing.cells_path(land.frame, base, blank == 0)
        grey = f'<g transform="scale({n(land.frame.unit, 4)})"><path fill="#f3f1ec" d="{cells}"/></g>'
        sheets[SEAMS] = (grey, drawing.worst_marks(land.frame, points))
    files: dict[tuple[str, str], str] = {}
    texts: dict[str, str] = {}
    made: dict[tuple[str, str], str] = {}
    for language in languages:
        words = [language.plain(p[0]) for p in base.places]
        every = drawing.labels(base, land.frame, words)
        beside = drawing.labels(base, land.frame, words, points) if points else every
        for sheet, (cells, marks) in sheets.items():
            names = beside if sheet == SEAMS else every
            key = (sheet, names)
            if key not in made:
                name = (
                    f"{sheet}.svg" if not any(k[0] == sheet for k in made) else f"{sheet}-{language.code}.svg"
                )
                made[key] = name
                texts[name] = drawing.document(land, cells, names, marks, language.code)
            files[(sheet, language.code)] = made[key]
    return Atlas(files, texts, round(land.frame.width), round(land.frame.height))
