"""The engine of the streets as they are now, for a process that runs on."""

from __future__ import annotations

from threading import Lock
from typing import Any

import psycopg

from routing.nearest.engine import Engine
from routing.stored.graph_store import load_graph, no_streets
from routing.stored.measure_store import load_measures, streets_version
from routing.stored.speed_store import SpeedReader
from spatial.town import Town


class CurrentEngine:
    """Each query compares versions, so that an import or a closure beside it is seen by the next
    answer.
    """

    def __init__(self, town: Town) -> None:
        self._town = town
        self._turn = Lock()
        self._version: tuple[int | None, int | None] = (None, None)
        self._speeds = SpeedReader()
        self._engine: Engine | None = None

    def get(self, connection: psycopg.Connection[Any]) -> Engine:
        """The warm engine.

        Raises:
            NotFoundError: the town has no streets.
        """
        with self._turn:
            streets, in_force = streets_version(connection, self._town.id)
            if streets is None:
                raise no_streets()
            if self._engine is None or streets != self._version[0]:
                graph = load_graph(connection, self._town.id, streets)
                self._engine = Engine(graph, version=streets)
            if (streets, in_force) != self._version and (in_force or self._engine.measures.names()):
                load_measures(connection, self._town.id, streets, self._engine.measures)
            if (streets, in_force) != self._version:
                self._speeds.bring(connection, self._town.id, self._engine)
            self._engine.measures.revision = in_force
            self._version = (streets, in_force)
            return self._engine
