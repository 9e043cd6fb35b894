"""``bothbanks compact``: check, begin and export the agreement of a region folder."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from bothbanks.cli.arguments import RegionFolder

app = typer.Typer(no_args_is_help=True, help="Check, begin and export the agreement of a region folder.")


@app.command()
def check(region: RegionFolder) -> None:
    """Read compact.toml and compact/*.toml, and say which prescribed contents no article covers.

    Example: bothbanks compact check examples/meuse-rhine
    """
    from bothbanks.civic.compact.agreement_contents import missing
    from bothbanks.region import read_region
    from bothbanks.region.compact.agreement import AgreementSettings
    from bothbanks.words.errors import InputError

    folder = read_region(region)
    settings = folder.compact.get("agreement")
    if not isinstance(settings, AgreementSettings):
        raise InputError("compact.none", f"{region} has no compact.toml; see 'bothbanks compact new'.")
    text = settings.agreement(folder.settings.languages, folder.settings.members)
    languages = ", ".join(text.languages)
    typer.echo(f"{settings.id}: nothing is wrong. {len(text.articles)} articles in {languages}.")
    for article, code in text.untranslated:
        typer.echo(f"  still to be written or checked: {article} in '{code}'")
    for content in missing(text):
        typer.echo(f"  covered by no article: {content.id} ({content.words})")


@app.command()
def new(
    region: RegionFolder,
    template: Annotated[
        str,
        typer.Option(
            help="river-basin, mutual-aid, data-sharing, joint-purchasing, reserve-fund or partnership."
        ),
    ],
) -> None:
    """Write compact.toml from a template, filled with the region's members, languages and currency.

    A template is no legal advice; it is to be checked by a lawyer of each member.

    Example: bothbanks compact new my-region --template mutual-aid
    """
    from bothbanks.region import read_region
    from bothbanks.region.compact.new_agreement import TEMPLATES, new_agreement
    from bothbanks.region.compact.writing import as_toml
    from bothbanks.words.errors import InputError

    target = region / "compact.toml"
    if target.exists():
        raise InputError("compact.there", f"{target} is there already; move it away first.")
    if template not in TEMPLATES:
        raise InputError("compact.template", f"no template '{template}'; there are {', '.join(TEMPLATES)}.")
    folder = read_region(region)
    made = new_agreement(template, folder.settings, folder.members, date.today())
    target.write_text(as_toml(made), encoding="utf-8")
    typer.echo(f"{target} written: {len(made.articles)} articles. To be checked by a lawyer of each member.")


@app.command()
def export(
    region: RegionFolder,
    out: Annotated[Path, typer.Option(help="The folder to write into.", show_default=False)],
) -> None:
    """Write the text of compact.toml as Akoma Ntoso 3.0, one file a language, valid by its schema.

    Example: bothbanks compact export examples/meuse-rhine --out out/agreement
    """
    from bothbanks.civic.changes import Refusal
    from bothbanks.civic.compact.agreement_steps import propose
    from bothbanks.civic.compact.agreement_text import Names
    from bothbanks.region import read_region
    from bothbanks.region.compact.agreement import AgreementSettings
    from bothbanks.standards.akoma_ntoso import akoma_ntoso, faults
    from bothbanks.words.errors import InputError

    folder = read_region(region)
    settings = folder.compact.get("agreement")
    if not isinstance(settings, AgreementSettings):
        raise InputError("compact.none", f"{region} has no compact.toml; see 'bothbanks compact new'.")
    text = settings.agreement(folder.settings.languages, folder.settings.members)
    names = Names(dict(folder.settings.name), {m.id: dict(m.name) for m in folder.members})
    drafted = datetime.combine(settings.drafted, datetime.min.time(), UTC)
    change = propose(None, text.id, text, drafted)
    assert not isinstance(change, Refusal)
    out.mkdir(parents=True, exist_ok=True)
    for code in text.languages:
        document = akoma_ntoso(change.state, change.state.version(1), code, names)
        wrong = faults(document)
        if wrong:
            raise InputError("compact.akoma-ntoso", f"the {code} text is not valid: {wrong[0]}")
        path = out / f"{text.id}.{code}.akn.xml"
        path.write_bytes(document)
        typer.echo(f"{path}: {len(document):,} bytes")
