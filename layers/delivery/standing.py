"""The orders that wait for their responder, as they stand by the database's clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import class_row

from layers.delivery.plan import (
    DESK,
    WAITING_STATES,
    Ladder,
    Message,
    Order,
    Patience,
    Step,
    next_step,
    reachable_rungs,
)
from layers.delivery.settings import PAGE

Connection = psycopg.Connection[Any]

# An open page acknowledges by itself and at once: after this share of its time, none is open.
_PAGE_SHARE = 0.25
# What is told by being there, without anything being sent.
_TOLD_BY_BEING_THERE = (PAGE, DESK)

# A declined order is another's turn as long as nobody has seen to it; after minutes it is history.
_STANDING = """
SELECT waiting.id AS order_id, waiting.town_id, waiting.incident_id, waiting.responder_id,
       waiting.decision_id, waiting.is_lead, waiting.state, waiting.ordered_at,
       clock_timestamp() AS now, coalesce(setting.accept_within_s, 20) AS accept_within_s,
       told.channels, told.queued_at, told.delivered_at, told.failed_at,
       ARRAY(SELECT channel FROM layers.responder_contact AS contact
             WHERE contact.responder_id = waiting.responder_id)
       || CASE WHEN EXISTS (
              SELECT FROM layers.account
              WHERE account.responder_id = waiting.responder_id AND account.disabled_at IS NULL
          ) THEN ARRAY['page'] ELSE '{}' END AS reachable
FROM (
    SELECT * FROM layers.response_order
    WHERE ended_at IS NULL AND state = ANY (%(waiting)s)
    UNION ALL
    SELECT * FROM layers.response_order AS declined
    WHERE state = 'declined' AND ended_at > clock_timestamp() - interval '5 min'
      AND NOT EXISTS (SELECT FROM layers.response_order AS later
                      WHERE later.incident_id = declined.incident_id
                        AND (later.replaces = declined.id
                             OR (declined.is_lead AND later.is_lead AND later.ended_at IS NULL)))
      AND EXISTS (SELECT FROM layers.incident
                  WHERE incident.id = declined.incident_id
                    AND incident.state IN ('triage', 'dispatched', 'handling'))
) AS waiting
LEFT JOIN layers.dispatch_setting AS setting ON setting.town_id = waiting.town_id
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(channel ORDER BY id), '{}') AS channels,
           array_agg(queued_at ORDER BY id) AS queued_at,
           array_agg(delivered_at ORDER BY id) AS delivered_at,
           array_agg(failed_at ORDER BY id) AS failed_at
    FROM layers.order_message WHERE order_id = waiting.id AND kind = 'order'
) AS told
WHERE %(order)s::bigint IS NULL OR waiting.id = %(order)s
ORDER BY waiting.ordered_at
"""
_QUEUE = """
INSERT INTO layers.order_message (town_id, order_id, channel, sent_at, next_at)
SELECT %s, %s, %s, CASE WHEN there THEN at END, CASE WHEN NOT there THEN at END
FROM (SELECT clock_timestamp() AS at, %s AS there) AS moment
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Standing:
    """An order that is neither accepted nor settled, and what was told of it.

    Attributes:
        now: by the clock that wrote all the other times.
        channels, queued_at, delivered_at, failed_at: its messages, one at each place.
        reachable: the channels by which its responder has an address, set up or not.
    """

    order_id: int
    town_id: int
    incident_id: int
    responder_id: int
    decision_id: int | None
    is_lead: bool
    state: str
    ordered_at: datetime
    now: datetime
    accept_within_s: int
    channels: list[str]
    queued_at: list[datetime] | None
    delivered_at: list[datetime | None] | None
    failed_at: list[datetime | None] | None
    reachable: list[str]

    @property
    def messages(self) -> list[Message]:
        """What was queued for it."""
        times = zip(
            self.queued_at or (), self.delivered_at or (), self.failed_at or (), strict=True
        )
        return [Message(channel, *at) for channel, at in zip(self.channels, times, strict=True)]

    def next_step(self, ladder: Ladder) -> Step:
        """What is due; `ladder` has the channels that are set up."""
        patience = Patience(
            timedelta(seconds=self.accept_within_s),
            {PAGE: timedelta(seconds=_PAGE_SHARE * self.accept_within_s)},
        )
        return next_step(
            Order(self.order_id, self.state, self.ordered_at),
            self.messages,
            self.now,
            patience,
            reachable_rungs(ladder, frozenset(self.reachable)),
        )


def read_standing(connection: Connection, order_id: int | None = None) -> list[Standing]:
    """All orders that wait, the oldest first; or one, if it waits."""
    values = {"waiting": [*WAITING_STATES], "order": order_id}
    with connection.cursor(row_factory=class_row(Standing)) as cursor:
        return cursor.execute(_STANDING, values).fetchall()


def queue_messages(connection: Connection, told: Sequence[tuple[Standing, str]]) -> None:
    """Queue orders for channels, each for each once."""
    with connection.cursor() as cursor:
        cursor.executemany(
            _QUEUE,
            [
                (order.town_id, order.order_id, channel, channel in _TOLD_BY_BEING_THERE)
                for order, channel in told
            ],
        )
