"""Arguments that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RegionFolder = Annotated[
    Path, typer.Argument(help="The region folder (it holds region.toml).", show_default=False)
]
