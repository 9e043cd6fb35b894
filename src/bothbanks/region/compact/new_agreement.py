"""Make a draft agreement for a region from a template: its members, languages and currency filled in."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from bothbanks.civic.compact.agreement_text import places
from bothbanks.region.compact.agreement import AgreementSettings
from bothbanks.region.schema import MemberSettings, RegionSettings

TEMPLATES = (
    "river-basin",
    "mutual-aid",
    "data-sharing",
    "joint-purchasing",
    "reserve-fund",
    "partnership",
)
"""What ``bothbanks compact new --template`` offers; 'partnership' holds the five subjects at once."""


@cache
def _tables(name: str) -> dict[str, Any]:
    path = files("bothbanks.region.compact") / "templates" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def _library() -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    articles: dict[str, dict[str, Any]] = {}
    terms: dict[str, dict[str, Any]] = {}
    for name in ("articles-common", "articles-subjects"):
        tables = _tables(name)
        articles |= {a["id"]: a for a in tables["articles"]}
        terms |= tables["terms"]
    return articles, terms


def new_agreement(
    template: str,
    settings: RegionSettings,
    members: Sequence[MemberSettings],
    drafted: date,
    notice: Mapping[str, str] | None = None,
) -> AgreementSettings:
    """A draft from a template; its seat is the first member until the members decide otherwise.

    A language of the region that the templates don't have is marked as pending in every article, so the draft
    is valid and says what is still to be written. ``notice`` is printed before the template's own notice.

    Raises KeyError for an unknown template.
    """
    if template not in TEMPLATES:
        raise KeyError(template)
    head, heads = _tables(template), _tables("heads")
    library, figures = _library()
    languages = settings.languages
    articles: list[dict[str, Any]] = []
    for part in head["parts"]:
        articles += [library[name] | {"part": part["id"]} for name in part["articles"]]
    used = {name for a in articles for words in a["text"].values() for name in places(words)}
    first = members[0]
    return AgreementSettings.model_validate(
        {
            "id": f"{settings.id}-{template}",
            "form": head["form"],
            "subjects": head["subjects"],
            "status": "draft",
            "drafted": drafted,
            "title": _in(head["title"], languages),
            "notice": _joined(notice or {}, _in(heads["notice"], languages)),
            "seat": {
                "place": _in(dict(first.name), languages),
                "member": first.id,
                "law": first.country,
            },
            "terms": {
                name: term | ({"currency": settings.currency} if "money" in term else {})
                for name, term in figures.items()
                if name in used
            },
            "parts": [
                {"id": part["id"], "title": _in(heads["parts"][part["id"]], languages)}
                for part in head["parts"]
            ],
            "articles": [_article(a, languages) for a in articles],
        },
        context={"languages": languages},
    )


def _in(words: Mapping[str, str], languages: Sequence[str]) -> dict[str, str]:
    other = words.get("en") or next(iter(words.values()))
    return {code: words.get(code, other) for code in languages}


def _joined(first: Mapping[str, str], second: Mapping[str, str]) -> dict[str, str]:
    return {code: f"{first[code]} {words}" if first.get(code) else words for code, words in second.items()}


def _article(article: Mapping[str, Any], languages: Sequence[str]) -> dict[str, Any]:
    there = [code for code in languages if code in article["text"]]
    return {
        "id": article["id"],
        "part": article["part"],
        "covers": article.get("covers", ()),
        "pending": [code for code in languages if code not in there],
        "title": {code: article["title"][code] for code in there},
        "text": {code: article["text"][code].strip() for code in there},
    }
