"""Use case: read what the suggestion is made of, as the one who asks, and make it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from layers.assignment.calls import OpenCall, read_open_calls, read_orders_in_shift
from layers.assignment.suggesting import Suggestion, suggest
from layers.dispatch.asked import Inputs, Known, RankRequest
from layers.dispatch.reading import read_inputs, sources_for
from layers.jobs.context import Context
from layers.reach.what_if import WhatIf
from layers.roles import Role
from routing.modes import Mode
from spatial.errors import AccessError, InputError

DISPATCHERS = frozenset({Role.DISPATCHER, Role.ADMINISTRATOR})
NOTHING = WhatIf()


def ask_assignment(
    context: Context, incidents: Sequence[int] | None = None, what_if: WhatIf = NOTHING
) -> Suggestion:
    """Who had best go where now; or would, under what is supposed. Nothing is changed.

    Args:
        context: of somebody who dispatches.
        incidents: ids; None for all where nobody is yet.
        what_if: what is supposed.

    Raises:
        AccessError: the asker doesn't dispatch.
        InputError: an incident isn't open, or a street isn't known.
    """
    role = Role(context.principal.role)
    if role not in DISPATCHERS:
        raise AccessError("assignments are for those who dispatch / 仅限调度人员")
    with context.connection() as connection:
        engine = context.streets.get(connection)
    with context.transaction() as connection:
        calls = _wanted(read_open_calls(connection), incidents)
        orders = read_orders_in_shift(connection)
        request = RankRequest(0.0, 0.0, with_busy=True)
        inputs = read_inputs(connection, context.town, engine, request, sources_for(role))
    supposed = _supposing(inputs, what_if)
    return suggest(what_if.engine(engine, inputs.at), supposed, calls, orders)


def _wanted(calls: list[OpenCall], incidents: Sequence[int] | None) -> list[OpenCall]:
    if incidents is None:
        return calls
    unknown = set(incidents) - {call.id for call in calls}
    if unknown:
        raise InputError(
            f"incident {min(unknown)} isn't open, or somebody is there already / 该事件无需派单"
        )
    return [call for call in calls if call.id in set(incidents)]


def _supposing(inputs: Inputs, what_if: WhatIf) -> Inputs:
    """The responders as they would be; who isn't known would be there, free, besides."""
    if what_if == NOTHING:
        return inputs
    known = {each.key: each for each in inputs.known if each.key not in what_if.without}
    for key, lon, lat, mode in what_if.moved:
        label = (mode or Mode.CAR).label
        before = known.get(key) or Known(key, key, None, label, None, (), lon, lat, on_duty=True)
        known[key] = replace(
            before, lon=lon, lat=lat, mode=mode.label if mode else before.mode, fix_age_s=0.0
        )
    return replace(inputs, known=tuple(known.values()), what_if=True)
