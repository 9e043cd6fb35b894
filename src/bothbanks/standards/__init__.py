"""Findings <-> documents of the outside world: value.json, layers.gpkg, tables, the workbook.

Each form is one module; import it from there (they load heavy libraries):
``value_json``, ``layers``, ``tables``, ``workbook``.
"""
