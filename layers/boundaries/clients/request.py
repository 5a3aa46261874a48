"""A request of a map client for a level of units: read with its draft over them, or written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from layers.boundaries.clients.overlay import overlay_of
from layers.boundaries.clients.own import find_own, open_own, view_of
from layers.boundaries.clients.view import ClientView
from layers.boundaries.clients.writing import Pen
from layers.boundaries.coverage import Connection
from layers.boundaries.desk import Desk
from layers.boundaries.draft_rows import count_edit
from layers.catalogue import Entry
from layers.published import view_of as published_view_of
from layers.reading.overlay import Overlay
from layers.roles import Role
from layers.writing.versions import Expectation
from spatial.database import Principal
from spatial.errors import NotFoundError
from spatial.town import Town

_UPDATED = sql.SQL("SELECT updated FROM {} WHERE id = %s")


@dataclass(frozen=True)
class ClientRequest:
    """Who asks, for which layer, and by what.

    Attributes:
        client: the kind of client: a program's name, or a key's.
        entry: a layer that has drafters.
    """

    desk: Desk
    principal: Principal
    town: Town
    client: str
    entry: Entry

    @property
    def level(self) -> int:
        """Of the units that the layer shows."""
        assert self.entry.level is not None  # a layer with drafters states it
        return self.entry.level

    def overlay(self) -> Overlay | None:
        """What the client's own draft changes of the layer; None without any."""
        with self.desk.transaction(self.principal) as connection:
            draft = find_own(connection, self.town, self.client)
            if draft is None:
                return None
            return overlay_of(view_of(connection, self.desk.cache, self.town, draft), self.level)

    def write(self, act: Callable[[Pen], int]) -> int:
        """Change something of the client's own draft, in a transaction; what `act` returns.

        Raises: what `act` raises; nothing is written then.
        """
        with self.desk.transaction(self.principal) as connection:
            view = open_own(connection, self.desk.cache, self.town, self.client)
            tools = self.desk.tools(connection, self.principal, self.town, view.state)
            unit = act(Pen(connection, tools, view, self.level, self.town.bounds()))
            count_edit(connection, view.state.draft.id)
            return unit

    def change(self, unit: int, expected: Expectation, act: Callable[[Pen], Any]) -> int:
        """The same with a unit that is there, if it is what the client expects.

        Raises:
            NotFoundError: the client sees no such unit.
            StaleError: it has been changed since the client read it.
        """

        def checked(pen: Pen) -> int:
            pen.require(unit)
            if expected != Expectation():
                self._check(pen.connection, pen.view, unit, expected)
            act(pen)
            return unit

        return self.write(checked)

    def _check(
        self, connection: Connection, view: ClientView, unit: int, expected: Expectation
    ) -> None:
        updated = view.updated(unit)
        if updated is None:
            moment = view.state.draft.base_at.isoformat()
            connection.execute("SELECT set_config('gridwhistle.moment', %s, true)", (moment,))
            query = _UPDATED.format(published_view_of(self.entry, Role(self.principal.role)))
            row = connection.execute(query, (unit,)).fetchone()
            if row is None:
                raise NotFoundError(f"there is no feature {unit} / 没有这个要素")
            updated = row[0]
        expected.check(updated)
