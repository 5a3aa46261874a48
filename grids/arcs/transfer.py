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
from grids.arcs.splitting import Cell, divide, label_piece

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
    pieces = divide(topology, sketch, ground, giver, drawn)
    label_piece(sketch, _piece_that_goes(sketch, ground, pieces, taker, drawn).sides, _PIECE)
    absorb(sketch, taker, _PIECE)
    return checked(topology, sketch, ground, units_apart(topology, giver, taker))


def _piece_that_goes(
    sketch: Sketch, ground: Ground, pieces: tuple[Cell, Cell], taker: int, drawn: Coords
) -> Cell:
    larger, smaller = pieces
    if len(drawn) > 3 and (drawn[0] == drawn[-1]).all():
        ring = shapely.Polygon(ground.plane.to_metres(drawn))
        inside = [piece for piece in pieces if ring.contains(piece.shape.representative_point())]
        return inside[0] if inside else smaller
    for piece in (smaller, larger):
        if any(taker in sketch.arc(arc_id).faces for arc_id in piece.sides):
            return piece
    raise BrokenRuleError(Rule.NOT_NEIGHBOURS, None, [taker])
