"""One account for each role of a demo town, which is synthetic: its passwords are printed.

They follow from the installation's secret, so that they can be printed again, and are stored as
hashes like all others.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg

from layers.accounts.administration import EVERY_DEPARTMENT, AccountPlan, add_account, list_accounts
from layers.accounts.identity import Account
from layers.accounts.keys import LONGEST, KeyPlan, store_key
from layers.accounts.passwords import spell, verify_password
from layers.accounts.tokens import ApiKey
from layers.catalogue import Release
from layers.entries import CATALOGUE
from layers.roles import ROLE_NAMES, Role
from spatial.secrets import derive_key
from spatial.town import Town

# Whoever opens the page of a demo on this machine is signed in as this one.
VISITOR = "dispatcher"
KEY_HOLDER = "dispatcher"
_OFFICERS_DEPARTMENT = "enforcement"

_FIRST_SHARE = """
INSERT INTO layers.share_member (share_id, town_id, account_id)
SELECT share_version.share_id, account.town_id, account.id
FROM layers.account
JOIN grids.version ON version.parent_id = account.grid_id
JOIN grids.share_version ON share_version.version_id = version.id
JOIN grids.share ON share.id = share_version.share_id
WHERE account.id = %s ORDER BY share.code LIMIT 1
ON CONFLICT DO NOTHING
"""
# Whose responder each of these is: the first of its department on duty that nobody else is.
_BOUND = {Role.OFFICER: _OFFICERS_DEPARTMENT, Role.GRID_MEMBER: "governance"}
_BIND = """
UPDATE layers.account SET responder_id = (
    SELECT id FROM layers.responder
    WHERE town_id = account.town_id AND department = %s AND on_duty
      AND NOT EXISTS (SELECT FROM layers.account AS other WHERE other.responder_id = responder.id)
    ORDER BY key LIMIT 1
) WHERE id = %s
"""


@dataclass(frozen=True)
class DemoAccount:
    """One account as the demo prints it; no password where somebody has changed it."""

    name: str
    role: Role
    password: str | None


def demo_password(secret: bytes, name: str) -> str:
    """The password of the demo account called `name` in the installation of `secret`."""
    return spell(derive_key(secret, f"demo account {name}"))


def make_demo_accounts(
    connection: psycopg.Connection[Any], town: Town, secret: bytes
) -> list[DemoAccount]:
    """Add the accounts that are missing; all of them, in the order of the roles.

    Args:
        town: synthetic.
        secret: the installation's.
    """
    assert town.synthetic
    there = {account.name for account in list_accounts(connection, town.id)}
    plans = _plans(connection, town, secret)
    for plan in plans:
        if plan.name not in there:
            _settle(connection, add_account(connection, town.id, plan), plan)
    valid = _still_valid(connection, town, secret)
    return [
        DemoAccount(plan.name, plan.role, plan.password if plan.name in valid else None)
        for plan in plans
    ]


def demo_key(connection: psycopg.Connection[Any], town: Town, secret: bytes) -> ApiKey | None:
    """The demo's API key, made if it isn't there; None where somebody has ended it."""
    material = derive_key(secret, "demo key")
    key = ApiKey(
        spell(derive_key(secret, "demo key id"), 3).replace("-", "")[:10],
        base64.urlsafe_b64encode(material).decode().rstrip("="),
    )
    holder = next(
        (each for each in list_accounts(connection, town.id) if each.name == KEY_HOLDER), None
    )
    known = connection.execute(
        "SELECT revoked_at IS NULL AND expires_at > now() FROM layers.api_key WHERE id = %s",
        (key.id,),
    ).fetchone()
    if known is None and holder is not None and not holder.disabled_at:
        store_key(connection, holder, KeyPlan("演示 demo", lasts=LONGEST), key)
        return key
    return key if known == (True,) else None


def _plans(connection: psycopg.Connection[Any], town: Town, secret: bytes) -> list[AccountPlan]:
    grid = connection.execute(
        "SELECT code FROM grids.unit LEFT JOIN ("
        "    SELECT parent_id AS id, true AS has_highrises FROM grids.version WHERE shares <> '[]'"
        ") AS shared USING (id) WHERE town_id = %s AND level = 3"
        " ORDER BY has_highrises, code LIMIT 1",
        (town.id,),
    ).fetchone()
    internal = [each.id for each in CATALOGUE.entries if each.release is Release.INTERNAL]
    departments = {Role.DISPATCHER: EVERY_DEPARTMENT, Role.OFFICER: _OFFICERS_DEPARTMENT}
    roles = [role for role in Role if role is not Role.ANONYMOUS]
    if grid is None:
        roles.remove(Role.GRID_MEMBER)
    return [
        AccountPlan(
            name=_name(role),
            role=role,
            display_name=f"演示{ROLE_NAMES[role][0]} Demo {ROLE_NAMES[role][1]}",
            department=departments.get(role),
            grid=grid[0] if grid and role is Role.GRID_MEMBER else None,
            layers=tuple(internal) if role is Role.SYSTEM else (),
            password=demo_password(secret, _name(role)),
            must_change_password=False,
        )
        for role in roles
    ]


def _settle(connection: psycopg.Connection[Any], account_id: int, plan: AccountPlan) -> None:
    """Let the grid member answer for a micro-grid of a high-rise, where the grid has one.

    Officer and grid member are responders, too.
    """
    if plan.grid is not None:
        connection.execute(_FIRST_SHARE, (account_id,))
    if plan.role in _BOUND:
        connection.execute(_BIND, (_BOUND[plan.role], account_id))


def _name(role: Role) -> str:
    return role.short_name.replace("_", "-")


def _still_valid(connection: psycopg.Connection[Any], town: Town, secret: bytes) -> set[str]:
    """The accounts whose first password holds; one is tried for all, since each takes its time."""
    rows = connection.execute(
        "SELECT account.name, secret.password_hash FROM layers.account"
        " JOIN layers.account_secret AS secret ON secret.account_id = account.id"
        " WHERE account.town_id = %s AND account.disabled_at IS NULL"
        " AND secret.password_changed_at <= account.created_at + %s ORDER BY account.name",
        (town.id, timedelta(seconds=1)),
    ).fetchall()
    mine = dict(rows)
    for name, stored in mine.items():
        if not verify_password(demo_password(secret, name), stored):
            return set()  # made from another data folder
        break
    return set(mine)


def visitor(accounts: list[Account]) -> Account | None:
    """The account as which a demo greets whoever opens its page."""
    return next((each for each in accounts if each.name == VISITOR and not each.disabled_at), None)
