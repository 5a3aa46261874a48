"""Whether the database keeps the rights that the catalogue states."""

from __future__ import annotations

import psycopg

from spatial.checks import Check, State
from spatial.web_login import WEB_LOGIN

_WEB_LOGIN = """
SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolinherit,
       EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid)
FROM pg_roles WHERE rolname = %s
"""
_BOX_OPERATOR = """
SELECT proleakproof FROM pg_operator JOIN pg_proc ON pg_proc.oid = oprcode
WHERE oprname = '&&' AND oprleft = 'public.geometry'::regtype
  AND oprright = 'public.geometry'::regtype
"""


def check_web_login(connection: psycopg.Connection) -> Check:
    """The web's login must be nobody until it takes on a role."""
    name = ("web-login", "网页数据库账号", "the web's database login")
    row = connection.execute(_WEB_LOGIN, (WEB_LOGIN,)).fetchone()
    if row is None:
        return Check(
            *name, State.FAILED, f"there is no {WEB_LOGIN}", "./gridwhistle serve (makes it)"
        )
    if any(row):
        return Check(
            *name, State.FAILED, f"{WEB_LOGIN} owns tables or has rights of its own",
            f"ALTER ROLE {WEB_LOGIN} NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS NOINHERIT; "
            f"REASSIGN OWNED BY {WEB_LOGIN} TO the owner",
        )  # fmt: skip
    return Check(*name, State.OK, f"{WEB_LOGIN} owns nothing and inherits nothing")


def check_index_use(connection: psycopg.Connection) -> Check:
    """Internal layers use their geometry index only where the box operator is leakproof."""
    name = ("index-use", "内部图层索引", "indexes of internal layers")
    row = connection.execute(_BOX_OPERATOR).fetchone()
    if row and row[0]:
        return Check(*name, State.OK, "the box operator is leakproof")
    return Check(
        *name, State.WARNING,
        "the box operator is not marked leakproof: internal layers are right but read slowly",
        "as the server's superuser, in this database: "
        "ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF",
    )  # fmt: skip
