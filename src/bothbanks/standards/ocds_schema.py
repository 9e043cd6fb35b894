"""The schemas of OCDS 1.1.5, from the package itself: every fault of a document at once, and how to merge.

Schemas: open-contracting/standard, tag 1__1__5 (2020-08-20), Apache-2.0, beside this file in ``ocds_1_1_5``
with their licence. Nothing is fetched.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from bothbanks.words.errors import Problem

RELEASE, PACKAGE, RECORDS = "release", "release package", "record package"
VERSIONED = "versioned release"
_SCHEMAS = {
    RELEASE: "release-schema",
    PACKAGE: "release-package-schema",
    RECORDS: "record-package-schema",
    VERSIONED: "versioned-release-validation-schema",
}
_SHOWN = 80
_CODES = 20
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})")  # RFC 3339


def kind_of(data: Any) -> str | None:
    """Which of the three documents this is; None where it is none."""
    if not isinstance(data, Mapping):
        return None
    if "releases" in data:
        return PACKAGE
    if "records" in data:
        return RECORDS
    return RELEASE if {"ocid", "tag"} & set(data) else None


def faults(kind: str, data: Any, file: str) -> list[Problem]:
    """Everything that breaks the official schema, with its path in the document (``releases/0/date``)."""
    found = sorted(_validator(kind).iter_errors(data), key=lambda e: [str(p) for p in e.absolute_path])
    return [
        Problem(
            file,
            "",
            "/".join(map(str, error.absolute_path)) or "(the whole file)",
            short(error.instance) if error.validator != "required" else error.message,
            _expected(error),
            "ocds.schema",
        )
        for error in found
    ]


def short(value: Any) -> str:
    """A value as a message shows it."""
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else f"'{value}'"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def merged(releases: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Releases of one process, in their order in time, as a compiled release and as a versioned one.

    Raises
    ------
    MergeError
        Two objects of one list have the same id, or a field changes between a list, an object and a value:
        the merging rules would lose something without a word.
    """
    from ocdsmerge.exceptions import DuplicateIdValueWarning, OCDSMergeError
    from ocdsmerge.merge import CompiledRelease, VersionedRelease

    compiled = CompiledRelease(merge_rules=_merge_rules())
    versioned = VersionedRelease(merge_rules=_merge_rules())
    number = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", DuplicateIdValueWarning)
            for number, release in enumerate(releases):  # noqa: B007
                compiled.append(dict(release))
                versioned.append(dict(release))
            return compiled.asdict(), versioned.asdict()
    except (DuplicateIdValueWarning, OCDSMergeError, AttributeError) as error:
        raise MergeError(number, str(error)) from error


class MergeError(Exception):
    """Releases that the standard's rules can't merge without a loss; ``number`` is where it stopped."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(reason)
        self.number = number


@lru_cache(maxsize=1)
def _merge_rules() -> Any:
    """The merging rules of the standard, read from the local schema."""
    from ocdsmerge.rules import get_merge_rules

    return get_merge_rules(_schema("release-schema"))


@lru_cache(maxsize=8)
def _schema(name: str) -> dict[str, Any]:
    text = (files("bothbanks.standards") / "ocds_1_1_5" / f"{name}.json").read_text(encoding="utf-8")
    out: dict[str, Any] = json.loads(text)
    return out


@lru_cache(maxsize=4)
def _validator(kind: str) -> Any:
    from jsonschema import Draft4Validator, validators
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT4

    resources = [(_schema(n)["id"], Resource.from_contents(_schema(n), DRAFT4)) for n in _SCHEMAS.values()]
    registry: Any = Registry().with_resources(resources)
    extend: Any = validators.extend
    fast = extend(Draft4Validator, {"uniqueItems": _unique_items})
    return fast(_schema(_SCHEMAS[kind]), registry=registry, format_checker=_formats())


def _unique_items(validator: Any, unique: bool, instance: Any, schema: Any) -> Iterator[Any]:
    """As the standard says it, in one pass: comparing each with each takes minutes for a year's releases."""
    from jsonschema.exceptions import ValidationError

    if unique and validator.is_type(instance, "array"):
        texts = {json.dumps(_plain(item), sort_keys=True) for item in instance}
        if len(texts) < len(instance):
            yield ValidationError(f"{instance!r} has non-unique elements")


def _plain(value: Any) -> Any:
    """The value with equal numbers written alike: 1.0 is 1."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _formats() -> Any:
    from jsonschema import FormatChecker

    checker = FormatChecker(formats=())
    checker.checks("date-time")(lambda x: not isinstance(x, str) or _is_moment(x))
    checker.checks("uri")(lambda x: not isinstance(x, str) or _is_uri(x))
    return checker


def _is_moment(text: str) -> bool:
    if not _MOMENT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        return False
    return True


def _is_uri(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme) and not re.search(r"\s", text)


def _expected(error: Any) -> str:
    rule = error.validator_value
    match error.validator:
        case "required":
            return "every key the standard requires"
        case "type":
            return f"type {' or '.join([rule] if isinstance(rule, str) else rule)}"
        case "enum":
            codes = [str(x) for x in rule if x is not None]
            if len(codes) > _CODES:
                return f"one of the {len(codes)} codes of the standard, such as {', '.join(codes[:3])}"
            return f"one of {', '.join(codes)}"
        case "format":
            return "an RFC 3339 instant with its zone" if rule == "date-time" else f"a {rule}"
        case "uniqueItems":
            return "items that differ from each other"
        case "minLength" | "minItems" | "minProperties":
            return "something, not an empty value"
    return str(error.message).replace(repr(error.instance), "this")[:200]


def differences(left: Any, right: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """(path, left, right) wherever both say something and say different things.

    Keys that only one has are no difference: a release may repeat or leave out. Objects of a list that have
    ``id`` are compared by it, as the standard merges them; other lists are compared whole.
    """
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        for key in left.keys() & right.keys():
            yield from differences(left[key], right[key], f"{path}/{key}" if path else str(key))
    elif _have_ids(left) and _have_ids(right):
        others = {str(x["id"]): x for x in right}
        for item in left:
            if str(item["id"]) in others:
                yield from differences(item, others[str(item["id"])], f"{path}/{item['id']}")
    elif left != right:
        yield path, left, right


def _have_ids(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(x, Mapping) and "id" in x for x in value)
