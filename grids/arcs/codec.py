"""Changes as JSON: every float comes back to the same bits, since Python writes it out in full."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from grids.arcs.change import Before, Change
from grids.arcs.model import Arc, Edge, Unit
from spatial.errors import InputError

type Json = dict[str, Any]


def change_to_json(change: Change) -> Json:
    """A change as what `json.dumps` and a jsonb column take.

    Keys are ids as text; values are pairs of before and after, null where there was nothing.
    """
    arcs, units = sorted(change.arcs.items()), sorted(change.units.items())
    return {
        "arcs": {str(i): [arc and arc_to_json(arc) for arc in pair] for i, pair in arcs},
        "units": {str(i): [unit and list(unit) for unit in pair] for i, pair in units},
        "cut_from": {str(i): source for i, source in sorted(change.cut_from.items())},
        "joined_into": {str(i): into for i, into in sorted(change.joined_into.items())},
    }


def change_from_json(document: Mapping[str, Any]) -> Change:
    """The change that `change_to_json` wrote.

    Raises:
        InputError: it is none.
    """
    try:
        return Change(
            {int(i): _pair(pair, arc_from_json) for i, pair in document["arcs"].items()},
            {int(i): _pair(pair, _unit) for i, pair in document["units"].items()},
            {int(i): int(source) for i, source in document["cut_from"].items()},
            {int(i): int(into) for i, into in document["joined_into"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError("this is no stored change of boundaries / 不是边界改动记录") from error


def arc_to_json(arc: Arc) -> Json:
    """An arc with its coordinates as pairs of longitude and latitude."""
    document: Json = {"coords": arc.coords.tolist(), "left": arc.left, "right": arc.right}
    cuts = {"start_cut": arc.start_cut, "end_cut": arc.end_cut}
    return document | {name: [list(node) for node in cut] for name, cut in cuts.items() if cut}


def arc_from_json(document: Mapping[str, Any]) -> Arc:
    """The arc that `arc_to_json` wrote; raises what reading a wrong document raises."""
    return Arc(
        np.array(document["coords"], dtype=np.float64).reshape(-1, 2),
        int(document["left"]),
        int(document["right"]),
        _edge(document.get("start_cut")),
        _edge(document.get("end_cut")),
    )


def _edge(ends: Any) -> Edge | None:
    if ends is None:
        return None
    (x0, y0), (x1, y1) = ends
    return (float(x0), float(y0)), (float(x1), float(y1))


def _unit(values: Any) -> Unit:
    level, parent = values
    return Unit(int(level), int(parent))


def _pair[T](pair: Any, read: Any) -> Before[T]:
    before, after = (None if document is None else read(document) for document in pair)
    return before, after
