"""``bothbanks new``, ``check`` and ``appraise``: a region folder from made to appraised."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from bothbanks.cli.arguments import RegionFolder
from bothbanks.cli.progress import progress_on_stderr


def new(
    folder: Annotated[
        Path, typer.Argument(help="The folder to make; it must not exist yet.", show_default=False)
    ],
) -> None:
    """Make a small region folder with made-up figures that works at once; replace them by your own.

    Example: bothbanks new my-region
    """
    from bothbanks.region import new_region

    written = new_region(folder)
    typer.echo(f"{len(written)} files written to {folder}.")
    typer.echo(f"Next: look at {folder / 'region.toml'}, then run: bothbanks check {folder}")


def check(
    region: RegionFolder,
    workbook: Annotated[
        Path | None,
        typer.Option(
            "--from", help="Workbook whose edited inputs are to be brought back.", show_default=False
        ),
    ] = None,
    write: Annotated[
        bool,
        typer.Option("--write", help="With --from: change the folder; otherwise changes are only listed."),
    ] = False,
) -> None:
    """Read all of a region folder and list everything that is wrong with it, all at once.

    Examples: bothbanks check examples/meuse-rhine

    bothbanks check examples/meuse-rhine --from out/meuse-rhine/workbook.xlsx
    """
    from bothbanks.region import harmonise, read_region

    model = harmonise(read_region(region))
    _tell_counts(model)
    if workbook is not None:
        _bring_back(model, region, workbook, write)


def _tell_counts(model: Any) -> None:
    read, used, refused = (sum(getattr(f, name) for f in model.files) for name in ("read", "used", "refused"))
    assumed = sum(p.assumed for p in model.parameters)
    typer.echo(f"{model.settings.id}: nothing is wrong.")
    typer.echo(
        f"{len(model.members)} members, {len(model.cases)} case(s), {len(model.files)} layers, "
        f"{len(model.conversions.rows)} conversions."
    )
    typer.echo(f"Records: {read:,} read = {used:,} used + {refused:,} refused.")
    typer.echo(f"Numbers: {len(model.parameters)} stated, {assumed} of them assumed.")
    for file in model.files:
        if file.refused:
            typer.echo(f"  {file.file}: {file.refused:,} of {file.read:,} refused")
    for row in model.refused.rows[:20]:
        typer.echo(f"    {row[0]}: {row[1]}, {row[2]} = {row[3]!r}: {row[4]}")
    if len(model.refused.rows) > 20:
        typer.echo(
            f"    and {len(model.refused.rows) - 20:,} more; 'bothbanks appraise' writes all to refused.csv"
        )


def _bring_back(model: Any, region: Path, workbook: Path, write: bool) -> None:
    from bothbanks.region import apply_edits
    from bothbanks.standards.workbook import read_workbook
    from bothbanks.words.errors import InputError

    if not workbook.is_file():
        raise InputError(
            "workbook.missing", f"there is no file {workbook}; give the workbook that 'appraise' wrote."
        )
    edited = read_workbook(workbook)
    if edited.region != model.settings.id:
        raise InputError(
            "workbook.region",
            f"{workbook} was written for region '{edited.region}', but {region} is '{model.settings.id}'; "
            "nothing was brought back. Give the workbook that 'appraise' wrote for this region.",
        )
    changes = apply_edits(model, region, edited.triples(), dry_run=not write)
    if not changes:
        typer.echo(f"{workbook.name}: no input was changed.")
        return
    typer.echo(f"{workbook.name}: {len(changes)} change(s){' written' if write else ''}:")
    for change in changes:
        where = f"{change.file}:{change.line} {change.parameter} {change.field}"
        typer.echo(f"  {where}: {change.old:.12g} -> {change.new:.12g}")
    if not write:
        typer.echo("Nothing was changed. Add --write to change the folder.")


def appraise(
    region: RegionFolder,
    out: Annotated[
        Path,
        typer.Option("--out", help="Folder the results are written to; replaced whole.", show_default=False),
    ],
    draws: Annotated[
        int | None,
        typer.Option(
            "--draws", min=1, help="Number of draws; default: as region.toml says.", show_default=False
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed", min=0, help="Seed of the draws; default: as region.toml says.", show_default=False
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and check everything, compute and write nothing.")
    ] = False,
) -> None:
    """Compute what each member faces alone and together, divide the gain, and write report and data.

    Example: bothbanks appraise examples/meuse-rhine --out out/meuse-rhine
    """
    if dry_run:
        from bothbanks.region import harmonise, read_region

        _tell_counts(harmonise(read_region(region)))
        typer.echo(f"Dry run: nothing was computed, nothing was written to {out}.")
        return
    from bothbanks.app.appraise import appraise_region
    from bothbanks.app.write import matrix_text

    findings = appraise_region(region, out, draws, seed, progress_on_stderr())
    typer.echo(matrix_text(findings))
    typer.echo(f"Report: {out / 'report' / 'index.html'} (opens from disk); data beside it in {out}.")
