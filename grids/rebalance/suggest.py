"""The whole town: its villages, each by itself, then what they exceed together."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from grids.bands import DEFAULT_BANDS, Band
from grids.rebalance.choice import Limits, Part, choose
from grids.rebalance.cutting import Ground, Plot
from grids.rebalance.options import Options
from grids.rebalance.outcome import Suggestion
from grids.rebalance.telling import told
from grids.rebalance.town import Buildings, Ints, Leaves
from grids.rebalance.village import Village, set_of
from spatial.errors import InputError

USUAL_LIMITS = Limits()


def rebalance(
    leaves: Leaves,
    buildings: Buildings | None = None,
    band: Band = DEFAULT_BANDS[3],
    limits: Limits = USUAL_LIMITS,
    uncut: Collection[int] = (),
) -> Suggestion:
    """Bring every grid into the band, moving as few households as can be found.

    Grids stay in one piece (those that lie in several get no more) and in their village. Where all
    grids are in the band nothing moves. The same town gets the same suggestion.

    Args:
        leaves: the micro-grids as they are.
        buildings: without them nothing is cut.
        band: of a grid's households.
        limits: of the town as a whole.
        uncut: villages whose micro-grids stay whole, whatever is known of buildings.

    Raises:
        InputError: the buildings of a micro-grid hold more or fewer households than it has.
    """
    if buildings is not None:
        _require_same_households(leaves, buildings)
    parts = _parts(leaves, buildings, band, uncut)
    choose(parts, limits)
    return told(leaves, buildings, parts)


def _require_same_households(leaves: Leaves, buildings: Buildings) -> None:
    held = np.bincount(buildings.leaves, buildings.households, len(leaves.ids)).astype(np.int64)
    wrong = np.flatnonzero(held != leaves.households)
    if len(wrong):
        row = int(wrong[0])
        raise InputError(
            f"micro-grid {leaves.ids[row]} has {leaves.households[row]} households, its buildings"
            f" {held[row]} / 微网格户数与楼栋户数不符",
            remedy="count the households of micro-grids from their buildings",
        )


def _parts(
    leaves: Leaves, buildings: Buildings | None, band: Band, uncut: Collection[int]
) -> list[Part]:
    parts = []
    for village in np.unique(leaves.villages).tolist():
        rows = np.flatnonzero(leaves.villages == village)
        ground = Ground(village_of(leaves, rows), _plots(buildings, rows))
        can_be_cut = buildings is not None and village not in uncut
        options = Options(ground, band, can_be_cut=can_be_cut)
        ids = np.unique(leaves.grids[rows]).tolist()
        parts.append(Part(village, rows, ids, options, options.best))
    return parts


def village_of(leaves: Leaves, rows: Ints) -> Village:
    """Some rows of the leaves as one village; its grids are in the order of their ids."""
    ids = np.unique(leaves.grids[rows]).tolist()
    place = np.full(len(leaves.ids), -1)
    place[rows] = np.arange(len(rows))
    borders: list[dict[int, float]] = [{} for _ in rows]
    pairs = place[leaves.borders.pairs]
    inside = (pairs >= 0).all(axis=1) & (leaves.borders.lengths_m > 0)
    lengths = leaves.borders.lengths_m[inside].tolist()
    for (one, other), length_m in zip(pairs[inside].tolist(), lengths, strict=True):
        borders[one][other] = borders[other][one] = borders[one].get(other, 0.0) + length_m
    return Village(
        leaves.households[rows].tolist(),
        borders,
        leaves.perimeters_m[rows].tolist(),
        leaves.areas_m2[rows].tolist(),
        tuple(set_of(np.flatnonzero(leaves.grids[rows] == grid).tolist()) for grid in ids),
    )


def _plots(buildings: Buildings | None, rows: Ints) -> tuple[Plot, ...]:
    if buildings is None:
        return ()
    order = np.argsort(buildings.leaves, kind="stable")
    first = np.searchsorted(buildings.leaves[order], rows, side="left")
    end = np.searchsorted(buildings.leaves[order], rows, side="right")
    plots = []
    for leaf, (row, a, b) in enumerate(zip(rows, first, end, strict=True)):
        on = order[a:b]
        plots.append(
            Plot(leaf, buildings.polygons[row], on, buildings.households[on], buildings.xy[on])
        )
    return tuple(plots)
