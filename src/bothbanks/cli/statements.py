"""What the commands that verify a statement say, whatever kind of payment it states."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bothbanks.app.statements import Verdict

Statement = Annotated[Path, typer.Argument(help="The statement (JSON).", show_default=False)]
DataFolder = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder of the data files; default: that of the statement.", show_default=False
    ),
]
Published = Annotated[
    Path, typer.Option("--data", help="Folder of the published data files.", show_default=False)
]
Out = Annotated[
    Path, typer.Option("--out", help="Statement to write; its terms are put beside it.", show_default=False)
]
Decision = Annotated[str, typer.Option("--decision", help="Identifier of the decision to pay.")]


def tell(found: Verdict) -> None:
    """Say MATCH, or every difference and leave with exit code 1."""
    for note in found.notes:
        typer.echo(f"Note: {note}.")
    typer.echo(f"Statement SHA-256: {found.statement_sha256}")
    if found.matches:
        typer.echo(f"MATCH: recomputed from terms and data; due {amount(found.due_total, found.currency)}.")
        return
    count = len(found.differences)
    typer.echo(f"MISMATCH: {count} difference{'s' if count > 1 else ''}:")
    for difference in found.differences:
        typer.echo(f"  {difference}")
    raise typer.Exit(1)


def amount(minor: int, currency: str) -> str:
    """Money for a reader.

    >>> amount(123456, "EUR")
    '1,234.56 EUR'
    """
    from bothbanks.words.money import minor_digits

    digits = minor_digits(currency)
    cents = f".{minor % 10**digits:0{digits}d}" if digits else ""
    return f"{minor // 10**digits:,}{cents} {currency}"
