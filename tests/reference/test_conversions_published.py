"""Conversions against published points: map projections, height datums, units."""

from __future__ import annotations

import numpy as np
import pytest

from bothbanks.words.datums import Datum, Datums
from bothbanks.words.places import projection
from bothbanks.words.quantities import unit_conversion


def dms(degrees: float, minutes: float, seconds: float) -> float:
    return degrees + minutes / 60.0 + seconds / 3600.0


# IOGP Publication 373-7-2, Geomatics Guidance Note 7, part 2: worked examples of the methods named. Printed
# to a centimetre (or millimetre), so the tolerance is half of the last digit, in metres.
GUIDANCE_NOTE = [
    ("Lambert azimuthal equal area, ETRS89 / LAEA Europe", "EPSG:4258", "EPSG:3035", 5.0, 50.0,
     3962799.45, 2999718.85, 0.006),
    ("Oblique stereographic, Amersfoort / RD New", "EPSG:4289", "EPSG:28992", 6.0, 53.0,
     196105.283, 557057.739, 0.001),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "geographic", "projected", "lon", "lat", "east", "north", "tolerance"), GUIDANCE_NOTE
)
def test_worked_examples_of_the_guidance_note(
    name: str,
    geographic: str,
    projected: str,
    lon: float,
    lat: float,
    east: float,
    north: float,
    tolerance: float,
) -> None:
    there, back = projection(geographic, projected), projection(projected, geographic)
    x, y = there.apply(np.array([lon]), np.array([lat]))
    assert (x[0], y[0]) == pytest.approx((east, north), abs=tolerance), name
    longitude, latitude = back.apply(np.array([east]), np.array([north]))
    assert (longitude[0], latitude[0]) == pytest.approx((lon, lat), abs=tolerance / 60_000.0), name


def test_belgian_lambert_72_at_the_worked_example() -> None:
    """Worked example of EPSG method 9803, 'Lambert conic conformal (2SP Belgium)', turned by 29.2985".

    EPSG:31370, in use today, has that turn folded into its meridian and parallels, rounded to 0.001":
    the example's point moves by 5 cm at most, under the 20 cm of the way from BD72 to ETRS89.
    """
    x, y = projection("EPSG:4313", "EPSG:31370").apply(
        np.array([dms(5, 48, 26.533)]), np.array([dms(50, 40, 46.461)])
    )
    assert (x[0], y[0]) == pytest.approx((251763.20, 153034.13), abs=0.05)


def test_swiss_and_german_grids_meet_within_the_stated_accuracy() -> None:
    """A point of the Swiss grid, by way of the grid of account and directly: the same German coordinates."""
    x, y = np.array([2_640_000.0]), np.array([1_268_000.0])
    direct = projection("EPSG:2056", "EPSG:25832")
    first, then = projection("EPSG:2056", "EPSG:3035"), projection("EPSG:3035", "EPSG:25832")
    assert np.hypot(*np.subtract(direct.apply(x, y), then.apply(*first.apply(x, y))))[0] < 0.001
    assert 0.0 <= first.accuracy_m <= 1.0


def test_taw_and_nap_at_eijsden() -> None:
    """TAW = NAP + 2.33 m: the Belgian zero is low water at Ostend, 2.33 m under the Amsterdam one.

    So 47.00 m over NAP reads 49.33 m over TAW, and the offset to NAP is negative.
    """
    table = Datums("NAP", (Datum("TAW", -2.33, 0.01, "level at Eijsden-grens published in both datums"),))
    assert 49.33 + table.to_account("TAW").offset_to_account_m == pytest.approx(47.00)
    other = Datums("TAW", (Datum("NAP", +2.33, 0.01, "level at Eijsden-grens published in both datums"),))
    assert 47.00 + other.to_account("NAP").offset_to_account_m == pytest.approx(49.33)


def test_a_bridge_between_two_datums_meets() -> None:
    """The Hochrheinbrücke at Laufenburg: 27 cm between the two zeros taken the wrong way made 54 cm.

    The deck of both sides stands at one height of account. A design height of the Swiss side, turned into
    the German datum with the stated offset and back, is the same; with the sign turned it is off
    by twice that.
    """
    offset = -0.27  # the Swiss zero lies lower, so Swiss heights are the larger numbers
    german = Datums("DHHN92", (Datum("LN02", offset, 0.05, "SWR Wissen, January 2023"),))
    swiss = Datums("LN02", (Datum("DHHN92", -offset, 0.05, "SWR Wissen, January 2023"),))
    deck_ln02 = 314.27
    deck_dhhn = deck_ln02 + german.to_account("LN02").offset_to_account_m
    assert deck_dhhn == pytest.approx(314.00)
    assert deck_dhhn + swiss.to_account("DHHN92").offset_to_account_m == pytest.approx(deck_ln02)
    wrong = deck_ln02 - german.to_account("LN02").offset_to_account_m
    assert abs(wrong - deck_dhhn) == pytest.approx(0.54)


@pytest.mark.parametrize(
    ("given", "account", "factor", "offset"),
    [
        ("ft", "m", 0.3048, 0.0),  # international foot, 1959
        ("degF", "degC", 5 / 9, -160 / 9),
        ("K", "degC", 1.0, -273.15),
        ("ha", "km2", 0.01, 0.0),
        ("km/h", "m/s", 1 / 3.6, 0.0),
        ("knot", "m/s", 1852 / 3600, 0.0),
        ("L/s", "m3/s", 0.001, 0.0),
        ("percent", "1", 0.01, 0.0),
        ("inch", "mm", 25.4, 0.0),
        ("hour", "day", 1 / 24, 0.0),
    ],
)
def test_units_by_definition(given: str, account: str, factor: float, offset: float) -> None:
    """SI brochure, 9th edition (2019), tables 8 and following; NIST SP 811 (2008), appendix B."""
    way = unit_conversion(given, account)
    assert way.factor == pytest.approx(factor, rel=1e-12)
    assert way.offset == pytest.approx(offset, rel=1e-12, abs=1e-12)
