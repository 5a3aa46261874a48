"""Which draft is a client's own: one open draft for each account and kind of client."""

from __future__ import annotations

import psycopg

from layers.boundaries.cache import DraftCache
from layers.boundaries.clients.faces import read_faces
from layers.boundaries.clients.view import ClientView
from layers.boundaries.coverage import Connection, began_at
from layers.boundaries.draft_rows import Draft, find_draft, open_draft
from layers.boundaries.proceedings import is_stale, move_to_today
from spatial.errors import ConflictError
from spatial.town import Town

_OWN = """
SELECT id FROM grids.draft
WHERE town_id = %s AND author = layers.my_account() AND client = %s AND state = 'open'
"""


def find_own(
    connection: Connection, town: Town, client: str, *, lock: bool = False
) -> Draft | None:
    """The open draft of whoever asks, in this kind of client; None without any."""
    row = connection.execute(_OWN, (town.id, client)).fetchone()
    return None if row is None else find_draft(connection, town, row[0], lock=lock)


def open_own(connection: Connection, cache: DraftCache, town: Town, client: str) -> ClientView:
    """The client's own draft, made where there is none, and locked until the transaction ends.

    One that holds nothing is put on the coverage of today first.

    Raises:
        ConflictError: there are no grids; two requests began at once.
    """
    draft = find_own(connection, town, client, lock=True)
    if draft is None or draft.state != "open":
        draft = _open(connection, town, client)
    view = view_of(connection, cache, town, draft)
    if view.faces or view.state.done or not is_stale(draft, began_at(connection, town)):
        return view
    move_to_today(connection, cache, town, draft, None)
    return view_of(connection, cache, town, find_draft(connection, town, draft.id))


def _open(connection: Connection, town: Town, client: str) -> Draft:
    name = f"{client} {town.now():%Y-%m-%d %H:%M}"
    try:
        return open_draft(connection, town, name, client)
    except psycopg.errors.UniqueViolation as error:
        raise ConflictError(
            "two requests began a draft at once / 草案正在建立", remedy="again"
        ) from error


def view_of(connection: Connection, cache: DraftCache, town: Town, draft: Draft) -> ClientView:
    """A draft as its client sees it."""
    state = cache.state(connection, town, draft)
    return ClientView(state, read_faces(connection, draft.id))
