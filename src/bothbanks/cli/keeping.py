"""``bothbanks backup``, ``restore``, ``export``, ``import``: keep and carry what a service holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bothbanks.words.errors import InputError

if TYPE_CHECKING:
    from bothbanks.app.partnership.keeping import Held
    from bothbanks.app.partnership.live import Partnership

DataFolder = Annotated[Path, typer.Argument(help="The folder given to 'serve --data'.", show_default=False)]
Data = Annotated[Path, typer.Option("--data", help="The folder of the service, as in 'serve --data'.")]
Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        envvar="BOTHBANKS_DATABASE",
        help="A shared PostgreSQL: postgresql://user@host/name. By default SQLite in the folder.",
        show_default=False,
    ),
]
Replace = Annotated[bool, typer.Option("--replace", help="Write over a file that is there.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check everything and say what would happen.")]


def backup(
    data: DataFolder,
    file: Annotated[Path, typer.Argument(help="The backup to write.", show_default=False)],
    database: Database = None,
    replace: Replace = False,
) -> None:
    """Write everything of a service, its secret keys too, to one file; the service may be running.

    Example: bothbanks backup my-data monday.backup
    """
    from bothbanks.app.partnership.keeping import back_up

    held = back_up(data, file, _now(), database, replace=replace)
    typer.echo(f"{file}: {_told(held)}. It holds the service's secret keys: keep it like them.")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that 'backup' wrote.", show_default=False)],
    data: DataFolder,
    database: Database = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in place of what is there, which is kept beside.")
    ] = False,
    dry_run: DryRun = False,
) -> None:
    """Put a backup back, once all of it has been checked.

    Example: bothbanks restore monday.backup my-data --dry-run
    """
    from bothbanks.app.partnership import keeping

    held = keeping.restore(file, data, _now(), database, replace=replace, dry_run=dry_run)
    if dry_run:
        typer.echo(f"{file} of {held.made} is whole: {_told(held)}. Nothing was changed.")
        return
    typer.echo(f"{data} is as it was on {held.made}: {_told(held)}.")
    if held.kept_beside is not None:
        typer.echo(f"What was there before is in {held.kept_beside}.")


def export(
    data: DataFolder,
    file: Annotated[Path | None, typer.Argument(help="The zip file to write.", show_default=False)] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--folder", help="Write the region folder back into this new folder, instead."),
    ] = None,
    region: Annotated[
        Path | None,
        typer.Option("--region", help="With --folder: the region folder that has the inputs and cases."),
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help="With personal data and what is not for everybody.")
    ] = False,
    database: Database = None,
    replace: Replace = False,
) -> None:
    """Write the record and the data in open formats, to be read and verified without this program.

    With --folder it writes compact.toml and finance/ of a region folder as they stand now; what it can't
    write back it lists.

    Example: bothbanks export my-data partnership.zip
    """
    from bothbanks.app.partnership import keeping

    if folder is not None:
        _export_folder(data, folder, region, database)
    if file is None:
        if folder is None:
            raise InputError("keep.nowhere", "say where to: a zip file, or --folder DIR --region REGION.")
        return
    held = keeping.export(data, file, _now(), database, private=private, replace=replace)
    typer.echo(f"{file}: {_told(held)}.")
    if held.left_out:
        typer.echo(
            f"Left out, for they may be personal: {', '.join(held.left_out)}; so are sealed parts of "
            "the record, layers and jobs. --private puts them in."
        )
    elif private:
        typer.echo("It holds personal data: give it only to whom that may be given.")


def _export_folder(data: Path, folder: Path, region: Path | None, database: str | None) -> None:
    from bothbanks.app.partnership.region_folder import write_folder

    if region is None:
        raise InputError("keep.nowhere", "--folder needs --region: the region folder with inputs and cases.")
    with _live(data, database) as partnership, partnership.reading() as reader:
        written = write_folder(reader, region, folder)
    changed = ", ".join(written.files) or "nothing: it says all this already"
    typer.echo(f"{folder}: {region} as the database has it; written anew: {changed}.")
    if written.left:
        typer.echo("Not written back, for the folder's own keys can't be made from the database yet:")
    for left in written.left:
        typer.echo(f"  {left}")


def _propose(folder: Path, data: Path, database: str | None, dry_run: bool) -> None:
    from bothbanks.app.partnership.region_folder import propose_folder

    with _live(data, database) as partnership:
        proposed = propose_folder(partnership, folder, dry_run)
    if not proposed.differences:
        typer.echo(f"{folder} says what the database says.")
        return
    for difference in proposed.differences:
        typer.echo(str(difference))
    if dry_run:
        typer.echo("Nothing was changed. Without --dry-run a changed compact.toml becomes a draft.")
        return
    if proposed.draft:
        typer.echo(f"The agreement's text is a draft now ({proposed.draft}); nothing adopted was changed.")
    typer.echo("The record holds this proposal.")
    if proposed.not_taken:
        typer.echo("Not taken, do it by hand in the service:")
    for line in proposed.not_taken:
        typer.echo(f"  {line}")


@contextmanager
def _live(data: Path, database: str | None) -> Iterator[Partnership]:
    """The partnership that is in the folder already: none is made."""
    from bothbanks.app.partnership import keeping
    from bothbanks.app.partnership.opening import open_partnership

    if database is None and not (data / keeping.DATABASE).is_file():
        raise InputError("keep.empty", f"{data} holds no service: there is no {keeping.DATABASE} in it.")
    partnership = open_partnership(None, data, database)
    with closing(partnership.store):
        yield partnership


def import_(
    source: Annotated[
        Path,
        typer.Argument(
            help="An export, the folder of a service on SQLite (with --database), or a region folder.",
            show_default=False,
        ),
    ],
    data: Data = Path("bothbanks-data"),
    database: Database = None,
    dry_run: DryRun = False,
) -> None:
    """Read an export into an empty database, or carry a service to PostgreSQL; or propose a region folder.

    A changed region folder never writes over what is adopted: its agreement becomes a draft, the rest is
    listed. With --dry-run its differences are only shown.

    Example: bothbanks import my-data --database postgresql://bothbanks@db/meuse
    """
    from bothbanks.app.partnership import keeping

    if source.is_dir() and (source / keeping.DATABASE).is_file():
        if database is None:
            raise InputError(
                "keep.move", f"{source} is a service on SQLite; say where it goes with --database."
            )
        if dry_run:
            raise InputError("keep.move", "a move has no dry run: it changes nothing but an empty database.")
        held = keeping.move(source, database, _now())
        typer.echo(f"{source} is in the database now: {_told(held)}. Its old file is {held.kept_beside}.")
        typer.echo(f"Go on with: bothbanks serve --data {source} --database ...")
        return
    if source.is_dir():
        if not (source / "region.toml").is_file():
            raise InputError(
                "keep.unknown",
                f"{source} holds neither {keeping.DATABASE} (a service) nor region.toml (a region folder); "
                "expected one of them, or the zip that 'bothbanks export' wrote.",
            )
        _propose(source, data, database, dry_run)
        return
    held = keeping.take_in(source, data, database, dry_run=dry_run)
    done = "could be read. Nothing was changed" if dry_run else "is in the database now"
    typer.echo(f"{source} of {held.made} {done}: {_told(held)}.")
    if held.left_out:
        typer.echo(f"It was made without {', '.join(held.left_out)}: people have to be invited anew.")


def _now() -> datetime:
    return datetime.now(UTC)


def _told(held: Held) -> str:
    return ", ".join(f"{count} {name}" for name, count in held.counts.items()) or "nothing yet"
