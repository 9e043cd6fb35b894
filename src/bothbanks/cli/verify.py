"""``bothbanks verify``: prove an exported record alone, with no server and no trust in it.

Exit codes: 0 authentic, 2 a file can't be used, 3 not authentic (everything found is listed).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

NOT_AUTHENTIC = 3


def verify(
    export: Annotated[
        Path, typer.Argument(help="The zip that 'bothbanks export' wrote.", show_default=False)
    ],
    trust: Annotated[
        Path | None,
        typer.Option(help="Keys you have from elsewhere, as /record/keys gives them.", show_default=False),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(help="Another export, or the folder of a witness, to compare with.", show_default=False),
    ] = None,
) -> None:
    """Verify an export: every entry, the order, all signatures, the quorum; what was touched is named.

    Example: bothbanks verify export.zip --trust keys.json --against /var/lib/witness
    """
    from bothbanks.app import verifying

    found = verifying.verify(export, trust, against)
    for line in verifying.told(found):
        typer.echo(line, err=not found.authentic)
    if not found.authentic:
        raise SystemExit(NOT_AUTHENTIC)
