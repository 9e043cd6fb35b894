"""Series by year, with equal neighbouring years merged so that a table stays short."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bothbanks.analysis.findings import FloatArray


def merged_years(
    series: Sequence[FloatArray], most: int = 12, small: float = 0.0
) -> list[tuple[int, int, list[float]]]:
    """(first year, last year, value of each series) with equal years merged.

    Values that differ by no more than ``small``, or a thousandth of the largest, count as equal.
    More than ``most`` rows are merged further, ten years at a time, as yearly means.

    >>> merged_years([np.array([1.0, 1.0, 0.0])])
    [(0, 1, [1.0]), (2, 2, [0.0])]
    """
    if not series or not len(series[0]):
        return []
    table = np.vstack(series)
    small = max(small, 1e-3 * max(float(np.abs(table).max()), 1e-12))
    out: list[tuple[int, int, list[float]]] = []
    start = 0
    for k in range(1, table.shape[1] + 1):
        if k == table.shape[1] or np.any(np.abs(table[:, k] - table[:, start]) > small):
            out.append((start, k - 1, table[:, start:k].mean(axis=1).tolist()))
            start = k
    if len(out) <= most:
        return out
    edges = sorted({0, 1, 2, 3, 5, *range(10, table.shape[1], 10)} - {table.shape[1]})
    edges = [e for e in edges if e < table.shape[1]]
    ends = [*edges[1:], table.shape[1]]
    return [(a, b - 1, table[:, a:b].mean(axis=1).tolist()) for a, b in zip(edges, ends, strict=True)]
