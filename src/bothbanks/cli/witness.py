"""``bothbanks witness``: check the host's record for a member, and co-sign it.

Exit codes: 0 looked (and co-signed what could be), 2 something can't be used or reached, 3 a split view:
two histories were shown, and the evidence is kept.
"""

from __future__ import annotations

import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bothbanks.app.witness_state import StateFolder
    from bothbanks.app.witnessing import Outcome, Witness

SPLIT = 3

app = typer.Typer(
    name="witness",
    help="Check the host's record for a member, and co-sign it.",
    invoke_without_command=True,
    rich_markup_mode=None,
)
Member = Annotated[str, typer.Option("--member", help="Id of the member.", show_default=False)]
State = Annotated[
    Path, typer.Option("--state", help="Folder in which the witness keeps its key, its last head, evidence.")
]
STATE = Path("bothbanks-witness")


@app.callback()
def witness(
    context: typer.Context,
    member: Member = "",
    host: Annotated[
        str, typer.Option(help="Address of the partnership's site: https://...", show_default=False)
    ] = "",
    state: State = STATE,
    peers: Annotated[
        list[str] | None,
        typer.Option("--peer", "--peers", help="Address of another member's witness; may be repeated."),
    ] = None,
    host_key: Annotated[
        str,
        typer.Option(help="The host's public key, had from elsewhere; else the first one met is followed."),
    ] = "",
    port: Annotated[
        int | None,
        typer.Option(help="Port on which the peers may ask for the last head.", min=0, max=65535),
    ] = None,
    listen: Annotated[str, typer.Option(help="Address on which they may; by default only this machine.")] = (
        "127.0.0.1"
    ),
    once: Annotated[bool, typer.Option("--once", help="Look once and leave.")] = False,
    every: Annotated[float, typer.Option(help="Seconds from one look to the next.", min=1)] = 60.0,
) -> None:
    """Look at the host's head, compare it with the peers', and co-sign it.

    Example: bothbanks witness --member north --host https://two-banks.example --state /var/lib/witness
    --port 8400 --peer http://witness.maastricht.example:8400 --every 60
    """
    if context.invoked_subcommand is not None:
        return
    from bothbanks.app.partnership.clocks import machine_clock
    from bothbanks.app.witness_door import WitnessDoor
    from bothbanks.app.witnessing import Witness
    from bothbanks.record.note import Key
    from bothbanks.words.errors import InputError

    if not host.startswith(("http://", "https://")):
        raise InputError("witness.host", f"--host is '{host}'; expected the site's address, https://...")
    folder = _folder(member, state)
    others = [peer.strip().rstrip("/") for text in peers or () for peer in text.split(",") if peer.strip()]
    pinned = Key.read(host_key) if host_key else None
    at_work = Witness(member, host.rstrip("/"), folder, machine_clock, others, pinned)
    door = nullcontext() if port is None else WitnessDoor(folder, listen, port)
    with folder.alone(), door:
        if isinstance(door, WitnessDoor):
            typer.echo(f"peers may ask at http://{listen}:{door.port}/checkpoint")
        while True:
            seconds = _looked(at_work, once, every)
            if seconds is None:
                return
            time.sleep(seconds)


@app.command()
def key(member: Member, state: State = STATE) -> None:
    """Print the witness's public key (made the first time), for the secretariat to register.

    Example: bothbanks witness key --member north --state /var/lib/witness
    """
    typer.echo(_folder(member, state).secret().key.text)


def _folder(member: str, state: Path) -> StateFolder:
    from bothbanks.app.witness_state import StateFolder
    from bothbanks.words.errors import InputError

    if not member or not all(c.isascii() and (c.isalnum() or c == "-") for c in member):
        raise InputError("witness.member", f"--member is '{member}'; expected a member's id ('north')")
    return StateFolder(state, member)


def _looked(at_work: Witness, once: bool, every: float) -> float | None:
    """Look once; how long to wait for the next look, or None to leave."""
    from bothbanks.app.witnessing import AwayError

    try:
        outcome = at_work.look()
    except AwayError as error:
        if once:
            raise
        typer.echo(f"{error}; next look in {every:g} s", err=True)
        return every
    _tell(outcome)
    if outcome.state == "split":
        raise SystemExit(SPLIT)
    return None if once else every


def _tell(outcome: Outcome) -> None:
    for warning in outcome.warnings:
        typer.echo(f"warning: {warning}", err=True)
    if outcome.state == "split":
        typer.echo("!" * 78, err=True)
    typer.echo(outcome.words, err=outcome.state != "cosigned")
    if outcome.state == "split":
        typer.echo("!" * 78, err=True)
