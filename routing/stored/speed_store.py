"""What is known of speeds in the database, for every process's next answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.modes import Mode
from routing.nearest.engine import Engine
from routing.network.graph import Graph
from routing.network.live_speeds import ASSUMED, HourShares, Speeds, assumed_hours
from routing.network.speeds import CLASSES
from routing.stored.graph_store import AnyConnection
from spatial.errors import NotFoundError

_CLASS_NUMBER = {klass: number for number, klass in enumerate(CLASSES)}
_EDITION = """
SELECT version, least_share, most_share, hours FROM routing.speed_edition
WHERE town_id = %s AND revision = %s
"""
_STREETS = """
SELECT mode, street_ids, forward, share FROM routing.speed_edition_street
WHERE town_id = %s AND revision = %s
"""
# A process that runs on may not have read the newest yet, and answers by the one before.
_FORGET = """
DELETE FROM routing.speed_edition AS edition
WHERE town_id = %s AND revision <> ALL (%s) AND made_at < clock_timestamp() - interval '1 day'
  AND revision < (SELECT setting.revision FROM routing.speed_setting AS setting
                  WHERE setting.town_id = edition.town_id)
"""


@dataclass(frozen=True)
class SpeedSetting:
    """How a town deals with what its tracks teach.

    Attributes:
        uses_learned: whether it counts; what is learned is kept and shown all the same.
        least_share, most_share: of the stated speed: nobody is taken to be slower or faster.
        least_samples: of a street, before it differs from its class.
        kept_days: so long samples are kept.
    """

    uses_learned: bool = True
    least_share: float = 0.3
    most_share: float = 1.0
    least_samples: int = 5
    kept_days: int = 90


def read_setting(connection: AnyConnection, town_id: int) -> SpeedSetting:
    """The town's; what is usual where it has settled nothing."""
    row = connection.execute(
        "SELECT uses_learned, least_share, most_share, least_samples, kept_days"
        " FROM routing.speed_setting WHERE town_id = %s",
        (town_id,),
    ).fetchone()
    return SpeedSetting(*row) if row else SpeedSetting()


def speeds_revision(connection: AnyConnection, town_id: int) -> int:
    """Of what counts now; 0 where nothing was ever stored."""
    row = connection.execute(
        "SELECT revision FROM routing.speed_setting WHERE town_id = %s", (town_id,)
    ).fetchone()
    return int(row[0]) if row else 0


def load_speeds(
    connection: AnyConnection, town_id: int, streets: tuple[Graph, int | None], revision: int
) -> Speeds:
    """What counted at a revision: assumed, set by the town, and learned, the later over the former.

    Args:
        connection: to where it is stored.
        town_id: whose.
        streets: the streets, and their version.
        revision: of the present, or a former one; 0: nothing but what is assumed.

    Raises:
        NotFoundError: it isn't kept any more.
    """
    if not revision:
        return ASSUMED
    row = connection.execute(_EDITION, (town_id, revision)).fetchone()
    if row is None:
        raise NotFoundError(
            f"the speeds of revision {revision} are not kept any more / 当时的车速已不再保存",
            remedy="the setting streets_kept_days says how long they are",
        )
    version, least_share, most_share, hours = row
    graph, wanted = streets
    learned = connection.execute(_STREETS, (town_id, revision)) if version == wanted else ()
    return Speeds(
        _with(assumed_hours(), hours, least_share, most_share),
        {Mode(mode): _shares(graph, *columns) for mode, *columns in learned},
        least_share,
        revision,
    )


def forget_speeds(connection: AnyConnection, town_id: int, keep: Iterable[int]) -> None:
    """Delete what counted once, but for some revisions."""
    connection.execute(_FORGET, (town_id, list(keep)))


class SpeedReader:
    """Brings an engine to what is stored, where that has changed."""

    def __init__(self) -> None:
        """Nothing was read yet."""
        self._known: tuple[Engine, int] | None = None

    def bring(self, connection: AnyConnection, town_id: int, engine: Engine) -> None:
        """Have an engine count with what is stored for its version of the streets."""
        revision = speeds_revision(connection, town_id)
        if self._known != (engine, revision):
            streets = engine.graph, engine.version
            engine.learn(load_speeds(connection, town_id, streets, revision))
        self._known = (engine, revision)


def _with(
    hours: HourShares, rows: list[list[Any]], least_share: float, most_share: float
) -> HourShares:
    by_mode = {mode: shares.copy() for mode, shares in hours.by_mode.items()}
    for mode_bits, klass, weekend, hour, share in rows:
        mode = Mode(mode_bits)
        if klass in _CLASS_NUMBER:
            shares = by_mode.setdefault(mode, np.ones((2, 24, len(CLASSES))))
            limited = min(max(share, least_share), most_share)
            shares[int(weekend), hour, _CLASS_NUMBER[klass]] = limited
    return HourShares(by_mode)


def _shares(
    graph: Graph, street_ids: list[int], forward: list[bool], share: list[float]
) -> NDArray[np.float64]:
    shares = np.ones((len(graph.street_ids), 2))
    order = np.argsort(graph.street_ids, kind="stable")
    wanted = np.array(street_ids, np.int64)
    at = np.searchsorted(graph.street_ids[order], wanted)
    known = at < len(order)
    known[known] = graph.street_ids[order[at[known]]] == wanted[known]
    column = np.where(np.array(forward), 0, 1)
    shares[order[at[known]], column[known]] = np.array(share)[known]
    return shares
