"""The command line: ``bothbanks new``, ``check``, ``appraise``, ``ask``, ``payout``.

Exit codes: 0 done, 1 an error of the program, 2 something a user gave can't be used (all of it is listed).
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from bothbanks import cli_ledger, cli_payout, cli_procurement

app = typer.Typer(
    name="bothbanks",
    help="What cities on two sides of a border gain by acting together, and how to share it fairly.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.add_typer(cli_ledger.app, name="ledger")
app.add_typer(cli_payout.app, name="payout")
app.add_typer(cli_procurement.app, name="procurement")

RegionFolder = Annotated[
    Path, typer.Argument(help="The region folder (it holds region.toml).", show_default=False)
]


@app.command()
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


@app.command()
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


@app.command()
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


@app.command()
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


def progress_on_stderr() -> Callable[[str, float], None]:
    """A progress line on stderr: rewritten in a terminal, a line for each step elsewhere."""
    terminal = sys.stderr.isatty()
    last = ""

    def progress(step: str, share: float) -> None:
        nonlocal last
        if terminal:
            print(
                f"\r\x1b[K{share:4.0%} {step}", end="\n" if share >= 1.0 else "", file=sys.stderr, flush=True
            )
        elif step != last:
            print(f"{share:4.0%} {step}", file=sys.stderr, flush=True)
        last = step

    return progress


def main() -> None:
    """Run the command line and leave with its exit code."""
    from bothbanks.words.errors import BothbanksError, InputError

    try:
        app()
    except InputError as error:
        print(f"bothbanks: {error}", file=sys.stderr)
        problems = getattr(error, "problems", None)
        if problems is not None:
            print(f"Put these {len(problems)} right and run it again. Nothing was written.", file=sys.stderr)
        raise SystemExit(2) from None
    except BothbanksError as error:
        print(f"bothbanks: {error}", file=sys.stderr)
        print(
            "The input was read, but the computation stopped. Nothing was written; the old output is "
            "as it was. Look at the numbers the message names.",
            file=sys.stderr,
        )
        raise SystemExit(1) from None
    except OSError as error:
        if error.errno not in _DISK:
            raise SystemExit(_our_fault(error)) from error
        print(
            f"bothbanks: {error.strerror}{f': {error.filename}' if error.filename else ''}. Nothing was "
            "written; the old output is as it was. Make room, or give another folder with --out.",
            file=sys.stderr,
        )
        raise SystemExit(1) from None
    except Exception as error:
        raise SystemExit(_our_fault(error)) from error


_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS)
"""The disk is full or may not be written to: nothing that a traceback would explain."""


def _our_fault(error: Exception) -> int:
    """Tell an error of the program with its traceback; the exit code."""
    import traceback

    traceback.print_exception(error)
    print(
        f"bothbanks: an error of the program ({type(error).__name__}). Nothing was written; the old "
        "output is as it was. Please report it with the lines above and your version.",
        file=sys.stderr,
    )
    return 1
