"""The templates' environment, and where the pages' files lie: what the live site needs of the report."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bothbanks.pages.plain import plain_words

HERE = Path(__file__).parent
LEAFLET = (
    "leaflet.css",
    "leaflet.js",
    "images/layers.png",
    "images/layers-2x.png",
    "images/marker-icon.png",
    "images/marker-icon-2x.png",
    "images/marker-shadow.png",
)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates, with escaping on and missing names refused."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["plain"] = plain_words
    return made
