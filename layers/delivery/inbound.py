"""What comes back from gateways: receipts and answers. They come late, twice, or never."""

from __future__ import annotations

import uuid
from typing import Any

from layers.delivery.wording import action_of_reply
from spatial.database import AnyConnection

_TOO_LATE = "该任务已转派他人或撤销,不用去了。The order is another's by now."
_NOTHING = "目前没有派给您的任务。There is no order for you."
_NOT_UNDERSTOOD = "请回复:1收到,2不能去,3到场。Reply 1 accept, 2 decline, 3 arrived."
# What a link may do: say yes or no.
LINK_ACTIONS = frozenset({"accept", "decline"})
_DONE = {
    "accept": "已收到,请速到场。Accepted.",
    "decline": "已记录,任务转派他人。Declined.",
    "arrive": "已记录到场。Arrived.",
}


async def note_receipt(
    connection: AnyConnection, message_id: uuid.UUID, *, delivered: bool
) -> None:
    """What became of a message; one that isn't known changes nothing."""
    await connection.execute("SELECT layers.note_receipt(%s, %s)", (message_id, delivered))


async def answer_by_message(
    connection: AnyConnection, channel: str, sender: str, text: str
) -> dict[str, Any]:
    """What an answer does to the newest order that went to its sender: {done, state, text}.

    `text` is what the sender should be told; `state` is None where there is no order.
    """
    action = action_of_reply(text)
    cursor = await connection.execute(
        "SELECT state, done FROM layers.answer_by_message(%s, %s, %s)", (channel, sender, action)
    )
    row = await cursor.fetchone()
    state, done = row or (None, False)
    return {"done": done, "state": state, "text": _words(action, state, done=done)}


async def answer_by_link(
    connection: AnyConnection, message_id: uuid.UUID, action: str | None
) -> dict[str, Any] | None:
    """What the link in a message is of, and what it did; None where it is of nothing any more.

    Args:
        action: one of LINK_ACTIONS; None: the link was only opened.
    """
    query = "SELECT layers.answer_by_link(%s, %s)"
    row = await (await connection.execute(query, (message_id, action))).fetchone()
    return row[0] if row else None


def _words(action: str | None, state: str | None, *, done: bool) -> str:
    if state is None:
        return _NOTHING
    if action is None:
        return _NOT_UNDERSTOOD
    return _DONE[action] if done else _TOO_LATE
