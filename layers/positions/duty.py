"""One's own duty, and what is kept of where one was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import errors
from psycopg.rows import class_row

from layers.dispatch.settings import DispatchSettings
from spatial.database import AnyConnection
from spatial.errors import AccessError, ConflictError

_NO_ORDER_LEFT = "有未结束的任务,请先完成或退回 / you have an order: end it or hand it back first"


@dataclass(frozen=True)
class Duty:
    """A responder as it knows itself.

    Attributes:
        break_until: on a break until then; None or past: not.
        positions_kept_days: how long its positions are kept.
    """

    key: str
    label: str
    team: str | None
    mode: str
    skills: list[str]
    on_duty: bool
    duty_since: datetime | None
    break_until: datetime | None
    fix_at: datetime | None
    positions_kept_days: int | None

    def as_json(self) -> dict[str, Any]:
        """For the page and for programs."""
        moments = {
            name: moment and moment.isoformat()
            for name, moment in vars(self).items()
            if name in ("duty_since", "break_until", "fix_at")
        }
        return {**vars(self), **moments, "positions_kept_days": self.kept_days}

    @property
    def kept_days(self) -> int:
        """How long its positions are kept, where the town hasn't settled it either."""
        return self.positions_kept_days or DispatchSettings.positions_kept_days


@dataclass(frozen=True)
class KeptPosition:
    """Where one was, as it is kept."""

    at: datetime
    lon: float
    lat: float
    accuracy_m: float | None
    speed_mps: float | None
    bearing_deg: float | None

    def as_json(self) -> dict[str, Any]:
        """For the page and for programs."""
        return {**vars(self), "at": self.at.isoformat()}


async def read_duty(connection: AnyConnection) -> Duty:
    """Of the responder that the transaction's account is bound to.

    Raises:
        AccessError: it is bound to none.
    """
    async with connection.cursor(row_factory=class_row(Duty)) as cursor:
        await cursor.execute("SELECT * FROM layers.my_duty()")
        duty = await cursor.fetchone()
    if duty is None:
        raise AccessError("the account is bound to no responder / 账号未绑定处置力量")
    return duty


async def set_duty(
    connection: AnyConnection, *, on_duty: bool, break_until: datetime | None
) -> Duty:
    """Go on or off duty, or take a break.

    Raises:
        AccessError: the account is bound to no responder.
        ConflictError: it has an order, which nobody leaves by going home.
    """
    try:
        await connection.execute("SELECT layers.set_my_duty(%s, %s)", (on_duty, break_until))
        return await read_duty(connection)
    except errors.ObjectInUse as error:
        raise ConflictError(_NO_ORDER_LEFT) from error


async def read_own_track(connection: AnyConnection) -> dict[str, Any] | None:
    """The way of the last hours of the account's own responder, a GeoJSON feature; None: none."""
    row = await (await connection.execute("SELECT layers.my_track()")).fetchone()
    found: dict[str, Any] | None = row[0] if row else None
    return found


async def read_own_positions(
    connection: AnyConnection, since: datetime, until: datetime, most: int
) -> list[KeptPosition]:
    """What is kept of the account's own responder, the newest first."""
    async with connection.cursor(row_factory=class_row(KeptPosition)) as cursor:
        await cursor.execute("SELECT * FROM layers.my_positions(%s, %s, %s)", (since, until, most))
        return await cursor.fetchall()
