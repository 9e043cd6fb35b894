"""What is sent to the site, read so that the store and the record can keep it word for word."""

from __future__ import annotations

import json
import math
import re
from datetime import date
from typing import Annotated, Any

from fastapi import Request
from pydantic import BeforeValidator
from starlette.datastructures import FormData
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bothbanks.civic.changes import Refusal
from bothbanks.site.problems import RefusedError, problem

DEEPEST = 40  # levels of nesting; a feature's geometry has 6
# PostgreSQL keeps no NUL, UTF-8 no half of a surrogate pair, and RFC 8785 refuses what UTF-8 can't say.
# The other control characters (but for tab and line ends) have no place in a text for people.
UNKEPT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
KEPT_PATTERN = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f]*$"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_IN_ADDRESS = re.compile(rb"%(?:0[0-8bcef]|1[0-9a-f])", re.IGNORECASE)


def _as_day(value: Any) -> Any:
    """Days are asked for as ISO 8601 writes them; a number would be read as seconds since 1970."""
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError("expected a day such as 2027-01-05")
    return value


AskedDay = Annotated[date, BeforeValidator(_as_day)]
"""A day in an address."""


def read_json(raw: bytes | bytearray) -> Any:
    """The JSON that was sent; strict where Python's reader is not.

    Raises
    ------
    ValueError
        No JSON (RFC 8259), a number beyond a double, a text that can't be kept, or nested too deep.

    Examples
    --------
    >>> read_json(b'{"words": "over the weir"}')
    {'words': 'over the weir'}
    >>> read_json(b'{"words": "\\\\ud800"}')
    Traceback (most recent call last):
    ...
    ValueError: a text holds characters that can't be kept
    """
    try:
        found = json.loads(raw, parse_constant=_no_constant, parse_float=_finite, parse_int=_whole)
    except RecursionError:
        raise ValueError("nested too deep") from None
    _check(found)
    return found


def _check(found: Any) -> None:
    level = [found]
    for _ in range(DEEPEST):
        below: list[Any] = []
        for one in level:
            if isinstance(one, str):
                keepable(one)
            elif isinstance(one, dict):
                below += [*one, *one.values()]
            elif isinstance(one, list):
                below += one
        if not below:
            return
        level = below
    raise ValueError("nested too deep")


def keepable(text: str) -> str:
    """The text. Raises ValueError where the store could not keep it."""
    if UNKEPT.search(text):
        raise ValueError("a text holds characters that can't be kept")
    return text


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _finite(digits: str) -> float:
    if not math.isfinite(found := float(digits)):
        raise ValueError("a number beyond a double")
    return found


def _whole(digits: str) -> int:
    """JSON's whole numbers are read as doubles elsewhere: past their range there is none."""
    if len(digits) > 309 or not math.isfinite(float(digits)):
        raise ValueError("a number beyond a double")
    return int(digits)


async def read_form(request: Request, largest: int) -> FormData:
    """The fields of a form without files. Raises RefusedError: 413, or 400 for a text that can't be kept."""
    raw = await read_bytes(request, largest)
    pieces = iter([{"type": "http.request", "body": bytes(raw), "more_body": False}])

    async def again() -> Message:
        return next(pieces)

    form = await Request(request.scope, again).form(max_files=0, max_part_size=largest)
    try:
        for key, value in form.multi_items():
            keepable(key)
            keepable(str(value))
    except ValueError:
        words = Refusal("command.text", "A text holds characters that can't be kept. Write it anew.")
        raise RefusedError(words, 400) from None
    return form


async def read_bytes(request: Request, largest: int) -> bytearray:
    """The body. Raises RefusedError (413) as soon as it is longer than that."""
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > largest:
            raise RefusedError(Refusal("command.large", "What was sent is too large."), 413)
    return raw


class ReadableAddress:
    """Turns an address away that holds control characters: no object has such a name."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 400."""
        if scope["type"] == "http" and (
            UNKEPT.search(scope["path"]) or _IN_ADDRESS.search(scope.get("query_string", b""))
        ):
            answer = problem(400, "site.address", "This address holds characters that no address has.")
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)
