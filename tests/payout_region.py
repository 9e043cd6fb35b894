"""A reserve with one trigger on a made-up river, for tests of payouts."""

from __future__ import annotations

RESERVE = """
id = "reserve"
kind = "reserve"
unit = "EUR"
name = "Reserve"
[reserve.level]
value = 0.99
unit = "1"
source = "assumed"
[reserve.layers.all]
attachment = { value = 10, unit = "year", source = "assumed" }
exhaustion = { value = 100, unit = "year", source = "assumed" }
share = { value = 0.25, unit = "1", source = "assumed" }
[[reserve.triggers]]
id = "river"
name = "River"
unit = "m3/s"
limit = 1000.01
start = 2026-01-01
end = 2026-12-31
waits_for = "final"
article = "article 12"
source = "assumed"
shares = { left = 0.7, right = 0.3 }
[[reserve.triggers.parts]]
id = "bridge"
place = "Bridge"
reduce = "max"
steps = [{ gt = 100, le = 200, pay = 0.5 }, { gt = 200, pay = 1 }]
[reserve.triggers.parts.data]
file = "gauges/river.csv"
delimiter = ";"
decimal = ","
columns = { time = "day", value = "flow", place = "gauge", status = "status" }
final = ["checked"]
"""
NUMBERS = """
[parameters]
load = { value = 0.06, unit = "1/year", source = "assumed" }
running_alone = { value = 1, unit = "EUR/year", source = "assumed" }
running_fixed = { value = 1, unit = "EUR/year", source = "assumed" }
running_member = { value = 1, unit = "EUR/year", source = "assumed" }
interest = { value = 0.01, unit = "1/year", source = "assumed" }
target_ruin = { value = 0.02, unit = "1", source = "assumed" }
"""
