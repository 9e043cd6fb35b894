"""An event set as a folder: ``events.parquet``, ``places.parquet``, ``hits.parquet`` and ``meta.json``.

Hits are sorted by event, then place, in row groups of whole events where an event fits one, so that they
can be read, and written, in chunks of bounded memory. ``meta.json`` names format, units, CRS, reading of the
rates, seed, software version, and size and SHA-256 of the three tables. A folder is replaced as a whole or
not at all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bothbanks.analysis.risk.eventset import EventChunk, EventSource, EventTable, check_hits
from bothbanks.standards.replace import replace_folder
from bothbanks.words.errors import BothbanksError, Problem, RegionError

FORMAT = "bothbanks-event-folder"
VERSION = 1
TABLES = ("events.parquet", "hits.parquet", "places.parquet")
HITS_PER_ROW_GROUP = 1 << 18
_COLUMNS = {
    "events.parquet": {
        "id": "string", "rate_per_year": "double", "hazard": "string", "origin": "string",
        "scenario": "string",
    },
    "hits.parquet": {"event": "uint32", "place": "uint32", "intensity": "float"},
    "places.parquet": {"place": "uint32"},
}  # fmt: skip


@dataclass(frozen=True)
class EventFolderMeta:
    """What ``meta.json`` says."""

    units: Mapping[str, str]
    crs: str
    reading: str
    seed: int | None
    software: str
    event_count: int
    place_count: int
    hit_count: int
    files: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, eq=False)
class EventFolder:
    """An event folder opened for reading; an ``EventSource`` for ``event_losses``."""

    path: Path
    meta: EventFolderMeta
    events: EventTable

    @property
    def place_count(self) -> int:
        """Number of places."""
        return self.meta.place_count

    @property
    def row_group_count(self) -> int:
        """Number of blocks the hits are stored in; ``chunks`` can read any run of them."""
        with _parquet(self.path / "hits.parquet") as file:
            return int(file.num_row_groups)

    def places(self) -> dict[str, NDArray[Any]]:
        """All columns of ``places.parquet``, (place,) each, in place order."""
        import pyarrow.parquet as pq

        table = pq.read_table(self.path / "places.parquet")
        return {name: table.column(name).to_numpy() for name in table.column_names}

    def chunks(
        self, max_hits: int, first_group: int = 0, stop_group: int | None = None
    ) -> Iterator[EventChunk]:
        """Hits in event order, at most ``max_hits`` at a time, of all row groups or some.

        Raises RegionError when the hits break the format: not sorted, a place or event outside, NaN.
        """
        with _parquet(self.path / "hits.parquet") as file:
            stop = file.num_row_groups if stop_group is None else stop_group
            before = -1
            for batch in _batches(file, max_hits, first_group, stop):
                chunk = self._chunk(batch, before)
                before = chunk.first_event + chunk.event_count - 1
                yield chunk

    def _chunk(self, batch: Any, before: int) -> EventChunk:
        event, place, intensity = (batch.column(n).to_numpy() for n in ("event", "place", "intensity"))
        first, last = int(event[0]), int(event[-1])
        rises = bool((event[1:] >= event[:-1]).all()) and first >= before
        if not rises or last >= len(self.events):
            wanted = f"event numbers that never fall, below {len(self.events)}"
            raise RegionError([self._problem("event", f"{first} to {last} after {before}", wanted)])
        start = np.searchsorted(event, np.arange(first, last + 2, dtype=event.dtype)).astype(np.int64)
        try:
            names = self.events.id[first : last + 1]
            check_hits(start, place, intensity, last + 1 - first, self.place_count, names)
        except BothbanksError as error:
            field = "intensity" if error.code == "risk.hit-intensity" else "place"
            wanted = "finite intensities at places that rise within an event"
            raise RegionError([self._problem(field, error.message, wanted)]) from error
        return EventChunk(first, start, place, intensity)

    def _problem(self, field: str, found: str, expected: str) -> Problem:
        return Problem(str(self.path / "hits.parquet"), "", field, found, expected, "events.hits")


def _parquet(path: Path) -> Any:
    import pyarrow.parquet as pq

    return pq.ParquetFile(path, buffer_size=1 << 16)


def _batches(file: Any, max_hits: int, first: int, stop: int) -> Iterator[Any]:
    """Runs of row groups that fit, and pieces of those that don't; empty ones are left out."""
    run: list[int] = []
    held = 0
    for group in range(first, stop):
        rows = file.metadata.row_group(group).num_rows
        if run and held + rows > max_hits:
            yield file.read_row_groups(run)
            run, held = [], 0
        if rows > max_hits:
            yield from file.iter_batches(batch_size=max_hits, row_groups=[group])
        elif rows:
            run.append(group)
            held += rows
    if run:
        yield file.read_row_groups(run)


def write_event_folder(
    path: Path,
    source: EventSource,
    places: Mapping[str, ArrayLike],
    crs: str,
    software: str,
    seed: int | None = None,
    hits_per_row_group: int = HITS_PER_ROW_GROUP,
) -> EventFolderMeta:
    """Write an event set; an existing folder is replaced whole, or kept if anything fails.

    ``places`` holds columns (place,) such as x and y in ``crs``. Hits are taken in chunks of
    ``hits_per_row_group``, so the set may be larger than memory.
    """
    wrong = [f"{n} {np.shape(c)}" for n, c in places.items() if np.shape(c) != (source.place_count,)]
    if wrong or not crs.strip():
        problems = [
            Problem(
                str(path), "", "places", ", ".join(wrong), f"({source.place_count},) each", "events.places"
            )
        ] * bool(wrong)
        if not crs.strip():
            problems.append(Problem(str(path), "", "crs", "nothing", "such as EPSG:3035", "events.crs"))
        raise RegionError(problems)
    with replace_folder(path) as folder:
        _write_events(folder / "events.parquet", source.events)
        _write_places(folder / "places.parquet", places, source.place_count)
        hit_count = _write_hits(folder / "hits.parquet", source, hits_per_row_group)
        meta = EventFolderMeta(
            units=dict(source.events.units),
            crs=crs,
            reading=source.events.reading,
            seed=seed,
            software=software,
            event_count=len(source.events),
            place_count=source.place_count,
            hit_count=hit_count,
            files={n: {"bytes": (folder / n).stat().st_size, "sha256": _sha256(folder / n)} for n in TABLES},
        )
        body = {"format": FORMAT, "version": VERSION, **vars(meta)}
        (folder / "meta.json").write_text(json.dumps(body, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return meta


def _write_events(path: Path, events: EventTable) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, Any] = {name: pa.array(getattr(events, name), pa.string()) for name in ("id",)}
    columns["rate_per_year"] = pa.array(events.rate)
    columns |= {n: pa.array(getattr(events, n), pa.string()) for n in ("hazard", "origin", "scenario")}
    pq.write_table(pa.table(columns), path, compression="zstd")


def _write_places(path: Path, places: Mapping[str, ArrayLike], count: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {"place": pa.array(np.arange(count, dtype=np.uint32))}
    columns |= {name: pa.array(np.asarray(c)) for name, c in places.items() if name != "place"}
    pq.write_table(pa.table(columns), path, compression="zstd")


def _write_hits(path: Path, source: EventSource, hits_per_row_group: int) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([("event", pa.uint32()), ("place", pa.uint32()), ("intensity", pa.float32())])
    written = 0
    # Depths and gusts hardly compress, and unpacking them would cost more than reading them.
    with pq.ParquetWriter(path, schema, compression="none", use_dictionary=["event"]) as writer:
        for chunk in source.chunks(hits_per_row_group):
            numbers = np.arange(chunk.first_event, chunk.first_event + chunk.event_count, dtype=np.uint32)
            event = np.repeat(numbers, np.diff(chunk.start))
            table = pa.table([event, chunk.place, chunk.intensity], schema=schema)
            if len(chunk):
                writer.write_table(table, row_group_size=len(chunk))
            written += len(chunk)
    return written


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_event_folder(path: Path, verify: bool = True) -> EventFolder:
    """Open an event folder. ``verify=False`` skips the SHA-256 of the hits, never their size or columns.

    Raises RegionError with all problems found: a file missing, cut short, changed or of another format, a
    column missing or of another type, rates that can't be.
    """
    meta_path = path / "meta.json"
    body, problems = _read_meta(meta_path)
    if problems:
        raise RegionError(problems)
    for name in TABLES:
        problems += _check_file(path / name, body["files"].get(name), verify or name != "hits.parquet")
    if not problems:
        problems += _check_counts(path, body)
    if problems:
        raise RegionError(problems)
    fields = EventFolderMeta.__dataclass_fields__
    meta = EventFolderMeta(**{k: body[k] for k in fields})
    return EventFolder(path, meta, _read_events(path / "events.parquet", meta))


_META_TYPES: dict[str, tuple[type, ...]] = {
    "format": (str,), "version": (int,), "units": (dict,), "crs": (str,), "reading": (str,),
    "seed": (int, type(None)), "software": (str,), "event_count": (int,), "place_count": (int,),
    "hit_count": (int,), "files": (dict,),
}  # fmt: skip


def _read_meta(path: Path) -> tuple[dict[str, Any], list[Problem]]:
    where = str(path)
    if not path.is_file():
        return {}, [Problem(where, "", "", "no such file", "meta.json of an event folder", "events.missing")]
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        return {}, [Problem(where, "", "", f"no JSON ({error})", "a JSON object", "events.meta")]
    if not isinstance(body, dict):
        return {}, [Problem(where, "", "", type(body).__name__, "a JSON object", "events.meta")]
    problems = [
        Problem(where, "", key, repr(body.get(key)), " or ".join(t.__name__ for t in kinds), "events.meta")
        for key, kinds in _META_TYPES.items()
        if key not in body or not isinstance(body[key], kinds)
    ]
    if not problems and (body["format"], body["version"]) != (FORMAT, VERSION):
        found = f"{body['format']} {body['version']}"
        problems.append(Problem(where, "", "format", found, f"{FORMAT} {VERSION}", "events.meta"))
    return body, problems


def _check_file(path: Path, stated: Any, verify: bool) -> list[Problem]:
    where = str(path)
    if not isinstance(stated, dict) or not {"bytes", "sha256"} <= set(stated):
        return [Problem(where, "", "meta.json files", repr(stated), "bytes and sha256", "events.meta")]
    if not path.is_file():
        return [Problem(where, "", "", "no such file", f"{stated['bytes']} bytes", "events.missing")]
    size = path.stat().st_size
    if size != stated["bytes"]:
        return [Problem(where, "", "", f"{size} bytes", f"{stated['bytes']} bytes", "events.size")]
    if verify and (found := _sha256(path)) != stated["sha256"]:
        return [Problem(where, "", "", f"SHA-256 {found}", f"{stated['sha256']}", "events.hash")]
    return _check_columns(path)


def _check_columns(path: Path) -> list[Problem]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(path)
    except (pa.ArrowInvalid, OSError) as error:
        return [Problem(str(path), "", "", f"no Parquet ({error})", "a Parquet file", "events.format")]
    problems = []
    for column, kind in _COLUMNS[path.name].items():
        found = str(schema.field(column).type) if column in schema.names else "no such column"
        if found != kind:
            problems.append(Problem(str(path), "", column, found, kind, "events.column"))
    return problems


def _check_counts(path: Path, body: Mapping[str, Any]) -> list[Problem]:
    import pyarrow.parquet as pq

    problems = []
    for name, key in zip(TABLES, ("event_count", "hit_count", "place_count"), strict=True):
        rows = pq.read_metadata(path / name).num_rows
        if rows != body[key]:
            problems.append(
                Problem(str(path / name), "", "rows", str(rows), f"{body[key]} ({key})", "events.rows")
            )
    return problems


def _read_events(path: Path, meta: EventFolderMeta) -> EventTable:
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    holes = [n for n in _COLUMNS["events.parquet"] if table.column(n).null_count]
    if holes:
        raise RegionError(
            [Problem(str(path), "", n, "empty cells", "a value in each", "events.null") for n in holes]
        )
    text = {n: table.column(n).to_pylist() for n in ("id", "hazard", "origin", "scenario")}
    try:
        return EventTable(
            rate_per_year=table.column("rate_per_year").to_numpy(),
            units=meta.units,
            reading=meta.reading,  # type: ignore[arg-type]
            **text,
        )
    except BothbanksError as error:
        raise RegionError(
            [Problem(str(path), "", "", error.message, "an event table", error.code)]
        ) from error
