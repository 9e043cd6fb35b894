"""The areas of the live partnership: each module here that declares something of its own."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from bothbanks.app.partnership.commands import Command
from bothbanks.app.partnership.desk import Desk

Tick = Callable[[Desk], int]
FIRST = ("record", "agreement", "people", "sharing", "votes", "legal")
"""Opened in this order, for later areas point to what these hold; the rest follows by name."""

TURNS = ("votes", "agreement")
"""Whose clock goes first: what follows from a vote must not wait for the next turn."""
MARKS = ("COMMANDS", "TICKS", "opening", "SEARCHED", "DEADLINES")
"""What a module of this package declares: commands, the clock's work, a first import, texts, dates."""


@cache
def areas() -> tuple[ModuleType, ...]:
    """Modules of this package that declare one of ``MARKS``."""
    import bothbanks.app.partnership as room

    found = {m.name: import_module(f"{room.__name__}.{m.name}") for m in pkgutil.iter_modules(room.__path__)}
    wanted = {name: module for name, module in found.items() if any(hasattr(module, mark) for mark in MARKS)}
    first = [name for name in FIRST if name in wanted]
    return tuple(wanted[name] for name in (*first, *sorted(set(wanted) - set(first))))


@cache
def commands() -> dict[str, Command[Any]]:
    """Every command by name. Raises ValueError where two have the same name."""
    out: dict[str, Command[Any]] = {}
    for area in areas():
        for command in getattr(area, "COMMANDS", ()):
            if command.name in out:
                raise ValueError(f"two commands are called '{command.name}'")
            out[command.name] = command
    return out


@cache
def ticks() -> tuple[Tick, ...]:
    """What the clock does: votes are counted, the agreement takes what they carried, then the rest."""
    order = sorted(areas(), key=lambda area: _turn(area.__name__.rsplit(".", 1)[-1]))
    return tuple(tick for area in order for tick in getattr(area, "TICKS", ()))


def _turn(name: str) -> int:
    return TURNS.index(name) if name in TURNS else len(TURNS)
