"""Read a member's file as it is: CSV, workbook, GeoPackage, GeoJSON, shapefile.

A file that is missing, truncated or of another format than its name says raises ``UnreadableFile``
with what was found and what was expected. Values stay as written; nothing is converted here.
"""

from __future__ import annotations

import csv
import io
import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bothbanks.region.problems import short
from bothbanks.region.schema import SourceSettings

TABLES = (".csv", ".txt", ".tsv", ".xlsx")
VECTORS = (".gpkg", ".geojson", ".json", ".shp")
RASTERS = (".tif", ".tiff", ".nc")
SUFFIXES = (*TABLES, *VECTORS, *RASTERS)

_SIGNATURES: dict[str, tuple[tuple[bytes, ...], str]] = {
    ".xlsx": ((b"PK\x03\x04",), "an Excel workbook (.xlsx)"),
    ".gpkg": ((b"SQLite format 3\x00",), "a GeoPackage"),
    ".shp": ((b"\x00\x00\x27\x0a",), "a shapefile"),
    ".tif": ((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"), "a GeoTIFF"),
    ".tiff": ((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"), "a GeoTIFF"),
    ".nc": ((b"CDF", b"\x89HDF"), "a NetCDF file"),
}


class UnreadableFile(Exception):
    """A file that can't be read as its name and settings say."""

    def __init__(
        self, found: str, expected: str, code: str = "region.format", record: str = "", field: str = ""
    ) -> None:
        super().__init__(f"found {found}; expected {expected}")
        self.found, self.expected, self.code = found, expected, code
        self.record, self.field = record, field


@dataclass(frozen=True)
class RawTable:
    """Records as written. ``first`` is the number of the first one, in the words of ``unit``."""

    frame: Any  # pandas DataFrame; text columns where the file is text
    columns: tuple[str, ...]  # all columns of the file, also those not read
    geometry: Any = None  # array of shapely geometries
    crs: str = ""  # the CRS the file itself states
    unit: str = "line"
    numbers: Any = None  # number of each record (line, row, feature)

    def record(self, position: int) -> str:
        """Where a record stands in its file: 'line 12'."""
        return f"{self.unit} {int(self.numbers[position])}"


def check_signature(path: Path) -> None:
    """Refuse a file whose first bytes or length do not fit its name."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UnreadableFile(f"a file ending in {short(suffix)}", f"one ending in {', '.join(SUFFIXES)}")
    with path.open("rb") as stream:
        head = stream.read(100)
    size = path.stat().st_size
    if not head:
        raise UnreadableFile("an empty file", "records")
    expected = _SIGNATURES.get(suffix)
    if expected and not head.startswith(expected[0]):
        raise UnreadableFile(f"a file that starts with bytes {head[:4].hex(' ')}", expected[1])
    if suffix == ".gpkg":
        page = int.from_bytes(head[16:18], "big")
        needed = (65536 if page == 1 else page) * int.from_bytes(head[28:32], "big")
        if size < needed:
            raise UnreadableFile(
                f"{size} bytes of {needed}", "a whole GeoPackage (truncated?)", "region.truncated"
            )
    if suffix == ".shp":
        needed = 2 * int.from_bytes(head[24:28], "big")
        if size < needed:
            raise UnreadableFile(
                f"{size} bytes of {needed}", "a whole shapefile (truncated?)", "region.truncated"
            )
        for companion in (".shx", ".dbf"):
            if (
                not path.with_suffix(companion).is_file()
                and not path.with_suffix(companion.upper()).is_file()
            ):
                raise UnreadableFile(
                    f"no {path.stem}{companion}", "it beside the .shp", "region.missing-file"
                )
    binary = head.startswith((b"PK\x03\x04", b"SQLite", b"\x89HDF")) or b"\x00" in head
    if suffix in (".csv", ".txt", ".tsv") and binary and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFile("a binary file", "text (CSV)")


def read_table(path: Path, source: SourceSettings, wanted: frozenset[str]) -> RawTable:
    """Records of a table or vector file, only the wanted columns. Raises UnreadableFile."""
    check_signature(path)
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        return _read_workbook(path, source)
    if suffix in VECTORS:
        return _read_vector(path, source)
    return _read_csv(path, source, wanted)


def _decoded(path: Path, encoding: str) -> str:
    data = path.read_bytes()
    try:
        text = data.decode(encoding)
    except LookupError:
        raise UnreadableFile(
            short(encoding), "a known text encoding, such as utf-8", "region.encoding", field="encoding"
        ) from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(
            f"byte 0x{data[error.start]:02x} at position {error.start} (line {line})",
            f"text in {encoding}",
            "region.encoding",
        ) from None
    return text.removeprefix("\ufeff")


def _read_csv(path: Path, source: SourceSettings, wanted: frozenset[str]) -> RawTable:
    import pandas as pd

    text = _decoded(path, source.encoding)
    header = _header(text, source)
    twice = sorted({name for name in header if header.count(name) > 1 and name in wanted})
    if twice:
        raise UnreadableFile(f"the column {short(twice[0])} twice", "each column once", field=twice[0])
    first = source.skip_lines + 2
    _check_lengths(text, source, len(header))
    try:
        frame = pd.read_csv(
            io.StringIO(text),
            sep=source.delimiter,
            names=[name if header.index(name) == i else f"{name}.{i}" for i, name in enumerate(header)],
            header=None,
            skiprows=source.skip_lines + 1,
            usecols=lambda name: name in wanted,
            dtype=str,
            na_filter=False,
            skip_blank_lines=False,
            engine="c",
        )
    except pd.errors.EmptyDataError:
        frame = pd.DataFrame({name: pd.Series([], dtype=str) for name in header if name in wanted})
    except (pd.errors.ParserError, ValueError) as error:
        raise UnreadableFile(
            str(error).strip(), f"CSV with {len(header)} fields separated by {short(source.delimiter)}"
        ) from None
    numbers = np.arange(first, first + len(frame))
    if frame.shape[1]:
        blank = np.ones(len(frame), dtype=bool)
        for name in frame.columns:
            if not blank.any():
                break
            blank &= (frame[name] == "").to_numpy(dtype=bool)
        if blank.any() and _blank_lines(text):
            frame, numbers = frame[~blank].reset_index(drop=True), numbers[~blank]
    return RawTable(frame, tuple(header), numbers=numbers)


def _blank_lines(text: str) -> bool:
    return text.endswith("\n\n") or "\n\n" in text or "\r\n\r\n" in text or "\n\r\n" in text


def _header(text: str, source: SourceSettings) -> list[str]:
    start = 0
    for _ in range(source.skip_lines):
        start = text.find("\n", start) + 1
        if start == 0:
            raise UnreadableFile("fewer lines than skip_lines", "a header", "region.truncated")
    row = next(csv.reader(io.StringIO(text[start : start + 65536]), delimiter=source.delimiter), None)
    if not row:
        raise UnreadableFile("no header", "a line naming the columns", "region.truncated")
    return [name.strip() for name in row]


def _check_lengths(text: str, source: SourceSettings, width: int) -> None:
    """Every record has as many fields as the header, the last one too (a cut file ends inside one)."""
    delimiter = source.delimiter
    body = text
    for _ in range(source.skip_lines):
        body = body[body.find("\n") + 1 :]
    if '"' not in body:
        lines = body.count("\n") + (0 if body.endswith("\n") else 1)
        blank = _count_blank(body)
        if body.count(delimiter) == (lines - blank) * (width - 1):
            return
    reader = csv.reader(io.StringIO(body), delimiter=delimiter)
    try:
        for row in reader:
            if row and len(row) != width:
                raise UnreadableFile(
                    f"{len(row)} fields",
                    f"{width} as in the header, separated by {short(delimiter)}",
                    "region.truncated" if len(row) < width else "region.format",
                    record=f"line {source.skip_lines + reader.line_num}",
                )
    except csv.Error as error:
        raise UnreadableFile(
            str(error), "CSV", record=f"line {source.skip_lines + reader.line_num}"
        ) from None


def _count_blank(body: str) -> int:
    if not _blank_lines(body):
        return 0
    return sum(1 for line in body.splitlines() if not line)


def _read_workbook(path: Path, source: SourceSettings) -> RawTable:
    import zipfile

    import pandas as pd
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(path, read_only=True, data_only=True)
            if source.layer and source.layer not in book.sheetnames:
                raise UnreadableFile(
                    f"no sheet {short(source.layer)}",
                    f"one of {', '.join(book.sheetnames)}",
                    "region.layer",
                    field="layer",
                )
            sheet = book[source.layer] if source.layer else book[book.sheetnames[0]]
            rows = list(sheet.iter_rows(min_row=source.skip_lines + 1, values_only=True))
            book.close()
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        KeyError,
        EOFError,
        OSError,
        ValueError,
        SyntaxError,
    ) as error:
        raise UnreadableFile(
            f"a workbook that can't be opened ({type(error).__name__}: {error})",
            "a whole Excel workbook",
            "region.truncated",
        ) from None
    if not rows or all(value is None for value in rows[0]):
        raise UnreadableFile("no header", "a row naming the columns", "region.truncated")
    header = ["" if value is None else str(value).strip() for value in rows[0]]
    kept = [
        (source.skip_lines + 2 + i, row) for i, row in enumerate(rows[1:]) if any(v is not None for v in row)
    ]
    frame = pd.DataFrame(
        {name: pd.Series([row[i] for _, row in kept], dtype=object) for i, name in enumerate(header) if name}
    )
    return RawTable(
        frame, tuple(header), unit="row", numbers=np.array([number for number, _ in kept], dtype=int)
    )


def _read_vector(path: Path, source: SourceSettings) -> RawTable:
    import pyogrio

    if path.suffix.lower() in (".geojson", ".json"):
        try:
            json.loads(_decoded(path, "utf-8"))
        except json.JSONDecodeError as error:
            raise UnreadableFile(
                f"JSON that breaks at line {error.lineno} ({error.msg})", "whole GeoJSON", "region.truncated"
            ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            layers = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
            if source.layer and source.layer not in layers:
                raise UnreadableFile(
                    f"no layer {short(source.layer)}",
                    f"one of {', '.join(layers)}",
                    "region.layer",
                    field="layer",
                )
            if not source.layer and len(layers) > 1:
                raise UnreadableFile(
                    f"{len(layers)} layers",
                    f"layer = one of {', '.join(layers)}",
                    "region.layer",
                    field="layer",
                )
            encoding = source.encoding if path.suffix.lower() == ".shp" else None
            frame = pyogrio.read_dataframe(path, layer=source.layer or layers[0], encoding=encoding)
    except UnreadableFile:
        raise
    except Exception as error:  # GDAL raises many kinds for a broken file
        raise UnreadableFile(
            f"a file GDAL can't open ({short(str(error))})", "a whole vector file", "region.truncated"
        ) from None
    geometry = frame.geometry.to_numpy() if "geometry" in frame else None
    crs = frame.crs.to_string() if geometry is not None and frame.crs is not None else ""
    table = frame.drop(columns="geometry") if geometry is not None else frame
    return RawTable(
        table,
        tuple(str(name) for name in table.columns),
        geometry,
        crs,
        "feature",
        np.arange(1, len(table) + 1),
    )
