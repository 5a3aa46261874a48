"""A piece of a face, given to its neighbour."""

from __future__ import annotations

import shapely

from grids.arcs.belonging import units_apart
from grids.arcs.change import Edit
from grids.arcs.joining import absorb, require_faces
from grids.arcs.model import OUTSIDE, Coords, Topology
from grids.arcs.moving import checked
from grids.arcs.rules import BrokenRuleError, Ground, Rule
from grids.arcs.runs import Line, line_coords
from grids.arcs.sketch import Sketch
from grids.arcs.splitting import Halves, divide, label_piece

_PIECE = OUTSIDE - 1  # what the piece is called while it is nobody's


def transfer_piece(topology: Topology, ground: Ground, giver: int, taker: int, line: Line) -> Edit:
    """Cut a piece of `giver` by a line or a ring and give it to `taker`, its neighbour.

    Of the two pieces that a line makes the one goes that borders `taker`; if both do, the smaller
    one. Of those that a ring makes, the one inside the ring goes.

    Raises:
        BrokenRuleError: names the rule and the place.
        NotFoundError, InputError: one of them isn't there, both are the same, or the line is none.
    """
    require_faces(topology, giver, taker)
    drawn = line_coords(line)
    sketch = Sketch(topology)
    halves = divide(topology, sketch, ground, giver, drawn)
    label_piece(
        sketch, halves.sides[_piece_that_goes(sketch, ground, halves, taker, drawn)], _PIECE
    )
    absorb(sketch, taker, _PIECE)
    return checked(topology, sketch, ground, units_apart(topology, giver, taker))


def _piece_that_goes(
    sketch: Sketch, ground: Ground, halves: Halves, taker: int, drawn: Coords
) -> int:
    if len(drawn) > 3 and (drawn[0] == drawn[-1]).all():
        ring = shapely.Polygon(ground.plane.to_metres(drawn))
        inside = [ring.contains(piece.representative_point()) for piece in halves.pieces]
        return inside.index(True) if any(inside) else 1
    for number in (1, 0):  # the smaller one first
        if any(taker in sketch.arc(arc_id).faces for arc_id in halves.sides[number]):
            return number
    raise BrokenRuleError(Rule.NOT_NEIGHBOURS, None, [taker])
