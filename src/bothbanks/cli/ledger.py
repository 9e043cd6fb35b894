"""``bothbanks ledger check|balance|export``: the joint ledger of a region folder."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="The joint ledger: contributions, grants, payments and payouts in double entry.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Region = Annotated[
    Path, typer.Argument(help="The region folder (it holds finance/journal.csv).", show_default=False)
]


@app.command()
def check(
    region: Region,
    before: Annotated[
        Path | None,
        typer.Option(
            "--before",
            help="An older copy of the journal: every entry of it must still stand, unchanged.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Read the whole ledger and list everything that is wrong with it (exit code 2).

    Example: bothbanks ledger check examples/meuse-rhine
    """
    from bothbanks.app.ledger import open_ledger, summary

    typer.echo(summary(open_ledger(region, before)))


@app.command()
def balance(
    region: Region,
    member: Annotated[
        str | None,
        typer.Option("--member", help="Only this member's contributions and payouts.", show_default=False),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--until", formats=["%Y-%m-%d"], help="Last day that counts.", show_default=False),
    ] = None,
) -> None:
    """Print the trial balance, and what each member has paid of what is due by its fiscal year.

    Example: bothbanks ledger balance examples/meuse-rhine --member ver
    """
    from bothbanks.app.ledger import open_ledger, statement_lines, trial_lines

    ledger = open_ledger(region)
    told = statement_lines(ledger, member)
    if member is None:
        for line in trial_lines(ledger, until.date() if until else None):
            typer.echo(line)
        typer.echo("")
    for line in told:
        typer.echo(line)


@app.command()
def export(
    region: Region,
    out: Annotated[Path, typer.Option("--out", help="File to write; replaced whole.", show_default=False)],
    form: Annotated[str, typer.Option("--format", help="ledger, hledger, beancount or csv.")] = "hledger",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything and say what would be written.")
    ] = False,
) -> None:
    """Write the ledger for a plain-text accounting program.

    Example: bothbanks ledger export examples/meuse-rhine --format hledger --out out/meuse-rhine.journal
    """
    from bothbanks.app.ledger import export as export_of
    from bothbanks.app.ledger import open_ledger, summary, write_whole

    ledger = open_ledger(region)
    text = export_of(ledger, form)
    typer.echo(summary(ledger))
    lines = text.count("\n")
    if dry_run:
        typer.echo(f"Dry run: {lines} lines of {form} would go to {out}; nothing was written.")
        return
    write_whole(text, out)
    typer.echo(f"Written to {out}: {lines} lines of {form}.")
