"""``bothbanks pack``: papers of the steering committee and tables of an Interreg application."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def pack(
    region: Annotated[
        Path, typer.Argument(help="The region folder (it holds region.toml).", show_default=False)
    ],
    out: Annotated[
        Path, typer.Option("--out", help="Folder for the papers; replaced whole.", show_default=False)
    ],
    draws: Annotated[
        int | None,
        typer.Option(
            "--draws", min=1, help="Number of draws; default: as region.toml says.", show_default=False
        ),
    ] = None,
) -> None:
    """Write the steering committee's papers and the Interreg tables, from the same figures as the report.

    'appraise' writes the same files to office/ beside its report; this command writes only them.

    Example: bothbanks pack examples/meuse-rhine --out out/papers
    """
    from bothbanks.app.office import office_pack
    from bothbanks.cli.progress import progress_on_stderr

    for path in office_pack(region, out, draws, progress_on_stderr()):
        typer.echo(path)
