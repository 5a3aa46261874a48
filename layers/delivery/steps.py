"""What is due with the orders that wait, carried out: each in a transaction of its own."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

from layers.delivery.passing_on import lock_incident, pass_on
from layers.delivery.plan import DESK, Ladder, PassOn, Step, Tell, Wait
from layers.delivery.standing import Connection, Standing, queue_messages, read_standing
from spatial.logs import kind_of

LOGGER = logging.getLogger(__name__)

# Whoever tells one order sets the next in motion at once, but not without end.
_ROUNDS = 20


class Steps:
    """Carries out what is due.

    Args:
        owner: connections of the database's owner.
        ladder: with the channels that are set up.
    """

    def __init__(self, owner: ConnectionPool[Any], ladder: Ladder) -> None:
        self._owner = owner
        self._ladder = ladder
        self._channels = frozenset(each for rung in ladder for each in rung)

    def carry_out(self) -> timedelta | None:
        """Do all that is due; after which time something will be, or None."""
        for _ in range(_ROUNDS):
            with self._owner.connection() as connection:
                steps = [(each, each.next_step(self._ladder)) for each in read_standing(connection)]
                told = [
                    (each, channel)
                    for each, step in steps
                    if isinstance(step, Tell)
                    for channel in step.channels
                ]
                queue_messages(connection, told)
            lapsing = [each for each, step in steps if isinstance(step, PassOn)]
            done = [self._try_to_pass_on(each) for each in lapsing]
            if not told and not any(done):
                return _until_next(steps)
        return timedelta(0)

    def _try_to_pass_on(self, standing: Standing) -> bool:
        """Whether something was done; what goes wrong with one order stops no other."""
        try:
            with self._owner.connection() as connection:
                return self._pass_on(connection, standing)
        except psycopg.OperationalError:
            raise
        except psycopg.Error as error:
            LOGGER.warning("order %s can't go on: %s", standing.order_id, kind_of(error))
        # What the platform can't do, a dispatcher has to know of.
        with self._owner.connection() as connection:
            queue_messages(connection, [(standing, DESK)])
        return True

    def _pass_on(self, connection: Connection, standing: Standing) -> bool:
        if not lock_incident(connection, standing.incident_id):
            return False
        # It may have been accepted, or passed on by another worker, since it was read.
        for now in read_standing(connection, standing.order_id):
            if isinstance(now.next_step(self._ladder), PassOn):
                pass_on(connection, now, self._channels)
                return True
        return False


def _until_next(steps: Iterable[tuple[Standing, Step]]) -> timedelta | None:
    waits = [step.until - each.now for each, step in steps if isinstance(step, Wait)]
    return min(waits, default=None)
