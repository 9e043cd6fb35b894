"""The layers of the partnership: the appraisal's, which nobody changes, and those that members keep.

Files of the appraisal are known by the hash in its provenance and held in memory as columns (decision 21).
Members' layers lie in the store and are read anew when the record has grown. Each layer is the
dataset ``layer:<id>`` of the sharing rules; what the gate leaves of it is all that a caller gets.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from bothbanks.app.partnership.appraisals import folder_of, latest
from bothbanks.app.partnership.desk import Desk, Reader
from bothbanks.app.partnership.layers_seen import seen
from bothbanks.app.partnership.sharing import Gate, gate
from bothbanks.civic.compact.appraised import Appraised
from bothbanks.civic.compact.layers import PEOPLE, OpenLayer
from bothbanks.civic.compact.roles import Actor
from bothbanks.civic.compact.sharing import Decision
from bothbanks.standards.features import Encoder, FeatureTable, column
from bothbanks.standards.features import crs as systems
from bothbanks.standards.features.geopackage import layers as layer_names
from bothbanks.standards.features.geopackage import read_layer
from bothbanks.standards.features.table import Kind
from bothbanks.words.errors import InputError

FILE = "layers.gpkg"
COUNTS = frozenset({"population", "people"})
"""Columns of the appraisal's layers that count people."""
LAYER, TABLE = "layer:", "table:"
TABLE_ID = "table-"
"""How the id of a table's collection begins: a layer may have the table's name."""
KEPT_TABLES, KEPT_DIGESTS = 64, 512


@dataclass(frozen=True)
class Layer:
    """A layer before the gate. ``owner`` '' is the partnership; ``open`` is what a member keeps."""

    id: str
    owner: str
    source: str  # what readers are told it comes from: the appraisal's hash, or the state of the store
    open: OpenLayer | None = None
    table: str = ""  # name of the appraisal's table, for what has no place
    held: str = ""  # hash of the file; never shown, for it changes with what is hidden, too

    @property
    def dataset(self) -> str:
        """Its name in the sharing rules."""
        return TABLE + self.table if self.table else LAYER + self.id


@dataclass(frozen=True)
class Shown:
    """A layer as one reader has it."""

    layer: Layer
    decision: Decision
    table: FeatureTable
    encoder: Encoder

    @property
    def offered(self) -> tuple[str, ...]:
        """The systems it is served in, CRS84 first (Part 2, 6.2)."""
        national = tuple(systems.name(f"EPSG:{code}") for code in (3035, 31370, 28992, 25832))
        return tuple(dict.fromkeys((systems.CRS84, *systems.WORLD, self.table.crs, *national)))


class _Kept:
    """Tables and encoders, the last used ones; a table is made once though many ask at the same time."""

    def __init__(self, most: int = KEPT_TABLES) -> None:
        self.lock = Lock()
        self.most = most
        self.found: OrderedDict[tuple[object, ...], Any] = OrderedDict()

    def get(self, key: tuple[object, ...], make: Any) -> Any:
        with self.lock:
            if key in self.found:
                self.found.move_to_end(key)
                return self.found[key]
            made = make()
            self.found[key] = made
            while len(self.found) > self.most:
                self.found.popitem(last=False)
            return made


_tables, _shown, _names, _digests = _Kept(), _Kept(), _Kept(), _Kept(KEPT_DIGESTS)


def _named(folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of an appraisal's layers and tables."""
    layers = layer_names(folder / FILE) if (folder / FILE).is_file() else ()
    return layers, tuple(sorted(path.stem for path in (folder / "tables").glob("*.csv")))


def _digest(path: Path) -> str:
    """SHA-256 of a file, reckoned again only where its size or time has changed; '' where there is none."""
    try:
        known = path.stat()
    except FileNotFoundError:
        return ""
    key = (str(path), known.st_size, known.st_mtime_ns)
    return _digests.get(key, lambda: hashlib.sha256(path.read_bytes()).hexdigest())  # type: ignore[no-any-return]


def all_layers(reader: Reader | Desk, data: Path) -> Iterator[Layer]:
    """Every layer, before the gate: the appraisal's layers and tables, then the members' by name."""
    taken = latest(reader)
    if taken is not None:
        folder = folder_of(data, taken)
        source, held = taken.value_sha256, _digest(folder / FILE)
        layers, tables = _names.get((source, held), lambda: _named(folder))
        yield from (Layer(name, "", source, held=held) for name in layers)
        for name in tables:
            held = _digest(folder / "tables" / f"{name}.csv")
            yield Layer(TABLE_ID + name, "", source, None, name, held)
    state = f"{data}:{reader.store.record_size()}"
    for kept in sorted(reader.all(OpenLayer), key=lambda k: k.id):
        yield Layer(kept.id, kept.state.member, state, kept.state)


def shown_layers(reader: Reader, actor: Actor, data: Path) -> tuple[Shown, ...]:
    """The layers that somebody may see, as they may see them; one whose file was changed is left out."""
    door = gate(reader, actor)
    found = []
    for layer in all_layers(reader, data):
        with suppress(InputError):  # asked for by itself, it says what is wrong
            found.append(_as_seen(layer, reader, door, data))
    return tuple(one for one in found if one is not None)


def shown_layer(reader: Reader, actor: Actor, data: Path, id_: str) -> Shown | None:
    """One layer as somebody may see it; None for one that is hidden as for one that is not there."""
    door = gate(reader, actor)
    layer = next((one for one in all_layers(reader, data) if one.id == id_), None)
    return None if layer is None else _as_seen(layer, reader, door, data)


def _as_seen(layer: Layer, reader: Reader, door: Gate, data: Path) -> Shown | None:
    decision = door.decide(layer.dataset)
    if not decision.allowed:
        return None
    # A delay moves with the clock: by the hour is fine enough, and lets the table be kept.
    hour = reader.at.replace(minute=0, second=0, microsecond=0)
    late = hour if decision.detail is not None and decision.detail.delay_hours else None
    key = (layer.source, layer.held, layer.id, decision.level, decision.detail, decision.hidden, late)
    made: tuple[FeatureTable, Encoder] | None = _shown.get(
        key, lambda: _made(table_of(layer, reader, data), decision, late or reader.at)
    )
    return None if made is None else Shown(layer, decision, *made)


def _made(table: FeatureTable, decision: Decision, at: datetime) -> tuple[FeatureTable, Encoder] | None:
    found = seen(table, decision, at)
    return None if found is None else (found, Encoder(found))


def table_of(layer: Layer, reader: Reader, data: Path) -> FeatureTable:
    """The whole layer, before the gate: for what protects it, never for what shows it."""
    opened, key = layer.open, (layer.source, layer.held, layer.id)
    if opened is not None:
        return _tables.get(key, lambda: from_store(opened, reader))  # type: ignore[no-any-return]
    taken = latest(reader)
    assert taken is not None
    folder = folder_of(data, taken)
    if layer.table:
        return _tables.get(key, lambda: from_csv(folder, layer.table))  # type: ignore[no-any-return]
    return _tables.get(key, lambda: from_file(folder, layer.id))  # type: ignore[no-any-return]


def from_file(folder: Path, name: str) -> FeatureTable:
    """A layer of an appraisal.

    Raises
    ------
    InputError
        The file is not the one that the appraisal's provenance names by its hash.
    """
    _unchanged(folder, FILE)
    return _counted(read_layer(folder / FILE, name))


def from_csv(folder: Path, name: str) -> FeatureTable:
    """A table of an appraisal: features without a place, by the number of the row.

    Raises
    ------
    InputError
        As :func:`from_file`.
    """
    path = folder / "tables" / f"{name}.csv"
    _unchanged(folder, f"tables/{name}.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        head, *rows = list(csv.reader(file))
    columns = {}
    for i, title in enumerate(head):
        texts = [row[i] or None for row in rows]
        columns[title] = column(title, *_typed(texts))
    blank = np.full(len(rows), None, dtype=object)
    return _counted(FeatureTable(tuple(str(i) for i in range(1, len(rows) + 1)), columns, blank))


def _typed(texts: list[str | None]) -> tuple[Kind, list[Any]]:
    """Numbers where every value is one, texts otherwise."""
    try:
        return "number", [None if t is None else float(t) for t in texts]
    except ValueError:
        return "string", list(texts)


def _counted(table: FeatureTable) -> FeatureTable:
    columns = {k: replace(c, unit=PEOPLE) if k in COUNTS else c for k, c in table.columns.items()}
    return replace(table.only(columns), columns=columns)


def _unchanged(folder: Path, name: str) -> None:
    said = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    key = "out:" + name.replace("/", "~2f~")
    wanted = said.get("entity", {}).get(key, {}).get("bb:sha256")
    found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    if found != wanted:
        raise InputError(
            "layers.hash",
            f"{name} has SHA-256 {found}, but provenance.json says {wanted}: the file was changed after the "
            "appraisal. Run the appraisal again, or put the file back.",
        )


def from_store(layer: OpenLayer, reader: Reader | Desk) -> FeatureTable:
    """A layer that a member keeps, as it stands in this reading."""
    import shapely

    rows = reader.store.features(layer.id)
    columns = {
        f.name: column(f.name, f.kind, [row.properties.get(f.name) for row in rows], f.unit)
        for f in layer.fields
    }
    columns["valid_from"] = column("valid_from", "instant", [row.valid_from for row in rows])
    columns["valid_to"] = column("valid_to", "instant", [row.valid_to for row in rows])
    geometry = np.full(len(rows), None, dtype=object)
    for i, row in enumerate(rows):
        if row.geometry is not None:
            geometry[i] = shapely.from_geojson(json.dumps(dict(row.geometry)))
    return FeatureTable(
        ids=tuple(row.id for row in rows),
        columns=columns,
        geometry=geometry,
        crs=systems.CRS84,
        time=("valid_from", "valid_to"),
        geometry_type=layer.geometry,
        versions=tuple(row.version for row in rows),
        ordered_ids=True,
    )


@dataclass(frozen=True)
class Source:
    """One input of the appraisal: its file, licence and whose it is."""

    file: str
    licence: str
    attribution: str


def sources_of(reader: Reader, data: Path) -> tuple[Source, ...]:
    """The inputs of the appraisal that state a licence, by file; none where there is no appraisal."""
    taken: Appraised | None = latest(reader)
    path = None if taken is None else folder_of(data, taken) / "provenance.json"
    if taken is None or path is None or not path.is_file():
        return ()
    return _names.get((taken.value_sha256, "sources"), lambda: _sources(path))  # type: ignore[no-any-return]


def _sources(path: Path) -> tuple[Source, ...]:
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8")).get("entity", {})
    return tuple(
        Source(str(e.get("prov:label", "")), str(e["bb:licence"]), str(e.get("bb:attribution", "")))
        for _, e in sorted(found.items())
        if e.get("bb:licence")
    )
