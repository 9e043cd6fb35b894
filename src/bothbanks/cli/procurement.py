"""``bothbanks procurement check|show|release``: contracting data of anybody, and the region's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bothbanks.app.procurement_files import Checked
    from bothbanks.civic.finance.red_flags import Facts, Flag

app = typer.Typer(
    help="Public purchases as open contracting data (OCDS 1.1.5): check, show, publish.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Source = Annotated[
    Path, typer.Argument(help="An OCDS file, or a folder of them (.json).", show_default=False)
]
Law = Annotated[
    str,
    typer.Option(
        "--law", help="Regime whose thresholds are used where the data names none, such as NL or DE-NW."
    ),
]


@app.command()
def check(
    path: Source,
    law: Law = "",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Folder for records, flags and what was refused; replaced whole.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Check against the official schema, merge the releases, compute the red flags.

    Everything wrong is listed at once (exit code 2); what is refused is kept whole with its reason.

    Example: bothbanks procurement check releases.json --law NL
    """
    from bothbanks.app.procurement_files import check as checked_of
    from bothbanks.app.procurement_files import write

    checked = checked_of(path, law)
    reading = checked.reading
    if out is not None:
        write(checked.files, out)
        typer.echo(f"Written to {out}: {', '.join(sorted(checked.files))}.")
    typer.echo(
        f"{len(reading.documents)} file(s), {len(reading.processes)} purchase(s). Releases: {reading.read} "
        f"read = {reading.merged} merged + {reading.repeated} repeated + {reading.refused_releases} refused."
    )
    for remark in reading.remarks:
        typer.echo(f"Note: {remark}")
    for facts in checked.facts:
        typer.echo("")
        _tell_flags(facts, [f for f in checked.flags if f.ocid == facts.ocid])
    if reading.problems:
        typer.echo(f"\n{len(reading.problems)} problem(s):", err=True)
        for problem in reading.problems:
            typer.echo(f"  {problem}", err=True)
        typer.echo("What is refused is not merged and not lost; --out writes it to refused.json.", err=True)
        raise typer.Exit(2)


@app.command()
def show(
    path: Source,
    ocid: Annotated[
        str, typer.Option("--ocid", help="Only this purchase, with its releases.", show_default=False)
    ] = "",
    law: Law = "",
) -> None:
    """Show each purchase as it stands after its last release.

    Example: bothbanks procurement show releases.json
    """
    from bothbanks.app.procurement_files import check as checked_of
    from bothbanks.standards.ocds import OcdsError
    from bothbanks.words.errors import InputError

    checked = checked_of(path, law)
    if checked.reading.problems:
        raise OcdsError(checked.reading.problems)
    known = [f for f in checked.facts if ocid in ("", f.ocid)]
    if not known:
        raise InputError(
            "procurement.ocid",
            f"no purchase '{ocid}' in {path}; there are {', '.join(f.ocid for f in checked.facts)}.",
        )
    for facts in known:
        _tell(checked, facts)
        if ocid:
            for release in checked.reading.process(ocid).releases:
                tags = ", ".join(release.data["tag"])
                typer.echo(f"  {release.data['date']}  {tags:<20} {release.id} ({release.file})")


@app.command()
def release(
    region: Annotated[
        Path, typer.Argument(help="The region folder (it holds region.toml).", show_default=False)
    ],
    out: Annotated[
        Path,
        typer.Option("--out", help="Folder the files are written to.", show_default=False),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing.")] = False,
) -> None:
    """Write a region's purchases as releases, records and flags, from finance/procurement.toml.

    Example: bothbanks procurement release examples/meuse-rhine --out out/ocds
    """
    from bothbanks.app.procurement_files import region_files, write

    texts = region_files(region)
    for name, text in texts.items():
        typer.echo(f"{name}: {len(text.encode()):,} bytes")
    if dry_run:
        typer.echo(f"Dry run: nothing was written to {out}.")
        return
    write(texts, out)
    typer.echo(f"Written to {out}.")


def _tell(checked: Checked, facts: Facts) -> None:
    def money(amount: float | None) -> str:
        return "not published" if amount is None else f"{amount:,.2f} {facts.currency}".rstrip()

    awards = [a.value for a in facts.awards if a.value is not None]
    now = [c.value for c in facts.contracts if c.value is not None]
    raised = [f.indicator for f in checked.flags if f.ocid == facts.ocid and f.state == "raised"]
    typer.echo(f"{facts.ocid}  {facts.title}")
    typer.echo(f"  buyers: {', '.join(facts.buyers) or 'not published'}")
    typer.echo(f"  method: {facts.method or 'not published'}; tenderers: {_or_none(facts.tenderers)}")
    typer.echo(f"  estimate: {money(facts.estimate)}")
    typer.echo(f"  awarded: {money(sum(awards) if awards else None)}")
    typer.echo(f"  contracts now: {money(sum(now) if now else None)}")
    typer.echo(f"  red flags: {', '.join(raised) or 'none raised'}")


def _or_none(number: int | None) -> str:
    return "not published" if number is None else str(number)


def _tell_flags(facts: Facts, flags: list[Flag]) -> None:
    typer.echo(f"{facts.ocid}  {facts.title}".rstrip())
    for flag in flags:
        if flag.state == "unknown":
            said = f"can't be computed: {flag.because}"
        elif flag.value is None:
            said = flag.state
        else:
            said = f"{flag.state} ({flag.value:,.4g}, limit {flag.limit:,.4g})"
        typer.echo(f"  {flag.indicator:<22} {said}")
