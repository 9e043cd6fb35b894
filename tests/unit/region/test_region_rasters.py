"""Official maps as rasters and polygons, laid on the grid: depth and wet share worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from region_folders import found, fresh, replace

from bothbanks.region.folder import harmonise, read_region

LEFT = "members/left/member.toml"
SOURCE = """
[[sources]]
kind = "flood_depths"
file = "{file}"
{more}
licence = "CC0-1.0"
attribution = "made up"
[sources.constants]
return_period = {period}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fresh(tmp_path / "two")


def corner(folder: Path) -> tuple[float, float]:
    """Lower left corner of the left bank, CRS of account."""
    model = harmonise(read_region(folder))
    cells = model.tables["cells"]
    left = cells[cells["member"] == "left"]
    return float(left["x"].min()) - 500.0, float(left["y"].min()) - 500.0


def without_csv_map(folder: Path) -> None:
    """Leave the left bank's CSV map out of its member.toml."""
    path = folder / LEFT
    text = path.read_text("utf-8")
    path.write_text(text[: text.index("# An official flood map")], "utf-8")


def write_raster(
    path: Path, values: np.ndarray, west: float, north: float, size: float, crs: str, **more: object
) -> None:
    import rasterio
    from affine import Affine

    with rasterio.open(
        path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1,
        dtype="float32", crs=crs,
        transform=Affine(size, 0.0, west, 0.0, -size, north), nodata=-9999.0, **more,
    ) as data:  # fmt: skip
        data.write(values.astype("float32"), 1)


def with_rasters(folder: Path, periods: tuple[int, ...] = (100, 200), crs: str = "EPSG:3035") -> Path:
    """Two maps of 250 m pixels over the lower left cell and the one right of it."""
    west, south = corner(folder)
    without_csv_map(folder)
    values = np.full((4, 8), -9999.0)
    values[0, 0], values[0, 1], values[1, 0] = 1.0, 2.0, 3.0  # first cell: 3 of 16 pixels, mean 2 m
    values[:, 4:] = 0.5  # second cell: all of it
    values[3, 4:] = 0.0  # but its southern quarter is dry
    for period in periods:
        path = folder / f"members/left/hq{period}.tif"
        write_raster(
            path, np.where(values > 0.0, values * (period / 100.0), values), west, south + 1000.0, 250.0, crs
        )
        text = SOURCE.format(file=path.name, period=period, more='crs = "EPSG:3035"')
        (folder / LEFT).write_text((folder / LEFT).read_text("utf-8") + text, "utf-8")
    return folder / "members/left/hq100.tif"


def test_geotiff_depth_and_wet_share(folder: Path) -> None:
    with_rasters(folder)
    model = harmonise(read_region(folder))
    table = model.tables["flood_depths"]
    mine = table[(table["member"] == "left") & (table["return_period"] == 100.0)].sort_values("x")
    assert mine["depth"].tolist() == pytest.approx([2.0, 0.5])
    assert mine["wet_share"].tolist() == pytest.approx([3 / 16, 12 / 16])
    count = next(f for f in model.files if f.file.endswith("hq100.tif"))
    assert (count.read, count.used, count.refused) == (2, 2, 0)


def test_return_period_of_a_raster_goes_through_the_code_map(folder: Path) -> None:
    with_rasters(folder)
    replace(folder, LEFT, "return_period = 100\n", 'return_period = "mittel"\n[sources.codes.return_period]\n'
            'mittel = 100\n[sources.code_sources]\nreturn_period = "made up"\n')  # fmt: skip
    table = harmonise(read_region(folder)).tables["flood_depths"]
    own = (table["member"] == "left") & ~table["interpolated"]
    assert set(table["return_period"][own]) == {100.0, 200.0}


def test_raster_in_centimetres(folder: Path) -> None:
    with_rasters(folder)
    replace(folder, LEFT, "return_period = 100\n", 'return_period = 100\n[sources.units]\ndepth = "cm"\n')
    table = harmonise(read_region(folder)).tables["flood_depths"]
    mine = table[(table["member"] == "left") & (table["return_period"] == 100.0)].sort_values("x")
    assert mine["depth"].tolist() == pytest.approx([0.02, 0.005])


def test_cells_of_a_raster_beyond_its_member_are_left_out_and_noted(folder: Path) -> None:
    west, south = corner(folder)
    with_rasters(folder)
    wide = np.full((4, 24), 1.0)
    write_raster(folder / "members/left/hq200.tif", wide, west, south + 1000.0, 250.0, "EPSG:3035")
    model = harmonise(read_region(folder))
    clip = [row for row in model.conversions.rows if row[3] == "clip"]
    assert [(row[0], row[4], row[5]) for row in clip] == [
        ("members/left/hq200.tif", "6 cells of the map", "4 cells in left")
    ]


def test_truncated_raster(folder: Path) -> None:
    path = with_rasters(folder)
    path.write_bytes(path.read_bytes()[:-60])
    assert found(folder, "region.truncated")[0].file == "members/left/hq100.tif"


def test_raster_that_is_none(folder: Path) -> None:
    with_rasters(folder).write_text("x,y,depth\n", "utf-8")
    assert found(folder, "region.format")[0].expected == "a GeoTIFF"


def test_raster_in_another_crs_than_stated(folder: Path) -> None:
    with_rasters(folder, crs="EPSG:25832")
    assert "EPSG:25832" in found(folder, "region.crs")[0].found


def test_raster_without_return_period(folder: Path) -> None:
    with_rasters(folder)
    replace(folder, LEFT, "return_period = 100\n", "")
    assert found(folder, "region.column")[0].field == "return_period"


def test_raster_of_negative_depth(folder: Path) -> None:
    west, south = corner(folder)
    with_rasters(folder)
    write_raster(
        folder / "members/left/hq100.tif", np.full((4, 4), -1.0), west, south + 1000.0, 250.0, "EPSG:3035"
    )
    assert found(folder, "region.value")[0].found == "a depth of -1"


def test_raster_coarser_than_the_grid(folder: Path) -> None:
    west, south = corner(folder)
    with_rasters(folder)
    write_raster(
        folder / "members/left/hq100.tif", np.full((1, 1), 1.0), west, south + 2000.0, 2000.0, "EPSG:3035"
    )
    assert found(folder, "region.resolution")[0].found == "pixels of 2000 m"


def test_a_table_kind_can_be_no_raster(folder: Path) -> None:
    with_rasters(folder)
    replace(folder, LEFT, 'kind = "flood_depths"\nfile = "hq100.tif"', 'kind = "reaches"\nfile = "hq100.tif"')
    assert "a raster as reaches" in [p.found for p in found(folder, "region.format")]


def test_netcdf_variable(folder: Path) -> None:
    netcdf = pytest.importorskip("netCDF4")
    west, south = corner(folder)
    path = folder / "members/left/gusts.nc"
    with netcdf.Dataset(path, "w") as data:
        data.createDimension("x", 4)
        data.createDimension("y", 4)
        x, y = data.createVariable("x", "f8", ("x",)), data.createVariable("y", "f8", ("y",))
        x.standard_name, y.standard_name = "projection_x_coordinate", "projection_y_coordinate"
        x.units = y.units = "m"
        x[:] = west + 125.0 + 250.0 * np.arange(4)
        y[:] = south + 875.0 - 250.0 * np.arange(4)
        gust = data.createVariable("gust", "f4", ("y", "x"), fill_value=-9999.0)
        gust[:] = np.arange(16).reshape(4, 4) + 20.0
    text = """
[[sources]]
kind = "storm_gusts"
file = "gusts.nc"
layer = "gust"
crs = "EPSG:3035"
licence = "CC0-1.0"
attribution = "made up"
[sources.constants]
storm = "Sturm"
"""
    (folder / LEFT).write_text((folder / LEFT).read_text("utf-8") + text, "utf-8")
    table = harmonise(read_region(folder)).tables["storm_gusts"]
    assert table["gust"].tolist() == pytest.approx([27.5])
    assert table["storm"].tolist() == ["Sturm"]


def test_polygons_of_depth_are_laid_on_the_grid_by_area(folder: Path) -> None:
    import geopandas as gpd
    import shapely

    west, south = corner(folder)
    without_csv_map(folder)
    shapes = [
        shapely.box(west, south, west + 1000.0, south + 250.0),  # a quarter of the first cell
        shapely.box(
            west, south + 250.0, west + 1500.0, south + 500.0
        ),  # another quarter, and an eighth of the next
    ]
    frame = gpd.GeoDataFrame(
        {"depth": [1.0, 3.0, 1.0, 3.0], "return_period": [100, 100, 500, 500]},
        geometry=shapes * 2,
        crs="EPSG:3035",
    )
    frame.to_crs("EPSG:25832").to_file(folder / "members/left/maps.gpkg", layer="maps", driver="GPKG")
    text = SOURCE.split("[sources.constants]")[0].format(
        file="maps.gpkg", more='crs = "EPSG:25832"\nlayer = "maps"'
    )
    (folder / LEFT).write_text((folder / LEFT).read_text("utf-8") + text, "utf-8")
    model = harmonise(read_region(folder))
    table = model.tables["flood_depths"]
    mine = table[(table["member"] == "left") & (table["return_period"] == 500.0)]
    mine = mine[mine["wet_share"] > 0.01].sort_values("x")  # slivers of a millimetre beyond the edges
    assert mine["depth"].tolist() == pytest.approx([2.0, 3.0], abs=1e-3)
    assert mine["wet_share"].tolist() == pytest.approx([0.5, 0.125], abs=1e-3)
    count = next(f for f in model.files if "maps.gpkg" in f.file)
    assert (count.read, count.used, count.refused) == (4, 4, 0)
