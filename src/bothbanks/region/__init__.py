"""A region folder in, one harmonised model out: conversions, seams, refused records, provenance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bothbanks.region.border_seams import seams
    from bothbanks.region.edits import Change, apply_edits
    from bothbanks.region.folder import RegionModel, check_folder, harmonise, read_region
    from bothbanks.region.kinds import KINDS
    from bothbanks.region.new import new_region
    from bothbanks.region.prov_json import provenance
    from bothbanks.region.settings import RegionFolder

_HOMES = {
    "Change": "edits",
    "KINDS": "kinds",
    "RegionFolder": "settings",
    "RegionModel": "folder",
    "apply_edits": "edits",
    "check_folder": "folder",
    "harmonise": "folder",
    "new_region": "new",
    "provenance": "prov_json",
    "read_region": "folder",
    "seams": "border_seams",
}

__all__ = [
    "KINDS",
    "Change",
    "RegionFolder",
    "RegionModel",
    "apply_edits",
    "check_folder",
    "harmonise",
    "new_region",
    "provenance",
    "read_region",
    "seams",
]


def __getattr__(name: str) -> Any:
    """Load a public name with its module the first time it is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'bothbanks.region' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"bothbanks.region.{_HOMES[name]}"), name)
