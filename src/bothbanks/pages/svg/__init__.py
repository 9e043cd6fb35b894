"""Drawings made on the server: plain SVG text, the same bytes for the same numbers."""
