"""A region with outcome grants that every formula pays by, for tests of statements."""

from __future__ import annotations

from pathlib import Path

from region_folders import fresh

GRANTS = """
[[grants]]
id = "minutes"
name = "Minutes"
funder = "a fund"
indicator = "minutes"
unit = "min"
better = "lower"
aggregate = "mean"
start = 2027-01-01
end = 2028-12-31
least_count = 3
verifier = "audit"
baseline = { value = 45.5, unit = "min", source = "assumed" }
price = { value = 100, unit = "EUR/min", source = "assumed" }
floor = 20
cap = { value = 1000.01, unit = "EUR", source = "assumed" }
shares = { left = 0.7, right = 0.3 }
source = "assumed"
[grants.dispute]
article = "article 14"
file_days = 60
evidence_days = 30
panel_days = 45
decide_days = 90
panel_size = 3
cap = 10
[grants.data]
file = "seen/minutes.csv"
time = "day"
value = "minutes"
verifier = "signed by"
"""
OPEN = GRANTS.replace('"minutes"', '"open"').replace(
    'baseline = { value = 45.5, unit = "min", source = "assumed" }\n', ""
)
SEEN = """day,minutes,signed by,remark
2027-03-01,40.5,audit,drill
2027-09-01,42,audit,drill
2027-10-01,10,left,not checked
2028-03-01,39,audit,flood
2029-03-01,1,audit,after the period
"""


def grant_region(path: Path, grants: str = GRANTS + OPEN) -> Path:
    """A region folder with these grants."""
    folder = fresh(path)
    (folder / "finance").mkdir(exist_ok=True)
    (folder / "finance/grants.toml").write_text(grants, "utf-8")
    return folder
