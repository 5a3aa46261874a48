"""Judged fixes to the database: one statement for all that came together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import shapely

from grids.cells import STORED_RESOLUTION, cells_of_points
from layers.positions.fixes import Fix, Outcome
from layers.positions.trails import OnStreet
from routing.modes import MODES_BY_NAME, Mode
from spatial.database import AnyConnection
from spatial.town import Town

# In binary: numbers as text take four times as long on both sides.
_STORE = """
SELECT * FROM layers.store_fixes(
    %s, %b::bigint[], %b::bigint[], %b::timestamptz[], %b::float8[], %b::float8[], %b::float8[],
    %b::float8[], %b::float8[], %b::bigint[], %b::float8[], %b::boolean[], %b::bigint[],
    %b::boolean[], %b::boolean[]
)
"""
_RESPONDERS = "SELECT id, key, mode, account_id FROM layers.responders_to_move(%s)"


@dataclass(frozen=True, slots=True)
class Placed:
    """A fix of a known responder, and where on the streets it lies."""

    responder_id: int
    fix: Fix
    street: OnStreet | None
    is_kept: bool


@dataclass(frozen=True)
class Movable:
    """Who may be moved by fixes.

    Attributes:
        of_key: responder's number by key.
        of_account: responder's number by the account that is bound to it.
        mode: by number.
    """

    of_key: dict[str, int]
    of_account: dict[int, int]
    mode: dict[int, Mode]

    def find(self, fix: Fix) -> int | None:
        """Whom a fix is to move; whether its sender may is the database's to say."""
        if fix.responder is not None:
            return self.of_key.get(fix.responder)
        return None if fix.sender is None else self.of_account.get(fix.sender)


NOBODY = Movable({}, {}, {})


async def read_movable(connection: AnyConnection, town: Town) -> Movable:
    """The town's responders; for the web's own login or the owner."""
    rows = await (await connection.execute(_RESPONDERS, (town.id,))).fetchall()
    return Movable(
        {key: number for number, key, _, _ in rows},
        {account: number for number, _, _, account in rows if account is not None},
        {number: MODES_BY_NAME[mode] for number, _, mode, _ in rows},
    )


async def store_fixes(
    connection: AnyConnection, town: Town, placed: Sequence[Placed]
) -> list[Outcome]:
    """Move responders and keep what is to be kept; what became of each fix.

    Args:
        connection: of the web's own login or the owner, in no transaction.
        town: whose responders they are.
        placed: those of one responder in the order of their moments.
    """
    if not placed:
        return []
    lon = np.array([each.fix.lon for each in placed])
    lat = np.array([each.fix.lat for each in placed])
    fixes, streets = [each.fix for each in placed], [each.street for each in placed]
    columns: list[list[object]] = [
        [each.responder_id for each in placed],
        [fix.sender for fix in fixes],
        [datetime.fromtimestamp(fix.at_s, UTC) for fix in fixes],
        lon.tolist(),
        lat.tolist(),
        [fix.accuracy_m for fix in fixes],
        [fix.speed_mps for fix in fixes],
        [fix.bearing_deg for fix in fixes],
        [street and street.street_id for street in streets],
        [street and street.fraction for street in streets],
        [street.forward if street else None for street in streets],
        cells_of_points(lon, lat, STORED_RESOLUTION).tolist(),
        _inside(town, lon, lat),
        [each.is_kept for each in placed],
    ]
    rows = await (await connection.execute(_STORE, (town.id, *columns))).fetchall()
    told = dict(rows)
    return [Outcome(told[n]) for n in range(1, len(placed) + 1)]


def _inside(town: Town, lon: np.ndarray, lat: np.ndarray) -> list[object]:
    if town.outline is None:
        return [True] * len(lon)
    shapely.prepare(town.outline)
    return list(shapely.contains_xy(town.outline, lon, lat).tolist())
