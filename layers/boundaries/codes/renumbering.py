"""Everything below a unit numbered anew, as a draft of its own."""

from __future__ import annotations

from typing import Any, NamedTuple

import psycopg

from layers.accounts.administration import find_account
from layers.boundaries.coverage import began_at
from layers.boundaries.desk import Desk, draw_step
from layers.boundaries.draft_rows import Order, open_draft
from layers.boundaries.redraw import Coverage
from spatial.errors import AccessError, ConflictError, NotFoundError
from spatial.town import Town


class Renumbered(NamedTuple):
    """What came of it.

    Attributes:
        draft_id: None where all codes are in order already.
        codes: how many change.
    """

    draft_id: int | None
    codes: int


def renumber_as_draft(
    desk: Desk, town: Town, account_name: str, code: str, level: int | None
) -> Renumbered:
    """Open a draft with one step, `renumber_by_scheme`; none where nothing changes.

    Args:
        account_name: whose draft it is.
        code: of the unit below which is renumbered.
        level: from which one down; None for the grids, below a grid for the micro-grids.

    Raises:
        AccessError: the account drafts nothing.
        NotFoundError: no unit has this code.
        ConflictError: there are no grids, or more units than codes.
    """
    with desk.pool.connection() as connection:
        account = find_account(connection, town.id, account_name)
    if account.disabled_at is not None:
        raise AccessError(f"{account_name} is disabled / 账号已停用")
    principal = account.principal(town.time_zone)
    with desk.transaction(principal) as connection:
        began = began_at(connection, town)
        if began is None:
            raise ConflictError("there are no grids yet / 还没有网格", remedy="import grids FILE")
        parameters: dict[str, Any] = {"unit": _unit(desk.cache.base(connection, town, began), code)}
        if level is not None:
            parameters["level"] = level
        with connection.transaction() as attempt:
            draft = open_draft(connection, town, f"按规则重编 {code}")
            state = desk.cache.state(connection, town, draft)
            tools = desk.tools(connection, principal, town, state)
            edited = draw_step(connection, state, tools, Order("renumber_by_scheme", parameters))
            changed = len(edited.redraw.attributes)
            if not changed:
                raise psycopg.Rollback(attempt)
    return Renumbered(draft.id if changed else None, changed)


def _unit(coverage: Coverage, code: str) -> int:
    for unit, named in coverage.attributes.items():
        if named.code == code:
            return unit
    raise NotFoundError(f"no unit has the code {code} / 没有这个编码")
