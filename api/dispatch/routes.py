"""All routes of dispatching."""

from __future__ import annotations

from starlette.routing import Route

from api.dispatch.closure_routes import CLOSURE_ROUTES
from api.dispatch.delivery_routes import ROUTES as DELIVERY_ROUTES
from api.dispatch.reach_routes import ROUTES as REACH_ROUTES

ROUTES: list[Route] = [*REACH_ROUTES, *CLOSURE_ROUTES, *DELIVERY_ROUTES]
