"""Releases of one contracting process that can't all be true, each told with both files named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from bothbanks.standards.ocds_schema import differences, short
from bothbanks.words.errors import Problem


class _Release(Protocol):
    @property
    def file(self) -> str: ...
    @property
    def where(self) -> str: ...
    @property
    def ocid(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


# An amendment or update needs an earlier release of its kind (release tag codelist of OCDS 1.1.5).
_AFTER = {
    "planningUpdate": "planning",
    "tenderAmendment": "tender",
    "tenderUpdate": "tender",
    "tenderCancellation": "tender",
    "awardUpdate": "award",
    "awardCancellation": "award",
    "contractUpdate": "contract",
    "contractAmendment": "contract",
    "implementationUpdate": "implementation",
    "contractTermination": "contract",
}
_AMENDED = ("tender", "awards", "contracts")


def moment(text: Any) -> datetime:
    """An RFC 3339 instant; the schema has checked its form.

    >>> moment("2026-03-01T09:00:00Z").isoformat()
    '2026-03-01T09:00:00+00:00'
    """
    return datetime.fromisoformat(str(text).upper())


def conflicts(releases: Sequence[_Release]) -> list[Problem]:
    """Everything in which releases of one process contradict each other; none for a sound process."""
    return [
        *_same_id(releases),
        *_same_moment(releases),
        *_currencies(releases),
        *_order(releases),
        *_amended(releases),
    ]


def _problem(release: _Release, field: str, found: str, expected: str, code: str) -> Problem:
    return Problem(release.file, f"release {release.id} of {release.ocid}", field, found, expected, code)


def _pairs(releases: Sequence[_Release]) -> Iterator[tuple[_Release, _Release]]:
    for k, left in enumerate(releases):
        for right in releases[k + 1 :]:
            yield left, right


def _same_id(releases: Sequence[_Release]) -> Iterator[Problem]:
    for left, right in _pairs(releases):
        if left.id == right.id:
            field, a, b = _first_difference(left.data, right.data)
            yield _problem(
                right, field, f"{b} in {right.where}",
                f"{a} as in {left.where}: one release id has one content", "ocds.contradiction",
            )  # fmt: skip


def _first_difference(left: Mapping[str, Any], right: Mapping[str, Any]) -> tuple[str, str, str]:
    for field, a, b in differences(left, right):
        return field, short(a), short(b)
    for key in sorted(left.keys() ^ right.keys()):
        return key, "there" if key in left else "nothing", "there" if key in right else "nothing"
    return "", "some list items", "others"


def _same_moment(releases: Sequence[_Release]) -> Iterator[Problem]:
    for left, right in _pairs(releases):
        if left.id == right.id or moment(left.data["date"]) != moment(right.data["date"]):
            continue
        for field, a, b in differences(left.data, right.data):
            if field in ("id", "date", "tag", "ocid") or field.endswith("/roles"):
                continue
            yield _problem(
                right, field, f"{short(b)} in {right.where}",
                f"{short(a)} as in {left.where}, or another date: both are of {left.data['date']}",
                "ocds.same-date",
            )  # fmt: skip


def _currencies(releases: Sequence[_Release]) -> Iterator[Problem]:
    first: tuple[str, str, _Release] | None = None
    for release in releases:
        for field, currency in _amounts(release.data):
            if first is None:
                first = field, currency, release
            elif currency != first[1]:
                yield _problem(
                    release, field, f"{currency} in {release.where}",
                    f"{first[1]} as {first[0]} has in {first[2].where}; state all amounts of a process in "
                    "one currency, at a dated rate",
                    "ocds.currencies",
                )  # fmt: skip


def _amounts(release: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(path, currency) of the amounts that add up or are compared: tender, awards, contracts, payments."""
    tender = release.get("tender") or {}
    for name in ("minValue", "value"):
        yield from _currency(f"tender/{name}", tender.get(name))
    for award in release.get("awards") or ():
        yield from _currency(f"awards/{award.get('id')}/value", award.get("value"))
    for contract in release.get("contracts") or ():
        place = f"contracts/{contract.get('id')}"
        yield from _currency(f"{place}/value", contract.get("value"))
        for payment in (contract.get("implementation") or {}).get("transactions") or ():
            yield from _currency(f"{place}/transactions/{payment.get('id')}/value", payment.get("value"))


def _currency(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value.get("currency") and value.get("amount") is not None:
        yield path, str(value["currency"])


def _order(releases: Sequence[_Release]) -> Iterator[Problem]:
    dated = sorted(releases, key=lambda r: moment(r.data["date"]))
    for release in dated:
        for tag in release.data["tag"]:
            base = _AFTER.get(tag)
            bases = [r for r in dated if base in r.data["tag"]]
            if not bases or moment(bases[0].data["date"]) < moment(release.data["date"]):
                continue
            if bases[0] is release:
                continue
            yield _problem(
                release, "date", f"{release.data['date']} in {release.where}",
                f"a date after {bases[0].data['date']} of the '{base}' release in {bases[0].where}, which "
                f"this '{tag}' changes",
                "ocds.order",
            )  # fmt: skip


def _amended(releases: Sequence[_Release]) -> Iterator[Problem]:
    """An amendment names the release it amends; it can't be older than that."""
    by_id = {r.id: r for r in releases}
    for release in releases:
        for section, amendment in _amendments(release.data):
            if amendment.get("releaseID") not in (None, release.id):
                continue
            old = by_id.get(str(amendment.get("amendsReleaseID")))
            if old is None or old is release:
                continue
            if moment(old.data["date"]) > moment(release.data["date"]):
                yield _problem(
                    release, f"{section}/amendments", f"{release.data['date']} in {release.where}",
                    f"a date after {old.data['date']} of {old.where}, which it amends", "ocds.order",
                )  # fmt: skip


def _amendments(release: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for section in _AMENDED:
        held = release.get(section) or ()
        for item in [held] if isinstance(held, Mapping) else held:
            for amendment in item.get("amendments") or ():
                yield section, amendment
