"""What the database refuses of incidents and orders, as errors meant for a person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from spatial.errors import (
    AccessError,
    ConflictError,
    GridwhistleError,
    InputError,
    NotFoundError,
    StaleError,
)

_TAKEN = "GW001"
_ERRORS: dict[type[psycopg.Error], type[GridwhistleError]] = {
    psycopg.errors.NoDataFound: NotFoundError,
    psycopg.errors.ObjectInUse: StaleError,
    psycopg.errors.ObjectNotInPrerequisiteState: ConflictError,
    psycopg.errors.InvalidParameterValue: InputError,
    psycopg.errors.InsufficientPrivilege: AccessError,
}
_MAY_NOT = "your account may not do that / 您的账户无权进行此操作"


class TakenError(ConflictError):
    """The responder has just been ordered by somebody else.

    Attributes:
        holder: who was faster, and how long ago: by, seconds_ago, responder, label; order,
            incident and number too, where the one who is told may know of it.
    """

    def __init__(self, message: str, holder: dict[str, Any]) -> None:
        super().__init__(message)
        self.holder = holder


@contextmanager
def refusals_told() -> Iterator[None]:
    """What the functions of layers/sql/after/8*.sql refuse is raised as an error of ours."""
    try:
        yield
    except psycopg.Error as error:
        refusal = _refusal_in(error)
        if refusal is None:
            raise
        raise refusal from error


def _refusal_in(error: psycopg.Error) -> GridwhistleError | None:
    """What it says to a person; None for a defect, or a database that is away."""
    message = error.diag.message_primary or "refused / 被拒绝"
    if error.sqlstate == _TAKEN:
        return _taken(message, json.loads(error.diag.message_detail or "{}"))
    wanted = _ERRORS.get(type(error))
    if wanted is AccessError and message.startswith("permission denied"):
        return AccessError(_MAY_NOT)
    return wanted(message) if wanted else None


def _taken(message: str, holder: dict[str, Any]) -> TakenError:
    who, seconds = holder.get("by"), holder.get("seconds_ago")
    return TakenError(f"{message} ({who}, {seconds} s ago / {seconds} 秒前)", holder)
