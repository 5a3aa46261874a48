"""What is known of speeds in the database, for every process's next answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.modes import Mode
from routing.nearest.engine import Engine
from routing.network.graph import Graph
from routing.network.live_speeds import HourShares, Speeds, assumed_hours
from routing.network.speeds import CLASSES
from routing.stored.graph_store import AnyConnection

_CLASS_NUMBER = {klass: number for number, klass in enumerate(CLASSES)}
_HOURS = """
SELECT mode, class, weekend, hour, share FROM (
    SELECT 1 AS turn, mode, class, weekend, hour, share FROM routing.hour_share
    WHERE town_id = %(town)s
    UNION ALL
    SELECT 2, mode, class, weekend, hour, share FROM routing.learned_hour
    WHERE town_id = %(town)s AND %(learned)s
) AS known ORDER BY turn
"""
_STREETS = """
SELECT mode, array_agg(street_id), array_agg(forward), array_agg(share) FROM routing.learned_speed
WHERE town_id = %s AND version = %s GROUP BY mode
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


def load_speeds(connection: AnyConnection, town_id: int, version: int, graph: Graph) -> Speeds:
    """What counts now: what was assumed, set by the town, and learned, the later over the former.

    Args:
        connection: to where it is stored.
        town_id: whose.
        version: of the streets.
        graph: these streets.
    """
    setting = read_setting(connection, town_id)
    rows = connection.execute(_HOURS, {"town": town_id, "learned": setting.uses_learned})
    hours = _with(assumed_hours(), rows.fetchall(), setting)
    streets: dict[Mode, NDArray[np.float64]] = {}
    if setting.uses_learned:
        for mode, *columns in connection.execute(_STREETS, (town_id, version)).fetchall():
            streets[Mode(mode)] = _shares(graph, *columns)
    return Speeds(hours, streets, setting.least_share)


class SpeedReader:
    """Brings an engine to what is stored, where that has changed."""

    def __init__(self) -> None:
        """Nothing was read yet."""
        self._known: tuple[Engine, int] | None = None

    def bring(self, connection: AnyConnection, town_id: int, version: int, engine: Engine) -> None:
        """Have an engine count with what is stored for a version of the streets."""
        row = connection.execute(
            "SELECT revision FROM routing.speed_setting WHERE town_id = %s", (town_id,)
        ).fetchone()
        revision = int(row[0]) if row else 0
        if self._known is not None and self._known == (engine, revision):
            return
        if revision or self._known is not None:
            engine.learn(load_speeds(connection, town_id, version, engine.graph))
        self._known = (engine, revision)


def _with(hours: HourShares, rows: list[tuple[Any, ...]], setting: SpeedSetting) -> HourShares:
    by_mode = {mode: shares.copy() for mode, shares in hours.by_mode.items()}
    for mode_bits, klass, weekend, hour, share in rows:
        mode = Mode(mode_bits)
        if klass in _CLASS_NUMBER:
            shares = by_mode.setdefault(mode, np.ones((2, 24, len(CLASSES))))
            limited = min(max(share, setting.least_share), setting.most_share)
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
