"""The next responder's turn: who comes next by the decision's ranking, as the one before lapses."""

from __future__ import annotations

from psycopg.types.json import Jsonb

from layers.delivery.plan import DESK
from layers.delivery.standing import Connection, Standing, queue_messages

# By the ranking that the decision kept: who has not been asked for this incident, is on duty, has
# no order, and can be told. Whom only a dispatcher could call is for a dispatcher to choose.
_NEXT = """
SELECT jsonb_agg(candidate - 'route' ORDER BY place)
FROM layers.decision
CROSS JOIN LATERAL jsonb_path_query(decision.answer, '$.responders[*]')
    WITH ORDINALITY AS ranked (candidate, place)
JOIN layers.responder
    ON responder.town_id = decision.town_id AND responder.key = candidate ->> 'key'
WHERE decision.id = %(decision_id)s AND responder.on_duty
  AND (responder.break_until IS NULL OR responder.break_until <= clock_timestamp())
  AND NOT EXISTS (SELECT FROM layers.response_order AS earlier
                  WHERE earlier.responder_id = responder.id
                    AND (earlier.incident_id = %(incident_id)s OR earlier.ended_at IS NULL))
  AND (EXISTS (SELECT FROM layers.responder_contact AS contact
               WHERE contact.responder_id = responder.id AND contact.channel = ANY (%(channels)s))
       OR ('page' = ANY (%(channels)s)
           AND EXISTS (SELECT FROM layers.account
                       WHERE account.responder_id = responder.id AND account.disabled_at IS NULL)))
"""
_ORDER = "SELECT layers.order_first_of(%s, %s, %s, %s)"


def pass_on(connection: Connection, standing: Standing, channels: frozenset[str]) -> bool:
    """Order the next one; where there is none the order stands, and the desk is told.

    The incident of the order is locked by the caller.

    Args:
        channels: those that are set up, the page included.

    Returns:
        Whether somebody else was ordered.
    """
    values = {
        "decision_id": standing.decision_id,
        "incident_id": standing.incident_id,
        "channels": [*channels],
    }
    row = connection.execute(_NEXT, values).fetchone()
    if row and row[0] and _order_first_of(connection, standing, row[0]):
        return True
    queue_messages(connection, [(standing, DESK)])
    return False


def _order_first_of(
    connection: Connection, standing: Standing, candidates: list[dict[str, object]]
) -> bool:
    values = (
        standing.incident_id,
        Jsonb(candidates),
        standing.decision_id,
        standing.order_id,
    )
    row = connection.execute(_ORDER, values).fetchone()
    return row is not None and row[0] is not None


def lock_incident(connection: Connection, incident_id: int) -> bool:
    """Whether nobody else is at work on the incident's orders; nobody will be till the end."""
    query = "SELECT 1 FROM layers.incident WHERE id = %s FOR UPDATE SKIP LOCKED"
    return connection.execute(query, (incident_id,)).fetchone() is not None
