"""Time in a demo town, which passes only when somebody lets it."""

from __future__ import annotations

from datetime import datetime

from layers.boundaries.desk import Desk, require_drafter
from layers.boundaries.draft_rows import find_draft
from spatial.database import Principal
from spatial.errors import AccessError, ConflictError
from spatial.town import Town


def let_time_pass(desk: Desk, principal: Principal, town: Town, draft_id: int) -> datetime:
    """Put a demo's clock forward to the moment of an approved draft; the worker does the rest.

    Raises:
        NotFoundError: there is no such draft.
        AccessError: the role drafts nothing, or the credentials are for reading.
        ConflictError: the town is a real one, or the draft waits for no moment.
    """
    require_drafter(principal)
    if town.as_of is None:
        raise ConflictError("time passes by itself in a real town / 真实镇街的时间不能拨动")
    if not principal.may_write:
        raise AccessError("these credentials are for reading / 该凭据只读")
    with desk.transaction(principal) as connection:
        draft = find_draft(connection, town, draft_id, lock=True)
        row = connection.execute("SELECT grids.pass_time_to_draft(%s)", (draft.id,)).fetchone()
    if row is None or row[0] is None:
        raise ConflictError(
            f"draft {draft.id} is {draft.state}: it waits for no moment / 草案未在等待生效",
            remedy="approve it for a later moment first",
        )
    moment: datetime = row[0]
    return moment
