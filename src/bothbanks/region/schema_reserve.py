"""The ``[reserve]`` table of ``cases/reserve.toml``."""

from __future__ import annotations

from collections.abc import Iterator

from bothbanks.region.schema import ParameterSettings, Settings


class ReserveSettings(Settings):
    """A reserve fund: who pays in, what it keeps, what it cedes, and what triggers a payout."""

    def numbers(self) -> Iterator[tuple[str, tuple[str | int, ...], ParameterSettings]]:
        """(id below the case, keys below its table, settings) of every number that is a parameter."""
        yield from ()
