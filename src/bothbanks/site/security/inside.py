"""Where a browser is sent after signing in: to this site and nowhere else."""

from __future__ import annotations


def inside(following: str, otherwise: str) -> str:
    """An address of this site as given, else the other one.

    Browsers read a backslash as a slash and drop tabs and line ends, so all of these are turned away.

    >>> inside("/en/votes?open=1", "/en"), inside("//evil.example", "/en"), inside("/\\\\evil.example", "/en")
    ('/en/votes?open=1', '/en', '/en')
    """
    own = following.startswith("/") and not following.startswith("//") and "\\" not in following
    return following if own and following.isascii() and following.isprintable() else otherwise
