"""All routes of drafts."""

from __future__ import annotations

from api.boundaries import burden_routes, draft_routes, sharing_routes, step_routes

ROUTES = [
    *draft_routes.ROUTES,
    *step_routes.ROUTES,
    *sharing_routes.ROUTES,
    *burden_routes.ROUTES,
]
