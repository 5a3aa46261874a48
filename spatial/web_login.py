"""The web's own PostgreSQL login, which owns nothing and takes on the role of whoever asks."""

from __future__ import annotations

import hashlib
import hmac

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

WEB_LOGIN = "gridwhistle_web"


def web_conninfo(conninfo: str) -> str:
    """How the web reaches the database that its owner reaches by `conninfo`.

    Its password follows from the owner's, so that nobody has to keep it anywhere; an owner who
    enters without one (a Unix socket of its own) needs none for the web either.
    """
    password = _web_password(conninfo)
    return make_conninfo(conninfo, user=WEB_LOGIN, **({"password": password} if password else {}))


def admit_web_login(connection: psycopg.Connection, conninfo: str) -> None:
    """Give the web's login its password, where it needs one that doesn't hold yet; committed."""
    password = _web_password(conninfo)
    if password is None or _enters(web_conninfo(conninfo)):
        return
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
    connection.execute(statement.format(sql.Identifier(WEB_LOGIN), sql.Literal(password)))
    connection.commit()


def _web_password(conninfo: str) -> str | None:
    owner = conninfo_to_dict(conninfo).get("password")
    if not owner:
        return None
    return hmac.new(str(owner).encode(), WEB_LOGIN.encode(), hashlib.sha256).hexdigest()


def _enters(conninfo: str) -> bool:
    try:
        psycopg.connect(conninfo, connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True
