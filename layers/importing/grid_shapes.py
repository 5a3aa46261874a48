"""Shapes that follow from those of a file: the town's, and vertices that levels must share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from grids.coverage import has_same_rings
from grids.coverage_edges import is_valid_coverage
from layers.importing.grid_store import GridBatch
from layers.importing.grid_units import Unit, Units
from layers.towns import set_outline
from spatial.errors import ConflictError
from spatial.town import Town

# A first coverage that lies mostly elsewhere is another town's file.
_LEAST_SHARE_INSIDE = 0.5
# Ten centimetres. A straight edge of 2 km leaves its chord in another CRS by half of that.
_SAME_EDGE_DEG = 1e-6
# A millimetre, to which some drawings are rounded.
_SAME_VERTEX_DEG = 1e-8


def give_town_its_shape(batch: GridBatch, units: Units) -> tuple[str, ...]:
    """The union of the level below the town, unless the town's unit has a shape.

    Returns:
        What to tell the person.

    Raises:
        ConflictError: the shapes lie mostly outside the town's outline.
    """
    [top] = units.at_level(1)
    below = next((units.shaped(level) for level in (2, 3, 4) if units.shaped(level)), [])
    if top.geom is not None or not below:
        return ()
    shapes = [unit.geom for unit in below]
    # Shapes that are no coverage have no exact union; the check after this says what is wrong.
    union = _exact_union(shapes) or shapely.union_all(shapes)
    _refuse_elsewhere(batch.town, union)
    top.name, top.name_en = batch.town.name, batch.town.name_en
    _set_town_shape(batch, top, union)
    return ("the town's outline is now the union of these shapes / 镇域轮廓取自本文件",)


def share_vertices(batch: GridBatch, units: Units) -> None:
    """Parents whose edges their children only refine take their vertices on, and keep them."""
    for parent in refine_parents(units):
        if parent.level == 1:
            _set_town_shape(batch, parent, parent.geom)
        else:
            batch.new_version(parent)


def refine_parents(units: Units) -> Iterator[Unit]:
    """From the bottom up, each parent that has taken on the vertices of its children."""
    below: dict[int | None, list[Unit]] = defaultdict(list)
    for unit in units.units:
        below[unit.parent_id].append(unit)
    for level in (3, 2, 1):
        for parent in units.shaped(level):
            children = [child.geom for child in below[parent.id] if child.geom]
            union = _exact_union(children) if children else None
            if union is not None and _refines(union, parent.geom):
                parent.geom = union
                yield parent


def put_cleaned(batch: GridBatch, units: Units, cleaned: Mapping[int, BaseGeometry]) -> None:
    """Give stored units, by id, the shapes that they got when slivers were repaired."""
    for unit in units.units:
        if unit.id not in cleaned:
            continue
        unit.geom = cleaned[unit.id]
        if unit.level == 1:
            _set_town_shape(batch, unit, unit.geom)
        else:
            batch.new_version(unit)


def _exact_union(shapes: Sequence[BaseGeometry | None]) -> BaseGeometry | None:
    """The union with every vertex kept; None when the shapes are no coverage."""
    array = np.asarray(shapes, dtype=object)
    if not shapely.is_valid(array).all() or not is_valid_coverage(array):
        return None
    union: BaseGeometry = shapely.coverage_union_all(array)
    return union


def _refines(union: BaseGeometry, parent: BaseGeometry | None) -> bool:
    """Whether `union` is `parent` but for vertices on its edges."""
    if parent is None or has_same_rings(union, parent) or _strays(parent, union):
        return False
    apart = shapely.hausdorff_distance(shapely.boundary(union), shapely.boundary(parent))
    return bool(apart <= _SAME_EDGE_DEG)


def _strays(parent: BaseGeometry, union: BaseGeometry) -> bool:
    """Whether a vertex of the parent lies beside the union: levels that disagree are told."""
    corners = shapely.points(shapely.get_coordinates(parent))
    boundary = shapely.boundary(union)
    shapely.prepare(boundary)
    return not bool(shapely.dwithin(boundary, corners, _SAME_VERTEX_DEG).all())


def _set_town_shape(batch: GridBatch, top: Unit, shape: BaseGeometry | None) -> None:
    assert shape is not None  # the callers give it one
    top.geom = shape
    batch.new_version(top)
    outline = batch.town.outline_wkb
    before = {"outline": outline.hex() if outline else None, "metric_srid": batch.town.metric_srid}
    batch.remember("town", before)
    set_outline(batch.connection, batch.town, shape)


def _refuse_elsewhere(town: Town, union: BaseGeometry) -> None:
    if town.outline is None:
        return
    share = shapely.intersection(union, shapely.make_valid(town.outline)).area / union.area
    if share < _LEAST_SHARE_INSIDE:
        raise ConflictError(
            f"only {share:.0%} of these shapes lie in the outline of {town.name} / 不在本镇范围",
            remedy="is it this town's file, in the CRS that was stated?",
        )
