"""Messages on their way out: taken by one sender at a time, tried again, never forgotten.

A sender holds its message's row while it sends. One that is killed loses its connection, and with
it the row: another takes it, and sends it under the same id.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from psycopg.rows import class_row

from layers.delivery.channels import Receipt
from layers.delivery.plan import WAITING_STATES
from layers.delivery.wording import Told
from spatial.database import AnyConnection

MOST_TRIES = 3
_PAUSE_S = 1.0

_TAKE = """
SELECT message.id, message.message_id, message.channel, message.kind, message.attempt,
       response_order.id AS order_id, response_order.state, contact.address,
       coalesce(incident.number, '') AS number, category.name AS category,
       coalesce(premises.address, premises.name) AS place,
       ST_X(incident.geom) AS lon, ST_Y(incident.geom) AS lat, response_order.eta_s
FROM layers.order_message AS message
JOIN layers.response_order ON response_order.id = message.order_id
JOIN layers.incident ON incident.id = response_order.incident_id
JOIN layers.category ON category.code = incident.category
LEFT JOIN layers.premises ON premises.id = incident.premises_id
LEFT JOIN layers.responder_contact AS contact
    ON contact.responder_id = response_order.responder_id AND contact.channel = message.channel
WHERE message.next_at <= clock_timestamp() AND NOT message.channel = ANY (%s)
ORDER BY message.next_at
LIMIT 1
FOR UPDATE OF message SKIP LOCKED
"""
_SENT = """
UPDATE layers.order_message
SET sent_at = clock_timestamp(), next_at = NULL, attempt = attempt + 1, error = NULL,
    delivered_at = CASE WHEN %(delivered)s THEN clock_timestamp() END
WHERE id = %(id)s
"""
_FAILED = """
UPDATE layers.order_message
SET failed_at = CASE WHEN %(again_s)s::float IS NULL THEN clock_timestamp() END,
    next_at = clock_timestamp() + make_interval(secs => %(again_s)s),
    attempt = attempt + 1, error = %(error)s
WHERE id = %(id)s
"""
_DELIVERED = "SELECT layers.move_order_if_it_may(%s, 'deliver', 'system')"
# Waits for whoever is ending the order just now: it either sees this message as sent, or is seen.
_STAND_DOWN = """
WITH ended AS (
    SELECT id, town_id, state FROM layers.response_order WHERE id = %(order_id)s FOR SHARE
)
INSERT INTO layers.order_message (town_id, order_id, channel, kind, next_at)
SELECT town_id, id, %(channel)s, 'stand_down', clock_timestamp()
FROM ended WHERE state IN ('lapsed', 'withdrawn')
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Taken:
    """A message that this sender has, with what it has to say.

    Attributes:
        kind: order, stand_down.
        attempt: how often it was tried before.
        address: of the responder on this channel; None where there is none any more.
    """

    id: int
    message_id: uuid.UUID
    channel: str
    kind: str
    attempt: int
    order_id: int
    state: str
    address: str | None
    number: str
    category: str
    place: str | None
    lon: float
    lat: float
    eta_s: float | None

    @property
    def wanted(self) -> bool:
        """Whether the responder still has to hear it."""
        return self.kind != "order" or self.state in WAITING_STATES

    @property
    def told(self) -> Told:
        """What it tells."""
        return Told(self.number, self.category, self.place, self.lon, self.lat, self.eta_s)


async def take_message(connection: AnyConnection, busy: Iterable[str]) -> Taken | None:
    """The message that has waited longest; it is the caller's until the transaction ends.

    Args:
        busy: channels that have enough to do.
    """
    async with connection.cursor(row_factory=class_row(Taken)) as cursor:
        await cursor.execute(_TAKE, ([*busy],))
        return await cursor.fetchone()


async def note_sent(connection: AnyConnection, message: Taken, receipt: Receipt) -> None:
    """The channel has taken it; if its order has ended meanwhile, the responder is told to stay."""
    await connection.execute(_SENT, {"id": message.id, "delivered": receipt.delivered})
    if message.kind != "order":
        return
    if receipt.delivered:
        await connection.execute(_DELIVERED, (message.order_id,))
    await connection.execute(
        _STAND_DOWN, {"order_id": message.order_id, "channel": message.channel}
    )


async def note_failed(
    connection: AnyConnection, message: Taken, error: str, *, may_try_again: bool
) -> None:
    """The channel has not taken it: a few more tries, or none."""
    tried = message.attempt + 1
    again_s = _PAUSE_S * tried if may_try_again and tried < MOST_TRIES else None
    await connection.execute(_FAILED, {"id": message.id, "again_s": again_s, "error": error})
