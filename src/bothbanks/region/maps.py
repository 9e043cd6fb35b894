"""Official flood maps of members that map other return periods, brought to the same ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from bothbanks.region.conversions import Conversion


def on_common_return_periods(table: Any) -> Any:
    """``flood_depths`` with every return period any member has, for every member.

    Between two of a member's own maps, depth and wet share of a cell are interpolated over the logarithm of
    the return period; beyond its rarest map that map holds; below its most frequent one the cell is dry
    (absent). Column ``interpolated`` says which rows were made. Without this, a member that maps 100 and 300
    years would count as dry in the 500-year flood of its neighbour's map.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"member": ["a", "a", "b"], "cell": ["c", "c", "d"],
    ...                       "return_period": [10.0, 1000.0, 100.0], "depth": [1.0, 3.0, 2.0],
    ...                       "wet_share": [0.5, 0.5, 0.5]})
    >>> made = on_common_return_periods(table)
    >>> made[(made.member == "a") & (made.return_period == 100.0)].depth.round(9).item()
    2.0
    """
    import pandas as pd

    periods = np.sort(table["return_period"].unique())
    owned = table.groupby("member", sort=False)["return_period"].nunique()
    if (owned == len(periods)).all() or table["depth"].isna().any():  # NaN: its unit was told to be unknown
        return table.assign(interpolated=False)
    parts = [_one_member(rows, periods) for _, rows in table.groupby("member", sort=False)]
    return pd.concat(parts, ignore_index=True)[[*table.columns, "interpolated"]]


def period_conversions(table: Any) -> list[Conversion]:
    """One conversion row for each return period that a member did not map itself."""
    rows = []
    for (member, period), made in table[table["interpolated"]].groupby(
        ["member", "return_period"], sort=True
    ):
        own = sorted(table["return_period"][(table["member"] == member) & ~table["interpolated"]].unique())
        beyond = period > own[-1]
        given = f"{own[-1]:g} years" if beyond else f"{', '.join(f'{p:g}' for p in own)} years"
        how = "the rarest map holds" if beyond else "interpolated over the logarithm of the return period"
        file = str(made["source_file"].iloc[0])
        rows.append(
            Conversion(
                file,
                str(member),
                "return_period",
                "period",
                given,
                f"{period:g} years",
                records=len(made),
                source=how,
            )
        )
    return rows


def _one_member(rows: Any, periods: np.ndarray[Any, np.dtype[np.float64]]) -> Any:
    import pandas as pd

    own = np.sort(rows["return_period"].unique())
    depth = rows.pivot(index="cell", columns="return_period", values="depth").reindex(columns=own).fillna(0.0)
    share = (
        rows.pivot(index="cell", columns="return_period", values="wet_share").reindex(columns=own).fillna(0.0)
    )
    about = (
        rows.drop_duplicates("cell").drop(columns=["return_period", "depth", "wet_share"]).set_index("cell")
    )
    made = []
    for period in periods:
        at = np.log(period)
        if period < own[0]:
            continue
        high = int(np.searchsorted(own, min(period, own[-1])))
        low = max(high - 1, 0)
        span = np.log(own[high]) - np.log(own[low])
        weight = 1.0 if high == low or period >= own[-1] else (at - np.log(own[low])) / span
        part = about.copy()
        part["return_period"] = period
        for name, grid in (("depth", depth), ("wet_share", share)):
            part[name] = (1.0 - weight) * grid[own[low]] + weight * grid[own[high]]
        part["interpolated"] = bool(period not in own)
        made.append(part[(part["depth"] > 0.0) & (part["wet_share"] > 0.0)].reset_index())
    return pd.concat(made, ignore_index=True)
