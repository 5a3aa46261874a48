"""Which unit came from which, told by the ground that they share. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import shapely
from numpy.typing import NDArray

from grids.arcs.trace import Shape
from layers.boundaries.clients.view import ClientView
from layers.boundaries.redraw import Lineage

# Of the ground of a unit that came or went; less is an edge that moved.
_LEAST_SHARE = 0.1


class Grounds:
    """The polygons of units, to be asked which of them lie where."""

    def __init__(self, shapes: Mapping[int, Shape]) -> None:
        self._units = list(shapes)
        self._shapes: NDArray[np.object_] = np.asarray(list(shapes.values()), dtype=object)
        self._tree = shapely.STRtree(self._shapes)

    def sharers(self, shape: Shape) -> dict[int, float]:
        """The units that have ground in common with a shape; the share of the shape, falling."""
        near = self._tree.query(shape, predicate="intersects")
        areas = shapely.area(shapely.intersection(self._shapes[near], shape))
        shares = (areas / max(shape.area, 1e-30)).tolist()
        found = {self._units[row]: share for row, share in zip(near.tolist(), shares, strict=True)}
        return dict(sorted(found.items(), key=lambda each: -each[1]))


def lineage_between(
    view: ClientView, before: Mapping[int, Shape], after: Mapping[int, Shape]
) -> Lineage:
    """Pairs of a unit and one that it, or a part of it, became.

    Args:
        before, after: the polygons of the units that have ground of their own.
    """
    old, new = Grounds(before), Grounds(after)
    pairs: set[tuple[int, int]] = set()
    for unit in after.keys() - before.keys():
        source = view.faces[unit].came_from
        shared = old.sharers(after[unit])
        pairs |= {(each, unit) for each in _main(shared)}
        pairs |= {(source, unit)} if source in shared else set()
    for unit in before.keys() - after.keys():
        pairs |= {(unit, each) for each in _main(new.sharers(before[unit]))}
    pairs |= set(_of_parents(view, pairs))
    return frozenset(pairs)


def _main(shares: Mapping[int, float]) -> Iterable[int]:
    """The unit that shares most, and all that share much."""
    first = list(shares)[:1]
    return dict.fromkeys(
        [*first, *(unit for unit, share in shares.items() if share > _LEAST_SHARE)]
    )


def _of_parents(view: ClientView, pairs: set[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """A unit above that is gone became those that hold now what lay below it."""
    units = view.state.now.topology.units
    for gone in units.by_id.keys() - view.units.by_id.keys():
        if view.is_ground(gone):
            continue
        for leaf in units.leaves(gone):
            heirs = [leaf] if leaf in view.units.by_id else [to for of, to in pairs if of == leaf]
            level = units.by_id[gone].level
            yield from ((gone, view.units.at_level(heir, level)) for heir in heirs)
