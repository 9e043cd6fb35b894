"""``bothbanks serve`` and ``tick``: the partnership's own site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path, typer.Option("--data", help="Where the service keeps its store, keys and appraisals.")]
Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        envvar="BOTHBANKS_DATABASE",
        help="A shared PostgreSQL with PostGIS: postgresql://user@host/name. By default SQLite in --data.",
        show_default=False,
    ),
]


def serve(
    region: Annotated[
        Path | None,
        typer.Argument(help="Region folder; imported the first time.", show_default=False),
    ] = None,
    data: Data = Path("bothbanks-data"),
    database: Database = None,
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8321,
    host: Annotated[
        str, typer.Option(help="Address to listen on; by default only this machine.")
    ] = "127.0.0.1",
    https: Annotated[
        bool, typer.Option("--https", help="The outside reaches the site by https (behind a proxy).")
    ] = False,
    appraisal: Annotated[
        Path | None,
        typer.Option(help="What 'bothbanks appraise' wrote; its report is shown.", show_default=False),
    ] = None,
    rehearse_at: Annotated[
        str,
        typer.Option(
            help="A drill in a data folder of its own: it is this moment there, and every page says so "
            "(2027-01-05T09:00Z).",
            show_default=False,
        ),
    ] = "",
) -> None:
    """Open the partnership's site: the first time it imports the region folder.

    Example: bothbanks serve examples/meuse-rhine --data my-data --appraisal out/meuse-rhine
    """
    from bothbanks.app.partnership.appraisals import take_appraisal
    from bothbanks.app.partnership.notary import Notary
    from bothbanks.app.partnership.opening import open_partnership
    from bothbanks.app.partnership.rehearsal import moment
    from bothbanks.site.serving import run

    at = moment(rehearse_at) if rehearse_at else None
    partnership = open_partnership(region, data, database, rehearse_at=at)
    if appraisal is not None:
        take_appraisal(partnership, appraisal)
    partnership.listeners.append(Notary(partnership).changed)
    run(partnership, host, port, https, typer.echo)


def tick(data: Data = Path("bothbanks-data"), database: Database = None) -> None:
    """Let the clock do what is due now (a running 'serve' does so by itself).

    Example: bothbanks tick --data my-data
    """
    from bothbanks.app.partnership.opening import open_partnership

    partnership = open_partnership(None, data, database)
    typer.echo(f"{partnership.tick()} thing(s) moved on.")
