"""The demo town over real streets."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import LineString

from grids.coverage import Level, check_tiling
from layers.demo.numbers import share_of_usual_grids
from layers.demo.plan import Plan
from layers.demo.realsite import site_from_file
from layers.demo.start import generate
from layers.demo.town import DemoTown
from spatial.errors import InputError


@pytest.fixture(scope="module")
def over_shenzhen(shared_data: Path) -> DemoTown:
    path = shared_data / "roads" / "shenzhen_osmnx.graphml"
    return generate(Plan(), partial(site_from_file, path=path))[0]


def test_it_has_the_same_numbers(over_shenzhen: DemoTown) -> None:
    town = over_shenzhen
    assert [len(town.units.rows(level)) for level in (1, 2, 3, 4)] == [1, 61, 220, 1_914]
    assert len(town.premises) == 6_159
    assert len(town.rental_rooms) == 39_718
    assert share_of_usual_grids(town) >= 0.9


def test_its_names_are_samples_and_its_crs_that_of_the_place(over_shenzhen: DemoTown) -> None:
    assert over_shenzhen.metric_srid == 4547
    assert over_shenzhen.units.rows(2)["name"].str.fullmatch(r"示例\d\d(社区|村)").all()
    assert over_shenzhen.streets_attribution


def test_its_coverage_is_sound_and_holds_the_streets(over_shenzhen: DemoTown) -> None:
    table = over_shenzhen.units.table
    to_metres = Transformer.from_crs(4326, over_shenzhen.metric_srid, always_xy=True)
    shapes = shapely.transform(
        table["geom"].to_numpy(), lambda xy: np.column_stack(to_metres.transform(*xy.T))
    )
    levels, above = [], 0
    for number in (1, 2, 3, 4):
        rows = np.flatnonzero(table["level"] == number)
        levels.append(Level(str(number), shapes[rows], table["parent"].to_numpy()[rows] - above))
        above = int(rows[0])
    assert not any(check_tiling(levels).values())
    lines = over_shenzhen.streets.streets.geometry.to_numpy()
    assert shapely.contains(table["geom"][0], lines).all()


def test_a_file_with_too_few_streets_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lane.geojson"
    lane = LineString([(120.0, 29.0), (120.001, 29.0)])
    geopandas.GeoDataFrame({"class": ["residential"]}, geometry=[lane], crs=4326).to_file(path)
    with pytest.raises(InputError, match=r"lane\.geojson has 1 streets"):
        site_from_file(Plan(), path)
