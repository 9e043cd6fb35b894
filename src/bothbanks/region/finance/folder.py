"""Open ``finance/*.toml``: each file by its own settings, an unknown file refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bothbanks.region.finance.budgets import BudgetsSettings
from bothbanks.region.finance.grants import GrantsSettings
from bothbanks.region.finance.procurement import ProcurementSettings
from bothbanks.region.finance.section import FinanceSettings
from bothbanks.region.finance.sources import SourcesSettings
from bothbanks.region.finance.ventures import VenturesSettings
from bothbanks.region.problems import Problems, short
from bothbanks.region.toml_files import load_toml, validated

FILES: Mapping[str, type[FinanceSettings]] = {
    "budgets": BudgetsSettings,
    "sources": SourcesSettings,
    "grants": GrantsSettings,
    "ventures": VenturesSettings,
    "procurement": ProcurementSettings,
}


def open_finance(
    path: Path, raw: dict[str, Mapping[str, Any]], problems: Problems, languages: tuple[str, ...]
) -> dict[str, FinanceSettings]:
    """Settings by file name without its ending; what is wrong is noted. A folder needs none of them."""
    out: dict[str, FinanceSettings] = {}
    for file in sorted((path / "finance").glob("*.toml")):
        shown = f"finance/{file.name}"
        if file.stem not in FILES:
            wanted = ", ".join(f"{name}.toml" for name in FILES)
            problems.add(shown, short(file.name), f"one of {wanted}", code="region.unknown-file")
            continue
        tables = load_toml(file, shown, problems)
        if tables is None:
            continue
        raw[shown] = tables
        found = validated(FILES[file.stem], tables, shown, problems, languages=languages)
        if found is not None:
            out[file.stem] = found
    return out
