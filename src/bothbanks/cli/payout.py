"""``bothbanks payout``: compute a payout statement, and verify one from published data alone.

Exit codes of ``verify``: 0 everything matches, 1 something differs (all of it is listed), 2 a file can't be
used.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bothbanks.cli.arguments import RegionFolder
from bothbanks.cli.statements import DataFolder, Decision, Out, Published, Statement, amount, tell

if TYPE_CHECKING:
    from bothbanks.civic.finance.payouts import Settlement

app = typer.Typer(
    name="payout",
    help="Payouts by an index: compute a statement, or verify one from published data.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Day = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Default: that of the cover.", show_default=False),
]


@app.command()
def compute(
    region: RegionFolder,
    trigger: Annotated[str, typer.Option("--trigger", help="Id of the trigger.", show_default=False)],
    data: Published,
    out: Out,
    start: Day = None,
    end: Day = None,
    decision: Decision = "",
) -> None:
    """Settle a trigger on published data and write the statement with its terms.

    Example: bothbanks payout compute examples/meuse-rhine --trigger meuse --data published --out
    published/july.json
    """
    from bothbanks.app import payouts

    found = payouts.compute(
        region,
        trigger,
        data,
        out,
        start=start.date() if start else None,
        end=end.date() if end else None,
        decision=decision,
    )
    for line in _told(found):
        typer.echo(line)
    typer.echo(f"Statement: {out}. Check it anywhere: bothbanks payout verify {out} --data {data}")


@app.command()
def verify(statement: Statement, data: DataFolder = None) -> None:
    """Recompute a statement from the terms beside it and the data it names; say MATCH or every difference.

    Example: bothbanks payout verify published/july.json
    """
    from bothbanks.app import payouts

    tell(payouts.verify(statement, data))


def _told(found: Settlement) -> list[str]:
    """The settlement in a few lines: index, step and share of each part, then what is due to whom."""
    from bothbanks.standards.payout_json import number_text

    lines = [f"Trigger {found.trigger}, {found.window}:"]
    for part in found.parts:
        index = "never in the area" if part.index is None else f"index {number_text(part.index)}"
        step = "" if part.step is None else f", step {part.step + 1}"
        lines.append(f"  {part.id}: {index} ({part.status} data){step}, {float(part.share):.4g} of the limit")
    total = amount(found.indicated_total, found.currency)
    if found.waiting:
        lines.append(f"Nothing is due yet: the terms wait for final data. As they stand they give {total}.")
        return lines
    lines.append(f"Due: {amount(found.due_total, found.currency)}")
    lines += [f"  {member}: {amount(minor, found.currency)}" for member, minor in found.due.items()]
    return lines
