"""Words without their markup, for drawings, attributes and papers."""

from __future__ import annotations

import re

from markupsafe import Markup, escape


def plain_words(text: object) -> str:
    """Words without their markup; unlike striptags, spaces that must not break stay.

    >>> plain_words(Markup("<b>12\N{NO-BREAK SPACE}m</b> &amp; more"))
    '12\\xa0m & more'
    """
    return Markup(re.sub(r"<[^>]*>", "", str(escape(text)))).unescape()
