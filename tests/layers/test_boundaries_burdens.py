"""What grids look after, as an editor counts it: every thing once, and nobody's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from grids.arcs.plane import Plane
from layers.boundaries.burdens import along, read_burdens
from layers.roles import Role
from spatial.errors import AccessError

HOME = """
INSERT INTO layers.building (town_id, key, households, geom, inside, batch_id)
SELECT 1, 'home', 12, ST_Multi(ST_Expand(ST_Point(120.01, 29.01, 4326), 0.0002)), true, min(id)
FROM spatial.batch
"""
ROOMS = """
INSERT INTO layers.rental_room (town_id, key, building_id, floor, room, batch_id)
SELECT 1, n::text, building.id, 1, n::text, building.batch_id
FROM layers.building, generate_series(1, 3) AS n
"""


def test_households_and_rooms_stand_where_their_building_is(office: Any) -> None:
    office.execute(HOME)
    office.execute(ROOMS)
    with office.desk.transaction(office.people["anna"]) as connection:
        found = read_burdens(connection, office.town, Role.GIS_EDITOR)
    assert found["households"].tolist() == [[pytest.approx(120.01), pytest.approx(29.01), 12]]
    assert found["rooms"][:, 2].tolist() == [3]
    assert len(found["incidents"]) == len(found["patrol_m"]) == 0


def test_only_those_who_draft_are_told(office: Any) -> None:
    with (
        pytest.raises(AccessError),
        office.desk.transaction(office.people["planner"]) as connection,
    ):
        read_burdens(connection, office.town, Role.PLANNER)


def test_pieces_of_a_street_add_up_to_its_length_half_on_either_side() -> None:
    plane = Plane(4549)
    line = shapely.LineString([(120.0, 29.0), (120.003, 29.0), (120.003, 29.002)])
    pieces = along(np.array([line]), plane)
    length_m = float(shapely.length(plane.projected([line]))[0])
    assert pieces[:, 2].sum() == pytest.approx(length_m)
    left, right = np.split(pieces, 2)
    assert left[:, 2].tolist() == right[:, 2].tolist()
    apart = shapely.distance(
        shapely.points(plane.to_metres(left[:, :2])), shapely.points(plane.to_metres(right[:, :2]))
    )
    assert apart.max() == pytest.approx(1.0, abs=0.01)
