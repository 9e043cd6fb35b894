"""The ``[purchasing]`` table of ``cases/purchasing.toml``."""

from __future__ import annotations

from collections.abc import Iterator

from bothbanks.region.schema import ParameterSettings, Settings


class PurchasingSettings(Settings):
    """Buying together: what is bought, at what price by volume, under which rules."""

    def numbers(self) -> Iterator[tuple[str, tuple[str | int, ...], ParameterSettings]]:
        """(id below the case, keys below its table, settings) of every number that is a parameter."""
        yield from ()
