"""``bothbanks grant``: compute the statement of an outcome grant, and verify one from published data alone.

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
    from bothbanks.app.outcome_grants import Stated

app = typer.Typer(
    name="grant",
    help="Outcome grants: compute a statement, or verify one from published data.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def compute(
    region: RegionFolder,
    grant: Annotated[str, typer.Option("--grant", help="Id of the grant.", show_default=False)],
    data: Published,
    out: Out,
    decision: Decision = "",
    on: Annotated[
        datetime | None,
        typer.Option(
            "--on",
            formats=["%Y-%m-%d"],
            help="Day of the statement, from which the days to dispute run.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Settle a grant on its published observations and write the statement with its terms.

    Example: bothbanks grant compute examples/meuse-rhine --grant warning-minutes --data published
    --out published/minutes.json
    """
    from bothbanks.app import outcome_grants

    found = outcome_grants.compute(
        region, grant, data, out, decision=decision, stated_on=on.date() if on else None
    )
    for line in _told(found):
        typer.echo(line)
    typer.echo(f"Statement: {out}. Check it anywhere: bothbanks grant verify {out} --data {data}")


@app.command()
def verify(statement: Statement, data: DataFolder = None) -> None:
    """Recompute a statement from the terms beside it and the data it names; say MATCH or every difference.

    Example: bothbanks grant verify published/minutes.json
    """
    from bothbanks.app import outcome_grants

    tell(outcome_grants.verify(statement, data))


def _told(found: Stated) -> list[str]:
    """The settlement in a few lines: measured against the baseline, why the amount, what is due to whom."""
    from bothbanks.civic.finance.outcome_grants import CAPPED, FLOOR

    terms, result, stated = found.terms, found.result, found.statement
    unit, due = terms.unit, amount(result.due_total, terms.currency)
    aside = f"; {result.set_aside} not signed by it and set aside" if result.set_aside else ""
    worse = ", worse than the baseline" if stated["outcome"].startswith("-") else ""
    why = {FLOOR: " (the floor)", CAPPED: " (the cap)"}.get(result.verdict, "")
    members = [f"  {member}: {amount(minor, terms.currency)}" for member, minor in result.due.items()]
    last = stated["dispute_until"]
    until = f"until {last}" if last else f"within {stated['dispute']['file_days']} days of the statement"
    return [
        f"Grant {terms.id}, {terms.start} to {terms.end}:",
        f"  read {found.looked_at}",
        f"  {result.counted} observations from {result.first} to {result.last}, "
        f"signed by {terms.verifier}{aside}",
        f"  measured ({terms.aggregate}): {_number(stated['measured'])} {unit}; "
        f"baseline {_number(stated['baseline'])} {unit}",
        f"  outcome: {_number(stated['outcome'])} {unit} ({terms.better} is better){worse}",
        f"Due: {due}{why}",
        *members,
        f"A member may dispute it {until}.",
    ]


def _number(text: str) -> str:
    """An exact number, with about how much it is where it is a fraction."""
    from fractions import Fraction

    return f"{text} (about {float(Fraction(text)):.6g})" if "/" in text else text
