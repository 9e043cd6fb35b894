"""Layers that members keep together: what a layer holds, and what a feature of it must be.

A layer belongs to one member and holds features of one kind (shelters, resources, places of sensors). Its
fields are fixed when it is opened, so that a reader can rely on them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from bothbanks.civic.changes import Change, Refusal
from bothbanks.record.entries import Entry

Kind = Literal["string", "number", "integer", "boolean", "date", "instant"]
Shape = Literal["Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "Geometry"]
NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
LAYER = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
PEOPLE = "people"
"""The unit of a field that counts people: the sharing rules' smallest group holds for it."""
RESERVED = frozenset(
    {"id", "geometry", "geom", "valid_from", "valid_to", "f", "limit", "after", "offset", "bbox", "datetime"}
    | {"crs", "filter", "lang"}
)
MOST_FIELDS = 60
LONGEST_TEXT = 2_000


@dataclass(frozen=True)
class LayerField:
    """One field of a layer's features. ``unit`` '' says it has none."""

    name: str
    kind: Kind
    unit: str = ""
    required: bool = False


@dataclass(frozen=True)
class OpenLayer:
    """A layer that a member keeps."""

    id: str
    member: str
    title: Mapping[str, str]
    geometry: Shape
    fields: tuple[LayerField, ...]
    licence: str
    since: datetime
    about: Mapping[str, str] = field(default_factory=dict)


def open_layer(layer: OpenLayer, taken: frozenset[str]) -> Change[OpenLayer] | Refusal:
    """Open a layer. ``taken``: names of layers that are there."""
    if not LAYER.fullmatch(layer.id) or not layer.id.startswith(f"{layer.member}-"):
        return Refusal(
            "layers.name",
            "'{layer}' is no name of a layer; it begins with '{member}-'; letters, digits and hyphens.",
            {"layer": layer.id, "member": layer.member},
        )
    if layer.id in taken:
        return Refusal("layers.taken", "there is a layer '{layer}' already.", {"layer": layer.id}, "conflict")
    names = [f.name for f in layer.fields]
    if len(names) > MOST_FIELDS or len(set(names)) != len(names):
        return Refusal(
            "layers.fields",
            "a layer has at most {most} fields, each with its own name.",
            {"most": MOST_FIELDS},
        )
    for name in names:
        if not NAME.fullmatch(name) or name in RESERVED:
            return Refusal(
                "layers.field-name",
                "'{name}' can't be the name of a field; use letters a to z, digits and underscores.",
                {"name": name},
            )
    if not layer.licence:
        return Refusal("layers.licence", "say under which licence the layer may be used.")
    body = {
        "layer": layer.id,
        "member": layer.member,
        "title": dict(layer.title),
        "geometry": layer.geometry,
        "licence": layer.licence,
        "fields": [
            {"name": f.name, "kind": f.kind, "unit": f.unit, "required": f.required} for f in layer.fields
        ],
    }
    return Change(layer, (Entry("layers.opened", f"layer/{layer.id}", body),))


def checked(layer: OpenLayer, properties: Mapping[str, Any], shape: str | None) -> dict[str, Any] | Refusal:
    """The properties of a feature as the layer wants them, every fault at once."""
    faults: list[str] = []
    known = {f.name: f for f in layer.fields}
    faults += [f"{name}: there is no such field" for name in properties if name not in known]
    out: dict[str, Any] = {}
    for name, wanted in known.items():
        value = properties.get(name)
        if value is None:
            if wanted.required:
                faults.append(f"{name}: is missing")
            continue
        if (fault := _fault(wanted, value)) is None:
            out[name] = value
        else:
            faults.append(f"{name}: {fault}")
    if shape is None:
        faults.append("geometry: is missing")
    elif layer.geometry not in ("Geometry", shape):
        faults.append(f"geometry: found a {shape}; expected a {layer.geometry}")
    if faults:
        return Refusal(
            "layers.feature", "the feature does not fit the layer: {faults}", {"faults": "; ".join(faults)}
        )
    return out


def _fault(wanted: LayerField, value: Any) -> str | None:
    if wanted.kind == "boolean":
        return None if isinstance(value, bool) else "expected true or false"
    if wanted.kind in ("number", "integer"):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"expected a number{', ' + wanted.unit if wanted.unit else ''}"
        if abs(value) > 1e300 or value != value:
            return "is no finite number"
        if wanted.kind == "integer" and (value != int(value) or abs(value) > 2**53):
            return "expected a whole number"
        return None
    if not isinstance(value, str):
        return f"expected a text ({wanted.kind})"
    if len(value) > LONGEST_TEXT:
        return f"is longer than {LONGEST_TEXT} characters"
    try:
        if wanted.kind == "date":
            date.fromisoformat(value)
        elif wanted.kind == "instant" and datetime.fromisoformat(value).tzinfo is None:
            return "has no time zone"
    except ValueError:
        return (
            f"is no {wanted.kind} such as {'2026-11-24' if wanted.kind == 'date' else '2026-11-24T20:00:00Z'}"
        )
    return None
