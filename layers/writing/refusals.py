"""What PostgreSQL refuses of a write, in words for the one who wrote."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from spatial.errors import AccessError, ConflictError, GridwhistleError, InputError


@contextmanager
def in_words() -> Iterator[None]:
    """Turn the database's refusals inside into errors of the house.

    Raises:
        ConflictError: another row has this key, or others refer to the row.
        InputError: a value is none that the column takes.
        AccessError: the role may not.
    """
    try:
        yield
    except psycopg.Error as error:
        refusal = _refusal(error)
        if refusal is None:
            raise
        raise refusal from error


def _refusal(error: psycopg.Error) -> GridwhistleError | None:
    match error:
        case errors.UniqueViolation():
            return ConflictError(
                "another feature has this key / 来源编号已被使用", remedy="another key, or none"
            )
        case errors.ForeignKeyViolation() | errors.RestrictViolation():
            return ConflictError("other records refer to this feature / 有其他记录引用此要素")
        case errors.NotNullViolation():
            return InputError(f"{error.diag.column_name} is required / 缺少必填属性")
        case errors.CheckViolation():
            return InputError(
                f"a rule of the table is broken: {error.diag.constraint_name} / 不合规则"
            )
        case errors.InsufficientPrivilege() | errors.WithCheckOptionViolation():
            return AccessError("this may not be written / 无权写入")
        case psycopg.DataError():
            return InputError(f"{error.diag.message_primary or error} / 值无法保存")
        case _:
            return None
