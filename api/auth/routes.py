"""Every address of this room, in one table."""

from __future__ import annotations

from api.auth import account_page, account_routes, login_page, oidc, positions_page, session_routes

ROUTES = [
    *session_routes.ROUTES,
    *account_routes.ROUTES,
    *login_page.ROUTES,
    *oidc.ROUTES,
    *account_page.ROUTES,
    *positions_page.ROUTES,
]
