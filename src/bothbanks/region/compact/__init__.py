"""The ``compact.toml`` and ``compact/`` part of a region folder: the agreement and what serves it."""
