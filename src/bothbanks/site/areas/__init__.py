"""The parts of the site: every module here that declares an ``AREA``."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from bothbanks.site.area import Area


@cache
def areas() -> tuple[Area, ...]:
    """Every area, by the name of its module."""
    import bothbanks.site.areas as room

    modules = [
        import_module(f"{room.__name__}.{m.name}")
        for m in sorted(pkgutil.iter_modules(room.__path__), key=lambda m: m.name)
    ]
    return tuple(area for module in modules if isinstance(area := getattr(module, "AREA", None), Area))
