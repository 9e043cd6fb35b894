"""Steps on the layers that members keep: open a layer, put a feature into it, drop one.

The record holds that a feature was put or dropped, by its ids and version; what it says lies in the entry's
private part, because a layer may be for few eyes and an entry's body is public for ever.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bothbanks.app.partnership.commands import Command
from bothbanks.app.partnership.desk import Desk, Done
from bothbanks.app.partnership.sharing import declare
from bothbanks.civic.changes import Refusal
from bothbanks.civic.compact.layers import Kind, LayerField, OpenLayer, Shape, checked, open_layer
from bothbanks.civic.compact.roles import DUTY_OFFICER, ENGINEER, SECRETARIAT, Right
from bothbanks.civic.compact.sharing import Dataset
from bothbanks.record.entries import Entry
from bothbanks.store.interface import Feature
from bothbanks.words.errors import RangeError

KEEPERS = Right(frozenset({ENGINEER, DUTY_OFFICER, SECRETARIAT}), own_member=True)
KINDS = ("string", "number", "integer", "boolean", "date", "instant")
MOST_VERTICES = 50_000


@dataclass(frozen=True)
class LayersOpen:
    """Open a layer that your member keeps, with the fields its features have."""

    member: str
    layer: str
    title: str
    geometry: Shape
    fields: tuple[str, ...]
    """'name:kind' or 'name:kind:unit', '!' at the end where it must be there; the unit 'people' protects."""
    licence: str
    language: str = ""
    """The language of the title; empty where it is a name in every language."""


@dataclass(frozen=True)
class LayersPut:
    """Put a feature into a layer: a new one, or another in the place of one that is there."""

    member: str
    layer: str
    geometry: str
    """GeoJSON geometry, longitude first."""
    properties: str = "{}"
    """JSON object."""
    feature: str = ""
    """The feature that is replaced; empty for a new one."""
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    version: int | None = None


@dataclass(frozen=True)
class LayersDrop:
    """Take a feature out of a layer."""

    member: str
    layer: str
    feature: str
    version: int | None = None


def open_(desk: Desk, command: LayersOpen) -> Done | Refusal:
    """Open a layer."""
    fields = [_field(text) for text in command.fields]
    for field in fields:
        if isinstance(field, Refusal):
            return field
    layer = OpenLayer(
        command.layer,
        command.member,
        {command.language: command.title},
        command.geometry,
        tuple(f for f in fields if isinstance(f, LayerField)),
        command.licence,
        desk.at,
    )
    change = open_layer(layer, frozenset(k.id for k in desk.all(OpenLayer)))
    if isinstance(change, Refusal):
        return change
    # By default its owner alone sees it; a sharing rule opens it to others.
    refused = declare(desk, Dataset(f"layer:{layer.id}", command.member))
    if refused is not None:
        return refused
    desk.keep(layer.id, change, None)
    return Done(f"layer/{layer.id}", {"layer": layer.id})


def _field(text: str) -> LayerField | Refusal:
    bare = text.removesuffix("!")
    name, _, rest = bare.partition(":")
    kind, _, unit = rest.partition(":")
    if kind not in KINDS:
        return Refusal(
            "layers.field-kind",
            "'{field}' says no kind of value; write name:kind with a kind of {kinds}.",
            {"field": text[:60], "kinds": ", ".join(KINDS)},
        )
    found: Kind = kind  # type: ignore[assignment]
    return LayerField(name, found, unit, text.endswith("!"))


def put(desk: Desk, command: LayersPut) -> Done | Refusal:
    """Put a feature."""
    layer = _layer(desk, command.layer, command.member)
    if isinstance(layer, Refusal):
        return layer
    geometry, properties = _object(command.geometry), _object(command.properties)
    if properties is None or (geometry is None and command.geometry not in ("", "null")):
        return Refusal("layers.json", "geometry and properties are each one JSON object.")
    if geometry is not None and _vertices(geometry.get("coordinates")) > MOST_VERTICES:
        return Refusal("layers.large", "a geometry has at most {most} vertices.", {"most": MOST_VERTICES})
    fitting = checked(layer, properties, None if geometry is None else str(geometry.get("type")))
    if isinstance(fitting, Refusal):
        return fitting
    if command.valid_from and command.valid_to and command.valid_to <= command.valid_from:
        return Refusal("layers.valid", "the feature ends before it begins.")
    if any(t is not None and t.tzinfo is None for t in (command.valid_from, command.valid_to)):
        return Refusal("layers.zone", "a time needs its zone, such as Z for UTC.")
    fid, expected = command.feature, command.version
    if fid:
        was = desk.store.feature(layer.id, fid).version
        expected = was if expected is None else expected
    else:
        fid, expected = desk.new_id(), None
    feature = Feature(layer.id, fid, 0, geometry, fitting, command.valid_from, command.valid_to)
    try:
        version = desk.store.save_feature(feature, expected)
    except RangeError as error:
        return Refusal("layers.geometry", "the geometry can't be used: {fault}", {"fault": error.message})
    kind = "layers.feature-put" if command.feature else "layers.feature-added"
    _note(desk, kind, layer, fid, version, {"geometry": geometry, "properties": fitting})
    return Done(f"layer/{layer.id}", {"layer": layer.id, "feature": fid, "version": version})


def drop(desk: Desk, command: LayersDrop) -> Done | Refusal:
    """Drop a feature."""
    layer = _layer(desk, command.layer, command.member)
    if isinstance(layer, Refusal):
        return layer
    was = desk.store.feature(layer.id, command.feature)
    desk.store.drop_feature(layer.id, command.feature, command.version)
    _note(desk, "layers.feature-dropped", layer, command.feature, was.version, None)
    return Done(f"layer/{layer.id}", {"layer": layer.id, "feature": command.feature})


def _layer(desk: Desk, id_: str, member: str) -> OpenLayer | Refusal:
    """The layer, where that member keeps it; another member's layer is answered like none."""
    kept = next((k.state for k in desk.all(OpenLayer, owner=member) if k.id == id_), None)
    if kept is None:
        return Refusal("layers.missing", "your member keeps no layer '{layer}'.", {"layer": id_}, "missing")
    return kept


def _note(
    desk: Desk, kind: str, layer: OpenLayer, fid: str, version: int, private: dict[str, Any] | None
) -> None:
    body = {"layer": layer.id, "member": layer.member, "feature": fid, "version": version}
    desk.record(Entry(kind, f"layer/{layer.id}", body, private))


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text, parse_constant=_no_constant) if text else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _vertices(coordinates: Any) -> int:
    """How many positions are in a coordinates array, however it is nested."""
    waiting, count = [coordinates], 0
    while waiting and count <= MOST_VERTICES:
        part = waiting.pop()
        if isinstance(part, list):
            if part and not isinstance(part[0], list):
                count += 1
            else:
                waiting += part
    return count


COMMANDS = (
    Command("layers.open", LayersOpen, open_, KEEPERS),
    Command("layers.put", LayersPut, put, KEEPERS),
    Command("layers.drop", LayersDrop, drop, KEEPERS),
)
