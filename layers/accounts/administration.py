"""Making accounts, and changing what they may do: the security officer's and the operator's work.

Who may do it is the database's to say (layers/sql/after/12_accounts.sql).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from layers.accounts.identity import COLUMNS, Account
from layers.accounts.passwords import check_password, hash_password
from layers.catalogue import Release
from layers.entries import CATALOGUE
from layers.roles import Role
from spatial.errors import ConflictError, InputError, NotFoundError

_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,62}")
EVERY_DEPARTMENT = "*"
# Public to read; who is granted it may close streets.
_GRANTED_TO_WRITE = {"closures"}
_HAVE_A_DEPARTMENT = {Role.OFFICER, Role.DISPATCHER}
_MAY_BE_RESPONDERS = {Role.OFFICER, Role.GRID_MEMBER}


@dataclass(frozen=True)
class AccountPlan:
    """What a new account is to be.

    Attributes:
        name: what is typed to sign in.
        grid: the code of a grid member's grid.
        layers: the internal layers that another system may read; `closures`: it may close streets.
        password: None where nobody enters by password: with keys, or by the office's own login.
    """

    name: str
    role: Role
    display_name: str = ""
    department: str | None = None
    grid: str | None = None
    layers: tuple[str, ...] = ()
    password: str | None = None
    must_change_password: bool = True

    def check(self) -> None:
        """Refuse what no account can be.

        Raises:
            InputError: the name, or what the role needs and has not.
        """
        if not _NAME.fullmatch(self.name):
            raise InputError(
                f"{self.name!r} is no name of an account: 2 to 63 of a-z 0-9 . _ @ - / 账户名不合规"
            )
        if self.role is Role.ANONYMOUS:
            raise InputError("a visitor needs no account / 访客不需要账户")
        if (self.role in _HAVE_A_DEPARTMENT) != (self.department is not None):
            raise InputError(
                "an officer or a dispatcher has a department, no other account / 部门与角色不符",
                remedy="--department CODE, or * for every one",
            )
        if (self.role is Role.GRID_MEMBER) != (self.grid is not None):
            raise InputError("a grid member has a grid, no other account / 网格与角色不符")
        if self.layers and self.role is not Role.SYSTEM:
            raise InputError("only another system is granted layers by name / 图层授权仅限外部系统")
        _check_layers(self.layers)
        if self.password is not None:
            check_password(self.password, self.name)


def _check_layers(layers: tuple[str, ...]) -> None:
    internal = {each.id for each in CATALOGUE.entries if each.release is Release.INTERNAL}
    grantable = internal | _GRANTED_TO_WRITE
    unknown = sorted(set(layers) - grantable)
    if unknown:
        raise InputError(
            f"there is no internal layer called {', '.join(unknown)}",
            remedy=f"one of {', '.join(sorted(grantable))}",
        )


def add_account(connection: psycopg.Connection[Any], town_id: int, plan: AccountPlan) -> int:
    """A new account; its number.

    Raises:
        InputError: the plan is none that an account can be.
        ConflictError: the name is taken.
    """
    plan.check()
    hashed = None if plan.password is None else hash_password(plan.password)
    grid_id = None if plan.grid is None else _grid_id(connection, town_id, plan.grid)
    _check_department(connection, plan.department)
    row = connection.execute(
        "INSERT INTO layers.account"
        " (town_id, name, display_name, role, department, grid_id, layers)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (town_id, name) DO NOTHING RETURNING id",
        (
            town_id, plan.name, plan.display_name or plan.name, plan.role, plan.department, grid_id,
            list(plan.layers),
        ),
    ).fetchone()  # fmt: skip
    if row is None:
        raise ConflictError(f"there is an account called {plan.name} already / 账户名已存在")
    connection.execute(
        "INSERT INTO layers.account_secret (account_id, password_hash, must_change_password)"
        " VALUES (%s, %s, %s)",
        (row[0], hashed, hashed is not None and plan.must_change_password),
    )
    return int(row[0])


def _check_department(connection: psycopg.Connection[Any], code: str | None) -> None:
    known = connection.execute("SELECT code FROM layers.department ORDER BY code").fetchall()
    codes = [each[0] for each in known]
    if code is not None and code not in (EVERY_DEPARTMENT, *codes):
        raise InputError(
            f"there is no department {code} / 没有这个部门",
            remedy=f"* or one of {', '.join(codes)}",
        )


def _grid_id(connection: psycopg.Connection[Any], town_id: int, code: str) -> int:
    row = connection.execute(
        "SELECT id FROM grids.unit WHERE town_id = %s AND code = %s AND level = 3", (town_id, code)
    ).fetchone()
    if row is None:
        raise NotFoundError(f"there is no grid {code} / 没有这个网格")
    return int(row[0])


def find_account(connection: psycopg.Connection[Any], town_id: int, name: str) -> Account:
    """The account called `name`, disabled or not.

    Raises:
        NotFoundError: there is none.
    """
    for account in list_accounts(connection, town_id):
        if account.name == name:
            return account
    raise NotFoundError(f"there is no account called {name} / 没有这个账户")


def account_by_id(connection: psycopg.Connection[Any], town_id: int, account_id: int) -> Account:
    """The account of a number, disabled or not.

    Raises:
        NotFoundError: there is none.
    """
    for account in list_accounts(connection, town_id):
        if account.id == account_id:
            return account
    raise NotFoundError(f"there is no account {account_id} / 没有这个账户")


def list_accounts(connection: psycopg.Connection[Any], town_id: int) -> list[Account]:
    """Every account, by name."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            f"SELECT {COLUMNS} FROM layers.account WHERE town_id = %s ORDER BY name",  # noqa: S608
            (town_id,),
        ).fetchall()
    return [Account.of_row(row) for row in rows]


def set_role(connection: psycopg.Connection[Any], account: Account, plan: AccountPlan) -> None:
    """Give an account another role, with what belongs to it; its sessions end.

    Args:
        plan: name and password are left as they are.

    Raises:
        InputError: the role and what is given with it don't fit.
    """
    plan.check()
    _check_department(connection, plan.department)
    grid_id = None if plan.grid is None else _grid_id(connection, account.town_id, plan.grid)
    _update(
        connection,
        account.id,
        {
            "role": plan.role,
            "department": plan.department,
            "grid_id": grid_id,
            "layers": list(plan.layers),
        },
    )


def disable_account(connection: psycopg.Connection[Any], account: Account) -> None:
    """Shut an account out by every way, its PostgreSQL login included."""
    _update(connection, account.id, {"disabled_at": account.disabled_at or "now"})


def enable_account(connection: psycopg.Connection[Any], account: Account) -> None:
    """Let a disabled account in again; its old sessions stay ended."""
    _update(connection, account.id, {"disabled_at": None})


def bind_responder(
    connection: psycopg.Connection[Any], account: Account, responder: str | None
) -> None:
    """Let an officer or a grid member be a responder: it sees its orders, tells its positions.

    Args:
        responder: its key; None: nobody's any more.

    Raises:
        InputError: the account's role is another one.
        NotFoundError: there is no such responder.
        ConflictError: it is another account's.
    """
    if responder is not None and account.role not in _MAY_BE_RESPONDERS:
        raise InputError("only officers and grid members are responders / 仅部门人员与网格员可绑定")
    number = None if responder is None else _responder_id(connection, account.town_id, responder)
    try:
        with connection.transaction():
            _update(connection, account.id, {"responder_id": number})
    except psycopg.errors.UniqueViolation as error:
        raise ConflictError(f"{responder} is another account's / 已绑定其他账户") from error


def is_bound(connection: psycopg.Connection[Any], account: Account) -> bool:
    """Whether the account is a responder's."""
    row = connection.execute(
        "SELECT responder_id IS NOT NULL FROM layers.account WHERE id = %s", (account.id,)
    ).fetchone()
    return row == (True,)


def _responder_id(connection: psycopg.Connection[Any], town_id: int, key: str) -> int:
    connection.execute("SELECT set_config('gridwhistle.town_id', %s, true)", (str(town_id),))
    row = connection.execute("SELECT layers.responder_of_key(%s)", (key,)).fetchone()
    if row is None or row[0] is None:
        raise NotFoundError(f"there is no responder {key[:60]} / 没有这个处置力量")
    return int(row[0])


def set_password(
    connection: psycopg.Connection[Any], account: Account, password: str, *, by_owner: bool
) -> None:
    """Give an account a password; all its sessions end.

    Args:
        by_owner: the account's owner chose it; else the owner has to choose another one.

    Raises:
        InputError: it is too short or too easy to guess.
    """
    hashed = hash_password(check_password(password, account.name))
    connection.execute(
        "UPDATE layers.account_secret SET password_hash = %s, password_changed_at = now(),"
        " must_change_password = %s WHERE account_id = %s",
        (hashed, not by_owner, account.id),
    )


def _update(
    connection: psycopg.Connection[Any], account_id: int, values: Mapping[str, Any]
) -> None:
    changes = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in values
    )
    statement = sql.SQL("UPDATE layers.account SET {} WHERE id = %(id)s").format(changes)
    connection.execute(statement, {**values, "id": account_id})
