"""Write docs/reference/region-folder.md from the settings and layers that the program reads.

``python checks/make_reference.py`` writes the page; ``--check`` only says whether it is up to date.
"""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from bothbanks.region import schema, schema_cases, schema_purchasing, schema_reserve, schema_triggers
from bothbanks.region.finance import budgets, grants, procurement, sources, ventures
from bothbanks.region.kinds import KINDS, KindColumn

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "region-folder.md"

HEAD = """# The region folder

<!-- Made by checks/make_reference.py from the program's own settings; change those, not this page. -->

A folder of text and of the members' own files. `bothbanks new` makes one, `bothbanks check` reads all of it
and lists everything that is wrong. An unknown key is a fault, never ignored.

```
region.toml
members/<id>/member.toml      and the member's files, as it publishes them
shared/                       files that belong to no single member
cases/<id>.toml               the shared problems
LICENCES.csv                  a line for each file
```

The columns of `LICENCES.csv`: file, licence, attribution, source, derived_how, modelled, reexpressed_from.

A path is relative to the folder of the text that names it, and stays inside the region folder.
Words are given by language (`[name]` with `en = "..."`, `de = "..."`), or once, as a plain string, where they
are the same in all.
"""

TABLES = (
    ("region.toml", schema.RegionSettings),
    ("[[datums]]", schema.DatumSettings),
    ("[[rates]]", schema.RateSettings),
    ("[[deflators]]", schema.DeflatorSettings),
    ("[[scenarios]]", schema.ScenarioSettings),
    ("A number: [parameters.NAME] and the like", schema.ParameterSettings),
    ("members/ID/member.toml", schema.MemberSettings),
    ("[[sources]]", schema.SourceSettings),
    ("cases/ID.toml", schema_cases.CaseSettings),
    ("[basins.ID]", schema_cases.BasinSettings),
    ("[[classes]]", schema_cases.ClassSettings),
    ("[[curves]]", schema_cases.CurveSettings),
    ("[[measures]]", schema_cases.MeasureSettings),
    ("[[measures.effects]]", schema_cases.EffectSettings),
    ("[[deals]]", schema_cases.DealSettings),
    ("[[events]]", schema_cases.EventSettings),
    ("[reserve] in cases/reserve.toml", schema_reserve.ReserveSettings),
    ("[reserve.layers.ID], ID a member or 'all'", schema_reserve.LayerSettings),
    ("[reserve.ceded]", schema_reserve.CessionSettings),
    ("[[reserve.triggers]]", schema_triggers.TriggerSettings),
    ("[[reserve.triggers.parts]]", schema_triggers.PartSettings),
    ("[[reserve.triggers.parts.steps]]", schema_triggers.StepSettings),
    ("[reserve.triggers.parts.data]", schema_triggers.DataSettings),
    ("[reserve.triggers.parts.data.columns]", schema_triggers.ColumnsSettings),
    ("[reserve.triggers.parts.events]", schema_triggers.EventIndexSettings),
    ("[purchasing] in cases/purchasing.toml", schema_purchasing.PurchasingSettings),
    ("[[purchasing.goods]]", schema_purchasing.GoodSettings),
    ("[[purchasing.goods.steps]]", schema_purchasing.StepSettings),
    ("finance/budgets.toml", budgets.BudgetsSettings),
    ("[[budgets]]", budgets.BudgetSettings),
    ("[[budgets.capital]] and [[budgets.running]]", budgets.YearsSettings),
    ("[[dependencies]]", budgets.DependencySettings),
    ("[[exclusions]]", budgets.ExclusionSettings),
    ("[[minimum_service]]", budgets.MinimumServiceSettings),
    ("[[pathways]]", budgets.PathwaySettings),
    ("finance/sources.toml", sources.SourcesSettings),
    ("[[sources]] of finance/sources.toml", sources.FundingSourceSettings),
    ("[[together]]", sources.TogetherSettings),
    ("[[debt_limits]]", sources.DebtLimitSettings),
    ("[[upkeep]]", sources.PotSettings),
    ("[[rates]] of finance/sources.toml", sources.FundingRateSettings),
    ("finance/grants.toml", grants.GrantsSettings),
    ("[[grants]]", grants.GrantSettings),
    ("[[grants.bands]]", grants.BandSettings),
    ("[[grants.steps]]", grants.ReachedSettings),
    ("[grants.dispute]", grants.DisputeSettings),
    ("[grants.data]", grants.GrantDataSettings),
    ("finance/ventures.toml", ventures.VenturesSettings),
    ("[[ventures]]", ventures.VentureSettings),
    ("[[ventures.years]]", ventures.VentureYearsSettings),
    ("[[ventures.neighbourhoods]]", ventures.NeighbourhoodSettings),
    ("finance/procurement.toml", procurement.ProcurementSettings),
    ("[law] and [purchases.law]", procurement.LawSettings),
    ("[law.entity]", procurement.EntitySettings),
    ("[[purchases]]", procurement.PurchaseSettings),
    ("[[purchases.items]]", procurement.ItemSettings),
    ("[[purchases.steps]]", procurement.StepSettings),
    ("tenderers of a step", procurement.SupplierSettings),
    ("milestones of a step", procurement.MilestoneSettings),
)


def shown_type(kind: Any) -> str:
    """A type as a person would say it."""
    origin, inside = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return shown_type(inside[0])
    if origin is Literal:
        return " or ".join(f'"{x}"' for x in inside)
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(shown_type(x) for x in inside if x is not type(None)))
    if origin is tuple:
        return f"list of {shown_type(inside[0])}"
    if origin is dict:
        return f"table of {shown_type(inside[1])}"
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return "table"
    names = {
        "str": "text",
        "float": "number",
        "int": "whole number",
        "bool": "true or false",
        "date": "date",
        "datetime": "instant with its zone",
    }
    return names.get(getattr(kind, "__name__", ""), str(kind))


def default(field: Any) -> str:
    """The default of a key, or 'required'."""
    if field.is_required():
        return "**required**"
    value = field.default if field.default is not PydanticUndefined else None
    if value is None or value in ("", ()):
        return ""
    return f"`{', '.join(map(str, value)) if isinstance(value, tuple) else str(value).lower()}`"


def cell(text: str) -> str:
    """Text that can't end a column of a table."""
    return text.replace("|", "\\|")


def settings_part(title: str, model: type[BaseModel]) -> list[str]:
    """One table of keys."""
    lines = [
        f"## {title}",
        "",
        (model.__doc__ or "").strip(),
        "",
        "| key | type | default | meaning |",
        "|---|---|---|---|",
    ]
    for name, field in model.model_fields.items():
        key = field.alias or name
        row = (f"`{key}`", shown_type(field.annotation), default(field), cell(field.description or ""))
        lines.append("| " + " | ".join(row) + " |")
    return [*lines, ""]


def column_row(column: KindColumn) -> str:
    """One column of a layer."""
    bounds = [
        f"≥ {column.low:g}" if column.low is not None else "",
        f"≤ {column.high:g}" if column.high is not None else "",
    ]
    if column.low is not None and column.low_excluded:
        bounds[0] = f"> {column.low:g}"
    need = "**required**" if column.required else "optional"
    kind = f"{column.type}, {column.unit}" if column.unit else column.type
    return (
        f"| `{column.name}` | {kind} | {need} | {' '.join(b for b in bounds if b)} | {cell(column.about)} |"
    )


def page() -> str:
    """The whole page."""
    lines = [HEAD]
    for title, model in TABLES:
        lines += settings_part(title, model)
    lines += ["# Kinds of layer", ""]
    for kind in KINDS.values():
        lines += [f"## {kind.name}", "", kind.about, ""]
        if kind.gridded:
            lines += ["Rows are cells of the grid of account; `cell` may stand in for `x` and `y`.", ""]
        lines += ["| column | type, unit | | range | meaning |", "|---|---|---|---|---|"]
        lines += [*map(column_row, kind.columns), ""]
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    """Write the page, or compare."""
    text = page()
    if "--check" in sys.argv:
        if PAGE.exists() and PAGE.read_text("utf-8") == text:
            return 0
        print(f"{PAGE.name} is not what the program reads; run: python checks/make_reference.py")
        return 1
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    print(f"wrote {PAGE}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
