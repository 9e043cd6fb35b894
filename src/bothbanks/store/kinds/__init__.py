"""The kinds of object the store keeps: each module here names its own in ``KINDS``."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Any

from bothbanks.store.interface import Kind


@cache
def every_kind() -> tuple[Kind[Any], ...]:
    """The kinds of every module of this package, by name of the module."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return tuple(kind for module in modules for kind in module.KINDS)
