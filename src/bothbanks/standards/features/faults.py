"""What a reader asked of a layer that can't be answered."""

from __future__ import annotations

from bothbanks.words.errors import InputError


class QueryError(InputError):
    """A parameter, filter or document that can't be used; becomes a 400 (RFC 9457) on the wire.

    ``parameter`` is the query parameter, and ``at`` the place in it: a character (counted from 1) of a
    text, or a JSON pointer (RFC 6901) into a JSON document; empty where the whole parameter is meant.
    """

    def __init__(self, code: str, message: str, parameter: str = "", at: str = "") -> None:
        super().__init__(code, message)
        self.parameter = parameter
        self.at = at

    def __reduce__(self) -> tuple[type[QueryError], tuple[str, ...]]:
        return type(self), (self.code, self.message, self.parameter, self.at)
