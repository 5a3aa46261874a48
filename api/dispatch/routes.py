"""All routes of dispatching."""

from __future__ import annotations

from starlette.routing import Route

from api.dispatch.answer_page import ROUTES as ANSWER_ROUTES
from api.dispatch.assignment_routes import ROUTES as ASSIGNMENT_ROUTES
from api.dispatch.closure_routes import CLOSURE_ROUTES
from api.dispatch.delivery_routes import ROUTES as DELIVERY_ROUTES
from api.dispatch.incident_routes import ROUTES as INCIDENT_ROUTES
from api.dispatch.order_routes import ROUTES as ORDER_ROUTES
from api.dispatch.place_routes import ROUTES as PLACE_ROUTES
from api.dispatch.position_routes import ROUTES as POSITION_ROUTES
from api.dispatch.ranking_routes import ROUTES as RANKING_ROUTES
from api.dispatch.reach_routes import ROUTES as REACH_ROUTES
from api.dispatch.report_routes import ROUTES as REPORT_ROUTES
from api.dispatch.speed_routes import SPEED_ROUTES

ROUTES: list[Route] = [
    *REPORT_ROUTES,
    *INCIDENT_ROUTES,
    *ORDER_ROUTES,
    *PLACE_ROUTES,
    *REACH_ROUTES,
    *RANKING_ROUTES,
    *ASSIGNMENT_ROUTES,
    *POSITION_ROUTES,
    *CLOSURE_ROUTES,
    *SPEED_ROUTES,
    *DELIVERY_ROUTES,
    *ANSWER_ROUTES,
]
