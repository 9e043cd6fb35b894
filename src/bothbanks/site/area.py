"""An area of the site: its pages and its API, each behind the gate of a dataset.

A route is declared with :meth:`Area.page` (HTML, in every language), :meth:`Area.api` (JSON, documented) or
:meth:`Area.at` (an address that a standard fixes). There is no way to declare one without a dataset, so
nothing is served that the sharing rules don't know.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_type_hints

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.convertors import Convertor, register_url_convertor

from bothbanks.site.door import Door
from bothbanks.site.problems import PROBLEMS

View = TypeVar("View", bound=Callable[..., Any])


class _LanguageConvertor(Convertor[str]):
    regex = "[a-z]{2,3}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("language", _LanguageConvertor())


@dataclass(frozen=True)
class Area:
    """One part of the site. ``title`` is what the menu calls it ('' leaves it out)."""

    name: str
    dataset: str
    title: str = ""
    start: str = ""  # its first page; '/<name>' where not given
    pages: APIRouter = field(default_factory=lambda: APIRouter(default_response_class=HTMLResponse))
    data: APIRouter = field(default_factory=APIRouter)
    fixed: APIRouter = field(default_factory=APIRouter)

    @property
    def address(self) -> str:
        """The first page, without the language."""
        return self.start or f"/{self.name}"

    def page(self, path: str, dataset: str = "", **options: Any) -> Callable[[View], View]:
        """GET /{language}<path>, a page."""
        address = "/{language:language}" + path
        return self._route(self.pages, address, dataset, include_in_schema=False, **options)

    def api(self, path: str, answer: Any = None, dataset: str = "", **options: Any) -> Callable[[View], View]:
        """GET /api<path>, JSON of the type ``answer``."""
        options.setdefault("tags", [self.name])
        return self._route(self.data, f"/api{path}", dataset, response_model=answer, **options)

    def at(self, path: str, dataset: str = "", **options: Any) -> Callable[[View], View]:
        """GET (or ``methods``) at an address that a standard fixes."""
        options.setdefault("tags", [self.name])
        return self._route(self.fixed, path, dataset, **options)

    def _route(self, router: APIRouter, path: str, dataset: str, **options: Any) -> Callable[[View], View]:
        door = Door(dataset or self.dataset)
        options.setdefault("responses", PROBLEMS)
        methods = options.pop("methods", ["GET"])

        def declare(view: View) -> View:
            router.add_api_route(path, _behind(door, view), methods=methods, **options)
            return view

        return declare


def _behind(door: Door, view: View) -> View:
    """The view, its first parameter being the visit that the door opens.

    The visit is opened in the view's own thread and closed with it: a visit waiting for a thread would hold
    a connection that others wait for.
    """
    signature, hints = inspect.signature(view), get_type_hints(view, include_extras=True)
    rest = list(signature.parameters.values())[1:]
    parameters = [
        p.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints.get(p.name, p.annotation))
        for p in rest
    ]
    asked = inspect.Parameter(_ASKED, inspect.Parameter.KEYWORD_ONLY, annotation=Request)

    def entered(**values: Any) -> Any:
        with door.open(values.pop(_ASKED)) as visit:
            return view(visit, **values)

    out: Any = entered
    out.__signature__ = inspect.Signature(
        [*parameters, asked], return_annotation=hints.get("return", inspect.Signature.empty)
    )
    out.__name__, out.__doc__, out.__module__ = view.__name__, view.__doc__, view.__module__
    out.door = door
    return out  # type: ignore[no-any-return]


_ASKED = "asked_of_the_door"
