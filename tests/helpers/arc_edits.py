"""Random edits of arcs, as hypothesis draws them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from grids.arcs.change import Edit
from grids.arcs.joining import merge_faces
from grids.arcs.model import Topology, node_at
from grids.arcs.moving import move_node, reshape_arc
from grids.arcs.rules import BrokenRuleError, Ground
from grids.arcs.runs import Run
from grids.arcs.splitting import split_face
from grids.arcs.trace import polygons
from spatial.errors import InputError

part = st.integers(0, 999).map(lambda n: n / 1_000)
swing = st.integers(-100, 100).map(lambda n: n / 100)


@st.composite
def edits(draw: st.DrawFn, topology: Topology, ground: Ground, new_unit: int) -> Edit | None:
    """A few operations in one corner of the town, as one edit."""
    edit = None
    for _ in range(draw(st.integers(1, 3))):
        before = edit.topology if edit else topology
        try:
            step = draw(one_edit(before, ground, new_unit))
        except (BrokenRuleError, InputError):
            continue
        new_unit += 10
        edit = Edit(step.topology, edit.change.then(step.change) if edit else step.change)
    return edit


@st.composite
def one_edit(draw: st.DrawFn, topology: Topology, ground: Ground, new_unit: int) -> Edit:
    ids = [i for i, arc in topology.arcs.items() if not arc.is_outline]
    arc_id = ids[int(draw(part) * len(ids))]
    arc = topology.arcs[arc_id]
    face, other = arc.left, arc.right
    kind = draw(st.sampled_from(["node", "run", "split", "merge"]))
    if kind == "merge":
        return merge_faces(topology, ground, face, other)
    if kind == "node":
        to = np.array(arc.start) + np.array([draw(swing), draw(swing)]) * 3e-4
        return move_node(topology, ground, arc.start, node_at(to[None], 0))
    if kind == "run":
        middle = arc.coords.mean(axis=0) + np.array([draw(swing), draw(swing)]) * 3e-4
        return reshape_arc(topology, ground, Run(arc_id, 0, len(arc.coords) - 1), [middle])
    shape = polygons(topology, 4)[face]
    at = np.array(shape.representative_point().coords[0])
    angle = draw(part) * np.pi
    reach = np.array([np.cos(angle), np.sin(angle)]) * 0.01
    return split_face(topology, ground, face, [at - reach, at + reach], new_unit)
