"""Use case: a dispatcher sends somebody; what is expected of that is kept with the order."""

from __future__ import annotations

from dataclasses import replace

from layers.dispatch.asked import RankRequest
from layers.dispatch.command import Desk
from layers.dispatch.decisions import keep_decision
from layers.dispatch.nearest import rank
from layers.dispatch.orders import Choice, Json, order_responder
from layers.dispatch.refusals import refusals_told

_CANDIDATES = 5


def send_responder(desk: Desk, incident_id: int, choice: Choice) -> Json:
    """Send a responder to an incident.

    Who wasn't chosen by a decision, as from the assignment of several incidents or by radio, is
    sent by one that is made now: when they will be there, who else could, and from what.

    Args:
        desk: its connection in a transaction of whoever dispatches.
        incident_id: where to.
        choice: whom.

    Raises:
        TakenError: somebody else has just ordered that responder.
        NotFoundError: no such incident or responder that the asker may dispatch.
        ConflictError: the responder is off duty, or the incident is over.
        AccessError: the asker doesn't dispatch.
    """
    if choice.decision is None:
        choice = replace(choice, decision=_decide(desk, incident_id, choice.responder))
    return order_responder(desk.connection, incident_id, choice)


def _decide(desk: Desk, incident_id: int, chosen: str) -> int | None:
    """The number of the decision; None without streets, or where the incident isn't theirs."""
    with refusals_told():
        query = "SELECT * FROM layers.call_of_incident(%s)"
        call = desk.connection.execute(query, (incident_id,)).fetchone()
    if call is None or desk.engine is None or desk.sources is None:
        return None
    lon, lat, departments, skills = call
    request = RankRequest(
        lon, lat, _CANDIDATES, skills=tuple(skills), departments=tuple(departments), chosen=chosen
    )
    answer = rank(desk.connection, desk.town, desk.engine, request, desk.sources)
    with refusals_told():
        return keep_decision(desk.connection, answer, incident_id)
