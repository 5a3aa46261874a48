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


_SAID: tuple[tuple[type[psycopg.Error], type[GridwhistleError], str], ...] = (
    (errors.UniqueViolation, ConflictError, "another feature has this key / 来源编号已被使用"),
    (
        errors.ForeignKeyViolation,
        ConflictError,
        "other records refer to this feature / 有其他记录引用此要素",
    ),
    (errors.NotNullViolation, InputError, "{column} is required / 缺少必填属性"),
    (errors.CheckViolation, InputError, "the rule {constraint} is broken / 不合规则"),
    (errors.InsufficientPrivilege, AccessError, "this may not be written / 无权写入"),
    (errors.WithCheckOptionViolation, AccessError, "this may not be written / 无权写入"),
    (errors.ReadOnlySqlTransaction, AccessError, "these credentials are for reading / 该凭据只读"),
    (psycopg.DataError, InputError, "{message} / 值无法保存"),
)


def _refusal(error: psycopg.Error) -> GridwhistleError | None:
    for kind, refusal, words in _SAID:
        if isinstance(error, kind):
            said = error.diag
            return refusal(
                words.format(
                    column=said.column_name,
                    constraint=said.constraint_name,
                    message=said.message_primary or error,
                )
            )
    return None
