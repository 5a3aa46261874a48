"""Cameras, smoke detectors, water and air stations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.random import Generator

from layers.demo.frame import Floats, Geometries
from layers.demo.plan import Plan
from layers.demo.shapes import along, points_at
from layers.demo.site import Site
from layers.demo.spots import Spots, nearness

_VIEW_HALF_ANGLE_DEG = 31.0
_VIEW_STEPS = 9


def make_sensors(
    chance: Generator, plan: Plan, site: Site, spots: Spots, premises: pd.DataFrame
) -> pd.DataFrame:
    """The table of sensors; columns as in layers.sensor."""
    kinds = [
        _cameras(chance, plan.cameras, spots, site),
        _smoke(chance, plan.smoke_detectors, premises),
        _water(chance, plan.water_stations, spots, site),
        _air(chance, plan.air_stations, spots),
    ]
    table = pd.concat(kinds, ignore_index=True)
    for column in ("unit", "field_of_view"):
        table[column] = table[column].astype(object).where(table[column].notna(), None)
    number = table.groupby("kind").cumcount() + 1
    table["key"] = [f"demo-{k}-{n:04d}" for k, n in zip(table["kind"], number, strict=True)]
    table["name"] = [f"{t}{n:04d}" for t, n in zip(table.pop("title"), number, strict=True)]
    return _live(chance, table, plan)


def _live(chance: Generator, table: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Status, and when each was last heard of."""
    draw = chance.random(len(table))
    smoke = (table["kind"] == "smoke").to_numpy()
    status = np.where(draw < 0.035, "offline", np.where(draw < 0.045, "unknown", "online"))
    status = np.where(smoke & (draw > 0.996), "alarm", status)
    silent = status != "online"
    silence_s = chance.uniform(5, 240, len(table))
    long_s = chance.uniform(7_200, 864_000, len(table))
    silence_s = np.where(silent & (status != "alarm"), long_s, silence_s)
    moment = np.datetime64(plan.moment.replace(tzinfo=None), "s")
    table["status"] = status
    table["last_seen"] = moment - np.round(silence_s).astype("timedelta64[s]")
    return table


def _cameras(chance: Generator, count: int, spots: Spots, site: Site) -> pd.DataFrame:
    weight = 0.02 + nearness(spots.xy, site.settlements.xy[0], 2_300.0) + 0.25 * spots.main
    at = chance.choice(len(spots.xy), count, replace=False, p=weight / weight.sum())
    bearing = np.round(chance.uniform(0.0, 360.0, count), 1)
    reach = np.round(chance.uniform(70.0, 160.0, count), 1)
    views = site.frame.shapes_to_lonlat(_views(spots.xy[at], bearing, reach))
    return pd.DataFrame(
        {
            "kind": "camera",
            "title": "高空摄像头",
            "bearing_deg": bearing,
            "field_of_view": views,
            "geom": points_at(spots.lonlat[at]),
        }
    )


def _views(xy: Floats, bearing_deg: Floats, reach_m: Floats) -> Geometries:
    """Sectors from the camera outwards; bearings from north clockwise."""
    spread = np.linspace(-_VIEW_HALF_ANGLE_DEG, _VIEW_HALF_ANGLE_DEG, _VIEW_STEPS)
    angle = np.deg2rad(bearing_deg[:, None] + spread)
    arc = np.stack([np.sin(angle), np.cos(angle)], axis=2) * reach_m[:, None, None]
    ring = np.concatenate([xy[:, None, :], xy[:, None, :] + arc], axis=1)
    return np.asarray(shapely.polygons(ring), dtype=object)


def _smoke(chance: Generator, count: int, premises: pd.DataFrame) -> pd.DataFrame:
    at = np.sort(chance.choice(len(premises), count, replace=False))
    return pd.DataFrame(
        {
            "kind": "smoke",
            "title": "烟雾传感器",
            "value": np.round(chance.gamma(1.4, 0.4, count), 2),
            "unit": "%/m",
            "geom": premises["geom"].to_numpy()[at],
        }
    )


def _water(chance: Generator, count: int, spots: Spots, site: Site) -> pd.DataFrame:
    """Along the river; a town without one measures its drains, at the roadside."""
    if site.terrain.river_line.is_empty:
        lonlat = spots.lonlat[chance.choice(len(spots.xy), count, replace=False)]
    else:
        reach = site.terrain.river_line.intersection(site.terrain.outline.buffer(-300.0))
        longest = max(shapely.get_parts(reach), key=lambda part: part.length)
        station_m = (np.arange(count) + 0.5) / count * longest.length
        lonlat = site.frame.to_lonlat(along(longest, station_m))
    return pd.DataFrame(
        {
            "kind": "water",
            "title": "水质监测站",
            "value": np.round(chance.normal(7.4, 1.1, count), 2),
            "unit": "mg/L",
            "geom": points_at(lonlat),
        }
    )


def _air(chance: Generator, count: int, spots: Spots) -> pd.DataFrame:
    at = chance.choice(len(spots.xy), count, replace=False)
    return pd.DataFrame(
        {
            "kind": "air",
            "title": "空气监测站",
            "value": np.round(chance.gamma(6.0, 5.5, count), 1),
            "unit": "ug/m3",
            "geom": points_at(spots.lonlat[at]),
        }
    )
