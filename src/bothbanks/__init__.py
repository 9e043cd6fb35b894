"""Alone or together: what cities that share a border gain by acting jointly."""

__version__ = "0.1.0"
