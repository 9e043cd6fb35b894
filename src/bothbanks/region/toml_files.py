"""Read a TOML file into typed settings; every complaint becomes a Problem with file, record, field."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bothbanks.region.problems import Problems, short

_Model = TypeVar("_Model", bound=BaseModel)


def load_toml(path: Path, shown: str, problems: Problems) -> dict[str, Any] | None:
    """The tables of a TOML file, or None with the problem noted (missing, not UTF-8, not TOML)."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        problems.add(shown, "no such file", "a TOML file", code="region.missing-file")
        return None
    except OSError as error:
        problems.add(
            shown, error.strerror or "an unreadable file", "a readable file", code="region.missing-file"
        )
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.add(
            shown,
            f"byte 0x{data[error.start]:02x} at position {error.start}",
            "UTF-8 text",
            code="region.encoding",
        )
        return None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problems.add(shown, str(error), "TOML 1.0", code="region.format")
        return None


def validated(
    model: type[_Model],
    raw: Any,
    shown: str,
    problems: Problems,
    where: Sequence[str | int] = (),
    root: Any = None,
    languages: Sequence[str] = (),
) -> _Model | None:
    """The settings, or None with one problem for each thing wrong.

    A plain string where words by language are wanted stands for all ``languages``. ``where`` is the place of
    ``raw`` inside the file, ``root`` the whole file (to name records by id).
    """
    try:
        return model.model_validate(raw, context={"languages": tuple(languages)})
    except ValidationError as error:
        items = error.errors(include_url=False)
        for item in items:
            if item["type"] == "too_short" and any(_within(other["loc"], item["loc"]) for other in items):
                continue  # a list counts only its sound entries; what is wrong with the others is told
            place = [*where, *(part for part in item["loc"] if part not in ("[key]",))]
            record, field = _record_and_field(place, raw if root is None else root)
            found, expected = _sides(item)
            problems.add(
                shown, found, expected, record=record, field=field, code=_code(item["type"], expected)
            )
    return None


def _within(place: Sequence[Any], outer: Sequence[Any]) -> bool:
    """True for a place inside another."""
    return len(place) > len(outer) and tuple(place[: len(outer)]) == tuple(outer)


def _code(kind: str, expected: str) -> str:
    if kind == "missing":
        return "region.missing-key"
    if kind == "extra_forbidden":
        return "region.unknown-key"
    for word, code in (
        ("currency", "region.currency"),
        ("competence", "region.competence"),
        ("curve that never falls", "region.curve"),
        ("citation", "region.source"),
        ("low <= value", "region.range"),
        ("id twice", "region.duplicate"),
    ):
        if word in expected:
            return code
    return "region.value"


def _sides(item: Mapping[str, Any]) -> tuple[str, str]:
    kind, message = item["type"], str(item["msg"])
    if kind == "missing":
        return "nothing", "a value for this key"
    if kind == "extra_forbidden":
        return f"an unknown key with value {short(item['input'])}", "a key of docs/reference/region-folder.md"
    if kind == "value_error":
        message = message.removeprefix("Value error, ")
        found = (
            short(item["input"])
            if not isinstance(item["input"], dict | list | tuple)
            else "a record that doesn't fit"
        )
        return found, message
    message = (
        message.removeprefix("Input should be ").removeprefix("String should ").removeprefix("Tuple should ")
    )
    return short(item["input"]), message


def _record_and_field(place: Sequence[str | int], root: Any) -> tuple[str, str]:
    """('measures[2] geul-buffers', 'cost.value') of ('measures', 1, 'cost', 'value')."""
    record: list[str] = []
    field: list[str] = []
    here: Any = root
    for part in place:
        here = _step(here, part)
        if isinstance(part, int):
            record = [*record, *field[:-1], f"{field[-1] if field else 'item'}[{part + 1}]"]
            field = []
            if isinstance(here, dict) and isinstance(here.get("id", here.get("name")), str):
                record[-1] += f" {here.get('id', here.get('name'))}"
        else:
            field.append(str(part))
    if not record and len(field) > 2:
        record, field = [".".join(field[:2])], field[2:]
    return ", ".join(record), ".".join(field)


def _step(here: Any, part: str | int) -> Any:
    try:
        return here[part]
    except (KeyError, IndexError, TypeError):
        return None
