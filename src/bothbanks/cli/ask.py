"""``bothbanks ask``: change a number and see at once what each member gets."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bothbanks.cli.arguments import RegionFolder
from bothbanks.cli.progress import progress_on_stderr


def ask(
    region: RegionFolder,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="PARAMETER=VALUE; may be repeated.", show_default=False),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Play every coalition under both conventions too.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Read the folder again; keep nothing in the user's cache.")
    ] = False,
) -> None:
    """Change numbers and see at once what each member gets; without --set, line by line.

    Examples: bothbanks ask examples/meuse-rhine --set region.discount_rate=0.02

    bothbanks ask examples/meuse-rhine
    """
    from bothbanks.app.ask import Session
    from bothbanks.app.ask_kept import cache_folder, region_for_games
    from bothbanks.app.ask_talk import answer, change_text, converse, full_text, set_all

    progress = progress_on_stderr()
    progress("reading the region folder", 0.0)
    session = Session(region_for_games(region, None if fresh else cache_folder()))
    for change in set_all(session, settings or ()):
        typer.echo(change_text(change))
    if settings or full:
        typer.echo(answer(session))
    if full:
        typer.echo(f"\n{full_text(session, session.full(progress))}")
    if settings or full:
        return
    terminal = sys.stdin.isatty()
    typer.echo(answer(session))
    typer.echo("PARAMETER = VALUE, 'show PARAMETER', 'full', 'undo', 'help' or 'quit'.")
    lines = iter(lambda: _ask_line(terminal), None)
    refused = converse(session, lines, typer.echo, lambda text: typer.echo(text, err=True), progress)
    if refused and not terminal:
        raise typer.Exit(2)


def _ask_line(terminal: bool) -> str | None:
    """The next line of the session, None at the end of the input."""
    if terminal:
        typer.echo("? ", nl=False)
    return sys.stdin.readline() or None
