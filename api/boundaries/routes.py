"""All routes of drafts."""

from __future__ import annotations

from api.boundaries import (
    burden_routes,
    client_routes,
    clock_routes,
    coverage_routes,
    draft_routes,
    file_routes,
    highrise_routes,
    import_routes,
    rule_routes,
    share_member_routes,
    sharing_routes,
    step_routes,
    suggest_routes,
)

ROUTES = [
    *suggest_routes.ROUTES,  # before those that take any word for a draft's number
    *draft_routes.ROUTES,
    *step_routes.ROUTES,
    *client_routes.ROUTES,
    *sharing_routes.ROUTES,
    *coverage_routes.ROUTES,
    *burden_routes.ROUTES,
    *rule_routes.ROUTES,
    *clock_routes.ROUTES,
    *highrise_routes.ROUTES,
    *share_member_routes.ROUTES,
    *file_routes.ROUTES,
    *import_routes.ROUTES,
]
