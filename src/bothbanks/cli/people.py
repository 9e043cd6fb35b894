"""``bothbanks people``: the secretariat's first account, made on the service's own machine.

Whoever may run this may read the store, so no sign-in is asked for. Each change is in the record as the
clock's, and afterwards the pages do the same with the rights of whoever is signed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bothbanks.cli.serve import Data, Database

if TYPE_CHECKING:
    from bothbanks.app.partnership.live import Partnership

app = typer.Typer(
    name="people",
    help="People and their mandates: the first account, invitations, resets.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
DATA = Path("bothbanks-data")
Login = Annotated[str, typer.Argument(help="Sign-in name.", show_default=False)]
Until = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"], help="The mandate ends when this day begins (UTC).", show_default=False
    ),
]
Origin = Annotated[str, typer.Option("--origin", help="The site's address, put before the link.")]


@app.command()
def add(
    login: Login,
    name: Annotated[str, typer.Option(help="Name, as the pages show it.", show_default=False)],
    seat: Annotated[str, typer.Option(help="Id of a seat to give as well, from now on.")] = "",
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="With --seat: the last day.", show_default=False),
    ] = None,
    data: Data = DATA,
    database: Database = None,
    origin: Origin = "http://127.0.0.1:8321",
) -> None:
    """Add a person and print the link of the invitation, which works once and for seven days.

    Example: bothbanks people add ann --name 'Ann Example' --seat secretariat-1 --data my-data
    """
    partnership = _open(data, database)
    answer = _do(partnership, "people.add", {"name": name, "login": login})
    if seat:
        given = {
            "seat": seat,
            "person": answer["person"],
            "until": until.replace(tzinfo=UTC) if until else None,
        }
        _do(partnership, "people.give-mandate", given)
    _tell(partnership, origin, answer)


@app.command("list")
def list_people(data: Data = DATA, database: Database = None) -> None:
    """List sign-in names, whether they can sign in, and the seats they hold.

    Example: bothbanks people list --data my-data
    """
    from bothbanks.app.partnership.people import can_sign_in
    from bothbanks.civic.compact.accounts import Person
    from bothbanks.civic.compact.people import Holding, Seat

    with _open(data, database).reading() as reader:
        for kept in reader.all(Person):
            now = [h.state for h in reader.all(Holding, owner=kept.id) if h.state.mandate.in_force(reader.at)]
            held = (
                ", ".join(h.seat + (" (deputy)" if h.mandate.deputy_of else "") for h in now) or "no mandate"
            )
            ready = "" if can_sign_in(reader, kept.state) else "; can't sign in yet"
            typer.echo(f"{kept.state.login}: {kept.state.name}; {held}{ready}")
        seats = {k.id for k in reader.all(Seat)}
        taken = {k.state.seat for k in reader.all(Holding) if k.state.mandate.in_force(reader.at)}
        typer.echo(f"Vacant seats: {', '.join(sorted(seats - taken)) or 'none'}")


@app.command()
def mandate(
    login: Login,
    seat: Annotated[str, typer.Argument(help="Id of the seat.", show_default=False)],
    until: Until = None,
    deputy_of: Annotated[str, typer.Option(help="Sign-in name of the holder to be deputised.")] = "",
    data: Data = DATA,
    database: Database = None,
) -> None:
    """Give a person a seat from now on.

    Example: bothbanks people mandate ann secretariat-1 --until 2028-12-31 --data my-data
    """
    partnership = _open(data, database)
    payload = {
        "seat": seat,
        "person": _person(partnership, login),
        "until": until.replace(tzinfo=UTC) if until else None,
        "deputy_of": _person(partnership, deputy_of) if deputy_of else "",
    }
    _do(partnership, "people.give-mandate", payload)
    typer.echo(f"{login} holds {seat}.")


@app.command()
def reset(
    login: Login,
    data: Data = DATA,
    database: Database = None,
    origin: Origin = "http://127.0.0.1:8321",
) -> None:
    """Take away every way in which a person signs in and print a new invitation.

    On the pages this takes two people; here it takes the machine. It is in the record either way.

    Example: bothbanks people reset ann --data my-data
    """
    partnership = _open(data, database)
    person = {"person": _person(partnership, login)}
    _do(partnership, "people.reset", person)
    _tell(partnership, origin, _do(partnership, "people.invite", person))


def invite(
    login: Login,
    data: Data = DATA,
    database: Database = None,
    origin: Origin = "http://127.0.0.1:8321",
) -> None:
    """Print a new invitation for a person who can't sign in yet; the earlier one is void.

    Example: bothbanks invite head --data my-data
    """
    partnership = _open(data, database)
    person = {"person": _person(partnership, login)}
    _tell(partnership, origin, _do(partnership, "people.invite", person))


def _open(data: Path, database: str | None) -> Partnership:
    from bothbanks.app.partnership.opening import open_partnership

    return open_partnership(None, data, database)


def _person(partnership: Partnership, login: str) -> str:
    from bothbanks.app.partnership.sign_in import person_by_login
    from bothbanks.civic.compact.accounts import login_of
    from bothbanks.words.errors import InputError

    with partnership.reading() as reader:
        found = person_by_login(reader, login_of(login))
    if found is None:
        raise InputError(
            "people.unknown",
            f"nobody has the sign-in name '{login}'; 'bothbanks people list' shows who is there.",
        )
    return found.id


def _do(partnership: Partnership, name: str, payload: Mapping[str, object]) -> Mapping[str, object]:
    """Take a step on the machine's own authority; raises InputError where a rule forbids it."""
    from bothbanks.app.partnership.people import on_this_machine
    from bothbanks.civic.changes import Refusal
    from bothbanks.words.errors import InputError

    outcome = on_this_machine(partnership, name, payload)
    if isinstance(outcome, Refusal):
        raise InputError(outcome.code, outcome.words)
    return outcome.answer


def _tell(partnership: Partnership, origin: str, answer: Mapping[str, object]) -> None:
    language = partnership.region.languages[0]
    typer.echo("Invitation, for this person only; it works once and for seven days:")
    typer.echo(f"{origin.rstrip('/')}/{language}/invitation/{answer['invitation']}")
