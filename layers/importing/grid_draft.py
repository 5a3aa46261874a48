"""A file of units as a draft: what differs from the grids of today, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import psycopg
import shapely

from grids.arcs.build import topology_from_polygons
from grids.arcs.change import Change
from grids.arcs.difference import change_to
from grids.arcs.model import OUTSIDE, Topology
from grids.arcs.model import Unit as ArcUnit
from grids.arcs.plane import Plane
from layers.accounts.administration import find_account
from layers.boundaries.coverage import began_at, read_coverage
from layers.boundaries.desk import DRAFTERS, new_unit_id
from layers.boundaries.draft_rows import Order, add_step, count_edit, open_draft
from layers.boundaries.redraw import Attributes, Coverage, Lineage, Redraw
from layers.coverage_check import LEVEL_NAMES
from layers.importing.batches import sha256_of
from layers.importing.grid_clean import sound_coverage
from layers.importing.grid_preview import Preview, preview_units
from layers.importing.grid_rows import GridRow, read_grid_rows
from layers.importing.grid_settle import settle_rows
from layers.importing.grid_shares import (
    StatedShares,
    refuse_unsound_shares,
    shares_after,
    split_shares,
)
from layers.importing.grid_source import open_grid_source
from layers.importing.grid_units import Unit, Units, read_units_of_today
from layers.importing.grids import GridOptions
from spatial.database import become
from spatial.errors import AccessError, ConflictError
from spatial.town import Town, read_town

# A unit that the file lacks is gone where the file's shapes of its level cover this much of it.
_COVERED_SHARE = 0.99
_LOWEST = 4


@dataclass(frozen=True)
class DraftReport:
    """What became of a file.

    Attributes:
        draft_id: None where nothing differs.
        changed, new, gone: numbers of units.
        notes: what was repaired.
    """

    draft_id: int | None
    changed: int = 0
    new: int = 0
    gone: int = 0
    notes: tuple[str, ...] = ()


def import_as_draft(
    connection: psycopg.Connection[Any], options: GridOptions, name: str, account_name: str
) -> DraftReport:
    """Open an account's draft of a file, as the owner does; the caller commits.

    Raises:
        AccessError: the account drafts nothing.
        FaultyCoverageError, InputError: see `draft_file`.
    """
    town = read_town(connection)
    account = find_account(connection, town.id, account_name)
    principal = account.principal(town.time_zone)
    if principal.role not in DRAFTERS or account.disabled_at is not None:
        raise AccessError(f"{account_name} is no GIS editor or administrator / 无权编制草案")
    become(connection, replace(principal, timeout_ms=0))
    return draft_file(connection, town, options, name)


def draft_file(
    connection: psycopg.Connection[Any], town: Town, options: GridOptions, name: str
) -> DraftReport:
    """Open a draft that holds the file's coverage; none where it is that of today.

    Arcs that the file leaves as they are keep id and coordinates.

    Args:
        connection: in a transaction of the draft's author.

    Raises:
        AccessError: the author may not import this, an outline for instance.
        FaultyCoverageError: the file's units don't tile the town; tells every fault.
        InputError: the file is unusable.
    """
    began = began_at(connection, town)
    if began is None:
        raise ConflictError("there are no grids to redraw / 还没有网格", remedy="import grids FILE")
    found = _found(connection, options, town)
    base = read_coverage(connection, town, began)
    if not _differs(base, found, town):
        return DraftReport(None, notes=found.notes)
    try:
        return _store(connection, town, options, name, found)
    except psycopg.errors.InsufficientPrivilege as error:
        raise AccessError(error.diag.message_primary or "refused") from error


@dataclass(frozen=True)
class _Found:
    """The coverage of a file.

    Attributes:
        preview: the units as they would be, all with shapes.
        rows: of the file.
        today: the units as they are stored.
        gone: those of them that the file lacks.
        shares: what the file says of high-rises.
    """

    preview: Preview
    rows: list[GridRow]
    today: Units
    gone: list[Unit]
    notes: tuple[str, ...]
    shares: StatedShares | None


def _found(connection: psycopg.Connection[Any], options: GridOptions, town: Town) -> _Found:
    whole = open_grid_source(options.file, options.level)
    source, shares = split_shares(whole, options.file.path.name)
    read = read_grid_rows(source, options.file, options.level, replace(town, outline_wkb=None))
    stored = read_units_of_today(connection, town)
    rows = settle_rows(read, stored)
    gone = _covered(stored, rows)
    ids = {unit.id for unit in gone}
    left = Units(town, [unit for unit in stored.units if unit.id not in ids and unit.geom])
    sound = sound_coverage(left, rows, options.file, options.clean_width_m)
    preview = preview_units(left, sound.rows, options.file.path.name)
    for unit in preview.units.units:
        unit.geom = sound.stored.get(unit.id, unit.geom)
    return _Found(preview, sound.rows, stored, gone, source.notes + sound.notes, shares)


def _covered(stored: Units, rows: list[GridRow]) -> list[Unit]:
    """Units that the file lacks and whose ground it gives to others of their level."""
    matched = {
        unit.id
        for level in {row.level for row in rows}
        for _, unit, _ in stored.match([row for row in rows if row.level == level])
        if unit is not None
    }
    gone = []
    for level in {row.level for row in rows}:
        shapes = np.asarray([row.geom for row in rows if row.level == level], dtype=object)
        tree = shapely.STRtree(shapes)
        for unit in stored.shaped(level):
            if unit.id in matched or unit.geom is None:
                continue
            near = shapes[tree.query(unit.geom, predicate="intersects")]
            shared = shapely.intersection(shapely.make_valid(near), unit.geom)
            if shapely.area(shared).sum() >= _COVERED_SHARE * unit.geom.area:
                gone.append(unit)
    return gone


def _differs(base: Coverage, found: _Found, town: Town) -> bool:
    ids = {unit.id: unit.id for unit in found.preview.units.units}
    redraw = _redraw(base, found, town, ids)
    return bool(redraw.shape.arcs or redraw.units)


def _store(
    connection: psycopg.Connection[Any],
    town: Town,
    options: GridOptions,
    name: str,
    found: _Found,
) -> DraftReport:
    """The draft with its one step, as its author."""
    draft = open_draft(connection, town, name)
    ids = {
        unit.id: unit.id if unit.id > 0 else new_unit_id(connection)
        for unit in found.preview.units.units
    }
    base = read_coverage(connection, town, draft.base_at, draft.first_arc)
    redraw = _redraw(base, found, town, ids)
    base.after(redraw)  # raises where the two don't belong together
    refuse_unsound_shares(connection, base, redraw)
    path = options.file.path
    order = Order(_kind(redraw.shape), {"file": path.name, "sha256": sha256_of(path)})
    add_step(connection, draft.id, 1, order, redraw)
    count_edit(connection, draft.id)
    new = sum(unit_id < 0 for unit_id in ids)
    return DraftReport(draft.id, _changed(found, redraw), new, len(found.gone), found.notes)


def _changed(found: _Found, redraw: Redraw) -> int:
    """How many of the units that stay have another shape, name, code or parent."""
    before = {unit.id: unit for unit in found.today.units}
    kept = [unit for unit in found.preview.units.units if unit.id in before]
    shapes = np.asarray([unit.geom for unit in kept], dtype=object)
    stored = np.asarray([before[unit.id].geom for unit in kept], dtype=object)
    same = shapely.equals_identical(shapely.normalize(shapes), shapely.normalize(stored))
    return sum(not equal or unit.id in redraw.units for unit, equal in zip(kept, same, strict=True))


def _kind(change: Change) -> str:
    """Whoever may not move the outline may not import another one: the database asks the kind."""
    lines = [
        sorted(arc.coords.tobytes() for arc in side if arc is not None and arc.is_outline)
        for side in zip(*change.arcs.values(), strict=True)
    ]
    return "import" if not lines or lines[0] == lines[1] else "move_outline_import"


def _redraw(base: Coverage, found: _Found, town: Town, ids: Mapping[int, int]) -> Redraw:
    """From the base to the file's coverage; `ids` gives the ids of new units."""
    units = found.preview.units.units
    by_id = {
        ids[unit.id]: ArcUnit(unit.level, ids.get(unit.parent_id or 0, OUTSIDE)) for unit in units
    }
    topology = _topology(found, town, ids, by_id)
    change = change_to(base.topology, topology.arcs.values(), by_id)
    after = {ids[unit.id]: _attributes(unit, found, base) for unit in units}
    both = {**base.attributes, **after}
    pairs = {unit: (base.attributes.get(unit), after.get(unit)) for unit in both}
    attributes = {unit: pair for unit, pair in pairs.items() if pair[0] != pair[1]}
    lowest = {unit.code: ids[unit.id] for unit in units if unit.level == _LOWEST}
    in_file = {ids[unit] for unit in found.preview.row_of}
    shares = shares_after(base, found.shares, lowest, in_file)
    return Redraw(change, attributes, _lineage(found, ids), shares)


def _topology(
    found: _Found, town: Town, ids: Mapping[int, int], by_id: Mapping[int, ArcUnit]
) -> Topology:
    parents = {unit.parent_id for unit in found.preview.units.units}
    leaves = [unit for unit in found.preview.units.units if unit.id not in parents]
    shapes = np.asarray([unit.geom for unit in leaves], dtype=object)
    assert town.metric_srid is not None  # a town with grids has one
    return topology_from_polygons(
        shapes, [ids[unit.id] for unit in leaves], by_id, Plane(town.metric_srid)
    )


def _attributes(unit: Unit, found: _Found, base: Coverage) -> Attributes:
    old = base.attributes.get(unit.id)
    row = found.rows[found.preview.row_of[unit.id]] if unit.id in found.preview.row_of else None
    if row is None and old is not None:
        return old
    name_en = (row.name_en if row else None) or (old.name_en if old else None)
    kind = (row.kind if row else None) or (old.kind if old else None)
    return Attributes(unit.code, unit.name or unit.code, name_en, kind)


def _lineage(found: _Found, ids: Mapping[int, int]) -> Lineage:
    """A new unit comes from the one whose ground it mostly has; a gone one became such a one."""
    pairs = set()
    today, then = _Shaped(found.today), _Shaped(found.preview.units)
    for unit in found.preview.units.units:
        if unit.id < 0:
            source = today.most_shared(unit)
            pairs |= {(source.id, ids[unit.id])} if source else set()
    for unit in found.gone:
        heir = then.most_shared(unit)
        pairs |= {(unit.id, ids[heir.id])} if heir else set()
    return frozenset(pairs)


class _Shaped:
    """Units to be found by the ground that they share with one of the same level."""

    def __init__(self, units: Units) -> None:
        self._units = {level: units.shaped(level) for level in LEVEL_NAMES}
        self._trees = {
            level: shapely.STRtree([unit.geom for unit in shaped if unit.geom])
            for level, shaped in self._units.items()
        }

    def most_shared(self, unit: Unit) -> Unit | None:
        """The one that shares most ground; None where none touches it."""
        assert unit.geom is not None  # whatever is new or gone has a shape
        shaped = self._units[unit.level]
        near = sorted(self._trees[unit.level].query(unit.geom, predicate="intersects").tolist())
        if not near:
            return None
        others = [shaped[number] for number in near]
        shapes = [other.geom for other in others]
        shared_deg2 = shapely.area(shapely.intersection(shapes, unit.geom))
        best: Unit = others[int(np.argmax(shared_deg2))]
        return best
