"""Use case: read what the suggestion is made of, as the one who asks, and make it."""

from __future__ import annotations

from collections.abc import Sequence

from layers.assignment.calls import OpenCall, read_open_calls, read_orders_in_shift
from layers.assignment.suggesting import Suggestion, suggest
from layers.dispatch.asked import RankRequest, Supposed
from layers.dispatch.reading import read_inputs, sources_for
from layers.jobs.context import Context
from layers.roles import Role
from spatial.errors import AccessError, InputError

DISPATCHERS = frozenset({Role.DISPATCHER, Role.ADMINISTRATOR})


def ask_assignment(
    context: Context, incidents: Sequence[int] | None = None, supposed: Supposed | None = None
) -> Suggestion:
    """Who had best go where now; or would, under what is supposed. Nothing is changed.

    Args:
        context: of somebody who dispatches.
        incidents: ids; None for all where nobody is yet.
        supposed: what is to be taken for true.

    Raises:
        AccessError: the asker doesn't dispatch.
        InputError: an incident isn't open.
    """
    role = Role(context.principal.role)
    if role not in DISPATCHERS:
        raise AccessError("assignments are for those who dispatch / 仅限调度人员")
    with context.connection() as connection:
        engine = context.streets.get(connection)
    with context.transaction() as connection:
        calls = _wanted(read_open_calls(connection), incidents)
        orders = read_orders_in_shift(connection)
        request = RankRequest(0.0, 0.0, with_busy=True, supposed=supposed)
        inputs = read_inputs(connection, context.town, engine, request, sources_for(role))
    streets = engine.under(inputs.measures) if supposed and supposed.measures else engine
    return suggest(streets, inputs, calls, orders)


def _wanted(calls: list[OpenCall], incidents: Sequence[int] | None) -> list[OpenCall]:
    if incidents is None:
        return calls
    unknown = set(incidents) - {call.id for call in calls}
    if unknown:
        raise InputError(
            f"incident {min(unknown)} isn't open, or somebody is there already / 该事件无需派单"
        )
    return [call for call in calls if call.id in set(incidents)]
