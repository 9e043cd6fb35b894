"""The commented toml files of a new region folder. ``$name`` is filled in by ``new``."""

from __future__ import annotations

REGION = """\
# A region folder. Every key is explained in docs/reference/region-folder.md.
# Everything here is made up, so that the folder works at once: replace it file by file.
# 'bothbanks check .' lists everything that is wrong; 'bothbanks appraise . --out DIR' computes.
id = "$region"
members = ["$left", "$right"]      # a folder of the same name under members/
languages = $languages             # of the report
currency = "$currency"             # of account: all money is turned into it
price_year = 2023                  # and into prices of this year
horizon_years = 50
crs = "$crs"                       # of account: projected, in metres
height_datum = "$datum"            # of account: heights over other datums need [[datums]]
cell_size_m = 1000
seed = 1
draws = 64

[name]
$words_name

[about]
$words_about

[demonstration]
$words_demo

# A number is always written so: value, its range, its unit, and a citation or the word 'assumed'.
[parameters.discount_rate]
value = 0.03
low = 0.02
high = 0.04
unit = "1/year"
source = "assumed"

# A member that counts in another currency needs a dated rate:
# [[rates]]
# from = "XXX"
# to = "$currency"
# rate = 1.0
# date = "2023-12-29"              # a day in the price year
# source = "the bank that published it"

# A height over another datum needs its offset (height of account = height + offset):
# [[datums]]
# name = "TAW"
# offset_to_account_m = -2.33
# uncertainty_m = 0.01
# source = "the survey that published it"
"""

_MEMBER_HEAD = """\
id = "$id"
country = "$country"
${zone}currency = "$currency"
languages = ["$language"]
fiscal_year_start = "01-01"

[name]
$words_name

# What the member publishes stays as it is; this file says how to read it.
[[sources]]
kind = "municipalities"
file = "municipalities.geojson"
crs = "EPSG:4326"
licence = "CC0-1.0"
attribution = "made up"
modelled = true

"""

MEMBER_LEFT = (
    _MEMBER_HEAD
    + """\
[[sources]]
kind = "cells"
file = "einwohner.csv"
encoding = "windows-1252"
delimiter = ";"
decimal = ","
crs = "$their_crs"
licence = "CC0-1.0"
attribution = "made up"
modelled = true
[sources.fields]                   # our column = the name it has in the file
x = "RECHTS"
y = "HOCH"
municipality = "SCHLÜSSEL"
population = "EINWOHNER"

# An official flood map. One GeoTIFF a return period works as well: file = "hq100.tif" and
# [sources.constants] return_period = 100
[[sources]]
kind = "flood_depths"
file = "tiefen.csv"
delimiter = ";"
decimal = ","
crs = "$their_crs"
licence = "CC0-1.0"
attribution = "made up"
modelled = true
[sources.fields]
x = "RECHTS"
y = "HOCH"
return_period = "LASTFALL"
depth = "TIEFE_CM"
[sources.units]                    # the unit their field is in
depth = "cm"
[sources.codes.return_period]      # their name = years
HQ30 = 30
HQ100 = 100
HQ300 = 300
[sources.code_sources]
return_period = "assumed: HQ names the return period in years"
"""
)

MEMBER_RIGHT = (
    _MEMBER_HEAD
    + """\
[[sources]]
kind = "cells"
file = "population.csv"
crs = "$their_crs"
licence = "CC0-1.0"
attribution = "made up"
modelled = true

[[sources]]
kind = "flood_depths"
file = "depths.csv"
crs = "$their_crs"
licence = "CC0-1.0"
attribution = "made up"
modelled = true
[sources.codes.return_period]
T20 = 20
T100 = 100
T500 = 500
[sources.code_sources]
return_period = "assumed: T names the return period in years"
"""
)

CASE = """\
# A shared problem: its numbers, and what could be done about it.
id = "flood"
kind = "flood"
unit = "$currency"
method = "maps"                    # official depth maps; 'regional' computes depths from rain and terrain

[name]
$words_flood

[modelled]                         # said wherever the hazard is shown; none when maps are official
$words_demo

[parameters.price_index]
value = 1.0
unit = "1"
source = "assumed"

[parameters.footprint_residential_m2_per_head]
value = 24.0
low = 18.0
high = 30.0
unit = "m2/person"
source = "assumed"

[parameters.value_residential_$country_left]
value = 700.0
low = 500.0
high = 900.0
unit = "$currency/m2"
source = "assumed"

[parameters.value_residential_$country_right]
value = 700.0
low = 500.0
high = 900.0
unit = "$currency/m2"
source = "assumed"

[parameters.breach_spread]
value = 4.0
low = 2.0
high = 8.0
unit = "1"
source = "assumed"

# How alike basins flood in one year: a t copula. With one basin it does nothing.
[parameters.copula_nu]
value = 4.0
unit = "1"
source = "assumed"

[parameters.copula_rho_tributaries]
value = 0.75
unit = "1"
source = "assumed"

[parameters.copula_rho_main]
value = 0.45
unit = "1"
source = "assumed"

[basins.river]
kind = "main"
[basins.river.name]
$words_river
[basins.river.parameters.protection_years]
value = 20.0
low = 10.0
high = 30.0
unit = "year"
source = "assumed"

[[classes]]
id = "residential"
curve = "jrc-residential"          # a built-in curve, or one of your own under [[curves]]
owner = "households"

[[measures]]
id = "levee-left"
kind = "levee"
holders = ["$left"]                # members who must all agree
holders_source = "assumed"
hosts = ["$left"]
lifetime_years = 50
years = [0, 1]                     # capital is spent in these years
year_shares = [0.5, 0.5]
[measures.name]
$words_levee
[measures.cost]
value = 1500000.0
low = 1000000.0
high = 2500000.0
unit = "$currency"
price_year = 2023
source = "assumed"
[measures.upkeep]
value = 0.005
low = 0.002
high = 0.01
unit = "1/year"
source = "assumed"
[[measures.effects]]
basin = "river"
members = ["$left"]
on = "protection"
[measures.effects.size]
value = 150.0
low = 100.0
high = 200.0
unit = "year"
source = "assumed"
[[measures.effects]]               # the other bank gets more water: harm counts
basin = "river"
members = ["$right"]
on = "stage"
[measures.effects.size]
value = 0.1
low = 0.05
high = 0.2
unit = "m"
source = "assumed"

[[measures]]
id = "walls-right"
kind = "walls"
holders = ["$right"]
holders_source = "assumed"
hosts = ["$right"]
lifetime_years = 50
[measures.name]
$words_walls
[measures.cost]
value = 1200000.0
low = 800000.0
high = 2000000.0
unit = "$currency"
price_year = 2023
source = "assumed"
[measures.upkeep]
value = 0.005
low = 0.002
high = 0.01
unit = "1/year"
source = "assumed"
[[measures.effects]]
basin = "river"
members = ["$right"]
on = "protection"
[measures.effects.size]
value = 120.0
low = 80.0
high = 150.0
unit = "year"
source = "assumed"

[[measures]]
id = "retention-upstream"
kind = "retention"
holders = ["$left", "$right"]
holders_source = "assumed"
hosts = ["$left"]
lifetime_years = 80
[measures.name]
$words_retention
[measures.cost]
value = 1800000.0
low = 1000000.0
high = 3000000.0
unit = "$currency"
price_year = 2023
source = "assumed"
[measures.upkeep]
value = 0.005
low = 0.002
high = 0.01
unit = "1/year"
source = "assumed"
[[measures.effects]]
basin = "river"
members = ["*"]
on = "stage"
[measures.effects.size]
value = -0.3
low = -0.4
high = -0.15
unit = "m"
source = "assumed"

[[measures]]
id = "proofing"
kind = "proofing"                  # each member decides for itself
holders = ["*"]
holders_source = "assumed"
lifetime_years = 30
[measures.name]
$words_proofing
[measures.cost]
value = 400000.0
low = 200000.0
high = 800000.0
unit = "$currency"
price_year = 2023
source = "assumed"
[measures.upkeep]
value = 0.01
low = 0.005
high = 0.02
unit = "1/year"
source = "assumed"
[[measures.effects]]
basin = "*"
members = ["*"]
on = "damage"
[measures.effects.size]
value = 0.85
low = 0.75
high = 0.95
unit = "1"
source = "assumed"

[[deals]]
id = "retention"
measures = ["retention-upstream"]
hosts = ["$left"]
beneficiaries = ["$right"]
[deals.name]
$words_deal
"""

LICENCES = """\
file,licence,attribution,source,derived_how,modelled,reexpressed_from
members/$left/municipalities.geojson,CC0-1.0,made up,bothbanks new,made up,true,
members/$left/einwohner.csv,CC0-1.0,made up,bothbanks new,made up,true,
members/$left/tiefen.csv,CC0-1.0,made up,bothbanks new,made up,true,
members/$right/municipalities.geojson,CC0-1.0,made up,bothbanks new,made up,true,
members/$right/population.csv,CC0-1.0,made up,bothbanks new,made up,true,
members/$right/depths.csv,CC0-1.0,made up,bothbanks new,made up,true,
"""
