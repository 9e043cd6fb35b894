"""Every route of the site and every role: who may, worked out from the declarations alone.

A reading route stands behind the gate of its dataset, a step behind the right of its command, and a page of
accounts behind the right it names. Whatever is none of these (health, assets, the API's description) is open
to everybody and listed as such. ``docs/reference/rights.md`` is written from this table, and a contract test
calls every route as every role and compares.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from bothbanks.app.partnership.areas import commands
from bothbanks.app.partnership.desk import Reader
from bothbanks.civic.compact.roles import ANYONE, PUBLIC, ROLES, Actor, Mandate, Right

SIGNED_IN = "signed-in"
READERS = (*ROLES, SIGNED_IN, PUBLIC)
"""Columns: each role for one member, someone signed in without a mandate, and everybody."""

Answer = Literal["yes", "own member", "no"]
OWN: dict[tuple[str, str], str] = {}
"""(method, path) of pages of accounts -> the command whose right opens them."""


def own_right(method: str, path: str, command: str) -> None:
    """Note that a page opens by the right of a command."""
    OWN[(method, path)] = command


@dataclass(frozen=True)
class Row:
    """One route: what it stands behind, and who may by column."""

    method: str
    path: str
    kind: Literal["dataset", "step", "page", "open"]
    behind: str
    answers: tuple[Answer, ...]
    two_people: bool = False


def reader_of(column: str, member: str = "", person: str = "someone") -> Actor:
    """Somebody of a column, with a mandate for that member ('': for all)."""
    if column == PUBLIC:
        return ANYONE
    if column == SIGNED_IN:
        return Actor(person)
    return Actor(person, (Mandate(column, member, datetime(2000, 1, 1, tzinfo=UTC)),))


def rows(site: Any, reader: Reader) -> list[Row]:
    """The table, by path and method; ``site`` is the FastAPI application."""
    member = next(iter(reader.region.members))
    found = [
        _row(method, route, reader, member) for route in routes(site) for method in sorted(route.methods)
    ]
    return sorted(found, key=lambda row: (row.path, row.method))


def routes(site: Any) -> Iterator[Any]:
    """Every route with methods, those of included routers too."""
    for route in site.routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from routes(inner)
        elif getattr(route, "methods", None):
            yield route


def _row(method: str, route: Any, reader: Reader, member: str) -> Row:
    path = route.path
    door = getattr(route.endpoint, "door", None)
    step = path.rsplit("/do/", 1)[-1] if "/do/" in path else OWN.get((method, path), "")
    if step:
        command = commands()[step]
        kind: Literal["step", "page"] = "step" if "/do/" in path else "page"
        right = command.right if kind == "step" else _without_member(command.right)
        answers = tuple(_by_right(right, column, member, reader) for column in READERS)
        return Row(method, path, kind, step, answers, command.two_people and kind == "step")
    if door is not None and door.dataset != "service":
        answers = tuple(_by_gate(reader, door.dataset, column, member) for column in READERS)
        return Row(method, path, "dataset", door.dataset, answers)
    everybody: tuple[Answer, ...] = tuple("yes" for _ in READERS)
    return Row(method, path, "open", "service", everybody)


def _without_member(right: Right) -> Right:
    return Right(right.roles, False, right.clock, right.anyone, right.signed_in)


def _by_right(right: Right, column: str, member: str, reader: Reader) -> Answer:
    actor = reader_of(column, member)
    if not right.allows(actor, member):
        return "no"
    other = next((m for m in reader.region.members if m != member), member)
    return "yes" if right.allows(actor, other) else "own member"


def _by_gate(reader: Reader, dataset: str, column: str, member: str) -> Answer:
    from bothbanks.app.partnership.sharing import gate

    return "yes" if gate(reader, reader_of(column, member)).decide(dataset).allowed else "no"


def page(found: Sequence[Row], region: str) -> str:
    """The table as a page of the reference (Markdown)."""
    head = [
        "# Rights: every route and every role",
        "",
        "Written by `checks/make_rights.py` from the routes, the commands' rights and the sharing rules of "
        f"`{region}`; a contract test calls each route as each role and compares. Other sharing rules give "
        "other answers for datasets.",
        "",
        "**yes**: for every member. **own**: for the member of the mandate only. **–**: no. **2**: takes a "
        "second person. A mandate counts while it runs; a deputy's only while it lets the deputy act.",
        "",
    ]
    parts = [
        ("Reading, by dataset", "dataset"),
        ("Steps, by command", "step"),
        ("Pages of people and accounts, by the right that opens them", "page"),
        ("Open to everybody", "open"),
    ]
    return "\n".join([*head, *(line for title, kind in parts for line in _part(title, kind, found))])


def _part(title: str, kind: str, found: Sequence[Row]) -> list[str]:
    mine = [row for row in found if row.kind == kind]
    if not mine:
        return []
    columns = " | ".join(READERS)
    lines = [f"## {title}", "", f"| route | behind | {columns} |", "|---|---|" + "---|" * len(READERS)]
    short = {"yes": "yes", "own member": "own", "no": "–"}
    for row in mine:
        cells = " | ".join(short[a] for a in row.answers)
        behind = f"{row.behind} (2)" if row.two_people else row.behind
        path = row.path.replace("{language:language}", "{language}").replace("{", "\\{")
        lines.append(f"| {row.method} `{path}` | {behind} | {cells} |".replace("\\{", "{"))
    return [*lines, ""]
