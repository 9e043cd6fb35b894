"""OGC API Features: queries, filters, coordinate systems and documents for layers held as columns."""

from bothbanks.standards.features.cql2 import read_filter, selected
from bothbanks.standards.features.documents import DOWNLOADS, LayerWords
from bothbanks.standards.features.encode import Encoder, dumps
from bothbanks.standards.features.faults import QueryError
from bothbanks.standards.features.query import ItemsQuery, matching, page, read_query
from bothbanks.standards.features.table import Column, FeatureTable, column

__all__ = [
    "DOWNLOADS", "Column", "Encoder", "FeatureTable", "ItemsQuery", "LayerWords", "QueryError", "column",
    "dumps", "matching", "page", "read_filter", "read_query", "selected",
]  # fmt: skip
