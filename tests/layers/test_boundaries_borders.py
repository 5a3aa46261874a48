"""The step that draws a whole border anew: grids, villages, and along a river."""

from __future__ import annotations

from typing import Any

import pytest
import shapely

from grids.arcs.trace import polygon
from layers.boundaries import proceedings
from layers.boundaries.desk import Edited
from spatial.errors import InputError, NotFoundError

STEP = 0.025
RIVER = """
INSERT INTO layers.water (town_id, batch_id, kind, name, geom)
SELECT 1, min(id), 'river', '河',
       ST_GeomFromText('LINESTRING(120.01 29.052, 120.03 29.056, 120.045 29.048)', 4326)
FROM spatial.batch RETURNING id
"""


def corners(edited: Edited, unit: int) -> set[tuple[float, float]]:
    """The bends of a unit's outline; what is straight in metres is not quite so in degrees."""
    shape = shapely.simplify(polygon(edited.state.now.topology, unit), 1e-5)
    return set(map(tuple, shapely.get_coordinates(shape).round(4).tolist()))


def test_a_border_of_grids_moves_with_its_junctions(office: Any) -> None:
    draft, ids = office.open(), office.ids
    line = [[119.99, 29.06], [120.06, 29.06]]
    edited = office.operate(draft, "redraw_border", one=ids["t101"], other=ids["t102"], line=line)
    assert corners(edited, ids["t101"]) == {
        (120.0, 29.0), (120.05, 29.0), (120.05, 29.06), (120.0, 29.06),
    }  # fmt: skip
    assert (120.025, 29.06) in corners(edited, ids["t10101"])
    assert edited.redraw.units == frozenset()
    anna = office.people["anna"]
    assert office.desk.check(anna, office.town, draft.id)[1] == []
    undone = office.desk.undo(anna, office.town, (draft.id, 1))
    assert undone.state.now.is_same(edited.state.base)


def test_a_border_of_villages_takes_micro_grids_along(office: Any) -> None:
    draft, ids = office.open(), office.ids
    line = [[120.05, 28.99], [120.05, 29.03], [120.073, 29.03], [120.073, 29.08], [120.05, 29.11]]
    edited = office.operate(draft, "redraw_border", one=ids["t1"], other=ids["t2"], line=line)
    units = edited.state.now.topology.units
    assert {units.by_id[unit].level for unit in edited.redraw.units} == {4}
    assert units.at_level(ids["t20410"], 2) == ids["t1"]
    anna = office.people["anna"]
    assert office.desk.check(anna, office.town, draft.id)[1] == []
    at = (draft.id, office.revision(draft))
    proceedings.submit(office.desk, anna, office.town, at)
    report = proceedings.read_report(office.desk, anna, office.town, draft.id)
    codes = {each["after"]["code"] for each in report["units"]}
    assert {"t1", "t2", "t20410"} <= codes


def test_a_border_is_laid_along_a_river_from_end_to_end(office: Any) -> None:
    draft, ids = office.open(), office.ids
    [(river,)] = office.execute(RIVER)
    pair = {"one": ids["t101"], "other": ids["t102"]}
    edited = office.operate(draft, "redraw_border", **pair, layer="water", feature=river)
    there = corners(edited, ids["t101"])
    assert {(120.0, 29.05), (120.05, 29.05), (120.03, 29.056), (120.045, 29.048)} <= there
    with pytest.raises(NotFoundError):
        office.operate(draft, "redraw_border", **pair, layer="water", feature=river + 1)
    with pytest.raises(InputError, match="share no edge"):
        office.operate(
            draft, "redraw_border", one=ids["t101"], other=ids["t204"], layer="water", feature=river
        )
    with pytest.raises(InputError, match="layer has to be"):
        office.operate(draft, "redraw_border", **pair, layer="incidents", feature=river)
    line = [[119.99, 29.06], [120.06, 29.06]]
    with pytest.raises(InputError, match="unknown parameters: towards"):
        office.operate(draft, "redraw_border", **pair, line=line, towards=1)
