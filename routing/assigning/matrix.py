"""How long each responder takes to each incident: one backward search an incident and mode."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from routing.assigning.problem import Floats
from routing.nearest.engine import Engine
from routing.nearest.fleet import Fleet
from routing.nearest.lane import Place
from routing.network.snapping import OFF_STREET


def eta_matrix(
    engine: Engine, fleet: Fleet, keys: Sequence[str], lonlat: Floats, at: datetime | None
) -> Floats:
    """(I, R) seconds until each member is at each place; the delay before it moves is counted.

    Exact, as `Engine.nearest` is; inf where there is no way, or no street near.

    Args:
        engine: of the streets.
        fleet: of this engine.
        keys: (R,) of members, in the order of the columns.
        lonlat: (I, 2) of the incidents, degrees.
        at: the moment, in the town's time; None for free streets.
    """
    column = {key: r for r, key in enumerate(keys)}
    etas_s = np.full((len(lonlat), len(keys)), np.inf)
    for mode, roster in fleet.rosters.items():
        rows = np.flatnonzero(roster.present).tolist()
        wanted = [(row, column.get(fleet.origin_at(mode, row).key)) for row in rows]
        known = [(row, r) for row, r in wanted if r is not None]
        snaps = engine.places_of(mode, lonlat, leaving=False)
        for i in np.flatnonzero(snaps.street != OFF_STREET).tolist():
            place = Place(int(snaps.street[i]), float(snaps.fraction[i]))
            found = engine.lane(mode).etas_s(engine.measures, roster, place, at)
            for row, r in known:
                etas_s[i, r] = found[row]
    return etas_s
