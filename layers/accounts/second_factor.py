"""The second factor of an account: enrolled, asked for, replaced by a recovery code, taken away."""

from __future__ import annotations

import time
from typing import Any

import psycopg

from layers.accounts import totp
from layers.accounts.identity import Account
from layers.accounts.tokens import sha256
from layers.accounts.totp import SecretBox
from spatial.errors import ConflictError, InputError

_WRONG = "验证码不对或已用过 / the code is wrong or was used before"


def begin_enrolment(connection: psycopg.Connection[Any], account: Account, box: SecretBox) -> str:
    """A shared secret for the account's app; it counts once a code of it was given.

    Raises:
        ConflictError: there is a second factor already.
    """
    secret = totp.new_secret()
    begun = connection.execute(
        "UPDATE layers.account_secret SET totp_secret = %s, totp_step = NULL"
        " WHERE account_id = %s AND totp_since IS NULL",
        (box.close(secret), account.id),
    ).rowcount
    if not begun:
        raise ConflictError("已绑定验证器 / there is a second factor already")
    return secret


def finish_enrolment(
    connection: psycopg.Connection[Any], account: Account, box: SecretBox, code: str
) -> list[str]:
    """Make the enrolled app the second factor; the recovery codes are shown this once.

    Raises:
        InputError: the code is wrong.
        ConflictError: none was begun, so that nobody comes by new recovery codes by guessing.
    """
    pending_secret(connection, account, box)
    if not _take_code(connection, account.id, box, code):
        raise InputError(_WRONG)
    connection.execute(
        "UPDATE layers.account_secret SET totp_since = now() WHERE account_id = %s",
        (account.id,),
    )
    codes = totp.new_recovery_codes()
    connection.execute("DELETE FROM layers.recovery_code WHERE account_id = %s", (account.id,))
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO layers.recovery_code (account_id, code_sha256) VALUES (%s, %s)",
            [(account.id, sha256(each)) for each in codes],
        )
    return codes


def check_code(
    connection: psycopg.Connection[Any], account: Account, box: SecretBox, code: str
) -> None:
    """Take a code of the app, or a recovery code; each is good once.

    Raises:
        InputError: it is neither.
    """
    taken = _take_code(connection, account.id, box, code)
    if not taken and not _take_recovery_code(connection, account.id, code):
        raise InputError(_WRONG)


def _take_code(
    connection: psycopg.Connection[Any], account_id: int, box: SecretBox, code: str
) -> bool:
    row = connection.execute(
        "SELECT totp_secret FROM layers.account_secret WHERE account_id = %s", (account_id,)
    ).fetchone()
    if row is None or row[0] is None:
        return False
    step = totp.matching_step(box.open(row[0]), code, time.time())
    if step is None:
        return False
    # Of two that bring the same code at once, one finds it used.
    return bool(
        connection.execute(
            "UPDATE layers.account_secret SET totp_step = %s"
            " WHERE account_id = %s AND coalesce(totp_step, -1) < %s",
            (step, account_id, step),
        ).rowcount
    )


def _take_recovery_code(connection: psycopg.Connection[Any], account_id: int, code: str) -> bool:
    hashed = sha256(totp.plain_recovery_code(code))
    return bool(
        connection.execute(
            "UPDATE layers.recovery_code SET used_at = now()"
            " WHERE account_id = %s AND code_sha256 = %s AND used_at IS NULL",
            (account_id, hashed),
        ).rowcount
    )


def is_enrolled(connection: psycopg.Connection[Any], account_id: int) -> bool:
    """Whether the account has a second factor."""
    row = connection.execute(
        "SELECT totp_since IS NOT NULL FROM layers.account_secret WHERE account_id = %s",
        (account_id,),
    ).fetchone()
    return row == (True,)


def pending_secret(connection: psycopg.Connection[Any], account: Account, box: SecretBox) -> str:
    """The shared secret whose first code is still to come.

    Raises:
        ConflictError: there is none.
    """
    row = connection.execute(
        "SELECT totp_secret FROM layers.account_secret"
        " WHERE account_id = %s AND totp_since IS NULL",
        (account.id,),
    ).fetchone()
    if row is None or row[0] is None:
        raise ConflictError("请重新开始绑定 / begin anew")
    return box.open(row[0])


def remove_second_factor(connection: psycopg.Connection[Any], account_id: int) -> None:
    """Take the second factor away: the device is lost, or another takes its place."""
    connection.execute(
        "UPDATE layers.account_secret SET totp_secret = NULL, totp_since = NULL, totp_step = NULL"
        " WHERE account_id = %s",
        (account_id,),
    )
    connection.execute("DELETE FROM layers.recovery_code WHERE account_id = %s", (account_id,))
