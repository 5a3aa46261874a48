"""Use case: the area that is reached from a point in some seconds, or from where one is there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from pyproj import Transformer
from shapely.geometry import mapping

from routing.modes import Mode
from routing.nearest.engine import Engine
from routing.network.network_arrays import NOBODY
from routing.reach.field import Direction, Sources, spread
from routing.reach.isochrone import AreaMaker
from routing.sources.metres import metres_around
from spatial.errors import InputError
from spatial.town import Town

LONGEST_S = 1800


def reach_areas(  # noqa: PLR0913 - which streets, where, who, how long, which way and when
    engine: Engine,
    town: Town,
    lon: float,
    lat: float,
    *,
    mode: Mode,
    seconds: Sequence[int],
    direction: Direction,
    at: datetime | None,
) -> dict[str, Any]:
    """A FeatureCollection of nested areas, the smallest first.

    Args:
        engine: of the streets, with what is in force.
        town: in whose metres areas are drawn.
        lon: degrees.
        lat: degrees.
        mode: who travels.
        seconds: of travel over the streets.
        direction: `FROM` the point, or `TO` it.
        at: the moment, in the town's time.

    Raises:
        InputError: the point is far from every street of the mode.
    """
    snaps = engine.places_of(mode, np.array([[lon, lat]]), leaving=direction is Direction.FROM)
    if snaps.street[0] == NOBODY:
        raise InputError(
            f"({lon:g}, {lat:g}) lies too far from every street for {mode.label} / 离道路太远",
            remedy="give longitude, then latitude, of a place in the town",
        )
    lane = engine.lane(mode)
    field = spread(
        lane.reach_network,
        lane.times(engine.measures, at),
        Sources(snaps.street, snaps.fraction, np.zeros(1)),
        direction=direction,
        limit_s=max(seconds),
    )
    areas = AreaMaker(engine, mode, _to_metres(engine, town)).areas(field, sorted(set(seconds)))
    features = [
        {
            "type": "Feature",
            "properties": {
                "seconds": area.limit_s,
                "mode": mode.label,
                "direction": direction.value,
                "street_km": round(area.street_m / 1000, 3),
            },
            "geometry": mapping(area.shape),
        }
        for area in areas
    ]
    return {
        "type": "FeatureCollection",
        "snap_distance_m": round(float(snaps.distance_m[0]), 1),
        "features": features,
    }


def _to_metres(engine: Engine, town: Town) -> Transformer:
    """The town's metres; where it has none yet, metres around its streets."""
    if town.metric_srid is None:
        return metres_around(engine.graph.vertices)
    return Transformer.from_crs(4326, town.metric_srid, always_xy=True)
